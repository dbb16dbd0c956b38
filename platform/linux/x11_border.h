/*
 * A coloured border around what is shared: four windows outside of the captured area, where the
 * screen has room for them, through which clicks go. A share of the whole screen has none.
 *
 * Thread: one at a time, with SIGPIPE blocked. All calls do nothing without XFIXES, by which clicks
 * go through.
 */
#ifndef CK_PLATFORM_X11_BORDER_H
#define CK_PLATFORM_X11_BORDER_H

#include "chalkrail/frame.h"

#include "platform/linux/x11_display.h"

#define CK_X11_BORDER_SIDES 4

typedef struct ck_x11_border {
    xcb_window_t sides[CK_X11_BORDER_SIDES]; /* 0 while there is none */
    chalk_rect around;                       /* what it goes round; width 0: it is not shown */
    bool covered;                            /* another window came to lie over a side */
    uint64_t raised_us;
} ck_x11_border;

/* Shows it around a part of the root, or moves it there. Width 0 hides it. */
void ck_x11_border_place(ck_x11_border *border, const ck_x11_display *d, chalk_rect around);
/* True when the event was about the border. */
bool ck_x11_border_event(ck_x11_border *border, const xcb_generic_event_t *event);
/* Lifts it above what covers it, at most once a second, so that two programs that both want to be
 * on top do not fight. */
void ck_x11_border_raise(ck_x11_border *border, const ck_x11_display *d, uint64_t now_us);
void ck_x11_border_end(ck_x11_border *border, const ck_x11_display *d);

#endif
