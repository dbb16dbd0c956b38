/*
 * Paints a board with Cairo and Pango: one object, or all of a page that stands in a box.
 *
 *     ck_painter_create(&alloc, &painter);
 *     cairo_scale(cr, zoom, zoom); cairo_translate(cr, -left, -top);      px of the page
 *     ck_painter_page(painter, cr, board, 1, &box);
 *
 * User space of the cairo_t is the page in px, whatever lies below: pixels, SVG, PDF. Errors of
 * Cairo stay in the cairo_t, as Cairo keeps them. One thread at a time for a painter; several
 * painters may work side by side.
 */
#ifndef CK_RENDER_PAINTER_H
#define CK_RENDER_PAINTER_H

#include "core/board/board.h"
#include "core/stroke/live.h"
#include "render/images.h"

#include <cairo.h>

#define CK_PAINT_PX 64.0 /* of a board's units make a px */

typedef struct ck_painter ck_painter;

/* CHALK_OK, CHALK_ERR_NO_MEMORY. */
int ck_painter_create(const ck_alloc *alloc, ck_painter **out);
void ck_painter_destroy(ck_painter **p); /* NULL inside is accepted */
/* Where the pixels of images come from; borrowed. NULL: none, frames stand in for them. */
void ck_painter_set_images(ck_painter *p, ck_images *images);

void ck_painter_object(ck_painter *p, cairo_t *cr, const ck_board_object *o);
/* What lies below all objects: white, and what the page's background asks for. */
void ck_painter_ground(ck_painter *p, cairo_t *cr, const ck_board_page *page,
                       const ck_board_box *box);
/* Samples of a pen that is still down, as its finished stroke will look. */
void ck_painter_live(cairo_t *cr, const ck_live_style *style, const ck_live_sample *samples,
                     uint32_t count);

/* Ground and objects in `box`, the lowest first. A page that is not there is white. CHALK_OK,
 * CHALK_ERR_NO_MEMORY: some were not painted. */
int ck_painter_page(ck_painter *p, cairo_t *cr, const ck_board *board, uint64_t page,
                    const ck_board_box *box);
/* How many objects stand in a box. */
uint32_t ck_painter_count(const ck_board *board, uint64_t page, const ck_board_box *box);
/* The box of all that is on the page; false: nothing is. */
bool ck_painter_extent(const ck_board *board, uint64_t page, ck_board_box *box);

/* The box of the picture that lies below a page; false: there is none, or it is not known. */
bool ck_painter_ground_extent(const ck_painter *p, const ck_board *board, uint64_t page,
                              ck_board_box *box);

/* CHALK_OK, CHALK_ERR_NO_MEMORY, CHALK_ERR_IO, CHALK_ERR_BAD_STATE. */
int ck_paint_status(cairo_status_t status);

#endif
