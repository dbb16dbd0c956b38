#include "platform/linux/x11_target.h"

#include "base/check.h"

#include <xcb/composite.h>
#include <xcb/randr.h>

#include <stdlib.h>
#include <string.h>

static chalk_rect intersect(chalk_rect a, chalk_rect b)
{
    int32_t left = CK_MAX(a.x, b.x);
    int32_t top = CK_MAX(a.y, b.y);
    int32_t right = CK_MIN(a.x + a.width, b.x + b.width);
    int32_t bottom = CK_MIN(a.y + a.height, b.y + b.height);
    return (chalk_rect){left, top, CK_MAX(right - left, 0), CK_MAX(bottom - top, 0)};
}

/* 4:2:0 video has even sides: an odd last row or column is left out. */
static int make_even(chalk_rect *r)
{
    r->width = CK_MIN(r->width, CHALK_PICTURE_SIDE_MAX) & ~1;
    r->height = CK_MIN(r->height, CHALK_PICTURE_SIDE_MAX) & ~1;
    return r->width >= 2 && r->height >= 2 ? CHALK_OK : CHALK_ERR_NO_DEVICE;
}

/* The root's size now; the one in the connection's setup is from the time of connecting. */
static int root_rect(const ck_x11_display *d, chalk_rect *out)
{
    xcb_connection_t *c = d->connection;
    xcb_get_geometry_reply_t *g =
        xcb_get_geometry_reply(c, xcb_get_geometry(c, d->screen->root), NULL);
    if (g == NULL) {
        return CHALK_ERR_NO_DISPLAY;
    }
    *out = (chalk_rect){0, 0, g->width, g->height};
    free(g);
    return CHALK_OK;
}

/* The place of one output on the root, if it has the name and shows something. */
static bool output_rect(xcb_connection_t *c, xcb_randr_output_t output, const char *name,
                        chalk_rect *out)
{
    xcb_randr_get_output_info_reply_t *info = xcb_randr_get_output_info_reply(
        c, xcb_randr_get_output_info(c, output, XCB_CURRENT_TIME), NULL);
    xcb_randr_get_crtc_info_reply_t *crtc = NULL;
    bool found = false;
    if (info == NULL || info->crtc == XCB_NONE || info->name_len != strlen(name) ||
        memcmp(xcb_randr_get_output_info_name(info), name, info->name_len) != 0) {
        goto cleanup;
    }
    crtc = xcb_randr_get_crtc_info_reply(
        c, xcb_randr_get_crtc_info(c, info->crtc, XCB_CURRENT_TIME), NULL);
    if (crtc != NULL) {
        *out = (chalk_rect){crtc->x, crtc->y, crtc->width, crtc->height};
        found = true;
    }

cleanup:
    free(crtc);
    free(info);
    return found;
}

static int find_output(const ck_x11_display *d, const char *name, chalk_rect *out)
{
    xcb_connection_t *c = d->connection;
    if (!d->has_randr) {
        return CHALK_ERR_NO_DEVICE;
    }
    xcb_randr_get_screen_resources_current_reply_t *resources =
        xcb_randr_get_screen_resources_current_reply(
            c, xcb_randr_get_screen_resources_current(c, d->screen->root), NULL);
    if (resources == NULL) {
        return CHALK_ERR_NO_DISPLAY;
    }
    const xcb_randr_output_t *outputs = xcb_randr_get_screen_resources_current_outputs(resources);
    int status = CHALK_ERR_NO_DEVICE;
    for (int i = 0; i < resources->num_outputs && status != CHALK_OK; i++) {
        status = output_rect(c, outputs[i], name, out) ? CHALK_OK : CHALK_ERR_NO_DEVICE;
    }
    free(resources);
    return status;
}

static int find_screen(const ck_x11_display *d, const ck_x11_spec *spec, const ck_log *log,
                       ck_x11_target *out)
{
    chalk_rect root, area;
    int status = root_rect(d, &root);
    if (status != CHALK_OK) {
        return status;
    }
    area = root;
    if (spec->output[0] != '\0') {
        status = find_output(d, spec->output, &area);
        if (status != CHALK_OK) {
            return status;
        }
        area = intersect(area, root);
    }
    if (spec->region.width > 0) {
        chalk_rect part = spec->region;
        part.x += area.x;
        part.y += area.y;
        area = intersect(area, part);
    }
    status = make_even(&area);
    if (status != CHALK_OK) {
        return status;
    }
    *out = (ck_x11_target){.drawable = d->screen->root,
                           .watched = d->screen->root,
                           .area = area,
                           .watched_x = area.x,
                           .watched_y = area.y,
                           .root_x = area.x,
                           .root_y = area.y};
    return ck_x11_display_check_pixels(d, d->screen->root_depth, d->screen->root_visual, log);
}

