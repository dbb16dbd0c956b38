#include "chalkrail/errors.h"
#include "core/http/head.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"

static int feed(ck_http_head *head, enum ck_http_side side, const char *text, size_t *taken)
{
    ck_http_head_init(head, side, &ck_test_heap);
    ck_reader in = ck_reader_of(text, strlen(text));
    int status = ck_http_head_feed(head, &in);
    *taken = strlen(text) - ck_reader_left(&in);
    return status;
}

CK_TEST(http_head, reads_a_response)
{
    static const char text[] = "HTTP/1.1 200 OK\r\n"
                               "Content-Type: video/x-flv\r\n"
                               "X-Empty:\r\n"
                               "x-spaced: \t a b \t \r\n"
                               "Transfer-Encoding: Chunked\r\n\r\n"
                               "body";
    ck_http_head head;
    size_t taken;
    CK_CHECK_EQ(feed(&head, CK_HTTP_RESPONSE, text, &taken), 1);
    CK_CHECK_EQ(taken, sizeof text - 1 - 4);
    CK_CHECK_EQ(head.status, 200);
    CK_CHECK_EQ(head.minor_version, 1);
    CK_CHECK_EQ(head.framing, CK_HTTP_CHUNKED);
    CK_CHECK(head.keep_alive);
    CK_CHECK_STR(ck_http_head_reason(&head), "OK");
    CK_CHECK_STR(ck_http_head_method(&head), "");
    CK_CHECK_STR(ck_http_head_get(&head, "content-TYPE"), "video/x-flv");
    CK_CHECK_STR(ck_http_head_get(&head, "X-Empty"), "");
    CK_CHECK_STR(ck_http_head_get(&head, "X-Spaced"), "a b");
    CK_CHECK(ck_http_head_get(&head, "X-None") == NULL);
    CK_CHECK_EQ(ck_http_head_count(&head), 4);
    const char *name = NULL;
    const char *value = NULL;
    CK_CHECK(ck_http_head_at(&head, 2, &name, &value));
    CK_CHECK_STR(name, "x-spaced");
    CK_CHECK_STR(value, "a b");
    CK_CHECK(!ck_http_head_at(&head, 4, &name, &value));
    ck_http_head_free(&head);
}

CK_TEST(http_head, reads_a_request)
{
    ck_http_head head;
    size_t taken;
    CK_CHECK_EQ(feed(&head, CK_HTTP_REQUEST,
                     "\r\nGET /live/a.flv?token=x%20y HTTP/1.1\r\nHost: h:8080\r\n\r\n", &taken),
                1);
    CK_CHECK_STR(ck_http_head_method(&head), "GET");
    CK_CHECK_STR(ck_http_head_target(&head), "/live/a.flv?token=x%20y");
    CK_CHECK_STR(ck_http_head_reason(&head), "");
    CK_CHECK_STR(ck_http_head_get(&head, "host"), "h:8080");
    CK_CHECK_EQ(head.framing, CK_HTTP_NO_BODY);
    CK_CHECK(head.keep_alive);
    ck_http_head_free(&head);
}

typedef struct row {
    enum ck_http_side side;
    const char *text;
    enum ck_http_fault fault;
} row;

#define REQ  CK_HTTP_REQUEST
#define RES  CK_HTTP_RESPONSE
#define GET  "GET / HTTP/1.1\r\nHost: h\r\n"
#define OK   "HTTP/1.1 200 OK\r\n"
#define F(x) CK_HTTP_FAULT_##x

