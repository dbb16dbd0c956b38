/*
 * Whether everybody was told the same, once and in order. Each participant keeps a few numbers for
 * a lane (load_tally); one ledger for a room and lane knows every event that anybody was told of.
 * At the end they are compared: who was told of k events from number a to number b must have been
 * told of those, and of no others.
 *
 * Full replicas are compared where they came to the same number: one that is on its way there has
 * another state for a good reason.
 *
 * Only events for all are entered: the numbers of what is for others are left out of both.
 */
#ifndef DEMO_LOAD_LEDGER_H
#define DEMO_LOAD_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum load_order {
    LOAD_IN_ORDER = 1,
    LOAD_DOUBLED,  /* the number that was told last */
    LOAD_BACKWARD, /* below it */
};

typedef struct load_tally {
    uint64_t first, last; /* numbers; 0: none yet */
    uint64_t count;
    uint64_t sum;     /* of the fingerprints */
    uint64_t content; /* the same without their numbers: of whatever order */
    uint64_t to;      /* told up to here, then anew; 0: to the end */
} load_tally;

typedef struct load_entry {
    uint64_t number;
    uint64_t content;                                  /* fingerprint of author and text */
    uint64_t print;                                    /* of number, author and text */
    uint64_t count_before, sum_before, content_before; /* of all entries below; when closed */
} load_entry;

typedef struct load_ledger {
    load_entry *entries; /* by number */
    size_t count, size;
    uint64_t contradictions; /* one number, two events */
    bool failed;             /* there was no memory: nothing can be said */
} load_ledger;               /* zero: empty */

#define LOAD_STATE_LINES 50

/* What a full replica holds at the end. */
typedef struct load_state {
    uint64_t number; /* of the room, up to which it came */
    uint64_t print;  /* fingerprint of all but the messages */
    uint64_t line_count;
    uint64_t lines[LOAD_STATE_LINES]; /* of the newest messages for all, the newest first */
} load_state;

/* What a difference is. */
typedef struct load_difference {
    uint64_t lost;  /* events */
    uint64_t extra; /* events that the ledger does not have, or that came twice */
    bool swapped;   /* the same, but at others' places */
    bool altered;   /* as many, but others */
} load_difference;

/* Of an event's content `number` is 0. */
uint64_t load_print(uint64_t number, uint64_t author, const char *text, size_t size);
enum load_order load_tally_add(load_tally *t, uint64_t number, uint64_t content);

void load_ledger_add(load_ledger *l, uint64_t number, uint64_t content);
void load_ledger_free(load_ledger *l);
/* After the last event, before looking. */
void load_ledger_close(load_ledger *l);
bool load_ledger_has(const load_ledger *l, uint64_t number);
/* What is wrong with what one was told from `t->first` on. `to`: it had to be told up to here. */
load_difference load_ledger_compare(const load_ledger *l, const load_tally *t, uint64_t to);
/* How many are unlike the first of those of a room that came to the same number. */
uint64_t load_states_differ(const load_state *states, size_t count);
/* How many did not come as far as others that were looked at in the same instant. */
uint64_t load_states_behind(const load_state *states, size_t count);

#endif
