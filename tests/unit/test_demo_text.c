/* Small texts of the command line: durations, names nearly right, URLs, addresses, regions. */
#include "cli/address.h"
#include "cli/room.h"
#include "cli/url.h"
#include "cli/value.h"
#include "commands.h"
#include "publish/publish.h"
#include "support/check.h"

#define ROWS(rows) (sizeof(rows) / sizeof *(rows))

CK_TEST(demo_text, durations)
{
    static const struct {
        const char *text;
        bool fine;
        uint64_t ms;
    } rows[] = {
        {"90s", true, 90000},
        {"30m", true, 1800000},
        {"2h", true, 7200000},
        {"7d", true, 604800000},
        {"200ms", true, 200},
        {"20", true, 20000},
        {"0.5", true, 500},
        {"1.25s", true, 1250},
        {"0.0001", true, 0},
        {"", false, 0},
        {"s", false, 0},
        {"1.", false, 0},
        {".5", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 s", false, 0},
        {"1w", false, 0},
        {"1sm", false, 0},
        {"18446744073709551615d", false, 0},
        {"99999999999999999999", false, 0},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint64_t ms = 0;
        CK_CHECK_ROW(i, cli_duration(rows[i].text, &ms) == rows[i].fine);
        CK_CHECK_ROW(i, ms == rows[i].ms);
    }
}

CK_TEST(demo_text, durations_are_shown_short)
{
    static const struct {
        uint64_t ms;
        const char *text;
    } rows[] = {{200, "200ms"},  {1500, "1500ms"}, {90000, "90s"},
                {3600000, "1h"}, {86400000, "1d"}, {0, "0ms"}};
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[32];
        cli_duration_shown(rows[i].ms, text, sizeof text);
        CK_CHECK_STR(text, rows[i].text);
    }
}

CK_TEST(demo_text, nearest_name)
{
    static const char *const names[] = {"edge", "token", "publish", "play", "devices", "demo"};
    static const struct {
        const char *typed;
        const char *meant; /* NULL: none */
    } rows[] = {
        {"publsih", "publish"},
        {"pub", "publish"},
        {"plya", "play"},
        {"tokne", "token"},
        {"device", "devices"},
        {"egde", "edge"},
        {"dmeo", "demo"},
        {"", NULL},
        {"xyzzy", NULL},
        {"stream", NULL},
        {"e", NULL},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", NULL},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        const char *meant = cli_nearest(rows[i].typed, names, ROWS(names));
        CK_CHECK_ROW(i, (meant == NULL) == (rows[i].meant == NULL));
        CK_CHECK_ROW(i, meant == NULL || strcmp(meant, rows[i].meant) == 0);
    }
}

CK_TEST(demo_text, secrets_are_not_shown)
{
    static const struct {
        const char *url;
        const char *shown;
    } rows[] = {
        {"rtmp://a:1935/math/li/screen", "rtmp://a:1935/math/li/screen"},
        {"rtmp://a/math/li/screen?token=eyJ.x.y", "rtmp://a/math/li/screen?token=***"},
        {"rtmp://a/m/l/s?a=1&token=x&b", "rtmp://a/m/l/s?a=***&token=***&b"},
        {"rtmp://li:secret@a/b", "rtmp://li:***@a/b"},
        {"rtmp://li@a/b", "rtmp://li@a/b"},
        {"rtmp://live.example/app/live_123456789_abcdef", "rtmp://live.example/app/live***"},
        {"cannot open rtmp://a/b?token=x now", "cannot open rtmp://a/b?token=*** now"},
        {"sent token=abc to it", "sent token=*** to it"},
        {"GET /a.flv?token=x HTTP/1.1", "GET /a.flv?token=*** HTTP/1.1"},
        {"why? because", "why? because"},
        {"?", "?"},
        {"://", "://"},
        {"a?=&=", "a?=***&=***"},
        {"", ""},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char shown[CLI_URL_TEXT_MAX];
        CK_CHECK_STR(cli_url_shown(rows[i].url, shown, sizeof shown), rows[i].shown);
    }
    char small[8];
    CK_CHECK_STR(cli_url_shown("rtmp://host/app", small, sizeof small), "rtmp://");
}

CK_TEST(demo_text, urls)
{
    static const char *const schemes[] = {"rtmp", "rtmps", NULL};
    static const struct {
        const char *url;
        const char *why; /* "": it is one */
    } rows[] = {
        {"rtmp://a/b", ""},
        {"rtmps://a.b:443/c/d?token=x", ""},
        {"rtmp://[::1]:1935/a/b", ""},
        {"rtmp://[::1]/a/b", ""},
        {"rtmp://user:pw@host:1/a", ""},
        {"rtmp://a", ""},
        {"rmtp://a/b", "did you mean rtmp://?"},
        {"http://a/b", "use rtmp:// or rtmps://"},
        {"127.0.0.1/a", "a URL begins with its scheme, such as rtmp://HOST/..."},
        {"://a", "a URL begins"},
        {"", "a URL begins"},
        {"rtmp://", "names no host"},
        {"rtmp:///a", "names no host"},
        {"rtmp://:1935/a", "names no host"},
        {"rtmp://a:/b", "\"\" is not a port"},
        {"rtmp://a:0/b", "\"0\" is not a port"},
        {"rtmp://a:65536/b", "\"65536\" is not a port from 1 to 65535"},
        {"rtmp://a:19x5/b", "\"19x5\" is not a port"},
        {"rtmp://[::1]x/b", "is not a port"},
        {"rtmp://a/b c", "a blank"},
        {"rtmp://a/b\n", "a control character"},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char why[160] = "";
        CK_CHECK_ROW(i, cli_url_valid(rows[i].url, schemes, why, sizeof why) ==
                            (rows[i].why[0] == '\0'));
        CK_CHECK_ROW(i, strstr(why, rows[i].why) != NULL);
    }
}

