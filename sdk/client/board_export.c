/* Pages of a board as pictures and documents. */
#include "client/board.h"

#include "client/canvas_images.h"
#include "client/room.h"
#include "render/export.h"

#include "chalkrail/render.h"

#include <string.h>

void chalk_board_export_options_init(chalk_board_export_options *options)
{
    memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
}

typedef struct writer {
    chalk_board_write_fn write;
    void *user;
} writer;

static int pass_on(void *user, const uint8_t *data, size_t size)
{
    const writer *w = user;
    return w->write(data, size, w->user);
}

/* A copy, so that nobody waits while it is painted. */
static int copy_board(chalk_session *s, uint32_t view, ck_board *out)
{
    ck_client_room *room;
    const ck_room *state;
    int status = ck_client_room_look(s, view, &room, &state);
    if (status == CHALK_OK) {
        status = ck_client_board_copy(room, view, out, NULL);
        ck_client_room_give(s, room, true);
    }
    return status;
}

static bool read_box(const chalk_board_export_options *o, ck_board_box *box, bool *all)
{
    int64_t left, top, right, bottom;
    bool fits = ck_client_board_units(o->left, &left) && ck_client_board_units(o->top, &top) &&
                ck_client_board_units(o->right, &right) &&
                ck_client_board_units(o->bottom, &bottom);
    if (fits) {
        *box = (ck_board_box){(int32_t)left, (int32_t)top, (int32_t)right, (int32_t)bottom};
        *all = left == 0 && top == 0 && right == 0 && bottom == 0;
    }
    return fits;
}

static int begin_page(void *user, uint64_t page)
{
    const chalk_board_export_options *o = user;
    return o->begin_page != NULL ? o->begin_page((uint32_t)page, o->begin_user) : CHALK_OK;
}

/* All that is on the page; of a whole board, on the first that has something. */
static int measure(const ck_painter *painter, ck_export *e, bool whole)
{
    uint64_t page = whole ? ck_board_page_at(e->board, 0) : e->page;
    for (uint32_t i = 1; page != 0; page = whole ? ck_board_page_at(e->board, i++) : 0) {
        int status = ck_export_begin_page(e, page);
        if (status < 0 || ck_export_extent(painter, e->board, page, &e->box)) {
            return status;
        }
    }
    return CHALK_ERR_NOT_FOUND;
}

static int write_as(ck_painter *painter, const ck_export *e, uint32_t format, bool whole, writer *w)
{
    switch (format) {
    case CHALK_EXPORT_SVG:
        return ck_export_svg(painter, e, pass_on, w);
    case CHALK_EXPORT_PDF:
        return ck_export_pdf(painter, e, whole, pass_on, w);
    default:
        return ck_export_png(painter, e, pass_on, w);
    }
}

/* `all`: all that is on the page. */
static int export_board(const chalk_board_export_options *o, ck_export *e, bool all, writer *w)
{
    ck_painter *painter = NULL;
    bool whole = o->format == CHALK_EXPORT_PDF && o->page == 0;
    int status = ck_painter_create(&ck_heap, &painter);
    if (status == CHALK_OK) {
        ck_painter_set_images(painter,
                              o->images != NULL ? ck_client_canvas_images(o->images) : NULL);
        status = all      ? measure(painter, e, whole)
                 : !whole ? ck_export_begin_page(e, e->page)
                          : CHALK_OK;
    }
    if (status == CHALK_OK) {
        status = write_as(painter, e, o->format, whole, w);
    }
    ck_painter_destroy(&painter);
    return status;
}

int chalk_board_export(chalk_session *s, uint32_t view, const chalk_board_export_options *o,
                       chalk_board_write_fn write, void *user)
{
    ck_board board;
    bool all = false;
    writer w = {write, user};
    chalk_board_export_options begin;
    ck_export e = {.board = &board, .begin = begin_page, .begin_user = &begin};
    if (o == NULL || !CK_KNOWN_SIZE(o) || write == NULL || o->format > CHALK_EXPORT_PDF ||
        !(o->scale >= 0.0) || !read_box(o, &e.box, &all)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    begin = *o;
    e.page = o->page != 0 ? o->page : 1;
    e.scale = o->scale > 0.0 ? o->scale : 1.0;
    ck_board_init(&board, &ck_heap);
    int status = copy_board(s, view, &board);
    if (status == CHALK_OK) {
        status = export_board(o, &e, all, &w);
    }
    ck_board_free(&board);
    return status;
}
