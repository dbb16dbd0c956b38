/*
 * Private to the jitter buffer: packets that wait, in order of their number. Its memory follows how
 * many these are: a fraction of a second in general, and what an outage held up at times.
 */
#ifndef CK_CORE_JITTER_STORE_H
#define CK_CORE_JITTER_STORE_H

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct ck_jitter_entry {
    int64_t pts_us;
    int64_t number; /* extended */
    uint64_t arrived_us;
    uint32_t duration_us;
    bool key;
    ck_slice payload;
} ck_jitter_entry;

typedef struct ck_jitter_store {
    ck_jitter_entry *ring; /* the entry of index i at (first + i) modulo size */
    uint32_t size, first, count;
    uint32_t most; /* that `size` grows to */
    const ck_alloc *alloc;
} ck_jitter_store;

enum ck_jitter_kept {
    CK_JITTER_KEPT = 1,
    CK_JITTER_DOUBLE,     /* its number or time was there: not taken */
    CK_JITTER_PUSHED_OUT, /* taken; the oldest went for it: there are most, or no memory for more */
};

/* CHALK_OK, CHALK_ERR_NO_MEMORY. */
int ck_jitter_store_init(ck_jitter_store *s, const ck_alloc *alloc, uint32_t most);
void ck_jitter_store_free(ck_jitter_store *s);
void ck_jitter_store_clear(ck_jitter_store *s);
/* Moves the payload in unless DOUBLE. */
enum ck_jitter_kept ck_jitter_store_put(ck_jitter_store *s, const ck_jitter_entry *e);
const ck_jitter_entry *ck_jitter_store_at(const ck_jitter_store *s,
                                          uint32_t index); /* NULL: none */
ck_jitter_entry ck_jitter_store_take(ck_jitter_store *s);  /* the oldest; there is one */
void ck_jitter_store_drop(ck_jitter_store *s);             /* the oldest; there is one */

#endif
