/*
 * chalkrail/render.h - the whiteboard as a picture: in a window, or as a file.
 *
 * A canvas paints a page of a room's board (chalkrail/board.h) into the application's own pixels.
 * It paints again only what changed, never longer than it is told to. It shows one's own pen as it
 * moves, and others' as long as the room's events are taken (chalk_room_next_event).
 *
 *     chalk_canvas_create(session, CHALK_VIEW_HEAD, &canvas);
 *     chalk_canvas_view view = {.struct_size = sizeof view, .page = 1, .zoom = 1.0,
 *                               .wide = 1280, .high = 720};
 *     chalk_canvas_set_view(canvas, &view);
 *     for (each frame)
 *         chalk_canvas_paint(canvas, 8000, pixels, stride, NULL);
 *
 * Text is set in the system's sans-serif fonts. Pictures that are in view are fetched and decoded
 * beside the painting (chalkrail/asset.h). Pages of decks are rendered by the application, which is
 * told which are wanted, and how sharp:
 *
 *     while (chalk_canvas_wanted_page(canvas, 0, &page) == CHALK_OK && render(&page, &picture))
 *         chalk_canvas_put_page(canvas, page.hash, page.page, page.scale, picture.pixels, ...);
 *
 * Thread: a canvas is used by one thread at a time, which may be another than the session's; a call
 * keeps the session's other calls waiting for as long as one piece of a tile takes. Where the
 * system refuses memory to the libraries that set text (GLib, Pango), they end the process.
 * Lifetime: a canvas goes before its session.
 */
#ifndef CHALKRAIL_RENDER_H
#define CHALKRAIL_RENDER_H

#include "chalkrail/board.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Pixels of a side of a canvas. */
#define CHALK_CANVAS_SIDE_MAX 8192

typedef struct chalk_canvas chalk_canvas;

typedef struct chalk_canvas_view {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_canvas_view) */
    uint32_t page;
    uint32_t wide, high; /* pixels, 1..CHALK_CANVAS_SIDE_MAX */
    double x, y;         /* px of the page: the left upper corner */
    double zoom;         /* pixels for a px of the page, 1/64..64 */
} chalk_canvas_view;

/* A page of a deck that is in view and not there, or not as sharp as the window shows it. */
typedef struct chalk_canvas_page {
    uint32_t struct_size; /* set by the caller to sizeof(chalk_canvas_page) */
    uint32_t page;        /* from 0 */
    double scale;         /* pixels for a px of the page, 1/4..4 */
    uint8_t hash[CHALK_BOARD_HASH];
} chalk_canvas_page;

enum chalk_export_format {
    CHALK_EXPORT_PNG = 1,
    CHALK_EXPORT_SVG = 2,
    CHALK_EXPORT_PDF = 3,
};

/**
 * Called before a page is measured and painted, also twice for one page: the time to give `images`
 * what the page shows. It may export that page by itself, without a callback.
 *
 * @param page  its number.
 * @param user  `begin_user` of the options.
 * @return CHALK_OK, or an error, with which the export ends.
 *
 * Thread: the export's.
 */
typedef int (*chalk_export_page_fn)(uint32_t page, void *user);

typedef struct chalk_board_export_options {
    uint32_t struct_size;            /* set by chalk_board_export_options_init */
    uint32_t format;                 /* enum chalk_export_format; 0: PNG */
    uint32_t page;                   /* 0: page 1; of a PDF: all pages */
    uint32_t reserved;               /* 0 */
    double left, top, right, bottom; /* px: what of the page; all 0: all that is on it */
    double scale;                    /* pixels (PNG), px (SVG), points (PDF) for a px; 0: 1 */
    chalk_canvas *images; /* whose pictures are painted, on its thread; NULL: frames stand for them.
                             What it lacks it wants from then on: an export whose bytes are thrown
                             away, paints and puts until nothing is wanted, and another one */
    chalk_export_page_fn
        begin_page; /* so that not all pages' pictures are there at once; NULL: none */
    void *begin_user;
} chalk_board_export_options;

/**
 * Makes a canvas for the board of the room that the session is in, whichever that is.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param canvas   receives the canvas.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, NO_MEMORY.
 * Thread: any.
 * Lifetime: until chalk_canvas_destroy, which comes before the session's end.
 * Since: 0.1
 */
CHALK_API int chalk_canvas_create(chalk_session *session, uint32_t view, chalk_canvas **canvas);

/**
 * Ends a canvas.
 *
 * @param canvas  the canvas, cleared; NULL inside is accepted.
 *
 * Errors: none.
 * Thread: one at a time for a canvas.
 * Lifetime: the canvas is gone.
 * Since: 0.1
 */
CHALK_API void chalk_canvas_destroy(chalk_canvas **canvas);

