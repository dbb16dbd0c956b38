/*
 * The envelope of FLV tags (Adobe FLV 10.1, annex E.2 to E.4.1), written around a body that is not
 * copied: file head once, then for each tag head, body, tail in one gathered write.
 */
#ifndef CK_CORE_FLV_MUX_H
#define CK_CORE_FLV_MUX_H

#include <stdbool.h>
#include <stdint.h>

#define CK_FLV_FILE_HEAD 13 /* file header and PreviousTagSize0 */
#define CK_FLV_TAG_HEAD  11
#define CK_FLV_TAG_TAIL  4 /* PreviousTagSize */
#define CK_FLV_BODY_MAX  0xffffffu

void ck_flv_write_file_head(uint8_t out[CK_FLV_FILE_HEAD], bool has_audio, bool has_video);

/* `type` is an enum ck_flv_type, body_size at most CK_FLV_BODY_MAX (CHALK_ERR_INVALID_ARGUMENT,
 * nothing written, otherwise). The timestamp's upper byte goes to the extension byte. */
int ck_flv_write_tag_head(uint8_t out[CK_FLV_TAG_HEAD], uint8_t type, uint32_t timestamp_ms,
                          uint32_t body_size);
void ck_flv_write_tag_tail(uint8_t out[CK_FLV_TAG_TAIL], uint32_t body_size);

#endif
