/* The public API of rooms: what happens to a room over its life, and how it ends. */
#include "room_guest.h"

#include "core/h264/stamp.h"
#include "support/check.h"

#include <stdatomic.h>
#include <string.h>

/* --- lost and found -------------------------------------------------------------------------- */

CK_TEST(room_life, what_is_wanted_while_away_is_done_once)
{
    room_edge *edge = room_edge_open(NULL);
    guest ada, li;
    guest_join(&ada, edge, "ada.2", NULL);
    guest_join(&li, edge, "li.4", NULL);
    room_edge_refuse(edge, 503);
    room_edge_cut(edge);
    chalk_event lost = guest_state(&li, CHALK_LINK_WAITING);
    CK_CHECK(lost.cause < 0 && lost.value > 0);
    chalk_intent_id id = 0, ids[3];
    for (int i = 0; i < 3; i++) {
        CK_CHECK_EQ(chalk_chat_send(li.api.session, 0, 0, "away", &ids[i]), CHALK_OK);
        CK_CHECK(ids[i] != id);
        id = ids[i];
    }
    CK_CHECK_EQ(guest_info(&li).pending, 3);
    CK_CHECK_EQ(chalk_room_react(li.api.session, "👍"), CHALK_ERR_AGAIN);
    CK_CHECK_EQ(chalk_room_show(li.api.session, 0, "x", 1), CHALK_ERR_AGAIN);
    CK_CHECK_EQ(chalk_class_ask_roster(li.api.session, 0, 1, NULL), CHALK_ERR_AGAIN);
    room_edge_refuse(edge, 0);
    CK_CHECK_EQ(chalk_runtime_network_changed(li.api.runtime, 1), CHALK_OK);
    (void)guest_state(&li, CHALK_LINK_LIVE);
    (void)chalk_runtime_network_changed(ada.api.runtime, 1);
    for (int i = 0; i < 3; i++) {
        CK_CHECK_EQ(guest_settled(&li, ids[i]), CHALK_REASON_NONE);
        (void)guest_wait(&ada, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_CHAT);
    }
    guest_hears_nothing(&ada, CHALK_ROOM_EVENT_HAPPENED, 200);
    chalk_room_stats stats = {.struct_size = sizeof stats};
    CK_CHECK_EQ(chalk_room_get_stats(li.api.session, &stats), CHALK_OK);
    CK_CHECK(stats.reconnects == 1 && stats.snapshots == 1);
    guest_close(&li);
    guest_close(&ada);
    room_edge_close(&edge);
}

CK_TEST(room_life, an_edge_that_dies_takes_nothing_with_it)
{
    room_edge *edge = room_edge_open(NULL);
    guest ada;
    guest_join(&ada, edge, "ada.2", NULL);
    room_edge_hold(edge, true); /* it dies between the intent and its answer */
    chalk_intent_id id = 0;
    CK_CHECK_EQ(chalk_chat_send(ada.api.session, 0, 0, "kept", &id), CHALK_OK);
    api_sleep_ms(100);
    room_edge_restart(edge);
    CK_CHECK_EQ(guest_settled(&ada, id), CHALK_REASON_NONE);
    CK_CHECK_EQ(guest_info(&ada).messages, 1);
    guest_close(&ada);
    room_edge_close(&edge);
}

/* One's own waits for nothing, but it does not overtake what waits for nothing either. */
CK_TEST(room_life, all_are_told_in_one_order)
{
    static const char *const said[] = {"first", "second", "third"};
    room_edge *edge = room_edge_open(NULL);
    guest ada, li;
    guest_join(&ada, edge, "ada.2", NULL);
    guest_join(&li, edge, "li.4", NULL);
    room_edge_hold(edge, true); /* so that what follows the first comes in one frame */
    for (int i = 0; i < 3; i++) {
        CK_CHECK_EQ(chalk_chat_send(i == 1 ? li.api.session : ada.api.session, 0, 0, said[i], NULL),
                    CHALK_OK);
        api_sleep_ms(100);
    }
    room_edge_hold(edge, false);
    for (int i = 0; i < 3; i++) {
        CK_CHECK_STR(guest_wait(&ada, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_CHAT)->text, said[i]);
        CK_CHECK_STR(guest_wait(&li, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_CHAT)->text, said[i]);
    }
    guest_close(&li);
    guest_close(&ada);
    room_edge_close(&edge);
}

