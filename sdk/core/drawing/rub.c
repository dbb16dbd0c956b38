#include "core/drawing/rub.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/board/index.h"

#include <math.h>

#define BYTES 2800u /* of an operation: what students may send holds it */

typedef struct rubbing {
    const ck_rub_way *way;
    uint64_t author;
    const ck_board_object *touched[CK_BOARD_IDS];
    uint32_t touched_count;
    /* Of one stroke. */
    ck_board_range ranges[CK_BOARD_RANGES];
    uint32_t count;
} rubbing;

typedef struct spot {
    double x, y;
} spot;

static double distance(const ck_rub_way *way, const spot *at)
{
    double dx = (double)way->bx - way->ax, dy = (double)way->by - way->ay;
    double length = dx * dx + dy * dy;
    double along = length > 0 ? ((at->x - way->ax) * dx + (at->y - way->ay) * dy) / length : 0.0;
    along = CK_CLAMP(along, 0.0, 1.0);
    return hypot(at->x - way->ax - along * dx, at->y - way->ay - along * dy);
}

static void take(rubbing *r, uint32_t step)
{
    if (r->count > 0 && r->ranges[r->count - 1].to == step) {
        r->ranges[r->count - 1].to++;
    } else if (r->count < CK_BOARD_RANGES) {
        r->ranges[r->count++] = (ck_board_range){step, step + 1};
    }
}

/* From one point of the stroke to the next. */
static void rub_segment(rubbing *r, const ck_board_object *o, uint32_t first, const spot *a,
                        const spot *b)
{
    const spot middle = {(a->x + b->x) / 2, (a->y + b->y) / 2};
    double reach = r->way->radius + o->width / 2.0;
    if (distance(r->way, &middle) > reach + hypot(b->x - a->x, b->y - a->y) / 2) {
        return;
    }
    for (uint32_t i = 0; i < CK_BOARD_ERASE_STEPS; i++) {
        double share = (i + 0.5) / CK_BOARD_ERASE_STEPS;
        const spot at = {a->x + share * (b->x - a->x), a->y + share * (b->y - a->y)};
        if (distance(r->way, &at) <= reach && !ck_board_is_erased(o, first + i)) {
            take(r, first + i);
        }
    }
}

static bool next_spot(ck_stroke_reader *in, const ck_board_object *o, spot *out)
{
    ck_stroke_point p;
    int32_t x, y;
    if (!ck_stroke_next(in, &p)) {
        return false;
    }
    int64_t step = INT64_C(1) << o->unit;
    ck_board_place_point(o, p.x * step, p.y * step, &x, &y);
    *out = (spot){x, y};
    return true;
}

/* What of it is touched, into r->ranges. */
static void rub_stroke(rubbing *r, const ck_board_object *o)
{
    ck_stroke_reader in;
    spot last, next;
    r->count = 0;
    if (ck_stroke_read(&in, o->body, o->body_size) < 0 || !next_spot(&in, o, &last)) {
        return;
    }
    if (in.count == 1) {
        rub_segment(r, o, 0, &last, &last);
    }
    for (uint32_t i = 0; next_spot(&in, o, &next); i++) {
        rub_segment(r, o, i * CK_BOARD_ERASE_STEPS, &last, &next);
        last = next;
    }
}

/* Those that are touched, by their ids. */
static void collect(const ck_board_object *o, void *user)
{
    rubbing *r = user;
    bool theirs = r->author != 0 && ck_board_author_of(o->id) != r->author;
    if (o->kind > CK_BOARD_MARKER || theirs || r->touched_count == CK_BOARD_IDS) {
        return;
    }
    rub_stroke(r, o);
    if (r->count > 0) {
        uint32_t at = r->touched_count++;
        while (at > 0 && r->touched[at - 1]->id > o->id) {
            r->touched[at] = r->touched[at - 1];
            at--;
        }
        r->touched[at] = o;
    }
}

int ck_rub_over(const ck_board *board, uint64_t page, const ck_rub_way *way, uint64_t author,
                ck_buf *out)
{
    rubbing r = {.way = way, .author = author};
    const ck_board_box box = {
        CK_MIN(way->ax, way->bx) - way->radius, CK_MIN(way->ay, way->by) - way->radius,
        CK_MAX(way->ax, way->bx) + way->radius, CK_MAX(way->ay, way->by) + way->radius};
    uint32_t strokes = 0;
    ck_board_search(board, page, &box, collect, &r);
    for (; strokes < r.touched_count && out->size <= BYTES && !out->failed; strokes++) {
        rub_stroke(&r, r.touched[strokes]);
        ck_board_put_erased(out, r.touched[strokes]->id, r.ranges, r.count);
    }
    int status = ck_buf_status(out);
    return status < 0 ? status : (int)strokes;
}
