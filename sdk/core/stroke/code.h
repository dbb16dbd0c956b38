/*
 * The points of a finished stroke as bytes. Coordinates are whole units (2^unit of 1/64 px, said
 * beside) from the first point, which is (0, 0) and not written.
 *
 * In the range coder of range.h, in this order: how many points, less 1; whether widths vary (if
 * not, one width for all); the first width in 4 bits; then of each further point the difference to
 * the one before: x, y, and where widths vary the width. A difference is the class of its
 * magnitude, its bits, its sign. The chances of a class depend on the axis and on the class of the
 * difference before; those of a sign on the sign before, and on whether that axis was the longer
 * one. Every chance begins as code.c says.
 *
 * Plain functions; any thread.
 */
#ifndef CK_CORE_STROKE_CODE_H
#define CK_CORE_STROKE_CODE_H

#include "core/stroke/range.h"

#define CK_STROKE_POINTS_MAX  4096u
#define CK_STROKE_COUNT_CLASS 3u  /* of a count less 1: a stroke of 5 to 8 points is expected */
#define CK_STROKE_WIDTHS      16u /* 0 to 15; 8 is the stroke's own width */
#define CK_STROKE_SPAN_MAX    (1 << 26) /* units from the first point, either axis */
#define CK_STROKE_UNIT        4u        /* usual: 1/4 px */
#define CK_STROKE_UNIT_MAX    6u

typedef struct ck_stroke_point {
    int32_t x, y;
    uint8_t width;
} ck_stroke_point;

/* How a difference is expected to be, from the one before. */
typedef struct ck_delta_model {
    ck_number_model size[2][8]; /* of x and y, by the class before */
    ck_chance sign[2][3][2];
    ck_number_model width[3]; /* by the class of the width's change before */
    ck_chance width_sign[3];
    uint32_t width_before;
    uint8_t width_went; /* 0 nowhere, 1 up, 2 down */
    ck_chance ends;     /* of live samples: a stroke */
    uint32_t before[2]; /* classes */
    uint8_t signs[2];   /* 0 none, 1 plus, 2 minus */
} ck_delta_model;

void ck_delta_model_init(ck_delta_model *m);
void ck_delta_put(ck_range_encoder *e, ck_delta_model *m, int32_t dx, int32_t dy);
void ck_delta_get(ck_range_decoder *d, ck_delta_model *m, int32_t *dx, int32_t *dy);
void ck_width_put(ck_range_encoder *e, ck_delta_model *m, uint8_t before, uint8_t width);
uint8_t ck_width_get(ck_range_decoder *d, ck_delta_model *m, uint8_t before);

/* Appends `count` points, 1 to CK_STROKE_POINTS_MAX, less than CK_STROKE_SPAN_MAX from the first,
 * as simplify.h leaves them: thousands that repeat one another take too few bytes to be believed.
 */
void ck_stroke_encode(const ck_stroke_point *points, uint32_t count, ck_buf *out);

/* Gives the points one by one. */
typedef struct ck_stroke_reader {
    ck_range_decoder in;
    ck_delta_model model;
    uint32_t count; /* of the stroke */
    uint32_t given;
    bool varies;
    ck_stroke_point at;
} ck_stroke_reader;

/* CHALK_OK; CHALK_ERR_TOO_LARGE: more points than allowed; CHALK_ERR_BAD_DATA: more than so few
 * bytes could say. */
int ck_stroke_read(ck_stroke_reader *r, const void *data, size_t size);
/* False at the end, and where a point would be too far away: then r->given < r->count. */
bool ck_stroke_next(ck_stroke_reader *r, ck_stroke_point *out);

#endif
