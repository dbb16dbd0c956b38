/*
 * Reads and writes the raw byte sequence payload of a NAL unit (ITU-T H.264 clauses 7.3.1, 7.4.1):
 * bytes and bits with emulation prevention taken out or put in, and Exp-Golomb codes (clause 9.1).
 * The first read past the end, code over 32 bits or bare start code sets `failed`; every later read
 * gives 0. What a writer cannot append shows in its buffer (ck_buf_status).
 */
#ifndef CK_CORE_H264_BITS_H
#define CK_CORE_H264_BITS_H

#include "base/bytes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ck_h264_bits {
    const uint8_t *at;
    const uint8_t *end;
    uint8_t zeros; /* zero bytes read in a row, at most 2 */
    uint8_t byte;  /* the byte being taken apart */
    uint8_t left;  /* bits of it not read yet */
    bool failed;
} ck_h264_bits;

/* `data` begins behind the NAL header byte. */
ck_h264_bits ck_h264_bits_of(const void *data, size_t size);
uint8_t ck_h264_bits_byte(ck_h264_bits *b);                    /* only when byte-aligned */
uint32_t ck_h264_bits_u(ck_h264_bits *b, unsigned count);      /* u(n), 1-32 bits */
bool ck_h264_bits_flag(ck_h264_bits *b);                       /* u(1) */
uint32_t ck_h264_bits_ue(ck_h264_bits *b);                     /* ue(v), 0 .. 2^32-2 */
int32_t ck_h264_bits_se(ck_h264_bits *b);                      /* se(v) */
uint32_t ck_h264_bits_ue_max(ck_h264_bits *b, uint32_t limit); /* fails above the limit */

typedef struct ck_h264_writer {
    ck_buf *out;
    uint8_t zeros; /* zero bytes written in a row, at most 2 */
    uint8_t byte;  /* bits that do not make a byte yet, in its upper end */
    uint8_t used;
} ck_h264_writer;

/* Zeros of what stands in `out` before are not looked at: a NAL unit begins with its header. */
ck_h264_writer ck_h264_writer_of(ck_buf *out);
void ck_h264_write_byte(ck_h264_writer *w, uint8_t byte); /* only when byte-aligned */
void ck_h264_write_u(ck_h264_writer *w, unsigned count, uint32_t value); /* u(n), 0-32 bits */
void ck_h264_write_ue(ck_h264_writer *w, uint32_t value);                /* 0 .. 2^32-2 */
void ck_h264_write_se(ck_h264_writer *w, int32_t value);
void ck_h264_write_align(ck_h264_writer *w, bool ones); /* fills the byte up */

#endif
