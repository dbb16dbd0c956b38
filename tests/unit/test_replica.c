/* A client's side: what it does with what comes, and with what does not. */
#include "room_pair.h"

#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"
#include "core/replica/waiting.h"

#include <string.h>

static const ck_replica_config keeps = {.chat_max = 100};
static const ck_replica_config presents = {.chat_max = 100, .presents = true};
static ck_room_pair p;

static void begin(const ck_replica_config *second)
{
    CK_CHECK_EQ(ck_pair_init(&p, &ck_test_heap, &(ck_sequencer_config){0}), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "ada", CK_ROLE_TEACHER, &keeps), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "li", CK_ROLE_STUDENT, second), CHALK_OK);
}

CK_TEST(replica, what_was_wanted_offline_is_delivered)
{
    begin(&keeps);
    p.clients[1].unplugged = true;
    ck_pair_cut(&p, 1);
    uint64_t ids[5];
    for (int i = 0; i < 5; i++) {
        ids[i] = ck_pair_say(&p, 1, "later");
    }
    CK_CHECK(ck_pair_told(&p, 0, CK_EVENT_CHAT) == NULL);
    p.clients[1].unplugged = false;
    ck_pair_run(&p, 30000000);
    for (int i = 0; i < 5; i++) {
        CK_CHECK_ROW(i, ck_pair_reason(&p, 1, ids[i]) == CK_REASON_NONE);
    }
    CK_CHECK_EQ(ck_replica_head(p.clients[0].replica)->chat_count, 5);
    CK_CHECK_EQ(ck_replica_get_stats(p.clients[1].replica).snapshots, 1); /* it resumed */
    ck_pair_free(&p);
}

CK_TEST(replica, pending_intents_are_bounded)
{
    begin(&keeps);
    p.clients[1].unplugged = true;
    ck_pair_cut(&p, 1);
    const ck_event chat = {.kind = CK_EVENT_CHAT, .text = {(const uint8_t *)"x", 1}};
    uint64_t id;
    for (uint32_t i = 0; i < CK_REPLICA_PENDING; i++) {
        CK_CHECK_EQ(ck_replica_intend(p.clients[1].replica, &chat, p.now_us, &id), CHALK_OK);
    }
    CK_CHECK_EQ(ck_replica_intend(p.clients[1].replica, &chat, p.now_us, &id), CHALK_ERR_LIMIT);
    CK_CHECK(ck_replica_pending(p.clients[1].replica, CK_REPLICA_PENDING) == NULL);
    CK_CHECK_EQ(ck_replica_pending(p.clients[1].replica, 0)->counter, 1);
    ck_pair_free(&p);
}

CK_TEST(replica, looks_as_it_will_be)
{
    begin(&keeps);
    p.silent = true;
    const ck_event up = {.kind = CK_EVENT_HAND, .value = 1};
    (void)ck_pair_do(&p, 1, &up);
    ck_person look;
    CK_CHECK(ck_replica_look(p.clients[1].replica, 2, &look) && look.hand != 0);
    CK_CHECK(ck_room_find(ck_replica_head(p.clients[1].replica), 2)->hand == 0);
    CK_CHECK(ck_replica_look(p.clients[0].replica, 2, &look) && look.hand == 0);
    CK_CHECK(!ck_replica_look(p.clients[1].replica, 77, &look));
    ck_pair_free(&p);
}

/* A frame of the edge's, made by hand. */
static void give_any(enum ck_frame frame, const ck_wire_type *type, const void *message)
{
    ck_buf buf;
    ck_buf_init(&buf, &ck_test_heap, 1 << 20);
    ck_frame_put(&buf, frame, type, message);
    ck_replica_feed(p.clients[1].replica, p.clients[1].attempt, ck_bytes_of(buf.data, buf.size),
                    p.now_us);
    ck_buf_free(&buf);
}

static void give(enum ck_frame frame, const ck_wire_batch *batch)
{
    give_any(frame, &ck_type_batch, batch);
}

