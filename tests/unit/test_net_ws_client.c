/* WebSockets of a client: against our own server, and against one that says what a row tells it. */
#include "base/check.h"
#include "base/text.h"
#include "net_certs.h"
#include "net_site.h"
#include "runtime/net/ws_client.h"
#include "support/alloc.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct visitor {
    ck_ws *ws;
    int opened;
    int drained;
    int closed;
    int status;
    uint16_t code;
    int messages;
    char last[64];
    size_t last_size;
    bool last_text;
    char words[CK_WS_REFUSAL_MAX + 1];
    bool destroy_in_opened;
    bool destroy_in_message;
    bool destroy_in_closed;
    bool close_in_message;
} visitor;

static void on_opened(void *user, ck_ws *ws)
{
    visitor *v = user;
    CK_CHECK(ws == v->ws);
    v->opened++;
    if (v->destroy_in_opened) {
        ck_ws_destroy(&v->ws);
    }
}

static void on_message(void *user, ck_ws *ws, const uint8_t *data, size_t size, bool text)
{
    visitor *v = user;
    CK_CHECK(ws == v->ws);
    CK_CHECK_EQ(v->closed, 0);
    v->messages++;
    v->last_size = size;
    v->last_text = text;
    size_t kept = CK_MIN(size, sizeof v->last - 1);
    memcpy(v->last, data, kept);
    v->last[kept] = '\0';
    if (v->close_in_message) {
        ck_ws_close(ws, 1001);
    }
    if (v->destroy_in_message) {
        ck_ws_destroy(&v->ws);
    }
}

static void on_drained(void *user, ck_ws *ws)
{
    visitor *v = user;
    CK_CHECK(ws == v->ws);
    v->drained++;
}

static void on_closed(void *user, ck_ws *ws, int status, uint16_t code)
{
    visitor *v = user;
    CK_CHECK(ws == v->ws);
    v->closed++;
    v->status = status;
    v->code = code;
    ck_text_copy(v->words, sizeof v->words, v->opened == 0 ? ck_ws_refusal_words(ws) : "");
    if (v->destroy_in_closed) {
        ck_ws_destroy(&v->ws);
    }
    v->ws = NULL;
}

static ck_ws_client_config config_of(visitor *v, ck_loop *loop)
{
    return (ck_ws_client_config){
        .loop = loop, .events = {on_opened, on_message, on_drained, on_closed}, .user = v};
}

static bool has_opened(void *arg)
{
    return ((visitor *)arg)->opened > 0;
}

static bool has_closed(void *arg)
{
    return ((visitor *)arg)->closed > 0;
}

static bool has_message(void *arg)
{
    return ((visitor *)arg)->messages > 0;
}

static bool has_drained(void *arg)
{
    return ((visitor *)arg)->drained > 0;
}

static bool has_destroyed(void *arg)
{
    return ((visitor *)arg)->ws == NULL;
}

static bool server_has_closed(void *arg)
{
    return ((site *)arg)->ws_closed > 0;
}

static char authority[32]; /* of the last site */

static void start_site(site *t)
{
    site_start(t);
    snprintf(authority, sizeof authority, "127.0.0.1:%u", ck_listener_port(t->listener));
    t->host = authority;
}

static void visit(site *t, visitor *v, ck_ws_client_config *config, const char *target)
{
    CK_CHECK_EQ(ck_ws_connect(config, "127.0.0.1", ck_listener_port(t->listener), target, &v->ws),
                CHALK_OK);
}

static void say(visitor *v, const void *data, size_t size, bool text)
{
    ck_slice message = ck_slice_copy(&ck_test_heap, data, size);
    CK_CHECK_EQ(ck_ws_send(v->ws, &message, text), CHALK_OK);
    CK_CHECK(message.blob == NULL);
}

