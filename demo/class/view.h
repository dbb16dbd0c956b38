/*
 * A window that shows a playback: the newest picture with its aspect kept, a line of text where
 * there is none, and figures over it on request.
 *
 *   F1       figures on and off
 *   F, F11, double click    full screen and back
 *   M        mute and unmute (VIEW_MUTE: the caller does it)
 *   Esc, Q, the window's close button    end (VIEW_CLOSE)
 *
 * It draws when something changed, at most once a display refresh.
 *
 * Thread: the one that called SDL_Init, like everything of SDL's video.
 */
#ifndef DEMO_CLASS_VIEW_H
#define DEMO_CLASS_VIEW_H

#include "chalkrail/frame.h"
#include "class/pointer.h"

#include <SDL.h>
#include <stdbool.h>

typedef struct view view;

enum view_action {
    VIEW_NONE = 1,
    VIEW_CLOSE,
    VIEW_MUTE,
};

typedef struct view_options {
    const char *title;
    int x, y;          /* SDL_WINDOWPOS_UNDEFINED: where the desktop likes */
    int width, height; /* before the first picture tells its size */
    bool fit;          /* take the first picture's size, as far as the display has room */
    bool vsync;        /* view_draw may wait for the display's refresh: fit for a single window */
} view_options;

/* NULL: SDL_GetError tells. */
view *view_open(const view_options *options);
void view_close(view **v);

/* Looks at an event of SDL's; those of other windows are ignored. */
enum view_action view_event(view *v, const SDL_Event *event);

/* Shows another picture; takes a reference of its own. Returns CHALK_OK, or UNSUPPORTED for a
 * native one. */
int view_show(view *v, chalk_video_frame *frame);

/* What of a pointer is seen over the picture from now on; borrowed until view_draw. */
void view_set_pointer(view *v, const pointer *p);

/* The words for a playback's state, given whether there ever was a picture, and why the link is in
 * its state (a chalk_error, CHALK_OK: nothing is wrong). */
const char *view_words(uint32_t link_state, bool has_picture, int cause);

/* What stands in the title behind the name, and in the middle of the window while `covering`. */
void view_set_state(view *v, const char *text, bool covering);
/* The figures, lines separated by '\n'; shown while they are switched on. */
void view_set_figures(view *v, const char *text);
bool view_wants_figures(const view *v);

/* Period of the refresh of the display that it is on; 0: unknown. */
uint32_t view_refresh_us(const view *v);

/* Draws if something changed. True: it waited for the display's refresh. */
bool view_draw(view *v);

#endif
