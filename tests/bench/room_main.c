/*
 * chalk-bench-room: how long an event takes from the call of its author to the events of everybody
 * else in the room. An edge on a thread of its own, and on another PEOPLE clients: each a
 * ck_replica over a WebSocket. One of a room is a teacher, who speaks ten times a second (or every
 * MS); students speak once in five seconds each.
 *
 *     chalk-bench-room PEOPLE SECONDS [--rooms N] [--every MS] [--data DIR] [--median MS] [--p99
 * MS]
 *
 * Prints one line of JSON; PEOPLE are those of one room. With --median or --p99 the exit code is 1
 * where a figure is above it.
 */
#include "base/check.h"
#include "base/time.h"
#include "bench/room_people.h"
#include "chalkrail/edge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BENCH "chalk-bench-room"

#define STUDENT_EVERY_US (5 * CK_US_PER_S)
#define JOIN_US          (20 * CK_US_PER_S)
#define SETTLE_US        (2 * CK_US_PER_S)
#define DRAIN_US         (2 * CK_US_PER_S)

typedef struct bench bench;

typedef struct person {
    ck_bench_person in; /* number 0 of a room: the teacher */
    uint64_t next_us;   /* speaks then */
} person;

struct bench {
    chalk_edge *edge;
    ck_loop *loop;
    person *people;
    uint32_t count;   /* of people, in all rooms */
    uint32_t in_room; /* in each */
    uint64_t every_us;
    uint64_t said;
    double *delays_ms;
    size_t delay_count, delay_size;
};

/* What was said is when it was said. */
static void hear(ck_bench_person *p, const ck_replica_event *heard)
{
    bench *b = p->user;
    const ck_event *event = &heard->event;
    char text[32] = "";
    if (heard->kind != CK_REPLICA_EVENT || event->kind != CK_EVENT_CHAT ||
        event->author == ck_replica_me(p->replica) || event->text.size >= sizeof text) {
        return;
    }
    memcpy(text, event->text.data, event->text.size);
    if (b->delay_count == b->delay_size) {
        b->delay_size = b->delay_size == 0 ? 4096 : 2 * b->delay_size;
        b->delays_ms = realloc(b->delays_ms, b->delay_size * sizeof *b->delays_ms);
        if (b->delays_ms == NULL) {
            ck_bench_fail(BENCH, "delays", CHALK_ERR_NO_MEMORY);
        }
    }
    b->delays_ms[b->delay_count++] = (double)(ck_clock_us() - strtoull(text, NULL, 10)) / 1000;
}

static void say(ck_bench_person *p)
{
    char text[32];
    uint64_t id;
    int size = snprintf(text, sizeof text, "%llu", (unsigned long long)ck_clock_us());
    const ck_event intent = {.kind = CK_EVENT_CHAT, .text = ck_bytes_of(text, (size_t)size)};
    int status = ck_replica_intend(p->replica, &intent, ck_loop_now_us(p->loop), &id);
    if (status < 0) {
        ck_bench_fail(BENCH, "saying", status);
    }
    ((bench *)p->user)->said++;
    ck_bench_person_pump(p);
}

/* ---- all ---- */

static void tick(bench *b, bool talk)
{
    uint64_t now_us = ck_loop_now_us(b->loop);
    for (uint32_t i = 0; i < b->count; i++) {
        person *p = &b->people[i];
        ck_bench_person_turn(&p->in);
        if (talk && now_us >= p->next_us) {
            p->next_us += p->in.number == 0 ? b->every_us : STUDENT_EVERY_US;
            say(&p->in);
        }
    }
}

static void on_time(void *user, uint64_t now_us)
{
    (void)user, (void)now_us; /* it is looked at after each turn */
}

static bool is_live(const bench *b)
{
    for (uint32_t i = 0; i < b->count; i++) {
        if (ck_replica_state_of(b->people[i].in.replica) != CK_SESSION_LIVE) {
            return false;
        }
    }
    return true;
}

/* Turns of the loop until a time, or until everybody is there. */
static void run(bench *b, ck_timer *timer, uint64_t until_us, bool talk, bool joining)
{
    while (ck_clock_us() < until_us && !(joining && is_live(b))) {
        ck_bench_turn(BENCH, b->loop, timer);
        tick(b, talk);
    }
}

