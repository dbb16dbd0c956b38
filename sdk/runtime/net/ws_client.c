/* A client's WebSocket: the handshake, and its owner's callbacks. */
#include "runtime/net/ws_client.h"

#include "base/check.h"
#include "base/text.h"
#include "core/ws/handshake.h"
#include "runtime/net/ws_internal.h"

#include <string.h>

#define AUTHORITY_MAX (CK_HOST_MAX + 16)
#define REQUEST_MAX   (CK_WS_TARGET_MAX + 4096)

typedef struct socket_of_client {
    ck_ws ws; /* first: the one is cast to the other */
    ck_ws_client_events events;
    void *user;
    ck_ws_limits limits;
    ck_ws_conn_config conn_config;
    char *protocol;
    uint64_t seed;
    uint8_t nonce[CK_WS_NONCE_BYTES];
    ck_http_head *head; /* the server's answer, until it has opened */
    char *refusal;      /* the server's words; NULL: none */
} socket_of_client;

/* ---- what happens ---- */

static void on_message(ck_ws *ws, const uint8_t *data, size_t size, bool text)
{
    const socket_of_client *s = (const socket_of_client *)ws;
    if (s->events.message != NULL) {
        s->events.message(s->user, ws, data, size, text);
    }
}

static void on_drained(ck_ws *ws)
{
    const socket_of_client *s = (const socket_of_client *)ws;
    if (s->events.drained != NULL) {
        s->events.drained(s->user, ws);
    }
}

static void on_closed(ck_ws *ws, int status, uint16_t code)
{
    const socket_of_client *s = (const socket_of_client *)ws;
    if (s->events.closed != NULL) {
        s->events.closed(s->user, ws, status, code);
    }
}

static void forget_answer(socket_of_client *s)
{
    if (s->head != NULL) {
        ck_http_head_free(s->head);
        ck_free(s->ws.loop->alloc, s->head);
        s->head = NULL;
    }
}

static void release(ck_ws *ws)
{
    socket_of_client *s = (socket_of_client *)ws;
    const ck_alloc *alloc = ws->loop->alloc;
    forget_answer(s);
    ck_free(alloc, s->refusal);
    ck_free(alloc, s->protocol);
    ck_free(alloc, s);
}

static const ck_ws_role_calls calls = {on_message, on_drained, on_closed, release};

/* ---- the handshake ---- */

static void open_socket(socket_of_client *s, const ck_reader *rest)
{
    forget_answer(s);
    ck_ws_open(&s->ws, &s->conn_config, s->seed);
    if (s->events.opened != NULL) {
        s->events.opened(s->user, &s->ws);
    }
    ck_ws_take(&s->ws, rest->at, ck_reader_left(rest));
}

static bool is_control(const uint8_t *at, size_t left)
{
    return *at < 0x20 || *at == 0x7f || (*at == 0xc2 && left > 1 && at[1] < 0xa0);
}

/* The rest of a body that did not come with its head is not waited for. Without memory there are no
 * words. */
static void keep_refusal(socket_of_client *s, const ck_reader *body)
{
    const uint8_t *at = body->at;
    size_t left = CK_MIN(ck_reader_left(body), CK_WS_REFUSAL_MAX);
    size_t size = 0;
    const char *type = ck_http_head_get(s->head, "Content-Type");
    if (s->head->framing != CK_HTTP_LENGTH || type == NULL || !ck_text_starts(type, "text/plain")) {
        return; /* in chunks, a page, or none */
    }
    left = left < s->head->content_length ? left : (size_t)s->head->content_length;
    left = ck_utf8_valid_prefix(at, left);
    while (size < left && !is_control(at + size, left - size)) {
        size++;
    }
    s->refusal = ck_new(s->ws.loop->alloc, size + 1);
    if (s->refusal != NULL) {
        memcpy(s->refusal, at, size);
    }
}

const char *ck_ws_refusal_words(const ck_ws *ws)
{
    const socket_of_client *s = (const socket_of_client *)ws;
    return s->refusal != NULL ? s->refusal : "";
}

static void on_answer(void *user, ck_stream *stream, const uint8_t *data, size_t size)
{
    socket_of_client *s = user;
    (void)stream;
    ck_reader in = ck_reader_of(data, size);
    int status = ck_http_head_feed(s->head, &in);
    if (status == 0 || s->ws.told) {
        return;
    }
    uint16_t code = status > 0 ? s->head->status : 0;
    if (status > 0) {
        status = ck_ws_check_response(s->head, s->nonce, s->protocol);
    } else if (status != CHALK_ERR_NO_MEMORY) {
        status = CHALK_ERR_PROTOCOL;
    }
    ck_ws_enter(&s->ws);
    if (status == CHALK_OK) {
        open_socket(s, &in);
    } else {
        if (code != 0) {
            keep_refusal(s, &in);
        }
        ck_ws_end(&s->ws, status, code, false);
    }
    ck_ws_leave(&s->ws);
}

