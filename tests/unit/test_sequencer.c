/* The edge's side: order, storing before telling, logins, large rooms. */
#include "room_pair.h"

#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"

#include <string.h>

static const ck_replica_config keeps = {.chat_max = 100};

static ck_room_pair *make(const ck_sequencer_config *config)
{
    static ck_room_pair pair;
    CK_CHECK_EQ(ck_pair_init(&pair, &ck_test_heap, config), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&pair, "ada", CK_ROLE_TEACHER, &keeps), CHALK_OK);
    CK_CHECK_EQ(ck_pair_join(&pair, "li", CK_ROLE_STUDENT, &keeps), CHALK_OK);
    return &pair;
}

CK_TEST(sequencer, what_is_said_reaches_all)
{
    ck_room_pair *p = make(&(ck_sequencer_config){0});
    uint64_t id = ck_pair_say(p, 1, "老师好 👋");
    CK_CHECK_EQ(ck_pair_reason(p, 1, id), CK_REASON_NONE);
    CK_CHECK_STR(ck_pair_saw(p, 0, CK_EVENT_CHAT)->text, "老师好 👋");
    CK_CHECK_STR(ck_pair_saw(p, 1, CK_EVENT_CHAT)->text, "老师好 👋");
    CK_CHECK(ck_room_hash(ck_replica_head(p->clients[0].replica)) ==
             ck_room_hash(ck_sequencer_room(p->sequencer)));
    ck_pair_run(p, 500000);
    CK_CHECK(ck_replica_is_here(p->clients[0].replica, 2));
    ck_pair_free(p);
}

CK_TEST(sequencer, nothing_is_told_before_it_is_stored)
{
    ck_room_pair *p = make(&(ck_sequencer_config){0});
    p->silent = true;
    uint64_t id = ck_pair_say(p, 1, "is it safe?");
    uint64_t behind = ck_pair_say(p, 1, "and this?");
    CK_CHECK(ck_pair_told(p, 0, CK_EVENT_CHAT) == NULL && ck_pair_settled(p, 1, id) == NULL);
    /* Who joins meanwhile waits. */
    CK_CHECK_EQ(ck_pair_join(p, "wu", CK_ROLE_STUDENT, &keeps), CHALK_OK);
    CK_CHECK(ck_replica_me(p->clients[2].replica) == 0);
    p->silent = false;
    CK_CHECK_EQ(
        ck_memory_store_append(&p->store, p->epoch, p->unanswered.after, p->unanswered.to,
                               ck_bytes_of(p->unanswered.bytes.data, p->unanswered.bytes.size)),
        CK_STORE_COMMITTED);
    ck_sequencer_stored(p->sequencer, p->unanswered.to, CK_STORE_COMMITTED, p->now_us);
    ck_pair_run(p, 100000);
    CK_CHECK_EQ(ck_pair_reason(p, 1, id), CK_REASON_NONE);
    CK_CHECK_EQ(ck_pair_reason(p, 1, behind), CK_REASON_NONE);
    CK_CHECK(ck_replica_me(p->clients[2].replica) == 3);
    ck_pair_free(p);
}

CK_TEST(sequencer, dying_between_writing_and_hearing_of_it_loses_and_doubles_nothing)
{
    for (int written = 0; written < 2; written++) {
        ck_room_pair *p = make(&(ck_sequencer_config){0});
        p->silent = true;
        uint64_t id = ck_pair_say(p, 1, "once");
        if (written) {
            (void)ck_memory_store_append(
                &p->store, p->epoch, p->unanswered.after, p->unanswered.to,
                ck_bytes_of(p->unanswered.bytes.data, p->unanswered.bytes.size));
        }
        p->silent = false;
        CK_CHECK_EQ(ck_pair_restart(p), CHALK_OK);
        ck_pair_run(p, 20000000);
        CK_CHECK_ROW(written, ck_pair_reason(p, 1, id) == CK_REASON_NONE);
        const ck_room *room = ck_replica_head(p->clients[0].replica);
        CK_CHECK_ROW(written, room->chat_count == 1);
        CK_CHECK_ROW(written, ck_sequencer_get_stats(p->sequencer).resumed == 2);
        ck_pair_free(p);
    }
}

