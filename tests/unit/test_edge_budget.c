/* The counted allocator. */
#include "edge/budget.h"

#include "base/rng.h"
#include "support/alloc.h"
#include "support/check.h"

CK_TEST(edge_budget, it_counts_and_refuses)
{
    ck_failing_alloc memory;
    ck_budget budget;
    ck_failing_alloc_init(&memory, 0);
    ck_budget_init(&budget, &memory.alloc, 1000);
    void *a = ck_new(&budget.alloc, 600);
    CK_CHECK(a != NULL && budget.used_bytes == 600);
    CK_CHECK(ck_new(&budget.alloc, 401) == NULL);
    CK_CHECK_EQ(budget.refused_count, 1);
    CK_CHECK_EQ(budget.used_bytes, 600);
    a = ck_resize_array(&budget.alloc, a, 1, 1000);
    CK_CHECK(a != NULL && budget.used_bytes == 1000);
    CK_CHECK(ck_resize_array(&budget.alloc, a, 1, 1001) == NULL);
    a = ck_resize_array(&budget.alloc, a, 1, 10);
    CK_CHECK(a != NULL && budget.used_bytes == 10);
    ck_free(&budget.alloc, a);
    CK_CHECK_EQ(budget.used_bytes, 0);
    CK_CHECK_EQ(memory.live, 0);
}

CK_TEST(edge_budget, contents_and_counts_survive_any_order)
{
    ck_failing_alloc memory;
    ck_budget budget;
    ck_rng rng;
    uint8_t *blocks[32] = {NULL};
    size_t sizes[32] = {0};
    uint64_t sum = 0;
    ck_failing_alloc_init(&memory, 0);
    ck_budget_init(&budget, &memory.alloc, 8000);
    ck_rng_seed(&rng, 1);
    for (int step = 0; step < 20000; step++) {
        size_t i = (size_t)ck_rng_below(&rng, 32);
        size_t size = (size_t)ck_rng_below(&rng, 600);
        uint8_t *block = budget.alloc.resize(budget.alloc.user, blocks[i], size);
        if (block == NULL && size > 0) {
            CK_CHECK(sum - sizes[i] + size > 8000);
            continue;
        }
        size_t kept = size < sizes[i] ? size : sizes[i];
        for (size_t at = 0; at < kept; at++) {
            CK_CHECK_EQ(block[at], i);
        }
        if (size > 0) {
            memset(block, (int)i, size);
        }
        sum += size - sizes[i];
        blocks[i] = block;
        sizes[i] = size;
        CK_CHECK_EQ(budget.used_bytes, sum);
    }
    for (size_t i = 0; i < 32; i++) {
        ck_free(&budget.alloc, blocks[i]);
    }
    CK_CHECK_EQ(budget.used_bytes, 0);
    CK_CHECK_EQ(memory.live, 0);
}
