#include "core/avsync/avsync.h"
#include "core/avsync/lead.h"
#include "core/avsync/line.h"
#include "support/check.h"

#include "base/check.h"

#define MS      1000
#define REFRESH 16667

static ck_avsync_pick choose(ck_avsync *a, const int64_t *ms, size_t count, uint64_t now_ms)
{
    int64_t us[8];
    for (size_t i = 0; i < count; i++) {
        us[i] = ms[i] * MS;
    }
    return ck_avsync_choose(a, us, count, now_ms * MS, now_ms * MS, REFRESH);
}

static int64_t position(ck_avsync *a, uint64_t now_ms)
{
    int64_t pts = -1;
    return ck_avsync_position(a, now_ms * MS, &pts) ? pts / MS : -1;
}

CK_TEST(avsync, no_clock_before_anything)
{
    ck_avsync a;
    ck_avsync_init(&a);
    CK_CHECK_EQ(position(&a, 5), -1);
    ck_avsync_pick pick = choose(&a, NULL, 0, 5);
    CK_CHECK(!pick.show && pick.drop == 0);
}

CK_TEST(avsync, the_first_picture_is_shown_at_once)
{
    ck_avsync a;
    ck_avsync_init(&a);
    static const int64_t ms[] = {7000, 7040};
    ck_avsync_pick pick = choose(&a, ms, 2, 0);
    CK_CHECK(pick.show && pick.drop == 0);
    CK_CHECK(!choose(&a, ms + 1, 1, 5).show);
}

CK_TEST(avsync, pictures_follow_what_is_heard)
{
    static const struct {
        int64_t ms[3];
        size_t count;
        bool show;
        size_t drop;
    } rows[] = {
        {{1108, 1140}, 2, true, 0},       /* within half a refresh */
        {{1109, 1140}, 2, false, 0},      /* its time comes */
        {{1020, 1060, 1100}, 3, true, 2}, /* the newest that is due */
        {{1000}, 1, false, 1},            /* 100 ms late, and the one shown is young */
        {{900, 1008}, 2, false, 2},       /* before what is shown */
        {{9000, 1100}, 2, true, 1},       /* left over from another line */
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_avsync a;
        ck_avsync_init(&a);
        static const int64_t first[] = {1010};
        ck_avsync_heard(&a, 1000 * MS, 500 * MS);
        CK_CHECK_ROW(i, choose(&a, first, 1, 510).show);
        ck_avsync_heard(&a, 1050 * MS, 550 * MS);
        ck_avsync_pick pick = choose(&a, rows[i].ms, rows[i].count, 600);
        CK_CHECK_ROW(i, pick.show == rows[i].show);
        CK_CHECK_ROW(i, pick.drop == rows[i].drop);
        CK_CHECK_ROW(i, ck_avsync_get_stats(&a, 0).frames_dropped == rows[i].drop);
    }
}

CK_TEST(avsync, a_slow_machine_shows_late_pictures_rather_than_none)
{
    ck_avsync a;
    ck_avsync_init(&a);
    static const int64_t ms[] = {0, 60};
    ck_avsync_heard(&a, 0, 0);
    CK_CHECK(choose(&a, ms, 1, 0).show);
    ck_avsync_heard(&a, 200 * MS, 200 * MS);
    CK_CHECK(!choose(&a, ms + 1, 1, 249).show);
    ck_avsync_heard(&a, 250 * MS, 250 * MS);
    CK_CHECK(choose(&a, ms + 1, 1, 251).show);
    CK_CHECK_EQ(ck_avsync_get_stats(&a, 0).skew_us, -191 * MS);
}

CK_TEST(avsync, a_silent_device_does_not_carry_the_picture_away)
{
    ck_avsync a;
    ck_avsync_init(&a);
    ck_avsync_heard(&a, 1000 * MS, 0);
    CK_CHECK_EQ(position(&a, 100), 1100);
    CK_CHECK_EQ(position(&a, 9000), 1250);
    /* Pictures alone take over once sound has been gone for half a second. */
    ck_avsync_free(&a, -500 * MS, 499 * MS);
    CK_CHECK_EQ(position(&a, 499), 1250);
    ck_avsync_free(&a, -1000 * MS, 500 * MS);
    CK_CHECK_EQ(position(&a, 500), 1500);
}

