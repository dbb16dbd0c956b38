/*
 * chalk-bench-board FILE [--json]: strokes of FILE as a pen would send them, and boards full of
 * them.
 *
 * FILE has a line for each stroke: how many samples, then x, y (px), pressure (0 to 1; below: none)
 * and time (ms from the first sample of all) of each. area_board.py writes it. What is measured:
 * bytes on the wire, as frames of the room with nothing else in them; how far the finished strokes
 * are from the samples; memory, snapshots and times of boards of 1,000 to 100,000 strokes.
 */
#include "base/check.h"
#include "base/rng.h"
#include "base/time.h"
#include "bench/board_bench.h"
#include "core/board/index.h"
#include "core/drawing/pen.h"
#include "core/room/events.h"
#include "support/alloc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIX_US UINT64_C(1763600000000000)
#define LAG_US  45000u /* from the author to the edge's order */
#define LIVE_US 250000u

static ck_bench_stroke strokes[CK_BENCH_STROKES];
static uint32_t stroke_count;
static uint64_t sample_count;
static ck_bench_kept kept[CK_BENCH_STROKES]; /* finished, in the order of `strokes` */
static uint32_t kept_count;

typedef struct wire {
    ck_pen pen;
    uint64_t final_frames, final_bytes,
        final_events; /* bytes of BATCH frames; of the events in them */
    uint64_t live_frames, live_bytes;
    uint64_t number;
} wire;

static wire w;

static int fail(const char *what)
{
    fprintf(stderr, "chalk-bench-board: %s\n", what);
    return 1;
}

static bool load(const char *path)
{
    FILE *file = fopen(path, "r");
    unsigned count;
    while (file != NULL && stroke_count < CK_BENCH_STROKES && fscanf(file, "%u", &count) == 1) {
        ck_bench_stroke *s = &strokes[stroke_count++];
        s->count = count;
        s->samples = calloc(count, sizeof *s->samples);
        for (unsigned i = 0; i < count && s->samples != NULL; i++) {
            ck_bench_sample *p = &s->samples[i];
            if (fscanf(file, "%lf %lf %lf %lf", &p->x, &p->y, &p->pressure, &p->at_ms) != 4) {
                stroke_count = 0;
            }
        }
        sample_count += count;
    }
    if (file != NULL) {
        fclose(file);
    }
    return stroke_count > 0;
}

/* --- on the wire --------------------------------------------------------------------------- */

static void send_draw(ck_board_op *op, uint64_t now_us)
{
    ck_buf data, events, frame;
    ck_buf_init(&data, &ck_test_heap, 1 << 16);
    ck_buf_init(&events, &ck_test_heap, 1 << 16);
    ck_buf_init(&frame, &ck_test_heap, 1 << 16);
    op->term = 1;
    ck_board_op_write(op, &data);
    const uint64_t base_us = UNIX_US + now_us;
    ck_event_writer writer = {
        .out = &events, .field = CK_LIST_BATCH_EVENTS, .number = w.number, .order_us = base_us};
    const ck_event event = {.number = w.number + 1,
                            .order_us = base_us,
                            .origin_us = base_us - LAG_US,
                            .kind = CK_EVENT_BOARD,
                            .author = 12,
                            .counter = w.number,
                            .data = ck_bytes_of(data.data, data.size)};
    ck_event_write(&writer, &event);
    const ck_wire_batch batch = {.from = w.number,
                                 .to = w.number + 1,
                                 .base_us = base_us,
                                 .events = ck_wire_list_of(&events)};
    ck_frame_put(&frame, CK_FRAME_BATCH, &ck_type_batch, &batch);
    w.number++;
    w.final_frames++;
    w.final_bytes += frame.size;
    w.final_events += events.size;
    ck_board_strokes walk = ck_board_strokes_of(op->rest);
    for (ck_bytes points; kept_count < CK_BENCH_STROKES && ck_board_next_stroke(&walk, &points);) {
        ck_bench_kept *k = &kept[kept_count++];
        *k = (ck_bench_kept){(int32_t)walk.x, (int32_t)walk.y, (uint32_t)(op->tool >> 4), points};
        k->points.data = memcpy(malloc(points.size + 1), points.data, points.size);
    }
    ck_buf_free(&data);
    ck_buf_free(&events);
    ck_buf_free(&frame);
}

static void send_live(const ck_buf *chunk)
{
    ck_buf spots, frame;
    ck_buf_init(&spots, &ck_test_heap, 1 << 16);
    ck_buf_init(&frame, &ck_test_heap, 1 << 16);
    const ck_wire_spot spot = {
        .author = 12, .key = CK_SPOT_PEN, .data = ck_bytes_of(chunk->data, chunk->size)};
    ck_wire_add(&spots, CK_LIST_BATCH_SPOTS, &ck_type_spot, &spot);
    const ck_wire_batch batch = {.spots = ck_wire_list_of(&spots)};
    ck_frame_put(&frame, CK_FRAME_BATCH, &ck_type_batch, &batch);
    w.live_frames++;
    w.live_bytes += frame.size;
    ck_buf_free(&spots);
    ck_buf_free(&frame);
}

static void poll(uint64_t now_us)
{
    ck_board_op op;
    ck_buf chunk;
    ck_buf_init(&chunk, &ck_test_heap, 1 << 16);
    if (ck_pen_poll_live(&w.pen, now_us, &chunk)) {
        send_live(&chunk);
    }
    ck_buf_free(&chunk);
    while (ck_pen_poll_draw(&w.pen, now_us, &op)) {
        send_draw(&op, now_us);
    }
}

