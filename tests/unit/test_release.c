/* Events that wait for their moment. */
#include "chalkrail/errors.h"
#include "core/replica/release.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"
#include "base/time.h"

#define S UINT64_C(1000000)

static void push(ck_release *r, uint64_t number, uint64_t origin_us, size_t size, uint64_t now_us)
{
    static uint8_t text[CK_DATA_MAX];
    const ck_event event = {
        .kind = CK_EVENT_CHAT, .number = number, .origin_us = origin_us, .data = {text, size}};
    CK_CHECK_EQ(ck_release_push(r, &event, now_us), CHALK_OK);
}

/* The number that comes out, and how; 0: none. */
static uint64_t pop(ck_release *r, uint64_t now_us, enum ck_release_how *how, uint64_t *late_us)
{
    ck_released out;
    if (!ck_release_pop(r, now_us, &out)) {
        return 0;
    }
    ck_free(r->alloc, out.bytes);
    *how = out.how;
    *late_us = out.late_us;
    return out.event.number;
}

CK_TEST(release, in_order_by_the_largest_origin_so_far)
{
    ck_release r;
    enum ck_release_how how;
    uint64_t late;
    ck_release_init(&r, &ck_test_heap);
    ck_release_playing(&r, 100 * S, 10 * S);
    push(&r, 1, 102 * S, 0, 10 * S);
    push(&r, 2, 101 * S, 0, 10 * S); /* said earlier, ordered later */
    push(&r, 3, 103 * S, 0, 10 * S);
    CK_CHECK(pop(&r, 10 * S, &how, &late) == 0);
    CK_CHECK(ck_release_next_deadline(&r) == 70 * S); /* playout must be told first */
    ck_release_playing(&r, 101 * S + S / 2, 11 * S + S / 2);
    CK_CHECK(pop(&r, 11 * S + S / 2, &how, &late) == 0);
    ck_release_playing(&r, 101 * S + S * 9 / 10, 12 * S);
    CK_CHECK(ck_release_next_deadline(&r) == 12 * S + S / 10);
    CK_CHECK(pop(&r, 12 * S + S / 10, &how, &late) == 1 && how == CK_RELEASE_IN_STEP && late == 0);
    CK_CHECK(pop(&r, 12 * S + S / 8, &how, &late) == 2 && late == S / 8 - S / 10);
    CK_CHECK(pop(&r, 12 * S + S / 8, &how, &late) == 0);
    ck_release_free(&r);
}

CK_TEST(release, playout_without_news_is_not_trusted_for_long)
{
    ck_release r;
    enum ck_release_how how;
    uint64_t late;
    ck_release_init(&r, &ck_test_heap);
    ck_release_playing(&r, 100 * S, 10 * S);
    push(&r, 1, 101 * S, 0, 10 * S);
    CK_CHECK(pop(&r, 30 * S, &how, &late) == 0); /* it has stalled */
    CK_CHECK(pop(&r, 70 * S, &how, &late) == 1 && how == CK_RELEASE_BOUND);
    ck_release_free(&r);
}

CK_TEST(release, a_jump_lets_all_go_and_what_comes_then_waits)
{
    static const struct {
        uint64_t room_us, now_us;
        bool jumps;
    } rows[] = {
        {100 * S + 500000, 10 * S + 500000, false},
        {100 * S + 100000, 12 * S, false}, /* slow is no jump */
        {102 * S, 10 * S + 500000, true},
        {98 * S, 10 * S + 500000, true},
        {99 * S + 500000, 10 * S + 500000, false}, /* a little back: what a player corrects */
        {0, 10 * S + 500000, true},                /* the stream is gone */
    };
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        ck_release r;
        enum ck_release_how how;
        uint64_t late;
        ck_release_init(&r, &ck_test_heap);
        ck_release_playing(&r, 100 * S, 10 * S);
        push(&r, 1, 150 * S, 0, 10 * S);
        push(&r, 2, 150 * S, 0, 10 * S);
        if (rows[row].room_us == 0) {
            ck_release_unfollow(&r);
        } else {
            ck_release_playing(&r, rows[row].room_us, rows[row].now_us);
        }
        push(&r, 3, 150 * S, 0, 10 * S);
        for (uint64_t number = 1; number <= 2 && rows[row].jumps; number++) {
            CK_CHECK_ROW(row, pop(&r, rows[row].now_us, &how, &late) == number);
            CK_CHECK_ROW(row, how == CK_RELEASE_JUMP);
        }
        uint64_t then = pop(&r, rows[row].now_us, &how, &late);
        CK_CHECK_ROW(row, then == (rows[row].room_us == 0 ? 3u : 0u));
        ck_release_free(&r);
    }
}

CK_TEST(release, holds_no_more_than_4_mb)
{
    ck_release r;
    enum ck_release_how how = CK_RELEASE_LIVE;
    uint64_t late, out = 0;
    ck_release_init(&r, &ck_test_heap);
    ck_release_playing(&r, 100 * S, 10 * S);
    for (uint64_t number = 1; number <= 400; number++) {
        push(&r, number, 200 * S, CK_DATA_MAX, 10 * S);
        while (pop(&r, 10 * S, &how, &late) != 0) {
            out++;
            CK_CHECK(how == CK_RELEASE_BOUND);
        }
        CK_CHECK(r.bytes <= CK_RELEASE_MAX_BYTES);
    }
    CK_CHECK(out > 100 && out < 200);
    ck_release_free(&r);
}

CK_TEST(release, follows_nothing_holds_nothing)
{
    ck_release r;
    enum ck_release_how how;
    uint64_t late;
    ck_release_init(&r, &ck_test_heap);
    push(&r, 1, 500 * S, 0, 10 * S);
    CK_CHECK(ck_release_next_deadline(&r) <= 10 * S);
    CK_CHECK(pop(&r, 10 * S, &how, &late) == 1 && how == CK_RELEASE_LIVE);
    CK_CHECK(ck_release_next_deadline(&r) == CK_NEVER);
    ck_release_free(&r);
}
