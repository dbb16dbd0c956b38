/*
 * The HTTP/1.1 (RFC 9110, 9112) and WebSocket (RFC 6455) server for everything that is not a media
 * stream: status page, JSON, metrics, rooms. It has no port: the owner accepts with a ck_listener,
 * looks at the request's head, keeps what is a media stream on its ck_stream and hands the others
 * over together with the bytes it has read. From then on the connection is served here, keep-alive
 * and pipelining included; a WebSocket stays on its stream too. TLS streams are served as plain
 * ones.
 *
 *     ck_httpd_create(&(ck_httpd_config){.loop = loop}, &httpd);
 *     ck_httpd_route(httpd, "GET", "/metrics", on_metrics, edge);
 *     ck_httpd_websocket(httpd, "/room", NULL, &room_events, NULL, edge);
 *     ...
 *     ck_httpd_adopt(httpd, &connection->stream, read, read_size);   // takes the stream
 *
 *     static void on_metrics(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
 *     {
 *         ck_httpd_reply_send(reply, 200, "text/plain; version=0.0.4", text, size);
 *     }
 *
 * A path nobody serves is answered 404, a method nobody serves on it 405, what is no request 400,
 * 413, 417, 431, 501 or 505, by this server.
 *
 * Thread: loop, for every function; callbacks come there, handlers also inside ck_httpd_adopt.
 * Lifetime: destroy before the loop; connections still open are cut, WebSockets report closed
 * with CHALK_ERR_CANCELLED from inside ck_httpd_destroy.
 */
#ifndef CK_RUNTIME_NET_HTTPD_H
#define CK_RUNTIME_NET_HTTPD_H

#include "runtime/net/stream.h"
#include "runtime/net/ws.h"

/* Limits. A head: CK_HTTP_HEAD_MAX bytes, CK_HTTP_HEADERS_MAX headers (core/http). */
#define CK_HTTPD_ROUTES_MAX         64
#define CK_HTTPD_UPLOADS_MAX        4
#define CK_HTTPD_HEAD_MAX           16384  /* bytes of a request head: CK_HTTP_HEAD_MAX */
#define CK_HTTPD_PATH_MAX           512    /* bytes of a request's path, decoded; longer: 414 */
#define CK_HTTPD_READ_MAX           131072 /* bytes handed to ck_httpd_adopt, or not parsed yet */
#define CK_HTTPD_REQUEST_BODY_MAX   65536  /* longer: 413 */
#define CK_HTTPD_REPLY_BODY_MAX     (4u << 20)
#define CK_HTTPD_REPLY_HEADERS_MAX  16
#define CK_HTTPD_REPLY_HEADER_BYTES 4096  /* names and values together */
#define CK_HTTPD_IDLE_MS            15000 /* between requests, or between two bytes of one */
#define CK_HTTPD_REQUEST_MS         30000 /* default, a whole request; longer: 408 */
#define CK_HTTPD_SEND_MS            30000 /* a reader that takes nothing of a reply for so long */

typedef struct ck_httpd ck_httpd;

typedef struct ck_httpd_config {
    ck_loop *loop;
    uint32_t connections_max; /* 0: 1024; above it ck_httpd_adopt gives CHALK_ERR_LIMIT */
    uint32_t request_ms;      /* a whole request, from its first byte; 0: CK_HTTPD_REQUEST_MS */
    const char *server_name;  /* "Server:" header, copied; NULL: none is sent */
} ck_httpd_config;

/* CHALK_ERR_NO_MEMORY, CHALK_ERR_CANCELLED. */
int ck_httpd_create(const ck_httpd_config *config, ck_httpd **out);
void ck_httpd_destroy(ck_httpd **httpd); /* NULL is accepted; not from one of its callbacks */

/* Takes an open stream (whose callbacks are this server's from here on) and the bytes already read
 * from it. On an error the stream is untouched and the caller's: CHALK_ERR_LIMIT (connections_max),
 * TOO_LARGE (CK_HTTPD_READ_MAX), NO_MEMORY. */
int ck_httpd_adopt(ck_httpd *httpd, ck_stream **stream, const void *read, size_t read_size);
uint32_t ck_httpd_connections(const ck_httpd *httpd);

/* ---- HTTP ---- */

typedef struct ck_httpd_request {
    const char *method; /* "GET" ...; all strings are borrowed during the handler */
    const char *path;   /* percent-decoded, begins with '/', dot segments removed */
    const char *query;  /* as sent, without '?'; "" when there is none; see ck_url_query */
    const uint8_t *body;
    size_t body_size;
    const char *peer; /* "address:port" */
    const void *head; /* private */
} ck_httpd_request;

/* Copies the value of the first header of that name, in any case; false when absent or cut. */
bool ck_httpd_request_header(const ck_httpd_request *request, const char *name, char *out,
                             size_t size);

typedef struct ck_httpd_reply ck_httpd_reply;
typedef void (*ck_httpd_handler)(void *user, const ck_httpd_request *request,
                                 ck_httpd_reply *reply);

/* `method` NULL: any; GET routes answer HEAD too. `path`: exact, or a prefix when it ends in '*'.
 * The first route that fits wins. CHALK_ERR_LIMIT, CHALK_ERR_INVALID_ARGUMENT, NO_MEMORY. */
