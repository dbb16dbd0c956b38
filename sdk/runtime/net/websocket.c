/* WebSockets (RFC 6455) on top of libwebsockets' framing: whole messages, a queue, an orderly end.
 */
#include "runtime/net/lws_host.h"

#include "base/check.h"

#include <string.h>

#define SENDS_PER_TURN 16 /* messages of one socket, then the others have their turn */
#define CLOSE_TOO_BIG  1009
#define CLOSE_S        5 /* for the closing handshake */

static void drop_first(ck_ws *ws)
{
    ck_ws_message *m = ws->first;
    ws->first = m->next;
    if (ws->first == NULL) {
        ws->last = NULL;
    }
    ws->queued_messages--;
    ws->queued_bytes -= m->payload.size;
    ck_slice_unref(&m->payload);
    ck_free(ws->host->loop->alloc, m);
}

void ck_ws_free(ck_ws *ws)
{
    while (ws->first != NULL) {
        drop_first(ws);
    }
    ck_list_remove(&ws->node);
    if (ws->host->httpd != NULL) {
        ws->host->httpd->connection_count--;
    }
    ck_buf_free(&ws->incoming);
    ck_free(ws->host->loop->alloc, ws);
}

static int on_established(ck_ws *ws)
{
    const ck_httpd_request *request = ws->host->request;
    /* The request is whole when the socket is handed over, so the handshake ends in there. */
    CK_INVARIANT(request != NULL, return -1);
    ws->open = true;
    if (ws->endpoint->events.opened != NULL) {
        ws->endpoint->events.opened(ws->endpoint->user, ws, request, &ws->user);
    }
    return 0;
}

/* ---- the end ---- */

static void tell_closed(ck_ws *ws, int status)
{
    if (ws->open) {
        ws->open = false; /* no other callback from here on */
        if (ws->endpoint->events.closed != NULL) {
            ws->endpoint->events.closed(ws->user, ws, status);
        }
    }
}

void ck_ws_end_all(ck_lws_host *host, int status)
{
    for (ck_list *node = host->sockets.next; node != &host->sockets; node = node->next) {
        tell_closed(CK_LIST_OWNER(node, ck_ws, node), status);
    }
}

/* Nothing more is taken in; what is queued leaves, then the closing frame. */
static void start_closing(ck_ws *ws, uint16_t code, int end_status)
{
    if (ws->closing || !ws->open) {
        return;
    }
    ws->closing = true;
    ws->close_code = code;
    ws->end_status = end_status;
    lws_set_timeout(ws->wsi, PENDING_TIMEOUT_CLOSE_SEND, CLOSE_S);
    (void)lws_callback_on_writable(ws->wsi);
    lws_cancel_service(ws->host->context); /* or the time-out is not noticed, as in hand_over */
}

void ck_ws_close(ck_ws *ws, uint16_t code)
{
    start_closing(ws, code, CHALK_OK);
}

/* ---- receiving ---- */

static int on_receive(ck_ws *ws, const void *data, size_t size)
{
    if (!ws->open || ws->closing) {
        return 0;
    }
    ck_buf_put(&ws->incoming, data, size);
    int status = ck_buf_status(&ws->incoming);
    if (status < 0) {
        start_closing(ws, CLOSE_TOO_BIG, status);
        return 0;
    }
    if (lws_is_final_fragment(ws->wsi) == 0 || lws_remaining_packet_payload(ws->wsi) > 0) {
        return 0;
    }
    ck_buf whole = ws->incoming; /* an idle socket holds no memory for messages */
    ck_buf_init(&ws->incoming, ws->host->loop->alloc, ws->endpoint->limits.message_bytes);
    if (ws->endpoint->events.message != NULL) {
        bool text = lws_frame_is_binary(ws->wsi) == 0;
        ws->endpoint->events.message(ws->user, ws, whole.data, whole.size, text);
    }
    ck_buf_free(&whole);
    return 0;
}

/* ---- sending ---- */

