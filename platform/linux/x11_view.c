#include "platform/linux/x11_view.h"

#include <stdlib.h>
#include <xcb/randr.h>

/* Changes of geometry must be selected before the target is found, so that none falls in between.
 */
static void select_events(ck_x11_view *v)
{
    xcb_connection_t *c = v->display.connection;
    xcb_window_t root = v->display.screen->root;
    bool of_window = v->spec.kind == CHALK_SOURCE_WINDOW;
    uint32_t mask = XCB_EVENT_MASK_STRUCTURE_NOTIFY;
    mask |= of_window ? 0 : XCB_EVENT_MASK_SUBSTRUCTURE_NOTIFY; /* windows that may be a mirror */
    xcb_change_window_attributes(c, of_window ? v->spec.window : root, XCB_CW_EVENT_MASK, &mask);
    if (v->display.has_randr) {
        xcb_randr_select_input(c, root,
                               XCB_RANDR_NOTIFY_MASK_SCREEN_CHANGE |
                                   XCB_RANDR_NOTIFY_MASK_CRTC_CHANGE |
                                   XCB_RANDR_NOTIFY_MASK_OUTPUT_CHANGE);
    }
}

int ck_x11_view_attach(ck_x11_view *v)
{
    int status = ck_x11_display_open(&v->display, v->spec.display, v->log);
    if (status != CHALK_OK) {
        return status;
    }
    select_events(v);
    status = ck_x11_target_find(&v->display, &v->spec, v->log, &v->target);
    if (status == CHALK_OK) {
        status = ck_x11_canvas_create(v->target.area.width, v->target.area.height, &v->canvas);
    }
    if (status != CHALK_OK) {
        ck_x11_view_detach(v);
        return status;
    }
    ck_x11_changes_begin(&v->changes, &v->display, &v->target);
    if (v->with_cursor || v->tells_cursor) {
        ck_x11_cursor_begin(&v->cursor, &v->display);
    }
    if (v->spec.kind == CHALK_SOURCE_SCREEN) {
        ck_x11_saver_begin(&v->saver, &v->display);
        v->mirror.stale = true;
    }
    return CHALK_OK;
}

void ck_x11_view_detach(ck_x11_view *v)
{
    ck_x11_border_end(&v->border, &v->display);
    ck_x11_cursor_end(&v->cursor);
    ck_x11_changes_end(&v->changes, &v->display);
    ck_x11_canvas_destroy(&v->canvas, &v->display);
    ck_x11_target_release(&v->display, &v->target);
    ck_x11_display_close(&v->display);
    v->newest = NULL;
    v->cursor_rect = (chalk_rect){0};
    v->cursor_moved = false;
    v->cursor_news = false;
    v->geometry_stale = false;
    v->moved = false;
    v->hidden = false;
    v->closed = false;
    v->saver = (ck_x11_saver){0};
}

bool ck_x11_view_attached(const ck_x11_view *v)
{
    return v->canvas != NULL;
}

static xcb_window_t followed(const ck_x11_view *v)
{
    return v->spec.kind == CHALK_SOURCE_WINDOW ? v->spec.window : v->display.screen->root;
}

/* A redirected window that was only moved keeps its pixmap. */
static bool only_moved(const ck_x11_view *v, const xcb_configure_notify_event_t *event)
{
    const ck_x11_target *t = &v->target;
    return t->owns_pixmap && event->width == t->full_width && event->height == t->full_height &&
           event->border_width == t->area.x;
}

/* Of windows: all of these begin with whom it is told to and whom it is about. */
static bool is_of_another(const ck_x11_view *v, const xcb_generic_event_t *event)
{
    uint8_t code = event->response_type & 0x7f;
    bool of_window = code >= XCB_CREATE_NOTIFY && code <= XCB_CIRCULATE_NOTIFY;
    return of_window && ((const xcb_unmap_notify_event_t *)event)->window != followed(v);
}

