/* alloc, errors, ring and rng. */
#include "base/alloc.h"

#include "base/ring.h"
#include "base/rng.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"

CK_TEST(alloc, new_is_zeroed_and_never_null_for_size_0)
{
    uint8_t *block = ck_new_array(&ck_test_heap, 7, 3);
    CK_CHECK(block != NULL);
    for (size_t i = 0; i < 21; i++) {
        CK_CHECK_ROW(i, block[i] == 0);
    }
    ck_free(&ck_test_heap, block);
    void *empty = ck_new(&ck_test_heap, 0);
    CK_CHECK(empty != NULL);
    ck_free(&ck_test_heap, empty);
    ck_free(&ck_test_heap, NULL);
}

CK_TEST(alloc, array_sizes_that_overflow_are_refused)
{
    ck_failing_alloc f;
    ck_failing_alloc_init(&f, 0);
    CK_CHECK(ck_new_array(&f.alloc, SIZE_MAX / 2, 3) == NULL);
    CK_CHECK(ck_resize_array(&f.alloc, NULL, SIZE_MAX / 8 + 1, 8) == NULL);
    CK_CHECK_EQ(f.calls, 0);
}

CK_TEST(alloc, strdup_copies_and_reports_exhaustion)
{
    ck_failing_alloc f;
    ck_failing_alloc_init(&f, 2);
    char *copy = ck_strdup(&f.alloc, "slate");
    CK_CHECK_STR(copy, "slate");
    CK_CHECK(ck_strdup(&f.alloc, "chalk") == NULL);
    ck_free(&f.alloc, copy);
    CK_CHECK_EQ(f.live, 0);
}

