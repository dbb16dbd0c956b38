/* The public API of rooms: what is done with a class, each by its call, its event, its state. */
#include "room_guest.h"

#include "support/check.h"

#include <string.h>

typedef struct class
{
    room_edge *edge;
    guest ada, li; /* a teacher and a student */
    chalk_person_id me, student;
} class;

static void open_class_of(class *c, const ck_sequencer_config *config)
{
    c->edge = room_edge_open(config);
    guest_join(&c->ada, c->edge, "ada.2", NULL);
    guest_join(&c->li, c->edge, "li.4", NULL);
    (void)guest_wait(&c->ada, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_ENROLL);
    c->me = guest_me(&c->ada);
    c->student = guest_me(&c->li);
}

static void open_class(class *c)
{
    open_class_of(c, NULL);
}

static void close_class(class *c)
{
    guest_close(&c->li);
    guest_close(&c->ada);
    room_edge_close(&c->edge);
}

static chalk_room_person person_of(guest *g, chalk_person_id id)
{
    chalk_room_person person = {.struct_size = sizeof person};
    CK_CHECK_EQ(chalk_class_get_person(g->api.session, CHALK_VIEW_HEAD, id, &person), CHALK_OK);
    return person;
}

/* What the student is told of, done by the teacher. */
static const chalk_room_event *told(class *c, int status, uint32_t what)
{
    CK_CHECK_EQ(status, CHALK_OK);
    return guest_wait(&c->li, CHALK_ROOM_EVENT_HAPPENED, what);
}

CK_TEST(room_class, hands_are_up_in_the_order_of_the_edge)
{
    class c;
    open_class(&c);
    guest mo;
    guest_join(&mo, c.edge, "mo.4", NULL);
    chalk_session *teacher = c.ada.api.session;
    CK_CHECK_EQ(chalk_class_hand(mo.api.session, 1, NULL), CHALK_OK);
    const chalk_room_event *event = guest_wait(&c.ada, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_HAND);
    CK_CHECK(event->on == 1 && event->target == guest_me(&mo));
    CK_CHECK_EQ(chalk_class_hand(c.li.api.session, 1, NULL), CHALK_OK);
    (void)guest_wait(&c.ada, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_HAND);

    chalk_room_person person = {.struct_size = sizeof person};
    CK_CHECK_EQ(chalk_class_next_hand(teacher, CHALK_VIEW_HEAD, 0, &person), CHALK_OK);
    CK_CHECK_STR(person.name, "mo");
    CK_CHECK_EQ(chalk_class_next_hand(teacher, CHALK_VIEW_HEAD, person.hand, &person), CHALK_OK);
    CK_CHECK_STR(person.name, "li");
    CK_CHECK_EQ(chalk_class_next_hand(teacher, CHALK_VIEW_HEAD, person.hand, &person),
                CHALK_ERR_END);
    CK_CHECK_EQ(guest_info(&c.ada).hands, 2);
    event = told(&c, chalk_class_lower_hand(teacher, c.student, NULL), CHALK_WHAT_HAND);
    CK_CHECK(event->target == guest_me(&mo) || event->on == 0 || event->target == c.student);
    while (event->on != 0) {
        event = guest_wait(&c.li, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_HAND);
    }
    CK_CHECK(event->author == c.me && event->target == c.student);
    CK_CHECK_EQ(person_of(&c.li, c.student).hand, 0);
    guest_close(&mo);
    close_class(&c);
}

