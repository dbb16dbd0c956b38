/* The client against a server written by hand: what real servers answer, and what faulty ones do.
 */
#include "base/check.h"
#include "base/time.h"
#include "chalkrail/errors.h"
#include "core/rtmp/capabilities.h"
#include "rtmp_raw.h"
#include "support/check.h"

static void open_client(raw_peer *p, enum ck_rtmp_mode mode)
{
    ck_rtmp_config config = rtmp_client_config(&ck_test_heap, mode);
    raw_open(p, &config);
    raw_read(p);
}

static void send_status(raw_peer *p, const char *level, const char *code, const char *description)
{
    ck_buf b = raw_buf();
    ck_rtmp_put_info(&b, "onStatus", 0, level, code, description);
    raw_send_buf(p, &b, 1);
}

static void send_result(raw_peer *p, double transaction, double value)
{
    ck_buf b = raw_buf();
    ck_rtmp_put_number_result(&b, transaction, value);
    raw_send_buf(p, &b, 0);
    raw_read(p);
}

/* Brings a client to STREAMING (or one step before). */
static void start(raw_peer *p, enum ck_rtmp_mode mode, bool streaming)
{
    open_client(p, mode);
    CK_CHECK(raw_named(p, "connect") != NULL);
    send_result(p, 1, 0);
    const raw_answer *create = raw_named(p, "createStream");
    CK_CHECK(create != NULL);
    send_result(p, create->transaction, 1);
    CK_CHECK_EQ(ck_rtmp_state(p->core.r), CK_RTMP_STARTING);
    if (streaming) {
        send_status(p, "status",
                    mode == CK_RTMP_PUBLISH ? "NetStream.Publish.Start" : "NetStream.Play.Start",
                    "");
        CK_CHECK_EQ(ck_rtmp_state(p->core.r), CK_RTMP_STREAMING);
    }
}

static const rtmp_entry *closed(raw_peer *p)
{
    raw_read(p);
    return rtmp_find(&p->core, CK_RTMP_EV_CLOSED);
}

static int close_status(raw_peer *p)
{
    raw_read(p);
    return rtmp_get(&p->core, CK_RTMP_EV_CLOSED)->status;
}

CK_TEST(rtmp_client, handshake_checks_the_version)
{
    static const struct {
        uint8_t version;
        int status;
    } rows[] = {{3, CHALK_OK}, {2, CHALK_ERR_PROTOCOL}, {'H', CHALK_ERR_PROTOCOL}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        ck_rtmp_config config = rtmp_client_config(&ck_test_heap, CK_RTMP_PLAY);
        ck_rtmp *r = NULL;
        ck_out out;
        size_t used = 0;
        CK_CHECK_EQ(ck_rtmp_init(&r, &config, 1, 77000), CHALK_OK);
        CK_CHECK(ck_rtmp_poll_output(r, &out, 0)); /* C0 C1 */
        CK_CHECK_EQ(out.head[0], 3);
        CK_CHECK_EQ(out.body.size, 1536);
        CK_CHECK_EQ(ck_load_be32(out.body.data), 77); /* ms */
        ck_slice_unref(&out.body);
        CK_CHECK(!ck_rtmp_poll_output(r, &out, 0));
        CK_CHECK_ROW(i, ck_rtmp_feed(r, &rows[i].version, 1, 0, &used) == rows[i].status);
        ck_rtmp_free(&r);
    }
}

