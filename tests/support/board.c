#include "support/board.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

void ck_desk_init(ck_desk *d, const ck_alloc *alloc)
{
    memset(d, 0, sizeof *d);
    d->alloc = alloc;
    ck_board_init(&d->board, alloc);
    for (uint32_t i = 0; i < CK_DESK_AUTHORS; i++) {
        d->terms[i] = 1;
    }
}

void ck_desk_free(ck_desk *d)
{
    ck_board_free(&d->board);
}

ck_board_who ck_desk_who(uint64_t author)
{
    return (ck_board_who){author, author == 1, true};
}

bool ck_desk_write(ck_desk *d, uint64_t author, const ck_board_op *op)
{
    ck_buf buf;
    ck_board_op with = *op;
    with.term = d->terms[author];
    ck_buf_init(&buf, d->alloc, sizeof d->data);
    ck_board_op_write(&with, &buf);
    bool ok = !buf.failed;
    d->size = ok ? buf.size : 0;
    memcpy(d->data, ok ? buf.data : d->data, d->size);
    ck_buf_free(&buf);
    return ok;
}

enum ck_reason ck_desk_do(ck_desk *d, uint64_t author, const ck_board_op *op)
{
    const ck_board_who who = ck_desk_who(author);
    if (!ck_desk_write(d, author, op)) {
        d->status = CHALK_ERR_NO_MEMORY;
        return CK_REASON_STORE;
    }
    const ck_board_event event = {d->number + 1, author, d->counters[author] + 1,
                                  ck_bytes_of(d->data, d->size)};
    d->counters[author]++;
    enum ck_reason reason = ck_board_check(&d->board, &who, &event);
    if (reason == CK_REASON_NONE) {
        d->number++;
        d->status = ck_board_apply(&d->board, &event);
    }
    return reason;
}

uint64_t ck_desk_last(const ck_desk *d, uint64_t author)
{
    return ck_board_id(author, d->terms[author], d->counters[author], 0);
}

static const ck_stroke_point wave[] = {{0, 0, 8},  {10, 5, 9},  {20, -5, 10}, {30, 4, 9},
                                       {40, 0, 8}, {50, -2, 8}, {60, 0, 7},   {80, 10, 5}};

static void put_wave(ck_buf *rest, int32_t x, int32_t y, uint32_t points, const ck_alloc *alloc)
{
    ck_buf coded;
    ck_buf_init(&coded, alloc, 4096);
    ck_stroke_encode(wave, CK_CLAMP(points, 1, CK_COUNT_OF(wave)), &coded);
    ck_board_put_stroke(rest, x, y, ck_bytes_of(coded.data, coded.size));
    rest->failed = rest->failed || coded.failed;
    ck_buf_free(&coded);
}

uint64_t ck_desk_stroke(ck_desk *d, uint64_t author, int32_t x, int32_t y)
{
    ck_buf rest;
    ck_buf_init(&rest, d->alloc, 4096);
    put_wave(&rest, x, y, CK_COUNT_OF(wave), d->alloc);
    const ck_board_op op = {
        .code = CK_BOARD_DRAW,
        .page = 1,
        .tool = CK_BOARD_PEN | CK_STROKE_UNIT << 4,
        .colour = 0xff000000,
        .width = 128,
        .rest = ck_bytes_of(rest.data, rest.size),
    };
    enum ck_reason reason = rest.failed ? CK_REASON_STORE : ck_desk_do(d, author, &op);
    ck_buf_free(&rest);
    return reason == CK_REASON_NONE ? ck_desk_last(d, author) : 0;
}

enum ck_reason ck_desk_ids(ck_desk *d, uint64_t author, ck_board_op op, const uint64_t *ids,
                           uint32_t count)
{
    ck_buf rest;
    ck_buf_init(&rest, d->alloc, 1 << 16);
    ck_board_put_ids(&rest, ids, count);
    op.rest = ck_bytes_of(rest.data, rest.size);
    enum ck_reason reason = rest.failed ? CK_REASON_STORE : ck_desk_do(d, author, &op);
    ck_buf_free(&rest);
    return reason;
}

enum ck_reason ck_desk_delete(ck_desk *d, uint64_t author, uint64_t id)
{
    return ck_desk_ids(d, author, (ck_board_op){.code = CK_BOARD_DELETE}, &id, 1);
}

