#include "bench/room_people.h"

#include "base/check.h"
#include "base/time.h"
#include "chalkrail/errors.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

_Noreturn void ck_bench_fail(const char *bench, const char *what, int status)
{
    fprintf(stderr, "%s: %s: %s\n", bench, what, chalk_error_text(status));
    exit(1);
}

static void on_opened(void *user, ck_ws *ws)
{
    ck_bench_person *p = user;
    (void)ws;
    ck_replica_opened(p->replica, p->attempt, ck_loop_now_us(p->loop));
    ck_bench_person_pump(p);
}

static void on_message(void *user, ck_ws *ws, const uint8_t *data, size_t size, bool text)
{
    ck_bench_person *p = user;
    (void)ws, (void)text;
    ck_replica_feed(p->replica, p->attempt, ck_bytes_of(data, size), ck_loop_now_us(p->loop));
    ck_bench_person_pump(p);
}

static void on_closed(void *user, ck_ws *ws, int status, uint16_t code)
{
    ck_bench_person *p = user;
    (void)ws, (void)code;
    p->ws = NULL;
    ck_replica_failed(p->replica, p->attempt, status, ck_loop_now_us(p->loop));
    ck_bench_person_pump(p);
}

static void connect_to_edge(ck_bench_person *p, uint32_t attempt)
{
    char target[96];
    (void)snprintf(target, sizeof target, "/rooms/bench%u?name=p%u&role=%s", p->room, p->number,
                   p->role);
    const ck_ws_client_config config = {
        .loop = p->loop,
        .protocol = "chalkrail.room.1",
        .limits = {.message_bytes = 8u << 20},
        .events = {.opened = on_opened, .message = on_message, .closed = on_closed},
        .user = p,
    };
    p->attempt = attempt;
    int status = ck_ws_connect(&config, "127.0.0.1", p->port, target, &p->ws);
    if (status < 0) {
        ck_bench_fail(p->bench, "connecting", status);
    }
}

static void carry_out(ck_bench_person *p, ck_replica_output *out)
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

void ck_bench_person_pump(ck_bench_person *p)
{
    ck_replica_output out;
    ck_replica_event event;
    ck_session_event change;
    while (ck_replica_poll_output(p->replica, &out)) {
        carry_out(p, &out);
    }
    while (ck_replica_poll_event(p->replica, &event)) {
        p->hear(p, &event);
    }
    while (ck_replica_poll_state(p->replica, &change)) {
    }
}

void ck_bench_person_turn(ck_bench_person *p)
{
    uint64_t now_us = ck_loop_now_us(p->loop);
    if (now_us >= ck_replica_next_deadline(p->replica)) {
        ck_replica_on_deadline(p->replica, now_us);
        ck_bench_person_pump(p);
    }
}

void ck_bench_person_start(ck_bench_person *p, uint64_t seed)
{
    int status = ck_inflater_create(&ck_heap, &p->inflater);
    if (status == CHALK_OK) {
        const ck_replica_config config = {
            .alloc = &ck_heap, .chat_max = 100, .unpacker = ck_inflater_port(p->inflater)};
        status = ck_replica_create(&config, seed, ck_clock_us(), &p->replica);
    }
    if (status == CHALK_OK) {
        status = ck_replica_start(p->replica, ck_clock_us());
    }
    if (status < 0) {
        ck_bench_fail(p->bench, "a participant", status);
    }
    ck_bench_person_pump(p);
}

void ck_bench_person_end(ck_bench_person *p)
{
    ck_ws_destroy(&p->ws);
    ck_replica_destroy(&p->replica);
    ck_inflater_destroy(&p->inflater);
}

void ck_bench_turn(const char *bench, ck_loop *loop, ck_timer *timer)
{
    const struct timespec nap = {.tv_nsec = 100000};
    ck_timer_set(timer, ck_clock_us() + CK_US_PER_MS);
    if (ck_loop_poll(loop) < 0) {
        ck_bench_fail(bench, "the loop", CHALK_ERR_IO);
    }
    (void)nanosleep(&nap, NULL);
}
