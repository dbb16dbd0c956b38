#include "board/inside.h"

#include "chalkrail/asset.h"
#include "chalkrail/runtime.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_US 4000000
#define PAINT_US   8000 /* of a frame's time for what changed */
#define CARET_US   500000
#define ZOOM_MIN   (1.0 / 64)
#define ZOOM_MAX   64.0
#define WHEEL_STEP 60.0 /* px of the screen */
#define WHEEL_ZOOM 1.15
#define FIT_MARGIN 24.0
#define PLACE_MAX  524000.0 /* px: the page ends a little farther */

uint64_t view_now_us(const board_view *v)
{
    return chalk_runtime_now_us(v->runtime);
}

world_point view_world(const board_view *v, double x, double y)
{
    return (world_point){v->x + x / v->zoom, v->y + y / v->zoom};
}

uint32_t view_argb(const board_view *v)
{
    return board_colours[v->state.colour];
}

double view_width(const board_view *v)
{
    return board_widths[v->state.width];
}

/* --- life ------------------------------------------------------------------------------------ */

board_view *board_view_create(chalk_runtime *runtime, chalk_session *session)
{
    board_view *v = calloc(1, sizeof *v);
    if (v == NULL || chalk_canvas_create(session, CHALK_VIEW_HEAD, &v->canvas) < 0) {
        free(v);
        return NULL;
    }
    v->runtime = runtime;
    v->session = session;
    v->decks = decks_new(session);
    if (v->decks == NULL) {
        board_view_destroy(&v);
        return NULL;
    }
    v->zoom = v->scale = 1.0;
    v->follows = true;
    v->state = (board_state){.tool = TOOL_PEN, .width = 1, .page = 1, .pages = 1, .zoom = 1.0};
    return v;
}

void board_view_destroy(board_view **view)
{
    board_view *v = *view;
    if (v != NULL) {
        cairo_surface_destroy(v->ghost);
        decks_free(&v->decks);
        chalk_canvas_destroy(&v->canvas);
        free(v);
        *view = NULL;
    }
}

void board_view_say(board_view *v, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(v->state.message, sizeof v->state.message, format, args);
    va_end(args);
    v->message_us = view_now_us(v) + MESSAGE_US;
    v->dirty = true;
}

/* --- what is seen ---------------------------------------------------------------------------- */

static void set_canvas(board_view *v)
{
    const chalk_canvas_view view = {
        .struct_size = sizeof view,
        .page = v->state.page,
        .wide = (uint32_t)v->wide,
        .high = (uint32_t)v->high,
        .x = v->x,
        .y = v->y,
        .zoom = v->zoom,
    };
    if (v->wide > 0 && v->high > 0) {
        (void)chalk_canvas_set_view(v->canvas, &view); /* else the picture is the one before */
    }
    v->dirty = true;
}

static double between(double value, double least, double most)
{
    return fmin(fmax(value, least), most);
}

bool view_centre(board_view *v, double x, double y, double zoom)
{
    const double was_x = v->x, was_y = v->y, was_zoom = v->zoom;
    v->zoom = between(zoom, ZOOM_MIN, ZOOM_MAX);
    v->x = between(x - v->wide / v->zoom / 2, -PLACE_MAX, PLACE_MAX);
    v->y = between(y - v->high / v->zoom / 2, -PLACE_MAX, PLACE_MAX);
    return v->x != was_x || v->y != was_y || v->zoom != was_zoom;
}

void view_camera_moved(board_view *v, bool by_hand)
{
    v->x = between(v->x, -PLACE_MAX, PLACE_MAX);
    v->y = between(v->y, -PLACE_MAX, PLACE_MAX);
    v->state.zoom = v->zoom / v->scale;
    v->lead_stale = true;
    if (by_hand && v->state.follows) {
        v->follows = false;
        board_view_say(v, "You have left the shared view. Ctrl+F follows it again.");
    }
    set_canvas(v);
}