static const row rows[] = {
    {REQ, GET "\r\n", F(NONE)},
    {REQ, "GET / HTTP/1.0\r\n\r\n", F(NONE)},
    {REQ, "GET / HTTP/1.7\r\nHost: h\r\n\r\n", F(NONE)},
    {REQ, "OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n", F(NONE)},
    {RES, "HTTP/1.1 200\r\n\r\n", F(NONE)},
    {RES, "HTTP/1.1 404 \r\n\r\n", F(NONE)},
    {RES, "HTTP/1.0 200 \xc3\xbc\t~\r\n\r\n", F(NONE)},
    /* the first line */
    {REQ, "GET\r\n", F(START_LINE)},
    {REQ, "GET /\r\n", F(START_LINE)},
    {REQ, "GET / HTTP/1.1 x\r\n", F(START_LINE)},
    {REQ, "GET  / HTTP/1.1\r\n", F(TARGET)},
    {REQ, "GET / FTP/1.1\r\n", F(START_LINE)},
    {REQ, "GET / HTTP/11\r\n", F(START_LINE)},
    {REQ, "GET / http/1.1\r\n", F(START_LINE)},
    {REQ, "GET / HTTP/2.0\r\n", F(VERSION)},
    {REQ, " / HTTP/1.1\r\n", F(METHOD)},
    {REQ, "G(T / HTTP/1.1\r\n", F(METHOD)},
    {REQ, "GET /\x01 HTTP/1.1\r\n", F(TARGET)},
    {REQ, "GET /\xc3\xbc HTTP/1.1\r\n", F(TARGET)},
    {REQ, "GET /\ta HTTP/1.1\r\n", F(TARGET)},
    {RES, "\r\nHTTP/1.1 200 OK\r\n", F(START_LINE)},
    {RES, "HTTP/1.1 20 OK\r\n", F(START_LINE)},
    {RES, "HTTP/1.1 2000 OK\r\n", F(START_LINE)},
    {RES, "HTTP/1.1 099 OK\r\n", F(START_LINE)},
    {RES, "HTTP/1.1 -20 OK\r\n", F(START_LINE)},
    {RES, "HTTP/1.1  200 OK\r\n", F(START_LINE)},
    {RES, "ICY 200 OK\r\n", F(START_LINE)},
    {RES, "HTTP/3.0 200 OK\r\n", F(VERSION)},
    {RES, "HTTP/1.1 200 O\x7fK\r\n", F(START_LINE)},
    /* lines */
    {REQ, "GET / HTTP/1.1\n", F(LINE_END)},
    {REQ, GET "a: b\n", F(LINE_END)},
    {REQ, GET "\n", F(LINE_END)},
    {REQ, GET "a: b\r\n c\r\n", F(FOLDED_LINE)},
    {REQ, GET "\ta: b\r\n", F(FOLDED_LINE)},
    {REQ, GET "a : b\r\n", F(HEADER_NAME)},
    {REQ, GET "a b: c\r\n", F(HEADER_NAME)},
    {REQ, GET ": b\r\n", F(HEADER_NAME)},
    {REQ, GET "ab\r\n", F(HEADER_NAME)},
    {REQ, GET "a\xc3: b\r\n", F(HEADER_NAME)},
    {REQ, GET "a: b\rc\r\n", F(HEADER_VALUE)},
    {REQ, GET "a: b\x0b\r\n", F(HEADER_VALUE)},
    /* what smuggling is made of */
    {REQ, "GET / HTTP/1.1\r\n\r\n", F(HOST)},
    {REQ, GET "Host: i\r\n\r\n", F(HOST)},
    {REQ, "GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", F(HOST)},
    {REQ, GET "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", F(LENGTH_AND_CODING)},
    {RES, OK "transfer-encoding: chunked\r\ncontent-length: 0\r\n\r\n", F(LENGTH_AND_CODING)},
    {REQ, GET "Content-Length: 5\r\nContent-Length: 5\r\n\r\n", F(TWO_LENGTHS)},
    {REQ, GET "Content-Length: 5\r\nContent-Length: 6\r\n\r\n", F(TWO_LENGTHS)},
    {REQ, GET "Content-Length: 5, 5\r\n\r\n", F(LENGTH)},
    {REQ, GET "Content-Length: +5\r\n\r\n", F(LENGTH)},
    {REQ, GET "Content-Length: -5\r\n\r\n", F(LENGTH)},
    {REQ, GET "Content-Length: 0x5\r\n\r\n", F(LENGTH)},
    {REQ, GET "Content-Length:\r\n\r\n", F(LENGTH)},
    {REQ, GET "Content-Length: 9223372036854775808\r\n\r\n", F(LENGTH)},
    {REQ, GET "Content-Length: 9223372036854775807\r\n\r\n", F(NONE)},
    {REQ, GET "Transfer-Encoding: gzip\r\n\r\n", F(CODING)},
    {REQ, GET "Transfer-Encoding: gzip, chunked\r\n\r\n", F(CODING)},
    {REQ, GET "Transfer-Encoding: xchunked\r\n\r\n", F(CODING)},
    {REQ, GET "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", F(CODING)},
    {REQ, GET "Transfer-Encoding:\r\n\r\n", F(CODING)},
    {RES, "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", F(CODING)},
};

