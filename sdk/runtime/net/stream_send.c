/* What goes out: from the owner to the queue, from the queue to the socket, through TLS or not. */
#include "runtime/net/stream_internal.h"

#include "base/check.h"

void ck_stream_lost(ck_stream *s, int status)
{
    /* After our own close there is nothing left to lose. */
    bool done = s->state == CK_STREAM_FLUSHING && s->fin_sent;
    ck_stream_fail(s, done ? s->close_status : status);
}

/* A peer that resets the connection may have sent much before (a publisher that ends in a hurry
 * with our answers unread): that is read first, for a second, and its end tells. What is written
 * meanwhile is dropped. */
static void sending_broke(ck_stream *s, int status)
{
    bool more_to_read = s->state == CK_STREAM_OPEN && !s->peer_ended;
    if (status != CHALK_ERR_DISCONNECTED || !more_to_read) {
        ck_stream_lost(s, status);
        return;
    }
    s->send_broke = true;
    s->blocked = false;
    s->write_since_us = ck_loop_now_us(s->loop);
    ck_stream_arm(s);
}

/* Encrypts the front of the queue as one record, when the last one has gone. */
static void seal(ck_stream *s)
{
    size_t on_wire = 0;
    (void)ck_tls_session_wire(s->tls, &on_wire);
    bool secure = s->state == CK_STREAM_OPEN || s->state == CK_STREAM_FLUSHING;
    if (on_wire > 0 || s->queue.bytes == 0 || !secure) {
        return;
    }
    uint8_t *record = s->loop->seal_buffer;
    size_t size = ck_send_queue_copy(&s->queue, record, CK_LOOP_SEAL_BYTES);
    int status = ck_tls_session_write(s->tls, record, size);
    if (status < 0) {
        ck_stream_fail(s, status);
        return;
    }
    ck_send_queue_drop(&s->queue, size);
}

static size_t gather(ck_stream *s, ck_io_piece *pieces)
{
    if (s->tls == NULL) {
        return ck_send_queue_front(&s->queue, pieces, CK_IO_PIECES_MAX);
    }
    pieces[0].data = ck_tls_session_wire(s->tls, &pieces[0].size);
    return pieces[0].size > 0;
}

static void set_blocked(ck_stream *s)
{
    s->blocked = true;
    s->write_since_us = ck_loop_now_us(s->loop);
    ck_stream_arm(s);
}

static void count_sent(ck_stream *s, size_t size)
{
    s->sent += size;
    s->writes++;
    s->write_since_us = ck_loop_now_us(s->loop);
}

static void note_sent(ck_stream *s, size_t size)
{
    count_sent(s, size);
    if (s->tls != NULL) {
        ck_tls_session_wire_sent(s->tls, size);
    } else {
        ck_send_queue_drop(&s->queue, size);
    }
}

/* One system call. False: there is nothing to send, or the kernel is full, or the stream failed. */
static bool send_once(ck_stream *s)
{
    ck_io_piece pieces[CK_IO_PIECES_MAX];
    if (s->tls != NULL) {
        seal(s);
    }
    size_t count = s->state != CK_STREAM_CLOSED ? gather(s, pieces) : 0;
    if (count == 0) {
        return false;
    }
    size_t offered = 0;
    for (size_t i = 0; i < count; i++) {
        offered += pieces[i].size;
    }
    size_t sent = 0;
    int status = ck_socket_send(s->socket, pieces, count, &sent);
    if (status < 0 && status != CHALK_ERR_AGAIN) {
        sending_broke(s, status);
        return false;
    }
    if (sent > 0) {
        note_sent(s, sent);
    }
    if (sent < offered) {
        set_blocked(s);
    }
    return sent == offered;
}

/* Everything queued has left: ends our direction. True: that made something more to send. */
static bool finish_flushing(ck_stream *s)
{
    if (s->tls != NULL && !s->said_goodbye) {
        s->said_goodbye = true;
        ck_tls_session_say_goodbye(s->tls);
        return true;
    }
    if (!s->fin_sent) {
        s->fin_sent = true;
        ck_socket_shutdown_send(s->socket);
    }
    if (s->peer_ended) {
        ck_stream_fail(s, s->close_status);
    }
    return false;
}

void ck_stream_send_some(ck_stream *s)
{
    bool more = !s->blocked && s->poll_open && s->state != CK_STREAM_CONNECTING;
    if (more && s->fault != NULL && !ck_stream_fault_sends(s)) {
        return;
    }
    while (more && !s->send_broke && s->state != CK_STREAM_CLOSED) {
        more = send_once(s);
        if (!more && !s->blocked && !s->send_broke && s->state == CK_STREAM_FLUSHING) {
            more = finish_flushing(s);
        }
    }
    if (s->send_broke) {
        ck_send_queue_clear(&s->queue);
        if (s->state == CK_STREAM_FLUSHING) {
            ck_stream_fail(s, s->close_status);
        }
    }
    if (s->state != CK_STREAM_CLOSED) {
        ck_stream_update_watch(s);
    }
}