void board_view_resize(board_view *v, int wide, int high, double scale)
{
    v->zoom = between(v->zoom * scale / v->scale, ZOOM_MIN, ZOOM_MAX);
    v->scale = scale;
    v->wide = wide > CHALK_CANVAS_SIDE_MAX ? CHALK_CANVAS_SIDE_MAX : wide;
    v->high = high > CHALK_CANVAS_SIDE_MAX ? CHALK_CANVAS_SIDE_MAX : high;
    view_camera_moved(v, false);
}

void view_zoom(board_view *v, double factor, double x, double y)
{
    world_point at = view_world(v, x, y);
    v->zoom = between(v->zoom * factor, ZOOM_MIN, ZOOM_MAX);
    v->x = at.x - x / v->zoom;
    v->y = at.y - y / v->zoom;
    view_camera_moved(v, true);
}

void view_show_all(board_view *v)
{
    world_box box;
    double margin = FIT_MARGIN * v->scale;
    if (v->wide <= 2 * margin || v->high <= 2 * margin || view_list(v, NULL, 0, &box) == 0) {
        return;
    }
    double wide = fmax(box.right - box.left, 1), high = fmax(box.bottom - box.top, 1);
    double zoom = fmin((v->wide - 2 * margin) / wide, (v->high - 2 * margin) / high);
    (void)view_centre(v, (box.left + box.right) / 2, (box.top + box.bottom) / 2,
                      fmin(zoom, 4 * v->scale));
    view_camera_moved(v, true);
}

void board_view_wheel(board_view *v, const board_pointer *at, double across, double down,
                      bool zooms)
{
    if (zooms) {
        view_zoom(v, pow(WHEEL_ZOOM, down), at->x, at->y);
    } else {
        v->x -= across * WHEEL_STEP * v->scale / v->zoom;
        v->y -= down * WHEEL_STEP * v->scale / v->zoom;
        view_camera_moved(v, true);
    }
}

/* --- pages ----------------------------------------------------------------------------------- */

static void show_page(board_view *v, const chalk_board_page *page, uint32_t index)
{
    bool other = page->number != v->state.page;
    v->state.page_index = index;
    v->state.may_draw = page->may_draw != 0;
    if (other) {
        v->state.page = page->number;
        view_text_end(v);
        view_select_none(v);
        set_canvas(v);
    }
}

/* The page may have been removed: then the one at its place is shown. */
static void find_page(board_view *v)
{
    chalk_board_page page = {.struct_size = sizeof page};
    for (uint32_t i = 0; i < v->state.pages; i++) {
        if (chalk_board_get_page(v->session, CHALK_VIEW_HEAD, i, &page) == CHALK_OK &&
            page.number == v->state.page) {
            show_page(v, &page, i);
            return;
        }
    }
    uint32_t index = v->state.page_index < v->state.pages ? v->state.page_index
                     : v->state.pages > 0                 ? v->state.pages - 1
                                                          : 0;
    if (chalk_board_get_page(v->session, CHALK_VIEW_HEAD, index, &page) == CHALK_OK) {
        show_page(v, &page, index);
    }
}

void board_view_go_to(board_view *v, uint32_t page_index)
{
    chalk_board_page page = {.struct_size = sizeof page};
    if (chalk_board_get_page(v->session, CHALK_VIEW_HEAD, page_index, &page) == CHALK_OK) {
        show_page(v, &page, page_index);
        view_camera_moved(v, true);
    }
}

/* --- events ---------------------------------------------------------------------------------- */

static void look(board_view *v)
{
    chalk_board_info info = {.struct_size = sizeof info};
    if (chalk_board_get_info(v->session, CHALK_VIEW_HEAD, &info) == CHALK_OK) {
        v->state.undoable = info.undoable != 0;
        v->state.redoable = info.redoable != 0;
        v->state.pages = info.pages;
        find_page(v);
    }
    v->version++;
    v->dirty = true;
}

void board_view_renew(board_view *v)
{
    look(v);
    view_select_refresh(v);
}