CK_TEST(sequencer, a_full_store_is_no_lie)
{
    ck_room_pair *p = make(&(ck_sequencer_config){0});
    p->answer = CK_STORE_FULL;
    uint64_t first = ck_pair_say(p, 1, "one"), second = ck_pair_say(p, 1, "two");
    ck_pair_run(p, 5000000);
    CK_CHECK(ck_pair_told(p, 0, CK_EVENT_CHAT) == NULL && ck_pair_settled(p, 1, first) == NULL);
    p->answer = CK_STORE_COMMITTED;
    ck_pair_run(p, 5000000);
    CK_CHECK_EQ(ck_pair_reason(p, 1, first), CK_REASON_NONE);
    CK_CHECK_EQ(ck_pair_reason(p, 1, second), CK_REASON_NONE);
    const ck_room *room = ck_replica_head(p->clients[0].replica);
    CK_CHECK(room->chat_count == 2);
    CK_CHECK_MEM(ck_room_said_at(room, 0)->text, "one",
                 3); /* in the order in which they were said */
    CK_CHECK(ck_sequencer_get_stats(p->sequencer).sent_back > 0);
    ck_pair_free(p);
}

CK_TEST(sequencer, who_was_fenced_says_moved)
{
    ck_room_pair *p = make(&(ck_sequencer_config){0});
    (void)ck_memory_store_lease(&p->store); /* somebody else has the room now */
    ck_pair_run(p, 4000000); /* nobody says anything, and it learns of it all the same */
    CK_CHECK_EQ(ck_sequencer_state_of(p->sequencer), CK_SEQUENCER_LOST);
    CK_CHECK_EQ(ck_replica_bye(p->clients[0].replica), CK_REASON_MOVED);
    uint64_t id = ck_pair_say(p, 1, "still there?");
    CK_CHECK_EQ(ck_pair_restart(p), CHALK_OK);
    ck_pair_run(p, 20000000);
    CK_CHECK_EQ(ck_pair_reason(p, 1, id), CK_REASON_NONE);
    ck_pair_free(p);
}

CK_TEST(sequencer, a_second_login_wins_or_is_refused)
{
    for (int keep = 0; keep < 2; keep++) {
        ck_room_pair *p = make(&(ck_sequencer_config){.keep_first_login = keep});
        CK_CHECK_EQ(ck_pair_join(p, "li", CK_ROLE_STUDENT, &keeps), CHALK_OK);
        ck_pair_run(p, 1000000);
        uint32_t loser = keep ? 2 : 1, winner = keep ? 1 : 2;
        CK_CHECK_ROW(keep, ck_replica_state_of(p->clients[loser].replica) == CK_SESSION_CLOSED);
        CK_CHECK_ROW(keep, ck_replica_bye(p->clients[loser].replica) ==
                               (keep ? CK_REASON_TAKEN : CK_REASON_SUPERSEDED));
        CK_CHECK_ROW(keep, ck_replica_state_of(p->clients[winner].replica) == CK_SESSION_LIVE);
        CK_CHECK_ROW(keep, ck_replica_me(p->clients[winner].replica) == 2);
        ck_pair_free(p);
    }
}

