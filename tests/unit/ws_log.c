#include "ws_log.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/check.h"

void ws_log_init(ws_log *log)
{
    log->event_text = ck_text_of(log->events, sizeof log->events);
    log->output_text = ck_text_of(log->outputs, sizeof log->outputs);
}

static void add_item(ck_text *text, const char *kind)
{
    ck_text_add(text, text->used > 0 ? "; " : "");
    ck_text_add(text, kind);
}

static void note_event(ws_log *log, const ck_ws_event *event)
{
    ck_text *text = &log->event_text;
    if (event->kind == CK_WS_EV_CLOSED) {
        add_item(text, "end ");
        ck_text_add(text, chalk_error_name(event->status));
        ck_text_add(text, " ");
        ck_text_add_u64(text, event->code);
        ck_text_add(text, event->fault != CK_WS_FAULT_NONE ? " " : "");
        ck_text_add(text, ck_ws_fault_text(event->fault));
        return;
    }
    add_item(text, event->text ? "T" : "B");
    ck_text_add_u64(text, event->size);
    ck_text_add(text, ":");
    size_t shown = CK_MIN(event->size, (size_t)WS_LOG_SHOWN);
    if (event->text) {
        ck_text_add_n(text, (const char *)event->data, shown);
    } else {
        ck_text_add_hex(text, event->data, shown);
    }
}

static void note_output(ws_log *log, ck_ws_conn *c, const ck_out *out)
{
    uint8_t payload[CK_OUT_HEAD_MAX + CK_WS_CONTROL_MAX];
    ck_ws_frame frame;
    size_t head_size = ck_ws_frame_head_size(out->head);
    size_t in_head = out->head_size - head_size;
    CK_CHECK(ck_ws_frame_read(&frame, out->head));
    CK_CHECK(frame.fin && frame.reserved == 0);
    CK_CHECK_EQ(frame.masked, c->config->role == CK_WS_CLIENT);
    CK_CHECK_EQ(frame.size, in_head + out->body.size);
    CK_CHECK(frame.size <= CK_WS_CONTROL_MAX);
    memcpy(payload, out->head + head_size, in_head);
    if (out->body.size > 0) {
        memcpy(payload + in_head, out->body.data, out->body.size);
    }
    ck_ws_mask(payload, payload, (size_t)frame.size, frame.mask, 0);
    const char *name = frame.opcode == CK_WS_CLOSE  ? "close:"
                       : frame.opcode == CK_WS_PING ? "ping:"
                                                    : "pong:";
    add_item(&log->output_text, name);
    ck_text_add_hex(&log->output_text, payload, (size_t)frame.size);
}

void ws_log_poll(ws_log *log, ck_ws_conn *c)
{
    ck_ws_event event;
    ck_out out;
    while (ck_ws_conn_poll_event(c, &event)) {
        note_event(log, &event);
    }
    while (ck_ws_conn_poll_output(c, &out)) {
        note_output(log, c, &out);
        ck_slice_unref(&out.body);
    }
}

void ws_log_feed(ws_log *log, ck_ws_conn *c, const void *data, size_t size, size_t piece_max,
                 uint64_t now_us)
{
    const uint8_t *bytes = data;
    size_t piece_size = piece_max > 0 ? piece_max : size;
    for (size_t at = 0; at < size; at += piece_size) {
        ck_ws_conn_feed(c, bytes + at, CK_MIN(piece_size, size - at), now_us);
        ws_log_poll(log, c);
    }
}
