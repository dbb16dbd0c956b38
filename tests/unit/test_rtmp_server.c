/* The server against a peer written by hand: what it answers, in which order. */
#include "base/check.h"
#include "base/time.h"
#include "chalkrail/errors.h"
#include "rtmp_raw.h"
#include "support/check.h"

static int closed_status(raw_peer *p)
{
    raw_read(p);
    const rtmp_entry *closed = rtmp_find(&p->core, CK_RTMP_EV_CLOSED);
    return closed != NULL ? closed->status : CHALK_OK;
}

CK_TEST(rtmp_server, handshake_echoes_and_checks_the_version)
{
    static const struct {
        uint8_t version;
        int status;
    } rows[] = {{3, CHALK_OK},
                {0, CHALK_OK}, /* answered with our version: the client decides (5.2.2) */
                {6, CHALK_OK}, /* encrypted RTMP asks with it */
                {31, CHALK_OK},
                {32, CHALK_ERR_PROTOCOL},
                {'G', CHALK_ERR_PROTOCOL}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_rtmp_config config = rtmp_server_config(&ck_test_heap);
        ck_rtmp *r = NULL;
        uint8_t first[1537];
        size_t used = 0;
        ck_out out;
        CK_CHECK_EQ(ck_rtmp_init(&r, &config, 1, 0x1234000), CHALK_OK);
        CK_CHECK(!ck_rtmp_poll_output(r, &out, 0)); /* a server speaks second */
        for (size_t n = 0; n < sizeof first; n++) {
            first[n] = (uint8_t)(n * 7); /* as a digest of the complex handshake might look */
        }
        first[0] = rows[i].version;
        CK_CHECK_ROW(i, ck_rtmp_feed(r, first, sizeof first, 0x1234000, &used) == rows[i].status);
        if (rows[i].status == CHALK_OK) {
            CK_CHECK(ck_rtmp_poll_output(r, &out, 0));
            CK_CHECK_EQ(out.head_size, 1);
            CK_CHECK_EQ(out.head[0], 3);
            CK_CHECK_EQ(out.body.size, 1536);
            CK_CHECK_EQ(ck_load_be32(out.body.data + 4), 0);
            ck_slice_unref(&out.body);
            CK_CHECK(ck_rtmp_poll_output(r, &out, 0));
            CK_CHECK_EQ(out.head_size, 0);
            CK_CHECK_EQ(out.body.size, 1536);
            CK_CHECK_MEM(out.body.data, first + 1, 1536);
            ck_slice_unref(&out.body);
        }
        ck_rtmp_free(&r);
    }
}

/* What players wait for, in the order in which they need it. */
CK_TEST(rtmp_server, play_answers_in_order)
{
    raw_peer p;
    raw_server_at(&p, CK_RTMP_STREAMING, CK_RTMP_PLAY);
    static const struct {
        uint8_t type;
        uint32_t stream;
        const char *name;
        const char *code;
    } rows[] = {
        {CK_RTMP_WINDOW_SIZE, 0, "", ""},
        {CK_RTMP_PEER_BANDWIDTH, 0, "", ""},
        {CK_RTMP_SET_CHUNK_SIZE, 0, "", ""},
        {CK_RTMP_COMMAND, 0, "_result", "NetConnection.Connect.Success"},
        {CK_RTMP_COMMAND, 0, "_result", ""},
        {CK_RTMP_USER_CONTROL, 0, "", ""},
        {CK_RTMP_COMMAND, 1, "onStatus", "NetStream.Play.Reset"},
        {CK_RTMP_COMMAND, 1, "onStatus", "NetStream.Play.Start"},
        {CK_RTMP_DATA, 1, "|RtmpSampleAccess", ""},
    };
    CK_CHECK_EQ(p.count, CK_COUNT_OF(rows));
    for (size_t i = 0; i < p.count; i++) {
        CK_CHECK_ROW(i, p.answers[i].type == rows[i].type);
        CK_CHECK_ROW(i, p.answers[i].stream == rows[i].stream);
        CK_CHECK_STR(p.answers[i].name, rows[i].name);
        CK_CHECK_STR(p.answers[i].code, rows[i].code);
    }
    CK_CHECK_EQ(p.answers[3].transaction, 1);
    CK_CHECK_EQ(p.answers[4].transaction, 4);
    p.count = 0;
    CK_CHECK_EQ(ck_rtmp_close(p.core.r, p.now_us), CHALK_OK);
    raw_read(&p);
    CK_CHECK_EQ(p.count, 2);
    CK_CHECK_STR(p.answers[0].code, "NetStream.Play.UnpublishNotify");
    CK_CHECK_EQ(p.answers[1].value, CK_RTMP_STREAM_EOF);
    CK_CHECK_EQ(closed_status(&p), CHALK_OK);
    raw_close(&p);
}