int ck_ws_send(ck_ws *ws, ck_slice *payload, bool text)
{
    const ck_ws_limits *limits = &ws->endpoint->limits;
    if (!ws->open || ws->closing) {
        return CHALK_ERR_BAD_STATE;
    }
    if (ws->queued_messages >= limits->queue_messages ||
        payload->size > limits->queue_bytes - CK_MIN(ws->queued_bytes, limits->queue_bytes)) {
        return CHALK_ERR_LIMIT;
    }
    ck_ws_message *m = ck_new(ws->host->loop->alloc, sizeof *m);
    if (m == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    m->payload = *payload;
    m->text = text;
    *payload = (ck_slice){0};
    if (ws->last != NULL) {
        ws->last->next = m;
    } else {
        ws->first = m;
    }
    ws->last = m;
    ws->queued_messages++;
    ws->queued_bytes += m->payload.size;
    ws->was_half_full = ws->was_half_full || ws->queued_messages * 2 >= limits->queue_messages ||
                        ws->queued_bytes * 2 >= limits->queue_bytes;
    (void)lws_callback_on_writable(ws->wsi);
    return CHALK_OK;
}

/* libwebsockets writes the frame's header into the room before the payload, which a shared slice
 * does not have: hence one copy per socket, into a buffer that all share. */
static bool send_first(ck_ws *ws)
{
    const ck_ws_message *m = ws->first;
    ck_buf *frame = &ws->host->frame;
    ck_buf_clear(frame);
    uint8_t *room = ck_buf_extend(frame, LWS_PRE + m->payload.size);
    if (room == NULL) {
        return false;
    }
    if (m->payload.size > 0) {
        memcpy(room + LWS_PRE, m->payload.data, m->payload.size);
    }
    enum lws_write_protocol kind = m->text ? LWS_WRITE_TEXT : LWS_WRITE_BINARY;
    int written = lws_write(ws->wsi, room + LWS_PRE, m->payload.size, kind);
    drop_first(ws);
    return written >= 0;
}

/* libwebsockets' own way to close from a callback loses the frame when it was built for debugging
 * (it closes twice to test itself, and the second time means "at once"), as Debian's is. */
static int send_closing_frame(ck_ws *ws)
{
    uint8_t frame[LWS_PRE + 4] = {0};
    uint8_t *start = frame + LWS_PRE;
    start[0] = 0x88; /* FIN, close; RFC 6455 5.2 and 5.5.1 */
    start[1] = 2;
    ck_store_be16(start + 2, ws->close_code);
    ws->said_goodbye = true;
    lws_set_timeout(ws->wsi, PENDING_TIMEOUT_CLOSE_ACK, CLOSE_S);
    return lws_write(ws->wsi, start, 4, LWS_WRITE_RAW) < 0 ? -1 : 0;
}

static int on_writable(ck_ws *ws)
{
    for (int i = 0; i < SENDS_PER_TURN && ws->first != NULL; i++) {
        if (i > 0 && lws_send_pipe_choked(ws->wsi) != 0) {
            break;
        }
        if (!send_first(ws)) {
            return -1;
        }
    }
    if (ws->first != NULL) {
        return lws_callback_on_writable(ws->wsi) < 0 ? -1 : 0;
    }
    if (ws->closing) {
        return ws->said_goodbye ? 0 : send_closing_frame(ws);
    }
    if (ws->was_half_full && ws->open) {
        ws->was_half_full = false;
        if (ws->endpoint->events.drained != NULL) {
            ws->endpoint->events.drained(ws->user, ws);
        }
    }
    return 0;
}

/* The peer's closing frame: an answer to ours, or to be answered, which libwebsockets does. */
static int on_peer_close(ck_ws *ws)
{
    if (ws->end_status == CHALK_ERR_DISCONNECTED) {
        ws->end_status = CHALK_ERR_PEER_CLOSED;
    }
    return ws->said_goodbye ? -1 : 0;
}

int ck_ws_on_event(ck_ws *ws, enum lws_callback_reasons reason, void *in, size_t size)
{
    switch ((int)reason) {
    case LWS_CALLBACK_ESTABLISHED:
        return on_established(ws);
    case LWS_CALLBACK_RECEIVE:
        return on_receive(ws, in, size);
    case LWS_CALLBACK_SERVER_WRITEABLE:
        return on_writable(ws);
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        return on_peer_close(ws);
    case LWS_CALLBACK_CLOSED:
        tell_closed(ws, ws->end_status);
        return 0;
    case LWS_CALLBACK_WSI_DESTROY:
        tell_closed(ws, CHALK_ERR_DISCONNECTED);
        lws_set_opaque_user_data(ws->wsi, NULL);
        ck_ws_free(ws);
        return 0;
    default:
        return 0;
    }
}

size_t ck_ws_queued_bytes(const ck_ws *ws)
{
    return ws->queued_bytes;
}
