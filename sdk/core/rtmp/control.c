#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/rtmp/internal.h"

int ck_rtmp_send_control(ck_rtmp *r, uint8_t type, const uint8_t *body, size_t size)
{
    ck_rtmp_queued message = {.body = ck_slice_copy(r->alloc, body, size),
                              .type = type,
                              .chunk_stream = CK_RTMP_CHUNK_STREAM_CONTROL};
    if (message.body.data == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    return ck_rtmp_sender_put_control(&r->out, &message);
}

int ck_rtmp_send_control_u32(ck_rtmp *r, uint8_t type, uint32_t value)
{
    uint8_t body[4];
    ck_store_be32(body, value);
    return ck_rtmp_send_control(r, type, body, sizeof body);
}

int ck_rtmp_send_user_control(ck_rtmp *r, enum ck_rtmp_user_event event, uint32_t value)
{
    uint8_t body[6];
    ck_store_be16(body, (uint16_t)event);
    ck_store_be32(body + 2, value);
    return ck_rtmp_send_control(r, CK_RTMP_USER_CONTROL, body, sizeof body);
}

void ck_rtmp_count_input(ck_rtmp *r, size_t size)
{
    r->chunk_bytes_in += size;
    uint64_t unsaid = r->chunk_bytes_in - r->acknowledged_in;
    r->acknowledge = r->acknowledge || (r->peer_window_bytes > 0 && unsaid >= r->peer_window_bytes);
}

/* At most one waits at a time, so a tiny window cannot fill the queue. */
int ck_rtmp_send_due_acknowledgement(ck_rtmp *r)
{
    if (!r->acknowledge || r->out.lanes[CK_RTMP_LANE_CONTROL].count > 0) {
        return CHALK_OK;
    }
    r->acknowledge = false;
    r->acknowledged_in = r->chunk_bytes_in;
    /* The field has 32 bits and wraps (5.4.3). */
    return ck_rtmp_send_control_u32(r, CK_RTMP_ACKNOWLEDGEMENT, (uint32_t)r->chunk_bytes_in);
}

static void take_acknowledgement(ck_rtmp *r, uint32_t sequence)
{
    uint32_t more = sequence - (uint32_t)r->bytes_acknowledged;
    if (more <= INT32_MAX) {
        r->bytes_acknowledged += more;
    }
}

/* Set Peer Bandwidth (5.4.5): the peer limits what we send and is told when our window changes. */
static int take_bandwidth(ck_rtmp *r, uint32_t window, uint8_t limit_type)
{
    bool applies = limit_type != CK_RTMP_LIMIT_DYNAMIC || r->limit_type == CK_RTMP_LIMIT_HARD;
    if (window == 0 || !applies) {
        return CHALK_OK;
    }
    if (limit_type == CK_RTMP_LIMIT_SOFT) {
        window = CK_MIN(window, r->own_window_bytes);
    }
    r->limit_type = limit_type == CK_RTMP_LIMIT_SOFT ? CK_RTMP_LIMIT_SOFT : CK_RTMP_LIMIT_HARD;
    if (window == r->own_window_bytes) {
        return CHALK_OK;
    }
    r->own_window_bytes = window;
    return ck_rtmp_send_control_u32(r, CK_RTMP_WINDOW_SIZE, window);
}

int ck_rtmp_handle_control(ck_rtmp *r, const ck_rtmp_message *message)
{
    ck_reader in = ck_reader_of(message->body.data, message->body.size);
    uint32_t value = ck_read_be32(&in);
    uint8_t limit_type = message->type == CK_RTMP_PEER_BANDWIDTH ? ck_read_u8(&in) : 0;
    if (in.failed) {
        return ck_rtmp_fail(r, CHALK_ERR_BAD_DATA, "a control message is cut short");
    }
    switch (message->type) {
    case CK_RTMP_SET_CHUNK_SIZE:
        if (ck_rtmp_dechunk_set_chunk_size(&r->in, value) < 0) {
            return ck_rtmp_fail(r, CHALK_ERR_PROTOCOL, "the chunk size is out of range");
        }
        return CHALK_OK;
    case CK_RTMP_ABORT:
        ck_rtmp_dechunk_abort(&r->in, value);
        return CHALK_OK;
    case CK_RTMP_ACKNOWLEDGEMENT:
        take_acknowledgement(r, value);
        return CHALK_OK;
    case CK_RTMP_WINDOW_SIZE:
        r->peer_window_bytes = value;
        return CHALK_OK;
    default:
        return take_bandwidth(r, value, limit_type);
    }
}

static void take_pong(ck_rtmp *r, uint32_t stamp)
{
    if (r->pong_deadline_us == CK_NEVER || stamp != r->ping_stamp) {
        return;
    }
    r->pong_deadline_us = CK_NEVER;
    ck_rtmp_event event = {.kind = CK_RTMP_EV_RTT, .rtt_us = r->now_us - r->ping_sent_us};
    ck_rtmp_push_event(r, &event);
}

int ck_rtmp_handle_user_control(ck_rtmp *r, const ck_rtmp_message *message)
{
    ck_reader in = ck_reader_of(message->body.data, message->body.size);
    uint16_t event = ck_read_be16(&in);
    uint32_t value = ck_read_be32(&in);
    if (in.failed) {
        /* Events that nobody here knows may have any length. */
        bool known = event == CK_RTMP_PING_REQUEST || event == CK_RTMP_PING_RESPONSE ||
                     event == CK_RTMP_STREAM_EOF || message->body.size < 2;
        return known ? ck_rtmp_fail(r, CHALK_ERR_BAD_DATA, "a user control message is cut short")
                     : CHALK_OK;
    }
    if (event == CK_RTMP_PING_REQUEST) {
        return ck_rtmp_send_user_control(r, CK_RTMP_PING_RESPONSE, value);
    }
    if (event == CK_RTMP_PING_RESPONSE) {
        take_pong(r, value);
    }
    bool playing = r->config.role == CK_RTMP_CLIENT && r->mode == CK_RTMP_PLAY &&
                   r->state == CK_RTMP_STREAMING;
    if (event == CK_RTMP_STREAM_EOF && playing && value == r->stream) {
        return ck_rtmp_fail(r, CHALK_ERR_PEER_CLOSED, "the stream ended");
    }
    return CHALK_OK;
}

int ck_rtmp_ping(ck_rtmp *r, uint64_t now_us)
{
    r->now_us = now_us;
    if (r->state == CK_RTMP_HANDSHAKE || r->state >= CK_RTMP_CLOSING) {
        return CHALK_ERR_BAD_STATE;
    }
    if (r->pong_deadline_us != CK_NEVER) {
        return CHALK_ERR_AGAIN;
    }
    r->ping_stamp = (uint32_t)(now_us / CK_US_PER_MS);
    r->ping_sent_us = now_us;
    r->pong_deadline_us = ck_rtmp_later(now_us, r->config.pong_timeout_us);
    int status = ck_rtmp_send_user_control(r, CK_RTMP_PING_REQUEST, r->ping_stamp);
    return status < 0 ? ck_rtmp_fail(r, status, "no ping could be queued") : CHALK_OK;
}
