/* The public API of rooms: joining, messages, what the application is told and can look at. */
#include "room_guest.h"

#include "support/check.h"

#include <string.h>

static void present_live(chalk_room_options *options)
{
    options->present = CHALK_PRESENT_LIVE;
}

static void keep_two(chalk_room_options *options)
{
    options->keep = CHALK_KEEP_WINDOW;
    options->messages_max = 2;
}

static void keep_none(chalk_room_options *options)
{
    options->keep = CHALK_KEEP_CHECKSUM;
}

/* --- messages -------------------------------------------------------------------------------- */

CK_TEST(room_api, what_one_says_the_other_reads)
{
    static const char said[] = "早上好 👩🏽‍🏫 e\xcc\x81 \"quoted\"\n";
    room_edge *edge = room_edge_open(NULL);
    guest ada, li;
    guest_join(&ada, edge, "ada.2", NULL);
    guest_join(&li, edge, "li.4", NULL);
    chalk_intent_id id = 0;
    CK_CHECK_EQ(chalk_chat_send(li.api.session, CHALK_TO_ALL, guest_me(&ada), said, &id), CHALK_OK);
    CK_CHECK(id != 0);
    const chalk_room_event *event = guest_wait(&ada, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_CHAT);
    CK_CHECK_STR(event->text, said);
    CK_CHECK_STR(event->name, "li");
    CK_CHECK(event->lane == CHALK_LANE_ORDERED && event->audience == CHALK_TO_ALL);
    CK_CHECK(event->how == CHALK_HOW_LIVE && event->author == guest_me(&li));
    CK_CHECK(event->target == guest_me(&ada) && event->data_size == 0);
    CK_CHECK(event->origin_us <= event->order_us && event->order_us != 0);
    uint64_t number = event->number;
    CK_CHECK_EQ(guest_settled(&li, id), CHALK_REASON_NONE);
    CK_CHECK_EQ(li.event.number, number);

    chalk_room_message message = {.struct_size = sizeof message};
    CK_CHECK_EQ(chalk_chat_get(ada.api.session, CHALK_VIEW_HEAD, 0, &message), CHALK_OK);
    CK_CHECK_STR(message.text, said);
    CK_CHECK(message.number == number && message.deleted == 0 && message.intent == 0);
    CK_CHECK_STR(message.name, "li");
    CK_CHECK_EQ(chalk_chat_get(ada.api.session, CHALK_VIEW_HEAD, 1, &message), CHALK_ERR_END);
    CK_CHECK_EQ(chalk_chat_get_pending(li.api.session, 0, &message), CHALK_ERR_END);

    CK_CHECK_EQ(chalk_chat_delete(ada.api.session, CHALK_LANE_ORDERED, number, &id), CHALK_OK);
    event = guest_wait(&li, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_DELETE);
    CK_CHECK(event->about == number && event->lane == CHALK_LANE_ORDERED && event->value == 0);
    CK_CHECK_EQ(chalk_chat_get(li.api.session, CHALK_VIEW_PRESENTED, 0, &message), CHALK_OK);
    CK_CHECK(message.deleted == 1 && message.text_size == 0);
    guest_close(&li);
    guest_close(&ada);
    room_edge_close(&edge);
}

CK_TEST(room_api, a_message_to_one_is_for_one)
{
    room_edge *edge = room_edge_open(NULL);
    guest ada, li, mo;
    guest_join(&ada, edge, "ada.2", NULL);
    guest_join(&li, edge, "li.4", NULL);
    guest_join(&mo, edge, "mo.4", NULL);
    chalk_intent_id id = 0;
    CK_CHECK_EQ(chalk_chat_send(li.api.session, CHALK_TO_ONE, guest_me(&mo), "psst", &id),
                CHALK_OK);
    CK_CHECK_EQ(guest_settled(&li, id), CHALK_REASON_DENIED);
    CK_CHECK_EQ(chalk_chat_send(li.api.session, CHALK_TO_STAFF, 0, "help", NULL), CHALK_OK);
    const chalk_room_event *event = guest_wait(&ada, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_CHAT);
    CK_CHECK_STR(event->text, "help");
    CK_CHECK_EQ(event->audience, CHALK_TO_STAFF);
    CK_CHECK_EQ(chalk_chat_send(ada.api.session, CHALK_TO_ONE, guest_me(&li), "done", &id),
                CHALK_OK);
    CK_CHECK_EQ(guest_settled(&ada, id), CHALK_REASON_NONE);
    CK_CHECK_EQ(chalk_chat_send(ada.api.session, CHALK_TO_ALL, 0, "all", NULL), CHALK_OK);
    event = guest_wait(&mo, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_CHAT);
    CK_CHECK_STR(event->text, "all"); /* the first that mo hears of */
    guest_close(&mo);
    guest_close(&li);
    guest_close(&ada);
    room_edge_close(&edge);
}

