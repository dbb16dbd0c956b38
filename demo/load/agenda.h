/*
 * Who does what next, over all rooms that a process plays: the plan's phases, one after the other,
 * in each of them. Pure.
 */
#ifndef DEMO_LOAD_AGENDA_H
#define DEMO_LOAD_AGENDA_H

#include "load/load.h"

typedef struct load_turn {
    uint32_t room;
    load_action action; /* its at_us since the class began */
} load_turn;

typedef struct load_agenda_room {
    load_turn turn; /* the next */
    bool goes_on;   /* there is one */
    load_profile profile;
    uint32_t phase;    /* that `profile` is of */
    uint64_t phase_us; /* when it began, since the class did */
} load_agenda_room;

typedef struct load_agenda {
    const load_options *options;
    load_agenda_room *rooms; /* a heap: where something is done first is first */
    uint32_t count;
} load_agenda;

/* With places for all rooms; the options are borrowed. False: there is no memory. */
bool load_agenda_init(load_agenda *a, const load_options *options);
void load_agenda_free(load_agenda *a);
void load_agenda_add(load_agenda *a, uint32_t room);
const load_turn *load_agenda_first(const load_agenda *a); /* NULL: nothing more is done */
void load_agenda_step(load_agenda *a);                    /* the first is done */

#endif
