/* Boards full of strokes: memory, snapshots, joins, operations and hits. */
#include "base/check.h"
#include "base/rng.h"
#include "bench/board_bench.h"
#include "core/board/index.h"
#include "support/alloc.h"

#include <stdio.h>
#include <time.h>

#define AUTHORS 20u
#define LOOKS   2000u

/* --- a board ------------------------------------------------------------------------------- */

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* others use this machine too */
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void ck_bench_row(bool json, const char *name, const char *unit, double value)
{
    static bool any;
    if (json) {
        printf("%s{\"name\":\"%s\",\"unit\":\"%s\",\"value\":%.4f}", any ? "," : "", name, unit,
               value);
    } else {
        printf("%-16s %12.3f  %s\n", name, value, unit);
    }
    any = true;
}

static void size_row(bool json, const char *what, uint32_t size, const char *unit, double value)
{
    char name[40];
    snprintf(name, sizeof name, "%s_%u", what, (unsigned)size);
    ck_bench_row(json, name, unit, value);
}

/* One stroke as the number-th event, somewhere on a wall of lessons' pages. */
static int draw(ck_board *b, ck_rng *rng, const ck_bench_kept *k, uint64_t number, uint32_t side)
{
    ck_buf rest, data;
    ck_buf_init(&rest, &ck_test_heap, 1 << 16);
    ck_buf_init(&data, &ck_test_heap, 1 << 16);
    int32_t x = (int32_t)ck_rng_below(rng, side), y = (int32_t)ck_rng_below(rng, side);
    ck_board_put_stroke(&rest, x, y, k->points);
    const ck_board_op op = {.code = CK_BOARD_DRAW,
                            .term = 1,
                            .page = 1,
                            .tool = CK_BOARD_PEN | (uint64_t)k->unit << 4,
                            .colour = 0xff222222,
                            .width = 128,
                            .rest = ck_bytes_of(rest.data, rest.size)};
    ck_board_op_write(&op, &data);
    const ck_board_event event = {number, 1 + number % AUTHORS, number,
                                  ck_bytes_of(data.data, data.size)};
    uint32_t before = b->count;
    int status = ck_board_apply(b, &event);
    ck_buf_free(&rest);
    ck_buf_free(&data);
    return status == 0 && b->count == before + 1 ? 0 : -1;
}

static bool join(bool json, uint32_t size, const ck_board *b, double samples)
{
    ck_board other;
    ck_buf bytes;
    ck_board_init(&other, &ck_test_heap);
    ck_buf_init(&bytes, &ck_test_heap, 1u << 28);
    double start = now_s();
    ck_board_write(b, &bytes);
    double written = now_s();
    int status = ck_board_read(&other, ck_bytes_of(bytes.data, bytes.size));
    double read = now_s();
    bool same = status == 0 && ck_board_hash(&other) == ck_board_hash(b);
    size_row(json, "snapshot", size, "bytes a sample", (double)bytes.size / (samples * size));
    size_row(json, "write", size, "ms, the edge writes a snapshot", 1e3 * (written - start));
    size_row(json, "join", size, "ms, a client reads it", 1e3 * (read - written));
    ck_board_free(&other);
    ck_buf_free(&bytes);
    return same;
}

static void look(bool json, uint32_t size, const ck_board *b, ck_rng *rng, uint32_t side)
{
    uint32_t found = 0;
    double start = now_s();
    for (uint32_t i = 0; i < LOOKS; i++) {
        int32_t x = (int32_t)ck_rng_below(rng, side) * 16,
                y = (int32_t)ck_rng_below(rng, side) * 16;
        found += ck_board_hit(b, 1, x, y, 6 * 64) != NULL;
    }
    size_row(json, "hit", size, "us, what is under a finger", 1e6 * (now_s() - start) / LOOKS);
    size_row(json, "hits", size, "share of looks that hit", (double)found / LOOKS);
}

bool ck_bench_fill_board(bool json, uint32_t size, const ck_bench_kept *kept, uint32_t kept_count,
                         double samples)
{
    ck_board b;
    ck_rng rng;
    ck_counting_alloc counting;
    /* As dense as a page that is written full, whatever the size: 4,000 px^2 a stroke; quarter
     * pixels. */
    uint32_t side = 4;
    while ((uint64_t)side * side < (uint64_t)size * 4000 * 16) {
        side += side / 4;
    }
    ck_rng_seed(&rng, size);
    ck_counting_alloc_init(&counting);
    ck_board_init(&b, &counting.alloc);
    bool ok = true;
    double start = 0;
    for (uint32_t i = 0; i < size && ok; i++) {
        start = i == size - size / 10 ? now_s() : start;
        ok = draw(&b, &rng, &kept[i % kept_count], i + 1, side) == 0;
    }
    double each = (now_s() - start) / (size / 10);
    size_row(json, "memory", size, "bytes a sample", (double)counting.bytes / (samples * size));
    size_row(json, "draw", size, "us, an operation when the board is full", 1e6 * each);
    ok = ok && join(json, size, &b, samples);
    look(json, size, &b, &rng, side);
    ck_board_free(&b);
    return ok && counting.bytes == 0;
}
