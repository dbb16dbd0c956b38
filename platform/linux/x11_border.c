#include "platform/linux/x11_border.h"

#include "base/time.h"

#include <xcb/shape.h>
#include <xcb/xfixes.h>

#define THICK    4
#define COLOR    0xe02b20u
#define RAISE_US CK_US_PER_S

/* Sides above, below, to the left and to the right of `r`, one after the other. */
static chalk_rect side_of(chalk_rect r, int side)
{
    switch (side) {
    case 0:
        return (chalk_rect){r.x - THICK, r.y - THICK, r.width + 2 * THICK, THICK};
    case 1:
        return (chalk_rect){r.x - THICK, r.y + r.height, r.width + 2 * THICK, THICK};
    case 2:
        return (chalk_rect){r.x - THICK, r.y, THICK, r.height};
    default:
        return (chalk_rect){r.x + r.width, r.y, THICK, r.height};
    }
}

/* A window manager leaves it alone, and so does the mouse. */
static xcb_window_t make_side(const ck_x11_display *d)
{
    xcb_connection_t *c = d->connection;
    xcb_window_t window = xcb_generate_id(c);
    const uint32_t values[] = {COLOR, 1, XCB_EVENT_MASK_VISIBILITY_CHANGE};
    xcb_create_window(c, XCB_COPY_FROM_PARENT, window, d->screen->root, 0, 0, 1, 1, 0,
                      XCB_WINDOW_CLASS_INPUT_OUTPUT, d->screen->root_visual,
                      XCB_CW_BACK_PIXEL | XCB_CW_OVERRIDE_REDIRECT | XCB_CW_EVENT_MASK, values);
    xcb_xfixes_region_t nothing = xcb_generate_id(c);
    xcb_xfixes_create_region(c, nothing, 0, NULL);
    xcb_xfixes_set_window_shape_region(c, window, XCB_SHAPE_SK_INPUT, 0, 0, nothing);
    xcb_xfixes_destroy_region(c, nothing);
    return window;
}

static bool same(chalk_rect a, chalk_rect b)
{
    return a.x == b.x && a.y == b.y && a.width == b.width && a.height == b.height;
}

void ck_x11_border_place(ck_x11_border *border, const ck_x11_display *d, chalk_rect around)
{
    if (!d->has_xfixes || same(around, border->around)) {
        return;
    }
    border->around = around;
    for (int i = 0; i < CK_X11_BORDER_SIDES; i++) {
        if (border->sides[i] == 0) {
            border->sides[i] = make_side(d);
        }
        if (around.width == 0) {
            xcb_unmap_window(d->connection, border->sides[i]);
            continue;
        }
        chalk_rect side = side_of(around, i);
        const uint32_t values[] = {(uint32_t)side.x, (uint32_t)side.y, (uint32_t)side.width,
                                   (uint32_t)side.height, XCB_STACK_MODE_ABOVE};
        xcb_configure_window(d->connection, border->sides[i],
                             XCB_CONFIG_WINDOW_X | XCB_CONFIG_WINDOW_Y | XCB_CONFIG_WINDOW_WIDTH |
                                 XCB_CONFIG_WINDOW_HEIGHT | XCB_CONFIG_WINDOW_STACK_MODE,
                             values);
        xcb_map_window(d->connection, border->sides[i]);
    }
    xcb_flush(d->connection);
}

bool ck_x11_border_event(ck_x11_border *border, const xcb_generic_event_t *event)
{
    if ((event->response_type & 0x7f) != XCB_VISIBILITY_NOTIFY) {
        return false;
    }
    const xcb_visibility_notify_event_t *seen = (const xcb_visibility_notify_event_t *)event;
    border->covered = border->covered || seen->state != XCB_VISIBILITY_UNOBSCURED;
    return true;
}

void ck_x11_border_raise(ck_x11_border *border, const ck_x11_display *d, uint64_t now_us)
{
    bool due = border->covered && now_us >= border->raised_us + RAISE_US;
    if (!due || border->around.width == 0) {
        return;
    }
    border->covered = false;
    border->raised_us = now_us;
    const uint32_t above[] = {XCB_STACK_MODE_ABOVE};
    for (int i = 0; i < CK_X11_BORDER_SIDES; i++) {
        xcb_configure_window(d->connection, border->sides[i], XCB_CONFIG_WINDOW_STACK_MODE, above);
    }
    xcb_flush(d->connection);
}

void ck_x11_border_end(ck_x11_border *border, const ck_x11_display *d)
{
    for (int i = 0; i < CK_X11_BORDER_SIDES && d->connection != NULL; i++) {
        if (border->sides[i] != 0) {
            xcb_destroy_window(d->connection, border->sides[i]);
        }
    }
    *border = (ck_x11_border){0};
}
