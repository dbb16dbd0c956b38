#include "runtime/media/stamp_clock.h"

#include "support/check.h"

#include "chalkrail/errors.h"
#include "runtime/os/os.h"

#define S UINT64_C(1000000)

/* As far as the room's clock is off this machine's. */
static void check_slew(int64_t off_us, int64_t after_a_second_us, bool confirmed)
{
    ck_stamp_clock c;
    bool is_room = true;
    CK_CHECK_EQ(ck_stamp_clock_init(&c), CHALK_OK);
    uint64_t now_us = ck_clock_us();
    uint64_t first_us = ck_stamp_clock_at(&c, now_us, now_us, &is_room);
    CK_CHECK(!is_room);
    int64_t wall_us = (int64_t)(first_us - ck_wall_us());
    CK_CHECK(wall_us > -1000000 && wall_us < 1000000);
    ck_stamp_clock_set(&c, first_us + (uint64_t)off_us, now_us);
    uint64_t next_us = ck_stamp_clock_at(&c, now_us + S, now_us + S, &is_room);
    CK_CHECK_EQ((int64_t)(next_us - first_us - S), after_a_second_us);
    CK_CHECK_EQ(is_room, confirmed);
    ck_stamp_clock_free(&c);
}

CK_TEST(media_stamps, what_was_told_is_not_taken_back_at_once)
{
    check_slew(0, 0, true);
    check_slew(5000, 5000, true);
    check_slew(-15000, -15000, true);
    check_slew(25000, 20000, true); /* 2 % of a second; what is left is little */
    check_slew(2000000, 20000, false);
    check_slew(-2000000, -20000, false);
    check_slew(60000000, 60000000, true);
    check_slew(-60000000, -60000000, true);
}

CK_TEST(media_stamps, a_room_that_is_known_before_is_told_at_once)
{
    ck_stamp_clock c;
    bool confirmed = false;
    CK_CHECK_EQ(ck_stamp_clock_init(&c), CHALK_OK);
    ck_stamp_clock_set(&c, 7000 * S, 100 * S);
    CK_CHECK_EQ(ck_stamp_clock_at(&c, 99 * S, 100 * S, &confirmed), 6999 * S); /* captured before */
    CK_CHECK(confirmed);
    ck_stamp_clock_free(&c);
}
