/* A parsed head as a ck_httpd_request: target, path, query, headers. */
#include "runtime/net/httpd_internal.h"

#include "base/check.h"
#include "base/text.h"
#include "core/url/url.h"

#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool starts_any_case(const char *text, const char *prefix)
{
    while (*prefix != '\0') {
        if (lower(*text++) != lower(*prefix++)) {
            return false;
        }
    }
    return true;
}

bool ck_httpd_request_header(const ck_httpd_request *request, const char *name, char *out,
                             size_t size)
{
    const char *value = ck_http_head_get(request->head, name);
    out[0] = '\0';
    return value != NULL && ck_text_copy(out, size, value);
}

/* The segment that ends at `end` goes, together with the slash before it. */
static size_t without_last_segment(const char *path, size_t end)
{
    while (end > 0 && path[end - 1] != '/') {
        end--;
    }
    return end > 0 ? end - 1 : 0;
}

/* RFC 3986 5.2.4, in place; above the root there is nothing. */
static void remove_dot_segments(char *path)
{
    size_t written = 0;
    for (const char *at = path; *at == '/';) {
        size_t size = 1 + strcspn(at + 1, "/");
        bool last = at[size] == '\0';
        bool dot = size == 2 && at[1] == '.';
        bool dot_dot = size == 3 && at[1] == '.' && at[2] == '.';
        if (dot_dot) {
            written = without_last_segment(path, written);
        }
        if (!dot && !dot_dot) {
            memmove(path + written, at, size);
            written += size;
        } else if (last) {
            path[written++] = '/';
        }
        at += size;
    }
    path[written] = '\0';
}

int ck_httpd_read_path(const char *target, size_t size, char *out, size_t out_size)
{
    int status = ck_url_decode(out, out_size, target, size);
    if (status == CHALK_OK) {
        remove_dot_segments(out);
    }
    return status;
}

/* The path and query of a target in origin or absolute form (RFC 9112 3.2); NULL for the others. */
static const char *path_of(const char *target)
{
    if (target[0] == '/') {
        return target;
    }
    if (!starts_any_case(target, "http://") && !starts_any_case(target, "https://")) {
        return NULL;
    }
    const char *authority = strchr(target, ':') + 3;
    const char *path = strpbrk(authority, "/?");
    return path == NULL ? "/" : *path == '/' ? path : NULL;
}

int ck_httpd_read_request(const ck_httpd_connection *c, ck_httpd_request *out,
                          ck_httpd_request_text *text)
{
    const char *target = path_of(ck_http_head_target(&c->head));
    if (target == NULL) {
        return 400;
    }
    size_t path_size = strcspn(target, "?");
    int status = ck_httpd_read_path(target, path_size, text->path, sizeof text->path);
    if (status < 0) {
        return status == CHALK_ERR_LIMIT ? 414 : 400;
    }
    const char *query = target + path_size;
    *out = (ck_httpd_request){
        .method = ck_http_head_method(&c->head),
        .path = text->path,
        .query = *query == '?' ? query + 1 : query,
        .body = c->body_bytes.data,
        .body_size = c->body_bytes.size,
        .peer = c->peer,
        .head = &c->head,
    };
    return 0;
}

bool ck_httpd_path_fits(const char *pattern, bool prefix, const char *path)
{
    return prefix ? ck_text_starts(path, pattern) : strcmp(path, pattern) == 0;
}
