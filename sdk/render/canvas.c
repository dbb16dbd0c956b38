/* Tiles: which there are, what of them is to be painted, how they become a picture. */
#include "render/canvas.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/drawing/scene.h"
#include "render/ink.h"
#include "render/inside.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define TILE        ((int)CK_CANVAS_TILE)
#define PIECE       256 /* objects: a piece with more is halved */
#define PIECE_LEAST 16  /* pixels: which is not halved any more */
#define EDGE        2   /* pixels that a line's smooth edge may reach beyond its box */

/* Pixels from the tile's corner; right and bottom do not belong to it. */
typedef struct rect {
    int left, top, right, bottom;
} rect;

typedef struct tile {
    struct tile *next;
    int x, y; /* in tiles, from the origin of the page */
    cairo_surface_t *surface;
    rect dirty;
    bool painted; /* all of it was, once */
} tile;

struct ck_canvas {
    const ck_alloc *alloc;
    ck_painter *painter;
    ck_canvas_view view; /* wide 0: there is none yet */
    int left, top;       /* the view's corner, in pixels from the page's origin */
    tile *tiles;
    ck_scene scene;
    ck_inks inks;
    cairo_surface_t *shown; /* what was composed last */
    cairo_surface_t *base;  /* what was shown in another view; NULL: nothing */
    ck_canvas_view base_view;
    ck_canvas_stats stats;
};

