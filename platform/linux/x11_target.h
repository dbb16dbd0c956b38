/*
 * What of a display is captured: named by a spec (from the source's options, valid across
 * reconnections), found on a connected display as a target (valid until the geometry changes).
 *
 * Device ids: "x11:<display>:<RandR output>" is a monitor, "x11:<display>:" the whole display,
 * "x11win:<display>:0x<window>" a window; a bare display name such as ":0" is the whole display and
 * a bare "0x<window>" a window of $DISPLAY.
 */
#ifndef CK_PLATFORM_X11_TARGET_H
#define CK_PLATFORM_X11_TARGET_H

#include "chalkrail/source.h"

#include "platform/linux/x11_display.h"

typedef struct ck_x11_spec {
    uint32_t kind; /* CHALK_SOURCE_SCREEN or CHALK_SOURCE_WINDOW */
    char display[CHALK_DEVICE_TEXT_MAX];
    char output[CHALK_DEVICE_TEXT_MAX]; /* SCREEN: name of the RandR output; "": whole display */
    chalk_rect region;                  /* SCREEN: part of that; width 0: all of it */
    xcb_window_t window;                /* WINDOW */
} ck_x11_spec;

typedef struct ck_x11_target {
    xcb_drawable_t drawable; /* where pixels are fetched: root, window, or the window's pixmap */
    xcb_window_t watched;    /* whose damage counts: root or window */
    chalk_rect area;         /* part of `drawable` that is the picture; sides even, >= 2 */
    uint16_t full_width;     /* WINDOW: its size before rounding and clipping */
    uint16_t full_height;
    int32_t watched_x; /* the picture's corner in coordinates of `watched` */
    int32_t watched_y;
    int32_t root_x; /* the picture's corner on the root, for the pointer */
    int32_t root_y;
    bool owns_pixmap; /* `drawable` is a pixmap to be freed */
} ck_x11_target;

/* INVALID_ARGUMENT (a malformed id or region), NO_DISPLAY (none named and no $DISPLAY). */
int ck_x11_spec_parse(const chalk_source_options *options, ck_x11_spec *out);

/* Finds the target. NO_DEVICE: no such output or window, the window is not shown, or the region is
 * off the screen; UNSUPPORTED: pixels this source cannot read; NO_DISPLAY: the server went away. */
int ck_x11_target_find(const ck_x11_display *d, const ck_x11_spec *spec, const ck_log *log,
                       ck_x11_target *out);
/* When a target replaces another, find the new one first and release the old one then: the window
 * stays redirected in between. */
void ck_x11_target_release(const ck_x11_display *d, ck_x11_target *target);

#endif
