/*
 * The seeds of a property or simulation test: 1 to `usual`, or what the environment asks for.
 * CHALKRAIL_SEEDS=N runs 1 to N (`./x sim --props --seeds N`), CHALKRAIL_SEED=S runs S alone, which
 * is how a failure is repeated. A failing check names the seed: CK_CHECK_ROW(seed, ...).
 *
 *     CK_FOR_SEEDS (seed, 200) {
 *         ck_rng_seed(&rng, seed);
 *         ...
 *     }
 */
#ifndef CK_TESTS_SEEDS_H
#define CK_TESTS_SEEDS_H

#include <stdint.h>
#include <stdlib.h>

static inline uint64_t ck_seed_env(const char *name)
{
    const char *text = getenv(name);
    return text != NULL ? strtoull(text, NULL, 10) : 0;
}

static inline uint64_t ck_seed_first(void)
{
    uint64_t only = ck_seed_env("CHALKRAIL_SEED");
    return only != 0 ? only : 1;
}

static inline uint64_t ck_seed_last(uint64_t usual)
{
    uint64_t only = ck_seed_env("CHALKRAIL_SEED");
    uint64_t count = ck_seed_env("CHALKRAIL_SEEDS");
    return only != 0 ? only : count != 0 ? count : usual;
}

#define CK_FOR_SEEDS(seed, usual)                                                                  \
    for (uint64_t seed = ck_seed_first(), ck_seed_end_ = ck_seed_last(usual);                      \
         seed <= ck_seed_end_; seed++)

#endif
