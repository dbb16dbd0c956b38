/* Faulty and greedy peers of a server: each ends its own connection, by name, and nothing else. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "rtmp_raw.h"
#include "support/check.h"

static int closed_status(raw_peer *p)
{
    raw_read(p);
    const rtmp_entry *closed = rtmp_find(&p->core, CK_RTMP_EV_CLOSED);
    return closed != NULL ? closed->status : CHALK_OK;
}

typedef struct bad_message {
    const char *what;
    enum ck_rtmp_state state;
    int status;
    uint8_t type;
    uint32_t stream;
    uint8_t size;
    uint8_t body[64];
} bad_message;

static const bad_message bad_messages[] = {
    {"chunk size cut", CK_RTMP_CONNECTING, CHALK_ERR_BAD_DATA, 1, 0, 3, {0, 0, 1}},
    {"chunk size 0", CK_RTMP_CONNECTING, CHALK_ERR_PROTOCOL, 1, 0, 4, {0, 0, 0, 0}},
    {"chunk size with the top bit",
     CK_RTMP_CONNECTING,
     CHALK_ERR_PROTOCOL,
     1,
     0,
     4,
     {0x80, 0, 0, 1}},
    {"abort cut", CK_RTMP_CONNECTING, CHALK_ERR_BAD_DATA, 2, 0, 1, {0}},
    {"bandwidth without its type", CK_RTMP_CONNECTING, CHALK_ERR_BAD_DATA, 6, 0, 4, {0, 0, 1, 0}},
    {"ping cut", CK_RTMP_CONNECTING, CHALK_ERR_BAD_DATA, 4, 0, 4, {0, 6, 1, 2}},
    {"user control of one byte", CK_RTMP_CONNECTING, CHALK_ERR_BAD_DATA, 4, 0, 1, {0}},
    {"unknown user control, short", CK_RTMP_CONNECTING, CHALK_OK, 4, 0, 2, {0, 31}},
    {"unknown message type", CK_RTMP_CONNECTING, CHALK_OK, 77, 0, 2, {1, 2}},
    {"shared object", CK_RTMP_STREAMING, CHALK_OK, 19, 0, 2, {1, 2}},
    {"command that is a number", CK_RTMP_CONNECTING, CHALK_ERR_BAD_DATA, 20, 0, 9, {0}},
    {"empty command", CK_RTMP_CONNECTING, CHALK_ERR_BAD_DATA, 20, 0, 0, {0}},
    {"command name cut", CK_RTMP_CONNECTING, CHALK_ERR_BAD_DATA, 20, 0, 5, {2, 0, 9, 'c', 'o'}},
    {"transaction is a text",
     CK_RTMP_CONNECTING,
     CHALK_ERR_BAD_DATA,
     20,
     0,
     14,
     {2, 0, 7, 'c', 'o', 'n', 'n', 'e', 'c', 't', 2, 0, 1, 'x'}},
    {"connect without an object",
     CK_RTMP_CONNECTING,
     CHALK_ERR_BAD_DATA,
     20,
     0,
     19,
     {2, 0, 7, 'c', 'o', 'n', 'n', 'e', 'c', 't', 0, 0, 0, 0, 0, 0, 0, 0, 0}},
    {"command before connect",
     CK_RTMP_CONNECTING,
     CHALK_ERR_PROTOCOL,
     20,
     0,
     20,
     {2, 0, 7, 'p', 'u', 'b', 'l', 'i', 's', 'h', 0, 0, 0, 0, 0, 0, 0, 0, 0, 5}},
    {"a second connect", CK_RTMP_CONNECTED, CHALK_ERR_PROTOCOL, 20, 0, 20, {2,   0,   7,   'c', 'o',
                                                                            'n', 'n', 'e', 'c', 't',
                                                                            0,   0,   0,   0,   0,
                                                                            0,   0,   0,   0,   5}},
    {"publish on a stream that was not created",
     CK_RTMP_CONNECTED,
     CHALK_ERR_PROTOCOL,
     20,
     2,
     20,
     {2, 0, 7, 'p', 'u', 'b', 'l', 'i', 's', 'h', 0, 0, 0, 0, 0, 0, 0, 0, 0, 5}},
    {"publish without a name",
     CK_RTMP_CONNECTED,
     CHALK_ERR_BAD_DATA,
     20,
     1,
     20,
     {2, 0, 7, 'p', 'u', 'b', 'l', 'i', 's', 'h', 0, 0, 0, 0, 0, 0, 0, 0, 0, 5}},
    {"a name with a zero byte",
     CK_RTMP_CONNECTED,
     CHALK_ERR_BAD_DATA,
     20,
     1,
     26,
     {2, 0, 7, 'p', 'u', 'b', 'l', 'i', 's', 'h', 0,   0, 0,
      0, 0, 0, 0,   0,   0,   5,   2,   0,   3,   'a', 0, 'b'}},
    {"a malformed name", CK_RTMP_CONNECTED, CHALK_ERR_BAD_DATA, 20, 1, 23, {2,   0,   7,   'p', 'u',
                                                                            'b', 'l', 'i', 's', 'h',
                                                                            0,   0,   0,   0,   0,
                                                                            0,   0,   0,   0,   5,
                                                                            2,   0,   9}},
    {"media before a stream", CK_RTMP_CONNECTED, CHALK_OK, 8, 1, 2, {0xaf, 1}},
    {"media for another stream", CK_RTMP_STREAMING, CHALK_ERR_PROTOCOL, 8, 2, 2, {0xaf, 1}},
    {"empty media", CK_RTMP_STREAMING, CHALK_OK, 9, 1, 0, {0}},
    {"aggregate of half a header", CK_RTMP_STREAMING, CHALK_ERR_BAD_DATA, 22, 1, 5, {8, 0, 0, 1}},
    {"aggregate, tag too long",
     CK_RTMP_STREAMING,
     CHALK_ERR_BAD_DATA,
     22,
     1,
     16,
     {8, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0}},
    {"aggregate within one",
     CK_RTMP_STREAMING,
     CHALK_ERR_PROTOCOL,
     22,
     1,
     16,
     {22, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 12}},
    {"aggregate of an unknown type",
     CK_RTMP_STREAMING,
     CHALK_OK,
     22,
     1,
     16,
     {7, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 12}},
};

CK_TEST(rtmp_faulty, faulty_messages)
{
    for (size_t i = 0; i < CK_COUNT_OF(bad_messages); i++) {
        const bad_message *m = &bad_messages[i];
        raw_peer p;
        raw_server_at(&p, m->state, CK_RTMP_PUBLISH);
        raw_send(&p, &p.media, m->type, m->stream, 0, m->body, m->size);
        int status = closed_status(&p);
        if (status != m->status) {
            CK_FAIL("row %zu (%s): %d, expected %d", i, m->what, status, m->status);
        }
        CK_CHECK_ROW(i, p.core.feed_status == m->status);
        CK_CHECK_ROW(i, rtmp_count(&p.core, CK_RTMP_EV_MEDIA) == 0);
        if (status < 0) { /* sticky */
            size_t used = 9;
            CK_CHECK_ROW(i, ck_rtmp_feed(p.core.r, "x", 1, 1, &used) == status && used == 0);
            ck_out out;
            CK_CHECK_ROW(i, !ck_rtmp_poll_output(p.core.r, &out, 1));
            CK_CHECK_ROW(i, rtmp_get(&p.core, CK_RTMP_EV_CLOSED)->text[0] != '\0');
        }
        raw_close(&p);
    }
}

