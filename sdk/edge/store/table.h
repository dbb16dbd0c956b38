/* Rooms by name: a hash table through the rooms themselves, so that taking one out never fails. One
 * thread at a time. */
#ifndef CK_EDGE_STORE_TABLE_H
#define CK_EDGE_STORE_TABLE_H

#include "edge/store/inside.h"

typedef struct ck_named {
    struct ck_named *next;
    uint32_t hash;
    uint8_t size;
    uint8_t name[CK_STORE_NAME_MAX];
} ck_named;

typedef struct ck_table {
    const ck_alloc *alloc;
    uint32_t salt; /* or a stranger could choose names that all fall into one chain */
    ck_named **chains;
    size_t chain_count; /* a power of two */
    size_t count;
} ck_table;

int ck_table_init(ck_table *t, const ck_alloc *alloc); /* NO_MEMORY, IO (no entropy) */
void ck_table_free(ck_table *t);                       /* the rooms are the caller's */
ck_named *ck_table_find(const ck_table *t, ck_bytes name);
/* Names the room and adds it; the name is not in it yet. Without memory chains get longer. */
void ck_table_add(ck_table *t, ck_named *room, ck_bytes name);
void ck_table_remove(ck_table *t, ck_named *room);
/* All of them, one after the other: NULL begins, and is the end. Nothing is added meanwhile. */
ck_named *ck_table_next(const ck_table *t, const ck_named *room);

static inline ck_bytes ck_named_name(const ck_named *room)
{
    return ck_bytes_of(room->name, room->size);
}

#endif
