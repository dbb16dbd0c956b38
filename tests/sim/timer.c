#include "sim/timer.h"

#include "base/time.h"

void ck_sim_timer_init(ck_sim_timer *t, ck_sim *sim, ck_sim_fn fn, void *user)
{
    *t = (ck_sim_timer){sim, fn, user, CK_NEVER, CK_NEVER};
}

static void on_event(void *timer, uint64_t pending_us, uint64_t b)
{
    (void)b;
    ck_sim_timer *t = timer;
    if (t->pending_us != pending_us) {
        return; /* one that was set earlier has taken its place */
    }
    t->pending_us = CK_NEVER;
    if (t->at_us <= t->sim->now_us) {
        t->at_us = CK_NEVER;
        t->fn(t->user, 0, 0);
    } else {
        ck_sim_timer_set(t, t->at_us);
    }
}

/* A later time waits for the event that is under way: most are moved on before they are due. */
void ck_sim_timer_set(ck_sim_timer *t, uint64_t at_us)
{
    t->at_us = at_us;
    if (at_us != CK_NEVER && at_us < t->pending_us) {
        t->pending_us = at_us > t->sim->now_us ? at_us : t->sim->now_us;
        ck_sim_at(t->sim, t->pending_us, on_event, t, t->pending_us, 0);
    }
}