CK_TEST(room_class, what_is_wanted_shows_before_the_edge_has_answered)
{
    class c;
    open_class(&c);
    chalk_session *s = c.li.api.session;
    chalk_intent_id said = 0, hand = 0;
    room_edge_hold(c.edge, true);
    CK_CHECK_EQ(chalk_class_hand(s, 1, &hand), CHALK_OK);
    CK_CHECK_EQ(chalk_chat_send(s, 0, 0, "wait", &said), CHALK_OK);
    CK_CHECK_EQ(person_of(&c.li, c.student).hand, UINT64_MAX);
    chalk_room_person person = {.struct_size = sizeof person};
    CK_CHECK_EQ(chalk_class_get_person(s, CHALK_VIEW_PRESENTED, c.student, &person), CHALK_OK);
    CK_CHECK_EQ(person.hand, 0);
    CK_CHECK_EQ(chalk_class_next_hand(s, CHALK_VIEW_HEAD, 0, &person), CHALK_OK);
    CK_CHECK(person.id == c.student && (person.flags & CHALK_PERSON_SELF));
    chalk_room_message message = {.struct_size = sizeof message};
    CK_CHECK_EQ(chalk_chat_get_pending(s, 0, &message), CHALK_OK);
    CK_CHECK_STR(message.text, "wait");
    CK_CHECK_STR(message.name, "li");
    CK_CHECK(message.intent == said && message.number == 0);
    CK_CHECK_EQ(chalk_chat_get_pending(s, 1, &message), CHALK_ERR_END);
    CK_CHECK_EQ(guest_info(&c.li).pending, 2);
    room_edge_hold(c.edge, false);
    CK_CHECK_EQ(guest_settled(&c.li, hand), CHALK_REASON_NONE);
    CK_CHECK_EQ(guest_settled(&c.li, said), CHALK_REASON_NONE);
    CK_CHECK(person_of(&c.li, c.student).hand < UINT64_MAX);
    CK_CHECK_EQ(guest_info(&c.li).pending, 0);
    close_class(&c);
}

CK_TEST(room_class, who_is_invited_may_speak)
{
    class c;
    open_class(&c);
    chalk_session *teacher = c.ada.api.session, *student = c.li.api.session;
    chalk_intent_id id = 0;
    CK_CHECK_EQ(chalk_class_answer(student, 1, &id), CHALK_OK);
    CK_CHECK_EQ(guest_settled(&c.li, id), CHALK_REASON_STATE);
    const chalk_room_event *event =
        told(&c, chalk_class_invite(teacher, c.student, 1, NULL), CHALK_WHAT_INVITE);
    CK_CHECK(event->on == 1 && event->target == c.student);
    CK_CHECK(person_of(&c.li, c.student).flags & CHALK_PERSON_INVITED);
    CK_CHECK_EQ(chalk_class_answer(student, 1, NULL), CHALK_OK);
    event = guest_wait(&c.ada, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_ANSWER);
    CK_CHECK(event->on == 1 && event->author == c.student);
    CK_CHECK(person_of(&c.ada, c.student).rights & CHALK_RIGHT_SPEAK);
    event =
        told(&c, chalk_class_ask(teacher, c.student, CHALK_ASK_STOP_CAMERA, NULL), CHALK_WHAT_ASK);
    CK_CHECK_EQ(event->value, CHALK_ASK_STOP_CAMERA);
    close_class(&c);
}

CK_TEST(room_class, roles_and_rights_change)
{
    class c;
    open_class(&c);
    chalk_session *teacher = c.ada.api.session;
    const chalk_room_event *event = told(
        &c, chalk_class_set_rights(teacher, c.student, CHALK_RIGHT_CHAT | CHALK_RIGHT_DRAW, NULL),
        CHALK_WHAT_RIGHTS);
    CK_CHECK_EQ(event->value, CHALK_RIGHT_CHAT | CHALK_RIGHT_DRAW);
    CK_CHECK_EQ(guest_info(&c.li).rights, CHALK_RIGHT_CHAT | CHALK_RIGHT_DRAW);
    event = told(&c, chalk_class_set_role(teacher, c.student, CHALK_ROLE_ASSISTANT, NULL),
                 CHALK_WHAT_ROLE);
    CK_CHECK_EQ(event->value, CHALK_ROLE_ASSISTANT);
    CK_CHECK_EQ(guest_info(&c.li).role, CHALK_ROLE_ASSISTANT);
    chalk_intent_id id = 0;
    CK_CHECK_EQ(chalk_class_set_role(c.li.api.session, c.me, CHALK_ROLE_STUDENT, &id), CHALK_OK);
    CK_CHECK_EQ(guest_settled(&c.li, id), CHALK_REASON_DENIED);
    close_class(&c);
}

