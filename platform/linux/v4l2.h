/* Cameras through Video4Linux2: the source, and the list of them. */
#ifndef CK_PLATFORM_V4L2_H
#define CK_PLATFORM_V4L2_H

#include "runtime/media/capture.h"

extern const ck_source_backend ck_v4l2_camera;
extern const ck_device_backend ck_v4l2_devices;

#endif
