/*
 * Handwriting. A stroke is one path, painted at once, so that a marker is no darker where it
 * crosses itself: lines of one width where the width never changes, else a filled outline of discs
 * and the quadrangles between them, which all turn the same way.
 */
#include "render/inside.h"

#include "base/check.h"

#include <math.h>

#define OWN_WIDTH    8.0 /* of a point: the stroke's own width */
#define LEAST_WIDTH  0.5 /* of a point */
#define MARKER_ALPHA 0.5 /* what lies below a marker can be read */
#define LEAST_PIXELS 0.6 /* a thinner line would fade away */

typedef struct point {
    double x, y;
    double width; /* of OWN_WIDTH */
} point;

typedef struct outline {
    cairo_t *cr;
    double width; /* px, of OWN_WIDTH */
    double least; /* px */
    bool varies;
    bool begun;
    point last;
    /* What is erased, in steps. */
    const ck_board_object *object;
    uint32_t step;
} outline;

static double radius_of(const outline *o, const point *p)
{
    return CK_MAX(o->width * CK_MAX(p->width, LEAST_WIDTH) / OWN_WIDTH, o->least) / 2;
}

static void add_disc(const outline *o, const point *p)
{
    cairo_new_sub_path(o->cr);
    cairo_arc(o->cr, p->x, p->y, radius_of(o, p), 0, 2 * acos(-1.0));
    cairo_close_path(o->cr);
}

static void begin_run(outline *o, const point *p)
{
    if (o->varies) {
        add_disc(o, p);
    } else {
        cairo_move_to(o->cr, p->x, p->y);
        cairo_line_to(o->cr, p->x, p->y); /* a dot, if nothing follows */
    }
    o->last = *p;
    o->begun = true;
}

static void continue_run(outline *o, const point *p)
{
    double dx = p->x - o->last.x, dy = p->y - o->last.y, length = hypot(dx, dy);
    if (!o->varies) {
        cairo_line_to(o->cr, p->x, p->y);
    } else {
        double from = radius_of(o, &o->last), to = radius_of(o, p);
        if (length > 0) {
            double nx = -dy / length, ny = dx / length;
            cairo_move_to(o->cr, o->last.x - nx * from, o->last.y - ny * from);
            cairo_line_to(o->cr, p->x - nx * to, p->y - ny * to);
            cairo_line_to(o->cr, p->x + nx * to, p->y + ny * to);
            cairo_line_to(o->cr, o->last.x + nx * from, o->last.y + ny * from);
            cairo_close_path(o->cr);
        }
        add_disc(o, p);
    }
    o->last = *p;
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

/* From the last point, at o->step, to this one: what of it is not erased. */
static void add_segment(outline *o, const point *from, const point *to)
{
    uint32_t begin = o->step, end = begin + CK_BOARD_ERASE_STEPS;
    for (uint32_t at = begin; at < end;) {
        uint32_t next = next_change(o->object, at, end);
        const point a = between(from, to, (at - begin) / (double)CK_BOARD_ERASE_STEPS);
        const point b = between(from, to, (next - begin) / (double)CK_BOARD_ERASE_STEPS);
        if (ck_board_is_erased(o->object, at)) {
            o->begun = false;
        } else {
            if (!o->begun) {
                begin_run(o, &a);
            }
            continue_run(o, &b);
        }
        at = next;
    }
    o->step = end;
}

/* --- whole strokes --------------------------------------------------------------------------- */

static void paint_path(const outline *o, uint32_t colour, double width, bool marker)
{
    ck_paint_colour(o->cr, colour, marker ? MARKER_ALPHA : 1.0);
    if (o->varies) {
        cairo_set_fill_rule(o->cr, CAIRO_FILL_RULE_WINDING);
        cairo_fill(o->cr);
        return;
    }
    const point p = {.width = width};
    cairo_set_line_width(o->cr, 2 * radius_of(o, &p));
    cairo_set_line_cap(o->cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(o->cr, CAIRO_LINE_JOIN_ROUND);
    cairo_stroke(o->cr);
}

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

void ck_paint_stroke(cairo_t *cr, const ck_board_object *object)
{
    ck_stroke_reader r;
    point first, last, next;
    if (ck_stroke_read(&r, object->body, object->body_size) < 0 ||
        !next_point(&r, object, &first)) {
        return;
    }
    outline o = {.cr = cr,
                 .width = object->width / CK_PAINT_PX,
                 .least = LEAST_PIXELS * ck_paint_pixel(cr),
                 .varies = r.varies,
                 .object = object};
    if (r.count == 1 && !ck_board_is_erased(object, CK_BOARD_ERASE_STEPS / 2)) {
        begin_run(&o, &first);
    }
    for (last = first; next_point(&r, object, &next); last = next) {
        add_segment(&o, &last, &next);
    }
    paint_path(&o, object->colour, first.width, object->kind == CK_BOARD_MARKER);
}

void ck_painter_live(cairo_t *cr, const ck_live_style *style, const ck_live_sample *samples,
                     uint32_t count)
{
    outline o = {.cr = cr,
                 .width = style->width / CK_PAINT_PX,
                 .least = LEAST_PIXELS * ck_paint_pixel(cr),
                 .varies = true};
    cairo_new_path(cr);
    for (uint32_t i = 0; i < count; i++) {
        const point p = {samples[i].x * (double)(1u << CK_LIVE_UNIT) / CK_PAINT_PX,
                         samples[i].y * (double)(1u << CK_LIVE_UNIT) / CK_PAINT_PX,
                         samples[i].width};
        if (i == 0) {
            begin_run(&o, &p);
        } else {
            continue_run(&o, &p);
        }
    }
    paint_path(&o, style->colour, OWN_WIDTH, style->tool == CK_BOARD_MARKER);
}
