/* Who may do what: the table of PROTOCOL, row by row. */
#include "chalkrail/errors.h"
#include "core/room/rules.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"

#define NOW UINT64_C(50000000)

/* 1 owner, 2 teacher, 3 and 4 assistants, 5 and 6 students, 7 observer, 8 muted, 9 banned, 10
 * invited. */
static void make(ck_room *room)
{
    static const uint64_t roles[] = {
        CK_ROLE_OWNER,   CK_ROLE_TEACHER,  CK_ROLE_ASSISTANT, CK_ROLE_ASSISTANT, CK_ROLE_STUDENT,
        CK_ROLE_STUDENT, CK_ROLE_OBSERVER, CK_ROLE_STUDENT,   CK_ROLE_STUDENT,   CK_ROLE_STUDENT};
    static const ck_event more[] = {
        {.kind = CK_EVENT_MUTE, .target = 8, .value = 1},
        {.kind = CK_EVENT_BAN, .target = 9, .value = 1},
        {.kind = CK_EVENT_INVITE, .target = 10, .value = 1},
        {.kind = CK_EVENT_CHAT, .author = 5, .text = {(const uint8_t *)"x", 1}}, /* 14 */
        {.kind = CK_EVENT_CHAT,
         .author = 6,
         .target = 2,
         .audience = CK_TO_ONE,
         .text = {(const uint8_t *)"x", 1}}, /* 15 */
        {.kind = CK_EVENT_POLL,
         .text = {(const uint8_t *)"?", 1},
         .data = {(const uint8_t *)"\1A\1B", 4}}, /* 16 */
        {.kind = CK_EVENT_POLL,
         .text = {(const uint8_t *)"?", 1},
         .value = 1,
         .data = {(const uint8_t *)"\1A\1B", 4}}, /* 17 */
        {.kind = CK_EVENT_POLL_END, .about = 17},
        {.kind = CK_EVENT_POLL,
         .text = {(const uint8_t *)"?", 1},
         .value = 1,
         .data = {(const uint8_t *)"\1A\1B", 4}}, /* 19 */
    };
    ck_room_init(room, &ck_test_heap, 50);
    uint64_t number = 0;
    for (size_t i = 0; i < CK_COUNT_OF(roles); i++) {
        const ck_event event = {.kind = CK_EVENT_ENROLL,
                                .number = ++number,
                                .target = i + 1,
                                .text = {(const uint8_t *)"n", 1},
                                .value = roles[i]};
        CK_CHECK_EQ(ck_room_apply(room, &event), CHALK_OK);
    }
    for (size_t i = 0; i < CK_COUNT_OF(more); i++) {
        ck_event event = more[i];
        event.number = ++number;
        CK_CHECK_EQ(ck_room_apply(room, &event), CHALK_OK);
    }
}

#define X                                                                                          \
    {                                                                                              \
        (const uint8_t *)"x", 1                                                                    \
    }
#define AB                                                                                         \
    {                                                                                              \
        (const uint8_t *)"\1A\1B", 4                                                               \
    }

