/*
 * From an HTTP request to a WebSocket (RFC 6455 4.2). The request is judged here; the handshake's
 * answer is libwebsockets'. It is given the socket and a request written anew from the parsed head,
 * with the headers of the handshake alone: what it parses is never the peer's own text.
 */
#include "runtime/net/lws_host.h"

#include "base/check.h"
#include "base/text.h"
#include "core/http/write.h"
#include "core/ws/handshake.h"

#include <string.h>

#define HANDSHAKE_BYTES 1024

/* RFC 6455 4.2.1. 0, or the HTTP status that refuses. */
static int judge(const ck_httpd_connection *c, const ck_httpd_request *request,
                 const ck_httpd_endpoint *endpoint)
{
    if (endpoint == NULL) {
        return 404;
    }
    int refusal = ck_ws_check_request(&c->head, endpoint->protocol);
    if (refusal != 0) {
        return refusal;
    }
    if (ck_stream_is_secure(c->stream)) {
        return 501;
    }
    const ck_ws_events *events = &endpoint->events;
    return events->accept != NULL ? events->accept(endpoint->user, request) : 0;
}

/* The request that libwebsockets gets to see, and behind it what the peer sent already. */
static int write_handshake(const ck_httpd_connection *c, const ck_httpd_endpoint *endpoint,
                           ck_buf *out)
{
    ck_http_header headers[5] = {
        {"Upgrade", "websocket"},
        {"Connection", "Upgrade"},
        {"Sec-WebSocket-Version", "13"},
        {"Sec-WebSocket-Key", ck_http_head_get(&c->head, "Sec-WebSocket-Key")},
        {"Sec-WebSocket-Protocol", endpoint->protocol},
    };
    size_t count = endpoint->protocol != NULL ? 5 : 4;
    int status = ck_http_write_request(out, "GET", "/", "localhost", headers, count);
    if (status == CHALK_OK) {
        status = ck_buf_status(&c->unparsed);
    }
    if (status == CHALK_OK) {
        ck_buf_put(out, c->unparsed.data, c->unparsed.size);
        status = ck_buf_status(out);
    }
    return status;
}

static ck_ws *new_socket(ck_lws_host *host, const ck_httpd_connection *c,
                         const ck_httpd_endpoint *endpoint)
{
    ck_ws *ws = ck_new(host->loop->alloc, sizeof *ws);
    if (ws == NULL) {
        return NULL;
    }
    ws->host = host;
    ws->endpoint = endpoint;
    ws->end_status = CHALK_ERR_DISCONNECTED;
    (void)ck_text_copy(ws->peer, sizeof ws->peer, c->peer);
    ck_buf_init(&ws->incoming, host->loop->alloc, endpoint->limits.message_bytes);
    ck_list_append(&host->sockets, &ws->node);
    host->httpd->connection_count++;
    return ws;
}

/* Takes the socket out of the stream and gives it away. From here on there is no HTTP answer any
 * more: what fails closes. */
static void hand_over(ck_lws_host *host, ck_ws *ws, const ck_httpd_request *request,
                      ck_socket socket, const ck_buf *handshake)
{
    host->adopting = ws;
    host->request = request;
    (void)lws_adopt_socket_vhost_readbuf(host->vhost, (lws_sockfd_type)socket,
                                         (const char *)handshake->data, handshake->size);
    host->request = NULL;
    if (host->adopting != NULL) {
        /* No memory for a connection: it has closed the socket and never told us. */
        host->adopting = NULL;
        ck_logf(host->loop->log, 2, "httpd", "%s: a WebSocket was dropped", ws->peer);
        ck_ws_free(ws);
    }
    /* Bytes behind the request, and time-outs set during the adoption, are looked at when one of
     * the library's descriptors is ready: this makes one ready. */
    lws_cancel_service(host->context);
}

void ck_ws_upgrade(ck_httpd_connection *c, const ck_httpd_request *request)
{
    ck_httpd *httpd = c->httpd;
    const ck_httpd_endpoint *endpoint = ck_httpd_find_endpoint(httpd, request->path);
    int refusal = judge(c, request, endpoint);
    if (refusal != 0) {
        ck_httpd_refuse(c, refusal);
        return;
    }
    ck_buf handshake;
    ck_buf_init(&handshake, httpd->loop->alloc, HANDSHAKE_BYTES + CK_HTTPD_READ_MAX);
    int status = write_handshake(c, endpoint, &handshake);
    if (status == CHALK_OK) {
        status = ck_lws_host_ensure(httpd);
    }
    ck_ws *ws = status == CHALK_OK ? new_socket(httpd->lws, c, endpoint) : NULL;
    ck_socket socket = CK_SOCKET_NONE;
    if (ws != NULL && ck_stream_detach(&c->stream, &socket) < 0) {
        ck_ws_free(ws);
        ws = NULL;
    }
    if (ws == NULL) {
        ck_httpd_refuse(c, 503);
    } else {
        hand_over(httpd->lws, ws, request, socket, &handshake);
        ck_httpd_free_connection(c);
    }
    ck_buf_free(&handshake);
}
