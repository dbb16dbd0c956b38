/* One reader: where it begins, what it gets next, when it is moved and when it is given up. */
#include "edge/hub_state.h"

#include "base/check.h"
#include "chalkrail/errors.h"

/* ---- where it stands ---- */

static uint32_t *cursor_count(const ck_hub_reader *r)
{
    ck_hub_stream *s = r->stream;
    return r->cursor == s->end_seq ? &s->at_end : &ck_hub_entry_at(s, r->cursor)->cursors;
}

static void move_cursor(ck_hub_reader *r, uint64_t seq)
{
    bool was_oldest = r->cursor == r->stream->first_seq;
    (*cursor_count(r))--;
    r->cursor = seq;
    (*cursor_count(r))++;
    if (was_oldest) {
        ck_hub_list_trim(r->stream);
    }
}

/* The headers in force where it now stands, to be given before the next tag. */
static void set_headers(ck_hub_reader *r, ck_hub_headers *headers)
{
    if (headers != NULL) {
        headers->refs++;
    }
    ck_hub_headers_unref(r->hub, &r->headers);
    r->headers = headers;
}

static void detach(ck_hub_reader *r)
{
    ck_hub_stream *s = r->stream;
    ck_list_remove(&r->in_stream);
    ck_list_remove(&r->in_busy);
    ck_hub_headers_unref(r->hub, &r->headers);
    if (s != NULL) {
        (*cursor_count(r))--;
        r->stream = NULL;
        s->reader_count--;
        ck_hub_list_trim(s);
        ck_hub_stream_release(s);
    }
}

void ck_hub_reader_wake(ck_hub_reader *r, uint64_t now_us)
{
    if (r->hungry) {
        r->hungry = false;
        r->taken_us = now_us;
        ck_list_append(&r->hub->busy, &r->in_busy);
    }
    if (!ck_list_is_linked(&r->in_ready)) {
        ck_list_append(&r->hub->ready, &r->in_ready);
    }
}

/* A newcomer begins at the kept GOP, else at the end, where its pictures begin with the next key
 * frame. */
void ck_hub_reader_attach(ck_hub_reader *r, ck_hub_stream *s, uint64_t now_us)
{
    ck_list_remove(&r->in_stream);
    ck_list_append(&s->readers, &r->in_stream);
    s->reader_count++;
    r->stream = s;
    r->state = CK_HUB_READING;
    r->found = true;
    r->needs_key = true;
    r->placed_us = now_us;
    r->cursor = s->gop_seq != 0 ? s->gop_seq : s->end_seq;
    (*cursor_count(r))++;
    set_headers(r, s->gop_seq != 0 ? ck_hub_entry_at(s, s->gop_seq)->headers : s->headers);
    if (s->gop_seq == 0) {
        ck_hub_want_key(s, now_us);
    }
    ck_hub_reader_wake(r, now_us);
}

void ck_hub_reader_want_key(ck_hub_reader *r, uint64_t now_us)
{
    if (r->stream != NULL) {
        ck_hub_want_key(r->stream, now_us);
    }
}

static uint64_t frames_between(const ck_hub_stream *s, uint64_t from, uint64_t to)
{
    uint64_t frames = 0;
    for (uint64_t seq = from; seq < to; seq++) {
        uint8_t class = ck_hub_entry_at(s, seq)->class;
        frames += class == CK_MEDIA_KEY || class == CK_MEDIA_INTER || class == CK_MEDIA_AUDIO;
    }
    return frames;
}

void ck_hub_reader_skip(ck_hub_reader *r, uint64_t now_us)
{
    ck_hub_stream *s = r->stream;
    bool to_key = s->gop_seq != 0 && r->cursor < s->gop_seq;
    uint64_t target = to_key ? s->gop_seq : s->end_seq;
    r->hub->stats.frames_dropped += frames_between(s, r->cursor, target);
    set_headers(r, to_key ? ck_hub_entry_at(s, target)->headers : s->headers);
    r->needs_key = true;
    r->skipping = true;
    r->placed_us = now_us;
    move_cursor(r, target);
    if (!to_key) {
        ck_hub_want_key(s, now_us);
    }
}

