/* The screens and windows of $DISPLAY as devices. */
#include "platform/linux/x11.h"

#include "platform/linux/sigpipe.h"
#include "platform/linux/x11_display.h"

#include "base/check.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <xcb/randr.h>

#define WINDOWS_MAX     256
#define TITLE_BYTES_MAX 1024

typedef struct device_list {
    const ck_x11_display *display;
    const char *name; /* of the display */
    chalk_device *out;
    size_t capacity;
    size_t count; /* found, which may be more than fit */
} device_list;

static void append(device_list *list, const chalk_device *device)
{
    if (list->count < list->capacity) {
        list->out[list->count] = *device;
    }
    list->count++;
}

/* Text of another program: only what is well-formed UTF-8 is passed on. */
static void copy_title(char out[CHALK_DEVICE_TEXT_MAX], const char *text, size_t size)
{
    size_t usable = CK_MIN(size, (size_t)CHALK_DEVICE_TEXT_MAX - 1);
    usable = ck_utf8_valid_prefix(text, usable);
    memcpy(out, text, usable);
    out[usable] = '\0';
}

static void screen_id(const device_list *list, const char *output, char *id)
{
    ck_text text = ck_text_of(id, CHALK_DEVICE_TEXT_MAX);
    ck_text_add(&text, "x11:");
    ck_text_add(&text, list->name);
    ck_text_add(&text, ":");
    ck_text_add(&text, output);
}

static void add_whole_display(device_list *list, const xcb_get_geometry_reply_t *root)
{
    chalk_device device = {
        .kind = CHALK_DEVICE_SCREEN, .is_default = 1, .width = root->width, .height = root->height};
    screen_id(list, "", device.id);
    ck_text name = ck_text_of(device.name, sizeof device.name);
    ck_text_add(&name, "Whole display ");
    ck_text_add(&name, list->name);
    append(list, &device);
}

static void add_output(device_list *list, xcb_randr_output_t output)
{
    xcb_connection_t *c = list->display->connection;
    xcb_randr_get_output_info_reply_t *info = xcb_randr_get_output_info_reply(
        c, xcb_randr_get_output_info(c, output, XCB_CURRENT_TIME), NULL);
    xcb_randr_get_crtc_info_reply_t *crtc = NULL;
    if (info == NULL || info->crtc == XCB_NONE) {
        goto cleanup;
    }
    crtc = xcb_randr_get_crtc_info_reply(
        c, xcb_randr_get_crtc_info(c, info->crtc, XCB_CURRENT_TIME), NULL);
    if (crtc == NULL) {
        goto cleanup;
    }
    chalk_device device = {.kind = CHALK_DEVICE_SCREEN,
                           .x = crtc->x,
                           .y = crtc->y,
                           .width = crtc->width,
                           .height = crtc->height};
    copy_title(device.name, (const char *)xcb_randr_get_output_info_name(info), info->name_len);
    screen_id(list, device.name, device.id);
    append(list, &device);

cleanup:
    free(crtc);
    free(info);
}

static void add_screens(device_list *list)
{
    xcb_connection_t *c = list->display->connection;
    xcb_window_t root = list->display->screen->root;
    xcb_get_geometry_reply_t *whole = xcb_get_geometry_reply(c, xcb_get_geometry(c, root), NULL);
    if (whole == NULL) {
        return;
    }
    add_whole_display(list, whole);
    free(whole);
    if (!list->display->has_randr) {
        return;
    }
    xcb_randr_get_screen_resources_current_reply_t *resources =
        xcb_randr_get_screen_resources_current_reply(
            c, xcb_randr_get_screen_resources_current(c, root), NULL);
    if (resources == NULL) {
        return;
    }
    const xcb_randr_output_t *outputs = xcb_randr_get_screen_resources_current_outputs(resources);
    for (int i = 0; i < resources->num_outputs; i++) {
        add_output(list, outputs[i]);
    }
    free(resources);
}

static xcb_atom_t atom_of(xcb_connection_t *c, const char *name)
{
    xcb_intern_atom_reply_t *reply =
        xcb_intern_atom_reply(c, xcb_intern_atom(c, 1, (uint16_t)strlen(name), name), NULL);
    xcb_atom_t atom = reply != NULL ? reply->atom : XCB_ATOM_NONE;
    free(reply);
    return atom;
}

/* False when the window has no such property or it is empty. */
static bool read_title(xcb_connection_t *c, xcb_window_t window, xcb_atom_t property,
                       char out[CHALK_DEVICE_TEXT_MAX])
{
    out[0] = '\0';
    if (property == XCB_ATOM_NONE) {
        return false;
    }
    xcb_get_property_reply_t *reply = xcb_get_property_reply(
        c,
        xcb_get_property(c, 0, window, property, XCB_GET_PROPERTY_TYPE_ANY, 0, TITLE_BYTES_MAX / 4),
        NULL);
    if (reply != NULL && reply->format == 8) {
        copy_title(out, xcb_get_property_value(reply),
                   (size_t)xcb_get_property_value_length(reply));
    }
    free(reply);
    return out[0] != '\0';
}