CK_TEST(rtmp_server, encoder_courtesies_are_answered)
{
    static const char *const names[] = {"releaseStream", "FCPublish", "getStreamLength"};
    raw_peer p;
    raw_server_at(&p, CK_RTMP_CONNECTED, CK_RTMP_PUBLISH);
    for (size_t i = 0; i < CK_COUNT_OF(names); i++) {
        ck_buf b = raw_buf();
        p.count = 0;
        ck_rtmp_put_call(&b, names[i], 20 + (double)i, "room/screen");
        raw_send_buf(&p, &b, 0);
        raw_read(&p);
        CK_CHECK_ROW(i, p.count == 1);
        CK_CHECK_STR(p.answers[0].name, "_result");
        CK_CHECK_EQ(p.answers[0].transaction, 20 + i);
    }
    /* Unknown ones are passed over, also those longer than any name. */
    static const char *const unknown[] = {
        "_checkbw", "a name that is longer than every command that exists in the field"};
    for (size_t i = 0; i < CK_COUNT_OF(unknown); i++) {
        ck_buf b = raw_buf();
        p.count = 0;
        ck_rtmp_put_call(&b, unknown[i], 9, "x");
        raw_send_buf(&p, &b, 0);
        raw_read(&p);
        CK_CHECK_ROW(i, p.count == 0);
    }
    CK_CHECK_EQ(ck_rtmp_state(p.core.r), CK_RTMP_CONNECTED);
    raw_close(&p);
}

