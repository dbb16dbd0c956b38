#include "base/rng.h"

static uint64_t rotate_left(uint64_t x, int bits)
{
    return x << bits | x >> (64 - bits);
}

static uint64_t split_mix_64(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

void ck_rng_seed(ck_rng *r, uint64_t seed)
{
    for (int i = 0; i < 4; i++) {
        r->state[i] = split_mix_64(&seed);
    }
}

uint64_t ck_rng_next(ck_rng *r)
{
    uint64_t *s = r->state;
    uint64_t result = rotate_left(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint64_t ck_rng_below(ck_rng *r, uint64_t bound)
{
    if (bound == 0) {
        return 0;
    }
    /* 2^64 is rarely a multiple of the bound: the lowest (2^64 mod bound) values would come up
     * once too often, so they are drawn again. */
    uint64_t surplus = (0 - bound) % bound;
    uint64_t value;
    do {
        value = ck_rng_next(r);
    } while (value < surplus);
    return value % bound;
}

double ck_rng_unit(ck_rng *r)
{
    return (double)(ck_rng_next(r) >> 11) * 0x1.0p-53;
}
