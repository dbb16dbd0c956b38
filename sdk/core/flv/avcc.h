/*
 * AVCDecoderConfigurationRecord, the H.264 sequence header of FLV and MP4 (ISO/IEC 14496-15:2019,
 * 5.3.3.1): parameter sets and the size of the length field before each NAL unit.
 */
#ifndef CK_CORE_FLV_AVCC_H
#define CK_CORE_FLV_AVCC_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CK_AVCC_SPS_MAX 31 /* the field has 5 bits */
#define CK_AVCC_PPS_MAX 64 /* of 255: more has not been seen and would only cost memory */

/* A NAL unit without start code or length: header byte first, emulation prevention in place. */
typedef struct ck_avcc_unit {
    const uint8_t *data; /* borrowed */
    size_t size;         /* 1 .. 65,535 */
} ck_avcc_unit;

typedef struct ck_avcc {
    uint8_t profile;       /* profile_idc */
    uint8_t compatibility; /* the constraint_set flags byte */
    uint8_t level;         /* level_idc, 31 is level 3.1 */
    uint8_t length_size;   /* 1, 2 or 4 bytes */
    uint8_t sps_count;
    uint8_t pps_count;
    bool has_high;         /* the bytes below were present; many writers leave them out */
    uint8_t chroma_format; /* chroma_format_idc 0-3; 1 (4:2:0) unless has_high */
    uint8_t luma_bits;     /* 8-15; 8 unless has_high */
    uint8_t chroma_bits;   /* 8-15; 8 unless has_high */
    ck_avcc_unit sps[CK_AVCC_SPS_MAX];
    ck_avcc_unit pps[CK_AVCC_PPS_MAX];
} ck_avcc;

/* Units stay borrowed from `data`. CHALK_ERR_BAD_DATA when cut, of another version than 1, with
 * a length size of 3, without a parameter set, or when a unit is of another NAL type than its
 * list; CHALK_ERR_TOO_LARGE above CK_AVCC_PPS_MAX. Unknown bytes behind the record are ignored. */
int ck_avcc_parse(const void *data, size_t size, ck_avcc *out);

/* Fills a record from parameter sets, borrowed: profile, level and the high-profile bytes are read
 * from the first SPS, length_size is 4. CHALK_ERR_INVALID_ARGUMENT for counts of 0 or above the
 * maxima, CHALK_ERR_BAD_DATA for an SPS that is cut or a unit of the wrong type. */
int ck_avcc_from_sets(ck_avcc *out, const ck_avcc_unit *sps, size_t sps_count,
                      const ck_avcc_unit *pps, size_t pps_count);

/* Appends the record. Sets with has_high are written with the high-profile bytes when the profile
 * has them (all but 66, 77 and 88). Errors are the buffer's; check ck_buf_status. */
void ck_avcc_write(ck_buf *b, const ck_avcc *record);

#endif
