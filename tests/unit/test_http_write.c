#include "chalkrail/errors.h"
#include "core/http/write.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"

static const ck_http_header plain[] = {{"User-Agent", "chalkrail/0.1"}, {"Accept", "*/*"}};

CK_TEST(http_write, writes_heads)
{
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 4096);
    static const char request[] = "GET /live/a.flv?t=1 HTTP/1.1\r\nHost: h:8080\r\n"
                                  "User-Agent: chalkrail/0.1\r\nAccept: */*\r\n\r\n";
    CK_CHECK_EQ(ck_http_write_request(&out, "GET", "/live/a.flv?t=1", "h:8080", plain, 2),
                CHALK_OK);
    CK_CHECK_EQ(out.size, sizeof request - 1);
    CK_CHECK_MEM(out.data, request, sizeof request - 1);
    ck_buf_clear(&out);
    static const char response[] = "HTTP/1.1 404 Not Found\r\n\r\nHTTP/1.1 299 \r\n\r\n";
    CK_CHECK_EQ(ck_http_write_response(&out, 404, NULL, 0), CHALK_OK);
    CK_CHECK_EQ(ck_http_write_response(&out, 299, NULL, 0), CHALK_OK);
    CK_CHECK_EQ(out.size, sizeof response - 1);
    CK_CHECK_MEM(out.data, response, sizeof response - 1);
    ck_buf_free(&out);
}

CK_TEST(http_write, refuses_what_would_break_the_message)
{
    static const struct {
        const char *method;
        const char *target;
        const char *host;
        ck_http_header header;
    } rows[] = {
        {"", "/", "h", {"a", "b"}},
        {"G T", "/", "h", {"a", "b"}},
        {"GET", "", "h", {"a", "b"}},
        {"GET", "/a b", "h", {"a", "b"}},
        {"GET", "/\r\nX: 1", "h", {"a", "b"}},
        {"GET", "/\xc3\xbc", "h", {"a", "b"}},
        {"GET", "/", "", {"a", "b"}},
        {"GET", "/", "h\r\nX: 1", {"a", "b"}},
        {"GET", "/", "u@h", {"a", "b"}},
        {"GET", "/", "h/", {"a", "b"}},
        {"GET", "/", "h", {"a b", "c"}},
        {"GET", "/", "h", {"", "c"}},
        {"GET", "/", "h", {"a", "b\r\nX: 1"}},
        {"GET", "/", "h", {"a", "b\n"}},
    };
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 4096);
    ck_buf_put_u8(&out, 'x');
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        CK_CHECK_ROW(i, ck_http_write_request(&out, rows[i].method, rows[i].target, rows[i].host,
                                              &rows[i].header, 1) == CHALK_ERR_INVALID_ARGUMENT);
        CK_CHECK_ROW(i, out.size == 1);
    }
    static const ck_http_header bad = {"a", "b\r\n"};
    CK_CHECK_EQ(ck_http_write_response(&out, 200, &bad, 1), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_http_write_response(&out, 99, NULL, 0), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_http_write_response(&out, 1000, NULL, 0), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(out.size, 1);
    ck_buf_free(&out);
}

CK_TEST(http_write, survives_exhausted_memory)
{
    size_t fail_at = 1;
    for (int status = -1; status < 0; fail_at++) {
        ck_failing_alloc f;
        ck_failing_alloc_init(&f, fail_at);
        ck_buf out;
        ck_buf_init(&out, &f.alloc, 4096);
        status = ck_http_write_request(&out, "GET", "/", "host", plain, 2);
        CK_CHECK(status == CHALK_OK || (status == CHALK_ERR_NO_MEMORY && out.size == 0));
        ck_buf_free(&out);
        CK_CHECK_EQ(f.live, 0);
    }
    CK_CHECK(fail_at > 2);
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 20);
    CK_CHECK_EQ(ck_http_write_request(&out, "GET", "/", "host", plain, 2), CHALK_ERR_TOO_LARGE);
    CK_CHECK_EQ(out.size, 0);
    ck_buf_free(&out);
}
