/*
 * VPCodecConfigurationRecord, the sequence header of VP8 in Enhanced FLV (Enhanced RTMP v2,
 * "Enhanced Video"; "VP Codec ISO Media File Format Binding" 1.0). VP8 decodes without it: what it
 * adds is the colour, which the bitstream cannot say.
 */
#ifndef CK_CORE_VP8_RECORD_H
#define CK_CORE_VP8_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CK_VP8_RECORD_SIZE 8

typedef struct ck_vp8_record {
    uint8_t profile; /* 0-3, the bitstream's version */
    uint8_t level;   /* 10 times the level; 0: not stated */
    bool full_range;
    uint8_t primaries; /* ISO/IEC 23091-2, as H.264 table E-3; 2: not stated */
    uint8_t transfer;  /* table E-4 */
    uint8_t matrix;    /* table E-5: 1 is BT.709, 6 is BT.601 */
} ck_vp8_record;

/* With or without the version and flags of MP4's box in front; an empty record states nothing.
 * CHALK_ERR_BAD_DATA when cut, or when it is not of 8 bits and 4:2:0, the one form of VP8. */
int ck_vp8_record_parse(const void *data, size_t size, ck_vp8_record *out);

/* Eight bits, 4:2:0, no initialisation data. */
void ck_vp8_record_write(uint8_t out[CK_VP8_RECORD_SIZE], const ck_vp8_record *record);

#endif
