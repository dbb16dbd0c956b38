#include "base/ring.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

int ck_ring_init(ck_ring *r, const ck_alloc *alloc, size_t element, size_t capacity)
{
    *r = (ck_ring){.alloc = alloc};
    if (element == 0 || capacity == 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    r->slots = ck_new_array(alloc, capacity, element);
    if (r->slots == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    r->element = element;
    r->capacity = capacity;
    return CHALK_OK;
}

void ck_ring_free(ck_ring *r)
{
    if (r->alloc != NULL) {
        ck_free(r->alloc, r->slots);
    }
    *r = (ck_ring){.alloc = r->alloc};
}

static uint8_t *slot(const ck_ring *r, size_t index)
{
    size_t to_end = r->capacity - r->first;
    size_t at = index < to_end ? r->first + index : index - to_end;
    return r->slots + at * r->element;
}

int ck_ring_grow(ck_ring *r, size_t capacity)
{
    if (capacity <= r->capacity) {
        return CHALK_OK;
    }
    uint8_t *grown = ck_new_array(r->alloc, capacity, r->element);
    if (grown == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    for (size_t i = 0; i < r->count; i++) {
        memcpy(grown + i * r->element, slot(r, i), r->element);
    }
    ck_free(r->alloc, r->slots);
    r->slots = grown;
    r->capacity = capacity;
    r->first = 0;
    return CHALK_OK;
}

bool ck_ring_push(ck_ring *r, const void *element)
{
    CK_INVARIANT(r->count <= r->capacity, return false);
    if (r->count == r->capacity) {
        return false;
    }
    memcpy(slot(r, r->count), element, r->element);
    r->count++;
    return true;
}

bool ck_ring_push_front(ck_ring *r, const void *element)
{
    if (r->count == r->capacity) {
        return false;
    }
    r->first = r->first == 0 ? r->capacity - 1 : r->first - 1;
    memcpy(slot(r, 0), element, r->element);
    r->count++;
    return true;
}

bool ck_ring_pop(ck_ring *r, void *element)
{
    if (r->count == 0) {
        return false;
    }
    memcpy(element, slot(r, 0), r->element);
    r->first = r->first + 1 == r->capacity ? 0 : r->first + 1;
    r->count--;
    return true;
}

void *ck_ring_at(const ck_ring *r, size_t index)
{
    return index < r->count ? slot(r, index) : NULL;
}
