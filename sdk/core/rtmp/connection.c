#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/rtmp/internal.h"

#include <string.h>

uint64_t ck_rtmp_later(uint64_t now_us, uint64_t delay_us)
{
    return delay_us > CK_NEVER - now_us ? CK_NEVER : now_us + delay_us;
}

uint32_t ck_rtmp_now_ms(const ck_rtmp *r)
{
    return (uint32_t)(r->now_us / CK_US_PER_MS);
}

static int start(ck_rtmp *r, const ck_rtmp_config *config, uint64_t seed)
{
    int status = ck_rtmp_config_take(r, config);
    if (status == CHALK_OK) {
        status = ck_ring_init(&r->events, r->alloc, sizeof(ck_rtmp_event), CK_RTMP_EVENTS_MAX);
    }
    if (status < 0) {
        return status;
    }
    ck_rng_seed(&r->rng, seed);
    r->in.reassembly_bytes_max = r->config.reassembly_bytes_max;
    r->in.chunk_streams_max = r->config.chunk_streams_max;
    r->own_window_bytes = r->config.window_bytes;
    r->limit_type = CK_RTMP_LIMIT_SOFT; /* a dynamic limit counts after a hard one alone */
    r->setup_deadline_us = ck_rtmp_later(r->now_us, r->config.setup_timeout_us);
    return ck_rtmp_handshake_start(&r->handshake, r->config.role == CK_RTMP_SERVER, r->alloc,
                                   &r->rng, ck_rtmp_now_ms(r), &r->out);
}