CK_TEST(net_ws_client, is_echoed_and_closes_in_order)
{
    site t = {.ws_echo = true};
    visitor v = {0};
    start_site(&t);
    ck_ws_client_config config = config_of(&v, t.loop);
    visit(&t, &v, &config, "/room?token=good");
    ck_slice early = ck_slice_static("x", 1);
    CK_CHECK_EQ(ck_ws_send(v.ws, &early, true), CHALK_ERR_BAD_STATE);
    net_wait(t.loop, has_opened, &v);
    say(&v, "hello", 5, true);
    net_wait(t.loop, has_message, &v);
    CK_CHECK_STR(v.last, "hello");
    CK_CHECK(v.last_text && t.ws_last_text);
    CK_CHECK_EQ(ck_ws_unsent(v.ws), 0);
    ck_ws_close(v.ws, 1000);
    CK_CHECK_EQ(ck_ws_send(v.ws, &early, true), CHALK_ERR_BAD_STATE);
    net_wait(t.loop, has_closed, &v);
    CK_CHECK_EQ(v.status, CHALK_OK);
    CK_CHECK_EQ(v.code, 1000);
    net_wait(t.loop, server_has_closed, &t);
    CK_CHECK_EQ(t.ws_status, CHALK_ERR_PEER_CLOSED);
    net_wait(t.loop, site_has_none, &t);
    site_stop(&t);
    CK_CHECK_EQ(v.closed, 1);
}

CK_TEST(net_ws_client, agrees_on_a_protocol_and_hears_the_servers_close)
{
    site t = {0};
    visitor v = {0};
    start_site(&t);
    ck_ws_client_config config = config_of(&v, t.loop);
    config.protocol = "board.v1";
    visit(&t, &v, &config, "/board?token=good");
    net_wait(t.loop, has_opened, &v);
    CK_CHECK_EQ(t.ws_opened, 1);
    ck_ws_close(t.ws, 4001);
    net_wait(t.loop, has_closed, &v);
    CK_CHECK_EQ(v.status, CHALK_ERR_PEER_CLOSED);
    CK_CHECK_EQ(v.code, 4001);
    net_wait(t.loop, server_has_closed, &t);
    CK_CHECK_EQ(t.ws_status, CHALK_OK);
    site_stop(&t);
}

CK_TEST(net_ws_client, a_large_message_goes_both_ways)
{
    static uint8_t large[60000];
    site t = {.ws_echo = true};
    visitor v = {0};
    for (size_t i = 0; i < sizeof large; i++) {
        large[i] = (uint8_t)(i * 31);
    }
    start_site(&t);
    ck_ws_client_config config = config_of(&v, t.loop);
    visit(&t, &v, &config, "/room?token=good");
    net_wait(t.loop, has_opened, &v);
    say(&v, large, sizeof large, false);
    net_wait(t.loop, has_message, &v);
    CK_CHECK_EQ(v.last_size, sizeof large);
    CK_CHECK_MEM(v.last, large, sizeof v.last - 1);
    CK_CHECK(!v.last_text);
    ck_ws_destroy(&v.ws);
    net_wait(t.loop, server_has_closed, &t);
    CK_CHECK_EQ(t.ws_status, CHALK_ERR_DISCONNECTED);
    site_stop(&t);
    CK_CHECK_EQ(v.closed, 0);
}

CK_TEST(net_ws_client, its_queue_is_bounded_and_drains)
{
    site t = {0};
    visitor v = {0};
    start_site(&t);
    ck_ws_client_config config = config_of(&v, t.loop);
    config.limits = (ck_ws_limits){.queue_messages = 4, .queue_bytes = 10000};
    visit(&t, &v, &config, "/room?token=good");
    net_wait(t.loop, has_opened, &v);
    static uint8_t part[3000];
    say(&v, part, 1, false); /* the first of a turn goes at once */
    CK_CHECK_EQ(ck_ws_queued_bytes(v.ws), 0);
    for (int i = 0; i < 3; i++) {
        say(&v, part, sizeof part, false);
    }
    CK_CHECK_EQ(ck_ws_queued_bytes(v.ws), 9000);
    CK_CHECK(ck_ws_unsent(v.ws) > 9000);
    ck_slice more = ck_slice_static(part, 1001);
    CK_CHECK_EQ(ck_ws_send(v.ws, &more, false), CHALK_ERR_LIMIT);
    say(&v, part, 1000, false);
    more = ck_slice_static(part, 0);
    CK_CHECK_EQ(ck_ws_send(v.ws, &more, false), CHALK_ERR_LIMIT);
    net_wait(t.loop, has_drained, &v);
    CK_CHECK_EQ(ck_ws_queued_bytes(v.ws), 0);
    ck_ws_destroy(&v.ws);
    site_stop(&t);
}

