#include "edge/address.h"

#include "base/text.h"
#include "chalkrail/errors.h"

#include <string.h>
#include <uv.h>

/* Splits at the last colon and takes the brackets of IPv6 away. */
static bool split(ck_address *out, const char *text, bool *bracketed)
{
    uint64_t port;
    const char *colon = strrchr(text, ':');
    if (colon == NULL || !ck_text_u64(colon + 1, UINT16_MAX, &port)) {
        return false;
    }
    size_t size = (size_t)(colon - text);
    *bracketed = size >= 2 && text[0] == '[' && text[size - 1] == ']';
    if (*bracketed) {
        text++;
        size -= 2;
    }
    ck_text host = ck_text_of(out->host, sizeof out->host);
    ck_text_add_n(&host, text, size);
    out->port = (uint16_t)port;
    return size > 0 && !host.cut;
}

int ck_address_parse(ck_address *out, const char *text)
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static const uint8_t v6_loopback[16] = {[15] = 1};
    uint8_t bytes[16];
    bool bracketed = false;
    memset(out, 0, sizeof *out);
    if (!split(out, text, &bracketed)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (strcmp(out->host, "localhost") == 0 && !bracketed) {
        ck_text_copy(out->host, sizeof out->host, "127.0.0.1");
    }
    if (!bracketed && uv_inet_pton(AF_INET, out->host, bytes) == 0) {
        out->loopback = bytes[0] == 127;
        return CHALK_OK;
    }
    if (bracketed && uv_inet_pton(AF_INET6, out->host, bytes) == 0) {
        out->loopback = memcmp(bytes, v6_loopback, sizeof v6_loopback) == 0 ||
                        (memcmp(bytes, mapped, sizeof mapped) == 0 && bytes[12] == 127);
        return CHALK_OK;
    }
    return CHALK_ERR_INVALID_ARGUMENT;
}
