/* A view of a page: its tiles, what stood there before them, strokes in progress above. */
#include "render/canvas.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/drawing/scene.h"
#include "render/ink.h"
#include "render/inside.h"
#include "render/tiles.h"

#include <math.h>
#include <string.h>

#define PIECE       256 /* objects: a piece with more is halved */
#define PIECE_LEAST 16  /* pixels: which is not halved any more */
#define EDGE        2   /* pixels that a line's smooth edge may reach beyond its box */
#define MANY        256 /* changes: all is painted again */
#define FAR_PIXELS  (1 << 29)

_Static_assert(CK_CANVAS_TILE == CK_TILE && CK_CANVAS_SPARE == CK_TILE_SPARE,
               "the canvas says how many tiles there are");

struct ck_canvas {
    const ck_alloc *alloc;
    ck_painter *painter;
    ck_canvas_view view; /* wide 0: there is none yet */
    int left, top;       /* the view's corner, in pixels from the page's origin */
    ck_tiles tiles;
    ck_scene scene;
    ck_board_background background; /* as it was looked at last */
    ck_inks inks;
    cairo_surface_t *base; /* what was shown in another view; NULL: nothing */
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
    ck_tiles_init(&c->tiles, alloc);
    ck_scene_init(&c->scene, alloc);
    ck_inks_init(&c->inks, alloc);
    *out = c;
    return CHALK_OK;
}

static void drop_base(ck_canvas *c)
{
    cairo_surface_destroy(c->base);
    c->base = NULL;
}

void ck_canvas_destroy(ck_canvas **place)
{
    ck_canvas *c = *place;
    if (c == NULL) {
        return;
    }
    ck_tiles_free(&c->tiles);
    ck_scene_free(&c->scene);
    ck_inks_free(&c->inks);
    drop_base(c);
    ck_free(c->alloc, c);
    *place = NULL;
}

ck_canvas_stats ck_canvas_get_stats(const ck_canvas *c)
{
    ck_canvas_stats stats = c->stats;
    stats.tiles = c->tiles.count;
    return stats;
}

/* --- the picture ----------------------------------------------------------------------------- */

/* Where there is no tile yet: paper, and what was there before, stretched. */
static void show_base(const ck_canvas *c, cairo_t *cr)
{
    cairo_save(cr);
    for (const ck_tile *t = c->tiles.first; t != NULL; t = t->next) {
        if (!t->painted && ck_tiles_is_in_view(&c->tiles, t)) {
            cairo_rectangle(cr, t->left - c->left, t->top - c->top, CK_TILE, CK_TILE);
        }
    }
    cairo_clip(cr);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    if (c->base != NULL) {
        double stretch = c->view.zoom / c->base_view.zoom;
        cairo_translate(cr, c->base_view.x * c->view.zoom - c->left,
                        c->base_view.y * c->view.zoom - c->top);
        cairo_scale(cr, stretch, stretch);
        cairo_set_source_surface(cr, c->base, 0, 0);
        cairo_pattern_set_filter(cairo_get_source(cr), CAIRO_FILTER_FAST);
        cairo_paint(cr);
    }
    cairo_restore(cr);
}

/* Rows, and nothing between: there is nothing quicker. */
static void copy_tile(const ck_canvas *c, const ck_tile *t, uint8_t *pixels, size_t stride)
{
    const uint8_t *from = cairo_image_surface_get_data(t->surface);
    size_t row = (size_t)cairo_image_surface_get_stride(t->surface);
    int left = CK_MAX(t->left, c->left), right = CK_MIN(t->left + CK_TILE, c->tiles.view.right);
    int top = CK_MAX(t->top, c->top), bottom = CK_MIN(t->top + CK_TILE, c->tiles.view.bottom);
    for (int y = top; y < bottom; y++) {
        memcpy(pixels + (size_t)(y - c->top) * stride + (size_t)(left - c->left) * 4,
               from + (size_t)(y - t->top) * row + (size_t)(left - t->left) * 4,
               (size_t)(right - left) * 4);
    }
}

static bool is_painted(const ck_canvas *c)
{
    const ck_tile *t = c->tiles.first;
    while (t != NULL && (t->painted || !ck_tiles_is_in_view(&c->tiles, t))) {
        t = t->next;
    }
    return t == NULL;
}

