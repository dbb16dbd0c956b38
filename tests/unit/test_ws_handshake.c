/* The opening handshake (RFC 6455 4), both sides, and the SHA-1 in it. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/ws/handshake.h"
#include "core/ws/sha1.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/text.h"

static void read_head(ck_http_head *head, enum ck_http_side side, const void *text, size_t size)
{
    ck_http_head_init(head, side, &ck_test_heap);
    ck_reader in = ck_reader_of(text, size);
    CK_CHECK_EQ(ck_http_head_feed(head, &in), 1);
}

/* RFC 3174 7.3, and the lengths at which a block is full. */
CK_TEST(ws_handshake, digests)
{
    static const struct {
        char letter;
        size_t count;
        const char *digest;
    } rows[] = {
        {'a', 0, "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {'a', 1, "86f7e437faa5a7fce15d1ddcb9eaeaea377667b8"},
        {'a', 55, "c1c8bbdc22796e28c0e15163d20899b65621d65a"},
        {'a', 56, "c2db330f6083854c99d4b5bfb6e8f29f201be699"},
        {'a', 63, "03f09f5b158a7a8cdad920bddc29b81c18a551f5"},
        {'a', 64, "0098ba824b5c16427bd7a1122a5a442a25ec644d"},
        {'a', 119, "ee971065aaa017e0632a8ca6c77bb3bf8b1dfc56"},
        {'a', 120, "f34c1488385346a55709ba056ddd08280dd4c6d6"},
        {'a', 1000, "291e9a6c66994949b57ba5e650361e98fc36b1ba"},
    };
    static char letters[1000];
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        uint8_t digest[CK_SHA1_BYTES];
        char hex[2 * CK_SHA1_BYTES + 1];
        memset(letters, rows[i].letter, rows[i].count);
        ck_sha1(letters, rows[i].count, digest);
        ck_text text = ck_text_of(hex, sizeof hex);
        ck_text_add_hex(&text, digest, sizeof digest);
        CK_CHECK_STR(hex, rows[i].digest);
    }
    uint8_t digest[CK_SHA1_BYTES];
    ck_sha1("abc", 3, digest);
    CK_CHECK_MEM(digest,
                 "\xa9\x99\x3e\x36\x47\x06\x81\x6a\xba\x3e\x25\x71\x78\x50\xc2\x6c\x9c\xd0\xd8\x9d",
                 CK_SHA1_BYTES);
}

#define GET(rest) "GET /r HTTP/1.1\r\nHost: a\r\n" rest "\r\n"
#define ASKS      "Upgrade: websocket\r\nConnection: Upgrade\r\n"
#define V13       "Sec-WebSocket-Version: 13\r\n"
#define KEY       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