/* What an application does as soon as it is live may need to know who is there. */
CK_TEST(room_life, live_is_told_with_the_state)
{
    room_edge *edge = room_edge_open(NULL);
    guest ada, li = {0};
    guest_join(&ada, edge, "ada.2", NULL);
    room_edge_dawdle(edge, true);
    char url[ROOM_EDGE_URL];
    room_edge_url(edge, url);
    li.api = api_open();
    const chalk_room_options options = guest_options(url, "li.4");
    CK_CHECK_EQ(chalk_room_join(li.api.session, &options), CHALK_OK);
    while (guest_me(&li) == 0) { /* until it is welcomed */
        api_sleep_ms(2);
    }
    CK_CHECK_EQ(guest_info(&li).state, CHALK_LINK_CONNECTING);
    CK_CHECK_EQ(guest_info(&li).people, 0);
    room_edge_dawdle(edge, false);
    (void)guest_state(&li, CHALK_LINK_LIVE);
    CK_CHECK_EQ(guest_info(&li).people, 2);
    CK_CHECK_EQ(guest_info(&li).state, CHALK_LINK_LIVE);
    room_edge_cut(edge);
    (void)guest_state(&li, CHALK_LINK_WAITING);
    (void)guest_state(&li, CHALK_LINK_LIVE);
    guest_close(&li);
    guest_close(&ada);
    room_edge_close(&edge);
}

CK_TEST(room_life, the_newest_login_wins)
{
    room_edge *edge = room_edge_open(NULL);
    guest first, second;
    guest_join(&first, edge, "li.4", NULL);
    guest_join(&second, edge, "li.4", NULL);
    chalk_event closed = guest_state(&first, CHALK_LINK_CLOSED);
    CK_CHECK_EQ(closed.cause, CHALK_ERR_DENIED);
    CK_CHECK_STR(closed.text, "superseded");
    CK_CHECK_EQ(guest_info(&first).reason, CHALK_REASON_SUPERSEDED);
    CK_CHECK_EQ(guest_info(&second).state, CHALK_LINK_LIVE);
    guest_close(&second);
    guest_close(&first);
    room_edge_close(&edge);
}

/* --- the room's time ------------------------------------------------------------------------- */

typedef struct stamps {
    atomic_uint local, confirmed;
    atomic_uint_fast64_t room_us; /* of the newest */
} stamps;

static void read_stamp(void *user, const chalk_packet *packet)
{
    stamps *s = user;
    ck_h264_stamp stamp;
    if (packet->config == 0 &&
        ck_h264_stamp_find(CK_H264_AVCC_4, packet->data, packet->size, &stamp) == CHALK_OK) {
        bool local = (stamp.flags & CK_H264_STAMP_LOCAL_CLOCK) != 0;
        atomic_store(&s->room_us, stamp.room_us);
        atomic_fetch_add(local ? &s->local : &s->confirmed, 1);
    }
}

static void publish_to(guest *g, stamps *s)
{
    chalk_source_id source = api_source(&g->api, CHALK_SOURCE_SYNTHETIC);
    api_stream stream = api_publish(&g->api, source, true, false);
    chalk_output_options options;
    chalk_output_options_init(&options);
    options.packet = read_stamp;
    options.packet_user = s;
    chalk_output_id output = 0;
    CK_CHECK_EQ(chalk_output_create(g->api.session, stream.publication, &options, &output),
                CHALK_OK);
}

static void wait_for_stamp(atomic_uint *count)
{
    for (int ms = ck_test_patience_ms(10000); ms > 0 && atomic_load(count) == 0; ms -= 5) {
        api_sleep_ms(5);
    }
    CK_CHECK(atomic_load(count) > 0);
}

CK_TEST(room_life, what_is_published_is_stamped_with_the_rooms_time)
{
    static stamps s; /* may be told until the session has ended */
    s = (stamps){0};
    const ck_sequencer_config hours = {.unix_us = UINT64_C(7200000000)};
    room_edge *edge = room_edge_open(&hours);
    guest ada = {.api = api_open()};
    publish_to(&ada, &s);
    wait_for_stamp(&s.local); /* before there is a room, by the own clock */
    CK_CHECK_EQ(atomic_load(&s.confirmed), 0);
    char url[ROOM_EDGE_URL];
    room_edge_url(edge, url);
    chalk_room_options options = guest_options(url, "ada.2");
    CK_CHECK_EQ(chalk_room_join(ada.api.session, &options), CHALK_OK);
    wait_for_stamp(&s.confirmed);
    int64_t off_us = (int64_t)(room_edge_room_us(edge) - atomic_load(&s.room_us));
    CK_CHECK_ROW(off_us, off_us > -100000 && off_us < 5000000);
    guest_close(&ada);
    room_edge_close(&edge);
}