static const struct {
    uint64_t author;
    ck_event intent;
    enum ck_reason reason;
} rows[] = {
    {5, {.kind = CK_EVENT_CHAT, .text = X}, CK_REASON_NONE},
    {5, {.kind = CK_EVENT_CHAT}, CK_REASON_INVALID},
    {5, {.kind = CK_EVENT_CHAT, .text = X, .audience = CK_TO_STAFF}, CK_REASON_NONE},
    {5, {.kind = CK_EVENT_CHAT, .text = X, .audience = CK_TO_ONE, .target = 2}, CK_REASON_NONE},
    {5, {.kind = CK_EVENT_CHAT, .text = X, .audience = CK_TO_ONE, .target = 6}, CK_REASON_DENIED},
    {5, {.kind = CK_EVENT_CHAT, .text = X, .audience = CK_TO_ONE}, CK_REASON_INVALID},
    {5, {.kind = CK_EVENT_CHAT, .text = X, .audience = CK_TO_SELF}, CK_REASON_INVALID},
    {5, {.kind = CK_EVENT_CHAT, .text = X, .target = 77}, CK_REASON_NOT_FOUND},
    {3, {.kind = CK_EVENT_CHAT, .text = X, .audience = CK_TO_ONE, .target = 6}, CK_REASON_NONE},
    {7, {.kind = CK_EVENT_CHAT, .text = X}, CK_REASON_DENIED},
    {8, {.kind = CK_EVENT_CHAT, .text = X}, CK_REASON_MUTED},
    {8, {.kind = CK_EVENT_CHAT, .text = X, .audience = CK_TO_STAFF}, CK_REASON_NONE},
    {8, {.kind = CK_EVENT_CHAT, .text = X, .audience = CK_TO_ONE, .target = 2}, CK_REASON_MUTED},
    {9, {.kind = CK_EVENT_CHAT, .text = X, .audience = CK_TO_STAFF}, CK_REASON_BANNED},
    {5, {.kind = CK_EVENT_DELETE, .about = 14}, CK_REASON_NONE},
    {6, {.kind = CK_EVENT_DELETE, .about = 14}, CK_REASON_DENIED},
    {3, {.kind = CK_EVENT_DELETE, .about = 14}, CK_REASON_NONE},
    {6, {.kind = CK_EVENT_DELETE, .about = 15}, CK_REASON_NONE},
    {5, {.kind = CK_EVENT_DELETE, .about = 15}, CK_REASON_NOT_FOUND}, /* not theirs to know of */
    {3, {.kind = CK_EVENT_DELETE, .about = 15}, CK_REASON_NOT_FOUND},
    {2, {.kind = CK_EVENT_DELETE, .about = 15}, CK_REASON_NONE},
    {2, {.kind = CK_EVENT_DELETE, .about = 14, .value = 1}, CK_REASON_NOT_FOUND}, /* other lane */
    {2, {.kind = CK_EVENT_ROLE, .target = 5, .value = CK_ROLE_ASSISTANT}, CK_REASON_NONE},
    {2, {.kind = CK_EVENT_ROLE, .target = 5, .value = CK_ROLE_TEACHER}, CK_REASON_DENIED},
    {2, {.kind = CK_EVENT_ROLE, .target = 5, .value = 0}, CK_REASON_DENIED},
    {2, {.kind = CK_EVENT_ROLE, .target = 1, .value = CK_ROLE_STUDENT}, CK_REASON_DENIED},
    {2, {.kind = CK_EVENT_ROLE, .target = 2, .value = CK_ROLE_STUDENT}, CK_REASON_DENIED},
    {3, {.kind = CK_EVENT_ROLE, .target = 5, .value = CK_ROLE_OBSERVER}, CK_REASON_DENIED},
    {3, {.kind = CK_EVENT_RIGHTS, .target = 5, .value = 15}, CK_REASON_NONE},
    {3, {.kind = CK_EVENT_RIGHTS, .target = 5, .value = 32}, CK_REASON_INVALID},
    {5, {.kind = CK_EVENT_RIGHTS, .target = 6, .value = 1}, CK_REASON_DENIED},
    {3, {.kind = CK_EVENT_MUTE, .target = 5, .value = 1}, CK_REASON_NONE},
    {3, {.kind = CK_EVENT_MUTE, .target = 4, .value = 1}, CK_REASON_DENIED}, /* of the same rank */
    {3, {.kind = CK_EVENT_MUTE, .value = 1}, CK_REASON_NONE},
    {5, {.kind = CK_EVENT_MUTE, .value = 1}, CK_REASON_DENIED},
    {3, {.kind = CK_EVENT_BAN, .target = 2, .value = 1}, CK_REASON_DENIED},
    {2, {.kind = CK_EVENT_BAN, .target = 2, .value = 1}, CK_REASON_INVALID},
    {2, {.kind = CK_EVENT_BAN, .target = 9}, CK_REASON_NONE},
    {2, {.kind = CK_EVENT_BAN}, CK_REASON_INVALID},
    {3, {.kind = CK_EVENT_SLOW, .value = 3600}, CK_REASON_NONE},
    {3, {.kind = CK_EVENT_SLOW, .value = 3601}, CK_REASON_INVALID},
    {5, {.kind = CK_EVENT_HAND, .value = 1}, CK_REASON_NONE},
    {5, {.kind = CK_EVENT_HAND, .target = 6}, CK_REASON_DENIED},
    {3, {.kind = CK_EVENT_HAND, .target = 6}, CK_REASON_NONE},
    {3, {.kind = CK_EVENT_HAND, .target = 6, .value = 1}, CK_REASON_DENIED},
    {7, {.kind = CK_EVENT_HAND, .value = 1}, CK_REASON_DENIED},
    {3, {.kind = CK_EVENT_INVITE, .target = 7, .value = 1}, CK_REASON_NONE},
    {10, {.kind = CK_EVENT_ANSWER, .value = 1}, CK_REASON_NONE},
    {5, {.kind = CK_EVENT_ANSWER, .value = 1}, CK_REASON_STATE},
    {3, {.kind = CK_EVENT_ASK, .target = 5, .value = 1}, CK_REASON_NONE},
    {3, {.kind = CK_EVENT_ASK, .target = 5, .value = 2}, CK_REASON_NONE},
    {3, {.kind = CK_EVENT_ASK, .target = 5, .value = 3}, CK_REASON_INVALID},
    {3, {.kind = CK_EVENT_ASK, .target = 5}, CK_REASON_INVALID},
    {3, {.kind = CK_EVENT_ASK, .target = 2, .value = 1}, CK_REASON_DENIED},
    {5, {.kind = CK_EVENT_ASK, .target = 6, .value = 1}, CK_REASON_DENIED},
    {2, {.kind = CK_EVENT_REPEAT, .about = 14}, CK_REASON_INVALID},
    {3, {.kind = CK_EVENT_POLL, .text = X, .data = AB}, CK_REASON_NONE},
    {3, {.kind = CK_EVENT_POLL, .text = X, .data = {(const uint8_t *)"\5A", 2}}, CK_REASON_INVALID},
    {3, {.kind = CK_EVENT_POLL, .text = X}, CK_REASON_INVALID},
    {5, {.kind = CK_EVENT_POLL, .text = X, .data = AB}, CK_REASON_DENIED},
    {5, {.kind = CK_EVENT_VOTE, .about = 16, .value = 2}, CK_REASON_NONE},
    {5, {.kind = CK_EVENT_VOTE, .about = 16, .value = 3}, CK_REASON_INVALID}, /* one alone */
    {5, {.kind = CK_EVENT_VOTE, .about = 16, .value = 4}, CK_REASON_INVALID},
    {5, {.kind = CK_EVENT_VOTE, .about = 19, .value = 3}, CK_REASON_NONE},
    {5, {.kind = CK_EVENT_VOTE, .about = 17, .value = 1}, CK_REASON_STATE},
    {5, {.kind = CK_EVENT_VOTE, .about = 5, .value = 1}, CK_REASON_NOT_FOUND},
    {7, {.kind = CK_EVENT_VOTE, .about = 16, .value = 1}, CK_REASON_DENIED},
    {5, {.kind = CK_EVENT_POLL_END, .about = 16}, CK_REASON_DENIED},
    {3, {.kind = CK_EVENT_POLL_END, .about = 16}, CK_REASON_NONE},
    {3, {.kind = CK_EVENT_NOTICE, .text = X}, CK_REASON_NONE},
    {5, {.kind = CK_EVENT_NOTICE, .text = X}, CK_REASON_DENIED},
    {2, {.kind = CK_EVENT_CLASS, .value = CK_CLASS_LIVE}, CK_REASON_NONE},
    {2, {.kind = CK_EVENT_CLASS}, CK_REASON_STATE},
    {3, {.kind = CK_EVENT_CLASS, .value = CK_CLASS_LIVE}, CK_REASON_DENIED},
    {5, {.kind = CK_EVENT_APP, .value = 1}, CK_REASON_NONE},
    {7, {.kind = CK_EVENT_APP, .value = 1}, CK_REASON_DENIED},
    {8, {.kind = CK_EVENT_APP, .value = 1}, CK_REASON_MUTED},
    {8, {.kind = CK_EVENT_APP, .audience = CK_TO_ONE, .target = 2}, CK_REASON_MUTED},
    {8, {.kind = CK_EVENT_APP, .audience = CK_TO_STAFF}, CK_REASON_NONE},
    {5, {.kind = CK_EVENT_APP, .audience = CK_TO_ONE, .target = 2}, CK_REASON_NONE},
    {5, {.kind = CK_EVENT_APP, .audience = CK_TO_ONE, .target = 6}, CK_REASON_DENIED},
    {3, {.kind = CK_EVENT_APP, .audience = CK_TO_ONE, .target = 6}, CK_REASON_NONE},
    {2, {.kind = CK_EVENT_ENROLL, .target = 5, .text = X, .value = 1}, CK_REASON_INVALID},
    {2, {.kind = CK_EVENT_COUNTS, .about = 16}, CK_REASON_INVALID},
    {2, {.kind = CK_EVENT_STREAM, .target = 5, .value = 3}, CK_REASON_INVALID},
    {2, {.kind = 0}, CK_REASON_INVALID},
    {2, {.kind = 255}, CK_REASON_INVALID},
};

