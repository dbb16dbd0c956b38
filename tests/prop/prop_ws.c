/* WebSocket: how the bytes arrive changes nothing, and what one end sends the other receives. */
#include "base/check.h"
#include "base/rng.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/seeds.h"
#include "unit/ws_log.h"

#define LIMIT 3000u

static const ck_ws_conn_config configs[] = {
    {.alloc = &ck_test_heap,
     .role = CK_WS_SERVER,
     .message_bytes_max = LIMIT,
     .ping_us = 1,
     .hang_up_us = 2,
     .close_us = 1},
    {.alloc = &ck_test_heap,
     .role = CK_WS_CLIENT,
     .message_bytes_max = LIMIT,
     .ping_us = 1,
     .hang_up_us = 2,
     .close_us = 1},
};

/* Letters of one to four bytes. */
static void put_text(ck_buf *out, ck_rng *rng, size_t letters)
{
    static const char *const alphabet[] = {"a", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x8e\x93"};
    for (; letters > 0; letters--) {
        const char *letter = alphabet[ck_rng_below(rng, CK_COUNT_OF(alphabet))];
        ck_buf_put(out, letter, strlen(letter));
    }
}

static void put_frame(ck_buf *out, ck_rng *rng, ck_ws_frame frame, const uint8_t *payload)
{
    uint8_t head[CK_WS_HEAD_MAX];
    ck_store_be32(frame.mask, (uint32_t)ck_rng_next(rng));
    ck_buf_put(out, head, ck_ws_frame_write(&frame, head));
    uint8_t *room = ck_buf_extend(out, (size_t)frame.size);
    CK_CHECK(room != NULL);
    if (frame.masked) {
        ck_ws_mask(room, payload, (size_t)frame.size, frame.mask, 0);
    } else if (frame.size > 0) {
        memcpy(room, payload, (size_t)frame.size);
    }
}

/* One text in fragments cut anywhere, pings between them. */
static void put_message(ck_buf *out, ck_rng *rng, bool masked)
{
    ck_buf text;
    ck_buf_init(&text, &ck_test_heap, LIMIT);
    put_text(&text, rng, ck_rng_below(rng, 8) == 0 ? 700 : ck_rng_below(rng, 60));
    size_t at = 0;
    uint8_t opcode = CK_WS_TEXT;
    bool fin = false;
    while (!fin) {
        size_t left = text.size - at;
        fin = ck_rng_below(rng, 2) == 0;
        size_t size = fin ? left : ck_rng_below(rng, left + 1);
        ck_ws_frame frame = {.fin = fin, .opcode = opcode, .masked = masked, .size = size};
        put_frame(out, rng, frame, size > 0 ? text.data + at : NULL);
        at += size;
        opcode = CK_WS_CONTINUATION;
        if (ck_rng_below(rng, 4) == 0) {
            ck_ws_frame ping = {.fin = true, .opcode = CK_WS_PING, .masked = masked, .size = 2};
            put_frame(out, rng, ping, (const uint8_t *)"hi");
        }
    }
    ck_buf_free(&text);
}

static void put_stream(ck_buf *out, ck_rng *rng, bool masked)
{
    for (uint64_t n = 1 + ck_rng_below(rng, 5); n > 0; n--) {
        put_message(out, rng, masked);
    }
    if (ck_rng_below(rng, 2) == 0) {
        ck_ws_frame close = {.fin = true, .opcode = CK_WS_CLOSE, .masked = masked, .size = 5};
        put_frame(out, rng, close,
                  (const uint8_t *)"\x03\xe8"
                                   "bye");
    }
    if (ck_rng_below(rng, 2) == 0) { /* hurt in one place */
        out->data[ck_rng_below(rng, out->size)] ^= (uint8_t)(1u << ck_rng_below(rng, 8));
    }
}

/* The events, and whether a pong was due; how many pongs depends on how the bytes come. */
static void read_stream(ws_log *log, const ck_ws_conn_config *config, const ck_buf *bytes,
                        ck_rng *rng, size_t piece_max)
{
    ck_ws_conn c;
    ws_log_init(log);
    ck_ws_conn_init(&c, config, 1, 0);
    for (size_t at = 0; at < bytes->size;) {
        size_t piece = piece_max > 0 ? 1 + ck_rng_below(rng, piece_max) : bytes->size;
        piece = CK_MIN(piece, bytes->size - at);
        ws_log_feed(log, &c, bytes->data + at, piece, 0, 0);
        at += piece;
    }
    ck_ws_conn_free(&c);
}

CK_TEST(prop_ws, any_split_gives_the_same_messages)
{
    uint32_t failed = 0;
    uint32_t closed = 0;
    CK_FOR_SEEDS(seed, 3000)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        const ck_ws_conn_config *config = &configs[seed % 2];
        ck_buf bytes;
        ck_buf_init(&bytes, &ck_test_heap, 1u << 20);
        put_stream(&bytes, &rng, config->role == CK_WS_SERVER);
        static ws_log whole;
        static ws_log single;
        static ws_log pieces;
        read_stream(&whole, config, &bytes, &rng, 0);
        read_stream(&single, config, &bytes, &rng, 1);
        read_stream(&pieces, config, &bytes, &rng, 1 + ck_rng_below(&rng, 300));
        CK_CHECK_ROW(seed, strcmp(whole.events, single.events) == 0);
        CK_CHECK_ROW(seed, strcmp(whole.events, pieces.events) == 0);
        failed += strstr(whole.events, "end ") != NULL && strstr(whole.events, "_CLOSED") == NULL;
        closed += strstr(whole.events, "end PEER_CLOSED 1000") != NULL;
        ck_buf_free(&bytes);
    }
    CK_CHECK(ck_seed_env("CHALKRAIL_SEED") != 0 || (failed > 100 && closed > 300));
}

