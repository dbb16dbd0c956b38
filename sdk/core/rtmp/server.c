#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "core/rtmp/capabilities.h"
#include "core/rtmp/internal.h"

#include <string.h>

/* Keeps a text of the peer in *slot. Errors: TOO_LARGE, BAD_DATA (a byte 0 in it), NO_MEMORY. */
static int keep_text(ck_rtmp *r, char **slot, const char *text, size_t size)
{
    if (size > r->config.string_bytes_max) {
        return ck_rtmp_fail(r, CHALK_ERR_TOO_LARGE, "a text is longer than the limit");
    }
    if (size > 0 && memchr(text, 0, size) != NULL) {
        return ck_rtmp_fail(r, CHALK_ERR_BAD_DATA, "a text contains a zero byte");
    }
    char *own = ck_new(r->alloc, size + 1);
    if (own == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (size > 0) {
        memcpy(own, text, size);
    }
    ck_free(r->alloc, *slot);
    *slot = own;
    return CHALK_OK;
}

/* A member of the connect object; absent or of another kind: "". */
static int keep_member(ck_rtmp *r, char **slot, const ck_amf_in *object, const char *name)
{
    ck_amf_item item;
    int status = ck_amf_find(object, name, &item);
    if (status < 0 && status != CHALK_ERR_NOT_FOUND) {
        return ck_rtmp_fail(r, CHALK_ERR_BAD_DATA, "connect is malformed");
    }
    bool is_text = status == CHALK_OK && item.kind == CK_AMF_STRING;
    return is_text ? keep_text(r, slot, item.text, item.text_size) : keep_text(r, slot, "", 0);
}

/* The next argument as a text; absent or of another kind: `otherwise`. */
static int keep_argument(ck_rtmp *r, char **slot, ck_amf_in *args, const char *otherwise)
{
    ck_amf_in look = *args;
    ck_amf_item item;
    int status = ck_amf_next(&look, &item);
    bool is_text = status == CHALK_OK && item.kind == CK_AMF_STRING;
    if (status == CHALK_OK) {
        status = ck_amf_skip(args);
    }
    if (status < 0 && status != CHALK_ERR_END) {
        return ck_rtmp_fail(r, CHALK_ERR_BAD_DATA, "a command is malformed");
    }
    return is_text ? keep_text(r, slot, item.text, item.text_size)
                   : keep_text(r, slot, otherwise, strlen(otherwise));
}

static double number_argument(ck_amf_in *args, double otherwise)
{
    double value = otherwise;
    ck_amf_in look = *args;
    if (ck_amf_read_number(&look, &value) != CHALK_OK) {
        value = otherwise;
    }
    *args = look;
    return value;
}

static void open_request(ck_rtmp *r, ck_rtmp_event *event, double transaction)
{
    event->request = ++r->requests_made;
    r->request =
        (ck_rtmp_request){.id = event->request, .kind = event->kind, .transaction = transaction};
    r->setup_deadline_us = CK_NEVER; /* it is the host's turn */
    ck_rtmp_push_event(r, event);
}

static int take_connect(ck_rtmp *r, ck_rtmp_command *command)
{
    if (r->state != CK_RTMP_CONNECTING || r->request.id != 0) {
        return ck_rtmp_fail(r, CHALK_ERR_PROTOCOL, "a second connect");
    }
    int status = keep_member(r, &r->app, &command->args, "app");
    if (status == CHALK_OK) {
        status = keep_member(r, &r->tc_url, &command->args, "tcUrl");
    }
    if (status == CHALK_OK) {
        status = keep_member(r, &r->flash_version, &command->args, "flashVer");
    }
    if (status < 0) {
        return status;
    }
    bool makes_keys = ck_rtmp_has_key_frames(&command->args, 1);
    r->key_frames = r->config.key_frames && makes_keys;
    ck_rtmp_event event = {.kind = CK_RTMP_EV_CONNECT_REQUEST,
                           .connect = {.app = r->app,
                                       .tc_url = r->tc_url,
                                       .flash_version = r->flash_version,
                                       .enhanced = ck_rtmp_is_enhanced(&command->args),
                                       .key_frames = makes_keys}};
    open_request(r, &event, command->transaction);
    return CHALK_OK;
}

static int take_create_stream(ck_rtmp *r, const ck_rtmp_command *command)
{
    if (r->stream != 0) {
        return ck_rtmp_send_error(r, command->transaction, "NetConnection.Call.Failed",
                                  "One stream per connection.");
    }
    r->stream = ++r->streams_made;
    ck_buf b = ck_rtmp_command_buffer(r);
    ck_rtmp_put_number_result(&b, command->transaction, r->stream);
    return ck_rtmp_queue_command(r, &b, CK_RTMP_COMMAND, 0);
}

/* What publish and play have in common: the right stream, nothing under way, the name. 1 when the
 * request may be opened; 0 when it was refused by name. */
static int admit(ck_rtmp *r, const ck_rtmp_message *message, ck_rtmp_command *command,
                 enum ck_rtmp_mode mode)
{
    if (r->stream == 0 || message->stream != r->stream) {
        return ck_rtmp_fail(r, CHALK_ERR_PROTOCOL, "a stream that was not created");
    }
    if (r->state != CK_RTMP_CONNECTED) {
        const char *code =
            mode == CK_RTMP_PUBLISH ? "NetStream.Publish.BadName" : "NetStream.Play.Failed";
        return ck_rtmp_send_info(r, r->stream, "error", code, "One stream per connection.");
    }
    if (ck_amf_skip(&command->args) < 0) {
        return ck_rtmp_fail(r, CHALK_ERR_BAD_DATA, "a command is malformed");
    }
    int status = keep_argument(r, &r->name, &command->args, "");
    if (status < 0) {
        return status;
    }
    if (r->name[0] == '\0') {
        return ck_rtmp_fail(r, CHALK_ERR_BAD_DATA, "a stream without a name");
    }
    r->mode = mode;
    ck_rtmp_set_state(r, CK_RTMP_STARTING);
    return 1;
}

static int take_publish(ck_rtmp *r, const ck_rtmp_message *message, ck_rtmp_command *command)
{
    int status = admit(r, message, command, CK_RTMP_PUBLISH);
    if (status != 1) {
        return status;
    }
    status = keep_argument(r, &r->type, &command->args, "live");
    if (status < 0) {
        return status;
    }
    ck_rtmp_event event = {.kind = CK_RTMP_EV_PUBLISH_REQUEST,
                           .publish = {.name = r->name, .type = r->type}};
    open_request(r, &event, command->transaction);
    return CHALK_OK;
}

static int take_play(ck_rtmp *r, const ck_rtmp_message *message, ck_rtmp_command *command)
{
    int status = admit(r, message, command, CK_RTMP_PLAY);
    if (status != 1) {
        return status;
    }
    double start = number_argument(&command->args, -1);
    double length = number_argument(&command->args, -1);
    ck_rtmp_event event = {.kind = CK_RTMP_EV_PLAY_REQUEST,
                           .play = {.name = r->name, .start = start, .length = length}};
    open_request(r, &event, command->transaction);
    return CHALK_OK;
}

/* The peer ends what it asked for or had. */
static int end_stream(ck_rtmp *r)
{
    if (r->state != CK_RTMP_STARTING && r->state != CK_RTMP_STREAMING) {
        return CHALK_OK;
    }
    ck_rtmp_set_state(r, CK_RTMP_CONNECTED);
    ck_rtmp_sender_drop_media(&r->out);
    r->request.id = 0;
    r->setup_deadline_us = ck_rtmp_later(r->now_us, r->config.setup_timeout_us);
    ck_rtmp_event event = {.kind = CK_RTMP_EV_STREAM_ENDED};
    ck_rtmp_push_event(r, &event);
    return r->mode == CK_RTMP_PUBLISH
               ? ck_rtmp_send_info(r, r->stream, "status", "NetStream.Unpublish.Success",
                                   "Unpublished.")
               : CHALK_OK;
}

static int take_delete_stream(ck_rtmp *r, ck_rtmp_command *command)
{
    double id = 0;
    if (ck_amf_skip(&command->args) == CHALK_OK) {
        id = number_argument(&command->args, 0);
    }
    if (r->stream == 0 || id != (double)r->stream) {
        return CHALK_OK;
    }
    int status = end_stream(r);
    r->stream = 0;
    return status;
}

/* releaseStream, FCPublish, FCUnpublish, getStreamLength: an empty answer is all that encoders and
 * players wait for. */
static int take_courtesy(ck_rtmp *r, const ck_rtmp_command *command)
{
    if (command->transaction == 0) {
        return CHALK_OK;
    }
    ck_buf b = ck_rtmp_command_buffer(r);
    if (strcmp(command->name, "getStreamLength") == 0) {
        ck_rtmp_put_number_result(&b, command->transaction, 0);
    } else {
        ck_rtmp_put_empty_result(&b, command->transaction);
    }
    return ck_rtmp_queue_command(r, &b, CK_RTMP_COMMAND, 0);
}

static bool is_courtesy(const char *name)
{
    static const char *const names[] = {"releaseStream", "FCPublish", "FCUnpublish",
                                        "getStreamLength"};
    for (size_t i = 0; i < CK_COUNT_OF(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool asks_for_key_frame(const ck_rtmp *r, const ck_rtmp_command *command)
{
    return r->key_frames && r->state == CK_RTMP_STREAMING && r->mode == CK_RTMP_PLAY &&
           strcmp(command->name, CK_RTMP_KEY_FRAME) == 0;
}

static int take_stream_command(ck_rtmp *r, const ck_rtmp_message *message, ck_rtmp_command *command)
{
    if (strcmp(command->name, "createStream") == 0) {
        return take_create_stream(r, command);
    }
    if (strcmp(command->name, "publish") == 0) {
        return take_publish(r, message, command);
    }
    if (strcmp(command->name, "play") == 0) {
        return take_play(r, message, command);
    }
    if (strcmp(command->name, "deleteStream") == 0) {
        return take_delete_stream(r, command);
    }
    if (strcmp(command->name, "closeStream") == 0) {
        return message->stream == r->stream ? end_stream(r) : CHALK_OK;
    }
    if (asks_for_key_frame(r, command)) {
        ck_rtmp_event event = {.kind = CK_RTMP_EV_KEY_FRAME};
        ck_rtmp_push_event(r, &event);
        return CHALK_OK;
    }
    if (!is_courtesy(command->name)) {
        r->messages_ignored++; /* _checkbw, pause, receiveAudio and what else there is */
        return CHALK_OK;
    }
    int status = take_courtesy(r, command);
    bool ends = strcmp(command->name, "FCUnpublish") == 0 && r->mode == CK_RTMP_PUBLISH;
    return status == CHALK_OK && ends ? end_stream(r) : status;
}

int ck_rtmp_server_command(ck_rtmp *r, const ck_rtmp_message *message, ck_rtmp_command *command)
{
    if (strcmp(command->name, "connect") == 0) {
        return take_connect(r, command);
    }
    if (r->state == CK_RTMP_CONNECTING) {
        return ck_rtmp_fail(r, CHALK_ERR_PROTOCOL, "a command before connect was answered");
    }
    return take_stream_command(r, message, command);
}
