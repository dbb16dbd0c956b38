/* H.264 bytes: what is converted comes back, and how a stream is cut changes nothing. */
#include "base/check.h"
#include "base/rng.h"
#include "chalkrail/errors.h"
#include "core/h264/params.h"
#include "core/h264/rewrite.h"
#include "core/h264/split.h"
#include "core/h264/stamp.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/seeds.h"

#define LIMIT 65536u

/* A payload of the bytes that matter most to framing, or of any bytes. */
static void random_bytes(ck_rng *rng, uint8_t *out, size_t size)
{
    bool zeros = ck_rng_below(rng, 2) == 0;
    for (size_t i = 0; i < size; i++) {
        out[i] = (uint8_t)(zeros ? ck_rng_below(rng, 5) : ck_rng_next(rng));
    }
}

/* Appends a NAL unit as an encoder would write it: escaped, and not ending in zero. */
static void put_unit(ck_rng *rng, ck_buf *out)
{
    static const uint8_t uuid[CK_H264_UUID_SIZE] = {7};
    static const uint8_t headers[] = {0x41, 0x65, 0x06, 0x67, 0x68, 0x09, 0x0c, 0x01, 0x6e};
    uint8_t payload[300];
    size_t size = ck_rng_below(rng, sizeof payload);
    random_bytes(rng, payload, size);
    size_t at = out->size;
    /* The writer of SEI is the one that escapes; any header may stand in front. */
    CK_CHECK_EQ(ck_h264_write_user_data(out, uuid, payload, size), CHALK_OK);
    out->data[at] = headers[ck_rng_below(rng, CK_COUNT_OF(headers))];
}

/* An Annex B stream with start codes of both lengths and stray zero bytes. */
static void put_stream(ck_rng *rng, ck_buf *out, size_t units)
{
    static const uint8_t start[] = {0, 0, 0, 0, 0, 1};
    for (size_t i = 0; i < units; i++) {
        size_t zeros = 2 + ck_rng_below(rng, 4);
        ck_buf_put(out, start + sizeof start - 1 - zeros, zeros + 1);
        put_unit(rng, out);
    }
    ck_buf_put(out, start, ck_rng_below(rng, 4));
}

static void check_same_units(uint64_t seed, enum ck_h264_framing framing_a, const ck_buf *a,
                             enum ck_h264_framing framing_b, const ck_buf *b)
{
    ck_h264_walk walk_a = ck_h264_walk_of(framing_a, a->data, a->size);
    ck_h264_walk walk_b = ck_h264_walk_of(framing_b, b->data, b->size);
    ck_h264_nal x;
    ck_h264_nal y;
    int status;
    while ((status = ck_h264_walk_next(&walk_a, &x)) > 0) {
        CK_CHECK_ROW(seed, ck_h264_walk_next(&walk_b, &y) == 1);
        CK_CHECK_ROW(seed, x.size == y.size && memcmp(x.data, y.data, x.size) == 0);
    }
    CK_CHECK_ROW(seed, status == 0 && ck_h264_walk_next(&walk_b, &y) == 0);
}

CK_TEST(prop_h264, framing_round_trip)
{
    static const enum ck_h264_framing framings[] = {CK_H264_AVCC_2, CK_H264_AVCC_4,
                                                    CK_H264_ANNEX_B};
    CK_FOR_SEEDS(seed, 300)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        ck_buf stream;
        ck_buf there;
        ck_buf back;
        ck_buf_init(&stream, &ck_test_heap, LIMIT);
        ck_buf_init(&there, &ck_test_heap, LIMIT);
        ck_buf_init(&back, &ck_test_heap, LIMIT);
        size_t units = ck_rng_below(&rng, 8);
        put_stream(&rng, &stream, units);
        enum ck_h264_framing f = framings[ck_rng_below(&rng, CK_COUNT_OF(framings))];
        ck_h264_rewrite to = {.from = CK_H264_ANNEX_B, .to = f};
        ck_h264_rewrite from = {.from = f, .to = CK_H264_ANNEX_B};
        int written = ck_h264_rewrite_unit(&to, stream.data, stream.size, &there);
        CK_CHECK_ROW(seed, written == (int)units);
        check_same_units(seed, CK_H264_ANNEX_B, &stream, f, &there);
        written = ck_h264_rewrite_unit(&from, there.data, there.size, &back);
        CK_CHECK_ROW(seed, written == (int)units);
        check_same_units(seed, CK_H264_ANNEX_B, &stream, CK_H264_ANNEX_B, &back);
        ck_buf_free(&stream);
        ck_buf_free(&there);
        ck_buf_free(&back);
    }
}

