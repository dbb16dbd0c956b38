/*
 * The pixels of a page at one zoom, in squares: which there are, and what of them is to be painted.
 * Places are in pixels from the page's origin. One thread at a time, the canvas's.
 */
#ifndef CK_RENDER_TILES_H
#define CK_RENDER_TILES_H

#include "base/alloc.h"
#include "render/area.h"

#define CK_TILE       CK_AREA_SIDE /* pixels of a side */
#define CK_TILE_SPARE 64u          /* kept beyond those in view */

/* Right and bottom do not belong to it. */
typedef struct ck_pixels {
    int left, top, right, bottom;
} ck_pixels;

typedef struct ck_tile {
    struct ck_tile *next;
    int left, top; /* its corner */
    cairo_surface_t *surface;
    ck_pixels dirty; /* from its corner */
    bool painted;    /* all of it was, once */
} ck_tile;

typedef struct ck_tiles {
    const ck_alloc *alloc;
    ck_pixels view;
    ck_tile *first; /* the newest are in front */
    ck_tile *idle;  /* of another zoom: their memory is used again */
    uint32_t count; /* idle ones too */
} ck_tiles;

void ck_tiles_init(ck_tiles *t, const ck_alloc *alloc);
void ck_tiles_free(ck_tiles *t);
/* The page has another zoom, or is another one: there is none any more. */
void ck_tiles_forget(ck_tiles *t);
/* Memory of idle ones is given back. */
void ck_tiles_rest(ck_tiles *t);
/* What is seen: tiles that it lacks are made, dirty; those far from it go. False: no memory for
 * some. */
bool ck_tiles_show(ck_tiles *t, const ck_pixels *view);

/* These pixels are to be painted again. */
void ck_tiles_spoil(ck_tiles *t, const ck_pixels *pixels);
void ck_tiles_spoil_all(ck_tiles *t);
/* The dirty one in view that is nearest to its middle; NULL: there is none. */
ck_tile *ck_tiles_next_dirty(const ck_tiles *t);
bool ck_tiles_is_in_view(const ck_tiles *t, const ck_tile *tile);
bool ck_pixels_is_empty(const ck_pixels *p);

#endif