CK_TEST(prop_ws, what_one_end_sends_the_other_receives)
{
    CK_FOR_SEEDS(seed, 300)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        ck_ws_conn from;
        ck_ws_conn to;
        ck_ws_conn_init(&from, &configs[seed % 2], seed, 0);
        ck_ws_conn_init(&to, &configs[1 - seed % 2], 0, 0);
        ck_buf wire;
        ck_buf text;
        ck_buf_init(&wire, &ck_test_heap, LIMIT + CK_WS_HEAD_MAX);
        ck_buf_init(&text, &ck_test_heap, LIMIT);
        put_text(&text, &rng, ck_rng_below(&rng, 700));
        ck_slice payload = ck_slice_copy(&ck_test_heap, text.data, text.size);
        ck_out out;
        CK_CHECK_EQ(ck_ws_conn_send(&from, &payload, seed % 3 == 0, &out), CHALK_OK);
        ck_buf_put(&wire, out.head, out.head_size);
        ck_buf_put(&wire, out.body.data, out.body.size);
        ck_slice_unref(&out.body);
        ck_slice_unref(&payload);

        ck_ws_event event = {0};
        size_t cut = ck_rng_below(&rng, wire.size);
        ck_ws_conn_feed(&to, wire.data, cut, 0);
        CK_CHECK_ROW(seed, !ck_ws_conn_poll_event(&to, &event));
        ck_ws_conn_feed(&to, wire.data + cut, wire.size - cut, 0);
        CK_CHECK_ROW(seed, ck_ws_conn_poll_event(&to, &event));
        CK_CHECK_ROW(seed, event.kind == CK_WS_EV_MESSAGE && event.text == (seed % 3 == 0));
        CK_CHECK_ROW(seed, event.size == text.size);
        CK_CHECK_ROW(seed, event.size == 0 || memcmp(event.data, text.data, text.size) == 0);
        CK_CHECK_ROW(seed, !ck_ws_conn_poll_event(&to, &event));
        ck_buf_free(&wire);
        ck_buf_free(&text);
        ck_ws_conn_free(&from);
        ck_ws_conn_free(&to);
    }
}
