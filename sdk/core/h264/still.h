/*
 * Pictures that are the one before once more, made without the encoder: one P slice in which every
 * macroblock is skipped, some forty bytes. A still screen costs nothing to encode then.
 *
 * The encoder knows nothing of them, but they count in the stream: each takes a number (frame_num,
 * and the picture order where that is written), so what the encoder gives after them is renumbered
 * until its next key frame begins anew. A decoder shows exactly what it showed before: a skipped
 * macroblock without motion is a copy, and copies with equal motion are not deblocked.
 *
 * It works for streams of whole frames in 4:2:0, one reference picture, one slice group, picture
 * order type 0 or 2: what x264 and openh264 write here. For others `able` is false, and a still
 * picture has to be encoded.
 *
 *     ck_h264_still_configure(&s, sps, sps_size, pps, pps_size);     with each configuration
 *     ck_h264_still_pass(&s, unit, size, &out);                      each access unit encoded
 *     ck_h264_still_make(&s, &out);                                  a still one, of NAL units
 *
 * Plain state, no memory of its own. Access units are in AVCC framing with lengths of 4 bytes.
 */
#ifndef CK_CORE_H264_STILL_H
#define CK_CORE_H264_STILL_H

#include "core/h264/params.h"

#include "base/bytes.h"

typedef struct ck_h264_still {
    bool able; /* this stream allows it, and has begun with a key frame */
    bool fits; /* private from here on: the configuration allows it */
    ck_h264_sps sps;
    ck_h264_pps pps;
    uint32_t made;      /* still pictures since the key frame: by how much numbers are moved */
    uint32_t frame_num; /* of the last reference picture, as sent */
    uint32_t order_lsb; /* of the last picture, as sent */
} ck_h264_still;

/* A stream's parameter sets, NAL units without framing. Sets that cannot be read, or a stream that
 * does not allow it, leave `able` false for good. What was before is forgotten: the next access
 * unit must be a key frame, as after every change of configuration. */
void ck_h264_still_configure(ck_h264_still *s, const void *sps, size_t sps_size, const void *pps,
                             size_t pps_size);

/* Takes note of an access unit before it is sent. Returns 0: send it as it is; 1: *out (appended
 * to) is what has to be sent in its place. CHALK_ERR_BAD_DATA (a slice cannot be read: `able` is
 * false until the next key frame; send it as it is only when nothing was made since the last one),
 * CHALK_ERR_NO_MEMORY, CHALK_ERR_TOO_LARGE; on an error *out has its old size. */
int ck_h264_still_pass(ck_h264_still *s, const void *unit, size_t size, ck_buf *out);

/* Appends an access unit that shows what was shown before. CHALK_OK; CHALK_ERR_BAD_STATE when not
 * able; CHALK_ERR_NO_MEMORY, CHALK_ERR_TOO_LARGE: nothing was appended nor counted. */
int ck_h264_still_make(ck_h264_still *s, ck_buf *out);

#endif
