/* One process of the crowd: its people come, do what the profile says, listen, and go. */
#include "load/load.h"

#include "cli/clock.h"
#include "cli/stop.h"
#include "load/agenda.h"
#include "load/student.h"
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
#define NEVER       UINT64_MAX

typedef struct worker {
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
} worker;

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

static void add_room(worker *w, uint32_t room)
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

static bool make_people(worker *w)
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
static void set_times(worker *w)
{
    const load_options *o = w->share->options;
    const uint64_t now_us = cli_now_us();
    w->begin_us = now_us > w->share->begin_us ? now_us : w->share->begin_us;
    w->play_us = w->begin_us + o->ramp_ms * 1000;
    w->end_us = w->play_us + o->for_ms * 1000;
    w->cut_us = o->reconnects > 0 ? w->play_us : NEVER;
}

static int open_worker(worker *w, cli_report *report, const load_share *share)
{
    const load_options *o = share->options;
    *w = (worker){
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

static void close_worker(worker *w)
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

/* --- what is due ----------------------------------------------------------------------------- */

/* People come at even distances, all processes' together. */
static uint64_t join_at(const worker *w, uint32_t index)
{
    uint64_t ramp_us = w->share->options->ramp_ms * 1000;
    return index < w->count && !w->closing ? w->begin_us + ramp_us * index / w->count : NEVER;
}

static uint64_t act_at(const worker *w)
{
    const load_turn *next = load_agenda_first(&w->agenda);
    uint64_t at_us = next != NULL ? w->play_us + next->action.at_us : NEVER;
    return at_us < w->end_us ? at_us : NEVER;
}

static void act(worker *w, uint64_t now_us)
{
    const load_turn *next = load_agenda_first(&w->agenda);
    uint32_t index = w->of[(size_t)next->room * w->in_room + next->action.who];
    if (index != UINT32_MAX) {
        load_histogram_add(&w->figures.late_us, now_us - act_at(w));
        load_student_do(&w->students[index], &next->action);
    }
    load_agenda_step(&w->agenda);
}

static void cut_one(worker *w)
{
    const uint32_t per_minute = w->share->options->reconnects;
    if (w->count > 0) {
        load_student_cut(&w->students[load_random(&w->random) % w->count]);
    }
    w->cut_us += UINT64_C(60000000) * w->share->count / per_minute;
}

static uint64_t fault_at(const worker *w)
{
    const load_plan *plan = &w->share->options->plan;
    return w->fault < plan->fault_count ? w->play_us + plan->faults[w->fault].at_ms * 1000 : NEVER;
}

/* Its share of the students, spread evenly over each room; another fault meets others first. */
static void strike(worker *w)
{
    const load_options *o = w->share->options;
    const load_fault *fault = &o->plan.faults[w->fault];
    for (uint32_t i = 0; i < w->count; i++) {
        load_student *s = &w->students[i];
        uint64_t place = s->number - (s->staff ? 0 : o->teachers) + w->fault;
        bool meets = (place + 1) * fault->share_ppm / 1000000 != place * fault->share_ppm / 1000000;
        if (!s->staff && meets && fault->kind == LOAD_FAULT_STALL) {
            load_student_stall(s, (uint32_t)fault->for_ms);
        } else if (!s->staff && meets) {
            load_student_cut(s);
        }
    }
    w->fault++;
}

/* What was done until now, and in which time. */
static void note_times(worker *w, uint64_t now_us)
{
    w->figures.cpu_us = cli_cpu_us() - w->cpu_us;
    w->figures.wall_us = now_us > w->begin_us ? now_us - w->begin_us : 0;
}

static int do_what_is_due(worker *w, uint64_t now_us)
{
    int status = CHALK_OK;
    while (status == CHALK_OK && join_at(w, w->asked) <= now_us) {
        load_histogram_add(&w->figures.late_us, now_us - join_at(w, w->asked));
        status = load_student_join(&w->students[w->asked++]);
    }
    while (act_at(w) <= now_us) {
        act(w, now_us);
    }
    if (w->cut_us <= now_us && now_us < w->end_us) {
        cut_one(w);
    }
    while (fault_at(w) <= now_us) {
        strike(w);
    }
    if (w->progress_us <= now_us) {
        w->progress_us = now_us + PROGRESS_US;
        note_times(w, now_us);
        w->alone = !load_send(w->share->out, LOAD_PROGRESS, 0, &w->figures, sizeof w->figures);
    }
    return status;
}

static void listen_to_news(worker *w)
{
    (void)chalk_runtime_poll(w->hall.runtime);
    while (w->hall.ready != NULL) {
        load_student *s = w->hall.ready;
        w->hall.ready = s->next_ready;
        s->is_ready = false;
        load_student_listen(s);
    }
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* Until the network, or the clock, has something for us. */
static void wait_for_news(const worker *w, uint64_t until_us)
{
    uint64_t now_us = cli_now_us();
    uint64_t at_us = least(least(join_at(w, w->asked), act_at(w)), least(until_us, w->progress_us));
    at_us = least(at_us, least(fault_at(w), w->cut_us));
    uint64_t wait_us = at_us > now_us ? least(at_us - now_us, TURN_US) : 0;
    int loop_ms = chalk_runtime_poll_timeout_ms(w->hall.runtime);
    int wait_ms = (int)((wait_us + 999) / 1000);
    struct pollfd fd = {.fd = chalk_runtime_poll_fd(w->hall.runtime), .events = POLLIN};
    (void)poll(&fd, 1, loop_ms < wait_ms ? loop_ms : wait_ms); /* a signal ends it too */
}

/* Nobody will be there any more, or nobody came when the last should have: what would go on is
 * waiting. */
static bool is_in_vain(const worker *w, uint64_t now_us)
{
    uint64_t by_us = w->play_us + w->share->options->join_ms * 1000;
    return w->count > 0 &&
           (w->hall.over == w->count || (w->figures.joined == 0 && now_us >= by_us));
}

static int run_until(worker *w, uint64_t until_us)
{
    int status = CHALK_OK;
    for (uint64_t now_us = cli_now_us();
         now_us < until_us && status == CHALK_OK && !w->alone &&
         (w->closing || (!cli_interrupted() && !is_in_vain(w, now_us)));
         now_us = cli_now_us()) {
        status = do_what_is_due(w, now_us);
        listen_to_news(w);
        wait_for_news(w, until_us);
    }
    return status;
}

/* --- the end --------------------------------------------------------------------------------- */

/* Whether the full replicas of a room have come equally far. */
static bool is_level(const worker *w, uint32_t room)
{
    uint64_t head = 0;
    for (uint32_t i = 0; i < w->in_room; i++) {
        uint32_t index = w->of[(size_t)room * w->in_room + i];
        load_student *s = index != UINT32_MAX ? &w->students[index] : NULL;
        if (s == NULL || !s->full || !s->live) {
            continue;
        }
        uint64_t here = load_student_head(s);
        if (head != 0 && here != head) {
            return false;
        }
        head = here;
    }
    return true;
}

static bool are_level(const worker *w)
{
    uint32_t at = 0;
    while (at < w->agenda.count && is_level(w, w->agenda.rooms[at].turn.room)) {
        at++;
    }
    return at == w->agenda.count;
}

static bool awaits_answers(const worker *w)
{
    uint32_t at = 0;
    while (at < w->count && (!w->students[at].live || w->students[at].unanswered == 0)) {
        at++;
    }
    return at < w->count;
}

/* A class that was stopped is judged as any other, so what is under way is waited for then, too. */
static void close_class(worker *w, uint64_t now_us)
{
    w->closing = true;
    w->end_us = least(w->end_us, now_us);
    w->cut_us = NEVER;
    w->fault = w->share->options->plan.fault_count;
}

static int drain(worker *w, uint64_t now_us)
{
    const load_options *o = w->share->options;
    const uint64_t began_us = now_us;
    const uint64_t drain_us = DRAIN_US + 4000 * (o->delay_ms + o->jitter_ms); /* there and back */
    bool flows = true;
    int status = CHALK_OK;
    close_class(w, now_us);
    while (status == CHALK_OK && (flows || !are_level(w)) && now_us < began_us + LEVEL_US &&
           !w->alone) {
        const uint64_t told = load_told(&w->figures);
        status = run_until(w, now_us + QUIET_US);
        now_us = cli_now_us();
        flows = told != load_told(&w->figures) || awaits_answers(w);
        flows = flows && now_us < began_us + drain_us;
    }
    return status;
}

static bool send_room(worker *w, uint32_t room, load_tally *tallies, load_state *states)
{
    uint32_t count = 0, full = 0;
    load_ledger *l = &w->hall.ledgers[room];
    for (uint32_t i = 0; i < w->in_room; i++) {
        uint32_t index = w->of[(size_t)room * w->in_room + i];
        load_student *s = index != UINT32_MAX ? &w->students[index] : NULL;
        if (s != NULL && s->live) {
            tallies[count++] = s->ordered;
            if (s->full) {
                states[full++] = load_student_state(s);
            }
        }
    }
    w->figures.contradicted += l->contradictions + l->failed;
    return load_send(w->share->out, LOAD_ENTRIES, room, l->entries,
                     l->count * sizeof *l->entries) &&
           load_send(w->share->out, LOAD_TALLIES, room, tallies, count * sizeof *tallies) &&
           load_send(w->share->out, LOAD_STATES, room, states, full * sizeof *states);
}

static bool send_kept(worker *w)
{
    bool sent = true;
    for (uint32_t i = 0; sent && i < w->hall.kept_count; i++) {
        const load_kept *kept = &w->hall.kept[i];
        sent = load_send(w->share->out, LOAD_TALLIES, kept->room, &kept->tally, sizeof kept->tally);
    }
    return sent;
}

static bool send_all(worker *w)
{
    load_tally *tallies = calloc(w->in_room, sizeof *tallies);
    load_state *states = calloc(w->in_room, sizeof *states);
    bool sent = tallies != NULL && states != NULL && send_kept(w);
    for (uint32_t i = 0; sent && i < w->agenda.count; i++) {
        sent = send_room(w, w->agenda.rooms[i].turn.room, tallies, states);
    }
    for (uint32_t i = 0; i < w->count; i++) {
        load_student_count(&w->students[i]);
    }
    free(states);
    free(tallies);
    return sent && load_send(w->share->out, LOAD_END, 0, &w->figures, sizeof w->figures);
}

static void leave(worker *w)
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
    static worker w; /* larger than a stack should be */
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
    bool sent = status == CHALK_OK && send_all(&w);
    leave(&w);
    close_worker(&w);
    return sent ? CLI_DONE : CLI_FAILED;
}
