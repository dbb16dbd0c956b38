/*
 * Chalkrail's time stamp: an SEI user-data message that pairs a picture's presentation time with
 * room time. Pairs let a player know when, in the room, the shown picture was taken; what happens
 * between two pairs is extrapolated. Servers relay it untouched, because it is part of the picture.
 *
 * Payload after the UUID, 18 bytes, integers big endian:
 *     u8  version   1
 *     u8  flags     bit 0: room_us is the sender's own clock, no edge has confirmed it;
 *                   bits 1-7: written 0, ignored
 *     u64 media_us  the sender's presentation time of this picture
 *     u64 room_us   room time at which it was taken (µs since the Unix epoch as the edge keeps it)
 * A later writer may append fields under the same version; a reader ignores what follows.
 */
#ifndef CK_CORE_H264_STAMP_H
#define CK_CORE_H264_STAMP_H

#include "base/bytes.h"
#include "core/h264/nal.h"
#include "core/h264/sei.h"

#define CK_H264_STAMP_LOCAL_CLOCK 1u
#define CK_H264_STAMP_SIZE_MAX    48u /* bytes of the NAL unit */

extern const uint8_t ck_h264_stamp_uuid[CK_H264_UUID_SIZE];

typedef struct ck_h264_stamp {
    uint64_t media_us;
    uint64_t room_us;
    uint8_t flags; /* CK_H264_STAMP_... */
} ck_h264_stamp;

/* Appends the stamp as one SEI NAL unit without framing, fit for ck_h264_rewrite.sei. CHALK_OK,
 * CHALK_ERR_NO_MEMORY, CHALK_ERR_TOO_LARGE (out's limit). */
int ck_h264_stamp_write(ck_buf *out, const ck_h264_stamp *stamp);

/* Reads the stamp of one SEI NAL unit. CHALK_OK; CHALK_ERR_NOT_FOUND: no stamp in it;
 * CHALK_ERR_UNSUPPORTED: a version this build does not know; CHALK_ERR_BAD_DATA. */
int ck_h264_stamp_read(const ck_h264_nal *sei, ck_h264_stamp *out);

/* The first stamp of an access unit. A broken foreign SEI does not hide it. The same errors. */
int ck_h264_stamp_find(enum ck_h264_framing framing, const void *data, size_t size,
                       ck_h264_stamp *out);

#endif
