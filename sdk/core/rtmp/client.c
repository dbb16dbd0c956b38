#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/flv/fourcc.h"
#include "core/rtmp/capabilities.h"
#include "core/rtmp/internal.h"

#include <string.h>

#define CONNECT_TRANSACTION 1.0

static double next_transaction(ck_rtmp *r)
{
    r->transaction += 1;
    return r->transaction;
}

static int send_call(ck_rtmp *r, const char *name, const char *text)
{
    ck_buf b = ck_rtmp_command_buffer(r);
    ck_rtmp_put_call(&b, name, next_transaction(r), text);
    return ck_rtmp_queue_command(r, &b, CK_RTMP_COMMAND, 0);
}

int ck_rtmp_client_start(ck_rtmp *r)
{
    ck_buf b = ck_rtmp_command_buffer(r);
    r->mode = r->config.mode;
    r->transaction = CONNECT_TRANSACTION;
    ck_rtmp_put_connect(&b, CONNECT_TRANSACTION, &r->config);
    ck_rtmp_set_state(r, CK_RTMP_CONNECTING);
    return ck_rtmp_queue_command(r, &b, CK_RTMP_COMMAND, 0);
}

/* After connect: how we cut and acknowledge, then the stream. */
static int create_stream(ck_rtmp *r)
{
    int status = ck_rtmp_send_control_u32(r, CK_RTMP_SET_CHUNK_SIZE, r->config.chunk_size);
    if (status == CHALK_OK) {
        status = ck_rtmp_send_control_u32(r, CK_RTMP_WINDOW_SIZE, r->own_window_bytes);
    }
    if (status == CHALK_OK && r->mode == CK_RTMP_PUBLISH) {
        status = send_call(r, "releaseStream", r->config.stream);
    }
    if (status == CHALK_OK && r->mode == CK_RTMP_PUBLISH) {
        status = send_call(r, "FCPublish", r->config.stream);
    }
    if (status < 0) {
        return status;
    }
    ck_buf b = ck_rtmp_command_buffer(r);
    r->create_transaction = next_transaction(r);
    ck_rtmp_put_command(&b, "createStream", r->create_transaction);
    ck_amf_put_null(&b);
    return ck_rtmp_queue_command(r, &b, CK_RTMP_COMMAND, 0);
}

/* What the server cannot take is better not sent: some relay it as noise. */
static int refuse_server(ck_rtmp *r, const ck_rtmp_codec *missing)
{
    char words[CK_RTMP_TEXT_MAX];
    ck_text text = ck_text_of(words, sizeof words);
    ck_text_add(&text, "the server does not take ");
    ck_text_add(&text, ck_fourcc_name(ck_load_be32((const uint8_t *)missing->fourcc)));
    ck_text_add(&text, ": it did not announce \"");
    ck_text_add(&text, missing->fourcc);
    ck_text_add(&text, "\" (Enhanced RTMP)");
    return ck_rtmp_fail(r, CHALK_ERR_CODEC_UNKNOWN, words);
}

static int take_connect_result(ck_rtmp *r, const ck_rtmp_command *command)
{
    if (r->state != CK_RTMP_CONNECTING) {
        return CHALK_OK;
    }
    const ck_rtmp_codec *missing = ck_rtmp_missing_codec(&r->config, &command->args);
    if (missing != NULL) {
        return refuse_server(r, missing);
    }
    r->key_frames = r->config.key_frames && ck_rtmp_has_key_frames(&command->args, 2);
    ck_rtmp_set_state(r, CK_RTMP_CONNECTED);
    ck_rtmp_event event = {.kind = CK_RTMP_EV_CONNECTED};
    ck_rtmp_push_event(r, &event);
    return create_stream(r);
}

static int start_stream(ck_rtmp *r)
{
    ck_buf b = ck_rtmp_command_buffer(r);
    if (r->mode == CK_RTMP_PUBLISH) {
        ck_rtmp_put_publish(&b, next_transaction(r), r->config.stream);
    } else {
        ck_rtmp_put_play(&b, next_transaction(r), r->config.stream);
    }
    ck_rtmp_set_state(r, CK_RTMP_STARTING);
    int status = ck_rtmp_queue_command(r, &b, CK_RTMP_COMMAND, r->stream);
    if (status < 0 || r->mode == CK_RTMP_PUBLISH) {
        return status;
    }
    uint8_t body[10];
    ck_store_be16(body, CK_RTMP_SET_BUFFER_LENGTH);
    ck_store_be32(body + 2, r->stream);
    ck_store_be32(body + 6, r->config.buffer_ms);
    return ck_rtmp_send_control(r, CK_RTMP_USER_CONTROL, body, sizeof body);
}

static int take_stream_id(ck_rtmp *r, ck_rtmp_command *command)
{
    double id = 0;
    int status = ck_amf_skip(&command->args);
    if (status == CHALK_OK) {
        status = ck_amf_read_number(&command->args, &id);
    }
    if (status < 0 || !(id >= 1 && id <= (double)UINT32_MAX)) {
        return ck_rtmp_fail(r, CHALK_ERR_BAD_DATA, "createStream was answered without a stream");
    }
    r->stream = (uint32_t)id;
    return start_stream(r);
}

