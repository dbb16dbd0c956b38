/*
 * Handwriting. A stroke is one filled outline, painted at once, so that a marker is no darker where
 * it crosses itself.
 */
#include "render/inside.h"
#include "render/outline.h"

#include "base/check.h"

#include <math.h>

#define OWN_WIDTH    8.0  /* of a point: the stroke's own width */
#define LEAST_WIDTH  0.5  /* of a point */
#define MARKER_ALPHA 0.5  /* what lies below a marker can be read */
#define LEAST_PIXELS 0.6  /* a thinner line would fade away */
#define FLAT_PIXELS  0.1  /* nobody sees corners that flat */
#define FLAT_VECTOR  0.01 /* of an SVG or a PDF, which may be enlarged */

typedef struct point {
    double x, y;
    double width; /* of OWN_WIDTH */
} point;

typedef struct way {
    ck_outline outline;
    double width; /* px, of OWN_WIDTH */
    double least; /* px */
    bool begun;
    /* What is erased, in steps. */
    const ck_board_object *object;
    uint32_t step;
} way;

static void init_way(way *w, cairo_t *cr, ck_area *area, double width,
                     const ck_board_object *object)
{
    bool vector = cairo_surface_get_type(cairo_get_target(cr)) != CAIRO_SURFACE_TYPE_IMAGE;
    double pixel = ck_paint_pixel(cr);
    ck_outline_init(&w->outline, cr, area, (vector ? FLAT_VECTOR : FLAT_PIXELS) * pixel);
    w->width = width;
    w->least = LEAST_PIXELS * pixel;
    w->begun = false;
    w->object = object;
    w->step = 0;
}

static void go_to(way *w, const point *p)
{
    double width = CK_MAX(w->width * CK_MAX(p->width, LEAST_WIDTH) / OWN_WIDTH, w->least);
    ck_outline_to(&w->outline, p->x, p->y, width / 2);
}

static point between(const point *a, const point *b, double share)
{
    return (point){a->x + share * (b->x - a->x), a->y + share * (b->y - a->y),
                   a->width + share * (b->width - a->width)};
}

/* --- parts that are erased ------------------------------------------------------------------- */

/* The next step from which on it is otherwise than before it, at most `most`. */
static uint32_t next_change(const ck_board_object *object, uint32_t step, uint32_t most)
{
    uint32_t next = most;
    for (uint32_t i = 0; i < object->erased_count; i++) {
        const ck_board_erasure *e = &object->erased[i];
        if ((e->by & CK_BOARD_HIDDEN) != 0) {
            continue;
        }
        next = e->range.from > step ? CK_MIN(next, e->range.from) : next;
        next = e->range.to > step ? CK_MIN(next, e->range.to) : next;
    }
    return next;
}

/* From the last point, at w->step, to this one: what of it is not erased. */
static void add_segment(way *w, const point *from, const point *to)
{
    uint32_t begin = w->step, end = begin + CK_BOARD_ERASE_STEPS;
    for (uint32_t at = begin; at < end;) {
        uint32_t next = next_change(w->object, at, end);
        const point a = between(from, to, (at - begin) / (double)CK_BOARD_ERASE_STEPS);
        const point b = between(from, to, (next - begin) / (double)CK_BOARD_ERASE_STEPS);
        if (ck_board_is_erased(w->object, at)) {
            ck_outline_end(&w->outline);
            w->begun = false;
        } else {
            if (!w->begun) {
                go_to(w, &a);
            }
            go_to(w, &b);
            w->begun = true;
        }
        at = next;
    }
    w->step = end;
}

/* --- whole strokes --------------------------------------------------------------------------- */

static bool next_point(ck_stroke_reader *r, const ck_board_object *object, point *out)
{
    ck_stroke_point p;
    if (!ck_stroke_next(r, &p)) {
        return false;
    }
    double step = (double)(1u << object->unit) / CK_BOARD_SCALE_ONE;
    *out = (point){(object->x + p.x * step * object->sx) / CK_PAINT_PX,
                   (object->y + p.y * step * object->sy) / CK_PAINT_PX, p.width};
    return true;
}

void ck_paint_add_stroke(ck_painter *p, cairo_t *cr, const ck_board_object *object)
{
    ck_stroke_reader r;
    point first, last, next;
    way w;
    if (ck_stroke_read(&r, object->body, object->body_size) < 0 ||
        !next_point(&r, object, &first)) {
        return;
    }
    init_way(&w, cr, p->covers ? p->area : NULL, object->width / CK_PAINT_PX, object);
    if (r.count == 1 && !ck_board_is_erased(object, CK_BOARD_ERASE_STEPS / 2)) {
        go_to(&w, &first);
    }
    for (last = first; next_point(&r, object, &next); last = next) {
        add_segment(&w, &last, &next);
    }
    ck_outline_end(&w.outline);
}

static void fill_path(cairo_t *cr, uint32_t colour, double alpha_most)
{
    ck_paint_colour(cr, colour, alpha_most);
    cairo_set_fill_rule(cr, CAIRO_FILL_RULE_WINDING);
    cairo_fill(cr);
}

void ck_paint_fill_strokes(ck_painter *p, cairo_t *cr, uint32_t colour, bool marker)
{
    double alpha_most = marker ? MARKER_ALPHA : 1.0;
    if (p->covers) {
        ck_area_paint(p->area, cairo_get_target(cr), colour, alpha_most);
    } else {
        fill_path(cr, colour, alpha_most);
    }
}

void ck_painter_live(cairo_t *cr, const ck_live_style *style, const ck_live_sample *samples,
                     uint32_t count)
{
    way w;
    init_way(&w, cr, NULL, style->width / CK_PAINT_PX, NULL);
    cairo_new_path(cr);
    for (uint32_t i = 0; i < count; i++) {
        const point p = {samples[i].x * (double)(1u << CK_LIVE_UNIT) / CK_PAINT_PX,
                         samples[i].y * (double)(1u << CK_LIVE_UNIT) / CK_PAINT_PX,
                         samples[i].width};
        go_to(&w, &p);
    }
    ck_outline_end(&w.outline);
    fill_path(cr, style->colour, style->tool == CK_BOARD_MARKER ? MARKER_ALPHA : 1.0);
}
