/* What is selected: by a click, a box, from key to key; moved and scaled by its frame. */
#include "board/inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define REACH_PX   6.0
#define HANDLE_PX  10.0
#define LEAST_PX   4.0 /* of the screen: what is scaled stays at least so large */
#define FACTOR_MAX 64.0

ui_rect view_rect(const board_view *v, const world_box *box)
{
    return (ui_rect){(box->left - v->x) * v->zoom, (box->top - v->y) * v->zoom,
                     (box->right - box->left) * v->zoom, (box->bottom - box->top) * v->zoom};
}

bool view_object_box(board_view *v, chalk_object_id id, world_box *box)
{
    chalk_board_object o = {.struct_size = sizeof o};
    if (chalk_board_get_object(v->session, CHALK_VIEW_HEAD, id, &o) != CHALK_OK ||
        o.page != v->state.page) {
        return false;
    }
    double half = o.width_px / 2;
    *box = (world_box){fmin(o.x, o.x + o.wide) - half, fmin(o.y, o.y + o.high) - half,
                       fmax(o.x, o.x + o.wide) + half, fmax(o.y, o.y + o.high) + half};
    return true;
}

/* --- which ----------------------------------------------------------------------------------- */

void view_select_none(board_view *v)
{
    v->selected_count = 0;
    v->dirty = true;
}

void view_select_refresh(board_view *v)
{
    uint32_t kept = 0;
    world_box b;
    for (uint32_t i = 0; i < v->selected_count; i++) {
        if (view_object_box(v, v->selected[i], &b)) {
            v->box.left = kept == 0 ? b.left : fmin(v->box.left, b.left);
            v->box.top = kept == 0 ? b.top : fmin(v->box.top, b.top);
            v->box.right = kept == 0 ? b.right : fmax(v->box.right, b.right);
            v->box.bottom = kept == 0 ? b.bottom : fmax(v->box.bottom, b.bottom);
            v->selected[kept++] = v->selected[i];
        }
    }
    v->selected_count = kept;
    v->dirty = true;
}

void view_select_only(board_view *v, chalk_object_id id)
{
    v->selected[0] = id;
    v->selected_count = 1;
    view_select_refresh(v);
}

static bool is_selected(const board_view *v, chalk_object_id id)
{
    for (uint32_t i = 0; i < v->selected_count; i++) {
        if (v->selected[i] == id) {
            return true;
        }
    }
    return false;
}

static void toggle(board_view *v, chalk_object_id id)
{
    for (uint32_t i = 0; i < v->selected_count; i++) {
        if (v->selected[i] == id) {
            v->selected[i] = v->selected[--v->selected_count];
            view_select_refresh(v);
            return;
        }
    }
    if (v->selected_count < SELECTED_MAX) {
        v->selected[v->selected_count++] = id;
    }
    view_select_refresh(v);
}

void view_select_in(board_view *v, const world_box *box)
{
    uint32_t count = view_list(v, NULL, 0, NULL);
    chalk_object_id *ids = count > 0 ? calloc(count, sizeof *ids) : NULL;
    count = ids != NULL ? view_list(v, ids, count, NULL) : 0;
    v->selected_count = 0;
    for (uint32_t i = 0; i < count && v->selected_count < SELECTED_MAX; i++) {
        world_box b;
        if (view_object_box(v, ids[i], &b) && b.left >= box->left && b.top >= box->top &&
            b.right <= box->right && b.bottom <= box->bottom) {
            v->selected[v->selected_count++] = ids[i];
        }
    }
    free(ids);
    view_select_refresh(v);
}