/* All but the strokes in progress. */
static void compose(const ck_canvas *c, cairo_surface_t *picture, uint8_t *pixels, size_t stride)
{
    if (!is_painted(c)) {
        cairo_t *cr = cairo_create(picture);
        show_base(c, cr);
        cairo_destroy(cr);
        cairo_surface_flush(picture);
    }
    for (const ck_tile *t = c->tiles.first; t != NULL; t = t->next) {
        if (t->painted && ck_tiles_is_in_view(&c->tiles, t)) {
            copy_tile(c, t, pixels, stride);
        }
    }
    cairo_surface_mark_dirty(picture);
}

int ck_canvas_compose(ck_canvas *c, uint8_t *pixels, size_t stride)
{
    if (c->view.wide == 0 || stride / 4 < c->view.wide || stride % 4 != 0 || stride > INT32_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    cairo_surface_t *picture = cairo_image_surface_create_for_data(
        pixels, CAIRO_FORMAT_RGB24, (int)c->view.wide, (int)c->view.high, (int)stride);
    compose(c, picture, pixels, stride);
    cairo_t *cr = cairo_create(picture);
    int status = ck_inks_show(&c->inks, cr, &c->view, c->left, c->top);
    int painted = ck_paint_status(cairo_status(cr));
    cairo_destroy(cr);
    cairo_surface_finish(picture);
    cairo_surface_destroy(picture);
    return painted < 0 ? painted : status;
}

/* --- the view -------------------------------------------------------------------------------- */

static bool is_sane(const ck_canvas_view *v)
{
    const double most = (double)CK_BOARD_COORD_MAX / CK_PAINT_PX;
    return v->zoom >= 1.0 / CK_CANVAS_ZOOM_MAX && v->zoom <= CK_CANVAS_ZOOM_MAX && v->x >= -most &&
           v->x <= most && v->y >= -most && v->y <= most && v->wide > 0 && v->high > 0 &&
           v->wide <= CK_CANVAS_SIDE_MAX && v->high <= CK_CANVAS_SIDE_MAX;
}

/* Half of the view's tiles: less is no better than what was kept before. */
static bool is_worth_keeping(const ck_canvas *c)
{
    uint32_t in_view = 0, painted = 0;
    for (const ck_tile *t = c->tiles.first; t != NULL; t = t->next) {
        bool seen = ck_tiles_is_in_view(&c->tiles, t);
        in_view += seen;
        painted += seen && t->painted;
    }
    return c->view.wide > 0 && (c->base == NULL || 2 * painted >= in_view);
}

/* What is shown now stays to be seen, stretched, until the new tiles are painted. Without memory it
 * does not. */
static void keep_shown(ck_canvas *c)
{
    cairo_surface_t *shown =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)c->view.wide, (int)c->view.high);
    bool made = cairo_surface_status(shown) == CAIRO_STATUS_SUCCESS;
    if (made) {
        compose(c, shown, cairo_image_surface_get_data(shown),
                (size_t)cairo_image_surface_get_stride(shown));
    } else {
        cairo_surface_destroy(shown);
    }
    drop_base(c);
    c->base = made ? shown : NULL;
    c->base_view = c->view;
}

static bool place_tiles(ck_canvas *c)
{
    const ck_pixels view = {c->left, c->top, c->left + (int)c->view.wide,
                            c->top + (int)c->view.high};
    return ck_tiles_show(&c->tiles, &view);
}

