/* The streams: opening, taking over, ending, describing. */
#include "edge/hub.h"

#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "edge/hub_state.h"

#include <string.h>

#define RATE_WINDOW_US (2 * CK_US_PER_S)

int ck_hub_init(ck_hub **out, const ck_hub_config *config)
{
    if (config->streams_max == 0 || config->memory_max == 0 || config->gop_max_ms == 0 ||
        config->reader_max_ms == 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_hub *hub = ck_new(config->alloc, sizeof *hub);
    if (hub == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    hub->config = *config;
    ck_list_init(&hub->streams);
    ck_list_init(&hub->waiting);
    ck_list_init(&hub->ready);
    ck_list_init(&hub->busy);
    ck_list_init(&hub->gathering);
    ck_list_init(&hub->wanting);
    *out = hub;
    return CHALK_OK;
}

void ck_hub_free(ck_hub **hub)
{
    if (*hub != NULL) {
        CK_INVARIANT(ck_list_is_empty(&(*hub)->streams) && (*hub)->stats.readers == 0, return );
        ck_free((*hub)->config.alloc, *hub);
        *hub = NULL;
    }
}

ck_hub_stream *ck_hub_find(const ck_hub *hub, const ck_stream_name *name)
{
    for (ck_list *at = hub->streams.next; at != &hub->streams; at = at->next) {
        ck_hub_stream *s = CK_LIST_OWNER(at, ck_hub_stream, in_streams);
        if (!s->ended && strcmp(s->name.path, name->path) == 0) {
            return s;
        }
    }
    return NULL;
}

/* ---- publishing ---- */

static void end_stream(ck_hub_stream *s, uint64_t now_us)
{
    if (s->ended) {
        return;
    }
    s->ended = true;
    s->gop_seq = 0;
    ck_list_remove(&s->in_gathering);
    ck_list_remove(&s->in_wanting);
    s->hub->live_streams--;
    s->hub->changes++;
    ck_hub_list_trim(s);
    for (ck_list *at = s->readers.next; at != &s->readers; at = at->next) {
        ck_hub_reader_wake(CK_LIST_OWNER(at, ck_hub_reader, in_stream), now_us);
    }
}

void ck_hub_stream_release(ck_hub_stream *s)
{
    if (s->held || s->reader_count > 0) {
        return;
    }
    ck_list_remove(&s->in_streams);
    ck_hub_list_free(s);
    ck_free(s->hub->config.alloc, s);
}

static bool is_silent(const ck_hub_stream *s, uint64_t patience_ms, uint64_t now_us)
{
    return now_us - s->heard_us >= patience_ms * CK_US_PER_MS;
}

static bool may_take_over(ck_hub_stream *s, const char *owner, uint64_t now_us)
{
    bool open = owner[0] == '\0';
    bool same = !open && strcmp(s->owner, owner) == 0;
    bool may = is_silent(s, open || same ? CK_HUB_TAKEOVER_SAME_MS : CK_HUB_TAKEOVER_MS, now_us) ||
               (same && now_us >= s->kept_until_us);
    if (!may && same) {
        s->kept_until_us = now_us + CK_HUB_KEEP_MS * CK_US_PER_MS;
    }
    return may;
}

static ck_hub_stream *stream_new(ck_hub *hub, const ck_stream_name *name, const char *owner,
                                 void *user, uint64_t now_us)
{
    ck_hub_stream *s = ck_new(hub->config.alloc, sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    s->hub = hub;
    s->name = *name;
    ck_list_init(&s->in_gathering);
    ck_list_init(&s->in_wanting);
    ck_text_copy(s->owner, sizeof s->owner, owner);
    s->user = user;
    s->held = true;
    s->first_seq = 1;
    s->end_seq = 1;
    s->opened_us = now_us;
    s->last_tag_us = now_us;
    s->heard_us = now_us;
    s->window_us = now_us;
    s->video.codec = "";
    s->audio.codec = "";
    ck_list_init(&s->in_streams);
    ck_list_init(&s->readers);
    return s;
}

static void attach_waiting(ck_hub_stream *s, uint64_t now_us)
{
    ck_list *list = &s->hub->waiting;
    ck_list *next = list->next;
    while (next != list) {
        ck_hub_reader *r = CK_LIST_OWNER(next, ck_hub_reader, in_stream);
        next = next->next;
        if (strcmp(r->name.path, s->name.path) == 0) {
            ck_hub_reader_attach(r, s, now_us);
        }
    }
}

int ck_hub_publish(ck_hub *hub, const ck_stream_name *name, const char *owner, void *user,
                   uint64_t now_us, ck_hub_stream **out, void **replaced)
{
    *replaced = NULL;
    ck_hub_stream *earlier = ck_hub_find(hub, name);
    if (earlier != NULL && !may_take_over(earlier, owner, now_us)) {
        return CHALK_ERR_NAME_TAKEN;
    }
    if (earlier == NULL && hub->live_streams >= hub->config.streams_max) {
        return CHALK_ERR_LIMIT;
    }
    ck_hub_stream *s = stream_new(hub, name, owner, user, now_us);
    if (s == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (earlier != NULL) {
        bool was_alive = !is_silent(earlier, CK_HUB_TAKEOVER_SAME_MS, now_us);
        s->kept_until_us = was_alive ? now_us + CK_HUB_KEEP_MS * CK_US_PER_MS : 0;
        *replaced = earlier->user;
        end_stream(earlier, now_us);
    }
    ck_list_append(&hub->streams, &s->in_streams);
    hub->live_streams++;
    hub->changes++;
    attach_waiting(s, now_us);
    *out = s;
    return CHALK_OK;
}

static void measure(ck_hub_stream *s, size_t size, uint64_t now_us)
{
    uint64_t span_us = now_us - s->window_us;
    if (span_us >= RATE_WINDOW_US) {
        s->kbps = (uint32_t)(s->window_bytes * 8 * CK_US_PER_MS / span_us);
        s->window_us = now_us;
        s->window_bytes = 0;
    }
    s->window_bytes += size;
    s->received_bytes += size;
    s->last_tag_us = now_us;
    s->heard_us = now_us;
    s->hub->stats.tags_received++;
}

static void describe(ck_hub_stream *s, const ck_flv_tag *tag, enum ck_media_class class)
{
    bool is_video = class == CK_MEDIA_VIDEO_CONFIG || class == CK_MEDIA_KEY;
    bool is_audio = class == CK_MEDIA_AUDIO_CONFIG || class == CK_MEDIA_AUDIO;
    /* VP8 says its size in key frames alone. */
    if (is_video && (class == CK_MEDIA_VIDEO_CONFIG || s->video.width == 0)) {
        ck_media_describe_video(tag, &s->video);
    }
    if (is_audio && (class == CK_MEDIA_AUDIO_CONFIG || s->audio.codec[0] == '\0')) {
        ck_media_describe_audio(tag, &s->audio);
    }
}

static void wake_readers(ck_hub_stream *s, uint64_t now_us)
{
    ck_list_remove(&s->in_gathering);
    for (ck_list *at = s->readers.next; at != &s->readers; at = at->next) {
        ck_hub_reader *r = CK_LIST_OWNER(at, ck_hub_reader, in_stream);
        if (r->hungry) {
            ck_hub_reader_wake(r, now_us);
        }
    }
}

/* Sound for many readers waits for a picture to leave with, everything else is told at once. */
static void tell_readers(ck_hub_stream *s, enum ck_media_class class, uint64_t now_us)
{
    if (class != CK_MEDIA_AUDIO || s->reader_count < CK_HUB_GATHER_READERS) {
        wake_readers(s, now_us);
    } else if (!ck_list_is_linked(&s->in_gathering)) {
        s->gather_due_us = now_us + CK_HUB_GATHER_MS * CK_US_PER_MS;
        ck_list_append(&s->hub->gathering, &s->in_gathering);
    }
}

void ck_hub_want_key(ck_hub_stream *s, uint64_t now_us)
{
    if (s->ended || s->video.codec[0] == '\0') {
        return; /* its first picture is one */
    }
    s->wants_key = true;
    if (now_us >= s->key_again_us) {
        s->key_again_us = now_us + CK_HUB_KEY_MS * CK_US_PER_MS;
        ck_list_append(&s->hub->wanting, &s->in_wanting);
    }
}

void *ck_hub_poll_key(ck_hub *hub)
{
    if (ck_list_is_empty(&hub->wanting)) {
        return NULL;
    }
    ck_hub_stream *s = CK_LIST_OWNER(hub->wanting.next, ck_hub_stream, in_wanting);
    ck_list_remove(&s->in_wanting);
    return s->user;
}

/* A request may be lost on its way or not be understood: as long as pictures come without what is
 * waited for it is made again. */
static void look_for_key(ck_hub_stream *s, enum ck_media_class class, uint64_t now_us)
{
    if (class == CK_MEDIA_KEY) {
        s->wants_key = false;
        ck_list_remove(&s->in_wanting);
    } else if (class == CK_MEDIA_INTER && s->wants_key && !ck_list_is_linked(&s->in_wanting)) {
        ck_hub_want_key(s, now_us);
    }
}

int ck_hub_send(ck_hub_stream *s, const ck_flv_tag *tag, uint64_t now_us, const char **refused)
{
    enum ck_media_class class;
    const char *codec;
    if (s->ended) {
        return CHALK_ERR_BAD_STATE;
    }
    int status = ck_media_classify(tag, &class, &codec);
    if (refused != NULL) {
        *refused = codec;
    }
    if (status != CHALK_OK) {
        return status;
    }
    measure(s, tag->body.size, now_us);
    bool is_header = class < CK_MEDIA_HEADERS;
    if (is_header && tag->body.size > CK_HUB_HEADER_MAX) {
        return CHALK_ERR_TOO_LARGE;
    }
    /* A repeated header would make players start their decoders again for nothing. */
    if (class == CK_MEDIA_NOTHING ||
        (is_header && ck_hub_is_current_header(s, (int)class, tag->body))) {
        return CHALK_OK;
    }
    describe(s, tag, class);
    status = ck_hub_list_append(s, tag, class, now_us);
    if (status != CHALK_OK) {
        return status;
    }
    look_for_key(s, class, now_us);
    tell_readers(s, class, now_us);
    return ck_hub_shed(s->hub, now_us);
}

void ck_hub_heard(ck_hub_stream *s, uint64_t now_us)
{
    s->heard_us = now_us;
}

void ck_hub_unpublish(ck_hub_stream **stream, uint64_t now_us)
{
    ck_hub_stream *s = *stream;
    *stream = NULL;
    if (s != NULL) {
        end_stream(s, now_us);
        s->held = false;
        s->user = NULL;
        ck_hub_stream_release(s);
    }
}

void ck_hub_end_all(ck_hub *hub, uint64_t now_us)
{
    for (ck_list *at = hub->streams.next; at != &hub->streams; at = at->next) {
        end_stream(CK_LIST_OWNER(at, ck_hub_stream, in_streams), now_us);
    }
}

/* ---- time ---- */

static ck_hub_stream *first_gathering(const ck_hub *hub)
{
    return ck_list_is_empty(&hub->gathering)
               ? NULL
               : CK_LIST_OWNER(hub->gathering.next, ck_hub_stream, in_gathering);
}

uint64_t ck_hub_next_deadline(const ck_hub *hub)
{
    const ck_hub_stream *s = first_gathering(hub);
    uint64_t readers_us = ck_hub_readers_deadline(hub);
    return s != NULL ? CK_MIN(s->gather_due_us, readers_us) : readers_us;
}

void ck_hub_on_deadline(ck_hub *hub, uint64_t now_us)
{
    ck_hub_stream *s;
    while ((s = first_gathering(hub)) != NULL && now_us >= s->gather_due_us) {
        wake_readers(s, now_us);
    }
    ck_hub_readers_on_deadline(hub, now_us);
}

/* ---- looking ---- */

uint64_t ck_hub_changes(const ck_hub *hub)
{
    return hub->changes;
}

void ck_hub_get_stats(const ck_hub *hub, ck_hub_stats *out)
{
    *out = hub->stats;
    out->streams = hub->live_streams;
}

bool ck_hub_next_stream(const ck_hub *hub, const ck_hub_stream **at)
{
    const ck_list *link = *at == NULL ? &hub->streams : &(*at)->in_streams;
    for (link = link->next; link != &hub->streams; link = link->next) {
        const ck_hub_stream *s = CK_LIST_OWNER(link, const ck_hub_stream, in_streams);
        if (!s->ended) {
            *at = s;
            return true;
        }
    }
    return false;
}

static uint32_t rate_of(const ck_hub_stream *s, uint64_t now_us)
{
    uint64_t span_us = now_us - s->window_us;
    if (s->kbps > 0 && span_us < RATE_WINDOW_US) {
        return s->kbps;
    }
    /* The first moments of a stream, or one that has become silent. */
    return (uint32_t)(s->window_bytes * 8 * CK_US_PER_MS / CK_MAX(span_us, CK_US_PER_S));
}

void ck_hub_stream_info(const ck_hub_stream *s, uint64_t now_us, ck_hub_info *out)
{
    *out = (ck_hub_info){
        .name = &s->name,
        .video = s->video,
        .audio = s->audio,
        .age_us = now_us - s->opened_us,
        .silent_us = now_us - s->last_tag_us,
        .received_bytes = s->received_bytes,
        .kbps = rate_of(s, now_us),
        .readers = s->reader_count,
    };
    if (s->gop_seq != 0) {
        out->gop_ms = s->last_timestamp_ms - ck_hub_entry_at(s, s->gop_seq)->timestamp_ms;
    }
}