static ck_buf events_of(const ck_event *events, size_t count, uint64_t from)
{
    ck_buf buf;
    ck_buf_init(&buf, &ck_test_heap, 1 << 20);
    ck_event_writer w = {.out = &buf, .field = CK_LIST_BATCH_EVENTS, .number = from};
    for (size_t i = 0; i < count; i++) {
        ck_event_write(&w, &events[i]);
    }
    return buf;
}

CK_TEST(replica, merges_what_is_its_own_in_order_and_knows_what_it_has)
{
    begin(&keeps);
    uint64_t h = ck_replica_head(p.clients[1].replica)->number;
    const ck_event shared[] = {
        {.kind = CK_EVENT_CHAT, .number = h + 1, .author = 1, .text = {(const uint8_t *)"1", 1}},
        {.kind = CK_EVENT_CHAT, .number = h + 3, .author = 1, .text = {(const uint8_t *)"3", 1}}};
    const ck_event own[] = {{.kind = CK_EVENT_CHAT,
                             .number = h + 2,
                             .author = 1,
                             .audience = CK_TO_ONE,
                             .target = 2,
                             .text = {(const uint8_t *)"2", 1}}};
    ck_buf a = events_of(shared, 2, h), b = events_of(own, 1, h);
    const ck_wire_batch all = {.from = h, .to = h + 3, .events = ck_wire_list_of(&a)};
    const ck_wire_batch mine = {.from = h, .to = h + 3, .events = ck_wire_list_of(&b)};
    for (int twice = 0; twice < 2; twice++) {
        give(CK_FRAME_PERSONAL, &mine);
        give(CK_FRAME_BATCH, &all);
    }
    const ck_room *room = ck_replica_head(p.clients[1].replica);
    CK_CHECK(room->number == h + 3 && room->chat_count == 3);
    for (uint32_t i = 0; i < 3; i++) {
        CK_CHECK_ROW(i, ck_room_said_at(room, i)->text[0] == (char)('1' + i));
    }
    /* An edge that cuts its records elsewhere: what is known is left out. */
    const ck_event longer[] = {
        {.kind = CK_EVENT_CHAT, .number = h + 3, .author = 1, .text = {(const uint8_t *)"3", 1}},
        {.kind = CK_EVENT_CHAT, .number = h + 4, .author = 1, .text = {(const uint8_t *)"4", 1}}};
    ck_buf c = events_of(longer, 2, h + 1);
    const ck_wire_batch overlap = {.from = h + 1, .to = h + 4, .events = ck_wire_list_of(&c)};
    give(CK_FRAME_BATCH, &overlap);
    CK_CHECK(room->number == h + 4 && room->chat_count == 4);
    ck_buf_free(&a);
    ck_buf_free(&b);
    ck_buf_free(&c);
    ck_pair_free(&p);
}

CK_TEST(replica, begins_anew_where_it_does_not_fit)
{
    static const struct {
        ck_wire_batch batch;
        uint64_t gaps, mismatches;
    } rows[] = {
        {{.from = 900, .to = 901}, 1, 0},
        {{.from = 0, .to = 900, .hash = {(const uint8_t *)"12345678", 8}}, 0, 1},
        {{.from = 5, .to = 1}, 0, 0},
    };
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        begin(&keeps);
        give(CK_FRAME_BATCH, &rows[row].batch);
        ck_replica_stats stats = ck_replica_get_stats(p.clients[1].replica);
        CK_CHECK_ROW(row, stats.gaps == rows[row].gaps && stats.mismatches == rows[row].mismatches);
        CK_CHECK_ROW(row, ck_replica_state_of(p.clients[1].replica) == CK_SESSION_WAITING);
        ck_pair_run(&p, 20000000);
        CK_CHECK_ROW(row, ck_replica_state_of(p.clients[1].replica) == CK_SESSION_LIVE);
        CK_CHECK_ROW(row, ck_room_hash(ck_replica_head(p.clients[1].replica)) ==
                              ck_room_hash(ck_sequencer_room(p.sequencer)));
        ck_pair_free(&p);
    }
}