CK_TEST(sequencer, private_words_reach_those_they_are_for)
{
    ck_room_pair *p = make(&(ck_sequencer_config){0});
    CK_CHECK_EQ(ck_pair_join(p, "wu", CK_ROLE_STUDENT, &keeps), CHALK_OK);
    const ck_event to_staff = {
        .kind = CK_EVENT_CHAT, .audience = CK_TO_STAFF, .text = {(const uint8_t *)"s", 1}};
    const ck_event to_one = {.kind = CK_EVENT_CHAT,
                             .audience = CK_TO_ONE,
                             .target = 2,
                             .text = {(const uint8_t *)"o", 1}};
    (void)ck_pair_do(p, 1, &to_staff);
    (void)ck_pair_do(p, 0, &to_one);
    CK_CHECK_EQ(ck_replica_head(p->clients[0].replica)->chat_count, 2);
    CK_CHECK_EQ(ck_replica_head(p->clients[1].replica)->chat_count, 2);
    CK_CHECK_EQ(ck_replica_head(p->clients[2].replica)->chat_count, 0);
    CK_CHECK(
        ck_replica_head(p->clients[2].replica)->number ==
        ck_replica_head(p->clients[0].replica)->number); /* but it knows that it missed nothing */
    /* Who becomes staff reads what staff said; who ceases to be forgets it. */
    const ck_event up = {.kind = CK_EVENT_ROLE, .target = 3, .value = CK_ROLE_ASSISTANT};
    const ck_event down = {.kind = CK_EVENT_ROLE, .target = 3, .value = CK_ROLE_STUDENT};
    (void)ck_pair_do(p, 0, &up);
    CK_CHECK_EQ(ck_replica_head(p->clients[2].replica)->chat_count, 1);
    (void)ck_pair_do(p, 0, &down);
    CK_CHECK_EQ(ck_replica_head(p->clients[2].replica)->chat_count, 0);
    ck_pair_free(p);
}

CK_TEST(sequencer, a_ban_is_at_once_and_lasts)
{
    ck_room_pair *p = make(&(ck_sequencer_config){0});
    const ck_event ban = {.kind = CK_EVENT_BAN, .target = 2, .value = 1};
    CK_CHECK_EQ(ck_pair_reason(p, 0, ck_pair_do(p, 0, &ban)), CK_REASON_NONE);
    CK_CHECK_EQ(ck_replica_bye(p->clients[1].replica), CK_REASON_BANNED);
    CK_CHECK_EQ(ck_pair_join(p, "li", CK_ROLE_STUDENT, &keeps), CHALK_OK);
    CK_CHECK_EQ(ck_replica_bye(p->clients[2].replica), CK_REASON_BANNED);
    ck_pair_free(p);
}

CK_TEST(sequencer, a_token_raises_once_and_what_the_room_took_stays_taken)
{
    ck_room_pair *p = make(&(ck_sequencer_config){.checkpoint_events = 1});
    CK_CHECK_EQ(ck_pair_join(p, "wu", CK_ROLE_ASSISTANT, &keeps), CHALK_OK);
    const ck_event down = {.kind = CK_EVENT_ROLE, .target = 3, .value = CK_ROLE_STUDENT};
    CK_CHECK_EQ(ck_pair_reason(p, 0, ck_pair_do(p, 0, &down)), CK_REASON_NONE);
    CK_CHECK_EQ(ck_pair_restart(p), CHALK_OK); /* also from the store */
    ck_pair_run(p, 20000000);
    CK_CHECK_EQ(ck_pair_person(p, 0, 3)->role, CK_ROLE_STUDENT);
    p->clients[2].role = CK_ROLE_TEACHER; /* a better one than before */
    ck_pair_cut(p, 2);
    ck_pair_run(p, 5000000);
    CK_CHECK_EQ(ck_pair_person(p, 0, 3)->role, CK_ROLE_TEACHER);
    ck_pair_free(p);
}

