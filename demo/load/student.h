/*
 * One participant of the crowd: a session in a room, what it was told, and what is wrong with that.
 * All functions belong to the worker's thread.
 */
#ifndef DEMO_LOAD_STUDENT_H
#define DEMO_LOAD_STUDENT_H

#include "load/load.h"

#include "chalkrail/output.h"
#include "chalkrail/playback.h"

typedef struct load_student load_student;

#define LOAD_RECENT 8

/* What somebody was told up to a reset. */
typedef struct load_kept {
    uint32_t room;
    load_tally tally;
} load_kept;

#define LOAD_KEPT_MAX 4096

/* What the people of a process share. */
typedef struct load_hall {
    const load_options *options;
    const cli_secret *secret;
    chalk_runtime *runtime;
    load_figures *figures;
    load_ledger *ledgers; /* one for each room: the ordered lane's */
    load_student *ready;  /* those with news */
    load_kept kept[LOAD_KEPT_MAX];
    uint32_t kept_count;
    uint32_t over;            /* people who will not be back */
    chalk_prepared *prepared; /* NULL: nothing is published */
} load_hall;

struct load_student {
    load_hall *hall;
    load_student *next_ready;
    bool is_ready;
    bool staff, full;
    bool joined, live, over;
    bool stalled;          /* was held up on purpose */
    uint32_t room, number; /* number: in the room, teachers first */
    chalk_session *session;
    char *token; /* that a command gave; NULL: none */
    chalk_person_id me;
    uint64_t asked_us; /* to join */
    load_tally ordered;
    uint64_t recent[LOAD_RECENT]; /* intents whose events were told last */
    uint32_t recent_next;
    uint64_t crowd_last;
    uint64_t poll;       /* that is open; 0: none */
    uint64_t done, own;  /* intents done; events that are one's own: as many */
    uint64_t unanswered; /* intents */
    struct {
        bool begun;
        chalk_playback_id playback; /* 0: none */
        chalk_output_id output;
        uint64_t since_us;
    } media;
};

void load_student_init(load_student *s, load_hall *hall, uint32_t room, uint32_t number);
/* CHALK_OK, or why it cannot even try. */
int load_student_join(load_student *s);
void load_student_do(load_student *s, const load_action *action);
void load_student_cut(load_student *s); /* its connections break; it comes back by itself */
/* Nothing comes or goes on its connections for so long. */
void load_student_stall(load_student *s, uint32_t for_ms);
void load_student_name(bool staff, uint32_t number, char out[LOAD_NAME_SIZE]);
/* "" at an open edge. */
int load_student_token(const load_student *s, char out[CHALK_TOKEN_MAX]);
/* Takes all that is there to be taken. */
void load_student_listen(load_student *s);
/* The number up to which its replica of the room came; 0: it has none. */
uint64_t load_student_head(load_student *s);
/* The end: figures are taken, full replicas' states have fingerprints. */
void load_student_count(load_student *s);
load_state load_student_state(load_student *s);

#endif
