/* One process of the crowd: its people come, do what the profile says, listen, and go. */
#include "load/worker.h"

#include "cli/clock.h"
#include "cli/stop.h"
#include "load/tokens.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRESS_US 1000000u
#define DRAIN_US    5000000u  /* for what is under way when nothing more is done */
#define QUIET_US    1000000u  /* without an event, nothing is */
#define LEVEL_US    20000000u /* for full replicas to come equally far */
#define LEAVE_US    3000000u
#define TURN_US     100000u /* between two looks when nothing is due */

/* Bytes that are this process's alone; 0: the system does not say. */
static uint64_t own_memory(void)
{
    static const char field[] = "Private_Dirty:";
    unsigned long kb = 0;
    char line[256];
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    while (kb == 0 && file != NULL && fgets(line, sizeof line, file) != NULL) {
        kb = strncmp(line, field, sizeof field - 1) == 0
                 ? strtoul(line + sizeof field - 1, NULL, 10)
                 : 0;
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return (uint64_t)kb * 1024;
}

/* --- the share ------------------------------------------------------------------------------- */

/* Whole rooms where there are enough of them, so that few processes play each. */
static bool is_ours(const load_share *share, uint32_t room, uint32_t person)
{
    uint32_t by = share->options->rooms >= share->count ? room : person;
    return by % share->count == share->index;
}

static void add_room(load_worker *w, uint32_t room)
{
    bool ours = false;
    for (uint32_t i = 0; i < w->in_room; i++) {
        uint32_t *place = &w->of[(size_t)room * w->in_room + i];
        *place = UINT32_MAX;
        if (is_ours(w->share, room, i)) {
            *place = w->count;
            load_student_init(&w->students[w->count++], &w->hall, room, i);
            ours = true;
        }
    }
    if (ours) {
        load_agenda_add(&w->agenda, room);
    }
}

static bool make_people(load_worker *w)
{
    const load_options *o = w->share->options;
    size_t people = (size_t)o->rooms * w->in_room;
    w->students = calloc(people, sizeof *w->students);
    w->of = calloc(people, sizeof *w->of);
    w->hall.ledgers = calloc(o->rooms, sizeof *w->hall.ledgers);
    if (w->students == NULL || w->of == NULL || w->hall.ledgers == NULL ||
        !load_agenda_init(&w->agenda, o)) {
        return false;
    }
    for (uint32_t room = 0; room < o->rooms; room++) {
        add_room(w, room);
    }
    w->figures.people = w->count;
    return true;
}

/* Tokens can take long to be had: then this process begins later, and not with what it has missed.
 */
static void set_times(load_worker *w)
{
    const load_options *o = w->share->options;
    const uint64_t now_us = cli_now_us();
    w->begin_us = now_us > w->share->begin_us ? now_us : w->share->begin_us;
    w->play_us = w->begin_us + o->ramp_ms * 1000;
    w->end_us = w->play_us + o->for_ms * 1000;
    w->cut_us = o->reconnects > 0 ? w->play_us : LOAD_NEVER;
}

static int open_worker(load_worker *w, cli_report *report, const load_share *share)
{
    const load_options *o = share->options;
    *w = (load_worker){
        .report = report,
        .share = share,
        .hall = {.options = o, .secret = share->secret, .prepared = share->prepared},
        .in_room = o->teachers + o->students,
        .random = o->seed + share->index,
    };
    w->hall.figures = &w->figures;
    chalk_runtime_options options;
    chalk_runtime_options_init(&options);
    options.flags = CHALK_RUNTIME_HOST_DRIVEN;
    options.log = cli_log;
    options.log_user = report;
    options.log_level = report->verbose ? CHALK_LOG_DEBUG : CHALK_LOG_ERROR;
    int status = chalk_runtime_create(&options, &w->hall.runtime);
    if (status == CHALK_OK && !make_people(w)) {
        status = CHALK_ERR_NO_MEMORY;
    }
    if (status == CHALK_OK && o->token_command != NULL) {
        status = load_tokens_get(report, o->token_command, w->students, w->count);
    }
    set_times(w);
    w->memory_bytes = own_memory();
    w->cpu_us = cli_cpu_us();
    return status;
}

static void close_worker(load_worker *w)
{
    const load_options *o = w->share->options;
    for (uint32_t i = 0; i < w->count; i++) {
        chalk_session_destroy(&w->students[i].session);
        free(w->students[i].token);
    }
    chalk_runtime_destroy(&w->hall.runtime);
    for (uint32_t i = 0; w->hall.ledgers != NULL && i < o->rooms; i++) {
        load_ledger_free(&w->hall.ledgers[i]);
    }
    free(w->hall.ledgers);
    free(w->students);
    free(w->of);
    load_agenda_free(&w->agenda);
}

/* --- its time -------------------------------------------------------------------------------- */

/* What was done until now, and in which time. */
static void note_times(load_worker *w, uint64_t now_us)
{
    w->figures.cpu_us = cli_cpu_us() - w->cpu_us;
    w->figures.wall_us = now_us > w->begin_us ? now_us - w->begin_us : 0;
}

/* The figures, each second. */
static void tell_progress(load_worker *w, uint64_t now_us)
{
    if (w->progress_us <= now_us) {
        w->progress_us = now_us + PROGRESS_US;
        note_times(w, now_us);
        w->alone = !load_send(w->share->out, LOAD_PROGRESS, 0, &w->figures, sizeof w->figures);
    }
}

static void listen_to_news(load_worker *w)
{
    (void)chalk_runtime_poll(w->hall.runtime);
    while (w->hall.ready != NULL) {
        load_student *s = w->hall.ready;
        w->hall.ready = s->next_ready;
        s->is_ready = false;
        load_student_listen(s);
    }
}

/* Until the network, or the clock, has something for us. */
static void wait_for_news(const load_worker *w, uint64_t until_us)
{
    uint64_t now_us = cli_now_us();
    uint64_t at_us = load_due_at(w, until_us < w->progress_us ? until_us : w->progress_us);
    uint64_t left_us = at_us > now_us ? at_us - now_us : 0;
    uint64_t wait_us = left_us < TURN_US ? left_us : TURN_US;
    int loop_ms = chalk_runtime_poll_timeout_ms(w->hall.runtime);
    int wait_ms = (int)((wait_us + 999) / 1000);
    struct pollfd fd = {.fd = chalk_runtime_poll_fd(w->hall.runtime), .events = POLLIN};
    (void)poll(&fd, 1, loop_ms < wait_ms ? loop_ms : wait_ms); /* a signal ends it too */
}

/* Nobody will be there any more, or nobody came when the last should have: what would go on is
 * waiting. */
static bool is_in_vain(const load_worker *w, uint64_t now_us)
{
    uint64_t by_us = w->play_us + w->share->options->join_ms * 1000;
    return w->count > 0 &&
           (w->hall.over == w->count || (w->figures.joined == 0 && now_us >= by_us));
}

static int run_until(load_worker *w, uint64_t until_us)
{
    int status = CHALK_OK;
    for (uint64_t now_us = cli_now_us();
         now_us < until_us && status == CHALK_OK && !w->alone &&
         (w->closing || (!cli_interrupted() && !is_in_vain(w, now_us)));
         now_us = cli_now_us()) {
        status = load_due_do(w, now_us);
        tell_progress(w, now_us);
        listen_to_news(w);
        wait_for_news(w, until_us);
    }
    return status;
}

/* --- the end --------------------------------------------------------------------------------- */

static int drain(load_worker *w, uint64_t now_us)
{
    const load_options *o = w->share->options;
    const uint64_t began_us = now_us;
    const uint64_t drain_us = DRAIN_US + 4000 * (o->delay_ms + o->jitter_ms); /* there and back */
    bool flows = true;
    int status = CHALK_OK;
    load_due_end(w, now_us); /* a class that was stopped is judged as any other */
    while (status == CHALK_OK && (flows || !load_outcome_is_level(w)) &&
           now_us < began_us + LEVEL_US && !w->alone) {
        const uint64_t told = load_told(&w->figures);
        status = run_until(w, now_us + QUIET_US);
        now_us = cli_now_us();
        flows = told != load_told(&w->figures) || load_outcome_awaits_answers(w);
        flows = flows && now_us < began_us + drain_us;
    }
    return status;
}

static void leave(load_worker *w)
{
    uint64_t until_us = cli_now_us() + LEAVE_US;
    for (uint32_t i = 0; i < w->asked; i++) {
        (void)chalk_room_leave(w->students[i].session, NULL); /* it may have ended */
    }
    while (w->figures.live > 0 && cli_now_us() < until_us) {
        listen_to_news(w);
        wait_for_news(w, until_us);
    }
}

int load_work(cli_report *report, const load_share *share)
{
    static load_worker w; /* larger than a stack should be */
    int status = open_worker(&w, report, share);
    if (status == CHALK_OK) {
        status = run_until(&w, w.end_us);
    }
    uint64_t now_us = cli_now_us();
    note_times(&w, now_us);
    uint64_t memory_bytes = own_memory();
    w.figures.memory_bytes = memory_bytes > w.memory_bytes ? memory_bytes - w.memory_bytes : 0;
    if (status == CHALK_OK) {
        status = drain(&w, now_us);
    }
    if (status < 0) {
        (void)cli_fail_status(report, status, "a process of the crowd");
    }
    bool sent = status == CHALK_OK && load_outcome_send(&w);
    leave(&w);
    close_worker(&w);
    return sent ? CLI_DONE : CLI_FAILED;
}
