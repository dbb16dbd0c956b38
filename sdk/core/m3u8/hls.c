#include "core/m3u8/hls_inside.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"

#include <string.h>

#define BUFFER_US     (12 * (uint64_t)CK_US_PER_S)
#define SILENCE_US    (8 * (uint64_t)CK_US_PER_S)
#define SEGMENT_TRIES 3 /* while the server can be expected to have it */
#define SKIPS_MAX     3 /* segments in a row */

/* --- events ---------------------------------------------------------------------------------- */

/* When all places are taken the newest is overwritten: the end is never lost. */
void ck_hls_tell(ck_hls *h, enum ck_hls_event_kind kind, int status, const char *text)
{
    if (h->event_count < CK_HLS_EVENTS) {
        h->event_count++;
    }
    ck_hls_event *e = &h->events[(h->event_first + h->event_count - 1) % CK_HLS_EVENTS];
    *e = (ck_hls_event){.kind = kind, .status = status};
    (void)ck_text_copy(e->text, sizeof e->text, text); /* cut is good enough */
}

void ck_hls_fail(ck_hls *h, int status, const char *text)
{
    if (!h->over) {
        h->over = true;
        ck_hls_tell(h, CK_HLS_FAILED, status, text);
    }
}

bool ck_hls_poll_event(ck_hls *h, ck_hls_event *event)
{
    if (h->event_count == 0) {
        return false;
    }
    *event = h->events[h->event_first];
    h->event_first = (h->event_first + 1) % CK_HLS_EVENTS;
    h->event_count--;
    return true;
}

/* --- life ------------------------------------------------------------------------------------ */

