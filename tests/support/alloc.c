#include "support/alloc.h"

#include <stdlib.h>

static void *failing_resize(void *user, void *ptr, size_t size)
{
    ck_failing_alloc *f = user;
    if (size == 0) {
        f->live -= ptr != NULL;
        free(ptr);
        return NULL;
    }
    f->calls++;
    if (f->fail_at != 0 && f->calls == f->fail_at) {
        return NULL;
    }
    void *grown = realloc(ptr, size);
    f->live += ptr == NULL && grown != NULL;
    return grown;
}

void ck_failing_alloc_init(ck_failing_alloc *f, size_t fail_at)
{
    *f = (ck_failing_alloc){{failing_resize, f}, 0, fail_at, 0};
}
