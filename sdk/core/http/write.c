#include "core/http/write.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/http/chars.h"

#include <string.h>

static void put(ck_buf *out, const char *text)
{
    ck_buf_put(out, text, strlen(text));
}

static bool is_host(const char *host)
{
    return ck_http_is_visible(host, strlen(host)) && strpbrk(host, "/?#@\\") == NULL;
}

static bool are_headers(const ck_http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!ck_http_is_token(headers[i].name, strlen(headers[i].name)) ||
            !ck_http_is_value(headers[i].value, strlen(headers[i].value))) {
            return false;
        }
    }
    return true;
}

static void put_headers(ck_buf *out, const ck_http_header *headers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put(out, headers[i].name);
        put(out, ": ");
        put(out, headers[i].value);
        put(out, "\r\n");
    }
    put(out, "\r\n");
}

static int finish(ck_buf *out, size_t old_size)
{
    int status = ck_buf_status(out);
    if (status < 0) {
        out->size = old_size;
    }
    return status;
}

int ck_http_write_request(ck_buf *out, const char *method, const char *target, const char *host,
                          const ck_http_header *headers, size_t header_count)
{
    size_t old_size = out->size;
    if (!ck_http_is_token(method, strlen(method)) || !ck_http_is_visible(target, strlen(target)) ||
        !is_host(host) || !are_headers(headers, header_count)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    put(out, method);
    put(out, " ");
    put(out, target);
    put(out, " HTTP/1.1\r\nHost: ");
    put(out, host);
    put(out, "\r\n");
    put_headers(out, headers, header_count);
    return finish(out, old_size);
}

int ck_http_write_response(ck_buf *out, int status, const ck_http_header *headers,
                           size_t header_count)
{
    size_t old_size = out->size;
    if (status < 100 || status > 999 || !are_headers(headers, header_count)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    put(out, "HTTP/1.1 ");
    ck_buf_put_u8(out, (uint8_t)('0' + status / 100));
    ck_buf_put_u8(out, (uint8_t)('0' + status / 10 % 10));
    ck_buf_put_u8(out, (uint8_t)('0' + status % 10));
    put(out, " ");
    put(out, ck_http_reason(status));
    put(out, "\r\n");
    put_headers(out, headers, header_count);
    return finish(out, old_size);
}

/* RFC 9110 15 and RFC 6585. */
const char *ck_http_reason(int status)
{
    static const struct {
        int status;
        const char *reason;
    } table[] = {
        {101, "Switching Protocols"},
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {421, "Misdirected Request"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
        {507, "Insufficient Storage"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(table); i++) {
        if (table[i].status == status) {
            return table[i].reason;
        }
    }
    return "";
}
