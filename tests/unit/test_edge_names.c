/* Names of streams as they come in RTMP and HTTP, tokens in queries, addresses, pages. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "edge/address.h"
#include "edge/name.h"
#include "edge/page.h"
#include "support/alloc.h"
#include "support/check.h"

#define LONG_NAME "0123456789012345678901234567890123456789012345678901234567890123" /* 64 */

CK_TEST(edge_names, of_rtmp)
{
    static const struct {
        const char *app;
        const char *stream;
        const char *path; /* NULL: refused */
    } rows[] = {
        {"maths", "ada/screen", "maths/ada/screen"},
        {"maths/ada", "screen", "maths/ada/screen"},
        {"maths/ada", "screen?token=T", "maths/ada/screen"},
        {"maths?token=T", "ada/camera", "maths/ada/camera"},
        {"maths/", "/ada/screen/", "maths/ada/screen"},
        {"maths/ada/screen", "", "maths/ada/screen"},
        {"m%61ths", "ada/screen", "maths/ada/screen"},
        {"\xe6\x95\xb0\xe5\xad\xa6", "\xc3\xa4/screen", "\xe6\x95\xb0\xe5\xad\xa6/\xc3\xa4/screen"},
        {"%E6%95%B0", "ada/screen", "\xe6\x95\xb0/ada/screen"},
        {LONG_NAME, LONG_NAME "/screen", LONG_NAME "/" LONG_NAME "/screen"},
        {LONG_NAME "x", "ada/screen", NULL},
        {"maths", "ada", NULL},
        {"maths", "ada/slides", NULL},
        {"maths", "ada/screen/x", NULL},
        {"", "ada/screen", NULL},
        {"maths", "../screen", NULL},
        {"maths", "a b/screen", NULL},
        {"maths", "a%2Fb/screen", NULL},
        {"maths", "a%00/screen", NULL},
        {"maths", "a%zz/screen", NULL},
        {"maths", "<b>/screen", NULL},
        {"maths", "\xff/screen", NULL},
        {"maths", "\xc2\x9b/screen", NULL}, /* a control character in UTF-8 */
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_stream_name name;
        const char *why = NULL;
        int status = ck_stream_name_of_rtmp(&name, rows[i].app, rows[i].stream, &why);
        CK_CHECK_ROW(i, (status == CHALK_OK) == (rows[i].path != NULL));
        CK_CHECK_ROW(i, status != CHALK_OK || strcmp(name.path, rows[i].path) == 0);
        CK_CHECK_ROW(i, status == CHALK_OK || (status == CHALK_ERR_INVALID_ARGUMENT && why[0]));
    }
}

CK_TEST(edge_names, of_http)
{
    static const struct {
        const char *path;
        int status;
    } rows[] = {
        {"/maths/ada/screen.flv", CHALK_OK},
        {"/maths/ada/screen", CHALK_ERR_NOT_FOUND},
        {"/.flv", CHALK_ERR_INVALID_ARGUMENT},
        {"/maths/ada/screen.flv.flv", CHALK_ERR_INVALID_ARGUMENT},
        {"/maths/../screen.flv", CHALK_ERR_INVALID_ARGUMENT},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_stream_name name;
        const char *why;
        CK_CHECK_ROW(i, ck_stream_name_of_http(&name, rows[i].path, &why) == rows[i].status);
    }
}

CK_TEST(edge_names, tokens_in_queries)
{
    static const struct {
        const char *texts[3];
        const char *token;
        int status;
    } rows[] = {
        {{"a/screen?token=T", "app", "rtmp://h/app"}, "T", CHALK_OK},
        {{"a/screen", "app?token=T", "rtmp://h/app"}, "T", CHALK_OK},
        {{"a/screen?x=1", "app", "rtmp://h/app?a=b&token=T%2B"}, "T+", CHALK_OK},
        {{"a?token=", "app?token=T", ""}, "T", CHALK_OK},
        {{"a", "b", "c"}, "", CHALK_OK},
        {{"a?token=%zz", "b?token=T", "c"}, "", CHALK_ERR_INVALID_ARGUMENT},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        char token[CHALK_TOKEN_MAX];
        CK_CHECK_ROW(i, ck_token_find(token, rows[i].texts, 3) == rows[i].status);
        CK_CHECK_ROW(i, strcmp(token, rows[i].token) == 0);
    }
}

CK_TEST(edge_names, addresses)
{
    static const struct {
        const char *text;
        const char *host; /* NULL: refused */
        int port;
        bool loopback;
    } rows[] = {
        {"127.0.0.1:1935", "127.0.0.1", 1935, true},
        {"127.1.2.3:0", "127.1.2.3", 0, true},
        {"localhost:80", "127.0.0.1", 80, true},
        {"0.0.0.0:80", "0.0.0.0", 80, false},
        {"192.168.1.2:65535", "192.168.1.2", 65535, false},
        {"[::1]:1935", "::1", 1935, true},
        {"[::]:1935", "::", 1935, false},
        {"[::ffff:127.0.0.1]:9", "::ffff:127.0.0.1", 9, true},
        {"[::ffff:10.0.0.1]:9", "::ffff:10.0.0.1", 9, false},
        {"::1:1935", NULL, 0, false},
        {"127.0.0.1", NULL, 0, false},
        {"127.0.0.1:", NULL, 0, false},
        {"127.0.0.1:65536", NULL, 0, false},
        {"127.0.0.1:-1", NULL, 0, false},
        {"127.0.0.256:1", NULL, 0, false},
        {"example.org:80", NULL, 0, false},
        {":80", NULL, 0, false},
        {"", NULL, 0, false},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_address address;
        int status = ck_address_parse(&address, rows[i].text);
        CK_CHECK_ROW(i, (status == CHALK_OK) == (rows[i].host != NULL));
        CK_CHECK_ROW(i, status != CHALK_OK || strcmp(address.host, rows[i].host) == 0);
        CK_CHECK_ROW(i, status != CHALK_OK || address.port == rows[i].port);
        CK_CHECK_ROW(i, status != CHALK_OK || address.loopback == rows[i].loopback);
    }
}

CK_TEST(edge_names, pages_escape)
{
    ck_buf page;
    ck_buf_init(&page, &ck_test_heap, 1024);
    ck_page_put_html(&page, "<a href='x'>\"&\"</a>");
    ck_page_put_json(&page, "\"\\\n");
    ck_page_put_u64(&page, 42);
    ck_buf_put_u8(&page, 0);
    CK_CHECK(!page.failed);
    CK_CHECK_STR((const char *)page.data,
                 "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;\"\\\"\\\\\\n\"42");
    ck_buf_free(&page);
}