CK_TEST(rtmp_client, publish_says_what_encoders_say)
{
    static const struct {
        uint8_t type;
        uint32_t stream;
        const char *name;
        double transaction;
    } rows[] = {
        {CK_RTMP_COMMAND, 0, "connect", 1},     {CK_RTMP_SET_CHUNK_SIZE, 0, "", 0},
        {CK_RTMP_WINDOW_SIZE, 0, "", 0},        {CK_RTMP_COMMAND, 0, "releaseStream", 2},
        {CK_RTMP_COMMAND, 0, "FCPublish", 3},   {CK_RTMP_COMMAND, 0, "createStream", 4},
        {CK_RTMP_COMMAND, 1, "publish", 5},     {CK_RTMP_COMMAND, 0, "FCUnpublish", 6},
        {CK_RTMP_COMMAND, 1, "closeStream", 0}, {CK_RTMP_COMMAND, 0, "deleteStream", 7},
    };
    raw_peer p;
    start(&p, CK_RTMP_PUBLISH, true);
    CK_CHECK_EQ(ck_rtmp_close(p.core.r, p.now_us), CHALK_OK);
    CK_CHECK_EQ(close_status(&p), CHALK_OK);
    CK_CHECK_EQ(p.count, CK_COUNT_OF(rows));
    for (size_t i = 0; i < p.count; i++) {
        CK_CHECK_ROW(i, p.answers[i].type == rows[i].type);
        CK_CHECK_ROW(i, p.answers[i].stream == rows[i].stream);
        CK_CHECK_ROW(i, p.answers[i].transaction == rows[i].transaction);
        CK_CHECK_STR(p.answers[i].name, rows[i].name);
    }
    raw_close(&p);
}

CK_TEST(rtmp_client, play_says_what_players_say)
{
    raw_peer p;
    start(&p, CK_RTMP_PLAY, true);
    CK_CHECK_EQ(p.count, 6);
    CK_CHECK_STR(p.answers[3].name, "createStream");
    CK_CHECK_EQ(p.answers[3].transaction, 2);
    CK_CHECK_STR(p.answers[4].name, "play");
    CK_CHECK_EQ(p.answers[4].stream, 1);
    CK_CHECK_EQ(p.answers[5].type, CK_RTMP_USER_CONTROL);
    CK_CHECK_EQ(p.answers[5].value, CK_RTMP_SET_BUFFER_LENGTH);
    CK_CHECK_EQ(p.answers[5].size, 10);
    raw_close(&p);
}

/* connect byte for byte: what Enhanced RTMP v2 shows for fourCcList stands at its end. */
CK_TEST(rtmp_client, connect_lists_codecs)
{
    static const char list[] =
        "\0\012fourCcList\012\0\0\0\002\002\0\004av01\002\0\001*"
        "\0\022videoFourCcInfoMap\003\0\004av01\0\x40\x08\0\0\0\0\0\0\0\0\011"
        "\0\022audioFourCcInfoMap\003\0\001*\0\x40\x10\0\0\0\0\0\0\0\0\011"
        "\0\006capsEx\0\x40\x10\0\0\0\0\0\0\0\0\011";
    ck_rtmp_config config = rtmp_client_config(&ck_test_heap, CK_RTMP_PUBLISH);
    config.flash_version = "x";
    config.codecs[0] =
        (ck_rtmp_codec){.fourcc = "av01", .can = CK_RTMP_CAN_DECODE | CK_RTMP_CAN_ENCODE};
    config.codecs[1] = (ck_rtmp_codec){.fourcc = "*", .audio = true, .can = CK_RTMP_CAN_FORWARD};
    config.codec_count = 2;
    ck_buf b = raw_buf();
    ck_rtmp_put_connect(&b, 1, &config);
    CK_CHECK_EQ(ck_buf_status(&b), CHALK_OK);
    const size_t size = sizeof list - 1;
    CK_CHECK(b.size > size);
    CK_CHECK_MEM(b.data + b.size - size, list, size);
    ck_buf_free(&b);
}

/* A server's answer to connect, with codecs announced in one of its ways. */
static void answer_connect(raw_peer *p, const ck_rtmp_config *announced, bool in_second_object)
{
    static const ck_rtmp_config nothing;
    ck_buf b = raw_buf();
    ck_rtmp_put_command(&b, "_result", 1);
    for (int i = 0; i < 2; i++) {
        ck_amf_put_object(&b);
        ck_amf_put_key_string(&b, "code", "NetConnection.Connect.Success");
        ck_rtmp_put_capabilities(&b, in_second_object == (i == 1) ? announced : &nothing);
        ck_amf_put_end(&b);
    }
    raw_send_buf(p, &b, 0);
}

