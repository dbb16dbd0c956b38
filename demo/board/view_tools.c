/* What a pointer does with each tool. Every sample goes to the board as it comes. */
#include "board/inside.h"

#include <math.h>

#define ERASER_PX    10.0 /* of the screen: its radius */
#define REACH_PX     6.0
#define MARKER_TIMES 5.0 /* a marker is wider than a pen */
#define SHAPE_LEAST  3.0 /* px of the screen: less is a slip of the hand */

static chalk_board_point sample_of(const board_view *v, const board_pointer *at)
{
    const world_point world = view_world(v, at->x, at->y);
    return (chalk_board_point){
        .x = world.x, .y = world.y, .pressure = at->pressure, .at_us = at->at_us};
}

/* --- strokes --------------------------------------------------------------------------------- */

static void begin_stroke(board_view *v, const board_pointer *at)
{
    bool marker = v->state.tool == TOOL_MARKER;
    const chalk_board_point point = sample_of(v, at);
    chalk_board_pen_options pen;
    chalk_board_pen_options_init(&pen);
    pen.kind = marker ? CHALK_BOARD_MARKER : CHALK_BOARD_PEN;
    pen.page = v->state.page;
    pen.colour = view_argb(v);
    pen.width_px = view_width(v) * (marker ? MARKER_TIMES : 1.0);
    pen.zoom = v->zoom;
    view_group_begin(v);
    if (view_acted(v, chalk_board_pen_down(v->session, &pen, &point))) {
        v->gesture = GESTURE_STROKE;
    }
}

static void end_stroke(board_view *v, const board_pointer *at)
{
    const chalk_board_point point = sample_of(v, at);
    (void)chalk_board_pen_up(v->session, &point); /* the room may have ended */
    view_group_end(v);
}

/* --- erasers --------------------------------------------------------------------------------- */

static void rub(board_view *v, world_point to)
{
    double radius = ERASER_PX * v->scale / v->zoom;
    (void)view_acted(v, chalk_board_rub(v->session, v->state.page, v->last.x, v->last.y, to.x, to.y,
                                        radius, NULL));
}

/* Also between two samples of a fast hand. */
static void remove_along(board_view *v, world_point to)
{
    double reach = REACH_PX * v->scale / v->zoom;
    double far = hypot(to.x - v->last.x, to.y - v->last.y);
    int steps = (int)fmin(ceil(far / reach), 64.0);
    for (int i = 0; i <= steps; i++) {
        double part = steps > 0 ? (double)i / steps : 1.0;
        chalk_object_id id;
        while (chalk_board_hit(v->session, CHALK_VIEW_HEAD, v->state.page,
                               v->last.x + (to.x - v->last.x) * part,
                               v->last.y + (to.y - v->last.y) * part, reach, &id) == CHALK_OK) {
            if (!view_acted(v, chalk_board_delete(v->session, &id, 1, NULL))) {
                return;
            }
        }
    }
}

/* --- shapes ---------------------------------------------------------------------------------- */

static uint32_t kind_of(enum board_tool tool)
{
    return tool == TOOL_LINE        ? CHALK_BOARD_LINE
           : tool == TOOL_ARROW     ? CHALK_BOARD_ARROW
           : tool == TOOL_RECTANGLE ? CHALK_BOARD_RECTANGLE
                                    : CHALK_BOARD_ELLIPSE;
}

/* With Shift a square, a circle, or a line at a multiple of 45 degrees. */
static world_point straightened(const board_view *v, world_point to)
{
    double dx = to.x - v->start.x, dy = to.y - v->start.y;
    bool flat = v->state.tool == TOOL_LINE || v->state.tool == TOOL_ARROW;
    if (flat && fabs(dy) < 0.414 * fabs(dx)) {
        return (world_point){to.x, v->start.y};
    }
    if (flat && fabs(dx) < 0.414 * fabs(dy)) {
        return (world_point){v->start.x, to.y};
    }
    double side = fmax(fabs(dx), fabs(dy));
    return (world_point){v->start.x + copysign(side, dx), v->start.y + copysign(side, dy)};
}

static void end_shape(board_view *v)
{
    double least = SHAPE_LEAST * v->scale / v->zoom;
    double wide = v->last.x - v->start.x, high = v->last.y - v->start.y;
    if (hypot(wide, high) < least) {
        return;
    }
    chalk_board_put_options put;
    chalk_board_put_options_init(&put);
    put.kind = kind_of(v->state.tool);
    put.page = v->state.page;
    put.colour = view_argb(v);
    put.width_px = view_width(v);
    put.fill = v->state.filled && (v->state.tool == TOOL_RECTANGLE || v->state.tool == TOOL_ELLIPSE)
                   ? view_argb(v)
                   : 0;
    put.x = v->start.x;
    put.y = v->start.y;
    put.wide = wide;
    put.high = high;
    view_group_begin(v);
    (void)view_acted(v, chalk_board_put(v->session, &put, NULL, NULL));
    view_group_end(v);
}