CK_TEST(avsync, time_never_goes_back)
{
    ck_avsync a;
    ck_avsync_init(&a);
    ck_avsync_heard(&a, 1000 * MS, 0);
    CK_CHECK_EQ(position(&a, 200), 1200);
    ck_avsync_heard(&a, 1100 * MS, 210 * MS);
    CK_CHECK_EQ(position(&a, 210), 1200);
    CK_CHECK_EQ(position(&a, 320), 1210);
    ck_avsync_reset(&a);
    CK_CHECK_EQ(position(&a, 321), -1);
    ck_avsync_heard(&a, 5 * MS, 330 * MS);
    CK_CHECK_EQ(position(&a, 330), 5);
}

CK_TEST(avsync, a_stream_without_sound_runs_on_arrivals)
{
    ck_avsync a;
    ck_avsync_init(&a);
    ck_avsync_free(&a, 300 * MS, 1000 * MS);
    CK_CHECK_EQ(position(&a, 1000), 700);
    /* 100 ms more delay is taken up at 50 ms a second. */
    for (uint64_t now = 1020; now <= 2000; now += 20) {
        ck_avsync_free(&a, 400 * MS, now * MS);
    }
    CK_CHECK_EQ(position(&a, 2000), 1650);
    for (uint64_t now = 2020; now <= 4000; now += 20) {
        ck_avsync_free(&a, 400 * MS, now * MS);
    }
    CK_CHECK_EQ(position(&a, 4000), 3600);
    /* What is off by more than a second is a jump. */
    ck_avsync_free(&a, -2000 * MS, 4020 * MS);
    CK_CHECK_EQ(position(&a, 4020), 6020);
}

CK_TEST(avsync, counts_freezes_as_w3c_does)
{
    ck_avsync a;
    ck_avsync_init(&a);
    uint64_t now = 0;
    for (int64_t n = 0; n < 100; n++, now += 40) {
        ck_avsync_heard(&a, n * 40 * MS, now * MS);
        int64_t ms = n * 40;
        CK_CHECK(choose(&a, &ms, 1, now).show);
    }
    CK_CHECK_EQ(ck_avsync_get_stats(&a, now * MS).freeze_count, 0);
    /* max(3 x 40, 40 + 150) ms */
    CK_CHECK_EQ(ck_avsync_get_stats(&a, (now - 40 + 190) * MS).freeze_count, 0);
    CK_CHECK_EQ(ck_avsync_get_stats(&a, (now - 40 + 195) * MS).freeze_count, 1);
    int64_t ms = (int64_t)now + 460;
    ck_avsync_heard(&a, ms * MS, (now + 460) * MS);
    CK_CHECK(choose(&a, &ms, 1, now + 460).show);
    ck_avsync_stats stats = ck_avsync_get_stats(&a, (now + 460) * MS);
    CK_CHECK_EQ(stats.freeze_count, 1);
    CK_CHECK_EQ(stats.total_freezes_us, 500 * MS);
    CK_CHECK_EQ(stats.frames_rendered, 101);
}

/* A device that is off by so much, for 30 minutes: how far the delay is from its target. */
CK_TEST(avsync_trim, holds_the_delay_against_drift)
{
    static const int32_t drifts[] = {0, 20, -50, 200, -200, 1000, -3000};
    for (size_t i = 0; i < CK_COUNT_OF(drifts); i++) {
        ck_trim t;
        ck_trim_init(&t);
        int64_t behind_ns = 0;
        int64_t worst_us = 0;
        for (uint64_t now = 0; now < UINT64_C(1800000000); now += 20 * MS) {
            int32_t ppm = ck_trim_feed(&t, behind_ns / 1000, now);
            CK_CHECK_ROW(i, ppm >= -CK_TRIM_MAX_PPM && ppm <= CK_TRIM_MAX_PPM);
            behind_ns += 20 * (drifts[i] - ppm);
            if (now > UINT64_C(300000000)) {
                worst_us = CK_MAX(worst_us, behind_ns < 0 ? -behind_ns / 1000 : behind_ns / 1000);
            }
        }
        CK_CHECK_ROW(i, worst_us < 2 * MS);
    }
}

