#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/rtmp/internal.h"

static int handle_command(ck_rtmp *r, const ck_rtmp_message *message)
{
    ck_rtmp_command command;
    int status = ck_rtmp_command_open(&command, message);
    if (status < 0) {
        return ck_rtmp_fail(r, status, "a command is malformed");
    }
    return r->config.role == CK_RTMP_CLIENT ? ck_rtmp_client_command(r, &command)
                                            : ck_rtmp_server_command(r, message, &command);
}

/* Takes the message's body. */
static int handle_message(ck_rtmp *r, ck_rtmp_message *message)
{
    int status = CHALK_OK;
    bool closing = r->state == CK_RTMP_CLOSING;
    r->messages_in++;
    switch (message->type) {
    case CK_RTMP_SET_CHUNK_SIZE:
    case CK_RTMP_ABORT:
    case CK_RTMP_ACKNOWLEDGEMENT:
    case CK_RTMP_WINDOW_SIZE:
    case CK_RTMP_PEER_BANDWIDTH:
        status = ck_rtmp_handle_control(r, message);
        break;
    case CK_RTMP_USER_CONTROL:
        status = ck_rtmp_handle_user_control(r, message);
        break;
    case CK_RTMP_COMMAND:
    case CK_RTMP_COMMAND_AMF3:
        status = closing ? CHALK_OK : handle_command(r, message);
        break;
    case CK_RTMP_AUDIO:
    case CK_RTMP_VIDEO:
    case CK_RTMP_DATA:
    case CK_RTMP_DATA_AMF3:
    case CK_RTMP_AGGREGATE:
        return ck_rtmp_handle_media(r, message);
    default: /* shared objects and what nobody defined */
        r->messages_ignored++;
        break;
    }
    ck_slice_unref(&message->body);
    return status;
}

/* Large before a server's host agreed to a publish is large from anybody. */
static void set_limits(ck_rtmp *r)
{
    uint32_t max = r->config.message_bytes_max;
    bool trusted = r->config.role == CK_RTMP_CLIENT || r->trusted;
    r->in.message_bytes_max = trusted ? max : CK_MIN(max, CK_RTMP_COMMAND_BYTES_MAX);
    r->in.command_bytes_max = CK_MIN(max, CK_RTMP_COMMAND_BYTES_MAX);
    size_t reassembly = r->config.reassembly_bytes_max;
    r->in.reassembly_bytes_max =
        trusted ? reassembly : CK_MIN(reassembly, (size_t)CK_RTMP_UNTRUSTED_BYTES_MAX);
}

static int feed_handshake(ck_rtmp *r, const uint8_t *data, size_t size, size_t *used)
{
    ck_reader in = ck_reader_of(data, size);
    int status =
        ck_rtmp_handshake_feed(&r->handshake, r->alloc, &r->rng, ck_rtmp_now_ms(r), &in, &r->out);
    *used = size - ck_reader_left(&in);
    if (status < 0) {
        return ck_rtmp_fail(r, status, status == CHALK_ERR_PROTOCOL ? "this is not RTMP" : NULL);
    }
    if (status == 0) {
        return CHALK_OK;
    }
    if (r->config.role == CK_RTMP_CLIENT) {
        return ck_rtmp_client_start(r);
    }
    ck_rtmp_set_state(r, CK_RTMP_CONNECTING);
    return CHALK_OK;
}

static const char *dechunk_error(int status)
{
    switch (status) {
    case CHALK_ERR_PROTOCOL:
        return "the chunk stream is broken";
    case CHALK_ERR_TOO_LARGE:
        return "a message is over the limit";
    default:
        return NULL;
    }
}

static int feed_chunks(ck_rtmp *r, const uint8_t *data, size_t size, size_t *used)
{
    ck_rtmp_message message;
    set_limits(r);
    int status = ck_rtmp_dechunk_feed(&r->in, data, size, used, &message);
    ck_rtmp_count_input(r, *used);
    if (status < 0) {
        return ck_rtmp_fail(r, status, dechunk_error(status));
    }
    return status == 1 ? handle_message(r, &message) : CHALK_OK;
}

/* Whether a message may be handled: its events have room, and no request that waits in the queue
 * would see its texts replaced. */
static bool may_feed(const ck_rtmp *r)
{
    bool unread_request = r->request.id != 0 && !r->request.polled;
    return r->events.count + CK_RTMP_EVENTS_PER_MESSAGE <= CK_RTMP_EVENTS_MAX &&
           r->aggregate.body.data == NULL && !unread_request;
}

int ck_rtmp_feed(ck_rtmp *r, const void *data, size_t size, uint64_t now_us, size_t *used)
{
    *used = 0;
    r->now_us = now_us;
    if (r->state == CK_RTMP_CLOSED) {
        return r->status < 0 ? r->status : CHALK_ERR_END;
    }
    if (r->pong_deadline_us != CK_NEVER && size > 0) {
        r->pong_deadline_us = ck_rtmp_later(now_us, r->config.pong_timeout_us);
    }
    int status = CHALK_OK;
    while (status == CHALK_OK && *used < size && r->state != CK_RTMP_CLOSED && may_feed(r)) {
        const uint8_t *at = (const uint8_t *)data + *used;
        size_t taken = 0;
        status = r->state == CK_RTMP_HANDSHAKE ? feed_handshake(r, at, size - *used, &taken)
                                               : feed_chunks(r, at, size - *used, &taken);
        *used += taken;
        r->bytes_in += taken;
    }
    if (status < 0) {
        /* Most errors come with their own words; running out of memory comes from anywhere. */
        ck_rtmp_fail(r, status, NULL);
        ck_rtmp_drop_all(r);
        return r->status < 0 ? r->status : CHALK_ERR_END;
    }
    return CHALK_OK;
}
