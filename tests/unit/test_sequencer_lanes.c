/* What each lane carries, for whom, and how much of it. */
#include "room_pair.h"

#include "chalkrail/errors.h"
#include "core/room/page.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"
#include "base/text.h"

#include <string.h>

static const ck_replica_config keeps = {.chat_max = 100};
static ck_room_pair p;

static void begin(const ck_sequencer_config *config)
{
    static const char *const students[] = {"li", "wu", "xu"};
    CK_CHECK_EQ(ck_pair_init(&p, &ck_test_heap, config), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "ada", CK_ROLE_TEACHER, &keeps), CHALK_OK);
    for (size_t i = 0; i < CK_COUNT_OF(students); i++) {
        CK_CHECK_EQ(ck_pair_join(&p, students[i], CK_ROLE_STUDENT, &keeps), CHALK_OK);
    }
}

static const ck_told *told(uint32_t client, enum ck_replica_event_kind kind)
{
    const ck_pair_client *c = &p.clients[client];
    for (uint32_t i = CK_MIN(c->told_count, CK_PAIR_TOLD); i > 0; i--) {
        if (c->told[i - 1].event.kind == kind) {
            return &c->told[i - 1];
        }
    }
    return NULL;
}

CK_TEST(lanes, an_application_has_events_of_its_own_in_each)
{
    begin(&(ck_sequencer_config){0});
    ck_event app = {.kind = CK_EVENT_APP,
                    .value = UINT64_MAX,
                    .text = {(const uint8_t *)"quiz", 4},
                    .data = {(const uint8_t *)"\0\xff", 2}};
    CK_CHECK_EQ(ck_pair_reason(&p, 1, ck_pair_do(&p, 1, &app)), CK_REASON_NONE);
    const ck_told *seen = ck_pair_saw(&p, 2, CK_EVENT_APP);
    CK_CHECK(seen->event.event.lane == CK_LANE_ORDERED && seen->event.event.data.size == 2);
    CK_CHECK(seen->event.event.value == UINT64_MAX && strcmp(seen->text, "quiz") == 0);
    app.lane = CK_LANE_CROWD;
    CK_CHECK_EQ(ck_pair_reason(&p, 1, ck_pair_do(&p, 1, &app)), CK_REASON_NONE);
    ck_pair_run(&p, 2000000);
    CK_CHECK_EQ(ck_pair_saw(&p, 2, CK_EVENT_APP)->event.event.lane, CK_LANE_CROWD);
    app.audience = CK_TO_ONE; /* is of no crowd */
    app.target = 1;
    (void)ck_pair_do(&p, 1, &app);
    CK_CHECK_EQ(ck_pair_saw(&p, 0, CK_EVENT_APP)->event.event.lane, CK_LANE_ORDERED);
    CK_CHECK(ck_pair_saw(&p, 3, CK_EVENT_APP)->event.event.audience != CK_TO_ONE);
    ck_pair_free(&p);
}

CK_TEST(lanes, who_publishes_is_known_however_much_others_want)
{
    begin(&(ck_sequencer_config){0});
    static const uint8_t much[CK_ROOM_FRAME_MAX] = {CK_FRAME_INTENT}; /* 16 of them fill it */
    for (int i = 0; i < 20; i++) {
        ck_sequencer_feed(p.sequencer, p.clients[3].connection, ck_bytes_of(much, sizeof much),
                          p.now_us);
    }
    CK_CHECK_EQ(ck_sequencer_get_stats(p.sequencer).busy, 1);
    ck_sequencer_stream(p.sequencer, ck_bytes_of("ada", 3), CK_MEDIA_SCREEN, true, p.now_us);
    ck_pair_run(&p, 100000);
    CK_CHECK_EQ(ck_replica_head(p.clients[1].replica)->stream_count, 1);
    ck_pair_free(&p);
}

static bool has_status(uint32_t client, uint64_t who, const char *status)
{
    ck_bytes has = ck_replica_status(p.clients[client].replica, who);
    return has.size == strlen(status) && (has.size == 0 || memcmp(has.data, status, has.size) == 0);
}

