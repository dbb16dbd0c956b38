/* The estimates that make times of a sound device's callbacks. */
#include "platform/sdl/capture_clock.h"
#include "platform/sdl/speaker_delay.h"

#include "base/check.h"
#include "base/rng.h"
#include "support/check.h"

#include <stdlib.h>

/* 30 s of chunks of 512 samples from a crystal that is off by `ppm`, callbacks late by up to
 * `jitter_us`. After 5 s the estimate must stay within `error_us_max` and never go back. */
CK_TEST(capture_clock, follows_crystal_and_ignores_lateness)
{
    static const struct {
        int ppm;
        uint64_t jitter_us;
        int64_t error_us_max;
    } rows[] = {
        {0, 0, 50}, {0, 3000, 1500}, {200, 3000, 2000}, {-200, 3000, 2000}, {0, 20000, 8000}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_capture_clock clock = {0};
        ck_rng rng;
        ck_rng_seed(&rng, 17 + i);
        uint64_t last_end = 0;
        for (uint64_t n = 0; n < 2800; n++) {
            uint64_t first = n * 512;
            double scale = 1.0 + rows[i].ppm / 1e6;
            double truth = 1e9 + (double)first / 48000 * 1e6 * scale;
            double end = 1e9 + (double)(first + 512) / 48000 * 1e6 * scale;
            uint64_t at = (uint64_t)end + ck_rng_below(&rng, rows[i].jitter_us + 1);
            uint64_t placed = ck_capture_clock_place(&clock, first, 512, at);
            CK_CHECK_ROW(i, placed + 1200 > last_end); /* a step is at most 5 % of a chunk */
            last_end = placed + 512 * 125 / 6;
            int64_t error = (int64_t)placed - (int64_t)truth;
            CK_CHECK_ROW(i, n < 470 || llabs(error) <= rows[i].error_us_max);
        }
    }
}

CK_TEST(capture_clock, takes_over_a_jump)
{
    ck_capture_clock clock = {0};
    CK_CHECK_EQ(ck_capture_clock_place(&clock, 0, 480, 1000000), 990000);
    CK_CHECK_EQ(ck_capture_clock_place(&clock, 480, 480, 1010000), 1000000);
    CK_CHECK_EQ(ck_capture_clock_place(&clock, 960, 480, 6010000), 6000000);
    /* Dropped samples still count: their places are skipped. */
    CK_CHECK_EQ(ck_capture_clock_place(&clock, 48960, 480, 7010000), 7000000);
}

/* The first callback comes 80 ms late, the next ones in time: the estimate finds the way back
 * without naming a time that has not come. */
CK_TEST(capture_clock, late_start_is_corrected)
{
    ck_capture_clock clock = {0};
    uint64_t last = 0;
    for (uint64_t n = 0; n < 300; n++) {
        uint64_t at = 1000000 + (n + 1) * 10000 + (n == 0 ? 80000 : 0);
        uint64_t placed = ck_capture_clock_place(&clock, n * 480, 480, at);
        CK_CHECK_ROW(n, placed <= at);
        CK_CHECK_ROW(n, n < 2 || placed >= last);
        CK_CHECK_ROW(n, n < 250 || placed - (at - 10000) < 500);
        last = placed;
    }
}

CK_TEST(speaker_delay, measures_the_burst)
{
    static const struct {
        uint32_t burst; /* chunks of 512 asked for at once when starting */
        uint32_t delay_us;
    } rows[] = {{1, 10666}, {2, 10666}, {4, 32000}, {9, 85333}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_speaker_delay d = {0};
        uint64_t now = 5000000;
        uint32_t delay = 0;
        for (uint32_t n = 0; n < rows[i].burst; n++) {
            delay = ck_speaker_delay_of(&d, 512, now);
        }
        for (uint64_t n = 1; n < 5000; n++) {
            /* 300 ppm fast: must not be taken for a growing queue. */
            delay = ck_speaker_delay_of(&d, 512, now + n * 512 * 125 / 6 * 9997 / 10000);
        }
        CK_CHECK_ROW(i, delay + 2000 > rows[i].delay_us && delay < rows[i].delay_us + 2000);
    }
}

CK_TEST(speaker_delay, starts_anew_after_a_gap_and_is_bounded)
{
    ck_speaker_delay d = {0};
    for (int i = 0; i < 200; i++) {
        CK_CHECK(ck_speaker_delay_of(&d, 4800, 1000000) <= 1000000);
    }
    CK_CHECK_EQ(ck_speaker_delay_of(&d, 4800, 1000000), 1000000);
    CK_CHECK_EQ(ck_speaker_delay_of(&d, 480, 2000000), 10000);
}
