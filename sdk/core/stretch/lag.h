/* Private to the unit: how far a piece of sound is from being its own repetition. */
#ifndef CK_CORE_STRETCH_LAG_H
#define CK_CORE_STRETCH_LAG_H

#include <stdint.h>

/* Interleaved samples; the channels are compared together. The lag from `least` to `most` frames at
 * which `window` frames from `a` on look most like those from a + direction * lag on (direction 1
 * or -1), by normalised correlation; *likeness is that, -1 to 1, and 0 for silence. */
uint32_t ck_lag_find(const float *a, uint32_t channels, int direction, uint32_t window,
                     uint32_t least, uint32_t most, float *likeness);

#endif