/* --- tokens ---------------------------------------------------------------------------------- */

CK_TEST(room_life, a_token_refused_at_first_ends_it)
{
    char url[ROOM_EDGE_URL];
    room_edge *edge = room_edge_open(NULL);
    room_edge_url(edge, url);
    guest g = {.api = api_open()};
    chalk_room_options options = guest_options(url, "nonsense");
    CK_CHECK_EQ(chalk_room_join(g.api.session, &options), CHALK_OK);
    CK_CHECK_EQ(guest_state(&g, CHALK_LINK_CLOSED).cause, CHALK_ERR_DENIED);
    CK_CHECK_EQ(chalk_room_set_token(g.api.session, "li.4"), CHALK_ERR_BAD_STATE);
    options.token = "li.4";
    CK_CHECK_EQ(chalk_room_join(g.api.session, &options), CHALK_OK); /* the session goes on */
    (void)guest_state(&g, CHALK_LINK_LIVE);
    guest_close(&g);
    room_edge_close(&edge);
}

/* There it would be refused for ever. */
CK_TEST(room_life, a_wrong_address_ends_it)
{
    static const struct {
        int http_status, cause;
    } rows[] = {{400, CHALK_ERR_INVALID_ARGUMENT}, {404, CHALK_ERR_NOT_FOUND}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        room_edge *edge = room_edge_open(NULL);
        char url[ROOM_EDGE_URL];
        room_edge_url(edge, url);
        room_edge_refuse(edge, rows[i].http_status);
        guest li = {.api = api_open()};
        const chalk_room_options options = guest_options(url, "li.4");
        CK_CHECK_EQ(chalk_room_join(li.api.session, &options), CHALK_OK);
        CK_CHECK_EQ(guest_state(&li, CHALK_LINK_CLOSED).cause, rows[i].cause);
        guest_close(&li);
        room_edge_close(&edge);
    }
}

CK_TEST(room_life, a_token_refused_later_is_waited_for)
{
    room_edge *edge = room_edge_open(NULL);
    guest li;
    guest_join(&li, edge, "li.4", NULL);
    room_edge_refuse(edge, 401);
    room_edge_cut(edge);
    const chalk_room_event *event = guest_wait(&li, CHALK_ROOM_EVENT_TOKEN, 0);
    CK_CHECK(event->cause == CHALK_ERR_DENIED && event->on == 0);
    chalk_intent_id id = 0;
    CK_CHECK_EQ(chalk_chat_send(li.api.session, 0, 0, "later", &id), CHALK_OK);
    api_sleep_ms(600); /* attempts that are not made are not told */
    chalk_room_info info = guest_info(&li);
    CK_CHECK(info.state == CHALK_LINK_WAITING);
    room_edge_refuse(edge, 0);
    CK_CHECK_EQ(chalk_room_set_token(li.api.session, "li.4"), CHALK_OK);
    CK_CHECK_EQ(guest_settled(&li, id), CHALK_REASON_NONE);
    int waited = 0;
    chalk_event state;
    while (chalk_session_next_event(li.api.session, &state) == CHALK_OK) {
        waited += state.kind == CHALK_EVENT_ROOM && state.state == CHALK_LINK_WAITING;
    }
    CK_CHECK(waited <= 2); /* cut, and refused */
    guest_close(&li);
    room_edge_close(&edge);
}

CK_TEST(room_life, a_token_that_expires_is_renewed)
{
    char url[ROOM_EDGE_URL];
    room_edge *edge = room_edge_open(NULL);
    room_edge_url(edge, url);
    room_edge_expire_in(edge, 30000000); /* within a minute: it is asked for at once */
    guest li = {.api = api_open()};
    chalk_room_options options = guest_options(url, "li.4");
    CK_CHECK_EQ(chalk_room_join(li.api.session, &options), CHALK_OK);
    const chalk_room_event *event = guest_wait(&li, CHALK_ROOM_EVENT_TOKEN, 0);
    CK_CHECK(event->cause == CHALK_OK && event->on == 0);
    CK_CHECK(event->value > room_edge_room_us(edge));
    uint64_t before = event->value;
    room_edge_expire_in(edge, 3600000000u);
    CK_CHECK_EQ(chalk_room_set_token(li.api.session, "li.4"), CHALK_OK);
    event = guest_wait(&li, CHALK_ROOM_EVENT_TOKEN, 0);
    CK_CHECK(event->on == 1 && event->value > before + 1000000000u);
    CK_CHECK_EQ(guest_info(&li).token_expires_us, event->value);
    guest_hears_nothing(&li, CHALK_ROOM_EVENT_TOKEN, 100);
    guest_close(&li);
    room_edge_close(&edge);
}

