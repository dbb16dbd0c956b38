/*
 * FFmpeg's frames as ours. Pictures in a layout that the media graph knows (I420, NV12, BGRA,
 * limited range where it is YUV) are lent without a copy, all others become I420. Sound becomes
 * interleaved float of the same rate.
 *
 * Thread: one at a time.
 */
#ifndef CK_PLATFORM_FILE_CONVERT_H
#define CK_PLATFORM_FILE_CONVERT_H

#include "runtime/media/codec.h"

#include <libavutil/frame.h>

typedef struct ck_file_convert ck_file_convert;

int ck_file_convert_create(ck_file_convert **out); /* CHALK_OK or CHALK_ERR_NO_MEMORY */
void ck_file_convert_destroy(ck_file_convert **convert);

/* `out` receives one reference; times and rotation are the caller's to set. BAD_DATA: a picture
 * without pixels; TOO_LARGE: over CHALK_PICTURE_SIDE_MAX; UNSUPPORTED: pixels that cannot be
 * converted; NO_MEMORY. */
int ck_file_convert_video(ck_file_convert *c, const AVFrame *frame, chalk_video_frame **out);
/* Samples are borrowed until the next call; capture_us is the caller's to set. AGAIN: nothing came
 * out; BAD_DATA; UNSUPPORTED; NO_MEMORY. */
int ck_file_convert_audio(ck_file_convert *c, const AVFrame *frame, ck_audio_block *out);

#endif
