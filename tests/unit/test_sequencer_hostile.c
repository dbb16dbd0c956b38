/* Peers that do not keep to anything. Each is refused by name; the others do not notice. */
#include "room_pair.h"

#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"

#include <string.h>

static const ck_replica_config keeps = {.chat_max = 100};
static ck_room_pair p;

static void begin(void)
{
    CK_CHECK_EQ(ck_pair_init(&p, &ck_test_heap, &(ck_sequencer_config){.connections_max = 64}),
                CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "ada", CK_ROLE_TEACHER, &keeps), CHALK_OK);
}

static uint64_t connect(const char *name)
{
    const ck_claims claims = {{(const uint8_t *)name, strlen(name)}, CK_ROLE_STUDENT};
    uint64_t id = 0;
    return ck_sequencer_connect(p.sequencer, &claims, p.now_us, &id) < 0 ? 0 : id;
}

static void feed(uint64_t id, enum ck_frame frame, const ck_wire_type *type, const void *message)
{
    ck_buf buf;
    ck_buf_init(&buf, &ck_test_heap, 1 << 20);
    ck_frame_put(&buf, frame, type, message);
    ck_sequencer_feed(p.sequencer, id, ck_bytes_of(buf.data, buf.size), p.now_us);
    ck_buf_free(&buf);
}

/* Everything that is said to connection `id` until it is closed: the reason of BYE or REFUSED. */
static enum ck_reason answer_to(uint64_t id, bool *closed)
{
    enum ck_reason reason = CK_REASON_NONE;
    ck_sequencer_output out;
    *closed = false;
    for (int turn = 0; turn < 20; turn++) {
        p.now_us += 10000;
        ck_sequencer_on_deadline(p.sequencer, p.now_us);
        while (ck_sequencer_poll_output(p.sequencer, &out)) {
            bool some = out.bytes.size > 0; /* what closes has no bytes */
            ck_bytes body = {some ? out.bytes.data + 1 : NULL, some ? out.bytes.size - 1 : 0};
            ck_wire_bye bye;
            ck_wire_refused refused;
            if (out.action == CK_SEQUENCER_APPEND) {
                ck_sequencer_stored(
                    p.sequencer, out.to,
                    ck_memory_store_append(&p.store, p.epoch, out.after, out.to,
                                           ck_bytes_of(out.bytes.data, out.bytes.size)),
                    p.now_us);
            } else if (out.connection == id && out.action == CK_SEQUENCER_CLOSE) {
                *closed = true;
                ck_sequencer_gone(p.sequencer, id, p.now_us);
            } else if (out.connection == id && out.bytes.data[0] == CK_FRAME_BYE &&
                       ck_wire_decode(&ck_type_bye, body, &bye) == CHALK_OK) {
                reason = (enum ck_reason)bye.reason;
            } else if (out.connection == id && out.bytes.data[0] == CK_FRAME_REFUSED &&
                       ck_wire_decode(&ck_type_refused, body, &refused) == CHALK_OK) {
                reason = (enum ck_reason)refused.reason;
            }
            ck_slice_unref(&out.bytes);
        }
    }
    return reason;
}

static uint64_t joined(const char *name)
{
    uint64_t id = connect(name);
    bool closed;
    const ck_wire_hello hello = {.version = 1};
    feed(id, CK_FRAME_HELLO, &ck_type_hello, &hello);
    CK_CHECK_EQ(answer_to(id, &closed), CK_REASON_NONE);
    return id;
}

CK_TEST(hostile, frames_that_are_none)
{
    static const struct {
        const char *bytes;
        size_t size;
        bool first; /* said instead of HELLO */
    } rows[] = {
        {"", 0, true},
        {"\x02", 1, true},
        {"\x01", 1, false},
        {"\x63", 1, false},
        {"\x13", 1, false},
        {"\x02\x08", 2, false},
        {"\x01\x08\x80", 3, true},
        {"\x07\x0a\x01x", 4, false},
        {"\x03\x10\x10", 3, false},
    };
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        begin();
        bool closed;
        uint64_t id = rows[row].first ? connect("eve") : joined("eve");
        ck_sequencer_feed(p.sequencer, id, ck_bytes_of(rows[row].bytes, rows[row].size), p.now_us);
        CK_CHECK_ROW(row, answer_to(id, &closed) == CK_REASON_PROTOCOL && closed);
        ck_pair_free(&p);
    }
}

