/*
 * Private to replica: an event while it waits for the application. Most numbers of most events are
 * 0 and a crowd is many replicas, so it waits in as few bytes as it needs, its texts among them.
 */
#ifndef CK_CORE_REPLICA_WAITING_H
#define CK_CORE_REPLICA_WAITING_H

#include "core/replica/replica.h"

typedef struct ck_waiting {
    struct ck_waiting *next; /* the owner's */
    size_t size;
    uint8_t bytes[];
} ck_waiting;

/* A copy, to be freed with the allocator. NULL: no memory. */
ck_waiting *ck_waiting_new(const ck_alloc *alloc, const ck_replica_event *event);
/* The event; its texts and data are borrowed from `w`. */
void ck_waiting_read(const ck_waiting *w, ck_replica_event *out);

#endif
