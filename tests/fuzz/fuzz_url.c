/* URLs from people and from servers: the parts stay within their limits and what is taken apart
 * can be put together and taken apart again. */
#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/url/rtmp_target.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_again(const ck_url *url)
{
    static char text[CK_URL_MAX + 64];
    static ck_url again;
    char authority[CK_URL_HOST_MAX + 16];
    if (ck_url_authority(url, authority, sizeof authority) != CHALK_OK) {
        abort();
    }
    ck_text t = ck_text_of(text, sizeof text);
    ck_text_add(&t, ck_url_scheme_name(url->scheme));
    ck_text_add(&t, "://");
    ck_text_add(&t, authority);
    ck_text_add(&t, url->path);
    ck_text_add(&t, url->has_query ? "?" : "");
    ck_text_add(&t, url->query);
    /* One '/' more than the original, when that had no path and was as long as is allowed. */
    if (t.used > CK_URL_MAX) {
        return;
    }
    if (ck_url_parse(&again, text) != CHALK_OK || strcmp(url->host, again.host) != 0 ||
        strcmp(url->path, again.path) != 0 || strcmp(url->query, again.query) != 0 ||
        url->port != again.port || url->scheme != again.scheme) {
        abort();
    }
}

static void check_codec(const char *text)
{
    static char decoded[CK_URL_MAX + 1];
    static char encoded[CK_URL_MAX * 3 + 1];
    static char again[CK_URL_MAX + 1];
    if (ck_url_decode(decoded, sizeof decoded, text, strlen(text)) != CHALK_OK) {
        return;
    }
    if (ck_url_encode(encoded, sizeof encoded, decoded) != CHALK_OK ||
        ck_url_decode(again, sizeof again, encoded, strlen(encoded)) != CHALK_OK ||
        strcmp(decoded, again) != 0) {
        abort();
    }
}

/* What a reference leads to has no dots left in it, and nothing to add to. */
static void check_reference(const char *text)
{
    static ck_url base, url, again;
    if (ck_url_parse(&base, "https://host/a/b/c?d") != CHALK_OK) {
        abort();
    }
    int status = ck_url_resolve(&url, &base, text);
    if ((status == CHALK_OK) != (url.problem == NULL)) {
        abort();
    }
    if (status != CHALK_OK) {
        return;
    }
    bool web = url.scheme == CK_URL_HTTP || url.scheme == CK_URL_HTTPS;
    if (!web) {
        return; /* only ever named whole */
    }
    if (url.path[0] != '/' || strstr(url.path, "/../") != NULL || strstr(url.path, "/./") != NULL) {
        abort();
    }
    bool host = strncmp(url.path, "//", 2) == 0; /* would be read as one */
    if (!host && ck_url_resolve(&again, &url, url.path) == CHALK_OK &&
        strcmp(again.path, url.path) != 0) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ck_url url;
    static ck_rtmp_target target;
    char value[64];
    char *text = malloc(size + 1);
    if (text == NULL) {
        return 0;
    }
    for (size_t i = 0; i < size; i++) {
        text[i] = (char)data[i];
    }
    text[size] = '\0';
    int status = ck_url_parse(&url, text);
    if ((status == CHALK_OK) != (url.problem == NULL)) {
        abort();
    }
    if (status == CHALK_OK) {
        check_again(&url);
        status = ck_rtmp_target_from_url(&url, &target);
        if ((status == CHALK_OK) != (target.problem == NULL)) {
            abort();
        }
        (void)ck_rtmp_target_from_key(&url, url.query, &target);
        (void)ck_url_query(url.query, "token", value, sizeof value);
    }
    check_codec(text);
    check_reference(text);
    free(text);
    return 0;
}
