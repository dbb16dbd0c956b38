/* Timers to the second, many of them on one. */
#include "net_support.h"
#include "runtime/net/loop_internal.h"
#include "runtime/net/slow_timer.h"
#include "support/check.h"

typedef struct waiter {
    ck_slow_timer timer; /* first */
    int fired;
    uint64_t at_us;
    struct waiter *victim; /* ended when this one fires */
    uint64_t again_us;     /* set anew for so much later */
} waiter;

static void on_due(ck_slow_timer *timer, uint64_t now_us)
{
    waiter *w = (waiter *)timer;
    w->fired++;
    w->at_us = now_us;
    if (w->victim != NULL) {
        ck_slow_timer_end(&w->victim->timer);
    }
    if (w->again_us > 0) {
        ck_slow_timer_set(timer, now_us + w->again_us);
        w->again_us = 0;
    }
}

static void start(waiter *w, ck_loop *loop, uint64_t after_us)
{
    CK_CHECK_EQ(ck_slow_timer_init(&w->timer, loop, on_due), CHALK_OK);
    ck_slow_timer_set(&w->timer, ck_loop_now_us(loop) + after_us);
}

static bool has_fired(void *arg)
{
    return ((waiter *)arg)->fired > 0;
}

CK_TEST(net_slow_timer, fires_within_a_second_after)
{
    ck_loop *loop = net_loop();
    waiter soon = {0};
    waiter later = {0};
    waiter never = {0};
    uint64_t begin_us = ck_clock_us();
    start(&later, loop, 1100000);
    start(&soon, loop, 10000);
    start(&never, loop, 10000);
    ck_slow_timer_set(&never.timer, CK_NEVER);
    net_wait(loop, has_fired, &soon);
    CK_CHECK(soon.at_us >= begin_us + 10000);
    CK_CHECK(later.fired == 0);
    net_wait(loop, has_fired, &later);
    CK_CHECK(later.at_us >= begin_us + 1100000);
    CK_CHECK_EQ(soon.fired, 1);
    CK_CHECK_EQ(never.fired, 0);
    ck_slow_timer_end(&soon.timer);
    ck_slow_timer_end(&later.timer);
    CK_CHECK(loop->slow != NULL);
    ck_slow_timer_end(&never.timer);
    CK_CHECK(loop->slow == NULL);
    ck_slow_timer_end(&never.timer); /* once more does no harm */
    ck_loop_destroy(&loop);
}

CK_TEST(net_slow_timer, moves_and_may_end_others_and_itself)
{
    ck_loop *loop = net_loop();
    waiter victim = {0};
    waiter killer = {.victim = &victim};
    waiter again = {.again_us = 1};
    waiter moved = {0};
    waiter suicide = {0};
    suicide.victim = &suicide;
    start(&moved, loop, 60 * CK_US_PER_S);
    ck_slow_timer_set(&moved.timer, ck_loop_now_us(loop) + 1); /* earlier */
    start(&killer, loop, 1);
    start(&victim, loop, 1);
    start(&again, loop, 1);
    start(&suicide, loop, 1);
    net_wait(loop, has_fired, &suicide);
    CK_CHECK(moved.fired == 1 && killer.fired == 1 && victim.fired == 0 && again.fired == 1);
    again.fired = 0;
    net_wait(loop, has_fired, &again);
    ck_slow_timer_end(&moved.timer);
    ck_slow_timer_end(&killer.timer);
    waiter last = {0};
    start(&last, loop, 1);
    last.victim = &last;
    ck_slow_timer_end(&again.timer);
    net_wait(loop, has_fired, &last);
    CK_CHECK(loop->slow == NULL);
    ck_loop_destroy(&loop);
}

/* Beyond the wheel a deadline is looked at again when its slot comes round. */
CK_TEST(net_slow_timer, far_deadlines_wait)
{
    ck_loop *loop = net_loop();
    waiter far = {0};
    start(&far, loop, 1000 * (uint64_t)CK_US_PER_S);
    net_settle(loop);
    int32_t wait_ms = ck_loop_poll_timeout_ms(loop);
    CK_CHECK(wait_ms > 60000 && wait_ms <= 65000);
    CK_CHECK_EQ(far.fired, 0);
    ck_slow_timer_end(&far.timer);
    ck_loop_destroy(&loop);
}