CK_TEST(net_ws_client, may_be_destroyed_in_any_callback)
{
    for (int i = 0; i < 5; i++) {
        site t = {.ws_echo = true};
        visitor v = {.destroy_in_opened = i == 0,
                     .destroy_in_message = i == 1 || i == 2,
                     .close_in_message = i == 2 || i == 3,
                     .destroy_in_closed = i == 3 || i == 4};
        start_site(&t);
        ck_ws_client_config config = config_of(&v, t.loop);
        visit(&t, &v, &config, "/room?token=good");
        net_wait(t.loop, has_opened, &v);
        if (i > 0 && i < 4) {
            say(&v, "a", 1, true);
            say(&v, "b", 1, true);
        } else if (i == 4) {
            ck_ws_close(t.ws, 1000);
        }
        net_wait(t.loop, has_destroyed, &v);
        net_wait(t.loop, server_has_closed, &t);
        net_wait(t.loop, site_has_none, &t);
        CK_CHECK_ROW(i, v.closed == (i >= 3));
        CK_CHECK_ROW(i, v.messages == (i > 0 && i < 4));
        site_stop(&t);
    }
}

CK_TEST(net_ws_client, a_refusal_has_a_name)
{
    static const struct {
        const char *target;
        const char *protocol;
        int status;
        uint16_t code;
    } rows[] = {
        {"/room?token=bad", NULL, CHALK_ERR_DENIED, 403},
        {"/nowhere", NULL, CHALK_ERR_NO_STREAM, 404},
        {"/board?token=good", NULL, CHALK_ERR_PROTOCOL, 400},
        {"/room?token=good", "board.v1", CHALK_ERR_PROTOCOL, 101},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        site t = {0};
        visitor v = {0};
        start_site(&t);
        ck_ws_client_config config = config_of(&v, t.loop);
        config.protocol = rows[i].protocol;
        visit(&t, &v, &config, rows[i].target);
        net_wait(t.loop, has_closed, &v);
        CK_CHECK_ROW(i, v.status == rows[i].status && v.code == rows[i].code);
        CK_CHECK_ROW(i, v.opened == 0);
        site_stop(&t);
    }
}

CK_TEST(net_ws_client, what_cannot_be_asked_is_refused_at_once)
{
    static char long_target[CK_WS_TARGET_MAX + 2];
    static char long_host[CK_HOST_MAX + 2];
    memset(long_target, '/', sizeof long_target - 1);
    memset(long_host, 'h', sizeof long_host - 1);
    const struct {
        const char *host;
        uint16_t port;
        const char *target;
        const char *protocol;
    } rows[] = {
        {NULL, 1, "/", NULL},        {"", 1, "/", NULL},     {long_host, 1, "/", NULL},
        {"h", 0, "/", NULL},         {"h", 1, NULL, NULL},   {"h", 1, "", NULL},
        {"h", 1, "room", NULL},      {"h", 1, "/a b", NULL}, {"h", 1, "/a\r\nX: y", NULL},
        {"h", 1, long_target, NULL}, {"h/x", 1, "/", NULL},  {"h", 1, "/", ""},
        {"h", 1, "/", "a\r\nb"},
    };
    ck_loop *loop = net_loop();
    visitor v = {0};
    ck_ws_client_config config = config_of(&v, loop);
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        config.protocol = rows[i].protocol;
        int status = ck_ws_connect(&config, rows[i].host, rows[i].port, rows[i].target, &v.ws);
        CK_CHECK_ROW(i, status == CHALK_ERR_INVALID_ARGUMENT && v.ws == NULL);
    }
    net_settle(loop);
    CK_CHECK_EQ(v.closed, 0);
    ck_loop_destroy(&loop);
}

/* ---- a server that says what it is told ---- */

