#include "base/alloc.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool product_fits(size_t n, size_t size)
{
    return size == 0 || n <= SIZE_MAX / size;
}

void *ck_new(const ck_alloc *a, size_t size)
{
    /* Size 0 would mean "free" to the allocator, and NULL must mean exhausted and nothing else. */
    size_t wanted = size > 0 ? size : 1;
    void *memory = a->resize(a->user, NULL, wanted);
    if (memory != NULL) {
        memset(memory, 0, wanted);
    }
    return memory;
}

void *ck_new_array(const ck_alloc *a, size_t n, size_t size)
{
    return product_fits(n, size) ? ck_new(a, n * size) : NULL;
}

void *ck_resize_array(const ck_alloc *a, void *ptr, size_t n, size_t size)
{
    return product_fits(n, size) ? a->resize(a->user, ptr, n * size) : NULL;
}

void ck_free(const ck_alloc *a, void *ptr)
{
    if (ptr != NULL) {
        a->resize(a->user, ptr, 0);
    }
}

char *ck_strdup(const ck_alloc *a, const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = a->resize(a->user, NULL, size);
    if (copy != NULL) {
        memcpy(copy, text, size);
    }
    return copy;
}
