#include "core/board/index.h"

#include "base/check.h"
#include "core/board/inside.h"

#include <math.h>

#define LEVEL_LEAST 12u /* cells of 64 px */
#define LEVEL_MOST  28u

/* --- cells --------------------------------------------------------------------------------- */

static uint32_t level_of(const ck_board_box *box)
{
    int64_t size = CK_MAX((int64_t)box->right - box->left, (int64_t)box->bottom - box->top);
    uint32_t level = LEVEL_LEAST;
    while (level < LEVEL_MOST && (INT64_C(1) << level) < size) {
        level++;
    }
    return level;
}

/* Rounded down, also below 0. */
static int32_t cell_of(int64_t at, uint32_t level)
{
    return (int32_t)((at + (INT64_C(1) << 40)) >> level) - (int32_t)((INT64_C(1) << 40) >> level);
}

static uint32_t bucket_of(const ck_board *b, uint32_t page, uint32_t level, int32_t x, int32_t y)
{
    uint64_t hash =
        ck_board_mix((uint64_t)page << 8 | level, (uint64_t)(uint32_t)x << 32 | (uint32_t)y);
    return (uint32_t)hash & (b->bucket_count - 1);
}

/* An object stands in the cell of its left upper corner. */
static uint32_t bucket_of_object(const ck_board *b, const ck_board_object *o)
{
    const ck_board_box box = ck_board_box_of(o);
    uint32_t level = level_of(&box);
    return bucket_of(b, o->page, level, cell_of(box.left, level), cell_of(box.top, level));
}

void ck_board_index_add(ck_board *b, ck_board_object *o)
{
    ck_board_object **head = &b->cells[bucket_of_object(b, o)];
    o->cell_before = NULL;
    o->cell_next = *head;
    if (*head != NULL) {
        (*head)->cell_before = o;
    }
    *head = o;
}

void ck_board_index_remove(ck_board *b, ck_board_object *o)
{
    if (o->cell_before != NULL) {
        o->cell_before->cell_next = o->cell_next;
    } else {
        b->cells[bucket_of_object(b, o)] = o->cell_next;
    }
    if (o->cell_next != NULL) {
        o->cell_next->cell_before = o->cell_before;
    }
}

/* --- searching ----------------------------------------------------------------------------- */

typedef struct search {
    const ck_board *top; /* the overlay, or the board itself */
    const ck_board *in;
    uint32_t page;
    ck_board_box box;
    ck_board_found found;
    void *user;
} search;

static bool touches(const ck_board_box *a, const ck_board_box *b)
{
    return a->left <= b->right && b->left <= a->right && a->top <= b->bottom && b->top <= a->bottom;
}

/* Objects of several cells, levels and pages share a bucket: each is asked where it is. */
static void look_at(const search *s, uint32_t bucket, uint32_t level, int32_t x, int32_t y)
{
    for (const ck_board_object *o = s->in->cells[bucket]; o != NULL; o = o->cell_next) {
        const ck_board_box box = ck_board_box_of(o);
        bool here = o->page == s->page && level_of(&box) == level &&
                    cell_of(box.left, level) == x && cell_of(box.top, level) == y;
        if (here && touches(&box, &s->box) && ck_board_find(s->top, o->id) == o &&
            ck_board_is_there(s->top, o)) {
            s->found(o, s->user);
        }
    }
}

/* A large look at a small board is one at all of it. */
static void look_at_all(const search *s)
{
    for (uint32_t i = 0; i < s->in->bucket_count; i++) {
        for (const ck_board_object *o = s->in->ids[i]; o != NULL; o = o->id_next) {
            const ck_board_box box = ck_board_box_of(o);
            if (o->page == s->page && touches(&box, &s->box) && ck_board_find(s->top, o->id) == o &&
                ck_board_is_there(s->top, o)) {
                s->found(o, s->user);
            }
        }
    }
}

static void search_in(const search *s)
{
    uint64_t cells = 0;
    for (uint32_t level = LEVEL_LEAST; level <= LEVEL_MOST; level++) {
        /* A cell further left and up may hold what reaches in here. */
        uint64_t wide = (uint64_t)(cell_of(s->box.right, level) - cell_of(s->box.left, level)) + 2;
        uint64_t high = (uint64_t)(cell_of(s->box.bottom, level) - cell_of(s->box.top, level)) + 2;
        cells += wide * high;
    }
    if (cells > s->in->count) {
        look_at_all(s);
        return;
    }
    for (uint32_t level = LEVEL_LEAST; level <= LEVEL_MOST; level++) {
        for (int32_t y = cell_of(s->box.top, level) - 1; y <= cell_of(s->box.bottom, level); y++) {
            for (int32_t x = cell_of(s->box.left, level) - 1; x <= cell_of(s->box.right, level);
                 x++) {
                look_at(s, bucket_of(s->in, s->page, level, x, y), level, x, y);
            }
        }
    }
}