/* What was said of one connection is not said of the next. */
CK_TEST(room_life, words_are_of_their_connection)
{
    room_edge *edge = room_edge_open(NULL);
    guest li;
    guest_join(&li, edge, "li.4", NULL);
    room_edge_refuse(edge, 503);
    room_edge_cut(edge);
    CK_CHECK_STR(guest_state(&li, CHALK_LINK_WAITING).text, "");
    CK_CHECK_STR(guest_state(&li, CHALK_LINK_WAITING).text, "Service Unavailable");
    room_edge_refuse(edge, 0);
    CK_CHECK_STR(guest_state(&li, CHALK_LINK_LIVE).text, "");
    guest_close(&li);

    room_edge_expire_in(edge, 500000);
    guest_join(&li, edge, "li.4", NULL);
    CK_CHECK_STR(guest_state(&li, CHALK_LINK_WAITING).text, "expired");
    CK_CHECK_STR(guest_state(&li, CHALK_LINK_CONNECTING).text, "");
    CK_CHECK_STR(guest_state(&li, CHALK_LINK_LIVE).text, "");
    CK_CHECK_EQ(guest_info(&li).reason, CHALK_REASON_EXPIRED);
    guest_close(&li);
    room_edge_close(&edge);
}

/* --- leaving --------------------------------------------------------------------------------- */

