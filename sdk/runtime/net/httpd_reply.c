/* Finding who answers, and writing the answer. */
#include "runtime/net/httpd_internal.h"

#include "base/check.h"
#include "base/text.h"
#include "core/http/write.h"

#include <string.h>

#define OWN_HEADERS    4    /* that every reply may get beside the handler's */
#define HEAD_BYTES     8192 /* of a reply */
#define CLOSE_FLUSH_MS 5000

int ck_httpd_reply_header(ck_httpd_reply *reply, const char *name, const char *value)
{
    if (reply->sent) {
        return CHALK_ERR_BAD_STATE;
    }
    size_t size = strlen(name) + strlen(value) + 2;
    if (reply->header_count == CK_HTTPD_REPLY_HEADERS_MAX ||
        size > CK_HTTPD_REPLY_HEADER_BYTES - reply->text.size) {
        return CHALK_ERR_LIMIT;
    }
    /* The writer of heads is the judge of what a header may be: it is asked with this one alone. */
    ck_buf trial;
    ck_buf_init(&trial, reply->connection->httpd->loop->alloc, HEAD_BYTES);
    int status = ck_http_write_response(&trial, 200, &(ck_http_header){name, value}, 1);
    ck_buf_free(&trial);
    if (status == CHALK_OK) {
        ck_buf_put(&reply->text, name, strlen(name) + 1);
        ck_buf_put(&reply->text, value, strlen(value) + 1);
        status = ck_buf_status(&reply->text);
        reply->header_count += status == CHALK_OK;
    }
    return status;
}

static size_t list_headers(const ck_httpd_reply *reply, const char *type, const char *length,
                           ck_http_header *out)
{
    const ck_httpd_connection *c = reply->connection;
    size_t count = 0;
    if (c->httpd->server_name != NULL) {
        out[count++] = (ck_http_header){"Server", c->httpd->server_name};
    }
    if (type != NULL) {
        out[count++] = (ck_http_header){"Content-Type", type};
    }
    out[count++] = (ck_http_header){"Content-Length", length};
    if (c->closing) {
        out[count++] = (ck_http_header){"Connection", "close"};
    }
    const char *name = (const char *)reply->text.data;
    for (size_t i = 0; i < reply->header_count; i++) {
        const char *value = name + strlen(name) + 1;
        out[count++] = (ck_http_header){name, value};
        name = value + strlen(value) + 1;
    }
    return count;
}

/* `body` NULL: the head alone. */
static int write_reply(ck_httpd_reply *reply, int status, const char *type, const void *body,
                       uint64_t size)
{
    ck_httpd_connection *c = reply->connection;
    const ck_alloc *alloc = c->httpd->loop->alloc;
    ck_http_header headers[CK_HTTPD_REPLY_HEADERS_MAX + OWN_HEADERS];
    char length[24];
    ck_text length_text = ck_text_of(length, sizeof length);
    ck_text_add_u64(&length_text, size);
    ck_buf head;
    ck_buf_init(&head, alloc, HEAD_BYTES);
    int result =
        ck_http_write_response(&head, status, headers, list_headers(reply, type, length, headers));
    ck_slice pieces[2] = {{0}, {0}};
    if (result == CHALK_OK) {
        size_t body_size = reply->head_only || body == NULL ? 0 : (size_t)size;
        pieces[0] = ck_slice_copy(alloc, head.data, head.size);
        pieces[1] = body_size > 0 ? ck_slice_copy(alloc, body, body_size) : (ck_slice){0};
        bool whole = pieces[0].data != NULL && pieces[1].size == body_size;
        result = whole ? ck_stream_write(c->stream, pieces, 2) : CHALK_ERR_NO_MEMORY;
    }
    ck_slice_unref(&pieces[0]);
    ck_slice_unref(&pieces[1]);
    ck_buf_free(&head);
    return result;
}

