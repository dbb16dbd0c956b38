/*
 * Where something stands in an array, by a hash of its key: open addressing with linear probing.
 * Nothing is taken out; who removes from the array clears the index and adds what is left. Private
 * to the files of room.
 *
 *     for (uint32_t at = 0; ck_index_next(&index, hash, &at, &position);) {
 *         if (array[position] is it) ...
 *     }
 */
#ifndef CK_CORE_ROOM_INDEX_H
#define CK_CORE_ROOM_INDEX_H

#include "base/alloc.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct ck_index {
    uint32_t *slots; /* position + 1; 0: free */
    uint32_t size;   /* a power of two; more than twice as many as are in it */
    uint32_t count;
} ck_index;

void ck_index_free(ck_index *index, const ck_alloc *alloc);
void ck_index_clear(ck_index *index);
/* Room for one more? False: it is full; ck_index_grow clears it and makes it larger. */
bool ck_index_has_room(const ck_index *index);
int ck_index_grow(ck_index *index, const ck_alloc *alloc); /* CHALK_OK, CHALK_ERR_NO_MEMORY */
void ck_index_add(ck_index *index, uint64_t hash, uint32_t position);
/* The next position that may be it; `at` begins as 0. */
bool ck_index_next(const ck_index *index, uint64_t hash, uint32_t *at, uint32_t *position);

#endif
