/* Text drawn with the system's fonts (Pango on Cairo). */
#ifndef DEMO_CLASS_TEXT_H
#define DEMO_CLASS_TEXT_H

#include <cairo.h>
#include <stdbool.h>

typedef struct text_style {
    const char *font;        /* "Sans Bold"; fontconfig finds the nearest that is installed */
    double size;             /* height of the font in pixels */
    double red, green, blue; /* 0..1 */
} text_style;

/* Draws UTF-8 text, lines separated by '\n', with its upper left corner at (x, y). */
void text_draw(cairo_t *c, const text_style *style, double x, double y, const char *text);

/* The size it would take, in pixels. */
void text_measure(cairo_t *c, const text_style *style, const char *text, double *width,
                  double *height);

/* False when the installed fonts lack some of its characters. */
bool text_can_show(cairo_t *c, const char *text);

/* Gives back what Pango and Cairo keep for the whole process. Text may be drawn again afterwards.
 */
void text_forget(void);

#endif
