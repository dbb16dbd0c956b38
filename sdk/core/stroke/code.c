#include "core/stroke/code.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#define FIRST_CLASS 3u
#define POINTS_FREE 64u
#define POINTS_BYTE 64u /* no byte says more points than this */
#define SELDOM      3900
#define SIGN_KEPT   3700
#define SIGN_LIKELY 3000
#define SIGN_WIDTH  2600

/* --- differences --------------------------------------------------------------------------- */

void ck_delta_model_init(ck_delta_model *m)
{
    for (uint32_t axis = 0; axis < 2; axis++) {
        for (uint32_t i = 0; i < CK_COUNT_OF(m->size[axis]); i++) {
            ck_number_model_init(&m->size[axis][i], CK_MAX(i, 2u));
        }
        for (uint32_t longer = 0; longer < 2; longer++) {
            uint16_t kept = longer ? SIGN_KEPT : SIGN_LIKELY;
            m->sign[axis][0][longer] = CK_CHANCE_HALF;
            m->sign[axis][1][longer] = kept;
            m->sign[axis][2][longer] = (ck_chance)(CK_CHANCE_ONE - kept);
        }
        m->before[axis] = FIRST_CLASS;
        m->signs[axis] = 0;
    }
    for (uint32_t i = 0; i < CK_COUNT_OF(m->width); i++) {
        ck_number_model_init(&m->width[i], i);
    }
    m->width_sign[0] = CK_CHANCE_HALF;
    m->width_sign[1] = SIGN_WIDTH;
    m->width_sign[2] = CK_CHANCE_ONE - SIGN_WIDTH;
    m->width_before = 0;
    m->width_went = 0;
    m->ends = SELDOM;
}

static ck_number_model *size_model(ck_delta_model *m, uint32_t axis)
{
    return &m->size[axis][CK_MIN(m->before[axis], CK_COUNT_OF(m->size[axis]) - 1)];
}

/* Along the longer axis a pen goes on; across it, it wavers. */
static ck_chance *sign_chance(ck_delta_model *m, uint32_t axis)
{
    return &m->sign[axis][m->signs[axis]][m->before[axis] >= m->before[1 - axis]];
}

static void learn(ck_delta_model *m, const uint32_t sizes[2], const int32_t deltas[2])
{
    for (uint32_t axis = 0; axis < 2; axis++) {
        m->before[axis] = ck_number_class(sizes[axis]);
        if (deltas[axis] != 0) {
            m->signs[axis] = deltas[axis] > 0 ? 1 : 2;
        }
    }
}

void ck_delta_put(ck_range_encoder *e, ck_delta_model *m, int32_t dx, int32_t dy)
{
    const int32_t deltas[2] = {dx, dy};
    uint32_t sizes[2];
    for (uint32_t axis = 0; axis < 2; axis++) {
        sizes[axis] = deltas[axis] < 0 ? 0u - (uint32_t)deltas[axis] : (uint32_t)deltas[axis];
        ck_number_put(e, size_model(m, axis), sizes[axis]);
        if (sizes[axis] != 0) {
            ck_range_put(e, sign_chance(m, axis), deltas[axis] < 0);
        }
    }
    learn(m, sizes, deltas);
}

void ck_delta_get(ck_range_decoder *d, ck_delta_model *m, int32_t *dx, int32_t *dy)
{
    int32_t deltas[2];
    uint32_t sizes[2];
    for (uint32_t axis = 0; axis < 2; axis++) {
        sizes[axis] = ck_number_get(d, size_model(m, axis));
        bool minus = sizes[axis] != 0 && ck_range_get(d, sign_chance(m, axis)) == 1;
        deltas[axis] = minus ? -(int32_t)sizes[axis] : (int32_t)sizes[axis];
    }
    learn(m, sizes, deltas);
    *dx = deltas[0];
    *dy = deltas[1];
}

