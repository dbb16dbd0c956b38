/*
 * Playout buffers over the same arrivals: what each plays late on average, and what share of the
 * time is not played as received (concealed, noise, inserted). Delays are above the least delayed
 * packet of the trace; the first 2 s are left out.
 */
#ifndef CK_TESTS_JITTER_BENCH_H
#define CK_TESTS_JITTER_BENCH_H

#include "sim/trace.h"

#define CK_JITTER_BENCH_SKIP_US 2000000

typedef struct ck_jitter_trace {
    const char *name;
    const ck_arrival *arrivals; /* by time of arrival */
    size_t count;
    const uint32_t *lasts_us; /* of each: how long it is */
    uint32_t packet_us;       /* the shortest of them */
    bool stream;              /* in order, nothing lost */
    int64_t base_us;          /* least transit */
    int64_t end_us;           /* presentation time where the last one ends */
} ck_jitter_trace;

typedef struct ck_jitter_point {
    double share;     /* 0 to 1 */
    double delay_ms;  /* mean */
    double stretched; /* sound left out and put in, as a share of the time */
} ck_jitter_point;

/* Hindsight: the buffer of a fixed delay. */
ck_jitter_point ck_jitter_fixed(const ck_jitter_trace *t, uint32_t delay_ms);
ck_jitter_point ck_jitter_ours(const ck_jitter_trace *t, uint32_t late_ppm, uint32_t least_ms);
/* The adaptive buffer of libspeexdsp. */
ck_jitter_point ck_jitter_speex(const ck_jitter_trace *t);

#endif