static int order_of_ids(const void *a, const void *b)
{
    const chalk_object_id *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void show(board_view *v, const world_box *box)
{
    const ui_rect r = view_rect(v, box);
    if (r.x < 0 || r.y < 0 || r.x + r.w > v->wide || r.y + r.h > v->high) {
        (void)view_centre(v, (box->left + box->right) / 2, (box->top + box->bottom) / 2, v->zoom);
        view_camera_moved(v, true);
    }
}

void view_select_step(board_view *v, int by)
{
    char words[160];
    uint32_t count = view_list(v, NULL, 0, NULL), at = 0;
    chalk_object_id *ids = count > 0 ? calloc(count, sizeof *ids) : NULL;
    count = ids != NULL ? view_list(v, ids, count, NULL) : 0;
    if (count == 0) {
        free(ids);
        board_view_say(v, "The page is empty.");
        return;
    }
    qsort(ids, count, sizeof *ids, order_of_ids);
    while (v->selected_count > 0 && at < count && ids[at] != v->selected[0]) {
        at++;
    }
    at = v->selected_count == 0 || at == count ? (by > 0 ? 0 : count - 1)
                                               : (at + count + (uint32_t)(by + (int)count)) % count;
    v->state.tool = TOOL_SELECT;
    view_select_only(v, ids[at]);
    if (chalk_board_describe(v->session, CHALK_VIEW_HEAD, ids[at], words, sizeof words) ==
        CHALK_OK) {
        board_view_say(v, "%u of %u: %s", at + 1, count, words);
    }
    free(ids);
    show(v, &v->box);
}

/* --- by the pointer -------------------------------------------------------------------------- */

/* The corner that is held, clockwise from the left upper one; -1: none. */
static int handle_at(const board_view *v, double x, double y)
{
    const ui_rect r = view_rect(v, &v->box);
    double reach = HANDLE_PX * v->scale;
    for (int i = 0; i < 4 && v->selected_count > 0; i++) {
        double hx = i == 1 || i == 2 ? r.x + r.w : r.x, hy = i >= 2 ? r.y + r.h : r.y;
        if (fabs(x - hx) <= reach && fabs(y - hy) <= reach) {
            return i;
        }
    }
    return -1;
}

/* How what is selected looks now; it is multiplied onto the page, so white paper does not show. */
static void take_ghost(board_view *v)
{
    const ui_rect r = view_rect(v, &v->box);
    cairo_surface_destroy(v->ghost);
    v->ghost = NULL;
    if (r.w < 1 || r.h < 1 || r.w > CHALK_CANVAS_SIDE_MAX || r.h > CHALK_CANVAS_SIDE_MAX) {
        return;
    }
    cairo_surface_t *whole = cairo_image_surface_create(CAIRO_FORMAT_RGB24, v->wide, v->high);
    cairo_surface_flush(whole);
    if (cairo_surface_status(whole) == CAIRO_STATUS_SUCCESS &&
        chalk_canvas_paint(v->canvas, 0, cairo_image_surface_get_data(whole),
                           (size_t)cairo_image_surface_get_stride(whole), NULL) == CHALK_OK) {
        cairo_surface_mark_dirty(whole);
        v->ghost = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(r.w), (int)ceil(r.h));
        cairo_t *c = cairo_create(v->ghost);
        ui_colour(c, UI_WHITE, 1.0);
        cairo_paint(c);
        cairo_set_source_surface(c, whole, -r.x, -r.y);
        cairo_paint(c);
        cairo_destroy(c);
    }
    cairo_surface_destroy(whole);
}

void view_select_press(board_view *v)
{
    chalk_object_id id = 0;
    chalk_board_object o = {.struct_size = sizeof o};
    v->handle = handle_at(v, v->pointer.x, v->pointer.y);
    if (v->handle >= 0) {
        v->gesture = GESTURE_SCALE;
        take_ghost(v);
        return;
    }
    bool hit = chalk_board_hit(v->session, CHALK_VIEW_HEAD, v->state.page, v->start.x, v->start.y,
                               REACH_PX * v->scale / v->zoom, &id) == CHALK_OK;
    if (hit && v->pointer.clicks >= 2 &&
        chalk_board_get_object(v->session, CHALK_VIEW_HEAD, id, &o) == CHALK_OK &&
        o.kind == CHALK_BOARD_TEXT) {
        v->state.tool = TOOL_TEXT;
        view_text_edit_object(v, &o);
    } else if (hit && v->pointer.shift) {
        toggle(v, id);
    } else if (hit) {
        if (!is_selected(v, id)) {
            view_select_only(v, id);
        }
        v->gesture = GESTURE_MOVE;
        take_ghost(v);
    } else {
        const ui_rect r = view_rect(v, &v->box);
        bool inside = v->selected_count > 0 && ui_inside(&r, v->pointer.x, v->pointer.y);
        v->gesture = inside ? GESTURE_MOVE : GESTURE_MARQUEE;
        if (inside) {
            take_ghost(v);
        } else {
            view_select_none(v);
        }
    }
}

