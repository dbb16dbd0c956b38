/* A lesson: who takes part, everything that goes wrong, and what must hold in the end. */
#include "sim/lesson_inside.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_US   500000
#define HANG_UP_US 5000000 /* all have left by then: the session's, RTMP's and TCP's own ends */

void ck_lesson_break(ck_lesson *l, const char *rule, uint64_t value)
{
    if (l->report->broken[0] == '\0') {
        snprintf(l->report->broken, sizeof l->report->broken, "%s (%llu) at %llu ms", rule,
                 (unsigned long long)value, (unsigned long long)(l->sim.now_us / 1000));
    }
}

/* --- trouble --------------------------------------------------------------------------------- */

static void trouble(ck_lesson *l, bool over)
{
    for (uint32_t i = 0; i < l->student_count; i++) {
        ck_student_trouble(&l->students[i], over);
    }
}

static void trouble_over(void *lesson, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    trouble(lesson, true);
}

static uint64_t about(ck_lesson *l, uint32_t ms)
{
    return (uint64_t)ms * 750 + ck_rng_below(&l->sim.rng, (uint64_t)ms * 500 + 1);
}

static void pause_path(void *lesson, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_lesson *l = lesson;
    uint64_t us = about(l, l->scenario->pause_ms);
    ck_link_suspend(&l->down, us);
    ck_link_suspend(&l->up, us);
    trouble(l, false);
    if (l->scenario->handover) {
        bool longer = l->pauses++ % 2 == 0;
        l->down.config.delay_us = l->scenario->down.delay_us + (longer ? 60000 : 0);
    }
    ck_sim_at(&l->sim, l->sim.now_us + us, trouble_over, l, 0, 0);
    ck_sim_at(&l->sim, l->sim.now_us + us + about(l, l->scenario->pause_every_ms), pause_path, l, 0,
              0);
}

static void starve(void *lesson, uint64_t begin, uint64_t b)
{
    (void)b;
    ck_lesson *l = lesson;
    l->publish.config.rate_bps = l->scenario->publish.rate_bps / (begin ? 4 : 1);
    trouble(l, !begin);
    uint32_t next = begin ? l->scenario->starve_ms : l->scenario->starve_every_ms;
    ck_sim_at(&l->sim, l->sim.now_us + about(l, next), starve, l, !begin, 0);
}

static void wake(void *lesson, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_lesson *l = lesson;
    ck_link_set_down(&l->down, false);
    ck_link_set_down(&l->up, false);
    trouble(l, true);
}

/* A sleeping machine hears nothing: what is sent to it is lost. */
static void sleep_all(void *lesson, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_lesson *l = lesson;
    uint64_t us = (uint64_t)l->scenario->sleep_ms * 1000;
    ck_link_set_down(&l->down, true);
    ck_link_set_down(&l->up, true);
    trouble(l, false);
    ck_sim_at(&l->sim, l->sim.now_us + us, wake, l, 0, 0);
    for (uint32_t i = 0; i < l->student_count; i++) {
        ck_student_sleep(&l->students[i], us);
    }
}

static void edge_goes(void *lesson, uint64_t comes_back, uint64_t b)
{
    (void)b;
    ck_lesson *l = lesson;
    if (comes_back) {
        if (!ck_sim_edge_start(&l->edge)) {
            ck_lesson_break(l, "a core cannot be made", 0);
        }
        trouble(l, true);
        return;
    }
    trouble(l, false);
    ck_sim_edge_stop(&l->edge);
    ck_sim_at(&l->sim, l->sim.now_us + (uint64_t)l->scenario->restart_ms * 1000, edge_goes, l, 1,
              0);
}

static void sample(void *lesson, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_lesson *l = lesson;
    bool over = l->sim.now_us > (uint64_t)l->scenario->seconds * 1000000; /* the teacher has gone */
    if (!over && l->report->sample_count < CK_LESSON_SAMPLES) {
        ck_student_sample(&l->students[0], &l->report->samples[l->report->sample_count++]);
    }
    ck_sim_at(&l->sim, l->sim.now_us + CK_LESSON_EVERY_US, sample, l, 0, 0);
}

/* --- a run ----------------------------------------------------------------------------------- */

static void schedule(ck_lesson *l)
{
    const ck_scenario *c = l->scenario;
    ck_sim *s = &l->sim;
    ck_teacher_start(&l->teacher);
    for (uint32_t i = 0; i < l->student_count; i++) {
        uint64_t at = FIRST_US + ck_rng_below(&s->rng, (uint64_t)c->join_within_ms * 1000 + 1);
        ck_sim_at(s, at, ck_student_join, &l->students[i], 0, 0);
    }
    if (c->pause_every_ms > 0) {
        ck_sim_at(s, 2000000 + about(l, c->pause_every_ms), pause_path, l, 0, 0);
    }
    if (c->starve_every_ms > 0) {
        ck_sim_at(s, 2000000 + about(l, c->starve_every_ms), starve, l, 1, 0);
    }
    if (c->sleep_ms > 0) {
        ck_sim_at(s, (uint64_t)c->sleep_at_ms * 1000, sleep_all, l, 0, 0);
    }
    if (c->restart_ms > 0) {
        ck_sim_at(s, (uint64_t)c->restart_at_ms * 1000, edge_goes, l, 0, 0);
    }
    ck_sim_at(s, CK_LESSON_EVERY_US, sample, l, 0, 0);
}

