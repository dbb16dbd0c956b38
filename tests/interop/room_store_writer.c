/*
 * Rooms that are written to a disk as fast as it takes them, by a program that is there to be
 * killed:
 *
 *     room_store_writer DIR ROOMS SEGMENT_BYTES
 *
 * Each room is loaded as the edge does it, then a participant says "ROOM:NUMBER" again and again.
 * Prints "room I at TO" for each that was loaded, "ready", and "I TO" for each record when it was
 * committed. Runs until it is killed, or until its standard input ends. Exit code 1: a room could
 * not be read, or an append was not committed.
 */
#include "base/check.h"
#include "core/room/room.h"
#include "edge/room_store.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROOMS_MAX        64
#define EVENTS_MAX       3  /* in a record */
#define CHECKPOINT_EVERY 40 /* events */
#define CHAT_MAX         20000
#define TEACHER          1

typedef struct written_room {
    unsigned index;
    ck_lease *lease;
    uint64_t epoch;
    ck_room state;
    uint64_t checkpoint_at;
} written_room;

static written_room rooms[ROOMS_MAX];
static unsigned room_count, loaded;
static int failed;

static void fail(const written_room *r, const char *what, int status)
{
    fprintf(stderr, "room %u: %s: %s\n", r->index, what, chalk_error_name(status));
    failed = 1;
}

/* --- loading ------------------------------------------------------------------------------- */

static int apply(ck_room *state, ck_bytes record)
{
    ck_wire_list list = {record.data, record.data + record.size, 1, 0};
    ck_wire_batch ordered;
    ck_event event;
    int status = ck_wire_next(&list, &ck_type_batch, &ordered);
    if (status < 1 || ordered.from != state->number) {
        return CHALK_ERR_BAD_DATA;
    }
    ck_event_reader reader = ck_event_reader_of(&ordered);
    while ((status = ck_event_read(&reader, &event)) > 0) {
        status = ck_room_apply(state, &event);
        if (status < 0) {
            return status;
        }
    }
    return status;
}

static void on_opened(void *user, int status, uint64_t epoch)
{
    written_room *r = user;
    r->epoch = epoch;
    status = status == CHALK_OK ? ck_lease_tail(r->lease) : status;
    if (status < 0) {
        fail(r, "cannot be opened", status);
    }
}

static void on_checkpoint(void *user, uint64_t to, ck_bytes state)
{
    written_room *r = user;
    int status = ck_room_read(&r->state, state);
    if (status < 0 || r->state.number != to) {
        fail(r, "its state cannot be read", status);
    }
    r->checkpoint_at = to;
}

static void on_record(void *user, uint64_t after, uint64_t to, ck_bytes record)
{
    written_room *r = user;
    int status = apply(&r->state, record);
    if (status < 0 || after >= to || r->state.number != to) {
        fail(r, "a record cannot be read", status);
    }
}

/* --- writing ------------------------------------------------------------------------------- */

static void put_event(written_room *r, ck_event_writer *w, uint64_t number)
{
    char text[32];
    ck_event event = {
        .number = number,
        .order_us = number * 1000,
        .origin_us = number * 1000,
        .kind = CK_EVENT_CHAT,
        .author = TEACHER,
        .counter = number,
        .epoch = r->epoch,
    };
    int size = snprintf(text, sizeof text, "%u:%llu", r->index, (unsigned long long)number);
    if (number == 1) {
        event = (ck_event){.number = 1,
                           .order_us = 1000,
                           .origin_us = 1000,
                           .kind = CK_EVENT_ENROLL,
                           .target = TEACHER,
                           .value = CK_ROLE_TEACHER};
        size = snprintf(text, sizeof text, "ada");
    }
    event.text = ck_bytes_of(text, (size_t)size);
    ck_event_write(w, &event);
}

static ck_slice make_record(written_room *r, uint64_t to)
{
    const uint64_t after = r->state.number;
    ck_buf events, record;
    ck_buf_init(&events, &ck_heap, 1 << 16);
    ck_buf_init(&record, &ck_heap, 1 << 16);
    ck_event_writer w = {
        .out = &events, .field = CK_LIST_BATCH_EVENTS, .store = true, .number = after};
    for (uint64_t number = after + 1; number <= to; number++) {
        put_event(r, &w, number);
    }
    const ck_wire_batch ordered = {.from = after, .to = to, .events = ck_wire_list_of(&events)};
    const ck_wire_batch crowd = {.lane = CK_LANE_CROWD};
    ck_wire_add(&record, 1, &ck_type_batch, &ordered);
    ck_wire_add(&record, 1, &ck_type_batch, &crowd);
    ck_slice slice = ck_slice_copy(&ck_heap, record.data, record.size);
    ck_buf_free(&events);
    ck_buf_free(&record);
    return slice;
}