CK_TEST(lanes, presence_says_what_the_application_says)
{
    begin(&(ck_sequencer_config){0});
    static uint8_t large[CK_STATUS_MAX + 1];
    ck_replica *r = p.clients[1].replica;
    CK_CHECK_EQ(ck_replica_set_status(r, ck_bytes_of(large, sizeof large)), CHALK_ERR_LIMIT);
    CK_CHECK_EQ(ck_replica_set_status(r, ck_bytes_of("away", 4)), CHALK_OK);
    ck_pair_run(&p, 1000000);
    CK_CHECK(has_status(2, 2, "away") && has_status(2, 3, "") && has_status(2, 99, ""));
    ck_pair_cut(&p, 1); /* it is said again to whom it comes back to */
    ck_pair_run(&p, 5000000);
    CK_CHECK(has_status(2, 2, "away"));
    const ck_event mute = {.kind = CK_EVENT_MUTE, .target = 2, .value = 1};
    (void)ck_pair_do(&p, 0, &mute);
    CK_CHECK_EQ(ck_replica_set_status(r, ck_bytes_of("rude", 4)), CHALK_OK);
    ck_pair_run(&p, 1000000);
    CK_CHECK(ck_replica_is_here(p.clients[2].replica, 2) && has_status(2, 2, ""));
    ck_pair_free(&p);
}

CK_TEST(lanes, newest_states_are_for_who_has_the_right_for_their_key)
{
    static const struct {
        uint64_t key;
        bool muted, ended, shown;
        uint8_t given; /* rights besides a student's; 0: none */
    } rows[] = {
        {0, false, false, false, 0}, /* a student does not draw */
        {3, false, false, false, 0},
        {4, false, false, true, 0}, /* the application's own */
        {7, false, false, true, 0},
        {4, true, false, false, 0},
        {4, false, true, false, 0},                /* the class is over */
        {CK_SPOT_POINTER, false, false, false, 0}, /* nor does it share a screen, */
        {CK_SPOT_SHAPE, false, false, false, CK_RIGHT_DRAW},
        {CK_SPOT_POINTER, false, false, true, CK_RIGHT_SHARE}, /* unless it may */
        {CK_SPOT_SHAPE + CK_SPOT_SHAPES - 1, false, false, true, CK_RIGHT_SHARE},
        {0, false, false, false, CK_RIGHT_SHARE},
        {CK_SPOT_POINTER, false, true, false, CK_RIGHT_SHARE},
    };
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        begin(&(ck_sequencer_config){0});
        const ck_event mute = {.kind = CK_EVENT_MUTE, .target = 2, .value = rows[row].muted};
        const ck_event class = {.kind = CK_EVENT_CLASS,
                                .value = rows[row].ended ? CK_CLASS_ENDED : CK_CLASS_LIVE};
        (void)ck_pair_do(&p, 0, &mute);
        const ck_event rights = {.kind = CK_EVENT_RIGHTS, .target = 2, .value = rows[row].given};
        (void)ck_pair_do(&p, 0, &class);
        if (rows[row].given != 0) {
            (void)ck_pair_do(&p, 0, &rights);
        }
        ck_replica_show(p.clients[1].replica, rows[row].key, ck_bytes_of("x", 1), p.now_us);
        ck_pair_run(&p, 1000000);
        CK_CHECK_ROW(row, (told(2, CK_REPLICA_SPOT) != NULL) == rows[row].shown);
        CK_CHECK_ROW(row, told(1, CK_REPLICA_SPOT) == NULL);
        ck_pair_free(&p);
    }
}

static uint64_t batch_bytes(uint32_t client)
{
    return ck_replica_get_stats(p.clients[client].replica).ordered_bytes;
}

CK_TEST(lanes, newest_states_go_to_all_but_their_only_author)
{
    for (int both = 0; both < 2; both++) {
        begin(&(ck_sequencer_config){0});
        ck_pair_run(&p, 100000);
        const uint64_t own = batch_bytes(1), others = batch_bytes(2);
        ck_replica_show(p.clients[1].replica, 4, ck_bytes_of("x", 1), p.now_us);
        if (both) {
            ck_replica_show(p.clients[3].replica, 4, ck_bytes_of("y", 1), p.now_us);
        }
        ck_pair_run(&p, 100000);
        CK_CHECK_ROW(both, (batch_bytes(1) > own) == (both == 1));
        CK_CHECK_ROW(both, batch_bytes(2) > others);
        ck_pair_free(&p);
    }
}