/**
 * Says what is seen. What was painted is kept where it can be: moving the view paints what comes
 * into it; after zooming the old picture is shown stretched until the new one is painted.
 *
 * @param canvas  the canvas.
 * @param view    `struct_size` set; copied.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (a number out of range), NO_MEMORY (the view is as before, or lacks
 * tiles that the next paint makes).
 * Thread: one at a time for a canvas.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_canvas_set_view(chalk_canvas *canvas, const chalk_canvas_view *view);

/**
 * Paints what changed, as far as the time goes, and gives the picture.
 *
 * @param canvas     the canvas.
 * @param budget_us  for painting; one piece is painted in any case.
 * @param pixels     receives blue, green, red and an unused byte for each pixel.
 * @param stride     bytes from row to row, at least 4 * wide.
 * @param more       receives 1 if something is left for the next call; may be NULL.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT (no view was set, or the stride is too small), BAD_STATE (no room was
 * joined), NO_MEMORY (some is not painted; try again).
 * Thread: one at a time for a canvas.
 * Lifetime: the pixels are the caller's.
 * Since: 0.1
 */
CHALK_API int chalk_canvas_paint(chalk_canvas *canvas, uint64_t budget_us, uint8_t *pixels,
                                 size_t stride, uint32_t *more);

/**
 * Gives the pixels of a picture that the canvas need not load by itself. 256 MB are kept; those
 * painted longest ago go, and are wanted again.
 *
 * @param canvas  the canvas.
 * @param hash    CHALK_BOARD_HASH bytes: SHA-256 of its file.
 * @param pixels  blue, green, red, alpha; not premultiplied.
 * @param wide    pixels, 1..16384.
 * @param high    pixels, 1..16384.
 * @param stride  bytes from row to row.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, TOO_LARGE, NO_MEMORY.
 * Thread: one at a time for a canvas.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_canvas_put_image(chalk_canvas *canvas, const uint8_t *hash,
                                     const uint8_t *pixels, uint32_t wide, uint32_t high,
                                     size_t stride);

/**
 * Reads which pictures were to be painted and are not there; a frame with a cross stands for them.
 * They come by themselves with further paints, unless their files cannot be had
 * (chalk_asset_get_info).
 *
 * @param canvas  the canvas.
 * @param index   0 and up; the list changes with chalk_canvas_put_image.
 * @param hash    receives CHALK_BOARD_HASH bytes.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND (there are not so many), INVALID_ARGUMENT.
 * Thread: one at a time for a canvas.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_canvas_wanted_image(chalk_canvas *canvas, uint32_t index, uint8_t *hash);

/**
 * Gives the pixels of a page of a deck. Of a PDF a point is 4/3 px of the page.
 *
 * @param canvas  the canvas.
 * @param hash    CHALK_BOARD_HASH bytes: SHA-256 of the deck's file.
 * @param page    from 0.
 * @param scale   pixels for a px of the page; less than was wanted is not asked for again.
 * @param pixels  blue, green, red, alpha; not premultiplied.
 * @param wide    pixels, 1..16384.
 * @param high    pixels, 1..16384.
 * @param stride  bytes from row to row.
 * @return CHALK_OK.
 *
 * Errors: INVALID_ARGUMENT, TOO_LARGE, NO_MEMORY.
 * Thread: one at a time for a canvas.
 * Lifetime: copied.
 * Since: 0.1
 */
CHALK_API int chalk_canvas_put_page(chalk_canvas *canvas, const uint8_t *hash, uint32_t page,
                                    double scale, const uint8_t *pixels, uint32_t wide,
                                    uint32_t high, size_t stride);

/**
 * Reads which pages of decks were to be painted and are not there, or not as sharp. Their files are
 * fetched meanwhile; chalk_asset_read has them then.
 *
 * @param canvas  the canvas.
 * @param index   0 and up; the list changes with chalk_canvas_put_page.
 * @param page    `struct_size` set; filled in.
 * @return CHALK_OK.
 *
 * Errors: NOT_FOUND (there are not so many), INVALID_ARGUMENT.
 * Thread: one at a time for a canvas.
 * Lifetime: a plain copy.
 * Since: 0.1
 */
CHALK_API int chalk_canvas_wanted_page(chalk_canvas *canvas, uint32_t index,
                                       chalk_canvas_page *page);

/**
 * Fills export options with their size and the defaults.
 *
 * @param options  the struct to fill; not NULL.
 *
 * Errors: none.
 * Thread: any.
 * Lifetime: the caller's own struct.
 * Since: 0.1
 */
CHALK_API void chalk_board_export_options_init(chalk_board_export_options *options);

/**
 * Writes pages of the board as a picture or document; at the head with all that one has done,
 * pending or not. Painting goes on beside the session's other calls.
 *
 * @param session  the session.
 * @param view     enum chalk_room_view.
 * @param options  what and how.
 * @param write    takes the file, piece by piece, on this thread.
 * @param user     passed on.
 * @return CHALK_OK, or what `write` said.
 *
 * Errors: INVALID_ARGUMENT, NOT_FOUND (no such page, or nothing is on it), TOO_LARGE (over 32,000
 * px a side, a PNG over 64 million pixels), BAD_STATE (no room was joined), NO_MEMORY.
 * Thread: any.
 * Lifetime: nothing is kept.
 * Since: 0.1
 */
CHALK_API int chalk_board_export(chalk_session *session, uint32_t view,
                                 const chalk_board_export_options *options,
                                 chalk_board_write_fn write, void *user);

#ifdef __cplusplus
}
#endif
#endif
