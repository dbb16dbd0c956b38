#include "edge/store/table.h"

#include <string.h>

#define CHAINS_MIN 64u
#define FNV_PRIME  16777619u /* Fowler, Noll, Vo; 1a */

int ck_table_init(ck_table *t, const ck_alloc *alloc)
{
    *t = (ck_table){.alloc = alloc, .chain_count = CHAINS_MIN};
    int status = ck_entropy(&t->salt, sizeof t->salt);
    if (status < 0) {
        return status;
    }
    t->chains = ck_new_array(alloc, CHAINS_MIN, sizeof(ck_named *));
    return t->chains != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

void ck_table_free(ck_table *t)
{
    ck_free(t->alloc, t->chains);
    *t = (ck_table){0};
}

static uint32_t hash_of(const ck_table *t, ck_bytes name)
{
    uint32_t hash = t->salt;
    for (size_t i = 0; i < name.size; i++) {
        hash = (hash ^ name.data[i]) * FNV_PRIME;
    }
    return hash ^ hash >> 15;
}

static ck_named **chain_of(const ck_table *t, uint32_t hash)
{
    return &t->chains[hash & (t->chain_count - 1)];
}

ck_named *ck_table_find(const ck_table *t, ck_bytes name)
{
    uint32_t hash = hash_of(t, name);
    for (ck_named *r = *chain_of(t, hash); r != NULL; r = r->next) {
        if (r->hash == hash && r->size == name.size && memcmp(r->name, name.data, r->size) == 0) {
            return r;
        }
    }
    return NULL;
}

static void link_into(ck_table *t, ck_named *room)
{
    ck_named **chain = chain_of(t, room->hash);
    room->next = *chain;
    *chain = room;
}

static void grow(ck_table *t)
{
    ck_table wider = *t;
    wider.chain_count *= 2;
    wider.chains = ck_new_array(t->alloc, wider.chain_count, sizeof(ck_named *));
    if (wider.chains == NULL) {
        return;
    }
    for (size_t i = 0; i < t->chain_count; i++) {
        while (t->chains[i] != NULL) {
            ck_named *room = t->chains[i];
            t->chains[i] = room->next;
            link_into(&wider, room);
        }
    }
    ck_free(t->alloc, t->chains);
    *t = wider;
}

void ck_table_add(ck_table *t, ck_named *room, ck_bytes name)
{
    if (t->count >= t->chain_count) {
        grow(t);
    }
    room->hash = hash_of(t, name);
    room->size = (uint8_t)name.size;
    memcpy(room->name, name.data, name.size);
    link_into(t, room);
    t->count++;
}

void ck_table_remove(ck_table *t, ck_named *room)
{
    ck_named **at = chain_of(t, room->hash);
    while (*at != NULL && *at != room) {
        at = &(*at)->next;
    }
    if (*at == room) {
        *at = room->next;
        t->count--;
    }
}

ck_named *ck_table_next(const ck_table *t, const ck_named *room)
{
    if (room != NULL && room->next != NULL) {
        return room->next;
    }
    size_t i = room != NULL ? (room->hash & (t->chain_count - 1)) + 1 : 0;
    while (i < t->chain_count && t->chains[i] == NULL) {
        i++;
    }
    return i < t->chain_count ? t->chains[i] : NULL;
}