int ck_canvas_set_view(ck_canvas *c, const ck_canvas_view *view)
{
    if (!is_sane(view)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    bool same_page = view->page == c->view.page;
    if (!same_page) {
        drop_base(c);
        ck_scene_forget(&c->scene);
    } else if (view->zoom != c->view.zoom && is_worth_keeping(c)) {
        keep_shown(c);
    }
    if (!same_page || view->zoom != c->view.zoom) {
        ck_tiles_forget(&c->tiles);
    }
    c->view = *view;
    c->left = (int)floor(view->x * view->zoom);
    c->top = (int)floor(view->y * view->zoom);
    return place_tiles(c) ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

/* --- what is to be painted ------------------------------------------------------------------- */

static int pixel_of(double at)
{
    return (int)CK_CLAMP(at, -(double)FAR_PIXELS, (double)FAR_PIXELS);
}

static void spoil(ck_canvas *c, const ck_board_box *box)
{
    double scale = c->view.zoom / CK_PAINT_PX;
    const ck_pixels pixels = {
        pixel_of(floor(box->left * scale) - EDGE), pixel_of(floor(box->top * scale) - EDGE),
        pixel_of(ceil(box->right * scale) + EDGE), pixel_of(ceil(box->bottom * scale) + EDGE)};
    ck_tiles_spoil(&c->tiles, &pixels);
}

void ck_canvas_spoil(ck_canvas *c)
{
    ck_tiles_spoil_all(&c->tiles);
}

/* Whether the ground looks otherwise than before. */
static bool take_background(ck_canvas *c, const ck_board *board)
{
    const ck_board_page *page = ck_board_find_page(board, c->view.page);
    const ck_board_background is =
        page != NULL ? page->background : (ck_board_background){.kind = CK_BOARD_PLAIN};
    const ck_board_background was = c->background;
    c->background = is;
    return is.kind != was.kind || is.deck_page != was.deck_page ||
           memcmp(is.hash, was.hash, sizeof is.hash) != 0;
}

int ck_canvas_look(ck_canvas *c, const ck_board *board)
{
    ck_scene_change change;
    int status = ck_scene_look(&c->scene, board, c->view.page);
    bool otherwise = take_background(c, board);
    if (status < 0 || otherwise || c->scene.change_count > MANY) {
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

static ck_board_box box_of(const ck_canvas *c, const ck_tile *t, const ck_pixels *r)
{
    double scale = CK_PAINT_PX / c->view.zoom, x = t->left, y = t->top;
    return (ck_board_box){(int32_t)floor((x + r->left - EDGE) * scale),
                          (int32_t)floor((y + r->top - EDGE) * scale),
                          (int32_t)ceil((x + r->right + EDGE) * scale),
                          (int32_t)ceil((y + r->bottom + EDGE) * scale)};
}

/* So much of what is dirty as can be painted without keeping anybody waiting. */
static ck_pixels piece_of(const ck_canvas *c, const ck_board *board, const ck_tile *t)
{
    ck_pixels r = t->dirty;
    for (;;) {
        const ck_board_box box = box_of(c, t, &r);
        int high = r.bottom - r.top;
        if (high <= PIECE_LEAST || ck_painter_count(board, c->view.page, &box) <= PIECE) {
            return r;
        }
        r.bottom = r.top + high / 2; /* rows: what is left stays one rectangle */
    }
}

static int paint_piece(ck_canvas *c, const ck_board *board, ck_tile *t)
{
    const ck_pixels r = piece_of(c, board, t);
    const ck_board_box box = box_of(c, t, &r);
    cairo_t *cr = cairo_create(t->surface);
    cairo_rectangle(cr, r.left, r.top, r.right - r.left, r.bottom - r.top);
    cairo_clip(cr);
    cairo_translate(cr, -(double)t->left, -(double)t->top);
    cairo_scale(cr, c->view.zoom, c->view.zoom);
    int status = ck_painter_page(c->painter, cr, board, c->view.page, &box);
    cairo_destroy(cr);
    if (status < 0) {
        return status;
    }
    t->dirty.top = r.bottom;
    t->painted = t->painted || ck_pixels_is_empty(&t->dirty);
    c->stats.pieces++;
    c->stats.pixels += (uint64_t)(r.right - r.left) * (uint64_t)(r.bottom - r.top);
    return CHALK_OK;
}

int ck_canvas_paint(ck_canvas *c, const ck_board *board, bool (*go_on)(void *user), void *user)
{
    ck_tile *t;
    if (c->view.wide > 0 && !place_tiles(c)) {
        return CHALK_ERR_NO_MEMORY;
    }
    while ((t = ck_tiles_next_dirty(&c->tiles)) != NULL) {
        int status = paint_piece(c, board, t);
        if (status < 0) {
            return status;
        }
        if (!go_on(user)) {
            return ck_tiles_next_dirty(&c->tiles) != NULL ? 1 : 0;
        }
    }
    ck_tiles_rest(&c->tiles);
    drop_base(c); /* all of it is covered */
    return 0;
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
