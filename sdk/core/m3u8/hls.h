/*
 * The client of HTTP Live Streaming without its network: which playlist is loaded when, which
 * segment comes next (RFC 8216 section 6.3).
 *
 *     ck_hls_init(&hls, &config, now);
 *     while (ck_hls_poll_output(hls, &get, now)) GET get.url ...
 *         bytes of its answer  -> ck_hls_feed
 *         its end              -> ck_hls_done (status, what its URL was after redirections)
 *     how much is in hand      -> ck_hls_buffered, whenever that changes
 *     while (ck_hls_poll_event(hls, &event)) READY: it plays. END, FAILED: that was all.
 *
 * One request at a time. A live stream is joined three target durations (or HOLD-BACK) before its
 * end; its playlist is loaded again after a target duration, or half of one when nothing was new.
 * A variant is chosen once, by bandwidth and codecs, and given up for the next when its playlist
 * cannot be had. Keys are fetched as segments are, and as often. A segment that is gone is left
 * out; three in a row are a failure.
 *
 * States:
 *     master? --> playlist --> playing <--> waiting (nothing new, enough in hand, a retry's pause)
 *        \___________\____________\______________\____> failed | ended
 */
#ifndef CK_CORE_M3U8_HLS_H
#define CK_CORE_M3U8_HLS_H

#include "base/time.h"
#include "core/m3u8/playlist.h"
#include "core/url/url.h"

typedef struct ck_hls ck_hls;

typedef struct ck_hls_config {
    const ck_alloc *alloc;
    const ck_url *url;       /* of the playlist; copied */
    uint64_t buffer_us;      /* fetches ahead until so much is in hand; 0: 12 s */
    uint64_t silence_us;     /* a request without a byte for so long has failed; 0: 8 s */
    uint64_t bandwidth_max;  /* bit/s: no variant above it, if there is another; 0: no limit */
    bool resume;             /* an earlier client had come up to... */
    int64_t resume_sequence; /* ...this media sequence number, which is to be next */
} ck_hls_config;

enum ck_hls_kind {
    CK_HLS_PLAYLIST = 1,
    CK_HLS_MAP, /* an initialisation section: kept for the segments that follow */
    CK_HLS_SEGMENT,
    CK_HLS_KEY, /* of AES-128, CK_HLS_KEY_SIZE bytes: kept for what follows and is encrypted */
};

#define CK_HLS_KEY_SIZE 16

typedef struct ck_hls_get {
    enum ck_hls_kind kind;
    uint32_t id;       /* of this request, for feed and done */
    const ck_url *url; /* borrowed until done */
    ck_m3u8_range range;
    /* MAP and SEGMENT: AES-128 in CBC mode with PKCS #7 padding, under the key fetched last. */
    bool encrypted;
    uint8_t iv[CK_HLS_KEY_SIZE];
    /* SEGMENT: */
    bool has_map; /* belongs to the section fetched last; false: stands alone */
    bool broken;  /* its time stamps have nothing to do with those before */
    int64_t sequence;
    int64_t duration_us;
    int64_t date_us; /* since 1970, of its first picture; -1: not given */
} ck_hls_get;

enum ck_hls_event_kind {
    CK_HLS_READY = 1, /* the first media playlist is usable */
    CK_HLS_SKIPPED,   /* a segment is left out: status, text */
    CK_HLS_END,       /* the playlist has ended and all of it was fetched */
    CK_HLS_FAILED,    /* nothing comes any more: status, text */
};

typedef struct ck_hls_event {
    enum ck_hls_event_kind kind;
    int status; /* chalk_error */
    char text[128];
} ck_hls_event;

/* NO_MEMORY, INVALID_ARGUMENT (a URL that is not http or https). */
int ck_hls_init(ck_hls **out, const ck_hls_config *config, uint64_t now_us);
void ck_hls_free(ck_hls **h); /* NULL is accepted */

/* The next request, if one is due and none is under way. */
bool ck_hls_poll_output(ck_hls *h, ck_hls_get *get, uint64_t now_us);
bool ck_hls_poll_event(ck_hls *h, ck_hls_event *event);

/* A piece of the body of request `id`; of another one it is ignored. CHALK_OK, or TOO_LARGE or
 * NO_MEMORY: no more of this playlist is wanted, the host drops the request and says so with done.
 */
int ck_hls_feed(ck_hls *h, uint32_t id, const void *data, size_t size, uint64_t now_us);
/* The request has ended: CHALK_OK, or what became of it; `text` in words or "". `url`: where the
 * body came from after redirections, NULL for the one that was asked. BAD_DATA says that a segment
 * cannot be taken apart, or that a key is of another size; CODEC_UNKNOWN and UNSUPPORTED end
 * everything. */
void ck_hls_done(ck_hls *h, uint32_t id, int status, const char *text, const ck_url *url,
                 uint64_t now_us);
/* Media in hand that has not been played. */
void ck_hls_buffered(ck_hls *h, uint64_t buffered_us);

/* The request under way that has been silent for too long: the host drops it, and it has failed. */
bool ck_hls_poll_abandoned(ck_hls *h, uint32_t *id);

uint64_t ck_hls_next_deadline(const ck_hls *h); /* CK_NEVER: none */
void ck_hls_on_deadline(ck_hls *h, uint64_t now_us);

bool ck_hls_is_live(const ck_hls *h); /* known once READY */
/* The sequence number that comes after the segments that were fetched; for `resume`. */
bool ck_hls_position(const ck_hls *h, int64_t *next_sequence);

#endif
