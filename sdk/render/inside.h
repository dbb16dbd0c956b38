/* Private to the files of render. */
#ifndef CK_RENDER_INSIDE_H
#define CK_RENDER_INSIDE_H

#include "render/area.h"
#include "render/painter.h"

#include <pango/pangocairo.h>

struct ck_painter {
    const ck_alloc *alloc;
    ck_images *images; /* NULL: none */
    PangoContext *context;
    PangoLayout *layout;
    const ck_board_object **found; /* page.c */
    uint32_t found_count, found_size;
    bool found_failed;
    ck_area *area; /* NULL: there was no memory for it */
    bool covers;   /* strokes go through the area: a piece of an image is painted */
};

/* A box in px. */
typedef struct ck_paint_box {
    double x, y, wide, high;
} ck_paint_box;

/* 0xAARRGGBB; its alpha at most `alpha_most`, 0 to 1. */
void ck_paint_colour(cairo_t *cr, uint32_t colour, double alpha_most);
/* A px of the device, in user space. */
double ck_paint_pixel(cairo_t *cr);
/* Of the body, without its line's width; left and top are its least. */
ck_paint_box ck_paint_box_of(const ck_board_object *o);

/* stroke.c: adds its outline to those that are not filled yet, and fills them; they are of one
 * colour. */
void ck_paint_add_stroke(ck_painter *p, cairo_t *cr, const ck_board_object *o);
void ck_paint_fill_strokes(ck_painter *p, cairo_t *cr, uint32_t colour, bool marker);
void ck_paint_shape(cairo_t *cr, const ck_board_object *o);                      /* shape.c */
void ck_paint_text(ck_painter *p, cairo_t *cr, const ck_board_object *o);        /* text.c */
void ck_paint_image(const ck_painter *p, cairo_t *cr, const ck_board_object *o); /* ground.c */

#endif