CK_TEST(room_class, order_is_kept)
{
    class c;
    open_class(&c);
    chalk_session *teacher = c.ada.api.session, *student = c.li.api.session;
    chalk_intent_id id = 0;
    CK_CHECK_EQ(told(&c, chalk_class_mute(teacher, 0, 1, NULL), CHALK_WHAT_MUTE)->target, 0);
    CK_CHECK(guest_info(&c.li).muted == 1 && guest_info(&c.li).rights == 0);
    CK_CHECK_EQ(chalk_chat_send(student, 0, 0, "no", &id), CHALK_OK);
    CK_CHECK_EQ(guest_settled(&c.li, id), CHALK_REASON_MUTED);
    CK_CHECK_EQ(told(&c, chalk_class_mute(teacher, 0, 0, NULL), CHALK_WHAT_MUTE)->on, 0);
    CK_CHECK_EQ(told(&c, chalk_class_mute(teacher, c.student, 1, NULL), CHALK_WHAT_MUTE)->on, 1);
    CK_CHECK(person_of(&c.li, c.student).flags & CHALK_PERSON_MUTED);
    CK_CHECK_EQ(told(&c, chalk_class_mute(teacher, c.student, 0, NULL), CHALK_WHAT_MUTE)->on, 0);
    CK_CHECK_EQ(told(&c, chalk_class_set_slow(teacher, 60, NULL), CHALK_WHAT_SLOW)->value, 60);
    CK_CHECK_EQ(guest_info(&c.li).slow_s, 60);
    CK_CHECK_EQ(chalk_chat_send(student, 0, 0, "one", &id), CHALK_OK);
    CK_CHECK_EQ(guest_settled(&c.li, id), CHALK_REASON_NONE);
    CK_CHECK_EQ(chalk_chat_send(student, 0, 0, "two", &id), CHALK_OK);
    CK_CHECK_EQ(guest_settled(&c.li, id), CHALK_REASON_PACE);
    CK_CHECK_EQ(chalk_class_ban(teacher, c.student, 1, NULL), CHALK_OK);
    chalk_event closed = guest_state(&c.li, CHALK_LINK_CLOSED);
    CK_CHECK(closed.cause == CHALK_ERR_DENIED && closed.origin == CHALK_ORIGIN_PEER);
    CK_CHECK_STR(closed.text, "banned");
    CK_CHECK_EQ(guest_info(&c.li).reason, CHALK_REASON_BANNED);
    CK_CHECK_EQ(chalk_chat_send(student, 0, 0, "still here", NULL), CHALK_ERR_BAD_STATE);
    close_class(&c);
}

CK_TEST(room_class, polls_are_counted)
{
    static const char *const options[] = {"ja", "nein", "也许"};
    class c;
    open_class(&c);
    chalk_session *teacher = c.ada.api.session, *student = c.li.api.session;
    uint64_t id =
        told(&c, chalk_class_open_poll(teacher, "Pause?", options, 3, 0, NULL), CHALK_WHAT_POLL)
            ->number;
    CK_CHECK_STR(c.li.event.text, "Pause?");
    CK_CHECK_EQ(c.li.event.data_size, 0);
    chalk_intent_id vote = 0;
    CK_CHECK_EQ(chalk_class_vote(student, id, 3, &vote), CHALK_OK);
    CK_CHECK_EQ(guest_settled(&c.li, vote), CHALK_REASON_INVALID);
    CK_CHECK_EQ(chalk_class_vote(student, id, 4, &vote), CHALK_OK);
    (void)guest_wait(&c.ada, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_COUNTS);
    CK_CHECK_EQ(c.ada.event.about, id);
    chalk_room_poll poll = {.struct_size = sizeof poll};
    CK_CHECK_EQ(chalk_class_next_poll(teacher, CHALK_VIEW_HEAD, 0, &poll), CHALK_OK);
    CK_CHECK(poll.id == id && poll.option_count == 3 && poll.several == 0 && poll.closed == 0);
    CK_CHECK(poll.counts[0] == 0 && poll.counts[2] == 1 && poll.own_vote == 0);
    CK_CHECK_STR(poll.question, "Pause?");
    CK_CHECK_STR(poll.options[2], "也许");
    CK_CHECK_EQ(chalk_class_next_poll(teacher, CHALK_VIEW_HEAD, id, &poll), CHALK_ERR_END);
    (void)told(&c, chalk_class_end_poll(teacher, id, NULL), CHALK_WHAT_POLL_END);
    CK_CHECK_EQ(chalk_class_next_poll(student, CHALK_VIEW_HEAD, 0, &poll), CHALK_OK);
    CK_CHECK_EQ(poll.closed, 1);
    CK_CHECK_EQ(guest_info(&c.li).polls, 1);
    close_class(&c);
}

