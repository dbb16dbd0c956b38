/* RTMP: however the bytes are split, both ends tell the same story. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/check.h"
#include "unit/rtmp_pair.h"

#define TAGS 60

/* A lesson drawn from the seed; `split_seed` changes nothing but how bytes are cut into feeds. */
static void play_story(rtmp_pair *p, uint64_t seed, uint64_t split_seed, size_t split_max)
{
    ck_rng story;
    ck_rng_seed(&story, seed);
    enum ck_rtmp_mode mode = ck_rng_below(&story, 2) == 0 ? CK_RTMP_PUBLISH : CK_RTMP_PLAY;
    ck_rtmp_config client = rtmp_client_config(&ck_test_heap, mode);
    ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
    client.chunk_size = 1 + (uint32_t)ck_rng_below(&story, 5000);
    server.chunk_size = 1 + (uint32_t)ck_rng_below(&story, 5000);
    client.window_bytes = 1 + (uint32_t)ck_rng_below(&story, 20000);
    CK_CHECK_EQ(rtmp_pair_init(p, &client, &server, seed, split_max), CHALK_OK);
    ck_rng_seed(&p->rng, split_seed);
    rtmp_pair_pump(p);
    rtmp_end *from = mode == CK_RTMP_PUBLISH ? &p->client : &p->server;
    static const uint8_t types[] = {CK_FLV_AUDIO, CK_FLV_AUDIO, CK_FLV_VIDEO, CK_FLV_SCRIPT};
    uint32_t timestamp_ms = (uint32_t)ck_rng_next(&story);
    for (uint32_t i = 0; i < TAGS; i++) {
        timestamp_ms += (uint32_t)ck_rng_below(&story, 40);
        size_t size = 1 + (size_t)ck_rng_below(&story, i % 9 == 0 ? 20000 : 300);
        ck_flv_tag tag =
            rtmp_tag(&ck_test_heap, types[ck_rng_below(&story, 4)], timestamp_ms, size, i);
        CK_CHECK_EQ(ck_rtmp_send(from->r, &tag), CHALK_OK);
        ck_slice_unref(&tag.body);
        if (ck_rng_below(&story, 3) == 0) {
            rtmp_pair_pump(p);
        }
    }
    CK_CHECK_EQ(ck_rtmp_close(from->r, p->now_us), CHALK_OK);
    rtmp_pair_pump(p);
}

static void check_same(const rtmp_end *a, const rtmp_end *b)
{
    CK_CHECK_EQ(a->count, b->count);
    for (size_t i = 0; i < a->count; i++) {
        const rtmp_entry *x = &a->log[i];
        const rtmp_entry *y = &b->log[i];
        CK_CHECK_ROW(i, x->kind == y->kind && x->status == y->status);
        CK_CHECK_ROW(i, x->type == y->type && x->timestamp_ms == y->timestamp_ms);
        CK_CHECK_ROW(i, x->size == y->size && x->sum == y->sum);
        CK_CHECK_ROW(i, x->request == y->request && strcmp(x->text, y->text) == 0);
    }
}

CK_TEST(rtmp_prop, any_split_tells_the_same)
{
    static const size_t splits[] = {1, 2, 7, 129, 1537, 100000};
    static rtmp_pair whole;
    static rtmp_pair cut;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        play_story(&whole, seed, 1, 1u << 20);
        CK_CHECK_EQ(rtmp_count(&whole.client, CK_RTMP_EV_MEDIA) +
                        rtmp_count(&whole.server, CK_RTMP_EV_MEDIA),
                    TAGS);
        for (size_t i = 0; i < CK_COUNT_OF(splits); i++) {
            play_story(&cut, seed, seed * 100 + i, splits[i]);
            check_same(&whole.client, &cut.client);
            check_same(&whole.server, &cut.server);
            rtmp_pair_free(&cut);
        }
        rtmp_pair_free(&whole);
    }
}

/* Bytes of a real exchange, one of them changed: any outcome but a crash, a leak or a wait without
 * a deadline. */
CK_TEST(rtmp_prop, a_flipped_byte_harms_nobody)
{
    ck_failing_alloc f;
    ck_failing_alloc_init(&f, 0);
    ck_rtmp_config client = rtmp_client_config(&f.alloc, CK_RTMP_PUBLISH);
    ck_rtmp_config server = rtmp_server_config(&f.alloc);
    for (uint64_t seed = 1; seed <= 400; seed++) {
        static rtmp_pair p;
        ck_out out;
        CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, seed, 500), CHALK_OK);
        size_t victim = 3073 + (size_t)ck_rng_below(&p.rng, 700);
        size_t at = 0;
        for (int turn = 0; turn < 8; turn++) {
            while (ck_rtmp_poll_output(p.client.r, &out, p.now_us)) {
                ck_buf_put(&p.server.wire, out.head, out.head_size);
                ck_buf_put(&p.server.wire, out.body.data, out.body.size);
                ck_slice_unref(&out.body);
            }
            if (victim >= at && victim < at + p.server.wire.size) {
                p.server.wire.data[victim - at] ^= (uint8_t)(1u << ck_rng_below(&p.rng, 8));
            }
            at += p.server.wire.size;
            rtmp_end_feed(&p.server, &p, p.server.wire.data, p.server.wire.size, 500, p.now_us);
            ck_buf_clear(&p.server.wire);
            while (ck_rtmp_poll_output(p.server.r, &out, p.now_us)) {
                rtmp_end_feed(&p.client, &p, out.head, out.head_size, 500, p.now_us);
                rtmp_end_feed(&p.client, &p, out.body.data, out.body.size, 500, p.now_us);
                ck_slice_unref(&out.body);
            }
            rtmp_end_take_events(&p.client, &p);
        }
        CK_CHECK_ROW(seed, ck_rtmp_state(p.server.r) >= CK_RTMP_STREAMING ||
                               ck_rtmp_next_deadline(p.server.r) != CK_NEVER);
        CK_CHECK_ROW(seed,
                     (p.server.feed_status < 0) == (rtmp_count(&p.server, CK_RTMP_EV_CLOSED) == 1));
        rtmp_pair_free(&p);
        CK_CHECK_ROW(seed, f.live == 0);
    }
}
