/* Playlists: any split of the text gives the same, and a client of one that grows by chance plays
 * every segment once, in order, and never sleeps past what is due. */
#include "base/check.h"
#include "base/rng.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/m3u8/hls.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/seeds.h"

static const char *const lines[] = {
    "#EXTM3U",
    "#EXT-X-TARGETDURATION:4",
    "#EXT-X-VERSION:x",
    "#EXT-X-MEDIA-SEQUENCE:-3",
    "#EXTINF:3.21,title, with commas",
    "#EXTINF:",
    "#EXT-X-BYTERANGE:10@20",
    "#EXT-X-BYTERANGE:7",
    "#EXT-X-DISCONTINUITY",
    "#EXT-X-KEY:METHOD=AES-128,URI=\"k,=\",IV=0x01",
    "#EXT-X-KEY:METHOD=NONE",
    "#EXT-X-MAP:URI=\"init\",BYTERANGE=\"5@1\"",
    "#EXT-X-PROGRAM-DATE-TIME:2026-01-02T03:04:05.678Z",
    "#EXT-X-PART:DURATION=0.3,URI=\"p\",BYTERANGE=4",
    "#EXT-X-PRELOAD-HINT:TYPE=PART,URI=\"h\"",
    "#EXT-X-STREAM-INF:BANDWIDTH=5,CODECS=\"avc1.42\"",
    "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"g\",NAME=\"n\"",
    "#EXT-X-GAP",
    "# a comment",
    "",
    "segment.ts",
    "http://host/other.ts?x=\xc3\xa9",
};

static void make_text(ck_rng *rng, ck_text *t)
{
    for (size_t n = ck_rng_below(rng, 60); n > 0; n--) {
        ck_text_add(t, lines[ck_rng_below(rng, CK_COUNT_OF(lines))]);
        ck_text_add(t, ck_rng_below(rng, 4) == 0 ? "\r\n" : "\n");
    }
    if (ck_rng_below(rng, 2) == 0) {
        ck_text_add(t, "last.ts");
    }
}

static void same(const ck_m3u8 *a, const ck_m3u8 *b, size_t seed)
{
    const ck_buf *const of_a[] = {&a->texts, &a->segments,   &a->parts, &a->variants,
                                  &a->hints, &a->renditions, &a->keys,  &a->maps};
    const ck_buf *const of_b[] = {&b->texts, &b->segments,   &b->parts, &b->variants,
                                  &b->hints, &b->renditions, &b->keys,  &b->maps};
    for (size_t i = 0; i < CK_COUNT_OF(of_a); i++) {
        CK_CHECK_ROW(seed, of_a[i]->size == of_b[i]->size);
        CK_CHECK_ROW(seed, of_a[i]->size == 0 ||
                               memcmp(of_a[i]->data, of_b[i]->data, of_a[i]->size) == 0);
    }
    CK_CHECK_ROW(seed, a->target_us == b->target_us && a->media_sequence == b->media_sequence);
    CK_CHECK_ROW(seed, a->has_header == b->has_header && a->ended == b->ended);
}

CK_TEST(prop_m3u8, any_split_gives_the_same)
{
    CK_FOR_SEEDS(seed, 300)
    {
        ck_rng rng;
        ck_m3u8 whole, pieces;
        static char text[8192];
        ck_rng_seed(&rng, seed);
        ck_text t = ck_text_of(text, sizeof text);
        make_text(&rng, &t);
        ck_m3u8_init(&whole, &ck_test_heap);
        ck_m3u8_init(&pieces, &ck_test_heap);
        CK_CHECK_ROW(seed, ck_m3u8_feed(&whole, text, t.used) == CHALK_OK);
        for (size_t at = 0, size = 0; at < t.used; at += size) {
            size = 1 + ck_rng_below(&rng, CK_MIN(t.used - at, 40));
            CK_CHECK_ROW(seed, ck_m3u8_feed(&pieces, text + at, size) == CHALK_OK);
        }
        CK_CHECK_ROW(seed, ck_m3u8_end(&whole) == CHALK_OK);
        CK_CHECK_ROW(seed, ck_m3u8_end(&pieces) == CHALK_OK);
        same(&whole, &pieces, seed);
        ck_m3u8_free(&whole);
        ck_m3u8_free(&pieces);
    }
}

