#include "platform/linux/x11_cursor.h"

#include "base/check.h"
#include "runtime/os/os.h"

#include <stdlib.h>
#include <string.h>
#include <xcb/xfixes.h>

void ck_x11_cursor_begin(ck_x11_cursor *cursor, const ck_x11_display *d)
{
    *cursor = (ck_x11_cursor){.shape_stale = true};
    if (d->has_xfixes) {
        xcb_xfixes_select_cursor_input(d->connection, d->screen->root,
                                       XCB_XFIXES_CURSOR_NOTIFY_MASK_DISPLAY_CURSOR);
    }
}

void ck_x11_cursor_end(ck_x11_cursor *cursor)
{
    ck_free(&ck_heap, cursor->pixels);
    ck_free(&ck_heap, cursor->straight);
    *cursor = (ck_x11_cursor){0};
}

bool ck_x11_cursor_event(ck_x11_cursor *cursor, const ck_x11_display *d,
                         const xcb_generic_event_t *event)
{
    uint8_t code = event->response_type & 0x7f;
    if (!d->has_xfixes || code != d->xfixes_event + XCB_XFIXES_CURSOR_NOTIFY) {
        return false;
    }
    cursor->shape_stale = true;
    return true;
}

static void take_shape(ck_x11_cursor *cursor, const xcb_xfixes_get_cursor_image_reply_t *image)
{
    ck_free(&ck_heap, cursor->pixels);
    ck_free(&ck_heap, cursor->straight);
    cursor->pixels = NULL;
    cursor->straight = NULL;
    cursor->width = 0;
    cursor->height = 0;
    int count = xcb_xfixes_get_cursor_image_cursor_image_length(image);
    if (image->width > CK_X11_CURSOR_SIDE_MAX || image->height > CK_X11_CURSOR_SIDE_MAX ||
        count != image->width * image->height) {
        return;
    }
    cursor->pixels = ck_new_array(&ck_heap, (size_t)count, sizeof *cursor->pixels);
    if (cursor->pixels == NULL) {
        return;
    }
    memcpy(cursor->pixels, xcb_xfixes_get_cursor_image_cursor_image(image),
           (size_t)count * sizeof *cursor->pixels);
    cursor->width = image->width;
    cursor->height = image->height;
    cursor->hot_x = image->xhot;
    cursor->hot_y = image->yhot;
}

static bool update_shape(ck_x11_cursor *cursor, const ck_x11_display *d)
{
    if (!d->has_xfixes || !cursor->shape_stale) {
        return false;
    }
    xcb_xfixes_get_cursor_image_reply_t *image = xcb_xfixes_get_cursor_image_reply(
        d->connection, xcb_xfixes_get_cursor_image(d->connection), NULL);
    if (image == NULL) {
        return false;
    }
    take_shape(cursor, image);
    cursor->shape_stale = false;
    free(image);
    return true;
}

bool ck_x11_cursor_update(ck_x11_cursor *cursor, const ck_x11_display *d)
{
    xcb_query_pointer_reply_t *p = xcb_query_pointer_reply(
        d->connection, xcb_query_pointer(d->connection, d->screen->root), NULL);
    bool changed = update_shape(cursor, d);
    if (p == NULL) {
        return changed;
    }
    bool on_screen = p->same_screen != 0;
    changed = changed || on_screen != cursor->on_screen || p->root_x != cursor->x ||
              p->root_y != cursor->y;
    cursor->on_screen = on_screen;
    cursor->x = p->root_x;
    cursor->y = p->root_y;
    free(p);
    return changed;
}

chalk_rect ck_x11_cursor_rect(const ck_x11_cursor *cursor, const ck_x11_target *target)
{
    int32_t x = cursor->x - cursor->hot_x - target->root_x;
    int32_t y = cursor->y - cursor->hot_y - target->root_y;
    int32_t left = CK_MAX(x, 0);
    int32_t top = CK_MAX(y, 0);
    int32_t right = CK_MIN(x + cursor->width, target->area.width);
    int32_t bottom = CK_MIN(y + cursor->height, target->area.height);
    if (!cursor->on_screen || cursor->pixels == NULL || left >= right || top >= bottom) {
        return (chalk_rect){0};
    }
    return (chalk_rect){left, top, right - left, bottom - top};
}

