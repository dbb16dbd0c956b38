/*
 * A virtual clock: events in order of time, and of asking where times are equal. Whatever a run
 * does is decided by its seed, in integers, so it repeats bit for bit on every compiler; what
 * happened is folded into a hash that says so.
 */
#ifndef CK_SIM_SIM_H
#define CK_SIM_SIM_H

#include "base/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef void (*ck_sim_fn)(void *user, uint64_t a, uint64_t b);

typedef struct ck_sim_event {
    uint64_t at_us;
    uint64_t order;
    ck_sim_fn fn;
    void *user;
    uint64_t a, b;
} ck_sim_event;

typedef struct ck_sim {
    uint64_t now_us;
    ck_rng rng;
    uint64_t hash;
    uint64_t order;
    ck_sim_event *heap;
    size_t count, size;
} ck_sim;

void ck_sim_init(ck_sim *s, uint64_t seed);
void ck_sim_free(ck_sim *s);
/* A time that has passed means now. Out of memory ends the program. */
void ck_sim_at(ck_sim *s, uint64_t at_us, ck_sim_fn fn, void *user, uint64_t a, uint64_t b);
void ck_sim_run(ck_sim *s, uint64_t until_us);
void ck_sim_note(ck_sim *s, uint64_t value); /* into the hash, with the time */
bool ck_sim_chance(ck_sim *s, uint32_t ppm);

#endif