CK_TEST(room_life, leaving_completes_once)
{
    room_edge *edge = room_edge_open(NULL);
    guest li;
    guest_join(&li, edge, "li.4", NULL);
    chalk_session *s = li.api.session;
    chalk_intent_id id = 0;
    chalk_request_id request = 0, again = 0;
    CK_CHECK_EQ(chalk_chat_send(s, 0, 0, "bye", &id), CHALK_OK);
    CK_CHECK_EQ(chalk_room_leave(s, &request), CHALK_OK);
    CK_CHECK_EQ(chalk_room_leave(s, &again), CHALK_OK);
    CK_CHECK(request != 0 && request == again);
    CK_CHECK_EQ(chalk_chat_send(s, 0, 0, "too late", NULL), CHALK_ERR_BAD_STATE);
    chalk_event closed = guest_state(&li, CHALK_LINK_CLOSED);
    CK_CHECK(closed.request == request && closed.cause == CHALK_OK);
    CK_CHECK_EQ(closed.origin, CHALK_ORIGIN_USER);
    CK_CHECK_EQ(chalk_room_leave(s, &request), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(guest_settled(&li, id), CHALK_REASON_NONE); /* it was waited for */
    CK_CHECK_EQ(guest_info(&li).messages, 1);               /* and can be looked at */
    CK_CHECK_EQ(room_edge_connections(edge), 0);
    CK_CHECK_EQ(chalk_session_wait_event(s, &closed, 50), CHALK_ERR_AGAIN);
    guest_close(&li);
    room_edge_close(&edge);
}

CK_TEST(room_life, what_was_never_answered_ends_with_the_room)
{
    guest g = {.api = api_open()};
    chalk_session *s = g.api.session;
    chalk_room_options options = guest_options("ws://127.0.0.1:1", "li.4");
    CK_CHECK_EQ(chalk_room_join(s, &options), CHALK_OK);
    chalk_intent_id ids[2];
    CK_CHECK_EQ(chalk_chat_send(s, 0, 0, "one", &ids[0]), CHALK_OK);
    CK_CHECK_EQ(chalk_class_hand(s, 1, &ids[1]), CHALK_OK);
    CK_CHECK_EQ(guest_state(&g, CHALK_LINK_WAITING).cause, CHALK_ERR_REFUSED);
    CK_CHECK_EQ(chalk_room_leave(s, NULL), CHALK_OK);
    (void)guest_state(&g, CHALK_LINK_CLOSED);
    for (int i = 0; i < 2; i++) {
        CK_CHECK_EQ(guest_settled(&g, ids[i]), CHALK_REASON_LEFT);
    }
    CK_CHECK_EQ(chalk_room_next_event(s, &g.event), CHALK_ERR_AGAIN);
    guest_close(&g);
}

CK_TEST(room_life, an_edge_that_is_away_is_looked_for_often)
{
    guest g = {.api = api_open()};
    chalk_room_options options = guest_options("ws://127.0.0.1:1", "li.4");
    CK_CHECK_EQ(chalk_room_join(g.api.session, &options), CHALK_OK);
    for (int i = 0; i < 16; i++) {
        chalk_event event = guest_state(&g, CHALK_LINK_WAITING);
        CK_CHECK_ROW(i, event.value <= 2000000);
        CK_CHECK_EQ(chalk_runtime_network_changed(g.api.runtime, 1), CHALK_OK);
    }
    guest_close(&g);
}

static void once(chalk_room_options *options)
{
    options->no_retry = 1;
}

CK_TEST(room_life, the_first_failure_can_be_the_last)
{
    guest g = {.api = api_open()};
    chalk_room_options options = guest_options("ws://127.0.0.1:1", "li.4");
    once(&options);
    CK_CHECK_EQ(chalk_room_join(g.api.session, &options), CHALK_OK);
    chalk_event closed = guest_state(&g, CHALK_LINK_CLOSED);
    CK_CHECK(closed.cause == CHALK_ERR_REFUSED && closed.request == 0);
    guest_close(&g);
}

CK_TEST(room_life, a_session_can_go_at_any_time)
{
    char url[ROOM_EDGE_URL];
    room_edge *edge = room_edge_open(NULL);
    room_edge_url(edge, url);
    for (int ms = 0; ms < 20; ms += ms < 5 ? 1 : 5) {
        guest g = {.api = api_open()};
        chalk_room_options options = guest_options(url, "li.4");
        CK_CHECK_EQ(chalk_room_join(g.api.session, &options), CHALK_OK);
        (void)chalk_chat_send(g.api.session, 0, 0, "hi", NULL);
        api_sleep_ms(ms);
        guest_close(&g);
    }
    room_edge_close(&edge);
}

/* --- the queue ------------------------------------------------------------------------------- */

CK_TEST(room_life, who_takes_no_events_is_told_to_look)
{
    room_edge *edge = room_edge_open(NULL);
    guest ada, li;
    guest_join(&ada, edge, "ada.2", NULL);
    guest_join(&li, edge, "li.4", NULL);
    uint32_t events = li.events;
    chalk_intent_id id = 0;
    chalk_room_app_options own;
    chalk_room_app_options_init(&own);
    for (uint64_t i = 0; i < 1200; i++) {
        own.value = i;
        while (chalk_room_send_app(ada.api.session, &own, &id) == CHALK_ERR_LIMIT) {
            (void)guest_wait(&ada, CHALK_ROOM_EVENT_SETTLED, 0);
        }
    }
    CK_CHECK_EQ(guest_settled(&ada, id), CHALK_REASON_NONE);
    uint64_t number = guest_info(&ada).number;
    while (guest_info(&li).number < number) {
        api_sleep_ms(5);
    }
    const chalk_room_event *reset = guest_wait(&li, CHALK_ROOM_EVENT_RESET, 0);
    CK_CHECK(reset->value > 0 && reset->value < 1200);
    CK_CHECK(li.events - events <= 1025); /* what the queue holds, and this one */
    chalk_room_stats stats = {.struct_size = sizeof stats};
    CK_CHECK_EQ(chalk_room_get_stats(li.api.session, &stats), CHALK_OK);
    CK_CHECK_EQ(stats.events_dropped, reset->value);
    guest_close(&li);
    guest_close(&ada);
    room_edge_close(&edge);
}

CK_TEST(room_life, a_wait_ends_when_the_room_has_something)
{
    room_edge *edge = room_edge_open(NULL);
    guest ada, li;
    guest_join(&ada, edge, "ada.2", NULL);
    guest_join(&li, edge, "li.4", NULL);
    chalk_event event;
    while (chalk_session_wait_event(li.api.session, &event, 0) == CHALK_OK) {
    }
    guest_hears_nothing(&li, CHALK_ROOM_EVENT_PAGE, 400);
    while (chalk_session_wait_event(li.api.session, &event, 0) == CHALK_OK) {
    }
    (void)chalk_session_wait_event(li.api.session, &event, 1); /* what woke before */
    CK_CHECK_EQ(chalk_chat_send(ada.api.session, 0, 0, "hi", NULL), CHALK_OK);
    uint64_t began_us = chalk_runtime_now_us(li.api.runtime);
    CK_CHECK_EQ(chalk_session_wait_event(li.api.session, &event, 9000), CHALK_ERR_AGAIN);
    CK_CHECK(chalk_runtime_now_us(li.api.runtime) - began_us < 8000000);
    (void)guest_wait(&li, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_CHAT);
    guest_close(&li);
    guest_close(&ada);
    room_edge_close(&edge);
}