/* The reply is queued, or could not be: then the peer cannot be answered any more. */
static void finish(ck_httpd_reply *reply)
{
    ck_httpd_connection *c = reply->connection;
    ck_buf_free(&reply->text);
    c->busy = true;
    if (!reply->sent) {
        ck_stream_close(c->stream, 0, CHALK_ERR_NO_MEMORY);
    } else if (c->closing) {
        ck_stream_close(c->stream, reply->deferred ? CK_HTTPD_SEND_MS : CLOSE_FLUSH_MS, CHALK_OK);
    } else {
        ck_stream_set_read_timeout(c->stream, 0); /* until it has left: the write time-out rules */
    }
}

/* Of a deferred reply, which is over. */
static void conclude(ck_httpd_reply *reply)
{
    finish(reply);
    reply->deferred = false;
    reply->later.ended(reply->user);
}

/* CHALK_OK: it may be answered with that. */
static int check(const ck_httpd_reply *reply, int status)
{
    return reply->sent                    ? CHALK_ERR_BAD_STATE
           : status < 200 || status > 599 ? CHALK_ERR_INVALID_ARGUMENT
                                          : CHALK_OK;
}

/* What is still to come of a body can be told from the next request by the end of the connection
 * alone. */
static void prepare(ck_httpd_reply *reply)
{
    ck_httpd_connection *c = reply->connection;
    c->closing = c->closing || c->upload != NULL;
}

int ck_httpd_reply_send(ck_httpd_reply *reply, int status, const char *type, const void *body,
                        size_t size)
{
    int result = check(reply, status);
    if (result == CHALK_OK && size > CK_HTTPD_REPLY_BODY_MAX) {
        result = CHALK_ERR_TOO_LARGE;
    }
    if (result == CHALK_OK) {
        prepare(reply);
        result = write_reply(reply, status, type, body != NULL ? body : "", size);
        reply->sent = result == CHALK_OK;
    }
    if (reply->deferred && result != CHALK_ERR_BAD_STATE) {
        conclude(reply);
    }
    return result;
}

/* ---- later, and in pieces ---- */

ck_httpd_reply *ck_httpd_reply_defer(ck_httpd_reply *reply, const ck_httpd_later *later, void *user)
{
    reply->deferred = true;
    reply->later = *later;
    reply->user = user;
    return reply;
}

int ck_httpd_reply_begin(ck_httpd_reply *reply, int status, const char *type, uint64_t size)
{
    int result = check(reply, status);
    if (result == CHALK_OK) {
        prepare(reply);
        result = write_reply(reply, status, type, NULL, size);
    }
    if (result == CHALK_OK) {
        reply->sent = true;
        reply->left = reply->head_only || status == 304 ? 0 : size;
    }
    if (result != CHALK_ERR_BAD_STATE && reply->left == 0) {
        conclude(reply);
    }
    return result;
}

int ck_httpd_reply_piece(ck_httpd_reply *reply, ck_slice *piece)
{
    size_t size = piece->size;
    int status = size > 0 && size <= reply->left
                     ? ck_stream_write(reply->connection->stream, piece, 1)
                     : CHALK_ERR_INVALID_ARGUMENT;
    if (status < 0) {
        ck_httpd_reply_cut(reply);
        return status;
    }
    reply->left -= size;
    if (reply->left == 0) {
        conclude(reply);
    }
    return CHALK_OK;
}

void ck_httpd_reply_cut(ck_httpd_reply *reply)
{
    reply->connection->closing = true;
    reply->sent = false;
    conclude(reply);
}

static void send_plain(ck_httpd_reply *reply, int status)
{
    const char *reason = ck_http_reason(status);
    (void)ck_httpd_reply_send(reply, status, "text/plain", reason, strlen(reason));
}

/* For the next answer of this connection. */
static ck_httpd_reply *new_reply(ck_httpd_connection *c)
{
    ck_buf_free(&c->reply.text);
    c->reply = (ck_httpd_reply){.connection = c};
    ck_buf_init(&c->reply.text, c->httpd->loop->alloc, CK_HTTPD_REPLY_HEADER_BYTES);
    return &c->reply;
}

