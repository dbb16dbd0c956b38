/*
 * The edge's memory, counted: an allocator that refuses to pass a limit. Every RTMP connection and
 * every media body is taken from it, so that what strangers can make the edge hold has an end, and
 * one connection that is refused memory fails alone.
 *
 * Thread: one at a time (the edge's loop; before and after it, its creator).
 */
#ifndef CK_EDGE_BUDGET_H
#define CK_EDGE_BUDGET_H

#include "base/alloc.h"

#include <stdint.h>

typedef struct ck_budget {
    ck_alloc alloc; /* give &budget.alloc to what is to be counted */
    const ck_alloc *behind;
    uint64_t limit_bytes;
    uint64_t used_bytes;    /* asked for and not freed, without this allocator's own headers */
    uint64_t refused_count; /* allocations refused by the limit */
} ck_budget;

/* `behind` outlives the budget, the budget everything that is allocated from it. */
void ck_budget_init(ck_budget *budget, const ck_alloc *behind, uint64_t limit_bytes);

#endif
