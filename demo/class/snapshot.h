/* A picture as a PNG file. */
#ifndef DEMO_CLASS_SNAPSHOT_H
#define DEMO_CLASS_SNAPSHOT_H

#include "chalkrail/frame.h"
#include "class/pointer.h"

/* Writes I420, NV12 and BGRA pictures, as they are to be shown (rotated, in sRGB's range), with the
 * pointer that is `over` it (NULL: none). Returns
 * CHALK_OK, UNSUPPORTED (a native picture), NO_MEMORY, NO_SPACE, NO_PERMISSION or IO. A file that
 * could not be completed is removed. */
int snapshot_write(const chalk_video_frame *frame, const pointer *over, const char *path);

/* Converts to pixels of 4 bytes B G R X, not rotated; `out` has info->height rows of `stride`
 * bytes, stride >= 4 * info->width. Returns CHALK_OK or UNSUPPORTED. */
int snapshot_pixels(const chalk_video_info *info, uint8_t *out, int32_t stride);

#endif
