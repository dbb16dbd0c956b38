/* On its own, so that a program with a heap of another kind (oom_heap.c) does not meet it. */
#include "support/alloc.h"

#include <stdlib.h>

static void *heap_resize(void *user, void *ptr, size_t size)
{
    (void)user;
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, size);
}

const ck_alloc ck_test_heap = {heap_resize, NULL};