static void say_many(guest *g, int count)
{
    chalk_intent_id id = 0;
    for (int i = 0; i < count; i++) {
        const char text[] = {(char)('a' + i), '\0'};
        CK_CHECK_EQ(chalk_chat_send(g->api.session, 0, 0, text, &id), CHALK_OK);
    }
    CK_CHECK_EQ(guest_settled(g, id), CHALK_REASON_NONE);
}

CK_TEST(room_api, the_history_comes_in_pages)
{
    room_edge *edge = room_edge_open(NULL);
    guest ada;
    guest_join(&ada, edge, "ada.2", NULL);
    say_many(&ada, 5);
    chalk_session *s = ada.api.session;
    chalk_request_id request = 0;
    CK_CHECK_EQ(chalk_chat_history(s, 0, 0, 3, &request), CHALK_OK);
    CK_CHECK_EQ(chalk_chat_history(s, 0, 0, 3, &request), CHALK_ERR_LIMIT);
    for (int i = 2; i < 5; i++) {
        const chalk_room_event *past = guest_wait(&ada, CHALK_ROOM_EVENT_PAST, CHALK_WHAT_CHAT);
        CK_CHECK(past->text[0] == 'a' + i && past->request == request);
    }
    const chalk_room_event *page = guest_wait(&ada, CHALK_ROOM_EVENT_PAGE, 0);
    CK_CHECK(page->request == request && page->on == 1 && page->cause == CHALK_OK);
    CK_CHECK_EQ(chalk_chat_history(s, page->number, page->about, 3, NULL), CHALK_OK);
    for (int i = 0; i < 2; i++) {
        CK_CHECK_EQ(guest_wait(&ada, CHALK_ROOM_EVENT_PAST, 0)->text[0], 'a' + i);
    }
    CK_CHECK_EQ(guest_wait(&ada, CHALK_ROOM_EVENT_PAGE, 0)->on, 0);
    guest_close(&ada);
    room_edge_close(&edge);
}

CK_TEST(room_api, as_many_messages_are_kept_as_is_asked_for)
{
    room_edge *edge = room_edge_open(NULL);
    guest ada, two, none;
    guest_join(&ada, edge, "ada.2", present_live);
    guest_join(&two, edge, "two.4", keep_two);
    guest_join(&none, edge, "none.4", keep_none);
    say_many(&ada, 4);
    for (int i = 0; i < 4; i++) {
        (void)guest_wait(&two, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_CHAT);
        (void)guest_wait(&none, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_CHAT);
    }
    CK_CHECK_EQ(guest_info(&ada).messages, 4);
    CK_CHECK_EQ(guest_info(&two).messages, 2);
    CK_CHECK_EQ(guest_info(&none).messages, 0);
    chalk_room_message message = {.struct_size = sizeof message};
    CK_CHECK_EQ(chalk_chat_get(two.api.session, CHALK_VIEW_HEAD, 0, &message), CHALK_OK);
    CK_CHECK_STR(message.text, "c");
    guest_close(&none);
    guest_close(&two);
    guest_close(&ada);
    room_edge_close(&edge);
}

/* --- what there is to see -------------------------------------------------------------------- */

