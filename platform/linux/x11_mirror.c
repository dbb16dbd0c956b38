#include "platform/linux/x11_mirror.h"

#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_US     CK_US_PER_S
#define WINDOWS_MAX 256 /* on the screen; more are not looked at */

uint64_t ck_x11_mirror_deadline(const ck_x11_mirror *mirror)
{
    return mirror->stale && !mirror->told ? mirror->looked_us + LOOK_US : CK_NEVER;
}

/* The id of the process that a window says to be of; 0: it does not. */
static uint32_t process_of(xcb_connection_t *c, xcb_window_t window, xcb_atom_t property)
{
    xcb_get_property_reply_t *reply = xcb_get_property_reply(
        c, xcb_get_property(c, 0, window, property, XCB_ATOM_CARDINAL, 0, 1), NULL);
    uint32_t process = 0;
    if (reply != NULL && reply->format == 32 && xcb_get_property_value_length(reply) == 4) {
        memcpy(&process, xcb_get_property_value(reply), sizeof process);
    }
    free(reply);
    return process;
}

static bool is_this_program(uint32_t process)
{
    char path[32];
    struct stat theirs, ours;
    if (process == 0 || process == (uint32_t)getpid()) {
        return process != 0;
    }
    (void)snprintf(path, sizeof path, "/proc/%u/exe", process);
    return stat(path, &theirs) == 0 && stat("/proc/self/exe", &ours) == 0 &&
           theirs.st_ino == ours.st_ino && theirs.st_dev == ours.st_dev;
}

/* A window manager puts a frame around the window that knows its process. */
static bool is_ours(xcb_connection_t *c, xcb_window_t window, xcb_atom_t property)
{
    bool found = is_this_program(process_of(c, window, property));
    xcb_query_tree_reply_t *tree =
        found ? NULL : xcb_query_tree_reply(c, xcb_query_tree(c, window), NULL);
    int count = tree != NULL ? xcb_query_tree_children_length(tree) : 0;
    for (int i = 0; i < count && i < WINDOWS_MAX && !found; i++) {
        found = is_this_program(process_of(c, xcb_query_tree_children(tree)[i], property));
    }
    free(tree);
    return found;
}

static bool lies_within(xcb_connection_t *c, xcb_window_t window, const ck_x11_target *target)
{
    xcb_get_geometry_cookie_t asked = xcb_get_geometry(c, window);
    xcb_get_window_attributes_reply_t *about =
        xcb_get_window_attributes_reply(c, xcb_get_window_attributes(c, window), NULL);
    xcb_get_geometry_reply_t *g = xcb_get_geometry_reply(c, asked, NULL);
    const chalk_rect a = target->area;
    bool within = about != NULL && g != NULL && about->map_state == XCB_MAP_STATE_VIEWABLE &&
                  g->x < a.x + a.width && g->x + g->width > a.x && g->y < a.y + a.height &&
                  g->y + g->height > a.y;
    free(about);
    free(g);
    return within;
}

static xcb_atom_t process_property(xcb_connection_t *c)
{
    static const char name[] = "_NET_WM_PID";
    xcb_intern_atom_reply_t *reply =
        xcb_intern_atom_reply(c, xcb_intern_atom(c, 1, sizeof name - 1, name), NULL);
    xcb_atom_t atom = reply != NULL ? reply->atom : XCB_ATOM_NONE;
    free(reply);
    return atom;
}

bool ck_x11_mirror_look(ck_x11_mirror *mirror, const ck_x11_display *d, const ck_x11_target *target,
                        uint64_t now_us)
{
    if (now_us < ck_x11_mirror_deadline(mirror)) {
        return false;
    }
    mirror->stale = false;
    mirror->looked_us = now_us;
    xcb_connection_t *c = d->connection;
    xcb_atom_t property = process_property(c);
    if (property == XCB_ATOM_NONE) {
        return false; /* nobody has ever set it */
    }
    xcb_query_tree_reply_t *tree =
        xcb_query_tree_reply(c, xcb_query_tree(c, d->screen->root), NULL);
    int count = tree != NULL ? xcb_query_tree_children_length(tree) : 0;
    for (int i = 0; i < count && i < WINDOWS_MAX && !mirror->told; i++) {
        xcb_window_t window = xcb_query_tree_children(tree)[i];
        mirror->told = lies_within(c, window, target) && is_ours(c, window, property);
    }
    free(tree);
    return mirror->told;
}
