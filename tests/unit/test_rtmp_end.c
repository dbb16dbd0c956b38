/* How a server ends what it had accepted, and what its client makes of that. */
#include "base/check.h"
#include "base/time.h"
#include "chalkrail/errors.h"
#include "core/rtmp/command.h"
#include "rtmp_pair.h"
#include "support/check.h"

/* A pair that streams; false when memory ran out on the way. */
static bool stream(rtmp_pair *p, const ck_alloc *alloc, enum ck_rtmp_mode mode, uint64_t seed)
{
    ck_rtmp_config client = rtmp_client_config(alloc, mode);
    ck_rtmp_config server = rtmp_server_config(alloc);
    if (rtmp_pair_init(p, &client, &server, seed, 700) != CHALK_OK) {
        return false;
    }
    rtmp_pair_pump(p);
    return ck_rtmp_state(p->client.r) == CK_RTMP_STREAMING &&
           ck_rtmp_state(p->server.r) == CK_RTMP_STREAMING;
}

CK_TEST(rtmp_end, the_client_is_told_why)
{
    static const struct {
        enum ck_rtmp_mode mode;
        int status;
        const char *words;
        int client_status;
        const char *client_text;
    } rows[] = {
        {CK_RTMP_PUBLISH, CHALK_ERR_NAME_TAKEN, "somebody newer", CHALK_ERR_NAME_TAKEN,
         "NetStream.Publish.BadName: somebody newer"},
        {CK_RTMP_PUBLISH, CHALK_ERR_CODEC_UNKNOWN, "no Speex", CHALK_ERR_CODEC_UNKNOWN,
         "NetStream.Publish.NoSupportedTrackFound: no Speex"},
        {CK_RTMP_PUBLISH, CHALK_ERR_DENIED, NULL, CHALK_ERR_DENIED,
         "NetStream.Publish.Denied: the server refused the token or the right"},
        {CK_RTMP_PUBLISH, CHALK_ERR_NO_MEMORY, "full", CHALK_ERR_REFUSED, "NetStream.Failed: full"},
        {CK_RTMP_PLAY, CHALK_ERR_CODEC_UNKNOWN, "no Speex", CHALK_ERR_CODEC_UNKNOWN,
         "NetStream.Play.NoSupportedTrackFound: no Speex"},
        {CK_RTMP_PLAY, CHALK_ERR_DENIED, "banned", CHALK_ERR_DENIED,
         "NetStream.Play.Failed: banned"},
        {CK_RTMP_PLAY, CHALK_ERR_NO_STREAM, "gone", CHALK_ERR_NO_STREAM,
         "NetStream.Play.StreamNotFound: gone"},
        {CK_RTMP_PLAY, CHALK_ERR_TIMEOUT, "too slow", CHALK_ERR_REFUSED,
         "NetStream.Failed: too slow"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        rtmp_pair p;
        CK_CHECK_ROW(i, stream(&p, &ck_test_heap, rows[i].mode, i));
        CK_CHECK_EQ(ck_rtmp_close_with(p.server.r, rows[i].status, rows[i].words, p.now_us),
                    CHALK_OK);
        CK_CHECK_ROW(i, ck_rtmp_state(p.server.r) == CK_RTMP_CLOSING);
        rtmp_pair_pump(&p);
        const rtmp_entry *closed = rtmp_find(&p.client, CK_RTMP_EV_CLOSED);
        CK_CHECK_ROW(i, closed != NULL && closed->status == rows[i].client_status);
        CK_CHECK_STR(closed->text, rows[i].client_text);
        closed = rtmp_find(&p.server, CK_RTMP_EV_CLOSED);
        CK_CHECK_ROW(i, closed != NULL && closed->status == rows[i].status);
        CK_CHECK_EQ(rtmp_count(&p.server, CK_RTMP_EV_CLOSED), 1);
        rtmp_pair_free(&p);
    }
}

/* Words of other servers, which the core itself never says. */
CK_TEST(rtmp_end, foreign_codes_are_understood)
{
    static const struct {
        const char *code;
        int status;
    } rows[] = {
        {"NetStream.Publish.Rejected", CHALK_ERR_DENIED},
        {"NetStream.Play.FileStructureInvalid", CHALK_ERR_CODEC_UNKNOWN},
        {"NetStream.Record.Start", CHALK_OK},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        CK_CHECK_ROW(i, ck_rtmp_status_of_code(rows[i].code, false, CHALK_ERR_PEER_CLOSED) ==
                            rows[i].status);
    }
}

/* Pictures that wait behind the bad news are of no use to anybody. */
CK_TEST(rtmp_end, queued_media_is_dropped)
{
    rtmp_pair p;
    ck_out out;
    CK_CHECK(stream(&p, &ck_test_heap, CK_RTMP_PLAY, 1));
    ck_flv_tag tag = rtmp_tag(&ck_test_heap, CK_FLV_VIDEO, 0, 100000, 1);
    CK_CHECK_EQ(ck_rtmp_send(p.server.r, &tag), CHALK_OK);
    CK_CHECK_EQ(ck_rtmp_send(p.server.r, &tag), CHALK_OK);
    CK_CHECK(ck_rtmp_poll_output(p.server.r, &out, p.now_us)); /* the first has begun */
    ck_buf_put(&p.client.wire, out.head, out.head_size);
    ck_buf_put(&p.client.wire, out.body.data, out.body.size);
    ck_slice_unref(&out.body);
    CK_CHECK_EQ(ck_rtmp_close_with(p.server.r, CHALK_ERR_DENIED, "banned", p.now_us), CHALK_OK);
    CK_CHECK(ck_rtmp_queued_bytes(p.server.r) < 100000);
    rtmp_pair_pump(&p);
    CK_CHECK_EQ(rtmp_get(&p.client, CK_RTMP_EV_CLOSED)->status, CHALK_ERR_DENIED);
    CK_CHECK_EQ(rtmp_count(&p.client, CK_RTMP_EV_MEDIA), 0); /* the bad news overtook its rest */
    ck_slice_unref(&tag.body);
    rtmp_pair_free(&p);
}

CK_TEST(rtmp_end, only_a_streaming_server_ends_a_stream)
{
    rtmp_pair p;
    ck_rtmp_config client = rtmp_client_config(&ck_test_heap, CK_RTMP_PUBLISH);
    ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
    CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, 1, 700), CHALK_OK);
    CK_CHECK_EQ(ck_rtmp_close_with(p.server.r, CHALK_ERR_DENIED, NULL, p.now_us),
                CHALK_ERR_BAD_STATE);
    rtmp_pair_pump(&p);
    CK_CHECK_EQ(ck_rtmp_close_with(p.server.r, CHALK_OK, NULL, p.now_us),
                CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_rtmp_close_with(p.client.r, CHALK_ERR_DENIED, NULL, p.now_us),
                CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(ck_rtmp_state(p.server.r), CK_RTMP_STREAMING);
    CK_CHECK_EQ(ck_rtmp_close_with(p.server.r, CHALK_ERR_DENIED, NULL, p.now_us), CHALK_OK);
    CK_CHECK_EQ(ck_rtmp_close_with(p.server.r, CHALK_ERR_NO_STREAM, NULL, p.now_us),
                CHALK_ERR_BAD_STATE);
    /* A peer that does not read the news does not hold up the end. */
    ck_rtmp_on_deadline(p.server.r, p.now_us + 2 * CK_US_PER_S);
    rtmp_end_take_events(&p.server, NULL);
    CK_CHECK_EQ(rtmp_get(&p.server, CK_RTMP_EV_CLOSED)->status, CHALK_ERR_DENIED);
    rtmp_pair_free(&p);
}

