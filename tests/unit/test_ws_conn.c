/* An open WebSocket (RFC 6455): what a peer may send, what it is answered, and when it ends. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"
#include "ws_log.h"

#define LIMIT    200
#define PING_US  20000000u
#define HANG_US  40000000u
#define CLOSE_US 5000000u

static const ck_ws_conn_config server = {.alloc = &ck_test_heap,
                                         .role = CK_WS_SERVER,
                                         .message_bytes_max = LIMIT,
                                         .ping_us = PING_US,
                                         .hang_up_us = HANG_US,
                                         .close_us = CLOSE_US};
static const ck_ws_conn_config client = {.alloc = &ck_test_heap,
                                         .role = CK_WS_CLIENT,
                                         .message_bytes_max = LIMIT,
                                         .ping_us = PING_US,
                                         .hang_up_us = HANG_US,
                                         .close_us = CLOSE_US};

/* A row's bytes are those of a server; for a server they are masked here. */
typedef struct row {
    const char *bytes;
    size_t size;
    const char *events;
    const char *outputs;
} row;

#define BYTES(text) text, sizeof text - 1
#define FAIL_1002   "close:03ea"
#define FAIL_1007   "close:03ef"
#define FAIL_1009   "close:03f1"
#define RSV         "end PROTOCOL 0 a frame has reserved bits set"
#define OPCODE      "end PROTOCOL 0 a frame has an opcode that is not defined"
#define LENGTH      "end PROTOCOL 0 a frame's length is not in its shortest form"
#define CONTROL     "end PROTOCOL 0 a control frame is longer than 125 bytes or in fragments"
#define SEQUENCE    "end PROTOCOL 0 a fragment continues nothing, or a message begins in another"
#define BAD_CLOSE   "end PROTOCOL 0 a close frame has no whole code, or one that may not travel"
#define UTF8        "end BAD_DATA 0 a text, or the reason in a close frame, is not UTF-8"
#define SIZE        "end TOO_LARGE 0 a message is longer than the limit"

#define TEN   "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
#define P125  FIFTY FIFTY TEN TEN "01234"
#define P126  P125 "x"

