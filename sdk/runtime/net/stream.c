/* A stream's life: made, opened, closed, freed. Its memory outlives every call and callback on it:
 * it is freed in the close phase of a later turn, after libuv has let go of its handles. */
#include "runtime/net/stream_internal.h"

#include "base/check.h"
#include "base/text.h"

#include <string.h>

/* ---- states ---- */

const char *ck_stream_state_name(enum ck_stream_state state)
{
    static const char *const names[] = {"?",    "connecting", "handshaking",
                                        "open", "flushing",   "closed"};
    return (size_t)state < CK_COUNT_OF(names) ? names[state] : names[0];
}

bool ck_stream_enter(ck_stream *s, enum ck_stream_state next)
{
    static const unsigned legal[] = {
        [CK_STREAM_CONNECTING] =
            1u << CK_STREAM_HANDSHAKING | 1u << CK_STREAM_OPEN | 1u << CK_STREAM_CLOSED,
        [CK_STREAM_HANDSHAKING] = 1u << CK_STREAM_OPEN | 1u << CK_STREAM_CLOSED,
        [CK_STREAM_OPEN] = 1u << CK_STREAM_FLUSHING | 1u << CK_STREAM_CLOSED,
        [CK_STREAM_FLUSHING] = 1u << CK_STREAM_CLOSED,
        [CK_STREAM_CLOSED] = 0,
    };
    CK_INVARIANT(legal[s->state] >> next & 1u, return false);
    ck_logf(s->loop->log, 4, "stream", "%s: %s -> %s", s->peer, ck_stream_state_name(s->state),
            ck_stream_state_name(next));
    s->state = next;
    return true;
}

/* ---- the end ---- */

static void free_stream(ck_stream *s)
{
    ck_list_remove(&s->item.node);
    ck_free(s->loop->alloc, s);
}

static void tell_closed(ck_stream *s)
{
    if (s->told_closed || s->destroyed) {
        return;
    }
    s->told_closed = true;
    if (s->events.closed != NULL) {
        s->telling = true;
        s->events.closed(s->user, s, s->close_status);
        s->telling = false;
    }
}

static void on_handle_closed(uv_handle_t *handle)
{
    ck_stream *s = handle->data;
    s->handles--;
    if (s->handles > 0) {
        return;
    }
    tell_closed(s);
    if (s->destroyed) {
        free_stream(s);
    }
}

void ck_stream_fail(ck_stream *s, int status)
{
    if (s->state == CK_STREAM_CLOSED || !ck_stream_enter(s, CK_STREAM_CLOSED)) {
        return;
    }
    s->close_status = status;
    ck_list_remove(&s->turn.node);
    ck_dial_cancel(&s->dial);
    if (s->poll_open) {
        s->poll_open = false;
        (void)uv_poll_stop(&s->poll);
        uv_close((uv_handle_t *)&s->poll, on_handle_closed);
    }
    ck_socket_close(&s->socket);
    ck_send_queue_clear(&s->queue);
    ck_tls_session_free(&s->tls);
    ck_stream_fault_free(s);
    uv_close((uv_handle_t *)&s->timer, on_handle_closed);
}

static void end(ck_stream *s)
{
    s->destroyed = true;
    ck_stream_fail(s, CHALK_ERR_CANCELLED);
    if (s->handles == 0 && !s->telling) {
        free_stream(s);
    }
}

void ck_stream_destroy(ck_stream **s)
{
    if (*s != NULL) {
        end(*s);
        *s = NULL;
    }
}

/* The loop goes away: told now, because the owner's other objects are still there now. */
static void abandon(ck_loop_item *item)
{
    ck_stream *s = (ck_stream *)item;
    ck_stream_fail(s, CHALK_ERR_CANCELLED);
    tell_closed(s);
    end(s);
}

void ck_stream_start_flushing(ck_stream *s, uint32_t flush_ms, int status)
{
    uint64_t due_us = ck_loop_now_us(s->loop) + (uint64_t)flush_ms * CK_US_PER_MS;
    s->close_status = status;
    s->close_due_us = CK_MIN(s->close_due_us, due_us);
    if (s->state != CK_STREAM_FLUSHING && !ck_stream_enter(s, CK_STREAM_FLUSHING)) {
        return;
    }
    ck_stream_arm(s);
    ck_loop_end_turn_with(s->loop, &s->turn);
    ck_stream_update_watch(s);
}

