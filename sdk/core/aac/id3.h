/*
 * ID3 tags (id3.org, 2.3 and 2.4) as far as packed audio of HLS needs them: how long a tag is, and
 * the time stamp that Apple's private frame in it gives the first sample (RFC 8216 section 3.4).
 */
#ifndef CK_CORE_AAC_ID3_H
#define CK_CORE_AAC_ID3_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ck_id3 {
    size_t size; /* bytes of the whole tag */
    bool has_stamp;
    uint64_t stamp; /* 33 bits, 90 kHz, as in MPEG-TS */
} ck_id3;

/* The tag at the start of `data`. CHALK_ERR_NOT_FOUND: there is none. CHALK_ERR_BAD_DATA: it is
 * longer than the data. Frames that cannot be read are passed over. */
int ck_id3_parse(const uint8_t *data, size_t size, ck_id3 *out);

#endif