/* Pressure that grows goes on growing. */
static void learn_width(ck_delta_model *m, uint32_t size, bool down)
{
    m->width_before = CK_MIN(ck_number_class(size), CK_COUNT_OF(m->width) - 1);
    m->width_went = size == 0 ? m->width_went : down ? 2 : 1;
}

void ck_width_put(ck_range_encoder *e, ck_delta_model *m, uint8_t before, uint8_t width)
{
    bool down = width < before;
    uint32_t size = down ? (uint32_t)(before - width) : (uint32_t)(width - before);
    ck_number_put(e, &m->width[m->width_before], size);
    if (size != 0) {
        ck_range_put(e, &m->width_sign[m->width_went], down);
    }
    learn_width(m, size, down);
}

uint8_t ck_width_get(ck_range_decoder *d, ck_delta_model *m, uint8_t before)
{
    uint32_t size = ck_number_get(d, &m->width[m->width_before]);
    bool down = size != 0 && ck_range_get(d, &m->width_sign[m->width_went]) == 1;
    learn_width(m, size, down);
    return (uint8_t)((down ? before - size : before + size) % CK_STROKE_WIDTHS);
}

/* --- strokes ------------------------------------------------------------------------------- */

void ck_stroke_encode(const ck_stroke_point *points, uint32_t count, ck_buf *out)
{
    ck_range_encoder e;
    ck_delta_model model;
    ck_number_model counts;
    bool varies = false;
    for (uint32_t i = 1; i < count; i++) {
        varies = varies || points[i].width != points[0].width;
    }
    ck_range_encode_init(&e, out);
    ck_delta_model_init(&model);
    ck_number_model_init(&counts, CK_STROKE_COUNT_CLASS);
    ck_number_put(&e, &counts, count - 1);
    ck_range_put_even(&e, varies, 1);
    ck_range_put_even(&e, points[0].width, 4);
    for (uint32_t i = 1; i < count; i++) {
        ck_delta_put(&e, &model, points[i].x - points[i - 1].x, points[i].y - points[i - 1].y);
        if (varies) {
            ck_width_put(&e, &model, points[i - 1].width, points[i].width);
        }
    }
    ck_range_encode_end(&e);
}

int ck_stroke_read(ck_stroke_reader *r, const void *data, size_t size)
{
    ck_number_model counts;
    ck_number_model_init(&counts, CK_STROKE_COUNT_CLASS);
    ck_range_decode_init(&r->in, data, size);
    ck_delta_model_init(&r->model);
    r->count = ck_number_get(&r->in, &counts) + 1;
    r->given = 0;
    r->varies = ck_range_get_even(&r->in, 1) != 0;
    r->at = (ck_stroke_point){.width = (uint8_t)ck_range_get_even(&r->in, 4)};
    if (r->count > CK_STROKE_POINTS_MAX) {
        return CHALK_ERR_TOO_LARGE;
    }
    return r->count <= POINTS_FREE + POINTS_BYTE * size ? CHALK_OK : CHALK_ERR_BAD_DATA;
}

bool ck_stroke_next(ck_stroke_reader *r, ck_stroke_point *out)
{
    if (r->given == r->count) {
        return false;
    }
    if (r->given > 0) {
        int32_t dx, dy;
        ck_delta_get(&r->in, &r->model, &dx, &dy);
        int64_t x = (int64_t)r->at.x + dx, y = (int64_t)r->at.y + dy;
        if (x <= -CK_STROKE_SPAN_MAX || x >= CK_STROKE_SPAN_MAX || y <= -CK_STROKE_SPAN_MAX ||
            y >= CK_STROKE_SPAN_MAX) {
            return false;
        }
        r->at.x = (int32_t)x;
        r->at.y = (int32_t)y;
        if (r->varies) {
            r->at.width = ck_width_get(&r->in, &r->model, r->at.width);
        }
    }
    r->given++;
    *out = r->at;
    return true;
}
