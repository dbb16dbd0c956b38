/* A crowd: what is shown of it, what is hidden, and that it is told. */
#include "room_pair.h"

#include "chalkrail/errors.h"
#include "core/room/lines.h"
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

typedef struct seen {
    uint64_t lines, again;       /* rows */
    uint64_t times, again_times; /* that they stand for */
    uint64_t questions, hidden;
    uint64_t about; /* of the last row of `again` */
} seen;

/* Reads the next frame back. */
static seen next_frame(ck_crowd *c, uint64_t passed_us)
{
    ck_buf out;
    ck_wire_batch batch;
    ck_event event;
    seen sum = {0};
    ck_buf_init(&out, &ck_test_heap, 1 << 20);
    (void)ck_crowd_write(c, passed_us, &out);
    CK_CHECK(out.size > 0); /* there was memory */
    CK_CHECK_EQ(ck_wire_decode(&ck_type_batch, ck_bytes_of(out.data + 1, out.size - 1), &batch),
                CHALK_OK);
    CK_CHECK(ck_batch_get_range(&batch));
    sum.hidden = batch.hidden;
    ck_line_reader r = ck_line_reader_of(&batch);
    while (ck_line_read(&r, &event) > 0) {
        uint64_t times = CK_MAX(event.times, 1);
        CK_CHECK(event.number > batch.from && event.number <= batch.to);
        if (event.kind == CK_EVENT_REPEAT) {
            sum.again++;
            sum.again_times += times;
            sum.about = event.about;
        } else {
            sum.lines++;
            sum.times += times;
            sum.questions += event.text.data[event.text.size - 1] == '?';
        }
    }
    ck_buf_free(&out);
    return sum;
}

/* Messages `first` to `last`, each unlike the others. */
static void say_many(ck_crowd *c, uint64_t first, uint64_t last, const char *end)
{
    for (uint64_t i = first; i <= last; i++) {
        char text[16];
        ck_text t = ck_text_of(text, sizeof text);
        ck_text_add_u64(&t, i);
        ck_text_add(&t, end);
        say(c, i, text, false);
    }
}

CK_TEST(crowd, is_honest)
{
    ck_crowd c;
    ck_crowd_init(&c, &ck_test_heap, 10, 1);
    say_many(&c, 1, 90, "");
    for (uint64_t i = 91; i < 400; i++) {
        say(&c, i, "明白了", false);
    }
    say(&c, 400, "why?", false);
    say(&c, 401, "please read page 14", true);
    seen sum = next_frame(&c, 500000);
    CK_CHECK(sum.lines == 5 && sum.questions == 1 && sum.times + sum.hidden == 401);
    CK_CHECK(sum.times >= 309); /* what so many say is shown */
    CK_CHECK(ck_crowd_is_empty(&c) && c.from == 401);
    ck_crowd_free(&c);
}

CK_TEST(crowd, shows_so_many_a_second_whatever_the_pace_of_frames)
{
    static const uint64_t paces_us[] = {100000, 350000, 600000, 1000000};
    for (size_t row = 0; row < CK_COUNT_OF(paces_us); row++) {
        ck_crowd c;
        uint64_t lines = 0, number = 0, hidden = 0;
        ck_crowd_init(&c, &ck_test_heap, 10, 1);
        for (uint64_t at = 0; at < 21000000; at += paces_us[row]) {
            say_many(&c, number + 1, number + 30, "");
            number += 30;
            seen sum = next_frame(&c, paces_us[row]);
            lines += sum.lines;
            hidden += sum.hidden;
        }
        CK_CHECK_ROW(row, lines > 195 && lines < 225 && lines + hidden == number);
        ck_crowd_free(&c);
    }
}

CK_TEST(crowd, what_was_just_shown_is_told_as_said_again)
{
    ck_crowd c;
    ck_crowd_init(&c, &ck_test_heap, 10, 1);
    say(&c, 1, "明白了", false);
    CK_CHECK_EQ(next_frame(&c, 600000).lines, 1);
    for (uint64_t i = 2; i <= 313; i++) {
        say(&c, i, "明白了", false);
    }
    seen sum = next_frame(&c, 600000);
    CK_CHECK(sum.lines == 0 && sum.again == 1 && sum.again_times == 312 && sum.about == 1);
    /* Staff are never merged, and after a while it is shown anew. */
    say(&c, 314, "明白了", true);
    CK_CHECK_EQ(next_frame(&c, 600000).lines, 1);
    say(&c, CK_CROWD_RECENT_US + 400, "明白了", false);
    CK_CHECK_EQ(next_frame(&c, 600000).lines, 1);
    ck_crowd_free(&c);
}

