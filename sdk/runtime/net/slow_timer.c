/*
 * A wheel of one-second slots. A timer sits in the slot of the second after its deadline, or of an
 * earlier second: then it is put on when its slot comes round. One timer of the loop is set for
 * the first slot that is not empty.
 */
#include "runtime/net/slow_timer.h"

#include "base/check.h"
#include "runtime/net/loop_internal.h"

#define SLOTS 64u /* seconds; a deadline further away is looked at once in that time */

struct ck_slow_wheel {
    ck_loop *loop;
    ck_timer *timer;
    size_t timers;
    uint64_t done_s;  /* slots up to this second are empty */
    uint64_t armed_s; /* what `timer` is set to; CK_NEVER: not set */
    ck_list slots[SLOTS];
};

static uint64_t second_of(uint64_t time_us)
{
    return time_us / CK_US_PER_S;
}

static void arm(ck_slow_wheel *wheel, uint64_t second)
{
    if (second < wheel->armed_s) {
        wheel->armed_s = second;
        ck_timer_set(wheel->timer, second * CK_US_PER_S);
    }
}

static void put(ck_slow_wheel *wheel, ck_slow_timer *timer)
{
    uint64_t first_s = wheel->done_s + 1;
    uint64_t last_s = wheel->done_s + SLOTS;
    uint64_t second = CK_CLAMP(second_of(timer->due_us) + 1, first_s, last_s);
    ck_list_append(&wheel->slots[second % SLOTS], &timer->node);
    arm(wheel, second);
}

static void arm_next(ck_slow_wheel *wheel)
{
    wheel->armed_s = CK_NEVER;
    for (uint64_t second = wheel->done_s + 1; second <= wheel->done_s + SLOTS; second++) {
        if (!ck_list_is_empty(&wheel->slots[second % SLOTS])) {
            arm(wheel, second);
            return;
        }
    }
}

static void free_wheel(ck_slow_wheel *wheel)
{
    wheel->loop->slow = NULL;
    ck_timer_destroy(&wheel->timer);
    ck_free(wheel->loop->alloc, wheel);
}

static void run_slot(ck_slow_wheel *wheel, ck_list *slot, uint64_t now_us)
{
    ck_list due;
    ck_list_move(slot, &due);
    while (!ck_list_is_empty(&due)) {
        ck_slow_timer *timer = CK_LIST_OWNER(due.next, ck_slow_timer, node);
        ck_list_remove(&timer->node);
        if (timer->due_us > now_us) {
            put(wheel, timer);
        } else {
            timer->due_us = CK_NEVER;
            timer->fn(timer, now_us);
        }
    }
}

static void on_timer(void *user, uint64_t now_us)
{
    ck_slow_wheel *wheel = user;
    uint64_t from_s = wheel->done_s + 1;
    uint64_t to_s = CK_MIN(second_of(now_us), wheel->done_s + SLOTS);
    wheel->timers++; /* stays while its timers are called, whatever they end */
    wheel->done_s = second_of(now_us);
    for (uint64_t second = from_s; second <= to_s; second++) {
        run_slot(wheel, &wheel->slots[second % SLOTS], now_us);
    }
    if (--wheel->timers == 0) {
        free_wheel(wheel);
    } else {
        arm_next(wheel);
    }
}

static int make_wheel(ck_loop *loop)
{
    ck_slow_wheel *wheel = ck_new(loop->alloc, sizeof *wheel);
    if (wheel == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    int status = ck_timer_create(loop, on_timer, wheel, &wheel->timer);
    if (status < 0) {
        ck_free(loop->alloc, wheel);
        return status;
    }
    wheel->loop = loop;
    wheel->done_s = second_of(ck_loop_now_us(loop));
    wheel->armed_s = CK_NEVER;
    for (size_t i = 0; i < SLOTS; i++) {
        ck_list_init(&wheel->slots[i]);
    }
    loop->slow = wheel;
    return CHALK_OK;
}

int ck_slow_timer_init(ck_slow_timer *timer, ck_loop *loop,
                       void (*fn)(ck_slow_timer *timer, uint64_t now_us))
{
    int status = loop->slow != NULL ? CHALK_OK : make_wheel(loop);
    if (status < 0) {
        return status;
    }
    *timer = (ck_slow_timer){.loop = loop, .due_us = CK_NEVER, .fn = fn};
    ck_list_init(&timer->node);
    loop->slow->timers++;
    return CHALK_OK;
}

void ck_slow_timer_set(ck_slow_timer *timer, uint64_t due_us)
{
    /* Later than its slot: it is put on when that comes round. */
    bool stays = ck_list_is_linked(&timer->node) && due_us >= timer->due_us;
    timer->due_us = due_us;
    if (!stays || due_us == CK_NEVER) {
        ck_list_remove(&timer->node);
        if (due_us != CK_NEVER) {
            put(timer->loop->slow, timer);
        }
    }
}

void ck_slow_timer_end(ck_slow_timer *timer)
{
    ck_loop *loop = timer->loop;
    if (loop != NULL) {
        ck_list_remove(&timer->node);
        timer->loop = NULL;
        if (--loop->slow->timers == 0) {
            free_wheel(loop->slow);
        }
    }
}
