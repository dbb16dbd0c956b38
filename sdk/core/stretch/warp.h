/*
 * Sound resampled by a few parts per thousand: its pitch changes with its length, by less than
 * anybody hears. A device whose clock drifts is followed so.
 *
 *     count = ck_warp_run(w, in, frames, ppm, out);
 *
 * An interpolation with CK_WARP_TAPS points of a windowed sinc; at 0 ppm what comes out is what was
 * put in, CK_WARP_DELAY frames later. Samples are interleaved floats, a frame is one per channel.
 * One thread at a time.
 */
#ifndef CK_CORE_STRETCH_WARP_H
#define CK_CORE_STRETCH_WARP_H

#include "base/alloc.h"

#include <stdint.h>

#define CK_WARP_TAPS       16
#define CK_WARP_DELAY      8 /* frames */
#define CK_WARP_FRAMES_MAX 1024
#define CK_WARP_PPM_MAX    5000
/* Room that `out` needs for so many frames. */
#define CK_WARP_ROOM(frames) ((frames) + (frames) / 128 + 2)

typedef struct ck_warp ck_warp;

/* channels 1 or 2. CHALK_OK, INVALID_ARGUMENT, NO_MEMORY. */
int ck_warp_create(const ck_alloc *alloc, uint32_t channels, ck_warp **out);
void ck_warp_destroy(ck_warp **w); /* NULL inside is accepted */
/* Takes all of `in` (1 to CK_WARP_FRAMES_MAX frames); above 0 ppm it is played faster, clamped to
 * CK_WARP_PPM_MAX either way. The count of frames written, at most CK_WARP_ROOM(frames). */
uint32_t ck_warp_run(ck_warp *w, const float *in, uint32_t frames, int32_t ppm, float *out);

#endif
