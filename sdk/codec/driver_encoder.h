/*
 * The H.264 encoders of drivers that libavcodec knows (VA-API, NVENC, Quick Sync, V4L2), behind one
 * backend. It asks little of them, for none could be tried where it was written: NV12 or I420 in,
 * a constant rate, one reference, no B frames, nothing held back. runtime/media/encoder_guard.h
 * tries each out before it is used and keeps a driver that hangs away from the lesson.
 *
 * Rate control is the driver's own. Few drivers take another rate while they run, so a new rate is
 * a new encoder, which begins with a key frame.
 */
#ifndef CK_CODEC_DRIVER_ENCODER_H
#define CK_CODEC_DRIVER_ENCODER_H

#include "codec/av.h"
#include "runtime/media/codec.h"

typedef struct ck_driver_kind {
    const char *name;          /* of libavcodec's encoder */
    const char *options;       /* "name=value:..."; those that it does not know are passed over */
    enum AVPixelFormat format; /* YUV420P, NV12, or VAAPI: NV12 in the driver's own memory */
} ck_driver_kind;

int ck_driver_open(const ck_driver_kind *kind, const ck_encoder_config *config, const ck_log *log,
                   ck_encoder **out);

/* In the table of encoders. */
extern const ck_encoder_backend ck_vaapi_encoder;
extern const ck_encoder_backend ck_nvenc_encoder;
extern const ck_encoder_backend ck_qsv_encoder;
extern const ck_encoder_backend ck_v4l2_encoder;

#endif
