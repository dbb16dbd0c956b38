/*
 * A pair of presentation time and room time as script data beside the media, for streams whose
 * pictures carry none and servers that relay data: the string "onChalkStamp" and an object with
 *     room_us   room time, microseconds since the Unix epoch
 *     media_us  the sender's presentation time of that moment; the tag's timestamp is the same in
 *               milliseconds, and what counts where a server has moved it
 */
#ifndef CK_CORE_FLV_STAMP_H
#define CK_CORE_FLV_STAMP_H

#include "base/bytes.h"

#include <stdint.h>

#define CK_FLV_STAMP_SIZE_MAX 96u

typedef struct ck_flv_stamp {
    uint64_t room_us;
    uint64_t media_us; /* both below 2^53 */
} ck_flv_stamp;

/* Appends it; errors are the buffer's. */
void ck_flv_stamp_write(ck_buf *b, const ck_flv_stamp *stamp);
/* CHALK_OK; CHALK_ERR_NOT_FOUND when it is script data of another name; CHALK_ERR_BAD_DATA. */
int ck_flv_stamp_parse(const void *body, size_t size, ck_flv_stamp *out);

#endif
