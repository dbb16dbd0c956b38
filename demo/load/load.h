/*
 * `chalkrail load`: the parts share this. README.md draws how they hang together.
 *
 * Every process knows the whole class (profile.h) and plays its own share of the people. Before any
 * thread exists the first process forks the others; each has one host-driven runtime for all its
 * sessions, so all that it does is done by one thread.
 */
#ifndef DEMO_LOAD_LOAD_H
#define DEMO_LOAD_LOAD_H

#include "chalkrail/chat.h"
#include "chalkrail/class.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/secret.h"
#include "load/histogram.h"
#include "load/ledger.h"
#include "load/profile.h"

#define LOAD_PROCESSES_MAX 64
#define LOAD_REASONS       32 /* enum chalk_room_reason, and one for all others */

typedef struct load_options {
    const char *edge;
    const char *secret_file;
    const char *room;
    const char *junit;
    uint32_t rooms, students, teachers; /* of each room the latter */
    uint32_t profile;                   /* enum load_profile_kind */
    uint32_t seed;
    uint32_t processes; /* 0: as many as there are processors, and not more than are of use */
    uint32_t replicas;  /* one in so many keeps a full replica */
    uint32_t returns;   /* a minute */
    uint64_t ramp_ms, for_ms;
    uint64_t join_ms, ordered_ms, crowd_ms; /* thresholds of the 99th percentile */
    bool json, verbose;
} load_options;

/* What a process has seen, added up for all. Plain, for it goes through a pipe as it is. */
typedef struct load_figures {
    uint64_t people, joined, live; /* to come; were live once; are now */
    uint64_t failed[LOAD_REASONS]; /* never joined, by the edge's reason; 0: the network's */
    uint64_t ended;                /* joined, and ended before their time */
    uint64_t said, done, refused;  /* intents */
    uint64_t told_ordered, told_crowd, told_latest, told_again, hidden, repeated;
    uint64_t doubled, backward, contradicted, leaked;
    uint64_t own_lost, own_doubled;
    uint64_t resets, gaps, mismatches, reconnects, returned, dropped;
    uint64_t bytes_sent, bytes_received;
    uint64_t cpu_us, wall_us, memory_bytes;
    load_histogram join_us, ordered_us, crowd_us, latest_us;
    load_histogram late_us; /* what was to be done was done so much later */
} load_figures;

void load_figures_add(load_figures *sum, const load_figures *part);
uint64_t load_told(const load_figures *f); /* events of all lanes */

/* What the comparison of everybody in a room has found. */
typedef struct load_compared {
    uint64_t tallies, lost, extra, altered, contradictions;
    uint64_t states, states_differ;
    bool failed; /* there was no memory for it */
} load_compared;

/* --- verdict.c: pure ---------------------------------------------------------------------------
 */

#define LOAD_SATURATED 3 /* exit code: this machine was too slow, so nothing was measured */

typedef struct load_finding {
    const char *name; /* of a check, such as "ordered-p99" */
    bool passed;
    char text[160];
} load_finding;

#define LOAD_FINDINGS 10

typedef struct load_verdict {
    load_finding findings[LOAD_FINDINGS];
    uint32_t count;
    bool saturated;
    int exit_code; /* CLI_DONE, CLI_FAILED, LOAD_SATURATED */
} load_verdict;

void load_judge(const load_options *o, const load_figures *f, const load_compared *c,
                load_verdict *out);

/* --- worker.c ----------------------------------------------------------------------------------
 */

typedef struct load_share {
    const load_options *options;
    const cli_secret *secret; /* NULL: an open edge */
    uint32_t index, count;    /* of processes */
    uint64_t begin_us;        /* of cli_now_us: the first joins */
    int out;                  /* messages to the first process */
} load_share;

/* Plays the share to its end; the process's exit code. */
int load_work(cli_report *report, const load_share *share);

/* --- pipe.c ------------------------------------------------------------------------------------
 */

enum load_message_kind {
    LOAD_PROGRESS = 1, /* load_figures */
    LOAD_END,          /* load_figures, the last */
    LOAD_ENTRIES,      /* load_entry[], of `room` */
    LOAD_TALLIES,      /* load_tally[], of `room` */
    LOAD_STATES,       /* uint64_t[]: fingerprints of full replicas of `room` */
};

typedef struct load_message {
    uint32_t kind;
    uint32_t room;
    uint32_t size; /* bytes that follow */
} load_message;

/* False: nobody reads any more. */
bool load_send(int fd, enum load_message_kind kind, uint32_t room, const void *data, size_t size);

/* --- crew.c ------------------------------------------------------------------------------------
 */

/* Forks, gathers and compares. False: the reason was told. */
bool load_run(cli_report *report, const load_options *o, const cli_secret *secret,
              load_figures *figures, load_compared *compared, uint32_t *processes);

/* --- report.c ----------------------------------------------------------------------------------
 */

void load_live_line(cli_report *report, const load_figures *f, double seconds);
void load_tell(cli_report *report, const load_options *o, const load_figures *f,
               const load_compared *c, const load_verdict *v);
/* False: it could not be written, and that was told. */
bool load_write_junit(cli_report *report, const char *path, const load_verdict *v, double seconds);

#endif
