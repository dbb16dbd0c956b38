/* Objects: kept by id, by page, by place; bodies behind them. */
#include "core/board/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

#define BUCKETS_FIRST 64u

uint32_t ck_board_id_bucket(uint64_t id, uint32_t count)
{
    return (uint32_t)ck_board_mix(7, id) & (count - 1);
}

static ck_board_object *find_own(const ck_board *b, uint64_t id)
{
    if (b->bucket_count == 0) {
        return NULL;
    }
    ck_board_object *o = b->ids[ck_board_id_bucket(id, b->bucket_count)];
    while (o != NULL && o->id != id) {
        o = o->id_next;
    }
    return o;
}

ck_board_object *ck_board_find(const ck_board *b, uint64_t id)
{
    ck_board_object *o = find_own(b, id);
    return o == NULL && b->below != NULL ? find_own(b->below, id) : o;
}

/* Twice the buckets when there is an object for each; all are put in again. */
static int grow(ck_board *b)
{
    if (b->count < b->bucket_count) {
        return CHALK_OK;
    }
    uint32_t size = b->bucket_count == 0 ? BUCKETS_FIRST : 2 * b->bucket_count,
             old = b->bucket_count;
    ck_board_object **ids = ck_new_array(b->alloc, size, sizeof(ck_board_object *));
    ck_board_object **cells = ck_new_array(b->alloc, size, sizeof(ck_board_object *));
    if (ids == NULL || cells == NULL) {
        ck_free(b->alloc, ids);
        ck_free(b->alloc, cells);
        return CHALK_ERR_NO_MEMORY;
    }
    ck_board_object **before = b->ids;
    ck_free(b->alloc, b->cells);
    b->ids = ids;
    b->cells = cells;
    b->bucket_count = size;
    for (uint32_t i = 0; i < old; i++) {
        for (ck_board_object *o = before[i]; o != NULL;) {
            ck_board_object *next = o->id_next;
            uint32_t bucket = ck_board_id_bucket(o->id, size);
            o->id_next = ids[bucket];
            ids[bucket] = o;
            ck_board_index_add(b, o);
            o = next;
        }
    }
    ck_free(b->alloc, before);
    return CHALK_OK;
}

/* --- in and out ---------------------------------------------------------------------------- */

static void link_to_page(ck_board *b, ck_board_object *o)
{
    ck_board_page *page = b->pages[o->page];
    o->page_before = page->last;
    *(page->last != NULL ? &page->last->page_next : &page->first) = o;
    page->last = o;
    page->count++;
}

static void unlink_from_page(ck_board *b, ck_board_object *o)
{
    ck_board_page *page = b->pages[o->page];
    *(o->page_before != NULL ? &o->page_before->page_next : &page->first) = o->page_next;
    *(o->page_next != NULL ? &o->page_next->page_before : &page->last) = o->page_before;
    page->count--;
}

static void enter(ck_board *b, ck_board_object *o)
{
    uint32_t bucket = ck_board_id_bucket(o->id, b->bucket_count);
    o->id_next = b->ids[bucket];
    b->ids[bucket] = o;
    o->page_before = o->page_next = NULL;
    if (b->below == NULL) {
        link_to_page(b, o);
    }
    b->count++;
    ck_board_end(b, o);
}

ck_board_object *ck_board_add(ck_board *b, const ck_board_object *from)
{
    if (grow(b) < 0) {
        return NULL;
    }
    ck_board_object *o = ck_new(b->alloc, sizeof *o + from->body_size);
    if (o == NULL) {
        return NULL;
    }
    *o = *from;
    uint8_t *body = (uint8_t *)(o + 1);
    if (from->body_size > 0) {
        memcpy(body, from->body, from->body_size);
    }
    o->body = body;
    o->body_hash = ck_board_hash_bytes(5, body, from->body_size);
    b->body_bytes += o->body_size;
    enter(b, o);
    return o;
}

ck_board_object *ck_board_own(ck_board *b, uint64_t id)
{
    ck_board_object *o = find_own(b, id);
    if (o != NULL || b->below == NULL) {
        return o;
    }
    const ck_board_object *from = find_own(b->below, id);
    if (from == NULL || grow(b) < 0) {
        return NULL;
    }
    o = ck_new(b->alloc, sizeof *o);
    if (o == NULL) {
        return NULL;
    }
    *o = *from; /* the body stays where it is */
    o->erased = NULL;
    if (from->erased_count > 0) {
        o->erased = ck_new_array(b->alloc, from->erased_count, sizeof *o->erased);
        if (o->erased == NULL) {
            ck_free(b->alloc, o);
            return NULL;
        }
        memcpy(o->erased, from->erased, from->erased_count * sizeof *o->erased);
    }
    enter(b, o);
    return o;
}

void ck_board_begin(ck_board *b, ck_board_object *o)
{
    b->sum -= ck_board_hash_object(o);
    ck_board_index_remove(b, o);
}

void ck_board_end(ck_board *b, ck_board_object *o)
{
    b->sum += ck_board_hash_object(o);
    ck_board_index_add(b, o);
    ck_board_touch(b, o->id);
}

void ck_board_purge(ck_board *b, ck_board_object *o)
{
    ck_board_begin(b, o);
    if (b->below != NULL) { /* or what is below would show through */
        o->unmade = true;
        ck_board_end(b, o);
        return;
    }
    ck_board_touch(b, o->id);
    ck_board_object **at = &b->ids[ck_board_id_bucket(o->id, b->bucket_count)];
    while (*at != o) {
        at = &(*at)->id_next;
    }
    *at = o->id_next;
    unlink_from_page(b, o);
    b->body_bytes -= o->body_size;
    b->erased_count -= o->erased_count;
    b->count--;
    ck_free(b->alloc, o->erased);
    ck_free(b->alloc, o);
}