static const row rows[] = {
    /* messages */
    {BYTES("\x81\x05hello"), "T5:hello", ""},
    {BYTES("\x82\x02\x00\xff"), "B2:00ff", ""},
    {BYTES("\x81\x00"), "T0:", ""},
    {BYTES("\x82\x00\x82\x00"), "B0:; B0:", ""},
    {BYTES("\x82\x7d" P125), "B125:303132333435363738393031323334353637383930313233", ""},
    {BYTES("\x81\x7e\x00\x7e" P126), "T126:012345678901234567890123", ""},
    {BYTES("\x81\x06gr\xc3\xbc\xc3\x9f"), "T6:gr\xc3\xbc\xc3\x9f", ""},
    /* fragments */
    {BYTES("\x01\x03in \x80\x03two"), "T6:in two", ""},
    {BYTES("\x02\x01\x01\x00\x01\x02\x80\x01\x03"), "B3:010203", ""},
    {BYTES("\x01\x00\x00\x00\x80\x00"), "T0:", ""},
    {BYTES("\x01\x01\xc3\x80\x01\xbc"), "T2:\xc3\xbc", ""},
    {BYTES("\x01\x03in \x89\x01p\x80\x03two"), "T6:in two", "pong:70"},
    {BYTES("\x01\x03in \x8a\x01p\x80\x03two"), "T6:in two", ""},
    /* pings */
    {BYTES("\x89\x00"), "", "pong:"},
    {BYTES("\x89\x02hi"), "", "pong:6869"},
    {BYTES("\x8a\x7d" P125), "", ""},
    /* the peer's close */
    {BYTES("\x88\x00"), "end PEER_CLOSED 1005", "close:"},
    {BYTES("\x88\x02\x03\xe8"), "end PEER_CLOSED 1000", "close:03e8"},
    {BYTES("\x88\x05\x0f\xa0"
           "bye"),
     "end PEER_CLOSED 4000", "close:0fa0"},
    {BYTES("\x88\x04\x03\xe9\xc3\xbc"), "end PEER_CLOSED 1001", "close:03e9"},
    {BYTES("\x81\x01x\x88\x00\x81\x01y"), "T1:x; end PEER_CLOSED 1005", "close:"},
    {BYTES("\x01\x01x\x88\x00"), "end PEER_CLOSED 1005", "close:"},
    {BYTES("\x88\x01\x03"), BAD_CLOSE, FAIL_1002},
    {BYTES("\x88\x02\x03\xe7"), BAD_CLOSE, FAIL_1002}, /* 999 */
    {BYTES("\x88\x02\x03\xec"), BAD_CLOSE, FAIL_1002}, /* 1004 */
    {BYTES("\x88\x02\x03\xed"), BAD_CLOSE, FAIL_1002}, /* 1005 */
    {BYTES("\x88\x02\x03\xee"), BAD_CLOSE, FAIL_1002}, /* 1006 */
    {BYTES("\x88\x02\x03\xf7"), BAD_CLOSE, FAIL_1002}, /* 1015 */
    {BYTES("\x88\x02\x0b\xb7"), BAD_CLOSE, FAIL_1002}, /* 2999 */
    {BYTES("\x88\x02\x13\x88"), BAD_CLOSE, FAIL_1002}, /* 5000 */
    {BYTES("\x88\x03\x03\xe8\xff"), UTF8, FAIL_1007},
    {BYTES("\x88\x03\x03\xe8\xc3"), UTF8, FAIL_1007},
    /* heads */
    {BYTES("\xc1\x00"), RSV, FAIL_1002},
    {BYTES("\xa1\x00"), RSV, FAIL_1002},
    {BYTES("\x91\x00"), RSV, FAIL_1002},
    {BYTES("\x83\x00"), OPCODE, FAIL_1002},
    {BYTES("\x87\x00"), OPCODE, FAIL_1002},
    {BYTES("\x8b\x00"), OPCODE, FAIL_1002},
    {BYTES("\x8f\x00"), OPCODE, FAIL_1002},
    {BYTES("\x82\x7e\x00\x7d" P125), LENGTH, FAIL_1002},
    {BYTES("\x82\x7f\0\0\0\0\0\0\xff\xff"), LENGTH, FAIL_1002},
    {BYTES("\x82\x7f\x80\0\0\0\0\0\0\0"), LENGTH, FAIL_1002},
    {BYTES("\x09\x00"), CONTROL, FAIL_1002},
    {BYTES("\x08\x00"), CONTROL, FAIL_1002},
    {BYTES("\x89\x7e\x00\x7e" P126), CONTROL, FAIL_1002},
    {BYTES("\x80\x01x"), SEQUENCE, FAIL_1002},
    {BYTES("\x00\x01x"), SEQUENCE, FAIL_1002},
    {BYTES("\x01\x01x\x81\x01y"), SEQUENCE, FAIL_1002},
    {BYTES("\x01\x01x\x02\x01y"), SEQUENCE, FAIL_1002},
    {BYTES("\x01\x01x\x80\x01y\x80\x01z"), "T2:xy; " SEQUENCE, FAIL_1002},
    /* sizes: the limit is 200 bytes */
    {BYTES("\x82\x7e\x00\xc9"), SIZE, FAIL_1009},
    {BYTES("\x82\x7f\0\0\0\x01\0\0\0\0"), SIZE, FAIL_1009},
    {BYTES("\x02\x7d" P125 "\x80\x4c"), SIZE, FAIL_1009},
    /* UTF-8: as soon as it can be told */
    {BYTES("\x81\x01\xff"), UTF8, FAIL_1007},
    {BYTES("\x81\x01\xc3"), UTF8, FAIL_1007},
    {BYTES("\x81\x02\xc0\x80"), UTF8, FAIL_1007},
    {BYTES("\x81\x03\xed\xa0\x80"), UTF8, FAIL_1007}, /* a surrogate */
    {BYTES("\x81\x04\xf4\x90\x80\x80"), UTF8, FAIL_1007},
    {BYTES("\x01\x01\xff"), UTF8, FAIL_1007},
    {BYTES("\x01\x01\xed\x00\x01\xa0"), UTF8, FAIL_1007},
    {BYTES("\x01\x02\xf0\x90\x00\x01x"), UTF8, FAIL_1007},
    {BYTES("\x01\x01\xe2\x00\x01\x82\x80\x01\xac"), "T3:\xe2\x82\xac", ""},
    {BYTES("\x01\x01\xe2\x80\x01\x82"), UTF8, FAIL_1007},
    {BYTES("\x02\x01\xff\x80\x01\xc3"), "B2:ffc3", ""},
};

