/* The pen, and how what it draws gets to the room. */
#include "client/board.h"

#include "base/check.h"
#include "base/time.h"
#include "client/room.h"

#include "chalkrail/board.h"

#include <math.h>
#include <string.h>

#define RETRY_US   100000 /* while the replica has no room */
#define DRAW_BYTES 8192   /* of the pen's operations */
#define ZOOM_MAX   64.0
#define WIDTH_PX   2.0
#define BLACK      0xff000000u

/* Chunks are rarer the more people they go to. */
#define FEW     8
#define FEW_US  50000
#define SOME    60
#define SOME_US 100000
#define MANY_US 250000

void ck_client_board_init(ck_client_board *board)
{
    ck_drawing_init(&board->drawing, &ck_heap);
    ck_pens_init(&board->others, &ck_heap);
    ck_buf_init(&board->text, &ck_heap, CHALK_BOARD_TEXT_MAX + 1);
}

static void free_pen(ck_client_pen *own)
{
    if (own != NULL) {
        ck_pen_free(&own->pen);
        ck_buf_free(&own->draw);
        ck_buf_free(&own->live);
        ck_free(&ck_heap, own);
    }
}

/* With all its memory: a stroke that was drawn is not lost where that is short later. */
static int make_pen(ck_client_pen **out)
{
    const ck_pen_config config = {.alloc = &ck_heap};
    ck_client_pen *own = ck_new(&ck_heap, sizeof *own);
    if (own == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    int status = ck_pen_init(&own->pen, &config);
    ck_buf_init(&own->draw, &ck_heap, DRAW_BYTES);
    ck_buf_init(&own->live, &ck_heap, CK_LIVE_BYTES);
    (void)ck_buf_extend(&own->draw, DRAW_BYTES);
    (void)ck_buf_extend(&own->live, CK_LIVE_BYTES);
    if (status < 0 || own->draw.failed || own->live.failed) {
        free_pen(own);
        return CHALK_ERR_NO_MEMORY;
    }
    ck_buf_clear(&own->draw);
    ck_buf_clear(&own->live);
    *out = own;
    return CHALK_OK;
}

void ck_client_board_free(ck_client_board *board)
{
    free_pen(board->own);
    ck_pens_free(&board->others);
    ck_drawing_free(&board->drawing);
    ck_buf_free(&board->text);
}

/* --- to the replica -------------------------------------------------------------------------- */

static void show_live(ck_client_room *room, ck_client_pen *own, uint64_t now_us)
{
    uint64_t here = ck_replica_here(room->replica);
    own->pen.config.live_us = here <= FEW ? FEW_US : here <= SOME ? SOME_US : MANY_US;
    while (ck_pen_poll_live(&own->pen, now_us, &own->live)) {
        ck_replica_show(room->replica, CK_SPOT_PEN, ck_bytes_of(own->live.data, own->live.size),
                        now_us);
        ck_buf_clear(&own->live);
    }
}

/* The operation stays until it is taken. */
static void send_draw(ck_client_room *room, ck_client_pen *own, uint64_t now_us)
{
    const ck_event intent = {.kind = CK_EVENT_BOARD,
                             .data = ck_bytes_of(own->draw.data, own->draw.size)};
    int status = ck_client_room_add(room, &intent, now_us, NULL);
    own->waits = status == CHALK_ERR_LIMIT || status == CHALK_ERR_NO_MEMORY;
}

void ck_client_board_pump(ck_client_room *room, bool flush, uint64_t now_us)
{
    ck_client_pen *own = room->board.own;
    ck_board_op op;
    if (own == NULL) {
        return;
    }
    show_live(room, own, now_us);
    if (flush) {
        ck_pen_flush(&own->pen);
    }
    if (own->waits) {
        send_draw(room, own, now_us);
    }
    while (!own->waits && ck_pen_poll_draw(&own->pen, now_us, &op)) {
        op.term = ck_drawing_term(&room->board.drawing, room->replica);
        ck_buf_clear(&own->draw);
        ck_board_op_write(&op, &own->draw);
        send_draw(room, own, now_us);
    }
}

bool ck_client_board_waits(const ck_client_board *board)
{
    return board->own != NULL && board->own->waits;
}

uint64_t ck_client_board_due(const ck_client_room *room, uint64_t now_us)
{
    const ck_client_pen *own = room->board.own;
    uint64_t due_us = own != NULL ? ck_pen_next_deadline(&own->pen) : CK_NEVER;
    /* What was due just now and is still here found no room, or no memory. */
    bool stuck = ck_client_board_waits(&room->board) || due_us <= now_us;
    return stuck ? now_us + RETRY_US : due_us;
}

/* --- others' pens ---------------------------------------------------------------------------- */

void ck_client_board_hear(ck_client_room *room, const ck_replica_event *event, uint64_t now_us)
{
    const ck_event *what = &event->event;
    ck_board_op op;
    bool spot = event->kind == CK_REPLICA_SPOT && what->value == CK_SPOT_PEN;
    bool drawn = event->kind == CK_REPLICA_EVENT && what->kind == CK_EVENT_BOARD;
    if (what->author == ck_replica_me(room->replica)) {
        return;
    }
    if (spot) { /* what is wrong in it, or finds no memory, is not shown; the finished stroke is */
        (void)ck_pens_feed(&room->board.others, what->author, what->data.data, what->data.size,
                           now_us);
    } else if (drawn && ck_board_op_read(what->data, &op) == CK_REASON_NONE) {
        ck_pens_drawn(&room->board.others, what->author, &op);
    }
}

/* --- the pen --------------------------------------------------------------------------------- */

void chalk_board_pen_options_init(chalk_board_pen_options *options)
{
    memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
}

bool ck_client_board_units(double px, int64_t *out)
{
    bool fits = px >= -(double)CK_BOARD_COORD_MAX / 64 && px <= (double)CK_BOARD_COORD_MAX / 64;
    *out = fits ? llround(px * 64) : 0;
    return fits;
}

/* What is out of the world is moved to its edge; what is no number is refused. */
static bool read_point(const chalk_board_point *point, int32_t *x, int32_t *y)
{
    const double most = (double)CK_BOARD_COORD_MAX / 64;
    if (point == NULL || isnan(point->x) || isnan(point->y) || isnan(point->pressure)) {
        return false;
    }
    *x = (int32_t)lround(CK_CLAMP(point->x, -most, most) * 64);
    *y = (int32_t)lround(CK_CLAMP(point->y, -most, most) * 64);
    return true;
}

static bool read_pen(const chalk_board_pen_options *o, ck_live_style *style, double *zoom)
{
    bool known = o != NULL && CK_KNOWN_SIZE(o) && o->kind <= CHALK_BOARD_MARKER;
    bool sane = known && o->page <= CK_BOARD_PAGE_NUMBER && o->width_px >= 0.0 &&
                o->width_px <= CK_BOARD_WIDTH_MAX / 64.0 && o->zoom >= 0.0 && o->zoom <= ZOOM_MAX;
    if (sane) {
        double width = o->width_px > 0.0 ? o->width_px : WIDTH_PX;
        *style = (ck_live_style){.page = o->page != 0 ? o->page : 1,
                                 .tool = o->kind != 0 ? (uint8_t)o->kind : CK_BOARD_PEN,
                                 .colour = o->colour != 0 ? o->colour : BLACK,
                                 .width = (uint32_t)lround(CK_MAX(width * 64, 1.0))};
        *zoom = o->zoom > 0.0 ? CK_MAX(o->zoom, 1.0 / ZOOM_MAX) : 1.0;
    }
    return sane;
}

/* Neither before the sample before, nor in the future. */
static uint64_t time_of(ck_client_pen *own, const chalk_board_point *point)
{
    uint64_t now_us = ck_clock_us();
    uint64_t at_us = point->at_us != 0 ? CK_MIN(point->at_us, now_us) : now_us;
    own->at_us = CK_MAX(own->at_us, at_us);
    return own->at_us;
}

int chalk_board_pen_down(chalk_session *s, const chalk_board_pen_options *options,
                         const chalk_board_point *point)
{
    ck_client_room *room;
    ck_live_style style;
    double zoom;
    int32_t x, y;
    if (!read_pen(options, &style, &zoom) || !read_point(point, &x, &y)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_take(s, true, &room);
    if (status < 0) {
        return status;
    }
    ck_client_board *board = &room->board;
    status = ck_drawing_term(&board->drawing, room->replica) == 0 ? CHALK_ERR_AGAIN : CHALK_OK;
    if (status == CHALK_OK && board->own == NULL) {
        status = make_pen(&board->own);
    }
    if (status == CHALK_OK) {
        status = ck_pen_down(&board->own->pen, &style, zoom, x, y, point->pressure,
                             time_of(board->own, point));
        ck_client_board_pump(room, false, ck_clock_us());
    }
    ck_client_room_give(s, room, status == CHALK_OK);
    return status;
}

typedef int (*pen_step)(ck_pen *pen, int32_t x, int32_t y, double pressure, uint64_t now_us);

static int step(chalk_session *s, const chalk_board_point *point, pen_step take)
{
    ck_client_room *room;
    int32_t x, y;
    if (!read_point(point, &x, &y)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_take(s, true, &room);
    if (status < 0) {
        return status;
    }
    ck_client_pen *own = room->board.own;
    status = CHALK_ERR_BAD_STATE; /* it was never down */
    if (own != NULL) {
        status = take(&own->pen, x, y, point->pressure, time_of(own, point));
        ck_client_board_pump(room, false, ck_clock_us());
    }
    ck_client_room_give(s, room, status == CHALK_OK);
    return status;
}

int chalk_board_pen_move(chalk_session *s, const chalk_board_point *point)
{
    return step(s, point, ck_pen_move);
}

int chalk_board_pen_up(chalk_session *s, const chalk_board_point *point)
{
    return step(s, point, ck_pen_up);
}
