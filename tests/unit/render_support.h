/* Things to be painted in tests of render: on a desk (support/board.h), by author 1, on page 1. */
#ifndef CK_TESTS_RENDER_SUPPORT_H
#define CK_TESTS_RENDER_SUPPORT_H

#include "render/painter.h"
#include "support/board.h"

#include <cairo.h>

#define CK_TEST_RED   0xffe03131u
#define CK_TEST_BLUE  0xff1971c2u
#define CK_TEST_BLACK 0xff000000u

/* A corner, a size on the page, in px. */
typedef struct ck_place {
    double x, y, wide, high;
} ck_place;

/* Each gives the object's id; 0: refused. */
uint64_t ck_draw_wave(ck_desk *d, uint32_t tool, uint32_t colour, double width, double x, double y,
                      bool presses);
uint64_t ck_draw_dot(ck_desk *d, uint32_t colour, double width, double x, double y);
uint64_t ck_put_shape(ck_desk *d, uint32_t kind, uint32_t colour, uint32_t fill, double width,
                      ck_place place);
uint64_t ck_put_text(ck_desk *d, const char *text, double size, double wide, double x, double y);
uint64_t ck_put_image(ck_desk *d, uint8_t name, ck_place place);
bool ck_set_ground(ck_desk *d, uint32_t kind, uint8_t name);
void ck_scale(ck_desk *d, uint64_t id, double x, double y, double fx, double fy);

/* An image of that name (the first byte of its hash): a corner of each colour. */
bool ck_fill_image(ck_images *images, uint8_t name);
/* The same as a page of a deck, `scale` pixels for a px. */
bool ck_fill_deck(ck_images *images, uint8_t name, uint32_t page, double scale);

/* What stands at the place, at a scale; the caller's. */
cairo_surface_t *ck_picture(ck_painter *p, const ck_board *b, ck_place place, double scale);

#endif
