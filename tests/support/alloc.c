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

static size_t cost_of(size_t size)
{
    return (size + 8 + 15) / 16 * 16;
}

/* Each block has its size before it. */
static void *count_resize(void *user, void *ptr, size_t size)
{
    ck_counting_alloc *c = user;
    size_t *block = ptr != NULL ? (size_t *)ptr - 2 : NULL;
    size_t before = block != NULL ? cost_of(*block) : 0;
    if (size == 0) {
        free(block);
        c->bytes -= before;
        return NULL;
    }
    size_t *grown = realloc(block, size + 2 * sizeof *grown);
    if (grown == NULL) {
        return NULL;
    }
    *grown = size;
    c->bytes += cost_of(size) - before;
    return grown + 2;
}

void ck_counting_alloc_init(ck_counting_alloc *c)
{
    *c = (ck_counting_alloc){{count_resize, c}, 0};
}
