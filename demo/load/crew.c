/* The first process: starts the others, hears what they say, compares. */
#include "load/load.h"

#include "cli/clock.h"
#include "cli/files.h"
#include "cli/stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PEOPLE_EACH   2500u /* of a process, where nobody says how many processes */
#define OTHER_FILES   64u   /* descriptors of a process that are no student's */
#define HEAD_START_US 200000u
#define LOOK_MS       250
#define LIVE_US       1000000u
#define MESSAGE_MAX   (256u << 20)
#define READ_AT_ONCE  65536u

typedef struct member {
    pid_t pid;
    int in;         /* -1: closed */
    uint8_t *bytes; /* of a message that has not come whole */
    size_t count, size;
    load_figures figures; /* the newest */
    bool ended;           /* said all that it had to say */
} member;

typedef struct hall {
    load_ledger ledger;
    load_tally *tallies;
    size_t tally_count;
    load_state *states; /* of full replicas */
    size_t state_count;
    uint64_t states_behind;
} hall;

typedef struct crew {
    cli_report *report;
    const load_options *options;
    member *members;
    uint32_t count;
    hall *rooms;
    bool failed; /* no memory, or nonsense in a pipe */
    bool told;   /* why somebody cannot join */
} crew;

/* --- how many -------------------------------------------------------------------------------- */

static uint32_t at_least(uint64_t people, uint64_t each)
{
    return (uint32_t)((people + each - 1) / each);
}

/* 0: they do not fit into as many processes as there may be. */
static uint32_t choose_processes(const load_options *o)
{
    uint64_t people = (uint64_t)o->rooms * (o->teachers + o->students);
    uint64_t files = cli_raise_files();
    uint64_t each = files > 2 * OTHER_FILES ? files - OTHER_FILES : OTHER_FILES;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    uint32_t wanted = at_least(people, PEOPLE_EACH);
    wanted = processors > 0 && wanted > (uint32_t)processors ? (uint32_t)processors : wanted;
    wanted = o->processes != 0 ? o->processes : wanted;
    uint32_t needed = at_least(people, each);
    uint32_t count = wanted > needed ? wanted : needed;
    return count <= LOAD_PROCESSES_MAX ? count : 0;
}

/* --- starting and stopping ------------------------------------------------------------------- */

static bool open_file(cli_report *report, const char *path, chalk_prepared **out)
{
    int status = path != NULL ? chalk_prepared_open(path, out) : CHALK_OK;
    if (status == CHALK_OK) {
        return true;
    }
    (void)cli_fail(report, "%s: %s", path,
                   status == CHALK_ERR_NOT_FOUND  ? "there is no such file"
                   : status == CHALK_ERR_BAD_DATA ? "is no FLV file, or a damaged one"
                   : status == CHALK_ERR_NO_MEDIA ? "has no picture or sound to begin with"
                                                  : chalk_error_text(status));
    return false;
}

/* Forking without exec is sound as long as there is one thread, which is so before the first
 * runtime. */
static bool start(crew *c, uint32_t index, load_share *share)
{
    int ends[2];
    if (pipe(ends) < 0) {
        return false;
    }
    pid_t pid = fork();
    if (pid == 0) {
        (void)close(ends[0]);
        for (uint32_t i = 0; i < index; i++) {
            (void)close(c->members[i].in);
        }
        share->out = ends[1];
        share->index = index;
        (void)cli_stop_in_a_child(); /* else it ends early, as if it had failed */
        _exit(load_work(c->report, share));
    }
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        return false;
    }
    c->members[index].pid = pid;
    c->members[index].in = ends[0];
    return true;
}

static void signal_all(const crew *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->members[i].pid > 0 && !c->members[i].ended) {
            (void)kill(c->members[i].pid, SIGINT); /* it may just have gone */
        }
    }
}

/* One that still writes has to learn that nobody reads, or both would wait for each other. */
static void wait_for_all(crew *c)
{
    for (uint32_t i = 0; i < c->count; i++) {
        member *m = &c->members[i];
        if (m->in >= 0) {
            (void)close(m->in);
        }
        while (m->pid > 0 && waitpid(m->pid, NULL, 0) < 0 && errno == EINTR) {
        }
        free(m->bytes);
    }
}

