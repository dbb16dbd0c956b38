/* Conformance and screen streams of other encoders: sizes, and units that survive every framing. */
#include "base/check.h"
#include "base/rng.h"
#include "chalkrail/errors.h"
#include "core/h264/params.h"
#include "core/h264/rewrite.h"
#include "core/h264/split.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/data.h"

#include <stdlib.h>

#define LIMIT (4u << 20)

typedef struct row {
    const char *path;
    uint32_t width;
    uint32_t height;
    uint8_t profile;
    uint8_t level;
} row;

static const row rows[] = {
    {"media/h264/BA_MW_D.264", 176, 144, 66, 10},
    {"media/h264/CI_MW_D.264", 176, 144, 66, 10},
    {"media/h264/MIDR_MW_D.264", 176, 144, 66, 10},
    {"media/h264/MPS_MW_A.264", 176, 144, 66, 11},
    {"media/h264/NRF_MW_E.264", 176, 144, 66, 10},
    {"media/h264/SVA_BA1_B.264", 176, 144, 66, 21},
    {"media/h264/SVA_NL1_B.264", 176, 144, 66, 21},
    {"media/h264/BA1_Sony_D.jsv", 176, 144, 66, 12},
    {"media/h264/NL1_Sony_D.jsv", 176, 144, 66, 12},
    {"media/h264-screen/Cisco_Adobe_PDF_sample_a_1024x768_CAVLC_Bframe_9.264", 1024, 768, 77, 52},
    {"media/h264-screen/QCIF_2P_I_allIPCM.264", 176, 144, 100, 40},
    {"media/h264-screen/Static.264", 152, 100, 66, 13},
};

/* Where the file is absent: parameter sets of the row's size with pictures of noise behind. */
static void put_ue(uint8_t *data, size_t *bit, uint32_t value)
{
    int size = 0;
    while ((value + 1) >> (size + 1) != 0) {
        size++;
    }
    *bit += (size_t)size;
    for (int i = size; i >= 0; i--, (*bit)++) {
        data[*bit / 8] |= (uint8_t)(((value + 1) >> i & 1) << (7 - *bit % 8));
    }
}