CK_TEST(rtmp_server, requests_carry_what_was_asked)
{
    raw_peer p;
    ck_rtmp_config config = rtmp_server_config(&ck_test_heap);
    ck_rtmp_event event;
    raw_open(&p, &config);
    ck_buf wire = raw_buf();
    ck_buf b = raw_buf();
    size_t used = 0;
    ck_rtmp_config client = rtmp_client_config(&ck_test_heap, CK_RTMP_PUBLISH);
    client.flash_version = "FMLE/3.0";
    client.app = "live?token=x";
    client.codecs[0] = (ck_rtmp_codec){.fourcc = "avc1"};
    client.codec_count = 1;
    ck_rtmp_put_connect(&b, 1, &client);
    rtmp_put_message(&wire, &p.command, CK_RTMP_COMMAND, 0, 0, b.data, b.size, 128);
    size_t first = wire.size;
    ck_buf_put(&wire, "\xc3", 1); /* the next message: not read before the event was */
    CK_CHECK(!wire.failed && !b.failed);
    CK_CHECK_EQ(ck_rtmp_feed(p.core.r, wire.data, wire.size, 1, &used), CHALK_OK);
    CK_CHECK_EQ(used, first);
    CK_CHECK_EQ(ck_rtmp_feed(p.core.r, wire.data + used, 1, 1, &used), CHALK_OK);
    CK_CHECK_EQ(used, 0);
    CK_CHECK(ck_rtmp_poll_event(p.core.r, &event));
    CK_CHECK_EQ(event.kind, CK_RTMP_EV_CONNECT_REQUEST);
    CK_CHECK_STR(event.connect.app, "live?token=x");
    CK_CHECK_STR(event.connect.tc_url, "rtmp://edge.example/live");
    CK_CHECK_STR(event.connect.flash_version, "FMLE/3.0");
    CK_CHECK(event.connect.enhanced);
    CK_CHECK_EQ(ck_rtmp_feed(p.core.r, wire.data + first, 1, 1, &used), CHALK_OK);
    CK_CHECK_EQ(used, 1);
    CK_CHECK_EQ(ck_rtmp_accept(p.core.r, event.request + 1, 1), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(ck_rtmp_reject(p.core.r, event.request, 1, "", 1), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_rtmp_accept(p.core.r, event.request, 1), CHALK_OK);
    CK_CHECK_EQ(ck_rtmp_accept(p.core.r, event.request, 1), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(ck_rtmp_reject(p.core.r, event.request, CHALK_ERR_DENIED, "", 1),
                CHALK_ERR_NOT_FOUND);
    ck_buf_free(&b);
    ck_buf_free(&wire);
    raw_close(&p);
}

CK_TEST(rtmp_server, one_stream_per_connection)
{
    raw_peer p;
    raw_server_at(&p, CK_RTMP_STREAMING, CK_RTMP_PUBLISH);
    p.count = 0;
    raw_create_stream(&p);
    raw_read(&p);
    CK_CHECK(raw_named(&p, "_error") != NULL);
    CK_CHECK_STR(raw_named(&p, "_error")->code, "NetConnection.Call.Failed");
    ck_buf b = raw_buf();
    ck_rtmp_put_publish(&b, 6, "other");
    raw_send_buf(&p, &b, 1);
    b = raw_buf();
    ck_rtmp_put_play(&b, 7, "other");
    raw_send_buf(&p, &b, 1);
    raw_read(&p);
    CK_CHECK(raw_coded(&p, "NetStream.Publish.BadName") != NULL);
    CK_CHECK(raw_coded(&p, "NetStream.Play.Failed") != NULL);
    CK_CHECK_EQ(ck_rtmp_state(p.core.r), CK_RTMP_STREAMING); /* the first goes on */
    CK_CHECK_EQ(rtmp_count(&p.core, CK_RTMP_EV_PUBLISH_REQUEST), 1);
    raw_close(&p);
}

/* Each way to end a stream; another one may follow over the same connection. */
CK_TEST(rtmp_server, a_stream_ends_and_another_begins)
{
    static const char *const ways[] = {"deleteStream", "closeStream", "FCUnpublish"};
    for (size_t i = 0; i < CK_COUNT_OF(ways); i++) {
        raw_peer p;
        raw_server_at(&p, i == 0 ? CK_RTMP_STARTING : CK_RTMP_STREAMING, CK_RTMP_PUBLISH);
        ck_buf b = raw_buf();
        if (i == 0) {
            ck_rtmp_put_delete_stream(&b, 9, 1);
        } else {
            ck_rtmp_put_call(&b, ways[i], 9, "room/screen");
        }
        p.count = 0;
        raw_send_buf(&p, &b, i == 1 ? 1 : 0);
        raw_read(&p);
        CK_CHECK_ROW(i, rtmp_count(&p.core, CK_RTMP_EV_STREAM_ENDED) == 1);
        CK_CHECK_ROW(i, raw_coded(&p, "NetStream.Unpublish.Success") != NULL);
        CK_CHECK_ROW(i, ck_rtmp_state(p.core.r) == CK_RTMP_CONNECTED);
        /* The request that was under way is gone. */
        uint64_t request = rtmp_get(&p.core, CK_RTMP_EV_PUBLISH_REQUEST)->request;
        CK_CHECK_ROW(i, ck_rtmp_accept(p.core.r, request, p.now_us) == CHALK_ERR_NOT_FOUND);
        /* Media still on its way is passed over, whatever stream it names. */
        raw_send(&p, &p.media, CK_RTMP_AUDIO, 1, 0, "late", 4);
        CK_CHECK_ROW(i, closed_status(&p) == CHALK_OK);
        if (i == 0) {
            raw_create_stream(&p);
        }
        b = raw_buf();
        ck_rtmp_put_publish(&b, 10, "again");
        raw_send_buf(&p, &b, i == 0 ? 2 : 1);
        raw_accept(&p);
        CK_CHECK_ROW(i, ck_rtmp_state(p.core.r) == CK_RTMP_STREAMING);
        raw_close(&p);
    }
}

CK_TEST(rtmp_server, control_messages_are_answered)
{
    raw_peer p;
    static const uint8_t ping[6] = {0, 6, 1, 2, 3, 4};
    static const uint8_t hard[5] = {0, 0, 0x10, 0, CK_RTMP_LIMIT_HARD};
    static const uint8_t dynamic[5] = {0, 0, 0x20, 0, CK_RTMP_LIMIT_DYNAMIC};
    static const uint8_t soft[5] = {0, 0, 0x08, 0, CK_RTMP_LIMIT_SOFT};
    raw_server_at(&p, CK_RTMP_CONNECTED, CK_RTMP_PUBLISH);
    p.count = 0;
    raw_send(&p, &p.control, CK_RTMP_USER_CONTROL, 0, 0, ping, sizeof ping);
    raw_read(&p);
    CK_CHECK_EQ(p.answers[0].value, CK_RTMP_PING_RESPONSE);
    static const struct {
        const uint8_t *body;
        uint32_t answer; /* 0: none */
    } rows[] = {{dynamic, 0},  {hard, 0x1000}, {hard, 0}, {dynamic, 0x2000},
                {soft, 0x800}, {dynamic, 0},   {soft, 0}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        p.count = 0;
        raw_send(&p, &p.control, CK_RTMP_PEER_BANDWIDTH, 0, 0, rows[i].body, 5);
        raw_read(&p);
        CK_CHECK_ROW(i, p.count == (rows[i].answer != 0));
        CK_CHECK_ROW(i, rows[i].answer == 0 || p.answers[0].value == rows[i].answer);
    }
    /* A window of one byte asks for an acknowledgement of everything: one waits at a time. */
    p.count = 0;
    raw_send_u32(&p, CK_RTMP_WINDOW_SIZE, 1);
    for (int i = 0; i < 50; i++) {
        raw_send_u32(&p, 77, 0);
    }
    raw_read(&p);
    CK_CHECK_EQ(p.count, 1);
    CK_CHECK_EQ(p.answers[0].type, CK_RTMP_ACKNOWLEDGEMENT);
    ck_rtmp_stats stats;
    ck_rtmp_stats_get(p.core.r, &stats);
    CK_CHECK_EQ(p.answers[0].value, stats.bytes_in - 3073);
    raw_close(&p);
}

/* More tags than the event queue holds, in one feed and in one aggregate: feed stops, nothing is
 * lost. */
CK_TEST(rtmp_server, a_full_event_queue_stops_feed)
{
    raw_peer p;
    ck_buf b = raw_buf();
    ck_buf aggregate = raw_buf();
    raw_server_at(&p, CK_RTMP_STREAMING, CK_RTMP_PUBLISH);
    for (uint32_t i = 0; i < 100; i++) {
        uint8_t body[2] = {0xaf, (uint8_t)i};
        rtmp_put_message(&b, &p.media, CK_RTMP_AUDIO, 1, i * 20, body, sizeof body, 128);
        ck_buf_put_u8(&aggregate, CK_FLV_AUDIO);
        ck_buf_put_be24(&aggregate, 2);
        ck_buf_put_be24(&aggregate, (0xFFFFF0 + i) & 0xFFFFFF);
        ck_buf_put_u8(&aggregate, (uint8_t)((0xFFFFF0 + i) >> 24));
        ck_buf_put_be24(&aggregate, 0);
        ck_buf_put(&aggregate, body, sizeof body);
        ck_buf_put_be32(&aggregate, 13);
    }
    size_t used = 0;
    CK_CHECK_EQ(ck_rtmp_feed(p.core.r, b.data, b.size, p.now_us, &used), CHALK_OK);
    CK_CHECK(used < b.size);
    rtmp_end_take_events(&p.core, NULL);
    raw_send_bytes(&p, b.data + used, b.size - used);
    CK_CHECK_EQ(rtmp_count(&p.core, CK_RTMP_EV_MEDIA), 100);
    /* Two aggregates in one feed: the second waits until the first is given out. */
    ck_buf_clear(&b);
    for (uint32_t n = 0; n < 2; n++) {
        rtmp_put_message(&b, &p.media, CK_RTMP_AGGREGATE, 1, 5000 + n * 100, aggregate.data,
                         aggregate.size, 128);
    }
    ck_rtmp_event event;
    CK_CHECK_EQ(ck_rtmp_feed(p.core.r, b.data, b.size, p.now_us, &used), CHALK_OK);
    CK_CHECK(used < b.size);
    for (int n = 0; n < 5; n++) {
        CK_CHECK(ck_rtmp_poll_event(p.core.r, &event));
        ck_rtmp_event_free(&event);
    }
    size_t again = 0;
    CK_CHECK_EQ(ck_rtmp_feed(p.core.r, b.data + used, b.size - used, p.now_us, &again), CHALK_OK);
    CK_CHECK_EQ(again, 0); /* events have room, the first aggregate is not done */
    rtmp_end_take_events(&p.core, NULL);
    raw_send_bytes(&p, b.data + used, b.size - used);
    CK_CHECK_EQ(rtmp_count(&p.core, CK_RTMP_EV_MEDIA), 295);
    size_t first = p.core.count - 200; /* five were taken above */
    for (uint32_t i = 5; i < 200; i++) {
        uint8_t body[2] = {0xaf, (uint8_t)(i % 100)};
        CK_CHECK_ROW(i, p.core.log[first + i].timestamp_ms == 5000 + i);
        CK_CHECK_ROW(i, p.core.log[first + i].sum == rtmp_sum(body, 2));
    }
    ck_buf_free(&b);
    ck_buf_free(&aggregate);
    raw_close(&p);
}

CK_TEST(rtmp_server, amf3_wrapping_is_taken_off)
{
    raw_peer p;
    raw_server_at(&p, CK_RTMP_CONNECTED, CK_RTMP_PUBLISH);
    ck_buf b = raw_buf();
    ck_buf_put_u8(&b, 0);
    ck_rtmp_put_publish(&b, 5, "room/screen");
    raw_send(&p, &p.command, CK_RTMP_COMMAND_AMF3, 1, 0, b.data, b.size);
    ck_buf_free(&b);
    raw_accept(&p);
    static const uint8_t data[] = {0, 2, 0, 6, 'o', 'n', 'T', 'e', 'x', 't', 5};
    raw_send(&p, &p.media, CK_RTMP_DATA_AMF3, 1, 9, data, sizeof data);
    const rtmp_entry *media = rtmp_get(&p.core, CK_RTMP_EV_MEDIA);
    CK_CHECK(media != NULL);
    CK_CHECK_EQ(media->type, CK_FLV_SCRIPT);
    CK_CHECK_EQ(media->size, sizeof data - 1);
    CK_CHECK_EQ(media->sum, rtmp_sum(data + 1, sizeof data - 1));
    raw_close(&p);
}

CK_TEST(rtmp_server, setup_has_a_deadline_the_hosts_answers_do_not_count)
{
    static const struct {
        enum ck_rtmp_state state;
        bool waits;
    } rows[] = {{CK_RTMP_CONNECTING, true},
                {CK_RTMP_CONNECTED, true},
                {CK_RTMP_STARTING, false},
                {CK_RTMP_STREAMING, false}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        raw_peer p;
        raw_server_at(&p, rows[i].state, CK_RTMP_PLAY);
        uint64_t deadline = ck_rtmp_next_deadline(p.core.r);
        CK_CHECK_ROW(i, (deadline != CK_NEVER) == rows[i].waits);
        ck_rtmp_on_deadline(p.core.r, p.now_us + 15 * CK_US_PER_S);
        CK_CHECK_ROW(i, (closed_status(&p) == CHALK_ERR_TIMEOUT) == rows[i].waits);
        raw_close(&p);
    }
}
