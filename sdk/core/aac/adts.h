/*
 * ADTS, the framing of AAC in files and MPEG-TS (ISO/IEC 14496-3:2019, 1.A.3.2): a header before
 * every frame, so that reading can start anywhere.
 *
 *     ck_adts_split s;
 *     ck_adts_split_init(&s);
 *     status = ck_adts_split_feed(&s, bytes, size);     // borrows `bytes`
 *     while ((status = ck_adts_split_poll(&s, &frame)) == CHALK_OK) use(&frame);
 *     // CHALK_ERR_AGAIN: feed more. Any other error is final.
 */
#ifndef CK_CORE_AAC_ADTS_H
#define CK_CORE_AAC_ADTS_H

#include "base/bytes.h"
#include "core/aac/config.h"

#define CK_ADTS_HEAD      7
#define CK_ADTS_FRAME_MAX 8191 /* the field has 13 bits */

typedef struct ck_adts {
    ck_aac_config config; /* sample rate, channels and object type; SBR is implicit in ADTS */
    uint8_t head_size;    /* 7, or 9 with a checksum (which is not verified) */
    uint8_t blocks;       /* raw data blocks in the frame, 1-4 */
    uint16_t frame_size;  /* bytes, header included */
} ck_adts;

/* Reads the first 7 bytes of a frame. CHALK_ERR_BAD_DATA when they are no header (no sync word,
 * another layer, a reserved rate, a size below the header's); CHALK_ERR_CODEC_UNKNOWN when sound
 * but not AAC-LC, with a program config element, or with more than one raw data block. */
int ck_adts_parse(const uint8_t head[CK_ADTS_HEAD], ck_adts *out);

/* A header without checksum for one AAC-LC frame of `payload_size` bytes. Returns
 * CHALK_ERR_INVALID_ARGUMENT for a rate outside the table, a channel configuration of 0 or a
 * frame above CK_ADTS_FRAME_MAX. */
int ck_adts_write(uint8_t out[CK_ADTS_HEAD], const ck_aac_config *config, size_t payload_size);

typedef struct ck_adts_frame {
    ck_adts head;
    const uint8_t *payload; /* the raw data block; valid until the next call on the splitter */
    size_t payload_size;
} ck_adts_frame;

/* Private but for `skipped`. */
typedef struct ck_adts_split {
    ck_reader input; /* borrowed from feed */
    uint8_t frame[CK_ADTS_FRAME_MAX];
    size_t have;
    ck_adts head;
    int status;
    bool searching;   /* the byte before was in no frame */
    uint64_t skipped; /* bytes that were in no frame */
} ck_adts_split;

void ck_adts_split_init(ck_adts_split *s);
/* CHALK_ERR_BAD_STATE when the bytes before were not all polled. */
int ck_adts_split_feed(ck_adts_split *s, const void *data, size_t size);
/* CHALK_OK, CHALK_ERR_AGAIN, or finally CHALK_ERR_CODEC_UNKNOWN (see `head.config.refused`). Bytes
 * that are no header are skipped to the next that are, and counted; where that is in the middle of
 * a frame the first frame given may be a chance one. */
int ck_adts_split_poll(ck_adts_split *s, ck_adts_frame *frame);

#endif