static const char *refusal_words(uint32_t reason)
{
    switch (reason) {
    case CHALK_REASON_DENIED:
        return "You may not do that here: the teacher gives the right to draw.";
    case CHALK_REASON_NOT_FOUND:
        return "It is gone already.";
    case CHALK_REASON_LIMIT:
        return "The board is full.";
    case CHALK_REASON_STATE:
        return "Not now: the class is over.";
    case CHALK_REASON_TOO_LARGE:
        return "That is too large.";
    default:
        return "That was not done.";
    }
}

void board_view_event(board_view *v, const chalk_room_event *event)
{
    switch (event->kind) {
    case CHALK_ROOM_EVENT_SHOWN:
        view_others_event(v, event);
        v->dirty = true;
        return;
    case CHALK_ROOM_EVENT_SETTLED:
        if (event->reason != CHALK_REASON_NONE && event->reason != CHALK_REASON_SETTLED &&
            event->reason != CHALK_REASON_LEFT) {
            board_view_say(v, "%s", refusal_words(event->reason));
        }
        break;
    case CHALK_ROOM_EVENT_ASSET:
        if (event->value == CHALK_ASSET_FAILED) {
            board_view_say(v, "A picture cannot be had: %s.", chalk_error_text(event->cause));
        }
        break;
    default:
        break;
    }
    look(v);
    view_select_refresh(v);
}

/* --- painting -------------------------------------------------------------------------------- */

const board_state *board_view_state(board_view *v)
{
    v->state.selected = v->selected_count;
    v->state.leads = v->leads;
    if (v->message_us != 0 && view_now_us(v) >= v->message_us) {
        v->message_us = 0;
        v->state.message[0] = '\0';
    }
    return &v->state;
}

uint64_t board_view_edits(const board_view *v)
{
    return v->edits;
}

uint64_t board_view_version(const board_view *v)
{
    return v->version;
}

static uint64_t sooner(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t board_view_due(const board_view *v, uint64_t now_us)
{
    if (v->dirty || v->more) {
        return now_us;
    }
    uint64_t due_us = v->message_us != 0 ? v->message_us : UINT64_MAX;
    due_us = sooner(due_us, v->text.on ? now_us + CARET_US : UINT64_MAX);
    due_us = sooner(due_us, view_lead_due(v));
    return sooner(due_us, view_others_due(v, now_us));
}

/* Pages of decks: what is uploaded becomes pages, what is seen is rendered. */
static void run_decks(board_view *v)
{
    int status = decks_run(v->decks, v->canvas);
    bool busy = status == CHALK_ERR_AGAIN;
    v->more = v->more || busy || v->renders; /* what came at last is painted, too */
    v->renders = busy;
    if (status < 0 && status != CHALK_ERR_AGAIN) {
        board_view_say(v, "The deck could not be added: %s.", chalk_error_text(status));
    }
}

void board_view_import(board_view *v, const char *path)
{
    int status = decks_import(v->decks, path, v->state.page);
    v->dirty = true;
    if (status < 0) {
        board_view_say(v, "%s: %s.", path, decks_trouble(status));
    }
}

int board_view_paint(board_view *v, uint8_t *pixels, size_t stride, uint64_t now_us)
{
    uint32_t more = 0;
    view_lead_turn(v, now_us);
    view_others_turn(v, now_us);
    int status = chalk_canvas_paint(v->canvas, PAINT_US, pixels, stride, &more);
    if (status < 0) {
        v->dirty = status == CHALK_ERR_NO_MEMORY;
        return status;
    }
    v->dirty = false;
    v->more = more != 0;
    run_decks(v);
    cairo_surface_t *surface = cairo_image_surface_create_for_data(pixels, CAIRO_FORMAT_RGB24,
                                                                   v->wide, v->high, (int)stride);
    cairo_t *c = cairo_create(surface);
    view_overlay(v, c, now_us);
    cairo_destroy(c);
    cairo_surface_destroy(surface);
    return CHALK_OK;
}