CK_TEST(avsync_trim, jitter_does_not_move_it_much)
{
    ck_trim t;
    ck_trim_init(&t);
    for (uint64_t n = 0; n < 50000; n++) {
        int32_t ppm = ck_trim_feed(&t, n % 2 == 0 ? 30 * MS : -30 * MS, n * 20 * MS);
        CK_CHECK(n < 10000 || (ppm < 200 && ppm > -200));
    }
}

CK_TEST(avsync, sound_that_stands_holds_the_picture)
{
    ck_avsync a;
    ck_avsync_init(&a);
    ck_avsync_stands(&a, 1000 * MS); /* nothing was heard that could stand */
    CK_CHECK_EQ(position(&a, 10), -1);
    ck_avsync_heard(&a, 1000 * MS, 100 * MS);
    CK_CHECK_EQ(position(&a, 120), 1020);
    ck_avsync_stands(&a, 1030 * MS);
    CK_CHECK_EQ(position(&a, 140), 1030);
    CK_CHECK_EQ(position(&a, 590), 1030);
    ck_avsync_free(&a, -2000 * MS, 590 * MS); /* 490 ms: sound still leads */
    CK_CHECK_EQ(position(&a, 590), 1030);
    ck_avsync_free(&a, -2000 * MS, 601 * MS);
    CK_CHECK_EQ(position(&a, 601), 2601);
    ck_avsync_heard(&a, 2700 * MS, 700 * MS);
    CK_CHECK_EQ(position(&a, 710), 2710);
}

CK_TEST(avsync_line, breaks_where_time_leaps)
{
    static const struct {
        enum ck_line_medium medium;
        int64_t ms;
        uint64_t now_ms;
        bool breaks;
    } rows[] = {
        {CK_LINE_SOUND, 3600000, 0, false},
        {CK_LINE_PICTURE, 3590000, 0, false}, /* of its own medium */
        {CK_LINE_SOUND, 3600020, 20, false},
        {CK_LINE_SOUND, 3599020, 40, false}, /* 1 s back */
        {CK_LINE_SOUND, 3605021, 41, false}, /* 5 s ahead, and time passed */
        {CK_LINE_SOUND, 3665040, 60000, false},
        {CK_LINE_SOUND, 3670041, 60000, true},
        {CK_LINE_PICTURE, 0, 60010, false}, /* the break was told */
        {CK_LINE_SOUND, 3669040, 60020, true},
        {CK_LINE_PICTURE, 3669040, 60020, false},
    };
    ck_line l;
    ck_line_init(&l);
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        bool breaks = ck_line_breaks(&l, rows[i].medium, rows[i].ms * MS, rows[i].now_ms * MS);
        CK_CHECK_ROW(i, breaks == rows[i].breaks);
    }
}

CK_TEST(avsync_lead, grows_when_missed_and_shrinks_when_calm)
{
    ck_lead l;
    ck_lead_init(&l, 0);
    CK_CHECK_EQ(ck_lead_us(&l, 0), CK_LEAD_LEAST_US);
    ck_lead_block(&l, 40 * MS);
    CK_CHECK_EQ(ck_lead_us(&l, 0), 50 * MS);
    ck_lead_missed(&l, 1000 * MS);
    ck_lead_missed(&l, 1100 * MS); /* the same trouble */
    CK_CHECK_EQ(ck_lead_us(&l, 1100 * MS), 60 * MS);
    for (uint64_t ms = 2000; ms < 10000; ms += 500) {
        ck_lead_missed(&l, ms * MS);
    }
    CK_CHECK_EQ(ck_lead_us(&l, 10000 * MS), CK_LEAD_MOST_US);
    uint64_t now = 10000 * MS;
    for (int step = 0; step < 100; step++, now += 5000 * MS) {
        (void)ck_lead_us(&l, now);
    }
    CK_CHECK_EQ(ck_lead_us(&l, now), 50 * MS);
    ck_lead_block(&l, 1000 * MS);
    CK_CHECK_EQ(ck_lead_us(&l, now), CK_LEAD_BLOCK_US + 10 * MS);
}
