/*
 * Where the edge keeps its rooms. Everything takes a while and nothing blocks: what is asked for
 * here is answered later, through ck_lease_events, on the loop's thread, in a later turn and never
 * from inside a call. So a store in memory, on a disk and behind a network look the same.
 *
 *     ck_lease_open(store, name, &events, room, &lease)
 *                                    -> opened(OK, epoch)      make a sequencer of that epoch
 *     CK_SEQUENCER_TAIL:
 *     ck_lease_tail(lease)           -> checkpoint(state)      ck_sequencer_load_checkpoint
 *                                       record(...) ...        ck_sequencer_load
 *                                       tailed(OK)             ck_sequencer_open
 *     CK_SEQUENCER_APPEND:
 *     ck_lease_append(lease, ...)    -> appended(to, answer)   ck_sequencer_stored
 *     CK_SEQUENCER_CHECKPOINT:
 *     ck_lease_checkpoint(lease, ...)                          not answered
 *     ck_lease_close(&lease)
 *
 * A lease is one holder's right to write a room. Whoever opens the room next gets a lease of a
 * higher epoch, also after the process was killed and came back; from then on appends of the older
 * one are FENCED. What COMMITTED, FENCED and FULL mean stands in core/room/store.h.
 *
 * Bounded: a lease has one question of each kind under way, so a store's queue is never longer than
 * four times the number of leases, and a question costs no memory that could be refused.
 *
 * Thread: the loop's, for everything; a store on a disk has threads of its own inside. Lifetime: a
 * store is destroyed before its loop, its leases with it.
 */
#ifndef CK_EDGE_ROOM_STORE_H
#define CK_EDGE_ROOM_STORE_H

#include "core/room/store.h"
#include "runtime/net/loop.h"

#define CK_STORE_LEASES_MAX 16384 /* open at once */

typedef struct ck_room_store ck_room_store;
typedef struct ck_lease ck_lease;

typedef struct ck_lease_events {
    /* CHALK_OK and the lease's epoch; else the room cannot be had, epoch is 0 and only
     * ck_lease_close is left: NO_MEMORY, LIMIT, IO, and BAD_DATA when what is stored of this room
     * is damaged. */
    void (*opened)(void *user, int status, uint64_t epoch);
    /* What is stored, oldest first: the checkpoint, if there is one, then the records behind it.
     * Bytes are borrowed for the call. */
    void (*checkpoint)(void *user, uint64_t to, ck_bytes state);
    void (*record)(void *user, uint64_t after, uint64_t to, ck_bytes record);
    /* That was all. BAD_DATA: it is damaged, what was told is to be thrown away; NO_MEMORY, IO: ask
     * again later. */
    void (*tailed)(void *user, int status);
    void (*appended)(void *user, uint64_t to, enum ck_store_answer answer);
} ck_lease_events;

/* Opens a room, which need not exist, and takes it from whoever had it. `name`: 1 to 64 bytes,
 * copied. `events` is borrowed for the lease's life. *out is to be closed, whatever `opened` says.
 * INVALID_ARGUMENT; LIMIT: CK_STORE_LEASES_MAX; NO_MEMORY. */
int ck_lease_open(ck_room_store *store, ck_bytes name, const ck_lease_events *events, void *user,
                  ck_lease **out);

/* BAD_STATE: not opened yet, or one is under way. */
int ck_lease_tail(ck_lease *lease);

/* The record (after, to]; takes the slice's reference when it returns CHALK_OK, which is given back
 * on the loop. BAD_STATE: not opened, or an append is under way; INVALID_ARGUMENT: to < after, or
 * more than 16 MB. */
int ck_lease_append(ck_lease *lease, uint64_t after, uint64_t to, ck_slice record);

/* Everything up to `to`, the end of a committed record, is in `state`; takes its reference as
 * above. AGAIN: one is still being written; leave this one out, a later one makes up for it.
 * BAD_STATE: not opened; INVALID_ARGUMENT: empty, or more than 16 MB. One that cannot be written is
 * left out and counted as a failure. */
int ck_lease_checkpoint(ck_lease *lease, uint64_t to, ck_slice state);

/* Nothing is called for this lease any more, also when called from one of its events. What was
 * asked for before is still carried out. NULL inside is accepted. */
void ck_lease_close(ck_lease **lease);

/* A store in memory forgets the room, if nobody has a lease of it (BAD_STATE); until then it keeps
 * every room. NOT_FOUND. UNSUPPORTED: a store on a disk, which keeps what it has. */
int ck_room_store_forget(ck_room_store *store, ck_bytes name);

typedef struct ck_room_store_stats {
    uint64_t appends;    /* answered COMMITTED that were not empty */
    uint64_t fenced;     /* answered so */
    uint64_t full;       /* answered so */
    uint64_t commits;    /* groups of appends that were written together */
    uint64_t syncs;      /* times that a device was waited for */
    uint64_t bytes;      /* written, with everything around the records */
    uint64_t failures;   /* of writing, syncing, reading; checkpoints left out */
    uint64_t torn_bytes; /* cut off at the start: written, but never acknowledged */
    uint32_t damaged;    /* places where what is stored cannot be read */
    uint32_t queue_most; /* questions that waited together, ever */
    uint32_t leases;     /* now */
    uint32_t rooms;      /* known now */
    uint32_t segments;   /* files of the log now; 0 in memory */
} ck_room_store_stats;

void ck_room_store_get_stats(ck_room_store *store, ck_room_store_stats *out);

/* Closes what leases are left. A store on a disk first writes what it was asked to; this waits for
 * it. Not from an event of a lease. NULL inside is accepted. */
void ck_room_store_destroy(ck_room_store **store);

typedef struct ck_room_store_config {
    ck_loop *loop;          /* required */
    const ck_alloc *alloc;  /* NULL: ck_heap; on a disk it must work on any thread */
    const ck_log *log;      /* borrowed; NULL: none; on a disk called from any thread */
    const char *folder;     /* on a disk: made if it is not there; its parent must be */
    uint32_t segment_bytes; /* on a disk: a file of the log is ended beyond; 0: 64 MB */
    /* On a disk: a room in which nothing happened for so long is removed, at most two days later.
     * 0: it is kept for ever. */
    uint32_t keep_s;
    uint32_t sweep_s; /* how often that is looked at; 0: 3600 */
    /* A room was removed so; NULL: nobody wants to know. On the loop. */
    void (*forgot)(void *user, ck_bytes name);
    void *user;
} ck_room_store_config;

/* CHALK_ERR_NO_MEMORY, INVALID_ARGUMENT. */
int ck_memory_rooms_create(const ck_room_store_config *config, ck_room_store **out);

/* Reads the log, which takes a while, and waits. DEVICE_BUSY: another edge has the folder;
 * BAD_DATA: what is there is not ours, or not whole where it concerns all rooms; IO, NO_SPACE,
 * NO_PERMISSION, NO_MEMORY, LIMIT (no thread). The log says which file. */
int ck_disk_rooms_create(const ck_room_store_config *config, ck_room_store **out);

#endif
