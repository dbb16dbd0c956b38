#include "core/stroke/simplify.h"

#include "base/check.h"

#include <math.h>

/* Of a sample's width in one of a point. */
enum { WIDTH_STEP = CK_SAMPLE_WIDTHS / (CK_STROKE_WIDTHS - 1) };

int32_t ck_stroke_round(int32_t value, uint32_t unit)
{
    int64_t half = unit > 0 ? INT64_C(1) << (unit - 1) : 0;
    int64_t shifted = (int64_t)value + half;
    /* Division that rounds down, for a shift of what is negative is the compiler's choice. */
    int64_t step = INT64_C(1) << unit;
    return (int32_t)((shifted - ((shifted % step) + step) % step) / step);
}

static ck_stroke_point rounded(const ck_stroke_sample *s, uint32_t unit)
{
    return (ck_stroke_point){ck_stroke_round(s->x, unit), ck_stroke_round(s->y, unit),
                             (uint8_t)((s->width + WIDTH_STEP / 2) / WIDTH_STEP)};
}

/* How far a sample is from the line from a to b, in tolerances: of place, or of width. */
static double error_of(const ck_simplify_config *config, const ck_stroke_sample *s,
                       const ck_stroke_point *a, const ck_stroke_point *b)
{
    double step = (double)(1u << config->unit);
    double ax = a->x * step, ay = a->y * step, dx = b->x * step - ax, dy = b->y * step - ay;
    double px = s->x - ax, py = s->y - ay, length = dx * dx + dy * dy;
    double t = length > 0 ? CK_CLAMP((px * dx + py * dy) / length, 0.0, 1.0) : 0.0;
    double off_x = px - t * dx, off_y = py - t * dy;
    double place = sqrt(off_x * off_x + off_y * off_y) / config->tolerance;
    double width = (a->width + t * (b->width - a->width)) * WIDTH_STEP;
    double off_width = fabs(s->width - width) / config->width_tolerance;
    return CK_MAX(place, off_width);
}

/* The sample between two kept ones that is furthest off; 0: all are within the tolerance. */
static uint32_t furthest(const ck_simplify_config *config, const ck_stroke_sample *samples,
                         uint32_t from, uint32_t to)
{
    const ck_stroke_point a = rounded(&samples[from], config->unit);
    const ck_stroke_point b = rounded(&samples[to], config->unit);
    double most = 1.0;
    uint32_t at = 0;
    for (uint32_t i = from + 1; i < to; i++) {
        double error = error_of(config, &samples[i], &a, &b);
        if (error > most) {
            most = error;
            at = i;
        }
    }
    return at;
}

uint32_t ck_stroke_simplify(const ck_simplify_config *config, const ck_stroke_sample *samples,
                            uint32_t count, ck_stroke_point *out, ck_stroke_point *origin,
                            uint32_t *scratch)
{
    *origin = rounded(&samples[0], config->unit);
    uint32_t kept = 0, from = 0, waiting = 0;
    out[kept++] = (ck_stroke_point){0, 0, origin->width};
    scratch[waiting++] = count - 1;
    /* Ends of the pieces still to be looked at, the nearest on top: points come out in order. */
    while (from < count - 1) {
        uint32_t to = scratch[waiting - 1];
        uint32_t split = furthest(config, samples, from, to);
        if (split != 0) {
            scratch[waiting++] = split;
            continue;
        }
        waiting--;
        from = to;
        ck_stroke_point p = rounded(&samples[to], config->unit);
        p.x -= origin->x;
        p.y -= origin->y;
        bool same =
            p.x == out[kept - 1].x && p.y == out[kept - 1].y && p.width == out[kept - 1].width;
        if (!same) {
            out[kept++] = p;
        }
    }
    return kept;
}
