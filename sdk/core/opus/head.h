/*
 * OpusHead, the identification header of Opus in Ogg and Matroska and its sequence header in
 * Enhanced FLV (RFC 7845, 5.1; Enhanced RTMP v2, "Enhanced Audio").
 */
#ifndef CK_CORE_OPUS_HEAD_H
#define CK_CORE_OPUS_HEAD_H

#include <stddef.h>
#include <stdint.h>

#define CK_OPUS_HEAD_SIZE 19 /* of mapping family 0, the one that is written */

typedef struct ck_opus_head {
    uint8_t channels;       /* 1 or 2 */
    uint16_t pre_skip;      /* samples at 48 kHz that the decoder gives before the sound begins */
    uint32_t input_rate_hz; /* what the encoder was given, for information; 0: unknown */
    int16_t gain_256ths_db; /* to be applied to what is decoded, in 1/256 dB */
    const char *refused;    /* static name of what is refused; NULL when accepted */
} ck_opus_head;

/* An empty header is a publisher's way to say "the usual": stereo, nothing to skip.
 * CHALK_ERR_CODEC_UNKNOWN for more than two channels or an unknown mapping family, `refused` says
 * which. CHALK_ERR_BAD_DATA when cut, without the signature, of another version than 0.x, or when
 * the mapping table is no table. */
int ck_opus_head_parse(const void *data, size_t size, ck_opus_head *out);

void ck_opus_head_write(uint8_t out[CK_OPUS_HEAD_SIZE], const ck_opus_head *head);

#endif
