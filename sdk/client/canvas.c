/* The board's renderer as the application uses it: in a window. */
#include "client/board.h"

#include "base/check.h"
#include "base/time.h"
#include "client/canvas_images.h"
#include "client/room.h"
#include "render/canvas.h"

#include "chalkrail/render.h"

#include <math.h>
#include <string.h>

#define WIDTH_STEP 16u /* of a sample's width: one of a live sample's */

_Static_assert(CHALK_CANVAS_SIDE_MAX == CK_CANVAS_SIDE_MAX && CK_IMAGES_HASH == CK_BOARD_HASH,
               "the public limits are the renderer's");

struct chalk_canvas {
    chalk_session *session;
    uint32_t view, page;
    ck_painter *painter;
    ck_images *images;
    ck_canvas *canvas;
    ck_image_loader *loader; /* NULL: nothing was loaded yet */
    bool looked;
    uint64_t version;  /* of the board that was looked at last */
    const void *state; /* whose it was: to compare, no more */
};

int chalk_canvas_create(chalk_session *s, uint32_t view, chalk_canvas **out)
{
    bool known = view == CHALK_VIEW_HEAD || view == CHALK_VIEW_PRESENTED;
    if (s == NULL || out == NULL || !known) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    chalk_canvas *c = ck_new(&ck_heap, sizeof *c);
    int status = c != NULL ? ck_painter_create(&ck_heap, &c->painter) : CHALK_ERR_NO_MEMORY;
    if (status == CHALK_OK) {
        c->session = s;
        c->view = view;
        status = ck_images_create(&ck_heap, &c->images);
    }
    if (status == CHALK_OK) {
        ck_painter_set_images(c->painter, c->images);
        status = ck_canvas_create(&ck_heap, c->painter, &c->canvas);
    }
    if (status < 0) {
        chalk_canvas_destroy(&c);
        return status;
    }
    *out = c;
    return CHALK_OK;
}

void chalk_canvas_destroy(chalk_canvas **place)
{
    chalk_canvas *c = *place;
    if (c != NULL) {
        ck_image_loader_destroy(&c->loader);
        ck_canvas_destroy(&c->canvas);
        ck_painter_destroy(&c->painter);
        ck_images_destroy(&c->images);
        ck_free(&ck_heap, c);
        *place = NULL;
    }
}

ck_images *ck_client_canvas_images(const chalk_canvas *c)
{
    return c->images;
}