void ck_stream_close(ck_stream *s, uint32_t flush_ms, int status)
{
    bool can_flush = s->state == CK_STREAM_OPEN || s->state == CK_STREAM_FLUSHING;
    if (flush_ms > 0 && can_flush) {
        ck_stream_start_flushing(s, flush_ms, status);
    } else {
        ck_stream_fail(s, status);
    }
}

/* ---- the beginning ---- */

static uint32_t or_default(uint32_t value, uint32_t fallback)
{
    return value != 0 ? value : fallback;
}

static int create(const ck_stream_config *config, ck_stream **out)
{
    *out = NULL;
    ck_loop *loop = config->loop;
    ck_stream *s = ck_new(loop->alloc, sizeof *s);
    if (s == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    s->loop = loop;
    s->events = config->events;
    s->user = config->user;
    s->read_timeout_ms = config->read_timeout_ms;
    s->write_timeout_ms = config->write_timeout_ms;
    s->queue_bytes_max = or_default(config->queue_bytes_max, CK_STREAM_QUEUE_BYTES);
    s->drained_bytes = config->drained_bytes;
    s->acknowledges = config->acknowledges;
    s->notsent_lowat_bytes = or_default(config->notsent_lowat_bytes, CK_STREAM_LOWAT_BYTES);
    s->state = CK_STREAM_CONNECTING;
    s->socket = CK_SOCKET_NONE;
    s->timer_due_us = CK_NEVER;
    s->close_due_us = CK_NEVER;
    uint32_t open_ms = or_default(config->connect_timeout_ms, CK_STREAM_CONNECT_MS);
    s->open_due_us = ck_loop_now_us(loop) + (uint64_t)open_ms * CK_US_PER_MS;
    ck_send_queue_init(&s->queue, loop->alloc);
    s->item.abandon = abandon;
    s->turn.end_turn = ck_stream_end_turn;
    ck_list_init(&s->turn.node);
    if (ck_loop_add(loop, &s->item) < 0) {
        ck_free(loop->alloc, s);
        return CHALK_ERR_CANCELLED;
    }
    s->timer.data = s;
    (void)uv_timer_init(&loop->uv, &s->timer);
    s->handles = 1;
    *out = s;
    return CHALK_OK;
}

int ck_stream_start_io(ck_stream *s)
{
    int status = uv_poll_init_socket(&s->loop->uv, &s->poll, (uv_os_sock_t)s->socket);
    if (status < 0) {
        return CHALK_ERR_IO;
    }
    s->poll.data = s;
    s->poll_open = true;
    s->handles++;
    ck_socket_tune(s->socket, s->notsent_lowat_bytes);
    (void)ck_socket_peer_text(s->socket, s->peer, sizeof s->peer);
    return CHALK_OK;
}

void ck_stream_opened(ck_stream *s)
{
    if (!ck_stream_enter(s, CK_STREAM_OPEN)) {
        return;
    }
    s->open_due_us = CK_NEVER;
    s->read_since_us = ck_loop_now_us(s->loop);
    ck_stream_arm(s);
    ck_loop_end_turn_with(s->loop, &s->turn); /* for what was written before */
    ck_stream_update_watch(s);
    if (s->events.opened != NULL && s->state == CK_STREAM_OPEN) {
        s->events.opened(s->user, s);
    }
}

static void on_dialled(void *user, int status, ck_socket socket)
{
    ck_stream *s = user;
    s->dial = NULL;
    s->socket = socket;
    if (status == CHALK_OK) {
        status = ck_stream_start_io(s);
    }
    if (status < 0) {
        ck_stream_fail(s, status);
    } else if (s->tls != NULL) {
        (void)ck_stream_enter(s, CK_STREAM_HANDSHAKING);
        ck_stream_handshake(s);
    } else {
        ck_stream_opened(s);
    }
}

int ck_stream_connect(const ck_stream_config *config, const char *host, uint16_t port,
                      ck_stream **out)
{
    *out = NULL;
    if (host == NULL || port == 0 || (config->tls != NULL && ck_tls_is_server(config->tls))) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_stream *s = NULL;
    int status = create(config, &s);
    if (status < 0) {
        return status;
    }
    if (config->tls != NULL) {
        const char *name = config->tls_host != NULL ? config->tls_host : host;
        status = ck_tls_session_create(config->tls, name, &s->tls);
    }
    if (status == CHALK_OK) {
        status = ck_dial_start(s->loop, host, port, on_dialled, s, &s->dial);
    }
    if (status < 0) {
        ck_stream_destroy(&s);
        return status;
    }
    ck_stream_arm(s);
    *out = s;
    return CHALK_OK;
}

int ck_stream_adopt(const ck_stream_config *config, ck_socket socket, ck_stream **out)
{
    *out = NULL;
    if (socket == CK_SOCKET_NONE || (config->tls != NULL && !ck_tls_is_server(config->tls))) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_stream *s = NULL;
    int status = create(config, &s);
    if (status < 0) {
        return status;
    }
    if (config->tls != NULL) {
        status = ck_tls_session_create(config->tls, NULL, &s->tls);
    }
    s->socket = socket;
    if (status == CHALK_OK) {
        status = ck_stream_start_io(s);
    }
    if (status < 0) {
        s->socket = CK_SOCKET_NONE; /* stays the caller's */
        ck_stream_destroy(&s);
        return status;
    }
    if (s->tls != NULL) {
        (void)ck_stream_enter(s, CK_STREAM_HANDSHAKING);
        ck_stream_update_watch(s);
        ck_stream_arm(s);
    } else {
        ck_loop_end_turn_with(s->loop, &s->turn); /* opens there */
    }
    *out = s;
    return CHALK_OK;
}

/* ---- small things ---- */

void ck_stream_pause(ck_stream *s)
{
    s->paused = true;
    if (s->state != CK_STREAM_CLOSED) {
        ck_stream_arm(s);
        ck_stream_update_watch(s);
    }
}

void ck_stream_resume(ck_stream *s)
{
    if (s->paused && s->state != CK_STREAM_CLOSED) {
        s->paused = false;
        s->read_since_us = ck_loop_now_us(s->loop);
        ck_stream_arm(s);
        /* Bytes that TLS has decrypted already make no socket readable. */
        ck_loop_end_turn_with(s->loop, &s->turn);
        ck_stream_update_watch(s);
    }
}

void ck_stream_set_read_timeout(ck_stream *s, uint32_t read_timeout_ms)
{
    s->read_timeout_ms = read_timeout_ms;
    if (s->state != CK_STREAM_CLOSED) {
        s->read_since_us = ck_loop_now_us(s->loop);
        ck_stream_arm(s);
    }
}

void ck_stream_set_write_timeout(ck_stream *s, uint32_t write_timeout_ms)
{
    s->write_timeout_ms = write_timeout_ms;
    if (s->state != CK_STREAM_CLOSED) {
        ck_stream_arm(s);
    }
}

void ck_stream_set_queue(ck_stream *s, uint32_t queue_bytes_max, uint32_t drained_bytes)
{
    s->queue_bytes_max = or_default(queue_bytes_max, CK_STREAM_QUEUE_BYTES);
    s->drained_bytes = drained_bytes;
}

void ck_stream_set_events(ck_stream *s, const ck_stream_events *events, void *user)
{
    s->events = *events;
    s->user = user;
}

bool ck_stream_is_secure(const ck_stream *s)
{
    return s->tls != NULL;
}

const char *ck_stream_peer(const ck_stream *s)
{
    return s->peer;
}

size_t ck_stream_waiting(const ck_stream *s)
{
    size_t encrypted = 0;
    if (s->tls != NULL) {
        (void)ck_tls_session_wire(s->tls, &encrypted);
    }
    return s->queue.bytes + encrypted;
}

ck_stream_queue_fill ck_stream_queued(const ck_stream *s)
{
    return (ck_stream_queue_fill){s->queue.count, s->queue.body_bytes};
}

void ck_stream_get_stats(const ck_stream *s, ck_stream_stats *out)
{
    *out = (ck_stream_stats){
        .received = s->received,
        .sent = s->sent,
        .writes = s->writes,
        .queued = s->queue.bytes,
        .encrypted = ck_stream_waiting(s) - s->queue.bytes,
        .last_data_us = s->last_data_us,
    };
}

ck_stream_kernel_fill ck_stream_in_kernel(const ck_stream *s)
{
    ck_stream_kernel_fill fill = {0};
    if (s->socket != CK_SOCKET_NONE) {
        ck_socket_kernel_queue(s->socket, &fill.unsent, &fill.unacked);
    }
    return fill;
}

size_t ck_stream_unsent(const ck_stream *s)
{
    return ck_stream_waiting(s) + ck_stream_in_kernel(s).unsent;
}
