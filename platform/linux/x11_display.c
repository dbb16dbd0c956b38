#include "platform/linux/x11_display.h"

#include "chalkrail/errors.h"
#include "chalkrail/runtime.h"

#include "base/text.h"

#include <uv.h>
#include <xcb/composite.h>
#include <xcb/damage.h>
#include <xcb/randr.h>
#include <xcb/shm.h>
#include <xcb/xfixes.h>

#include <stdlib.h>

static bool at_least(uint32_t major, uint32_t minor, uint32_t wanted_major, uint32_t wanted_minor)
{
    return major > wanted_major || (major == wanted_major && minor >= wanted_minor);
}

static const xcb_query_extension_reply_t *present(xcb_connection_t *c, xcb_extension_t *extension)
{
    const xcb_query_extension_reply_t *data = xcb_get_extension_data(c, extension);
    return data != NULL && data->present ? data : NULL;
}

static bool ask_shm(xcb_connection_t *c)
{
    if (present(c, &xcb_shm_id) == NULL) {
        return false;
    }
    xcb_shm_query_version_reply_t *reply =
        xcb_shm_query_version_reply(c, xcb_shm_query_version(c), NULL);
    bool fine = reply != NULL && at_least(reply->major_version, reply->minor_version, 1, 0);
    free(reply);
    return fine;
}

static bool ask_composite(xcb_connection_t *c)
{
    if (present(c, &xcb_composite_id) == NULL) {
        return false;
    }
    xcb_composite_query_version_reply_t *reply =
        xcb_composite_query_version_reply(c, xcb_composite_query_version(c, 0, 2), NULL);
    bool fine = reply != NULL && at_least(reply->major_version, reply->minor_version, 0, 2);
    free(reply);
    return fine;
}

static bool ask_xfixes(xcb_connection_t *c, uint8_t *first_event)
{
    const xcb_query_extension_reply_t *data = present(c, &xcb_xfixes_id);
    if (data == NULL) {
        return false;
    }
    *first_event = data->first_event;
    xcb_xfixes_query_version_reply_t *reply =
        xcb_xfixes_query_version_reply(c, xcb_xfixes_query_version(c, 2, 0), NULL);
    bool fine = reply != NULL && at_least(reply->major_version, reply->minor_version, 2, 0);
    free(reply);
    return fine;
}

static bool ask_damage(xcb_connection_t *c, uint8_t *first_event)
{
    const xcb_query_extension_reply_t *data = present(c, &xcb_damage_id);
    if (data == NULL) {
        return false;
    }
    *first_event = data->first_event;
    xcb_damage_query_version_reply_t *reply =
        xcb_damage_query_version_reply(c, xcb_damage_query_version(c, 1, 1), NULL);
    bool fine = reply != NULL && at_least(reply->major_version, reply->minor_version, 1, 1);
    free(reply);
    return fine;
}

static bool ask_randr(xcb_connection_t *c, uint8_t *first_event)
{
    const xcb_query_extension_reply_t *data = present(c, &xcb_randr_id);
    if (data == NULL) {
        return false;
    }
    *first_event = data->first_event;
    xcb_randr_query_version_reply_t *reply =
        xcb_randr_query_version_reply(c, xcb_randr_query_version(c, 1, 3), NULL);
    bool fine = reply != NULL && at_least(reply->major_version, reply->minor_version, 1, 3);
    free(reply);
    return fine;
}

bool ck_x11_display_name(const char *name, char out[CHALK_DEVICE_TEXT_MAX])
{
    if (name == NULL || name[0] == '\0') {
        name = getenv("DISPLAY");
    }
    return name != NULL && name[0] != '\0' && ck_text_copy(out, CHALK_DEVICE_TEXT_MAX, name);
}

static xcb_screen_t *screen_of(xcb_connection_t *c, int index)
{
    xcb_screen_iterator_t it = xcb_setup_roots_iterator(xcb_get_setup(c));
    while (it.rem > 0 && index > 0) {
        xcb_screen_next(&it);
        index--;
    }
    return it.rem > 0 ? it.data : NULL;
}