static void drop_outputs(void)
{
    ck_sequencer_output out;
    while (ck_sequencer_poll_output(p.sequencer, &out)) {
        ck_slice_unref(&out.bytes);
    }
}

/* Who says nothing is silent; whose HELLO waits at the host, or for the store, is not. */
CK_TEST(hostile, silence_is_told_from_waiting)
{
    enum { NOTHING, WAITS, JOINS };
    static const struct {
        int does;
        uint64_t for_s;
        enum ck_reason reason;
    } rows[] = {{NOTHING, 2, CK_REASON_SILENT},
                {WAITS, 2, CK_REASON_NONE},
                {WAITS, 12, CK_REASON_SILENT},
                {JOINS, 2, CK_REASON_NONE},
                {JOINS, 32, CK_REASON_STORE}};
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        begin();
        bool closed;
        uint64_t id = connect("eve");
        p.now_us += 9 * CK_US_PER_S;
        if (rows[row].does == WAITS) {
            ck_sequencer_waits(p.sequencer, id, p.now_us);
        } else if (rows[row].does == JOINS) {
            const ck_wire_hello hello = {.version = 1};
            feed(id, CK_FRAME_HELLO, &ck_type_hello, &hello);
            ck_sequencer_on_deadline(p.sequencer, p.now_us);
            drop_outputs(); /* the record, which is never answered */
        }
        p.now_us += rows[row].for_s * CK_US_PER_S;
        CK_CHECK_ROW(row, answer_to(id, &closed) == rows[row].reason);
        CK_CHECK_ROW(row, closed == (rows[row].reason != CK_REASON_NONE));
        ck_pair_free(&p);
    }
}

CK_TEST(hostile, what_is_too_large)
{
    begin();
    bool closed;
    static uint8_t big[CK_ROOM_FRAME_MAX + 1] = {CK_FRAME_INTENT};
    uint64_t id = joined("eve");
    ck_sequencer_feed(p.sequencer, id, ck_bytes_of(big, sizeof big), p.now_us);
    CK_CHECK(answer_to(id, &closed) == CK_REASON_PROTOCOL && closed);
    id = joined("mallory");
    memset(big, 'x', sizeof big);
    const ck_wire_event chat = {.kind = CK_EVENT_CHAT, .counter = 1, .text = {big, 2001}};
    feed(id, CK_FRAME_INTENT, &ck_type_event, &chat);
    CK_CHECK(answer_to(id, &closed) == CK_REASON_TOO_LARGE && !closed);
    ck_pair_free(&p);
}

CK_TEST(hostile, logins_and_names_that_are_forged)
{
    begin();
    bool closed;
    uint64_t id = connect("eve");
    const ck_wire_hello future = {.version = 1, .epoch = UINT64_MAX};
    feed(id, CK_FRAME_HELLO, &ck_type_hello, &future);
    CK_CHECK(answer_to(id, &closed) == CK_REASON_PROTOCOL && closed);
    id = connect("eve");
    const ck_wire_hello version = {.version = 2};
    feed(id, CK_FRAME_HELLO, &ck_type_hello, &version);
    CK_CHECK(answer_to(id, &closed) == CK_REASON_VERSION && closed);
    id = joined("eve");
    const ck_wire_event forged = {.kind = CK_EVENT_CHAT,
                                  .counter = 1,
                                  .author = 1,
                                  .epoch = 1,
                                  .text = {(const uint8_t *)"I am Ada", 8}};
    feed(id, CK_FRAME_INTENT, &ck_type_event, &forged);
    CK_CHECK(answer_to(id, &closed) == CK_REASON_NONE && !closed);
    const ck_room *room = ck_sequencer_room(p.sequencer);
    CK_CHECK(ck_room_said_at(room, 0)->event.author ==
             ck_room_find_name(room, (ck_bytes){(const uint8_t *)"eve", 3})->id);
    const ck_wire_hello head = {.version = 1, .head = UINT64_MAX, .crowd = UINT64_MAX};
    id = connect("oscar");
    feed(id, CK_FRAME_HELLO, &ck_type_hello, &head); /* a head that is not there yet: a snapshot */
    CK_CHECK(answer_to(id, &closed) == CK_REASON_NONE && !closed);
    ck_pair_free(&p);
}

