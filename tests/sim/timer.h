/* The one time at which an object wants to be called: setting it again moves it. */
#ifndef CK_SIM_TIMER_H
#define CK_SIM_TIMER_H

#include "sim/sim.h"

typedef struct ck_sim_timer {
    ck_sim *sim;
    ck_sim_fn fn;
    void *user;
    uint64_t at_us;      /* UINT64_MAX: never */
    uint64_t pending_us; /* of the earliest event under way; UINT64_MAX: none */
} ck_sim_timer;

void ck_sim_timer_init(ck_sim_timer *t, ck_sim *sim, ck_sim_fn fn, void *user);
void ck_sim_timer_set(ck_sim_timer *t, uint64_t at_us);

#endif