CK_TEST(http_head, accepts_and_refuses_by_name)
{
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_http_head head;
        size_t taken;
        int status = feed(&head, rows[i].side, rows[i].text, &taken);
        int expected = rows[i].fault == CK_HTTP_FAULT_NONE ? 1 : ck_http_fault_error(rows[i].fault);
        CK_CHECK_ROW(i, head.fault == rows[i].fault);
        CK_CHECK_ROW(i, status == expected);
        ck_reader more = ck_reader_of("\r\n\r\n", 4);
        CK_CHECK_ROW(i, ck_http_head_feed(&head, &more) == expected && ck_reader_left(&more) == 4);
        ck_http_head_free(&head);
    }
}

CK_TEST(http_head, knows_where_the_body_ends)
{
    static const struct {
        enum ck_http_side side;
        const char *text;
        enum ck_http_framing framing;
        uint64_t length;
        bool keep_alive;
    } table[] = {
        {RES, OK "\r\n", CK_HTTP_UNTIL_CLOSE, 0, false},
        {RES, OK "Content-Length: 12\r\n\r\n", CK_HTTP_LENGTH, 12, true},
        {RES, OK "Content-Length: 12\r\nConnection: Close\r\n\r\n", CK_HTTP_LENGTH, 12, false},
        {RES, OK "Transfer-Encoding: chunked\r\n\r\n", CK_HTTP_CHUNKED, 0, true},
        {RES, "HTTP/1.1 204 No\r\n\r\n", CK_HTTP_NO_BODY, 0, true},
        {RES, "HTTP/1.1 304 No\r\nContent-Length: 9\r\n\r\n", CK_HTTP_NO_BODY, 9, true},
        {RES, "HTTP/1.1 101 Go\r\n\r\n", CK_HTTP_NO_BODY, 0, true},
        {REQ, GET "Content-Length: 3\r\n\r\n", CK_HTTP_LENGTH, 3, true},
        {REQ, GET "Transfer-Encoding: chunked\r\n\r\n", CK_HTTP_CHUNKED, 0, true},
        {REQ, GET "Connection: a, close ,b\r\n\r\n", CK_HTTP_NO_BODY, 0, false},
        {REQ, GET "Connection: closed\r\n\r\n", CK_HTTP_NO_BODY, 0, true},
        {REQ, "GET / HTTP/1.0\r\n\r\n", CK_HTTP_NO_BODY, 0, false},
        {REQ, "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", CK_HTTP_NO_BODY, 0, true},
    };
    for (size_t i = 0; i < CK_COUNT_OF(table); i++) {
        ck_http_head head;
        size_t taken;
        CK_CHECK_ROW(i, feed(&head, table[i].side, table[i].text, &taken) == 1);
        CK_CHECK_ROW(i, head.framing == table[i].framing);
        CK_CHECK_ROW(i, head.content_length == table[i].length);
        CK_CHECK_ROW(i, head.keep_alive == table[i].keep_alive);
        ck_http_head_free(&head);
    }
}