/* --- what they say --------------------------------------------------------------------------- */

/* Behind what is there, as many `item`s as there are in `data`. NULL: no memory. */
static void *add_items(void *items, size_t *count, size_t item, const uint8_t *data, size_t size)
{
    size_t held = *count * item, more = size / item;
    uint8_t *grown = realloc(items, held + more * item + 1); /* one: never nothing */
    if (grown != NULL) {
        memcpy(grown + held, data, more * item);
        *count += more;
    }
    return grown;
}

static bool keep_tallies(hall *room, const uint8_t *data, size_t size)
{
    load_tally *grown =
        add_items(room->tallies, &room->tally_count, sizeof *room->tallies, data, size);
    room->tallies = grown != NULL ? grown : room->tallies;
    return grown != NULL;
}

/* One process's: another's are of another instant, in which people may have gone. */
static bool keep_states(hall *room, const uint8_t *data, size_t size)
{
    size_t before = room->state_count;
    load_state *grown =
        add_items(room->states, &room->state_count, sizeof *room->states, data, size);
    if (grown == NULL) {
        return false;
    }
    room->states = grown;
    room->states_behind += load_states_behind(grown + before, room->state_count - before);
    return true;
}

static void keep_entries(hall *room, const uint8_t *data, size_t size)
{
    load_entry entry;
    for (size_t at = 0; at + sizeof entry <= size; at += sizeof entry) {
        memcpy(&entry, data + at, sizeof entry);
        load_ledger_add(&room->ledger, entry.number, entry.content);
    }
}

/* Once, and early: the report says only how many never came in. */
static void tell_trouble(crew *c, const member *m)
{
    if (!c->told && m->figures.trouble < 0) {
        (void)cli_fail_status(c->report, (int)m->figures.trouble, c->options->edge);
        c->told = true;
    }
}

static bool take(crew *c, member *m, const load_message *head, const uint8_t *data)
{
    hall *room = &c->rooms[head->room];
    switch (head->kind) {
    case LOAD_PROGRESS:
    case LOAD_END:
        memcpy(&m->figures, data, sizeof m->figures);
        m->ended = head->kind == LOAD_END;
        tell_trouble(c, m);
        return true;
    case LOAD_ENTRIES:
        keep_entries(room, data, head->size);
        return !room->ledger.failed;
    case LOAD_TALLIES:
        return keep_tallies(room, data, head->size);
    case LOAD_STATES:
        return keep_states(room, data, head->size);
    default:
        return false;
    }
}

static bool is_sane(const crew *c, const load_message *head)
{
    bool figures = head->kind == LOAD_PROGRESS || head->kind == LOAD_END;
    return head->room < c->options->rooms && head->size <= MESSAGE_MAX &&
           (!figures || head->size == sizeof(load_figures));
}

/* All messages that have come whole. */
static bool take_whole(crew *c, member *m)
{
    size_t at = 0;
    load_message head;
    while (m->count - at >= sizeof head) {
        memcpy(&head, m->bytes + at, sizeof head);
        if (!is_sane(c, &head)) {
            return false;
        }
        if (m->count - at - sizeof head < head.size) {
            break;
        }
        if (!take(c, m, &head, m->bytes + at + sizeof head)) {
            return false;
        }
        at += sizeof head + head.size;
    }
    memmove(m->bytes, m->bytes + at, m->count - at);
    m->count -= at;
    return true;
}

/* False: it has ended. */
static bool hear(crew *c, member *m)
{
    if (m->size - m->count < READ_AT_ONCE) {
        size_t size = 2 * m->size + READ_AT_ONCE;
        uint8_t *grown = realloc(m->bytes, size);
        if (grown == NULL) {
            c->failed = true;
            return false;
        }
        m->bytes = grown;
        m->size = size;
    }
    ssize_t got = read(m->in, m->bytes + m->count, m->size - m->count);
    if (got < 0 && errno == EINTR) {
        return true;
    }
    if (got <= 0) {
        return false;
    }
    m->count += (size_t)got;
    bool sane = take_whole(c, m);
    c->failed = c->failed || !sane;
    return sane;
}

static load_figures *sum_of(const crew *c)
{
    static load_figures sum; /* larger than a stack should be */
    sum = (load_figures){0};
    for (uint32_t i = 0; i < c->count; i++) {
        load_figures_add(&sum, &c->members[i].figures);
    }
    return &sum;
}

