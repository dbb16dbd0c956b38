/*
 * chalk-bench-draw: how long what a pen does takes to everybody else's replica while all of a room
 * draw at once. An edge on threads of its own; PEOPLE clients on this one, each with a pen of 60
 * samples a second, that draws for 1.3 s and rests for 0.2 s. Three of them measure: of each sample
 * of others, from the moment it was drawn to the moment it is read from the room.
 *
 *     chalk-bench-draw PEOPLE SECONDS [--p99 MS] [--edge PERCENT]
 *
 * Prints one line of JSON: delays of the first and of the last minute (of half of the time, if that
 * is shorter), and the edge's processor time in per cent of a core. Exit code 1 where a figure is
 * above what was asked for, a chunk did not come, or the boards differ in the end.
 */
#include "base/check.h"
#include "base/time.h"
#include "bench/room_people.h"
#include "chalkrail/edge.h"
#include "core/drawing/drawing.h"
#include "core/drawing/pen.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BENCH      "chalk-bench-draw"
#define MOST       100u
#define OBSERVERS  3u
#define SAMPLE_US  16667u
#define STROKE     80u /* samples */
#define REST       12u /* samples that are not drawn between two */
#define JOIN_US    (20 * CK_US_PER_S)
#define SETTLE_US  (1 * CK_US_PER_S)
#define DRAIN_US   (3 * CK_US_PER_S)
#define MINUTE_US  (60 * CK_US_PER_S)
#define DELAY_MOST 5000u /* ms; what is later counts as this */

typedef struct person {
    ck_bench_person in;
    ck_pen pen;
    ck_drawing drawing;
    uint64_t next_us;            /* sample */
    uint64_t begun_us;           /* the first of all; 0: none yet */
    uint32_t sample;             /* of this stroke, or of the rest after it */
    ck_live_reader others[MOST]; /* of an observer */
} person;

typedef struct delays {
    uint32_t of_ms[DELAY_MOST + 1];
    uint64_t count;
} delays;

typedef struct bench {
    chalk_edge *edge;
    ck_loop *loop;
    ck_timer *timer;
    person *people;
    uint32_t count;
    uint64_t start_us, end_us, window_us;
    uint64_t strokes;
    delays first, last;
} bench;

/* --- what others see ------------------------------------------------------------------------- */

static void note(bench *b, uint64_t drawn_us)
{
    uint64_t now_us = ck_clock_us(), late_ms = (now_us - drawn_us) / CK_US_PER_MS;
    delays *d = drawn_us < b->start_us + b->window_us  ? &b->first
                : drawn_us >= b->end_us - b->window_us ? &b->last
                                                       : NULL;
    if (d != NULL) {
        d->of_ms[CK_MIN(late_ms, DELAY_MOST)]++;
        d->count++;
    }
}

static person *author_of(bench *b, uint64_t id)
{
    for (uint32_t i = 0; i < b->count; i++) {
        if (ck_replica_me(b->people[i].in.replica) == id) {
            return &b->people[i];
        }
    }
    return NULL;
}

/* A sample's time in a chunk is that since its author's first. */
static void hear(ck_bench_person *in, const ck_replica_event *heard)
{
    bench *b = in->user;
    const ck_event *event = &heard->event;
    person *me = &b->people[in->number], *author;
    ck_live_sample sample;
    if (heard->kind != CK_REPLICA_SPOT || event->value != CK_SPOT_PEN || in->number >= OBSERVERS ||
        (author = author_of(b, event->author)) == NULL || author == me) {
        return;
    }
    ck_live_reader *reader = &me->others[author->in.number];
    ck_live_begin(reader, event->data.data, event->data.size);
    while (ck_live_read(reader, &sample) > 0) {
        note(b, author->begun_us + (uint64_t)sample.at_ms * CK_US_PER_MS);
    }
}

/* --- drawing --------------------------------------------------------------------------------- */

static void need(int status, const char *what)
{
    if (status < 0) {
        ck_bench_fail(BENCH, what, status);
    }
}

