/* From an HTTP request to a WebSocket (RFC 6455 4.2), and a server's WebSockets. */
#include "runtime/net/httpd_internal.h"
#include "runtime/net/ws_internal.h"

#include "core/ws/handshake.h"

#include <string.h>

#define ANSWER_BYTES 4096

typedef struct socket_of_server {
    ck_ws ws; /* first: the one is cast to the other */
    ck_list node;
    ck_httpd *httpd;
    const ck_httpd_endpoint *endpoint;
    void *user;
} socket_of_server;

/* ---- what happens ---- */

static void on_message(ck_ws *ws, const uint8_t *data, size_t size, bool text)
{
    const socket_of_server *s = (const socket_of_server *)ws;
    if (s->endpoint->events.message != NULL) {
        s->endpoint->events.message(s->user, ws, data, size, text);
    }
}

static void on_drained(ck_ws *ws)
{
    const socket_of_server *s = (const socket_of_server *)ws;
    if (s->endpoint->events.drained != NULL) {
        s->endpoint->events.drained(s->user, ws);
    }
}

static void on_closed(ck_ws *ws, int status, uint16_t code)
{
    const socket_of_server *s = (const socket_of_server *)ws;
    (void)code;
    if (s->endpoint->events.closed != NULL) {
        s->endpoint->events.closed(s->user, ws, status);
    }
}

static void release(ck_ws *ws)
{
    socket_of_server *s = (socket_of_server *)ws;
    ck_list_remove(&s->node);
    s->httpd->connection_count--;
    ck_free(ws->loop->alloc, s);
}

static const ck_ws_role_calls calls = {on_message, on_drained, on_closed, release};

void ck_ws_end_all(ck_httpd *httpd)
{
    while (!ck_list_is_empty(&httpd->sockets)) {
        socket_of_server *s = CK_LIST_OWNER(httpd->sockets.next, socket_of_server, node);
        ck_ws_enter(&s->ws);
        ck_ws_end(&s->ws, CHALK_ERR_CANCELLED, 0, false);
        s->ws.destroyed = true;
        ck_ws_leave(&s->ws);
    }
}

/* ---- the upgrade ---- */

/* 0, or the HTTP status that refuses. */
static int judge(const ck_httpd_connection *c, const ck_httpd_endpoint *endpoint)
{
    return endpoint != NULL ? ck_ws_check_request(&c->head, endpoint->protocol) : 404;
}

static int answer(ck_httpd_connection *c, const ck_httpd_endpoint *endpoint)
{
    ck_buf out;
    ck_buf_init(&out, c->httpd->loop->alloc, ANSWER_BYTES);
    int status = ck_ws_write_response(&out, &c->head, endpoint->protocol, c->httpd->server_name);
    if (status == CHALK_OK) {
        status = ck_stream_write_copy(c->stream, out.data, out.size);
    }
    ck_buf_free(&out);
    return status;
}

static socket_of_server *make_socket(ck_httpd *httpd, const ck_httpd_endpoint *endpoint)
{
    socket_of_server *s = ck_new(httpd->loop->alloc, sizeof *s);
    if (s == NULL) {
        return NULL;
    }
    if (ck_ws_init(&s->ws, &calls, httpd->loop, &endpoint->limits) < 0) {
        ck_free(httpd->loop->alloc, s);
        return NULL;
    }
    s->httpd = httpd;
    s->endpoint = endpoint;
    httpd->connection_count++;
    ck_list_append(&httpd->sockets, &s->node);
    return s;
}

/* The request is still the connection's; what it sent behind it goes to the WebSocket. */
static void open_socket(socket_of_server *s, ck_httpd_connection *c,
                        const ck_httpd_request *request)
{
    const ck_httpd_endpoint *endpoint = s->endpoint;
    s->ws.stream = c->stream;
    c->stream = NULL;
    ck_ws_enter(&s->ws);
    ck_ws_open(&s->ws, &endpoint->conn_config, 0);
    if (endpoint->events.opened != NULL) {
        endpoint->events.opened(endpoint->user, &s->ws, request, &s->user);
    }
    ck_ws_take(&s->ws, c->unparsed.data, c->unparsed.size);
    ck_ws_leave(&s->ws);
}

void ck_ws_upgrade(ck_httpd_connection *c, const ck_httpd_request *request)
{
    ck_httpd *httpd = c->httpd;
    const ck_httpd_endpoint *endpoint = ck_httpd_find_endpoint(httpd, request->path);
    int refusal = judge(c, endpoint);
    if (refusal != 0) {
        ck_httpd_refuse(c, refusal);
        return;
    }
    if (!ck_httpd_admit(c, request, endpoint)) {
        return;
    }
    socket_of_server *s =
        ck_buf_status(&c->unparsed) == CHALK_OK ? make_socket(httpd, endpoint) : NULL;
    ck_ws *ws = s != NULL ? &s->ws : NULL;
    if (ws == NULL || answer(c, endpoint) < 0) {
        ck_ws_destroy(&ws);
        ck_httpd_refuse(c, 503);
        return;
    }
    open_socket(s, c, request);
    ck_httpd_free_connection(c);
}
