#include "render/tiles.h"

#include "base/check.h"

#include <string.h>

void ck_tiles_init(ck_tiles *t, const ck_alloc *alloc)
{
    *t = (ck_tiles){.alloc = alloc};
}

/* --- which there are ------------------------------------------------------------------------- */

static void free_all(ck_tiles *t, ck_tile **list)
{
    while (*list != NULL) {
        ck_tile *tile = *list;
        *list = tile->next;
        cairo_surface_destroy(tile->surface);
        ck_free(t->alloc, tile);
        t->count--;
    }
}

void ck_tiles_free(ck_tiles *t)
{
    free_all(t, &t->first);
    free_all(t, &t->idle);
}

void ck_tiles_rest(ck_tiles *t)
{
    free_all(t, &t->idle);
}

static void lay_aside(ck_tiles *t, ck_tile **place)
{
    ck_tile *tile = *place;
    *place = tile->next;
    tile->next = t->idle;
    t->idle = tile;
}

void ck_tiles_forget(ck_tiles *t)
{
    while (t->first != NULL) {
        lay_aside(t, &t->first);
    }
}

bool ck_pixels_is_empty(const ck_pixels *p)
{
    return p->left >= p->right || p->top >= p->bottom;
}

bool ck_tiles_is_in_view(const ck_tiles *t, const ck_tile *tile)
{
    return tile->left < t->view.right && tile->left + CK_TILE > t->view.left &&
           tile->top < t->view.bottom && tile->top + CK_TILE > t->view.top;
}

static ck_tile *find(const ck_tiles *t, int left, int top)
{
    ck_tile *tile = t->first;
    while (tile != NULL && (tile->left != left || tile->top != top)) {
        tile = tile->next;
    }
    return tile;
}

static ck_tile *make(ck_tiles *t)
{
    ck_tile *tile = t->idle;
    if (tile != NULL) {
        t->idle = tile->next;
        return tile;
    }
    tile = ck_new(t->alloc, sizeof *tile);
    if (tile == NULL) {
        return NULL;
    }
    tile->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, CK_TILE, CK_TILE);
    if (cairo_surface_status(tile->surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(tile->surface);
        ck_free(t->alloc, tile);
        return NULL;
    }
    t->count++;
    return tile;
}

static bool add(ck_tiles *t, int left, int top)
{
    ck_tile *tile = make(t);
    if (tile == NULL) {
        return false;
    }
    tile->left = left;
    tile->top = top;
    tile->painted = false;
    tile->dirty = (ck_pixels){0, 0, CK_TILE, CK_TILE};
    tile->next = t->first;
    t->first = tile;
    return true;
}

/* Of those out of view, the oldest beyond CK_TILE_SPARE. */
static void forget_far(ck_tiles *t)
{
    uint32_t spare = 0;
    for (ck_tile **place = &t->first; *place != NULL;) {
        spare += !ck_tiles_is_in_view(t, *place);
        if (!ck_tiles_is_in_view(t, *place) && spare > CK_TILE_SPARE) {
            lay_aside(t, place);
        } else {
            place = &(*place)->next;
        }
    }
}

static int tile_at(int pixel)
{
    int into = pixel % CK_TILE;
    return pixel - (into < 0 ? into + CK_TILE : into);
}

bool ck_tiles_show(ck_tiles *t, const ck_pixels *view)
{
    bool there = true;
    t->view = *view;
    forget_far(t);
    for (int y = tile_at(view->top); y < view->bottom; y += CK_TILE) {
        for (int x = tile_at(view->left); x < view->right; x += CK_TILE) {
            there = (find(t, x, y) != NULL || add(t, x, y)) && there;
        }
    }
    return there;
}

/* --- what is to be painted ------------------------------------------------------------------- */

static void spoil(ck_tile *tile, const ck_pixels *p)
{
    const ck_pixels r = {
        CK_CLAMP(p->left - tile->left, 0, CK_TILE), CK_CLAMP(p->top - tile->top, 0, CK_TILE),
        CK_CLAMP(p->right - tile->left, 0, CK_TILE), CK_CLAMP(p->bottom - tile->top, 0, CK_TILE)};
    ck_pixels *d = &tile->dirty;
    if (ck_pixels_is_empty(&r)) {
        return;
    }
    *d = ck_pixels_is_empty(d)
             ? r
             : (ck_pixels){CK_MIN(d->left, r.left), CK_MIN(d->top, r.top),
                           CK_MAX(d->right, r.right), CK_MAX(d->bottom, r.bottom)};
}

void ck_tiles_spoil(ck_tiles *t, const ck_pixels *pixels)
{
    for (ck_tile *tile = t->first; tile != NULL; tile = tile->next) {
        spoil(tile, pixels);
    }
}

void ck_tiles_spoil_all(ck_tiles *t)
{
    for (ck_tile *tile = t->first; tile != NULL; tile = tile->next) {
        tile->dirty = (ck_pixels){0, 0, CK_TILE, CK_TILE};
    }
}

ck_tile *ck_tiles_next_dirty(const ck_tiles *t)
{
    int64_t middle_x = ((int64_t)t->view.left + t->view.right) / 2, nearest = INT64_MAX;
    int64_t middle_y = ((int64_t)t->view.top + t->view.bottom) / 2;
    ck_tile *best = NULL;
    for (ck_tile *tile = t->first; tile != NULL; tile = tile->next) {
        int64_t dx = tile->left + CK_TILE / 2 - middle_x, dy = tile->top + CK_TILE / 2 - middle_y;
        bool dirty = !ck_pixels_is_empty(&tile->dirty) && ck_tiles_is_in_view(t, tile);
        if (dirty && dx * dx + dy * dy < nearest) {
            nearest = dx * dx + dy * dy;
            best = tile;
        }
    }
    return best;
}
