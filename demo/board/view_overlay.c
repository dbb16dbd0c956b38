/* What lies over the page: the shape that is being drawn, the selection, an eraser's reach, text
 * that is typed, others. */
#include "board/inside.h"

#include <math.h>

#define ERASER_PX 10.0
#define HANDLE_PX 8.0
#define TURN      6.283185307179586
#define HEAD_LONG 4.0 /* of an arrow, in line widths, as the board's renderer */
#define HEAD_HALF 1.8

static world_point pixel(const board_view *v, world_point at)
{
    return (world_point){(at.x - v->x) * v->zoom, (at.y - v->y) * v->zoom};
}

/* --- the shape ------------------------------------------------------------------------------- */

static void paint_arrow(cairo_t *c, world_point a, world_point b, double width)
{
    double length = hypot(b.x - a.x, b.y - a.y);
    double dx = length > 0 ? (b.x - a.x) / length : 1, dy = length > 0 ? (b.y - a.y) / length : 0;
    double cx = b.x - dx * HEAD_LONG * width, cy = b.y - dy * HEAD_LONG * width;
    double half = HEAD_HALF * width;
    if (length > HEAD_LONG * width) {
        cairo_set_line_cap(c, CAIRO_LINE_CAP_BUTT);
        cairo_move_to(c, a.x, a.y);
        cairo_line_to(c, cx, cy);
        cairo_stroke(c);
    }
    cairo_move_to(c, b.x, b.y);
    cairo_line_to(c, cx - dy * half, cy + dx * half);
    cairo_line_to(c, cx + dy * half, cy - dx * half);
    cairo_close_path(c);
    cairo_fill(c);
}

static void paint_closed(cairo_t *c, const board_view *v, world_point a, world_point b)
{
    if (v->state.tool == TOOL_RECTANGLE) {
        cairo_rectangle(c, a.x, a.y, b.x - a.x, b.y - a.y);
    } else if (a.x != b.x && a.y != b.y) {
        cairo_save(c);
        cairo_translate(c, (a.x + b.x) / 2, (a.y + b.y) / 2);
        cairo_scale(c, fabs(b.x - a.x) / 2, fabs(b.y - a.y) / 2);
        cairo_new_sub_path(c);
        cairo_arc(c, 0, 0, 1, 0, TURN);
        cairo_restore(c);
    }
    if (v->state.filled) {
        cairo_fill_preserve(c);
    }
    cairo_stroke(c);
}

static void paint_shape(const board_view *v, cairo_t *c)
{
    world_point a = pixel(v, v->start), b = pixel(v, v->last);
    double width = view_width(v) * v->zoom;
    ui_colour(c, view_argb(v) & 0xffffff, 1.0);
    cairo_set_line_width(c, width);
    cairo_set_line_join(c, CAIRO_LINE_JOIN_MITER);
    if (v->state.tool == TOOL_LINE) {
        cairo_set_line_cap(c, CAIRO_LINE_CAP_ROUND);
        cairo_move_to(c, a.x, a.y);
        cairo_line_to(c, b.x, b.y);
        cairo_stroke(c);
    } else if (v->state.tool == TOOL_ARROW) {
        paint_arrow(c, a, b, width);
    } else {
        paint_closed(c, v, a, b);
    }
}

/* --- the selection --------------------------------------------------------------------------- */

/* What is moved, as it looked: the page below shows through its white. */
static void paint_ghost(const board_view *v, cairo_t *c, const ui_rect *to, double fx, double fy)
{
    double wide = cairo_image_surface_get_width(v->ghost);
    double high = cairo_image_surface_get_height(v->ghost);
    const ui_rect from = view_rect(v, &v->box);
    ui_colour(c, UI_WHITE, 0.65); /* where it was */
    cairo_rectangle(c, from.x, from.y, from.w, from.h);
    cairo_fill(c);
    cairo_save(c);
    cairo_translate(c, fx < 0 ? to->x + to->w : to->x, fy < 0 ? to->y + to->h : to->y);
    cairo_scale(c, copysign(to->w / wide, fx), copysign(to->h / high, fy));
    cairo_set_source_surface(c, v->ghost, 0, 0);
    cairo_set_operator(c, CAIRO_OPERATOR_MULTIPLY);
    cairo_rectangle(c, 0, 0, wide, high);
    cairo_fill(c);
    cairo_restore(c);
}

static void paint_handle(const board_view *v, cairo_t *c, double x, double y)
{
    double side = HANDLE_PX * v->scale;
    const ui_rect box = {x - side / 2, y - side / 2, side, side};
    ui_fill(c, box, 2 * v->scale, UI_WHITE);
    ui_frame(c, box, 2 * v->scale, 1.5 * v->scale, UI_ACCENT);
}

static void paint_selection(const board_view *v, cairo_t *c)
{
    double fx, fy, s = v->scale;
    const world_box box = view_target_box(v, &fx, &fy);
    const ui_rect r = view_rect(v, &box);
    bool moves = v->gesture == GESTURE_MOVE || v->gesture == GESTURE_SCALE;
    if (v->selected_count == 0) {
        return;
    }
    if (moves && v->ghost != NULL) {
        paint_ghost(v, c, &r, fx, fy);
    }
    const ui_rect frame = ui_inset(r, -3 * s);
    ui_frame(c, frame, 0.01, 1.5 * s, UI_ACCENT);
    if (!moves) {
        paint_handle(v, c, r.x, r.y);
        paint_handle(v, c, r.x + r.w, r.y);
        paint_handle(v, c, r.x + r.w, r.y + r.h);
        paint_handle(v, c, r.x, r.y + r.h);
    }
}

static void paint_marquee(const board_view *v, cairo_t *c)
{
    world_point a = pixel(v, v->start), b = pixel(v, v->last);
    cairo_rectangle(c, fmin(a.x, b.x), fmin(a.y, b.y), fabs(b.x - a.x), fabs(b.y - a.y));
    ui_colour(c, UI_ACCENT, 0.12);
    cairo_fill_preserve(c);
    ui_colour(c, UI_ACCENT, 1.0);
    cairo_set_line_width(c, v->scale);
    cairo_stroke(c);
}

/* --- the pointer ----------------------------------------------------------------------------- */

static void paint_reach(const board_view *v, cairo_t *c)
{
    cairo_new_sub_path(c);
    cairo_arc(c, v->pointer.x, v->pointer.y, ERASER_PX * v->scale, 0, TURN);
    ui_colour(c, UI_WHITE, 0.6);
    cairo_fill_preserve(c);
    ui_colour(c, UI_FAINT, 1.0);
    cairo_set_line_width(c, v->scale);
    cairo_stroke(c);
}

void view_overlay(board_view *v, cairo_t *c, uint64_t now_us)
{
    bool erases = v->state.tool == TOOL_ERASER || v->state.tool == TOOL_REMOVER;
    if (v->gesture == GESTURE_SHAPE) {
        paint_shape(v, c);
    }
    paint_selection(v, c);
    if (v->gesture == GESTURE_MARQUEE) {
        paint_marquee(v, c);
    }
    view_text_paint(v, c);
    view_others_paint(v, c, now_us);
    if (erases && v->has_pointer) {
        paint_reach(v, c);
    }
}
