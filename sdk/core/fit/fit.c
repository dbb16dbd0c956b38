#include "core/fit/fit.h"

#include "base/check.h"

/* How far a bilinear or box filter carries a changed pixel, in pixels of the frame. */
#define SPREAD 2

/* side * to / from, rounded to an even number, at least 2. */
static int32_t scaled_even(int32_t side, int32_t to, int32_t from)
{
    const int64_t half = ((int64_t)side * to + from) / (2 * (int64_t)from);
    return (int32_t)CK_MAX(2 * half, 2);
}

ck_fit ck_fit_of(int32_t source_width, int32_t source_height, int32_t width, int32_t height)
{
    ck_fit fit = {.source_width = source_width, .source_height = source_height};
    const int32_t surplus_x = source_width - width;
    const int32_t surplus_y = source_height - height;
    fit.exact = surplus_x >= 0 && surplus_x <= 1 && surplus_y >= 0 && surplus_y <= 1;
    if (fit.exact) {
        fit.source_width = width;
        fit.source_height = height;
        fit.inner = (chalk_rect){0, 0, width, height};
        return fit;
    }
    fit.inner.width = width;
    fit.inner.height = height;
    if ((int64_t)source_width * height >= (int64_t)source_height * width) {
        fit.inner.height = CK_MIN(scaled_even(source_height, width, source_width), height);
    } else {
        fit.inner.width = CK_MIN(scaled_even(source_width, height, source_height), width);
    }
    fit.inner.x = ((width - fit.inner.width) / 2) & ~1;
    fit.inner.y = ((height - fit.inner.height) / 2) & ~1;
    return fit;
}

static chalk_rect rotate(const chalk_rect *r, uint32_t degrees, int32_t width, int32_t height)
{
    switch (degrees) {
    case 90:
        return (chalk_rect){height - r->y - r->height, r->x, r->height, r->width};
    case 180:
        return (chalk_rect){width - r->x - r->width, height - r->y - r->height, r->width,
                            r->height};
    case 270:
        return (chalk_rect){r->y, width - r->x - r->width, r->height, r->width};
    default:
        return *r;
    }
}

/* [from, from + size) scaled by to/of and rounded outwards to even numbers inside [0, to]. */
static void scale_span(int32_t from, int32_t size, int32_t of, int32_t to, int32_t spread,
                       int32_t *out_from, int32_t *out_size)
{
    const int64_t first = (int64_t)from * to / of - spread;
    const int64_t last = (((int64_t)from + size) * to + of - 1) / of + spread;
    const int64_t low = CK_CLAMP(first, 0, (int64_t)to) & ~INT64_C(1);
    const int64_t high = CK_CLAMP((last + 1) & ~INT64_C(1), 0, (int64_t)to);
    *out_from = (int32_t)low;
    *out_size = (int32_t)(high - low);
}

bool ck_fit_damage(const ck_fit *fit, uint32_t rotation_degrees, const chalk_rect *source,
                   int32_t unrotated_width, int32_t unrotated_height, chalk_rect *out)
{
    const chalk_rect r = rotate(source, rotation_degrees, unrotated_width, unrotated_height);
    if (r.x >= fit->source_width || r.y >= fit->source_height) {
        return false;
    }
    const int32_t spread = fit->exact ? 0 : SPREAD;
    scale_span(r.x, r.width, fit->source_width, fit->inner.width, spread, &out->x, &out->width);
    scale_span(r.y, r.height, fit->source_height, fit->inner.height, spread, &out->y, &out->height);
    out->x += fit->inner.x;
    out->y += fit->inner.y;
    return out->width > 0 && out->height > 0;
}
