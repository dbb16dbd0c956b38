/*
 * How late media must be played so that only a chosen share of it comes too late.
 *
 * The transit of a packet is its arrival minus its presentation time: a delay plus an unknown
 * constant, the same for both ends of every comparison made here. The target is the transit that
 * all but `late_ppm` of a forgetting histogram stays under (transits.h): it grows within the first
 * late packets and shrinks only as they are forgotten. How long that takes follows the share: who
 * lets little be late must remember long to know it, who lets more be late gains by following
 * quickly. Peaks stay out of the histogram and are covered when they come back often enough for it
 * to pay (peaks.h).
 *
 * Integers alone: the same packets give the same targets on every machine. Allocates nothing; one
 * thread at a time; fields are private.
 */
#ifndef CK_CORE_JITTER_DELAY_H
#define CK_CORE_JITTER_DELAY_H

#include "core/jitter/peaks.h"
#include "core/jitter/transits.h"

#define CK_DELAY_BIN_US CK_TRANSITS_BIN_US
/* The memory is so long that this much of it is the share: 16 s at 0.5 %, within these bounds. */
#define CK_DELAY_MEMORY_LATE_US  80000
#define CK_DELAY_MEMORY_LEAST_US 500000
#define CK_DELAY_MEMORY_MOST_US  32000000

typedef struct ck_delay_config {
    uint32_t late_ppm; /* share of media that may come too late: 100 to 500,000 */
    /* Bounds of the target above the least delayed media. */
    uint32_t min_us;
    uint32_t max_us;
    /* Transit so far above the least is an outage, not jitter: it is skipped and not waited for,
     * unless it lasts a second, which makes it the path's own. */
    uint32_t outage_us;
    uint32_t start_us; /* at least this in the first second, when little is known */
} ck_delay_config;

typedef struct ck_delay {
    ck_delay_config config;
    ck_transits transits;
    ck_peaks peaks;
    uint64_t packets; /* since first_us */
    uint64_t first_us;
    int64_t first_transit_us;
    uint64_t last_us; /* of the latest that the histogram has */
    uint64_t computed_us;
    uint64_t outage_at_us; /* since when all came with that much transit; 0: it does not */
    bool any;
    int64_t base_us;     /* transit of the least delayed media */
    int64_t quantile_us; /* target of the histogram alone */
    int64_t target_us;
} ck_delay;

void ck_delay_init(ck_delay *d, const ck_delay_config *config);
/* Forgets all: another time line. */
void ck_delay_reset(ck_delay *d);
void ck_delay_set(ck_delay *d, const ck_delay_config *config, uint64_t now_us);
/* now_us does not go back. Transits within 2^60. */
void ck_delay_arrive(ck_delay *d, int64_t transit_us, uint64_t now_us);
bool ck_delay_known(const ck_delay *d);
/* Since when, µs ago, the first second runs: a burst of old media begins it anew. */
uint64_t ck_delay_age(const ck_delay *d, uint64_t now_us);
/* Transit to play at, and that of the least delayed media; their difference is the playout delay.
 * 0 before the first arrival. */
int64_t ck_delay_target(const ck_delay *d);
int64_t ck_delay_base(const ck_delay *d);

#endif