CK_TEST(prop_h264, an_inserted_stamp_is_all_that_changes)
{
    CK_FOR_SEEDS(seed, 300)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        ck_buf unit;
        ck_buf sei;
        ck_buf stamped;
        ck_buf_init(&unit, &ck_test_heap, LIMIT);
        ck_buf_init(&sei, &ck_test_heap, CK_H264_STAMP_SIZE_MAX);
        ck_buf_init(&stamped, &ck_test_heap, LIMIT);
        put_stream(&rng, &unit, 1 + ck_rng_below(&rng, 6));
        ck_buf_put(&unit, "\0\0\1\x41\x9a", 5);
        ck_h264_stamp stamp = {ck_rng_next(&rng) >> ck_rng_below(&rng, 64),
                               ck_rng_next(&rng) >> ck_rng_below(&rng, 64),
                               (uint8_t)ck_rng_below(&rng, 2)};
        ck_h264_stamp back = {0};
        CK_CHECK_ROW(seed, ck_h264_stamp_write(&sei, &stamp) == CHALK_OK);
        ck_h264_rewrite how = {
            .from = CK_H264_ANNEX_B, .to = CK_H264_AVCC_4, .sei = {sei.data, sei.size}};
        ck_h264_unit_info before;
        ck_h264_unit_info after;
        CK_CHECK_ROW(seed,
                     ck_h264_inspect(CK_H264_ANNEX_B, unit.data, unit.size, &before) == CHALK_OK);
        CK_CHECK_ROW(seed, ck_h264_rewrite_unit(&how, unit.data, unit.size, &stamped) ==
                               (int)before.nal_count + 1);
        CK_CHECK_ROW(seed, ck_h264_inspect(CK_H264_AVCC_4, stamped.data, stamped.size, &after) ==
                               CHALK_OK);
        CK_CHECK_ROW(seed, after.is_key == before.is_key && after.has_sei);
        CK_CHECK_ROW(seed, ck_h264_stamp_find(CK_H264_AVCC_4, stamped.data, stamped.size, &back) ==
                               CHALK_OK);
        CK_CHECK_ROW(seed, back.media_us == stamp.media_us && back.room_us == stamp.room_us &&
                               back.flags == stamp.flags);
        ck_buf_free(&unit);
        ck_buf_free(&sei);
        ck_buf_free(&stamped);
    }
}

CK_TEST(prop_h264, user_data_of_any_bytes_comes_back)
{
    static uint8_t payload[2000];
    static uint8_t back[2000];
    CK_FOR_SEEDS(seed, 500)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        uint8_t uuid[CK_H264_UUID_SIZE];
        random_bytes(&rng, uuid, sizeof uuid);
        size_t size = ck_rng_below(&rng, sizeof payload);
        random_bytes(&rng, payload, size);
        ck_buf out;
        ck_buf_init(&out, &ck_test_heap, LIMIT);
        CK_CHECK_ROW(seed, ck_h264_write_user_data(&out, uuid, payload, size) == CHALK_OK);
        const uint8_t *end = out.data + out.size;
        CK_CHECK_ROW(seed, ck_h264_find_start_code(out.data, end) == end);
        ck_h264_nal nal;
        CK_CHECK_ROW(seed, ck_h264_nal_of(out.data, out.size, &nal) == CHALK_OK);
        CK_CHECK_ROW(seed, ck_h264_read_user_data(&nal, uuid, back, sizeof back) == (int)size);
        CK_CHECK_ROW(seed, memcmp(back, payload, size) == 0);
        ck_buf_free(&out);
    }
}