CK_TEST(crowd, what_was_deleted_is_shown_no_more)
{
    ck_crowd c;
    ck_crowd_init(&c, &ck_test_heap, 10, 1);
    ck_crowd_delete(&c, 1); /* before anybody has said anything */
    say(&c, 1, "spoiler", false);
    say(&c, 2, "hello", false);
    ck_crowd_delete(&c, 1);
    seen sum = next_frame(&c, 600000);
    CK_CHECK(sum.lines == 1 && sum.hidden == 1);
    /* Nor is what others say with the same words told as said again. */
    ck_crowd_delete(&c, 2);
    say(&c, 3, "hello", false);
    sum = next_frame(&c, 600000);
    CK_CHECK(sum.lines == 1 && sum.again == 0 && sum.hidden == 0);
    ck_crowd_free(&c);
}

CK_TEST(crowd, who_deletes_at_once_is_in_time)
{
    static ck_room_pair p;
    static const ck_replica_config keeps = {.chat_max = 1000};
    const ck_sequencer_config small = {.crowd_from = 2};
    CK_CHECK_EQ(ck_pair_init(&p, &ck_test_heap, &small), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "ada", CK_ROLE_TEACHER, &keeps), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "bo", CK_ROLE_STUDENT, &keeps), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&p, "cy", CK_ROLE_STUDENT, &keeps), CHALK_OK);
    ck_pair_run(&p, 2000000);
    static const char *const words[] = {"hello", "spoiler"};
    uint64_t id = 0;
    for (size_t i = 0; i < CK_COUNT_OF(words); i++) { /* the second one waits for a frame */
        const ck_event chat = {.kind = CK_EVENT_CHAT,
                               .text = ck_bytes_of(words[i], strlen(words[i]))};
        CK_CHECK_EQ(ck_replica_intend(p.clients[1].replica, &chat, p.now_us, &id), CHALK_OK);
        ck_pair_run(&p, 50000);
    }
    const ck_event *said = &ck_pair_saw(&p, 0, CK_EVENT_CHAT)->event.event;
    CK_CHECK_STR(ck_pair_saw(&p, 0, CK_EVENT_CHAT)->text, "spoiler");
    CK_CHECK(said->lane == CK_LANE_CROWD);
    CK_CHECK_STR(ck_pair_saw(&p, 2, CK_EVENT_CHAT)->text, "hello");
    const ck_event undo = {.kind = CK_EVENT_DELETE, .about = said->number, .value = CK_LANE_CROWD};
    CK_CHECK_EQ(ck_replica_intend(p.clients[0].replica, &undo, p.now_us, &id), CHALK_OK);
    ck_pair_run(&p, 2000000);
    CK_CHECK(ck_pair_told(&p, 2, CK_EVENT_DELETE) != NULL);
    CK_CHECK_STR(ck_pair_saw(&p, 2, CK_EVENT_CHAT)->text, "hello");
    CK_CHECK_EQ(ck_replica_get_stats(p.clients[2].replica).hidden, 1);
    ck_pair_free(&p);
}

CK_TEST(crowd, a_flood_of_different_texts_is_counted_and_questions_are_not_drowned)
{
    ck_crowd c;
    ck_crowd_init(&c, &ck_test_heap, 10, 1);
    say_many(&c, 1, 5000, "");
    say_many(&c, 5001, 5020, "?");
    CK_CHECK_EQ(c.count, CK_CROWD_TEXTS);
    seen sum = next_frame(&c, 500000);
    CK_CHECK(sum.lines == 20 && sum.questions == 20 && sum.times + sum.hidden == 5020);
    /* Only questions beyond all that fit are. */
    say_many(&c, 5021, 5020 + CK_CROWD_TEXTS + 44, "?");
    sum = next_frame(&c, 500000);
    CK_CHECK(sum.questions == CK_CROWD_TEXTS && sum.hidden == 44);
    ck_crowd_free(&c);
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
    (void)ck_crowd_write(&c, 500000, &out);
    CK_CHECK(out.size > 0); /* there was memory */
    CK_CHECK_EQ(ck_wire_decode(&ck_type_batch, ck_bytes_of(out.data + 1, out.size - 1), &batch),
                CHALK_OK);
    CK_CHECK_EQ(ck_wire_next(&batch.reactions, &ck_type_reaction, &reaction), 1);
    CK_CHECK(reaction.times == 312 && batch.reactions.count == 1);
    ck_buf_free(&out);
    ck_crowd_free(&c);
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
