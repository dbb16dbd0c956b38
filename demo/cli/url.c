#include "cli/url.h"

#include <string.h>

#define KEY_MIN 16 /* a last part of the path this long is taken for a stream key */

/* Text that never overruns; what does not fit is cut. */
typedef struct writer {
    char *out;
    size_t size;
    size_t used;
} writer;

static void put(writer *w, const char *text, size_t size)
{
    for (size_t i = 0; i < size && w->used + 1 < w->size; i++) {
        w->out[w->used++] = text[i];
    }
}

static void put_masked(writer *w)
{
    put(w, "***", 3);
}

/* "name=value&name=value" up to a blank or the end; the names alone are shown. */
static const char *put_query(writer *w, const char *at)
{
    while (*at != '\0' && *at != ' ') {
        size_t name = strcspn(at, "=& ");
        put(w, at, name);
        at += name;
        if (*at == '=') {
            put(w, "=", 1);
            put_masked(w);
            at += strcspn(at, "& ");
        }
        if (*at == '&') {
            put(w, "&", 1);
            at++;
        }
    }
    return at;
}

/* "user:password@", when there is one before the host. */
static const char *put_user(writer *w, const char *at)
{
    size_t authority = strcspn(at, "/? ");
    const char *end = memchr(at, '@', authority);
    if (end == NULL) {
        return at;
    }
    const char *colon = memchr(at, ':', (size_t)(end - at));
    put(w, at, (size_t)((colon != NULL ? colon : end) - at));
    if (colon != NULL) {
        put(w, ":", 1);
        put_masked(w);
    }
    return end;
}

/* Host and path; a long last part keeps four bytes, so that its owner knows which key it was. */
static const char *put_path(writer *w, const char *at)
{
    size_t size = strcspn(at, "? ");
    size_t last = size;
    while (last > 0 && at[last - 1] != '/') {
        last--;
    }
    if (last > 0 && size - last >= KEY_MIN) {
        put(w, at, last + 4);
        put_masked(w);
    } else {
        put(w, at, size);
    }
    return at + size;
}

const char *cli_url_shown(const char *url, char *out, size_t out_size)
{
    writer w = {out, out_size, 0};
    const char *at = url;
    while (*at != '\0') {
        if (strncmp(at, "://", 3) == 0) {
            put(&w, at, 3);
            at = put_path(&w, put_user(&w, at + 3));
        } else if (*at == '?') {
            put(&w, at, 1);
            at = put_query(&w, at + 1);
        } else if (strncmp(at, "token=", 6) == 0) {
            at = put_query(&w, at);
        } else {
            put(&w, at, 1);
            at++;
        }
    }
    if (out_size > 0) {
        out[w.used] = '\0';
    }
    return out;
}

static bool scheme_valid(const char *url, size_t size, const char *const *schemes, char *why,
                         size_t why_size)
{
    size_t count = 0;
    for (; schemes[count] != NULL; count++) {
        if (strlen(schemes[count]) == size && memcmp(schemes[count], url, size) == 0) {
            return true;
        }
    }
    char typed[32];
    (void)snprintf(typed, sizeof typed, "%.*s", (int)size, url);
    const char *meant = cli_nearest(typed, schemes, count);
    size_t used = (size_t)snprintf(why, why_size, "\"%s://\" is not possible here; ", typed);
    if (used >= why_size) {
        return false;
    }
    if (meant != NULL) {
        (void)snprintf(why + used, why_size - used, "did you mean %s://?", meant);
        return false;
    }
    for (size_t i = 0; i < count && used < why_size; i++) {
        used += (size_t)snprintf(why + used, why_size - used, "%s%s://", i > 0 ? " or " : "use ",
                                 schemes[i]);
    }
    return false;
}

static bool port_valid(const char *port, size_t size)
{
    uint32_t value = 0;
    for (size_t i = 0; i < size; i++) {
        if (port[i] < '0' || port[i] > '9' || value > 65535) {
            return false;
        }
        value = value * 10 + (uint32_t)(port[i] - '0');
    }
    return size > 0 && value >= 1 && value <= 65535;
}

/* "host", "host:port", "[::1]:port", behind an optional "user@". */
static bool authority_valid(const char *at, size_t size, char *why, size_t why_size)
{
    const char *user = memchr(at, '@', size);
    if (user != NULL) {
        size -= (size_t)(user + 1 - at);
        at = user + 1;
    }
    const char *bracket = size > 0 && at[0] == '[' ? memchr(at, ']', size) : NULL;
    size_t host = bracket != NULL ? (size_t)(bracket + 1 - at) : strcspn(at, ":/?");
    host = host < size ? host : size;
    if (host == 0) {
        (void)snprintf(why, why_size, "the URL names no host");
        return false;
    }
    if (host < size && (at[host] != ':' || !port_valid(at + host + 1, size - host - 1))) {
        (void)snprintf(why, why_size, "\"%.*s\" is not a port from 1 to 65535",
                       (int)(size - host - 1), at + host + 1);
        return false;
    }
    return true;
}

bool cli_url_valid(const char *url, const char *const *schemes, char *why, size_t why_size)
{
    const char *colon = strstr(url, "://");
    if (colon == NULL || colon == url) {
        (void)snprintf(why, why_size, "a URL begins with its scheme, such as %s://HOST/...",
                       schemes[0]);
        return false;
    }
    if (!scheme_valid(url, (size_t)(colon - url), schemes, why, why_size)) {
        return false;
    }
    for (const char *at = url; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || *at == 0x7f) {
            (void)snprintf(why, why_size, "the URL holds a blank or a control character");
            return false;
        }
    }
    return authority_valid(colon + 3, strcspn(colon + 3, "/?"), why, why_size);
}

bool cli_url_check(const cli_spec *spec, const char *url, const char *const *schemes)
{
    char why[160];
    if (cli_url_valid(url, schemes, why, sizeof why)) {
        return true;
    }
    (void)cli_wrong(spec, "%s", why);
    return false;
}