/* The same frames as a client sends them. `out` has room for 2 * size + 16 bytes. */
static size_t mask_frames(uint8_t *out, const uint8_t *in, size_t size)
{
    static const uint8_t mask[4] = {0x12, 0xab, 0x00, 0xfe};
    size_t used = 0;
    for (size_t at = 0; at < size;) {
        size_t head_size = ck_ws_frame_head_size(in + at);
        ck_ws_frame frame;
        (void)ck_ws_frame_read(&frame, in + at);
        size_t left = size - at - head_size;
        size_t payload = (size_t)CK_MIN(frame.size, left);
        memcpy(out + used, in + at, head_size);
        out[used + 1] |= 0x80;
        memcpy(out + used + head_size, mask, sizeof mask);
        used += head_size + sizeof mask;
        ck_ws_mask(out + used, in + at + head_size, payload, mask, 0);
        used += payload;
        at += head_size + payload;
    }
    return used;
}

static void check_row(size_t i, const ck_ws_conn_config *config, const void *data, size_t size,
                      size_t piece)
{
    ws_log log;
    ck_ws_conn c;
    ws_log_init(&log);
    ck_ws_conn_init(&c, config, 7, 0);
    ws_log_feed(&log, &c, data, size, piece, 0);
    if (strcmp(log.events, rows[i].events) != 0 || strcmp(log.outputs, rows[i].outputs) != 0) {
        CK_FAIL("row %zu, pieces of %zu: \"%s\" \"%s\"", i, piece, log.events, log.outputs);
    }
    ck_ws_conn_free(&c);
}

CK_TEST(ws_conn, takes_what_is_right_and_names_what_is_wrong)
{
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        uint8_t masked[1024];
        size_t size = mask_frames(masked, (const uint8_t *)rows[i].bytes, rows[i].size);
        for (size_t piece = 0; piece < 4; piece++) {
            check_row(i, &client, rows[i].bytes, rows[i].size, piece);
            check_row(i, &server, masked, size, piece);
        }
    }
}

CK_TEST(ws_conn, masks_are_for_clients_alone)
{
    static const char mask_fault[] =
        "end PROTOCOL 0 a client's frame is not masked, or a server's is";
    static const struct {
        const ck_ws_conn_config *config;
        const char *bytes;
        size_t size;
    } wrong[] = {
        {&server, BYTES("\x81\x01x")},
        {&server, BYTES("\x89\x00")},
        {&client, BYTES("\x81\x81\1\2\3\4x")},
        {&client, BYTES("\x88\x80\1\2\3\4")},
    };
    for (size_t i = 0; i < CK_COUNT_OF(wrong); i++) {
        ws_log log;
        ck_ws_conn c;
        ws_log_init(&log);
        ck_ws_conn_init(&c, wrong[i].config, 7, 0);
        ws_log_feed(&log, &c, wrong[i].bytes, wrong[i].size, 0, 0);
        CK_CHECK_STR(log.events, mask_fault);
        CK_CHECK_STR(log.outputs, FAIL_1002);
        ck_ws_conn_free(&c);
    }
}

/* A peer that asks without reading the answers: the newest counts (5.5.3). */
CK_TEST(ws_conn, pings_that_wait_are_answered_once)
{
    ws_log log;
    ck_ws_conn c;
    ws_log_init(&log);
    ck_ws_conn_init(&c, &client, 7, 0);
    ws_log_feed(&log, &c,
                BYTES("\x89\x01"
                      "a\x89\x01"
                      "b\x89\x01"
                      "c"),
                0, 0);
    CK_CHECK_STR(log.outputs, "pong:63");
    ck_ws_conn_free(&c);
}

