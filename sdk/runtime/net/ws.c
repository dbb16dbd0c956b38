/* An open WebSocket of either role: bytes between the core, the stream and the owner. */
#include "runtime/net/ws_internal.h"

#include "base/check.h"

/* Room in the stream beside the payload that the limits allow: heads, our control frames, what TLS
 * has encrypted. */
#define STREAM_ROOM 262144u
#define CLOSE_MS    (CK_WS_CLOSE_S * 1000u)

/* ---- life ---- */

ck_ws_limits ck_ws_limits_of(const ck_ws_limits *limits)
{
    ck_ws_limits used = limits != NULL ? *limits : (ck_ws_limits){0};
    used.queue_messages = used.queue_messages != 0 ? used.queue_messages : CK_WS_QUEUE_MESSAGES;
    used.queue_messages = CK_MIN(used.queue_messages, CK_WS_QUEUE_MESSAGES_MAX);
    used.queue_bytes = used.queue_bytes != 0 ? used.queue_bytes : CK_WS_QUEUE_BYTES;
    used.message_bytes = used.message_bytes != 0 ? used.message_bytes : CK_WS_MESSAGE_MAX;
    return used;
}

ck_ws_conn_config ck_ws_conn_config_of(ck_loop *loop, enum ck_ws_role role,
                                       const ck_ws_limits *limits)
{
    return (ck_ws_conn_config){.alloc = loop->alloc,
                               .role = role,
                               .message_bytes_max = limits->message_bytes,
                               .ping_us = (uint64_t)CK_WS_PING_S * CK_US_PER_S,
                               .hang_up_us = (uint64_t)CK_WS_HANG_UP_S * CK_US_PER_S,
                               .close_us = (uint64_t)CK_WS_CLOSE_S * CK_US_PER_S};
}

static void free_ws(ck_ws *ws)
{
    ck_stream_destroy(&ws->stream);
    ck_slow_timer_end(&ws->deadline);
    if (ws->conn.config != NULL) {
        ck_ws_conn_free(&ws->conn);
    }
    ws->role->release(ws);
}

void ck_ws_enter(ck_ws *ws)
{
    CK_INVARIANT(!ws->busy, return );
    ws->busy = true;
}

void ck_ws_leave(ck_ws *ws)
{
    ws->busy = false;
    if (ws->destroyed) {
        free_ws(ws);
    }
}

void ck_ws_destroy(ck_ws **out)
{
    ck_ws *ws = *out;
    *out = NULL;
    if (ws == NULL) {
        return;
    }
    ws->told = true;
    ws->open = false;
    ws->destroyed = true;
    if (!ws->busy) {
        free_ws(ws);
    }
}

void ck_ws_end(ck_ws *ws, int status, uint16_t code, bool flush)
{
    if (ws->told) {
        return;
    }
    ws->told = true;
    ws->open = false;
    ck_slow_timer_set(&ws->deadline, CK_NEVER);
    ck_stream_close(ws->stream, flush ? CLOSE_MS : 0, status);
    ws->role->closed(ws, status, code);
}

void ck_ws_on_stream_closed(void *user, ck_stream *s, int status)
{
    ck_ws *ws = user;
    (void)s;
    /* A peer that cuts instead of answering our close frame does not make the close less ours. */
    bool ours = ws->open && ws->conn.state == CK_WS_CLOSING && status != CHALK_ERR_CANCELLED;
    ck_ws_enter(ws);
    ck_ws_end(ws, ours ? CHALK_OK : status, 0, false);
    ws->destroyed = true;
    ck_ws_leave(ws);
}

/* ---- sending ---- */

static bool queue_is_full(const ck_ws *ws)
{
    return ck_stream_queued(ws->stream).writes >= ws->limits->queue_messages;
}

/* A peer that pings and does not read is answered when it reads again. */
static void send_outputs(ck_ws *ws)
{
    ck_out out;
    while ((ws->conn.state != CK_WS_OPEN || !queue_is_full(ws)) &&
           ck_ws_conn_poll_output(&ws->conn, &out)) {
        int status = ck_stream_write_out(ws->stream, &out);
        ck_slice_unref(&out.body);
        if (status == CHALK_ERR_NO_MEMORY) {
            ck_stream_close(ws->stream, 0, status); /* an end without a close frame is one too */
        }
    }
}

static void arm(ck_ws *ws)
{
    if (ws->open) {
        ck_slow_timer_set(&ws->deadline, ck_ws_conn_next_deadline(&ws->conn));
    }
}

static void note_fill(ck_ws *ws)
{
    ck_stream_queue_fill fill = ck_stream_queued(ws->stream);
    ws->was_half_full = ws->was_half_full || fill.writes * 2 >= ws->limits->queue_messages ||
                        fill.payload_bytes * 2 >= ws->limits->queue_bytes;
}

int ck_ws_send(ck_ws *ws, ck_slice *message, bool text)
{
    if (!ws->open) {
        return CHALK_ERR_BAD_STATE;
    }
    size_t queued_bytes = ck_ws_queued_bytes(ws);
    size_t room = ws->limits->queue_bytes - CK_MIN(queued_bytes, ws->limits->queue_bytes);
    if (ws->conn.state == CK_WS_OPEN && (queue_is_full(ws) || message->size > room)) {
        return CHALK_ERR_LIMIT;
    }
    ck_out out;
    int status = ck_ws_conn_send(&ws->conn, message, text, &out);
    if (status == CHALK_OK) {
        status = ck_stream_send_out(ws->stream, &out);
        ck_slice_unref(&out.body);
    }
    if (status == CHALK_OK) {
        ck_slice_unref(message);
        note_fill(ws);
    }
    return status;
}