CK_TEST(replica, a_quiet_room_tells_of_what_was_lost_last)
{
    begin(&keeps);
    uint64_t head = ck_replica_head(p.clients[1].replica)->number;
    for (uint64_t above = 0; above < 2; above++) {
        const ck_wire_ping pong = {.sent_us = p.now_us, .room_us = 1, .head = head + above};
        ck_buf buf;
        ck_buf_init(&buf, &ck_test_heap, 100);
        ck_frame_put(&buf, CK_FRAME_PONG, &ck_type_ping, &pong);
        ck_replica_feed(p.clients[1].replica, p.clients[1].attempt, ck_bytes_of(buf.data, buf.size),
                        p.now_us);
        ck_buf_free(&buf);
        CK_CHECK_ROW(above, ck_replica_get_stats(p.clients[1].replica).gaps == above);
    }
    ck_pair_free(&p);
}

CK_TEST(replica, shows_with_the_media_and_obeys_at_once)
{
    begin(&presents);
    ck_replica *r = p.clients[1].replica;
    uint64_t room_us = ck_replica_room_us(r, p.now_us);
    ck_replica_playing(r, room_us - 2000000, p.now_us); /* two seconds behind */
    (void)ck_pair_say(&p, 0, "look at this");
    const ck_event mute = {.kind = CK_EVENT_MUTE, .target = 2, .value = 1};
    (void)ck_pair_do(&p, 0, &mute);
    CK_CHECK(ck_pair_told(&p, 1, CK_EVENT_CHAT) == NULL);
    CK_CHECK(ck_pair_told(&p, 1, CK_EVENT_MUTE) != NULL);
    CK_CHECK(ck_replica_head(r)->chat_count == 1 && ck_replica_presented(r)->chat_count == 0);
    for (int i = 0; i < 25; i++) {
        ck_replica_playing(r, ck_replica_room_us(r, p.now_us) - 2000000, p.now_us);
        ck_pair_run(&p, 100000);
    }
    const ck_told *told = ck_pair_told(&p, 1, CK_EVENT_CHAT);
    CK_CHECK(told != NULL && told->event.how == CK_RELEASE_IN_STEP);
    CK_CHECK(told->event.late_us < 40000);
    ck_replica_stats stats = ck_replica_get_stats(r);
    CK_CHECK(ck_replica_lateness(r, CK_EVENT_CHAT).count == 1 && stats.held == 0);
    CK_CHECK(ck_replica_presented(r)->chat_count == 1);
    ck_pair_free(&p);
}

static const ck_replica_event *spot_of(uint32_t client)
{
    const ck_pair_client *c = &p.clients[client];
    for (uint32_t i = CK_MIN(c->told_count, CK_PAIR_TOLD); i > 0; i--) {
        if (c->told[i - 1].event.kind == CK_REPLICA_SPOT) {
            return &c->told[i - 1].event;
        }
    }
    return NULL;
}

CK_TEST(replica, pointers_wait_for_their_picture_but_for_who_draws)
{
    for (int draws = 0; draws < 2; draws++) {
        begin(&presents);
        const ck_event rights = {
            .kind = CK_EVENT_RIGHTS, .target = 2, .value = draws ? CK_RIGHT_DRAW : CK_RIGHT_CHAT};
        (void)ck_pair_do(&p, 0, &rights);
        ck_replica *r = p.clients[1].replica;
        ck_replica_playing(r, ck_replica_room_us(r, p.now_us) - 2000000, p.now_us);
        ck_replica_show(p.clients[0].replica, 1, ck_bytes_of("here", 4), p.now_us);
        ck_pair_run(&p, 100000);
        CK_CHECK_ROW(draws, (spot_of(1) != NULL) == (draws == 1));
        for (int i = 0; i < 25; i++) {
            ck_replica_playing(r, ck_replica_room_us(r, p.now_us) - 2000000, p.now_us);
            ck_pair_run(&p, 100000);
        }
        const ck_replica_event *spot = spot_of(1);
        CK_CHECK_ROW(draws, spot != NULL && spot->event.value == 1 && spot->event.author == 1);
        CK_CHECK_ROW(draws, spot->how == (draws ? CK_RELEASE_LIVE : CK_RELEASE_IN_STEP));
        ck_pair_free(&p);
    }
}

