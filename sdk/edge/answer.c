/* What the pages have in common: who asks, and how it is answered. */
#include "edge/answer.h"

#include "base/text.h"
#include "core/url/url.h"
#include "edge/page.h"
#include "edge/visitor.h"

#include <string.h>

#define TEXT_TYPE "text/plain; charset=utf-8"

/* ---- replies ---- */

static void add_headers(ck_httpd_reply *reply)
{
    /* A header that does not fit is left out; the answer is right without it. */
    (void)ck_httpd_reply_header(reply, "Cache-Control", "no-store");
    (void)ck_httpd_reply_header(reply, "X-Content-Type-Options", "nosniff");
    (void)ck_httpd_reply_header(reply, "Referrer-Policy", "no-referrer");
}

void ck_reply_text(ck_httpd_reply *reply, int status, const char *text)
{
    add_headers(reply);
    if (status == 401) {
        (void)ck_httpd_reply_header(reply, "WWW-Authenticate", "Bearer");
    }
    (void)ck_httpd_reply_send(reply, status, TEXT_TYPE, text, strlen(text));
}

void ck_reply_page(ck_httpd_reply *reply, const char *type, ck_buf *page)
{
    if (ck_buf_status(page) != CHALK_OK) {
        ck_reply_text(reply, 503, "out of memory\n");
    } else {
        add_headers(reply);
        (void)ck_httpd_reply_send(reply, 200, type, page->data, page->size);
    }
    ck_buf_free(page);
}

void ck_reply_refusal(ck_edge *edge, ck_httpd_reply *reply, const ck_access_result *access)
{
    char text[160];
    ck_text out = ck_text_of(text, sizeof text);
    ck_text_add(&out, access->why);
    ck_text_add(&out, "\n");
    ck_edge_refuse(edge, CHALK_ERR_DENIED);
    ck_reply_text(reply, access->fault == CK_TOKEN_MISSING ? 401 : 403, text);
}

/* The error under which a status is counted. */
static int error_of(int status)
{
    switch (status) {
    case 400:
        return CHALK_ERR_BAD_DATA;
    case 404:
        return CHALK_ERR_NOT_FOUND;
    case 409:
        return CHALK_ERR_BAD_STATE;
    case 413:
        return CHALK_ERR_TOO_LARGE;
    case 415:
        return CHALK_ERR_UNSUPPORTED;
    case 429:
    case 503:
        return CHALK_ERR_LIMIT;
    case 500:
        return CHALK_ERR_IO;
    case 507:
        return CHALK_ERR_NO_SPACE;
    default:
        return CHALK_ERR_DENIED;
    }
}

int ck_reply_why(ck_edge *edge, ck_httpd_reply *reply, int status, const char *why)
{
    char text[192], challenge[192];
    ck_text line = ck_text_of(text, sizeof text);
    ck_text_add(&line, why);
    ck_text_add(&line, "\n");
    if (status == 401) { /* RFC 6750 3 */
        ck_text header = ck_text_of(challenge, sizeof challenge);
        ck_text_add(&header, "Bearer error=\"invalid_token\", error_description=\"");
        ck_text_add(&header, why);
        ck_text_add(&header, "\"");
        (void)ck_httpd_reply_header(reply, "WWW-Authenticate", challenge);
    } else if (status == 429 || status == 503) {
        (void)ck_httpd_reply_header(reply, "Retry-After", "1");
    }
    ck_edge_refuse(edge, error_of(status));
    add_headers(reply);
    (void)ck_httpd_reply_send(reply, status, TEXT_TYPE, text, strlen(text));
    return status;
}

/* ---- who asks ---- */

void ck_find_token(const ck_httpd_request *request, char token[CHALK_TOKEN_MAX])
{
    static const char scheme[] = "Bearer ";
    char header[CHALK_TOKEN_MAX + sizeof scheme];
    int status = ck_url_query(request->query, "token", token, CHALK_TOKEN_MAX);
    if (status == CHALK_OK) {
        return;
    }
    ck_text_copy(token, CHALK_TOKEN_MAX, status == CHALK_ERR_NOT_FOUND ? "" : "broken");
    if (status == CHALK_ERR_NOT_FOUND &&
        ck_httpd_request_header(request, "Authorization", header, sizeof header) &&
        ck_text_starts(header, scheme)) {
        ck_text_copy(token, CHALK_TOKEN_MAX, header + sizeof scheme - 1);
    }
}

/* Buffers for headers are as large as a whole request: a value that is cut would count as absent.
 */
static bool asks_this_machine(const ck_httpd_request *request)
{
    char host[CK_HTTPD_HEAD_MAX];
    bool named = ck_httpd_request_header(request, "Host", host, sizeof host);
    return ck_visitor_asks_this_machine(named ? host : NULL);
}

/* The first request of a connection was looked at before
 * it came here; this may be a later one. */
bool ck_is_misdirected(ck_edge *edge, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    if (!edge->access.open || asks_this_machine(request)) {
        return false;
    }
    ck_edge_refuse(edge, CHALK_ERR_DENIED);
    ck_reply_text(reply, 421, "this server is for its own machine, under that machine's name\n");
    return true;
}

bool ck_is_foreign_page(const ck_edge *edge, const ck_httpd_request *request)
{
    char origin[CK_ORIGIN_MAX] = "";
    char long_origin[CK_HTTPD_HEAD_MAX];
    if (!edge->access.open ||
        !ck_httpd_request_header(request, "Origin", long_origin, sizeof long_origin)) {
        return false;
    }
    bool whole = ck_text_copy(origin, sizeof origin, long_origin);
    return !whole || ck_visitor_allowed_origin(true, origin) == NULL;
}

/* On this machine and under its name, not through a proxy that speaks for somebody else. */
static bool is_local(const ck_httpd_request *request)
{
    ck_address peer;
    char forwarded[CK_HTTPD_HEAD_MAX];
    bool proxied = ck_httpd_request_header(request, "X-Forwarded-For", forwarded, sizeof forwarded);
    return !proxied && asks_this_machine(request) &&
           ck_address_parse(&peer, request->peer) == CHALK_OK && peer.loopback;
}

uint64_t ck_wall_s(void)
{
    return ck_wall_us() / CK_US_PER_S;
}

int ck_may_oversee(ck_edge *edge, const ck_httpd_request *request, ck_access_result *access)
{
    char token[CHALK_TOKEN_MAX];
    if (is_local(request)) {
        return CHALK_OK;
    }
    ck_find_token(request, token);
    return ck_access_oversee(&edge->access, token, ck_wall_s(), access);
}

void ck_allow_origin(const ck_edge *edge, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    char origin[CK_ORIGIN_MAX];
    bool sent = ck_httpd_request_header(request, "Origin", origin, sizeof origin);
    const char *allowed = ck_visitor_allowed_origin(edge->access.open, sent ? origin : NULL);
    if (allowed != NULL) {
        (void)ck_httpd_reply_header(reply, "Access-Control-Allow-Origin", allowed);
    }
}
