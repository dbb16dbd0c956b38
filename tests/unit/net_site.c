#include "net_site.h"

#include "support/alloc.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- the server's side: every connection is handed over with its first bytes ---- */

void site_on_first_data(void *user, ck_stream *s, const uint8_t *data, size_t size)
{
    site *t = user;
    (void)s;
    t->adopt_status = ck_httpd_adopt(t->httpd, &t->incoming, data, size);
    if (t->adopt_status < 0) {
        ck_stream_destroy(&t->incoming);
    }
    CK_CHECK(t->incoming == NULL);
}

static int on_accepted(void *user, ck_socket socket, const char *peer)
{
    site *t = user;
    (void)peer;
    ck_stream_config config = {
        .loop = t->loop, .events = {.data = site_on_first_data}, .user = t, .tls = t->server_tls};
    return ck_stream_adopt(&config, socket, &t->incoming);
}

static void on_show(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    site *t = user;
    char agent[32];
    CK_CHECK(!ck_httpd_request_header(request, "X-Unknown", agent, sizeof agent));
    bool has_agent = ck_httpd_request_header(request, "user-agent", agent, sizeof agent);
    snprintf(t->seen, sizeof t->seen, "%s %s ?%s [%.*s] %s", request->method, request->path,
             request->query, (int)request->body_size, (const char *)request->body,
             has_agent ? agent : "-");
    t->handled++;
    CK_CHECK(strncmp(request->peer, "127.0.0.1:", 10) == 0);
    CK_CHECK_EQ(ck_httpd_reply_header(reply, "X-Test", "yes"), CHALK_OK);
    CK_CHECK_EQ(ck_httpd_reply_header(reply, "X-Bad", "a\r\nb"), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_httpd_reply_header(reply, "X Bad", "a"), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_httpd_reply_send(reply, 99, NULL, "", 0), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_httpd_reply_send(reply, 200, "application/json", "{}", 2), CHALK_OK);
    CK_CHECK_EQ(ck_httpd_reply_send(reply, 200, NULL, "", 0), CHALK_ERR_BAD_STATE);
}

static void on_forgetful(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    (void)user;
    (void)request;
    (void)reply;
}

static void on_large(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    (void)user;
    (void)request;
    uint8_t *body = malloc(SITE_LARGE);
    for (size_t i = 0; i < SITE_LARGE; i++) {
        body[i] = (uint8_t)(i * 7 + (i >> 12));
    }
    CK_CHECK_EQ(ck_httpd_reply_send(reply, 200, NULL, body, CK_HTTPD_REPLY_BODY_MAX + 1u),
                CHALK_ERR_TOO_LARGE);
    CK_CHECK_EQ(ck_httpd_reply_send(reply, 200, NULL, body, SITE_LARGE), CHALK_OK);
    free(body);
}

static int on_ws_accept(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    static const char full[] = "the room is full\n";
    (void)user;
    if (strcmp(request->query, "token=late") == 0) {
        CK_CHECK_EQ(ck_httpd_reply_header(reply, "Retry-After", "7"), CHALK_OK);
        CK_CHECK_EQ(ck_httpd_reply_send(reply, 503, "text/plain", full, sizeof full - 1), CHALK_OK);
        return 503;
    }
    return strcmp(request->query, "token=good") == 0 ? 0 : 403;
}

static void on_ws_opened(void *user, ck_ws *ws, const ck_httpd_request *request, void **socket_user)
{
    site *t = user;
    char host[32];
    CK_CHECK(ck_httpd_request_header(request, "Host", host, sizeof host));
    CK_CHECK_STR(host, t->host != NULL ? t->host : "test");
    CK_CHECK(strcmp(request->path, "/room") == 0 || strcmp(request->path, "/board") == 0);
    *socket_user = t;
    t->ws = ws;
    t->ws_opened++;
}

static void on_ws_message(void *socket_user, ck_ws *ws, const uint8_t *data, size_t size, bool text)
{
    site *t = socket_user;
    t->ws_messages++;
    t->ws_last_size = size;
    t->ws_last_text = text;
    if (t->ws_echo) {
        ck_slice copy = ck_slice_copy(&ck_test_heap, data, size);
        CK_CHECK_EQ(ck_ws_send(ws, &copy, text), CHALK_OK);
        CK_CHECK(copy.blob == NULL);
    }
}