/* --- a live stream --------------------------------------------------------------------------- */

#define SEGMENT_US UINT64_C(2000000)
#define WINDOW     6

typedef struct live {
    ck_hls *hls;
    ck_rng rng;
    uint64_t now_us;
    int64_t last; /* sequence of the segment fetched last; -1: none */
    uint64_t in_hand_us;
    uint32_t lost; /* segments left out */
} live;

/* The window of a server that has been at it since time 0. */
static void answer_list(live *l, const ck_hls_get *get)
{
    char text[1024];
    uint64_t made = l->now_us / SEGMENT_US;
    uint64_t first = made > WINDOW ? made - WINDOW : 0;
    ck_text t = ck_text_of(text, sizeof text);
    ck_text_add(&t, "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:");
    ck_text_add_u64(&t, first);
    for (uint64_t i = first; i < made; i++) {
        ck_text_add(&t, "\n#EXTINF:2,\n");
        ck_text_add_u64(&t, i);
    }
    ck_text_add(&t, "\n");
    ck_hls_feed(l->hls, get->id, text, t.used, l->now_us);
    ck_hls_done(l->hls, get->id, CHALK_OK, "", NULL, l->now_us);
}

static void take_segment(live *l, const ck_hls_get *get, size_t seed)
{
    bool next = l->last < 0 || get->sequence == l->last + 1;
    CK_CHECK_ROW(seed, l->last < get->sequence);
    CK_CHECK_ROW(seed, next || get->broken);
    if (ck_rng_below(&l->rng, 20) == 0) {
        ck_hls_done(l->hls, get->id, CHALK_ERR_NO_STREAM, "", NULL, l->now_us);
        l->lost++;
        return;
    }
    l->last = get->sequence;
    l->in_hand_us += SEGMENT_US;
    ck_hls_done(l->hls, get->id, CHALK_OK, "", NULL, l->now_us);
}

static void pass_time(live *l, uint64_t us)
{
    l->now_us += us;
    l->in_hand_us -= CK_MIN(l->in_hand_us, us);
    ck_hls_buffered(l->hls, l->in_hand_us);
    ck_hls_on_deadline(l->hls, l->now_us);
}

CK_TEST(prop_m3u8, a_live_stream_is_followed)
{
    CK_FOR_SEEDS(seed, 60)
    {
        ck_url url;
        ck_hls_event event;
        live l = {.now_us = 100 * SEGMENT_US, .last = -1};
        CK_CHECK_ROW(seed, ck_url_parse(&url, "http://host/list.m3u8") == CHALK_OK);
        const ck_hls_config config = {.alloc = &ck_test_heap, .url = &url};
        ck_rng_seed(&l.rng, seed);
        CK_CHECK_ROW(seed, ck_hls_init(&l.hls, &config, l.now_us) == CHALK_OK);
        uint64_t end_us = l.now_us + 100 * SEGMENT_US;
        bool failed = false;
        while (l.now_us < end_us && !failed) {
            ck_hls_get get;
            if (ck_hls_poll_output(l.hls, &get, l.now_us)) {
                pass_time(&l, ck_rng_below(&l.rng, 300000));
                if (get.kind == CK_HLS_PLAYLIST) {
                    answer_list(&l, &get);
                } else {
                    take_segment(&l, &get, seed);
                }
            } else {
                uint64_t due_us = ck_hls_next_deadline(l.hls);
                CK_CHECK_ROW(seed, due_us > l.now_us && due_us < CK_NEVER);
                pass_time(&l, CK_MIN(due_us - l.now_us, 200000));
            }
            while (ck_hls_poll_event(l.hls, &event)) {
                failed = event.kind == CK_HLS_FAILED; /* three gone in a row: chance */
            }
        }
        /* What is in hand stays small, and the stream is followed to its end. */
        CK_CHECK_ROW(seed, failed || l.last >= (int64_t)(l.now_us / SEGMENT_US) - WINDOW);
        CK_CHECK_ROW(seed, l.in_hand_us <= 7 * SEGMENT_US);
        ck_hls_free(&l.hls);
    }
}
