#include "edge/name.h"

#include "base/text.h"
#include "core/url/url.h"

#include <string.h>

/* Three names, each byte percent-encoded, and slashes: what is longer cannot be a stream's name. */
#define PATH_MAX_ENCODED (3 * CK_STREAM_NAME_MAX + 16)

const char *ck_kind_name(enum ck_stream_kind kind)
{
    switch (kind) {
    case CK_KIND_SCREEN:
        return "screen";
    case CK_KIND_CAMERA:
        return "camera";
    }
    return "";
}

/* Cuts the next segment off *at and decodes it; false when there is none or it does not fit. */
static bool next_segment(const char **at, char *out, size_t size)
{
    const char *start = *at;
    while (*start == '/') {
        start++;
    }
    const char *end = start;
    while (*end != '\0' && *end != '/') {
        end++;
    }
    *at = end;
    return end > start && ck_url_decode(out, size, start, (size_t)(end - start)) == 0;
}

static void join_path(ck_stream_name *name)
{
    ck_text text = ck_text_of(name->path, sizeof name->path);
    ck_text_add(&text, name->room);
    ck_text_add(&text, "/");
    ck_text_add(&text, name->name);
    ck_text_add(&text, "/");
    ck_text_add(&text, ck_kind_name(name->kind));
}

int ck_stream_name_parse(ck_stream_name *out, const char *path, const char **why)
{
    char kind[8] = "";
    memset(out, 0, sizeof *out);
    *why = "the stream's name must be ROOM/PARTICIPANT/screen or ROOM/PARTICIPANT/camera";
    if (!next_segment(&path, out->room, sizeof out->room) ||
        !next_segment(&path, out->name, sizeof out->name) ||
        !next_segment(&path, kind, sizeof kind)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    while (*path == '/') {
        path++;
    }
    out->kind = strcmp(kind, "screen") == 0   ? CK_KIND_SCREEN
                : strcmp(kind, "camera") == 0 ? CK_KIND_CAMERA
                                              : 0;
    if (*path != '\0' || out->kind == 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (!ck_name_is_valid(out->room) || !ck_name_is_valid(out->name)) {
        *why = "the stream's name has more than letters, digits, '.', '_' and '-'";
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    join_path(out);
    *why = NULL;
    return CHALK_OK;
}

/* What stands before '?'. */
static void add_without_query(ck_text *out, const char *text)
{
    const char *query = strchr(text, '?');
    ck_text_add_n(out, text, query != NULL ? (size_t)(query - text) : strlen(text));
}

int ck_stream_name_of_rtmp(ck_stream_name *out, const char *app, const char *stream,
                           const char **why)
{
    char path[PATH_MAX_ENCODED];
    ck_text text = ck_text_of(path, sizeof path);
    add_without_query(&text, app);
    ck_text_add(&text, "/");
    add_without_query(&text, stream);
    if (text.cut) {
        *why = "the stream's name is too long";
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    return ck_stream_name_parse(out, path, why);
}

int ck_stream_name_of_http(ck_stream_name *out, const char *path, const char **why)
{
    static const char suffix[] = ".flv";
    char plain[PATH_MAX_ENCODED];
    size_t size = strlen(path);
    size_t suffix_size = sizeof suffix - 1;
    if (size < suffix_size || strcmp(path + size - suffix_size, suffix) != 0) {
        *why = "no such path";
        return CHALK_ERR_NOT_FOUND;
    }
    ck_text text = ck_text_of(plain, sizeof plain);
    ck_text_add_n(&text, path, size - suffix_size);
    if (text.cut) {
        *why = "the stream's name is too long";
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    return ck_stream_name_parse(out, plain, why);
}

int ck_token_find(char out[CHALK_TOKEN_MAX], const char *const *texts, int count)
{
    out[0] = '\0';
    for (int i = 0; i < count; i++) {
        const char *query = strchr(texts[i], '?');
        if (query == NULL) {
            continue;
        }
        int status = ck_url_query(query + 1, "token", out, CHALK_TOKEN_MAX);
        if (status == CHALK_OK && out[0] != '\0') {
            return CHALK_OK;
        }
        out[0] = '\0';
        if (status != CHALK_OK && status != CHALK_ERR_NOT_FOUND) {
            return CHALK_ERR_INVALID_ARGUMENT;
        }
    }
    return CHALK_OK;
}