/* `size` is below 0 where the corner that is held lies before the one that stays. */
static double factor_of(const board_view *v, double from, double to, double size)
{
    double least = LEAST_PX * v->scale / v->zoom;
    if (fabs(size) < least) {
        return 1.0; /* a flat line has nothing to be scaled */
    }
    double wanted = copysign(fmax(fabs(to - from), least), to - from) / size;
    return copysign(fmin(fmax(fabs(wanted), 1 / FACTOR_MAX), FACTOR_MAX), wanted);
}

/* The corner opposite to the one that is held stays. */
static world_point anchor(const board_view *v)
{
    return (world_point){v->handle == 1 || v->handle == 2 ? v->box.left : v->box.right,
                         v->handle >= 2 ? v->box.top : v->box.bottom};
}

static void factors(const board_view *v, double *across, double *down)
{
    const world_point stays = anchor(v);
    double wide = v->box.right - v->box.left, high = v->box.bottom - v->box.top;
    *across = factor_of(v, stays.x, v->last.x, v->handle == 1 || v->handle == 2 ? wide : -wide);
    *down = factor_of(v, stays.y, v->last.y, v->handle >= 2 ? high : -high);
    if (!v->square) { /* Shift lets go of the shape's proportions */
        double both = fmax(fabs(*across), fabs(*down));
        *across = copysign(both, *across);
        *down = copysign(both, *down);
    }
}

world_box view_target_box(const board_view *v, double *factor_x, double *factor_y)
{
    world_box b = v->box;
    *factor_x = *factor_y = 1.0;
    if (v->gesture == GESTURE_MOVE) {
        double dx = v->last.x - v->start.x, dy = v->last.y - v->start.y;
        return (world_box){b.left + dx, b.top + dy, b.right + dx, b.bottom + dy};
    }
    if (v->gesture == GESTURE_SCALE) {
        const world_point s = anchor(v);
        factors(v, factor_x, factor_y);
        double x0 = s.x + (b.left - s.x) * *factor_x, x1 = s.x + (b.right - s.x) * *factor_x;
        double y0 = s.y + (b.top - s.y) * *factor_y, y1 = s.y + (b.bottom - s.y) * *factor_y;
        return (world_box){fmin(x0, x1), fmin(y0, y1), fmax(x0, x1), fmax(y0, y1)};
    }
    return b;
}

static void carry_out(board_view *v)
{
    double across = 1.0, down = 1.0;
    double dx = v->last.x - v->start.x, dy = v->last.y - v->start.y;
    const world_point stays = anchor(v);
    (void)view_target_box(v, &across, &down);
    view_group_begin(v);
    for (uint32_t i = 0; i < v->selected_count; i += CHALK_BOARD_OBJECTS_MAX) {
        uint32_t left = v->selected_count - i;
        uint32_t count = left < CHALK_BOARD_OBJECTS_MAX ? left : CHALK_BOARD_OBJECTS_MAX;
        const chalk_object_id *ids = v->selected + i;
        int status =
            v->gesture == GESTURE_MOVE
                ? chalk_board_move(v->session, ids, count, dx, dy, NULL)
                : chalk_board_scale(v->session, ids, count, stays.x, stays.y, across, down, NULL);
        (void)view_acted(v, status);
    }
    view_group_end(v);
}

void view_select_release(board_view *v)
{
    bool moved = hypot(v->last.x - v->start.x, v->last.y - v->start.y) * v->zoom > 2 * v->scale;
    if (v->gesture == GESTURE_MARQUEE) {
        const world_box box = {fmin(v->start.x, v->last.x), fmin(v->start.y, v->last.y),
                               fmax(v->start.x, v->last.x), fmax(v->start.y, v->last.y)};
        if (moved) {
            view_select_in(v, &box);
        }
    } else if (moved) {
        carry_out(v);
        view_select_refresh(v);
    }
    cairo_surface_destroy(v->ghost);
    v->ghost = NULL;
}
