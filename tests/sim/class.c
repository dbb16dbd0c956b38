#include "sim/class.h"

#include "base/check.h"
#include "base/rng.h"
#include "chalkrail/errors.h"
#include "core/replica/replica.h"
#include "core/sequencer/sequencer.h"
#include "load/words.h"
#include "runtime/pack/pack.h"
#include "support/alloc.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HEADERS     56u /* bytes of WebSocket, TCP and IP for each frame */
#define SAID_PER_S  214u
#define POINTS      45u /* of a stroke; 60 a second */
#define STEP_US     1000u
#define JOINS_PER_S 2000u
#define STORE_US    2000u /* until a record is on the disk */
#define UNIX_US     UINT64_C(1763600000000000)

typedef struct student {
    uint64_t connection;
    uint64_t counter;
    bool plain; /* one in ten cannot unpack */
    bool live, reports;
} student;

typedef struct class
{
    ck_class_run *run;
    ck_sequencer *sequencer;
    ck_deflater *deflater;
    ck_rng rng;
    uint64_t now_us;
    student *people; /* the first is the teacher */
    uint32_t count, live;
    bool measures;
    uint64_t core_ns, join_ns, class_ns;
    uint64_t bytes[2][CK_CLASS_LANES], frames[2][CK_CLASS_LANES]; /* to students; [1]: plain */
    ck_sequencer_output record;                                   /* at the store */
    uint64_t stored_us;
    double said_due, points_due;
    uint32_t points;
    uint8_t stroke[4 + POINTS];
    /* A student with the whole client core: it must end with the same room. */
    ck_replica *witness;
    ck_inflater *inflater;
    uint32_t attempt;
    uint64_t witness_connection;
    bool witness_started;
} class;

static const char *const names[] = {"Li",   "Wang", "Zhang", "Liu", "Chen", "Yang", "Huang",
                                    "Zhao", "Wu",   "Zhou",  "Xu",  "Sun",  "Ma",   "Zhu",
                                    "Hu",   "Guo",  "He",    "Gao", "Lin",  "Luo"};

static void break_rule(class *c, const char *rule, uint64_t value)
{
    if (c->run->broken[0] == '\0') {
        snprintf(c->run->broken, sizeof c->run->broken, "%s (%llu) at %llu ms", rule,
                 (unsigned long long)value, (unsigned long long)(c->now_us / 1000));
    }
}

static uint64_t clock_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* --- the edge ------------------------------------------------------------------------------ */

static enum ck_class_lane lane_of(uint8_t frame)
{
    switch (frame) {
    case CK_FRAME_PACKED:
        return CK_CLASS_PACKED;
    case CK_FRAME_BATCH:
        return CK_CLASS_ORDERED;
    case CK_FRAME_CROWD:
        return CK_CLASS_CROWD;
    case CK_FRAME_PRESENCE:
        return CK_CLASS_PRESENCE;
    case CK_FRAME_PERSONAL:
        return CK_CLASS_PERSONAL;
    default:
        return CK_CLASS_OTHER;
    }
}

static void take_welcome(class *c, student *s, ck_bytes frame)
{
    ck_wire_welcome welcome;
    if (ck_wire_decode(&ck_type_welcome, ck_bytes_of(frame.data + 1, frame.size - 1), &welcome) <
        0) {
        break_rule(c, "a welcome that cannot be read", frame.size);
        return;
    }
    s->live = true;
    s->reports = welcome.report_ms != 0;
    c->live++;
}

/* Connections are numbered in the order in which they came. */
static student *student_of(class *c, uint64_t connection)
{
    uint32_t slot = (uint32_t)(connection & UINT32_MAX);
    return slot - 1 < c->count ? &c->people[slot - 1] : NULL;
}

static void deliver(class *c, const ck_sequencer_output *out)
{
    const ck_bytes frame = {out->bytes.data, out->bytes.size};
    if (out->connection == c->witness_connection) {
        ck_replica_feed(c->witness, c->attempt, frame, c->now_us);
        return;
    }
    student *s = student_of(c, out->connection);
    if (s == NULL || frame.data[0] == CK_FRAME_BYE) {
        break_rule(c, "somebody was sent away", out->connection);
        return;
    }
    if (frame.data[0] == CK_FRAME_WELCOME) {
        take_welcome(c, s, frame);
    }
    if (c->measures && s != c->people) {
        c->run->deliveries++;
        c->bytes[s->plain][lane_of(frame.data[0])] += frame.size + HEADERS;
        c->frames[s->plain][lane_of(frame.data[0])]++;
    }
}

