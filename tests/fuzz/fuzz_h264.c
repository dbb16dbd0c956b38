/*
 * An access unit from a peer. The first byte chooses framing and split: every unit is parsed as
 * what it says it is, the unit is rewritten, and what comes out must hold the same units.
 */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/h264/params.h"
#include "core/h264/rewrite.h"
#include "core/h264/split.h"
#include "core/h264/stamp.h"
#include "core/h264/still.h"
#include "support/alloc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void parse_unit(const ck_h264_nal *nal)
{
    ck_h264_sps sps;
    ck_h264_pps pps;
    ck_h264_stamp stamp;
    uint8_t payload[64];
    if (ck_h264_parse_sps(nal->data, nal->size, &sps) == CHALK_OK) {
        require(sps.width > 0 && sps.width <= sps.coded_width);
        require(sps.height > 0 && sps.height <= sps.coded_height);
        require(sps.coded_width <= CK_H264_SIZE_MAX && sps.coded_height <= CK_H264_SIZE_MAX);
    }
    if (ck_h264_parse_pps(nal->data, nal->size, &pps) == CHALK_OK) {
        require(pps.sps_id < 32);
    }
    int status = ck_h264_read_user_data(nal, ck_h264_stamp_uuid, payload, sizeof payload);
    require(status <= (int)nal->size);
    (void)ck_h264_stamp_read(nal, &stamp);
}

static void rewrite(enum ck_h264_framing from, enum ck_h264_framing to, const uint8_t *data,
                    size_t size)
{
    static const uint8_t sei[] = {0x06, 0x05, 0x01, 0xff, 0x80};
    ck_h264_rewrite how = {.from = from, .to = to, .drop = size % 2 == 0 ? 0 : CK_H264_DROP_AUD};
    how.sei = (ck_h264_span){sei, size % 3 == 0 ? sizeof sei : 0};
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 1u << 20);
    int status = ck_h264_rewrite_unit(&how, data, size, &out);
    if (status < 0) {
        require(out.size == 0);
    } else {
        ck_h264_unit_info info;
        require(ck_h264_inspect(to, out.data, out.size, &info) == CHALK_OK);
        require(info.nal_count == (uint32_t)status);
    }
    ck_buf_free(&out);
}

/* Still pictures behind a unit whose sets stand in it, and the unit once more behind them. */
static void repeat(const uint8_t *data, size_t size)
{
    ck_h264_nal nal, sps = {0}, pps = {0};
    ck_h264_walk walk = ck_h264_walk_of(CK_H264_AVCC_4, data, size);
    while (ck_h264_walk_next(&walk, &nal) > 0) {
        sps = nal.type == CK_H264_SPS ? nal : sps;
        pps = nal.type == CK_H264_PPS ? nal : pps;
    }
    ck_h264_still still;
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 1u << 20);
    ck_h264_still_configure(&still, sps.data, sps.size, pps.data, pps.size);
    int first = ck_h264_still_pass(&still, data, size, &out);
    require(first <= 0 && out.size == 0);
    for (int i = 0; i < 3 && still.able; i++) {
        size_t before = out.size;
        require(ck_h264_still_make(&still, &out) == CHALK_OK && out.size > before + 5);
    }
    size_t before = out.size;
    int again = ck_h264_still_pass(&still, data, size, &out);
    require(again == 1 || out.size == before);
    ck_buf_free(&out);
}

static int split(const uint8_t *data, size_t size, size_t piece, size_t *count)
{
    ck_h264_split s;
    ck_h264_nal nal;
    int status = CHALK_OK;
    *count = 0;
    ck_h264_split_init(&s, &ck_test_heap, 1u << 20);
    for (size_t at = 0; at <= size && status >= 0; at += piece) {
        require(ck_h264_split_feed(&s, data + at, CK_MIN(piece, size - at)) == CHALK_OK);
        if (piece > size - at || at + piece == size) {
            ck_h264_split_end(&s);
            at = size;
        }
        while ((status = ck_h264_split_next(&s, &nal)) > 0) {
            (*count)++;
        }
    }
    ck_h264_split_free(&s);
    return status;
}

static void check_split(const uint8_t *data, size_t size, size_t piece)
{
    size_t by_piece;
    size_t whole;
    ck_h264_unit_info info;
    int status = split(data, size, piece, &by_piece);
    require(split(data, size, size + 1, &whole) == status && whole == by_piece);
    require(ck_h264_inspect(CK_H264_ANNEX_B, data, size, &info) == status);
    require(info.nal_count == whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum ck_h264_framing framings[] = {CK_H264_ANNEX_B, CK_H264_AVCC_4, CK_H264_AVCC_2,
                                                    CK_H264_AVCC_1};
    if (size == 0 || size > 65536) {
        return 0;
    }
    enum ck_h264_framing from = framings[data[0] % 4];
    enum ck_h264_framing to = framings[data[0] / 4 % 4];
    size_t piece = (size_t)data[0] / 16 + 1;
    data++;
    size--;
    ck_h264_walk walk = ck_h264_walk_of(from, data, size);
    ck_h264_nal nal;
    ck_h264_stamp stamp;
    while (ck_h264_walk_next(&walk, &nal) > 0) {
        require(nal.data >= data && nal.size > 0 && nal.data + nal.size <= data + size);
        parse_unit(&nal);
    }
    (void)ck_h264_stamp_find(from, data, size, &stamp);
    rewrite(from, to, data, size);
    repeat(data, size);
    check_split(data, size, piece);
    return 0;
}
