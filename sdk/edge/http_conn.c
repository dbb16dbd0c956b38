/* The HTTP port: reads the head of the first request and decides who serves the connection. */
#include "edge/http_conn.h"

#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/http/write.h"
#include "edge/visitor.h"

#include <string.h>

static void release(ck_conn *base, uint64_t now_us)
{
    ck_http_conn *c = (ck_http_conn *)base;
    (void)now_us;
    ck_hub_read_close(&c->reader);
}

static void destroy(ck_conn *base)
{
    ck_http_conn *c = (ck_http_conn *)base;
    ck_http_head_free(&c->head);
    ck_buf_free(&c->raw);
    ck_http_conn_forget_origin(c);
}

void ck_http_conn_forget_origin(ck_http_conn *c)
{
    ck_free(&c->base.edge->budget.alloc, c->origin);
    c->origin = NULL;
}

static size_t write_answer(ck_buf *out, const ck_http_conn *c, int status, const char *why)
{
    char length[24];
    ck_text text = ck_text_of(length, sizeof length);
    ck_text_add_u64(&text, strlen(why) + 1);
    ck_http_header headers[6] = {
        {"Content-Type", "text/plain; charset=utf-8"},
        {"Content-Length", length},
        {"Cache-Control", "no-store"},
        {"Connection", "close"},
    };
    size_t count = 4;
    if (c->origin != NULL) {
        headers[count++] = (ck_http_header){"Access-Control-Allow-Origin", c->origin};
    }
    if (status == 405) {
        headers[count++] = (ck_http_header){"Allow", "GET, HEAD"};
    } else if (status == 401) {
        headers[count++] = (ck_http_header){"WWW-Authenticate", "Bearer"};
    }
    if (ck_http_write_response(out, status, headers, count) == CHALK_OK && !c->head_only) {
        ck_buf_put(out, why, strlen(why));
        ck_buf_put(out, "\n", 1);
    }
    return out->failed ? 0 : out->size;
}

void ck_http_conn_answer(ck_http_conn *c, int status, const char *why)
{
    const ck_alloc *alloc = &c->base.edge->budget.alloc;
    ck_buf text;
    ck_out out = {.head_size = 0};
    ck_buf_init(&text, alloc, 2048);
    size_t size = write_answer(&text, c, status, why);
    if (size > 0) {
        out.body = ck_slice_copy(alloc, text.data, size);
    }
    ck_buf_free(&text);
    if (out.body.data == NULL || ck_conn_write(&c->base, &out)) {
        ck_conn_end(&c->base, CK_EDGE_FAREWELL_MS, CHALK_OK, why);
    }
}

static void pump(ck_conn *base, uint64_t now_us)
{
    ck_http_conn *c = (ck_http_conn *)base;
    if (c->phase != CK_FLV_PHASE_HEAD) {
        ck_flv_pump(c, now_us);
    }
}

static void tick(ck_conn *base, uint64_t now_us)
{
    ck_http_conn *c = (ck_http_conn *)base;
    if (c->phase == CK_FLV_PHASE_HEAD && now_us - base->opened_us >= CK_EDGE_SETUP_US) {
        ck_edge_refuse(base->edge, CHALK_ERR_TIMEOUT);
        ck_conn_end(base, 0, CHALK_ERR_TIMEOUT, "no request came");
        return;
    }
    pump(base, now_us);
}

static void stop(ck_conn *base, uint64_t now_us)
{
    ck_http_conn *c = (ck_http_conn *)base;
    bool plays = c->phase == CK_FLV_PHASE_BEGINNING || c->phase == CK_FLV_PHASE_PLAYING;
    if (plays) {
        pump(base, now_us); /* its stream has ended: the rest goes out, then the connection ends */
    } else {
        ck_conn_end(base, 0, CHALK_ERR_CANCELLED, "the server is stopping");
    }
}

/* True when the connection was given away or freed and must not be touched any more. */
static bool hand_over(ck_http_conn *c)
{
    ck_edge *edge = c->base.edge;
    ck_conn_unlist(&c->base); /* from here on it is counted as one of the HTTP server's */
    int status = ck_httpd_adopt(edge->httpd, &c->base.stream, c->raw.data, c->raw.size);
    if (status < 0) {
        ck_conn_list(&c->base);
        ck_edge_refuse(edge, status);
        ck_http_conn_answer(c, status == CHALK_ERR_LIMIT ? 503 : 500, chalk_error_text(status));
        return false;
    }
    ck_conn_free(&c->base);
    return true;
}

