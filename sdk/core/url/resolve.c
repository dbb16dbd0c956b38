#include "core/url/url.h"

#include "base/text.h"
#include "chalkrail/errors.h"

#include <string.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_scheme_character(char c)
{
    return is_letter(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

/* Section 4.2: a reference with a colon in its first segment is absolute. */
static bool has_scheme(const char *reference)
{
    size_t at = 0;
    if (!is_letter(reference[0])) {
        return false;
    }
    while (is_scheme_character(reference[at])) {
        at++;
    }
    return reference[at] == ':';
}

/* Section 5.2.4, in place: what is written never overtakes what is read. */
static void remove_dot_segments(char *path)
{
    const char *in = path;
    char *out = path;
    while (*in == '/') {
        size_t size = 1 + strcspn(in + 1, "/");
        bool up = size == 3 && in[1] == '.' && in[2] == '.';
        bool here = size == 2 && in[1] == '.';
        const char *next = in + size;
        if (!up && !here) {
            memmove(out, in, size);
            out += size;
        }
        while (up && out > path && *--out != '/') {
        }
        if ((up || here) && *next == '\0') {
            *out++ = '/';
        }
        in = next;
    }
    *out = '\0';
}

/* Section 5.2.2 for a reference without scheme and authority: path and query of the target. */
static void add_target(ck_text *t, const ck_url *base, const char *reference)
{
    size_t path_size = strcspn(reference, "?#");
    if (path_size > 0) {
        if (reference[0] != '/') {
            const char *slash = strrchr(base->path, '/'); /* section 5.2.3 */
            ck_text_add_n(t, base->path, slash != NULL ? (size_t)(slash - base->path) + 1 : 0);
        }
        ck_text_add(t, reference);
        return;
    }
    ck_text_add(t, base->path);
    if (reference[0] != '?' && base->has_query) {
        ck_text_add(t, "?");
        ck_text_add(t, base->query);
    }
    ck_text_add(t, reference);
}

int ck_url_resolve(ck_url *out, const ck_url *base, const char *reference)
{
    char authority[CK_URL_HOST_MAX + 16];
    char text[CK_URL_MAX + 2]; /* one more, so that what is too long is seen to be */
    int status = CHALK_OK;
    if (has_scheme(reference)) {
        status = ck_url_parse(out, reference);
    } else {
        status = ck_url_authority(base, authority, sizeof authority);
        if (status < 0) {
            return status;
        }
        ck_text t = ck_text_of(text, sizeof text);
        ck_text_add(&t, ck_url_scheme_name(base->scheme));
        if (ck_text_starts(reference, "//")) {
            ck_text_add(&t, ":");
            ck_text_add(&t, reference);
        } else {
            ck_text_add(&t, "://");
            ck_text_add(&t, authority);
            add_target(&t, base, reference);
        }
        status = ck_url_parse(out, text);
    }
    if (status == CHALK_OK && out->path[0] == '/') { /* RTMP's may begin with '#' */
        remove_dot_segments(out->path);
    }
    return status;
}
