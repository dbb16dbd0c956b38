/* A link against servers that refuse, break, fall silent and come back. */
#include "media_server.h"

#include "base/check.h"
#include "base/text.h"
#include "runtime/media/link.h"
#include "support/calm.h"

#include <stdio.h>

typedef struct watched {
    ck_link *link;
    unsigned states[CK_SESSION_CLOSED + 1]; /* how often each was entered */
    enum ck_session_state state;
    int cause;      /* of the first state with one */
    int last_cause; /* of the newest state */
    char text[192]; /* with `cause` */
    char last_text[192];
    unsigned tags;
    uint64_t opened_us, waiting_us, closed_us;
    bool stop_when_live;
    enum ck_session_state awaited; /* of is_in_state */
} watched;

static void on_state(void *user, const ck_session_event *event, const char *text)
{
    watched *w = user;
    CK_CHECK_EQ(w->states[CK_SESSION_CLOSED], 0); /* it is the last */
    w->states[event->to]++;
    w->state = event->to;
    w->last_cause = event->cause;
    snprintf(w->last_text, sizeof w->last_text, "%s", text);
    if (event->cause < 0 && w->cause == 0) {
        w->cause = event->cause;
        snprintf(w->text, sizeof w->text, "%s", text);
    }
    w->waiting_us = event->to == CK_SESSION_WAITING ? ck_clock_us() : w->waiting_us;
    w->closed_us = event->to == CK_SESSION_CLOSED ? ck_clock_us() : w->closed_us;
    if (event->to == CK_SESSION_LIVE && w->stop_when_live) {
        ck_link_stop(w->link, CK_ORIGIN_USER); /* from inside the callback */
    }
}

static void on_tag(void *user, ck_flv_tag *tag)
{
    watched *w = user;
    w->tags++;
    ck_slice_unref(&tag->body);
}

typedef struct how {
    enum ck_session_kind kind;
    bool http;
    bool no_retry;
    uint64_t give_up_us;
} how;

static void open_port(watched *w, ck_loop *loop, uint16_t port, how h)
{
    char url[64];
    snprintf(url, sizeof url, h.http ? "http://127.0.0.1:%u/a.flv" : "rtmp://127.0.0.1:%u/a/b",
             port);
    const ck_link_config config = {
        .kind = h.kind, .url = url, .no_retry = h.no_retry, .give_up_after_us = h.give_up_us};
    const ck_link_host host = {.state = on_state, .tag = on_tag, .user = w};
    w->opened_us = ck_clock_us();
    CK_CHECK_EQ(ck_link_open(loop, &config, &host, &w->link), CHALK_OK);
}

static bool has_failed(void *arg)
{
    const watched *w = arg;
    return w->cause < 0;
}

static bool is_closed(void *arg)
{
    return ((watched *)arg)->state == CK_SESSION_CLOSED;
}

static bool is_live(void *arg)
{
    return ((watched *)arg)->state == CK_SESSION_LIVE;
}

static bool is_refused(void *arg)
{
    return ((watched *)arg)->last_cause == CHALK_ERR_REFUSED;
}

static bool is_waiting(void *arg)
{
    return ((watched *)arg)->states[CK_SESSION_WAITING] > 0;
}

static bool is_in_state(void *arg)
{
    return ((watched *)arg)->state == ((watched *)arg)->awaited;
}

/* A port at which nobody listens. */
static uint16_t closed_port(ck_loop *loop)
{
    media_server s = {.kind = SERVER_SILENT};
    media_server_start(&s, loop);
    uint16_t port = media_server_port(&s);
    media_server_stop(&s);
    net_settle(loop);
    return port;
}

#define OK_HEAD  "HTTP/1.1 200 OK\r\nContent-Type: video/x-flv\r\n\r\n"
#define FLV_HEAD "FLV\x01\x05\x00\x00\x00\x09\x00\x00\x00\x00"
#define FLV_TAG  "\x08\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\xaf\x01\x21\x00\x00\x00\x0e"
#define TEXT(s)  s, sizeof(s) - 1

static char endless[40000]; /* a head that does not end */

