/* Room time from round trips. */
#include "core/clock/clock.h"
#include "support/check.h"

#include "base/check.h"

#define ROOM UINT64_C(1763600000000000)

/* A round trip that began at `sent`: `up` there and `down` back, at an edge that is ROOM ahead. */
static void trip(ck_clock *c, uint64_t sent, uint64_t up, uint64_t down)
{
    ck_clock_feed(c, sent, ROOM + sent + up, sent + up + down);
}

CK_TEST(clock, the_least_delayed_wins)
{
    ck_clock c;
    ck_clock_init(&c);
    CK_CHECK(ck_clock_room(&c, 5) == 0);
    trip(&c, 1000000, 300000, 10000); /* lopsided: 145 ms ahead */
    CK_CHECK(ck_clock_room(&c, 1400000) == ROOM + 1400000 + 145000);
    CK_CHECK(ck_clock_error_us(&c) == 155000);
    trip(&c, 1400000, 10000, 10000);
    trip(&c, 1500000, 200000, 10000);
    CK_CHECK_EQ(ck_clock_rtt_us(&c), 20000);
    /* Slewed by 2 %, so 145 ms take 7.25 s; until then it goes on, only slower. */
    uint64_t before = ck_clock_room(&c, 2000000);
    uint64_t after = ck_clock_room(&c, 3000000);
    CK_CHECK_EQ(after - before, 980000);
    CK_CHECK(ck_clock_room(&c, 10000000) == ROOM + 10000000);
}

CK_TEST(clock, never_goes_back_and_never_steps)
{
    ck_clock c;
    ck_clock_init(&c);
    uint64_t last = 0, now = 1000000;
    trip(&c, now, 5000, 5000);
    for (int i = 0; i < 2000; i++) {
        now += 10000;
        if (i % 50 == 0) { /* an edge whose clock was set back and forth */
            int64_t off = i % 100 == 0 ? -3000000 : 2000000;
            ck_clock_feed(&c, now - 4000, (uint64_t)((int64_t)(ROOM + now) + off), now);
        }
        uint64_t room = ck_clock_room(&c, now);
        CK_CHECK_ROW(i, room >= last);
        CK_CHECK_ROW(i, last == 0 || room - last <= 10200);
        last = room;
    }
}

CK_TEST(clock, a_machine_that_slept_is_set_forward)
{
    ck_clock c;
    ck_clock_init(&c);
    trip(&c, 1000000, 1000, 1000);
    uint64_t hour = UINT64_C(3600000000);
    ck_clock_feed(&c, 2000000, ROOM + hour + 2001000, 2002000);
    ck_clock_feed(&c, 70000000, ROOM + hour + 70000500, 70001000); /* the old sample is too old */
    CK_CHECK(ck_clock_room(&c, 70001000) == ROOM + hour + 70001000);
}

CK_TEST(clock, nonsense_is_ignored)
{
    static const struct {
        uint64_t sent, room, now;
    } rows[] = {
        {2000000, ROOM, 1000000},
        {1, UINT64_MAX, 2},
        {1, INT64_MAX - 1, 2}, /* with a true one, farther apart than can be told */
        {UINT64_MAX - 1, ROOM, UINT64_MAX},
        {0, ROOM, 0},
    };
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        ck_clock c;
        ck_clock_init(&c);
        ck_clock_feed(&c, rows[row].sent, rows[row].room, rows[row].now);
        CK_CHECK_ROW(row, !ck_clock_is_set(&c) && ck_clock_room(&c, 3000000) == 0);
    }
}
