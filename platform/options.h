/* What the backends have in common in reading chalk_source_options: ranges and defaults. */
#ifndef CK_PLATFORM_OPTIONS_H
#define CK_PLATFORM_OPTIONS_H

#include "chalkrail/source.h"

typedef struct ck_generated_shape {
    int32_t width;
    int32_t height;
    uint32_t fps;
} ck_generated_shape;

/* 1..60, 0 gives 15; CHALK_ERR_INVALID_ARGUMENT otherwise. */
int ck_options_fps(const chalk_source_options *options, uint32_t *fps);
/* Size and rate of a picture that is made here (SYNTHETIC, NULL); the same error. */
int ck_options_shape(const chalk_source_options *options, ck_generated_shape *shape);

#endif