static void handle_event(ck_x11_view *v, const xcb_generic_event_t *event, uint64_t now_us)
{
    if (ck_x11_changes_event(&v->changes, &v->display, event, now_us) ||
        ck_x11_cursor_event(&v->cursor, &v->display, event) ||
        ck_x11_saver_event(&v->saver, event) || ck_x11_border_event(&v->border, event)) {
        return;
    }
    if (is_of_another(v, event)) {
        v->mirror.stale = v->spec.kind == CHALK_SOURCE_SCREEN;
        return;
    }
    uint8_t code = event->response_type & 0x7f;
    switch (code) {
    case XCB_DESTROY_NOTIFY:
        v->closed = v->spec.kind == CHALK_SOURCE_WINDOW;
        break;
    case XCB_UNMAP_NOTIFY:
        v->hidden = true;
        break;
    case XCB_MAP_NOTIFY:
        v->geometry_stale = true;
        break;
    case XCB_REPARENT_NOTIFY: /* a window manager put a frame around it */
        v->moved = true;
        break;
    case XCB_CONFIGURE_NOTIFY:
        v->moved = true;
        v->geometry_stale =
            v->geometry_stale || !only_moved(v, (const xcb_configure_notify_event_t *)event);
        break;
    default: /* of RANDR (two kinds), or an error that nobody waits for (code 0) */
        if (v->display.has_randr &&
            (code == v->display.randr_event || code == v->display.randr_event + XCB_RANDR_NOTIFY)) {
            v->geometry_stale = true;
        }
        break;
    }
}

void ck_x11_view_read_events(ck_x11_view *v, uint64_t now_us)
{
    xcb_generic_event_t *event;
    while ((event = xcb_poll_for_event(v->display.connection)) != NULL) {
        handle_event(v, event, now_us);
        free(event);
    }
}

/* A window managed by a window manager moves with its frame, of which it hears nothing: ask. */
static void follow_move(ck_x11_view *v)
{
    xcb_connection_t *c = v->display.connection;
    xcb_translate_coordinates_reply_t *place = xcb_translate_coordinates_reply(
        c, xcb_translate_coordinates(c, v->target.watched, v->display.screen->root, 0, 0), NULL);
    if (place == NULL) {
        return;
    }
    int32_t x = place->dst_x + v->target.watched_x;
    int32_t y = place->dst_y + v->target.watched_y;
    if (x != v->target.root_x || y != v->target.root_y) {
        v->target.root_x = x;
        v->target.root_y = y;
        v->cursor_moved = v->cursor_moved || v->with_cursor;
        v->cursor_news = true;
        /* What of the window lies on the screen may have changed. */
        v->geometry_stale = v->geometry_stale || !v->target.owns_pixmap;
    }
    free(place);
}

bool ck_x11_view_must_poll(const ck_x11_view *v)
{
    bool clipped = v->spec.kind == CHALK_SOURCE_WINDOW && !v->target.owns_pixmap;
    return v->with_cursor || v->tells_cursor || clipped || !v->changes.tracked;
}

void ck_x11_view_poll(ck_x11_view *v)
{
    if (v->spec.kind == CHALK_SOURCE_WINDOW) {
        follow_move(v);
    }
    bool wanted = v->with_cursor || v->tells_cursor;
    if (wanted && ck_x11_cursor_update(&v->cursor, &v->display)) {
        v->cursor_moved = v->with_cursor;
        v->cursor_news = true;
    }
}

static bool same_target(const ck_x11_target *a, const ck_x11_target *b)
{
    return !a->owns_pixmap && !b->owns_pixmap && a->drawable == b->drawable &&
           a->area.x == b->area.x && a->area.y == b->area.y && a->area.width == b->area.width &&
           a->area.height == b->area.height;
}

/* Takes over a target that was found anew. Pixels of another size need another canvas. */
static int change_target(ck_x11_view *v, const ck_x11_target *found)
{
    bool resized =
        found->area.width != v->target.area.width || found->area.height != v->target.area.height;
    if (resized) {
        ck_x11_canvas *canvas = NULL;
        int status = ck_x11_canvas_create(found->area.width, found->area.height, &canvas);
        if (status != CHALK_OK) {
            return status;
        }
        ck_x11_canvas_destroy(&v->canvas, &v->display);
        v->canvas = canvas;
        v->newest = NULL;
        v->cursor_rect = (chalk_rect){0};
    }
    ck_x11_target_release(&v->display, &v->target);
    v->target = *found;
    v->cursor_news = true;
    ck_x11_changes_add_all(&v->changes);
    return CHALK_OK;
}