CK_TEST(room_class, a_class_begins_and_ends)
{
    class c;
    open_class(&c);
    chalk_session *teacher = c.ada.api.session;
    const chalk_room_event *event =
        told(&c, chalk_class_set_notice(teacher, "Seite 12", NULL), CHALK_WHAT_NOTICE);
    CK_CHECK_STR(event->text, "Seite 12");
    CK_CHECK_STR(guest_info(&c.li).notice, "Seite 12");
    event = told(&c, chalk_class_set_state(teacher, CHALK_CLASS_LIVE, NULL), CHALK_WHAT_CLASS);
    CK_CHECK_EQ(event->value, CHALK_CLASS_LIVE);
    CK_CHECK(guest_info(&c.li).class_state == CHALK_CLASS_LIVE && guest_info(&c.li).begun_us > 0);
    event = told(&c, chalk_class_set_state(teacher, CHALK_CLASS_ENDED, NULL), CHALK_WHAT_CLASS);
    CK_CHECK_EQ(event->value, CHALK_CLASS_ENDED);
    chalk_intent_id id = 0;
    CK_CHECK_EQ(chalk_class_set_state(teacher, CHALK_CLASS_LIVE, &id), CHALK_OK);
    CK_CHECK_EQ(guest_settled(&c.ada, id), CHALK_REASON_STATE);
    close_class(&c);
}

CK_TEST(room_class, who_is_known_to_staff_alone_signs)
{
    class c;
    guest mo, bo;
    open_class_of(&c, &(ck_sequencer_config){.crowd_from = 2});
    guest_join(&mo, c.edge, "mo.4", NULL);
    guest_join(&bo, c.edge, "bo.4", NULL);
    CK_CHECK_EQ(chalk_chat_send(bo.api.session, 0, 0, "hello", NULL), CHALK_OK);
    const chalk_room_event *event = guest_wait(&c.li, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_CHAT);
    CK_CHECK(event->lane == CHALK_LANE_CROWD && event->data_size == 0);
    CK_CHECK_STR(event->name, "bo");
    chalk_room_person person = {.struct_size = sizeof person};
    CK_CHECK_EQ(chalk_class_get_person(c.li.api.session, CHALK_VIEW_HEAD, event->author, &person),
                CHALK_ERR_NOT_FOUND);
    chalk_room_message message = {.struct_size = sizeof message};
    CK_CHECK_EQ(chalk_chat_get(c.li.api.session, CHALK_VIEW_HEAD, 0, &message), CHALK_OK);
    CK_CHECK_STR(message.text, "hello");
    CK_CHECK_STR(message.name, "bo");
    guest_close(&bo);
    guest_close(&mo);
    close_class(&c);
}

CK_TEST(room_class, an_application_sends_its_own)
{
    class c;
    open_class(&c);
    chalk_session *teacher = c.ada.api.session;
    static const uint8_t bytes[] = {0, 1, 255};
    chalk_room_app_options own;
    chalk_room_app_options_init(&own);
    own.value = 77;
    own.text = "quiz";
    own.data = bytes;
    own.data_size = sizeof bytes;
    const chalk_room_event *event =
        told(&c, chalk_room_send_app(teacher, &own, NULL), CHALK_WHAT_APP);
    CK_CHECK(event->value == 77 && event->lane == CHALK_LANE_ORDERED);
    CK_CHECK(event->data_size == 3 && memcmp(event->data, bytes, 3) == 0);
    CK_CHECK_STR(event->text, "quiz");
    own.lane = CHALK_LANE_CROWD;
    own.text = NULL;
    event = told(&c, chalk_room_send_app(teacher, &own, NULL), CHALK_WHAT_APP);
    CK_CHECK(event->lane == CHALK_LANE_CROWD && event->text_size == 0);

    CK_CHECK_EQ(chalk_room_show(teacher, 3, "x7", 2), CHALK_OK);
    event = guest_wait(&c.li, CHALK_ROOM_EVENT_SHOWN, 0);
    CK_CHECK(event->value == 3 && event->author == c.me && event->data_size == 2);
    CK_CHECK_EQ(chalk_room_react(teacher, "👍"), CHALK_OK);
    event = guest_wait(&c.li, CHALK_ROOM_EVENT_REACTION, 0);
    CK_CHECK_STR(event->text, "👍");
    CK_CHECK_EQ(event->times, 1);
    close_class(&c);
}

