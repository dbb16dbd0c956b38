/* Which addresses a link can be opened to. */
#include "runtime/media/link_inside.h"

#include "core/url/rtmp_target.h"

#include <string.h>

int ck_link_check_url(const char *text, enum ck_session_kind kind)
{
    ck_url url;
    int status = text != NULL ? ck_url_parse(&url, text) : CHALK_ERR_INVALID_ARGUMENT;
    if (status < 0) {
        return status;
    }
    if (url.scheme == CK_URL_RTMP || url.scheme == CK_URL_RTMPS) {
        ck_rtmp_target target;
        return ck_rtmp_target_from_url(&url, &target);
    }
    bool http = url.scheme == CK_URL_HTTP || url.scheme == CK_URL_HTTPS;
    return http && kind == CK_SESSION_PLAY ? CHALK_OK : CHALK_ERR_UNSUPPORTED;
}

bool ck_link_is_playlist(const ck_url *url)
{
    static const char end[] = ".m3u8";
    size_t size = strlen(url->path);
    bool http = url->scheme == CK_URL_HTTP || url->scheme == CK_URL_HTTPS;
    return http && size >= sizeof end && strcmp(url->path + size - (sizeof end - 1), end) == 0;
}

bool ck_link_is_hls(const char *text)
{
    ck_url url;
    return text != NULL && ck_url_parse(&url, text) == CHALK_OK && ck_link_is_playlist(&url);
}
