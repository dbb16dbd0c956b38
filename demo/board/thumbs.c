#include "board/thumbs.h"

#include <stdlib.h>

#define SEEN_WIDE 1280.0 /* px of the page from its corner, that the picture shows */
#define BUDGET_US 2000

bool board_thumbs_init(board_thumbs *t, chalk_session *session)
{
    *t = (board_thumbs){.decks = decks_new(session)};
    bool good =
        t->decks != NULL && chalk_canvas_create(session, CHALK_VIEW_HEAD, &t->canvas) == CHALK_OK;
    if (!good) {
        decks_free(&t->decks);
    }
    return good;
}

static void forget(board_thumbs *t)
{
    for (int i = 0; i < THUMBS_MAX; i++) {
        cairo_surface_destroy(t->kept[i].picture);
        t->kept[i] = (board_thumb){0};
    }
    t->painting = 0;
}

void board_thumbs_free(board_thumbs *t)
{
    forget(t);
    decks_free(&t->decks);
    chalk_canvas_destroy(&t->canvas);
}

void board_thumbs_resize(board_thumbs *t, int wide, int high)
{
    if (t->wide != wide || t->high != high) {
        forget(t);
        t->wide = wide;
        t->high = high;
    }
}

static const board_thumb *find(const board_thumbs *t, uint32_t page)
{
    for (int i = 0; i < THUMBS_MAX; i++) {
        if (t->kept[i].page == page) {
            return &t->kept[i];
        }
    }
    return NULL;
}

static board_thumb *place_of(board_thumbs *t, uint32_t page)
{
    board_thumb *oldest = &t->kept[0];
    for (int i = 0; i < THUMBS_MAX; i++) {
        if (t->kept[i].page == page) {
            return &t->kept[i];
        }
        oldest = t->kept[i].used < oldest->used ? &t->kept[i] : oldest;
    }
    cairo_surface_destroy(oldest->picture);
    *oldest = (board_thumb){
        .page = page,
        .picture = cairo_image_surface_create(CAIRO_FORMAT_RGB24, t->wide, t->high),
    };
    return oldest;
}

cairo_surface_t *board_thumbs_get(board_thumbs *t, uint32_t page)
{
    for (int i = 0; i < THUMBS_MAX; i++) {
        if (t->kept[i].page == page && page != 0) {
            t->kept[i].used = ++t->uses;
            return t->kept[i].picture;
        }
    }
    return NULL;
}

bool board_thumbs_is_stale(const board_thumbs *t, uint32_t page, uint64_t version)
{
    const board_thumb *thumb = find(t, page);
    return thumb == NULL || thumb->version != version;
}

bool board_thumbs_paint(board_thumbs *t, uint32_t page, uint64_t version)
{
    const chalk_canvas_view view = {
        .struct_size = sizeof view,
        .page = page,
        .wide = (uint32_t)t->wide,
        .high = (uint32_t)t->high,
        .zoom = t->wide / SEEN_WIDE,
    };
    if (t->painting != page) {
        t->painting = page;
        t->painting_version = version;
        if (chalk_canvas_set_view(t->canvas, &view) < 0) {
            return false;
        }
    }
    board_thumb *thumb = place_of(t, page);
    uint32_t more = 1;
    cairo_surface_flush(thumb->picture);
    if (cairo_surface_status(thumb->picture) != CAIRO_STATUS_SUCCESS ||
        chalk_canvas_paint(t->canvas, BUDGET_US, cairo_image_surface_get_data(thumb->picture),
                           (size_t)cairo_image_surface_get_stride(thumb->picture), &more) < 0) {
        return false;
    }
    cairo_surface_mark_dirty(thumb->picture);
    bool rendered = t->renders;
    t->renders = decks_run(t->decks, t->canvas) == CHALK_ERR_AGAIN;
    more = more != 0 || rendered || t->renders; /* what came at last is painted, too */
    if (more == 0) {
        thumb->version = t->painting_version;
        t->painting = 0;
    }
    return more == 0;
}