/* All messages, the newest ones, or none: each notices when something is wrong. */
CK_TEST(replica, keeps_what_it_is_told_to_keep)
{
    static const struct {
        uint32_t chat_max, kept;
    } rows[] = {{CK_REPLICA_KEEP_ALL, 40}, {7, 7}, {0, 0}};
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        begin(&(ck_replica_config){.chat_max = rows[row].chat_max});
        for (int i = 0; i < 40; i++) {
            (void)ck_pair_say(&p, 0, "more and more");
        }
        const ck_replica *r = p.clients[1].replica;
        CK_CHECK_ROW(row, ck_replica_head(r)->chat_count == rows[row].kept);
        CK_CHECK_ROW(row, ck_room_hash(ck_replica_head(r)) ==
                              ck_room_hash(ck_sequencer_room(p.sequencer)));
        uint64_t head = ck_replica_head(r)->number;
        const ck_event other = {.kind = CK_EVENT_CHAT,
                                .number = head + 1,
                                .author = 1,
                                .text = {(const uint8_t *)"!", 1}};
        ck_buf events = events_of(&other, 1, head);
        const ck_wire_batch batch = {.from = head,
                                     .to = head + 1,
                                     .events = ck_wire_list_of(&events),
                                     .hash = {(const uint8_t *)"12345678", 8}};
        give(CK_FRAME_BATCH, &batch);
        CK_CHECK_ROW(row, ck_replica_get_stats(r).mismatches == 1);
        ck_buf_free(&events);
        ck_pair_free(&p);
    }
}

/* Frames of the crowd that came twice, and one that never came. */
CK_TEST(replica, the_crowd_is_told_once_and_what_is_missing_counts_as_hidden)
{
    static const struct {
        uint64_t from, to, hidden;
        const char *lines;
        size_t size;
        uint64_t lines_so_far, hidden_so_far;
    } rows[] = {
        {0, 5, 4, "\1\11\0\0\2hi\2me", 10, 1, 4},  {0, 5, 4, "\1\11\0\0\2hi\2me", 10, 1, 4},
        {5, 7, 1, "\0\11\0\0\2ho\2me", 10, 2, 5},  {20, 23, 2, "\0\11\0\0\1x\2me", 9, 3, 20},
        {7, 20, 12, "\0\11\0\0\1y\2me", 9, 3, 20}, {23, 23, 0, "", 0, 3, 20},
    };
    begin(&keeps);
    uint32_t lines = 0, at = p.clients[1].told_count;
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        ck_wire_batch batch = {.hidden = rows[row].hidden,
                               .lines = {(const uint8_t *)rows[row].lines, rows[row].size}};
        ck_batch_set_range(&batch, rows[row].from, rows[row].to);
        give(CK_FRAME_CROWD, &batch);
        ck_pair_run(&p, 0);
        for (; at < p.clients[1].told_count; at++) {
            const ck_replica_event *event = &p.clients[1].told[at % CK_PAIR_TOLD].event;
            lines += event->kind == CK_REPLICA_EVENT && event->event.kind == CK_EVENT_CHAT;
        }
        CK_CHECK_ROW(row, lines == rows[row].lines_so_far);
        CK_CHECK_ROW(row,
                     ck_replica_get_stats(p.clients[1].replica).hidden == rows[row].hidden_so_far);
    }
    ck_pair_free(&p);
}

CK_TEST(replica, lines_that_are_none_begin_anew)
{
    static const struct {
        const char *lines, *again;
        size_t lines_size, again_size;
    } rows[] = {
        {"\1\11\0\0\5hi", "", 7, 0},                             /* a text beyond the end */
        {"\1\11\0\0\1\xff\0", "", 7, 0},                         /* no UTF-8 */
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\1\0", "", 11, 0}, /* a number beyond all */
        {"\1", "", 1, 0},
        {"", "\0\11\0", 0, 3}, /* before the first message */
        {"", "\0", 0, 1},
    };
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        begin(&keeps);
        ck_wire_batch batch = {.lines = {(const uint8_t *)rows[row].lines, rows[row].lines_size},
                               .again = {(const uint8_t *)rows[row].again, rows[row].again_size}};
        ck_batch_set_range(&batch, 0, 5);
        give(CK_FRAME_CROWD, &batch);
        CK_CHECK_ROW(row, ck_replica_state_of(p.clients[1].replica) == CK_SESSION_WAITING);
        ck_pair_free(&p);
    }
}

