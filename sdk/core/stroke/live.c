#include "core/stroke/live.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

#define COUNT_CLASS 4u
#define STEP_CLASS  5u /* 16 to 31 ms: 60 samples a second */
#define HALF        16u

/* --- numbers ------------------------------------------------------------------------------- */

static void put_varint(ck_buf *out, uint32_t value)
{
    while (value >= 0x80) {
        ck_buf_put_u8(out, (uint8_t)(value | 0x80));
        value >>= 7;
    }
    ck_buf_put_u8(out, (uint8_t)value);
}

static uint32_t fold(int32_t value)
{
    return value < 0 ? ~((uint32_t)value << 1) : (uint32_t)value << 1;
}

static uint32_t get_varint(ck_reader *r)
{
    uint32_t value = 0;
    for (uint32_t shift = 0; shift < 35; shift += 7) {
        uint8_t byte = ck_read_u8(r);
        value |= (uint32_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return value;
        }
    }
    r->failed = true;
    return 0;
}

static int32_t get_signed(ck_reader *r)
{
    uint32_t folded = get_varint(r);
    return (int32_t)(folded >> 1) ^ -(int32_t)(folded & 1);
}

static bool is_coord(int64_t value)
{
    return value >= -CK_LIVE_COORD_MAX && value <= CK_LIVE_COORD_MAX;
}

/* --- writing ------------------------------------------------------------------------------- */

static void put_style(ck_range_encoder *e, const ck_live_style *style)
{
    ck_range_put_even(e, style->tool, 4);
    ck_range_put_even(e, style->colour >> HALF, HALF);
    ck_range_put_even(e, style->colour & 0xffff, HALF);
    ck_range_put_even(e, style->width, HALF + 1);
}

static void put_sample(ck_range_encoder *e, ck_delta_model *model, ck_number_model *steps,
                       const ck_live_sample *s, const ck_live_sample *before)
{
    if (before != NULL) {
        ck_number_put(e, steps, s->at_ms - before->at_ms);
        ck_delta_put(e, model, s->x - before->x, s->y - before->y);
    }
    ck_range_put(e, &model->what[0], s->what & 1);
    ck_range_put(e, &model->what[1], s->what >> 1);
    if (before != NULL) {
        ck_width_put(e, model, before->width, s->width);
    } else {
        ck_range_put_even(e, s->width, 4);
    }
    if (s->what & CK_LIVE_DOWN) {
        put_style(e, &s->style);
    }
}

void ck_live_write(const ck_live_sample *samples, uint32_t count, uint32_t first, uint32_t stroke,
                   ck_buf *out)
{
    ck_buf body;
    ck_range_encoder e;
    ck_delta_model model;
    ck_number_model counts, steps;
    ck_buf_init(&body, out->alloc, 2 * CK_LIVE_BYTES);
    put_varint(&body, first);
    put_varint(&body, stroke);
    put_varint(&body, samples[0].style.page);
    put_varint(&body, samples[0].at_ms);
    put_varint(&body, fold(samples[0].x));
    put_varint(&body, fold(samples[0].y));
    ck_range_encode_init(&e, &body);
    ck_delta_model_init(&model);
    ck_number_model_init(&counts, COUNT_CLASS);
    ck_number_model_init(&steps, STEP_CLASS);
    ck_number_put(&e, &counts, count - 1);
    for (uint32_t i = 0; i < count; i++) {
        put_sample(&e, &model, &steps, &samples[i], i > 0 ? &samples[i - 1] : NULL);
    }
    ck_range_encode_end(&e);
    put_varint(out, (uint32_t)body.size);
    if (body.size > 0) {
        ck_buf_put(out, body.data, body.size);
    }
    out->failed = out->failed || body.failed;
    ck_buf_free(&body);
}

/* --- reading ------------------------------------------------------------------------------- */

ck_live_reader ck_live_reader_of(const void *data, size_t size)
{
    return (ck_live_reader){.in = ck_reader_of(data, size)};
}

static bool begin_chunk(ck_live_reader *r)
{
    uint32_t size = get_varint(&r->in);
    if (r->in.failed || size > ck_reader_left(&r->in) || size > 2 * CK_LIVE_BYTES) {
        return false;
    }
    const uint8_t *data = ck_read_bytes(&r->in, size);
    ck_reader head = ck_reader_of(data, size);
    ck_number_model counts;
    r->number = get_varint(&head);
    r->stroke = get_varint(&head);
    r->at = (ck_live_sample){.style.page = get_varint(&head)};
    r->at.at_ms = get_varint(&head);
    r->at.x = get_signed(&head);
    r->at.y = get_signed(&head);
    if (head.failed || !is_coord(r->at.x) || !is_coord(r->at.y)) {
        return false;
    }
    ck_range_decode_init(&r->coded, head.at, ck_reader_left(&head));
    ck_delta_model_init(&r->model);
    ck_number_model_init(&counts, COUNT_CLASS);
    ck_number_model_init(&r->steps, STEP_CLASS);
    r->left = ck_number_get(&r->coded, &counts) + 1;
    r->begins = true;
    return r->left <= CK_LIVE_SAMPLES;
}

static bool move_on(ck_live_reader *r)
{
    int32_t dx, dy;
    uint32_t step = ck_number_get(&r->coded, &r->steps);
    ck_delta_get(&r->coded, &r->model, &dx, &dy);
    int64_t x = (int64_t)r->at.x + dx, y = (int64_t)r->at.y + dy;
    if (!is_coord(x) || !is_coord(y) || step > CK_LIVE_GAP_MS || step > UINT32_MAX - r->at.at_ms) {
        return false;
    }
    r->at.x = (int32_t)x;
    r->at.y = (int32_t)y;
    r->at.at_ms += step;
    return true;
}

static void get_style(ck_live_reader *r)
{
    ck_live_style *style = &r->at.style;
    style->tool = (uint8_t)ck_range_get_even(&r->coded, 4);
    style->colour = ck_range_get_even(&r->coded, HALF) << HALF;
    style->colour |= ck_range_get_even(&r->coded, HALF);
    style->width = ck_range_get_even(&r->coded, HALF + 1);
}

static bool read_sample(ck_live_reader *r)
{
    if (!r->begins && !move_on(r)) {
        return false;
    }
    uint32_t what = ck_range_get(&r->coded, &r->model.what[0]);
    what |= ck_range_get(&r->coded, &r->model.what[1]) << 1;
    r->stroke += !r->begins && (what & CK_LIVE_DOWN);
    r->at.what = (uint8_t)what;
    r->at.width = r->begins ? (uint8_t)ck_range_get_even(&r->coded, 4)
                            : ck_width_get(&r->coded, &r->model, r->at.width);
    if (what & CK_LIVE_DOWN) {
        get_style(r);
    }
    r->begins = false;
    r->left--;
    r->number++;
    return true;
}

int ck_live_read(ck_live_reader *r, ck_live_sample *out)
{
    if (r->failed || (r->left == 0 && ck_reader_left(&r->in) == 0)) {
        return r->failed ? CHALK_ERR_BAD_DATA : 0;
    }
    if ((r->left == 0 && !begin_chunk(r)) || !read_sample(r)) {
        r->failed = true;
        return CHALK_ERR_BAD_DATA;
    }
    *out = r->at;
    return 1;
}