CK_TEST(errors, every_error_has_its_name_text_and_advice)
{
#define ROW(name, value, family, text, advice)                                                     \
    CK_CHECK_EQ(CHALK_ERR_##name, value);                                                          \
    CK_CHECK_STR(chalk_error_name(value), #name);                                                  \
    CK_CHECK_STR(chalk_error_text(value), text);                                                   \
    CK_CHECK_STR(chalk_error_advice(value), advice);
    CHALK_ERROR_LIST(ROW)
#undef ROW
}

CK_TEST(errors, success_and_unknown_values)
{
    CK_CHECK_STR(chalk_error_name(CHALK_OK), "OK");
    CK_CHECK_STR(chalk_error_name(17), "OK");
    CK_CHECK_STR(chalk_error_text(0), "no error");
    CK_CHECK_STR(chalk_error_advice(0), "");
    CK_CHECK_STR(chalk_error_name(-9999), "UNKNOWN");
    CK_CHECK_STR(chalk_error_text(INT32_MIN), "unknown error");
}

CK_TEST(ring, keeps_order_over_the_wrap_and_refuses_when_full)
{
    ck_ring ring;
    uint32_t value = 0;
    uint32_t next_in = 0;
    uint32_t next_out = 0;
    CK_CHECK_EQ(ck_ring_init(&ring, &ck_test_heap, sizeof value, 3), CHALK_OK);
    for (int turn = 0; turn < 10; turn++) {
        while (ck_ring_push(&ring, &next_in)) {
            next_in++;
        }
        CK_CHECK_EQ(ring.count, 3);
        CK_CHECK_EQ(*(uint32_t *)ck_ring_at(&ring, 2), next_in - 1);
        CK_CHECK(ck_ring_at(&ring, 3) == NULL);
        for (int i = 0; i < 2; i++) {
            CK_CHECK(ck_ring_pop(&ring, &value));
            CK_CHECK_EQ(value, next_out++);
        }
    }
    CK_CHECK(ck_ring_pop(&ring, &value));
    CK_CHECK(!ck_ring_pop(&ring, &value));
    ck_ring_free(&ring);
}

CK_TEST(ring, grows_with_its_elements_in_order)
{
    ck_failing_alloc heap;
    ck_failing_alloc_init(&heap, 2);
    ck_ring ring;
    uint32_t value = 0;
    CK_CHECK_EQ(ck_ring_init(&ring, &heap.alloc, sizeof value, 3), CHALK_OK);
    for (uint32_t i = 0; i < 5; i++) { /* so that it wraps */
        (void)(i > 1 && ck_ring_pop(&ring, &value));
        CK_CHECK(ck_ring_push(&ring, &i));
    }
    CK_CHECK_EQ(ring.count, 2);
    CK_CHECK_EQ(ck_ring_grow(&ring, 6), CHALK_ERR_NO_MEMORY);
    CK_CHECK_EQ(ck_ring_grow(&ring, 6), CHALK_OK);
    CK_CHECK_EQ(ck_ring_grow(&ring, 1), CHALK_OK);
    for (uint32_t i = 5; i < 9; i++) {
        CK_CHECK(ck_ring_push(&ring, &i));
    }
    CK_CHECK(!ck_ring_push(&ring, &value));
    for (uint32_t i = 3; i < 9; i++) {
        CK_CHECK(ck_ring_pop(&ring, &value) && value == i);
    }
    ck_ring_free(&ring);
    CK_CHECK_EQ(heap.live, 0);
}

CK_TEST(ring, an_element_can_be_put_back)
{
    ck_ring ring;
    uint32_t value = 0;
    CK_CHECK_EQ(ck_ring_init(&ring, &ck_test_heap, sizeof value, 3), CHALK_OK);
    for (uint32_t turn = 0; turn < 7; turn++) {
        uint32_t front = turn, back = 100 + turn;
        CK_CHECK(ck_ring_push(&ring, &back) && ck_ring_push_front(&ring, &front));
        CK_CHECK(ck_ring_push(&ring, &back) && !ck_ring_push_front(&ring, &front));
        CK_CHECK(ck_ring_pop(&ring, &value) && value == turn);
        CK_CHECK(ck_ring_pop(&ring, &value) && value == 100 + turn);
        CK_CHECK(ck_ring_pop(&ring, &value) && !ck_ring_pop(&ring, &value));
    }
    ck_ring_free(&ring);
}

CK_TEST(ring, bad_sizes_and_exhausted_memory)
{
    ck_ring ring;
    ck_failing_alloc f;
    ck_failing_alloc_init(&f, 1);
    CK_CHECK_EQ(ck_ring_init(&ring, &f.alloc, 0, 3), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_ring_init(&ring, &f.alloc, 4, 0), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_ring_init(&ring, &f.alloc, 4, 3), CHALK_ERR_NO_MEMORY);
    ck_ring_free(&ring);
    CK_CHECK_EQ(f.live, 0);
}

/* The first outputs of xoshiro256** for the state {1, 2, 3, 4}, worked out from its definition. */
CK_TEST(rng, known_sequence)
{
    ck_rng rng = {{1, 2, 3, 4}};
    const uint64_t expected[] = {11520, 0, 1509978240, UINT64_C(1215971899390074240)};
    for (size_t i = 0; i < 4; i++) {
        CK_CHECK_ROW(i, ck_rng_next(&rng) == expected[i]);
    }
}

CK_TEST(rng, same_seed_same_run_other_seed_other_run)
{
    ck_rng a, b, c;
    ck_rng_seed(&a, 7);
    ck_rng_seed(&b, 7);
    ck_rng_seed(&c, 8);
    uint64_t first = ck_rng_next(&a);
    CK_CHECK(first == ck_rng_next(&b));
    CK_CHECK(first != ck_rng_next(&c));
}

CK_TEST(rng, below_covers_its_range_evenly)
{
    ck_rng rng;
    size_t counts[6] = {0};
    ck_rng_seed(&rng, 1);
    CK_CHECK_EQ(ck_rng_below(&rng, 0), 0);
    CK_CHECK_EQ(ck_rng_below(&rng, 1), 0);
    for (int i = 0; i < 60000; i++) {
        counts[ck_rng_below(&rng, 6)]++;
    }
    for (size_t i = 0; i < 6; i++) {
        CK_CHECK_ROW(i, counts[i] > 9500 && counts[i] < 10500);
    }
}

CK_TEST(rng, unit_is_within_0_and_1)
{
    ck_rng rng;
    double sum = 0;
    ck_rng_seed(&rng, 2);
    for (int i = 0; i < 10000; i++) {
        double u = ck_rng_unit(&rng);
        CK_CHECK(u >= 0 && u < 1);
        sum += u;
    }
    CK_CHECK(sum > 4850 && sum < 5150);
}