CK_TEST(rules, the_table_holds)
{
    ck_room room;
    make(&room);
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        ck_event intent = rows[row].intent;
        const ck_person *author = ck_room_find(&room, rows[row].author);
        CK_CHECK_ROW(row, ck_rules_check(&room, author, &intent, NOW) == rows[row].reason);
    }
    ck_room_free(&room);
}

CK_TEST(rules, nothing_is_said_by_the_way)
{
    ck_room room;
    make(&room);
    const ck_person *muted = ck_room_find(&room, 8), *staff = ck_room_find(&room, 3);
    ck_event hand = {.kind = CK_EVENT_HAND, .value = 1, .text = X, .data = X};
    CK_CHECK_EQ(ck_rules_check(&room, muted, &hand, NOW), CK_REASON_NONE);
    CK_CHECK(hand.text.size == 0 && hand.data.size == 0);
    ck_event chat = {.kind = CK_EVENT_CHAT, .text = X, .data = X};
    CK_CHECK_EQ(ck_rules_check(&room, staff, &chat, NOW), CK_REASON_NONE);
    CK_CHECK(chat.text.size == 1 && chat.data.size == 0);
    ck_event app = {.kind = CK_EVENT_APP, .text = X, .data = X};
    CK_CHECK_EQ(ck_rules_check(&room, staff, &app, NOW), CK_REASON_NONE);
    CK_CHECK(app.text.size == 1 && app.data.size == 1);
    ck_room_free(&room);
}

