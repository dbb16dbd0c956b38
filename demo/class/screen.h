/* SDL's video on the display that $DISPLAY or $WAYLAND_DISPLAY names. */
#ifndef DEMO_CLASS_SCREEN_H
#define DEMO_CLASS_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

/* False without a display; `why` says it in a few words. `x11`: no other kind will do, because a
 * window is to be captured from it. The program keeps its signal handlers. */
bool screen_open(bool x11, char *why, size_t why_size);

/* Ends it, after the last window was closed, with what drawing text keeps; may be called without
 * screen_open. */
void screen_close(void);

#endif
