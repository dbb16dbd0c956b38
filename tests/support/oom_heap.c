/*
 * The heaps of a test program. An object that defines ck_heap, linked before the library, takes the
 * place of the library's own; so what is run here is what is shipped, down to the allocator.
 */
#include "runtime/os/os.h"
#include "support/alloc.h"
#include "support/oom.h"

#include <stdlib.h>

static void *heap_resize(void *user, void *ptr, size_t size)
{
    (void)user;
    if (size == 0) {
        free(ptr);
        return NULL;
    }
    return ck_oom_refuses() ? NULL : realloc(ptr, size);
}

const ck_alloc ck_heap = {heap_resize, NULL};
const ck_alloc ck_test_heap = {heap_resize, NULL};
