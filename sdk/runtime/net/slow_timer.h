/*
 * Deadlines of things that are many and in no hurry, to the second: ten thousand of them share one
 * timer of the loop, and moving one later costs nothing. Private to runtime/net.
 *
 * Thread: loop. Lifetime: the memory is the owner's; the wheel exists while a timer does.
 */
#ifndef CK_RUNTIME_NET_SLOW_TIMER_H
#define CK_RUNTIME_NET_SLOW_TIMER_H

#include "base/list.h"
#include "runtime/net/loop.h"

typedef struct ck_slow_timer ck_slow_timer;

struct ck_slow_timer {
    ck_list node; /* of the slot of a second */
    ck_loop *loop;
    uint64_t due_us; /* CK_NEVER: not set */
    /* At due_us or up to a second later; may end this timer and any other. */
    void (*fn)(ck_slow_timer *timer, uint64_t now_us);
};

/* Not set. CHALK_ERR_NO_MEMORY, CHALK_ERR_CANCELLED: then it needs no end. */
int ck_slow_timer_init(ck_slow_timer *timer, ck_loop *loop,
                       void (*fn)(ck_slow_timer *timer, uint64_t now_us));
void ck_slow_timer_set(ck_slow_timer *timer, uint64_t due_us);
void ck_slow_timer_end(ck_slow_timer *timer); /* one that was never made is accepted: loop NULL */

#endif
