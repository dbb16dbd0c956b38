/*
 * Where a room is kept, as the sequencer sees it. A store orders nothing and knows no event: it
 * keeps records, one behind the other, for who holds the room's lease.
 *
 *     append(room, epoch, after, to, record)   -> committed | fenced | full
 *     tail(room, epoch)                        -> the checkpoint, if any, and the records behind it
 *
 * Both are asked by outputs of the sequencer and answered by inputs, some time later. `epoch` is
 * the lease's: whoever takes the lease gets a higher one, and from then on the appends of all
 * before are FENCED. A record covers (after, to] and is taken only where `after` is where the log
 * ends: a log has no gaps and nothing twice. One that covers nothing (to == after) is not kept, but
 * answered: so a quiet room learns that it was fenced. COMMITTED is said when the record would
 * outlive the machine.
 *
 * ck_memory_store is the model of one: it holds what simulation and one machine's memory hold, and
 * is what stores on disks are tested against.
 */
#ifndef CK_CORE_ROOM_STORE_H
#define CK_CORE_ROOM_STORE_H

#include "base/slice.h"
#include "core/wire/wire.h"

enum ck_store_answer {
    CK_STORE_COMMITTED = 1,
    CK_STORE_FENCED, /* somebody else has the room; nothing of it may be told to anybody */
    CK_STORE_FULL,   /* could not be written, and was not */
};

typedef struct ck_record {
    uint64_t after;
    uint64_t to;
    ck_slice bytes;
} ck_record;

typedef struct ck_memory_store {
    const ck_alloc *alloc;
    uint64_t epoch; /* of the newest lease */
    uint64_t to;    /* where the log ends */
    uint64_t checkpoint_to;
    ck_slice checkpoint; /* empty: none */
    ck_record *records;
    size_t count, size;
} ck_memory_store;

void ck_memory_store_init(ck_memory_store *s, const ck_alloc *alloc);
void ck_memory_store_free(ck_memory_store *s);
uint64_t ck_memory_store_lease(ck_memory_store *s); /* takes it from whoever had it */
enum ck_store_answer ck_memory_store_append(ck_memory_store *s, uint64_t epoch, uint64_t after,
                                            uint64_t to, ck_bytes record);
/* Everything up to `to` is in `state`, so records up to there go. FULL: not taken, try later. */
enum ck_store_answer ck_memory_store_checkpoint(ck_memory_store *s, uint64_t epoch, uint64_t to,
                                                ck_bytes state);

#endif