CK_TEST(rtmp_faulty, sizes_are_bounded)
{
    static uint8_t zeros[70000];
    static const struct {
        enum ck_rtmp_state state;
        uint8_t type;
        size_t size;
        int status;
    } rows[] = {
        {CK_RTMP_CONNECTING, CK_RTMP_VIDEO, 65536, CHALK_OK},
        {CK_RTMP_CONNECTING, CK_RTMP_VIDEO, 65537, CHALK_ERR_TOO_LARGE}, /* nobody agreed yet */
        {CK_RTMP_STREAMING, CK_RTMP_VIDEO, 65537, CHALK_OK},
        {CK_RTMP_STREAMING, CK_RTMP_COMMAND, 65537, CHALK_ERR_TOO_LARGE},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        raw_peer p;
        raw_server_at(&p, rows[i].state, CK_RTMP_PUBLISH);
        raw_send(&p, &p.media, rows[i].type, 1, 0, zeros, rows[i].size);
        CK_CHECK_ROW(i, closed_status(&p) == rows[i].status);
        raw_close(&p);
    }
    raw_peer p;
    char app[66] = {0};
    memset(app, 'a', 65);
    raw_server_at(&p, CK_RTMP_CONNECTING, CK_RTMP_PUBLISH);
    raw_connect(&p, app); /* string_bytes_max is 64 */
    CK_CHECK_EQ(closed_status(&p), CHALK_ERR_TOO_LARGE);
    raw_close(&p);
}

/* A header alone reserves its message: many of them, before anybody agreed to anything. */
CK_TEST(rtmp_faulty, messages_begun_are_bounded)
{
    static const struct {
        enum ck_rtmp_state state;
        size_t begun;
        int status;
    } rows[] = {
        {CK_RTMP_CONNECTING, 4, CHALK_OK},
        {CK_RTMP_CONNECTING, 5, CHALK_ERR_TOO_LARGE},
        {CK_RTMP_STREAMING, 40, CHALK_OK},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        raw_peer p;
        raw_server_at(&p, rows[i].state, CK_RTMP_PUBLISH);
        for (size_t n = 0; n < rows[i].begun; n++) {
            /* Type 0 on a chunk stream of its own, 65,536 bytes of video, and one chunk of them. */
            uint8_t chunk[12 + CK_RTMP_CHUNK_SIZE_DEFAULT] = {(uint8_t)(10 + n), 0, 0, 0, 1, 0, 0,
                                                              CK_RTMP_VIDEO,     1};
            raw_send_bytes(&p, chunk, sizeof chunk);
        }
        CK_CHECK_ROW(i, closed_status(&p) == rows[i].status);
        raw_close(&p);
    }
}

/* A peer that asks for answers and reads none of them. */
CK_TEST(rtmp_faulty, unread_answers_are_bounded)
{
    raw_peer p;
    static const uint8_t ping[6] = {0, 6, 1, 2, 3, 4};
    size_t sent = 0;
    raw_server_at(&p, CK_RTMP_CONNECTED, CK_RTMP_PUBLISH);
    while (p.core.feed_status == CHALK_OK && sent < 2000) {
        raw_send(&p, &p.control, CK_RTMP_USER_CONTROL, 0, 0, ping, sizeof ping);
        sent++;
    }
    CK_CHECK_EQ(p.core.feed_status, CHALK_ERR_TOO_LARGE);
    CK_CHECK(sent > 100);
    raw_close(&p);
}