/* A right that is not committed yet is none: it may be taken back. */
CK_TEST(lanes, newest_states_wait_for_the_right_to_show_them)
{
    for (int stored = 0; stored < 2; stored++) {
        begin(&(ck_sequencer_config){0});
        const ck_event draw = {.kind = CK_EVENT_RIGHTS, .target = 2, .value = CK_RIGHT_DRAW};
        p.silent = true;
        (void)ck_pair_do(&p, 0, &draw);
        ck_replica_show(p.clients[1].replica, 1, ck_bytes_of("x", 1), p.now_us);
        ck_pair_run(&p, 500000);
        CK_CHECK_ROW(stored, told(2, CK_REPLICA_SPOT) == NULL);
        p.silent = false;
        enum ck_store_answer answer = CK_STORE_FULL;
        if (stored) {
            answer = ck_memory_store_append(
                &p.store, p.epoch, p.unanswered.after, p.unanswered.to,
                ck_bytes_of(p.unanswered.bytes.data, p.unanswered.bytes.size));
        }
        p.clients[0].unplugged = true; /* else it asks again */
        ck_sequencer_stored(p.sequencer, p.unanswered.to, answer, p.now_us);
        ck_pair_cut(&p, 0);
        ck_pair_run(&p, 3000000);
        CK_CHECK_ROW(stored, (told(2, CK_REPLICA_SPOT) != NULL) == (stored == 1));
        ck_pair_free(&p);
    }
}

/* What the crowd said before the store was full is committed, and shown although all is loaded
 * again in between. */
CK_TEST(lanes, a_full_store_hides_nothing_of_the_crowd)
{
    begin(&(ck_sequencer_config){0});
    const ck_event before = {.kind = CK_EVENT_APP, .lane = CK_LANE_CROWD};
    const ck_event first = {.kind = CK_EVENT_APP, .lane = CK_LANE_CROWD, .value = 1};
    const ck_event second = {.kind = CK_EVENT_APP, .lane = CK_LANE_CROWD, .value = 2};
    CK_CHECK_EQ(ck_pair_reason(&p, 1, ck_pair_do(&p, 1, &before)), CK_REASON_NONE);
    CK_CHECK_EQ(ck_pair_reason(&p, 1, ck_pair_do(&p, 1, &first)), CK_REASON_NONE);
    CK_CHECK_EQ(ck_pair_saw(&p, 2, CK_EVENT_APP)->event.event.value, 0); /* the other one waits */
    p.answer = CK_STORE_FULL;
    uint64_t id = ck_pair_do(&p, 3, &second);
    ck_pair_run(&p, 3000000);
    CK_CHECK(ck_pair_settled(&p, 3, id) == NULL);
    p.answer = CK_STORE_COMMITTED;
    ck_pair_run(&p, 5000000);
    CK_CHECK_EQ(ck_pair_reason(&p, 3, id), CK_REASON_NONE);
    uint32_t shown = 0;
    for (uint32_t i = 0; i < p.clients[2].told_count; i++) {
        const ck_event *e = &p.clients[2].told[i].event.event;
        shown |= e->kind == CK_EVENT_APP ? 1u << e->value : 0;
    }
    CK_CHECK_EQ(shown, 1u << 0 | 1u << 1 | 1u << 2);
    CK_CHECK_EQ(ck_sequencer_get_stats(p.sequencer).hidden, 0);
    ck_pair_free(&p);
}

CK_TEST(lanes, a_flood_of_small_frames_is_left_out)
{
    begin(&(ck_sequencer_config){0});
    for (int i = 0; i < 500; i++) {
        ck_replica_react(p.clients[1].replica, ck_bytes_of("👏", 4));
    }
    ck_pair_run(&p, 2000000);
    uint64_t flooded = ck_sequencer_get_stats(p.sequencer).flooded;
    CK_CHECK(flooded > 370 && flooded < 390); /* two seconds' worth were taken */
    CK_CHECK_EQ(ck_replica_state_of(p.clients[1].replica), CK_SESSION_LIVE);
    const ck_told *reaction = told(2, CK_REPLICA_REACTION);
    CK_CHECK(reaction != NULL && reaction->event.event.times == 500 - flooded);
    /* Requests for pages weigh more. */
    ck_pair_run(&p, 5000000);
    for (int i = 0; i < 20; i++) {
        ck_replica_ask(p.clients[2].replica, &(ck_wire_ask){.request = 1, .what = 1, .count = 1});
    }
    ck_pair_run(&p, 100000);
    CK_CHECK(ck_sequencer_get_stats(p.sequencer).flooded > flooded + 5);
    ck_pair_free(&p);
}

