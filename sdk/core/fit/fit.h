/*
 * Where a picture of one size lies in a frame of another: as large as it can be without changing
 * its shape, in the middle, at even places because chroma is halved. Pure arithmetic.
 */
#ifndef CK_CORE_FIT_FIT_H
#define CK_CORE_FIT_FIT_H

#include "chalkrail/frame.h"

#include <stdbool.h>

typedef struct ck_fit {
    int32_t source_width; /* part of the source that is used, from its upper left corner */
    int32_t source_height;
    chalk_rect inner; /* where it comes to lie; even numbers */
    bool exact;       /* pixel for pixel: nothing is scaled */
} ck_fit;

/* `width` and `height` (of the frame) are even. A source that is one pixel larger, being of odd
 * size, loses that pixel rather than its sharpness. */
ck_fit ck_fit_of(int32_t source_width, int32_t source_height, int32_t width, int32_t height);

/* A changed rectangle of the unrotated source in the frame: rotated clockwise, scaled, and widened
 * by what the filter and the halved chroma spread. False when it is not visible. */
bool ck_fit_damage(const ck_fit *fit, uint32_t rotation_degrees, const chalk_rect *source,
                   int32_t unrotated_width, int32_t unrotated_height, chalk_rect *out);

#endif
