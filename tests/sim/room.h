/*
 * A room under a virtual clock: people with the real client core, edges with the real sequencer, a
 * modelled store, and everything that can go wrong between them. One seed is one run.
 */
#ifndef CK_SIM_ROOM_H
#define CK_SIM_ROOM_H

#include <stdbool.h>
#include <stdint.h>

typedef struct ck_room_run {
    uint64_t seed;
    bool board; /* they draw more than they talk */
    /* What came of it. */
    char broken[160]; /* the first rule that did not hold; empty: none */
    uint64_t hash;    /* of the run: equal for equal seeds */
    uint32_t people, edges_died, takeovers, cuts;
    uint64_t events, crowd, accepted, refused, settled, resumed, snapshots, in_step, marked;
    uint64_t fenced, full; /* answers of the store */
    uint64_t drawn, undone,
        objects;       /* operations on the board, undos of them, what is on it in the end */
    uint64_t unpacked; /* frames that came packed */
} ck_room_run;

void ck_room_simulate(ck_room_run *run);

/* `chalk-sim room [--seed N | --seeds N]` */
int ck_room_main(int argc, char **argv);
/* A long lesson at one board, without faults: what it takes early and late. */
typedef struct ck_long_lesson {
    uint64_t seed;
    uint32_t minutes;
    char broken[160];
    uint64_t drawn;
    struct {
        uint64_t objects, entries, body_bytes, heap_bytes,
            ns;    /* most; ns of the processor an operation */
    } early, late; /* minutes 4 to 10, and the last six */
} ck_long_lesson;

void ck_long_lesson_run(ck_long_lesson *lesson);

/* `chalk-sim board [--seed N | --seeds N | --minutes N]` */
int ck_board_main(int argc, char **argv);

#endif