static void on_ended(void *user, ck_stream *stream)
{
    socket_of_client *s = user;
    (void)stream;
    ck_ws_enter(&s->ws);
    ck_ws_end(&s->ws, CHALK_ERR_DISCONNECTED, 0, false);
    ck_ws_leave(&s->ws);
}

/* ---- the beginning ---- */

/* "host", "host:port", "[v6]:port", the port left out when it is the scheme's own. */
static void write_authority(const char *host, uint16_t port, bool secure, char *out)
{
    bool v6 = strchr(host, ':') != NULL;
    ck_text text = ck_text_of(out, AUTHORITY_MAX);
    ck_text_add(&text, v6 ? "[" : "");
    ck_text_add(&text, host);
    ck_text_add(&text, v6 ? "]" : "");
    if (port != (secure ? 443 : 80)) {
        ck_text_add(&text, ":");
        ck_text_add_u64(&text, port);
    }
}

static int write_request(const socket_of_client *s, const char *host, uint16_t port,
                         const char *target, bool secure, ck_buf *out)
{
    char authority[AUTHORITY_MAX];
    if (strlen(host) > CK_HOST_MAX || strlen(target) > CK_WS_TARGET_MAX ||
        (s->protocol != NULL && s->protocol[0] == '\0')) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    write_authority(host, port, secure, authority);
    int status = ck_ws_write_request(out, target, authority, s->nonce, s->protocol);
    return status == CHALK_ERR_TOO_LARGE ? CHALK_ERR_INVALID_ARGUMENT : status;
}

static int connect_stream(socket_of_client *s, const ck_ws_client_config *config, const char *host,
                          uint16_t port, const ck_buf *request)
{
    uint32_t connect_ms = config->connect_ms != 0 ? config->connect_ms : CK_STREAM_CONNECT_MS;
    ck_stream_config stream = {
        .loop = config->loop,
        .events = {.data = on_answer, .ended = on_ended, .closed = ck_ws_on_stream_closed},
        .user = s,
        .tls = config->tls,
        .tls_host = config->tls_host,
        .connect_timeout_ms = connect_ms,
        .write_timeout_ms = CK_WS_SEND_MS,
    };
    int status = ck_stream_connect(&stream, host, port, &s->ws.stream);
    if (status == CHALK_OK) {
        status = ck_stream_make_faults(s->ws.stream, &config->faults, config->attempt);
    }
    if (status == CHALK_OK) {
        status = ck_stream_write_copy(s->ws.stream, request->data, request->size);
    }
    if (status == CHALK_OK) {
        uint64_t now_us = ck_loop_now_us(config->loop);
        ck_slow_timer_set(&s->ws.deadline, now_us + (uint64_t)connect_ms * CK_US_PER_MS);
    }
    return status;
}

static int make_socket(const ck_ws_client_config *config, socket_of_client **out)
{
    const ck_alloc *alloc = config->loop->alloc;
    socket_of_client *s = ck_new(alloc, sizeof *s);
    if (s == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    s->limits = ck_ws_limits_of(&config->limits);
    s->conn_config = ck_ws_conn_config_of(config->loop, CK_WS_CLIENT, &s->limits);
    s->events = config->events;
    s->user = config->user;
    int status = ck_ws_init(&s->ws, &calls, config->loop, &s->limits);
    if (status < 0) {
        ck_free(alloc, s);
        return status;
    }
    *out = s;
    s->head = ck_new(alloc, sizeof *s->head);
    if (s->head == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_http_head_init(s->head, CK_HTTP_RESPONSE, alloc);
    if (ck_entropy(s->nonce, sizeof s->nonce) < 0 || ck_entropy(&s->seed, sizeof s->seed) < 0) {
        return CHALK_ERR_IO;
    }
    s->protocol = config->protocol != NULL ? ck_strdup(alloc, config->protocol) : NULL;
    return config->protocol == NULL || s->protocol != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

int ck_ws_stall(ck_ws *ws, uint64_t until_us)
{
    return ws->stream != NULL ? ck_stream_stall(ws->stream, until_us) : CHALK_OK;
}

int ck_ws_connect(const ck_ws_client_config *config, const char *host, uint16_t port,
                  const char *target, ck_ws **out)
{
    *out = NULL;
    if (host == NULL || target == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    socket_of_client *s = NULL;
    ck_buf request;
    ck_buf_init(&request, config->loop->alloc, REQUEST_MAX);
    int status = make_socket(config, &s);
    if (status == CHALK_OK) {
        status = write_request(s, host, port, target, config->tls != NULL, &request);
    }
    if (status == CHALK_OK) {
        status = connect_stream(s, config, host, port, &request);
    }
    ck_buf_free(&request);
    ck_ws *ws = s != NULL ? &s->ws : NULL;
    if (status < 0) {
        ck_ws_destroy(&ws);
    }
    *out = ws;
    return status;
}
