/*
 * Sound leads, the picture follows: what time line the ear is at, which picture belongs on the
 * screen, and by how much the sound is resampled so that a drifting device clock does no harm.
 *
 *     sound is heard         ck_avsync_heard(&a, pts, now)
 *     without sound          ck_avsync_free(&a, transit, now)      (ck_jitter_transit)
 *     before each refresh    pick = ck_avsync_choose(&a, pts, count, now, lit_at, refresh)
 *     once a second or so    ppm = ck_trim_feed(&t, behind_us, now)
 *
 * The position never goes back on one line; ck_avsync_reset begins another. Times in µs. Allocates
 * nothing; one thread at a time; fields are private.
 */
#ifndef CK_CORE_AVSYNC_AVSYNC_H
#define CK_CORE_AVSYNC_AVSYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ck_avsync_stats {
    uint64_t frames_rendered; /* not W3C: shown */
    uint64_t frames_dropped;  /* framesDropped: too late, or another fitted better */
    uint64_t freeze_count;    /* freezeCount: shown longer than max(3 x mean, mean + 150 ms) */
    uint64_t total_freezes_us;
    uint64_t total_inter_frame_delay_us;
    int64_t skew_us; /* of the picture shown last against the sound then heard; above 0: early */
} ck_avsync_stats;

typedef struct ck_avsync {
    uint8_t source; /* private to avsync.c */
    int64_t anchor_pts;
    uint64_t anchor_us;
    bool standing;
    int64_t lead_us; /* FREE: position minus time, slewed */
    uint64_t lead_at_us;
    int64_t reached_pts; /* the position never goes below this */
    bool reached;
    bool shown;
    int64_t shown_pts;
    uint64_t shown_us;
    uint64_t mean_us; /* time between pictures, smoothed */
    ck_avsync_stats stats;
} ck_avsync;

typedef struct ck_avsync_pick {
    size_t drop; /* so many of the oldest are not shown */
    bool show;   /* the one after them is */
} ck_avsync_pick;

void ck_avsync_init(ck_avsync *a);
void ck_avsync_reset(ck_avsync *a); /* another time line; what is on the screen stays */
/* The sound of `pts_us` is heard at now_us, the device's latency accounted for. */
void ck_avsync_heard(ck_avsync *a, int64_t pts_us, uint64_t now_us);
/* Sound is made up and time stands: `pts_us` is what the ear is at until sound is heard again. It
 * counts as no sound. */
void ck_avsync_stands(ck_avsync *a, int64_t pts_us);
/* There is no sound, or it stopped (0.5 s without ck_avsync_heard): media of now_us minus
 * `transit_us` is due. A changed transit is slewed by 50 ms a second. */
void ck_avsync_free(ck_avsync *a, int64_t transit_us, uint64_t now_us);
/* False: no clock runs yet. */
bool ck_avsync_position(ck_avsync *a, uint64_t now_us, int64_t *pts_us);

/* Decoded pictures wait, `count` presentation times oldest first, rising. refresh_us: the display's
 * period (0: unknown, as if 0), shown_at_us: when what is picked now lights up. The newest picture
 * that is due by the middle of that refresh; those before it are dropped. */
ck_avsync_pick ck_avsync_choose(ck_avsync *a, const int64_t *pts_us, size_t count, uint64_t now_us,
                                uint64_t shown_at_us, uint32_t refresh_us);

ck_avsync_stats ck_avsync_get_stats(const ck_avsync *a, uint64_t now_us);

/* ---- drift ---- */

#define CK_TRIM_MAX_PPM 5000 /* 0.5 %: not heard */

/* A control loop that keeps the playout delay at its target by resampling: what is behind on
 * average is played a little faster. Slow on purpose (tens of seconds): jitter is the stretcher's.
 */
typedef struct ck_trim {
    int64_t mean_us;     /* smoothed error, in 1/256 µs */
    int64_t integral_us; /* ppm in 1/256 */
    uint64_t at_us;
    bool any;
} ck_trim;

void ck_trim_init(ck_trim *t);
/* behind_us: how far what is heard is behind the time it should be heard at. Returns parts per
 * million to play faster by, within +-CK_TRIM_MAX_PPM. */
int32_t ck_trim_feed(ck_trim *t, int64_t behind_us, uint64_t now_us);

#endif
