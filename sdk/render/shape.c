/* Lines, arrows, rectangles, ellipses. */
#include "render/inside.h"

#include "base/check.h"

#include <math.h>

/* As the box of an arrow has room for. */
#define HEAD_LONG 4.0 /* line widths */
#define HEAD_HALF 1.8

static void outline(cairo_t *cr, const ck_board_object *o)
{
    if (o->fill != 0) {
        ck_paint_colour(cr, o->fill, 1.0);
        cairo_fill_preserve(cr);
    }
    if (o->width > 0) {
        ck_paint_colour(cr, o->colour, 1.0);
        cairo_set_line_width(cr, o->width / CK_PAINT_PX);
        cairo_set_line_join(cr, CAIRO_LINE_JOIN_MITER);
        cairo_stroke(cr);
    }
    cairo_new_path(cr);
}

static void line(cairo_t *cr, const ck_board_object *o, double ax, double ay, double bx, double by)
{
    cairo_move_to(cr, ax, ay);
    cairo_line_to(cr, bx, by);
    ck_paint_colour(cr, o->colour, 1.0);
    cairo_set_line_width(cr, o->width / CK_PAINT_PX);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_stroke(cr);
}

/* The line ends where its head begins: it may let shine through what is below. */
static void arrow(cairo_t *cr, const ck_board_object *o, double ax, double ay, double bx, double by)
{
    double width = o->width / CK_PAINT_PX, length = hypot(bx - ax, by - ay);
    double dx = length > 0 ? (bx - ax) / length : 1, dy = length > 0 ? (by - ay) / length : 0;
    double head = HEAD_LONG * width, half = HEAD_HALF * width;
    double cx = bx - dx * head, cy = by - dy * head;
    ck_paint_colour(cr, o->colour, 1.0);
    if (length > head) {
        cairo_move_to(cr, ax, ay);
        cairo_line_to(cr, cx, cy);
        cairo_set_line_width(cr, width);
        cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
        cairo_stroke(cr);
    }
    cairo_move_to(cr, bx, by);
    cairo_line_to(cr, cx - dy * half, cy + dx * half);
    cairo_line_to(cr, cx + dy * half, cy - dx * half);
    cairo_close_path(cr);
    cairo_fill(cr);
}

static void ellipse(cairo_t *cr, const ck_board_object *o)
{
    const ck_paint_box box = ck_paint_box_of(o);
    if (box.wide > 0 && box.high > 0) {
        cairo_save(cr);
        cairo_translate(cr, box.x + box.wide / 2, box.y + box.high / 2);
        cairo_scale(cr, box.wide / 2, box.high / 2);
        cairo_arc(cr, 0, 0, 1, 0, 2 * acos(-1.0));
        cairo_close_path(cr);
        cairo_restore(cr); /* its line has one width all around */
        outline(cr, o);
    }
}

void ck_paint_shape(cairo_t *cr, const ck_board_object *o)
{
    ck_board_body body;
    int32_t x, y;
    if (o->kind == CK_BOARD_RECTANGLE) {
        const ck_paint_box box = ck_paint_box_of(o);
        cairo_rectangle(cr, box.x, box.y, box.wide, box.high);
        outline(cr, o);
        return;
    }
    if (o->kind == CK_BOARD_ELLIPSE) {
        ellipse(cr, o);
        return;
    }
    if (ck_board_read_body(o->kind, ck_bytes_of(o->body, o->body_size), &body) != CK_REASON_NONE) {
        return;
    }
    ck_board_place_point(o, body.x, body.y, &x, &y);
    (o->kind == CK_BOARD_ARROW ? arrow : line)(cr, o, o->x / CK_PAINT_PX, o->y / CK_PAINT_PX,
                                               x / CK_PAINT_PX, y / CK_PAINT_PX);
}
