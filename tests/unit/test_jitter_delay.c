#include "core/jitter/delay.h"
#include "support/check.h"

#include "base/check.h"

#define MS 1000

static const ck_delay_config usual = {
    .late_ppm = 50000, .max_us = 2000 * MS, .outage_us = 1000 * MS};

/* A packet each 20 ms from now_ms on, all of one transit. Returns when the next is due. */
static uint64_t steady(ck_delay *d, uint64_t now_ms, uint64_t ms, int64_t transit_ms)
{
    for (uint64_t end = now_ms + ms; now_ms < end; now_ms += 20) {
        ck_delay_arrive(d, transit_ms * MS, now_ms * MS);
    }
    return now_ms;
}

static int64_t over_base(const ck_delay *d)
{
    return (ck_delay_target(d) - ck_delay_base(d)) / MS;
}

CK_TEST(jitter_delay, knows_nothing_at_first)
{
    ck_delay d;
    ck_delay_init(&d, &usual);
    CK_CHECK(!ck_delay_known(&d));
    CK_CHECK_EQ(ck_delay_target(&d), 0);
    ck_delay_arrive(&d, 7 * MS, 1);
    CK_CHECK(ck_delay_known(&d));
}

CK_TEST(jitter_delay, a_wire_needs_one_bin)
{
    static const int64_t transits[] = {0, 3, -1, -70, 1000000, -1000000000};
    for (size_t i = 0; i < CK_COUNT_OF(transits); i++) {
        ck_delay d;
        ck_delay_init(&d, &usual);
        steady(&d, 0, 3000, transits[i]);
        CK_CHECK_ROW(i, ck_delay_target(&d) - ck_delay_base(&d) == CK_DELAY_BIN_US);
        CK_CHECK_ROW(i, ck_delay_base(&d) <= transits[i] * MS);
        CK_CHECK_ROW(i, ck_delay_target(&d) > transits[i] * MS);
    }
}

/* One of 20 packets is later: the quantile of the share that may be late decides. */
CK_TEST(jitter_delay, the_target_is_the_quantile)
{
    static const struct {
        uint32_t late_ppm;
        int64_t least_ms, most_ms;
    } rows[] = {{10000, 100, 110}, {40000, 100, 110}, {70000, 0, 10}, {200000, 0, 10}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_delay d;
        ck_delay_config config = usual;
        config.late_ppm = rows[i].late_ppm;
        ck_delay_init(&d, &config);
        for (uint64_t n = 0; n < 1000; n++) {
            ck_delay_arrive(&d, n % 20 == 19 ? 100 * MS : 0, n * 20 * MS);
        }
        CK_CHECK_ROW(i, over_base(&d) >= rows[i].least_ms && over_base(&d) <= rows[i].most_ms);
    }
}

CK_TEST(jitter_delay, grows_at_once_and_shrinks_slowly)
{
    ck_delay d;
    ck_delay_init(&d, &usual);
    uint64_t now = steady(&d, 0, 20000, 0);
    CK_CHECK(over_base(&d) <= 5);
    /* What lasts longer than a peak is the path's own; it is believed within a few packets. */
    now = steady(&d, now, 400, 150);
    CK_CHECK(over_base(&d) <= 5);
    now = steady(&d, now, 300, 150);
    CK_CHECK(over_base(&d) >= 150);
    now = steady(&d, now, 600, 0);
    CK_CHECK(over_base(&d) >= 150);
    now = steady(&d, now, 30000, 0);
    CK_CHECK(over_base(&d) <= 5);
}

CK_TEST(jitter_delay, a_burst_at_the_start_is_no_jitter)
{
    ck_delay d;
    ck_delay_init(&d, &usual);
    for (int i = 0; i <= 100; i++) {
        ck_delay_arrive(&d, (2000 - 20 * i) * MS, 5 * MS);
    }
    CK_CHECK(over_base(&d) <= 45);
    steady(&d, 25, 2000, 0);
    CK_CHECK(over_base(&d) <= 45);
}