CK_TEST(room_api, the_room_can_be_looked_at)
{
    room_edge *edge = room_edge_open(NULL);
    guest ada, li;
    guest_join(&ada, edge, "ada.2", NULL);
    guest_join(&li, edge, "li.4", NULL);
    (void)guest_wait(&ada, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_ENROLL);
    CK_CHECK_STR(ada.event.name, "li");
    CK_CHECK_EQ(ada.event.value, CHALK_ROLE_STUDENT);
    while (guest_wait(&ada, CHALK_ROOM_EVENT_PRESENCE, 0)->value != 2) {
    }
    chalk_room_info info = guest_info(&ada);
    CK_CHECK(info.state == CHALK_LINK_LIVE && info.role == CHALK_ROLE_TEACHER && info.here == 2);
    CK_CHECK(info.rights & CHALK_RIGHT_MODERATE);
    CK_CHECK(info.class_state == CHALK_CLASS_OPEN && info.people == 2 && info.me != 0);
    CK_CHECK_EQ(guest_info(&li).rights, CHALK_RIGHT_CHAT);

    uint64_t room_us = 0, error_us = 0;
    CK_CHECK_EQ(chalk_room_time(ada.api.session, 0, &room_us, &error_us), CHALK_OK);
    int64_t off_us = (int64_t)(room_edge_room_us(edge) - room_us);
    CK_CHECK(off_us > -1000000 && off_us < 1000000 && error_us < 1000000);

    room_edge_stream(edge, "ada", CK_MEDIA_SCREEN, true);
    const chalk_room_event *event = guest_wait(&li, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_STREAM);
    CK_CHECK(event->on == 1 && event->value == CHALK_ROOM_SCREEN);
    chalk_room_stream stream = {.struct_size = sizeof stream};
    CK_CHECK_EQ(chalk_room_get_stream(li.api.session, CHALK_VIEW_HEAD, 0, &stream), CHALK_OK);
    CK_CHECK(stream.media == CHALK_ROOM_SCREEN && stream.who == info.me);
    CK_CHECK(strncmp(stream.url, "http://127.0.0.1:", 17) == 0);
    CK_CHECK(strstr(stream.url, "/maths/ada/screen.flv?token=li.4") != NULL);
    CK_CHECK_EQ(chalk_room_get_stream(li.api.session, CHALK_VIEW_HEAD, 1, &stream),
                CHALK_ERR_NOT_FOUND);
    chalk_room_stats stats = {.struct_size = sizeof stats};
    CK_CHECK_EQ(chalk_room_get_stats(li.api.session, &stats), CHALK_OK);
    CK_CHECK(stats.snapshots == 1 && stats.gaps == 0 && stats.bytes_received > 0);
    CK_CHECK(stats.reconnects == 0 && stats.mismatches == 0 && stats.bytes_sent > 0);
    guest_close(&li);
    guest_close(&ada);
    room_edge_close(&edge);
}

CK_TEST(room_api, an_open_edge_needs_a_name)
{
    char url[ROOM_EDGE_URL];
    room_edge *edge = room_edge_open(NULL);
    room_edge_url(edge, url);
    guest g = {.api = api_open()};
    chalk_room_options options = guest_options(url, NULL);
    CK_CHECK_EQ(chalk_room_join(g.api.session, &options), CHALK_ERR_INVALID_ARGUMENT);
    options.name = "小明ü"; /* escaped in the request as it must */
    options.role = CHALK_ROLE_TEACHER;
    CK_CHECK_EQ(chalk_room_join(g.api.session, &options), CHALK_OK);
    (void)guest_state(&g, CHALK_LINK_LIVE);
    (void)guest_wait(&g, CHALK_ROOM_EVENT_RESET, 0);
    CK_CHECK_EQ(guest_info(&g).role, CHALK_ROLE_TEACHER);
    chalk_room_person person = {.struct_size = sizeof person};
    CK_CHECK_EQ(chalk_class_get_person(g.api.session, CHALK_VIEW_HEAD, guest_me(&g), &person),
                CHALK_OK);
    CK_CHECK_STR(person.name, "小明ü");
    guest_close(&g);
    room_edge_close(&edge);
}

CK_TEST(room_api, names_have_words_for_every_number)
{
    for (uint32_t i = CHALK_WHAT_ENROLL; i <= CHALK_WHAT_REPEAT; i++) {
        CK_CHECK_ROW(i, strcmp(chalk_room_what_name(i), "unknown") != 0);
    }
    for (uint32_t i = CHALK_ROOM_EVENT_RESET; i <= CHALK_ROOM_EVENT_POINTER; i++) {
        CK_CHECK_ROW(i, strcmp(chalk_room_event_kind_name(i), "unknown") != 0);
    }
    for (uint32_t i = CHALK_HOW_LIVE; i <= CHALK_HOW_JUMP; i++) {
        CK_CHECK_ROW(i, strcmp(chalk_room_how_name(i), "unknown") != 0);
    }
    CK_CHECK_STR(chalk_room_reason_name(CHALK_REASON_NONE), "none");
    CK_CHECK_STR(chalk_room_reason_name(CHALK_REASON_LEFT), "left");
    CK_CHECK_STR(chalk_room_reason_name(99), "unknown");
    CK_CHECK_STR(chalk_room_what_name(0), "unknown");
    CK_CHECK_STR(chalk_room_how_name(0), "unknown");
    CK_CHECK_STR(chalk_room_event_kind_name(77), "unknown");
    CK_CHECK_STR(chalk_role_name(CHALK_ROLE_OBSERVER), "observer");
    CK_CHECK_STR(chalk_role_name(0), "unknown");
    CK_CHECK_STR(chalk_event_kind_name(CHALK_EVENT_ROOM), "room");
}