static void start(ck_lesson *l, const ck_lesson_options *options, ck_lesson_report *report)
{
    const ck_scenario *c = options->scenario;
    *l = (ck_lesson){
        .options = options,
        .scenario = c,
        .report = report,
        .student_count = CK_MAX(c->students, 1),
    };
    ck_sim_init(&l->sim, options->seed);
    ck_link_config down = c->down;
    down.trace = options->trace;
    ck_link_init(&l->publish, &l->sim, &c->publish);
    ck_link_init(&l->publish_acks, &l->sim, &(ck_link_config){.delay_us = c->publish.delay_us});
    ck_link_init(&l->down, &l->sim, &down);
    ck_link_init(&l->up, &l->sim, &c->up);
    if (!ck_sim_edge_init(&l->edge, &l->sim)) {
        ck_lesson_break(l, "a core cannot be made", 0);
    }
    l->edge.never_answers = options->fault == CK_FAULT_NO_ANSWER;
    l->edge.answers_twice = options->fault == CK_FAULT_TWO_ANSWERS;
    ck_teacher_init(&l->teacher, l);
    l->students = calloc(l->student_count, sizeof *l->students);
    if (l->students == NULL) {
        fputs("simulation: out of memory\n", stderr);
        exit(1);
    }
    for (uint32_t i = 0; i < l->student_count; i++) {
        ck_student_init(&l->students[i], l);
    }
}

static void release(ck_lesson *l)
{
    ck_sim_edge_free(&l->edge); /* first: it resets connections that their clients own */
    for (uint32_t i = 0; i < l->student_count; i++) {
        ck_student_free(&l->students[i]);
    }
    free(l->students);
    ck_sim_client_free(&l->teacher.client);
    ck_link_free(&l->publish);
    ck_link_free(&l->publish_acks);
    ck_link_free(&l->down);
    ck_link_free(&l->up);
    ck_sim_free(&l->sim);
}

static uint64_t p95(const uint32_t *buckets)
{
    uint64_t sum = 0, tail = 0;
    for (size_t i = 0; i < CK_LESSON_BUCKETS; i++) {
        sum += buckets[i];
    }
    size_t i = CK_LESSON_BUCKETS;
    while (i > 0 && (tail + buckets[i - 1]) * 20 <= sum) {
        tail += buckets[--i];
    }
    return sum == 0 || i == 0 ? 0 : i - 1;
}

static void check_bound(ck_lesson *l, const char *queue, uint64_t most, uint64_t bound)
{
    if (most > bound) {
        ck_lesson_break(l, queue, most);
    }
}

static void check_queues(ck_lesson *l)
{
    ck_lesson_report *r = l->report;
    r->queue_most_bytes = l->down.most_bytes;
    r->teacher_most_bytes = l->teacher.queued_most;
    r->edge_most_bytes = l->edge.memory_most;
    uint64_t factor = l->options->fault == CK_FAULT_TIGHT_QUEUES ? 1000 : 1;
    check_bound(l, "the jitter buffer is not bounded", r->buffered_most, 512 / factor);
    check_bound(l, "the teacher's queue is not bounded", r->teacher_most_bytes,
                CK_SIM_TEACHER_BYTES / factor);
    check_bound(l, "the edge's lists are not bounded", r->edge_most_bytes,
                CK_SIM_EDGE_MEMORY / factor);
}

/* Everybody has left: whatever was begun has ended, once. */
static void check_ends(ck_lesson *l)
{
    for (uint32_t i = 0; i < l->student_count; i++) {
        ck_student_check(&l->students[i]);
    }
    if (l->edge.requests != l->edge.answers + l->edge.withdrawn) {
        ck_lesson_break(l, "requests were not answered once", l->edge.requests);
    }
    if (ck_sim_edge_readers(&l->edge) != 0) {
        ck_lesson_break(l, "the edge still has readers", ck_sim_edge_readers(&l->edge));
    }
}

static void check_skew(ck_lesson *l)
{
    uint32_t most_ms = l->scenario->skew_ms != 0 ? l->scenario->skew_ms : 40;
    if (l->report->skew_p95_us > (uint64_t)most_ms * 1000) {
        ck_lesson_break(l, "skew is too large, us", l->report->skew_p95_us);
    }
}

void ck_lesson_run(const ck_lesson_options *options, ck_lesson_report *report)
{
    ck_lesson l;
    memset(report, 0, sizeof *report);
    start(&l, options, report);
    schedule(&l);
    ck_sim_run(&l.sim, (uint64_t)options->scenario->seconds * 1000000);
    for (uint32_t i = 0; i < l.student_count; i++) {
        ck_student_finish(&l.students[i]);
    }
    report->mean_delay_us = l.delay_count > 0 ? l.delay_sum_ms * 1000 / l.delay_count : 0;
    report->skew_p95_us = p95(l.skew) * 1000;
    report->steady_rate_ppm = p95(l.rate) * 1000;
    ck_sim_note(&l.sim, report->played_us);
    ck_sim_note(&l.sim, report->concealed_us);
    report->hash = l.sim.hash;
    check_skew(&l);
    check_queues(&l);
    ck_sim_run(&l.sim, l.sim.now_us + HANG_UP_US);
    check_ends(&l);
    release(&l);
}