/* Everything that a teacher may do to a student, and what the student sees of it. */
CK_TEST(sequencer, a_class_is_moderated)
{
    ck_room_pair *p = make(&(ck_sequencer_config){0});
    CK_CHECK_EQ(ck_pair_join(p, "wu", CK_ROLE_STUDENT, &keeps), CHALK_OK);
    const ck_room *seen = ck_replica_head(p->clients[1].replica);
    const struct {
        uint32_t who;
        ck_event event;
        enum ck_reason then_speaks; /* of student 2, to all */
    } steps[] = {
        {0, {.kind = CK_EVENT_MUTE, .target = 2, .value = 1}, CK_REASON_MUTED},
        {0, {.kind = CK_EVENT_MUTE, .target = 2}, CK_REASON_NONE},
        {0, {.kind = CK_EVENT_MUTE, .value = 1}, CK_REASON_MUTED},
        {0, {.kind = CK_EVENT_MUTE}, CK_REASON_NONE},
        {0, {.kind = CK_EVENT_SLOW, .value = 60}, CK_REASON_PACE},
        {0, {.kind = CK_EVENT_SLOW}, CK_REASON_NONE},
        {0, {.kind = CK_EVENT_CLASS, .value = CK_CLASS_LIVE}, CK_REASON_NONE},
        {0, {.kind = CK_EVENT_CLASS, .value = CK_CLASS_ENDED}, CK_REASON_NONE},
        {0, {.kind = CK_EVENT_CLASS, .value = CK_CLASS_ARCHIVED}, CK_REASON_STATE},
    };
    for (size_t step = 0; step < CK_COUNT_OF(steps); step++) {
        uint64_t id = ck_pair_do(p, steps[step].who, &steps[step].event);
        CK_CHECK_ROW(step, ck_pair_reason(p, steps[step].who, id) == CK_REASON_NONE);
        id = ck_pair_say(p, 1, "may I?");
        CK_CHECK_ROW(step, ck_pair_reason(p, 1, id) == steps[step].then_speaks);
    }
    CK_CHECK(seen->class_state == CK_CLASS_ARCHIVED && seen->begun_us != 0);
    CK_CHECK_EQ(ck_pair_reason(p, 0, ck_pair_say(p, 0, "nor I")), CK_REASON_STATE); /* read only */
    ck_pair_free(p);
}

CK_TEST(sequencer, hands_are_in_order_and_an_invitation_may_be_withdrawn)
{
    ck_room_pair *p = make(&(ck_sequencer_config){0});
    CK_CHECK_EQ(ck_pair_join(p, "wu", CK_ROLE_STUDENT, &keeps), CHALK_OK);
    const ck_event up = {.kind = CK_EVENT_HAND, .value = 1};
    const ck_event invite = {.kind = CK_EVENT_INVITE, .target = 3, .value = 1};
    const ck_event withdraw = {.kind = CK_EVENT_INVITE, .target = 3};
    const ck_event yes = {.kind = CK_EVENT_ANSWER, .value = 1};
    (void)ck_pair_do(p, 2, &up);
    (void)ck_pair_do(p, 1, &up);
    CK_CHECK(ck_room_hand(ck_sequencer_room(p->sequencer), 3)->number <
             ck_room_hand(ck_sequencer_room(p->sequencer), 2)->number);
    (void)ck_pair_do(p, 0, &invite);
    (void)ck_pair_do(p, 0, &withdraw);
    CK_CHECK_EQ(ck_pair_reason(p, 2, ck_pair_do(p, 2, &yes)), CK_REASON_STATE);
    (void)ck_pair_do(p, 0, &invite);
    CK_CHECK_EQ(ck_pair_reason(p, 2, ck_pair_do(p, 2, &yes)), CK_REASON_NONE);
    const ck_person *wu = ck_pair_person(p, 0, 3);
    CK_CHECK((wu->rights & CK_RIGHT_SPEAK) && wu->hand == 0 && ck_pair_person(p, 0, 2)->hand != 0);
    const ck_event silent = {.kind = CK_EVENT_RIGHTS, .target = 3, .value = CK_RIGHT_CHAT};
    const ck_event mute = {.kind = CK_EVENT_ASK, .target = 3, .value = 1};
    (void)ck_pair_do(p, 0, &mute);
    CK_CHECK_EQ(ck_pair_saw(p, 2, CK_EVENT_ASK)->event.event.value, 1);
    CK_CHECK(ck_pair_told(p, 1, CK_EVENT_ASK) == NULL); /* nobody else's business */
    (void)ck_pair_do(p, 0, &silent);
    CK_CHECK(!(ck_pair_person(p, 0, 3)->rights & CK_RIGHT_SPEAK));
    const ck_event notice = {.kind = CK_EVENT_NOTICE, .text = {(const uint8_t *)"p. 14", 5}};
    (void)ck_pair_do(p, 0, &notice);
    CK_CHECK_STR(ck_room_notice(ck_replica_head(p->clients[1].replica)), "p. 14");
    ck_pair_free(p);
}