void ck_stream_tell_drained(ck_stream *s)
{
    if (s->state == CK_STREAM_OPEN && s->above && !s->send_broke &&
        ck_stream_waiting(s) <= s->drained_bytes) {
        s->above = false;
        if (s->events.drained != NULL) {
            s->events.drained(s->user, s);
        }
    }
}

static int take_room(ck_stream *s, size_t bytes, size_t entries)
{
    if (s->state == CK_STREAM_FLUSHING || s->state == CK_STREAM_CLOSED) {
        return CHALK_ERR_BAD_STATE;
    }
    size_t waiting = ck_stream_waiting(s);
    if (waiting > s->queue_bytes_max || bytes > s->queue_bytes_max - waiting ||
        entries > CK_STREAM_ENTRIES_MAX - s->queue.count) {
        return CHALK_ERR_LIMIT;
    }
    return ck_send_queue_reserve(&s->queue, entries) ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

static void note_written(ck_stream *s)
{
    s->above = s->above || ck_stream_waiting(s) > s->drained_bytes;
    if (s->fault != NULL) {
        ck_stream_fault_written(s);
    }
    if (s->state == CK_STREAM_OPEN && !s->blocked) {
        ck_loop_end_turn_with(s->loop, &s->turn);
    }
}

int ck_stream_write(ck_stream *s, ck_slice *slices, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) {
        bytes += slices[i].size;
    }
    int status = count <= CK_STREAM_ENTRIES_MAX ? take_room(s, bytes, count) : CHALK_ERR_LIMIT;
    if (status < 0) {
        return status;
    }
    for (size_t i = 0; i < count; i++) {
        if (slices[i].size > 0) {
            ck_send_queue_push(&s->queue, &(ck_out){.body = slices[i]});
            slices[i] = (ck_slice){0};
        } else {
            ck_slice_unref(&slices[i]);
        }
    }
    note_written(s);
    return CHALK_OK;
}

int ck_stream_write_out(ck_stream *s, ck_out *out)
{
    CK_INVARIANT(out->head_size <= CK_OUT_HEAD_MAX, return CHALK_ERR_INVALID_ARGUMENT);
    size_t bytes = out->head_size + out->body.size;
    int status = take_room(s, bytes, 1);
    if (status < 0) {
        return status;
    }
    if (bytes > 0) {
        ck_send_queue_push(&s->queue, out);
        out->body = (ck_slice){0};
    } else {
        ck_slice_unref(&out->body);
    }
    note_written(s);
    return CHALK_OK;
}

static bool goes_at_once(const ck_stream *s)
{
    bool idle = s->state == CK_STREAM_OPEN && !s->blocked && !s->send_broke && s->queue.count == 0;
    return idle && s->tls == NULL && s->fault == NULL && s->sent_turn != s->loop->turns;
}

int ck_stream_send_out(ck_stream *s, ck_out *out)
{
    const ck_io_piece pieces[] = {{out->head, out->head_size}, {out->body.data, out->body.size}};
    size_t size = out->head_size + out->body.size;
    size_t sent = 0;
    if (!goes_at_once(s) || size == 0 || size > s->queue_bytes_max) {
        return ck_stream_write_out(s, out);
    }
    s->sent_turn = s->loop->turns;
    int status = ck_socket_send(s->socket, pieces, CK_COUNT_OF(pieces), &sent);
    if (status < 0 && status != CHALK_ERR_AGAIN) {
        sending_broke(s, status); /* as if it had been queued: `closed` tells */
        sent = size;
    } else if (sent > 0) {
        count_sent(s, sent);
    }
    if (sent == size) {
        ck_slice_unref(&out->body);
        return CHALK_OK;
    }
    status = ck_stream_write_out(s, out);
    if (status == CHALK_OK) {
        ck_send_queue_drop(&s->queue, sent);
    } else if (sent > 0) {
        ck_stream_fail(s, status); /* nothing can follow half a message */
    }
    return status;
}

int ck_stream_write_copy(ck_stream *s, const void *data, size_t size)
{
    ck_slice copy = ck_slice_copy(s->loop->alloc, data, size);
    if (copy.data == NULL && size > 0) {
        return CHALK_ERR_NO_MEMORY;
    }
    int status = ck_stream_write(s, &copy, 1);
    ck_slice_unref(&copy);
    return status;
}

void ck_stream_flush(ck_stream *s)
{
    if (s->state == CK_STREAM_OPEN) {
        ck_stream_send_some(s);
    }
}
