#include "base/slice.h"

#include "support/alloc.h"
#include "support/check.h"

CK_TEST(slice, a_part_keeps_the_blob_alive)
{
    ck_failing_alloc f;
    ck_failing_alloc_init(&f, 0);
    ck_slice whole = ck_slice_copy(&f.alloc, "chalkrail", 9);
    ck_slice part = ck_slice_part(whole, 5, 100);
    ck_slice_unref(&whole);
    CK_CHECK(whole.data == NULL && whole.size == 0);
    CK_CHECK_EQ(f.live, 1);
    CK_CHECK_EQ(part.size, 4);
    CK_CHECK_MEM(part.data, "rail", 4);
    ck_slice_unref(&part);
    ck_slice_unref(&part);
    CK_CHECK_EQ(f.live, 0);
}

CK_TEST(slice, parts_are_clamped)
{
    ck_slice s = ck_slice_static("abc", 3);
    static const struct {
        size_t offset, size, expected;
    } rows[] = {{0, 3, 3}, {1, 1, 1}, {3, 1, 0}, {4, 4, 0}, {SIZE_MAX, SIZE_MAX, 0}, {2, 9, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_slice part = ck_slice_part(s, rows[i].offset, rows[i].size);
        CK_CHECK_ROW(i, part.size == rows[i].expected && part.data != NULL);
    }
    ck_slice empty = {NULL, NULL, 0};
    CK_CHECK(ck_slice_part(empty, 0, 1).data == NULL);
}

CK_TEST(slice, only_an_unshared_blob_is_writable)
{
    ck_slice s = ck_slice_new(&ck_test_heap, 4);
    uint8_t *bytes = ck_slice_mutable(s);
    CK_CHECK(bytes != NULL && bytes == s.data);
    bytes[3] = 7;
    CK_CHECK_EQ(s.data[3], 7);
    CK_CHECK(ck_slice_mutable(ck_slice_static("abc", 3)) == NULL);
    ck_slice_unref(&s);
    ck_slice none = ck_slice_new(&ck_test_heap, 0);
    CK_CHECK(none.data != NULL && none.size == 0);
    ck_slice_unref(&none);
}

static void count_release(void *owner)
{
    ++*(int *)owner;
}

CK_TEST(slice, wrapped_memory_is_released_once_after_the_last_reference)
{
    int released = 0;
    ck_slice s = ck_slice_wrap(&ck_test_heap, "abc", 3, count_release, &released);
    ck_slice other = ck_slice_ref(s);
    ck_slice_unref(&s);
    CK_CHECK_EQ(released, 0);
    CK_CHECK(ck_slice_mutable(other) == NULL);
    ck_slice_unref(&other);
    CK_CHECK_EQ(released, 1);
}

CK_TEST(slice, exhausted_memory_gives_no_data_and_no_release)
{
    int released = 0;
    for (size_t kind = 0; kind < 4; kind++) {
        ck_failing_alloc f;
        ck_failing_alloc_init(&f, 1);
        ck_slice s = kind == 0   ? ck_slice_new(&f.alloc, 4)
                     : kind == 1 ? ck_slice_copy(&f.alloc, "abcd", 4)
                     : kind == 2 ? ck_slice_new(&f.alloc, SIZE_MAX - 8)
                                 : ck_slice_wrap(&f.alloc, "a", 1, count_release, &released);
        CK_CHECK_ROW(kind, s.data == NULL && s.size == 0 && f.live == 0);
        ck_slice_unref(&s);
    }
    CK_CHECK_EQ(released, 0);
}
