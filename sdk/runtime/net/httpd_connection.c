/*
 * One HTTP connection: head, body, answer, and again. While an answer waits to leave, nothing more
 * is parsed and the stream is paused, so a peer that asks without reading costs one answer and
 * CK_HTTPD_READ_MAX bytes of requests.
 */
#include "runtime/net/httpd_internal.h"

#include "base/check.h"
#include "base/text.h"
#include "core/ws/handshake.h"

#include <string.h>

#define QUEUE_BYTES (CK_HTTPD_REPLY_BODY_MAX + 65536u) /* one answer, head and all */

static void start_request(ck_httpd_connection *c)
{
    ck_http_head_free(&c->head);
    ck_http_head_init(&c->head, CK_HTTP_REQUEST, c->httpd->loop->alloc);
    ck_buf_free(&c->body_bytes); /* an idle connection holds no memory for requests */
    ck_buf_init(&c->body_bytes, c->httpd->loop->alloc, CK_HTTPD_REQUEST_BODY_MAX);
    c->in_body = false;
    c->began_us = CK_NEVER;
}

/* Bytes one by one keep a connection from being idle, but not for longer than a request may take.
 */
static bool takes_too_long(ck_httpd_connection *c)
{
    uint64_t now_us = ck_loop_now_us(c->httpd->loop);
    c->began_us = CK_MIN(c->began_us, now_us);
    uint64_t most_ms = c->upload != NULL ? c->upload->most_ms : c->httpd->request_ms;
    return now_us - c->began_us > most_ms * CK_US_PER_MS;
}

static int status_of_fault(enum ck_http_fault fault)
{
    switch (fault) {
    case CK_HTTP_FAULT_VERSION:
        return 505;
    case CK_HTTP_FAULT_CODING:
        return 501;
    case CK_HTTP_FAULT_HEAD_SIZE:
    case CK_HTTP_FAULT_HEADER_COUNT:
        return 431;
    case CK_HTTP_FAULT_MEMORY:
        return 503;
    default:
        return 400;
    }
}

/* ---- the steps: each returns true when the next one may follow at once ---- */

/* A request is whole. */
static bool serve(ck_httpd_connection *c)
{
    ck_httpd_request request;
    ck_httpd_request_text text;
    if (c->upload != NULL) {
        ck_httpd_end_upload(c);
        return true;
    }
    int refusal = ck_httpd_read_request(c, &request, &text);
    if (refusal != 0) {
        ck_httpd_refuse(c, refusal);
    } else if (ck_ws_is_upgrade(&c->head)) {
        ck_ws_upgrade(c, &request);
        return false; /* the connection may be gone */
    } else {
        ck_httpd_answer(c, &request);
    }
    return true;
}

/* RFC 9110 10.1.1: a client may wait for this before it sends the body. */
static bool expect(ck_httpd_connection *c)
{
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (ck_http_head_get(&c->head, "Expect") == NULL || c->head.framing == CK_HTTP_NO_BODY) {
        return true;
    }
    if (!ck_http_head_has_token(&c->head, "Expect", "100-continue")) {
        ck_httpd_refuse(c, 417);
        return false;
    }
    int status = ck_stream_write_copy(c->stream, go_on, sizeof go_on - 1);
    if (status < 0) {
        ck_stream_close(c->stream, 0, status);
    }
    return status == CHALK_OK;
}

static bool take_head(ck_httpd_connection *c, ck_reader *in)
{
    int status = ck_http_head_feed(&c->head, in);
    if (status == 0) {
        return false;
    }
    if (status < 0) {
        ck_httpd_refuse(c, status_of_fault(c->head.fault));
        return false;
    }
    switch (ck_httpd_begin_upload(c)) {
    case CK_HTTPD_REFUSED:
        return false;
    case CK_HTTPD_TAKEN:
        ck_http_body_init(&c->body, &c->head);
        c->in_body = true;
        return expect(c);
    default:
        break;
    }
    bool too_long =
        c->head.framing == CK_HTTP_LENGTH && c->head.content_length > CK_HTTPD_REQUEST_BODY_MAX;
    if (too_long) {
        ck_httpd_refuse(c, 413);
        return false;
    }
    ck_http_body_init(&c->body, &c->head);
    c->in_body = true;
    return expect(c);
}

