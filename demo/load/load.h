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
#include "chalkrail/output.h"
#include "cli/options.h"
#include "cli/report.h"
#include "cli/secret.h"
#include "load/edge.h"
#include "load/histogram.h"
#include "load/ledger.h"
#include "load/profile.h"

#define LOAD_PROCESSES_MAX 64
#define LOAD_REASONS       32 /* enum chalk_room_reason, and one for all others */
#define LOAD_URL_MAX       2048
#define LOAD_NAME_SIZE     32 /* "student", a number, an end */

enum load_media {
    LOAD_MEDIA_NONE = 0,
    LOAD_MEDIA_RECEIVE, /* students watch what their room's first participant publishes */
    LOAD_MEDIA_PUBLISH, /* everybody publishes */
};

/* What goes on in the class, one after the other. */
typedef struct load_phase {
    uint32_t profile; /* enum load_profile_kind */
    uint64_t for_ms;
} load_phase;

enum load_fault_kind {
    LOAD_FAULT_STALL = 1, /* nothing comes or goes for a while */
    LOAD_FAULT_CUT,       /* connections break */
};

typedef struct load_fault {
    uint32_t kind; /* enum load_fault_kind */
    uint32_t share_ppm;
    uint64_t at_ms; /* since all have come */
    uint64_t for_ms;
} load_fault;

#define LOAD_PHASES_MAX 32
#define LOAD_FAULTS_MAX 64

typedef struct load_plan {
    load_phase phases[LOAD_PHASES_MAX];
    load_fault faults[LOAD_FAULTS_MAX]; /* earliest first */
    uint32_t phase_count, fault_count;
} load_plan;

typedef struct load_options {
    const char *edge;
    const char *secret_file;
    const char *token_command;
    const char *plan_file;
    const char *publish_file; /* FLV */
    const char *rtmp;         /* where to publish; NULL: the edge's host, port 1935 */
    const char *play;         /* what is watched; NULL: what the room's first publishes */
    const char *room;
    const char *junit;
    uint32_t rooms, students, teachers; /* of each room the latter */
    uint32_t profile;                   /* enum load_profile_kind */
    uint32_t seed;
    uint32_t processes;  /* 0: as many as there are processors, and not more than are of use */
    uint32_t replicas;   /* one in so many keeps a full replica */
    uint32_t reconnects; /* a minute */
    uint32_t media;      /* enum load_media */
    uint32_t frozen_ppm; /* threshold, of the time that was watched */
    uint64_t delay_ms, jitter_ms; /* of everybody's network */
    uint32_t loss_ppm;
    load_plan plan; /* at least one phase */
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
    uint64_t resets, gaps, mismatches, reconnects, cut, dropped;
    uint64_t watchers, publishers, media_refused; /* who should; those that could not even begin */
    uint64_t blind;                               /* watchers that never had a picture */
    uint64_t published;                           /* publishers that were live at the end */
    uint64_t stalled, stalled_froze;              /* watchers held up on purpose; of them, frozen */
    uint64_t froze, freezes, frozen_us, watched_us;
    uint64_t frames_received, frames_unsent;
    uint64_t media_bytes_received, media_bytes_sent, media_reconnects;
    uint64_t bytes_sent, bytes_received;
    /* Of what was received in rooms: the lanes' payload, and what is around it. */
    uint64_t messages, bytes_framing, bytes_ordered, bytes_crowd, bytes_presence, bytes_state;
    uint64_t cpu_us, wall_us, memory_bytes;
    load_histogram join_us, ordered_us, crowd_us, latest_us;
    load_histogram first_picture_us, playout_us;
    load_histogram late_us; /* what was to be done was done so much later */
    int64_t trouble; /* of one process: why its first that could not join could not; 0: all could */
} load_figures;

void load_figures_add(load_figures *sum, const load_figures *part);
uint64_t load_told(const load_figures *f); /* events of all lanes */

/* What the comparison of everybody in a room has found. */
typedef struct load_compared {
    uint64_t tallies, lost, extra, altered, swapped, contradictions;
    uint64_t states, states_differ, states_behind;
    load_metrics before, after; /* of the edge */
    bool failed;                /* there was no memory for it */
} load_compared;

/* --- verdict.c: pure ---------------------------------------------------------------------------
 */

#define LOAD_SATURATED 3 /* exit code: this machine was too slow, so nothing was measured */

typedef struct load_finding {
    const char *name; /* of a check, such as "ordered-p99" */
    bool passed;
    char text[160];
} load_finding;

#define LOAD_FINDINGS 16

typedef struct load_verdict {
    load_finding findings[LOAD_FINDINGS];
    uint32_t count;
    bool saturated;
    char why[96];  /* it is: what this machine could not */
    int exit_code; /* CLI_DONE, CLI_FAILED, LOAD_SATURATED */
} load_verdict;

void load_judge(const load_options *o, const load_figures *f, const load_compared *c,
                load_verdict *out);

/* --- worker.c ----------------------------------------------------------------------------------
 */

typedef struct load_share {
    const load_options *options;
    const cli_secret *secret; /* NULL: an open edge */
    chalk_prepared *prepared; /* NULL: nothing is published */
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
    LOAD_STATES,       /* load_state[]: of full replicas of `room` */
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
/* `processes`: how many the figures are of. */
void load_tell(cli_report *report, const load_figures *f, const load_compared *c,
               const load_verdict *v, uint32_t processes);
/* False: it could not be written, and that was told. */
bool load_write_junit(cli_report *report, const char *path, const load_verdict *v, double seconds);

#endif