/* All answer at once: nobody is sent away because the tick of a large room is long. */
CK_TEST(lanes, a_burst_does_not_wait_for_the_tick)
{
    enum { PEOPLE = 70, EACH = 60 };
    uint64_t ids[PEOPLE];
    begin(&(ck_sequencer_config){0});
    for (uint32_t i = 0; i < PEOPLE; i++) {
        char name[16];
        ck_text text = ck_text_of(name, sizeof name);
        ck_text_add_u64(&text, i);
        const ck_claims claims = {ck_bytes_of(name, text.used), CK_ROLE_STUDENT, 0};
        CK_CHECK_EQ(ck_sequencer_connect(p.sequencer, &claims, p.now_us, &ids[i]), CHALK_OK);
        ck_sequencer_feed(p.sequencer, ids[i], ck_bytes_of("\x01\x08\x01", 3), p.now_us);
    }
    ck_pair_run(&p, 1000000);
    uint64_t waited_us = 0;
    for (uint32_t n = 0; n < PEOPLE * EACH; n++) {
        const uint8_t intent[] = {CK_FRAME_INTENT, 0x08, CK_EVENT_HAND, 0x58,
                                  (uint8_t)(n / PEOPLE + 1)};
        ck_sequencer_feed(p.sequencer, ids[n % PEOPLE], ck_bytes_of(intent, sizeof intent),
                          p.now_us);
        uint64_t due_us = ck_sequencer_next_deadline(p.sequencer);
        waited_us = CK_MAX(waited_us, due_us > p.now_us ? due_us - p.now_us : 0);
        if (due_us <= p.now_us) {
            ck_pair_run(&p, 0);
        }
    }
    CK_CHECK(waited_us > 10000); /* the tick, where there is no hurry */
    CK_CHECK(ck_sequencer_get_stats(p.sequencer).inbox_most <= 2100);
    CK_CHECK_EQ(ck_sequencer_get_stats(p.sequencer).busy, 0);
    ck_pair_free(&p);
}

/* --- history ------------------------------------------------------------------------------- */

/* Asks, and gives what came; texts run together. */
static ck_wire_page page_of(uint32_t client, const ck_wire_ask *ask, char *text, size_t size)
{
    ck_wire_page page = {0};
    ck_replica_ask(p.clients[client].replica, ask);
    ck_text out = ck_text_of(text, size);
    for (int turn = 0; turn < 100 && page.request != ask->request; turn++) {
        ck_sequencer_output got;
        ck_replica_output said;
        p.now_us += 10000;
        while (ck_replica_poll_output(p.clients[client].replica, &said)) {
            ck_sequencer_feed(p.sequencer, p.clients[client].connection,
                              ck_bytes_of(said.bytes.data, said.bytes.size), p.now_us);
            ck_slice_unref(&said.bytes);
        }
        ck_sequencer_on_deadline(p.sequencer, p.now_us);
        while (ck_sequencer_poll_output(p.sequencer, &got)) {
            bool is_page = got.action == CK_SEQUENCER_SEND && got.bytes.data[0] == CK_FRAME_PAGE;
            ck_page_reader reader;
            ck_event event;
            if (is_page &&
                ck_wire_decode(&ck_type_page, ck_bytes_of(got.bytes.data + 1, got.bytes.size - 1),
                               &page) == CHALK_OK) {
                ck_page_read_begin(&reader, &page);
                while (ck_page_read(&reader, &event) > 0) {
                    ck_text_add(&out, event.deleted ? "-" : "");
                    ck_text_add_n(&out, (const char *)event.text.data, event.text.size);
                    ck_text_add(&out, event.lane == CK_LANE_CROWD ? "/" : " ");
                    ck_text_add_n(&out, (const char *)event.data.data, event.data.size);
                }
            }
            ck_slice_unref(&got.bytes);
        }
    }
    CK_CHECK_EQ(page.request, ask->request);
    return page;
}

