/*
 * What all stores have in common: leases, the questions that they ask, and the way of the answers
 * back to the loop. A store itself is three functions: it is handed questions one by one and gives
 * each of them back once, from any thread.
 *
 * Who protects what: `lock` protects the group named after it, here and in a store; under it only
 * the loop's own is taken. Of a lease and its questions: `room` and `epoch` are the store's, the
 * rest is the loop's, but a question that is under way is the store's until it is given back.
 */
#ifndef CK_EDGE_STORE_INSIDE_H
#define CK_EDGE_STORE_INSIDE_H

#include "base/list.h"
#include "edge/room_store.h"

#include <uv.h>

#define CK_STORE_NAME_MAX 64u
/* Of what was read and not told yet; beyond it no further room is read. */
#define CK_STORE_UNTOLD_MAX (64u << 20)
#define CK_STORE_TURN_BYTES (256u << 10) /* of a tail are told in a turn of the loop */

enum ck_ask_kind {
    CK_ASK_OPEN = 0,
    CK_ASK_TAIL,
    CK_ASK_APPEND,
    CK_ASK_CHECKPOINT,
    CK_ASK_CLOSE,
    CK_ASK_KINDS,
};

typedef struct ck_tail_record {
    uint64_t epoch; /* of the lease that wrote it */
    uint64_t after, to;
    ck_slice bytes;
} ck_tail_record;

/* What is stored of a room, on its way to who asked. */
typedef struct ck_tail {
    ck_slice state; /* empty: no checkpoint */
    uint64_t state_to;
    ck_tail_record *records; /* of the store's allocator */
    size_t count;
    size_t told;
    size_t bytes; /* that it holds */
} ck_tail;

typedef struct ck_ask {
    ck_list link;
    ck_lease *lease;
    enum ck_ask_kind kind;
    bool under_way;
    /* the question */
    uint64_t after, to;
    ck_slice bytes; /* given back on the loop */
    /* the answer */
    int status;
    enum ck_store_answer answer;
    uint64_t epoch;
    ck_tail tail;
} ck_ask;

struct ck_lease {
    ck_room_store *store;
    ck_list in_store;
    const ck_lease_events *events;
    void *user;
    ck_ask asks[CK_ASK_KINDS];
    uint32_t under_way; /* asks */
    bool open;          /* `opened` said OK */
    bool closed;        /* by its holder; freed when nothing is under way */
    uint8_t name_size;
    uint8_t name[CK_STORE_NAME_MAX];
    /* the store's */
    void *room; /* NULL: it has none */
    uint64_t epoch;
};

/* A room that was removed for its age, until that is told. */
typedef struct ck_forgotten {
    ck_list link;
    uint8_t size;
    uint8_t name[CK_STORE_NAME_MAX];
} ck_forgotten;

typedef struct ck_room_store_ops {
    void (*submit)(ck_room_store *store, ck_ask *ask);
    int (*forget)(ck_room_store *store, ck_bytes name);
    /* Carries out what was submitted, ends its threads. */
    void (*stop)(ck_room_store *store);
    /* Frees what is the store's own, and the store by ck_room_store_free. */
    void (*free)(ck_room_store *store);
} ck_room_store_ops;

struct ck_room_store {
    const ck_room_store_ops *ops;
    ck_loop *loop;
    const ck_alloc *alloc;
    const ck_log *log;
    void (*forgot)(void *user, ck_bytes name);
    void *user;
    /* loop */
    ck_list leases;
    uint32_t lease_count;
    ck_list telling; /* asks with a tail that is not told yet */
    /* lock */
    uv_mutex_t lock;
    uv_cond_t told;    /* less is untold */
    ck_list answered;  /* asks */
    ck_list forgotten; /* ck_forgotten */
    size_t untold;     /* bytes of tails */
    bool posted;       /* `job` waits in the loop's queue */
    bool destroyed;    /* it frees the store when it runs */
    ck_room_store_stats stats;
    ck_job job;
};

/* Fills the common part of a store, which is zeroed. NO_MEMORY. */
int ck_room_store_init(ck_room_store *store, const ck_room_store_ops *ops,
                       const ck_room_store_config *config);
/* Undoes init; of a store that never served, or in ops->free. */
void ck_room_store_free(ck_room_store *store);

/* Gives questions back, which takes them out of *asks. Any thread, without the lock. */
void ck_room_store_answer(ck_room_store *store, ck_list *asks);
/* Takes what is in the list; as above. */
void ck_room_store_tell_forgotten(ck_room_store *store, ck_list *forgotten);
void ck_tail_free(ck_room_store *store, ck_tail *tail);

static inline ck_bytes ck_lease_name(const ck_lease *lease)
{
    return ck_bytes_of(lease->name, lease->name_size);
}

#endif
