/* Participants of rooms for benches: each a ck_replica over a WebSocket of its own, on one loop. */
#ifndef CK_TESTS_ROOM_PEOPLE_H
#define CK_TESTS_ROOM_PEOPLE_H

#include "core/replica/replica.h"
#include "runtime/net/ws_client.h"
#include "runtime/os/os.h"
#include "runtime/pack/pack.h"

#include <stdint.h>

typedef struct ck_bench_person {
    const char *bench; /* for messages */
    uint32_t number, room;
    const char *role;
    ck_loop *loop;
    uint16_t port; /* of the edge, on this machine */
    void (*hear)(struct ck_bench_person *p, const ck_replica_event *event);
    void *user;
    /* Its own: */
    ck_replica *replica;
    ck_inflater *inflater;
    ck_ws *ws;
    uint32_t attempt;
} ck_bench_person;

/* Says what failed, and exits. */
_Noreturn void ck_bench_fail(const char *bench, const char *what, int status);
/* Begins to join; all but its own members are set. */
void ck_bench_person_start(ck_bench_person *p, uint64_t seed);
/* What is due, sent and heard: each turn of the loop, and after each intent. */
void ck_bench_person_turn(ck_bench_person *p);
void ck_bench_person_pump(ck_bench_person *p);
void ck_bench_person_end(ck_bench_person *p);
/* One turn of the loop that rests a little; `timer` is any of its timers. */
void ck_bench_turn(const char *bench, ck_loop *loop, ck_timer *timer);

#endif
