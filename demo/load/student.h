/*
 * One participant of the crowd: a session in a room, what it was told, and what is wrong with that.
 * All functions belong to the worker's thread.
 */
#ifndef DEMO_LOAD_STUDENT_H
#define DEMO_LOAD_STUDENT_H

#include "load/load.h"

typedef struct load_student load_student;

/* What the people of a process share. */
typedef struct load_hall {
    const load_options *options;
    const cli_secret *secret;
    chalk_runtime *runtime;
    load_figures *figures;
    load_ledger *ledgers; /* one for each room: the ordered lane's */
    load_student *ready;  /* those with news */
} load_hall;

struct load_student {
    load_hall *hall;
    load_student *next_ready;
    bool is_ready;
    bool staff, full;
    bool joined, live, over;
    bool returning;        /* has left to come again */
    uint32_t room, number; /* number: in the room, teachers first */
    chalk_session *session;
    chalk_person_id me;
    uint64_t asked_us; /* to join */
    load_tally ordered;
    uint64_t crowd_last;
    uint64_t poll;      /* that is open; 0: none */
    uint64_t done, own; /* intents done; events that are one's own: as many */
};

void load_student_init(load_student *s, load_hall *hall, uint32_t room, uint32_t number);
/* CHALK_OK, or why it cannot even try. */
int load_student_join(load_student *s);
void load_student_do(load_student *s, const load_action *action);
void load_student_return(load_student *s); /* leaves, and joins again */
/* Takes all that is there to be taken. */
void load_student_listen(load_student *s);
/* The end: figures are taken, full replicas' states have a fingerprint. */
void load_student_count(load_student *s);
uint64_t load_student_state(load_student *s);

#endif
