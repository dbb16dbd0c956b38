/* A client core against a server core: publishing, playing, refusing, closing, out of memory. */
#include "base/check.h"
#include "base/time.h"
#include "chalkrail/errors.h"
#include "rtmp_pair.h"
#include "support/alloc.h"
#include "support/check.h"

typedef struct sent_tag {
    uint8_t type;
    uint32_t timestamp_ms;
    size_t size;
} sent_tag;

static const sent_tag lesson[] = {
    {CK_FLV_VIDEO, 0, 40},           {CK_FLV_AUDIO, 0, 4},
    {CK_FLV_VIDEO, 0, 500000},       {CK_FLV_AUDIO, 21, 300},
    {CK_FLV_AUDIO, 42, 300},         {CK_FLV_AUDIO, 63, 300},
    {CK_FLV_VIDEO, 66, 1200},        {CK_FLV_VIDEO, 132, 1200},
    {CK_FLV_SCRIPT, 140, 77},        {CK_FLV_AUDIO, 0xFFFFFF, 300},
    {CK_FLV_VIDEO, 0x1000010, 4000},
};

/* Sends the lesson, pumping after each tag so that the order is the order of sending. */
static void send_lesson(rtmp_pair *p, rtmp_end *from)
{
    for (size_t i = 0; i < CK_COUNT_OF(lesson); i++) {
        ck_flv_tag tag = rtmp_tag(&ck_test_heap, lesson[i].type, lesson[i].timestamp_ms,
                                  lesson[i].size, (uint32_t)i);
        CK_CHECK_ROW(i, ck_rtmp_send(from->r, &tag) == CHALK_OK);
        ck_slice_unref(&tag.body);
        rtmp_pair_pump(p);
    }
}

static void check_lesson(const rtmp_end *to)
{
    size_t seen = 0;
    for (size_t i = 0; i < to->count; i++) {
        if (to->log[i].kind != CK_RTMP_EV_MEDIA) {
            continue;
        }
        CK_CHECK(seen < CK_COUNT_OF(lesson));
        ck_flv_tag tag =
            rtmp_tag(&ck_test_heap, lesson[seen].type, 0, lesson[seen].size, (uint32_t)seen);
        CK_CHECK_ROW(seen, to->log[i].type == lesson[seen].type);
        CK_CHECK_ROW(seen, to->log[i].timestamp_ms == lesson[seen].timestamp_ms);
        CK_CHECK_ROW(seen, to->log[i].size == lesson[seen].size);
        CK_CHECK_ROW(seen, to->log[i].sum == rtmp_sum(tag.body.data, tag.body.size));
        ck_slice_unref(&tag.body);
        seen++;
    }
    CK_CHECK_EQ(seen, CK_COUNT_OF(lesson));
}

static const uint32_t chunk_sizes[] = {1, 2, 5, 127, 128, 129, 4096, 60000, 65535};

CK_TEST(rtmp_pair, publish_at_any_chunk_size)
{
    for (size_t i = 0; i < CK_COUNT_OF(chunk_sizes); i++) {
        rtmp_pair p;
        ck_rtmp_config client = rtmp_client_config(&ck_test_heap, CK_RTMP_PUBLISH);
        ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
        client.chunk_size = server.chunk_size = chunk_sizes[i];
        CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, i, 100000), CHALK_OK);
        rtmp_pair_pump(&p);
        CK_CHECK_ROW(i, ck_rtmp_state(p.client.r) == CK_RTMP_STREAMING);
        CK_CHECK_ROW(i, p.client.log[0].kind == CK_RTMP_EV_CONNECTED);
        CK_CHECK_ROW(i, p.client.log[1].kind == CK_RTMP_EV_PUBLISH_STARTED);
        CK_CHECK_STR(rtmp_get(&p.server, CK_RTMP_EV_CONNECT_REQUEST)->text, "live");
        CK_CHECK_STR(rtmp_get(&p.server, CK_RTMP_EV_PUBLISH_REQUEST)->text, client.stream);
        send_lesson(&p, &p.client);
        check_lesson(&p.server);
        CK_CHECK_EQ(ck_rtmp_close(p.client.r, p.now_us), CHALK_OK);
        rtmp_pair_pump(&p);
        CK_CHECK(rtmp_find(&p.server, CK_RTMP_EV_STREAM_ENDED) != NULL);
        CK_CHECK_EQ(rtmp_count(&p.server, CK_RTMP_EV_STREAM_ENDED), 1);
        CK_CHECK_EQ(rtmp_get(&p.client, CK_RTMP_EV_CLOSED)->status, CHALK_OK);
        CK_CHECK_EQ(ck_rtmp_state(p.server.r), CK_RTMP_CONNECTED);
        rtmp_pair_free(&p);
    }
}