/* All units that the splitter gives for `stream` cut at random, one after another in AVCC. */
static int split_to_avcc(ck_rng *rng, const ck_buf *stream, size_t piece_max, ck_buf *out)
{
    ck_h264_split split;
    ck_h264_nal nal;
    int status = 0;
    ck_h264_split_init(&split, &ck_test_heap, LIMIT);
    for (size_t at = 0; at <= stream->size && status >= 0;) {
        if (at == stream->size) {
            ck_h264_split_end(&split);
            at++;
        } else {
            size_t size = 1 + ck_rng_below(rng, piece_max);
            size = CK_MIN(size, stream->size - at);
            CK_CHECK_EQ(ck_h264_split_feed(&split, stream->data + at, size), CHALK_OK);
            at += size;
        }
        while ((status = ck_h264_split_next(&split, &nal)) > 0) {
            CK_CHECK_EQ(ck_h264_put_nal(out, CK_H264_AVCC_4, nal.data, nal.size), CHALK_OK);
        }
    }
    ck_h264_split_free(&split);
    return status;
}

CK_TEST(prop_h264, any_split_gives_the_same_units)
{
    CK_FOR_SEEDS(seed, 300)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        ck_buf stream;
        ck_buf whole;
        ck_buf pieces;
        ck_buf_init(&stream, &ck_test_heap, LIMIT);
        ck_buf_init(&whole, &ck_test_heap, LIMIT);
        ck_buf_init(&pieces, &ck_test_heap, LIMIT);
        put_stream(&rng, &stream, ck_rng_below(&rng, 8));
        if (ck_rng_below(&rng, 3) == 0 && stream.size > 0) {
            stream.data[ck_rng_below(&rng, stream.size)] = (uint8_t)ck_rng_below(&rng, 256);
        }
        int a = split_to_avcc(&rng, &stream, LIMIT, &whole);
        int b = split_to_avcc(&rng, &stream, 1 + ck_rng_below(&rng, 40), &pieces);
        CK_CHECK_ROW(seed, a == b);
        CK_CHECK_ROW(seed, whole.size == pieces.size);
        CK_CHECK_ROW(seed, whole.size == 0 || memcmp(whole.data, pieces.data, whole.size) == 0);
        ck_h264_unit_info info;
        CK_CHECK_ROW(seed, ck_h264_inspect(CK_H264_ANNEX_B, stream.data, stream.size, &info) == a);
        ck_buf_free(&stream);
        ck_buf_free(&whole);
        ck_buf_free(&pieces);
    }
}

CK_TEST(prop_h264, random_parameter_sets_are_read_or_refused)
{
    uint32_t read = 0;
    CK_FOR_SEEDS(seed, 20000)
    {
        /* A sound set with a few bits turned. */
        uint8_t set[] = {0x67, 0x64, 0x00, 0x28, 0xac, 0xd9, 0x40, 0x78, 0x02, 0x27,
                         0xe5, 0xc0, 0x5a, 0x80, 0x80, 0x80, 0xa0, 0x00, 0x00, 0x03,
                         0x00, 0x20, 0x00, 0x00, 0x07, 0x81, 0xe3, 0x06, 0x32, 0xc0};
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        for (uint64_t flips = 1 + ck_rng_below(&rng, 4); flips > 0; flips--) {
            set[1 + ck_rng_below(&rng, sizeof set - 1)] ^= (uint8_t)(1 << ck_rng_below(&rng, 8));
        }
        ck_h264_sps s;
        int status = ck_h264_parse_sps(set, sizeof set, &s);
        CK_CHECK_ROW(seed, status == CHALK_OK || status == CHALK_ERR_BAD_DATA);
        if (status == CHALK_OK) {
            read++;
            CK_CHECK_ROW(seed, s.width > 0 && s.width <= s.coded_width);
            CK_CHECK_ROW(seed, s.height > 0 && s.height <= s.coded_height);
            CK_CHECK_ROW(seed, s.coded_width <= CK_H264_SIZE_MAX);
            CK_CHECK_ROW(seed, s.coded_height <= CK_H264_SIZE_MAX);
        }
    }
    CK_CHECK(read > 0);
}
