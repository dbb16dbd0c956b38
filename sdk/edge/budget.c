#include "edge/budget.h"

#include <string.h>

/* In front of each block; as large as the strictest alignment, so that the block keeps it. */
typedef union budget_head {
    size_t size;
    max_align_t align;
} budget_head;

static void *budget_release(ck_budget *b, budget_head *head)
{
    if (head != NULL) {
        b->used_bytes -= head->size;
        b->behind->resize(b->behind->user, head, 0);
    }
    return NULL;
}

static void *budget_resize(void *user, void *ptr, size_t size)
{
    ck_budget *b = user;
    budget_head *head = ptr != NULL ? (budget_head *)ptr - 1 : NULL;
    if (size == 0) {
        return budget_release(b, head);
    }
    size_t old_size = head != NULL ? head->size : 0;
    uint64_t others = b->used_bytes - old_size;
    if (size > SIZE_MAX - sizeof *head || size > b->limit_bytes - others) {
        /* Shrinking always works: it is how a full edge recovers. */
        if (size > old_size) {
            b->refused_count++;
            return NULL;
        }
    }
    head = b->behind->resize(b->behind->user, head, sizeof *head + size);
    if (head == NULL) {
        return NULL;
    }
    head->size = size;
    b->used_bytes = others + size;
    return head + 1;
}

void ck_budget_init(ck_budget *budget, const ck_alloc *behind, uint64_t limit_bytes)
{
    memset(budget, 0, sizeof *budget);
    budget->alloc.resize = budget_resize;
    budget->alloc.user = budget;
    budget->behind = behind;
    budget->limit_bytes = limit_bytes;
}