static bool is_viewable(xcb_connection_t *c, xcb_window_t window)
{
    xcb_get_window_attributes_reply_t *a =
        xcb_get_window_attributes_reply(c, xcb_get_window_attributes(c, window), NULL);
    bool viewable = a != NULL && a->map_state == XCB_MAP_STATE_VIEWABLE &&
                    a->_class == XCB_WINDOW_CLASS_INPUT_OUTPUT;
    free(a);
    return viewable;
}

static bool read_place(const device_list *list, xcb_window_t window, chalk_device *device)
{
    xcb_connection_t *c = list->display->connection;
    xcb_get_geometry_cookie_t asked = xcb_get_geometry(c, window);
    xcb_translate_coordinates_cookie_t asked_place =
        xcb_translate_coordinates(c, window, list->display->screen->root, 0, 0);
    xcb_get_geometry_reply_t *g = xcb_get_geometry_reply(c, asked, NULL);
    xcb_translate_coordinates_reply_t *place =
        xcb_translate_coordinates_reply(c, asked_place, NULL);
    bool known = g != NULL && place != NULL;
    if (known) {
        device->x = place->dst_x;
        device->y = place->dst_y;
        device->width = g->width;
        device->height = g->height;
    }
    free(place);
    free(g);
    return known;
}

static void window_id(const device_list *list, xcb_window_t window, char *id)
{
    static const char digits[] = "0123456789abcdef";
    char hex[] = "0x00000000";
    for (int i = 0; i < 8; i++) {
        hex[2 + i] = digits[window >> (28 - 4 * i) & 0xf];
    }
    ck_text text = ck_text_of(id, CHALK_DEVICE_TEXT_MAX);
    ck_text_add(&text, "x11win:");
    ck_text_add(&text, list->name);
    ck_text_add(&text, ":");
    ck_text_add(&text, hex);
}

/* A window without a title is a panel, a menu or a helper: nothing that a person would choose. */
static void add_window(device_list *list, xcb_window_t window, xcb_atom_t utf8_title)
{
    xcb_connection_t *c = list->display->connection;
    chalk_device device = {.kind = CHALK_DEVICE_WINDOW};
    if (!is_viewable(c, window) || !read_place(list, window, &device)) {
        return;
    }
    if (read_title(c, window, utf8_title, device.name) ||
        read_title(c, window, XCB_ATOM_WM_NAME, device.name)) {
        window_id(list, window, device.id);
        append(list, &device);
    }
}

/* The window manager's own list of what it manages (EWMH, _NET_CLIENT_LIST). False without one. */
static bool add_managed_windows(device_list *list, xcb_atom_t utf8_title)
{
    xcb_connection_t *c = list->display->connection;
    xcb_atom_t property = atom_of(c, "_NET_CLIENT_LIST");
    if (property == XCB_ATOM_NONE) {
        return false;
    }
    xcb_get_property_reply_t *reply =
        xcb_get_property_reply(c,
                               xcb_get_property(c, 0, list->display->screen->root, property,
                                                XCB_ATOM_WINDOW, 0, WINDOWS_MAX),
                               NULL);
    bool found = reply != NULL && reply->format == 32;
    if (found) {
        const xcb_window_t *windows = xcb_get_property_value(reply);
        size_t count = (size_t)xcb_get_property_value_length(reply) / sizeof *windows;
        for (size_t i = 0; i < count; i++) {
            add_window(list, windows[i], utf8_title);
        }
    }
    free(reply);
    return found;
}

static void add_top_windows(device_list *list, xcb_atom_t utf8_title)
{
    xcb_connection_t *c = list->display->connection;
    xcb_query_tree_reply_t *tree =
        xcb_query_tree_reply(c, xcb_query_tree(c, list->display->screen->root), NULL);
    if (tree == NULL) {
        return;
    }
    const xcb_window_t *windows = xcb_query_tree_children(tree);
    int count = CK_MIN(xcb_query_tree_children_length(tree), WINDOWS_MAX);
    for (int i = 0; i < count; i++) {
        add_window(list, windows[i], utf8_title);
    }
    free(tree);
}

static int x11_list(chalk_device *out, size_t capacity, size_t *count, const ck_log *log)
{
    char name[CHALK_DEVICE_TEXT_MAX];
    ck_x11_display display;
    if (!ck_x11_display_name(NULL, name)) {
        return CHALK_OK;
    }
    ck_sigpipe masked;
    ck_sigpipe_block(&masked);
    if (ck_x11_display_open(&display, name, log) == CHALK_OK) {
        device_list list = {&display, name, out, capacity, *count};
        xcb_atom_t utf8_title = atom_of(display.connection, "_NET_WM_NAME");
        add_screens(&list);
        if (!add_managed_windows(&list, utf8_title)) {
            add_top_windows(&list, utf8_title);
        }
        *count = list.count;
        ck_x11_display_close(&display);
    }
    ck_sigpipe_restore(&masked);
    return CHALK_OK;
}

const ck_device_backend ck_x11_devices = {.name = "x11", .list = x11_list};
