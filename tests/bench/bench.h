/*
 * A benchmark does a fixed piece of work and says how many bytes that was. The harness runs it
 * several times and reports the median, beside a memcpy of as many bytes in the same round: on a
 * shared machine the ratio holds where the figure drifts.
 */
#ifndef CK_TESTS_BENCH_H
#define CK_TESTS_BENCH_H

#include <stddef.h>
#include <stdint.h>

typedef struct ck_bench {
    const char *name;
    const char *what; /* the unit of work, for people */
    /* Does the work once; returns the bytes it went over, 0 when it failed. `units` receives how
     * many units of work it did. */
    size_t (*run)(uint64_t *units);
} ck_bench;

extern const ck_bench ck_bench_amf;
extern const ck_bench ck_bench_flv_demux;
extern const ck_bench ck_bench_h264_rewrite;
extern const ck_bench ck_bench_h264_split;
extern const ck_bench ck_bench_rtmp_link;

/* Bytes that look like coded media: seeded noise without start codes. */
void ck_bench_fill(uint8_t *out, size_t size, uint64_t seed);

#endif