/* A publisher of VP8 and Opus starts nothing on a server that did not say that it takes them. */
CK_TEST(rtmp_client, a_server_must_announce_what_is_required)
{
    static const struct {
        ck_rtmp_codec announced[2];
        size_t count;
        bool second;
        const char *missing; /* NULL: it is good enough */
    } rows[] = {
        {{{"vp08", false, CK_RTMP_CAN_FORWARD, false}, {"Opus", true, 5, false}}, 2, false, NULL},
        {{{"vp08", false, CK_RTMP_CAN_DECODE, false}, {"Opus", true, 5, false}}, 2, true, NULL},
        {{{"*", false, 4, false}, {"*", true, 4, false}}, 2, false, NULL},
        {{{"", false, 0, false}}, 0, false, "vp08"},
        {{{"vp08", false, CK_RTMP_CAN_FORWARD, false}}, 1, false, "Opus"},
        {{{"av01", false, 4, false}, {"Opus", true, 4, false}}, 2, false, "vp08"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        raw_peer p;
        ck_rtmp_config config = rtmp_client_config(&ck_test_heap, CK_RTMP_PUBLISH);
        config.codecs[0] = (ck_rtmp_codec){"vp08", false, CK_RTMP_CAN_ENCODE, true};
        config.codecs[1] = (ck_rtmp_codec){"Opus", true, CK_RTMP_CAN_ENCODE, true};
        config.codec_count = 2;
        ck_rtmp_config server = {.codec_count = rows[i].count};
        memcpy(server.codecs, rows[i].announced, sizeof rows[i].announced);
        raw_open(&p, &config);
        answer_connect(&p, &server, rows[i].second);
        const rtmp_entry *end = closed(&p);
        CK_CHECK_ROW(i, (end != NULL) == (rows[i].missing != NULL));
        if (end != NULL) {
            CK_CHECK_ROW(i, end->status == CHALK_ERR_CODEC_UNKNOWN);
            CK_CHECK_ROW(i, strstr(end->text, rows[i].missing) != NULL);
        }
        raw_close(&p);
    }
}

CK_TEST(rtmp_client, codes_become_errors)
{
    static const struct {
        enum ck_rtmp_mode mode;
        bool streaming;
        const char *level;
        const char *code;
        int status; /* CHALK_OK: the connection goes on */
    } rows[] = {
        {CK_RTMP_PUBLISH, false, "error", "NetStream.Publish.BadName", CHALK_ERR_NAME_TAKEN},
        {CK_RTMP_PUBLISH, false, "error", "NetStream.Publish.Denied", CHALK_ERR_DENIED},
        {CK_RTMP_PUBLISH, false, "error", "NetStream.Authenticate.UsherToken", CHALK_ERR_DENIED},
        {CK_RTMP_PUBLISH, true, "error", "Something.Else", CHALK_ERR_PEER_CLOSED},
        {CK_RTMP_PUBLISH, true, "status", "NetStream.Unpublish.Success", CHALK_ERR_PEER_CLOSED},
        {CK_RTMP_PUBLISH, true, "status", "NetConnection.Connect.Closed", CHALK_ERR_PEER_CLOSED},
        {CK_RTMP_PUBLISH, true, "status", "NetStream.Record.Start", CHALK_OK},
        {CK_RTMP_PLAY, false, "error", "NetStream.Play.StreamNotFound", CHALK_ERR_NO_STREAM},
        {CK_RTMP_PLAY, false, "status", "NetStream.Play.Reset", CHALK_OK},
        {CK_RTMP_PLAY, true, "status", "NetStream.Play.UnpublishNotify", CHALK_ERR_PEER_CLOSED},
        {CK_RTMP_PLAY, true, "status", "NetStream.Play.Stop", CHALK_ERR_PEER_CLOSED},
        {CK_RTMP_PLAY, true, "status", "NetStream.Data.Start", CHALK_OK},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        raw_peer p;
        start(&p, rows[i].mode, rows[i].streaming);
        send_status(&p, rows[i].level, rows[i].code, "why");
        const rtmp_entry *end = closed(&p);
        CK_CHECK_ROW(i, (end != NULL) == (rows[i].status < 0));
        if (end != NULL) {
            CK_CHECK_ROW(i, end->status == rows[i].status);
            CK_CHECK_ROW(i, strncmp(end->text, rows[i].code, strlen(rows[i].code)) == 0);
        }
        raw_close(&p);
    }
}

/* A description of any length is cut to what an event holds. */
CK_TEST(rtmp_client, descriptions_are_bounded)
{
    raw_peer p;
    static char words[5000];
    memset(words, 'w', sizeof words - 1);
    open_client(&p, CK_RTMP_PLAY);
    ck_buf b = raw_buf();
    ck_rtmp_put_info(&b, "_error", 1, "error", "NetConnection.Connect.Rejected", words);
    raw_send_buf(&p, &b, 0);
    CK_CHECK_EQ(close_status(&p), CHALK_ERR_DENIED);
    const rtmp_entry *end = rtmp_get(&p.core, CK_RTMP_EV_CLOSED);
    CK_CHECK_EQ(strlen(end->text), CK_RTMP_TEXT_MAX - 1);
    raw_close(&p);
}

CK_TEST(rtmp_client, stream_eof_ends_a_play)
{
    raw_peer p;
    static const uint8_t other[6] = {0, 1, 0, 0, 0, 9};
    static const uint8_t ours[6] = {0, 1, 0, 0, 0, 1};
    start(&p, CK_RTMP_PLAY, true);
    raw_send(&p, &p.control, CK_RTMP_USER_CONTROL, 0, 0, other, sizeof other);
    CK_CHECK(closed(&p) == NULL);
    raw_send(&p, &p.control, CK_RTMP_USER_CONTROL, 0, 0, ours, sizeof ours);
    CK_CHECK_EQ(close_status(&p), CHALK_ERR_PEER_CLOSED);
    raw_close(&p);
}

CK_TEST(rtmp_client, media_without_play_start_starts_the_play)
{
    raw_peer p;
    start(&p, CK_RTMP_PLAY, false);
    raw_send(&p, &p.media, CK_RTMP_DATA, 1, 0, "\x02\x00\x01x", 4);
    CK_CHECK_EQ(ck_rtmp_state(p.core.r), CK_RTMP_STARTING);
    raw_send(&p, &p.media, CK_RTMP_VIDEO, 1, 5, "\x17\x01", 2);
    CK_CHECK_EQ(p.core.log[1].kind, CK_RTMP_EV_PLAY_STARTED);
    CK_CHECK_EQ(p.core.log[2].kind, CK_RTMP_EV_MEDIA);
    send_status(&p, "status", "NetStream.Play.Start", ""); /* late: nothing more */
    CK_CHECK_EQ(rtmp_count(&p.core, CK_RTMP_EV_PLAY_STARTED), 1);
    raw_close(&p);
}

/* What a server says to a player's own machinery is no media; other streams are not ours. */
CK_TEST(rtmp_client, only_the_streams_own_media_come_out)
{
    static const struct {
        uint8_t type;
        uint32_t stream;
        const char *body;
        size_t size;
        bool given;
    } rows[] = {
        {CK_RTMP_DATA, 1, "\x02\x00\x11|RtmpSampleAccess\x01\x01\x01\x01", 24, false},
        {CK_RTMP_DATA, 1, "\x02\x00\x08onStatus\x05", 12, false},
        {CK_RTMP_DATA, 1, "\x02\x00\x06onText\x05", 10, true},
        {CK_RTMP_AUDIO, 0, "\xaf\x01", 2, true},
        {CK_RTMP_AUDIO, 2, "\xaf\x01", 2, false},
        {CK_RTMP_VIDEO, 1, "", 0, false},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        raw_peer p;
        start(&p, CK_RTMP_PLAY, true);
        raw_send(&p, &p.media, rows[i].type, rows[i].stream, 0, rows[i].body, rows[i].size);
        CK_CHECK_ROW(i, rtmp_count(&p.core, CK_RTMP_EV_MEDIA) == rows[i].given);
        raw_close(&p);
    }
}

CK_TEST(rtmp_client, faulty_answers)
{
    raw_peer p;
    /* createStream answered without a number, and with one that is no stream id */
    static const double ids[] = {0, -1, 4294967296.0};
    for (size_t i = 0; i < CK_COUNT_OF(ids); i++) {
        open_client(&p, CK_RTMP_PUBLISH);
        send_result(&p, 1, 0);
        send_result(&p, 4, ids[i]);
        CK_CHECK_ROW(i, close_status(&p) == CHALK_ERR_BAD_DATA);
        raw_close(&p);
    }
    open_client(&p, CK_RTMP_PUBLISH);
    send_result(&p, 1, 0);
    ck_buf b = raw_buf();
    ck_rtmp_put_empty_result(&b, 4);
    raw_send_buf(&p, &b, 0);
    CK_CHECK_EQ(close_status(&p), CHALK_ERR_BAD_DATA);
    raw_close(&p);
}

CK_TEST(rtmp_client, stray_answers_are_passed_over)
{
    raw_peer p;
    open_client(&p, CK_RTMP_PUBLISH);
    send_result(&p, 99, 0); /* to nothing we asked */
    send_status(&p, "status", "NetStream.Publish.Start", "");
    CK_CHECK_EQ(ck_rtmp_state(p.core.r), CK_RTMP_CONNECTING);
    send_result(&p, 1, 0);
    send_result(&p, 1, 0); /* twice */
    ck_buf b = raw_buf();
    ck_rtmp_put_info(&b, "_error", 2, "error", "NetConnection.Call.Failed", "releaseStream?");
    raw_send_buf(&p, &b, 0);
    b = raw_buf();
    ck_rtmp_put_command(&b, "onBWDone", 0);
    raw_send_buf(&p, &b, 0);
    CK_CHECK_EQ(ck_rtmp_state(p.core.r), CK_RTMP_CONNECTED);
    b = raw_buf();
    ck_rtmp_put_info(&b, "_error", 4, "error", "NetConnection.Call.Failed", "no");
    raw_send_buf(&p, &b, 0);
    CK_CHECK_EQ(close_status(&p), CHALK_ERR_DENIED);
    raw_close(&p);
}

CK_TEST(rtmp_client, a_silent_server_times_out)
{
    raw_peer p;
    start(&p, CK_RTMP_PUBLISH, false);
    CK_CHECK_EQ(ck_rtmp_next_deadline(p.core.r), p.now_us + 15 * CK_US_PER_S);
    ck_rtmp_on_deadline(p.core.r, p.now_us + 15 * CK_US_PER_S - 1);
    CK_CHECK(closed(&p) == NULL);
    ck_rtmp_on_deadline(p.core.r, p.now_us + 15 * CK_US_PER_S);
    CK_CHECK_EQ(close_status(&p), CHALK_ERR_TIMEOUT);
    CK_CHECK(ck_rtmp_next_deadline(p.core.r) == CK_NEVER);
    size_t used = 0;
    CK_CHECK_EQ(ck_rtmp_feed(p.core.r, "x", 1, 1, &used), CHALK_ERR_TIMEOUT);
    raw_close(&p);
}

CK_TEST(rtmp_client, states_have_names)
{
    CK_CHECK_STR(ck_rtmp_state_name(CK_RTMP_HANDSHAKE), "HANDSHAKE");
    CK_CHECK_STR(ck_rtmp_state_name(CK_RTMP_CLOSED), "CLOSED");
    CK_CHECK_STR(ck_rtmp_state_name((enum ck_rtmp_state)0), "UNKNOWN");
    CK_CHECK_STR(ck_rtmp_state_name((enum ck_rtmp_state)99), "UNKNOWN");
}
