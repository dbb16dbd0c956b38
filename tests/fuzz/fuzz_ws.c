/*
 * Frames from a peer. The first byte: bit 0 the role, bit 1 whether we close first, the rest how
 * large the pieces are in which the bytes come.
 */
#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/ws/conn.h"
#include "support/alloc.h"

#include <stdlib.h>

#define LIMIT    4096
#define CLOSE_US 1000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition) {
        abort();
    }
}

/* True: that was the last event. */
static bool take_events(ck_ws_conn *c)
{
    ck_ws_event event;
    while (ck_ws_conn_poll_event(c, &event)) {
        if (event.kind == CK_WS_EV_CLOSED) {
            bool named = (event.fault != CK_WS_FAULT_NONE) || event.status == CHALK_OK ||
                         event.status == CHALK_ERR_PEER_CLOSED;
            must(named && c->state == CK_WS_CLOSED && !ck_ws_conn_poll_event(c, &event));
            return true;
        }
        must(event.size <= LIMIT && c->state == CK_WS_OPEN);
        must(!event.text || ck_utf8_valid_prefix(event.data, event.size) == event.size);
    }
    return false;
}

static void take_outputs(ck_ws_conn *c)
{
    ck_out out;
    ck_ws_frame frame;
    while (ck_ws_conn_poll_output(c, &out)) {
        must(ck_ws_frame_read(&frame, out.head) && frame.fin && frame.opcode >= CK_WS_CLOSE);
        must(frame.size <= CK_WS_CONTROL_MAX);
        ck_slice_unref(&out.body);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) {
        return 0;
    }
    const ck_ws_conn_config config = {.alloc = &ck_test_heap,
                                      .role = (data[0] & 1) != 0 ? CK_WS_CLIENT : CK_WS_SERVER,
                                      .message_bytes_max = LIMIT,
                                      .ping_us = 10,
                                      .hang_up_us = 20,
                                      .close_us = CLOSE_US};
    size_t piece_max = (data[0] >> 2) + 1u;
    ck_ws_conn c;
    ck_ws_conn_init(&c, &config, data[0], 0);
    bool ended = false;
    for (size_t at = 1; at < size && !ended; at += piece_max) {
        ck_ws_conn_feed(&c, data + at, CK_MIN(piece_max, size - at), at);
        ended = take_events(&c);
        take_outputs(&c);
        if (at > size / 2 && (data[0] & 2) != 0) {
            ck_ws_conn_close(&c, (uint16_t)(data[at] << 8), at);
        }
    }
    while (!ended) {
        ck_ws_conn_on_deadline(&c, ck_ws_conn_next_deadline(&c));
        ended = take_events(&c);
        take_outputs(&c);
    }
    must(ck_ws_conn_next_deadline(&c) == CK_NEVER);
    ck_ws_conn_free(&c);
    return 0;
}