CK_TEST(rules, a_vote_that_could_not_be_counted_is_refused)
{
    ck_room room;
    make(&room);
    const ck_person *student = ck_room_find(&room, 5);
    for (uint64_t who = 100; room.vote_count < CK_ROOM_VOTES_MAX; who++) {
        const ck_event other = {.kind = CK_EVENT_VOTE, .about = 16, .author = who, .value = 1};
        CK_CHECK_EQ(ck_room_apply(&room, &other), CHALK_OK);
    }
    ck_event vote = {.kind = CK_EVENT_VOTE, .about = 16, .value = 2};
    CK_CHECK_EQ(ck_rules_check(&room, student, &vote, NOW), CK_REASON_LIMIT);
    const ck_event end = {.kind = CK_EVENT_POLL_END, .about = 16};
    CK_CHECK_EQ(ck_room_apply(&room, &end), CHALK_OK);
    const ck_event own = {.kind = CK_EVENT_VOTE, .about = 19, .author = 5, .value = 1};
    CK_CHECK_EQ(ck_room_apply(&room, &own), CHALK_OK);
    for (uint64_t who = 100; room.vote_count < CK_ROOM_VOTES_MAX; who++) {
        const ck_event other = {.kind = CK_EVENT_VOTE, .about = 19, .author = who, .value = 1};
        CK_CHECK_EQ(ck_room_apply(&room, &other), CHALK_OK);
    }
    vote.about = 19; /* to change one's mind is no more */
    CK_CHECK_EQ(ck_rules_check(&room, student, &vote, NOW), CK_REASON_NONE);
    ck_room_free(&room);
}