static size_t stand_in_sps(const row *r, uint8_t *sps)
{
    sps[0] = 0x67;
    sps[1] = r->profile;
    sps[3] = r->level;
    size_t bit = 32;
    put_ue(sps, &bit, 0); /* id */
    for (int i = 0; i < (r->profile == 100 ? 3 : 0); i++) {
        put_ue(sps, &bit, i == 0); /* 4:2:0, 8 bit, 8 bit */
    }
    bit += r->profile == 100 ? 2 : 0;
    put_ue(sps, &bit, 0);
    put_ue(sps, &bit, 2);
    put_ue(sps, &bit, 1);
    bit++;
    uint32_t wide = (r->width + 15) / 16;
    uint32_t high = (r->height + 15) / 16;
    put_ue(sps, &bit, wide - 1);
    put_ue(sps, &bit, high - 1);
    sps[bit / 8] |= (uint8_t)(7u << 13 >> (bit % 8) >> 8);
    sps[bit / 8 + 1] |= (uint8_t)(7u << 13 >> (bit % 8));
    bit += 3; /* frames only, 8x8 inference, cropped */
    put_ue(sps, &bit, 0);
    put_ue(sps, &bit, (wide * 16 - r->width) / 2);
    put_ue(sps, &bit, 0);
    put_ue(sps, &bit, (high * 16 - r->height) / 2);
    bit++;
    sps[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
    return bit / 8 + 1;
}

static uint8_t *stand_in(const row *r, size_t *size)
{
    uint8_t sps[32] = {0};
    size_t sps_size = stand_in_sps(r, sps);
    ck_rng rng;
    ck_rng_seed(&rng, 1);
    *size = 20000;
    uint8_t *data = malloc(*size);
    CK_CHECK(data != NULL);
    for (size_t i = 0; i < *size; i++) {
        data[i] = (uint8_t)(1 + ck_rng_below(&rng, 255));
    }
    for (size_t at = 500; at + 400 < *size; at += 300 + ck_rng_below(&rng, 100)) {
        memcpy(data + at, "\0\0\1\x41", 4);
    }
    memcpy(data, "\0\0\0\1", 4);
    memcpy(data + 4, sps, sps_size);
    memcpy(data + 4 + sps_size, "\0\0\0\1\x68\xce\x0f\xc8\0\0\1\x65", 12);
    return data;
}

static uint8_t *load(const row *r, size_t *size)
{
    uint8_t *data = ck_data_load(r->path, size);
    return data != NULL ? data : stand_in(r, size);
}

CK_TEST(prop_h264_media, parameter_sets_say_the_right_size)
{
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        size_t size = 0;
        uint8_t *data = load(&rows[i], &size);
        ck_h264_walk walk = ck_h264_walk_of(CK_H264_ANNEX_B, data, size);
        ck_h264_nal nal;
        uint32_t sets = 0;
        uint32_t pictures = 0;
        uint32_t sps_ids = 0;
        int status;
        while ((status = ck_h264_walk_next(&walk, &nal)) > 0) {
            ck_h264_sps s;
            ck_h264_pps p;
            if (nal.type == CK_H264_SPS) {
                CK_CHECK_ROW(i, ck_h264_parse_sps(nal.data, nal.size, &s) == CHALK_OK);
                CK_CHECK_ROW(i, s.width == rows[i].width && s.height == rows[i].height);
                CK_CHECK_ROW(i, s.profile_idc == rows[i].profile && s.level_idc == rows[i].level);
                sps_ids |= UINT32_C(1) << s.id;
                sets++;
            } else if (nal.type == CK_H264_PPS) {
                CK_CHECK_ROW(i, ck_h264_parse_pps(nal.data, nal.size, &p) == CHALK_OK);
                CK_CHECK_ROW(i, (sps_ids >> p.sps_id & 1) != 0);
            }
            pictures += ck_h264_is_vcl(nal.type);
        }
        CK_CHECK_ROW(i, status == 0 && sets > 0 && pictures > 1);
        free(data);
    }
}

CK_TEST(prop_h264_media, units_survive_every_framing_and_split)
{
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        size_t size = 0;
        uint8_t *data = load(&rows[i], &size);
        ck_buf avcc;
        ck_buf back;
        ck_buf pieces;
        ck_buf_init(&avcc, &ck_test_heap, LIMIT);
        ck_buf_init(&back, &ck_test_heap, LIMIT);
        ck_buf_init(&pieces, &ck_test_heap, LIMIT);
        int units = ck_h264_to_avcc(data, size, CK_H264_AVCC_4, &avcc);
        CK_CHECK_ROW(i, units > 3);
        CK_CHECK_ROW(i, ck_h264_to_annex_b(avcc.data, avcc.size, CK_H264_AVCC_4, &back) == units);
        ck_rng rng;
        ck_rng_seed(&rng, i);
        ck_h264_split split;
        ck_h264_split_init(&split, &ck_test_heap, LIMIT);
        for (size_t at = 0; at < size;) {
            size_t piece = 1 + ck_rng_below(&rng, 3000);
            piece = CK_MIN(piece, size - at);
            CK_CHECK_ROW(i, ck_h264_split_feed(&split, data + at, piece) == CHALK_OK);
            at += piece;
            if (at == size) {
                ck_h264_split_end(&split);
            }
            for (ck_h264_nal nal; ck_h264_split_next(&split, &nal) > 0;) {
                int status = ck_h264_put_nal(&pieces, CK_H264_ANNEX_B, nal.data, nal.size);
                CK_CHECK_ROW(i, status == CHALK_OK);
            }
        }
        CK_CHECK_ROW(i, pieces.size == back.size);
        CK_CHECK_ROW(i, memcmp(pieces.data, back.data, back.size) == 0);
        ck_h264_split_free(&split);
        ck_buf_free(&avcc);
        ck_buf_free(&back);
        ck_buf_free(&pieces);
        free(data);
    }
}
