/*
 * A page of a board as a file: PNG, SVG or PDF, given out in pieces to whoever writes them.
 *
 *     const ck_export e = {.board = board, .page = 1, .box = box, .scale = 2.0};
 *     status = ck_export_png(painter, &e, write, file);
 */
#ifndef CK_RENDER_EXPORT_H
#define CK_RENDER_EXPORT_H

#include "render/painter.h"

#define CK_EXPORT_PIXELS_MAX 64000000u /* of a PNG */
#define CK_EXPORT_SIDE_MAX   32000u    /* px of a file, pixels of a PNG */

/* Before a page is measured and painted; CHALK_OK, or why the rest is not written. */
typedef int (*ck_export_begin)(void *user, uint64_t page);

typedef struct ck_export {
    const ck_board *board;
    uint64_t page;
    ck_board_box box;      /* what of the page */
    double scale;          /* pixels (PNG), px (SVG), points (PDF) for a px of the page */
    ck_export_begin begin; /* NULL: nobody needs to know */
    void *begin_user;
} ck_export;

/* CHALK_OK, or why the rest is not written: it comes back from the export. */
typedef int (*ck_export_write)(void *user, const uint8_t *data, size_t size);

/* Tells who is to know that the page is next. */
int ck_export_begin_page(const ck_export *e, uint64_t page);
/* The box of all that is on the page, a picture below it included; false: nothing is. */
bool ck_export_extent(const ck_painter *p, const ck_board *board, uint64_t page, ck_board_box *box);

/* CHALK_OK; CHALK_ERR_INVALID_ARGUMENT: an empty box, or a scale of nothing; CHALK_ERR_TOO_LARGE:
 * over a limit of this file; CHALK_ERR_NO_MEMORY; what `write` said. */
int ck_export_png(ck_painter *p, const ck_export *e, ck_export_write write, void *user);
int ck_export_svg(ck_painter *p, const ck_export *e, ck_export_write write, void *user);
/* The page, or with `all` every page of the board, one after the other: each begun, with all that
 * is on it, and at least as large as the box. */
int ck_export_pdf(ck_painter *p, const ck_export *e, bool all, ck_export_write write, void *user);

#endif
