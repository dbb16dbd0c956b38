/* The errors that the headers of rooms promise, and rooms on a loop that the host drives. */
#include "room_guest.h"

#include "support/check.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define PATIENCE_MS 10000

CK_TEST(room_errors, joining_is_checked)
{
    char long_name[CHALK_NAME_MAX + 2], long_token[1100];
    memset(long_name, 'n', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    memset(long_token, 't', sizeof long_token - 1);
    long_token[sizeof long_token - 1] = '\0';
    const chalk_room_options good = guest_options("ws://127.0.0.1:1", "t");
    struct {
        chalk_room_options options;
        int status;
    } rows[18];
    for (size_t i = 0; i < 18; i++) {
        rows[i].options = good;
        rows[i].status = CHALK_ERR_INVALID_ARGUMENT;
    }
    rows[0].options.url = NULL;
    rows[1].options.url = "ws://";
    rows[2].options.url = "ws://127.0.0.1:1/?a=b";
    rows[3].options.url = "rtmp://127.0.0.1:1/";
    rows[3].status = CHALK_ERR_UNSUPPORTED;
    rows[4].options.url = "ftp://127.0.0.1/";
    rows[4].status = CHALK_ERR_UNSUPPORTED;
    rows[5].options.room = NULL;
    rows[6].options.room = "";
    rows[7].options.room = long_name;
    rows[8].options.room = "..";
    rows[9].options.token = "";
    rows[10].options.token = long_token;
    rows[11].options.keep = CHALK_KEEP_WINDOW; /* of no messages */
    rows[12].options.keep = 9;
    rows[13].options.present = 9;
    rows[14].options.no_retry = 2;
    rows[15].options.struct_size = 4;
    rows[16].options.room = "a b/c";
    rows[17].options.room = "a\xc2\x85";
    api a = api_open();
    for (size_t i = 0; i < 18; i++) {
        CK_CHECK_ROW(i, chalk_room_join(a.session, &rows[i].options) == rows[i].status);
    }
    chalk_room_options named = good;
    named.token = NULL;
    named.name = "\xff";
    CK_CHECK_EQ(chalk_room_join(a.session, &named), CHALK_ERR_INVALID_ARGUMENT);
    named.name = "Li Wei";
    CK_CHECK_EQ(chalk_room_join(a.session, &named), CHALK_ERR_INVALID_ARGUMENT);
    named.name = NULL;
    CK_CHECK_EQ(chalk_room_join(a.session, &named), CHALK_ERR_INVALID_ARGUMENT);
    named.name = "li";
    named.role = 6;
    CK_CHECK_EQ(chalk_room_join(a.session, &named), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_room_join(NULL, &good), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_room_join(a.session, NULL), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_room_join(a.session, &good), CHALK_OK);
    CK_CHECK_EQ(chalk_room_join(a.session, &good), CHALK_ERR_BAD_STATE);
    api_close(&a);
}

/* Everything that needs a room, with good arguments. */
static void call_all(chalk_session *s, int out[40], size_t *count)
{
    static const char *const options[] = {"a"};
    chalk_room_event event;
    chalk_room_info info = {.struct_size = sizeof info};
    chalk_room_stream stream = {.struct_size = sizeof stream};
    chalk_room_stats stats = {.struct_size = sizeof stats};
    chalk_room_lateness_stats lateness = {.struct_size = sizeof lateness};
    chalk_room_summary summary = {.struct_size = sizeof summary};
    chalk_room_person person = {.struct_size = sizeof person};
    chalk_room_poll poll = {.struct_size = sizeof poll};
    chalk_room_message message = {.struct_size = sizeof message};
    chalk_room_app_options own;
    chalk_room_app_options_init(&own);
    uint64_t time_us;
    char text[8];
    const int all[] = {
        chalk_room_set_token(s, "t"),
        chalk_room_follow(s, 0),
        chalk_room_send_app(s, &own, NULL),
        chalk_room_show(s, 0, "x", 1),
        chalk_room_react(s, "x"),
        chalk_room_report(s, 1, 0),
        chalk_class_ask_roster(s, 0, 1, NULL),
        chalk_class_hand(s, 1, NULL),
        chalk_class_lower_hand(s, 1, NULL),
        chalk_class_invite(s, 1, 1, NULL),
        chalk_class_answer(s, 1, NULL),
        chalk_class_set_role(s, 1, CHALK_ROLE_STUDENT, NULL),
        chalk_class_set_rights(s, 1, 0, NULL),
        chalk_class_mute(s, 0, 1, NULL),
        chalk_class_ban(s, 1, 1, NULL),
        chalk_class_set_slow(s, 1, NULL),
        chalk_class_ask(s, 1, CHALK_ASK_STOP_CAMERA, NULL),
        chalk_class_open_poll(s, "q", options, 1, 0, NULL),
        chalk_class_vote(s, 1, 1, NULL),
        chalk_class_end_poll(s, 1, NULL),
        chalk_class_set_notice(s, "n", NULL),
        chalk_class_set_state(s, CHALK_CLASS_LIVE, NULL),
        chalk_chat_send(s, 0, 0, "x", NULL),
        chalk_chat_delete(s, CHALK_LANE_ORDERED, 1, NULL),
        chalk_chat_history(s, 0, 0, 1, NULL),
        /* From here on: also when the room has ended. */
        chalk_room_next_event(s, &event),
        chalk_room_get_info(s, CHALK_VIEW_HEAD, &info),
        chalk_room_time(s, 0, &time_us, NULL),
        chalk_room_get_stream(s, CHALK_VIEW_HEAD, 0, &stream),
        chalk_room_get_stats(s, &stats),
        chalk_room_get_lateness(s, CHALK_WHAT_CHAT, &lateness),
        chalk_room_get_summary(s, &summary),
        chalk_room_summary_text(s, text, sizeof text),
        chalk_class_get_person(s, CHALK_VIEW_HEAD, 1, &person),
        chalk_class_next_person(s, CHALK_VIEW_HEAD, 0, &person),
        chalk_class_next_hand(s, CHALK_VIEW_HEAD, 0, &person),
        chalk_class_next_poll(s, CHALK_VIEW_HEAD, 0, &poll),
        chalk_chat_get(s, CHALK_VIEW_HEAD, 0, &message),
        chalk_chat_get_pending(s, 0, &message),
    };
    *count = sizeof all / sizeof all[0];
    memcpy(out, all, sizeof all);
}

#define ACTIONS 25 /* of call_all, the first */

CK_TEST(room_errors, without_a_room_there_is_nothing_to_do)
{
    int status[40];
    size_t count = 0;
    api a = api_open();
    call_all(a.session, status, &count);
    for (size_t i = 0; i < count; i++) {
        CK_CHECK_ROW(i, status[i] == CHALK_ERR_BAD_STATE);
    }
    CK_CHECK_EQ(chalk_room_leave(a.session, NULL), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_room_leave(NULL, NULL), CHALK_ERR_INVALID_ARGUMENT);
    call_all(NULL, status, &count);
    for (size_t i = 0; i < count; i++) {
        CK_CHECK_ROW(i, status[i] == CHALK_ERR_INVALID_ARGUMENT);
    }
    api_close(&a);
}

CK_TEST(room_errors, a_room_that_has_ended_can_be_looked_at)
{
    int status[40];
    size_t count = 0;
    guest g = {.api = api_open()};
    chalk_room_options options = guest_options("ws://127.0.0.1:1", "li.4");
    options.no_retry = 1;
    CK_CHECK_EQ(chalk_room_join(g.api.session, &options), CHALK_OK);
    (void)guest_state(&g, CHALK_LINK_CLOSED);
    call_all(g.api.session, status, &count);
    for (size_t i = 0; i < ACTIONS; i++) {
        CK_CHECK_ROW(i, status[i] == CHALK_ERR_BAD_STATE);
    }
    for (size_t i = ACTIONS; i < count; i++) {
        CK_CHECK_ROW(i, status[i] != CHALK_ERR_BAD_STATE);
    }
    guest_close(&g);
}

CK_TEST(room_errors, arguments_are_checked)
{
    static const char *const good[] = {"a"}, *const empty[] = {""};
    char text[CHALK_ROOM_TEXT_MAX + 2];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    room_edge *edge = room_edge_open(NULL);
    guest g;
    guest_join(&g, edge, "ada.2", NULL);
    chalk_session *s = g.api.session;
    chalk_room_app_options to_nobody, large;
    chalk_room_app_options_init(&to_nobody);
    to_nobody.audience = CHALK_TO_ONE;
    chalk_room_app_options_init(&large);
    large.data = text;
    large.data_size = CHALK_ROOM_DATA_MAX + 1;
    chalk_room_info small = {.struct_size = 4}, info = {.struct_size = sizeof info};
    chalk_room_lateness_stats lateness = {.struct_size = sizeof lateness};
    const int all[] = {
        chalk_chat_send(s, 0, 0, NULL, NULL),
        chalk_chat_send(s, 0, 0, "", NULL),
        chalk_chat_send(s, 0, 0, text, NULL),
        chalk_chat_send(s, 0, 0, "\xc3", NULL),
        chalk_chat_send(s, CHALK_TO_SELF, 0, "x", NULL),
        chalk_chat_send(s, CHALK_TO_ONE, 0, "x", NULL),
        chalk_chat_send(s, CHALK_TO_STAFF, 1, "x", NULL),
        chalk_chat_delete(s, 0, 1, NULL),
        chalk_chat_delete(s, CHALK_LANE_CROWD, 0, NULL),
        chalk_chat_history(s, 0, 0, 0, NULL),
        chalk_chat_history(s, 0, 0, 201, NULL),
        chalk_class_hand(s, 2, NULL),
        chalk_class_lower_hand(s, 0, NULL),
        chalk_class_invite(s, 0, 1, NULL),
        chalk_class_set_role(s, 1, 6, NULL),
        chalk_class_set_rights(s, 1, 32, NULL),
        chalk_class_set_slow(s, 3601, NULL),
        chalk_class_ask(s, 1, 3, NULL),
        chalk_class_open_poll(s, "", good, 1, 0, NULL),
        chalk_class_open_poll(s, "q", good, 0, 0, NULL),
        chalk_class_open_poll(s, "q", good, 11, 0, NULL),
        chalk_class_open_poll(s, "q", empty, 1, 0, NULL),
        chalk_class_open_poll(s, "q", NULL, 1, 0, NULL),
        chalk_class_vote(s, 0, 1, NULL),
        chalk_class_vote(s, 1, 1024, NULL),
        chalk_class_set_notice(s, text, NULL),
        chalk_class_set_state(s, CHALK_CLASS_OPEN, NULL),
        chalk_class_set_state(s, 5, NULL),
        chalk_class_ask_roster(s, 0, 0, NULL),
        chalk_room_send_app(s, NULL, NULL),
        chalk_room_send_app(s, &to_nobody, NULL),
        chalk_room_send_app(s, &large, NULL),
        chalk_room_show(s, 8, "x", 1),
        chalk_room_show(s, 0, text, CHALK_ROOM_SHOW_MAX + 1),
        chalk_room_show(s, 0, NULL, 1),
        chalk_room_react(s, ""),
        chalk_room_react(s, "012345678901234567890123456789012"),
        chalk_room_report(s, 0, 5),
        chalk_room_set_token(s, NULL),
        chalk_room_get_info(s, 0, &info),
        chalk_room_get_info(s, CHALK_VIEW_HEAD, &small),
        chalk_room_get_lateness(s, 1000, &lateness),
        chalk_room_time(s, 0, NULL, NULL),
        chalk_room_summary_text(s, text, 0),
        chalk_room_next_event(s, NULL),
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        CK_CHECK_ROW(i, all[i] == CHALK_ERR_INVALID_ARGUMENT);
    }
    CK_CHECK_EQ(chalk_room_follow(s, 77), CHALK_ERR_NOT_FOUND);
    guest_close(&g);
    room_edge_close(&edge);
}

CK_TEST(room_errors, what_is_never_answered_is_bounded)
{
    guest g = {.api = api_open()};
    chalk_room_options options = guest_options("ws://127.0.0.1:1", "li.4");
    CK_CHECK_EQ(chalk_room_join(g.api.session, &options), CHALK_OK);
    for (int i = 0; i < 256; i++) {
        CK_CHECK_EQ(chalk_class_hand(g.api.session, i % 2, NULL), CHALK_OK);
    }
    CK_CHECK_EQ(chalk_class_hand(g.api.session, 1, NULL), CHALK_ERR_LIMIT);
    guest_close(&g);
}

static void live(chalk_room_options *options)
{
    options->present = CHALK_PRESENT_LIVE;
}

CK_TEST(room_errors, a_playback_is_followed_until_it_ends)
{
    room_edge *edge = room_edge_open(NULL);
    guest g, straight;
    guest_join(&g, edge, "li.4", NULL);
    guest_join(&straight, edge, "mo.4", live);
    chalk_playback_options play = {.struct_size = sizeof play, .url = "rtmp://127.0.0.1:1/a/b"};
    chalk_playback_id id = 0;
    CK_CHECK_EQ(chalk_playback_create(g.api.session, &play, &id), CHALK_OK);
    CK_CHECK_EQ(chalk_room_follow(g.api.session, id), CHALK_OK);
    CK_CHECK_EQ(guest_info(&g).followed, id);
    CK_CHECK_EQ(chalk_playback_remove(g.api.session, id, NULL), CHALK_OK);
    (void)api_wait(&g.api, CHALK_EVENT_PLAYBACK, CHALK_LINK_CLOSED);
    CK_CHECK_EQ(guest_info(&g).followed, 0);
    CK_CHECK_EQ(chalk_room_follow(g.api.session, id), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_room_follow(straight.api.session, 0), CHALK_ERR_BAD_STATE);
    guest_close(&straight);
    guest_close(&g);
    room_edge_close(&edge);
}

/* --- a loop that the host drives ------------------------------------------------------------- */

typedef struct host {
    chalk_runtime *runtime;
    chalk_session *session;
    const chalk_room_options *options;
    int status[3];
} host;

/* Not the thread that polls. */
static void *join_elsewhere(void *arg)
{
    host *h = arg;
    h->status[0] = chalk_room_join(h->session, h->options);
    h->status[1] = chalk_chat_send(h->session, 0, 0, "from elsewhere", NULL);
    h->status[2] = chalk_room_leave(h->session, NULL);
    return NULL;
}

static bool poll_until(host *h, uint32_t state)
{
    uint64_t until =
        chalk_runtime_now_us(h->runtime) + (uint64_t)ck_test_patience_ms(PATIENCE_MS) * 1000;
    while (chalk_runtime_now_us(h->runtime) < until) {
        struct pollfd loop = {.fd = chalk_runtime_poll_fd(h->runtime), .events = POLLIN};
        int wait_ms = chalk_runtime_poll_timeout_ms(h->runtime);
        (void)poll(&loop, 1, wait_ms < 1000 ? wait_ms : 1000);
        CK_CHECK_EQ(chalk_runtime_poll(h->runtime), CHALK_OK);
        chalk_event event;
        while (chalk_session_next_event(h->session, &event) == CHALK_OK) {
            if (event.kind == CHALK_EVENT_ROOM && event.state == state) {
                return true;
            }
        }
    }
    return false;
}

CK_TEST(room_errors, a_host_drives_a_room)
{
    char url[ROOM_EDGE_URL];
    room_edge *edge = room_edge_open(NULL);
    guest ada;
    guest_join(&ada, edge, "ada.2", NULL);
    room_edge_url(edge, url);
    const chalk_room_options options = guest_options(url, "li.4");
    host h = {.options = &options};
    chalk_runtime_options driven;
    chalk_runtime_options_init(&driven);
    driven.flags = CHALK_RUNTIME_HOST_DRIVEN;
    CK_CHECK_EQ(chalk_runtime_create(&driven, &h.runtime), CHALK_OK);
    CK_CHECK_EQ(chalk_session_create(h.runtime, NULL, &h.session), CHALK_OK);
    CK_CHECK_EQ(chalk_room_join(h.session, &options), CHALK_OK);
    CK_CHECK(poll_until(&h, CHALK_LINK_LIVE));
    CK_CHECK_EQ(chalk_chat_send(h.session, 0, 0, "by poll", NULL), CHALK_OK);
    CK_CHECK_EQ(chalk_room_leave(h.session, NULL), CHALK_OK);
    CK_CHECK(poll_until(&h, CHALK_LINK_CLOSED));
    CK_CHECK_STR(guest_wait(&ada, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_CHAT)->text, "by poll");

    pthread_t thread; /* joins again, for the room that has ended is let go of there */
    CK_CHECK_EQ(pthread_create(&thread, NULL, join_elsewhere, &h), 0);
    CK_CHECK_EQ(pthread_join(thread, NULL), 0);
    CK_CHECK(h.status[0] == CHALK_OK && h.status[1] == CHALK_OK && h.status[2] == CHALK_OK);
    CK_CHECK(poll_until(&h, CHALK_LINK_CLOSED));
    CK_CHECK_EQ(chalk_room_join(h.session, &options), CHALK_OK); /* goes with the session */
    chalk_session_destroy(&h.session);
    chalk_runtime_destroy(&h.runtime);
    guest_close(&ada);
    room_edge_close(&edge);
}
