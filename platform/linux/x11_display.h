/*
 * One connection to an X server and what the server can do.
 *
 * xcb never ends the process when the server goes away: calls answer at once from then on and
 * ck_x11_display_gone tells. Its writes may raise SIGPIPE, so callers hold a ck_sigpipe around them
 * (platform/linux/sigpipe.h).
 *
 * Thread: one at a time. Protocol: X Window System Protocol, X11R7; MIT-SHM, DAMAGE 1.1, XFIXES 2,
 * RANDR 1.3, Composite 0.2.
 */
#ifndef CK_PLATFORM_X11_DISPLAY_H
#define CK_PLATFORM_X11_DISPLAY_H

#include "chalkrail/device.h"

#include "runtime/os/os.h"

#include <xcb/xcb.h>

#include <stdbool.h>

typedef struct ck_x11_display {
    xcb_connection_t *connection; /* NULL when not connected */
    xcb_screen_t *screen;         /* as it was when connecting: its size may be old */
    bool has_shm;
    bool has_damage; /* with XFIXES, whose regions it needs */
    bool has_xfixes;
    bool has_randr;
    bool has_composite;
    uint8_t damage_event; /* first event code of each extension */
    uint8_t xfixes_event;
    uint8_t randr_event;
} ck_x11_display;

/* The display to use: `name`, or $DISPLAY when it is NULL or empty. False when there is none. */
bool ck_x11_display_name(const char *name, char out[CHALK_DEVICE_TEXT_MAX]);

/* CHALK_OK or CHALK_ERR_NO_DISPLAY. `name` as ck_x11_display_name gives it. */
int ck_x11_display_open(ck_x11_display *d, const char *name, const ck_log *log);
void ck_x11_display_close(ck_x11_display *d);
bool ck_x11_display_gone(const ck_x11_display *d);

/* CHALK_OK when pixels of this depth and visual are bytes B G R x in memory, which is what all
 * present servers use; CHALK_ERR_UNSUPPORTED, named in the log, otherwise. */
int ck_x11_display_check_pixels(const ck_x11_display *d, uint8_t depth, xcb_visualid_t visual,
                                const ck_log *log);

#endif