/* ---- what it gets ---- */

/* Sequence headers are stamped like the tag they precede: a player that joins late would take their
 * own time for a gap of minutes. Metadata are stamped 0: FFmpeg takes later ones for subtitles. */
static uint32_t time_of_next(const ck_hub_reader *r)
{
    const ck_hub_stream *s = r->stream;
    return r->cursor < s->end_seq ? ck_hub_entry_at(s, r->cursor)->timestamp_ms
                                  : s->last_timestamp_ms;
}

static bool give_header(ck_hub_reader *r, ck_flv_tag *tag)
{
    static const uint8_t types[CK_MEDIA_HEADERS] = {CK_FLV_SCRIPT, CK_FLV_VIDEO, CK_FLV_AUDIO};
    const ck_hub_headers *h = r->headers;
    for (int i = 0; h != NULL && i < CK_MEDIA_HEADERS; i++) {
        if (h->seq[i] <= r->had[i]) {
            continue;
        }
        tag->timestamp_ms = i == CK_MEDIA_META ? 0 : time_of_next(r);
        tag->type = types[i];
        tag->body = ck_slice_ref(h->body[i]);
        r->had[i] = h->seq[i];
        return true;
    }
    ck_hub_headers_unref(r->hub, &r->headers);
    return false;
}

/* Whether the tag under the cursor is for this reader, and what that changes. */
static bool accepts(ck_hub_reader *r, const ck_hub_entry *e)
{
    if (e->class < CK_MEDIA_HEADERS) {
        r->had[e->class] = r->cursor;
    }
    if (e->class == CK_MEDIA_KEY) {
        r->needs_key = false;
        r->skipping = false;
    }
    if (e->class == CK_MEDIA_INTER && r->needs_key) {
        r->hub->stats.frames_dropped += r->skipping;
        return false;
    }
    return true;
}

static bool give_next(ck_hub_reader *r, ck_flv_tag *tag)
{
    while (r->cursor < r->stream->end_seq) {
        const ck_hub_entry *e = ck_hub_entry_at(r->stream, r->cursor);
        bool wanted = accepts(r, e);
        if (wanted) {
            tag->type = e->type;
            tag->timestamp_ms = e->timestamp_ms;
            tag->body = ck_slice_ref(e->body);
        }
        move_cursor(r, r->cursor + 1);
        if (wanted) {
            return true;
        }
    }
    return false;
}

int ck_hub_read(ck_hub_reader *r, uint64_t now_us, ck_flv_tag *tag)
{
    switch (r->state) {
    case CK_HUB_ENDED:
        return r->found ? CHALK_ERR_END : CHALK_ERR_NO_STREAM;
    case CK_HUB_TOO_SLOW:
        return CHALK_ERR_TIMEOUT;
    case CK_HUB_WAITING:
        r->hungry = true;
        ck_list_remove(&r->in_busy);
        return CHALK_ERR_AGAIN;
    case CK_HUB_READING:
        break;
    }
    if (r->hungry && ck_list_is_linked(&r->stream->in_gathering)) {
        return CHALK_ERR_AGAIN; /* asked by itself; it is told with the others */
    }
    if (give_header(r, tag) || give_next(r, tag)) {
        r->taken_us = now_us;
        return CHALK_OK;
    }
    if (r->stream->ended) {
        r->state = CK_HUB_ENDED;
        detach(r);
        return CHALK_ERR_END;
    }
    r->hungry = true;
    ck_list_remove(&r->in_busy);
    return CHALK_ERR_AGAIN;
}

void ck_hub_reader_flags(const ck_hub_reader *r, bool *has_audio, bool *has_video)
{
    const ck_hub_stream *s = r->stream;
    *has_audio = s == NULL || s->audio.codec[0] != '\0';
    *has_video = s == NULL || s->video.codec[0] != '\0';
    if (!*has_audio && !*has_video) {
        *has_audio = true;
        *has_video = true;
    }
}

/* ---- life ---- */