int ck_canvas_create(const ck_alloc *alloc, ck_painter *painter, ck_canvas **out)
{
    ck_canvas *c = ck_new(alloc, sizeof *c);
    if (c == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    c->alloc = alloc;
    c->painter = painter;
    ck_scene_init(&c->scene, alloc);
    ck_inks_init(&c->inks, alloc);
    *out = c;
    return CHALK_OK;
}

/* --- tiles ----------------------------------------------------------------------------------- */

static bool is_empty(const rect *r)
{
    return r->left >= r->right || r->top >= r->bottom;
}

static rect whole(void)
{
    return (rect){0, 0, TILE, TILE};
}

static void free_tile(ck_canvas *c, tile *t)
{
    cairo_surface_destroy(t->surface);
    ck_free(c->alloc, t);
    c->stats.tiles--;
}

static void free_tiles(ck_canvas *c)
{
    while (c->tiles != NULL) {
        tile *t = c->tiles;
        c->tiles = t->next;
        free_tile(c, t);
    }
}

void ck_canvas_destroy(ck_canvas **place)
{
    ck_canvas *c = *place;
    if (c == NULL) {
        return;
    }
    free_tiles(c);
    ck_scene_free(&c->scene);
    ck_inks_free(&c->inks);
    cairo_surface_destroy(c->shown);
    cairo_surface_destroy(c->base);
    ck_free(c->alloc, c);
    *place = NULL;
}

static int floor_div(int value, int by)
{
    return value >= 0 ? value / by : -((-value + by - 1) / by);
}

static rect tiles_in_view(const ck_canvas *c)
{
    return (rect){floor_div(c->left, TILE), floor_div(c->top, TILE),
                  floor_div(c->left + (int)c->view.wide - 1, TILE) + 1,
                  floor_div(c->top + (int)c->view.high - 1, TILE) + 1};
}

static bool is_in_view(const ck_canvas *c, const tile *t)
{
    const rect view = tiles_in_view(c);
    return t->x >= view.left && t->x < view.right && t->y >= view.top && t->y < view.bottom;
}

static tile *find_tile(const ck_canvas *c, int x, int y)
{
    tile *t = c->tiles;
    while (t != NULL && (t->x != x || t->y != y)) {
        t = t->next;
    }
    return t;
}

static bool add_tile(ck_canvas *c, int x, int y)
{
    tile *t = ck_new(c->alloc, sizeof *t);
    if (t == NULL) {
        return false;
    }
    t->surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, TILE, TILE);
    if (cairo_surface_status(t->surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(t->surface);
        ck_free(c->alloc, t);
        return false;
    }
    t->x = x;
    t->y = y;
    t->dirty = whole();
    t->next = c->tiles;
    c->tiles = t;
    c->stats.tiles++;
    return true;
}

/* The newest are in front; of those out of view, the ones beyond CK_CANVAS_SPARE go. */
static void forget_tiles(ck_canvas *c)
{
    uint32_t spare = 0;
    for (tile **place = &c->tiles; *place != NULL;) {
        tile *t = *place;
        spare += !is_in_view(c, t);
        if (!is_in_view(c, t) && spare > CK_CANVAS_SPARE) {
            *place = t->next;
            free_tile(c, t);
        } else {
            place = &t->next;
        }
    }
}

static bool need_tiles(ck_canvas *c)
{
    const rect view = tiles_in_view(c);
    bool there = true;
    for (int y = view.top; y < view.bottom; y++) {
        for (int x = view.left; x < view.right; x++) {
            there = (find_tile(c, x, y) != NULL || add_tile(c, x, y)) && there;
        }
    }
    forget_tiles(c);
    return there;
}

/* --- the view -------------------------------------------------------------------------------- */

static bool is_sane(const ck_canvas_view *v)
{
    const double most = (double)CK_BOARD_COORD_MAX / CK_PAINT_PX;
    return v->zoom >= 1.0 / CK_CANVAS_ZOOM_MAX && v->zoom <= CK_CANVAS_ZOOM_MAX && v->x >= -most &&
           v->x <= most && v->y >= -most && v->y <= most && v->wide > 0 && v->high > 0 &&
           v->wide <= CK_CANVAS_SIDE_MAX && v->high <= CK_CANVAS_SIDE_MAX;
}

/* What is shown now stays to be seen, stretched, until the new tiles are painted. */
static void keep_shown(ck_canvas *c, const ck_canvas_view *next)
{
    cairo_surface_destroy(c->base);
    c->base = NULL;
    if (next->page == c->view.page) {
        c->base = c->shown;
        c->base_view = c->view;
        c->shown = NULL;
    }
}

int ck_canvas_set_view(ck_canvas *c, const ck_canvas_view *view)
{
    if (!is_sane(view)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    bool same_size = c->shown != NULL && view->wide == c->view.wide && view->high == c->view.high;
    bool same_tiles = view->page == c->view.page && view->zoom == c->view.zoom;
    cairo_surface_t *shown = NULL;
    if (!same_size || !same_tiles) {
        shown = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)view->wide, (int)view->high);
        if (cairo_surface_status(shown) != CAIRO_STATUS_SUCCESS) {
            cairo_surface_destroy(shown);
            return CHALK_ERR_NO_MEMORY;
        }
    }
    if (!same_tiles) {
        keep_shown(c, view);
        free_tiles(c);
    }
    if (view->page != c->view.page) {
        ck_scene_forget(&c->scene);
    }
    if (shown != NULL) {
        cairo_surface_destroy(c->shown);
        c->shown = shown;
    }
    c->view = *view;
    c->left = (int)floor(view->x * view->zoom);
    c->top = (int)floor(view->y * view->zoom);
    return need_tiles(c) ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

/* --- what is to be painted ------------------------------------------------------------------- */

static void spoil_tile(const ck_canvas *c, tile *t, const ck_board_box *box)
{
    double scale = c->view.zoom / CK_PAINT_PX, x = (double)t->x * TILE, y = (double)t->y * TILE;
    const rect r = {(int)CK_CLAMP(floor(box->left * scale - x) - EDGE, 0, TILE),
                    (int)CK_CLAMP(floor(box->top * scale - y) - EDGE, 0, TILE),
                    (int)CK_CLAMP(ceil(box->right * scale - x) + EDGE, 0, TILE),
                    (int)CK_CLAMP(ceil(box->bottom * scale - y) + EDGE, 0, TILE)};
    if (is_empty(&r)) {
        return;
    }
    t->dirty = is_empty(&t->dirty)
                   ? r
                   : (rect){CK_MIN(t->dirty.left, r.left), CK_MIN(t->dirty.top, r.top),
                            CK_MAX(t->dirty.right, r.right), CK_MAX(t->dirty.bottom, r.bottom)};
}

static void spoil(ck_canvas *c, const ck_board_box *box)
{
    for (tile *t = c->tiles; t != NULL; t = t->next) {
        spoil_tile(c, t, box);
    }
}

void ck_canvas_spoil(ck_canvas *c)
{
    for (tile *t = c->tiles; t != NULL; t = t->next) {
        t->dirty = whole();
    }
}

int ck_canvas_look(ck_canvas *c, const ck_board *board)
{
    ck_scene_change change;
    int status = ck_scene_look(&c->scene, board, c->view.page);
    if (status < 0) {
        ck_canvas_spoil(c);
        return status;
    }
    while (ck_scene_next(&c->scene, &change)) {
        if (change.what != CK_SCENE_ADDED) {
            spoil(c, &change.before);
        }
        if (change.what != CK_SCENE_REMOVED) {
            spoil(c, &change.box);
        }
    }
    return CHALK_OK;
}

/* --- painting -------------------------------------------------------------------------------- */

static ck_board_box box_of(const ck_canvas *c, const tile *t, const rect *r)
{
    double scale = CK_PAINT_PX / c->view.zoom, x = (double)t->x * TILE, y = (double)t->y * TILE;
    return (ck_board_box){(int32_t)floor((x + r->left - EDGE) * scale),
                          (int32_t)floor((y + r->top - EDGE) * scale),
                          (int32_t)ceil((x + r->right + EDGE) * scale),
                          (int32_t)ceil((y + r->bottom + EDGE) * scale)};
}

/* So much of what is dirty as can be painted without keeping anybody waiting. */
static rect piece_of(const ck_canvas *c, const ck_board *board, const tile *t)
{
    rect r = t->dirty;
    for (;;) {
        const ck_board_box box = box_of(c, t, &r);
        int high = r.bottom - r.top;
        if (high <= PIECE_LEAST || ck_painter_count(board, c->view.page, &box) <= PIECE) {
            return r;
        }
        r.bottom = r.top + high / 2; /* rows: what is left stays one rectangle */
    }
}

static int paint_piece(ck_canvas *c, const ck_board *board, tile *t)
{
    const rect r = piece_of(c, board, t);
    const ck_board_box box = box_of(c, t, &r);
    cairo_t *cr = cairo_create(t->surface);
    cairo_rectangle(cr, r.left, r.top, r.right - r.left, r.bottom - r.top);
    cairo_clip(cr);
    cairo_translate(cr, -(double)t->x * TILE, -(double)t->y * TILE);
    cairo_scale(cr, c->view.zoom, c->view.zoom);
    int status = ck_painter_page(c->painter, cr, board, c->view.page, &box);
    cairo_destroy(cr);
    if (status < 0) {
        return status;
    }
    t->dirty.top = r.bottom;
    t->painted = t->painted || is_empty(&t->dirty);
    c->stats.pieces++;
    c->stats.pixels += (uint64_t)(r.right - r.left) * (uint64_t)(r.bottom - r.top);
    return CHALK_OK;
}

/* The dirty one in view nearest to its middle; NULL: there is none. */
static tile *next_dirty(const ck_canvas *c)
{
    int middle_x = c->left + (int)c->view.wide / 2, middle_y = c->top + (int)c->view.high / 2;
    int64_t nearest = INT64_MAX;
    tile *best = NULL;
    for (tile *t = c->tiles; t != NULL; t = t->next) {
        int64_t dx = (int64_t)t->x * TILE + TILE / 2 - middle_x;
        int64_t dy = (int64_t)t->y * TILE + TILE / 2 - middle_y;
        if (!is_empty(&t->dirty) && is_in_view(c, t) && dx * dx + dy * dy < nearest) {
            nearest = dx * dx + dy * dy;
            best = t;
        }
    }
    return best;
}

int ck_canvas_paint(ck_canvas *c, const ck_board *board, bool (*go_on)(void *user), void *user)
{
    tile *t;
    if (c->view.wide > 0 && !need_tiles(c)) {
        return CHALK_ERR_NO_MEMORY;
    }
    while ((t = next_dirty(c)) != NULL) {
        int status = paint_piece(c, board, t);
        if (status < 0) {
            return status;
        }
        if (!go_on(user)) {
            return next_dirty(c) != NULL ? 1 : 0;
        }
    }
    cairo_surface_destroy(c->base); /* all of it is covered */
    c->base = NULL;
    return 0;
}

/* --- the picture ----------------------------------------------------------------------------- */

static void show_base(const ck_canvas *c, cairo_t *cr)
{
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    if (c->base == NULL) {
        return;
    }
    const ck_canvas_view *was = &c->base_view;
    double stretch = c->view.zoom / was->zoom;
    cairo_save(cr);
    cairo_translate(cr, was->x * c->view.zoom - c->left, was->y * c->view.zoom - c->top);
    cairo_scale(cr, stretch, stretch);
    cairo_set_source_surface(cr, c->base, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_FAST);
    cairo_paint(cr);
    cairo_restore(cr);
}

static void show_tiles(const ck_canvas *c, cairo_t *cr)
{
    for (const tile *t = c->tiles; t != NULL; t = t->next) {
        if (t->painted && is_in_view(c, t)) {
            cairo_set_source_surface(cr, t->surface, t->x * TILE - c->left, t->y * TILE - c->top);
            cairo_paint(cr);
        }
    }
}

int ck_canvas_compose(ck_canvas *c, uint8_t *pixels, size_t stride)
{
    if (c->view.wide == 0 || stride / 4 < c->view.wide) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    cairo_t *cr = cairo_create(c->shown);
    show_base(c, cr);
    show_tiles(c, cr);
    int status = ck_inks_show(&c->inks, cr, &c->view, c->left, c->top);
    int painted = ck_paint_status(cairo_status(cr));
    cairo_destroy(cr);
    cairo_surface_flush(c->shown);
    const uint8_t *from = cairo_image_surface_get_data(c->shown);
    size_t row = (size_t)cairo_image_surface_get_stride(c->shown);
    for (uint32_t y = 0; y < c->view.high; y++) {
        memcpy(pixels + y * stride, from + y * row, (size_t)c->view.wide * 4);
    }
    return painted < 0 ? painted : status;
}

/* --- strokes in progress --------------------------------------------------------------------- */

int ck_canvas_ink(ck_canvas *c, uint64_t key, const ck_live_style *style,
                  const ck_live_sample *samples, uint32_t count)
{
    return ck_inks_add(&c->inks, key, style, samples, count);
}

void ck_canvas_set_tip(ck_canvas *c, uint64_t key, const ck_live_sample *tip)
{
    ck_inks_set_tip(&c->inks, key, tip);
}

uint32_t ck_canvas_ink_count(const ck_canvas *c, uint64_t key)
{
    return ck_inks_count(&c->inks, key);
}

void ck_canvas_drop_ink(ck_canvas *c, uint64_t key)
{
    ck_inks_drop(&c->inks, key);
}

uint64_t ck_canvas_ink_at(const ck_canvas *c, uint32_t index)
{
    return ck_inks_at(&c->inks, index);
}

ck_canvas_stats ck_canvas_get_stats(const ck_canvas *c)
{
    return c->stats;
}
