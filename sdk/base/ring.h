/*
 * A bounded first-in first-out of equal-sized elements, used by one thread at a time. A full ring
 * refuses; it grows when its owner says so, never by itself.
 */
#ifndef CK_BASE_RING_H
#define CK_BASE_RING_H

#include "base/alloc.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct ck_ring {
    uint8_t *slots;
    size_t element; /* bytes */
    size_t capacity;
    size_t first;
    size_t count;
    const ck_alloc *alloc;
} ck_ring;

int ck_ring_init(ck_ring *r, const ck_alloc *alloc, size_t element, size_t capacity);
/* More places, at least as many as there are; the elements stay. CHALK_OK, CHALK_ERR_NO_MEMORY. */
int ck_ring_grow(ck_ring *r, size_t capacity);
void ck_ring_free(ck_ring *r); /* the elements' own resources are the caller's */
bool ck_ring_push(ck_ring *r, const void *element);       /* copies; false when full */
bool ck_ring_push_front(ck_ring *r, const void *element); /* it is the oldest then */
bool ck_ring_pop(ck_ring *r, void *element);              /* copies out; false when empty */
void *ck_ring_at(const ck_ring *r, size_t index);         /* 0 is the oldest; NULL past the end */

#endif