/* What came before the end of a stream is given out before that end, however it was read. */
CK_TEST(rtmp_end, media_in_front_of_the_end_is_not_lost)
{
    rtmp_pair p;
    ck_buf wire;
    ck_out out;
    CK_CHECK(stream(&p, &ck_test_heap, CK_RTMP_PUBLISH, 1));
    ck_buf_init(&wire, &ck_test_heap, 1 << 20);
    for (uint32_t i = 0; i < 40; i++) {
        ck_flv_tag tag = rtmp_tag(&ck_test_heap, CK_FLV_AUDIO, i * 20, 200, i);
        CK_CHECK_EQ(ck_rtmp_send(p.client.r, &tag), CHALK_OK);
        ck_slice_unref(&tag.body);
    }
    CK_CHECK_EQ(ck_rtmp_close(p.client.r, p.now_us), CHALK_OK);
    while (ck_rtmp_poll_output(p.client.r, &out, p.now_us)) {
        ck_buf_put(&wire, out.head, out.head_size);
        ck_buf_put(&wire, out.body.data, out.body.size);
        ck_slice_unref(&out.body);
    }
    rtmp_end_feed(&p.server, &p, wire.data, wire.size, wire.size, p.now_us);
    CK_CHECK_EQ(rtmp_count(&p.server, CK_RTMP_EV_MEDIA), 40);
    CK_CHECK_EQ(p.server.log[p.server.count - 1].kind, CK_RTMP_EV_STREAM_ENDED);
    ck_buf_free(&wire);
    rtmp_pair_free(&p);
}

static bool told_in_time(const ck_alloc *alloc)
{
    rtmp_pair p;
    bool whole = stream(&p, alloc, CK_RTMP_PUBLISH, 1);
    if (whole) {
        int status = ck_rtmp_close_with(p.server.r, CHALK_ERR_NAME_TAKEN, NULL, p.now_us);
        CK_CHECK(status == CHALK_OK || status == CHALK_ERR_NO_MEMORY);
        rtmp_pair_pump(&p);
        CK_CHECK_EQ(ck_rtmp_state(p.server.r), CK_RTMP_CLOSED);
        whole = status == CHALK_OK && p.client.feed_status == CHALK_ERR_NAME_TAKEN;
    }
    rtmp_pair_free(&p);
    return whole;
}

CK_TEST(rtmp_end, out_of_memory_at_every_allocation)
{
    ck_failing_alloc f;
    ck_failing_alloc_init(&f, 0);
    CK_CHECK(told_in_time(&f.alloc));
    size_t calls = f.calls;
    for (size_t n = 1; n <= calls; n++) {
        ck_failing_alloc_init(&f, n);
        CK_CHECK_ROW(n, !told_in_time(&f.alloc));
        CK_CHECK_ROW(n, f.live == 0);
    }
}