/* --- text ------------------------------------------------------------------------------------ */

static void press_text(board_view *v)
{
    chalk_object_id id;
    chalk_board_object o = {.struct_size = sizeof o};
    double reach = REACH_PX * v->scale / v->zoom;
    view_text_end(v);
    bool found = chalk_board_hit(v->session, CHALK_VIEW_HEAD, v->state.page, v->start.x, v->start.y,
                                 reach, &id) == CHALK_OK &&
                 chalk_board_get_object(v->session, CHALK_VIEW_HEAD, id, &o) == CHALK_OK &&
                 o.kind == CHALK_BOARD_TEXT;
    if (found) {
        view_text_edit_object(v, &o);
    } else {
        view_text_begin(v, v->start);
    }
}

/* --- the pointer ----------------------------------------------------------------------------- */

static void begin(board_view *v, const board_pointer *at)
{
    switch (v->state.tool) {
    case TOOL_PEN:
    case TOOL_MARKER:
        begin_stroke(v, at);
        break;
    case TOOL_ERASER:
        v->gesture = GESTURE_ERASE;
        view_group_begin(v);
        rub(v, v->start);
        break;
    case TOOL_REMOVER:
        v->gesture = GESTURE_REMOVE;
        view_group_begin(v);
        remove_along(v, v->start);
        break;
    case TOOL_TEXT:
        press_text(v);
        break;
    case TOOL_LASER:
        v->gesture = GESTURE_POINT;
        view_point(v, true);
        break;
    case TOOL_SELECT:
        view_select_press(v);
        break;
    case TOOL_HAND:
        v->gesture = GESTURE_PAN;
        break;
    default:
        v->gesture = GESTURE_SHAPE;
        break;
    }
}

void board_view_press(board_view *v, const board_pointer *at)
{
    if (v->gesture != GESTURE_NONE) {
        return; /* another button */
    }
    v->pointer = *at;
    v->has_pointer = true;
    v->start = v->last = view_world(v, at->x, at->y);
    v->pan_x = at->x;
    v->pan_y = at->y;
    v->square = at->shift;
    if (v->text.on && v->state.tool != TOOL_TEXT) {
        view_text_end(v);
    }
    if (at->pans) {
        v->gesture = GESTURE_PAN;
    } else {
        begin(v, at);
    }
    v->dirty = true;
}

static void pan(board_view *v, const board_pointer *at)
{
    v->x -= (at->x - v->pan_x) / v->zoom;
    v->y -= (at->y - v->pan_y) / v->zoom;
    v->pan_x = at->x;
    v->pan_y = at->y;
    view_camera_moved(v, true);
}

void board_view_move(board_view *v, const board_pointer *at)
{
    const chalk_board_point point = sample_of(v, at);
    world_point to = {point.x, point.y};
    v->pointer = *at;
    v->has_pointer = true;
    v->square = at->shift;
    v->dirty = true;
    switch (v->gesture) {
    case GESTURE_PAN:
        pan(v, at);
        return;
    case GESTURE_STROKE:
        (void)chalk_board_pen_move(v->session, &point); /* the room may have ended */
        break;
    case GESTURE_ERASE:
        rub(v, to);
        break;
    case GESTURE_REMOVE:
        remove_along(v, to);
        break;
    case GESTURE_SHAPE:
        to = v->square ? straightened(v, to) : to;
        break;
    default:
        break;
    }
    v->last = to;
    view_point(v, v->gesture == GESTURE_POINT);
}

void board_view_release(board_view *v, const board_pointer *at)
{
    enum gesture was = v->gesture;
    if (was != GESTURE_NONE && was != GESTURE_STROKE) {
        board_view_move(v, at);
    }
    v->gesture = GESTURE_NONE;
    v->dirty = true;
    switch (was) {
    case GESTURE_STROKE:
        end_stroke(v, at);
        break;
    case GESTURE_ERASE:
    case GESTURE_REMOVE:
        view_group_end(v);
        view_select_refresh(v);
        break;
    case GESTURE_SHAPE:
        end_shape(v);
        break;
    case GESTURE_MARQUEE:
    case GESTURE_MOVE:
    case GESTURE_SCALE:
        v->gesture = was;
        view_select_release(v);
        v->gesture = GESTURE_NONE;
        break;
    case GESTURE_POINT:
        view_point(v, false);
        break;
    default:
        break;
    }
}

void board_view_leave(board_view *v)
{
    if (v->has_pointer) {
        v->has_pointer = false;
        v->dirty = true;
        view_point(v, false);
    }
}