CK_TEST(sequencer, hands_go_down_and_votes_are_counted)
{
    ck_room_pair *p = make(&(ck_sequencer_config){.hand_timeout_s = 5});
    const ck_event up = {.kind = CK_EVENT_HAND, .value = 1};
    (void)ck_pair_do(p, 1, &up);
    const ck_room *room = ck_replica_head(p->clients[0].replica);
    CK_CHECK(ck_pair_person(p, 0, 2)->hand != 0);
    ck_pair_run(p, 7000000);
    CK_CHECK(ck_pair_person(p, 0, 2)->hand == 0);
    const ck_event poll = {.kind = CK_EVENT_POLL,
                           .text = {(const uint8_t *)"?", 1},
                           .data = {(const uint8_t *)"\1A\1B", 4}};
    uint64_t number = ck_pair_number(p, 0, ck_pair_do(p, 0, &poll));
    for (uint64_t vote = 1; vote <= 2; vote++) { /* changes its mind */
        const ck_event event = {.kind = CK_EVENT_VOTE, .about = number, .value = vote};
        (void)ck_pair_do(p, 1, &event);
    }
    ck_pair_run(p, 2000000);
    const ck_poll *seen = ck_room_find_poll(room, number);
    CK_CHECK(seen->counts[0] == 0 && seen->counts[1] == 1);
    const ck_event end = {.kind = CK_EVENT_POLL_END, .about = number};
    (void)ck_pair_do(p, 0, &end);
    CK_CHECK(seen->closed && seen->counts[1] == 1 && room->vote_count == 0);
    ck_pair_free(p);
}

CK_TEST(sequencer, who_is_too_fast_comes_again_in_order)
{
    ck_room_pair *p = make(&(ck_sequencer_config){0});
    char text[8] = "00";
    uint64_t id = 0;
    for (int i = 0; i < 25; i++) { /* ten at once, then two a second */
        text[0] = (char)('0' + i / 10);
        text[1] = (char)('0' + i % 10);
        const ck_event event = {.kind = CK_EVENT_CHAT, .text = ck_bytes_of(text, 2)};
        CK_CHECK_EQ(ck_replica_intend(p->clients[1].replica, &event, p->now_us, &id), CHALK_OK);
    }
    ck_pair_run(p, 1000000);
    const ck_room *room = ck_replica_head(p->clients[0].replica);
    CK_CHECK(room->chat_count >= 10 && room->chat_count <= 13);
    ck_pair_run(p, 20000000);
    CK_CHECK_EQ(room->chat_count, 25);
    for (uint32_t i = 0; i < 25; i++) {
        const ck_said *said = ck_room_said_at(room, i);
        CK_CHECK_ROW(i, said->text[0] == (char)('0' + i / 10) &&
                            said->text[1] == (char)('0' + i % 10));
    }
    ck_pair_free(p);
}

CK_TEST(sequencer, checkpoints_and_records_make_the_same_room)
{
    ck_room_pair *p = make(&(ck_sequencer_config){.checkpoint_events = 10});
    for (int i = 0; i < 23; i++) {
        (void)ck_pair_say(p, 0, "on and on");
    }
    CK_CHECK(p->store.checkpoint.data != NULL && p->store.count < 20);
    uint64_t before = ck_room_hash(ck_sequencer_room(p->sequencer));
    uint64_t head = ck_sequencer_get_stats(p->sequencer).head;
    CK_CHECK_EQ(ck_pair_restart(p), CHALK_OK);
    CK_CHECK(ck_room_hash(ck_sequencer_room(p->sequencer)) == before);
    CK_CHECK(ck_sequencer_get_stats(p->sequencer).head == head);
    /* The wall clock was set back by an hour: room time goes on all the same. */
    uint64_t last = ck_sequencer_room(p->sequencer)->order_us;
    ck_sequencer_destroy(&p->sequencer);
    p->now_us += 1;
    p->config.unix_us = CK_PAIR_UNIX_US - UINT64_C(3600000000);
    p->config.epoch = p->epoch = ck_memory_store_lease(&p->store);
    CK_CHECK_EQ(ck_sequencer_create(&p->config, p->now_us, &p->sequencer), CHALK_OK);
    ck_pair_run(p, 0);
    CK_CHECK(ck_sequencer_room_us(p->sequencer, p->now_us) > last);
    ck_pair_free(p);
}