CK_TEST(ws_handshake, a_request_is_judged)
{
    static const struct {
        const char *request;
        const char *protocol;
        int refusal; /* -1: no upgrade */
    } rows[] = {
        {GET(ASKS V13 KEY), NULL, 0},
        {GET("upgrade: WebSocket\r\nConnection: keep-alive, upgrade\r\n" V13 KEY), NULL, 0},
        {GET("Upgrade: h2c, websocket\r\nConnection: a\r\nConnection: Upgrade\r\n" V13 KEY), NULL,
         0},
        {GET(ASKS V13 KEY "Sec-WebSocket-Protocol: x\r\n"), NULL, 0},
        {GET(ASKS V13 KEY "Sec-WebSocket-Protocol: x, room.1 ,y\r\n"), "room.1", 0},
        {GET(ASKS V13 KEY "Sec-WebSocket-Protocol: x\r\nSec-WebSocket-Protocol: room.1\r\n"),
         "room.1", 0},
        {GET(ASKS V13 KEY "Sec-WebSocket-Extensions: permessage-deflate\r\n"), NULL, 0},
        {GET("Connection: Upgrade\r\n" V13 KEY), NULL, -1},
        {GET("Upgrade: websocket\r\n" V13 KEY), NULL, -1},
        {GET("Upgrade: websockets\r\nConnection: Upgrade\r\n" V13 KEY), NULL, -1},
        {"POST /r HTTP/1.1\r\nHost: a\r\n" ASKS V13 KEY "\r\n", NULL, 405},
        {GET(ASKS KEY), NULL, 426},
        {GET(ASKS KEY "Sec-WebSocket-Version: 8\r\n"), NULL, 426},
        {GET(ASKS V13), NULL, 400},
        {GET(ASKS V13 "Sec-WebSocket-Key: short==\r\n"), NULL, 400},
        {GET(ASKS V13 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQAA\r\n"), NULL, 400},
        {GET(ASKS V13 "Sec-WebSocket-Key: dGhlIHNhbXBsZS-ub25jZQ==\r\n"), NULL, 400},
        {GET(ASKS V13 KEY), "room.1", 400},
        {GET(ASKS V13 KEY "Sec-WebSocket-Protocol: room.10\r\n"), "room.1", 400},
        {"GET /r HTTP/1.0\r\nHost: a\r\n" ASKS V13 KEY "\r\n", NULL, 400},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_http_head head;
        read_head(&head, CK_HTTP_REQUEST, rows[i].request, strlen(rows[i].request));
        bool upgrade = ck_ws_is_upgrade(&head);
        CK_CHECK_ROW(i, upgrade == (rows[i].refusal >= 0));
        CK_CHECK_ROW(i,
                     !upgrade || ck_ws_check_request(&head, rows[i].protocol) == rows[i].refusal);
        ck_http_head_free(&head);
    }
}

/* The example of RFC 6455 1.3. */
CK_TEST(ws_handshake, is_answered_as_the_rfc_has_it)
{
    static const char expected[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                                   "Connection: Upgrade\r\n"
                                   "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                                   "Sec-WebSocket-Protocol: chat\r\nServer: x\r\n\r\n";
    ck_http_head head;
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 4096);
    read_head(&head, CK_HTTP_REQUEST, GET(ASKS V13 KEY), sizeof GET(ASKS V13 KEY) - 1);
    CK_CHECK_EQ(ck_ws_write_response(&out, &head, "chat", "x"), CHALK_OK);
    CK_CHECK_EQ(out.size, sizeof expected - 1);
    CK_CHECK_MEM(out.data, expected, out.size);
    ck_http_head_free(&head);
    ck_buf_free(&out);
}

static const uint8_t nonce[CK_WS_NONCE_BYTES] = "the sample nonce";

CK_TEST(ws_handshake, a_client_asks)
{
    static const char expected[] = "GET /r?t=1 HTTP/1.1\r\nHost: h:8935\r\n" ASKS V13 KEY
                                   "Sec-WebSocket-Protocol: room.1\r\n\r\n";
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 4096);
    CK_CHECK_EQ(ck_ws_write_request(&out, "/r?t=1", "h:8935", nonce, "room.1"), CHALK_OK);
    CK_CHECK_EQ(out.size, sizeof expected - 1);
    CK_CHECK_MEM(out.data, expected, out.size);
    static const char *const bad[] = {"", "r", "/a b", "/a\r\nX: y", "/a#b", "http://h/"};
    for (size_t i = 0; i < CK_COUNT_OF(bad); i++) {
        CK_CHECK_ROW(i, ck_ws_write_request(&out, bad[i], "h", nonce, NULL) ==
                            CHALK_ERR_INVALID_ARGUMENT);
    }
    CK_CHECK_EQ(ck_ws_write_request(&out, "/", "h", nonce, "a\r\nb"), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(out.size, sizeof expected - 1);
    ck_buf_free(&out);
}

#define ACCEPT    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
#define YES(rest) "HTTP/1.1 101 Yes\r\n" rest "\r\n"

CK_TEST(ws_handshake, an_answer_is_judged)
{
    static const struct {
        const char *response;
        const char *protocol;
        int status;
    } rows[] = {
        {YES(ASKS ACCEPT), NULL, CHALK_OK},
        {YES(ASKS ACCEPT "Sec-WebSocket-Protocol: room.1\r\n"), "room.1", CHALK_OK},
        {YES(ASKS ACCEPT), "room.1", CHALK_ERR_PROTOCOL},
        {YES(ASKS ACCEPT "Sec-WebSocket-Protocol: x\r\n"), "room.1", CHALK_ERR_PROTOCOL},
        {YES(ASKS ACCEPT "Sec-WebSocket-Protocol: x\r\n"), NULL, CHALK_ERR_PROTOCOL},
        {YES(ASKS ACCEPT "Sec-WebSocket-Extensions: x\r\n"), NULL, CHALK_ERR_PROTOCOL},
        {YES(ASKS), NULL, CHALK_ERR_PROTOCOL},
        {YES(ASKS "Sec-WebSocket-Accept: t3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), NULL,
         CHALK_ERR_PROTOCOL},
        {YES("Upgrade: websocket\r\n" ACCEPT), NULL, CHALK_ERR_PROTOCOL},
        {YES("Connection: Upgrade\r\n" ACCEPT), NULL, CHALK_ERR_PROTOCOL},
        {"HTTP/1.1 200 OK\r\n" ASKS ACCEPT "\r\n", NULL, CHALK_ERR_PROTOCOL},
        {"HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n", NULL, CHALK_ERR_UNSUPPORTED},
        {"HTTP/1.1 401 No\r\n\r\n", NULL, CHALK_ERR_DENIED},
        {"HTTP/1.1 403 No\r\n\r\n", NULL, CHALK_ERR_DENIED},
        {"HTTP/1.1 404 No\r\n\r\n", NULL, CHALK_ERR_NO_STREAM},
        {"HTTP/1.1 410 No\r\n\r\n", NULL, CHALK_ERR_NO_STREAM},
        {"HTTP/1.1 426 No\r\n\r\n", NULL, CHALK_ERR_UNSUPPORTED},
        {"HTTP/1.1 429 No\r\n\r\n", NULL, CHALK_ERR_REFUSED},
        {"HTTP/1.1 503 No\r\n\r\n", NULL, CHALK_ERR_REFUSED},
        {"HTTP/1.1 500 No\r\n\r\n", NULL, CHALK_ERR_PROTOCOL},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_http_head head;
        read_head(&head, CK_HTTP_RESPONSE, rows[i].response, strlen(rows[i].response));
        CK_CHECK_ROW(i, ck_ws_check_response(&head, nonce, rows[i].protocol) == rows[i].status);
        ck_http_head_free(&head);
    }
}
