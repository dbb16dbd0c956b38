#include "core/url/url.h"

#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/url/host.h"

#include <string.h>

typedef struct scheme_row {
    char name[8];
    uint8_t scheme;
    bool tls;
    uint16_t port;
} scheme_row;

/* RTMPS has no registered port; every large service takes it on 443. */
static const scheme_row schemes[] = {
    {"rtmp", CK_URL_RTMP, false, 1935}, {"rtmps", CK_URL_RTMPS, true, 443},
    {"http", CK_URL_HTTP, false, 80},   {"https", CK_URL_HTTPS, true, 443},
    {"ws", CK_URL_WS, false, 80},       {"wss", CK_URL_WSS, true, 443},
};

static const scheme_row *scheme_of(uint8_t scheme)
{
    for (size_t i = 0; i < CK_COUNT_OF(schemes); i++) {
        if (schemes[i].scheme == scheme) {
            return &schemes[i];
        }
    }
    return NULL;
}

const char *ck_url_scheme_name(uint8_t scheme)
{
    const scheme_row *row = scheme_of(scheme);
    return row != NULL ? row->name : "";
}

static int refuse(ck_url *out, int error, const char *problem)
{
    out->problem = problem;
    return error;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same_without_case(const char *text, size_t size, const char *name)
{
    if (strlen(name) != size) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        if (lower(text[i]) != name[i]) {
            return false;
        }
    }
    return true;
}

/* Reads "scheme://"; `*rest` is what follows. */
static int parse_scheme(ck_url *out, const char *text, const char **rest)
{
    const char *mark = strstr(text, "://");
    if (mark == NULL) {
        return refuse(out, CHALK_ERR_INVALID_ARGUMENT, "the URL has no scheme followed by ://");
    }
    for (size_t i = 0; i < CK_COUNT_OF(schemes); i++) {
        if (same_without_case(text, (size_t)(mark - text), schemes[i].name)) {
            out->scheme = schemes[i].scheme;
            out->tls = schemes[i].tls;
            out->port = schemes[i].port;
            *rest = mark + 3;
            return CHALK_OK;
        }
    }
    return refuse(out, CHALK_ERR_UNSUPPORTED,
                  "the scheme is not rtmp, rtmps, http, https, ws or wss");
}

static int parse_port(ck_url *out, const char *text, size_t size)
{
    char digits[6];
    uint64_t port = 0;
    if (size == 0) {
        return CHALK_OK; /* "host:" means the default (RFC 3986 section 3.2.3) */
    }
    bool fits = size < sizeof digits;
    if (fits) {
        memcpy(digits, text, size);
        digits[size] = '\0';
    }
    if (!fits || !ck_text_u64(digits, UINT16_MAX, &port) || port == 0) {
        return refuse(out, CHALK_ERR_INVALID_ARGUMENT, "the port is not a number from 1 to 65535");
    }
    out->port = (uint16_t)port;
    out->port_given = true;
    return CHALK_OK;
}

static void set_host(ck_url *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        out->host[i] = lower(text[i]);
    }
    out->host[size] = '\0';
}

static int parse_ipv6(ck_url *out, const char *text, size_t size)
{
    const char *close = memchr(text, ']', size);
    if (close == NULL) {
        return refuse(out, CHALK_ERR_INVALID_ARGUMENT, "the IPv6 address has no closing bracket");
    }
    size_t host_size = (size_t)(close - text) - 1;
    if (memchr(text, '%', host_size + 1) != NULL) {
        return refuse(out, CHALK_ERR_UNSUPPORTED, "an IPv6 zone is not accepted in a URL");
    }
    if (!ck_host_is_ipv6(text + 1, host_size)) {
        return refuse(out, CHALK_ERR_INVALID_ARGUMENT, "the IPv6 address is malformed");
    }
    out->ipv6 = true;
    set_host(out, text + 1, host_size);
    size_t used = host_size + 2;
    if (used == size) {
        return CHALK_OK;
    }
    if (text[used] != ':') {
        return refuse(out, CHALK_ERR_INVALID_ARGUMENT, "the IPv6 address is followed by no port");
    }
    return parse_port(out, text + used + 1, size - used - 1);
}

static int parse_authority(ck_url *out, const char *text, size_t size)
{
    if (memchr(text, '@', size) != NULL) {
        return refuse(out, CHALK_ERR_UNSUPPORTED,
                      "a user name or password is not accepted in a URL");
    }
    if (size > 0 && text[0] == '[') {
        return parse_ipv6(out, text, size);
    }
    const char *colon = memchr(text, ':', size);
    size_t host_size = colon != NULL ? (size_t)(colon - text) : size;
    if (!ck_host_is_name(text, host_size)) {
        return refuse(out, CHALK_ERR_INVALID_ARGUMENT, "the host name is empty or malformed");
    }
    set_host(out, text, host_size);
    return colon != NULL ? parse_port(out, colon + 1, size - host_size - 1) : CHALK_OK;
}

static void parse_rest(ck_url *out, const char *text)
{
    bool has_fragments = out->scheme != CK_URL_RTMP && out->scheme != CK_URL_RTMPS;
    size_t size = has_fragments ? strcspn(text, "#") : strlen(text);
    const char *mark = memchr(text, '?', size);
    size_t path_size = mark != NULL ? (size_t)(mark - text) : size;
    /* Both fit: they are parts of a text of at most CK_URL_MAX, the scheme taken off. */
    memcpy(out->path, text, path_size);
    out->path[path_size] = '\0';
    if (path_size == 0) {
        memcpy(out->path, "/", 2);
    }
    if (mark != NULL) {
        size_t query_size = size - path_size - 1;
        memcpy(out->query, mark + 1, query_size);
        out->query[query_size] = '\0';
        out->has_query = true;
    }
}

static int check_characters(ck_url *out, const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f) {
            return refuse(out, CHALK_ERR_INVALID_ARGUMENT,
                          "the URL contains a space or a control character");
        }
    }
    if (ck_utf8_valid_prefix(text, size) != size) {
        return refuse(out, CHALK_ERR_INVALID_ARGUMENT, "the URL is not valid UTF-8");
    }
    return CHALK_OK;
}

int ck_url_parse(ck_url *out, const char *text)
{
    memset(out, 0, sizeof *out);
    const char *end = memchr(text, '\0', CK_URL_MAX + 1);
    if (end == NULL) {
        return refuse(out, CHALK_ERR_LIMIT, "the URL is longer than 2048 bytes");
    }
    const char *rest = NULL;
    int status = check_characters(out, text, (size_t)(end - text));
    if (status == CHALK_OK) {
        status = parse_scheme(out, text, &rest);
    }
    if (status != CHALK_OK) {
        return status;
    }
    size_t authority = strcspn(rest, "/?#");
    status = parse_authority(out, rest, authority);
    if (status == CHALK_OK) {
        parse_rest(out, rest + authority);
    }
    return status;
}

int ck_url_authority(const ck_url *url, char *out, size_t size)
{
    const scheme_row *row = scheme_of(url->scheme);
    if (size == 0) {
        return CHALK_ERR_LIMIT;
    }
    ck_text t = ck_text_of(out, size);
    ck_text_add(&t, url->ipv6 ? "[" : "");
    ck_text_add(&t, url->host);
    ck_text_add(&t, url->ipv6 ? "]" : "");
    if (row == NULL || row->port != url->port) {
        ck_text_add(&t, ":");
        ck_text_add_u64(&t, url->port);
    }
    return t.cut ? CHALK_ERR_LIMIT : CHALK_OK;
}
