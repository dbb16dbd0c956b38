/* What a playlist that came means: when it is loaded again, and where to go on in it. */
#include "core/m3u8/hls_inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

#define RELOAD_MIN_US   (CK_US_PER_S / 2) /* however short the target duration is */
#define RELOAD_MAX_US   (30 * (uint64_t)CK_US_PER_S)
#define RELOAD_FAILURES 4 /* of a playlist in a row */

static void schedule_reload(ck_hls *h, bool changed)
{
    uint64_t wait_us = (uint64_t)CK_MAX(h->media.target_us, 0);
    wait_us = changed ? wait_us : wait_us / 2;
    wait_us = CK_CLAMP(wait_us, RELOAD_MIN_US, RELOAD_MAX_US);
    h->reload_at_us = h->media.ended ? CK_NEVER : h->loaded_us + wait_us;
}

static bool differs(const ck_m3u8 *a, const ck_m3u8 *b)
{
    return ck_m3u8_segment_count(a) != ck_m3u8_segment_count(b) || a->ended != b->ended ||
           a->media_sequence != b->media_sequence || ck_m3u8_part_count(a) != ck_m3u8_part_count(b);
}

/* Where to go on in a playlist that is new or has changed. False: it has nothing that was not
 * played before. */
static bool place(ck_hls *h)
{
    uint32_t count = ck_m3u8_segment_count(&h->media);
    if (count == 0) {
        return true; /* what is live may begin with nothing */
    }
    int64_t first = ck_m3u8_segment_at(&h->media, 0)->sequence;
    int64_t end = (int64_t)((uint64_t)first + count);
    bool resumed = h->config.resume && !h->joined && !h->media.ended;
    int64_t next = resumed ? h->config.resume_sequence : h->next_sequence;
    if (resumed && next == end) {
        return false;
    }
    if (!h->joined && !(resumed && next >= first && next < end)) {
        next = ck_hls_join(&h->media);
    } else if (next > end) { /* numbers went back: the server has begun anew */
        next = ck_hls_join(&h->media);
        h->broken = true;
    } else if (next < first) {
        next = first; /* what lies between is gone from the playlist */
        h->broken = true;
    }
    h->next_sequence = next;
    h->joined = true;
    return true;
}

static void take_media(ck_hls *h, const ck_url *at)
{
    bool first = !h->has_media;
    bool changed = first || differs(&h->media, &h->incoming);
    ck_m3u8 old = h->media;
    h->media = h->incoming;
    h->at = *at;
    h->has_media = true;
    h->failures = 0;
    ck_m3u8_free(&old);
    ck_m3u8_init(&h->incoming, h->config.alloc);
    schedule_reload(h, changed);
    if (h->media.iframes_only) {
        ck_hls_fail(h, CHALK_ERR_UNSUPPORTED, "the playlist has key frames alone");
    } else if (!place(h)) {
        ck_hls_fail(h, CHALK_ERR_NO_STREAM, "the playlist has nothing new");
    } else if (first) {
        ck_hls_tell(h, CK_HLS_READY, CHALK_OK, "");
    }
}

static void choose_variant(ck_hls *h, int status, const char *text)
{
    const char *why = "";
    int chosen = ck_hls_choose(h, &h->variant, &why);
    if (chosen == CHALK_ERR_NOT_FOUND) {
        ck_hls_fail(h, status, text); /* that of the last one tried */
    } else if (chosen < 0) {
        ck_hls_fail(h, chosen, why);
    }
}

static void take_playlist(ck_hls *h, const ck_url *at)
{
    if (!ck_m3u8_is_master(&h->incoming)) {
        take_media(h, at);
        return;
    }
    if (h->has_master || h->has_media) {
        ck_hls_fail(h, CHALK_ERR_BAD_DATA, "a playlist of variants stands where media should be");
        return;
    }
    h->master = h->incoming;
    h->master_at = *at;
    h->has_master = true;
    ck_m3u8_init(&h->incoming, h->config.alloc);
    choose_variant(h, CHALK_ERR_NO_STREAM, "");
}

bool ck_hls_is_final(int status)
{
    return status == CHALK_ERR_DENIED || status == CHALK_ERR_UNSUPPORTED ||
           status == CHALK_ERR_CODEC_UNKNOWN || status == CHALK_ERR_TLS ||
           status == CHALK_ERR_NO_TLS || status == CHALK_ERR_NO_MEMORY;
}

static void playlist_failed(ck_hls *h, int status, const char *text, uint64_t now_us)
{
    if (h->has_media && !ck_hls_is_final(status) && ++h->failures < RELOAD_FAILURES) {
        /* Half a target duration, as for a playlist in which nothing was new. */
        schedule_reload(h, false);
        h->reload_at_us = CK_MAX(h->reload_at_us, now_us + CK_HLS_RETRY_US);
    } else if (h->has_master && !h->has_media && !ck_hls_is_final(status)) {
        h->tried[h->variant] = true;
        choose_variant(h, status, text);
    } else {
        ck_hls_fail(h, status, text);
    }
}

void ck_hls_playlist_done(ck_hls *h, int status, const char *text, const ck_url *at,
                          uint64_t now_us)
{
    if (status == CHALK_OK) {
        status = ck_m3u8_end(&h->incoming);
        status = status == CHALK_OK ? ck_m3u8_check(&h->incoming) : status;
        text = h->incoming.problem != NULL     ? h->incoming.problem
               : status == CHALK_ERR_TOO_LARGE ? "the playlist is too large"
                                               : "";
    }
    if (status == CHALK_OK) {
        take_playlist(h, at);
    } else {
        playlist_failed(h, status, text, now_us);
    }
}
