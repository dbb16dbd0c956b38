#include "core/url/rtmp_target.h"

#include "base/text.h"
#include "chalkrail/errors.h"

#include <string.h>

static int refuse(ck_rtmp_target *out, int error, const char *problem)
{
    out->problem = problem;
    return error;
}

static bool is_rtmp(const ck_url *url)
{
    return url->scheme == CK_URL_RTMP || url->scheme == CK_URL_RTMPS;
}

/* Needs out->app. */
static int set_tc_url(const ck_url *url, ck_rtmp_target *out)
{
    char authority[CK_URL_HOST_MAX + 16];
    int status = ck_url_authority(url, authority, sizeof authority);
    ck_text t = ck_text_of(out->tc_url, sizeof out->tc_url);
    ck_text_add(&t, ck_url_scheme_name(url->scheme));
    ck_text_add(&t, "://");
    ck_text_add(&t, authority);
    ck_text_add(&t, "/");
    ck_text_add(&t, out->app);
    return status == CHALK_OK && !t.cut ? CHALK_OK
                                        : refuse(out, CHALK_ERR_LIMIT, "the URL is too long");
}

int ck_rtmp_target_from_url(const ck_url *url, ck_rtmp_target *out)
{
    memset(out, 0, sizeof *out);
    if (!is_rtmp(url)) {
        return refuse(out, CHALK_ERR_INVALID_ARGUMENT, "the URL is not rtmp or rtmps");
    }
    const char *path = url->path + strspn(url->path, "/");
    size_t app_size = strcspn(path, "/");
    const char *stream = path + app_size + strspn(path + app_size, "/");
    if (app_size == 0 || *stream == '\0') {
        return refuse(out, CHALK_ERR_INVALID_ARGUMENT,
                      "the URL names no application and stream: rtmp://host/app/stream");
    }
    if (app_size > CK_RTMP_APP_MAX) {
        return refuse(out, CHALK_ERR_LIMIT, "the application's name is too long");
    }
    memcpy(out->app, path, app_size);
    ck_text t = ck_text_of(out->stream, sizeof out->stream);
    ck_text_add(&t, stream);
    ck_text_add(&t, url->has_query ? "?" : "");
    ck_text_add(&t, url->query);
    return t.cut ? refuse(out, CHALK_ERR_LIMIT, "the stream's name is too long")
                 : set_tc_url(url, out);
}

static bool has_control_character(const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f) {
            return true;
        }
    }
    return false;
}

int ck_rtmp_target_from_key(const ck_url *server, const char *key, ck_rtmp_target *out)
{
    memset(out, 0, sizeof *out);
    if (!is_rtmp(server)) {
        return refuse(out, CHALK_ERR_INVALID_ARGUMENT, "the server is not rtmp or rtmps");
    }
    const char *path = server->path + strspn(server->path, "/");
    size_t app_size = strlen(path);
    while (app_size > 0 && path[app_size - 1] == '/') {
        app_size--;
    }
    if (app_size == 0) {
        return refuse(out, CHALK_ERR_INVALID_ARGUMENT,
                      "the server names no application: rtmp://host/app");
    }
    if (*key == '\0' || has_control_character(key)) {
        return refuse(out, CHALK_ERR_INVALID_ARGUMENT, "the stream key is empty or malformed");
    }
    ck_text app = ck_text_of(out->app, sizeof out->app);
    ck_text_add_n(&app, path, app_size);
    ck_text_add(&app, server->has_query ? "?" : "");
    ck_text_add(&app, server->query);
    if (app.cut || !ck_text_copy(out->stream, sizeof out->stream, key)) {
        return refuse(out, CHALK_ERR_LIMIT, "the application or the stream key is too long");
    }
    return set_tc_url(server, out);
}