int ck_httpd_route(ck_httpd *httpd, const char *method, const char *path, ck_httpd_handler handler,
                   void *user);

/* Before ck_httpd_reply_send; copied. CHALK_ERR_LIMIT, INVALID_ARGUMENT (control characters). */
int ck_httpd_reply_header(ck_httpd_reply *reply, const char *name, const char *value);
/* Once, inside the handler or later; the body is copied. A handler that returns without it, and did
 * not defer the reply, sends 500.
 * `type` NULL: no Content-Type. CHALK_ERR_TOO_LARGE, NO_MEMORY, BAD_STATE (second call),
 * INVALID_ARGUMENT (status not 200-599, control characters in `type`). */
int ck_httpd_reply_send(ck_httpd_reply *reply, int status, const char *type, const void *body,
                        size_t size);

/* ---- answers that come later, or in pieces ---- */

typedef struct ck_httpd_later {
    /* Of an answer in pieces: what was sent has left, the next piece may come. */
    void (*more)(void *user);
    /* The last callback: it is answered, or the connection has gone. The reply is invalid. Comes
     * from inside the call that answers, too. */
    void (*ended)(void *user);
} ck_httpd_later;

/* Inside a handler: keeps the reply beyond it, until `ended`. Meanwhile nothing more is read from
 * this peer. Where an answer cannot be given the connection is cut: that is its end, too. */
ck_httpd_reply *ck_httpd_reply_defer(ck_httpd_reply *reply, const ck_httpd_later *later,
                                     void *user);
/* Of a deferred reply: the head of an answer of `size` bytes, then its body in pieces, one each
 * time that `more` asks. Of a HEAD request the body is left out, and this is all. Errors as
 * ck_httpd_reply_send. */
int ck_httpd_reply_begin(ck_httpd_reply *reply, int status, const char *type, uint64_t size);
/* Takes it; no more than is missing. */
int ck_httpd_reply_piece(ck_httpd_reply *reply, ck_slice *piece);
/* The answer cannot go on: the connection is closed. */
void ck_httpd_reply_cut(ck_httpd_reply *reply);

/* ---- uploads: bodies that are taken as they come ---- */

typedef struct ck_httpd_upload_events {
    /* The head has come, of a body of `size` bytes. 0 takes the body, and the reply is deferred
     * from here on, with *upload_user; an HTTP status refuses it, as `accept` of a WebSocket. */
    int (*begin)(void *user, const ck_httpd_request *request, ck_httpd_reply *reply, uint64_t size,
                 void **upload_user);
    /* A piece; borrowed. A reply that is sent before the body is whole ends the connection. */
    void (*data)(void *upload_user, const uint8_t *data, size_t size);
    void (*whole)(void *upload_user); /* that was all */
    ck_httpd_later later;
} ck_httpd_upload_events;

/* PUT on `path`, with a Content-Length (411 without). `most_ms`: for a whole upload; then 408.
 * `events` is copied. Errors as ck_httpd_route. */
int ck_httpd_upload(ck_httpd *httpd, const char *path, uint32_t most_ms,
                    const ck_httpd_upload_events *events, void *user);
/* No piece comes until it is resumed, but for what has been read already. Resume comes from another
 * turn of the loop. */
void ck_httpd_upload_pause(ck_httpd_reply *reply);
void ck_httpd_upload_resume(ck_httpd_reply *reply);

/* ---- WebSocket: ck_ws_send, ck_ws_close ... are in ws.h ---- */

typedef struct ck_ws_events {
    /* Before the upgrade: 0 accepts, an HTTP status (403, 401, 503 ...) refuses, with what the
     * handler sends as the reply or, where it sends none, the status's usual text. NULL: all are
     * accepted. */
    int (*accept)(void *user, const ck_httpd_request *request, ck_httpd_reply *reply);
    /* *socket_user goes to the other callbacks; starts as NULL. The request is borrowed. */
    void (*opened)(void *user, ck_ws *ws, const ck_httpd_request *request, void **socket_user);
    /* A whole message, fragments joined; borrowed. */
    void (*message)(void *socket_user, ck_ws *ws, const uint8_t *data, size_t size, bool text);
    /* The queue is empty again after it had been half full or more. */
    void (*drained)(void *socket_user, ck_ws *ws);
    /* Exactly once after `opened`, the last callback; `ws` is invalid afterwards. status: CHALK_OK
     * (own close), PEER_CLOSED, TOO_LARGE (message_bytes), PROTOCOL, BAD_DATA (text that is no
     * UTF-8), TIMEOUT (CK_WS_SEND_MS), NO_MEMORY, CANCELLED, DISCONNECTED (cut, or silent for too
     * long). */
    void (*closed)(void *socket_user, ck_ws *ws, int status);
} ck_ws_events;

/* `protocol`: the Sec-WebSocket-Protocol that a client has to offer, NULL: none is asked for.
 * `events` and `limits` (NULL: defaults) are copied. Errors as ck_httpd_route. */
int ck_httpd_websocket(ck_httpd *httpd, const char *path, const char *protocol,
                       const ck_ws_events *events, const ck_ws_limits *limits, void *user);

#endif
