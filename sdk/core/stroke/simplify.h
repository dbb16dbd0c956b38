/*
 * The fewest points of a stroke that stay within a tolerance (Douglas and Peucker, 1973), measured
 * to the rounded line that will be drawn: so simplifying and rounding together stay within it.
 * Plain functions; any thread.
 */
#ifndef CK_CORE_STROKE_SIMPLIFY_H
#define CK_CORE_STROKE_SIMPLIFY_H

#include "core/stroke/code.h"

#define CK_SAMPLE_WIDTHS 240u /* steps of a sample's width: 16 of them are one of a point's */

/* What a pen said, filtered: 1/64 px of the page. */
typedef struct ck_stroke_sample {
    int32_t x, y;
    uint8_t width; /* 0 to CK_SAMPLE_WIDTHS */
} ck_stroke_sample;

typedef struct ck_simplify_config {
    double tolerance;       /* 1/64 px; 16 is 1/4 px */
    double width_tolerance; /* of CK_SAMPLE_WIDTHS */
    uint32_t unit;          /* 0 to CK_STROKE_UNIT_MAX; (1 << unit) at most the tolerance */
} ck_simplify_config;

/* Writes to `out`, of room for `count`, the points that are kept, from the first one, in units;
 * *origin is where that is, in units. `scratch` has room for 2 * count. Returns how many, 1 at
 * least; `count` is 1 to CK_STROKE_POINTS_MAX. */
uint32_t ck_stroke_simplify(const ck_simplify_config *config, const ck_stroke_sample *samples,
                            uint32_t count, ck_stroke_point *out, ck_stroke_point *origin,
                            uint32_t *scratch);

/* A value in whole units, to the nearest. */
int32_t ck_stroke_round(int32_t value, uint32_t unit);

#endif