CK_TEST(history, has_both_lanes_in_order_with_what_was_hidden_and_deleted)
{
    /* In a small room first, then it counts as large: students' words take the crowd lane. */
    begin(&(ck_sequencer_config){.crowd_from = 3, .crowd_per_s = 1});
    char text[256];
    (void)ck_pair_say(&p, 0, "t1");
    (void)ck_pair_say(&p, 1, "a");
    (void)ck_pair_say(&p, 2, "b");
    uint64_t id = ck_pair_say(&p, 3, "c");
    (void)ck_pair_say(&p, 0, "t2");
    const ck_event away = {
        .kind = CK_EVENT_DELETE, .value = CK_LANE_CROWD, .about = ck_pair_number(&p, 3, id)};
    CK_CHECK_EQ(ck_pair_reason(&p, 0, ck_pair_do(&p, 0, &away)), CK_REASON_NONE);
    ck_wire_page page =
        page_of(1, &(ck_wire_ask){.request = 1, .what = 1, .count = 10}, text, sizeof text);
    CK_CHECK_STR(text, "t1 a/lib/wu-/xut2 ");
    CK_CHECK_EQ(page.more, 0);
    page = page_of(1, &(ck_wire_ask){.request = 2, .what = 1, .count = 2}, text, sizeof text);
    CK_CHECK_STR(text, "-/xut2 ");
    CK_CHECK_EQ(page.more, 1);
    /* Further back: each lane from its own number on. */
    const ck_said *b = ck_room_said_at(ck_sequencer_room(p.sequencer), 2);
    const ck_wire_ask back = {
        .request = 3, .what = 1, .count = 10, .before = 1, .before_crowd = b->event.number};
    page = page_of(1, &back, text, sizeof text);
    CK_CHECK_STR(text, "a/li");
    page = page_of(1, &(ck_wire_ask){.request = 4, .what = 2, .count = 10}, text, sizeof text);
    CK_CHECK_STR(text, "a/lib/wu-/xu");
    ck_pair_free(&p);
}

CK_TEST(history, is_private_where_it_was)
{
    begin(&(ck_sequencer_config){0});
    char text[256];
    const ck_event whisper = {.kind = CK_EVENT_CHAT,
                              .audience = CK_TO_ONE,
                              .target = 2,
                              .text = {(const uint8_t *)"w", 1}};
    const ck_event staff = {
        .kind = CK_EVENT_CHAT, .audience = CK_TO_STAFF, .text = {(const uint8_t *)"s", 1}};
    (void)ck_pair_do(&p, 0, &whisper);
    (void)ck_pair_do(&p, 2, &staff);
    static const char *const seen[] = {"w s ", "w ", "s ", ""};
    for (uint32_t i = 0; i < 4; i++) {
        (void)page_of(i, &(ck_wire_ask){.request = i + 1, .what = 1, .count = 10}, text,
                      sizeof text);
        CK_CHECK_STR(text, seen[i]);
    }
    ck_pair_free(&p);
}

/* --- names, reports ------------------------------------------------------------------------ */

CK_TEST(lanes, the_crowd_has_names_also_in_a_snapshot)
{
    begin(&(ck_sequencer_config){.crowd_from = 3});
    (void)ck_pair_say(&p, 1, "hello");
    ck_pair_run(&p, 1000000);
    CK_CHECK_EQ(ck_pair_join(&p, "yu", CK_ROLE_STUDENT, &keeps), CHALK_OK);
    for (uint32_t i = 0; i < 5; i++) {
        const ck_said *said = ck_room_said_at(ck_replica_head(p.clients[i].replica), 0);
        CK_CHECK_ROW(i, said != NULL && said->event.data.size == 2 &&
                            memcmp(said->event.data.data, "li", 2) == 0);
    }
    ck_pair_free(&p);
}

static void report(uint32_t client, uint64_t page, enum ck_sound sound, uint64_t behind_us)
{
    ck_replica *r = p.clients[client].replica;
    const ck_wire_report wire = {
        .playing_us = ck_replica_room_us(r, p.now_us) - behind_us, .page = page, .sound = sound};
    ck_replica_report(r, &wire, p.now_us);
}