/* Everything due up to then, at its time. */
static void run_to(uint64_t until_us)
{
    for (uint64_t at = ck_pen_next_deadline(&w.pen); at <= until_us;
         at = ck_pen_next_deadline(&w.pen)) {
        poll(CK_MAX(at, 1));
    }
}

static bool write_all(void)
{
    static const ck_live_style ink = {
        .page = 1, .tool = CK_BOARD_PEN, .colour = 0xff222222, .width = 128};
    const ck_pen_config config = {.alloc = &ck_test_heap, .live_us = LIVE_US};
    if (ck_pen_init(&w.pen, &config) < 0) {
        return false;
    }
    w.number = 5000; /* the middle of a lesson */
    for (uint32_t i = 0; i < stroke_count; i++) {
        const ck_bench_stroke *s = &strokes[i];
        for (uint32_t k = 0; k < s->count; k++) {
            const ck_bench_sample *p = &s->samples[k];
            uint64_t now_us = 1 + (uint64_t)(p->at_ms * CK_US_PER_MS);
            int32_t x = (int32_t)lround(p->x * 64), y = (int32_t)lround(p->y * 64);
            run_to(now_us);
            int status = k == 0 ? ck_pen_down(&w.pen, &ink, 1.0, x, y, p->pressure, now_us)
                                : ck_pen_move(&w.pen, x, y, p->pressure, now_us);
            if (k + 1 == s->count && status == 0) {
                status = ck_pen_up(&w.pen, x, y, p->pressure, now_us);
            }
            if (status < 0) {
                return false;
            }
        }
    }
    run_to(CK_NEVER - 1);
    ck_pen_free(&w.pen);
    return kept_count >= stroke_count;
}

/* --- how true ------------------------------------------------------------------------------ */

/* Furthest of the samples from the finished stroke, px. */
static double off_by(const ck_bench_stroke *s, const ck_bench_kept *k)
{
    static ck_stroke_point points[CK_STROKE_POINTS_MAX];
    ck_stroke_reader r;
    uint32_t count = 0;
    double most = 0, step = (double)(1u << k->unit) / 64;
    (void)ck_stroke_read(&r, k->points.data, k->points.size);
    while (ck_stroke_next(&r, &points[count])) {
        count++;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        double best = 1e9, px = s->samples[i].x, py = s->samples[i].y;
        for (uint32_t n = 0; n < count; n++) {
            const ck_stroke_point *a = &points[n > 0 ? n - 1 : 0], *b = &points[n];
            double ax = (k->x + a->x) * step, ay = (k->y + a->y) * step;
            double dx = (b->x - a->x) * step, dy = (b->y - a->y) * step, length = dx * dx + dy * dy;
            double t =
                length > 0 ? CK_CLAMP(((px - ax) * dx + (py - ay) * dy) / length, 0.0, 1.0) : 0;
            double off = hypot(px - ax - t * dx, py - ay - t * dy);
            best = CK_MIN(best, off);
        }
        most = CK_MAX(most, best);
    }
    return most;
}

static int by_size(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static double truth(double share)
{
    static double off[CK_BENCH_STROKES];
    for (uint32_t i = 0; i < stroke_count; i++) {
        off[i] = off_by(&strokes[i], &kept[i]);
    }
    qsort(off, stroke_count, sizeof *off, by_size);
    return off[(uint32_t)(share * (stroke_count - 1))];
}

/* Points that were kept, of each sample. */
static double kept_share(void)
{
    uint64_t points = 0;
    for (uint32_t i = 0; i < stroke_count; i++) {
        ck_stroke_reader r;
        (void)ck_stroke_read(&r, kept[i].points.data, kept[i].points.size);
        points += r.count;
    }
    return (double)points / (double)sample_count;
}

int main(int argc, char **argv)
{
    bool json = argc == 3 && strcmp(argv[2], "--json") == 0;
    if (argc < 2 || (argc > 2 && !json)) {
        fputs("usage: chalk-bench-board FILE [--json]\n", stderr);
        return 2;
    }
    if (!load(argv[1]) || !write_all()) {
        return fail("the strokes cannot be read or written");
    }
    double per = (double)sample_count;
    printf(json ? "{\"rows\":[" : "");
    ck_bench_row(json, "final", "bytes a sample, a frame for each operation",
                 (double)w.final_bytes / per);
    ck_bench_row(json, "final_event", "bytes a sample, the event alone",
                 (double)w.final_events / per);
    ck_bench_row(json, "live", "bytes a sample, a frame for each chunk, 4 a second",
                 (double)w.live_bytes / per);
    ck_bench_row(json, "together", "strokes an operation",
                 (double)stroke_count / (double)w.final_frames);
    ck_bench_row(json, "kept", "points a sample", kept_share());
    ck_bench_row(json, "off_most", "px from the samples, the worst stroke", truth(1.0));
    ck_bench_row(json, "off_p95", "px from the samples, 95 of 100 strokes", truth(0.95));
    static const uint32_t sizes[] = {1000, 10000, 100000};
    for (size_t i = 0; i < CK_COUNT_OF(sizes); i++) {
        if (!ck_bench_fill_board(json, sizes[i], kept, CK_MIN(kept_count, stroke_count),
                                 per / stroke_count)) {
            return fail("a board could not be filled");
        }
    }
    if (!ck_bench_mixed_board(json)) {
        return fail("a board of all kinds could not be filled");
    }
    printf(json ? "]}\n" : "");
    return 0;
}
