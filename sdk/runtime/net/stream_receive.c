/* What comes in: from the socket to the owner, through TLS or not; and the loop's callbacks. */
#include "runtime/net/stream_internal.h"

#include <limits.h>

static bool can_read(const ck_stream *s)
{
    bool wanted = (s->state == CK_STREAM_OPEN && !s->paused) || s->state == CK_STREAM_FLUSHING ||
                  s->state == CK_STREAM_HANDSHAKING;
    return wanted && !s->peer_ended && ck_stream_fault_reads(s);
}

static void deliver(ck_stream *s, const uint8_t *data, size_t size)
{
    if (s->state == CK_STREAM_OPEN && s->events.data != NULL) {
        s->events.data(s->user, s, data, size);
    }
}

/* The peer has ended its direction, and said so in the way that its protocol demands. */
static void peer_ended(ck_stream *s)
{
    s->peer_ended = true;
    ck_stream_update_watch(s);
    if (s->state == CK_STREAM_FLUSHING) {
        ck_stream_send_some(s);
    } else if (s->events.ended != NULL) {
        s->events.ended(s->user, s);
    } else {
        ck_stream_start_flushing(s, CK_STREAM_END_FLUSH_MS, CHALK_ERR_PEER_CLOSED);
    }
}

static void on_fin(ck_stream *s)
{
    if (s->send_broke) {
        ck_stream_lost(s, CHALK_ERR_DISCONNECTED); /* writing took the kernel's word of the reset */
    } else if (s->tls != NULL && s->state != CK_STREAM_FLUSHING) {
        /* RFC 8446 6.1: without its closing alert a TLS stream was cut, by whomever. */
        ck_stream_lost(s, CHALK_ERR_DISCONNECTED);
    } else {
        peer_ended(s);
    }
}

/* Gives out what the TLS session holds. */
static void decrypt(ck_stream *s)
{
    uint8_t *plain = s->loop->read_buffer; /* its ciphertext was copied into the session */
    int status = CHALK_OK;
    while (status == CHALK_OK && can_read(s)) {
        size_t size = 0;
        status = ck_tls_session_read(s->tls, plain, CK_STREAM_READ_MAX, &size);
        if (status == CHALK_OK) {
            deliver(s, plain, size);
        }
    }
    s->more_plain = status == CHALK_OK && s->state == CK_STREAM_OPEN;
    if (status == CHALK_ERR_PEER_CLOSED) {
        peer_ended(s);
    } else if (status < 0 && status != CHALK_ERR_AGAIN) {
        ck_stream_fail(s, status);
    }
    if (s->state == CK_STREAM_CLOSED) {
        return;
    }
    /* Reading can make answers (key updates). A peer that asks and never reads is cut. */
    ck_stream_send_some(s);
    if (s->state != CK_STREAM_CLOSED &&
        ck_stream_waiting(s) - s->queue.bytes > CK_STREAM_TLS_AHEAD_MAX) {
        ck_stream_fail(s, CHALK_ERR_PROTOCOL);
    }
}

void ck_stream_handshake(ck_stream *s)
{
    int status = ck_tls_session_handshake(s->tls);
    ck_stream_send_some(s); /* on a refusal this is the alert that tells the peer why */
    if (s->state != CK_STREAM_HANDSHAKING) {
        return;
    }
    if (status == CHALK_OK) {
        ck_stream_opened(s);
    } else if (status != CHALK_ERR_AGAIN) {
        ck_stream_fail(s, status);
    }
}

static void take_ciphertext(ck_stream *s, const uint8_t *data, size_t size)
{
    int status = ck_tls_session_feed(s->tls, data, size);
    if (status < 0) {
        ck_stream_fail(s, status);
        return;
    }
    if (s->state == CK_STREAM_HANDSHAKING) {
        ck_stream_handshake(s);
    }
    if (s->state == CK_STREAM_OPEN || s->state == CK_STREAM_FLUSHING) {
        decrypt(s);
    }
}

void ck_stream_received(ck_stream *s, const uint8_t *data, size_t size)
{
    if (s->tls != NULL) {
        take_ciphertext(s, data, size);
    } else {
        deliver(s, data, size);
    }
}

/* One system call. False: nothing more to read now. */
static bool receive_once(ck_stream *s)
{
    uint8_t *data = s->loop->read_buffer;
    size_t size = 0;
    int status = ck_socket_receive(s->socket, data, CK_STREAM_READ_MAX, &size);
    if (status == CHALK_ERR_AGAIN) {
        return false;
    }
    if (status < 0) {
        ck_stream_lost(s, status);
        return false;
    }
    if (size == 0) {
        if (s->fault != NULL) {
            ck_stream_fault_deliver(s, CK_NEVER);
        }
        if (s->state != CK_STREAM_CLOSED) {
            on_fin(s);
        }
        return false;
    }
    if (s->acknowledges) {
        ck_socket_acknowledge(s->socket);
    }
    s->received += size;
    s->last_data_us = ck_loop_now_us(s->loop);
    s->read_since_us = s->last_data_us;
    if (s->fault != NULL) {
        ck_stream_fault_take(s, data, size);
    } else {
        ck_stream_received(s, data, size);
    }
    return size == CK_STREAM_READ_MAX;
}

/* ---- the loop's callbacks ---- */

static void on_poll(uv_poll_t *poll, int uv_status, int events)
{
    ck_stream *s = poll->data;
    bool broken = uv_status < 0;
    if (broken) {
        /* libuv has stopped the handle. What arrived before the reset is still to be had. */
        s->watched = 0;
        events = UV_READABLE | UV_WRITABLE;
    }
    if ((events & UV_WRITABLE) != 0 && s->blocked) {
        s->blocked = false;
        ck_stream_send_some(s);
    }
    int reads = broken ? INT_MAX : CK_STREAM_READS_PER_TURN;
    bool more = (events & UV_READABLE) != 0;
    while (more && reads-- > 0 && can_read(s)) {
        more = receive_once(s);
    }
    if (broken && s->state != CK_STREAM_CLOSED) {
        int status = ck_socket_take_error(s->socket);
        ck_stream_lost(s, status < 0 ? status : CHALK_ERR_DISCONNECTED);
    }
    ck_stream_tell_drained(s);
}

void ck_stream_update_watch(ck_stream *s)
{
    int events = (can_read(s) ? UV_READABLE : 0) | (s->blocked ? UV_WRITABLE : 0);
    if (events == s->watched || !s->poll_open) {
        return;
    }
    s->watched = events;
    int status = events != 0 ? uv_poll_start(&s->poll, events, on_poll) : uv_poll_stop(&s->poll);
    if (status < 0) {
        ck_stream_fail(s, CHALK_ERR_IO);
    }
}

void ck_stream_end_turn(ck_turn_item *item)
{
    ck_stream *s = CK_LIST_OWNER(item, ck_stream, turn);
    if (s->state == CK_STREAM_CONNECTING) {
        ck_stream_opened(s); /* adopted without TLS */
    }
    if (s->more_plain && can_read(s)) {
        decrypt(s);
    }
    if (s->state == CK_STREAM_OPEN || s->state == CK_STREAM_FLUSHING) {
        ck_stream_send_some(s);
        ck_stream_tell_drained(s);
    }
}
