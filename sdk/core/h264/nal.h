/*
 * NAL units of H.264 (ITU-T H.264, 08/2021, clause 7.3.1 and annex B; ISO/IEC 14496-15 clause 5.3).
 *
 * One access unit travels in one of two framings: Annex B (start codes; encoders, .264 files) or
 * AVCC (a length before each NAL unit; FLV, RTMP, MP4). The walker below reads both and copies
 * nothing: a NAL unit is a borrowed range of the caller's bytes, header byte included, and is valid
 * as long as they are.
 *
 *     ck_h264_walk walk = ck_h264_walk_of(CK_H264_AVCC_4, data, size);
 *     ck_h264_nal nal;
 *     int status;
 *     while ((status = ck_h264_walk_next(&walk, &nal)) > 0) { ... nal.type ... }
 *     if (status < 0) { the access unit is broken }
 */
#ifndef CK_CORE_H264_NAL_H
#define CK_CORE_H264_NAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* How NAL units are delimited. The AVCC values equal the bytes of the length field; the avcC
 * record cannot express 3. */
enum ck_h264_framing {
    CK_H264_AVCC_1 = 1,
    CK_H264_AVCC_2 = 2,
    CK_H264_AVCC_4 = 4,
    CK_H264_ANNEX_B = 5,
};

/* nal_unit_type, table 7-1. */
enum ck_h264_nal_type {
    CK_H264_SLICE = 1,
    CK_H264_IDR = 5,
    CK_H264_SEI = 6,
    CK_H264_SPS = 7,
    CK_H264_PPS = 8,
    CK_H264_AUD = 9,
    CK_H264_END_OF_SEQUENCE = 10,
    CK_H264_END_OF_STREAM = 11,
    CK_H264_FILLER = 12,
    CK_H264_PREFIX = 14,
};

typedef struct ck_h264_nal {
    const uint8_t *data; /* borrowed, from the header byte on, without trailing zero bytes */
    size_t size;         /* bytes, at least 1 */
    uint8_t type;        /* 0-31, enum ck_h264_nal_type */
    uint8_t ref_idc;     /* 0-3; 0: nothing refers to this unit */
} ck_h264_nal;

typedef struct ck_h264_walk {
    const uint8_t *at;
    const uint8_t *end;
    enum ck_h264_framing framing;
    int status;
} ck_h264_walk;

ck_h264_walk ck_h264_walk_of(enum ck_h264_framing framing, const void *data, size_t size);

/* 1 and the next NAL unit, 0 at the end, CHALK_ERR_BAD_DATA where the framing is broken (bytes
 * before the first start code, a length past the end, forbidden_zero_bit set),
 * CHALK_ERR_INVALID_ARGUMENT for an unknown framing. An error stays: later calls return it again.
 * Empty units are passed over. */
int ck_h264_walk_next(ck_h264_walk *walk, ck_h264_nal *nal);

/* Reads the header byte; CHALK_ERR_BAD_DATA when the range is empty or forbidden_zero_bit is set.
 */
int ck_h264_nal_of(const void *data, size_t size, ck_h264_nal *nal);

/* Types 1-5: a slice or a part of one. */
bool ck_h264_is_vcl(uint8_t type);

/* What an access unit holds. A key frame has an IDR slice: decoding can begin there when the
 * parameter sets are known. */
typedef struct ck_h264_unit_info {
    uint32_t nal_count;
    uint32_t types; /* bit n: at least one NAL unit of type n */
    bool has_picture;
    bool has_sps;
    bool has_pps;
    bool has_sei;
    bool has_aud;
    bool is_key;
} ck_h264_unit_info;

/* CHALK_OK, or the walker's error; *info then covers what stood before the fault. */
int ck_h264_inspect(enum ck_h264_framing framing, const void *data, size_t size,
                    ck_h264_unit_info *info);

/* The first start code (00 00 01) at or after `at`; `end` when there is none. */
const uint8_t *ck_h264_find_start_code(const uint8_t *at, const uint8_t *end);

/* Moves *at behind a start code and the zero bytes before it: 1; 0 when nothing but zero bytes is
 * left; CHALK_ERR_BAD_DATA when something else stands there. */
int ck_h264_skip_start_code(const uint8_t **at, const uint8_t *end);

/* `size` without the zero bytes at the end of `data`, which belong to the byte stream (trailing
 * zeros, or the first byte of a 4-byte start code), never to a NAL unit. */
size_t ck_h264_trim_zeros(const uint8_t *data, size_t size);

#endif