CK_TEST(demo_text, addresses)
{
    static const struct {
        const char *text;
        bool fine, loopback, any;
        uint16_t port;
    } rows[] = {
        {"127.0.0.1:1935", true, true, false, 1935}, {"127.9.9.9:1", true, true, false, 1},
        {"localhost:0", true, true, false, 0},       {"[::1]:8935", true, true, false, 8935},
        {"0.0.0.0:65535", true, false, true, 65535}, {"[::]:1", true, false, true, 1},
        {"192.168.1.2:80", true, false, false, 80},  {"127.0.0.1", false, false, false, 0},
        {":1935", false, false, false, 0},           {"127.0.0.1:", false, false, false, 0},
        {"127.0.0.1:65536", false, false, false, 0}, {"127.0.0.1:-1", false, false, false, 0},
        {"::1:80", false, false, false, 0},          {"[]:80", false, false, false, 0},
        {"[::1:80", false, false, false, 0},         {"host.example:80", false, false, false, 0},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        cli_address a;
        bool fine = cli_address_parse(rows[i].text, &a);
        CK_CHECK_ROW(i, fine == rows[i].fine);
        CK_CHECK_ROW(i, !fine || (a.loopback == rows[i].loopback && a.any == rows[i].any &&
                                  a.port == rows[i].port));
    }
}

CK_TEST(demo_text, screens)
{
    static const struct {
        const char *text;
        bool fine;
        const char *device;
        chalk_rect region;
    } rows[] = {
        {"", true, "", {0}},
        {":0", true, ":0", {0}},
        {":0,1280x720+10+20", true, ":0", {10, 20, 1280, 720}},
        {",640x480+0+0", true, "", {0, 0, 640, 480}},
        {"x11::0:DP-1", true, "x11::0:DP-1", {0}},
        {":0,", false, "", {0}},
        {":0,640x480", false, "", {0}},
        {":0,640x480+0", false, "", {0}},
        {":0,0x480+0+0", false, "", {0}},
        {":0,640x480+0+0+", false, "", {0}},
        {":0,640x480-1+0", false, "", {0}},
        {":0,99999x480+0+0", false, "", {0}},
        {"0123456789abcdef0123456789abcdef", false, "", {0}},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char device[32];
        chalk_rect region;
        bool fine = publish_screen_parse(rows[i].text, device, sizeof device, &region);
        CK_CHECK_ROW(i, fine == rows[i].fine);
        CK_CHECK_ROW(i, !fine || (strcmp(device, rows[i].device) == 0 &&
                                  memcmp(&region, &rows[i].region, sizeof region) == 0));
    }
}

/* --- the room beside a stream ---------------------------------------------------------------- */

typedef struct room_row {
    cli_room_wish wish;
    const char *stream;
    bool owner;
    const char *edge, *room, *token, *name; /* edge NULL: refused */
} room_row;

static const room_row room_rows[] = {
    {{"math", NULL, NULL}, "rtmp://h/math/li/screen", true, "ws://h:8935", "math", "", "li"},
    {{"m", NULL, NULL}, "rtmps://h:77/math/li/screen", true, "wss://h:8935", "m", "", "li"},
    {{"m", NULL, NULL}, "rtmp://[::1]:77/math/li", true, "ws://[::1]:8935", "m", "", "li"},
    {{"m", NULL, "eve"},
     "http://h:99/r/li/screen.flv?a=b&token=T.x_-&c=d",
     false,
     "ws://h:99",
     "m",
     "",
     "eve"},
    {{"m", "other", NULL},
     "https://h/r/li/screen.flv?token=T",
     true,
     "wss://h",
     "m",
     "other",
     "li"},
    {{"ws://e:1", NULL, NULL},
     "rtmp://h/a%20%E6%95%b0/l%69/screen?token=T.x",
     true,
     "ws://e:1",
     "a 数",
     "T.x",
     "li"},
    {{"wss://e/x/rooms/b%6f", NULL, NULL},
     "rtmp://h/math/li/screen",
     true,
     "wss://e/x",
     "bo",
     "",
     "li"},
    {{"ws://e", NULL, NULL}, "rtmp://h", true, NULL, NULL, NULL, NULL}, /* which room? */
    {{"ftp://e", NULL, NULL}, "rtmp://h/r/p/s", true, NULL, NULL, NULL, NULL},
    {{NULL, "T", NULL}, "rtmp://h/r/p/s", true, NULL, NULL, NULL, NULL},
    {{"0123456789012345678901234567890123456789012345678901234567890123456789", NULL, NULL},
     "rtmp://h/r/p/s",
     true,
     NULL,
     NULL,
     NULL,
     NULL},
};

CK_TEST(demo_text, where_the_room_beside_a_stream_is)
{
    for (size_t i = 0; i < sizeof room_rows / sizeof room_rows[0]; i++) {
        const room_row *row = &room_rows[i];
        cli_room_place place;
        bool found = cli_room_find(&cmd_publish_spec, &row->wish, row->stream, row->owner, &place);
        CK_CHECK_ROW(i, found == (row->edge != NULL));
        if (found) {
            CK_CHECK_STR(place.edge, row->edge);
            CK_CHECK_STR(place.room, row->room);
            CK_CHECK_STR(place.token, row->token);
            CK_CHECK_STR(place.name, row->name);
        }
    }
    const cli_room_wish none = {NULL, NULL, NULL};
    cli_room_place place;
    CK_CHECK(cli_room_find(&cmd_publish_spec, &none, "rtmp://h", true, &place) && !place.wanted);
}
