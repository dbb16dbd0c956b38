/*
 * The uncompressed beginning of a VP8 frame (RFC 6386, 9.1): what a relay, a recorder and a decoder
 * need to know before they touch the rest.
 */
#ifndef CK_CORE_VP8_FRAME_H
#define CK_CORE_VP8_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ck_vp8_frame {
    bool key;
    bool shown;      /* false: a reference alone, no picture comes out */
    uint8_t version; /* 0-3 */
    uint16_t width;  /* pixels, 1..16,383; 0 unless `key`. The scaling bits are a renderer's. */
    uint16_t height;
} ck_vp8_frame;

/* CHALK_ERR_BAD_DATA when cut, of a reserved version, without the start code, with a side of 0, or
 * when the first partition is larger than what is there. */
int ck_vp8_frame_parse(const void *data, size_t size, ck_vp8_frame *out);

#endif
