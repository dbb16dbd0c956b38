/* Where others point, with their names, and where one points oneself. */
#include "board/inside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define SHOW_US  50000   /* others are told so often */
#define STAYS_US 8000000 /* a cursor that does not move */
#define LASER_US 900000  /* a laser's trail */
#define FRAME_US 16000

/* Apart in hue, dark enough for white letters. */
static const uint32_t colours[] = {0x0b62a8, 0x00735a, 0xa84300, 0x7b3f98, 0x8a5a00, 0x9c2f63};

static void lengthen(laser_trail *trail, world_point at, uint64_t now_us)
{
    trail->at[trail->count % TRAIL_MAX] = at;
    trail->us[trail->count % TRAIL_MAX] = now_us;
    trail->count++;
}

static uint32_t colour_of(chalk_person_id who)
{
    return colours[who % (sizeof colours / sizeof *colours)];
}

/* --- oneself --------------------------------------------------------------------------------- */

static void tell(board_view *v, uint64_t now_us)
{
    const world_point at = view_world(v, v->pointer.x, v->pointer.y);
    const chalk_board_pointer pointer = {
        .page = v->has_pointer ? v->state.page : 0,
        .laser = v->gesture == GESTURE_POINT,
        .x = at.x,
        .y = at.y,
    };
    (void)chalk_board_point_at(v->session, &pointer); /* without the right nobody sees it */
    v->shown_us = now_us;
    v->shown_stale = false;
}

void view_point(board_view *v, bool laser)
{
    uint64_t now_us = view_now_us(v);
    if (laser) {
        lengthen(&v->trail, v->last, now_us);
    }
    v->shown_stale = true;
    view_others_turn(v, now_us);
}

void view_others_turn(board_view *v, uint64_t now_us)
{
    if (v->shown_stale && now_us - v->shown_us >= SHOW_US) {
        tell(v, now_us);
    }
}

/* --- others ---------------------------------------------------------------------------------- */

/* Who has not been seen for longest makes room. */
static other_pointer *place_of(board_view *v, chalk_person_id who)
{
    other_pointer *oldest = &v->others[0];
    for (int i = 0; i < OTHERS_MAX; i++) {
        if (v->others[i].who == who) {
            return &v->others[i];
        }
        oldest = v->others[i].seen_us < oldest->seen_us ? &v->others[i] : oldest;
    }
    *oldest = (other_pointer){.who = who};
    return oldest;
}

void view_others_event(board_view *v, const chalk_room_event *event)
{
    chalk_board_pointer at;
    chalk_room_info info = {.struct_size = sizeof info};
    bool mine = chalk_room_get_info(v->session, CHALK_VIEW_HEAD, &info) == CHALK_OK &&
                event->author == info.me;
    if (mine || chalk_board_read_pointer(event, &at) != CHALK_OK) {
        return;
    }
    other_pointer *other = place_of(v, event->author);
    (void)snprintf(other->name, sizeof other->name, "%s", event->name);
    other->at = at;
    other->seen_us = view_now_us(v);
    if (at.laser) {
        lengthen(&other->trail, (world_point){at.x, at.y}, other->seen_us);
    }
}

static bool is_shown(const board_view *v, const other_pointer *other, uint64_t now_us)
{
    return other->who != 0 && other->at.page == v->state.page && now_us - other->seen_us < STAYS_US;
}

static bool glows(const laser_trail *trail, uint64_t now_us)
{
    return trail->count > 0 && now_us - trail->us[(trail->count - 1) % TRAIL_MAX] < LASER_US;
}

uint64_t view_others_due(const board_view *v, uint64_t now_us)
{
    bool moving = glows(&v->trail, now_us);
    uint64_t due_us = v->shown_stale ? v->shown_us + SHOW_US : UINT64_MAX;
    for (int i = 0; i < OTHERS_MAX; i++) {
        const other_pointer *other = &v->others[i];
        moving = moving || glows(&other->trail, now_us);
        if (is_shown(v, other, now_us) && other->seen_us + STAYS_US < due_us) {
            due_us = other->seen_us + STAYS_US;
        }
    }
    return moving && now_us + FRAME_US < due_us ? now_us + FRAME_US : due_us;
}

/* --- as they look ---------------------------------------------------------------------------- */

static void paint_trail(const board_view *v, cairo_t *c, const laser_trail *trail, uint64_t now_us)
{
    uint32_t first = trail->count > TRAIL_MAX ? trail->count - TRAIL_MAX : 0;
    cairo_set_line_cap(c, CAIRO_LINE_CAP_ROUND);
    for (uint32_t i = first; i < trail->count; i++) {
        uint64_t age_us = now_us - trail->us[i % TRAIL_MAX];
        if (age_us >= LASER_US) {
            continue;
        }
        double left = 1.0 - (double)age_us / LASER_US;
        world_point to = trail->at[i % TRAIL_MAX];
        world_point from = i > first ? trail->at[(i - 1) % TRAIL_MAX] : to;
        cairo_set_line_width(c, (3 + 7 * left) * v->scale);
        cairo_set_source_rgba(c, 0.9, 0.1, 0.1, 0.75 * left);
        cairo_move_to(c, (from.x - v->x) * v->zoom, (from.y - v->y) * v->zoom);
        cairo_line_to(c, (to.x - v->x) * v->zoom, (to.y - v->y) * v->zoom);
        cairo_stroke(c);
    }
}

static void paint_cursor(const board_view *v, cairo_t *c, const other_pointer *other)
{
    static const double arrow[][2] = {{0, 0}, {11, 10}, {6, 10.5}, {3, 15.5}};
    double s = v->scale, x = (other->at.x - v->x) * v->zoom, y = (other->at.y - v->y) * v->zoom;
    uint32_t colour = colour_of(other->who);
    for (size_t i = 0; i < sizeof arrow / sizeof *arrow; i++) {
        cairo_line_to(c, x + arrow[i][0] * s, y + arrow[i][1] * s);
    }
    cairo_close_path(c);
    ui_colour(c, colour, 1.0);
    cairo_fill_preserve(c);
    ui_colour(c, UI_WHITE, 1.0);
    cairo_set_line_width(c, s);
    cairo_stroke(c);
    double wide = ui_text_width(c, UI_SMALL * s, true, other->name);
    wide = wide < 160 * s ? wide : 160 * s;
    const ui_rect label = {x + 10 * s, y + 15 * s, wide + 12 * s, 20 * s};
    ui_fill(c, label, 4 * s, colour);
    ui_text(c, (ui_rect){label.x + 6 * s, label.y, wide + s, label.h}, UI_SMALL * s, true, UI_WHITE,
            UI_LEFT, other->name);
}

void view_others_paint(board_view *v, cairo_t *c, uint64_t now_us)
{
    paint_trail(v, c, &v->trail, now_us);
    for (int i = 0; i < OTHERS_MAX; i++) {
        if (is_shown(v, &v->others[i], now_us)) {
            paint_trail(v, c, &v->others[i].trail, now_us);
            paint_cursor(v, c, &v->others[i]);
        }
    }
}