void ck_board_purge_all(ck_board *b)
{
    for (uint32_t i = 0; i < b->bucket_count; i++) {
        while (b->ids[i] != NULL) {
            ck_board_object *o = b->ids[i];
            b->ids[i] = o->id_next;
            ck_free(b->alloc, o->erased);
            ck_free(b->alloc, o);
        }
    }
    ck_free(b->alloc, b->ids);
    ck_free(b->alloc, b->cells);
}

/* --- looking ------------------------------------------------------------------------------- */

bool ck_board_was_cleared(const ck_board *b, const ck_board_object *o)
{
    const ck_board_page *page = ck_board_find_page(b, o->page);
    return page == NULL || o->born < page->cleared;
}

bool ck_board_is_there(const ck_board *b, const ck_board_object *o)
{
    return !o->unmade && o->gone_by == 0 && !ck_board_was_cleared(b, o);
}

uint64_t ck_board_body_bytes(const ck_board *b)
{
    return b->body_bytes;
}

/* --- measures ------------------------------------------------------------------------------ */

static bool measure_stroke(ck_bytes body, uint32_t unit, ck_board_box *box)
{
    ck_stroke_reader r;
    ck_stroke_point p;
    *box = (ck_board_box){0};
    if (ck_stroke_read(&r, body.data, body.size) < 0) {
        return false;
    }
    while (ck_stroke_next(&r, &p)) {
        box->left = CK_MIN(box->left, p.x);
        box->top = CK_MIN(box->top, p.y);
        box->right = CK_MAX(box->right, p.x);
        box->bottom = CK_MAX(box->bottom, p.y);
    }
    int64_t step = INT64_C(1) << unit, most = INT64_C(2) * CK_BOARD_COORD_MAX;
    bool fits = box->left * step >= -most && box->top * step >= -most &&
                box->right * step <= most && box->bottom * step <= most;
    if (!fits || r.given != r.count) {
        return false;
    }
    *box = (ck_board_box){(int32_t)(box->left * step), (int32_t)(box->top * step),
                          (int32_t)(box->right * step), (int32_t)(box->bottom * step)};
    return true;
}

/* How wide a text is that has no width is the painter's to know; here a line is as wide as it may
 * be: every character as wide as a line is high. */
static void measure_text(const ck_board_body *body, ck_board_box *box)
{
    int64_t lines = 1, line = 0, longest = 0;
    for (size_t i = 0; i < body->text.size; i++) {
        uint8_t byte = body->text.data[i];
        bool begins = (byte & 0xc0) != 0x80;
        line = byte == '\n' ? 0 : line + begins;
        lines += byte == '\n';
        longest = CK_MAX(longest, line);
    }
    int64_t height = (int64_t)body->size;
    int64_t wide = body->x > 0 ? body->x : longest * height;
    /* Broken lines: as many as the width asks for. */
    int64_t broken = body->x > 0 ? longest * height / body->x : 0;
    int64_t high = (lines + broken) * height * 3 / 2;
    box->right = (int32_t)CK_MIN(wide, CK_BOARD_COORD_MAX);
    box->bottom = (int32_t)CK_MIN(high, CK_BOARD_COORD_MAX);
}

bool ck_board_measure(uint64_t kind, ck_bytes bytes, uint32_t unit, ck_board_box *box)
{
    *box = (ck_board_box){0};
    if (kind <= CK_BOARD_MARKER) {
        return measure_stroke(bytes, unit, box);
    }
    ck_board_body body;
    if (ck_board_read_body(kind, bytes, &body) != CK_REASON_NONE) {
        return false;
    }
    if (kind == CK_BOARD_TEXT) {
        measure_text(&body, box);
    } else {
        box->left = (int32_t)CK_MIN(body.x, 0);
        box->top = (int32_t)CK_MIN(body.y, 0);
        box->right = (int32_t)CK_MAX(body.x, 0);
        box->bottom = (int32_t)CK_MAX(body.y, 0);
    }
    return true;
}

int64_t ck_board_scaled(int64_t value, int64_t scale)
{
    if (scale == CK_BOARD_SCALE_ONE) {
        return value;
    }
    int64_t product = value * scale + CK_BOARD_SCALE_ONE / 2;
    int64_t below = product < 0 ? CK_BOARD_SCALE_ONE - 1 : 0;
    return (product - below) / CK_BOARD_SCALE_ONE;
}

void ck_board_place_point(const ck_board_object *o, int64_t x, int64_t y, int32_t *wx, int32_t *wy)
{
    const int64_t most = INT64_C(1) << 30;
    int64_t at_x = o->x + ck_board_scaled(x, o->sx), at_y = o->y + ck_board_scaled(y, o->sy);
    *wx = (int32_t)CK_CLAMP(at_x, -most, most);
    *wy = (int32_t)CK_CLAMP(at_y, -most, most);
}

ck_board_box ck_board_box_of(const ck_board_object *o)
{
    int32_t ax, ay, bx, by;
    ck_board_place_point(o, o->box.left, o->box.top, &ax, &ay);
    ck_board_place_point(o, o->box.right, o->box.bottom, &bx, &by);
    /* An arrow's head and a wide point of a pen stand out by more than half the line. */
    int32_t around = (int32_t)(o->kind == CK_BOARD_ARROW ? 4 * o->width : o->width);
    return (ck_board_box){CK_MIN(ax, bx) - around, CK_MIN(ay, by) - around, CK_MAX(ax, bx) + around,
                          CK_MAX(ay, by) + around};
}
