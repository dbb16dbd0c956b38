/* Teacher, edge and everything that goes wrong. */
#include "sim/lesson_inside.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOUND_US       21333 /* 1024 samples at 48 kHz */
#define PACKET_US      20000
#define SOUND_BYTES    180
#define PICTURE_US     40000
#define KEY_EVERY      50
#define KEY_BYTES      20000
#define DELTA_BYTES    1500
#define TEACHER_UNSENT 60 /* segments: more, and pictures wait for the next key frame */
#define FIRST_US       500000

static void *room_for(void *array, size_t *size, size_t element)
{
    *size = *size == 0 ? 1024 : 2 * *size;
    void *grown = realloc(array, *size * element);
    if (grown == NULL) {
        fputs("simulation: out of memory\n", stderr);
        exit(1);
    }
    return grown;
}

void ck_lesson_break(ck_lesson *l, const char *rule, uint64_t value)
{
    if (l->report->broken[0] == '\0') {
        snprintf(l->report->broken, sizeof l->report->broken, "%s (%llu) at %llu ms", rule,
                 (unsigned long long)value, (unsigned long long)(l->sim.now_us / 1000));
    }
}

/* --- edge ------------------------------------------------------------------------------------ */

bool ck_lesson_has_stream(const ck_lesson *l)
{
    return l->edge_key != SIZE_MAX;
}

void ck_lesson_subscribe(ck_lesson *l, ck_student *s)
{
    for (size_t i = 0; i < l->edge_item_count && s->subscribed; i++) {
        ck_student_send(s, l->edge_items[i]);
    }
}

static void edge_keep(ck_lesson *l, size_t item)
{
    if (l->items[item].key) {
        l->edge_key = item;
        l->edge_item_count = 0;
    }
    if (l->edge_item_count == l->edge_item_size) {
        l->edge_items = room_for(l->edge_items, &l->edge_item_size, sizeof *l->edge_items);
    }
    l->edge_items[l->edge_item_count++] = item;
}

static void edge_takes(void *lesson, uint64_t item, uint64_t bytes)
{
    (void)bytes;
    ck_lesson *l = lesson;
    if (!l->edge_up || (l->edge_key == SIZE_MAX && !l->items[item].key)) {
        return;
    }
    edge_keep(l, item);
    for (uint32_t i = 0; i < l->student_count; i++) {
        if (l->students[i].subscribed) {
            ck_student_send(&l->students[i], item);
        }
    }
}

/* --- teacher --------------------------------------------------------------------------------- */

static void publish(ck_lesson *l, const ck_item *item)
{
    if (l->item_count == l->item_size) {
        l->items = room_for(l->items, &l->item_size, sizeof *l->items);
    }
    l->items[l->item_count] = *item;
    size_t index = l->item_count++;
    if (l->options->packets) {
        ck_student_send(&l->students[0], index);
    } else if (l->edge_up && !ck_tcp_write(&l->uplink, index, item->bytes)) {
        l->wait_key = true;
    }
}

static void teacher_sound(void *lesson, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_lesson *l = lesson;
    uint32_t duration = l->options->packets ? PACKET_US : SOUND_US;
    const ck_item item = {
        .pts_us = CK_LESSON_PTS + (int64_t)l->sim.now_us,
        .duration_us = duration,
        .bytes = SOUND_BYTES,
        .sound = true,
    };
    publish(l, &item);
    ck_sim_at(&l->sim, l->sim.now_us + duration, teacher_sound, l, 0, 0);
}