int ck_hls_init(ck_hls **out, const ck_hls_config *config, uint64_t now_us)
{
    bool http = config->url->scheme == CK_URL_HTTP || config->url->scheme == CK_URL_HTTPS;
    if (!http) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_hls *h = ck_new(config->alloc, sizeof *h);
    if (h == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    h->config = *config;
    h->config.buffer_us = config->buffer_us != 0 ? config->buffer_us : BUFFER_US;
    h->config.silence_us = config->silence_us != 0 ? config->silence_us : SILENCE_US;
    h->source = *config->url;
    h->at = *config->url;
    h->config.url = NULL;
    h->reload_at_us = now_us;
    h->silent_at_us = CK_NEVER;
    ck_m3u8_init(&h->master, config->alloc);
    ck_m3u8_init(&h->media, config->alloc);
    ck_m3u8_init(&h->incoming, config->alloc);
    *out = h;
    return CHALK_OK;
}

void ck_hls_free(ck_hls **hls)
{
    ck_hls *h = *hls;
    if (h != NULL) {
        ck_m3u8_free(&h->master);
        ck_m3u8_free(&h->media);
        ck_m3u8_free(&h->incoming);
        ck_free(h->config.alloc, h);
        *hls = NULL;
    }
}

/* --- segments -------------------------------------------------------------------------------- */

static const ck_m3u8_segment *segment_of(const ck_hls *h, int64_t sequence)
{
    const ck_m3u8_segment *first = ck_m3u8_segment_at(&h->media, 0);
    if (first == NULL || sequence < first->sequence) {
        return NULL;
    }
    uint64_t index = (uint64_t)sequence - (uint64_t)first->sequence;
    return index < UINT32_MAX ? ck_m3u8_segment_at(&h->media, (uint32_t)index) : NULL;
}

static void skip(ck_hls *h, int status, const char *text)
{
    h->next_sequence++;
    h->broken = true;
    h->failures = 0;
    h->skipped++;
    ck_hls_tell(h, CK_HLS_SKIPPED, status, text);
}

/* Segments the server says it does not have. */
static const ck_m3u8_segment *next_segment(ck_hls *h)
{
    const ck_m3u8_segment *s = segment_of(h, h->next_sequence);
    while (s != NULL && s->gap) {
        h->next_sequence++;
        h->broken = true;
        s = segment_of(h, h->next_sequence);
    }
    return s;
}

/* --- what is next ---------------------------------------------------------------------------- */

static bool ask_playlist(ck_hls *h, ck_hls_get *get, uint64_t now_us)
{
    if (h->has_master && !h->has_media) {
        const ck_m3u8_variant *v = ck_m3u8_variant_at(&h->master, h->variant);
        if (!ck_hls_resolve(h, &h->master_at, ck_m3u8_str(&h->master, v->uri))) {
            return false;
        }
    } else {
        h->request = h->has_media ? h->at : h->source;
    }
    ck_m3u8_free(&h->incoming);
    ck_m3u8_init(&h->incoming, h->config.alloc);
    h->loaded_us = now_us;
    return ck_hls_begin(h, CK_HLS_PLAYLIST, get, now_us);
}

bool ck_hls_poll_output(ck_hls *h, ck_hls_get *get, uint64_t now_us)
{
    memset(get, 0, sizeof *get);
    if (h->over || h->kind != 0 || now_us < h->retry_at_us) {
        return false;
    }
    if (now_us >= h->reload_at_us) {
        return ask_playlist(h, get, now_us);
    }
    const ck_m3u8_segment *s = h->joined ? next_segment(h) : NULL;
    if (s == NULL && h->has_media && h->media.ended) {
        h->over = true;
        ck_hls_tell(h, CK_HLS_END, CHALK_OK, "");
        return false;
    }
    bool enough = h->buffered_us >= h->config.buffer_us;
    return s != NULL && !enough && ck_hls_ask_segment(h, s, get, now_us);
}

void ck_hls_buffered(ck_hls *h, uint64_t buffered_us)
{
    h->buffered_us = buffered_us;
}

/* --- the end of a request -------------------------------------------------------------------- */

static void segment_done(ck_hls *h)
{
    const ck_m3u8_segment *s = segment_of(h, h->next_sequence);
    h->timeline = s != NULL ? s->timeline : h->timeline;
    h->next_sequence++;
    h->broken = false;
    h->any_segment = true;
    h->failures = 0;
    h->skipped = 0;
}

/* A segment that is gone, or not media, does not come back; anything else may. */
static void segment_failed(ck_hls *h, int status, const char *text, uint64_t now_us)
{
    bool gone = status == CHALK_ERR_NO_STREAM || status == CHALK_ERR_BAD_DATA ||
                status == CHALK_ERR_TOO_LARGE;
    if (ck_hls_is_final(status)) {
        ck_hls_fail(h, status, text);
    } else if (!gone && ++h->failures < SEGMENT_TRIES) {
        h->retry_at_us = now_us + CK_HLS_RETRY_US * h->failures;
    } else if (h->skipped + 1 >= SKIPS_MAX ||
               (!h->any_segment && h->media.ended && segment_of(h, h->next_sequence + 1) == NULL)) {
        ck_hls_fail(h, status, text);
    } else {
        skip(h, status, text);
    }
}

int ck_hls_feed(ck_hls *h, uint32_t id, const void *data, size_t size, uint64_t now_us)
{
    if (h->kind == 0 || id != h->last_id) {
        return CHALK_OK;
    }
    h->silent_at_us = now_us + h->config.silence_us;
    return h->kind == CK_HLS_PLAYLIST ? ck_m3u8_feed(&h->incoming, data, size) : CHALK_OK;
}

void ck_hls_done(ck_hls *h, uint32_t id, int status, const char *text, const ck_url *url,
                 uint64_t now_us)
{
    if (h->kind == 0 || id != h->last_id) {
        return;
    }
    enum ck_hls_kind kind = h->kind;
    h->kind = 0;
    h->silent_at_us = CK_NEVER;
    if (h->over) {
        return;
    }
    if (kind == CK_HLS_PLAYLIST) {
        const ck_url at = url != NULL ? *url : h->request;
        ck_hls_playlist_done(h, status, text, &at, now_us);
    } else if (status < 0) {
        segment_failed(h, status, text, now_us);
    } else if (kind == CK_HLS_MAP) {
        h->has_map = true;
        h->failures = 0;
    } else if (kind == CK_HLS_KEY) {
        h->has_key = true;
        h->failures = 0;
    } else {
        segment_done(h);
    }
}

/* --- time ------------------------------------------------------------------------------------ */

uint64_t ck_hls_next_deadline(const ck_hls *h)
{
    if (h->over) {
        return CK_NEVER;
    }
    if (h->kind != 0) {
        return h->silent_at_us;
    }
    /* During a pause after a failure nothing else is asked. */
    return h->retry_at_us != 0 ? h->retry_at_us : h->reload_at_us;
}

void ck_hls_on_deadline(ck_hls *h, uint64_t now_us)
{
    if (h->kind != 0 && now_us >= h->silent_at_us) {
        h->abandoned = true;
        h->abandoned_id = h->last_id;
        ck_hls_done(h, h->last_id, CHALK_ERR_TIMEOUT, "the server has fallen silent", NULL, now_us);
    }
    if (now_us >= h->retry_at_us) {
        h->retry_at_us = 0;
    }
}

bool ck_hls_poll_abandoned(ck_hls *h, uint32_t *id)
{
    bool abandoned = h->abandoned;
    h->abandoned = false;
    *id = h->abandoned_id;
    return abandoned;
}

bool ck_hls_is_live(const ck_hls *h)
{
    return h->has_media && !h->media.ended;
}

bool ck_hls_position(const ck_hls *h, int64_t *next_sequence)
{
    *next_sequence = h->next_sequence;
    return h->joined && h->any_segment;
}