/* The core's own time is what passes in here, without what the host does with the outputs. */
#define IN_CORE(c, call)                                                                           \
    do {                                                                                           \
        uint64_t since_ns = clock_ns();                                                            \
        call;                                                                                      \
        (c)->core_ns += clock_ns() - since_ns;                                                     \
    } while (0)

static void carry_out(class *c, ck_sequencer_output *out)
{
    switch (out->action) {
    case CK_SEQUENCER_SEND:
        deliver(c, out);
        break;
    case CK_SEQUENCER_APPEND:
        c->record = *out;
        c->stored_us = c->now_us + STORE_US;
        break;
    case CK_SEQUENCER_TAIL:
        ck_sequencer_open(c->sequencer, c->now_us);
        break;
    default:
        break;
    }
    ck_slice_unref(&out->bytes);
}

static size_t take(class *c, ck_sequencer_output *outs, size_t most)
{
    size_t count = 0;
    while (count < most && ck_sequencer_poll_output(c->sequencer, &outs[count])) {
        count++;
    }
    return count;
}

/* Taking outputs is the core's work, what is done with them is not. */
static void pump(class *c)
{
    ck_sequencer_output outs[256];
    size_t count;
    do {
        IN_CORE(c, count = take(c, outs, CK_COUNT_OF(outs)));
        for (size_t i = 0; i < count; i++) {
            carry_out(c, &outs[i]);
        }
    } while (count > 0);
}

static void feed(class *c, uint64_t connection, enum ck_frame kind, const ck_wire_type *type,
                 const void *message)
{
    ck_buf buf;
    ck_buf_init(&buf, &ck_test_heap, CK_ROOM_FRAME_MAX);
    ck_frame_put(&buf, kind, type, message);
    IN_CORE(
        c, ck_sequencer_feed(c->sequencer, connection, ck_bytes_of(buf.data, buf.size), c->now_us));
    ck_buf_free(&buf);
}

/* --- people -------------------------------------------------------------------------------- */

static uint64_t connect(class *c, const char *name, enum ck_role role)
{
    const ck_claims claims = {.name = ck_bytes_of(name, strlen(name)), .role = role};
    uint64_t id = 0;
    IN_CORE(c, (void)ck_sequencer_connect(c->sequencer, &claims, c->now_us, &id));
    return id;
}

static void join(class *c, uint32_t who)
{
    char name[64];
    student *s = &c->people[who];
    snprintf(name, sizeof name, "%s %s %u", names[who % 20], names[who / 20 % 20],
             (unsigned)who / 400);
    s->plain = who % 10 == 9;
    s->connection = connect(c, name, who == 0 ? CK_ROLE_TEACHER : CK_ROLE_STUDENT);
    const ck_wire_hello hello = {.version = CK_ROOM_VERSION, .packs = !s->plain};
    feed(c, s->connection, CK_FRAME_HELLO, &ck_type_hello, &hello);
}

static void say(class *c)
{
    char text[256] = "";
    size_t size = 0;
    double chance = (double)ck_rng_below(&c->rng, 1000000) / 1e6;
    uint32_t who =
        1 + (uint32_t)CK_MIN(-log(1 - chance) * c->run->students / 4, (double)c->run->students - 1);
    if (ck_rng_below(&c->rng, 10) < 6) {
        size = (size_t)snprintf(text, sizeof text, "%s",
                                load_short_texts[ck_rng_below(&c->rng, LOAD_SHORT_TEXTS)]);
    } else {
        for (uint64_t i = 3 + ck_rng_below(&c->rng, 10); i > 0; i--) {
            size +=
                (size_t)snprintf(text + size, sizeof text - size, "%s%s", size > 0 ? " " : "",
                                 load_sentence_words[ck_rng_below(&c->rng, LOAD_SENTENCE_WORDS)]);
        }
    }
    const ck_wire_event chat = {.kind = CK_EVENT_CHAT,
                                .counter = ++c->people[who].counter,
                                .text = ck_bytes_of(text, size)};
    c->run->said++;
    feed(c, c->people[who].connection, CK_FRAME_INTENT, &ck_type_event, &chat);
}

/* A stroke in progress is shown from its beginning on, so no point is missed; one that is done
 * becomes an event. A head of four bytes, then a byte a point. */
