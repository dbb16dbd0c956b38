#include "core/jitter/ask.h"
#include "support/check.h"

#include "base/check.h"

#define MS 1000

static int64_t poll(ck_ask *a, uint64_t now_ms)
{
    int64_t number;
    return ck_ask_poll(a, &number, now_ms * MS) ? number : -1;
}

CK_TEST(jitter_ask, gives_reordering_its_time)
{
    ck_ask a;
    ck_ask_init(&a, 50 * MS);
    ck_ask_arrive(&a, 10, 0);
    ck_ask_arrive(&a, 12, 0);
    CK_CHECK_EQ(poll(&a, 9), -1);
    ck_ask_arrive(&a, 11, 9 * MS);
    CK_CHECK_EQ(poll(&a, 10), -1);
    CK_CHECK(ck_ask_next_deadline(&a) == CK_NEVER);
}

CK_TEST(jitter_ask, asks_each_round_trip_and_not_for_ever)
{
    ck_ask a;
    ck_ask_init(&a, 50 * MS);
    ck_ask_arrive(&a, 10, 0);
    ck_ask_arrive(&a, 13, 0);
    for (uint64_t round = 0; round < CK_ASK_TIMES; round++) {
        uint64_t now = 10 + 50 * round;
        CK_CHECK_EQ(ck_ask_next_deadline(&a), now * MS);
        CK_CHECK_ROW(round, poll(&a, now) == 11);
        CK_CHECK_ROW(round, poll(&a, now) == 12);
        CK_CHECK_ROW(round, poll(&a, now + 49) == -1);
    }
    CK_CHECK_EQ(poll(&a, 10000), -1);
}

CK_TEST(jitter_ask, does_not_ask_for_what_would_be_late)
{
    ck_ask a;
    ck_ask_init(&a, 50 * MS);
    ck_ask_arrive(&a, 10, 0);
    ck_ask_arrive(&a, 14, 0);
    ck_ask_give_up(&a, 13);
    CK_CHECK_EQ(poll(&a, 10), 13);
    CK_CHECK_EQ(poll(&a, 10), -1);
}

CK_TEST(jitter_ask, is_bounded)
{
    ck_ask a;
    ck_ask_init(&a, 0);
    ck_ask_arrive(&a, 0, 0);
    ck_ask_arrive(&a, 1000000000, 0);
    CK_CHECK_EQ(a.count, CK_ASK_MAX);
    CK_CHECK_EQ(poll(&a, 10), 1000000000 - CK_ASK_MAX);
    ck_ask_arrive(&a, 1000000002, 0);
    CK_CHECK_EQ(a.count, CK_ASK_MAX);
    CK_CHECK_EQ(a.missing[CK_ASK_MAX - 1].number, 1000000001);
}
