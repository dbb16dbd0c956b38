/* The time line of segments, and its pace. */
#include "core/m3u8/line.h"

#include "base/check.h"
#include "support/check.h"

#define MS    INT64_C(1000)
#define BEGIN (1000 * MS)

CK_TEST(hls_line, one_axis_over_segments_and_breaks)
{
    ck_hls_line l;
    ck_hls_line_init(&l);
    ck_hls_line_segment(&l, false, true, -1);
    ck_hls_time t = ck_hls_line_time(&l, 10000 * MS, 10080 * MS);
    CK_CHECK(t.dts_us == BEGIN && t.pts_us == BEGIN + 80 * MS && t.room_us == 0);
    t = ck_hls_line_time(&l, 10040 * MS, 10040 * MS);
    CK_CHECK_EQ(t.dts_us, BEGIN + 40 * MS);
    ck_hls_line_segment(&l, false, true, -1); /* the next one goes on */
    t = ck_hls_line_time(&l, 10080 * MS, 10080 * MS);
    CK_CHECK_EQ(t.dts_us, BEGIN + 80 * MS);
    ck_hls_line_segment(&l, true, true, -1); /* a break: one step behind the last */
    t = ck_hls_line_time(&l, 500 * MS, 500 * MS);
    CK_CHECK_EQ(t.dts_us, BEGIN + 120 * MS);
    t = ck_hls_line_time(&l, 540 * MS, 540 * MS);
    CK_CHECK_EQ(t.dts_us, BEGIN + 160 * MS);
    t = ck_hls_line_time(&l, 90000 * MS, 90000 * MS); /* one that nobody announced */
    CK_CHECK_EQ(t.dts_us, BEGIN + 200 * MS);
}

CK_TEST(hls_line, stamps_of_mpeg_ts_wrap)
{
    ck_hls_line l;
    ck_hls_line_init(&l);
    ck_hls_line_segment(&l, false, true, -1);
    int64_t stamp = CK_HLS_WRAP_US - 100 * MS;
    for (int i = 0; i < 10; i++) {
        ck_hls_time t = ck_hls_line_time(&l, stamp % CK_HLS_WRAP_US, stamp % CK_HLS_WRAP_US);
        CK_CHECK_EQ(t.dts_us, BEGIN + i * 40 * MS);
        stamp += 40 * MS;
    }
    /* Back over the edge: a picture before the sound that came first. */
    CK_CHECK_EQ(ck_hls_line_time(&l, CK_HLS_WRAP_US - 20 * MS, 0).dts_us, BEGIN + 80 * MS);
}

CK_TEST(hls_line, dates_of_the_playlist)
{
    ck_hls_line l;
    ck_hls_line_init(&l);
    ck_hls_line_segment(&l, false, false, 5000000 * MS);
    CK_CHECK_EQ(ck_hls_line_time(&l, 0, 80 * MS).room_us, 5000000 * MS);
    CK_CHECK_EQ(ck_hls_line_time(&l, 40 * MS, 120 * MS).room_us, 5000040 * MS);
    ck_hls_line_segment(&l, false, false, -1); /* not said again: goes on */
    CK_CHECK_EQ(ck_hls_line_time(&l, 80 * MS, 160 * MS).room_us, 5000080 * MS);
    ck_hls_line_segment(&l, true, false, -1); /* not known behind a break */
    CK_CHECK_EQ(ck_hls_line_time(&l, 0, 0).room_us, 0);
    ck_hls_line_segment(&l, false, false, 6000000 * MS);
    CK_CHECK_EQ(ck_hls_line_time(&l, 40 * MS, 40 * MS).room_us, 6000000 * MS);
}

CK_TEST(hls_line, stamps_from_anywhere)
{
    static const int64_t stamps[] = {INT64_MIN, INT64_MAX, 0, -1, INT64_MIN + 1, 1, INT64_MAX};
    ck_hls_line l;
    ck_hls_line_init(&l);
    int64_t before = 0;
    for (size_t i = 0; i < CK_COUNT_OF(stamps) * CK_COUNT_OF(stamps); i++) {
        ck_hls_line_segment(&l, i % 3 == 0, i % 2 == 0, stamps[i % CK_COUNT_OF(stamps)]);
        ck_hls_time t =
            ck_hls_line_time(&l, stamps[i % CK_COUNT_OF(stamps)], stamps[i / CK_COUNT_OF(stamps)]);
        CK_CHECK_ROW(i, t.dts_us > before - 20000 * MS && t.dts_us < before + 20000 * MS);
        CK_CHECK_ROW(i, t.room_us >= 0);
        before = t.dts_us;
    }
}

CK_TEST(hls_pace, packets_leave_as_if_they_came_live)
{
    ck_hls_pace p = {0};
    CK_CHECK_EQ(ck_hls_pace_due(&p, 1000 * MS, 5000000), 5000000);
    CK_CHECK_EQ(ck_hls_pace_due(&p, 1040 * MS, 5000000), 5040000);
    CK_CHECK_EQ(ck_hls_pace_due(&p, 980 * MS, 5000000), 5000000); /* before the first: at once */
    CK_CHECK_EQ(ck_hls_pace_due(&p, 1080 * MS, 5200000),
                5080000); /* a little late: it catches up */
    /* The segment came too late: from here on at its own distance. */
    CK_CHECK_EQ(ck_hls_pace_due(&p, 1120 * MS, 7000000), 7000000);
    CK_CHECK_EQ(ck_hls_pace_due(&p, 1160 * MS, 7000000), 7040000);
}