/* Only where both ends said that they know of it. */
CK_TEST(rtmp_pair, a_publisher_is_asked_for_a_key_frame)
{
    for (int i = 0; i < 4; i++) {
        rtmp_pair p;
        ck_rtmp_config client = rtmp_client_config(&ck_test_heap, CK_RTMP_PUBLISH);
        ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
        client.key_frames = (i & 1) != 0;
        server.key_frames = (i & 2) != 0;
        CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, (uint64_t)i, 100000), CHALK_OK);
        CK_CHECK_EQ(ck_rtmp_ask_key_frame(p.server.r), CHALK_ERR_BAD_STATE);
        rtmp_pair_pump(&p);
        CK_CHECK_ROW(i, ck_rtmp_asks_key_frames(p.client.r) == (i == 3));
        CK_CHECK_ROW(i, ck_rtmp_asks_key_frames(p.server.r) == (i == 3));
        CK_CHECK_EQ(ck_rtmp_ask_key_frame(p.server.r), i == 3 ? CHALK_OK : CHALK_ERR_UNSUPPORTED);
        CK_CHECK_EQ(ck_rtmp_ask_key_frame(p.client.r), CHALK_ERR_BAD_STATE);
        send_lesson(&p, &p.client);
        check_lesson(&p.server);
        CK_CHECK_EQ(rtmp_count(&p.client, CK_RTMP_EV_KEY_FRAME), i == 3 ? 1u : 0u);
        rtmp_pair_free(&p);
    }
}

/* A recording begins with one. */
CK_TEST(rtmp_pair, a_player_asks_for_a_key_frame)
{
    for (int i = 0; i < 4; i++) {
        rtmp_pair p;
        ck_rtmp_config client = rtmp_client_config(&ck_test_heap, CK_RTMP_PLAY);
        ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
        client.key_frames = (i & 1) != 0;
        server.key_frames = (i & 2) != 0;
        CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, (uint64_t)i, 100000), CHALK_OK);
        CK_CHECK_EQ(ck_rtmp_ask_key_frame(p.client.r), CHALK_ERR_BAD_STATE);
        rtmp_pair_pump(&p);
        CK_CHECK_EQ(ck_rtmp_ask_key_frame(p.client.r), i == 3 ? CHALK_OK : CHALK_ERR_UNSUPPORTED);
        rtmp_pair_pump(&p);
        CK_CHECK_EQ(rtmp_count(&p.server, CK_RTMP_EV_KEY_FRAME), i == 3 ? 1u : 0u);
        rtmp_pair_free(&p);
    }
}

CK_TEST(rtmp_pair, a_player_is_asked_for_nothing)
{
    rtmp_pair p;
    ck_rtmp_config client = rtmp_client_config(&ck_test_heap, CK_RTMP_PLAY);
    ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
    client.key_frames = server.key_frames = true;
    CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, 4, 100000), CHALK_OK);
    rtmp_pair_pump(&p);
    CK_CHECK_EQ(ck_rtmp_ask_key_frame(p.server.r), CHALK_ERR_BAD_STATE);
    rtmp_pair_free(&p);
}