int chalk_canvas_set_view(chalk_canvas *c, const chalk_canvas_view *view)
{
    if (c == NULL || view == NULL || !CK_KNOWN_SIZE(view)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    const ck_canvas_view inner = {.page = view->page,
                                  .x = view->x,
                                  .y = view->y,
                                  .zoom = view->zoom,
                                  .wide = view->wide,
                                  .high = view->high};
    int status = ck_canvas_set_view(c->canvas, &inner);
    if (status == CHALK_OK) {
        c->looked = c->looked && c->page == view->page; /* another page is compared anew */
        c->page = view->page;
    }
    return status;
}

static int put_pixels(chalk_canvas *c, const ck_image_key *where, const uint8_t *hash,
                      const uint8_t *pixels, uint32_t wide, uint32_t high, size_t stride,
                      double scale)
{
    ck_image_key key = *where;
    memcpy(key.hash, hash, sizeof key.hash);
    int status = ck_images_put(c->images, &key, pixels, wide, high, stride, scale);
    if (status == CHALK_OK) {
        ck_canvas_spoil(c->canvas);
    }
    return status;
}

int chalk_canvas_put_image(chalk_canvas *c, const uint8_t *hash, const uint8_t *pixels,
                           uint32_t wide, uint32_t high, size_t stride)
{
    if (c == NULL || hash == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    return put_pixels(c, &(ck_image_key){.deck = false}, hash, pixels, wide, high, stride, 1.0);
}

int chalk_canvas_put_page(chalk_canvas *c, const uint8_t *hash, uint32_t page, double scale,
                          const uint8_t *pixels, uint32_t wide, uint32_t high, size_t stride)
{
    if (c == NULL || hash == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    const ck_image_key key = {.deck = true, .page = page};
    return put_pixels(c, &key, hash, pixels, wide, high, stride, scale);
}

/* The index-th of a kind. */
static bool find_want(const chalk_canvas *c, bool deck, uint32_t index, ck_image_want *out)
{
    for (uint32_t i = 0; ck_images_wanted(c->images, i, out); i++) {
        if (out->key.deck == deck && index-- == 0) {
            return true;
        }
    }
    return false;
}

int chalk_canvas_wanted_image(chalk_canvas *c, uint32_t index, uint8_t *hash)
{
    if (c == NULL || hash == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_image_want want;
    if (!find_want(c, false, index, &want)) {
        return CHALK_ERR_NOT_FOUND;
    }
    memcpy(hash, want.key.hash, sizeof want.key.hash);
    return CHALK_OK;
}

int chalk_canvas_wanted_page(chalk_canvas *c, uint32_t index, chalk_canvas_page *page)
{
    ck_image_want want;
    if (c == NULL || page == NULL || !CK_KNOWN_SIZE(page)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (!find_want(c, true, index, &want)) {
        return CHALK_ERR_NOT_FOUND;
    }
    page->page = want.key.page;
    page->scale = want.scale;
    memcpy(page->hash, want.key.hash, sizeof want.key.hash);
    return CHALK_OK;
}

/* --- pens --------------------------------------------------------------------------- */

/* Whether the stroke, by its number one's own, is not on the board yet. */
static bool is_ink(const ck_client_board *board, uint64_t number)
{
    const ck_pens_stroke *other;
    for (uint32_t i = 0; (other = ck_pens_at(&board->others, i)) != NULL; i++) {
        if (other->key == number) {
            return true;
        }
    }
    if (number >= CK_PENS_KEYS || board->own == NULL) {
        return false;
    }
    const ck_pen *pen = &board->own->pen;
    if (pen->down && number == pen->live_stroke) {
        return true;
    }
    for (uint32_t i = 0; i < pen->finished_count; i++) {
        if (pen->finished[i].live == number) {
            return true;
        }
    }
    return board->own->waits;
}

/* The samples that the canvas does not have yet. */
static int add_ink(chalk_canvas *c, const ck_pen *pen)
{
    ck_live_sample samples[64];
    uint32_t known = ck_canvas_ink_count(c->canvas, pen->live_stroke);
    int status = CHALK_OK;
    while (status == CHALK_OK && known < pen->count) {
        uint32_t count = CK_MIN(pen->count - known, CK_COUNT_OF(samples));
        for (uint32_t i = 0; i < count; i++) {
            const ck_stroke_sample *from = &pen->samples[known + i];
            samples[i] = (ck_live_sample){
                .x = ck_stroke_round(from->x, CK_LIVE_UNIT),
                .y = ck_stroke_round(from->y, CK_LIVE_UNIT),
                .width = (uint8_t)((from->width + WIDTH_STEP / 2) / WIDTH_STEP),
            };
        }
        status = ck_canvas_ink(c->canvas, pen->live_stroke, &pen->style, samples, count);
        known += count;
    }
    return status;
}

/* What has become a stroke of the board, once that is painted: so nothing flickers. */
static void drop_inks(chalk_canvas *c, const ck_client_board *board)
{
    uint64_t key;
    for (uint32_t i = 0; (key = ck_canvas_ink_at(c->canvas, i)) != 0;) {
        if (is_ink(board, key)) {
            i++;
        } else {
            ck_canvas_drop_ink(c->canvas, key);
        }
    }
}

/* --- painting -------------------------------------------------------------------------------- */

/* Others' pens: those that are there, as far as they have come. */
static void show_others(chalk_canvas *c, ck_pens *others)
{
    const ck_pens_stroke *s;
    ck_pens_run(others, ck_clock_us());
    for (uint32_t i = 0; (s = ck_pens_at(others, i)) != NULL; i++) {
        uint32_t known = ck_canvas_ink_count(c->canvas, s->key);
        if (known > s->count) { /* another stroke of the same key */
            ck_canvas_drop_ink(c->canvas, s->key);
            known = 0;
        }
        if (s->count > known) {
            (void)ck_canvas_ink(c->canvas, s->key, &s->style, s->samples + known,
                                s->count - known); /* else the finished stroke will do */
        }
        ck_canvas_set_tip(c->canvas, s->key, s->has_tip ? &s->tip : NULL);
    }
}

static int look(chalk_canvas *c, ck_client_room *room, const ck_board *board)
{
    const void *state = ck_client_room_state(room, c->view);
    uint64_t version = ck_client_board_version(room, c->view);
    if (c->looked && c->state == state && c->version == version) {
        return CHALK_OK;
    }
    int status = ck_canvas_look(c->canvas, board);
    c->looked = status == CHALK_OK;
    c->state = state;
    c->version = version;
    return status;
}

static bool once(void *user)
{
    (void)user;
    return false;
}

/* One piece, with the room's lock: the board must not change meanwhile. */
static int paint_piece(chalk_canvas *c)
{
    ck_client_room *room;
    int status = ck_client_room_take(c->session, false, &room);
    if (status < 0) {
        return status;
    }
    const ck_board *board = ck_client_board_of(room, c->view);
    const ck_client_pen *own = room->board.own;
    if (own != NULL && own->pen.down) {
        (void)add_ink(c, &own->pen); /* else it is seen when it is finished */
    }
    show_others(c, &room->board.others);
    status = look(c, room, board);
    if (status == CHALK_OK) {
        status = ck_canvas_paint(c->canvas, board, once, NULL);
    }
    if (status == CHALK_OK) {
        drop_inks(c, &room->board);
    }
    ck_client_room_give(c->session, room, false);
    return status;
}

/* Files that are wanted are fetched, decoded one by one beside the painting, and taken. 1: there is
 * one to be painted now. */
static int load_images(chalk_canvas *c)
{
    ck_client_room *room;
    ck_image_want want;
    if (!ck_images_wanted(c->images, 0, &want) && !ck_image_loader_is_busy(c->loader)) {
        return CHALK_OK;
    }
    int status = ck_client_room_take(c->session, false, &room);
    if (status < 0) {
        return status;
    }
    bool some = ck_image_loader_run(&c->loader, c->images, room);
    ck_client_room_give(c->session, room, true);
    if (some) {
        ck_canvas_spoil(c->canvas);
    }
    return some;
}

int chalk_canvas_paint(chalk_canvas *c, uint64_t budget_us, uint8_t *pixels, size_t stride,
                       uint32_t *more)
{
    uint64_t begun_us = ck_clock_us();
    if (c == NULL || pixels == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = paint_piece(c);
    while (status == 1 && ck_clock_us() - begun_us < budget_us) {
        status = paint_piece(c);
    }
    int loaded = status >= 0 ? load_images(c) : status;
    if (loaded < 0) {
        return loaded;
    }
    if (more != NULL) {
        *more = status == 1 || loaded == 1 || ck_image_loader_is_busy(c->loader);
    }
    return ck_canvas_compose(c->canvas, pixels, stride);
}
