/*
 * Somebody who watches a stream, from its headers alone: when what has come would have been heard
 * and shown, without a decoder, a screen or a thread. For crowds that measure, at a few kilobytes
 * each.
 *
 *     sound came             ck_viewer_sound(v, pts, duration, now)
 *     a picture came         ck_viewer_picture(v, dts, pts, key, now)
 *     figures are wanted     ck_viewer_get_stats(v, now, &stats)
 *     events                 while (ck_viewer_poll_event(v, &event)) ...
 *
 * Playout is that of the player: the same jitter buffer (on headers), the same clock of sound, the
 * same choice of pictures, each at the instant at which it is due. It needs no deadline: before
 * anything is fed, all that was played since the last call is worked out with what was there at
 * each instant, so the result does not depend on how often it is called.
 *
 * Without sound, pictures are shown when the delay that their arrivals need has passed. A picture
 * counts as decoded at once.
 *
 * Times are µs; presentation times are unwrapped by the caller and within 2^60. One thread at a
 * time; fields are private. Bounded: CK_VIEWER_SOUNDS packets and CK_VIEWER_PICTURES pictures
 * wait, of more than that the oldest go, counted.
 */
#ifndef CK_CORE_VIEWER_H
#define CK_CORE_VIEWER_H

#include "core/avsync/avsync.h"
#include "core/avsync/line.h"
#include "core/jitter/jitter.h"

#define CK_VIEWER_SOUNDS   64 /* 1.3 s of AAC; a backlog is skipped at 1 s */
#define CK_VIEWER_PICTURES 64

typedef struct ck_viewer ck_viewer;

typedef struct ck_viewer_config {
    const ck_alloc *alloc;     /* required */
    uint32_t late_ppm;         /* share of sound that may come too late: 100 to 500,000 */
    uint32_t picture_late_ppm; /* the same of pictures of a stream without sound */
    uint32_t start_ms;         /* at least this delay in the first second */
    uint32_t min_ms, max_ms;   /* of the delay; at most 10,000 */
} ck_viewer_config;

enum ck_viewer_event_kind {
    CK_VIEWER_FIRST_PICTURE = 1, /* value: µs since the viewer was made */
    CK_VIEWER_FROZE,             /* playing stands still since at_us */
    CK_VIEWER_GOES_ON,           /* value: µs that it stood */
};

typedef struct ck_viewer_event {
    enum ck_viewer_event_kind kind;
    uint64_t at_us;
    uint64_t value_us;
} ck_viewer_event;

#define CK_VIEWER_EVENTS 4 /* of more the oldest go */

typedef struct ck_viewer_stats {
    ck_jitter_stats jitter;
    ck_avsync_stats sync;
    uint64_t frames_received, frames_decoded, frames_dropped;
    uint64_t freezes, freeze_us; /* sound ran out, or nothing at all came for 2.5 s */
    uint64_t first_picture_us;   /* since the viewer was made; 0: none yet */
    uint32_t delay_ms, target_delay_ms;
} ck_viewer_stats;

/* CHALK_OK, CHALK_ERR_INVALID_ARGUMENT, CHALK_ERR_NO_MEMORY. */
int ck_viewer_create(const ck_viewer_config *config, uint64_t now_us, ck_viewer **out);
void ck_viewer_destroy(ck_viewer **v); /* NULL inside is accepted */
/* Shares and limits of the config, from now on. */
void ck_viewer_set_delays(ck_viewer *v, const ck_viewer_config *config, uint64_t now_us);

/* CHALK_OK; CHALK_ERR_INVALID_ARGUMENT for a duration above 1 s or of 0. */
int ck_viewer_sound(ck_viewer *v, int64_t pts_us, uint32_t duration_us, uint64_t now_us);
void ck_viewer_picture(ck_viewer *v, int64_t dts_us, int64_t pts_us, bool key, uint64_t now_us);
/* Another connection is being made: its time line may start anew. */
void ck_viewer_discontinuity(ck_viewer *v, uint64_t now_us);
/* Nothing will come any more: what stands still from here on is no freeze. */
void ck_viewer_close(ck_viewer *v, uint64_t now_us);

bool ck_viewer_poll_event(ck_viewer *v, ck_viewer_event *event);
void ck_viewer_get_stats(ck_viewer *v, uint64_t now_us, ck_viewer_stats *stats);

#endif