static void make_person(bench *b, uint32_t index)
{
    ck_bench_person *p = &b->people[index].in;
    *p = (ck_bench_person){.bench = BENCH,
                           .number = index % b->in_room,
                           .room = index / b->in_room,
                           .loop = b->loop,
                           .port = (uint16_t)chalk_edge_http_port(b->edge),
                           .hear = hear,
                           .user = b};
    p->role = p->number == 0 ? "teacher" : "student";
    ck_bench_person_start(p, index + 1);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* True: the figures are within what was asked for. */
static bool report(bench *b, double median_most, double p99_most)
{
    size_t count = b->delay_count;
    if (count == 0 || count < b->said * (b->in_room - 1)) {
        fprintf(stderr, "chalk-bench-room: %zu of %llu deliveries\n", count,
                (unsigned long long)(b->said * (b->in_room - 1)));
        return false;
    }
    qsort(b->delays_ms, count, sizeof *b->delays_ms, by_size);
    double median = b->delays_ms[count / 2], p99 = b->delays_ms[count * 99 / 100];
    printf("{\"rooms\":%u,\"people\":%u,\"said\":%llu,\"deliveries\":%zu,\"median_ms\":%.2f,\"p99_"
           "ms\":%.2f,"
           "\"most_ms\":%.2f}\n",
           b->count / b->in_room, b->in_room, (unsigned long long)b->said, count, median, p99,
           b->delays_ms[count - 1]);
    return (median_most <= 0 || median <= median_most) && (p99_most <= 0 || p99 <= p99_most);
}

static void tear_down(bench *b, ck_timer **timer)
{
    for (uint32_t i = 0; i < b->count; i++) {
        ck_bench_person_end(&b->people[i].in);
    }
    ck_timer_destroy(timer);
    ck_loop_destroy(&b->loop);
    chalk_edge_destroy(&b->edge);
    free(b->people);
    free(b->delays_ms);
}

int main(int argc, char **argv)
{
    bench b = {.in_room = argc > 2 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0,
               .every_us = 100 * CK_US_PER_MS};
    uint32_t rooms = 1;
    double median_most = 0, p99_most = 0;
    chalk_edge_options options;
    chalk_edge_options_init(&options);
    options.open = 1;
    options.rtmp = options.http = "127.0.0.1:0";
    for (int i = 3; i + 1 < argc; i += 2) {
        options.data = strcmp(argv[i], "--data") == 0 ? argv[i + 1] : options.data;
        rooms = strcmp(argv[i], "--rooms") == 0 ? (uint32_t)strtoul(argv[i + 1], NULL, 10) : rooms;
        b.every_us = strcmp(argv[i], "--every") == 0
                         ? strtoull(argv[i + 1], NULL, 10) * CK_US_PER_MS
                         : b.every_us;
        median_most = strcmp(argv[i], "--median") == 0 ? strtod(argv[i + 1], NULL) : median_most;
        p99_most = strcmp(argv[i], "--p99") == 0 ? strtod(argv[i + 1], NULL) : p99_most;
    }
    b.count = b.in_room * rooms;
    if (b.in_room < 2 || b.in_room > 1000 || rooms == 0 || rooms > 1000 || b.every_us == 0) {
        fprintf(stderr, "usage: chalk-bench-room PEOPLE SECONDS [--rooms N] [--every MS] [--data "
                        "DIR] [--median MS] [--p99 MS]\n");
        return 2;
    }
    ck_timer *timer = NULL;
    b.people = calloc(b.count, sizeof *b.people);
    int status = chalk_edge_create(&options, &b.edge);
    if (status == CHALK_OK) {
        status = ck_loop_create(&(ck_loop_config){.host_driven = true}, &b.loop);
    }
    if (status == CHALK_OK) {
        status = ck_timer_create(b.loop, on_time, &b, &timer);
    }
    if (status < 0 || b.people == NULL) {
        ck_bench_fail(BENCH, "the edge", status);
    }
    for (uint32_t i = 0; i < b.count; i++) {
        make_person(&b, i);
    }
    run(&b, timer, ck_clock_us() + JOIN_US, false, true);
    run(&b, timer, ck_clock_us() + SETTLE_US, false, false); /* what joining left to do is done */
    uint64_t now_us = ck_clock_us();
    for (uint32_t i = 0; i < b.count; i++) {
        uint64_t every_us = b.people[i].in.number == 0 ? b.every_us : STUDENT_EVERY_US;
        b.people[i].next_us = now_us + i * every_us / b.count;
    }
    run(&b, timer, now_us + strtoull(argv[2], NULL, 10) * CK_US_PER_S, true, false);
    run(&b, timer, ck_clock_us() + DRAIN_US, false, false);
    bool fine = is_live(&b) && report(&b, median_most, p99_most);
    tear_down(&b, &timer);
    return fine ? 0 : 1;
}
