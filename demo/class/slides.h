/* The slides of the demo's lesson: what a teacher shows. Drawing alone; class/slide_window.h shows
 * them. */
#ifndef DEMO_CLASS_SLIDES_H
#define DEMO_CLASS_SLIDES_H

#include <cairo.h>
#include <stddef.h>
#include <stdint.h>

size_t slides_count(void);

/* Draws one slide (0..count - 1), with the dark strip for the marks (class/marks.h) at its lower
 * edge, on a surface of this size. */
void slides_draw(cairo_t *c, int32_t width, int32_t height, size_t index);

/* Where a teacher would point at a moment: `part` 0..1 of the time that a slide is shown. In
 * pixels. */
void slides_pointer(size_t index, double part, int32_t width, int32_t height, int32_t *x,
                    int32_t *y);

#endif