/* With Composite the window gets a pixmap of its own, so what covers it is not in the picture. A
 * new pixmap must be named whenever the window was resized or shown again. Redirections are counted
 * by the server: each target takes one and gives it back. */
static int use_pixmap(const ck_x11_display *d, xcb_window_t window,
                      const xcb_get_geometry_reply_t *g, ck_x11_target *out)
{
    xcb_connection_t *c = d->connection;
    xcb_pixmap_t pixmap = xcb_generate_id(c);
    xcb_composite_redirect_window(c, window, XCB_COMPOSITE_REDIRECT_AUTOMATIC);
    xcb_void_cookie_t cookie = xcb_composite_name_window_pixmap_checked(c, window, pixmap);
    xcb_generic_error_t *error = xcb_request_check(c, cookie);
    if (error != NULL) {
        free(error);
        xcb_composite_unredirect_window(c, window, XCB_COMPOSITE_REDIRECT_AUTOMATIC);
        return CHALK_ERR_NO_DEVICE;
    }
    out->drawable = pixmap;
    out->owns_pixmap = true;
    out->area.x = g->border_width; /* the pixmap includes the border, coordinates do not */
    out->area.y = g->border_width;
    return CHALK_OK;
}

/* Without Composite only what lies on the screen can be read at all. */
static int use_window(const ck_x11_display *d, ck_x11_target *out)
{
    chalk_rect root;
    int status = root_rect(d, &root);
    if (status != CHALK_OK) {
        return status;
    }
    const chalk_rect whole = {out->root_x, out->root_y, out->area.width, out->area.height};
    chalk_rect seen = intersect(whole, root);
    status = make_even(&seen);
    out->area = (chalk_rect){seen.x - whole.x, seen.y - whole.y, seen.width, seen.height};
    out->watched_x = out->area.x;
    out->watched_y = out->area.y;
    out->root_x = seen.x;
    out->root_y = seen.y;
    return status;
}

static int find_window(const ck_x11_display *d, const ck_x11_spec *spec, const ck_log *log,
                       ck_x11_target *out)
{
    xcb_connection_t *c = d->connection;
    xcb_window_t window = spec->window;
    xcb_get_window_attributes_cookie_t asked_attributes = xcb_get_window_attributes(c, window);
    xcb_get_geometry_cookie_t asked_geometry = xcb_get_geometry(c, window);
    xcb_translate_coordinates_cookie_t asked_place =
        xcb_translate_coordinates(c, window, d->screen->root, 0, 0);
    xcb_get_window_attributes_reply_t *a =
        xcb_get_window_attributes_reply(c, asked_attributes, NULL);
    xcb_get_geometry_reply_t *g = xcb_get_geometry_reply(c, asked_geometry, NULL);
    xcb_translate_coordinates_reply_t *place =
        xcb_translate_coordinates_reply(c, asked_place, NULL);
    int status = ck_x11_display_gone(d) ? CHALK_ERR_NO_DISPLAY : CHALK_ERR_NO_DEVICE;
    if (a == NULL || g == NULL || place == NULL || a->map_state != XCB_MAP_STATE_VIEWABLE ||
        a->_class != XCB_WINDOW_CLASS_INPUT_OUTPUT) {
        goto cleanup;
    }
    status = ck_x11_display_check_pixels(d, g->depth, a->visual, log);
    if (status != CHALK_OK) {
        goto cleanup;
    }
    *out = (ck_x11_target){.drawable = window,
                           .watched = window,
                           .area = {0, 0, g->width, g->height},
                           .full_width = g->width,
                           .full_height = g->height,
                           .root_x = place->dst_x,
                           .root_y = place->dst_y};
    status = make_even(&out->area);
    if (status == CHALK_OK) {
        status = d->has_composite ? use_pixmap(d, window, g, out) : use_window(d, out);
    }

cleanup:
    free(place);
    free(g);
    free(a);
    return status;
}

int ck_x11_target_find(const ck_x11_display *d, const ck_x11_spec *spec, const ck_log *log,
                       ck_x11_target *out)
{
    *out = (ck_x11_target){0};
    int status = spec->kind == CHALK_SOURCE_WINDOW ? find_window(d, spec, log, out)
                                                   : find_screen(d, spec, log, out);
    return ck_x11_display_gone(d) ? CHALK_ERR_NO_DISPLAY : status;
}

void ck_x11_target_release(const ck_x11_display *d, ck_x11_target *target)
{
    if (target->owns_pixmap && d->connection != NULL) {
        xcb_free_pixmap(d->connection, target->drawable);
        xcb_composite_unredirect_window(d->connection, target->watched,
                                        XCB_COMPOSITE_REDIRECT_AUTOMATIC);
    }
    *target = (ck_x11_target){0};
}