static void teacher_picture(void *lesson, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_lesson *l = lesson;
    bool key = l->picture_number++ % KEY_EVERY == 0;
    uint32_t bytes = key ? KEY_BYTES : DELTA_BYTES;
    bool behind = ck_tcp_unsent(&l->uplink) > TEACHER_UNSENT;
    l->wait_key = (l->wait_key && !key) || behind;
    const ck_item item = {
        .pts_us = CK_LESSON_PTS + (int64_t)l->sim.now_us,
        .duration_us = PICTURE_US,
        .bytes = bytes / 2 + (uint32_t)ck_rng_below(&l->sim.rng, bytes),
        .key = key,
    };
    if (!l->wait_key) {
        publish(l, &item);
    }
    ck_sim_at(&l->sim, l->sim.now_us + PICTURE_US, teacher_picture, l, 0, 0);
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

static void sleep_all(void *lesson, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_lesson *l = lesson;
    uint64_t us = (uint64_t)l->scenario->sleep_ms * 1000;
    ck_link_suspend(&l->down, us);
    ck_link_suspend(&l->up, us);
    trouble(l, false);
    for (uint32_t i = 0; i < l->student_count; i++) {
        ck_student_sleep(&l->students[i], us);
    }
    ck_sim_at(&l->sim, l->sim.now_us + us, trouble_over, l, 0, 0);
}

static void edge_goes(void *lesson, uint64_t comes_back, uint64_t b)
{
    (void)b;
    ck_lesson *l = lesson;
    l->edge_up = comes_back != 0;
    l->edge_key = SIZE_MAX;
    l->edge_item_count = 0;
    if (comes_back) {
        l->picture_number = 0; /* whom nobody has seen begins with a key frame */
        trouble(l, true);
        return;
    }
    trouble(l, false);
    for (uint32_t i = 0; i < l->student_count; i++) {
        ck_student_lost(&l->students[i]);
    }
    ck_sim_at(&l->sim, l->sim.now_us + (uint64_t)l->scenario->restart_ms * 1000, edge_goes, l, 1,
              0);
}

static void sample(void *lesson, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_lesson *l = lesson;
    if (l->report->sample_count < CK_LESSON_SAMPLES) {
        ck_student_sample(&l->students[0], &l->report->samples[l->report->sample_count++]);
    }
    ck_sim_at(&l->sim, l->sim.now_us + CK_LESSON_EVERY_US, sample, l, 0, 0);
}

/* --- a run ----------------------------------------------------------------------------------- */

static void schedule(ck_lesson *l)
{
    const ck_scenario *c = l->scenario;
    ck_sim *s = &l->sim;
    ck_sim_at(s, 0, teacher_sound, l, 0, 0);
    if (!l->options->packets) {
        ck_sim_at(s, 0, teacher_picture, l, 0, 0);
    }
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
        .edge_key = SIZE_MAX,
        .edge_up = true,
        .student_count = CK_MAX(c->students, 1),
    };
    ck_sim_init(&l->sim, options->seed);
    ck_link_config down = c->down;
    down.trace = options->trace;
    ck_link_init(&l->publish, &l->sim, &c->publish);
    ck_link_init(&l->publish_acks, &l->sim, &(ck_link_config){.delay_us = c->publish.delay_us});
    ck_link_init(&l->down, &l->sim, &down);
    ck_link_init(&l->up, &l->sim, &c->up);
    ck_tcp_init(&l->uplink, &l->sim, &l->publish, &l->publish_acks, edge_takes, l);
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
    for (uint32_t i = 0; i < l->student_count; i++) {
        ck_student_free(&l->students[i]);
    }
    free(l->students);
    ck_tcp_free(&l->uplink);
    ck_link_free(&l->publish);
    ck_link_free(&l->publish_acks);
    ck_link_free(&l->down);
    ck_link_free(&l->up);
    free(l->items);
    free(l->edge_items);
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
    report->queue_most_bytes = l.down.most_bytes;
    uint64_t skew_max = (uint64_t)(options->scenario->skew_ms ? options->scenario->skew_ms : 40);
    if (report->skew_p95_us > skew_max * 1000) {
        ck_lesson_break(&l, "skew is too large, us", report->skew_p95_us);
    }
    ck_sim_note(&l.sim, report->played_us);
    ck_sim_note(&l.sim, report->concealed_us);
    report->hash = l.sim.hash;
    release(&l);
}
