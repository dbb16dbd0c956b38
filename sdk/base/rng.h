/*
 * Seeded pseudo-random numbers (xoshiro256**, Blackman and Vigna 2018, seeded by SplitMix64). The
 * same seed gives the same run on every machine. Not for secrets: those come from runtime/os.
 */
#ifndef CK_BASE_RNG_H
#define CK_BASE_RNG_H

#include <stdint.h>

typedef struct ck_rng {
    uint64_t state[4];
} ck_rng;

void ck_rng_seed(ck_rng *r, uint64_t seed);
uint64_t ck_rng_next(ck_rng *r);
uint64_t ck_rng_below(ck_rng *r, uint64_t bound); /* 0 .. bound-1 without bias; 0 for bound 0 */
double ck_rng_unit(ck_rng *r);                    /* [0, 1) */

#endif