CK_TEST(rtmp_pair, play_at_any_chunk_size)
{
    for (size_t i = 0; i < CK_COUNT_OF(chunk_sizes); i++) {
        rtmp_pair p;
        ck_rtmp_config client = rtmp_client_config(&ck_test_heap, CK_RTMP_PLAY);
        ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
        client.chunk_size = server.chunk_size = chunk_sizes[i];
        CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, i, 100000), CHALK_OK);
        rtmp_pair_pump(&p);
        CK_CHECK_ROW(i, p.client.log[0].kind == CK_RTMP_EV_CONNECTED);
        CK_CHECK_ROW(i, p.client.log[1].kind == CK_RTMP_EV_PLAY_STARTED);
        CK_CHECK_STR(rtmp_get(&p.server, CK_RTMP_EV_PLAY_REQUEST)->text, client.stream);
        send_lesson(&p, &p.server);
        check_lesson(&p.client);
        CK_CHECK_EQ(ck_rtmp_close(p.server.r, p.now_us), CHALK_OK);
        rtmp_pair_pump(&p);
        CK_CHECK_EQ(rtmp_get(&p.client, CK_RTMP_EV_CLOSED)->status, CHALK_ERR_PEER_CLOSED);
        CK_CHECK_EQ(rtmp_get(&p.server, CK_RTMP_EV_CLOSED)->status, CHALK_OK);
        rtmp_pair_free(&p);
    }
}

/* A publisher's metadata travel behind "@setDataFrame" and arrive without it. */
CK_TEST(rtmp_pair, metadata_frame_is_added_and_removed)
{
    static const uint8_t metadata[] = "\x02\x00\x0aonMetaData\x08\x00\x00\x00\x00\x00\x00\x09";
    static const uint8_t wrapped[] = "\x02\x00\x0d@setDataFrame\x02\x00\x0aonMetaData";
    rtmp_pair p;
    ck_rtmp_config client = rtmp_client_config(&ck_test_heap, CK_RTMP_PUBLISH);
    ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
    CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, 1, 1000), CHALK_OK);
    rtmp_pair_pump(&p);
    ck_flv_tag tag = {.type = CK_FLV_SCRIPT,
                      .body = ck_slice_static(metadata, sizeof metadata - 1)};
    ck_out out;
    CK_CHECK_EQ(ck_rtmp_send(p.client.r, &tag), CHALK_OK);
    CK_CHECK(ck_rtmp_poll_output(p.client.r, &out, p.now_us));
    CK_CHECK_EQ(out.body.size, 16 + sizeof metadata - 1);
    CK_CHECK_MEM(out.body.data, wrapped, sizeof wrapped - 1);
    rtmp_end_feed(&p.server, &p, out.head, out.head_size, 100, p.now_us);
    rtmp_end_feed(&p.server, &p, out.body.data, out.body.size, 100, p.now_us);
    ck_slice_unref(&out.body);
    const rtmp_entry *entry = rtmp_get(&p.server, CK_RTMP_EV_MEDIA);
    CK_CHECK(entry != NULL);
    CK_CHECK_EQ(entry->size, sizeof metadata - 1);
    CK_CHECK_EQ(entry->sum, rtmp_sum(metadata, sizeof metadata - 1));
    rtmp_pair_free(&p);
}