/* Letters of a hand, each person's on lines of their own. */
static void next_sample(bench *b, person *p, uint64_t now_us)
{
    static const ck_live_style style = {1, CK_BOARD_PEN, 0xff1971c2, 128};
    uint32_t at = p->sample++;
    double t = at / 60.0, line = (double)(b->strokes % 40);
    int32_t x = (int32_t)lround(64 * (60 * t + 9 * sin(11 * t)));
    int32_t y = (int32_t)lround(64 * (40 * p->in.number + line + 12 * cos(13 * t)));
    if (at == 0) {
        need(ck_pen_down(&p->pen, &style, 1.0, x, y, 0.5, now_us), "the pen down");
        p->begun_us = p->begun_us != 0 ? p->begun_us : now_us;
    } else if (at < STROKE) {
        need(ck_pen_move(&p->pen, x, y, 0.5 + 0.3 * sin(5 * t), now_us), "the pen");
    } else if (at == STROKE) {
        need(ck_pen_up(&p->pen, x, y, 0.5, now_us), "the pen up");
        b->strokes++;
    }
    p->sample = at >= STROKE + REST ? 0 : p->sample;
}

/* As a client does: client/board.c. */
static void say(person *p, uint64_t now_us)
{
    ck_board_op op;
    ck_buf data;
    ck_buf_init(&data, &ck_heap, 1 << 14);
    if (ck_pen_poll_live(&p->pen, now_us, &data)) {
        ck_replica_show(p->in.replica, CK_SPOT_PEN, ck_bytes_of(data.data, data.size), now_us);
    }
    while (ck_pen_poll_draw(&p->pen, now_us, &op)) {
        uint64_t id;
        ck_buf_clear(&data);
        op.term = ck_drawing_term(&p->drawing, p->in.replica);
        ck_board_op_write(&op, &data);
        const ck_event intent = {.kind = CK_EVENT_BOARD, .data = ck_bytes_of(data.data, data.size)};
        need(ck_replica_intend(p->in.replica, &intent, now_us, &id), "an operation");
    }
    ck_buf_free(&data);
    ck_bench_person_pump(&p->in);
}

static void draw(bench *b, person *p, uint64_t now_us)
{
    bool draws = now_us < b->end_us || p->sample > 0; /* a stroke that is begun is finished */
    while (draws && now_us >= p->next_us) {
        next_sample(b, p, p->next_us);
        p->next_us += SAMPLE_US;
        draws = now_us < b->end_us || p->sample > 0;
    }
    say(p, now_us);
}

/* --- all ------------------------------------------------------------------------------------- */

static void on_time(void *user, uint64_t now_us)
{
    (void)user, (void)now_us; /* it is looked at after each turn */
}

static bool is_live(const bench *b)
{
    uint32_t live = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        live += ck_replica_state_of(b->people[i].in.replica) == CK_SESSION_LIVE;
    }
    return live == b->count;
}

static void run(bench *b, uint64_t until_us, bool joining)
{
    while (ck_clock_us() < until_us && !(joining && is_live(b))) {
        ck_bench_turn(BENCH, b->loop, b->timer);
        for (uint32_t i = 0; i < b->count; i++) {
            ck_bench_person_turn(&b->people[i].in);
            if (b->end_us != 0) {
                draw(b, &b->people[i], ck_clock_us());
            }
        }
    }
}

static void make_person(bench *b, uint32_t index)
{
    person *p = &b->people[index];
    const ck_pen_config config = {.alloc = &ck_heap, .live_us = 100 * CK_US_PER_MS};
    p->in = (ck_bench_person){.bench = BENCH,
                              .number = index,
                              .role = "teacher", /* who may draw */
                              .loop = b->loop,
                              .port = (uint16_t)chalk_edge_http_port(b->edge),
                              .hear = hear,
                              .user = b};
    need(ck_pen_init(&p->pen, &config), "a pen");
    ck_drawing_init(&p->drawing, &ck_heap);
    ck_bench_person_start(&p->in, index + 1);
}

static double seconds_of(clockid_t clock)
{
    struct timespec t;
    (void)clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The edge has all threads but this one. */
static double edge_s(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID) - seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

static double quantile(const delays *d, double share)
{
    uint64_t left = (uint64_t)(share * (double)d->count);
    uint32_t ms = 0;
    while (ms < DELAY_MOST && left >= d->of_ms[ms]) {
        left -= d->of_ms[ms++];
    }
    return ms;
}

/* Everybody has the same board, with every stroke that was drawn. */
static bool agree(const bench *b)
{
    const ck_board *first = &ck_replica_head(b->people[0].in.replica)->board;
    bool same = first->count == b->strokes;
    for (uint32_t i = 1; i < b->count; i++) {
        const ck_board *board = &ck_replica_head(b->people[i].in.replica)->board;
        same = same && ck_board_hash(board) == ck_board_hash(first);
    }
    return same;
}

static uint64_t missed(const bench *b)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < CK_MIN(b->count, OBSERVERS); i++) {
        for (uint32_t k = 0; k < b->count; k++) {
            sum += b->people[i].others[k].missed;
        }
    }
    return sum;
}

