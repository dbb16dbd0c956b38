/* A crowd: what is shown of it, what is hidden, and that it is told. */
#include "room_pair.h"

#include "chalkrail/errors.h"
#include "core/sequencer/crowd.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"
#include "base/text.h"

#include <string.h>

static void say(ck_crowd *c, uint64_t number, const char *text, bool staff)
{
    const ck_event event = {.kind = CK_EVENT_CHAT,
                            .number = number,
                            .author = 7,
                            .order_us = number,
                            .origin_us = number,
                            .text = ck_bytes_of(text, strlen(text))};
    ck_crowd_add(c, &event, staff);
}

/* Reads the frame back: messages shown, with how many each stands for. */
static uint64_t shown(ck_crowd *c, uint64_t *times, uint64_t *hidden, bool *question)
{
    ck_buf out;
    ck_wire_batch batch;
    ck_event event;
    uint64_t count = 0;
    *times = 0;
    *question = false;
    ck_buf_init(&out, &ck_test_heap, 1 << 20);
    (void)ck_crowd_write(c, &out);
    CK_CHECK(out.size > 0); /* there was memory */
    CK_CHECK_EQ(ck_wire_decode(&ck_type_batch, ck_bytes_of(out.data + 1, out.size - 1), &batch),
                CHALK_OK);
    *hidden = batch.hidden;
    ck_event_reader r = ck_event_reader_of(&batch);
    while (ck_event_read(&r, &event) > 0) {
        count++;
        *times += CK_MAX(event.times, 1);
        *question = *question || event.text.data[event.text.size - 1] == '?';
    }
    ck_buf_free(&out);
    return count;
}

CK_TEST(crowd, is_honest)
{
    ck_crowd c;
    char text[16] = "message 00";
    uint64_t times, hidden;
    bool question;
    ck_crowd_init(&c, &ck_test_heap, 10, 1);
    for (uint64_t i = 0; i < 90; i++) {
        text[8] = (char)('0' + i / 10);
        text[9] = (char)('0' + i % 10);
        say(&c, i + 1, text, false);
    }
    for (uint64_t i = 91; i < 400; i++) {
        say(&c, i, "明白了", false);
    }
    say(&c, 400, "why?", false);
    say(&c, 401, "please read page 14", true);
    CK_CHECK(shown(&c, &times, &hidden, &question) <= 7); /* 10 a second, a question, staff */
    CK_CHECK(question && times + hidden == 401);
    CK_CHECK(ck_crowd_is_empty(&c) && c.from == 401);
}

CK_TEST(crowd, a_flood_of_different_texts_is_counted)
{
    ck_crowd c;
    char text[16];
    uint64_t times, hidden;
    bool question;
    ck_crowd_init(&c, &ck_test_heap, 10, 1);
    for (uint64_t i = 1; i <= 5000; i++) {
        ck_text t = ck_text_of(text, sizeof text);
        ck_text_add_u64(&t, i);
        say(&c, i, text, false);
    }
    CK_CHECK_EQ(c.count, CK_CROWD_TEXTS);
    CK_CHECK(shown(&c, &times, &hidden, &question) == 5 && times + hidden == 5000);
}

CK_TEST(crowd, reactions_are_added_up)
{
    ck_crowd c;
    ck_buf out;
    ck_wire_batch batch;
    ck_wire_reaction reaction;
    ck_crowd_init(&c, &ck_test_heap, 10, 1);
    for (int i = 0; i < 312; i++) {
        ck_crowd_react(&c, ck_bytes_of("👏", 4));
    }
    ck_crowd_react(&c, ck_bytes_of("", 0));
    ck_buf_init(&out, &ck_test_heap, 1 << 20);
    (void)ck_crowd_write(&c, &out);
    CK_CHECK(out.size > 0); /* there was memory */
    CK_CHECK_EQ(ck_wire_decode(&ck_type_batch, ck_bytes_of(out.data + 1, out.size - 1), &batch),
                CHALK_OK);
    CK_CHECK_EQ(ck_wire_next(&batch.reactions, &ck_type_reaction, &reaction), 1);
    CK_CHECK(reaction.times == 312 && batch.reactions.count == 1);
    ck_buf_free(&out);
}

CK_TEST(crowd, own_words_and_staff_know_all)
{
    static ck_room_pair p;
    static const ck_replica_config keeps = {.chat_max = 1000};
    const ck_sequencer_config small = {.crowd_from = 2};
    CK_CHECK_EQ(ck_pair_init(&p, &ck_test_heap, &small), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "ada", CK_ROLE_TEACHER, &keeps), CHALK_OK);
    for (uint32_t i = 1; i < 7; i++) {
        static char names[8][2];
        names[i][0] = (char)('a' + i);
        CK_CHECK_EQ(ck_pair_join(&p, names[i], CK_ROLE_STUDENT, &keeps), CHALK_OK);
    }
    for (uint32_t i = 0; i < 54; i++) { /* nine each, within the burst */
        char text[16];
        ck_text t = ck_text_of(text, sizeof text);
        ck_text_add_u64(&t, i);
        const ck_event chat = {.kind = CK_EVENT_CHAT, .text = ck_bytes_of(text, t.used)};
        uint64_t id;
        CK_CHECK_EQ(ck_replica_intend(p.clients[1 + i % 6].replica, &chat, p.now_us, &id),
                    CHALK_OK);
    }
    ck_pair_run(&p, 2000000);
    CK_CHECK_EQ(ck_replica_head(p.clients[0].replica)->chat_count, 54);
    ck_replica_stats stats = ck_replica_get_stats(p.clients[1].replica);
    const ck_room *room = ck_replica_head(p.clients[1].replica);
    uint32_t own = 0;
    for (uint32_t i = 0; i < room->chat_count; i++) {
        own += ck_room_said_at(room, i)->event.author == ck_replica_me(p.clients[1].replica);
    }
    CK_CHECK(own == 9 && stats.pending == 0 && stats.hidden > 20);
    /* What was hidden is in the history. */
    ck_replica_ask(p.clients[1].replica, &(ck_wire_ask){.request = 5, .what = 2, .count = 200});
    ck_pair_run(&p, 100000);
    bool paged = false;
    for (uint32_t i = 0; i < p.clients[1].told_count; i++) {
        paged = paged || p.clients[1].told[i].event.kind == CK_REPLICA_PAGE;
    }
    CK_CHECK(paged);
    ck_pair_free(&p);
}