CK_TEST(http_head, passes_over_interim_responses)
{
    ck_http_head head;
    size_t taken;
    CK_CHECK_EQ(feed(&head, RES,
                     "HTTP/1.1 100 Continue\r\n\r\n"
                     "HTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
                     "HTTP/1.1 302 Found\r\nLocation: http://b/c\r\nContent-Length: 0\r\n\r\n",
                     &taken),
                1);
    CK_CHECK_EQ(head.status, 302);
    CK_CHECK_EQ(ck_http_head_count(&head), 2);
    CK_CHECK_STR(ck_http_head_get(&head, "location"), "http://b/c");
    ck_http_head_free(&head);
}

/* Feeds `start`, then `line` over and over; the number of bytes taken before the fault. */
static size_t feed_for_ever(ck_http_head *head, enum ck_http_side side, const char *start,
                            const char *line)
{
    ck_http_head_init(head, side, &ck_test_heap);
    ck_reader in = ck_reader_of(start, strlen(start));
    int status = ck_http_head_feed(head, &in);
    size_t total = strlen(start);
    while (status == 0 && total < 1 << 20) {
        in = ck_reader_of(line, strlen(line));
        status = ck_http_head_feed(head, &in);
        total += strlen(line);
    }
    return total;
}

CK_TEST(http_head, is_bounded)
{
    ck_http_head head;
    size_t total = feed_for_ever(&head, REQ, "", "aaaaaaaaaa");
    CK_CHECK_EQ(head.fault, CK_HTTP_FAULT_HEAD_SIZE);
    CK_CHECK(total <= CK_HTTP_HEAD_MAX + 10);
    ck_http_head_free(&head);

    total = feed_for_ever(&head, REQ, "", "\r\n");
    CK_CHECK_EQ(head.fault, CK_HTTP_FAULT_HEAD_SIZE);
    CK_CHECK(total <= CK_HTTP_HEAD_MAX + 2);
    ck_http_head_free(&head);

    total = feed_for_ever(&head, RES, "", "HTTP/1.1 100 Go\r\n\r\n");
    CK_CHECK_EQ(head.fault, CK_HTTP_FAULT_HEAD_SIZE);
    CK_CHECK(total <= CK_HTTP_HEAD_MAX + 20);
    ck_http_head_free(&head);

    total = feed_for_ever(&head, RES, OK, "a: b\r\n");
    CK_CHECK_EQ(head.fault, CK_HTTP_FAULT_HEADER_COUNT);
    CK_CHECK_EQ(total, sizeof OK - 1 + 65 * 6);
    ck_http_head_free(&head);
}

CK_TEST(http_head, survives_exhausted_memory)
{
    int status = -1;
    size_t fail_at = 1;
    for (; status < 0; fail_at++) {
        ck_failing_alloc f;
        ck_failing_alloc_init(&f, fail_at);
        ck_http_head head;
        ck_http_head_init(&head, RES, &f.alloc);
        ck_reader in = ck_reader_of(OK "a: b\r\n\r\n", sizeof OK - 1 + 8);
        status = ck_http_head_feed(&head, &in);
        CK_CHECK(status == 1 || status == CHALK_ERR_NO_MEMORY);
        CK_CHECK(status == 1 || head.fault == CK_HTTP_FAULT_MEMORY);
        ck_http_head_free(&head);
        CK_CHECK_EQ(f.live, 0);
    }
    CK_CHECK(fail_at > 2);
}

CK_TEST(http_head, names_every_fault)
{
    CK_CHECK_STR(ck_http_fault_text(CK_HTTP_FAULT_NONE), "");
    CK_CHECK_EQ(ck_http_fault_error(CK_HTTP_FAULT_NONE), CHALK_OK);
    for (int i = CK_HTTP_FAULT_NONE + 1; i <= CK_HTTP_FAULT_MEMORY; i++) {
        CK_CHECK_ROW(i, ck_http_fault_text((enum ck_http_fault)i)[0] != '\0');
        CK_CHECK_ROW(i, ck_http_fault_error((enum ck_http_fault)i) < 0);
    }
    CK_CHECK_STR(ck_http_fault_text((enum ck_http_fault)1000), "");
}