static bool report(const bench *b, double edge, double p99_most, double edge_most)
{
    bool same = agree(b);
    double first = quantile(&b->first, 0.99), last = quantile(&b->last, 0.99);
    printf("{\"people\":%u,\"strokes\":%llu,\"samples\":%llu,\"missed\":%llu,\"same\":%s,"
           "\"first_median_ms\":%.0f,\"first_p99_ms\":%.0f,\"last_median_ms\":%.0f,"
           "\"last_p99_ms\":%.0f,\"edge_percent\":%.2f}\n",
           b->count, (unsigned long long)b->strokes,
           (unsigned long long)(b->first.count + b->last.count), (unsigned long long)missed(b),
           same ? "true" : "false", quantile(&b->first, 0.5), first, quantile(&b->last, 0.5), last,
           edge);
    return same && missed(b) == 0 && b->first.count > 0 && b->last.count > 0 &&
           (p99_most <= 0 || CK_MAX(first, last) <= p99_most) &&
           (edge_most <= 0 || edge <= edge_most);
}

static void set_up(bench *b)
{
    chalk_edge_options options;
    chalk_edge_options_init(&options);
    options.open = 1;
    options.rtmp = options.http = "127.0.0.1:0";
    need(chalk_edge_create(&options, &b->edge), "the edge");
    need(ck_loop_create(&(ck_loop_config){.host_driven = true}, &b->loop), "the loop");
    need(ck_timer_create(b->loop, on_time, b, &b->timer), "the timer");
    for (uint32_t i = 0; i < b->count; i++) {
        make_person(b, i);
    }
}

static void tear_down(bench *b)
{
    for (uint32_t i = 0; i < b->count; i++) {
        ck_bench_person_end(&b->people[i].in);
        ck_drawing_free(&b->people[i].drawing);
        ck_pen_free(&b->people[i].pen);
    }
    ck_timer_destroy(&b->timer);
    ck_loop_destroy(&b->loop);
    chalk_edge_destroy(&b->edge);
    free(b->people);
}

int main(int argc, char **argv)
{
    static bench b;
    double p99_most = 0, edge_most = 0;
    b.count = argc > 2 ? (uint32_t)strtoul(argv[1], NULL, 10) : 0;
    uint64_t seconds = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
    for (int i = 3; i + 1 < argc; i += 2) {
        p99_most = strcmp(argv[i], "--p99") == 0 ? strtod(argv[i + 1], NULL) : p99_most;
        edge_most = strcmp(argv[i], "--edge") == 0 ? strtod(argv[i + 1], NULL) : edge_most;
    }
    b.people = b.count <= MOST ? calloc(b.count, sizeof *b.people) : NULL;
    if (b.count < 2 || seconds < 2 || seconds > 3600 || b.people == NULL) {
        fputs("usage: " BENCH " PEOPLE SECONDS [--p99 MS] [--edge PERCENT]\n", stderr);
        return 2;
    }
    set_up(&b);
    run(&b, ck_clock_us() + JOIN_US, true);
    run(&b, ck_clock_us() + SETTLE_US, false);
    b.start_us = ck_clock_us();
    b.end_us = b.start_us + seconds * CK_US_PER_S;
    b.window_us = CK_MIN(MINUTE_US, seconds * CK_US_PER_S / 2);
    for (uint32_t i = 0; i < b.count; i++) {
        b.people[i].next_us = b.start_us + i * (STROKE * SAMPLE_US) / b.count;
    }
    double before_s = edge_s();
    run(&b, b.end_us, false);
    double edge = 100 * (edge_s() - before_s) / (double)seconds;
    run(&b, ck_clock_us() + DRAIN_US, false);
    bool fine = is_live(&b) && report(&b, edge, p99_most, edge_most);
    tear_down(&b);
    return fine ? 0 : 1;
}