static void draw(class *c)
{
    const uint32_t point = c->points++ % POINTS;
    for (uint32_t i = 0; i < 4 && point == 0; i++) {
        c->stroke[i] = (uint8_t)ck_rng_below(&c->rng, 256);
    }
    c->stroke[4 + point] = (uint8_t)ck_rng_below(&c->rng, 16);
    const ck_wire_spot spot = {.key = 1, .data = ck_bytes_of(c->stroke, 5 + point)};
    feed(c, c->people[0].connection, CK_FRAME_LATEST, &ck_type_spot, &spot);
    if (point + 1 == POINTS) {
        const ck_wire_event stroke = {.kind = CK_EVENT_APP,
                                      .counter = ++c->people[0].counter,
                                      .value = 1,
                                      .data = ck_bytes_of(c->stroke, sizeof c->stroke)};
        feed(c, c->people[0].connection, CK_FRAME_INTENT, &ck_type_event, &stroke);
    }
}

/* A ping each 10 s, a report each 5 s of who is asked for it: evenly spread. */
static void ping_and_report(class *c)
{
    const ck_wire_ping ping = {.sent_us = c->now_us};
    const ck_wire_report report = {
        .playing_us = UNIX_US + c->now_us - 1000000, .page = 14, .sound = CK_SOUND_HEARD};
    for (uint64_t i = c->now_us / STEP_US % 10000; i < c->count; i += 10000) {
        if (c->people[i].live) {
            feed(c, c->people[i].connection, CK_FRAME_PING, &ck_type_ping, &ping);
        }
    }
    for (uint64_t i = c->now_us / STEP_US % 5000; i < c->count; i += 5000) {
        if (c->people[i].live && c->people[i].reports) {
            feed(c, c->people[i].connection, CK_FRAME_REPORT, &ck_type_report, &report);
        }
    }
}

/* --- the witness --------------------------------------------------------------------------- */

static void pump_witness(class *c)
{
    ck_replica_output out;
    ck_replica_event event;
    ck_replica_on_deadline(c->witness, c->now_us);
    while (ck_replica_poll_output(c->witness, &out)) {
        if (out.action == CK_REPLICA_OPEN) {
            c->attempt = out.attempt;
            c->witness_connection = connect(c, "witness", CK_ROLE_STUDENT);
            ck_replica_opened(c->witness, out.attempt, c->now_us);
        } else if (out.action == CK_REPLICA_SEND) {
            ck_sequencer_feed(c->sequencer, c->witness_connection,
                              ck_bytes_of(out.bytes.data, out.bytes.size), c->now_us);
        } else {
            break_rule(c, "the witness lost the room", out.attempt);
        }
        ck_slice_unref(&out.bytes);
    }
    while (ck_replica_poll_event(c->witness, &event)) {
        bool chat = event.kind == CK_REPLICA_EVENT && event.event.kind == CK_EVENT_CHAT;
        if (chat && event.event.data.size == 0) {
            break_rule(c, "a message of the crowd has no name", event.event.number);
        }
        bool again = event.kind == CK_REPLICA_EVENT && event.event.kind == CK_EVENT_REPEAT;
        c->run->shown += (chat || again) && c->measures ? CK_MAX(event.event.times, 1) : 0;
        c->run->hidden += event.kind == CK_REPLICA_HIDDEN && c->measures ? event.number : 0;
    }
}

static void check_witness(class *c)
{
    const ck_room *head = ck_replica_head(c->witness);
    if (head->number != ck_sequencer_get_stats(c->sequencer).head ||
        ck_room_hash(head) != ck_room_hash(ck_sequencer_room(c->sequencer))) {
        break_rule(c, "the witness ended with another room", head->number);
    }
    if (ck_replica_get_stats(c->witness).unpacked == 0) {
        break_rule(c, "nothing came packed", 0);
    }
}

/* --- a run --------------------------------------------------------------------------------- */

static void step(class *c)
{
    c->now_us += STEP_US;
    ping_and_report(c);
    if (c->record.action == CK_SEQUENCER_APPEND && c->now_us >= c->stored_us) {
        uint64_t to = c->record.to;
        c->record.action = CK_SEQUENCER_SEND;
        IN_CORE(c, ck_sequencer_stored(c->sequencer, to, CK_STORE_COMMITTED, c->now_us));
    }
    if (c->now_us >= ck_sequencer_next_deadline(c->sequencer)) {
        IN_CORE(c, ck_sequencer_on_deadline(c->sequencer, c->now_us));
    }
    pump(c);
    if (c->witness_started) {
        pump_witness(c);
    }
}

