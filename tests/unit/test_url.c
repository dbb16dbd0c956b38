#include "core/url/url.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/url/rtmp_target.h"
#include "support/check.h"

#include <stdio.h>

CK_TEST(url, accepted)
{
    static const struct {
        const char *text;
        uint8_t scheme;
        const char *host;
        uint16_t port;
        const char *path;
        const char *query;
    } rows[] = {
        {"rtmp://example.org/live/key", CK_URL_RTMP, "example.org", 1935, "/live/key", ""},
        {"RTMPS://Example.ORG/a/b?c=d", CK_URL_RTMPS, "example.org", 443, "/a/b", "c=d"},
        {"http://127.0.0.1:8080", CK_URL_HTTP, "127.0.0.1", 8080, "/", ""},
        {"https://h/a.flv?x=1?2", CK_URL_HTTPS, "h", 443, "/a.flv", "x=1?2"},
        {"http://h?q#f", CK_URL_HTTP, "h", 80, "/", "q"},
        {"http://h/a#b?c", CK_URL_HTTP, "h", 80, "/a", ""},
        {"rtmp://h/app/key#1?a#b", CK_URL_RTMP, "h", 1935, "/app/key#1", "a#b"},
        {"ws://h:1/", CK_URL_WS, "h", 1, "/", ""},
        {"wss://h:65535/s", CK_URL_WSS, "h", 65535, "/s", ""},
        {"http://h:/s", CK_URL_HTTP, "h", 80, "/s", ""},
        {"http://[::1]/s", CK_URL_HTTP, "::1", 80, "/s", ""},
        {"http://[2001:DB8::1]:81/s", CK_URL_HTTP, "2001:db8::1", 81, "/s", ""},
        {"http://h./", CK_URL_HTTP, "h.", 80, "/", ""},
        {"http://h/a@b", CK_URL_HTTP, "h", 80, "/a@b", ""},
        {"http://h/\xc3\xa9", CK_URL_HTTP, "h", 80, "/\xc3\xa9", ""},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        static ck_url url;
        CK_CHECK_ROW(i, ck_url_parse(&url, rows[i].text) == CHALK_OK);
        CK_CHECK_ROW(i, url.problem == NULL && url.scheme == rows[i].scheme);
        CK_CHECK_ROW(i, strcmp(url.host, rows[i].host) == 0 && url.port == rows[i].port);
        CK_CHECK_ROW(i, strcmp(url.path, rows[i].path) == 0);
        CK_CHECK_ROW(i, strcmp(url.query, rows[i].query) == 0);
        CK_CHECK_ROW(i, url.has_query == (rows[i].query[0] != '\0'));
        CK_CHECK_ROW(i, url.ipv6 == (strchr(url.host, ':') != NULL));
        CK_CHECK_ROW(i, url.tls == (url.scheme == CK_URL_RTMPS || url.scheme == CK_URL_HTTPS ||
                                    url.scheme == CK_URL_WSS));
    }
}