/* While a picture of 500 KB is on its way sound waits for one chunk at most; control for none. */
CK_TEST(rtmp_pair, sound_overtakes_a_large_picture)
{
    static const uint32_t sizes[] = {128, 4096, 60000};
    for (size_t i = 0; i < CK_COUNT_OF(sizes); i++) {
        rtmp_pair p;
        ck_out out;
        ck_rtmp_config client = rtmp_client_config(&ck_test_heap, CK_RTMP_PUBLISH);
        ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
        client.chunk_size = sizes[i];
        CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, i, 1000), CHALK_OK);
        rtmp_pair_pump(&p);
        ck_flv_tag picture = rtmp_tag(&ck_test_heap, CK_FLV_VIDEO, 40, 500000, 1);
        ck_flv_tag sound = rtmp_tag(&ck_test_heap, CK_FLV_AUDIO, 40, 100, 2);
        ck_flv_tag script = rtmp_tag(&ck_test_heap, CK_FLV_SCRIPT, 40, 50, 3);
        CK_CHECK_EQ(ck_rtmp_send(p.client.r, &picture), CHALK_OK);
        CK_CHECK(ck_rtmp_poll_output(p.client.r, &out, p.now_us));
        CK_CHECK_EQ(out.head[0] & 0x3f, 6);
        CK_CHECK_EQ(out.body.size, sizes[i]);
        CK_CHECK(out.body.data == picture.body.data); /* borrowed, not copied */
        ck_slice_unref(&out.body);
        CK_CHECK_EQ(ck_rtmp_send(p.client.r, &script), CHALK_OK);
        CK_CHECK_EQ(ck_rtmp_send(p.client.r, &sound), CHALK_OK);
        CK_CHECK_EQ(ck_rtmp_ping(p.client.r, p.now_us), CHALK_OK);
        static const uint8_t order[] = {2, 4, 5, 6, 6};
        for (size_t n = 0; n < sizeof order; n++) {
            CK_CHECK(ck_rtmp_poll_output(p.client.r, &out, p.now_us));
            CK_CHECK_ROW(n, (out.head[0] & 0x3f) == order[n]);
            ck_slice_unref(&out.body);
        }
        ck_slice_unref(&picture.body);
        ck_slice_unref(&sound.body);
        ck_slice_unref(&script.body);
        rtmp_pair_free(&p);
    }
}

CK_TEST(rtmp_pair, refusals_reach_the_client_by_name)
{
    static const struct {
        enum ck_rtmp_mode mode;
        enum ck_rtmp_event_kind kind;
        int status;
        const char *words;
        int client_status;
        const char *client_text;
    } rows[] = {
        {CK_RTMP_PUBLISH, CK_RTMP_EV_CONNECT_REQUEST, CHALK_ERR_DENIED, "no token",
         CHALK_ERR_DENIED, "NetConnection.Connect.Rejected: no token"},
        {CK_RTMP_PLAY, CK_RTMP_EV_CONNECT_REQUEST, CHALK_ERR_NO_STREAM, "no app", CHALK_ERR_DENIED,
         "NetConnection.Connect.InvalidApp: no app"},
        {CK_RTMP_PLAY, CK_RTMP_EV_CONNECT_REQUEST, CHALK_ERR_LIMIT, "full", CHALK_ERR_REFUSED,
         "NetConnection.Connect.Failed: full"},
        {CK_RTMP_PUBLISH, CK_RTMP_EV_PUBLISH_REQUEST, CHALK_ERR_NAME_TAKEN, NULL,
         CHALK_ERR_NAME_TAKEN,
         "NetStream.Publish.BadName: somebody already publishes under this name"},
        {CK_RTMP_PUBLISH, CK_RTMP_EV_PUBLISH_REQUEST, CHALK_ERR_DENIED, "expired", CHALK_ERR_DENIED,
         "NetStream.Publish.Denied: expired"},
        {CK_RTMP_PUBLISH, CK_RTMP_EV_PUBLISH_REQUEST, CHALK_ERR_LIMIT, "full", CHALK_ERR_REFUSED,
         "NetStream.Failed: full"},
        {CK_RTMP_PLAY, CK_RTMP_EV_PLAY_REQUEST, CHALK_ERR_NO_STREAM, "nobody", CHALK_ERR_NO_STREAM,
         "NetStream.Play.StreamNotFound: nobody"},
        {CK_RTMP_PLAY, CK_RTMP_EV_PLAY_REQUEST, CHALK_ERR_DENIED, "not yours", CHALK_ERR_DENIED,
         "NetStream.Play.Failed: not yours"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        rtmp_pair p;
        ck_rtmp_config client = rtmp_client_config(&ck_test_heap, rows[i].mode);
        ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
        CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, i, 1000), CHALK_OK);
        p.reject = rows[i].kind;
        p.reject_status = rows[i].status;
        p.reject_words = rows[i].words;
        rtmp_pair_pump(&p);
        const rtmp_entry *closed = rtmp_find(&p.client, CK_RTMP_EV_CLOSED);
        CK_CHECK_ROW(i, closed != NULL && closed->status == rows[i].client_status);
        CK_CHECK_STR(closed->text, rows[i].client_text);
        CK_CHECK_EQ(p.client.feed_status, rows[i].client_status);
        closed = rtmp_find(&p.server, CK_RTMP_EV_CLOSED);
        CK_CHECK_ROW(i, closed != NULL && closed->status == rows[i].status);
        CK_CHECK_EQ(rtmp_count(&p.server, CK_RTMP_EV_CLOSED), 1);
        rtmp_pair_free(&p);
    }
}