CK_TEST(replica, what_the_store_refuses_is_held_until_it_takes_it)
{
    begin(&keeps);
    p.answer = CK_STORE_FULL;
    uint64_t id = ck_pair_say(&p, 1, "kept");
    ck_pair_run(&p, 3000000);
    CK_CHECK_EQ(ck_replica_sent_back(p.clients[1].replica), CK_REASON_STORE);
    CK_CHECK_EQ(ck_replica_unsettled(p.clients[1].replica), 1);
    CK_CHECK_EQ(ck_replica_sent_back(p.clients[0].replica), CK_REASON_NONE);
    p.answer = CK_STORE_COMMITTED;
    ck_pair_run(&p, 30000000);
    CK_CHECK_EQ(ck_pair_reason(&p, 1, id), CK_REASON_NONE);
    CK_CHECK_EQ(ck_replica_sent_back(p.clients[1].replica), CK_REASON_NONE);
    CK_CHECK_EQ(ck_replica_unsettled(p.clients[1].replica), 0);
    ck_pair_free(&p);
}

CK_TEST(replica, an_answer_that_found_no_place_is_not_counted)
{
    enum { ANSWERS = CK_REPLICA_EVENTS + CK_REPLICA_SETTLES + 100 };
    begin(&keeps);
    const ck_event chat = {.kind = CK_EVENT_CHAT, .text = {(const uint8_t *)"x", 1}};
    ck_replica *li = p.clients[1].replica;
    for (int i = 0; i < ANSWERS; i++) {
        ck_wire_refused refused = {.reason = CK_REASON_DENIED};
        CK_CHECK_EQ(ck_replica_intend(li, &chat, p.now_us, &refused.counter), CHALK_OK);
        ck_replica_output sent; /* and never arrives */
        while (ck_replica_poll_output(li, &sent)) {
            ck_slice_unref(&sent.bytes);
        }
        give_any(CK_FRAME_REFUSED, &ck_type_refused, &refused);
    }
    ck_replica_event event;
    CK_CHECK_EQ(ck_replica_get_stats(li).events_dropped, 100);
    CK_CHECK_EQ(ck_replica_unsettled(li), CK_REPLICA_EVENTS + CK_REPLICA_SETTLES);
    while (ck_replica_poll_event(li, &event)) {
    }
    CK_CHECK_EQ(ck_replica_unsettled(li), 0);
    ck_pair_free(&p);
}