static void let_all_in(class *c)
{
    while (c->live < c->run->students + 1 && c->now_us < 60000000) {
        for (uint32_t i = 0; i < JOINS_PER_S * STEP_US / 1000000 && c->count < c->run->students + 1;
             i++) {
            join(c, c->count++);
        }
        step(c);
    }
    if (c->live < c->run->students + 1) {
        break_rule(c, "not all were let in", c->live);
    }
    c->join_ns = c->core_ns;
    for (uint32_t i = 0; i < 12000; i++) { /* until who can unpack does */
        step(c);
    }
}

static void run_class(class *c)
{
    c->measures = true;
    c->core_ns = 0;
    for (uint32_t i = 0; i < c->run->seconds * (1000000 / STEP_US); i++) {
        for (c->said_due += SAID_PER_S * (STEP_US / 1e6); c->said_due >= 1; c->said_due--) {
            say(c);
        }
        for (c->points_due += 60 * (STEP_US / 1e6); c->points_due >= 1; c->points_due--) {
            draw(c);
        }
        step(c);
    }
    c->measures = false;
    c->class_ns = c->core_ns;
    for (uint32_t i = 0; i < 3000; i++) { /* until all is told */
        step(c);
    }
}

static void sum_up(class *c)
{
    const uint64_t core_ns = c->class_ns;
    ck_class_run *run = c->run;
    ck_sequencer_stats stats = ck_sequencer_get_stats(c->sequencer);
    for (int plain = 0; plain < 2; plain++) {
        double each = (double)(plain ? run->students / 10 : run->students - run->students / 10);
        for (int lane = 0; lane < CK_CLASS_LANES; lane++) {
            double per_s = (double)c->bytes[plain][lane] * 8 / 1000 / each / run->seconds;
            *(plain ? &run->plain_kbps[lane] : &run->kbps[lane]) = per_s;
            *(plain ? &run->plain_kbps_total : &run->kbps_total) += per_s;
            if (!plain) {
                run->frames_per_s[lane] = (double)c->frames[0][lane] / each / run->seconds;
            }
        }
    }
    run->packed_ratio = (double)stats.packed_bytes / (double)CK_MAX(stats.packed_from_bytes, 1);
    run->ns_per_delivery = (double)core_ns / (double)CK_MAX(run->deliveries, 1);
    run->core_share = (double)core_ns / 1e9 / run->seconds;
    run->join_us = (double)c->join_ns / 1000 / (run->students + 1);
}

static bool begin(class *c)
{
    ck_replica_config witness = {.alloc = &ck_test_heap, .chat_max = 100};
    if (ck_deflater_create(&ck_test_heap, &c->deflater) < 0 ||
        ck_inflater_create(&ck_test_heap, &c->inflater) < 0) {
        return false;
    }
    const ck_sequencer_config config = {
        .alloc = &ck_test_heap,
        .epoch = 1,
        .unix_us = UNIX_US,
        .crowd_per_s = c->run->crowd_per_s,
        .packer = ck_deflater_port(c->deflater),
    };
    witness.unpacker = ck_inflater_port(c->inflater);
    c->people = calloc(c->run->students + 1, sizeof *c->people);
    return c->people != NULL && ck_sequencer_create(&config, 1, &c->sequencer) == CHALK_OK &&
           ck_replica_create(&witness, c->run->seed, 1, &c->witness) == CHALK_OK;
}

void ck_class_simulate(ck_class_run *run)
{
    class *c = calloc(1, sizeof *c);
    if (c == NULL) {
        fputs("simulation: out of memory\n", stderr);
        exit(1);
    }
    *c = (class){.run = run, .now_us = 1};
    ck_rng_seed(&c->rng, run->seed);
    if (begin(c)) {
        pump(c);
        let_all_in(c);
        c->witness_started = ck_replica_start(c->witness, c->now_us) == CHALK_OK;
        for (uint32_t i = 0; i < 12000; i++) {
            step(c);
        }
        run_class(c);
        sum_up(c);
        check_witness(c);
    } else {
        break_rule(c, "out of memory", run->students);
    }
    ck_replica_destroy(&c->witness);
    ck_sequencer_destroy(&c->sequencer);
    ck_inflater_destroy(&c->inflater);
    ck_deflater_destroy(&c->deflater);
    free(c->people);
    free(c);
}