void ck_httpd_refuse(ck_httpd_connection *c, int status)
{
    ck_httpd_reply *reply = c->reply.deferred ? &c->reply : new_reply(c);
    c->closing = true;
    if (status == 426) { /* RFC 6455 4.4: says which version is spoken here */
        (void)ck_httpd_reply_header(reply, "Upgrade", "websocket");
        (void)ck_httpd_reply_header(reply, "Sec-WebSocket-Version", "13");
    }
    if (!reply->deferred) {
        send_plain(reply, status);
        finish(reply);
        return;
    }
    send_plain(reply, status);
}

bool ck_httpd_admit(ck_httpd_connection *c, const ck_httpd_request *request,
                    const ck_httpd_endpoint *endpoint)
{
    if (endpoint->events.accept == NULL) {
        return true;
    }
    ck_httpd_reply *reply = new_reply(c);
    c->closing = true; /* a reply that is sent now ends the connection */
    int refusal = endpoint->events.accept(endpoint->user, request, reply);
    if (refusal == 0) {
        c->closing = false;
        ck_buf_free(&reply->text);
        return true;
    }
    if (!reply->sent) {
        send_plain(reply, refusal);
    }
    finish(reply);
    return false;
}

bool ck_httpd_admit_upload(ck_httpd_connection *c, const ck_httpd_request *request,
                           const ck_httpd_upload_entry *upload)
{
    ck_httpd_reply *reply = new_reply(c);
    const bool keep_alive = c->head.keep_alive;
    void *user = NULL;
    c->closing = true;
    int refusal = upload->events.begin(upload->user, request, reply, c->head.content_length, &user);
    if (refusal != 0) {
        if (!reply->sent) {
            send_plain(reply, refusal);
        }
        finish(reply);
        return false;
    }
    (void)ck_httpd_reply_defer(reply, &upload->events.later, user);
    c->closing = !keep_alive;
    c->upload = upload;
    return true;
}

static bool method_fits(const ck_httpd_route_entry *entry, const char *method)
{
    return entry->method == NULL || strcmp(entry->method, method) == 0 ||
           (strcmp(entry->method, "GET") == 0 && strcmp(method, "HEAD") == 0);
}

/* Also collects, for 405, the methods that would do (RFC 9110 15.5.6). */
static const ck_httpd_route_entry *find_route(const ck_httpd *httpd,
                                              const ck_httpd_request *request, ck_text *allow)
{
    for (size_t i = 0; i < httpd->route_count; i++) {
        const ck_httpd_route_entry *entry = &httpd->routes[i];
        if (!ck_httpd_path_fits(entry->path, entry->prefix, request->path)) {
            continue;
        }
        if (method_fits(entry, request->method)) {
            return entry;
        }
        ck_text_add(allow, allow->used > 0 ? ", " : "");
        ck_text_add(allow, entry->method);
    }
    return NULL;
}

void ck_httpd_answer(ck_httpd_connection *c, const ck_httpd_request *request)
{
    char allowed[128];
    ck_text allow = ck_text_of(allowed, sizeof allowed);
    ck_httpd_reply *reply = new_reply(c);
    reply->head_only = strcmp(request->method, "HEAD") == 0;
    c->closing = !c->head.keep_alive;
    const ck_httpd_route_entry *entry = find_route(c->httpd, request, &allow);
    if (entry != NULL) {
        entry->handler(entry->user, request, reply);
        if (reply->deferred) { /* not answered yet */
            c->busy = true;
            ck_stream_set_read_timeout(c->stream, 0);
            return;
        }
        if (!reply->sent) {
            reply->header_count = 0;
            send_plain(reply, 500);
        }
    } else if (allow.used > 0) {
        (void)ck_httpd_reply_header(reply, "Allow", allowed);
        send_plain(reply, 405);
    } else {
        send_plain(reply, 404);
    }
    if (!c->busy) { /* a reply that was deferred may be finished by now */
        finish(reply);
    }
}
