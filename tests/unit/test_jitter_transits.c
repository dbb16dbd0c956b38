/* The histogram of transits: its quantiles, its window, and how it forgets. */
#include "core/jitter/transits.h"
#include "support/check.h"

#include "base/check.h"
#include "base/rng.h"

#define MS     INT64_C(1000)
#define MEMORY 8000000

static void add(ck_transits *t, int64_t transit_ms, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        ck_transits_add(t, transit_ms * MS, 20 * MS, MEMORY);
    }
}

CK_TEST(jitter_transits, one_packet_is_all_quantiles)
{
    static const int64_t rows[] = {0, 1, 4999, 5000, -1, -5000, 123456789, -123456789};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_transits t;
        ck_transits_init(&t);
        ck_transits_add(&t, rows[i], 0, MEMORY);
        CK_CHECK_ROW(i, ck_transits_above(&t, 500000) > rows[i]);
        CK_CHECK_ROW(i, ck_transits_below(&t, 500000) <= rows[i]);
        CK_CHECK_ROW(i, ck_transits_above(&t, 1) - ck_transits_below(&t, 1) == CK_TRANSITS_BIN_US);
    }
}

CK_TEST(jitter_transits, weighs_by_age)
{
    ck_transits t;
    ck_transits_init(&t);
    add(&t, 100, 400); /* 8 s */
    add(&t, 0, 400);   /* what came before weighs 1/e of it: 27 % */
    CK_CHECK_EQ(ck_transits_above(&t, 200000), 100 * MS + CK_TRANSITS_BIN_US);
    CK_CHECK_EQ(ck_transits_above(&t, 320000), CK_TRANSITS_BIN_US);
    add(&t, 0, 4000);
    CK_CHECK_EQ(ck_transits_above(&t, 1000), CK_TRANSITS_BIN_US);
}

CK_TEST(jitter_transits, the_window_moves_both_ways)
{
    ck_transits t;
    ck_transits_init(&t);
    add(&t, 1000, 10);
    add(&t, 5000, 10); /* what falls out below stays as the lowest */
    int64_t top = 5000 * MS + CK_TRANSITS_BIN_US;
    CK_CHECK_EQ(ck_transits_above(&t, 100000), top);
    CK_CHECK_EQ(ck_transits_below(&t, 100000), top - CK_TRANSITS_BINS * CK_TRANSITS_BIN_US);
    add(&t, 3000, 10);
    CK_CHECK_EQ(ck_transits_above(&t, 100000), top);
    add(&t, -100000, 1); /* far off: another line */
    CK_CHECK_EQ(ck_transits_above(&t, 100000), -100000 * MS + CK_TRANSITS_BIN_US);
}

/* The sum is that of the bins whatever comes, or a quantile would be off for good. */
CK_TEST(jitter_transits, the_sum_is_kept)
{
    ck_transits t;
    ck_rng rng;
    ck_transits_init(&t);
    ck_rng_seed(&rng, 3);
    for (uint32_t i = 0; i < 200000; i++) {
        int64_t transit = (int64_t)ck_rng_below(&rng, 4000000) - 1000000;
        ck_transits_add(&t, transit, ck_rng_below(&rng, 50000), 1 + ck_rng_below(&rng, MEMORY));
        CK_CHECK(t.weight > 0 && t.sum >= t.weight);
    }
    uint64_t sum = 0, around = 0;
    for (int64_t bin = t.low_bin; bin < t.low_bin + CK_TRANSITS_BINS; bin++) {
        uint32_t weight = t.bins[(uint64_t)bin % CK_TRANSITS_BINS];
        sum += weight;
        around += bin < t.first_bin || bin > t.last_bin ? weight : 0;
    }
    CK_CHECK_EQ(sum, t.sum);
    CK_CHECK_EQ(around, 0);
}