CK_TEST(hostile, intents_without_counter_and_twice)
{
    begin();
    bool closed;
    uint64_t id = joined("eve");
    const ck_wire_event chat = {
        .kind = CK_EVENT_CHAT, .counter = 1, .text = {(const uint8_t *)"x", 1}};
    for (int i = 0; i < 5; i++) {
        feed(id, CK_FRAME_INTENT, &ck_type_event, &chat);
        CK_CHECK_EQ(answer_to(id, &closed), CK_REASON_NONE);
    }
    CK_CHECK_EQ(ck_sequencer_room(p.sequencer)->chat_count, 1);
    CK_CHECK_EQ(ck_sequencer_get_stats(p.sequencer).repeated, 4);
    const ck_wire_event none = {.kind = CK_EVENT_CHAT, .text = {(const uint8_t *)"x", 1}};
    feed(id, CK_FRAME_INTENT, &ck_type_event, &none);
    CK_CHECK(answer_to(id, &closed) == CK_REASON_PROTOCOL && closed);
    ck_pair_free(&p);
}

CK_TEST(hostile, floods)
{
    begin();
    bool closed;
    uint64_t id = joined("eve");
    for (uint64_t i = 1; i <= 100000; i++) {
        const ck_wire_event chat = {
            .kind = CK_EVENT_CHAT, .counter = i, .text = {(const uint8_t *)"x", 1}};
        feed(id, CK_FRAME_INTENT, &ck_type_event, &chat);
    }
    CK_CHECK(answer_to(id, &closed) == CK_REASON_BUSY && closed);
    CK_CHECK(ck_sequencer_get_stats(p.sequencer).inbox_most <= 64);
    /* Joins: as many as fit, then none. */
    uint32_t open = 0;
    while (connect("oscar") != 0) {
        open++;
    }
    CK_CHECK_EQ(open, 63);
    CK_CHECK(ck_pair_say(&p, 0, "and the lesson goes on") != 0);
    ck_pair_run(&p, 2000000); /* its frames were thrown away above: it comes back */
    CK_CHECK(ck_pair_told(&p, 0, CK_EVENT_CHAT) != NULL);
    /* They never speak, and go. */
    ck_pair_run(&p, 12000000);
    CK_CHECK_EQ(ck_sequencer_get_stats(p.sequencer).connections, 1);
    ck_pair_free(&p);
}

CK_TEST(hostile, lists_of_people_of_a_large_room_are_staffs)
{
    CK_CHECK_EQ(ck_pair_init(&p, &ck_test_heap, &(ck_sequencer_config){.crowd_from = 1}), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "ada", CK_ROLE_TEACHER, &keeps), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "eve", CK_ROLE_STUDENT, &keeps), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "li", CK_ROLE_STUDENT, &keeps), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "wu", CK_ROLE_STUDENT, &keeps), CHALK_OK);
    CK_CHECK_EQ(ck_replica_head(p.clients[0].replica)->person_count, 4);
    CK_CHECK(ck_room_find(ck_replica_head(p.clients[1].replica), 4) == NULL);
    const ck_event up = {.kind = CK_EVENT_HAND, .value = 1};
    (void)ck_pair_do(&p, 3, &up); /* now all may know */
    CK_CHECK(ck_room_find(ck_replica_head(p.clients[1].replica), 4)->hand != 0);
    CK_CHECK(ck_room_hash(ck_replica_head(p.clients[1].replica)) ==
             ck_room_hash(ck_replica_head(p.clients[0].replica)));
    ck_pair_free(&p);
}

CK_TEST(hostile, of_a_class_that_comes_at_once_few_are_told_to_all)
{
    static const char *const names[] = {"bo", "cy", "di", "ed", "fi", "gil"};
    const ck_wire_hello hello = {.version = 1};
    uint64_t id = 0;
    CK_CHECK_EQ(ck_pair_init(&p, &ck_test_heap, &(ck_sequencer_config){.crowd_from = 3}), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "ada", CK_ROLE_TEACHER, &keeps), CHALK_OK);
    for (size_t i = 0; i < CK_COUNT_OF(names); i++) { /* nobody is let in before all have come */
        id = connect(names[i]);
        feed(id, CK_FRAME_HELLO, &ck_type_hello, &hello);
    }
    bool closed;
    CK_CHECK_EQ(answer_to(id, &closed), CK_REASON_NONE);
    const ck_room *room = ck_sequencer_room(p.sequencer);
    uint32_t known_to_all = 0;
    for (uint32_t i = 0; i < room->person_count; i++) {
        known_to_all += (room->people[i].flags & CK_PERSON_PUBLIC) != 0;
    }
    CK_CHECK_EQ(room->person_count, 7);
    CK_CHECK_EQ(known_to_all, 4); /* as if they had come one after the other */
    ck_pair_free(&p);
}