CK_TEST(sequencer, restarts_do_not_put_a_checkpoint_off)
{
    ck_room_pair *p = make(&(ck_sequencer_config){.checkpoint_events = 20});
    for (int start = 0; start < 12; start++) {
        for (int i = 0; i < 5; i++) {
            (void)ck_pair_say(p, 0, "little by little");
        }
        CK_CHECK_EQ(ck_pair_restart(p), CHALK_OK);
        CK_CHECK_ROW(start, p->store.count < 40);
    }
    CK_CHECK(p->store.checkpoint.data != NULL);
    ck_pair_free(p);
}

CK_TEST(sequencer, slow_readers_lose_lanes_then_the_connection)
{
    ck_room_pair *p = make(&(ck_sequencer_config){0});
    ck_sequencer_unsent(p->sequencer, p->clients[1].connection, 70000);
    (void)ck_pair_say(p, 0, "ordered");
    CK_CHECK(ck_pair_told(p, 1, CK_EVENT_CHAT) != NULL);
    ck_replica_show(p->clients[0].replica, 1, ck_bytes_of("x", 1), p->now_us);
    ck_pair_run(p, 100000);
    CK_CHECK(ck_sequencer_get_stats(p->sequencer).lanes_skipped > 0);
    ck_sequencer_unsent(p->sequencer, p->clients[1].connection, 2000000);
    ck_pair_run(p, 0);
    CK_CHECK_EQ(ck_replica_bye(p->clients[1].replica), CK_REASON_SLOW);
    ck_pair_run(p, 5000000);
    CK_CHECK_EQ(ck_replica_state_of(p->clients[1].replica), CK_SESSION_LIVE);
    CK_CHECK(ck_sequencer_get_stats(p->sequencer).slow_closed == 1);
    ck_pair_free(p);
}

CK_TEST(sequencer, who_missed_much_gets_a_snapshot_not_thousands_of_frames)
{
    for (uint32_t missed = 990; missed <= 1010; missed += 20) {
        ck_room_pair *p = make(&(ck_sequencer_config){0});
        const uint64_t before = ck_sequencer_get_stats(p->sequencer).snapshots;
        ck_pair_cut(p, 1);
        p->clients[1].unplugged = true;
        for (uint32_t i = 0; i < missed; i++) {
            (void)ck_pair_say(p, 0, "on");
            ck_pair_run(p, 12000);
        }
        p->clients[1].unplugged = false;
        ck_pair_run(p, 20000000);
        CK_CHECK_EQ(ck_replica_state_of(p->clients[1].replica), CK_SESSION_LIVE);
        const ck_sequencer_stats stats = ck_sequencer_get_stats(p->sequencer);
        CK_CHECK_ROW(missed, stats.snapshots - before == (missed > 1000));
        CK_CHECK(ck_room_hash(ck_replica_head(p->clients[1].replica)) ==
                 ck_room_hash(ck_sequencer_room(p->sequencer)));
        ck_pair_free(p);
    }
}

/* A whole little lesson, with each allocation failing in turn. */
CK_TEST(sequencer, out_of_memory_loses_the_room_not_the_process)
{
    for (size_t fail_at = 1; fail_at < 4000; fail_at += fail_at < 300 ? 1 : 17) {
        ck_failing_alloc heap;
        ck_failing_alloc_init(&heap, fail_at);
        static ck_room_pair p;
        int status = ck_pair_init(&p, &heap.alloc, &(ck_sequencer_config){.checkpoint_events = 5});
        if (status == CHALK_OK) {
            (void)(ck_pair_join(&p, "ada", CK_ROLE_TEACHER, &keeps) == CHALK_OK &&
                   ck_pair_join(&p, "li", CK_ROLE_STUDENT, &keeps) == CHALK_OK);
        }
        for (uint32_t i = 0; i < 6 && p.count == 2; i++) {
            (void)ck_pair_say(&p, i % 2, "hello");
        }
        ck_pair_run(&p, 3000000);
        ck_pair_free(&p);
        CK_CHECK_ROW(fail_at, heap.live == 0);
        if (heap.calls < fail_at) {
            CK_CHECK(fail_at > 100);
            return;
        }
    }
}