size_t ck_ws_queued_bytes(const ck_ws *ws)
{
    return ck_stream_queued(ws->stream).payload_bytes;
}

size_t ck_ws_unsent(const ck_ws *ws)
{
    return ck_stream_unsent(ws->stream);
}

void ck_ws_close(ck_ws *ws, uint16_t code)
{
    if (ws->open) {
        ck_ws_conn_close(&ws->conn, code, ck_loop_now_us(ws->loop));
        send_outputs(ws);
        arm(ws);
    } else if (!ws->told) {
        ck_stream_close(ws->stream, 0, CHALK_OK); /* no handshake, no closing handshake */
    }
}

/* ---- what happens ---- */

static void on_event(ck_ws *ws, const ck_ws_event *event)
{
    if (event->kind == CK_WS_EV_MESSAGE) {
        ws->role->message(ws, event->data, event->size, event->text);
        return;
    }
    if (event->fault != CK_WS_FAULT_NONE) {
        ck_logf(ws->loop->log, 3, "ws", "%s: %s", ck_stream_peer(ws->stream),
                ck_ws_fault_text(event->fault));
    }
    /* The peer is there to read what waits: it has closed too, or has just been told why we do. */
    bool flush = event->code != 0 ||
                 (event->fault != CK_WS_FAULT_NONE && event->fault != CK_WS_FAULT_SILENCE);
    ck_ws_end(ws, event->status, event->code, flush);
}

static void settle(ck_ws *ws)
{
    ck_ws_event event;
    while (ws->open && ck_ws_conn_poll_event(&ws->conn, &event)) {
        send_outputs(ws); /* a pong, before what the owner answers to a later message */
        on_event(ws, &event);
    }
    if (ws->open) {
        send_outputs(ws);
        arm(ws);
    }
}

void ck_ws_take(ck_ws *ws, const uint8_t *data, size_t size)
{
    if (ws->open) {
        ck_ws_conn_feed(&ws->conn, data, size, ck_loop_now_us(ws->loop));
        settle(ws);
    }
}

static void on_data(void *user, ck_stream *s, const uint8_t *data, size_t size)
{
    ck_ws *ws = user;
    (void)s;
    ck_ws_enter(ws);
    ck_ws_take(ws, data, size);
    ck_ws_leave(ws);
}

/* FIN without a close frame: RFC 6455 7.1.5 calls it abnormal, unless we have closed. */
static void on_ended(void *user, ck_stream *s)
{
    ck_ws *ws = user;
    (void)s;
    bool ours = ws->open && ws->conn.state == CK_WS_CLOSING;
    ck_ws_enter(ws);
    ck_ws_end(ws, ours ? CHALK_OK : CHALK_ERR_DISCONNECTED, 0, false);
    ck_ws_leave(ws);
}

static void on_drained(void *user, ck_stream *s)
{
    ck_ws *ws = user;
    (void)s;
    if (!ws->open) {
        return;
    }
    ck_ws_enter(ws);
    send_outputs(ws);
    if (ws->was_half_full && ws->conn.state == CK_WS_OPEN) {
        ws->was_half_full = false;
        ws->role->drained(ws);
    }
    ck_ws_leave(ws);
}

static void on_deadline(ck_slow_timer *timer, uint64_t now_us)
{
    ck_ws *ws = CK_LIST_OWNER(timer, ck_ws, deadline);
    ck_ws_enter(ws);
    if (ws->open) {
        ck_ws_conn_on_deadline(&ws->conn, now_us);
        settle(ws);
    } else {
        ck_ws_end(ws, CHALK_ERR_TIMEOUT, 0, false); /* of a client's handshake */
    }
    ck_ws_leave(ws);
}

/* ---- the beginning ---- */

int ck_ws_init(ck_ws *ws, const ck_ws_role_calls *role, ck_loop *loop, const ck_ws_limits *limits)
{
    *ws = (ck_ws){.role = role, .loop = loop, .limits = limits};
    return ck_slow_timer_init(&ws->deadline, loop, on_deadline);
}

void ck_ws_open(ck_ws *ws, const ck_ws_conn_config *config, uint64_t seed)
{
    static const ck_stream_events events = {.data = on_data,
                                            .ended = on_ended,
                                            .drained = on_drained,
                                            .closed = ck_ws_on_stream_closed};
    uint32_t room = CK_MIN(ws->limits->queue_bytes, UINT32_MAX - STREAM_ROOM) + STREAM_ROOM;
    ck_stream_set_events(ws->stream, &events, ws);
    ck_stream_set_queue(ws->stream, room, 0);
    ck_stream_set_read_timeout(ws->stream, 0); /* silence is the core's to judge */
    ck_stream_set_write_timeout(ws->stream, CK_WS_SEND_MS);
    ck_ws_conn_init(&ws->conn, config, seed, ck_loop_now_us(ws->loop));
    ws->open = true;
    arm(ws);
}
