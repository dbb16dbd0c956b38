#include "core/drawing/pen.h"

#include "base/check.h"
#include "base/time.h"
#include "chalkrail/errors.h"

#include <math.h>
#include <string.h>

#define TOLERANCE       16.0 /* 1/64 px: a quarter of a pixel */
#define WIDTH_TOLERANCE 36.0 /* of CK_SAMPLE_WIDTHS: a third of a pixel of a line of 2 */
#define DATA_USUAL      4096u
#define DATA_BESIDE     64u /* of an operation, besides its strokes */
#define WIDTH_STEP      (CK_SAMPLE_WIDTHS / (CK_STROKE_WIDTHS - 1))

int ck_pen_init(ck_pen *p, const ck_pen_config *config)
{
    memset(p, 0, sizeof *p);
    p->config = *config;
    p->config.live_us = config->live_us != 0 ? config->live_us : CK_PEN_LIVE_US;
    p->config.data_max = config->data_max != 0 ? config->data_max : DATA_USUAL;
    ck_buf_init(&p->rest, config->alloc, 1u << 16);
    p->samples = ck_new_array(config->alloc, CK_PEN_SAMPLES, sizeof *p->samples);
    return p->samples != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

void ck_pen_free(ck_pen *p)
{
    for (uint32_t i = 0; i < p->finished_count; i++) {
        ck_free(p->config.alloc, p->finished[i].points);
    }
    ck_free(p->config.alloc, p->samples);
    ck_buf_free(&p->rest);
    memset(p, 0, sizeof *p);
}

/* --- live ---------------------------------------------------------------------------------- */

/* How far the sample is from the way between two others at its time; 1/4 px units. */
static double off_way(const ck_live_sample *s, const ck_live_sample *a, const ck_live_sample *b)
{
    double whole = (double)(b->at_ms - a->at_ms);
    double t = whole > 0 ? (double)(s->at_ms - a->at_ms) / whole : 0.0;
    double x = a->x + t * (b->x - a->x), y = a->y + t * (b->y - a->y);
    double dx = s->x - x, dy = s->y - y;
    double width = a->width + t * (b->width - a->width);
    return CK_MAX(sqrt(dx * dx + dy * dy), fabs(s->width - width) * 0.7);
}

/* Leaves out what lies on the way, in time too: so the pen moves as it moved. */
static uint32_t thin(ck_live_sample *s, uint32_t count)
{
    const double most = 1.5;
    uint32_t kept = 1;
    for (uint32_t from = 0, to = 1; to < count; to++) {
        bool goes_on = to + 1 < count && s[to].what == CK_LIVE_MOVES;
        for (uint32_t i = from + 1; i <= to && goes_on; i++) {
            goes_on = off_way(&s[i], &s[from], &s[to + 1]) <= most;
        }
        if (!goes_on) {
            s[kept++] = s[to];
            from = to;
        }
    }
    return kept;
}

static void add_live(ck_pen *p, const ck_stroke_sample *sample, uint8_t what, uint64_t now_us)
{
    if (p->begun_us == 0) {
        p->begun_us = now_us;
    }
    if (p->waiting_count == CK_LIVE_SAMPLES) { /* nobody polls: the finished stroke will do */
        p->waiting_count = 0;
        p->live_next += CK_LIVE_SAMPLES % 128; /* seen as missed */
    }
    if (p->waiting_count == 0) {
        p->waits_us = now_us;
    }
    p->styles[p->live_stroke % CK_PEN_WAITING] = p->style;
    p->waiting[p->waiting_count++] = (ck_live_sample){
        .x = ck_stroke_round(sample->x, CK_LIVE_UNIT),
        .y = ck_stroke_round(sample->y, CK_LIVE_UNIT),
        .width = (uint8_t)((sample->width + WIDTH_STEP / 2) / WIDTH_STEP),
        .what = what,
        .at_ms = (uint32_t)((now_us - p->begun_us) / CK_US_PER_MS),
    };
}

static bool is_same(const ck_live_style *a, const ck_live_style *b)
{
    return a->page == b->page && a->tool == b->tool && a->colour == b->colour &&
           a->width == b->width;
}

/* Samples of one stroke as a chunk. */
static void put_chunk(ck_pen *p, ck_live_sample *samples, uint32_t count, uint32_t stroke,
                      ck_buf *out)
{
    const ck_live_style *style = &p->styles[stroke % CK_PEN_WAITING];
    bool tell = (samples[0].what & CK_LIVE_DOWN) &&
                (stroke % CK_LIVE_STYLES == 1 || !is_same(style, &p->told));
    const ck_live_chunk chunk = {
        .first = p->live_next,
        .stroke = stroke,
        .before = p->live_next > 0 ? &p->live_last : NULL,
        .style = tell ? style : NULL,
    };
    count = thin(samples, count);
    ck_live_write(&chunk, samples, count, out);
    p->told = *style;
    p->live_last = samples[count - 1];
    p->live_next += count;
}

bool ck_pen_poll_live(ck_pen *p, uint64_t now_us, ck_buf *out)
{
    if (p->waiting_count == 0 || now_us < p->waits_us + p->config.live_us) {
        return false;
    }
    uint32_t begins = 0;
    for (uint32_t i = 0; i < p->waiting_count; i++) {
        begins += (p->waiting[i].what & CK_LIVE_DOWN) != 0;
    }
    uint32_t stroke = p->live_stroke - begins;
    for (uint32_t from = 0, to = 1; from < p->waiting_count; from = to++) {
        stroke += (p->waiting[from].what & CK_LIVE_DOWN) != 0;
        while (to < p->waiting_count && !(p->waiting[to].what & CK_LIVE_DOWN)) {
            to++;
        }
        put_chunk(p, &p->waiting[from], to - from, stroke, out);
    }
    p->waiting_count = 0;
    return true;
}

/* --- samples ------------------------------------------------------------------------------- */

/* The unit is the largest that is not seen: 1/4 px on the author's screen. */
static uint32_t unit_of(double zoom)
{
    uint32_t unit = 0;
    while (unit < CK_STROKE_UNIT_MAX && (double)(2u << unit) * zoom <= TOLERANCE) {
        unit++;
    }
    return unit;
}

static uint8_t width_of(ck_pen *p, int32_t x, int32_t y, double pressure, uint64_t now_us)
{
    if (pressure >= 0.0) {
        return ck_stroke_width_of_pressure(pressure);
    }
    double seconds = (double)(now_us - p->raw_us) / CK_US_PER_S;
    double dx = x - p->raw_x, dy = y - p->raw_y;
    double speed = seconds > 0 ? sqrt(dx * dx + dy * dy) / 64.0 / seconds * p->zoom : 0.0;
    return ck_stroke_width_of_speed(p->width, speed);
}

static void add_sample(ck_pen *p, int32_t x, int32_t y, double pressure, uint8_t what,
                       uint64_t now_us)
{
    x = CK_CLAMP(x, -CK_BOARD_COORD_MAX, CK_BOARD_COORD_MAX);
    y = CK_CLAMP(y, -CK_BOARD_COORD_MAX, CK_BOARD_COORD_MAX);
    p->width = width_of(p, x, y, pressure, now_us);
    p->raw_x = x;
    p->raw_y = y;
    p->raw_us = now_us;
    ck_stroke_filter_next(&p->filter, &x, &y, now_us, (what & CK_LIVE_UP) != 0);
    p->samples[p->count] = (ck_stroke_sample){x, y, p->width};
    add_live(p, &p->samples[p->count], what, now_us);
    p->count++;
}

/* The stroke in progress as it will be for ever. */
static int finish(ck_pen *p, uint64_t now_us)
{
    const ck_alloc *alloc = p->config.alloc;
    const double page_px = TOLERANCE / p->zoom;
    ck_simplify_config config = {.unit = unit_of(p->zoom), .width_tolerance = WIDTH_TOLERANCE};
    config.tolerance = CK_MAX(page_px, (double)(1u << config.unit));
    ck_stroke_point origin;
    ck_stroke_point *points = ck_new_array(alloc, p->count, sizeof *points);
    uint32_t *scratch = ck_new_array(alloc, 2 * (size_t)p->count, sizeof *scratch);
    ck_buf coded;
    ck_buf_init(&coded, alloc, 1u << 16);
    int status = CHALK_ERR_NO_MEMORY;
    if (points != NULL && scratch != NULL) {
        uint32_t kept = ck_stroke_simplify(&config, p->samples, p->count, points, &origin, scratch);
        ck_stroke_encode(points, kept, &coded);
        status = ck_buf_status(&coded);
    }
    if (status == CHALK_OK) {
        p->finished[p->finished_count++] =
            (ck_pen_stroke){p->style, config.unit, p->live_stroke, origin.x,
                            origin.y, coded.data,  coded.size,     now_us};
    } else {
        ck_buf_free(&coded);
    }
    ck_free(alloc, points);
    ck_free(alloc, scratch);
    p->count = 0;
    return status;
}

int ck_pen_down(ck_pen *p, const ck_live_style *style, double zoom, int32_t x, int32_t y,
                double pressure, uint64_t now_us)
{
    if (p->down) {
        return CHALK_ERR_BAD_STATE;
    }
    bool world = x >= -CK_BOARD_COORD_MAX && x <= CK_BOARD_COORD_MAX && y >= -CK_BOARD_COORD_MAX &&
                 y <= CK_BOARD_COORD_MAX;
    if (!world || !(zoom >= 1.0 / 64) || zoom > 64.0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (p->finished_count == CK_PEN_WAITING) {
        return CHALK_ERR_LIMIT;
    }
    p->down = true;
    p->style = *style;
    p->zoom = zoom;
    p->live_stroke++;
    p->width = 0;
    p->raw_x = x;
    p->raw_y = y;
    p->raw_us = now_us;
    ck_stroke_filter_begin(&p->filter);
    add_sample(p, x, y, pressure, CK_LIVE_DOWN, now_us);
    return CHALK_OK;
}

int ck_pen_move(ck_pen *p, int32_t x, int32_t y, double pressure, uint64_t now_us)
{
    if (!p->down) {
        return CHALK_ERR_BAD_STATE;
    }
    if (p->count + 1 < CK_PEN_SAMPLES) {
        add_sample(p, x, y, pressure, CK_LIVE_MOVES, now_us);
        return CHALK_OK;
    }
    int status = ck_pen_up(p, x, y, pressure, now_us);
    const ck_live_style style = p->style;
    return status < 0 ? status : ck_pen_down(p, &style, p->zoom, x, y, pressure, now_us);
}

int ck_pen_up(ck_pen *p, int32_t x, int32_t y, double pressure, uint64_t now_us)
{
    if (!p->down) {
        return CHALK_ERR_BAD_STATE;
    }
    p->down = false;
    add_sample(p, x, y, pressure, CK_LIVE_UP, now_us);
    return finish(p, now_us);
}

/* --- operations ---------------------------------------------------------------------------- */

void ck_pen_flush(ck_pen *p)
{
    p->flush = p->finished_count > 0;
}

static bool is_alike(const ck_pen_stroke *a, const ck_pen_stroke *b)
{
    return a->style.page == b->style.page && a->style.tool == b->style.tool &&
           a->style.colour == b->style.colour && a->style.width == b->style.width &&
           a->unit == b->unit;
}

/* How many of those that are finished go into the next operation. */
static uint32_t together(const ck_pen *p)
{
    uint32_t count = 0;
    size_t bytes = DATA_BESIDE;
    while (count < p->finished_count && count < CK_PEN_TOGETHER &&
           is_alike(&p->finished[0], &p->finished[count])) {
        bytes += p->finished[count].size + 12;
        if (count > 0 && bytes > p->config.data_max) {
            break;
        }
        count++;
    }
    return count;
}

/* When the first of them go. While the pen is down the next one is on its way. */
static uint64_t due(const ck_pen *p, uint32_t count)
{
    if (p->flush || count < p->finished_count || count == CK_PEN_TOGETHER) {
        return 0;
    }
    uint64_t age = p->finished[0].ended_us + CK_PEN_AGE_US;
    uint64_t idle = p->finished[count - 1].ended_us + CK_PEN_HOLD_US;
    return p->down ? age : CK_MIN(age, idle);
}

bool ck_pen_poll_draw(ck_pen *p, uint64_t now_us, ck_board_op *op)
{
    uint32_t count = together(p);
    if (count == 0 || now_us < due(p, count)) {
        return false;
    }
    const ck_pen_stroke first = p->finished[0];
    int32_t x = 0, y = 0;
    ck_buf_clear(&p->rest);
    for (uint32_t i = 0; i < count; i++) {
        ck_pen_stroke *s = &p->finished[i];
        ck_board_put_stroke(&p->rest, s->x - x, s->y - y, ck_bytes_of(s->points, s->size));
        x = s->x;
        y = s->y;
    }
    if (p->rest.failed) {
        return false; /* memory may come back */
    }
    for (uint32_t i = 0; i < count; i++) {
        ck_free(p->config.alloc, p->finished[i].points);
    }
    p->finished_count -= count;
    memmove(p->finished, p->finished + count, p->finished_count * sizeof *p->finished);
    p->flush = p->flush && p->finished_count > 0;
    *op = (ck_board_op){
        .code = CK_BOARD_DRAW,
        .page = first.style.page,
        .tool = first.style.tool | (uint64_t)first.unit << 4,
        .colour = first.style.colour,
        .width = first.style.width,
        .live = first.live,
        .rest = ck_bytes_of(p->rest.data, p->rest.size),
    };
    return true;
}

uint64_t ck_pen_next_deadline(const ck_pen *p)
{
    uint64_t live = p->waiting_count > 0 ? p->waits_us + p->config.live_us : CK_NEVER;
    uint32_t count = together(p);
    uint64_t draw = count > 0 ? due(p, count) : CK_NEVER;
    return CK_MIN(live, draw);
}
