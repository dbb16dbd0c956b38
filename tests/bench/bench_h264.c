/* H.264: what every picture goes through on its way from an encoder or to a decoder. */
#include "bench/bench.h"

#include "core/h264/rewrite.h"
#include "core/h264/split.h"
#include "support/alloc.h"

#include <string.h>

#define UNITS      1000u
#define UNIT_BYTES 8000u /* one picture at 1 Mbit/s, 15 a second */

/* An access unit with a delimiter, parameter sets and a slice, in Annex B. */
static size_t make_unit(uint8_t *out)
{
    static const uint8_t head[] = {0,    0, 0, 1, 0x09, 0xf0, 0,    0, 0, 1, 0x67, 0x42, 0xc0,
                                   0x1f, 0, 0, 0, 1,    0x68, 0xce, 0, 0, 0, 1,    0x65};
    memcpy(out, head, sizeof head);
    ck_bench_fill(out + sizeof head, UNIT_BYTES - sizeof head, 1);
    return UNIT_BYTES;
}

static size_t run_rewrite(uint64_t *units)
{
    static const uint8_t sei[] = {0x06, 0x05, 0x04, 'c', 'l', 'o', 'k', 0x80};
    uint8_t unit[UNIT_BYTES];
    size_t size = make_unit(unit), done = 0;
    ck_h264_rewrite how = {
        .from = CK_H264_ANNEX_B,
        .to = CK_H264_AVCC_4,
        .drop = CK_H264_DROP_FOR_FLV,
        .sei = {sei, sizeof sei},
    };
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 1u << 20);
    for (*units = 0; *units < UNITS; ++*units) {
        ck_buf_clear(&out);
        if (ck_h264_rewrite_unit(&how, unit, size, &out) != 2) {
            done = 0;
            break;
        }
        done += size;
    }
    ck_buf_free(&out);
    return done;
}

const ck_bench ck_bench_h264_rewrite = {"h264_rewrite", "access unit of 8,000 bytes", run_rewrite};

static size_t run_split(uint64_t *units)
{
    uint8_t unit[UNIT_BYTES];
    size_t size = make_unit(unit), done = 0;
    ck_h264_split split;
    ck_h264_nal nal;
    ck_h264_split_init(&split, &ck_test_heap, 1u << 20);
    *units = 0;
    for (uint32_t i = 0; i < UNITS && ck_h264_split_feed(&split, unit, size) == 0; i++) {
        while (ck_h264_split_next(&split, &nal) > 0) {
            ++*units;
        }
        done += size;
    }
    ck_h264_split_free(&split);
    return *units > UNITS ? done : 0;
}

const ck_bench ck_bench_h264_split = {"h264_split", "NAL unit, a quarter of 8,000 bytes",
                                      run_split};