static bool is_flv(const char *target)
{
    static const char suffix[] = ".flv";
    size_t path_size = strcspn(target, "?");
    size_t suffix_size = sizeof suffix - 1;
    return path_size >= suffix_size &&
           strncmp(target + path_size - suffix_size, suffix, suffix_size) == 0;
}

static int status_of_fault(enum ck_http_fault fault)
{
    switch (fault) {
    case CK_HTTP_FAULT_HEAD_SIZE:
    case CK_HTTP_FAULT_HEADER_COUNT:
        return 431;
    case CK_HTTP_FAULT_VERSION:
        return 505;
    case CK_HTTP_FAULT_CODING:
        return 501;
    case CK_HTTP_FAULT_MEMORY:
        return 503;
    default:
        return 400;
    }
}

/* Without memory for it the answer is for no page at all, which is the safe side. */
static void keep_origin(ck_http_conn *c)
{
    const char *origin = ck_http_head_get(&c->head, "Origin");
    const char *allowed = ck_visitor_allowed_origin(c->base.edge->access.open, origin);
    if (allowed != NULL) {
        c->origin = ck_strdup(&c->base.edge->budget.alloc, allowed);
    }
}

static bool take_head(ck_http_conn *c, const uint8_t *data, size_t size, uint64_t now_us)
{
    ck_reader in = ck_reader_of(data, size);
    ck_buf_put(&c->raw, data, size);
    int status = ck_http_head_feed(&c->head, &in);
    if (status == 0 && !c->raw.failed) {
        return false;
    }
    if (status < 0) {
        ck_edge_refuse(c->base.edge, status);
        ck_http_conn_answer(c, status_of_fault(c->head.fault), ck_http_fault_text(c->head.fault));
        return false;
    }
    keep_origin(c);
    if (c->base.edge->access.open &&
        !ck_visitor_asks_this_machine(ck_http_head_get(&c->head, "Host"))) {
        ck_edge_refuse(c->base.edge, CHALK_ERR_DENIED);
        ck_http_conn_answer(c, 421,
                            "this server is for its own machine, under that machine's name");
        return false;
    }
    if (is_flv(ck_http_head_target(&c->head))) {
        ck_flv_begin(c, now_us);
        ck_http_head_free(&c->head); /* a player is kept for hours, its request is not */
        ck_buf_free(&c->raw);
        return false;
    }
    if (c->raw.failed) {
        ck_edge_refuse(c->base.edge, ck_buf_status(&c->raw));
        ck_http_conn_answer(c, 413, "the request is too large");
        return false;
    }
    return hand_over(c);
}

static void on_data(void *user, ck_stream *stream, const uint8_t *data, size_t size)
{
    ck_http_conn *c = user;
    ck_edge *edge = c->base.edge;
    uint64_t now_us = ck_edge_now(edge);
    (void)stream;
    ck_conn_received(&c->base, size);
    bool reads_head = !c->base.ending && c->phase == CK_FLV_PHASE_HEAD;
    /* A player has nothing more to say; what it sends all the same is passed over. */
    if (reads_head && !take_head(c, data, size, now_us) && !c->base.ending) {
        pump(&c->base, now_us);
    }
    ck_edge_settle(edge);
}

static const ck_conn_kind kind = {
    .name = "http",
    .data = on_data,
    .pump = pump,
    .tick = tick,
    .stop = stop,
    .release = release,
    .destroy = destroy,
};

int ck_http_conn_accept(void *user, ck_socket socket, const char *peer)
{
    ck_edge *edge = user;
    ck_http_conn *c = NULL;
    int status = CHALK_ERR_LIMIT;
    if (ck_edge_connections(edge) < edge->connections_max) {
        c = ck_new(&edge->budget.alloc, sizeof *c);
        status = c != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    }
    if (status == CHALK_OK) {
        c->base.edge = edge;
        c->phase = CK_FLV_PHASE_HEAD;
        ck_http_head_init(&c->head, CK_HTTP_REQUEST, &edge->budget.alloc);
        /* What came with the head may be the beginning of an upload. */
        ck_buf_init(&c->raw, &edge->budget.alloc, CK_HTTPD_READ_MAX);
        status = ck_conn_open(edge, &c->base, &kind, socket);
    }
    if (status < 0) {
        ck_logf(&edge->log, 2, "edge", "http %s: refused: %s", peer, chalk_error_text(status));
        ck_edge_refuse(edge, status);
        if (c != NULL) {
            destroy(&c->base);
            ck_free(&edge->budget.alloc, c);
        }
    }
    ck_edge_settle(edge);
    return status;
}