static void serve_text(net_server *server, ck_loop *loop, visitor *v, const void *text, size_t size)
{
    *server = (net_server){0};
    server->record.keep = true;
    net_server_start(server, loop);
    ck_ws_client_config config = config_of(v, loop);
    config.connect_ms = 500;
    CK_CHECK_EQ(ck_ws_connect(&config, "127.0.0.1", net_server_port(server), "/r", &v->ws),
                CHALK_OK);
    net_wait(loop, net_is_opened, &server->record);
    CK_CHECK_EQ(ck_stream_write_copy(server->record.stream, text, size), CHALK_OK);
}

CK_TEST(net_ws_client, an_answer_that_is_none_is_named)
{
    static const struct {
        const char *answer;
        int status;
        uint16_t code;
    } rows[] = {
        {"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", CHALK_ERR_DENIED, 401},
        {"HTTP/1.1 503 Later\r\nRetry-After: 1\r\n\r\n", CHALK_ERR_REFUSED, 503},
        {"HTTP/1.1 302 There\r\nLocation: /x\r\n\r\n", CHALK_ERR_UNSUPPORTED, 302},
        {"HTTP/1.1 500 Oh\r\n\r\n", CHALK_ERR_PROTOCOL, 500},
        {"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
         "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
         CHALK_ERR_PROTOCOL, 101}, /* not the answer to this key */
        {"SSH-2.0-OpenSSH_9.2\r\n", CHALK_ERR_PROTOCOL, 0},
        {"\x15\x03\x01\x00\x02\x02\x46", CHALK_ERR_TIMEOUT, 0}, /* no line end comes */
        {"", CHALK_ERR_TIMEOUT, 0},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_loop *loop = net_loop();
        net_server server;
        visitor v = {0};
        serve_text(&server, loop, &v, rows[i].answer, strlen(rows[i].answer));
        net_wait(loop, has_closed, &v);
        if (v.status != rows[i].status || v.code != rows[i].code) {
            CK_FAIL("row %zu: %s, %u", i, chalk_error_name(v.status), v.code);
        }
        net_server_stop(&server);
        ck_loop_destroy(&loop);
    }
}

#define PLAIN_TEXT "HTTP/1.1 401 No\r\nContent-Type: text/plain; charset=utf-8\r\n"

CK_TEST(net_ws_client, the_words_of_a_refusal_are_kept)
{
    static char long_answer[400], long_words[CK_WS_REFUSAL_MAX + 1];
    memset(long_words, 'w', sizeof long_words - 1);
    snprintf(long_answer, sizeof long_answer, PLAIN_TEXT "Content-Length: 200\r\n\r\n%swwww",
             long_words);
    const struct {
        const char *answer;
        const char *words;
    } rows[] = {
        {PLAIN_TEXT "Content-Length: 4\r\n\r\nwhy\n", "why"},
        {PLAIN_TEXT "Content-Length: 3\r\n\r\nwhy and more", "why"},
        {PLAIN_TEXT "Content-Length: 9\r\n\r\nwhy", "why"}, /* the rest is not waited for */
        {PLAIN_TEXT "Content-Length: 8\r\n\r\nw\033[2Jhy\n", "w"},
        {PLAIN_TEXT "Content-Length: 4\r\n\r\nw\xc2\x85y", "w"},
        {PLAIN_TEXT "Content-Length: 4\r\n\r\nw\xffhy", "w"},
        {PLAIN_TEXT "Content-Length: 6\r\n\r\n\xe8\x80\x81\xe5\xb8\x88", "老师"},
        {PLAIN_TEXT "Transfer-Encoding: chunked\r\n\r\n3\r\nwhy\r\n0\r\n\r\n", ""},
        {"HTTP/1.1 401 No\r\nContent-Type: text/html\r\nContent-Length: 3\r\n\r\n<p>", ""},
        {"HTTP/1.1 401 No\r\nContent-Length: 3\r\n\r\nwhy", ""},
        {long_answer, long_words},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_loop *loop = net_loop();
        net_server server;
        visitor v = {0};
        serve_text(&server, loop, &v, rows[i].answer, strlen(rows[i].answer));
        net_wait(loop, has_closed, &v);
        CK_CHECK_EQ(v.status, CHALK_ERR_DENIED);
        CK_CHECK_STR(v.words, rows[i].words);
        net_server_stop(&server);
        ck_loop_destroy(&loop);
    }
}

