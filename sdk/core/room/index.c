#include "core/room/index.h"

#include "chalkrail/errors.h"

#include <string.h>

void ck_index_free(ck_index *index, const ck_alloc *alloc)
{
    ck_free(alloc, index->slots);
    *index = (ck_index){0};
}

void ck_index_clear(ck_index *index)
{
    if (index->size > 0) {
        memset(index->slots, 0, index->size * sizeof *index->slots);
    }
    index->count = 0;
}

bool ck_index_has_room(const ck_index *index)
{
    return 2 * (index->count + 1) < index->size;
}

int ck_index_grow(ck_index *index, const ck_alloc *alloc)
{
    uint32_t size = index->size == 0 ? 16 : 2 * index->size;
    uint32_t *grown = ck_new_array(alloc, size, sizeof *grown);
    if (grown == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_free(alloc, index->slots);
    *index = (ck_index){.slots = grown, .size = size};
    return CHALK_OK;
}

/* FNV leaves its best bits above. */
static uint32_t place_of(const ck_index *index, uint64_t hash, uint32_t at)
{
    return ((uint32_t)(hash ^ hash >> 32) + at) & (index->size - 1);
}

void ck_index_add(ck_index *index, uint64_t hash, uint32_t position)
{
    uint32_t at = 0;
    while (index->slots[place_of(index, hash, at)] != 0) {
        at++;
    }
    index->slots[place_of(index, hash, at)] = position + 1;
    index->count++;
}

bool ck_index_next(const ck_index *index, uint64_t hash, uint32_t *at, uint32_t *position)
{
    if (index->count == 0) {
        return false;
    }
    uint32_t found = index->slots[place_of(index, hash, (*at)++)];
    *position = found - 1;
    return found != 0;
}
