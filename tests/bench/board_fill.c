/* Boards full of strokes: memory, snapshots, joins, operations and hits. */
#include "base/check.h"
#include "base/rng.h"
#include "bench/board_bench.h"
#include "core/board/index.h"
#include "support/alloc.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

#define AUTHORS   20u
#define LOOKS     2000u
#define STROKE_PX (1920.0 * 1080.0 / 2000.0) /* px^2 a stroke: a page that is written full */
#define CK_PX     64.0

/* --- a board ------------------------------------------------------------------------------- */

double ck_bench_now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void ck_bench_row(bool json, const char *name, const char *unit, double value)
{
    static bool any;
    if (json) {
        printf("%s{\"name\":\"%s\",\"unit\":\"%s\",\"value\":%.4f}", any ? "," : "", name, unit,
               value);
    } else {
        printf("%-22s %12.3f  %s\n", name, value, unit);
    }
    any = true;
}

void ck_bench_size_row(bool json, const char *what, uint32_t size, const char *unit, double value)
{
    char name[40];
    snprintf(name, sizeof name, "%s_%u", what, (unsigned)size);
    ck_bench_row(json, name, unit, value);
}

static int apply(ck_bench_full *full, const ck_bench_kept *k, int32_t x, int32_t y)
{
    ck_buf rest, data;
    ck_buf_init(&rest, &ck_test_heap, 1 << 16);
    ck_buf_init(&data, &ck_test_heap, 1 << 16);
    ck_board_put_stroke(&rest, x, y, k->points);
    const ck_board_op op = {.code = CK_BOARD_DRAW,
                            .term = 1,
                            .page = 1,
                            .tool = CK_BOARD_PEN | (uint64_t)k->unit << 4,
                            .colour = 0xff222222,
                            .width = 128,
                            .rest = ck_bytes_of(rest.data, rest.size)};
    ck_board_op_write(&op, &data);
    uint64_t number = full->drawn + 1;
    const ck_board_event event = {number, 1 + number % AUTHORS, number,
                                  ck_bytes_of(data.data, data.size)};
    uint32_t before = full->board->count;
    int status = ck_board_apply(full->board, &event);
    ck_buf_free(&rest);
    ck_buf_free(&data);
    return status == 0 && full->board->count == before + 1 ? 0 : -1;
}

bool ck_bench_draw_more(ck_bench_full *full, double x, double y)
{
    const ck_bench_kept *k = &full->kept[full->drawn % full->kept_count];
    double units = CK_PX / (double)(1u << k->unit);
    int status = apply(full, k, (int32_t)(x * units), (int32_t)(y * units));
    full->drawn++;
    return status == 0;
}

static bool join(bool json, uint32_t size, const ck_board *b, double samples)
{
    ck_board other;
    ck_buf bytes;
    ck_board_init(&other, &ck_test_heap);
    ck_buf_init(&bytes, &ck_test_heap, 1u << 28);
    double start = ck_bench_now_s();
    ck_board_write(b, &bytes);
    double written = ck_bench_now_s();
    int status = ck_board_read(&other, ck_bytes_of(bytes.data, bytes.size));
    double read = ck_bench_now_s();
    bool same = status == 0 && ck_board_hash(&other) == ck_board_hash(b);
    ck_bench_size_row(json, "snapshot", size, "bytes a sample", (double)bytes.size / samples);
    ck_bench_size_row(json, "write", size, "ms, the edge writes a snapshot",
                      1e3 * (written - start));
    ck_bench_size_row(json, "join", size, "ms, a client reads it", 1e3 * (read - written));
    ck_board_free(&other);
    ck_buf_free(&bytes);
    return same;
}

static void look(bool json, uint32_t size, ck_bench_full *full)
{
    uint32_t found = 0, side = (uint32_t)(full->side_px * CK_PX);
    double start = ck_bench_now_s();
    for (uint32_t i = 0; i < LOOKS; i++) {
        int32_t x = (int32_t)ck_rng_below(&full->rng, side);
        int32_t y = (int32_t)ck_rng_below(&full->rng, side);
        found += ck_board_hit(full->board, 1, x, y, 6 * 64) != NULL;
    }
    double each = (ck_bench_now_s() - start) / LOOKS;
    ck_bench_size_row(json, "hit", size, "us, what is under a finger", 1e6 * each);
    ck_bench_size_row(json, "hits", size, "share of looks that hit", (double)found / LOOKS);
}

/* Seconds for each of the last tenth; below 0: the board did not take them. */
static double fill(ck_bench_full *full, uint32_t size)
{
    double start = 0;
    for (uint32_t i = 0; i < size; i++) {
        start = i == size - size / 10 ? ck_bench_now_s() : start;
        double x = full->side_px * ck_rng_unit(&full->rng);
        double y = full->side_px * ck_rng_unit(&full->rng);
        if (!ck_bench_draw_more(full, x, y)) {
            return -1;
        }
    }
    return (ck_bench_now_s() - start) / (size / 10);
}

bool ck_bench_fill_board(bool json, uint32_t size, const ck_bench_kept *kept, uint32_t kept_count,
                         double samples)
{
    ck_board b;
    ck_bench_full full = {
        .board = &b, .side_px = sqrt(STROKE_PX * size), .kept = kept, .kept_count = kept_count};
    ck_counting_alloc counting;
    ck_rng_seed(&full.rng, size);
    ck_counting_alloc_init(&counting);
    ck_board_init(&b, &counting.alloc);
    double each = fill(&full, size - CK_BENCH_NEW);
    double memory = (double)counting.bytes / (samples * full.drawn);
    ck_bench_size_row(json, "memory", size, "bytes a sample", memory);
    ck_bench_size_row(json, "draw", size, "us, an operation when the board is full", 1e6 * each);
    bool ok = each >= 0 && join(json, size, &b, samples * full.drawn);
    look(json, size, &full);
    ok = ok && ck_bench_paint_board(json, size, &full);
    ck_board_free(&b);
    return ok && counting.bytes == 0;
}
