/* Playlists: what a client refuses, limits, low-latency lines, memory that runs out. */
#include "core/m3u8/playlist.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"

#include <stdlib.h>

static int read_with(const ck_alloc *alloc, const char *text, ck_m3u8 *p)
{
    ck_m3u8_init(p, alloc);
    int status = ck_m3u8_feed(p, text, strlen(text));
    return status < 0 ? status : ck_m3u8_end(p);
}

CK_TEST(m3u8, what_is_refused)
{
    static const struct {
        const char *text;
        int status;
    } rows[] = {
        {"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na\n", CHALK_OK},
        {"#EXTM3U\n#EXT-X-TARGETDURATION:2\n", CHALK_OK}, /* live, nothing there yet */
        {"#EXTM3U\n#EXTINF:2,\na\n#EXT-X-ENDLIST\n", CHALK_OK},
        {"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n", CHALK_OK},
        {"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n#EXT-X-TARGETDURATION:2\n", CHALK_OK},
        {"", CHALK_ERR_BAD_DATA},
        {"#EXTM3U\n", CHALK_ERR_BAD_DATA},
        {"<html></html>\n", CHALK_ERR_BAD_DATA},
        {"#EXT-X-TARGETDURATION:2\n#EXTINF:2,\na\n", CHALK_ERR_BAD_DATA},
        {"#EXTM3U\n#EXTINF:2,\na\n", CHALK_ERR_BAD_DATA},
        {"#EXTM3U\n#EXT-X-TARGETDURATION:0\n#EXTINF:2,\na\n", CHALK_ERR_BAD_DATA},
        {"#EXTM3U\n#EXT-X-TARGETDURATION:-2\n#EXTINF:2,\na\n", CHALK_ERR_BAD_DATA},
        {"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\na\n#EXTINF:1,\nb\n", CHALK_ERR_BAD_DATA},
        {"#EXTM3U\n#EXT-X-DEFINE:NAME=\"a\",VALUE=\"b\"\n#EXT-X-TARGETDURATION:1\n{$a}\n",
         CHALK_ERR_UNSUPPORTED},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_m3u8 p;
        CK_CHECK_ROW(i, read_with(&ck_test_heap, rows[i].text, &p) == CHALK_OK);
        CK_CHECK_ROW(i, ck_m3u8_check(&p) == rows[i].status);
        CK_CHECK_ROW(i, (p.problem == NULL) == (rows[i].status == CHALK_OK));
        ck_m3u8_free(&p);
    }
}

static const char low_latency[] =
    "#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXT-X-PART-INF:PART-TARGET=0.33\n"
    "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.0,HOLD-BACK=12,CAN-SKIP-UNTIL=24\n"
    "#EXT-X-MEDIA-SEQUENCE:266\n#EXT-X-PROGRAM-DATE-TIME:2019-02-14T02:13:36.106Z\n"
    "#EXTINF:4.00008,\na266.mp4\n#EXT-X-PART:DURATION=0.33,URI=\"a267.1.mp4\",INDEPENDENT=YES\n"
    "#EXT-X-PART:DURATION=0.33,URI=\"a267.2.mp4\",GAP=YES\n#EXT-X-GAP\n#EXTINF:4,\na267.mp4\n"
    "#EXT-X-PART:DURATION=0.33,URI=\"a268.1.mp4\"\n"
    "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"a268.2.mp4\",BYTERANGE-START=5\n"
    "#EXT-X-RENDITION-REPORT:URI=\"../1M/p.m3u8\",LAST-MSN=268,LAST-PART=2\n";

CK_TEST(m3u8, low_latency_lines)
{
    ck_m3u8 p;
    CK_CHECK_EQ(read_with(&ck_test_heap, low_latency, &p), CHALK_OK);
    CK_CHECK_EQ(ck_m3u8_check(&p), CHALK_OK);
    CK_CHECK(p.can_block_reload);
    CK_CHECK_EQ(p.hold_back_us, 12000000);
    CK_CHECK_EQ(p.part_hold_back_us, 1000000);
    CK_CHECK_EQ(p.can_skip_until_us, 24000000);
    CK_CHECK_EQ(p.part_target_us, 330000);
    const ck_m3u8_segment *s = ck_m3u8_segment_at(&p, 0);
    CK_CHECK(s->has_date && s->sequence == 266 && s->part_count == 0 && !s->gap);
    s = ck_m3u8_segment_at(&p, 1);
    CK_CHECK(!s->has_date && s->sequence == 267 && s->part_count == 2 && s->gap);
    CK_CHECK(ck_m3u8_part_at(&p, 0)->independent && !ck_m3u8_part_at(&p, 0)->gap);
    CK_CHECK(ck_m3u8_part_at(&p, 1)->gap);
    CK_CHECK_EQ(ck_m3u8_part_count(&p), 3);
    CK_CHECK_EQ(ck_m3u8_hint_at(&p, 0)->offset, 5);
    CK_CHECK_EQ(ck_m3u8_report_at(&p, 0)->last_sequence, 268);
    CK_CHECK_EQ(ck_m3u8_report_at(&p, 0)->last_part, 2);
    CK_CHECK_STR(ck_m3u8_str(&p, ck_m3u8_report_at(&p, 0)->uri), "../1M/p.m3u8");
    CK_CHECK(ck_m3u8_segment_at(&p, 2) == NULL && ck_m3u8_report_at(&p, 1) == NULL);
    ck_m3u8_free(&p);
}