CK_TEST(rtmp_pair, ping_measures_and_misses)
{
    rtmp_pair p;
    ck_rtmp_config client = rtmp_client_config(&ck_test_heap, CK_RTMP_PLAY);
    ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
    server.pong_timeout_us = 5 * CK_US_PER_S;
    CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, 1, 1000), CHALK_OK);
    CK_CHECK_EQ(ck_rtmp_ping(p.server.r, p.now_us), CHALK_ERR_BAD_STATE);
    rtmp_pair_pump(&p);
    CK_CHECK(ck_rtmp_next_deadline(p.server.r) == CK_NEVER);
    CK_CHECK_EQ(ck_rtmp_ping(p.server.r, p.now_us), CHALK_OK);
    CK_CHECK_EQ(ck_rtmp_ping(p.server.r, p.now_us), CHALK_ERR_AGAIN);
    p.now_us += 123456;
    rtmp_pair_pump(&p);
    CK_CHECK_EQ(rtmp_get(&p.server, CK_RTMP_EV_RTT)->rtt_us, 123456);
    CK_CHECK(ck_rtmp_next_deadline(p.server.r) == CK_NEVER);

    CK_CHECK_EQ(ck_rtmp_ping(p.server.r, p.now_us), CHALK_OK);
    CK_CHECK_EQ(ck_rtmp_next_deadline(p.server.r), p.now_us + server.pong_timeout_us);
    /* Anything heard shows that the peer lives: a byte of a chunk header. */
    static const uint8_t byte[1] = {0x02};
    rtmp_end_feed(&p.server, &p, byte, 1, 1, p.now_us + 1000);
    CK_CHECK_EQ(ck_rtmp_next_deadline(p.server.r), p.now_us + 1000 + server.pong_timeout_us);
    ck_rtmp_on_deadline(p.server.r, p.now_us + 999);
    CK_CHECK_EQ(ck_rtmp_state(p.server.r), CK_RTMP_STREAMING);
    ck_rtmp_on_deadline(p.server.r, p.now_us + 1000 + server.pong_timeout_us);
    rtmp_end_take_events(&p.server, &p);
    CK_CHECK_EQ(rtmp_get(&p.server, CK_RTMP_EV_CLOSED)->status, CHALK_ERR_TIMEOUT);
    rtmp_pair_free(&p);
}