int ck_hub_read_open(ck_hub *hub, const ck_stream_name *name, void *user, uint64_t now_us,
                     ck_hub_reader **out)
{
    ck_hub_reader *r = ck_new(hub->config.alloc, sizeof *r);
    if (r == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    r->hub = hub;
    r->user = user;
    r->name = *name;
    r->state = CK_HUB_WAITING;
    r->hungry = true;
    r->opened_us = now_us;
    ck_list_init(&r->in_stream);
    ck_list_init(&r->in_ready);
    ck_list_init(&r->in_busy);
    hub->stats.readers++;
    ck_hub_stream *s = ck_hub_find(hub, name);
    if (s != NULL) {
        ck_hub_reader_attach(r, s, now_us);
    } else {
        ck_list_append(&hub->waiting, &r->in_stream);
    }
    *out = r;
    return CHALK_OK;
}

enum ck_hub_reader_state ck_hub_reader_state(const ck_hub_reader *reader)
{
    return reader->state;
}

void ck_hub_read_close(ck_hub_reader **reader)
{
    ck_hub_reader *r = *reader;
    *reader = NULL;
    if (r == NULL) {
        return;
    }
    ck_list_remove(&r->in_ready);
    detach(r);
    r->hub->stats.readers--;
    ck_free(r->hub->config.alloc, r);
}

void *ck_hub_poll_ready(ck_hub *hub)
{
    if (ck_list_is_empty(&hub->ready)) {
        return NULL;
    }
    ck_hub_reader *r = CK_LIST_OWNER(hub->ready.next, ck_hub_reader, in_ready);
    ck_list_remove(&r->in_ready);
    return r->user;
}

/* ---- time ---- */

static void check_busy(ck_hub_reader *r, uint64_t now_us)
{
    uint64_t max_us = (uint64_t)r->hub->config.reader_max_ms * CK_US_PER_MS;
    if (now_us - r->taken_us >= 3 * max_us) {
        r->state = CK_HUB_TOO_SLOW;
        r->hub->stats.readers_closed++;
        ck_hub_reader_wake(r, now_us);
        detach(r);
        return;
    }
    if (r->cursor == r->stream->end_seq) {
        return;
    }
    /* What was there before it came is not its fault. */
    uint64_t since_us = CK_MAX(ck_hub_entry_at(r->stream, r->cursor)->arrival_us, r->placed_us);
    if (now_us - since_us >= max_us) {
        ck_hub_reader_skip(r, now_us);
    }
}

static void check_waiting(ck_hub *hub, uint64_t now_us)
{
    while (!ck_list_is_empty(&hub->waiting)) {
        ck_hub_reader *r = CK_LIST_OWNER(hub->waiting.next, ck_hub_reader, in_stream);
        if (now_us - r->opened_us < CK_HUB_WAIT_MS * CK_US_PER_MS) {
            return;
        }
        r->state = CK_HUB_ENDED;
        ck_list_remove(&r->in_stream);
        ck_hub_reader_wake(r, now_us);
        ck_list_remove(&r->in_busy);
    }
}

uint64_t ck_hub_readers_deadline(const ck_hub *hub)
{
    uint64_t due_us = !ck_list_is_empty(&hub->busy) ? hub->check_us : CK_NEVER;
    if (!ck_list_is_empty(&hub->waiting)) {
        const ck_hub_reader *r = CK_LIST_OWNER(hub->waiting.next, ck_hub_reader, in_stream);
        due_us = CK_MIN(due_us, r->opened_us + CK_HUB_WAIT_MS * CK_US_PER_MS);
    }
    return due_us;
}

void ck_hub_readers_on_deadline(ck_hub *hub, uint64_t now_us)
{
    check_waiting(hub, now_us);
    if (now_us < hub->check_us) {
        return;
    }
    hub->check_us = now_us + CK_HUB_CHECK_MS * CK_US_PER_MS;
    ck_list *next = hub->busy.next;
    while (next != &hub->busy) {
        ck_hub_reader *r = CK_LIST_OWNER(next, ck_hub_reader, in_busy);
        next = next->next;
        if (r->state == CK_HUB_READING) {
            check_busy(r, now_us);
        }
    }
}