CK_TEST(jitter_delay, an_outage_is_not_waited_for_unless_it_stays)
{
    ck_delay d;
    ck_delay_init(&d, &usual);
    uint64_t now = steady(&d, 0, 5000, 0);
    /* 3 s of nothing, then all of it. */
    now += 3000;
    for (int i = 0; i < 95; i++) {
        ck_delay_arrive(&d, (3000 - 20 * i) * MS, now * MS);
    }
    CK_CHECK(over_base(&d) <= 5);
    /* A path that is 1.5 s longer for good. */
    now = steady(&d, now + 20, 900, 1500);
    CK_CHECK(ck_delay_target(&d) <= 10 * MS);
    steady(&d, now, 300, 1500);
    CK_CHECK(ck_delay_target(&d) > 1500 * MS);
    CK_CHECK(over_base(&d) <= 5);
}

/* A scan that holds packets up by 200 ms. */
static uint64_t scans(ck_delay *d, uint64_t every_ms, uint64_t count)
{
    uint64_t now = 0;
    for (uint64_t i = 0; i < count; i++) {
        now = steady(d, now, every_ms - 200, 0);
        for (int k = 0; k < 10; k++) {
            ck_delay_arrive(d, (200 - 20 * k) * MS, (now + 180) * MS);
        }
        now += 200;
    }
    return now;
}

CK_TEST(jitter_delay, peaks_are_covered_when_they_come_often_and_cost_too_much)
{
    static const struct {
        uint32_t late_ppm;
        uint64_t every_ms;
        bool covered;
    } rows[] = {
        {5000, 5000, true},   /* makes 4 % late */
        {5000, 15000, false}, /* rarer than each 6 s */
        {1500, 15000, true},  /* but not for who lets less be late */
        {50000, 5000, false}, /* cheaper than the share */
        {100, 50000, true},   /* as rare as is remembered */
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_delay d;
        ck_delay_config config = usual;
        config.late_ppm = rows[i].late_ppm;
        ck_delay_init(&d, &config);
        (void)scans(&d, rows[i].every_ms, 1);
        CK_CHECK_ROW(i, over_base(&d) <= 25);
        ck_delay_init(&d, &config);
        uint64_t now = scans(&d, rows[i].every_ms, 4);
        now = steady(&d, now, rows[i].every_ms - 500, 0);
        CK_CHECK_ROW(i, (over_base(&d) >= 200) == rows[i].covered);
        /* They have stopped. */
        (void)steady(&d, now, 2 * rows[i].every_ms, 0);
        CK_CHECK_ROW(i, over_base(&d) <= 25);
    }
}

CK_TEST(jitter_delay, keeps_to_its_bounds)
{
    ck_delay d;
    ck_delay_config config = {.late_ppm = 1000,
                              .min_us = 60 * MS,
                              .max_us = 300 * MS,
                              .start_us = 90 * MS,
                              .outage_us = 900 * MS};
    ck_delay_init(&d, &config);
    uint64_t now = steady(&d, 0, 500, 0);
    CK_CHECK_EQ(over_base(&d), 90);
    now = steady(&d, now, 2000, 0);
    CK_CHECK_EQ(over_base(&d), 60);
    now = steady(&d, now, 800, 800);
    CK_CHECK_EQ(over_base(&d), 300);
    config.max_us = 200 * MS;
    ck_delay_set(&d, &config, now * MS);
    CK_CHECK_EQ(over_base(&d), 200);
}

CK_TEST(jitter_delay, follows_a_drifting_clock)
{
    ck_delay d;
    ck_delay_init(&d, &usual);
    /* 200 ppm over an hour: 720 ms in the end. */
    for (uint64_t n = 0; n < 180000; n++) {
        uint64_t now = n * 20 * MS;
        ck_delay_arrive(&d, -(int64_t)(now / 5000), now);
        CK_CHECK(n < 1000 || over_base(&d) <= 15);
    }
    CK_CHECK(ck_delay_target(&d) < -700 * MS);
}