CK_TEST(rtmp_pair, acknowledgements_count_both_ways)
{
    rtmp_pair p;
    ck_rtmp_stats stats;
    ck_rtmp_config client = rtmp_client_config(&ck_test_heap, CK_RTMP_PUBLISH);
    ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
    client.window_bytes = 20000; /* the server acknowledges what the client sends */
    CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, 1, 3000), CHALK_OK);
    rtmp_pair_pump(&p);
    ck_rtmp_stats_get(p.server.r, &stats);
    CK_CHECK_EQ(stats.peer_window_bytes, 20000);
    CK_CHECK_EQ(stats.peer_chunk_size, 60000);
    send_lesson(&p, &p.client);
    ck_rtmp_stats_get(p.client.r, &stats);
    CK_CHECK(stats.bytes_acknowledged > 480000);
    CK_CHECK(stats.bytes_acknowledged <= stats.bytes_out - 3073);
    ck_rtmp_stats server_stats;
    ck_rtmp_stats_get(p.server.r, &server_stats);
    CK_CHECK_EQ(server_stats.bytes_in, stats.bytes_out);
    CK_CHECK_EQ(server_stats.messages_in, stats.messages_out);
    rtmp_pair_free(&p);
}

CK_TEST(rtmp_pair, queue_limits_and_drops)
{
    rtmp_pair p;
    ck_rtmp_config client = rtmp_client_config(&ck_test_heap, CK_RTMP_PUBLISH);
    ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
    client.queue_bytes_max = 10000;
    client.queue_ms_max = 500;
    client.chunk_size = 1000;
    CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, 1, 3000), CHALK_OK);
    ck_flv_tag tag = rtmp_tag(&ck_test_heap, CK_FLV_VIDEO, 0xFFFFFF00, 4000, 1);
    CK_CHECK_EQ(ck_rtmp_send(p.client.r, &tag), CHALK_ERR_BAD_STATE);
    rtmp_pair_pump(&p);
    CK_CHECK_EQ(ck_rtmp_queued_ms(p.client.r), 0);
    CK_CHECK_EQ(ck_rtmp_send(p.client.r, &tag), CHALK_OK);
    tag.timestamp_ms += 400; /* over the wrap */
    CK_CHECK_EQ(ck_rtmp_send(p.client.r, &tag), CHALK_OK);
    CK_CHECK_EQ(ck_rtmp_queued_bytes(p.client.r), 8000);
    CK_CHECK_EQ(ck_rtmp_queued_ms(p.client.r), 400);
    CK_CHECK_EQ(ck_rtmp_send(p.client.r, &tag), CHALK_ERR_AGAIN); /* bytes */
    ck_flv_tag sound = rtmp_tag(&ck_test_heap, CK_FLV_AUDIO, 0xFFFFFF00 + 501, 10, 1);
    CK_CHECK_EQ(ck_rtmp_send(p.client.r, &sound), CHALK_ERR_AGAIN); /* span */
    sound.timestamp_ms--;
    CK_CHECK_EQ(ck_rtmp_send(p.client.r, &sound), CHALK_OK);
    sound.type = 22;
    CK_CHECK_EQ(ck_rtmp_send(p.client.r, &sound), CHALK_ERR_INVALID_ARGUMENT);
    ck_out out;
    CK_CHECK(ck_rtmp_poll_output(p.client.r, &out, p.now_us)); /* the sound */
    ck_slice_unref(&out.body);
    CK_CHECK(ck_rtmp_poll_output(p.client.r, &out, p.now_us)); /* a piece of the first picture */
    ck_slice_unref(&out.body);
    CK_CHECK_EQ(ck_rtmp_drop_queued(p.client.r, CK_FLV_VIDEO), 4000);
    CK_CHECK_EQ(ck_rtmp_queued_bytes(p.client.r), 3000); /* what has begun is finished */
    ck_slice_unref(&tag.body);
    ck_slice_unref(&sound.body);
    rtmp_pair_free(&p);
}

