/*
 * Whether the session is locked, as far as the MIT-SCREEN-SAVER extension knows: a saver that
 * somebody asked for, or one that a program (the locker) draws. A screen that merely went dark for
 * want of input is not locked. Lockers that do not use the extension are not noticed.
 *
 * Thread: one at a time, with SIGPIPE blocked.
 */
#ifndef CK_PLATFORM_X11_SAVER_H
#define CK_PLATFORM_X11_SAVER_H

#include "platform/linux/x11_display.h"

typedef struct ck_x11_saver {
    uint8_t event; /* code of its event; 0: the server has no such extension */
    bool locked;
} ck_x11_saver;

/* Asks how it is now, and to be told of changes. */
void ck_x11_saver_begin(ck_x11_saver *saver, const ck_x11_display *d);
/* True when the event was about the saver; `locked` is up to date then. */
bool ck_x11_saver_event(ck_x11_saver *saver, const xcb_generic_event_t *event);

#endif
