/* Any split of the input, and of the taking, gives the same sound. */
#include "chalkrail/errors.h"
#include "core/stretch/conceal.h"
#include "core/stretch/stretch.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/seeds.h"

#include "base/check.h"
#include "base/rng.h"

#include <math.h>

#define RATE  16000
#define COUNT RATE

static float in[COUNT * 2], whole[COUNT * 4], split[COUNT * 4];

static void fill(ck_rng *rng)
{
    double hz = 80 + 200 * ck_rng_unit(rng);
    double noise = ck_rng_unit(rng) * 0.2;
    for (size_t i = 0; i < CK_COUNT_OF(in); i++) {
        double t = (double)(i / 2) / RATE;
        double y = sin(6.2831853 * hz * t) + 0.5 * sin(6.2831853 * 3 * hz * t + 1);
        in[i] = (float)(0.4 * y + noise * (ck_rng_unit(rng) - 0.5));
    }
}

static size_t run(float *out, uint32_t channels, uint32_t speed, ck_rng *pieces)
{
    ck_stretch *s = NULL;
    CK_CHECK_EQ(ck_stretch_create(&ck_test_heap, RATE, channels, &s), CHALK_OK);
    for (uint32_t put = 0; put < COUNT;) {
        uint32_t piece = pieces != NULL ? (uint32_t)ck_rng_below(pieces, 1000) : COUNT;
        piece = CK_MIN(piece, COUNT - put);
        CK_CHECK_EQ(ck_stretch_put(s, in + (size_t)put * channels, piece), CHALK_OK);
        put += piece;
    }
    size_t made = 0;
    while (ck_stretch_held(s) > 0) {
        uint32_t piece = pieces != NULL ? 1 + (uint32_t)ck_rng_below(pieces, 700) : 160;
        made += ck_stretch_take(s, out + made * channels, piece, speed);
        CK_CHECK(made <= COUNT * 2);
    }
    ck_stretch_destroy(&s);
    return made;
}

CK_TEST(stretch_any, splits_do_not_matter)
{
    CK_FOR_SEEDS(seed, 40)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        fill(&rng);
        uint32_t channels = 1 + (uint32_t)ck_rng_below(&rng, 2);
        uint32_t speed = 700 + (uint32_t)ck_rng_below(&rng, 600);
        size_t a = run(whole, channels, speed, NULL);
        size_t b = run(split, channels, speed, &rng);
        CK_CHECK_ROW(seed, a == b);
        CK_CHECK_ROW(seed, memcmp(whole, split, a * channels * sizeof *whole) == 0);
    }
}

CK_TEST(conceal_any, a_gap_can_be_asked_for_in_pieces)
{
    CK_FOR_SEEDS(seed, 40)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        fill(&rng);
        ck_conceal *a = NULL, *b = NULL;
        CK_CHECK_EQ(ck_conceal_create(&ck_test_heap, RATE, 2, seed, &a), CHALK_OK);
        CK_CHECK_EQ(ck_conceal_create(&ck_test_heap, RATE, 2, seed, &b), CHALK_OK);
        memcpy(whole, in, sizeof in);
        ck_conceal_good(a, whole, COUNT / 2);
        ck_conceal_good(b, whole, COUNT / 2);
        ck_conceal_lost(a, whole, 4000);
        for (uint32_t done = 0; done < 4000;) {
            uint32_t piece = CK_MIN(1 + (uint32_t)ck_rng_below(&rng, 900), 4000 - done);
            ck_conceal_lost(b, split + (size_t)done * 2, piece);
            done += piece;
        }
        CK_CHECK_ROW(seed, memcmp(whole, split, 4000 * 2 * sizeof *whole) == 0);
        ck_conceal_destroy(&a);
        ck_conceal_destroy(&b);
    }
}

/* Any samples, not only sound: what is made up is finite and in range. */
CK_TEST(conceal_any, stays_in_range)
{
    CK_FOR_SEEDS(seed, 40)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        ck_conceal *c = NULL;
        CK_CHECK_EQ(ck_conceal_create(&ck_test_heap, RATE, 1, seed, &c), CHALK_OK);
        for (int i = 0; i < 60; i++) {
            uint32_t count = 1 + (uint32_t)ck_rng_below(&rng, 900);
            for (uint32_t k = 0; k < count; k++) {
                uint64_t dice = ck_rng_below(&rng, 4);
                whole[k] = dice == 0 ? 1.0f : dice == 1 ? -1.0f : (float)ck_rng_unit(&rng);
            }
            if (ck_rng_below(&rng, 3) == 0) {
                ck_conceal_lost(c, whole, count);
            } else {
                ck_conceal_good(c, whole, count);
            }
            for (uint32_t k = 0; k < count; k++) {
                CK_CHECK_ROW(seed, whole[k] >= -1.01f && whole[k] <= 1.01f);
            }
        }
        ck_conceal_destroy(&c);
    }
}