CK_TEST(url, refused_with_a_reason)
{
    static const struct {
        const char *text;
        int error;
        const char *word; /* in the reason */
    } rows[] = {
        {"", CHALK_ERR_INVALID_ARGUMENT, "scheme"},
        {"example.org/live", CHALK_ERR_INVALID_ARGUMENT, "scheme"},
        {"rtmp:/h/a", CHALK_ERR_INVALID_ARGUMENT, "scheme"},
        {"ftp://h/a", CHALK_ERR_UNSUPPORTED, "rtmp"},
        {"rtmpx://h/a", CHALK_ERR_UNSUPPORTED, "rtmp"},
        {"http://", CHALK_ERR_INVALID_ARGUMENT, "host"},
        {"http:///a", CHALK_ERR_INVALID_ARGUMENT, "host"},
        {"http://:80/", CHALK_ERR_INVALID_ARGUMENT, "host"},
        {"http://a..b/", CHALK_ERR_INVALID_ARGUMENT, "host"},
        {"http://.a/", CHALK_ERR_INVALID_ARGUMENT, "host"},
        {"http://a%41/", CHALK_ERR_INVALID_ARGUMENT, "host"},
        {"http://h:0/", CHALK_ERR_INVALID_ARGUMENT, "port"},
        {"http://h:65536/", CHALK_ERR_INVALID_ARGUMENT, "port"},
        {"http://h:+1/", CHALK_ERR_INVALID_ARGUMENT, "port"},
        {"http://h:1:2/", CHALK_ERR_INVALID_ARGUMENT, "port"},
        {"http://user@h/", CHALK_ERR_UNSUPPORTED, "user"},
        {"http://user:pass@h/", CHALK_ERR_UNSUPPORTED, "user"},
        {"http://[::1/", CHALK_ERR_INVALID_ARGUMENT, "bracket"},
        {"http://[fe80::1%25eth0]/", CHALK_ERR_UNSUPPORTED, "zone"},
        {"http://[]/", CHALK_ERR_INVALID_ARGUMENT, "IPv6"},
        {"http://[::1]x/", CHALK_ERR_INVALID_ARGUMENT, "port"},
        {"http://[::1]:x/", CHALK_ERR_INVALID_ARGUMENT, "port"},
        {"http://h/a b", CHALK_ERR_INVALID_ARGUMENT, "space"},
        {"http://h/a\r\nX: y", CHALK_ERR_INVALID_ARGUMENT, "control"},
        {"http://h/\x7f", CHALK_ERR_INVALID_ARGUMENT, "control"},
        {"http://h/\xff", CHALK_ERR_INVALID_ARGUMENT, "UTF-8"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        static ck_url url;
        CK_CHECK_ROW(i, ck_url_parse(&url, rows[i].text) == rows[i].error);
        CK_CHECK_ROW(i, url.problem != NULL && strstr(url.problem, rows[i].word) != NULL);
    }
}

CK_TEST(url, ipv6_addresses)
{
    static const struct {
        const char *host;
        bool valid;
    } rows[] = {
        {"::", true},
        {"::1", true},
        {"1::", true},
        {"1:2:3:4:5:6:7:8", true},
        {"1::8", true},
        {"::ffff:1.2.3.4", true},
        {"1:2:3:4:5:6:1.2.3.4", true},
        {"1:2:3:4:5:6:7::", true},
        {":", false},
        {":::", false},
        {"1", false},
        {"1:", false},
        {":1", false},
        {"1:2", false},
        {"1::2::3", false},
        {"12345::", false},
        {"g::", false},
        {"1:2:3:4:5:6:7", false},
        {"1:2:3:4:5:6:7:8:9", false},
        {"1:2:3:4:5:6:7:8::", false},
        {"::1.2.3", false},
        {"::1.2.3.256", false},
        {"::1.2.3.4.5", false},
        {"::01.2.3.4", false},
        {"1.2.3.4", false},
        {"1:2:3:4:5:6:7:1.2.3.4", false},
        {"::1:", false},
        {"1.2.3.4::", false},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        static ck_url url;
        char text[64] = "http://[";
        memcpy(text + 8, rows[i].host, strlen(rows[i].host));
        memcpy(text + 8 + strlen(rows[i].host), "]/", 3);
        CK_CHECK_ROW(i, (ck_url_parse(&url, text) == CHALK_OK) == rows[i].valid);
    }
}

CK_TEST(url, lengths)
{
    static ck_url url;
    static char text[CK_URL_MAX + 2];
    memset(text, 'a', sizeof text - 1);
    memcpy(text, "http://h/", 9);
    CK_CHECK_EQ(ck_url_parse(&url, text), CHALK_ERR_LIMIT);
    text[CK_URL_MAX] = '\0';
    CK_CHECK_EQ(ck_url_parse(&url, text), CHALK_OK);
    memset(text, 'a', CK_URL_MAX);
    memcpy(text, "http://", 7);
    text[7 + 64] = '\0';
    CK_CHECK_EQ(ck_url_parse(&url, text), CHALK_ERR_INVALID_ARGUMENT);
    text[7 + 63] = '\0';
    CK_CHECK_EQ(ck_url_parse(&url, text), CHALK_OK);
    for (size_t i = 7; i < 7 + 300; i++) {
        text[i] = i % 2 == 1 ? 'a' : '.';
    }
    text[7 + 254] = '\0';
    CK_CHECK_EQ(ck_url_parse(&url, text), CHALK_ERR_INVALID_ARGUMENT);
    text[7 + 253] = '\0';
    CK_CHECK_EQ(ck_url_parse(&url, text), CHALK_OK);
}

CK_TEST(url, authority)
{
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        {"http://h/", "h"},      {"http://h:80/", "h"},         {"http://h:443/", "h:443"},
        {"https://h:443/", "h"}, {"rtmp://[::1]/a/b", "[::1]"}, {"rtmp://[::1]:9/a/b", "[::1]:9"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        static ck_url url;
        char out[16];
        CK_CHECK_ROW(i, ck_url_parse(&url, rows[i].text) == CHALK_OK);
        CK_CHECK_ROW(i, ck_url_authority(&url, out, sizeof out) == CHALK_OK);
        CK_CHECK_ROW(i, strcmp(out, rows[i].expected) == 0);
        CK_CHECK_ROW(i, ck_url_authority(&url, out, strlen(out)) == CHALK_ERR_LIMIT);
        CK_CHECK_ROW(i, ck_url_authority(&url, out, 0) == CHALK_ERR_LIMIT);
    }
    CK_CHECK_STR(ck_url_scheme_name(CK_URL_WSS), "wss");
    CK_CHECK_STR(ck_url_scheme_name(0), "");
}

CK_TEST(url, percent_decoding)
{
    static const struct {
        const char *text;
        const char *expected; /* NULL: an error */
        int error;
    } rows[] = {
        {"", "", 0},
        {"a+b", "a+b", 0},
        {"%41%62%2f%2F", "Ab//", 0},
        {"%c3%a9", "\xc3\xa9", 0},
        {"%", NULL, CHALK_ERR_INVALID_ARGUMENT},
        {"a%4", NULL, CHALK_ERR_INVALID_ARGUMENT},
        {"%4g", NULL, CHALK_ERR_INVALID_ARGUMENT},
        {"%00", NULL, CHALK_ERR_INVALID_ARGUMENT},
        {"1234567", "1234567", 0},
        {"12345678", NULL, CHALK_ERR_LIMIT},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        char out[8];
        CK_CHECK_ROW(i, ck_url_decode(out, sizeof out, rows[i].text, strlen(rows[i].text)) ==
                            rows[i].error);
        CK_CHECK_ROW(i, rows[i].expected == NULL || strcmp(out, rows[i].expected) == 0);
    }
    char none[1];
    CK_CHECK_EQ(ck_url_decode(none, 0, "", 0), CHALK_ERR_LIMIT);
    CK_CHECK_EQ(ck_url_decode(none, 1, "", 0), CHALK_OK);
}

CK_TEST(url, percent_encoding)
{
    char out[16];
    CK_CHECK_EQ(ck_url_encode(out, sizeof out, "a-._~/ \xc3"), CHALK_OK);
    CK_CHECK_STR(out, "a-._~%2F%20%C3");
    CK_CHECK_EQ(ck_url_encode(out, 3, "/"), CHALK_ERR_LIMIT);
    CK_CHECK_EQ(ck_url_encode(out, 4, "/"), CHALK_OK);
    CK_CHECK_EQ(ck_url_encode(out, 0, ""), CHALK_ERR_LIMIT);
}

CK_TEST(url, query_parameters)
{
    static const char query[] = "a=1&token=x%2By.z_=&b&a=2&=e&c=";
    static const struct {
        const char *name;
        const char *expected; /* NULL: not found */
    } rows[] = {{"a", "1"}, {"token", "x+y.z_="}, {"b", ""},        {"c", ""},
                {"", "e"},  {"to", NULL},         {"tokens", NULL}, {"A", NULL}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        char out[16];
        int status = ck_url_query(query, rows[i].name, out, sizeof out);
        CK_CHECK_ROW(i, status == (rows[i].expected != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND));
        CK_CHECK_ROW(i, rows[i].expected == NULL || strcmp(out, rows[i].expected) == 0);
    }
    char out[4];
    CK_CHECK_EQ(ck_url_query(query, "token", out, sizeof out), CHALK_ERR_LIMIT);
    CK_CHECK_EQ(ck_url_query("a=%zz", "a", out, sizeof out), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_url_query("", "a", out, sizeof out), CHALK_ERR_NOT_FOUND);
}

CK_TEST(url, rtmp_target_of_one_url)
{
    static const struct {
        const char *text;
        const char *app; /* NULL: refused */
        const char *stream;
        const char *tc_url;
    } rows[] = {
        {"rtmp://h/live/key", "live", "key", "rtmp://h/live"},
        {"rtmp://h:1936/live/key?a=b", "live", "key?a=b", "rtmp://h:1936/live"},
        {"rtmps://[::1]/live/r/p/screen?t=1", "live", "r/p/screen?t=1", "rtmps://[::1]/live"},
        {"rtmp://h//live//key", "live", "key", "rtmp://h/live"},
        {"rtmp://h/live/key?", "live", "key?", "rtmp://h/live"},
        {"rtmp://h/live", NULL, NULL, NULL},
        {"rtmp://h/live/", NULL, NULL, NULL},
        {"rtmp://h/", NULL, NULL, NULL},
        {"rtmp://h/live?a/b", NULL, NULL, NULL},
        {"http://h/live/key", NULL, NULL, NULL},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        static ck_url url;
        static ck_rtmp_target target;
        CK_CHECK_ROW(i, ck_url_parse(&url, rows[i].text) == CHALK_OK);
        int status = ck_rtmp_target_from_url(&url, &target);
        if (rows[i].app == NULL) {
            CK_CHECK_ROW(i, status == CHALK_ERR_INVALID_ARGUMENT && target.problem != NULL);
            continue;
        }
        CK_CHECK_ROW(i, status == CHALK_OK && target.problem == NULL);
        CK_CHECK_ROW(i, strcmp(target.app, rows[i].app) == 0);
        CK_CHECK_ROW(i, strcmp(target.stream, rows[i].stream) == 0);
        CK_CHECK_ROW(i, strcmp(target.tc_url, rows[i].tc_url) == 0);
    }
}

CK_TEST(url, rtmp_target_of_server_and_key)
{
    static const struct {
        const char *server;
        const char *key;
        const char *app; /* NULL: refused */
        const char *tc_url;
    } rows[] = {
        {"rtmp://h/live", "key", "live", "rtmp://h/live"},
        {"rtmp://h/live/room/", "a/b?token=x", "live/room", "rtmp://h/live/room"},
        {"rtmps://h:1/a?x=y", "k", "a?x=y", "rtmps://h:1/a?x=y"},
        {"rtmp://h", "key", NULL, NULL},
        {"rtmp://h/live", "", NULL, NULL},
        {"rtmp://h/live", "a\nb", NULL, NULL},
        {"https://h/live", "key", NULL, NULL},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        static ck_url url;
        static ck_rtmp_target target;
        CK_CHECK_ROW(i, ck_url_parse(&url, rows[i].server) == CHALK_OK);
        int status = ck_rtmp_target_from_key(&url, rows[i].key, &target);
        if (rows[i].app == NULL) {
            CK_CHECK_ROW(i, status == CHALK_ERR_INVALID_ARGUMENT && target.problem != NULL);
            continue;
        }
        CK_CHECK_ROW(i, status == CHALK_OK && strcmp(target.stream, rows[i].key) == 0);
        CK_CHECK_ROW(i, strcmp(target.app, rows[i].app) == 0);
        CK_CHECK_ROW(i, strcmp(target.tc_url, rows[i].tc_url) == 0);
    }
}

CK_TEST(url, rtmp_target_lengths)
{
    static ck_url url;
    static ck_rtmp_target target;
    static char text[CK_URL_MAX + 1];
    memset(text, 'a', CK_URL_MAX);
    memcpy(text, "rtmp://h/", 9);
    memcpy(text + 9 + CK_RTMP_APP_MAX, "/k", 3);
    CK_CHECK_EQ(ck_url_parse(&url, text), CHALK_OK);
    CK_CHECK_EQ(ck_rtmp_target_from_url(&url, &target), CHALK_OK);
    memcpy(text + 9 + CK_RTMP_APP_MAX, "a/k", 4);
    CK_CHECK_EQ(ck_url_parse(&url, text), CHALK_OK);
    CK_CHECK_EQ(ck_rtmp_target_from_url(&url, &target), CHALK_ERR_LIMIT);
    CK_CHECK_EQ(ck_rtmp_target_from_key(&url, "k", &target), CHALK_ERR_LIMIT);
}

/* RFC 3986 section 5.4, with a host that a URL here may have. */
CK_TEST(url, references_are_resolved)
{
    static const struct {
        const char *reference;
        const char *expected; /* authority, path, query */
    } rows[] = {
        {"g", "a/b/c/g"},
        {"./g", "a/b/c/g"},
        {"g/", "a/b/c/g/"},
        {"/g", "a/g"},
        {"//g", "g/"},
        {"?y", "a/b/c/d;p?y"},
        {"g?y", "a/b/c/g?y"},
        {"#s", "a/b/c/d;p?q"},
        {"g#s", "a/b/c/g"},
        {"g?y#s", "a/b/c/g?y"},
        {";x", "a/b/c/;x"},
        {"g;x", "a/b/c/g;x"},
        {"", "a/b/c/d;p?q"},
        {".", "a/b/c/"},
        {"./", "a/b/c/"},
        {"..", "a/b/"},
        {"../", "a/b/"},
        {"../g", "a/b/g"},
        {"../..", "a/"},
        {"../../", "a/"},
        {"../../g", "a/g"},
        /* 5.4.2: abnormal ones */
        {"../../../g", "a/g"},
        {"../../../../g", "a/g"},
        {"/./g", "a/g"},
        {"/../g", "a/g"},
        {"g.", "a/b/c/g."},
        {".g", "a/b/c/.g"},
        {"g..", "a/b/c/g.."},
        {"..g", "a/b/c/..g"},
        {"./../g", "a/b/g"},
        {"./g/.", "a/b/c/g/"},
        {"g/./h", "a/b/c/g/h"},
        {"g/../h", "a/b/c/h"},
        {"g;x=1/./y", "a/b/c/g;x=1/y"},
        {"g;x=1/../y", "a/b/c/y"},
        {"g?y/./x", "a/b/c/g?y/./x"},
        {"g?y/../x", "a/b/c/g?y/../x"},
        {"g#s/../x", "a/b/c/g"},
        /* absolute ones */
        {"https://B:8443/x/../y?z", "b:8443/y?z"},
        {"http://b", "b/"},
        {"a/b:c", "a/b/c/a/b:c"},
        {"//b:81/c//d", "b:81/c//d"},
        {"rtmp://b#c/../d", "b#c/../d"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_url base, url;
        char text[CK_URL_MAX * 2 + 128], authority[64];
        CK_CHECK(ck_url_parse(&base, "http://a/b/c/d;p?q") == CHALK_OK);
        CK_CHECK_ROW(i, ck_url_resolve(&url, &base, rows[i].reference) == CHALK_OK);
        CK_CHECK_ROW(i, ck_url_authority(&url, authority, sizeof authority) == CHALK_OK);
        (void)snprintf(text, sizeof text, "%s%s%s%s", authority, url.path, url.has_query ? "?" : "",
                       url.query);
        CK_CHECK_STR(text, rows[i].expected);
    }
}

CK_TEST(url, references_that_lead_nowhere)
{
    static const struct {
        const char *reference;
        int status;
    } rows[] = {
        {"g h", CHALK_ERR_INVALID_ARGUMENT},          {"http:g", CHALK_ERR_INVALID_ARGUMENT},
        {"ftp://a/b", CHALK_ERR_UNSUPPORTED},         {"//", CHALK_ERR_INVALID_ARGUMENT},
        {"//user@b/c", CHALK_ERR_UNSUPPORTED},        {"g\n", CHALK_ERR_INVALID_ARGUMENT},
        {"javascript:1", CHALK_ERR_INVALID_ARGUMENT}, {"//b:0/", CHALK_ERR_INVALID_ARGUMENT},
    };
    static char longest[CK_URL_MAX + 1];
    ck_url base, url;
    CK_CHECK(ck_url_parse(&base, "http://a/b/c") == CHALK_OK);
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        CK_CHECK_ROW(i, ck_url_resolve(&url, &base, rows[i].reference) == rows[i].status);
    }
    memset(longest, 'x', CK_URL_MAX);
    CK_CHECK_EQ(ck_url_resolve(&url, &base, longest), CHALK_ERR_LIMIT);
    longest[CK_URL_MAX - strlen("http://a/b/")] = '\0';
    CK_CHECK_EQ(ck_url_resolve(&url, &base, longest), CHALK_OK);
}