/* libXau builds the name of the authority file in a static buffer, so connecting is done by one
 * thread at a time. */
static uv_once_t once = UV_ONCE_INIT;
static uv_mutex_t connecting;
static bool lock_works;

static void make_lock(void)
{
    lock_works = uv_mutex_init(&connecting) == 0;
}

static xcb_connection_t *connect_alone(const char *name, int *index)
{
    uv_once(&once, make_lock);
    if (!lock_works) {
        return NULL;
    }
    uv_mutex_lock(&connecting);
    xcb_connection_t *c = xcb_connect(name, index);
    uv_mutex_unlock(&connecting);
    return c;
}

int ck_x11_display_open(ck_x11_display *d, const char *name, const ck_log *log)
{
    int index = 0;
    *d = (ck_x11_display){.connection = connect_alone(name, &index)};
    xcb_connection_t *c = d->connection;
    if (c != NULL && xcb_connection_has_error(c) == 0) {
        d->screen = screen_of(c, index);
    }
    if (d->screen == NULL) {
        ck_logf(log, CHALK_LOG_INFO, "x11", "the display %s cannot be opened", name);
        ck_x11_display_close(d);
        return CHALK_ERR_NO_DISPLAY;
    }
    d->has_shm = ask_shm(c);
    d->has_xfixes = ask_xfixes(c, &d->xfixes_event);
    d->has_damage = d->has_xfixes && ask_damage(c, &d->damage_event);
    d->has_randr = ask_randr(c, &d->randr_event);
    d->has_composite = ask_composite(c);
    if (ck_x11_display_gone(d)) {
        ck_x11_display_close(d);
        return CHALK_ERR_NO_DISPLAY;
    }
    return CHALK_OK;
}

void ck_x11_display_close(ck_x11_display *d)
{
    if (d->connection != NULL) {
        xcb_disconnect(d->connection); /* also right for a connection that failed */
    }
    *d = (ck_x11_display){0};
}

bool ck_x11_display_gone(const ck_x11_display *d)
{
    return d->connection == NULL || xcb_connection_has_error(d->connection) != 0;
}

static const xcb_visualtype_t *find_visual(const xcb_screen_t *screen, xcb_visualid_t id)
{
    xcb_depth_iterator_t depth = xcb_screen_allowed_depths_iterator(screen);
    for (; depth.rem > 0; xcb_depth_next(&depth)) {
        xcb_visualtype_iterator_t visual = xcb_depth_visuals_iterator(depth.data);
        for (; visual.rem > 0; xcb_visualtype_next(&visual)) {
            if (visual.data->visual_id == id) {
                return visual.data;
            }
        }
    }
    return NULL;
}

static uint8_t bits_per_pixel(const xcb_setup_t *setup, uint8_t depth)
{
    xcb_format_iterator_t it = xcb_setup_pixmap_formats_iterator(setup);
    for (; it.rem > 0; xcb_format_next(&it)) {
        if (it.data->depth == depth) {
            return it.data->bits_per_pixel;
        }
    }
    return 0;
}

int ck_x11_display_check_pixels(const ck_x11_display *d, uint8_t depth, xcb_visualid_t visual,
                                const ck_log *log)
{
    const xcb_setup_t *setup = xcb_get_setup(d->connection);
    const xcb_visualtype_t *type = find_visual(d->screen, visual);
    bool bytes = setup->image_byte_order == XCB_IMAGE_ORDER_LSB_FIRST &&
                 bits_per_pixel(setup, depth) == 32 && (depth == 24 || depth == 32);
    bool masks = type != NULL && type->red_mask == 0xff0000 && type->green_mask == 0xff00 &&
                 type->blue_mask == 0xff;
    if (!bytes || !masks) {
        ck_logf(log, CHALK_LOG_ERROR, "x11",
                "pictures of depth %d in this visual are not supported, only BGRX of 24 or 32 bits",
                depth);
        return CHALK_ERR_UNSUPPORTED;
    }
    return CHALK_OK;
}