/* Feeds the same line until it is refused; how often that went well. */
static uint32_t feed_until_full(ck_m3u8 *p, const char *line)
{
    uint32_t count = 0;
    ck_m3u8_init(p, &ck_test_heap);
    while (count < 10000000 && ck_m3u8_feed(p, line, strlen(line)) == CHALK_OK) {
        count++;
    }
    return count;
}

CK_TEST(m3u8, limits)
{
    static const struct {
        const char *line;
        uint32_t count;
    } rows[] = {
        {"a\n", CK_M3U8_SEGMENTS_MAX},
        {"#EXT-X-PART:URI=\"a\"\n", CK_M3U8_PARTS_MAX},
        {"#EXT-X-KEY:METHOD=X\n", CK_M3U8_KEYS_MAX},
        {"#EXT-X-MAP:URI=\"a\"\n", CK_M3U8_MAPS_MAX},
        {"#EXT-X-STREAM-INF:\na\n", CK_M3U8_VARIANTS_MAX},
        {"#EXT-X-MEDIA:TYPE=AUDIO\n", CK_M3U8_RENDITIONS_MAX},
        {"#EXT-X-PRELOAD-HINT:URI=\"a\"\n", CK_M3U8_HINTS_MAX},
        {"#EXT-X-RENDITION-REPORT:URI=\"a\"\n", CK_M3U8_HINTS_MAX},
        {"#\n", CK_M3U8_BYTES_MAX / 2},
        {"aaaaaaaa", CK_M3U8_LINE_MAX / 8},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_m3u8 p;
        CK_CHECK_ROW(i, feed_until_full(&p, rows[i].line) == rows[i].count);
        CK_CHECK_ROW(i, ck_m3u8_feed(&p, "\n", 1) == CHALK_ERR_TOO_LARGE); /* it stays */
        CK_CHECK_ROW(i, ck_m3u8_end(&p) == CHALK_ERR_TOO_LARGE);
        CK_CHECK_ROW(i, ck_m3u8_check(&p) == CHALK_ERR_TOO_LARGE);
        ck_m3u8_free(&p);
    }
}

CK_TEST(m3u8, numbers_that_would_overflow)
{
    ck_m3u8 p;
    CK_CHECK_EQ(
        read_with(&ck_test_heap,
                  "#EXTM3U\n#EXT-X-TARGETDURATION:9223372036854775807\n"
                  "#EXT-X-MEDIA-SEQUENCE:9223372036854775807\n"
                  "#EXT-X-DISCONTINUITY-SEQUENCE:9223372036854775807\n"
                  "#EXT-X-DISCONTINUITY\n#EXT-X-SKIP:SKIPPED-SEGMENTS=18446744073709551615\n"
                  "#EXT-X-BYTERANGE:9@18446744073709551600\na\n"
                  "#EXT-X-BYTERANGE:18446744073709551615\na\n",
                  &p),
        CHALK_OK);
    CK_CHECK_EQ(p.media_sequence, 0);
    CK_CHECK_EQ(ck_m3u8_segment_at(&p, 0)->timeline, 1);
    CK_CHECK(ck_m3u8_segment_at(&p, 0)->range.given && !ck_m3u8_segment_at(&p, 1)->range.given);
    ck_m3u8_free(&p);
}

CK_TEST(m3u8, memory_that_runs_out)
{
    size_t fail_at = 0;
    int status = CHALK_ERR_NO_MEMORY;
    while (status != CHALK_OK) {
        ck_failing_alloc f;
        ck_m3u8 p;
        ck_failing_alloc_init(&f, ++fail_at);
        status = read_with(&f.alloc, low_latency, &p);
        CK_CHECK(status == CHALK_OK || status == CHALK_ERR_NO_MEMORY);
        ck_m3u8_free(&p);
        CK_CHECK_EQ(f.live, 0);
        CK_CHECK(fail_at < 1000);
    }
    CK_CHECK(fail_at > 5);
}