static bool take_body(ck_httpd_connection *c, ck_reader *in)
{
    ck_http_part part;
    int status = 0;
    while (!c->busy && (status = ck_http_body_next(&c->body, in, &part)) > 0) {
        if (c->upload != NULL) {
            c->upload->events.data(c->reply.user, part.data, part.size);
        } else {
            ck_buf_put(&c->body_bytes, part.data, part.size);
        }
    }
    if (c->busy) {
        return false; /* answered before it was whole */
    }
    int kept = ck_buf_status(&c->body_bytes);
    if (kept < 0) {
        ck_httpd_refuse(c, kept == CHALK_ERR_TOO_LARGE ? 413 : 503);
        return false;
    }
    if (status == 0) {
        return false;
    }
    if (status != CHALK_ERR_END) {
        ck_httpd_refuse(c, status_of_fault(c->body.fault));
        return false;
    }
    return true;
}

/* ---- bytes ---- */

/* Keeps what was not parsed; the stream gives no more until the answer has left. */
static void keep_rest(ck_httpd_connection *c, const ck_reader *in)
{
    ck_stream_pause(c->stream);
    ck_buf_put(&c->unparsed, in->at, ck_reader_left(in));
    if (ck_buf_status(&c->unparsed) < 0) {
        ck_stream_close(c->stream, 0, ck_buf_status(&c->unparsed));
    }
}

void ck_httpd_take_bytes(ck_httpd_connection *c, const uint8_t *data, size_t size)
{
    ck_reader in = ck_reader_of(data, size);
    while (ck_reader_left(&in) > 0 && !c->busy) {
        if (takes_too_long(c)) {
            ck_httpd_refuse(c, 408);
            break;
        }
        if (!c->in_body && !take_head(c, &in)) {
            break;
        }
        if (!take_body(c, &in)) {
            break;
        }
        if (ck_ws_is_upgrade(&c->head)) {
            /* What the peer sent behind its request belongs to the WebSocket. */
            ck_buf_put(&c->unparsed, in.at, ck_reader_left(&in));
        }
        if (!serve(c)) {
            return;
        }
        start_request(c);
    }
    if (c->busy && !c->closing) {
        keep_rest(c, &in);
    }
}

static void on_data(void *user, ck_stream *s, const uint8_t *data, size_t size)
{
    (void)s;
    ck_httpd_take_bytes(user, data, size);
}

/* The answer has left: on with what came in the meantime. */
static void on_drained(void *user, ck_stream *s)
{
    ck_httpd_connection *c = user;
    if (c->reply.deferred && c->reply.left > 0) {
        c->reply.later.more(c->reply.user);
        return;
    }
    if (!c->busy || c->closing || c->reply.deferred) {
        return;
    }
    c->busy = false;
    ck_stream_set_read_timeout(s, CK_HTTPD_IDLE_MS);
    ck_stream_resume(s);
    ck_buf rest = c->unparsed;
    ck_buf_init(&c->unparsed, c->httpd->loop->alloc, CK_HTTPD_READ_MAX);
    ck_httpd_take_bytes(c, rest.data, rest.size);
    ck_buf_free(&rest);
}

static void on_closed(void *user, ck_stream *s, int status)
{
    (void)s;
    (void)status;
    ck_httpd_free_connection(user);
}

ck_httpd_connection *ck_httpd_open_connection(ck_httpd *httpd, ck_stream *stream)
{
    static const ck_stream_events events = {
        .data = on_data, .drained = on_drained, .closed = on_closed};
    ck_httpd_connection *c = ck_new(httpd->loop->alloc, sizeof *c);
    if (c == NULL) {
        return NULL;
    }
    c->httpd = httpd;
    c->stream = stream;
    c->began_us = CK_NEVER;
    ck_list_init(&c->node);
    (void)ck_text_copy(c->peer, sizeof c->peer, ck_stream_peer(stream));
    ck_http_head_init(&c->head, CK_HTTP_REQUEST, httpd->loop->alloc);
    ck_buf_init(&c->reply.text, httpd->loop->alloc, CK_HTTPD_REPLY_HEADER_BYTES);
    ck_buf_init(&c->body_bytes, httpd->loop->alloc, CK_HTTPD_REQUEST_BODY_MAX);
    ck_buf_init(&c->unparsed, httpd->loop->alloc, CK_HTTPD_READ_MAX);
    ck_stream_set_events(stream, &events, c);
    ck_stream_set_queue(stream, QUEUE_BYTES, 0); /* drained: the answer has left */
    ck_stream_set_read_timeout(stream, CK_HTTPD_IDLE_MS);
    ck_stream_set_write_timeout(stream, CK_HTTPD_SEND_MS);
    ck_stream_resume(stream);
    return c;
}