int ck_x11_view_follow(ck_x11_view *v)
{
    if (v->closed) {
        return CHALK_ERR_NO_DEVICE;
    }
    if (v->moved && v->spec.kind == CHALK_SOURCE_WINDOW) {
        follow_move(v);
    }
    v->moved = false;
    if (!v->geometry_stale) {
        return CHALK_OK;
    }
    v->geometry_stale = false;
    ck_x11_target found;
    int status = ck_x11_target_find(&v->display, &v->spec, v->log, &found);
    if (status == CHALK_ERR_NO_DEVICE && v->spec.kind == CHALK_SOURCE_WINDOW) {
        v->hidden = true; /* minimised; were it gone for good, an event would say so */
        return CHALK_OK;
    }
    if (status != CHALK_OK) {
        return status;
    }
    v->hidden = false;
    if (same_target(&found, &v->target)) {
        return CHALK_OK;
    }
    status = change_target(v, &found);
    if (status != CHALK_OK) {
        ck_x11_target_release(&v->display, &found);
    }
    return status;
}

void ck_x11_view_mark(ck_x11_view *v, uint64_t now_us)
{
    if (!v->with_border) {
        return;
    }
    const ck_x11_target *t = &v->target;
    chalk_rect around = {t->root_x, t->root_y, t->area.width, t->area.height};
    if (v->hidden || v->saver.locked) {
        around = (chalk_rect){0};
    }
    ck_x11_border_place(&v->border, &v->display, around);
    ck_x11_border_raise(&v->border, &v->display, now_us);
}

bool ck_x11_view_changed(const ck_x11_view *v)
{
    if (v->hidden || v->saver.locked) {
        return false;
    }
    return v->newest == NULL || !v->changes.tracked || v->changes.reported || v->cursor_moved ||
           ck_x11_changes_any(&v->changes);
}

static void touch_canvas(ck_x11_view *v)
{
    if (v->changes.everything) {
        ck_x11_canvas_touch(v->canvas, 0, v->target.area.height);
    }
    for (size_t i = 0; i < v->changes.count; i++) {
        chalk_rect r = v->changes.rects[i];
        ck_x11_canvas_touch(v->canvas, r.y, r.y + r.height);
    }
}

/* The pointer is in our pixels only, so only the buffer it is drawn into becomes out of date there.
 */
static void draw_cursor(ck_x11_view *v, ck_x11_buffer *buffer, chalk_rect rect)
{
    if (rect.width == 0) {
        return;
    }
    ck_x11_cursor_draw(&v->cursor, &v->target, rect, ck_x11_buffer_pixels(buffer),
                       v->target.area.width * 4);
    ck_x11_buffer_touch(buffer, rect.y, rect.y + rect.height);
}

int ck_x11_view_picture(ck_x11_view *v, uint64_t capture_us, chalk_video_frame **out)
{
    ck_x11_changes_collect(&v->changes, &v->display, &v->target);
    touch_canvas(v);
    if (v->newest != NULL && !v->cursor_moved && !ck_x11_changes_any(&v->changes)) {
        return CHALK_ERR_AGAIN; /* it was beside the picture */
    }
    ck_x11_buffer *buffer = NULL;
    int status = ck_x11_canvas_fetch(v->canvas, &v->display, &v->target, &buffer);
    if (status != CHALK_OK) {
        v->geometry_stale = v->geometry_stale || status == CHALK_ERR_NO_DEVICE;
        return status;
    }
    chalk_rect pointer = {0};
    if (v->with_cursor) {
        pointer = ck_x11_cursor_rect(&v->cursor, &v->target);
        draw_cursor(v, buffer, pointer);
    }
    status = ck_x11_canvas_lend(v->canvas, buffer, capture_us, out);
    if (status != CHALK_OK) {
        return status;
    }
    if (v->cursor_moved) {
        ck_x11_changes_add(&v->changes, &v->target, v->cursor_rect);
        ck_x11_changes_add(&v->changes, &v->target, pointer);
    }
    ck_frame_set_damage(*out, v->changes.rects, v->changes.everything ? 0 : v->changes.count);
    ck_x11_changes_clear(&v->changes);
    v->cursor_rect = pointer;
    v->cursor_moved = false;
    v->newest = buffer;
    return CHALK_OK;
}

int ck_x11_view_repeat(ck_x11_view *v, uint64_t capture_us, chalk_video_frame **out)
{
    if (v->newest == NULL) {
        return CHALK_ERR_BAD_STATE;
    }
    int status = ck_x11_canvas_lend(v->canvas, v->newest, capture_us, out);
    if (status == CHALK_OK) {
        ck_frame_set_still(*out);
    }
    return status;
}
