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
#include "chalkrail/edge.h"
#include "core/replica/replica.h"
#include "runtime/net/ws_client.h"
#include "runtime/os/os.h"
#include "runtime/pack/pack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STUDENT_EVERY_US (5 * CK_US_PER_S)
#define JOIN_US          (20 * CK_US_PER_S)
#define SETTLE_US        (2 * CK_US_PER_S)
#define DRAIN_US         (2 * CK_US_PER_S)

typedef struct bench bench;

typedef struct person {
    bench *bench;
    uint32_t number; /* in its room; 0: the teacher */
    uint32_t room;
    ck_replica *replica;
    ck_inflater *inflater;
    ck_ws *ws;
    uint32_t attempt;
    uint64_t next_us; /* speaks then */
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

static void fail(const char *what, int status)
{
    fprintf(stderr, "chalk-bench-room: %s: %s\n", what, chalk_error_text(status));
    exit(1);
}

/* ---- one participant ---- */

static void pump(person *p);

static void on_opened(void *user, ck_ws *ws)
{
    person *p = user;
    (void)ws;
    ck_replica_opened(p->replica, p->attempt, ck_loop_now_us(p->bench->loop));
    pump(p);
}

static void on_message(void *user, ck_ws *ws, const uint8_t *data, size_t size, bool text)
{
    person *p = user;
    (void)ws, (void)text;
    ck_replica_feed(p->replica, p->attempt, ck_bytes_of(data, size),
                    ck_loop_now_us(p->bench->loop));
    pump(p);
}

static void on_closed(void *user, ck_ws *ws, int status, uint16_t code)
{
    person *p = user;
    (void)ws, (void)code;
    p->ws = NULL;
    ck_replica_failed(p->replica, p->attempt, status, ck_loop_now_us(p->bench->loop));
    pump(p);
}

static void connect_to_edge(person *p, uint32_t attempt)
{
    char target[96];
    (void)snprintf(target, sizeof target, "/rooms/bench%u?name=p%u&role=%s", p->room, p->number,
                   p->number == 0 ? "teacher" : "student");
    const ck_ws_client_config config = {
        .loop = p->bench->loop,
        .protocol = "chalkrail.room.1",
        .limits = {.message_bytes = 8u << 20},
        .events = {.opened = on_opened, .message = on_message, .closed = on_closed},
        .user = p,
    };
    p->attempt = attempt;
    int status = ck_ws_connect(&config, "127.0.0.1", (uint16_t)chalk_edge_http_port(p->bench->edge),
                               target, &p->ws);
    if (status < 0) {
        fail("connecting", status);
    }
}

static void carry_out(person *p, ck_replica_output *out)
{
    switch (out->action) {
    case CK_REPLICA_OPEN:
        connect_to_edge(p, out->attempt);
        break;
    case CK_REPLICA_SEND:
        if (p->ws == NULL || ck_ws_send(p->ws, &out->bytes, false) < 0) {
            ck_slice_unref(&out->bytes);
        }
        break;
    case CK_REPLICA_CLOSE:
        ck_ws_destroy(&p->ws);
        break;
    }
}

/* What was said is when it was said. */
static void hear(person *p, const ck_event *event)
{
    bench *b = p->bench;
    char text[32] = "";
    if (event->kind != CK_EVENT_CHAT || event->author == ck_replica_me(p->replica) ||
        event->text.size >= sizeof text) {
        return;
    }
    memcpy(text, event->text.data, event->text.size);
    if (b->delay_count == b->delay_size) {
        b->delay_size = b->delay_size == 0 ? 4096 : 2 * b->delay_size;
        b->delays_ms = realloc(b->delays_ms, b->delay_size * sizeof *b->delays_ms);
        if (b->delays_ms == NULL) {
            fail("delays", CHALK_ERR_NO_MEMORY);
        }
    }
    b->delays_ms[b->delay_count++] = (double)(ck_clock_us() - strtoull(text, NULL, 10)) / 1000;
}

static void pump(person *p)
{
    ck_replica_output out;
    ck_replica_event event;
    while (ck_replica_poll_output(p->replica, &out)) {
        carry_out(p, &out);
    }
    while (ck_replica_poll_event(p->replica, &event)) {
        if (event.kind == CK_REPLICA_EVENT) {
            hear(p, &event.event);
        }
    }
    ck_session_event change;
    while (ck_replica_poll_state(p->replica, &change)) {
    }
}

static void say(person *p)
{
    char text[32];
    uint64_t id;
    int size = snprintf(text, sizeof text, "%llu", (unsigned long long)ck_clock_us());
    const ck_event intent = {.kind = CK_EVENT_CHAT, .text = ck_bytes_of(text, (size_t)size)};
    int status = ck_replica_intend(p->replica, &intent, ck_loop_now_us(p->bench->loop), &id);
    if (status < 0) {
        fail("saying", status);
    }
    p->bench->said++;
    pump(p);
}

/* ---- all ---- */

static void tick(bench *b, bool talk)
{
    uint64_t now_us = ck_loop_now_us(b->loop);
    for (uint32_t i = 0; i < b->count; i++) {
        person *p = &b->people[i];
        if (now_us >= ck_replica_next_deadline(p->replica)) {
            ck_replica_on_deadline(p->replica, now_us);
            pump(p);
        }
        if (talk && now_us >= p->next_us) {
            p->next_us += p->number == 0 ? b->every_us : STUDENT_EVERY_US;
            say(p);
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
        if (ck_replica_state_of(b->people[i].replica) != CK_SESSION_LIVE) {
            return false;
        }
    }
    return true;
}

/* Turns of the loop until a time, or until everybody is there. */
static void run(bench *b, ck_timer *timer, uint64_t until_us, bool talk, bool joining)
{
    uint64_t now_us;
    while ((now_us = ck_clock_us()) < until_us && !(joining && is_live(b))) {
        ck_timer_set(timer, now_us + CK_US_PER_MS);
        const struct timespec nap = {.tv_nsec = 100000};
        if (ck_loop_poll(b->loop) < 0) {
            fail("the loop", CHALK_ERR_IO);
        }
        tick(b, talk);
        (void)nanosleep(&nap, NULL);
    }
}

static void make_person(bench *b, uint32_t index)
{
    person *p = &b->people[index];
    p->bench = b;
    p->number = index % b->in_room;
    p->room = index / b->in_room;
    int status = ck_inflater_create(&ck_heap, &p->inflater);
    if (status == CHALK_OK) {
        const ck_replica_config config = {
            .alloc = &ck_heap, .chat_max = 100, .unpacker = ck_inflater_port(p->inflater)};
        status = ck_replica_create(&config, index + 1, ck_clock_us(), &p->replica);
    }
    if (status == CHALK_OK) {
        status = ck_replica_start(p->replica, ck_clock_us());
    }
    if (status < 0) {
        fail("a participant", status);
    }
    pump(p);
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
        ck_ws_destroy(&b->people[i].ws);
        ck_replica_destroy(&b->people[i].replica);
        ck_inflater_destroy(&b->people[i].inflater);
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
        fail("the edge", status);
    }
    for (uint32_t i = 0; i < b.count; i++) {
        make_person(&b, i);
    }
    run(&b, timer, ck_clock_us() + JOIN_US, false, true);
    run(&b, timer, ck_clock_us() + SETTLE_US, false, false); /* what joining left to do is done */
    uint64_t now_us = ck_clock_us();
    for (uint32_t i = 0; i < b.count; i++) {
        uint64_t every_us = b.people[i].number == 0 ? b.every_us : STUDENT_EVERY_US;
        b.people[i].next_us = now_us + i * every_us / b.count;
    }
    run(&b, timer, now_us + strtoull(argv[2], NULL, 10) * CK_US_PER_S, true, false);
    run(&b, timer, ck_clock_us() + DRAIN_US, false, false);
    bool fine = is_live(&b) && report(&b, median_most, p99_most);
    tear_down(&b, &timer);
    return fine ? 0 : 1;
}
