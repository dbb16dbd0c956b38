#include "core/ws/handshake.h"

#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/http/write.h"
#include "core/ws/sha1.h"

#include <string.h>

#define VERSION     "13"
#define KEY_TEXT    24 /* CK_WS_NONCE_BYTES in base64 */
#define ACCEPT_TEXT 28 /* CK_SHA1_BYTES in base64 */
#define HEADERS_MAX 6

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* RFC 4648 4. */
static void add_base64(ck_text *out, const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i += 3) {
        size_t left = size - i;
        uint32_t bits = (uint32_t)data[i] << 16 | (left > 1 ? (uint32_t)data[i + 1] << 8 : 0) |
                        (left > 2 ? data[i + 2] : 0u);
        char four[4] = {alphabet[bits >> 18], alphabet[bits >> 12 & 63],
                        left > 1 ? alphabet[bits >> 6 & 63] : '=',
                        left > 2 ? alphabet[bits & 63] : '='};
        ck_text_add_n(out, four, sizeof four);
    }
}

/* 16 bytes in base64: 22 letters and two signs of padding (RFC 6455 4.1). The four bits that carry
 * nothing are not looked at, as other servers do not. */
static bool is_key(const char *key)
{
    return key != NULL && strlen(key) == KEY_TEXT && strspn(key, alphabet) == KEY_TEXT - 2 &&
           strcmp(key + KEY_TEXT - 2, "==") == 0;
}

static void write_accept(const char *key, char out[ACCEPT_TEXT + 1])
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; /* RFC 6455 1.3 */
    char both[KEY_TEXT + sizeof guid];
    uint8_t digest[CK_SHA1_BYTES];
    ck_text joined = ck_text_of(both, sizeof both);
    ck_text_add(&joined, key);
    ck_text_add(&joined, guid);
    ck_sha1(both, joined.used, digest);
    ck_text accept = ck_text_of(out, ACCEPT_TEXT + 1);
    add_base64(&accept, digest, sizeof digest);
}

/* ---- the server ---- */

bool ck_ws_is_upgrade(const ck_http_head *request)
{
    return ck_http_head_has_token(request, "Upgrade", "websocket") &&
           ck_http_head_has_token(request, "Connection", "upgrade");
}

int ck_ws_check_request(const ck_http_head *request, const char *protocol)
{
    const char *version = ck_http_head_get(request, "Sec-WebSocket-Version");
    if (strcmp(ck_http_head_method(request), "GET") != 0) {
        return 405;
    }
    if (version == NULL || strcmp(version, VERSION) != 0) {
        return 426;
    }
    bool offered =
        protocol == NULL || ck_http_head_has_token(request, "Sec-WebSocket-Protocol", protocol);
    bool good = request->minor_version > 0 && offered &&
                is_key(ck_http_head_get(request, "Sec-WebSocket-Key"));
    return good ? 0 : 400;
}

int ck_ws_write_response(ck_buf *out, const ck_http_head *request, const char *protocol,
                         const char *server)
{
    const char *key = ck_http_head_get(request, "Sec-WebSocket-Key");
    CK_INVARIANT(is_key(key), return CHALK_ERR_INVALID_ARGUMENT);
    char accept[ACCEPT_TEXT + 1];
    write_accept(key, accept);
    ck_http_header headers[HEADERS_MAX] = {
        {"Upgrade", "websocket"}, {"Connection", "Upgrade"}, {"Sec-WebSocket-Accept", accept}};
    size_t count = 3;
    if (protocol != NULL) {
        headers[count++] = (ck_http_header){"Sec-WebSocket-Protocol", protocol};
    }
    if (server != NULL) {
        headers[count++] = (ck_http_header){"Server", server};
    }
    return ck_http_write_response(out, 101, headers, count);
}

/* ---- the client ---- */

static void write_key(const uint8_t *nonce, char out[KEY_TEXT + 1])
{
    ck_text key = ck_text_of(out, KEY_TEXT + 1);
    add_base64(&key, nonce, CK_WS_NONCE_BYTES);
}

int ck_ws_write_request(ck_buf *out, const char *target, const char *host, const uint8_t *nonce,
                        const char *protocol)
{
    char key[KEY_TEXT + 1];
    write_key(nonce, key);
    if (target[0] != '/' || strchr(target, '#') != NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_http_header headers[HEADERS_MAX] = {{"Upgrade", "websocket"},
                                           {"Connection", "Upgrade"},
                                           {"Sec-WebSocket-Version", VERSION},
                                           {"Sec-WebSocket-Key", key}};
    size_t count = 4;
    if (protocol != NULL) {
        headers[count++] = (ck_http_header){"Sec-WebSocket-Protocol", protocol};
    }
    return ck_http_write_request(out, "GET", target, host, headers, count);
}

int ck_ws_refusal(int http_status)
{
    switch (http_status) {
    case 401:
    case 403:
        return CHALK_ERR_DENIED;
    case 404:
    case 410:
        return CHALK_ERR_NO_STREAM;
    case 429:
    case 503:
        return CHALK_ERR_REFUSED;
    case 426:
    case 501:
        return CHALK_ERR_UNSUPPORTED;
    default:
        return http_status >= 300 && http_status < 400 ? CHALK_ERR_UNSUPPORTED : CHALK_ERR_PROTOCOL;
    }
}

int ck_ws_check_response(const ck_http_head *response, const uint8_t *nonce, const char *protocol)
{
    if (response->status != 101) {
        return ck_ws_refusal(response->status);
    }
    char key[KEY_TEXT + 1];
    char expected[ACCEPT_TEXT + 1];
    write_key(nonce, key);
    write_accept(key, expected);
    const char *accept = ck_http_head_get(response, "Sec-WebSocket-Accept");
    const char *chosen = ck_http_head_get(response, "Sec-WebSocket-Protocol");
    bool good = ck_ws_is_upgrade(response) && ck_text_equal(accept, expected) &&
                ck_text_equal(chosen, protocol) &&
                ck_http_head_get(response, "Sec-WebSocket-Extensions") == NULL;
    return good ? CHALK_OK : CHALK_ERR_PROTOCOL;
}