CK_TEST(ws_conn, a_server_sends_the_payload_itself_and_a_client_a_masked_copy)
{
    static const char text[] = "the same bytes for all";
    ck_slice payload = ck_slice_copy(&ck_test_heap, text, sizeof text - 1);
    ck_ws_conn c;
    ck_out out;
    ck_ws_conn_init(&c, &server, 0, 0);
    CK_CHECK_EQ(ck_ws_conn_send(&c, &payload, true, &out), CHALK_OK);
    CK_CHECK_EQ(out.head_size, 2);
    CK_CHECK_MEM(out.head, "\x81\x16", 2);
    CK_CHECK(out.body.data == payload.data && out.body.size == payload.size);
    ck_slice_unref(&out.body);
    ck_ws_conn_free(&c);

    ck_ws_conn_init(&c, &client, 7, 0);
    uint8_t masks[2][4];
    for (int i = 0; i < 2; i++) {
        uint8_t plain[sizeof text];
        CK_CHECK_EQ(ck_ws_conn_send(&c, &payload, false, &out), CHALK_OK);
        CK_CHECK_EQ(out.head_size, 6);
        CK_CHECK_MEM(out.head, "\x82\x96", 2);
        memcpy(masks[i], out.head + 2, 4);
        ck_ws_mask(plain, out.body.data, out.body.size, masks[i], 0);
        CK_CHECK_MEM(plain, text, sizeof text - 1);
        ck_slice_unref(&out.body);
    }
    CK_CHECK(memcmp(masks[0], masks[1], 4) != 0);
    CK_CHECK_MEM(payload.data, text, sizeof text - 1);
    ck_slice_unref(&payload);
    ck_ws_conn_free(&c);
}

CK_TEST(ws_conn, lengths_are_written_as_short_as_they_can_be)
{
    static const struct {
        uint64_t size;
        const char *head;
        size_t head_size;
    } lengths[] = {
        {0, BYTES("\x82\x00")},
        {125, BYTES("\x82\x7d")},
        {126, BYTES("\x82\x7e\x00\x7e")},
        {65535, BYTES("\x82\x7e\xff\xff")},
        {65536, BYTES("\x82\x7f\0\0\0\0\0\x01\0\0")},
        {UINT64_C(0x123456789a), BYTES("\x82\x7f\0\0\0\x12\x34\x56\x78\x9a")},
    };
    for (size_t i = 0; i < CK_COUNT_OF(lengths); i++) {
        uint8_t head[CK_WS_HEAD_MAX];
        ck_ws_frame frame = {.fin = true, .opcode = CK_WS_BINARY, .size = lengths[i].size};
        CK_CHECK_ROW(i, ck_ws_frame_write(&frame, head) == lengths[i].head_size);
        CK_CHECK_ROW(i, memcmp(head, lengths[i].head, lengths[i].head_size) == 0);
        CK_CHECK_ROW(i, ck_ws_frame_head_size(head) == lengths[i].head_size);
        CK_CHECK_ROW(i, ck_ws_frame_read(&frame, head) && frame.size == lengths[i].size);
    }
}