CK_TEST(net_ws_client, a_server_that_goes_away_or_is_not_there)
{
    ck_loop *loop = net_loop();
    net_server server;
    visitor v = {0};
    serve_text(&server, loop, &v, "HTTP/1.1 1", 10);
    uint16_t port = net_server_port(&server);
    ck_stream_close(server.record.stream, 0, CHALK_OK);
    net_wait(loop, has_closed, &v);
    CK_CHECK_EQ(v.status, CHALK_ERR_DISCONNECTED);
    net_server_stop(&server);

    visitor late = {0};
    ck_ws_client_config config = config_of(&late, loop);
    CK_CHECK_EQ(ck_ws_connect(&config, "127.0.0.1", port, "/r", &late.ws), CHALK_OK);
    net_wait(loop, has_closed, &late);
    CK_CHECK_EQ(late.status, CHALK_ERR_REFUSED);

    visitor closes = {0};
    config = config_of(&closes, loop);
    CK_CHECK_EQ(ck_ws_connect(&config, "127.0.0.1", port, "/r", &closes.ws), CHALK_OK);
    ck_ws_close(closes.ws, 1000); /* before anything was open */
    CK_CHECK_EQ(closes.closed, 0);
    net_wait(loop, has_closed, &closes);
    CK_CHECK_EQ(closes.status, CHALK_OK);

    visitor left = {0};
    config = config_of(&left, loop);
    CK_CHECK_EQ(ck_ws_connect(&config, "127.0.0.1", port, "/r", &left.ws), CHALK_OK);
    ck_loop_destroy(&loop);
    CK_CHECK_EQ(left.closed, 1);
    CK_CHECK_EQ(left.status, CHALK_ERR_CANCELLED);
}

/* ---- TLS ---- */

CK_TEST(net_ws_client, certificates_are_checked)
{
    enum { GOOD, OTHER, EXPIRED, OWN };
    static const struct {
        int certificate;
        const char *tls_host;
        int status; /* of closed; CHALK_OK: opens */
    } rows[] = {
        {GOOD, NULL, CHALK_OK},
        {GOOD, "localhost", CHALK_OK},
        {GOOD, "other.example", CHALK_ERR_TLS},
        {OTHER, NULL, CHALK_ERR_TLS},
        {OTHER, "other.example", CHALK_OK},
        {EXPIRED, NULL, CHALK_ERR_TLS},
        {OWN, NULL, CHALK_ERR_TLS},
    };
    net_certs certs;
    net_certs_make(&certs);
    const char *const files[] = {certs.good, certs.other, certs.expired, certs.own};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        site t = {.ws_echo = true};
        visitor v = {0};
        ck_tls *trust = NULL;
        CK_CHECK_EQ(ck_tls_client_create(&ck_heap, NULL, certs.ca, &trust), CHALK_OK);
        CK_CHECK_EQ(ck_tls_server_create(&ck_heap, NULL, files[rows[i].certificate], certs.key,
                                         &t.server_tls),
                    CHALK_OK);
        start_site(&t);
        ck_ws_client_config config = config_of(&v, t.loop);
        config.tls = trust;
        config.tls_host = rows[i].tls_host;
        visit(&t, &v, &config, "/room?token=good");
        if (rows[i].status == CHALK_OK) {
            net_wait(t.loop, has_opened, &v);
            say(&v, "secret", 6, true);
            net_wait(t.loop, has_message, &v);
            CK_CHECK_STR(v.last, "secret");
            ck_ws_close(v.ws, 1000);
        }
        net_wait(t.loop, has_closed, &v);
        CK_CHECK_ROW(i, v.status == rows[i].status);
        site_stop(&t);
        ck_tls_unref(&trust);
        ck_tls_unref(&t.server_tls);
    }
    net_certs_remove(&certs);
}
