/* What varies in length behind the numbers of an operation. */
#include "core/board/rest.h"

#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"

#include <string.h>

void ck_board_put_signed(ck_buf *out, int64_t value)
{
    uint64_t shifted = (uint64_t)value << 1;
    ck_wire_put_varint(out, value < 0 ? ~shifted : shifted);
}

int64_t ck_board_get_signed(ck_reader *r)
{
    uint64_t folded = ck_wire_get_varint(r);
    return (int64_t)(folded >> 1) ^ -(int64_t)(folded & 1);
}

uint64_t ck_board_size_of(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

static bool is_coord(int64_t value)
{
    return ck_board_size_of(value) <= CK_BOARD_COORD_MAX;
}

/* --- walkers ------------------------------------------------------------------------------- */

void ck_board_put_ids(ck_buf *out, const uint64_t *ids, uint32_t count)
{
    uint64_t before = 0;
    ck_wire_put_varint(out, count);
    for (uint32_t i = 0; i < count; i++) {
        ck_wire_put_varint(out, ids[i] - before);
        before = ids[i];
    }
}

ck_board_ids ck_board_ids_of(ck_bytes rest)
{
    ck_board_ids ids = {.in = ck_reader_of(rest.data, rest.size)};
    uint64_t count = ck_wire_get_varint(&ids.in);
    ids.left = count <= UINT32_MAX ? (uint32_t)count : UINT32_MAX;
    return ids;
}

bool ck_board_next_id(ck_board_ids *ids, uint64_t *id)
{
    if (ids->left == 0 || ids->in.failed) {
        return false;
    }
    uint64_t step = ck_wire_get_varint(&ids->in);
    ids->in.failed = ids->in.failed || step == 0 || step > UINT64_MAX - ids->at;
    ids->left--;
    ids->at += step;
    *id = ids->at;
    return !ids->in.failed;
}

enum ck_reason ck_board_check_ids(ck_bytes rest)
{
    ck_board_ids ids = ck_board_ids_of(rest);
    uint64_t id;
    if (ids.left > CK_BOARD_IDS) {
        return CK_REASON_TOO_LARGE;
    }
    bool none = ids.left == 0;
    while (ck_board_next_id(&ids, &id)) {
    }
    bool whole = !ids.in.failed && ck_reader_left(&ids.in) == 0;
    return whole && !none ? CK_REASON_NONE : CK_REASON_INVALID;
}

void ck_board_put_stroke(ck_buf *out, int32_t x, int32_t y, ck_bytes points)
{
    ck_board_put_signed(out, x);
    ck_board_put_signed(out, y);
    ck_wire_put_varint(out, points.size);
    ck_buf_put(out, points.data, points.size);
}

ck_board_strokes ck_board_strokes_of(ck_bytes rest)
{
    return (ck_board_strokes){.in = ck_reader_of(rest.data, rest.size)};
}

bool ck_board_next_stroke(ck_board_strokes *s, ck_bytes *points)
{
    if (ck_reader_left(&s->in) == 0 || s->in.failed) {
        return false;
    }
    int64_t x = ck_board_get_signed(&s->in), y = ck_board_get_signed(&s->in);
    uint64_t size = ck_wire_get_varint(&s->in);
    bool fits = is_coord(x / 2) && is_coord(y / 2) && size <= ck_reader_left(&s->in);
    if (s->in.failed || !fits) {
        s->in.failed = true;
        return false;
    }
    s->x += x;
    s->y += y;
    *points = ck_bytes_of(ck_read_bytes(&s->in, (size_t)size), (size_t)size);
    s->in.failed = !is_coord(s->x) || !is_coord(s->y);
    return !s->in.failed;
}

static enum ck_reason check_points(ck_bytes points, int64_t x, int64_t y, uint64_t unit)
{
    ck_stroke_reader r;
    ck_stroke_point p;
    int status = ck_stroke_read(&r, points.data, points.size);
    if (status < 0) {
        return status == CHALK_ERR_TOO_LARGE ? CK_REASON_TOO_LARGE : CK_REASON_INVALID;
    }
    int64_t step = INT64_C(1) << unit;
    while (ck_stroke_next(&r, &p)) {
        if (!is_coord((x + p.x) * step) || !is_coord((y + p.y) * step)) {
            return CK_REASON_INVALID;
        }
    }
    return r.given == r.count ? CK_REASON_NONE : CK_REASON_INVALID;
}

enum ck_reason ck_board_check_strokes(const ck_board_op *op)
{
    ck_board_strokes s = ck_board_strokes_of(op->rest);
    ck_bytes points;
    uint32_t count = 0;
    uint64_t tool = op->tool & 15, unit = op->tool >> 4;
    if (tool < CK_BOARD_PEN || tool > CK_BOARD_MARKER || unit > CK_STROKE_UNIT_MAX) {
        return CK_REASON_INVALID;
    }
    while (ck_board_next_stroke(&s, &points)) {
        enum ck_reason reason = check_points(points, s.x, s.y, unit);
        if (reason != CK_REASON_NONE || ++count > CK_BOARD_STROKES) {
            return reason != CK_REASON_NONE ? reason : CK_REASON_TOO_LARGE;
        }
    }
    bool whole = !s.in.failed && ck_reader_left(&s.in) == 0;
    return whole && count > 0 ? CK_REASON_NONE : CK_REASON_INVALID;
}

void ck_board_put_erased(ck_buf *out, uint64_t id, const ck_board_range *ranges, uint32_t count)
{
    uint32_t end = 0;
    ck_wire_put_varint(out, id);
    ck_wire_put_varint(out, count);
    for (uint32_t i = 0; i < count; i++) {
        ck_wire_put_varint(out, ranges[i].from - end);
        ck_wire_put_varint(out, ranges[i].to - ranges[i].from);
        end = ranges[i].to;
    }
}

ck_board_erased ck_board_erased_of(ck_bytes rest)
{
    return (ck_board_erased){.in = ck_reader_of(rest.data, rest.size)};
}

bool ck_board_next_range(ck_board_erased *e, ck_board_range *range)
{
    if (e->left == 0 || e->in.failed) {
        return false;
    }
    uint64_t skip = ck_wire_get_varint(&e->in), length = ck_wire_get_varint(&e->in);
    bool small = skip <= UINT32_MAX && length <= UINT32_MAX;
    uint64_t from = e->end + (small ? skip : 0), to = from + (small ? length : 0);
    bool fits = to > from && to <= CK_STROKE_POINTS_MAX * CK_BOARD_ERASE_STEPS;
    e->in.failed = e->in.failed || !fits;
    e->left--;
    e->end = (uint32_t)(fits ? to : e->end);
    *range = (ck_board_range){(uint32_t)(fits ? from : 0), e->end};
    return !e->in.failed;
}

bool ck_board_next_erased(ck_board_erased *e, uint64_t *id)
{
    ck_board_range range;
    while (ck_board_next_range(e, &range)) {
    }
    if (e->in.failed || ck_reader_left(&e->in) == 0) {
        return false;
    }
    *id = ck_wire_get_varint(&e->in);
    uint64_t count = ck_wire_get_varint(&e->in);
    e->in.failed = e->in.failed || count == 0 || count > CK_BOARD_RANGES;
    e->left = e->in.failed ? 0 : (uint32_t)count;
    e->end = 0;
    return !e->in.failed;
}

enum ck_reason ck_board_check_erased(ck_bytes rest)
{
    ck_board_erased e = ck_board_erased_of(rest);
    uint64_t id, before = 0;
    uint32_t count = 0;
    while (ck_board_next_erased(&e, &id)) {
        if (id <= before) {
            return CK_REASON_INVALID; /* as ids rise, none comes twice */
        }
        before = id;
        count++;
    }
    if (e.in.failed || count == 0) {
        return CK_REASON_INVALID;
    }
    return count <= CK_BOARD_IDS ? CK_REASON_NONE : CK_REASON_TOO_LARGE;
}

enum ck_reason ck_board_check_named(const ck_board_op *op)
{
    ck_board_ids ids = ck_board_ids_of(op->rest);
    bool named = (op->access & 3) == CK_BOARD_SOME;
    if ((op->access & 3) == 3 || (!named && op->rest.size > 0)) {
        return CK_REASON_INVALID;
    }
    if (!named) {
        return CK_REASON_NONE;
    }
    return ids.left > CK_BOARD_NAMED ? CK_REASON_TOO_LARGE : ck_board_check_ids(op->rest);
}

/* --- bodies -------------------------------------------------------------------------------- */

void ck_board_put_body(ck_buf *out, uint64_t kind, const ck_board_body *body)
{
    if (kind == CK_BOARD_TEXT || kind == CK_BOARD_IMAGE) {
        ck_wire_put_varint(out, (uint64_t)body->x);
    } else {
        ck_board_put_signed(out, body->x);
        ck_board_put_signed(out, body->y);
    }
    if (kind == CK_BOARD_TEXT) {
        ck_wire_put_varint(out, body->size);
    } else if (kind == CK_BOARD_IMAGE) {
        ck_wire_put_varint(out, (uint64_t)body->y);
        ck_wire_put_varint(out, body->pixels_x);
        ck_wire_put_varint(out, body->pixels_y);
        ck_buf_put(out, body->hash, CK_BOARD_HASH);
    }
    if (body->text.size > 0) {
        ck_buf_put(out, body->text.data, body->text.size);
    }
}

static bool is_text(ck_bytes text)
{
    return ck_utf8_valid_prefix(text.data, text.size) == text.size &&
           (text.size == 0 || memchr(text.data, 0, text.size) == NULL);
}

static enum ck_reason check_image(const ck_board_body *b)
{
    bool some = b->pixels_x > 0 && b->pixels_y > 0 && b->x > 0 && b->y > 0 && b->hash != NULL;
    if (!some) {
        return CK_REASON_INVALID;
    }
    bool fits = b->pixels_x <= CK_BOARD_SIDE_MAX && b->pixels_y <= CK_BOARD_SIDE_MAX &&
                b->pixels_x * b->pixels_y <= CK_BOARD_PIXELS_MAX &&
                b->text.size <= CK_BOARD_ALT_MAX;
    return fits ? CK_REASON_NONE : CK_REASON_TOO_LARGE;
}

enum ck_reason ck_board_read_body(uint64_t kind, ck_bytes bytes, ck_board_body *body)
{
    ck_reader r = ck_reader_of(bytes.data, bytes.size);
    bool sized = kind == CK_BOARD_TEXT || kind == CK_BOARD_IMAGE;
    *body = (ck_board_body){0};
    if (sized) {
        body->x = (int64_t)(ck_wire_get_varint(&r) & INT64_MAX);
    } else {
        body->x = ck_board_get_signed(&r);
        body->y = ck_board_get_signed(&r);
    }
    if (kind == CK_BOARD_TEXT) {
        body->size = ck_wire_get_varint(&r);
    } else if (kind == CK_BOARD_IMAGE) {
        body->y = (int64_t)(ck_wire_get_varint(&r) & INT64_MAX);
        body->pixels_x = ck_wire_get_varint(&r);
        body->pixels_y = ck_wire_get_varint(&r);
        body->hash = ck_read_bytes(&r, CK_BOARD_HASH);
    }
    body->text.size = ck_reader_left(&r);
    body->text.data = body->text.size > 0 ? ck_read_bytes(&r, body->text.size) : NULL;
    if (r.failed || !is_coord(body->x) || !is_coord(body->y) || !is_text(body->text)) {
        return CK_REASON_INVALID;
    }
    if (kind == CK_BOARD_TEXT) {
        bool some = body->text.size > 0 && body->size > 0 && body->size <= CK_BOARD_WIDTH_MAX;
        return !some                                 ? CK_REASON_INVALID
               : body->text.size > CK_BOARD_TEXT_MAX ? CK_REASON_TOO_LARGE
                                                     : CK_REASON_NONE;
    }
    if (kind == CK_BOARD_IMAGE) {
        return check_image(body);
    }
    return body->text.size == 0 ? CK_REASON_NONE : CK_REASON_INVALID;
}