void ck_board_search(const ck_board *b, uint64_t page, const ck_board_box *box,
                     ck_board_found found, void *user)
{
    search s = {b, b, (uint32_t)page, *box, found, user};
    if (page > CK_BOARD_PAGE_NUMBER || box->right < box->left || box->bottom < box->top) {
        return;
    }
    if (b->bucket_count > 0) {
        search_in(&s);
    }
    if (b->below != NULL && b->below->bucket_count > 0) {
        s.in = b->below;
        search_in(&s);
    }
}

/* --- hits ---------------------------------------------------------------------------------- */

typedef struct hit {
    int32_t x, y, reach;
    const ck_board_object *best;
} hit;

static double distance(double px, double py, double ax, double ay, double bx, double by)
{
    double dx = bx - ax, dy = by - ay, length = dx * dx + dy * dy;
    double t = length > 0 ? CK_CLAMP(((px - ax) * dx + (py - ay) * dy) / length, 0.0, 1.0) : 0.0;
    double off_x = px - ax - t * dx, off_y = py - ay - t * dy;
    return sqrt(off_x * off_x + off_y * off_y);
}

static uint32_t middle_of(uint32_t segment)
{
    return segment * CK_BOARD_ERASE_STEPS + CK_BOARD_ERASE_STEPS / 2;
}

static bool hits_stroke(const ck_board_object *o, const hit *h, double within)
{
    ck_stroke_reader r;
    ck_stroke_point p;
    int64_t step = INT64_C(1) << o->unit;
    int32_t x = 0, y = 0, last_x = 0, last_y = 0;
    if (ck_stroke_read(&r, o->body, o->body_size) < 0) {
        return false;
    }
    for (uint32_t i = 0; ck_stroke_next(&r, &p); i++) {
        ck_board_place_point(o, p.x * step, p.y * step, &x, &y);
        last_x = i == 0 ? x : last_x;
        last_y = i == 0 ? y : last_y;
        bool near = distance(h->x, h->y, last_x, last_y, x, y) <= within;
        if (near && !ck_board_is_erased(o, middle_of(i > 0 ? i - 1 : 0))) {
            return true;
        }
        last_x = x;
        last_y = y;
    }
    return false;
}

static bool hits_outline(const ck_board_object *o, const hit *h, const ck_board_box *box,
                         double within)
{
    bool inside =
        h->x >= box->left && h->x <= box->right && h->y >= box->top && h->y <= box->bottom;
    if (o->kind == CK_BOARD_ELLIPSE) {
        double rx = CK_MAX((box->right - (double)box->left) / 2, 1.0);
        double ry = CK_MAX((box->bottom - (double)box->top) / 2, 1.0);
        double dx = (h->x - box->left - rx) / rx, dy = (h->y - box->top - ry) / ry;
        double off = sqrt(dx * dx + dy * dy);
        return off <= 1.0 ? o->fill != 0 || (1.0 - off) * CK_MIN(rx, ry) <= within
                          : (off - 1.0) * CK_MIN(rx, ry) <= within;
    }
    int32_t edge = CK_MIN(CK_MIN(h->x - box->left, box->right - h->x),
                          CK_MIN(h->y - box->top, box->bottom - h->y));
    return inside ? o->fill != 0 || edge <= within : -edge <= within;
}

static bool hits(const ck_board_object *o, const hit *h)
{
    double within = h->reach + o->width / 2.0;
    int32_t ax, ay, bx, by;
    if (o->kind <= CK_BOARD_MARKER) {
        return hits_stroke(o, h, within);
    }
    if (o->kind <= CK_BOARD_ARROW) {
        ck_board_body body;
        (void)ck_board_read_body(o->kind, ck_bytes_of(o->body, o->body_size), &body);
        ck_board_place_point(o, body.x, body.y, &bx, &by);
        return distance(h->x, h->y, o->x, o->y, bx, by) <= within;
    }
    ck_board_place_point(o, o->box.left, o->box.top, &ax, &ay);
    ck_board_place_point(o, o->box.right, o->box.bottom, &bx, &by);
    const ck_board_box box = {CK_MIN(ax, bx), CK_MIN(ay, by), CK_MAX(ax, bx), CK_MAX(ay, by)};
    if (o->kind == CK_BOARD_TEXT || o->kind == CK_BOARD_IMAGE) {
        return true; /* its box is here */
    }
    return hits_outline(o, h, &box, within);
}

static void consider(const ck_board_object *o, void *user)
{
    hit *h = user;
    bool above =
        h->best == NULL || o->z > h->best->z || (o->z == h->best->z && o->id > h->best->id);
    if (above && hits(o, h)) {
        h->best = o;
    }
}

const ck_board_object *ck_board_hit(const ck_board *b, uint64_t page, int32_t x, int32_t y,
                                    int32_t reach)
{
    hit h = {.x = CK_CLAMP(x, -CK_BOARD_COORD_MAX, CK_BOARD_COORD_MAX),
             .y = CK_CLAMP(y, -CK_BOARD_COORD_MAX, CK_BOARD_COORD_MAX),
             .reach = CK_CLAMP(reach, 0, CK_BOARD_COORD_MAX)};
    const ck_board_box box = {h.x - h.reach, h.y - h.reach, h.x + h.reach, h.y + h.reach};
    ck_board_search(b, page, &box, consider, &h);
    return h.best;
}