static bool is_same_text(ck_bytes a, ck_bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

CK_TEST(replica, an_event_waits_as_it_came)
{
    const ck_replica_event rows[] = {
        {.kind = CK_REPLICA_EVENT,
         .event = {.number = 1,
                   .order_us = UINT64_MAX,
                   .origin_us = UINT64_C(1763600000000000),
                   .kind = 127,
                   .author = 128,
                   .target = 16383,
                   .audience = 16384,
                   .value = 7,
                   .about = 8,
                   .lane = 9,
                   .times = 10,
                   .counter = 11,
                   .epoch = 12,
                   .text = ck_bytes_of("text", 4),
                   .data = ck_bytes_of("data!", 5),
                   .deleted = true},
         .how = CK_RELEASE_JUMP,
         .late_us = 13,
         .id = 14,
         .number = 15,
         .reason = CK_REASON_DENIED,
         .bytes = ck_bytes_of("a page", 6)},
        {.kind = CK_REPLICA_RESET},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        const ck_replica_event wanted = rows[i];
        ck_replica_event got;
        ck_waiting *w = ck_waiting_new(&ck_test_heap, &wanted);
        CK_CHECK_ROW(i, w != NULL);
        if (w == NULL) {
            return;
        }
        ck_waiting_read(w, &got);
        bool texts = is_same_text(got.event.text, wanted.event.text) &&
                     is_same_text(got.event.data, wanted.event.data) &&
                     is_same_text(got.bytes, wanted.bytes);
        const ck_event a = got.event, b = wanted.event;
        bool numbers = a.number == b.number && a.order_us == b.order_us &&
                       a.origin_us == b.origin_us && a.kind == b.kind && a.author == b.author &&
                       a.target == b.target && a.audience == b.audience && a.value == b.value &&
                       a.about == b.about && a.lane == b.lane && a.times == b.times &&
                       a.counter == b.counter && a.epoch == b.epoch && a.deleted == b.deleted;
        CK_CHECK_ROW(i, texts && numbers);
        CK_CHECK_ROW(i, got.kind == wanted.kind && got.how == wanted.how &&
                            got.late_us == wanted.late_us && got.id == wanted.id &&
                            got.number == wanted.number && got.reason == wanted.reason);
        ck_free(&ck_test_heap, w);
    }
}

CK_TEST(replica, of_more_people_than_find_room_the_first_are_here)
{
    static const struct {
        uint64_t people;
        uint64_t known; /* at least */
    } rows[] = {{8000, 3000}, {100, 100}};
    static const uint8_t says[CK_STATUS_MAX];
    begin(&keeps);
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_buf people;
        ck_buf_init(&people, &ck_test_heap, 1 << 20);
        for (uint64_t id = 1; id <= rows[i].people; id++) {
            const ck_wire_here here = {.id = id, .status = ck_bytes_of(says, sizeof says)};
            ck_wire_add(&people, CK_LIST_PRESENCE_PEOPLE, &ck_type_here, &here);
        }
        const ck_wire_presence presence = {.count = rows[i].people,
                                           .people = ck_wire_list_of(&people)};
        give_any(CK_FRAME_PRESENCE, &ck_type_presence, &presence);
        ck_buf_free(&people);
        const ck_replica *li = p.clients[1].replica;
        CK_CHECK_ROW(i, ck_replica_here(li) == rows[i].people);
        CK_CHECK_ROW(i, ck_replica_is_here(li, 1) && ck_replica_is_here(li, rows[i].known));
        CK_CHECK_ROW(i, ck_replica_status(li, rows[i].known).size == sizeof says);
        CK_CHECK_ROW(i, !ck_replica_is_here(li, 8000) && !ck_replica_is_here(li, 0));
    }
    ck_pair_free(&p);
}

/* A crowd in one process is ten thousand of them. */
CK_TEST(replica, is_small_until_something_happens)
{
    static const ck_replica_config config = {0};
    ck_counting_alloc heap;
    ck_counting_alloc_init(&heap);
    ck_replica_config counted = config;
    counted.alloc = &heap.alloc;
    ck_replica *r = NULL;
    CK_CHECK_EQ(ck_replica_create(&counted, 1, 1000, &r), CHALK_OK);
    CK_CHECK(r != NULL && heap.bytes < 2800);
    ck_replica_destroy(&r);
    CK_CHECK_EQ(heap.bytes, 0);
}

CK_TEST(replica, an_app_that_does_not_listen_is_told_to_look)
{
    begin(&keeps);
    for (uint64_t i = 1; i <= 3000; i++) {
        uint64_t h = ck_replica_head(p.clients[1].replica)->number;
        const ck_event event = {
            .kind = CK_EVENT_CHAT, .number = h + 1, .author = 1, .text = {(const uint8_t *)"x", 1}};
        ck_buf events = events_of(&event, 1, h);
        const ck_wire_batch batch = {.from = h, .to = h + 1, .events = ck_wire_list_of(&events)};
        give(CK_FRAME_BATCH, &batch);
        ck_buf_free(&events);
    }
    ck_replica_event event;
    uint32_t count = 0;
    bool reset = false;
    while (ck_replica_poll_event(p.clients[1].replica, &event)) {
        count++;
        reset = event.kind == CK_REPLICA_RESET;
    }
    CK_CHECK(reset && count == CK_REPLICA_EVENTS + 1);
    CK_CHECK(ck_replica_get_stats(p.clients[1].replica).events_dropped == 3000 - CK_REPLICA_EVENTS);
    ck_pair_free(&p);
}