enum ck_reason ck_desk_move(ck_desk *d, uint64_t author, uint64_t id, int32_t x, int32_t y)
{
    return ck_desk_ids(d, author, (ck_board_op){.code = CK_BOARD_MOVE, .x = x, .y = y}, &id, 1);
}

enum ck_reason ck_desk_erase(ck_desk *d, uint64_t author, uint64_t id, uint32_t from, uint32_t to)
{
    const ck_board_range range = {from, to};
    ck_buf rest;
    ck_buf_init(&rest, d->alloc, 100);
    ck_board_put_erased(&rest, id, &range, 1);
    const ck_board_op op = {.code = CK_BOARD_ERASE, .rest = ck_bytes_of(rest.data, rest.size)};
    enum ck_reason reason = rest.failed ? CK_REASON_STORE : ck_desk_do(d, author, &op);
    ck_buf_free(&rest);
    return reason;
}

static enum ck_reason back(ck_desk *d, uint64_t author, uint64_t code, uint64_t id)
{
    const ck_board_op op = {
        .code = code,
        .target_term = ck_board_term_of(id),
        .target_counter = id == 0 ? 1 : ck_board_counter_of(id),
        .target_index = ck_board_index_of(id),
    };
    return ck_desk_do(d, author, &op);
}

enum ck_reason ck_desk_undo(ck_desk *d, uint64_t author)
{
    return back(d, author, CK_BOARD_UNDO, ck_board_undoable(&d->board, author));
}

enum ck_reason ck_desk_redo(ck_desk *d, uint64_t author)
{
    return back(d, author, CK_BOARD_REDO, ck_board_redoable(&d->board, author));
}

bool ck_desk_has(const ck_desk *d, uint64_t id)
{
    const ck_board_object *o = ck_board_find(&d->board, id);
    return o != NULL && ck_board_is_there(&d->board, o);
}

uint32_t ck_board_count_there(const ck_board *b)
{
    uint32_t count = 0;
    for (uint32_t i = 0; ck_board_page_at(b, i) != 0; i++) {
        const ck_board_page *page = ck_board_find_page(b, ck_board_page_at(b, i));
        for (const ck_board_object *o = page->first; o != NULL; o = o->page_next) {
            count += ck_board_is_there(b, o);
        }
    }
    return count;
}

/* --- anything ------------------------------------------------------------------------------ */

static uint64_t any_page(ck_rng *rng, const ck_board *b)
{
    uint16_t page = ck_board_page_at(b, (uint32_t)ck_rng_below(rng, CK_MAX(b->page_count, 1)));
    return ck_rng_below(rng, 20) == 0 ? 1 + ck_rng_below(rng, 9) : page;
}

/* A few objects of one chain of a page, from a chance one on; often the newest. */
static uint32_t any_ids(ck_rng *rng, const ck_board *b, uint64_t page, uint64_t *ids, uint32_t most)
{
    const ck_board_page *on = ck_board_find_page(b, page);
    const ck_board_object *o = on != NULL ? on->last : NULL;
    uint32_t count = 0, want = 1 + (uint32_t)ck_rng_below(rng, most);
    for (uint64_t skip = ck_rng_below(rng, 12); skip > 0 && o != NULL && o->page_before != NULL;
         skip--) {
        o = o->page_before;
    }
    for (; o != NULL && count < want; o = o->page_before) {
        uint32_t at = count++;
        for (; at > 0 && ids[at - 1] > o->id; at--) {
            ids[at] = ids[at - 1];
        }
        ids[at] = o->id;
    }
    return count;
}