static bool hear_any(crew *c)
{
    struct pollfd fds[LOAD_PROCESSES_MAX];
    bool open = false;
    for (uint32_t i = 0; i < c->count; i++) {
        fds[i] = (struct pollfd){.fd = c->members[i].in, .events = POLLIN};
        open = open || fds[i].fd >= 0;
    }
    int count = open ? poll(fds, c->count, LOOK_MS) : 0;
    for (uint32_t i = 0; count > 0 && i < c->count; i++) {
        member *m = &c->members[i];
        if ((fds[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0 && !hear(c, m)) {
            (void)close(m->in);
            m->in = -1;
        }
    }
    return open;
}

static void hear_all(crew *c)
{
    uint64_t began_us = cli_now_us(), told_us = began_us;
    bool stopped = false;
    while (hear_any(c)) {
        uint64_t now_us = cli_now_us();
        if ((cli_interrupted() || c->failed) && !stopped) {
            stopped = true;
            signal_all(c);
        }
        if (now_us - told_us >= LIVE_US) {
            told_us = now_us;
            load_live_line(c->report, sum_of(c), (double)(now_us - began_us) / 1e6);
        }
    }
}

/* --- the comparison -------------------------------------------------------------------------- */

static void compare_room(hall *room, load_compared *out)
{
    load_ledger *l = &room->ledger;
    load_ledger_close(l);
    uint64_t to = l->count > 0 ? l->entries[l->count - 1].number : 0;
    for (size_t i = 0; i < room->tally_count; i++) {
        load_difference d = load_ledger_compare(l, &room->tallies[i], to);
        out->lost += d.lost;
        out->extra += d.extra;
        out->altered += d.altered;
        out->swapped += d.swapped;
    }
    out->tallies += room->tally_count;
    out->contradictions += l->contradictions;
    out->states += room->state_count;
    out->states_differ += load_states_differ(room->states, room->state_count);
    out->states_behind += room->states_behind;
    load_ledger_free(l);
    free(room->tallies);
    free(room->states);
}

static bool finish(crew *c, load_figures *figures, load_compared *compared)
{
    bool ended = true;
    *figures = *sum_of(c);
    compared->failed = c->failed;
    for (uint32_t i = 0; i < c->options->rooms; i++) {
        compare_room(&c->rooms[i], compared);
    }
    for (uint32_t i = 0; i < c->count; i++) {
        ended = ended && c->members[i].ended;
    }
    if (!ended || c->failed) {
        (void)cli_fail(c->report, "a process of the crowd ended before its time");
    }
    return ended && !c->failed;
}

bool load_run(cli_report *report, const load_options *o, const cli_secret *secret,
              load_figures *figures, load_compared *compared, uint32_t *processes)
{
    chalk_prepared *prepared = NULL;
    *compared = (load_compared){0};
    if (!open_file(report, o->publish_file, &prepared)) {
        return false;
    }
    load_metrics_get(o->edge, &compared->before);
    crew c = {.report = report, .options = o, .count = choose_processes(o)};
    *processes = c.count;
    if (c.count == 0) {
        (void)cli_fail(report, "so many connections need more descriptors; raise `ulimit -n`");
        chalk_prepared_close(&prepared);
        return false;
    }
    c.members = calloc(c.count, sizeof *c.members);
    c.rooms = calloc(o->rooms, sizeof *c.rooms);
    bool done = c.members != NULL && c.rooms != NULL;
    load_share share = {.options = o,
                        .secret = secret,
                        .prepared = prepared,
                        .count = c.count,
                        .begin_us = cli_now_us() + HEAD_START_US};
    uint32_t started = 0;
    while (done && started < c.count && start(&c, started, &share)) {
        started++;
    }
    done = done && started == c.count;
    c.count = started;
    if (done) {
        hear_all(&c);
        load_metrics_get(o->edge, &compared->after);
        done = finish(&c, figures, compared);
    } else {
        (void)cli_fail(report, "the processes of the crowd cannot be started");
        signal_all(&c);
    }
    wait_for_all(&c);
    free(c.members);
    free(c.rooms);
    chalk_prepared_close(&prepared);
    return done;
}
