#include "chalkrail/errors.h"
#include "core/rtmp/internal.h"

int ck_rtmp_send_info(ck_rtmp *r, uint32_t stream, const char *level, const char *code,
                      const char *description)
{
    ck_buf b = ck_rtmp_command_buffer(r);
    ck_rtmp_put_info(&b, "onStatus", 0, level, code, description);
    return ck_rtmp_queue_command(r, &b, CK_RTMP_COMMAND, stream);
}

int ck_rtmp_send_error(ck_rtmp *r, double transaction, const char *code, const char *description)
{
    ck_buf b = ck_rtmp_command_buffer(r);
    ck_rtmp_put_info(&b, "_error", transaction, "error", code, description);
    return ck_rtmp_queue_command(r, &b, CK_RTMP_COMMAND, 0);
}

static int accept_connect(ck_rtmp *r, double transaction)
{
    uint8_t bandwidth[5];
    ck_store_be32(bandwidth, r->config.window_bytes);
    bandwidth[4] = CK_RTMP_LIMIT_DYNAMIC;
    int status = ck_rtmp_send_control_u32(r, CK_RTMP_WINDOW_SIZE, r->own_window_bytes);
    if (status == CHALK_OK) {
        status = ck_rtmp_send_control(r, CK_RTMP_PEER_BANDWIDTH, bandwidth, sizeof bandwidth);
    }
    if (status == CHALK_OK) {
        status = ck_rtmp_send_control_u32(r, CK_RTMP_SET_CHUNK_SIZE, r->config.chunk_size);
    }
    if (status < 0) {
        return status;
    }
    ck_buf b = ck_rtmp_command_buffer(r);
    ck_rtmp_put_connect_result(&b, transaction, &r->config);
    ck_rtmp_set_state(r, CK_RTMP_CONNECTED);
    r->setup_deadline_us = ck_rtmp_later(r->now_us, r->config.setup_timeout_us);
    return ck_rtmp_queue_command(r, &b, CK_RTMP_COMMAND, 0);
}

static int accept_publish(ck_rtmp *r)
{
    int status = ck_rtmp_send_user_control(r, CK_RTMP_STREAM_BEGIN, r->stream);
    if (status < 0) {
        return status;
    }
    /* FMLE and its descendants wait for this one, everybody else for onStatus. */
    ck_buf b = ck_rtmp_command_buffer(r);
    ck_rtmp_put_info(&b, "onFCPublish", 0, "status", "NetStream.Publish.Start", "Publishing.");
    status = ck_rtmp_queue_command(r, &b, CK_RTMP_COMMAND, r->stream);
    if (status < 0) {
        return status;
    }
    ck_rtmp_set_state(r, CK_RTMP_STREAMING);
    r->trusted = true;
    return ck_rtmp_send_info(r, r->stream, "status", "NetStream.Publish.Start", "Publishing.");
}

static int accept_play(ck_rtmp *r)
{
    int status = ck_rtmp_send_user_control(r, CK_RTMP_STREAM_BEGIN, r->stream);
    if (status == CHALK_OK) {
        status = ck_rtmp_send_info(r, r->stream, "status", "NetStream.Play.Reset", "Reset.");
    }
    if (status == CHALK_OK) {
        status = ck_rtmp_send_info(r, r->stream, "status", "NetStream.Play.Start", "Playing.");
    }
    if (status < 0) {
        return status;
    }
    ck_buf b = ck_rtmp_command_buffer(r);
    ck_rtmp_put_sample_access(&b);
    ck_rtmp_set_state(r, CK_RTMP_STREAMING);
    return ck_rtmp_queue_command(r, &b, CK_RTMP_DATA, r->stream);
}