static void any_rest(ck_rng *rng, const ck_board *b, ck_board_op *op, ck_buf *rest)
{
    uint64_t ids[8] = {ck_rng_next(rng)};
    uint32_t count = CK_MAX(any_ids(rng, b, op->page, ids, CK_COUNT_OF(ids)), 1);
    ck_board_body body = {.x = (int64_t)ck_rng_below(rng, 9000),
                          .y = 640,
                          .size = 1024,
                          .text = ck_bytes_of("你好\nx", 8)};
    switch (op->code) {
    case CK_BOARD_DRAW:
        for (uint64_t i = ck_rng_below(rng, 4) + 1; i > 0; i--) {
            /* One after the other: the order of arguments is the compiler's choice. */
            int32_t x = (int32_t)ck_rng_below(rng, 400) - 200;
            int32_t y = (int32_t)ck_rng_below(rng, 400) - 200;
            uint32_t points = (uint32_t)ck_rng_below(rng, 9);
            put_wave(rest, x, y, points, b->alloc);
        }
        break;
    case CK_BOARD_PUT:
        body.text.size = op->kind == CK_BOARD_TEXT ? 8 : 0;
        ck_board_put_body(rest, op->kind, &body);
        op->replaces = ck_rng_below(rng, 3) == 0 ? ids[0] : 0;
        break;
    case CK_BOARD_ERASE: {
        const ck_board_range ranges[2] = {{(uint32_t)ck_rng_below(rng, 100), 120}, {200, 260}};
        ck_board_put_erased(rest, ids[0], ranges, 1 + (uint32_t)ck_rng_below(rng, 2));
        break;
    }
    case CK_BOARD_ACCESS:
        if ((op->access & 3) == CK_BOARD_SOME) {
            static const uint64_t named[] = {2, 3, 5};
            ck_board_put_ids(rest, named, 3);
        }
        break;
    default:
        if (ck_board_op_has_ids(op->code)) {
            ck_board_put_ids(rest, ids, count);
        }
        break;
    }
}

static uint64_t any_code(ck_rng *rng, bool staff)
{
    /* What people do, by how often they do it. */
    static const uint8_t often[] = {
        CK_BOARD_DRAW,  CK_BOARD_DRAW,  CK_BOARD_DRAW,  CK_BOARD_DRAW, CK_BOARD_DRAW,
        CK_BOARD_PUT,   CK_BOARD_PUT,   CK_BOARD_UNDO,  CK_BOARD_UNDO, CK_BOARD_UNDO,
        CK_BOARD_REDO,  CK_BOARD_REDO,  CK_BOARD_ERASE, CK_BOARD_MOVE, CK_BOARD_DELETE,
        CK_BOARD_STYLE, CK_BOARD_SCALE, CK_BOARD_ORDER, CK_BOARD_COPY, CK_BOARD_ERASE};
    if (ck_rng_below(rng, staff ? 6 : 60) == 0) {
        return CK_BOARD_CLEAR + (ck_rng_below(rng, 3) == 0 ? 0 : ck_rng_below(rng, 9));
    }
    return often[ck_rng_below(rng, CK_COUNT_OF(often))];
}

void ck_board_any_op(ck_rng *rng, const ck_board *b, uint64_t author, uint32_t term, bool staff,
                     ck_buf *out)
{
    uint64_t code = any_code(rng, staff), tool = 1 + ck_rng_below(rng, 2);
    uint64_t unit = ck_rng_below(rng, 7);
    uint64_t target =
        code == CK_BOARD_REDO ? ck_board_redoable(b, author) : ck_board_undoable(b, author);
    ck_buf rest;
    ck_buf_init(&rest, b->alloc, 4096);
    ck_board_op op = {
        .code = code,
        .term = term,
        .page = any_page(rng, b),
        .tool = tool | unit << 4,
        .kind = CK_BOARD_LINE + ck_rng_below(rng, 5),
        .colour = ck_rng_next(rng) & 0xffffffff,
        .width = 64 + ck_rng_below(rng, 640),
        .x = (int64_t)ck_rng_below(rng, 20000) - 10000,
        .y = (int64_t)ck_rng_below(rng, 20000) - 10000,
        .fx = (int64_t)(20000 + ck_rng_below(rng, 90000)),
        .fy = -(int64_t)(20000 + ck_rng_below(rng, 90000)),
        .mask = 1 + ck_rng_below(rng, 7),
        .front = ck_rng_below(rng, 2),
        .target_term = target >> 37 & CK_BOARD_TERM_MAX,
        .target_counter = CK_MAX(target >> 8 & CK_BOARD_COUNTER_MAX, 1),
        .target_index = target & 255,
        .first = 1 + ck_rng_below(rng, 12),
        .count = 1 + ck_rng_below(rng, 3),
        .after = ck_rng_below(rng, 3),
        .access = ck_rng_below(rng, 4) == 0 ? ck_rng_below(rng, 7) : 0,
        .zoom = 65536,
        .background = {.kind = ck_rng_below(rng, 5), .deck_page = ck_rng_below(rng, 30)},
    };
    any_rest(rng, b, &op, &rest);
    op.rest = ck_bytes_of(rest.data, rest.size);
    ck_board_op_write(&op, out);
    out->failed = out->failed || rest.failed;
    ck_buf_free(&rest);
}
