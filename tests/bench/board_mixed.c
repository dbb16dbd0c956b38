/* A screen of 2,000 shapes of all kinds: strokes, lines, arrows, rectangles, ellipses, texts. */
#include "base/rng.h"
#include "bench/board_bench.h"
#include "support/alloc.h"
#include "unit/render_support.h"

#define SHAPES 2000u

static const char *const texts[] = {
    "f(x) = ax + b",
    "\xe4\xba\x8c\xe6\xac\xa1\xe5\x87\xbd\xe6\x95\xb0",
    "half of it",
    "the slope\nof a line",
};

static uint64_t put(ck_desk *d, ck_rng *rng, uint32_t i)
{
    static const uint32_t colours[] = {CK_TEST_BLACK, CK_TEST_BLUE, CK_TEST_RED};
    double x = 1850 * ck_rng_unit(rng), y = 1030 * ck_rng_unit(rng);
    uint32_t colour = colours[ck_rng_below(rng, 3)];
    const ck_place place = {x, y, 20 + 60 * ck_rng_unit(rng), 10 + 40 * ck_rng_unit(rng)};
    switch (i % 10) {
    case 0:
        return ck_put_text(d, texts[i / 10 % 4], 14, 0, x, y);
    case 1:
        return ck_put_shape(d, CK_BOARD_LINE, colour, 0, 2, place);
    case 2:
        return ck_put_shape(d, CK_BOARD_ARROW, colour, 0, 2, place);
    case 3:
        return ck_put_shape(d, CK_BOARD_RECTANGLE, colour, 0x40ffd43b, 2, place);
    case 4:
        return ck_put_shape(d, CK_BOARD_ELLIPSE, colour, 0, 2, place);
    case 5:
        return ck_draw_wave(d, CK_BOARD_MARKER, 0xffffd43b, 12, x, y, false);
    default:
        return ck_draw_wave(d, CK_BOARD_PEN, colour, 2, x, y, true);
    }
}

bool ck_bench_mixed_board(bool json)
{
    ck_desk d;
    ck_rng rng;
    bool ok = true;
    ck_rng_seed(&rng, 1);
    ck_desk_init(&d, &ck_test_heap);
    for (uint32_t i = 0; i < SHAPES && ok; i++) {
        ok = put(&d, &rng, i) != 0;
    }
    ok = ok && ck_bench_first_paint(json, "first_paint_mixed", SHAPES, &d.board);
    ck_desk_free(&d);
    return ok;
}
