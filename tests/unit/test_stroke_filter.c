/* The 1-euro filter: what it takes out of a pen's samples, and what it costs. */
#include "base/check.h"
#include "base/rng.h"
#include "core/stroke/filter.h"
#include "support/check.h"

#include <math.h>

#define PX      64.0
#define STEP_US 8000u /* 125 samples a second, as tablets give */
#define SAMPLES 500

typedef struct run {
    double in_jitter, out_jitter; /* px, root of the mean square, across the way */
    double lag_most;              /* px behind, along the way */
} run;

/* A pen that moves to the right, `speed` px a second, its hand trembling by up to `tremor` px. */
static run go(double speed, double tremor, uint64_t step_us)
{
    ck_stroke_filter f;
    ck_rng rng;
    run r = {0};
    ck_rng_seed(&rng, 11);
    ck_stroke_filter_begin(&f);
    for (uint32_t i = 0; i < SAMPLES; i++) {
        uint64_t at_us = 1000 + i * step_us;
        double way = speed * (double)(i * step_us) / 1e6;
        double off = tremor * (2 * ck_rng_unit(&rng) - 1);
        int32_t x = (int32_t)lround(way * PX), y = (int32_t)lround(off * PX);
        ck_stroke_filter_next(&f, &x, &y, at_us, false);
        if (i >= SAMPLES / 10) { /* the way to the pace is a stroke's beginning */
            r.in_jitter += off * off;
            r.out_jitter += (y / PX) * (y / PX);
            r.lag_most = CK_MAX(r.lag_most, way - x / PX);
        }
    }
    r.in_jitter = sqrt(r.in_jitter / (SAMPLES - SAMPLES / 10));
    r.out_jitter = sqrt(r.out_jitter / (SAMPLES - SAMPLES / 10));
    return r;
}

/* The tremor of a hand, which is slow, goes; a quick hand is not held back by more than the
 * thickness of its line. */
CK_TEST(filter, takes_out_tremor_and_does_not_lag)
{
    static const struct {
        double speed, tremor, kept_most, lag_most;
    } rows[] = {
        {0, 0.5, 0.65, 0.01},  {10, 0.5, 0.7, 0.25},  {100, 0.5, 0.9, 0.4},
        {1000, 0.0, 1.0, 0.4}, {5000, 0.0, 1.0, 0.4},
    };
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        run r = go(rows[row].speed, rows[row].tremor, STEP_US);
        CK_CHECK_ROW(row, r.out_jitter <= rows[row].kept_most * r.in_jitter + 0.01);
        CK_CHECK_ROW(row, r.lag_most <= rows[row].lag_most);
    }
}

/* However often the device speaks, the lag is one of time, not of samples. */
CK_TEST(filter, lags_alike_at_any_rate_of_samples)
{
    for (uint64_t step_us = 2000; step_us <= 33000; step_us += 3100) {
        CK_CHECK(go(800, 0, step_us).lag_most <= 0.4);
    }
}

/* A pen that is held still comes to rest where it is, and where it is lifted the line ends. */
CK_TEST(filter, ends_where_the_pen_was)
{
    ck_stroke_filter f;
    int32_t x = 0, y = 0;
    ck_stroke_filter_begin(&f);
    ck_stroke_filter_next(&f, &x, &y, 1000, false);
    CK_CHECK(x == 0 && y == 0); /* and begins where it came down */
    for (uint32_t i = 1; i <= 100; i++) {
        x = 6400;
        y = -640;
        ck_stroke_filter_next(&f, &x, &y, 1000 + i * STEP_US, false);
    }
    CK_CHECK(x == 6400 && y == -640);
    x = 7000;
    y = 10;
    ck_stroke_filter_next(&f, &x, &y, 1000 + 101 * STEP_US, true);
    CK_CHECK(x == 7000 && y == 10);
}

/* Samples of one moment, or after a long rest. */
CK_TEST(filter, times_do_no_harm)
{
    ck_stroke_filter f;
    ck_stroke_filter_begin(&f);
    uint64_t at_us = 5;
    for (uint32_t i = 0; i < 200; i++) {
        int32_t x = (int32_t)(i * 100), y = 50;
        at_us += i % 3 == 0 ? 0 : i % 7 == 0 ? UINT64_C(60000000) : 1;
        ck_stroke_filter_next(&f, &x, &y, at_us, false);
        CK_CHECK(x >= 0 && x <= (int32_t)(i * 100) && y == 50);
    }
}