CK_TEST(rtmp_pair, a_picture_over_the_queue_limit_fits_an_empty_queue)
{
    rtmp_pair p;
    ck_rtmp_config client = rtmp_client_config(&ck_test_heap, CK_RTMP_PUBLISH);
    ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
    client.queue_bytes_max = 1000;
    CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, 1, 3000), CHALK_OK);
    rtmp_pair_pump(&p);
    ck_flv_tag tag = rtmp_tag(&ck_test_heap, CK_FLV_VIDEO, 0, 4000, 1);
    CK_CHECK_EQ(ck_rtmp_send(p.client.r, &tag), CHALK_OK);
    CK_CHECK_EQ(ck_rtmp_send(p.client.r, &tag), CHALK_ERR_AGAIN);
    ck_slice_unref(&tag.body);
    rtmp_pair_free(&p);
}

CK_TEST(rtmp_pair, close_sends_what_is_queued_first)
{
    rtmp_pair p;
    ck_rtmp_config client = rtmp_client_config(&ck_test_heap, CK_RTMP_PUBLISH);
    ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
    CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, 1, 3000), CHALK_OK);
    rtmp_pair_pump(&p);
    ck_flv_tag tag = rtmp_tag(&ck_test_heap, CK_FLV_VIDEO, 0, 100000, 1);
    CK_CHECK_EQ(ck_rtmp_send(p.client.r, &tag), CHALK_OK);
    CK_CHECK_EQ(ck_rtmp_close(p.client.r, p.now_us), CHALK_OK);
    CK_CHECK_EQ(ck_rtmp_close(p.client.r, p.now_us), CHALK_OK);
    CK_CHECK_EQ(ck_rtmp_send(p.client.r, &tag), CHALK_ERR_BAD_STATE);
    rtmp_pair_pump(&p);
    CK_CHECK_EQ(rtmp_count(&p.server, CK_RTMP_EV_MEDIA), 1);
    CK_CHECK_EQ(p.server.log[p.server.count - 1].kind, CK_RTMP_EV_STREAM_ENDED);
    ck_slice_unref(&tag.body);
    rtmp_pair_free(&p);
}

/* A peer that reads nothing any more does not hold up an orderly end. */
CK_TEST(rtmp_pair, close_ends_at_its_deadline)
{
    rtmp_pair p;
    ck_rtmp_config client = rtmp_client_config(&ck_test_heap, CK_RTMP_PUBLISH);
    ck_rtmp_config server = rtmp_server_config(&ck_test_heap);
    client.pong_timeout_us = CK_US_PER_S;
    CK_CHECK_EQ(rtmp_pair_init(&p, &client, &server, 1, 3000), CHALK_OK);
    rtmp_pair_pump(&p);
    CK_CHECK_EQ(ck_rtmp_ping(p.client.r, p.now_us), CHALK_OK); /* counts no more */
    CK_CHECK_EQ(ck_rtmp_close(p.client.r, p.now_us), CHALK_OK);
    CK_CHECK_EQ(ck_rtmp_next_deadline(p.client.r), p.now_us + 2 * CK_US_PER_S);
    ck_rtmp_on_deadline(p.client.r, p.now_us + 2 * CK_US_PER_S);
    rtmp_end_take_events(&p.client, NULL);
    CK_CHECK_EQ(rtmp_get(&p.client, CK_RTMP_EV_CLOSED)->status, CHALK_OK);
    size_t used = 0;
    CK_CHECK_EQ(ck_rtmp_feed(p.client.r, "x", 1, p.now_us, &used), CHALK_ERR_END);
    rtmp_pair_free(&p);
}

