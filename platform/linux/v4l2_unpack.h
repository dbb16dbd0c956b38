/*
 * A camera's bytes as a picture of the media graph: I420 or NV12, limited range. YUYV becomes I420,
 * MJPEG is decoded by FFmpeg. What is damaged is refused rather than shown with grey blocks.
 *
 * Thread: one at a time.
 */
#ifndef CK_PLATFORM_V4L2_UNPACK_H
#define CK_PLATFORM_V4L2_UNPACK_H

#include "platform/linux/v4l2_stream.h"
#include "runtime/media/frame.h"

typedef struct ck_v4l2_unpack ck_v4l2_unpack;

int ck_v4l2_unpack_create(ck_v4l2_unpack **out); /* CHALK_OK or CHALK_ERR_NO_MEMORY */
void ck_v4l2_unpack_destroy(ck_v4l2_unpack **unpack);

/* `out` receives one reference; its capture time is the caller's to set. BAD_DATA: the picture is
 * damaged (by its outside, or by the decoder), or has another size than the shape says; CODEC: no
 * decoder for MJPEG in this FFmpeg; NO_MEMORY. */
int ck_v4l2_unpack_picture(ck_v4l2_unpack *u, const ck_v4l2_shape *shape,
                           const ck_v4l2_picture *picture, chalk_video_frame **out);

#endif