/* Premultiplied source over an opaque picture; each channel rounds to the nearest. */
static uint8_t over(uint32_t source, uint32_t alpha, uint8_t below)
{
    uint32_t sum = source + ((255 - alpha) * below + 127) / 255;
    return (uint8_t)CK_MIN(sum, 255u);
}

static void blend_row(const uint32_t *source, uint8_t *row, int32_t count)
{
    for (int32_t i = 0; i < count; i++, row += 4) {
        uint32_t argb = source[i];
        uint32_t alpha = argb >> 24;
        row[0] = over(argb & 0xff, alpha, row[0]);
        row[1] = over(argb >> 8 & 0xff, alpha, row[1]);
        row[2] = over(argb >> 16 & 0xff, alpha, row[2]);
    }
}

void ck_x11_cursor_draw(const ck_x11_cursor *cursor, const ck_x11_target *target, chalk_rect rect,
                        uint8_t *pixels, int32_t stride)
{
    int32_t from_x = rect.x - (cursor->x - cursor->hot_x - target->root_x);
    int32_t from_y = rect.y - (cursor->y - cursor->hot_y - target->root_y);
    for (int32_t y = 0; y < rect.height; y++) {
        const uint32_t *source = cursor->pixels + (from_y + y) * cursor->width + from_x;
        uint8_t *row = pixels + (ptrdiff_t)(rect.y + y) * stride + (ptrdiff_t)rect.x * 4;
        blend_row(source, row, rect.width);
    }
}

/* --- apart from the picture ------------------------------------------------------------------ */

static uint8_t divide(uint32_t premultiplied, uint32_t alpha)
{
    return (uint8_t)CK_MIN((premultiplied * 255 + alpha / 2) / alpha, 255u);
}

/* Colours that are not premultiplied. False: nothing of it can be seen, or there is no memory. */
static bool straighten(ck_x11_cursor *cursor)
{
    size_t count = (size_t)cursor->width * (size_t)cursor->height;
    bool seen = false;
    cursor->straight = ck_new_array(&ck_heap, CK_MAX(count, 1), sizeof *cursor->pixels);
    for (size_t i = 0; i < count && cursor->straight != NULL; i++) {
        uint32_t argb = cursor->pixels[i];
        uint32_t alpha = argb >> 24;
        uint8_t *to = cursor->straight + i * sizeof argb;
        if (alpha != 0) {
            to[0] = divide(argb & 0xff, alpha);
            to[1] = divide(argb >> 8 & 0xff, alpha);
            to[2] = divide(argb >> 16 & 0xff, alpha);
            to[3] = (uint8_t)alpha;
            seen = true;
        }
    }
    return seen;
}

void ck_x11_cursor_tell(ck_x11_cursor *cursor, const ck_x11_target *target,
                        const ck_source_sink *sink)
{
    int32_t x = cursor->x - target->root_x, y = cursor->y - target->root_y;
    const chalk_rect *area = &target->area;
    bool resized = area->width != cursor->told.width || area->height != cursor->told.height;
    bool fresh = cursor->straight == NULL || resized;
    if (cursor->straight == NULL) {
        cursor->blank = !straighten(cursor);
    }
    const ck_shape shape = {
        .picture_width = (uint32_t)area->width,
        .picture_height = (uint32_t)area->height,
        .width = (uint32_t)cursor->width,
        .height = (uint32_t)cursor->height,
        .hot_x = (uint32_t)cursor->hot_x,
        .hot_y = (uint32_t)cursor->hot_y,
        .scale = 1,
        .bgra = cursor->straight,
    };
    const ck_source_pointer pointer = {
        .visible = cursor->on_screen && !cursor->blank && x >= 0 && y >= 0 && x < area->width &&
                   y < area->height,
        .x = (uint32_t)CK_MAX(x, 0),
        .y = (uint32_t)CK_MAX(y, 0),
        .shape = fresh && !cursor->blank ? &shape : NULL,
    };
    cursor->told = *area;
    sink->pointer(sink->user, &pointer);
}
