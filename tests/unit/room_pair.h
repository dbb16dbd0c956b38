/*
 * A room in one process, without a network: a sequencer, a store that answers at once (or as it is
 * told), and clients whose frames arrive as soon as they are sent. What clients are told is kept.
 */
#ifndef CK_TESTS_ROOM_PAIR_H
#define CK_TESTS_ROOM_PAIR_H

#include "core/replica/replica.h"
#include "core/sequencer/sequencer.h"

#define CK_PAIR_CLIENTS 8
#define CK_PAIR_TOLD    512
#define CK_PAIR_UNIX_US UINT64_C(1763600000000000)

/* An event of a replica, with its text copied. */
typedef struct ck_told {
    ck_replica_event event;
    char text[64];
} ck_told;

typedef struct ck_pair_client {
    ck_replica *replica;
    const char *name;
    enum ck_role role;
    uint64_t connection; /* 0: none */
    uint32_t attempt;
    bool unplugged;      /* nothing connects */
    uint64_t expires_us; /* of its token; 0: never */
    ck_told told[CK_PAIR_TOLD];
    uint32_t told_count;
    char summary[160]; /* the newest, in words */
} ck_pair_client;

typedef struct ck_room_pair {
    const ck_alloc *alloc;
    ck_memory_store store;
    ck_sequencer *sequencer;
    ck_sequencer_config config;
    uint64_t epoch;
    enum ck_store_answer answer; /* not COMMITTED: instead of asking the store */
    bool silent;                 /* the store does not answer */
    ck_sequencer_output unanswered;
    ck_claims renewal; /* what a new token says; without a name: it is refused */
    ck_pair_client clients[CK_PAIR_CLIENTS];
    uint32_t count;
    uint64_t now_us;
} ck_room_pair;

/* config's alloc, epoch and unix_us are set here. A status. */
int ck_pair_init(ck_room_pair *p, const ck_alloc *alloc, const ck_sequencer_config *config);
void ck_pair_free(ck_room_pair *p);
/* A status; the client is clients[count - 1]. */
int ck_pair_join(ck_room_pair *p, const char *name, enum ck_role role,
                 const ck_replica_config *config);
void ck_pair_run(ck_room_pair *p, uint64_t us); /* everything due in so long a time */
void ck_pair_cut(ck_room_pair *p, uint32_t client);
int ck_pair_restart(ck_room_pair *p); /* the edge dies and comes back */

/* The id of the intent; 0: refused by the replica. */
uint64_t ck_pair_say(ck_room_pair *p, uint32_t client, const char *text);
uint64_t ck_pair_do(ck_room_pair *p, uint32_t client, const ck_event *intent);
/* A participant whom the client's head must know. */
const ck_person *ck_pair_person(const ck_room_pair *p, uint32_t client, uint64_t id);
/* How intent `id` ended; NULL: it has not. */
const ck_told *ck_pair_settled(const ck_room_pair *p, uint32_t client, uint64_t id);
#define CK_PAIR_OPEN ((enum ck_reason)255) /* it has not ended */
enum ck_reason ck_pair_reason(const ck_room_pair *p, uint32_t client, uint64_t id);
uint64_t ck_pair_number(const ck_room_pair *p, uint32_t client, uint64_t id); /* 0: none */
/* The newest event of that kind that the client was told; NULL: none. */
const ck_told *ck_pair_told(const ck_room_pair *p, uint32_t client, enum ck_event_kind kind);
/* The same, where it must be there. */
const ck_told *ck_pair_saw(const ck_room_pair *p, uint32_t client, enum ck_event_kind kind);

#endif