/* The state takes what was asked for at once: this program ends when that does not come to be. */
static void append(written_room *r)
{
    const uint64_t after = r->state.number, to = after + 1 + after % EVENTS_MAX;
    ck_slice record = make_record(r, to);
    int status = apply(&r->state, ck_bytes_of(record.data, record.size));
    if (status == CHALK_OK) {
        status = ck_lease_append(r->lease, after, to, record);
    }
    if (status < 0) {
        fail(r, "cannot be written", status);
    }
}

static void checkpoint(written_room *r)
{
    ck_buf state;
    ck_buf_init(&state, &ck_heap, 16 << 20);
    ck_room_write(&r->state, NULL, &state);
    ck_slice slice = ck_slice_copy(&ck_heap, state.data, state.size);
    if (ck_lease_checkpoint(r->lease, r->state.number, slice) == CHALK_OK) {
        r->checkpoint_at = r->state.number;
    } else {
        ck_slice_unref(&slice); /* one is being written */
    }
    ck_buf_free(&state);
}

static void on_tailed(void *user, int status)
{
    written_room *r = user;
    if (status < 0) {
        fail(r, "cannot be loaded", status);
        return;
    }
    printf("room %u at %llu\n", r->index, (unsigned long long)r->state.number);
    loaded++;
    if (loaded == room_count) {
        puts("ready");
        for (unsigned i = 0; i < room_count; i++) {
            append(&rooms[i]);
        }
    }
}

static void on_appended(void *user, uint64_t to, enum ck_store_answer answer)
{
    written_room *r = user;
    if (answer != CK_STORE_COMMITTED) {
        fail(r, "was not committed", (int)answer);
        return;
    }
    printf("%u %llu\n", r->index, (unsigned long long)to);
    if (to - r->checkpoint_at >= CHECKPOINT_EVERY) {
        checkpoint(r);
    }
    append(r);
}

/* --- the program --------------------------------------------------------------------------- */

static void print_line(void *user, int level, const char *module, const char *text)
{
    (void)user;
    fprintf(stderr, "%d %s: %s\n", level, module, text);
}

static int run(ck_loop *loop, ck_room_store *store)
{
    static const ck_lease_events events = {on_opened, on_checkpoint, on_record, on_tailed,
                                           on_appended};
    for (unsigned i = 0; i < room_count; i++) {
        char name[32];
        int size = snprintf(name, sizeof name, "room %u", i);
        rooms[i].index = i;
        ck_room_init(&rooms[i].state, &ck_heap, CHAT_MAX);
        if (ck_lease_open(store, ck_bytes_of(name, (size_t)size), &events, &rooms[i],
                          &rooms[i].lease) < 0) {
            return 1;
        }
    }
    struct pollfd fds[2] = {{.fd = ck_loop_poll_fd(loop), .events = POLLIN},
                            {.fd = STDIN_FILENO, .events = POLLIN}};
    while (failed == 0 && fds[1].revents == 0) {
        if (ck_loop_poll(loop) < 0 || poll(fds, 2, ck_loop_poll_timeout_ms(loop)) < 0) {
            return 1;
        }
    }
    return failed;
}

int main(int argc, char **argv)
{
    static const ck_log log = {.line = print_line, .level = 2};
    if (argc != 4) {
        fputs("usage: room_store_writer DIR ROOMS SEGMENT_BYTES\n", stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* a line that was printed is out when we are killed */
    room_count = CK_MIN((unsigned)strtoul(argv[2], NULL, 10), ROOMS_MAX);
    ck_loop *loop = NULL;
    ck_room_store *store = NULL;
    int status = ck_loop_create(&(ck_loop_config){.host_driven = true}, &loop);
    if (status == CHALK_OK) {
        const ck_room_store_config config = {.loop = loop,
                                             .log = &log,
                                             .folder = argv[1],
                                             .segment_bytes = (uint32_t)strtoul(argv[3], NULL, 10)};
        status = ck_disk_rooms_create(&config, &store);
    }
    int code = status == CHALK_OK ? run(loop, store) : 1;
    ck_room_store_destroy(&store);
    ck_loop_destroy(&loop);
    for (unsigned i = 0; i < room_count; i++) {
        ck_room_free(&rooms[i].state);
    }
    return code;
}
