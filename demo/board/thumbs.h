/* Small pictures of a board's pages, painted one after the other while there is time. */
#ifndef DEMO_BOARD_THUMBS_H
#define DEMO_BOARD_THUMBS_H

#include "board/deck.h"

#include <cairo.h>
#include <stdbool.h>

#define THUMBS_MAX 64 /* pages whose picture is kept; those seen last */

typedef struct board_thumb {
    uint32_t page; /* its number; 0: a free place */
    uint64_t version, used;
    cairo_surface_t *picture;
} board_thumb;

typedef struct board_thumbs {
    chalk_canvas *canvas;
    decks *decks;
    bool renders;   /* a page of a deck, which is waited for */
    int wide, high; /* pixels of one */
    board_thumb kept[THUMBS_MAX];
    uint64_t uses;
    uint32_t painting; /* the page that is being painted; 0: none */
    uint64_t painting_version;
} board_thumbs;

/* False: no memory. */
bool board_thumbs_init(board_thumbs *t, chalk_session *session);
void board_thumbs_free(board_thumbs *t);
void board_thumbs_resize(board_thumbs *t, int wide, int high);

/* The picture of a page; NULL: none yet. Borrowed until the next call. */
cairo_surface_t *board_thumbs_get(board_thumbs *t, uint32_t page);
/* Paints a little of a page; true: its picture is that of `version` of the board. */
bool board_thumbs_paint(board_thumbs *t, uint32_t page, uint64_t version);
/* Whether the picture of a page is older than the board. */
bool board_thumbs_is_stale(const board_thumbs *t, uint32_t page, uint64_t version);

#endif