static void on_ws_drained(void *socket_user, ck_ws *ws)
{
    site *t = socket_user;
    CK_CHECK(ws == t->ws);
    t->ws_drained++;
}

static void on_ws_closed(void *socket_user, ck_ws *ws, int status)
{
    site *t = socket_user;
    CK_CHECK(ws == t->ws);
    t->ws = NULL;
    t->ws_closed++;
    t->ws_status = status;
}

void site_start(site *t)
{
    static const ck_ws_events events = {on_ws_accept, on_ws_opened, on_ws_message, on_ws_drained,
                                        on_ws_closed};
    const ck_ws_limits limits = {.queue_messages = 8, .queue_bytes = 500000};
    t->loop = net_loop();
    ck_httpd_config config = {
        .loop = t->loop, .server_name = "test", .connections_max = 4, .request_ms = t->request_ms};
    CK_CHECK_EQ(ck_httpd_create(&config, &t->httpd), CHALK_OK);
    CK_CHECK_EQ(ck_httpd_route(t->httpd, "GET", "/show", on_show, t), CHALK_OK);
    CK_CHECK_EQ(ck_httpd_route(t->httpd, "POST", "/show", on_show, t), CHALK_OK);
    CK_CHECK_EQ(ck_httpd_route(t->httpd, NULL, "/any/*", on_show, t), CHALK_OK);
    CK_CHECK_EQ(ck_httpd_route(t->httpd, "GET", "/forgetful", on_forgetful, t), CHALK_OK);
    CK_CHECK_EQ(ck_httpd_route(t->httpd, "GET", "/large", on_large, t), CHALK_OK);
    CK_CHECK_EQ(ck_httpd_route(t->httpd, "GET", "no slash", on_show, t),
                CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_httpd_websocket(t->httpd, "/room", NULL, &events, &limits, t), CHALK_OK);
    CK_CHECK_EQ(ck_httpd_websocket(t->httpd, "/board", "board.v1", &events, NULL, t), CHALK_OK);
    ck_listener_config listen = {.loop = t->loop, .accepted = on_accepted, .user = t};
    CK_CHECK_EQ(ck_listener_create(&listen, &t->listener), CHALK_OK);
}

void site_stop(site *t)
{
    ck_stream_destroy(&t->incoming);
    ck_listener_destroy(&t->listener);
    ck_httpd_destroy(&t->httpd);
    ck_loop_destroy(&t->loop);
}

/* ---- the client's side ---- */

void site_visit(site *t, net_record *client)
{
    *client = (net_record){.keep = true};
    ck_stream_config config = {
        .loop = t->loop, .events = net_events, .user = client, .tls = t->client_tls};
    CK_CHECK_EQ(
        ck_stream_connect(&config, "127.0.0.1", ck_listener_port(t->listener), &client->stream),
        CHALK_OK);
    net_wait(t->loop, net_is_opened, client);
}

void site_say(net_record *client, const void *data, size_t size)
{
    CK_CHECK_EQ(ck_stream_write_copy(client->stream, data, size), CHALK_OK);
}

void site_say_text(net_record *client, const char *text)
{
    site_say(client, text, strlen(text));
}

bool site_has_heard(void *arg)
{
    hearing *h = arg;
    size_t size = strlen(h->text);
    CK_CHECK(h->client->closed == 0);
    return h->client->size >= size &&
           memcmp(h->client->data + h->client->size - size, h->text, size) == 0;
}

bool site_has_heard_or_ended(void *arg)
{
    hearing *h = arg;
    return h->client->ended > 0 || h->client->closed > 0 || site_has_heard(h);
}

void site_forget(net_record *client)
{
    client->size = 0;
}

bool site_contains(const net_record *client, const char *text)
{
    size_t size = strlen(text);
    for (size_t i = 0; i + size <= client->size; i++) {
        if (memcmp(client->data + i, text, size) == 0) {
            return true;
        }
    }
    return false;
}

/* Head and a short body leave in one write. */
bool site_has_head(void *arg)
{
    return site_contains(arg, "\r\n\r\n");
}

bool site_has_none(void *arg)
{
    return ck_httpd_connections(((site *)arg)->httpd) == 0;
}