int ck_rtmp_accept(ck_rtmp *r, uint64_t request, uint64_t now_us)
{
    r->now_us = now_us;
    if (request == 0 || r->request.id != request || r->state >= CK_RTMP_CLOSING) {
        return CHALK_ERR_NOT_FOUND;
    }
    ck_rtmp_request asked = r->request;
    r->request.id = 0;
    int status = CHALK_OK;
    if (asked.kind == CK_RTMP_EV_CONNECT_REQUEST) {
        status = accept_connect(r, asked.transaction);
    } else if (asked.kind == CK_RTMP_EV_PUBLISH_REQUEST) {
        status = accept_publish(r);
    } else {
        status = accept_play(r);
    }
    return status < 0 ? ck_rtmp_fail(r, status, "an answer could not be queued") : CHALK_OK;
}

int ck_rtmp_reject(ck_rtmp *r, uint64_t request, int status, const char *description,
                   uint64_t now_us)
{
    r->now_us = now_us;
    if (status >= 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (request == 0 || r->request.id != request || r->state >= CK_RTMP_CLOSING) {
        return CHALK_ERR_NOT_FOUND;
    }
    const char *code = ck_rtmp_code_of_status(r->request.kind, status);
    const char *words = description != NULL ? description : chalk_error_text(status);
    int sent = r->request.kind == CK_RTMP_EV_CONNECT_REQUEST
                   ? ck_rtmp_send_error(r, r->request.transaction, code, words)
                   : ck_rtmp_send_info(r, r->stream, "error", code, words);
    r->request.id = 0;
    if (sent < 0) {
        return ck_rtmp_fail(r, sent, "an answer could not be queued");
    }
    ck_rtmp_begin_closing(r, status, words, false);
    return CHALK_OK;
}

int ck_rtmp_close_with(ck_rtmp *r, int status, const char *description, uint64_t now_us)
{
    r->now_us = now_us;
    if (status >= 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (r->config.role != CK_RTMP_SERVER || r->state != CK_RTMP_STREAMING) {
        return CHALK_ERR_BAD_STATE;
    }
    enum ck_rtmp_event_kind asked =
        r->mode == CK_RTMP_PUBLISH ? CK_RTMP_EV_PUBLISH_REQUEST : CK_RTMP_EV_PLAY_REQUEST;
    const char *words = description != NULL ? description : chalk_error_text(status);
    ck_rtmp_sender_drop_media(&r->out);
    int sent =
        ck_rtmp_send_info(r, r->stream, "error", ck_rtmp_code_of_status(asked, status), words);
    if (sent < 0) {
        return ck_rtmp_fail(r, sent, "an answer could not be queued");
    }
    ck_rtmp_begin_closing(r, status, words, false);
    return CHALK_OK;
}

int ck_rtmp_server_farewell(ck_rtmp *r)
{
    if (r->stream == 0) {
        return CHALK_OK;
    }
    if (r->mode == CK_RTMP_PUBLISH) {
        return ck_rtmp_send_info(r, r->stream, "status", "NetStream.Unpublish.Success",
                                 "Unpublished.");
    }
    int status = ck_rtmp_send_info(r, r->stream, "status", "NetStream.Play.UnpublishNotify",
                                   "The stream ended.");
    return status < 0 ? status : ck_rtmp_send_user_control(r, CK_RTMP_STREAM_EOF, r->stream);
}

bool ck_rtmp_asks_key_frames(const ck_rtmp *r)
{
    return r->key_frames;
}

int ck_rtmp_ask_key_frame(ck_rtmp *r)
{
    enum ck_rtmp_mode receives = r->config.role == CK_RTMP_SERVER ? CK_RTMP_PUBLISH : CK_RTMP_PLAY;
    if (r->state != CK_RTMP_STREAMING || r->mode != receives) {
        return CHALK_ERR_BAD_STATE;
    }
    if (!r->key_frames) {
        return CHALK_ERR_UNSUPPORTED;
    }
    ck_buf b = ck_rtmp_command_buffer(r);
    ck_rtmp_put_command(&b, CK_RTMP_KEY_FRAME, 0);
    ck_amf_put_null(&b);
    return ck_rtmp_queue_command(r, &b, CK_RTMP_COMMAND, r->stream);
}
