/*
 * Playout buffers over the same arrivals: what each plays late on average, and what share of the
 * time is not played as received (concealed, noise, inserted). Delays are above the least delayed
 * packet of the trace. The first 2 s are counted apart: nothing is known there yet.
 */
#ifndef CK_TESTS_JITTER_BENCH_H
#define CK_TESTS_JITTER_BENCH_H

#include "sim/trace.h"

#define CK_JITTER_BENCH_START_US 2000000
#define CK_JITTER_BENCH_TRACES   32
#define CK_JITTER_BENCH_LAMBDAS  18

typedef struct ck_jitter_trace {
    char name[48];
    ck_arrival *arrivals; /* by time of arrival */
    size_t count;
    uint32_t *lasts_us; /* of each: how long it is */
    uint32_t packet_us; /* the shortest of them */
    bool stream;        /* in order, nothing lost */
    bool changes;       /* how late packets are doubles from one time to another */
    int64_t base_us;    /* least transit */
    int64_t end_us;     /* presentation time where the last one ends */
} ck_jitter_trace;

typedef struct ck_jitter_point {
    double share;     /* 0 to 1: not played as received */
    double delay_ms;  /* mean */
    double stretched; /* 0 to 1: of the time, played faster or slower */
    double start_share;
    double start_delay_ms; /* of the first 2 s */
} ck_jitter_point;

/* Measured calls, where the test data is there, and the named scenarios as packets and as streams.
 * The count of traces; what they hold stays allocated. */
size_t ck_jitter_traces_load(ck_jitter_trace *traces, uint64_t seed);

/* Hindsight: the buffer of a fixed delay. */
ck_jitter_point ck_jitter_fixed(const ck_jitter_trace *t, uint32_t delay_ms);
ck_jitter_point ck_jitter_ours(const ck_jitter_trace *t, uint32_t late_ppm, uint32_t least_ms);
/* The adaptive buffer of libspeexdsp. */
ck_jitter_point ck_jitter_speex(const ck_jitter_trace *t);
/* What nobody can beat who may play 25 % faster or slower: the best of all ways to play, found by
 * dynamic programming over the whole trace, where a unit of share costs lambda_ms of delay. */
ck_jitter_point ck_jitter_bound(const ck_jitter_trace *t, double lambda_ms);

#endif
