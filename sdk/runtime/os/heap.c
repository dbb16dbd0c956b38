#include "runtime/os/os.h"

#include <stdlib.h>

static void *heap_resize(void *user, void *ptr, size_t size)
{
    (void)user;
    if (size == 0) {
        /* What realloc does with size 0 differs between systems, so it is not asked. */
        free(ptr);
        return NULL;
    }
    return realloc(ptr, size);
}

const ck_alloc ck_heap = {heap_resize, NULL};