int ck_rtmp_init(ck_rtmp **out, const ck_rtmp_config *config, uint64_t seed, uint64_t now_us)
{
    *out = NULL;
    if (config->alloc == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_rtmp *r = ck_new(config->alloc, sizeof *r);
    if (r == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    r->alloc = config->alloc;
    r->state = CK_RTMP_HANDSHAKE;
    r->now_us = now_us;
    r->close_deadline_us = CK_NEVER;
    r->pong_deadline_us = CK_NEVER;
    ck_rtmp_dechunk_init(&r->in, r->alloc);
    ck_rtmp_sender_init(&r->out, r->alloc);
    int status = start(r, config, seed);
    if (status < 0) {
        ck_rtmp_free(&r);
    }
    *out = r;
    return status;
}

void ck_rtmp_drop_all(ck_rtmp *r)
{
    ck_rtmp_handshake_free(&r->handshake);
    ck_rtmp_dechunk_free(&r->in);
    ck_rtmp_sender_free(&r->out);
    ck_slice_unref(&r->aggregate.body);
}

void ck_rtmp_free(ck_rtmp **out)
{
    ck_rtmp *r = *out;
    if (r == NULL) {
        return;
    }
    *out = NULL;
    ck_rtmp_drop_all(r);
    ck_rtmp_event event;
    while (ck_ring_pop(&r->events, &event)) {
        ck_rtmp_event_free(&event);
    }
    ck_ring_free(&r->events);
    ck_rtmp_config_drop(r);
    ck_free(r->alloc, r->app);
    ck_free(r->alloc, r->tc_url);
    ck_free(r->alloc, r->flash_version);
    ck_free(r->alloc, r->name);
    ck_free(r->alloc, r->type);
    ck_free(r->alloc, r);
}

int ck_rtmp_fail(ck_rtmp *r, int status, const char *text)
{
    if (r->state == CK_RTMP_CLOSED) {
        return status;
    }
    if (r->state != CK_RTMP_CLOSING) {
        r->status = status;
        ck_text_copy(r->text, sizeof r->text, text != NULL ? text : chalk_error_text(status));
    }
    ck_rtmp_set_state(r, CK_RTMP_CLOSED);
    return status;
}

void ck_rtmp_push_event(ck_rtmp *r, const ck_rtmp_event *event)
{
    /* Feed and the splitting of aggregates make sure of room before they make events. */
    bool pushed = ck_ring_push(&r->events, event);
    CK_INVARIANT(pushed, {
        ck_rtmp_event lost = *event;
        ck_rtmp_event_free(&lost);
        ck_rtmp_fail(r, CHALK_ERR_BAD_STATE, "the event queue overflowed");
    });
}

void ck_rtmp_begin_closing(ck_rtmp *r, int status, const char *text, bool farewell)
{
    r->status = status;
    r->farewell = farewell;
    r->pong_deadline_us = CK_NEVER;
    r->setup_deadline_us = CK_NEVER;
    r->close_deadline_us = ck_rtmp_later(r->now_us, r->config.close_timeout_us);
    ck_text_copy(r->text, sizeof r->text, text);
    ck_rtmp_set_state(r, CK_RTMP_CLOSING);
}

ck_buf ck_rtmp_command_buffer(const ck_rtmp *r)
{
    ck_buf b;
    ck_buf_init(&b, r->alloc, CK_RTMP_COMMAND_BYTES_MAX);
    return b;
}

int ck_rtmp_queue_command(ck_rtmp *r, ck_buf *b, uint8_t type, uint32_t stream)
{
    int status = ck_buf_status(b);
    if (status == CHALK_OK) {
        ck_rtmp_queued message = {.body = ck_slice_copy(r->alloc, b->data, b->size),
                                  .stream = stream,
                                  .type = type,
                                  .chunk_stream = CK_RTMP_CHUNK_STREAM_COMMAND};
        status = message.body.data == NULL ? CHALK_ERR_NO_MEMORY
                                           : ck_rtmp_sender_put_control(&r->out, &message);
    }
    ck_buf_free(b);
    return status;
}

/* CLOSING with nothing left to send: say the closing words, or be done. */
static bool conclude(ck_rtmp *r)
{
    if (r->farewell) {
        r->farewell = false;
        int status = r->config.role == CK_RTMP_CLIENT ? ck_rtmp_client_farewell(r)
                                                      : ck_rtmp_server_farewell(r);
        if (status == CHALK_OK) {
            return true;
        }
        r->status = status;
        ck_text_copy(r->text, sizeof r->text, chalk_error_text(status));
    }
    ck_rtmp_set_state(r, CK_RTMP_CLOSED);
    return false;
}

bool ck_rtmp_poll_output(ck_rtmp *r, ck_out *out, uint64_t now_us)
{
    r->now_us = now_us;
    if (r->state == CK_RTMP_CLOSED) {
        return false;
    }
    int status = ck_rtmp_send_due_acknowledgement(r);
    if (status < 0) {
        ck_rtmp_fail(r, status, NULL);
        return false;
    }
    bool given = ck_rtmp_sender_poll(&r->out, out);
    while (!given && r->state == CK_RTMP_CLOSING && conclude(r)) {
        given = ck_rtmp_sender_poll(&r->out, out);
    }
    return given;
}

bool ck_rtmp_poll_event(ck_rtmp *r, ck_rtmp_event *event)
{
    if (r->events.count == 0 && r->aggregate.body.data != NULL && r->state != CK_RTMP_CLOSED) {
        /* An error ends the connection, and CLOSED will tell of it. */
        (void)ck_rtmp_split_aggregate(r);
    }
    if (ck_ring_pop(&r->events, event)) {
        if (event->request != 0 && event->request == r->request.id) {
            r->request.polled = true;
        }
        return true;
    }
    if (r->state != CK_RTMP_CLOSED || r->reported) {
        return false;
    }
    r->reported = true;
    *event = (ck_rtmp_event){.kind = CK_RTMP_EV_CLOSED,
                             .closed = {.status = r->status, .text = r->text}};
    return true;
}

void ck_rtmp_event_free(ck_rtmp_event *event)
{
    if (event->kind == CK_RTMP_EV_MEDIA) {
        ck_slice_unref(&event->media.body);
    }
}

uint64_t ck_rtmp_next_deadline(const ck_rtmp *r)
{
    if (r->state == CK_RTMP_CLOSED) {
        return CK_NEVER;
    }
    uint64_t first = CK_MIN(r->setup_deadline_us, r->close_deadline_us);
    return CK_MIN(first, r->pong_deadline_us);
}

static const char *setup_timeout_text(const ck_rtmp *r)
{
    switch (r->state) {
    case CK_RTMP_HANDSHAKE:
        return "the handshake was not finished in time";
    case CK_RTMP_CONNECTING:
        return "connect did not come or was not answered in time";
    default:
        return "publish or play did not come or was not answered in time";
    }
}

void ck_rtmp_on_deadline(ck_rtmp *r, uint64_t now_us)
{
    r->now_us = now_us;
    if (r->state == CK_RTMP_CLOSED) {
        return;
    }
    if (now_us >= r->close_deadline_us) {
        /* An orderly end stays one when the peer does not read its last words. */
        ck_rtmp_set_state(r, CK_RTMP_CLOSED);
    } else if (now_us >= r->setup_deadline_us) {
        ck_rtmp_fail(r, CHALK_ERR_TIMEOUT, setup_timeout_text(r));
    } else if (now_us >= r->pong_deadline_us) {
        ck_rtmp_fail(r, CHALK_ERR_TIMEOUT, "a ping was not answered in time");
    }
}

int ck_rtmp_close(ck_rtmp *r, uint64_t now_us)
{
    r->now_us = now_us;
    if (r->state == CK_RTMP_CLOSING || r->state == CK_RTMP_CLOSED) {
        return CHALK_OK;
    }
    r->request.id = 0;
    if (r->state == CK_RTMP_HANDSHAKE || r->state == CK_RTMP_CONNECTING) {
        ck_rtmp_set_state(r, CK_RTMP_CLOSED);
        return CHALK_OK;
    }
    bool streaming = r->state == CK_RTMP_STREAMING;
    ck_rtmp_begin_closing(r, CHALK_OK, "", streaming || r->config.role == CK_RTMP_CLIENT);
    return CHALK_OK;
}

void ck_rtmp_stats_get(const ck_rtmp *r, ck_rtmp_stats *stats)
{
    *stats = (ck_rtmp_stats){
        .bytes_in = r->bytes_in,
        .bytes_out = r->out.bytes,
        .messages_in = r->messages_in,
        .messages_out = r->out.messages,
        .messages_ignored = r->messages_ignored,
        .bytes_acknowledged = r->bytes_acknowledged,
        .peer_chunk_size = r->in.chunk_size,
        .peer_window_bytes = r->peer_window_bytes,
    };
}