CK_TEST(receipts, staff_hear_who_sees_and_hears_within_two_seconds)
{
    begin(&(ck_sequencer_config){0});
    report(0, 14, CK_SOUND_HEARD, 0);
    report(1, 14, CK_SOUND_HEARD, 300000);
    report(2, 13, CK_SOUND_HEARD, 1100000);
    ck_pair_run(&p, 2000000);
    CK_CHECK_STR(p.clients[0].summary,
                 "1 of 2 see slide 14 (3 are here), the oldest 1.1 s behind; 2 hear you");
    report(1, 14, CK_SOUND_MUTED, 300000);
    report(3, 14, CK_SOUND_NO_DEVICE, 0);
    ck_pair_run(&p, 2000000);
    CK_CHECK_STR(p.clients[0].summary, "2 of 3 see slide 14, the oldest 1.1 s behind; 1 hear you; "
                                       "li: speaker muted; xu: no sound device");
    /* The page turns, and somebody goes. */
    report(0, 15, CK_SOUND_HEARD, 0);
    p.clients[1].unplugged = true;
    ck_pair_cut(&p, 1);
    ck_pair_run(&p, 2000000);
    CK_CHECK_STR(p.clients[0].summary, "0 of 2 see slide 15, the oldest 1.1 s behind; 1 hear you; "
                                       "xu: no sound device");
    CK_CHECK_STR(p.clients[2].summary, ""); /* staff alone */
    ck_pair_free(&p);
}

CK_TEST(receipts, the_page_is_that_of_the_highest_rank)
{
    begin(&(ck_sequencer_config){0});
    const ck_event up = {.kind = CK_EVENT_ROLE, .target = 2, .value = CK_ROLE_ASSISTANT};
    (void)ck_pair_do(&p, 0, &up);
    report(0, 7, CK_SOUND_HEARD, 0);
    ck_pair_run(&p, 1000000);
    report(1, 8, CK_SOUND_HEARD, 0);
    report(2, 7, CK_SOUND_HEARD, 0);
    ck_pair_run(&p, 2000000);
    CK_CHECK_STR(p.clients[0].summary, "1 of 1 see slide 7 (2 are here); 1 hear you");
    ck_pair_free(&p);
}

/* In a crowd some speak for all. */
CK_TEST(receipts, are_sampled_in_crowds)
{
    begin(&(ck_sequencer_config){.crowd_from = 2});
    uint32_t asked = 0;
    for (uint32_t i = 0; i < 1000; i++) { /* connections that only say HELLO */
        char name[16];
        ck_text text = ck_text_of(name, sizeof name);
        ck_text_add_u64(&text, i);
        const ck_claims claims = {ck_bytes_of(name, text.used), CK_ROLE_STUDENT, 0};
        uint64_t id;
        CK_CHECK_EQ(ck_sequencer_connect(p.sequencer, &claims, p.now_us, &id), CHALK_OK);
        ck_sequencer_feed(p.sequencer, id, ck_bytes_of("\x01\x08\x01", 3), p.now_us);
        p.now_us += 20000;
        ck_sequencer_on_deadline(p.sequencer, p.now_us);
        ck_sequencer_output out;
        while (ck_sequencer_poll_output(p.sequencer, &out)) {
            ck_wire_welcome w;
            if (out.action == CK_SEQUENCER_APPEND) {
                ck_sequencer_stored(p.sequencer, out.to, CK_STORE_COMMITTED, p.now_us);
            } else if (out.action == CK_SEQUENCER_SEND && out.bytes.data[0] == CK_FRAME_WELCOME &&
                       ck_wire_decode(&ck_type_welcome,
                                      ck_bytes_of(out.bytes.data + 1, out.bytes.size - 1),
                                      &w) == CHALK_OK) {
                asked += w.report_ms != 0;
            }
            ck_slice_unref(&out.bytes);
        }
    }
    CK_CHECK(asked > 300 && asked < 900);
    ck_pair_free(&p);
}

/* Reports as the application gives them, ten a second; what goes out is bounded. */
CK_TEST(receipts, cost_little)
{
    begin(&(ck_sequencer_config){0});
    uint64_t bytes = 0;
    for (int i = 0; i < 600; i++) {
        ck_replica_output out;
        p.now_us += 100000;
        ck_replica_on_deadline(p.clients[1].replica, p.now_us);
        report(1, 14, CK_SOUND_HEARD, 300000);
        while (ck_replica_poll_output(p.clients[1].replica, &out)) {
            bool is_report = out.action == CK_REPLICA_SEND && out.bytes.data[0] == CK_FRAME_REPORT;
            bytes += is_report ? out.bytes.size + 56 : 0;
            ck_slice_unref(&out.bytes);
        }
    }
    CK_CHECK(bytes > 0 && bytes * 8 / 60 <= 200); /* bit/s */
    ck_pair_free(&p);
}
