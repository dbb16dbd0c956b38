#include "core/stroke/live.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#define COUNT_CLASS 4u
#define STEP_CLASS  5u /* 16 to 31 ms: 60 samples a second */
#define HALF        16u
#define COORD_BITS  22u
#define PAGE_BITS   12u
#define WIDTH_FIRST 8u

/* --- numbers ------------------------------------------------------------------------------- */

static void put_varint(ck_buf *out, uint32_t value)
{
    while (value >= 0x80) {
        ck_buf_put_u8(out, (uint8_t)(value | 0x80));
        value >>= 7;
    }
    ck_buf_put_u8(out, (uint8_t)value);
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

static bool is_coord(int64_t value)
{
    return value >= -CK_LIVE_COORD_MAX && value <= CK_LIVE_COORD_MAX;
}

/* --- writing ------------------------------------------------------------------------------- */

static void put_begin(ck_range_encoder *e, const ck_live_chunk *chunk, const ck_live_sample *s)
{
    const ck_live_style *style = chunk->style;
    ck_range_put_even(e, chunk->stroke & 0xff, 8);
    ck_range_put_even(e, style != NULL, 1);
    if (style != NULL) {
        ck_range_put_even(e, (uint32_t)(s->x + CK_LIVE_COORD_MAX), COORD_BITS);
        ck_range_put_even(e, (uint32_t)(s->y + CK_LIVE_COORD_MAX), COORD_BITS);
        ck_range_put_even(e, style->page, PAGE_BITS);
        ck_range_put_even(e, style->tool, 4);
        ck_range_put_even(e, style->colour >> HALF, HALF);
        ck_range_put_even(e, style->colour & 0xffff, HALF);
        ck_range_put_even(e, style->width, HALF + 1);
    }
}

static void put_samples(ck_range_encoder *e, const ck_live_chunk *chunk,
                        const ck_live_sample *samples, uint32_t count)
{
    ck_delta_model model;
    ck_number_model counts, steps;
    const ck_live_sample *before = chunk->before;
    ck_delta_model_init(&model);
    ck_number_model_init(&counts, COUNT_CLASS);
    ck_number_model_init(&steps, STEP_CLASS);
    ck_number_put(e, &counts, count - 1);
    for (uint32_t i = 0; i < count; i++) {
        const ck_live_sample *s = &samples[i];
        bool placed = i == 0 && chunk->style != NULL;
        uint32_t step = before != NULL ? s->at_ms - before->at_ms : 0;
        ck_number_put(e, &steps, CK_MIN(step, CK_LIVE_GAP_MS));
        if (!placed && before != NULL) {
            ck_delta_put(e, &model, s->x - before->x, s->y - before->y);
        }
        ck_range_put(e, &model.ends, (s->what & CK_LIVE_UP) != 0);
        ck_width_put(e, &model, i == 0 || before == NULL ? WIDTH_FIRST : before->width, s->width);
        before = s;
    }
}

void ck_live_write(const ck_live_chunk *chunk, const ck_live_sample *samples, uint32_t count,
                   ck_buf *out)
{
    ck_buf body;
    ck_range_encoder e;
    bool begins = (samples[0].what & CK_LIVE_DOWN) != 0;
    ck_buf_init(&body, out->alloc, 2 * CK_LIVE_BYTES);
    ck_buf_put_u8(&body, (uint8_t)chunk->first);
    ck_range_encode_init(&e, &body);
    ck_range_put_even(&e, begins, 1);
    if (begins) {
        put_begin(&e, chunk, &samples[0]);
    }
    put_samples(&e, chunk, samples, count);
    ck_range_encode_end(&e);
    put_varint(out, (uint32_t)body.size);
    if (body.size > 0) {
        ck_buf_put(out, body.data, body.size);
    }
    out->failed = out->failed || body.failed;
    ck_buf_free(&body);
}

/* --- reading ------------------------------------------------------------------------------- */

void ck_live_begin(ck_live_reader *r, const void *data, size_t size)
{
    r->in = ck_reader_of(data, size);
    r->left = 0;
}

static void get_style(ck_live_reader *r)
{
    r->at.x = (int32_t)ck_range_get_even(&r->coded, COORD_BITS) - CK_LIVE_COORD_MAX;
    r->at.y = (int32_t)ck_range_get_even(&r->coded, COORD_BITS) - CK_LIVE_COORD_MAX;
    r->style.page = ck_range_get_even(&r->coded, PAGE_BITS);
    r->style.tool = (uint8_t)ck_range_get_even(&r->coded, 4);
    r->style.colour = ck_range_get_even(&r->coded, HALF) << HALF;
    r->style.colour |= ck_range_get_even(&r->coded, HALF);
    r->style.width = ck_range_get_even(&r->coded, HALF + 1);
}

/* 1: a chunk to be read; 0: one that is not for us. */
static int begin_chunk(ck_live_reader *r)
{
    ck_number_model counts;
    uint32_t size = get_varint(&r->in);
    if (r->in.failed || size == 0 || size > ck_reader_left(&r->in) || size > 2 * CK_LIVE_BYTES) {
        return CHALK_ERR_BAD_DATA;
    }
    const uint8_t *data = ck_read_bytes(&r->in, size);
    uint8_t ahead = (uint8_t)(data[0] - r->next);
    ck_range_decode_init(&r->coded, data + 1, size - 1);
    bool begins = ck_range_get_even(&r->coded, 1) != 0;
    uint8_t stroke = (uint8_t)(begins ? ck_range_get_even(&r->coded, 8) : r->stroke);
    r->placed = begins && ck_range_get_even(&r->coded, 1) != 0;
    bool again = r->known && ahead >= 128;
    if (again || (!r->placed && (!r->known || ahead != 0))) {
        r->missed += !again;
        r->known = r->known && again;
        return 0;
    }
    r->at.what = begins ? CK_LIVE_DOWN : CK_LIVE_MOVES;
    r->known = true;
    r->next = data[0];
    r->stroke = stroke;
    r->at.width = WIDTH_FIRST;
    if (r->placed) {
        get_style(r);
    }
    ck_delta_model_init(&r->model);
    ck_number_model_init(&counts, COUNT_CLASS);
    ck_number_model_init(&r->steps, STEP_CLASS);
    r->left = ck_number_get(&r->coded, &counts) + 1;
    r->first = true;
    return r->left <= CK_LIVE_SAMPLES && is_coord(r->at.x) && is_coord(r->at.y)
               ? 1
               : CHALK_ERR_BAD_DATA;
}

static bool read_sample(ck_live_reader *r)
{
    bool down = r->first && (r->at.what & CK_LIVE_DOWN);
    uint32_t step = ck_number_get(&r->coded, &r->steps);
    int32_t dx = 0, dy = 0;
    if (!r->first || !r->placed) {
        ck_delta_get(&r->coded, &r->model, &dx, &dy);
    }
    int64_t x = (int64_t)r->at.x + dx, y = (int64_t)r->at.y + dy;
    if (!is_coord(x) || !is_coord(y) || step > CK_LIVE_GAP_MS || step > UINT32_MAX - r->at.at_ms) {
        return false;
    }
    bool ends = ck_range_get(&r->coded, &r->model.ends) != 0;
    r->at.x = (int32_t)x;
    r->at.y = (int32_t)y;
    r->at.at_ms += step;
    r->at.what = (uint8_t)((down ? CK_LIVE_DOWN : 0) | (ends ? CK_LIVE_UP : 0));
    r->at.width = ck_width_get(&r->coded, &r->model, r->at.width);
    r->first = false;
    r->left--;
    r->next++;
    return true;
}

int ck_live_read(ck_live_reader *r, ck_live_sample *out)
{
    int status = 1;
    while (r->left == 0 && ck_reader_left(&r->in) > 0 && (status = begin_chunk(r)) == 0) {
    }
    if (status > 0 && r->left == 0) {
        return 0;
    }
    if (status == 0) {
        return 0;
    }
    if (status < 0 || !read_sample(r)) {
        r->known = false;
        ck_live_begin(r, NULL, 0);
        return CHALK_ERR_BAD_DATA;
    }
    *out = r->at;
    return 1;
}