static const struct {
    how how;
    const char *script;
    size_t size;
    enum server_then then;
    int cause;
    bool final;
    const char *text; /* beginning of the peer's words */
    unsigned tags;
} failures[] = {
    {{CK_SESSION_PLAY, true},
     TEXT("HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n"),
     SERVER_STAYS,
     CHALK_ERR_DENIED,
     true,
     "HTTP 401 No",
     0},
    {{CK_SESSION_PLAY, true},
     TEXT("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"),
     SERVER_ENDS,
     CHALK_ERR_DENIED,
     true,
     "HTTP 403 Forbidden",
     0},
    {{CK_SESSION_PLAY, true},
     TEXT("HTTP/1.1 404 Not \x1b[31mFound\r\n\r\n"),
     SERVER_STAYS,
     CHALK_ERR_PROTOCOL,
     false,
     "",
     0}, /* control characters in a head are none of HTTP's */
    {{CK_SESSION_PLAY, true},
     TEXT("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
     SERVER_STAYS,
     CHALK_ERR_NO_STREAM,
     false,
     "HTTP 404 Not Found",
     0},
    {{CK_SESSION_PLAY, true},
     TEXT("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"),
     SERVER_STAYS,
     CHALK_ERR_PROTOCOL,
     false,
     "HTTP 500 Oops",
     0},
    {{CK_SESSION_PLAY, true},
     TEXT("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"),
     SERVER_STAYS,
     CHALK_ERR_REFUSED,
     false,
     "HTTP 503 Busy",
     0},
    {{CK_SESSION_PLAY, true},
     TEXT("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\n\r\n"),
     SERVER_STAYS,
     CHALK_ERR_UNSUPPORTED,
     true,
     "HTTP 302 Found",
     0},
    {{CK_SESSION_PLAY, true},
     endless,
     sizeof endless,
     SERVER_STAYS,
     CHALK_ERR_PROTOCOL,
     false,
     "the head is larger",
     0},
    {{CK_SESSION_PLAY, true},
     TEXT("\x16\x03\x01\x02\x00 this is no HTTP\r\n\r\n"),
     SERVER_STAYS,
     CHALK_ERR_PROTOCOL,
     false,
     "the first line",
     0},
    {{CK_SESSION_PLAY, true}, TEXT(""), SERVER_ENDS, CHALK_ERR_PEER_CLOSED, false, "", 0},
    {{CK_SESSION_PLAY, true}, TEXT(""), SERVER_RESETS, CHALK_ERR_DISCONNECTED, false, "", 0},
    {{CK_SESSION_PLAY, true}, TEXT(OK_HEAD), SERVER_ENDS, CHALK_ERR_PEER_CLOSED, false, "", 0},
    {{CK_SESSION_PLAY, true},
     TEXT(OK_HEAD "<html>this is a page</html>"),
     SERVER_STAYS,
     CHALK_ERR_BAD_DATA,
     false,
     "the answer is not an FLV stream",
     0},
    {{CK_SESSION_PLAY, true},
     TEXT(OK_HEAD FLV_HEAD FLV_TAG "\x08\x00\x00"),
     SERVER_ENDS,
     CHALK_ERR_PEER_CLOSED,
     false,
     "",
     1},
    {{CK_SESSION_PLAY, true},
     TEXT(OK_HEAD FLV_HEAD FLV_TAG FLV_TAG),
     SERVER_RESETS,
     CHALK_ERR_DISCONNECTED,
     false,
     "",
     2},
    {{CK_SESSION_PLAY, false},
     TEXT("HTTP/1.1 400 Bad Request\r\n\r\n"),
     SERVER_ENDS,
     CHALK_ERR_PROTOCOL,
     false,
     "",
     0},
    {{CK_SESSION_PLAY, false}, TEXT("\x03 cut"), SERVER_ENDS, CHALK_ERR_PEER_CLOSED, false, "", 0},
    {{CK_SESSION_PUBLISH, false},
     TEXT("\x03 cut"),
     SERVER_RESETS,
     CHALK_ERR_DISCONNECTED,
     false,
     "",
     0},
};

CK_TEST(media_link, each_way_to_fail_has_a_name)
{
    memset(endless, 'x', sizeof endless);
    memcpy(endless, "HTTP/1.1 200 OK\r\nX: ", 20);
    for (size_t i = 0; i < CK_COUNT_OF(failures); i++) {
        ck_loop *loop = net_loop();
        media_server s = {.kind = SERVER_SCRIPT,
                          .script = failures[i].script,
                          .script_size = failures[i].size,
                          .then = failures[i].then};
        media_server_start(&s, loop);
        watched w = {0};
        open_port(&w, loop, media_server_port(&s), failures[i].how);
        net_wait(loop, has_failed, &w);
        bool reset =
            failures[i].then == SERVER_RESETS; /* what was on its way may be lost with it */
        bool named = w.cause == failures[i].cause || (reset && w.cause == CHALK_ERR_PEER_CLOSED);
        CK_CHECK_ROW(i, named);
        CK_CHECK_ROW(i, ck_text_starts(w.text, failures[i].text));
        CK_CHECK_ROW(i, w.state == (failures[i].final ? CK_SESSION_CLOSED : CK_SESSION_WAITING));
        CK_CHECK_ROW(i, w.tags == failures[i].tags || (reset && w.tags < failures[i].tags));
        ck_link_free(&w.link);
        media_server_stop(&s);
        ck_loop_destroy(&loop);
    }
}

CK_TEST(media_link, a_refusal_by_rtmp_is_told_in_the_servers_words)
{
    static const struct {
        enum ck_session_kind kind;
        int reject;
        bool final;
    } rows[] = {
        {CK_SESSION_PLAY, CHALK_ERR_NO_STREAM, false},
        {CK_SESSION_PLAY, CHALK_ERR_DENIED, true},
        {CK_SESSION_PUBLISH, CHALK_ERR_NAME_TAKEN, false},
        {CK_SESSION_PUBLISH, CHALK_ERR_DENIED, true},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_loop *loop = net_loop();
        media_server s = {.kind = SERVER_RTMP, .reject = rows[i].reject, .words = "not\x1b[1m you"};
        media_server_start(&s, loop);
        watched w = {0};
        open_port(&w, loop, media_server_port(&s), (how){rows[i].kind});
        net_wait(loop, has_failed, &w);
        CK_CHECK_ROW(i, w.cause == rows[i].reject);
        CK_CHECK_ROW(i, strstr(w.text, "not [1m you") != NULL); /* nothing a terminal obeys */
        CK_CHECK_ROW(i, w.state == (rows[i].final ? CK_SESSION_CLOSED : CK_SESSION_WAITING));
        ck_link_free(&w.link);
        media_server_stop(&s);
        ck_loop_destroy(&loop);
    }
}

static bool all_failed(void *arg)
{
    watched *w = arg;
    return w[0].cause < 0 && w[1].cause < 0 && w[2].cause < 0;
}

/* All at once, as each takes its time: nobody answers, an answer that stops, a stream that stops.
 */
CK_TEST(media_link, silence_is_a_time_out_and_is_tried_again)
{
    ck_loop *loop = net_loop();
    media_server servers[3] = {
        {.kind = SERVER_SILENT},
        {.kind = SERVER_SCRIPT, .script = OK_HEAD, .script_size = 10},
        {.kind = SERVER_SCRIPT,
         .script = OK_HEAD FLV_HEAD,
         .script_size = sizeof(OK_HEAD FLV_HEAD) - 1},
    };
    static const how hows[3] = {
        {CK_SESSION_PUBLISH}, {CK_SESSION_PLAY, true}, {CK_SESSION_PLAY, true}};
    static const uint64_t limits_us[3] = {5000000, 5000000, 10000000};
    watched w[3] = {0};
    for (int i = 0; i < 3; i++) {
        media_server_start(&servers[i], loop);
        open_port(&w[i], loop, media_server_port(&servers[i]), hows[i]);
    }
    net_wait(loop, all_failed, w);
    for (int i = 0; i < 3; i++) {
        uint64_t took_us = w[i].waiting_us - w[i].opened_us;
        CK_CHECK_ROW(i, w[i].cause == CHALK_ERR_TIMEOUT);
        CK_CHECK_ROW(i, took_us >= limits_us[i] && took_us < limits_us[i] + 2000000);
        CK_CHECK_ROW(i, w[i].states[CK_SESSION_CLOSED] == 0);
    }
    CK_CHECK(w[0].states[CK_SESSION_CONNECTING] >= 2);
    CK_CHECK(w[1].states[CK_SESSION_CONNECTING] >= 2);
    for (int i = 0; i < 3; i++) {
        ck_link_free(&w[i].link);
        media_server_stop(&servers[i]);
    }
    ck_loop_destroy(&loop);
}

static bool live_twice(void *arg)
{
    return ((watched *)arg)->states[CK_SESSION_LIVE] == 2;
}

CK_TEST(media_link, a_lost_connection_is_made_again)
{
    static const enum ck_session_kind kinds[] = {CK_SESSION_PLAY, CK_SESSION_PUBLISH};
    for (size_t i = 0; i < CK_COUNT_OF(kinds); i++) {
        ck_loop *loop = net_loop();
        media_server s = {.kind = SERVER_RTMP};
        media_server_start(&s, loop);
        watched w = {0};
        open_port(&w, loop, media_server_port(&s), (how){kinds[i]});
        net_wait(loop, is_live, &w);
        uint64_t received = ck_link_bytes_received(w.link), sent = ck_link_bytes_sent(w.link);
        CK_CHECK_ROW(i, received > 3000 && sent > 3000);
        media_server_cut(&s);
        net_wait(loop, live_twice, &w);
        CK_CHECK_ROW(i, w.states[CK_SESSION_WAITING] >= 1);
        CK_CHECK_ROW(i, w.cause == CHALK_ERR_DISCONNECTED || w.cause == CHALK_ERR_PEER_CLOSED);
        CK_CHECK_ROW(i, s.accepted == w.states[CK_SESSION_CONNECTING]);
        CK_CHECK_ROW(i, ck_link_bytes_received(w.link) > received + 3000); /* counted on */
        CK_CHECK_ROW(i, ck_link_bytes_sent(w.link) > sent + 3000);
        ck_link_stop(w.link, CK_ORIGIN_USER);
        net_wait(loop, is_closed, &w);
        CK_CHECK_ROW(i, w.last_cause == CHALK_OK);
        ck_link_free(&w.link);
        media_server_stop(&s);
        ck_loop_destroy(&loop);
    }
}

CK_TEST(media_link, the_words_of_one_failure_do_not_explain_the_next)
{
    ck_loop *loop = net_loop();
    media_server s = {.kind = SERVER_SCRIPT,
                      TEXT("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n")};
    media_server_start(&s, loop);
    watched w = {0};
    open_port(&w, loop, media_server_port(&s), (how){CK_SESSION_PLAY, true});
    net_wait(loop, is_waiting, &w);
    CK_CHECK_STR(w.last_text, "HTTP 500 Oops");
    media_server_stop(&s);
    net_wait(loop, is_refused, &w);
    CK_CHECK_STR(w.last_text, "");
    ck_link_free(&w.link);
    ck_loop_destroy(&loop);
}

CK_CALM_TEST(media_link, it_gives_up_when_told_to)
{
    ck_calm_watch();
    ck_loop *loop = net_loop();
    uint16_t port = closed_port(loop);
    watched once = {0}, later = {0};
    open_port(&once, loop, port, (how){CK_SESSION_PLAY, false, .no_retry = true});
    open_port(&later, loop, port, (how){CK_SESSION_PUBLISH, false, .give_up_us = 400000});
    net_wait(loop, is_closed, &once);
    net_wait(loop, is_closed, &later);
    CK_CHECK_EQ(once.last_cause, CHALK_ERR_REFUSED);
    CK_CHECK_EQ(once.states[CK_SESSION_WAITING], 0);
    CK_CHECK_EQ(later.last_cause, CHALK_ERR_REFUSED);
    CK_CHECK(later.states[CK_SESSION_WAITING] >= 1);
    uint64_t took_us = later.closed_us - later.opened_us;
    CK_CHECK_ROW(took_us, took_us >= 399000);
    CK_CALM_ROW(took_us, took_us < 2000000, took_us < 2000000 + 5 * ck_calm_worst_us());
    ck_link_free(&once.link);
    ck_link_free(&later.link);
    ck_loop_destroy(&loop);
}

CK_CALM_TEST(media_link, a_changed_network_ends_the_wait)
{
    ck_calm_watch();
    ck_loop *loop = net_loop();
    watched w = {0};
    open_port(&w, loop, closed_port(loop), (how){CK_SESSION_PLAY});
    for (unsigned i = 1; i <= 8; i++) { /* the waits grow, but none is waited for */
        uint64_t begin_us = ck_clock_us();
        w.awaited = CK_SESSION_WAITING;
        net_wait(loop, is_in_state, &w);
        ck_link_network_changed(w.link, true);
        CK_CHECK_ROW(i, w.state == CK_SESSION_CONNECTING);
        uint64_t took_us = ck_clock_us() - begin_us;
        CK_CALM_ROW(took_us, took_us < 500000, took_us < 500000 + 5 * ck_calm_worst_us());
    }
    ck_link_network_changed(w.link, false);
    ck_link_free(&w.link);
    ck_loop_destroy(&loop);
}

CK_TEST(media_link, it_can_be_stopped_and_freed_in_every_state)
{
    static const struct {
        enum server_kind kind; /* 0: nobody listens */
        bool http;
        enum ck_session_state state;
    } rows[] = {
        {SERVER_SILENT, false, CK_SESSION_CONNECTING},
        {SERVER_SILENT, false, CK_SESSION_NEGOTIATING},
        {SERVER_SILENT, true, CK_SESSION_NEGOTIATING},
        {SERVER_RTMP, false, CK_SESSION_LIVE},
        {SERVER_SCRIPT, true, CK_SESSION_LIVE},
        {0, false, CK_SESSION_WAITING},
        {0, true, CK_SESSION_WAITING},
    };
    for (size_t i = 0; i < 2 * CK_COUNT_OF(rows); i++) {
        size_t row = i / 2;
        ck_loop *loop = net_loop();
        media_server s = {.kind = rows[row].kind, TEXT(OK_HEAD FLV_HEAD)};
        uint16_t port = closed_port(loop);
        if (rows[row].kind != 0) {
            media_server_start(&s, loop);
            port = media_server_port(&s);
        }
        watched w = {0};
        open_port(&w, loop, port, (how){CK_SESSION_PLAY, rows[row].http});
        w.awaited = rows[row].state;
        net_wait(loop, is_in_state, &w);
        if (i % 2 == 0) {
            ck_link_stop(w.link, CK_ORIGIN_USER);
            ck_link_stop(w.link, CK_ORIGIN_USER);
            net_wait(loop, is_closed, &w);
            CK_CHECK_ROW(row, w.last_cause == CHALK_OK && w.states[CK_SESSION_CLOSED] == 1);
            ck_link_network_changed(w.link, true);
            ck_link_stop(w.link, CK_ORIGIN_USER);
        }
        unsigned closed = w.states[CK_SESSION_CLOSED];
        ck_link_free(&w.link);
        net_settle(loop);
        CK_CHECK_ROW(row, w.states[CK_SESSION_CLOSED] == closed); /* nothing after free */
        if (rows[row].kind != 0) {
            media_server_stop(&s);
        }
        ck_loop_destroy(&loop);
    }
}

CK_TEST(media_link, it_can_be_stopped_from_its_own_callback)
{
    ck_loop *loop = net_loop();
    media_server s = {.kind = SERVER_RTMP};
    media_server_start(&s, loop);
    watched w = {.stop_when_live = true};
    open_port(&w, loop, media_server_port(&s), (how){CK_SESSION_PUBLISH});
    net_wait(loop, is_closed, &w);
    CK_CHECK_EQ(w.last_cause, CHALK_OK);
    CK_CHECK_EQ(w.states[CK_SESSION_STOPPING], 1);
    const ck_flv_tag late = {.type = CK_FLV_AUDIO, .body = ck_slice_static("\xaf\x01x", 3)};
    CK_CHECK_EQ(ck_link_send(w.link, &late), CHALK_ERR_BAD_STATE);
    ck_link_free(&w.link);
    media_server_stop(&s);
    ck_loop_destroy(&loop);
}

CK_TEST(media_link, urls_are_checked_by_what_is_wanted)
{
    static const struct {
        const char *url;
        enum ck_session_kind kind;
        int status;
    } rows[] = {
        {"rtmp://h/a/b", CK_SESSION_PLAY, CHALK_OK},
        {"rtmps://h/a/b?token=x", CK_SESSION_PUBLISH, CHALK_OK},
        {"http://h/a.flv", CK_SESSION_PLAY, CHALK_OK},
        {"http://h/a.flv", CK_SESSION_PUBLISH, CHALK_ERR_UNSUPPORTED},
        {"rtmp://h/a", CK_SESSION_PLAY, CHALK_ERR_INVALID_ARGUMENT},
        {"ws://h/a", CK_SESSION_PLAY, CHALK_ERR_UNSUPPORTED},
        {"", CK_SESSION_PLAY, CHALK_ERR_INVALID_ARGUMENT},
        {NULL, CK_SESSION_PLAY, CHALK_ERR_INVALID_ARGUMENT},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        CK_CHECK_ROW(i, ck_link_check_url(rows[i].url, rows[i].kind) == rows[i].status);
    }
}
