/*
 * The window that the teacher shares: slides that change by themselves, with marks (class/marks.h).
 *
 * It draws what changed and nothing else, as a presentation does: a new slide slides in within 400
 * ms, the marks are drawn ten times a second and exactly when the flash begins and ends.
 *
 * Thread: the one that called SDL_Init, like everything of SDL's video.
 */
#ifndef DEMO_CLASS_SLIDE_WINDOW_H
#define DEMO_CLASS_SLIDE_WINDOW_H

#include "class/room_clock.h"

#include <SDL.h>
#include <stdbool.h>

typedef struct slide_window slide_window;

typedef struct slide_window_options {
    int width, height; /* wanted size in pixels */
    bool own_display; /* nobody else uses the display: no frame, at its corner, and the window moves
                         the mouse pointer as a teacher would */
    const room_clock *clock; /* borrowed */
} slide_window_options;

/* NULL: SDL_GetError tells. */
slide_window *slide_window_open(const slide_window_options *options);
void slide_window_close(slide_window **window);

/* Its title, unique on the display. */
const char *slide_window_title(const slide_window *w);
/* SDL's id, as in events. */
uint32_t slide_window_id(const slide_window *w);

/* Draws what is due. Returns the room time at which it wants to be called again. */
uint64_t slide_window_tick(slide_window *w);
/* Everything has to be drawn again (SDL_WINDOWEVENT_EXPOSED or another size). */
void slide_window_expose(slide_window *w);

/* True while no slide is moving and none has within the last second. */
bool slide_window_rests(const slide_window *w);
uint64_t slide_window_drawings(const slide_window *w);

#endif
