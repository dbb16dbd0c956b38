/* The client of HLS, played by hand: a server of a few playlists, a clock that is told. */
#include "core/m3u8/hls.h"

#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"

#include <stdio.h>

#define S UINT64_C(1000000)

typedef struct rig {
    ck_hls *hls;
    ck_hls_get get;
    uint64_t now_us;
} rig;

static void open_with(rig *r, const ck_alloc *alloc, ck_hls_config config)
{
    static ck_url url;
    *r = (rig){.now_us = 1000 * S};
    CK_CHECK_EQ(ck_url_parse(&url, "http://host/live/list.m3u8?token=T"), CHALK_OK);
    config.alloc = alloc;
    config.url = &url;
    CK_CHECK_EQ(ck_hls_init(&r->hls, &config, r->now_us), CHALK_OK);
}

static void open_rig(rig *r)
{
    open_with(r, &ck_test_heap, (ck_hls_config){0});
}

/* The next request is for this path. */
static void expect(rig *r, enum ck_hls_kind kind, const char *path)
{
    CK_CHECK(ck_hls_poll_output(r->hls, &r->get, r->now_us));
    CK_CHECK_STR(r->get.url->path, path);
    CK_CHECK_EQ(r->get.kind, kind);
}

static void expect_nothing(rig *r)
{
    ck_hls_get none;
    CK_CHECK(!ck_hls_poll_output(r->hls, &none, r->now_us));
}

static void answer(rig *r, const char *body)
{
    ck_hls_feed(r->hls, r->get.id, body, strlen(body), r->now_us);
    ck_hls_done(r->hls, r->get.id, CHALK_OK, "", NULL, r->now_us);
}

static void answer_error(rig *r, int status)
{
    ck_hls_done(r->hls, r->get.id, status, "said", NULL, r->now_us);
}

static void expect_event(rig *r, enum ck_hls_event_kind kind, int status)
{
    ck_hls_event event;
    CK_CHECK(ck_hls_poll_event(r->hls, &event));
    CK_CHECK_EQ(event.kind, kind);
    CK_CHECK_EQ(event.status, status);
}

/* Nothing comes after a failure. */
static void expect_failure(rig *r, int status)
{
    expect_event(r, CK_HLS_FAILED, status);
    expect_nothing(r);
    CK_CHECK(ck_hls_next_deadline(r->hls) == CK_NEVER);
    ck_hls_free(&r->hls);
}

