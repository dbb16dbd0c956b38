#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/rtmp/internal.h"

#include <string.h>

#define DEFAULT_FLASH_VERSION "FMLE/3.0 (compatible; Chalkrail)"

static void fill_defaults(ck_rtmp_config *c)
{
#define DEFAULT(field, value)                                                                      \
    if (c->field == 0) {                                                                           \
        c->field = (value);                                                                        \
    }
    DEFAULT(buffer_ms, 1000)
    DEFAULT(message_bytes_max, CK_RTMP_MESSAGE_MAX)
    DEFAULT(chunk_streams_max, 64)
    DEFAULT(reassembly_bytes_max, 20u << 20)
    DEFAULT(string_bytes_max, 4096)
    DEFAULT(chunk_size, 60000)
    DEFAULT(window_bytes, 2500000)
    DEFAULT(queue_bytes_max, 8u << 20)
    DEFAULT(queue_ms_max, 30000)
    DEFAULT(setup_timeout_us, 15 * CK_US_PER_S)
    DEFAULT(pong_timeout_us, 10 * CK_US_PER_S)
    DEFAULT(close_timeout_us, 2 * CK_US_PER_S)
#undef DEFAULT
    if (c->flash_version == NULL) {
        c->flash_version = DEFAULT_FLASH_VERSION;
    }
}

static bool text_fits(const ck_rtmp_config *c, const char *text)
{
    return text != NULL && text[0] != '\0' && strlen(text) <= c->string_bytes_max;
}

static bool client_is_whole(const ck_rtmp_config *c)
{
    return (c->mode == CK_RTMP_PUBLISH || c->mode == CK_RTMP_PLAY) && text_fits(c, c->tc_url) &&
           text_fits(c, c->app) && text_fits(c, c->stream) && text_fits(c, c->flash_version);
}

static bool config_is_valid(const ck_rtmp_config *c)
{
    /* A message is cut by 24-bit numbers, and a text is sent as a short string. */
    if (c->message_bytes_max > CK_RTMP_MESSAGE_MAX || c->chunk_size > CK_RTMP_MESSAGE_MAX ||
        c->string_bytes_max > 8192 || c->codec_count > CK_RTMP_CODECS_MAX) {
        return false;
    }
    for (size_t i = 0; i < c->codec_count; i++) {
        const char *fourcc = c->codecs[i].fourcc;
        if (fourcc[0] == '\0' || memchr(fourcc, 0, sizeof c->codecs[i].fourcc) == NULL) {
            return false;
        }
    }
    return c->role == CK_RTMP_SERVER || (c->role == CK_RTMP_CLIENT && client_is_whole(c));
}

static const char *copy(const ck_rtmp *r, const char *text, bool *failed)
{
    char *own = text != NULL ? ck_strdup(r->alloc, text) : NULL;
    *failed = *failed || (text != NULL && own == NULL);
    return own;
}

int ck_rtmp_config_take(ck_rtmp *r, const ck_rtmp_config *config)
{
    ck_rtmp_config c = *config;
    fill_defaults(&c);
    r->config = (ck_rtmp_config){.alloc = r->alloc};
    if (!config_is_valid(&c)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    bool client = c.role == CK_RTMP_CLIENT;
    bool failed = false;
    r->config = c;
    r->config.tc_url = copy(r, client ? c.tc_url : NULL, &failed);
    r->config.app = copy(r, client ? c.app : NULL, &failed);
    r->config.stream = copy(r, client ? c.stream : NULL, &failed);
    r->config.flash_version = copy(r, client ? c.flash_version : NULL, &failed);
    return failed ? CHALK_ERR_NO_MEMORY : CHALK_OK;
}

void ck_rtmp_config_drop(ck_rtmp *r)
{
    const char *texts[] = {r->config.tc_url, r->config.app, r->config.stream,
                           r->config.flash_version};
    for (size_t i = 0; i < CK_COUNT_OF(texts); i++) {
        ck_free(r->alloc, (void *)(uintptr_t)texts[i]);
    }
}
