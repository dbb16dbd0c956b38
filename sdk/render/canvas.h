/*
 * A page as it is shown in a window: tiles that are painted only where something changed, strokes
 * that are still drawn above them.
 *
 *     ck_canvas_create(&alloc, painter, &canvas);
 *     ck_canvas_set_view(canvas, &view);
 *     status = ck_canvas_look(canvas, board);           when the board may have changed
 *     more = ck_canvas_paint(canvas, board, go_on, &clock);
 *     ck_canvas_compose(canvas, pixels, stride);        each frame
 *
 * Painting may stop after each piece of a tile and go on in the next frame; what is not painted yet
 * shows what was there before, stretched to the present zoom. One thread at a time, the painter's.
 */
#ifndef CK_RENDER_CANVAS_H
#define CK_RENDER_CANVAS_H

#include "render/painter.h"

#define CK_CANVAS_TILE     256u /* pixels */
#define CK_CANVAS_SIDE_MAX 8192u
#define CK_CANVAS_SPARE    64u /* tiles kept beyond those in view */
#define CK_CANVAS_INKS     128u
#define CK_CANVAS_SAMPLES  4096u /* of a stroke that is still drawn */
#define CK_CANVAS_ZOOM_MAX 64.0  /* and 1/64 at least */

typedef struct ck_canvas ck_canvas;

typedef struct ck_canvas_view {
    uint64_t page;
    double x, y; /* px of the page: left upper corner */
    double zoom; /* pixels for a px */
    uint32_t wide, high;
} ck_canvas_view;

typedef struct ck_canvas_stats {
    uint64_t pieces; /* of tiles, painted */
    uint64_t pixels; /* of these */
    uint32_t tiles;  /* kept */
} ck_canvas_stats;

/* CHALK_OK, CHALK_ERR_NO_MEMORY. The painter is borrowed. */
int ck_canvas_create(const ck_alloc *alloc, ck_painter *painter, ck_canvas **out);
void ck_canvas_destroy(ck_canvas **canvas); /* NULL inside is accepted */

/* CHALK_OK; CHALK_ERR_INVALID_ARGUMENT: a number out of range; CHALK_ERR_NO_MEMORY: as before. */
int ck_canvas_set_view(ck_canvas *c, const ck_canvas_view *view);
/* Finds what is to be painted again. CHALK_OK; CHALK_ERR_NO_MEMORY: all is. */
int ck_canvas_look(ck_canvas *c, const ck_board *board);
/* Everything in view is painted again: images have come. */
void ck_canvas_spoil(ck_canvas *c);

/* Paints pieces, from the middle of the view, as long as go_on(user) is true; one in any case. 1:
 * more is left; 0: all is painted; CHALK_ERR_NO_MEMORY: to be tried again. */
int ck_canvas_paint(ck_canvas *c, const ck_board *board, bool (*go_on)(void *user), void *user);
/* Blue, green, red and an unused byte for each pixel of the view, rows `stride` bytes apart. */
int ck_canvas_compose(ck_canvas *c, uint8_t *pixels, size_t stride);

/* --- strokes in progress --------------------------------------------------------------------- */

/* More samples of stroke `key`, which appears with its first. CHALK_OK; CHALK_ERR_LIMIT: too many;
 * CHALK_ERR_NO_MEMORY. */
int ck_canvas_ink(ck_canvas *c, uint64_t key, const ck_live_style *style,
                  const ck_live_sample *samples, uint32_t count);
/* Where its pen is, past the samples; NULL: not known. */
void ck_canvas_set_tip(ck_canvas *c, uint64_t key, const ck_live_sample *tip);
uint32_t ck_canvas_ink_count(const ck_canvas *c, uint64_t key); /* its samples so far */
void ck_canvas_drop_ink(ck_canvas *c, uint64_t key);            /* its finished stroke is there */
/* The index-th key; 0: there are not so many. */
uint64_t ck_canvas_ink_at(const ck_canvas *c, uint32_t index);

ck_canvas_stats ck_canvas_get_stats(const ck_canvas *c);

#endif