/* Segments of 2 s "0.ts", "1.ts", ... of a live stream. */
static const char *live_list(int first, int count)
{
    static char text[8192];
    int used = snprintf(text, sizeof text,
                        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:%d\n", first);
    for (int i = 0; i < count; i++) {
        used += snprintf(text + used, sizeof text - (size_t)used, "#EXTINF:2,\n%d.ts\n", first + i);
    }
    return text;
}

static void expect_segment(rig *r, int number)
{
    char path[32];
    (void)snprintf(path, sizeof path, "/live/%d.ts", number);
    expect(r, CK_HLS_SEGMENT, path);
    CK_CHECK_EQ(r->get.sequence, number);
}

/* Sleeps until something is due. */
static void sleep_rig(rig *r)
{
    uint64_t due_us = ck_hls_next_deadline(r->hls);
    CK_CHECK(due_us != CK_NEVER && due_us > r->now_us);
    r->now_us = due_us;
    ck_hls_on_deadline(r->hls, r->now_us);
}

CK_TEST(hls, on_demand_from_beginning_to_end)
{
    rig r;
    open_rig(&r);
    expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    CK_CHECK_STR(r.get.url->query, "token=T");
    expect_nothing(&r);
    answer(&r, "#EXTM3U\n#EXT-X-PROGRAM-DATE-TIME:1970-01-01T00:00:01Z\n#EXTINF:2,\na.ts?x=1\n"
               "#EXTINF:2,\n#EXT-X-BYTERANGE:10@20\n/b.ts\n#EXT-X-DISCONTINUITY\n#EXTINF:1,\n"
               "http://other/c.ts\n#EXT-X-ENDLIST\n");
    expect_event(&r, CK_HLS_READY, CHALK_OK);
    CK_CHECK(!ck_hls_is_live(r.hls));
    expect(&r, CK_HLS_SEGMENT, "/live/a.ts");
    CK_CHECK_STR(r.get.url->query, "x=1");
    CK_CHECK(!r.get.broken && r.get.date_us == 1000000 && r.get.duration_us == 2000000);
    answer(&r, "media");
    expect(&r, CK_HLS_SEGMENT, "/b.ts");
    CK_CHECK(r.get.range.given && r.get.range.offset == 20 && r.get.range.length == 10);
    CK_CHECK(r.get.date_us == -1 && !r.get.broken);
    answer(&r, "media");
    ck_hls_buffered(r.hls, 60 * S); /* enough for now */
    expect_nothing(&r);
    CK_CHECK(ck_hls_next_deadline(r.hls) == CK_NEVER);
    ck_hls_buffered(r.hls, 1 * S);
    expect(&r, CK_HLS_SEGMENT, "/c.ts");
    CK_CHECK_STR(r.get.url->host, "other");
    CK_CHECK(r.get.broken);
    answer(&r, "media");
    expect_nothing(&r);
    expect_event(&r, CK_HLS_END, CHALK_OK);
    ck_hls_free(&r.hls);
}

CK_TEST(hls, live_is_joined_before_the_end_and_followed)
{
    rig r;
    open_rig(&r);
    expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    uint64_t loaded_us = r.now_us;
    answer(&r, live_list(10, 8));
    expect_event(&r, CK_HLS_READY, CHALK_OK);
    CK_CHECK(ck_hls_is_live(r.hls));
    for (int i = 15; i < 18; i++) { /* three target durations: 15, 16, 17 */
        expect_segment(&r, i);
        answer(&r, "media");
    }
    expect_nothing(&r);
    sleep_rig(&r);
    CK_CHECK_EQ(r.now_us - loaded_us, 2 * S); /* it had changed: a target duration */
    expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    loaded_us = r.now_us;
    answer(&r, live_list(10, 8)); /* nothing new: half of one */
    expect_nothing(&r);
    sleep_rig(&r);
    CK_CHECK_EQ(r.now_us - loaded_us, 1 * S);
    expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    answer(&r, live_list(11, 8));
    expect_segment(&r, 18);
    CK_CHECK(!r.get.broken);
    answer(&r, "media");
    int64_t next = 0;
    CK_CHECK(ck_hls_position(r.hls, &next) && next == 19);
    /* What was to come has left the playlist: from its beginning, and the time line is broken. */
    sleep_rig(&r);
    expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    answer(&r, live_list(30, 3));
    expect_segment(&r, 30);
    CK_CHECK(r.get.broken);
    answer(&r, "media");
    /* The server has begun anew. */
    ck_hls_buffered(r.hls, 60 * S);
    sleep_rig(&r);
    expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    answer(&r, live_list(0, 4));
    ck_hls_buffered(r.hls, 0);
    expect_segment(&r, 1);
    CK_CHECK(r.get.broken);
    ck_hls_free(&r.hls);
}

CK_TEST(hls, where_it_begins)
{
    static const struct {
        const char *lines;
        const char *path;
    } rows[] = {
        {"", "/live/3.ts"},
        {"#EXT-X-SERVER-CONTROL:HOLD-BACK=8\n", "/live/2.ts"},
        {"#EXT-X-START:TIME-OFFSET=-9\n", "/live/1.ts"},
        {"#EXT-X-START:TIME-OFFSET=-1\n", "/live/3.ts"}, /* too near to the end */
        {"#EXT-X-START:TIME-OFFSET=0\n", "/live/3.ts"},
        {"#EXT-X-ENDLIST\n", "/live/0.ts"},
        {"#EXT-X-ENDLIST\n#EXT-X-START:TIME-OFFSET=4.5\n", "/live/2.ts"},
        {"#EXT-X-ENDLIST\n#EXT-X-START:TIME-OFFSET=900\n", "/live/5.ts"},
        {"#EXT-X-ENDLIST\n#EXT-X-START:TIME-OFFSET=-3\n", "/live/4.ts"},
        {"#EXT-X-ENDLIST\n#EXT-X-START:TIME-OFFSET=-900\n", "/live/0.ts"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        rig r;
        char text[16384];
        open_rig(&r);
        expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
        (void)snprintf(text, sizeof text, "%s%s", live_list(0, 6), rows[i].lines);
        answer(&r, text);
        expect(&r, CK_HLS_SEGMENT, rows[i].path);
        ck_hls_free(&r.hls);
    }
}

CK_TEST(hls, initialisation_sections_are_fetched_when_they_change)
{
    rig r;
    open_rig(&r);
    expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    answer(&r, "#EXTM3U\n#EXT-X-MAP:URI=\"i.mp4\",BYTERANGE=\"5@0\"\n#EXTINF:1,\na\n#EXTINF:1,\nb\n"
               "#EXT-X-MAP:URI=\"i.mp4\",BYTERANGE=\"6@5\"\n#EXTINF:1,\nc\n#EXT-X-ENDLIST\n");
    expect(&r, CK_HLS_MAP, "/live/i.mp4");
    CK_CHECK_EQ(r.get.range.length, 5);
    answer(&r, "moov");
    expect(&r, CK_HLS_SEGMENT, "/live/a");
    CK_CHECK(r.get.has_map);
    answer(&r, "moof");
    expect(&r, CK_HLS_SEGMENT, "/live/b");
    answer(&r, "moof");
    expect(&r, CK_HLS_MAP, "/live/i.mp4");
    CK_CHECK_EQ(r.get.range.offset, 5);
    ck_hls_free(&r.hls);
}

#define KEY(uri, more) "#EXT-X-KEY:METHOD=AES-128,URI=\"" uri "\"" more "\n"

static void expect_plain(rig *r, enum ck_hls_kind kind, const char *path)
{
    expect(r, kind, path);
    CK_CHECK(!r->get.encrypted);
    answer(r, "0123456789abcdef");
}

static void expect_coded(rig *r, enum ck_hls_kind kind, const char *path, const char iv[16])
{
    expect(r, kind, path);
    CK_CHECK(r->get.encrypted);
    CK_CHECK_MEM(r->get.iv, iv, 16);
    answer(r, "");
}

/* A key is fetched once while it is in force; without an IV the segment's number stands for it. */
CK_TEST(hls, keys)
{
    rig r;
    open_rig(&r);
    expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    answer(
        &r,
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:4886718345\n"
        "#EXTINF:2,\na\n" KEY("k1", ",KEYFORMAT=\"identity\"") "#EXTINF:2,\nb\n#EXTINF:2,\nc\n" KEY(
            "k2", ",IV=0x000102030405060708090a0b0c0d0e0f") "#EXT-X-MAP:URI=\"i\"\n#EXTINF:2,"
                                                            "\nd\n" KEY("k1",
                                                                        "") "#EXTINF:2,\ne\n"
                                                                            "#EXT-X-KEY:METHOD="
                                                                            "NONE\n#EXTINF:2,\nf\n#"
                                                                            "EXT-X-ENDLIST\n");
    expect_plain(&r, CK_HLS_SEGMENT, "/live/a");
    expect_plain(&r, CK_HLS_KEY, "/live/k1");
    expect_coded(&r, CK_HLS_SEGMENT, "/live/b", "\0\0\0\0\0\0\0\0\0\0\0\1\x23\x45\x67\x8a");
    expect_coded(&r, CK_HLS_SEGMENT, "/live/c", "\0\0\0\0\0\0\0\0\0\0\0\1\x23\x45\x67\x8b");
    expect_plain(&r, CK_HLS_KEY, "/live/k2");
    expect_coded(&r, CK_HLS_MAP, "/live/i", "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17");
    expect_coded(&r, CK_HLS_SEGMENT, "/live/d", "\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17");
    expect_plain(&r, CK_HLS_KEY, "/live/k1");
    expect_coded(&r, CK_HLS_SEGMENT, "/live/e", "\0\0\0\0\0\0\0\0\0\0\0\1\x23\x45\x67\x8d");
    expect_plain(&r, CK_HLS_SEGMENT, "/live/f");
    ck_hls_free(&r.hls);
}

CK_TEST(hls, encryption_that_is_refused)
{
    static const char *const keys[] = {
        "#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\"\n",
        "#EXT-X-KEY:METHOD=AES-128\n",
        KEY("k", ",KEYFORMAT=\"com.example\""),
        KEY("rtmp://host/a/k", ""),
        KEY("k", "") "#EXTINF:1,\na\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\"\n",
    };
    for (size_t i = 0; i < CK_COUNT_OF(keys); i++) {
        rig r;
        char text[512];
        open_rig(&r);
        expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
        (void)snprintf(text, sizeof text, "#EXTM3U\n%s#EXTINF:1,\nb\n#EXT-X-ENDLIST\n", keys[i]);
        answer(&r, text);
        if (strstr(keys[i], "EXTINF") != NULL) { /* the same URI, used otherwise */
            expect_plain(&r, CK_HLS_KEY, "/live/k");
            expect(&r, CK_HLS_SEGMENT, "/live/a");
            answer(&r, "");
        }
        expect_nothing(&r);
        expect_event(&r, CK_HLS_READY, CHALK_OK);
        expect_failure(&r, CHALK_ERR_UNSUPPORTED);
    }
}

/* What needs it is left out; three in a row are a failure. */
CK_TEST(hls, a_key_that_is_not_there)
{
    rig r;
    open_rig(&r);
    expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    answer(&r, "#EXTM3U\n" KEY("k", "") "#EXTINF:1,\na\n#EXTINF:1,\nb\n#EXTINF:1,\nc\n"
                                        "#EXTINF:1,\nd\n#EXT-X-ENDLIST\n");
    for (int i = 0; i < 3; i++) {
        expect(&r, CK_HLS_KEY, "/live/k");
        answer_error(&r, CHALK_ERR_NO_STREAM);
    }
    expect_event(&r, CK_HLS_READY, CHALK_OK);
    expect_event(&r, CK_HLS_SKIPPED, CHALK_ERR_NO_STREAM);
    expect_event(&r, CK_HLS_SKIPPED, CHALK_ERR_NO_STREAM);
    expect_failure(&r, CHALK_ERR_NO_STREAM);
}

/* Parts and hints of the segment that is being made are read and left: it is played once it is
 * whole. */
CK_TEST(hls, parts_of_what_comes)
{
    static const char head[] = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n"
                               "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.0\n"
                               "#EXT-X-PART-INF:PART-TARGET=0.5\n"
                               "#EXTINF:2,\na\n#EXTINF:2,\nb\n#EXTINF:2,\nc\n";
    static const char part[] = "#EXT-X-PART:DURATION=0.5,URI=\"d.0\",INDEPENDENT=YES\n";
    static const char hint[] = "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"d.1\"\n";
    rig r;
    char text[1024];
    open_rig(&r);
    expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    (void)snprintf(text, sizeof text, "%s%s%s", head, part, hint);
    answer(&r, text);
    for (int i = 0; i < 3; i++) {
        static const char *const paths[] = {"/live/a", "/live/b", "/live/c"};
        expect(&r, CK_HLS_SEGMENT, paths[i]);
        answer(&r, "media");
    }
    expect_nothing(&r);
    r.now_us += 2 * S;
    ck_hls_on_deadline(r.hls, r.now_us);
    expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    (void)snprintf(text, sizeof text, "%s%s%s#EXTINF:2,\nd\n%s", head, part, part, hint);
    answer(&r, text);
    expect(&r, CK_HLS_SEGMENT, "/live/d");
    ck_hls_free(&r.hls);
}

CK_TEST(hls, variants)
{
    static const char hevc[] =
        "#EXT-X-STREAM-INF:BANDWIDTH=900,CODECS=\"hvc1.1,mp4a.40.2\"\nh.m3u8\n";
    static const char low[] =
        "#EXT-X-STREAM-INF:BANDWIDTH=100,CODECS=\"avc1.42, mp4a.40.2\"\nl.m3u8\n";
    static const char high[] = "#EXT-X-STREAM-INF:BANDWIDTH=500\nh/m.m3u8\n";
    static const char apart[] = "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"a\",NAME=\"n\",URI=\"s.m3u8\"\n"
                                "#EXT-X-STREAM-INF:BANDWIDTH=800,AUDIO=\"a\"\np.m3u8\n";
    static const char inside[] = "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"b\",NAME=\"n\"\n"
                                 "#EXT-X-STREAM-INF:BANDWIDTH=700,AUDIO=\"b\"\nq.m3u8\n";
    static const char key_frames[] = "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=999,URI=\"f.m3u8\"\n";
    const struct {
        const char *lines[4];
        uint64_t bandwidth_max;
        const char *path; /* NULL: refused with... */
        int status;
    } rows[] = {
        {{low, high, hevc, key_frames}, 0, "/live/h/m.m3u8", 0},
        {{high, low, hevc, ""}, 300, "/live/l.m3u8", 0},
        {{high, low, "", ""}, 50, "/live/l.m3u8", 0}, /* all above it: the smallest */
        {{apart, low, "", ""}, 0, "/live/l.m3u8", 0},
        {{inside, low, "", ""}, 0, "/live/q.m3u8", 0},
        {{apart, "", "", ""}, 0, NULL, CHALK_ERR_UNSUPPORTED},
        {{hevc, "", "", ""}, 0, NULL, CHALK_ERR_CODEC_UNKNOWN},
        {{key_frames, "", "", ""}, 0, NULL, CHALK_ERR_UNSUPPORTED},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        rig r;
        char text[1024];
        open_with(&r, &ck_test_heap, (ck_hls_config){.bandwidth_max = rows[i].bandwidth_max});
        expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
        (void)snprintf(text, sizeof text, "#EXTM3U\n%s%s%s%s", rows[i].lines[0], rows[i].lines[1],
                       rows[i].lines[2], rows[i].lines[3]);
        answer(&r, text);
        if (rows[i].path == NULL) {
            expect_failure(&r, rows[i].status);
            continue;
        }
        expect(&r, CK_HLS_PLAYLIST, rows[i].path);
        ck_hls_free(&r.hls);
    }
}

CK_TEST(hls, a_variant_that_is_not_there)
{
    rig r;
    open_rig(&r);
    expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    answer(&r, "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\n"
               "b/b.m3u8\n");
    expect(&r, CK_HLS_PLAYLIST, "/live/b/b.m3u8");
    answer_error(&r, CHALK_ERR_NO_STREAM);
    expect(&r, CK_HLS_PLAYLIST, "/live/a.m3u8");
    answer(&r, "nonsense");
    expect_failure(&r, CHALK_ERR_BAD_DATA);
    /* Its URIs are relative to where it was found in the end. */
    ck_url elsewhere;
    open_rig(&r);
    CK_CHECK_EQ(ck_url_parse(&elsewhere, "http://host/moved/x.m3u8"), CHALK_OK);
    expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    const char *text = live_list(0, 1);
    ck_hls_feed(r.hls, r.get.id, text, strlen(text), r.now_us);
    ck_hls_done(r.hls, r.get.id, CHALK_OK, "", &elsewhere, r.now_us);
    expect(&r, CK_HLS_SEGMENT, "/moved/0.ts");
    ck_hls_free(&r.hls);
}

CK_TEST(hls, what_ends_it)
{
    static const struct {
        const char *list; /* NULL: the request fails with the status */
        int status;
    } rows[] = {
        {NULL, CHALK_ERR_NO_STREAM},
        {NULL, CHALK_ERR_DENIED},
        {"", CHALK_ERR_BAD_DATA},
        {"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\"\n#EXTINF:2,"
         "\na\n",
         CHALK_ERR_UNSUPPORTED},
        {"#EXTM3U\n#EXT-X-KEY:METHOD=SAMPLE-AES,URI=\"k\"\n#EXT-X-MAP:URI=\"i\"\n"
         "#EXT-X-KEY:METHOD=NONE\n#EXTINF:2,\na\n#EXT-X-ENDLIST\n",
         CHALK_ERR_UNSUPPORTED},
        {"#EXTM3U\n#EXT-X-I-FRAMES-ONLY\n#EXTINF:2,\na\n#EXT-X-ENDLIST\n", CHALK_ERR_UNSUPPORTED},
        {"#EXTM3U\n#EXTINF:2,\nftp://host/a\n#EXT-X-ENDLIST\n", CHALK_ERR_BAD_DATA},
        {"#EXTM3U\n#EXTINF:2,\nrtmp://host/a/b\n#EXT-X-ENDLIST\n", CHALK_ERR_UNSUPPORTED},
        {"#EXTM3U\n#EXTINF:2,\na b\n#EXT-X-ENDLIST\n", CHALK_ERR_BAD_DATA},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        rig r;
        ck_hls_event event;
        open_rig(&r);
        expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
        if (rows[i].list != NULL) {
            answer(&r, rows[i].list);
        } else {
            answer_error(&r, rows[i].status);
        }
        expect_nothing(&r);
        do {
            CK_CHECK_ROW(i, ck_hls_poll_event(r.hls, &event));
        } while (event.kind == CK_HLS_READY);
        CK_CHECK_ROW(i, event.kind == CK_HLS_FAILED && event.status == rows[i].status);
        ck_hls_free(&r.hls);
    }
}

static void join_live(rig *r, int first, int count)
{
    expect(r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    answer(r, live_list(first, count));
    expect_event(r, CK_HLS_READY, CHALK_OK);
}

CK_TEST(hls, segments_that_fail)
{
    rig r;
    open_rig(&r);
    join_live(&r, 0, 8);
    expect_segment(&r, 5);
    answer_error(&r, CHALK_ERR_NO_STREAM); /* gone: the next */
    expect_event(&r, CK_HLS_SKIPPED, CHALK_ERR_NO_STREAM);
    expect_segment(&r, 6);
    CK_CHECK(r.get.broken);
    answer_error(&r, CHALK_ERR_DISCONNECTED); /* may come back: again, after a pause */
    expect_nothing(&r);
    sleep_rig(&r);
    expect_segment(&r, 6);
    answer_error(&r, CHALK_ERR_REFUSED);
    sleep_rig(&r);
    expect_segment(&r, 6);
    answer_error(&r, CHALK_ERR_REFUSED);
    expect_event(&r, CK_HLS_SKIPPED, CHALK_ERR_REFUSED);
    r.now_us -= r.now_us % 2; /* nothing else is due before 7 */
    ck_hls_get get;
    while (ck_hls_poll_output(r.hls, &get, r.now_us) && get.kind == CK_HLS_PLAYLIST) {
        r.get = get;
        answer(&r, live_list(0, 8));
    }
    CK_CHECK_EQ(get.sequence, 7);
    r.get = get;
    answer_error(&r, CHALK_ERR_BAD_DATA); /* the third in a row */
    expect_failure(&r, CHALK_ERR_BAD_DATA);
}

CK_TEST(hls, a_playlist_that_cannot_be_loaded_again)
{
    rig r;
    open_rig(&r);
    join_live(&r, 0, 3);
    ck_hls_buffered(r.hls, 60 * S);
    for (int i = 0; i < 3; i++) {
        sleep_rig(&r);
        expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
        answer_error(&r, CHALK_ERR_NO_STREAM);
        expect_nothing(&r);
    }
    sleep_rig(&r); /* one that works makes up for them */
    expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    answer(&r, live_list(0, 3));
    for (int i = 0; i < 4; i++) {
        sleep_rig(&r);
        expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
        answer(&r, i == 2 ? "half a pl" : "");
    }
    expect_failure(&r, CHALK_ERR_BAD_DATA);
}

CK_TEST(hls, a_server_that_falls_silent)
{
    rig r;
    uint32_t id = 0;
    open_rig(&r);
    join_live(&r, 0, 3);
    expect_segment(&r, 0);
    CK_CHECK(!ck_hls_poll_abandoned(r.hls, &id));
    r.now_us += 5 * S;
    ck_hls_feed(r.hls, r.get.id, "x", 1, r.now_us); /* slow is not silent */
    CK_CHECK_EQ(ck_hls_next_deadline(r.hls), r.now_us + 8 * S);
    sleep_rig(&r);
    CK_CHECK(ck_hls_poll_abandoned(r.hls, &id) && id == r.get.id);
    ck_hls_done(r.hls, id, CHALK_OK, "", NULL, r.now_us); /* too late: ignored */
    expect_nothing(&r);
    ck_hls_free(&r.hls);
}

/* What is fetched over TLS leads to nothing that others can read or change on its way. */
CK_TEST(hls, tls_is_not_left)
{
    static const char *const rows[] = {
        "#EXT-X-STREAM-INF:BANDWIDTH=1\n%s://other/a\n",
        "#EXTINF:2,\n%s://other/a\n#EXT-X-ENDLIST\n",
        "#EXT-X-KEY:METHOD=AES-128,URI=\"%s://other/a\"\n#EXTINF:2,\ns\n#EXT-X-ENDLIST\n",
        "#EXT-X-MAP:URI=\"%s://other/a\"\n#EXTINF:2,\ns\n#EXT-X-ENDLIST\n",
    };
    static const char *const schemes[] = {"http", "https"};
    ck_url at;
    CK_CHECK_EQ(ck_url_parse(&at, "https://host/live/list.m3u8"), CHALK_OK);
    for (size_t i = 0; i < 2 * CK_COUNT_OF(rows); i++) {
        rig r;
        ck_hls_event event = {0};
        char text[256] = "#EXTM3U\n";
        size_t head = strlen(text);
        (void)snprintf(text + head, sizeof text - head, rows[i / 2], schemes[i % 2]);
        open_rig(&r);
        expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
        CK_CHECK_EQ(ck_hls_feed(r.hls, r.get.id, text, strlen(text), r.now_us), CHALK_OK);
        ck_hls_done(r.hls, r.get.id, CHALK_OK, "", &at, r.now_us);
        bool asked = ck_hls_poll_output(r.hls, &r.get, r.now_us);
        CK_CHECK_ROW(i, asked == (i % 2 == 1));
        CK_CHECK_ROW(i, !asked || r.get.url->tls);
        while (ck_hls_poll_event(r.hls, &event) && event.kind == CK_HLS_READY) {
        }
        CK_CHECK_ROW(i, asked || event.status == CHALK_ERR_UNSUPPORTED);
        ck_hls_free(&r.hls);
    }
}

/* The rest of a playlist that is too large is not waited for: it may have no end. */
CK_TEST(hls, a_playlist_without_end)
{
    rig r;
    static char lines[65536];
    memset(lines, '\n', sizeof lines);
    open_rig(&r);
    expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
    int status = CHALK_OK;
    size_t fed = 0;
    for (; status == CHALK_OK && fed <= CK_M3U8_BYTES_MAX; fed += sizeof lines) {
        status = ck_hls_feed(r.hls, r.get.id, lines, sizeof lines, r.now_us);
    }
    CK_CHECK_EQ(status, CHALK_ERR_TOO_LARGE);
    CK_CHECK(fed > CK_M3U8_BYTES_MAX);
    answer_error(&r, status);
    expect_failure(&r, CHALK_ERR_TOO_LARGE);
}

CK_TEST(hls, another_attempt_goes_on_where_the_last_was)
{
    rig r;
    static const struct {
        int first, count;
        int64_t resume;
        int begins; /* -1: nothing new */
    } rows[] = {
        {10, 8, 16, 16}, {10, 8, 10, 10}, {10, 8, 18, -1}, {10, 8, 9, 15}, {0, 4, 100, 1},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        open_with(&r, &ck_test_heap,
                  (ck_hls_config){.resume = true, .resume_sequence = rows[i].resume});
        expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
        answer(&r, live_list(rows[i].first, rows[i].count));
        if (rows[i].begins < 0) {
            expect_failure(&r, CHALK_ERR_NO_STREAM);
            continue;
        }
        expect_segment(&r, rows[i].begins);
        ck_hls_free(&r.hls);
    }
}

CK_TEST(hls, memory_that_runs_out)
{
    ck_url url;
    CK_CHECK_EQ(ck_url_parse(&url, "http://host/live/list.m3u8"), CHALK_OK);
    for (size_t fail_at = 1; fail_at < 20; fail_at++) {
        ck_failing_alloc f;
        ck_hls_event event = {0};
        rig r = {.now_us = S};
        ck_failing_alloc_init(&f, fail_at);
        const ck_hls_config config = {.alloc = &f.alloc, .url = &url};
        int status = ck_hls_init(&r.hls, &config, r.now_us);
        if (status == CHALK_OK) {
            expect(&r, CK_HLS_PLAYLIST, "/live/list.m3u8");
            answer(&r, live_list(0, 5));
            CK_CHECK(ck_hls_poll_event(r.hls, &event));
            status = event.kind == CK_HLS_FAILED ? event.status : CHALK_OK;
            ck_hls_free(&r.hls);
        }
        CK_CHECK(status == CHALK_ERR_NO_MEMORY || (status == CHALK_OK && fail_at > 4));
        CK_CHECK_EQ(f.live, 0);
    }
}
