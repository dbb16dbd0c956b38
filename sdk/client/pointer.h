/*
 * The pointer of a shared screen on its way to the room: what a source says of it, on a thread of
 * its own, until the room's loop tells the edge.
 *
 * `lock` guards all of it; it is taken after a feed's, a session's or a room's, and under it
 * nothing but the loop's own.
 */
#ifndef CK_CLIENT_POINTER_H
#define CK_CLIENT_POINTER_H

#include "core/pointer/pointers.h"
#include "core/pointer/sender.h"
#include "core/replica/replica.h"
#include "runtime/media/capture.h"

#include <uv.h>

struct ck_client_room;

typedef struct ck_client_pointer {
    uv_mutex_t lock;
    ck_pointer_sender *sender;   /* NULL: no source had anything to say of one yet */
    uint64_t source;             /* whose pointer it is; 0: none was seen yet */
    struct ck_client_room *room; /* that it is told to; NULL: none */
    bool live;                   /* the room heard what was told */
    uint64_t here;               /* people there, at the last look */
} ck_client_pointer;

int ck_client_pointer_init(ck_client_pointer *pointer); /* LIMIT */
void ck_client_pointer_free(ck_client_pointer *pointer);

/* A source's thread. */
void ck_client_pointer_take(ck_client_pointer *pointer, uint64_t source,
                            const ck_source_pointer *sample);
/* Where it is told from now on; NULL: nowhere. */
void ck_client_pointer_lead(ck_client_pointer *pointer, struct ck_client_room *room);

/* --- with the room's lock -------------------------------------------------------------------- */

/* What is due goes to the replica. */
void ck_client_pointer_pump(struct ck_client_room *room, uint64_t now_us);
uint64_t ck_client_pointer_due(struct ck_client_room *room); /* when there will be more */

/* An event that the application is about to be told of: others' pointers, and what becomes of them.
 * True: it was about one. */
bool ck_client_pointer_hear(struct ck_client_room *room, const ck_replica_event *event,
                            uint64_t now_us);

#endif