CK_TEST(room_class, staff_learn_who_sees_and_hears)
{
    char text[128];
    class c;
    open_class(&c);
    chalk_session *teacher = c.ada.api.session, *student = c.li.api.session;
    chalk_room_summary sum = {.struct_size = sizeof sum};
    CK_CHECK_EQ(chalk_room_get_summary(student, &sum), CHALK_ERR_AGAIN);
    CK_CHECK_EQ(chalk_room_report(teacher, 14, 0), CHALK_OK);
    CK_CHECK_EQ(chalk_room_report(student, 14, CHALK_SOUND_MUTED), CHALK_OK);
    do {
        (void)guest_wait(&c.ada, CHALK_ROOM_EVENT_SUMMARY, 0);
        CK_CHECK_EQ(chalk_room_get_summary(teacher, &sum), CHALK_OK);
    } while (sum.see_page != 1 || sum.page != 14 || sum.deaf_count != 1 ||
             sum.deaf_why[0] != CHALK_SOUND_MUTED);
    CK_CHECK(sum.people == 1 && sum.hear == 0 && sum.deaf[0] == c.student);
    CK_CHECK_EQ(chalk_room_summary_text(teacher, text, sizeof text), CHALK_OK);
    CK_CHECK_STR(text, "1 of 1 see slide 14; 0 hear you; li: speaker muted");
    CK_CHECK_EQ(chalk_room_summary_text(student, text, sizeof text), CHALK_ERR_AGAIN);
    close_class(&c);
}

CK_TEST(room_class, the_roster_comes_in_pages)
{
    class c;
    open_class(&c);
    chalk_session *teacher = c.ada.api.session;
    chalk_request_id request = 0;
    CK_CHECK_EQ(chalk_class_ask_roster(teacher, 0, 1, &request), CHALK_OK);
    const chalk_room_event *event = guest_wait(&c.ada, CHALK_ROOM_EVENT_PERSON, 0);
    CK_CHECK(event->target == c.me && event->request == request && event->on == 1);
    CK_CHECK(event->value == CHALK_ROLE_TEACHER && strcmp(event->name, "ada") == 0);
    event = guest_wait(&c.ada, CHALK_ROOM_EVENT_PAGE, 0);
    CK_CHECK(event->on == 1 && event->target == c.me);
    CK_CHECK_EQ(chalk_class_ask_roster(teacher, event->target, 10, &request), CHALK_OK);
    CK_CHECK_STR(guest_wait(&c.ada, CHALK_ROOM_EVENT_PERSON, 0)->name, "li");
    CK_CHECK_EQ(guest_wait(&c.ada, CHALK_ROOM_EVENT_PAGE, 0)->on, 0);

    while (guest_info(&c.ada).here != 2) {
        api_sleep_ms(5);
    }
    chalk_room_person person = {.struct_size = sizeof person};
    CK_CHECK_EQ(chalk_class_next_person(teacher, CHALK_VIEW_HEAD, 0, &person), CHALK_OK);
    CK_CHECK(person.id == c.me && (person.flags & CHALK_PERSON_SELF));
    CK_CHECK_EQ(chalk_class_next_person(teacher, CHALK_VIEW_HEAD, person.id, &person), CHALK_OK);
    CK_CHECK(person.id == c.student && (person.flags & CHALK_PERSON_HERE));
    CK_CHECK_EQ(chalk_class_next_person(teacher, CHALK_VIEW_HEAD, person.id, &person),
                CHALK_ERR_END);
    close_class(&c);
}
