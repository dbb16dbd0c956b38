/*
 * One process of the crowd, as its parts see it: worker.c has its time and network, due.c what is
 * done when, outcome.c what comes of it. All of it belongs to the process's one thread.
 */
#ifndef DEMO_LOAD_WORKER_H
#define DEMO_LOAD_WORKER_H

#include "load/agenda.h"
#include "load/student.h"

#define LOAD_NEVER UINT64_MAX

typedef struct load_worker {
    cli_report *report;
    const load_share *share;
    load_hall hall;
    load_figures figures;
    load_student *students;
    uint32_t *of; /* index of each person of all rooms among `students`, UINT32_MAX: not ours */
    uint32_t count, in_room;
    load_agenda agenda;                 /* of the rooms of which somebody is ours */
    uint32_t asked;                     /* students that were told to join */
    uint64_t begin_us, play_us, end_us; /* joins begin, actions begin, actions end */
    uint64_t progress_us, cut_us;
    uint32_t fault; /* of the plan, that comes next */
    uint64_t random;
    uint64_t cpu_us, memory_bytes; /* before anybody came */
    bool closing; /* nothing is begun any more: what is under way comes to its end */
    bool alone;   /* nobody listens to us any more */
} load_worker;

/* --- due.c ----------------------------------------------------------------------------------- */

/* Joins, actions, cuts and faults whose time has come. CHALK_OK, or why somebody cannot try. */
int load_due_do(load_worker *w, uint64_t now_us);
/* When the next one is, or `until_us` where that is earlier. */
uint64_t load_due_at(const load_worker *w, uint64_t until_us);
/* Nothing of it is done from now on. */
void load_due_end(load_worker *w, uint64_t now_us);

/* --- outcome.c ------------------------------------------------------------------------------- */

/* Whether the full replicas of each room have come equally far. */
bool load_outcome_is_level(const load_worker *w);
/* Whether somebody has done what was not answered yet. */
bool load_outcome_awaits_answers(const load_worker *w);
/* Tells the first process everything. False: it could not be. */
bool load_outcome_send(load_worker *w);

#endif
