/*
 * SEI user data (ITU-T H.264 clauses 7.3.2.3 and D.1.7, payload type 5, user_data_unregistered):
 * 16 bytes of UUID that say whose data it is, then bytes of any value.
 *
 * A NAL unit may not contain 00 00 00-02 (clause 7.4.1); the writer inserts the emulation
 * prevention byte 03 and the reader takes it out, so the payload itself is unrestricted.
 */
#ifndef CK_CORE_H264_SEI_H
#define CK_CORE_H264_SEI_H

#include "base/bytes.h"
#include "core/h264/nal.h"

#define CK_H264_UUID_SIZE     16
#define CK_H264_USER_DATA_MAX 65536u /* bytes of payload the writer takes and the reader gives */

/* Appends one SEI NAL unit without framing, from the header byte on. CHALK_OK,
 * CHALK_ERR_INVALID_ARGUMENT (over CK_H264_USER_DATA_MAX), CHALK_ERR_NO_MEMORY,
 * CHALK_ERR_TOO_LARGE; on an error *out has its old size. */
int ck_h264_write_user_data(ck_buf *out, const uint8_t uuid[CK_H264_UUID_SIZE], const void *payload,
                            size_t size);

/* Looks in one SEI NAL unit for user data under `uuid`, copies at most `capacity` bytes of its
 * payload to `payload` and returns its whole size (compare with capacity). CHALK_ERR_NOT_FOUND: the
 * unit is sound but has none; CHALK_ERR_BAD_DATA: it is broken or no SEI; CHALK_ERR_TOO_LARGE: over
 * CK_H264_USER_DATA_MAX. */
int ck_h264_read_user_data(const ck_h264_nal *sei, const uint8_t uuid[CK_H264_UUID_SIZE],
                           uint8_t *payload, size_t capacity);

#endif