CK_TEST(rules, what_has_one_audience_gets_it)
{
    ck_room room;
    make(&room);
    ck_event vote = {.kind = CK_EVENT_VOTE, .about = 16, .value = 1};
    CK_CHECK_EQ(ck_rules_check(&room, ck_room_find(&room, 5), &vote, NOW), CK_REASON_NONE);
    CK_CHECK_EQ(vote.audience, CK_TO_SELF);
    ck_event ask = {.kind = CK_EVENT_ASK, .target = 5, .value = 1};
    CK_CHECK_EQ(ck_rules_check(&room, ck_room_find(&room, 3), &ask, NOW), CK_REASON_NONE);
    CK_CHECK_EQ(ask.audience, CK_TO_ONE);
    ck_event undo = {.kind = CK_EVENT_DELETE,
                     .about = 15}; /* a private message's deletion is private */
    CK_CHECK_EQ(ck_rules_check(&room, ck_room_find(&room, 6), &undo, NOW), CK_REASON_NONE);
    CK_CHECK(undo.audience == CK_TO_ONE && undo.target == 2);
    ck_room_free(&room);
}

CK_TEST(rules, slow_mode_mute_all_and_the_end_of_the_class)
{
    ck_room room;
    make(&room);
    const ck_person *student = ck_room_find(&room, 5), *staff = ck_room_find(&room, 3);
    ck_event chat = {.kind = CK_EVENT_CHAT, .text = X};
    ck_event said = {.kind = CK_EVENT_CHAT, .author = 5, .number = 30, .order_us = NOW, .text = X};
    room.slow_s = 10;
    CK_CHECK_EQ(ck_room_apply(&room, &said), CHALK_OK);
    CK_CHECK_EQ(ck_rules_check(&room, student, &chat, NOW + 9999999), CK_REASON_PACE);
    CK_CHECK_EQ(ck_rules_check(&room, student, &chat, NOW + 10000000), CK_REASON_NONE);
    room.muted = true;
    CK_CHECK_EQ(ck_rules_check(&room, student, &chat, NOW + 10000000), CK_REASON_MUTED);
    CK_CHECK_EQ(ck_rules_check(&room, staff, &chat, NOW), CK_REASON_NONE);
    room.class_state = CK_CLASS_ENDED;
    ck_event hand = {.kind = CK_EVENT_HAND, .value = 1};
    CK_CHECK_EQ(ck_rules_check(&room, student, &hand, NOW), CK_REASON_STATE);
    CK_CHECK_EQ(ck_rules_check(&room, staff, &chat, NOW), CK_REASON_NONE);
    room.class_state = CK_CLASS_ARCHIVED;
    CK_CHECK_EQ(ck_rules_check(&room, staff, &chat, NOW), CK_REASON_STATE);
    ck_room_free(&room);
}