CK_TEST(rtmp_pair, config_is_checked)
{
    ck_rtmp_config good = rtmp_client_config(&ck_test_heap, CK_RTMP_PLAY);
    char longer[9000];
    memset(longer, 'a', sizeof longer);
    longer[sizeof longer - 1] = '\0';
    for (size_t i = 0; i < 9; i++) {
        ck_rtmp_config bad = good;
        ck_rtmp *r = NULL;
        switch (i) {
        case 0:
            bad.alloc = NULL;
            break;
        case 1:
            bad.role = 0;
            break;
        case 2:
            bad.mode = 0;
            break;
        case 3:
            bad.tc_url = NULL;
            break;
        case 4:
            bad.app = "";
            break;
        case 5:
            bad.stream = longer;
            break;
        case 6:
            bad.chunk_size = 0x1000000;
            break;
        case 7:
            bad.message_bytes_max = 0x1000000;
            break;
        default:
            memcpy(bad.codecs[0].fourcc, "toolo", sizeof bad.codecs[0].fourcc);
            bad.codec_count = 1;
            break;
        }
        CK_CHECK_ROW(i, ck_rtmp_init(&r, &bad, 1, 0) == CHALK_ERR_INVALID_ARGUMENT);
        CK_CHECK_ROW(i, r == NULL);
    }
}

/* One lesson with an allocator; false when something ended early. */
static bool short_lesson(const ck_alloc *alloc, enum ck_rtmp_mode mode)
{
    rtmp_pair p;
    ck_rtmp_config client = rtmp_client_config(alloc, mode);
    ck_rtmp_config server = rtmp_server_config(alloc);
    client.codecs[0] = (ck_rtmp_codec){.fourcc = "avc1"};
    client.codecs[1] = (ck_rtmp_codec){.fourcc = "mp4a", .audio = true};
    client.codec_count = 2;
    client.window_bytes = server.window_bytes = 1000;
    bool whole = rtmp_pair_init(&p, &client, &server, 1, 5000) == CHALK_OK;
    if (whole) {
        rtmp_pair_pump(&p);
        rtmp_end *from = mode == CK_RTMP_PUBLISH ? &p.client : &p.server;
        rtmp_end *to = mode == CK_RTMP_PUBLISH ? &p.server : &p.client;
        for (size_t i = 0; i < 3; i++) {
            ck_flv_tag tag = rtmp_tag(&ck_test_heap, lesson[i].type, 5, 3000, 1);
            whole = ck_rtmp_send(from->r, &tag) == CHALK_OK && whole;
            ck_slice_unref(&tag.body);
            rtmp_pair_pump(&p);
        }
        whole = rtmp_count(to, CK_RTMP_EV_MEDIA) == 3 && whole;
        (void)ck_rtmp_close(from->r, p.now_us);
        rtmp_pair_pump(&p);
        /* However it ended: nobody is left between states without a deadline. */
        CK_CHECK(ck_rtmp_state(from->r) == CK_RTMP_CLOSED);
        const rtmp_entry *closed = rtmp_find(from, CK_RTMP_EV_CLOSED);
        CK_CHECK(closed != NULL);
        whole = closed->status == CHALK_OK && whole;
        /* The other end may run out of memory too, over the last words. */
        int end = mode == CK_RTMP_PUBLISH ? CHALK_OK : CHALK_ERR_PEER_CLOSED;
        whole = to->feed_status == end && whole;
    }
    rtmp_pair_free(&p);
    return whole;
}

CK_TEST(rtmp_pair, out_of_memory_at_every_allocation)
{
    for (int mode = CK_RTMP_PUBLISH; mode <= CK_RTMP_PLAY; mode++) {
        ck_failing_alloc f;
        ck_failing_alloc_init(&f, 0);
        CK_CHECK(short_lesson(&f.alloc, (enum ck_rtmp_mode)mode));
        CK_CHECK_EQ(f.live, 0);
        size_t calls = f.calls;
        CK_CHECK(calls > 40);
        size_t survived = 0;
        for (size_t n = 1; n <= calls; n++) {
            ck_failing_alloc_init(&f, n);
            survived += short_lesson(&f.alloc, (enum ck_rtmp_mode)mode);
            CK_CHECK_ROW(n, f.live == 0);
        }
        CK_CHECK_EQ(survived, 0);
    }
}