CK_TEST(ws_conn, our_close_is_answered_or_ends_in_time)
{
    static const struct {
        uint16_t code;
        const char *bytes;
        size_t size;
        uint64_t at_us;
        const char *outputs;
        const char *events;
    } ends[] = {
        {1001, BYTES("\x88\x02\x03\xe9"), 5, "close:03e9", "end OK 1001"},
        {4321, BYTES("\x88\x00"), 5, "close:10e1", "end OK 1005"},
        {1006, BYTES("\x81\x01x\x89\x00\x88\x00"), 5, "close:03e8", "end OK 1005"},
        {0, BYTES("\x01\x01\xff\x80\x01\xff\x82\x00\x88\x00"), 5, "close:03e8", "end OK 1005"},
        {1000, BYTES("\x83\x00"), 5, "close:03e8",
         "end OK 0 a frame has an opcode that is not defined"},
        {1000, BYTES(""), CLOSE_US, "close:03e8", "end OK 0"},
        {1000, BYTES("\x81\x01x"), CLOSE_US, "close:03e8", "end OK 0"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(ends); i++) {
        ws_log log;
        ck_ws_conn c;
        ck_out out;
        ck_slice payload = ck_slice_static("x", 1);
        ws_log_init(&log);
        ck_ws_conn_init(&c, &client, 7, 0);
        ck_ws_conn_close(&c, ends[i].code, 0);
        ck_ws_conn_close(&c, 1011, 1);
        CK_CHECK_ROW(i, c.state == CK_WS_CLOSING && ck_ws_conn_next_deadline(&c) == CLOSE_US);
        CK_CHECK_ROW(i, ck_ws_conn_send(&c, &payload, true, &out) == CHALK_ERR_BAD_STATE);
        ws_log_poll(&log, &c);
        ws_log_feed(&log, &c, ends[i].bytes, ends[i].size, 0, 4);
        ck_ws_conn_on_deadline(&c, ends[i].at_us);
        ws_log_poll(&log, &c);
        CK_CHECK_STR(log.outputs, ends[i].outputs);
        CK_CHECK_STR(log.events, ends[i].events);
        CK_CHECK_ROW(i, c.state == CK_WS_CLOSED && ck_ws_conn_next_deadline(&c) == CK_NEVER);
        ws_log_feed(&log, &c, BYTES("\x81\x01x"), 0, 9);
        CK_CHECK_STR(log.events, ends[i].events);
        ck_ws_conn_free(&c);
    }
}

CK_TEST(ws_conn, a_silent_peer_is_asked_and_then_given_up)
{
    ws_log log;
    ck_ws_conn c;
    ws_log_init(&log);
    ck_ws_conn_init(&c, &client, 7, 100);
    CK_CHECK_EQ(ck_ws_conn_next_deadline(&c), 100 + PING_US);
    ck_ws_conn_on_deadline(&c, 99 + PING_US);
    ws_log_poll(&log, &c);
    CK_CHECK_STR(log.outputs, "");
    ck_ws_conn_on_deadline(&c, 100 + PING_US);
    ck_ws_conn_on_deadline(&c, 100 + PING_US);
    ws_log_poll(&log, &c);
    CK_CHECK_STR(log.outputs, "ping:");
    CK_CHECK_EQ(ck_ws_conn_next_deadline(&c), 100 + HANG_US);
    ws_log_feed(&log, &c, BYTES("\x8a\x00"), 0, 90 + HANG_US); /* it is there */
    CK_CHECK_EQ(ck_ws_conn_next_deadline(&c), 90 + HANG_US + PING_US);
    ck_ws_conn_on_deadline(&c, 90 + HANG_US + PING_US);
    ws_log_poll(&log, &c);
    CK_CHECK_STR(log.outputs, "ping:; ping:");
    ck_ws_conn_on_deadline(&c, 90 + HANG_US + HANG_US);
    ws_log_poll(&log, &c);
    CK_CHECK_STR(log.outputs, "ping:; ping:"); /* no close frame to somebody who is gone */
    CK_CHECK_STR(log.events,
                 "end DISCONNECTED 0 the peer did not say for too long that it is there");
    ck_ws_conn_free(&c);
}

/* Everything that needs memory, with each allocation refused in turn. */
CK_TEST(ws_conn, survives_without_memory)
{
    size_t calls = SIZE_MAX;
    for (size_t fail_at = 1; fail_at <= calls; fail_at++) {
        ck_failing_alloc memory;
        ck_failing_alloc_init(&memory, fail_at);
        ck_ws_conn_config config = client;
        config.alloc = &memory.alloc;
        ws_log log;
        ck_ws_conn c;
        ck_out out;
        ck_slice payload = ck_slice_static("x", 1);
        ws_log_init(&log);
        ck_ws_conn_init(&c, &config, 7, 0);
        ws_log_feed(&log, &c,
                    BYTES("\x89\x02hi\x02\x02"
                          "ab\x80\x01"
                          "c"),
                    1, 0);
        if (ck_ws_conn_send(&c, &payload, true, &out) == CHALK_OK) {
            ck_slice_unref(&out.body);
        }
        ck_ws_conn_free(&c);
        CK_CHECK_EQ(memory.live, 0);
        calls = fail_at > memory.calls ? memory.calls : SIZE_MAX;
        bool gave_up = strcmp(log.events, "end NO_MEMORY 0 memory is exhausted") == 0;
        CK_CHECK_ROW(fail_at, gave_up || strcmp(log.events, "B3:616263") == 0);
        CK_CHECK_ROW(fail_at, !gave_up || strstr(log.outputs, "close:03f3") != NULL);
    }
}