static int take_result(ck_rtmp *r, ck_rtmp_command *command)
{
    if (command->transaction == CONNECT_TRANSACTION) {
        return take_connect_result(r, command);
    }
    bool created = r->state == CK_RTMP_CONNECTED && command->transaction == r->create_transaction;
    return created ? take_stream_id(r, command) : CHALK_OK;
}

/* "NetStream.Publish.BadName: somebody publishes there", as far as the server said so. */
static int refuse(ck_rtmp *r, int status, const ck_rtmp_info *info)
{
    char words[CK_RTMP_TEXT_MAX];
    ck_text text = ck_text_of(words, sizeof words);
    ck_text_add(&text, info->code);
    ck_text_add(&text, info->code[0] != '\0' && info->description[0] != '\0' ? ": " : "");
    ck_text_add(&text, info->description);
    return ck_rtmp_fail(r, status, words);
}

/* The calls before publish are courtesies: a server that does not know them may say so. */
static int take_error(ck_rtmp *r, ck_rtmp_command *command)
{
    bool connect = r->state == CK_RTMP_CONNECTING && command->transaction == CONNECT_TRANSACTION;
    bool create = r->state == CK_RTMP_CONNECTED && command->transaction == r->create_transaction;
    bool start = r->state == CK_RTMP_STARTING && command->transaction == r->transaction;
    if (!connect && !create && !start) {
        return CHALK_OK;
    }
    ck_rtmp_info info;
    int status = ck_rtmp_command_info(command, &info);
    if (status < 0) {
        return ck_rtmp_fail(r, status, "a refusal is malformed");
    }
    return refuse(r, ck_rtmp_status_of_code(info.code, true, CHALK_ERR_DENIED), &info);
}

int ck_rtmp_client_playing(ck_rtmp *r)
{
    ck_rtmp_set_state(r, CK_RTMP_STREAMING);
    r->setup_deadline_us = CK_NEVER;
    ck_rtmp_event event = {.kind = r->mode == CK_RTMP_PUBLISH ? CK_RTMP_EV_PUBLISH_STARTED
                                                              : CK_RTMP_EV_PLAY_STARTED};
    ck_rtmp_push_event(r, &event);
    return CHALK_OK;
}

static int take_status(ck_rtmp *r, ck_rtmp_command *command)
{
    ck_rtmp_info info;
    int status = ck_rtmp_command_info(command, &info);
    if (status < 0) {
        return ck_rtmp_fail(r, CHALK_ERR_BAD_DATA, "onStatus is malformed");
    }
    const char *start =
        r->mode == CK_RTMP_PUBLISH ? "NetStream.Publish.Start" : "NetStream.Play.Start";
    if (r->state == CK_RTMP_STARTING && strcmp(info.code, start) == 0) {
        return ck_rtmp_client_playing(r);
    }
    bool streaming = r->state == CK_RTMP_STREAMING;
    int meaning = ck_rtmp_status_of_code(info.code, strcmp(info.level, "error") == 0,
                                         streaming ? CHALK_ERR_PEER_CLOSED : CHALK_ERR_DENIED);
    return meaning < 0 ? refuse(r, meaning, &info) : CHALK_OK;
}

int ck_rtmp_client_command(ck_rtmp *r, ck_rtmp_command *command)
{
    if (strcmp(command->name, "_result") == 0) {
        return take_result(r, command);
    }
    if (strcmp(command->name, "_error") == 0) {
        return take_error(r, command);
    }
    if (strcmp(command->name, "onStatus") == 0) {
        return take_status(r, command);
    }
    if (strcmp(command->name, "close") == 0) {
        /* Some servers say so and leave the socket to us. */
        return ck_rtmp_fail(r, CHALK_ERR_PEER_CLOSED, "the server closed the connection");
    }
    bool key_frame = r->key_frames && r->state == CK_RTMP_STREAMING && r->mode == CK_RTMP_PUBLISH &&
                     strcmp(command->name, CK_RTMP_KEY_FRAME) == 0;
    if (key_frame) {
        ck_rtmp_event event = {.kind = CK_RTMP_EV_KEY_FRAME};
        ck_rtmp_push_event(r, &event);
        return CHALK_OK;
    }
    r->messages_ignored++; /* onBWDone, onFCPublish and their like ask for nothing */
    return CHALK_OK;
}

int ck_rtmp_client_farewell(ck_rtmp *r)
{
    if (r->stream == 0) {
        return CHALK_OK;
    }
    int status = CHALK_OK;
    if (r->mode == CK_RTMP_PUBLISH) {
        status = send_call(r, "FCUnpublish", r->config.stream);
    }
    if (status == CHALK_OK) {
        ck_buf b = ck_rtmp_command_buffer(r);
        ck_rtmp_put_command(&b, "closeStream", 0);
        ck_amf_put_null(&b);
        status = ck_rtmp_queue_command(r, &b, CK_RTMP_COMMAND, r->stream);
    }
    if (status == CHALK_OK) {
        ck_buf b = ck_rtmp_command_buffer(r);
        ck_rtmp_put_delete_stream(&b, next_transaction(r), r->stream);
        status = ck_rtmp_queue_command(r, &b, CK_RTMP_COMMAND, 0);
    }
    return status;
}
