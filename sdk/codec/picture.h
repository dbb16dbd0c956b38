/*
 * What FFmpeg decoded as a chalk_video_frame in I420, limited range.
 *
 * 8-bit 4:2:0 in limited range, which is what lessons are made of, is lent: the frame holds
 * FFmpeg's buffer and no pixel is copied. Everything else that H.264 can be up to the High 4:4:4
 * profile (other chroma, 10 bits, grey, full range), RGB and 9 bits apart, is converted.
 */
#ifndef CK_CODEC_PICTURE_H
#define CK_CODEC_PICTURE_H

#include "codec/av.h"
#include "runtime/media/frame.h"

/* 139,264 macroblocks, a frame of H.264's level 6.2 (table A-1): the largest that any decoder
 * allocates. */
#define CK_PICTURE_PIXELS_MAX (INT64_C(139264) * 256)

/* `pool` is used for conversions. The colour is the stream's, or by size where it states none;
 * times are the caller's to set. CHALK_ERR_CODEC_UNKNOWN for a pixel format that is not converted,
 * CHALK_ERR_TOO_LARGE, CHALK_ERR_NO_MEMORY. */
int ck_picture_of(const AVFrame *decoded, ck_frame_pool *pool, chalk_video_frame **out);

#endif
