/* What comes in: heads, control frames, fragments joined to messages. */
#include "core/ws/conn_internal.h"

#include "base/check.h"
#include "base/text.h"

#include <string.h>

#define UTF8_MAX 4 /* bytes of a character */

/* ---- heads ---- */

static bool is_control(const ck_ws_frame *frame)
{
    return frame->opcode >= CK_WS_CLOSE;
}

static enum ck_ws_fault check_control(const ck_ws_frame *frame)
{
    if (frame->opcode > CK_WS_PONG) {
        return CK_WS_FAULT_OPCODE;
    }
    bool good = frame->fin && frame->size <= CK_WS_CONTROL_MAX;
    return good ? CK_WS_FAULT_NONE : CK_WS_FAULT_CONTROL;
}

static enum ck_ws_fault check_data(const ck_ws_conn *c, const ck_ws_frame *frame)
{
    if (frame->opcode > CK_WS_BINARY) {
        return CK_WS_FAULT_OPCODE;
    }
    if (c->in_message != (frame->opcode == CK_WS_CONTINUATION)) {
        return CK_WS_FAULT_SEQUENCE;
    }
    /* Told by the announced length, before a byte of it is kept. */
    uint64_t room = c->config->message_bytes_max - c->message.size;
    return frame->size <= room ? CK_WS_FAULT_NONE : CK_WS_FAULT_SIZE;
}

static enum ck_ws_fault start_frame(ck_ws_conn *c)
{
    ck_ws_frame *frame = &c->frame;
    if (!ck_ws_frame_read(frame, c->head)) {
        return CK_WS_FAULT_LENGTH;
    }
    if (frame->reserved != 0) {
        return CK_WS_FAULT_RESERVED_BITS;
    }
    enum ck_ws_fault fault = is_control(frame) ? check_control(frame) : check_data(c, frame);
    if (fault == CK_WS_FAULT_NONE && frame->masked != (c->config->role == CK_WS_SERVER)) {
        fault = CK_WS_FAULT_MASK;
    }
    if (fault != CK_WS_FAULT_NONE) {
        return fault;
    }
    if (!is_control(frame) && frame->opcode != CK_WS_CONTINUATION) {
        c->in_message = true;
        c->text = frame->opcode == CK_WS_TEXT;
        c->checked = 0;
    }
    c->in_frame = true;
    c->left = frame->size;
    c->control_size = 0;
    return CK_WS_FAULT_NONE;
}

static size_t head_needed(const ck_ws_conn *c)
{
    return c->head_size < CK_WS_HEAD_MIN ? CK_WS_HEAD_MIN : ck_ws_frame_head_size(c->head);
}

/* Takes bytes up to the end of a head. True: a frame has begun. */
static bool take_head(ck_ws_conn *c, enum ck_ws_fault *fault)
{
    while (c->head_size < head_needed(c)) {
        if (ck_reader_left(&c->in) == 0) {
            return false;
        }
        c->head[c->head_size++] = ck_read_u8(&c->in);
    }
    c->head_size = 0;
    *fault = start_frame(c);
    return *fault == CK_WS_FAULT_NONE;
}

/* ---- payloads ---- */

/* The part of the frame's payload that is there. */
static const uint8_t *take_part(ck_ws_conn *c, size_t *size, uint64_t *offset)
{
    *size = (size_t)CK_MIN(c->left, ck_reader_left(&c->in));
    *offset = c->frame.size - c->left;
    c->left -= *size;
    return ck_read_bytes(&c->in, *size);
}

static void copy_part(const ck_ws_conn *c, uint8_t *out, const uint8_t *part, size_t size,
                      uint64_t offset)
{
    if (c->frame.masked) {
        ck_ws_mask(out, part, size, c->frame.mask, offset);
    } else if (size > 0) {
        memcpy(out, part, size);
    }
}

/* Whether 1 to 3 bytes, which are no whole character, can be the beginning of one: whatever the
 * first two are, one of these two fillings makes them whole. */
static bool may_become_utf8(const uint8_t *tail, size_t size)
{
    uint8_t low[UTF8_MAX] = {0x80, 0x80, 0x80, 0x80};
    uint8_t high[UTF8_MAX] = {0xbf, 0xbf, 0xbf, 0xbf};
    memcpy(low, tail, size);
    memcpy(high, tail, size);
    return ck_utf8_valid_prefix(low, UTF8_MAX) > 0 || ck_utf8_valid_prefix(high, UTF8_MAX) > 0;
}

/* Goes on with the check of a text; a character may be cut at the end unless the text is whole. */
static bool check_text(ck_ws_conn *c, const uint8_t *text, size_t size, bool whole)
{
    if (size == 0) {
        return true;
    }
    c->checked += ck_utf8_valid_prefix(text + c->checked, size - c->checked);
    size_t rest = size - c->checked;
    return rest == 0 || (!whole && rest < UTF8_MAX && may_become_utf8(text + c->checked, rest));
}

/* ---- control frames ---- */

static enum ck_ws_fault on_close(ck_ws_conn *c)
{
    if (c->control_size == 0) {
        ck_ws_conn_peer_closes(c, CK_WS_NO_CODE);
        return CK_WS_FAULT_NONE;
    }
    if (c->control_size < sizeof(uint16_t) || !ck_ws_code_may_travel(ck_load_be16(c->control))) {
        return CK_WS_FAULT_CLOSE;
    }
    size_t reason_size = c->control_size - sizeof(uint16_t);
    if (ck_utf8_valid_prefix(c->control + sizeof(uint16_t), reason_size) != reason_size) {
        return CK_WS_FAULT_UTF8;
    }
    ck_ws_conn_peer_closes(c, ck_load_be16(c->control));
    return CK_WS_FAULT_NONE;
}

/* A pong for which there is no memory is left out: the peer asks again. */
static void on_ping(ck_ws_conn *c)
{
    if (c->state != CK_WS_OPEN) {
        return;
    }
    ck_slice_unref(&c->pong);
    c->pong = ck_slice_copy(c->config->alloc, c->control, c->control_size);
    c->pong_due = c->pong.size == c->control_size;
}

static enum ck_ws_fault take_control(ck_ws_conn *c)
{
    size_t size = 0;
    uint64_t offset = 0;
    const uint8_t *part = take_part(c, &size, &offset);
    copy_part(c, c->control + offset, part, size, offset);
    c->control_size = (uint8_t)(offset + size);
    if (c->left > 0) {
        return CK_WS_FAULT_NONE;
    }
    c->in_frame = false;
    if (c->frame.opcode == CK_WS_CLOSE) {
        return on_close(c);
    }
    if (c->frame.opcode == CK_WS_PING) {
        on_ping(c);
    }
    return CK_WS_FAULT_NONE; /* of a pong, that it came is all it says */
}

/* ---- messages ---- */

static void deliver(ck_ws_conn *c, const uint8_t *data, size_t size, ck_ws_event *event)
{
    static const uint8_t nothing[1];
    *event = (ck_ws_event){
        .kind = CK_WS_EV_MESSAGE, .data = size > 0 ? data : nothing, .size = size, .text = c->text};
}

/* A whole message in one frame that is not masked is given out where it lies. */
static bool lies_whole(const ck_ws_conn *c)
{
    const ck_ws_frame *frame = &c->frame;
    return !frame->masked && frame->fin && frame->opcode != CK_WS_CONTINUATION &&
           c->left == frame->size && ck_reader_left(&c->in) >= c->left;
}

static enum ck_ws_fault take_where_it_lies(ck_ws_conn *c, ck_ws_event *event)
{
    size_t size = 0;
    uint64_t offset = 0;
    const uint8_t *data = take_part(c, &size, &offset);
    c->in_frame = false;
    c->in_message = false;
    if (c->text && !check_text(c, data, size, true)) {
        return CK_WS_FAULT_UTF8;
    }
    deliver(c, data, size, event);
    return CK_WS_FAULT_NONE;
}

static enum ck_ws_fault keep_part(ck_ws_conn *c)
{
    size_t size = 0;
    uint64_t offset = 0;
    const uint8_t *part = take_part(c, &size, &offset);
    if (size > 0 && c->state == CK_WS_OPEN) {
        uint8_t *room = ck_buf_extend(&c->message, size);
        if (room == NULL) {
            return CK_WS_FAULT_MEMORY; /* the size was checked at the head */
        }
        copy_part(c, room, part, size, offset);
    }
    bool whole = c->left == 0 && c->frame.fin;
    bool good = !c->text || c->state != CK_WS_OPEN ||
                check_text(c, c->message.data, c->message.size, whole);
    return good ? CK_WS_FAULT_NONE : CK_WS_FAULT_UTF8;
}

static enum ck_ws_fault take_data(ck_ws_conn *c, ck_ws_event *event)
{
    if (lies_whole(c) && c->state == CK_WS_OPEN) {
        return take_where_it_lies(c, event);
    }
    enum ck_ws_fault fault = keep_part(c);
    if (fault != CK_WS_FAULT_NONE || c->left > 0) {
        return fault;
    }
    c->in_frame = false;
    c->in_message = !c->frame.fin;
    if (c->frame.fin && c->state == CK_WS_OPEN) {
        c->delivered = true;
        deliver(c, c->message.data, c->message.size, event);
    } else if (c->frame.fin) {
        ck_buf_free(&c->message);
    }
    return CK_WS_FAULT_NONE;
}

bool ck_ws_conn_receive(ck_ws_conn *c, ck_ws_event *event)
{
    bool stuck = false;
    while (c->state != CK_WS_CLOSED && event->kind == 0 && !stuck) {
        enum ck_ws_fault fault = CK_WS_FAULT_NONE;
        if (c->in_frame) {
            stuck = ck_reader_left(&c->in) == 0 && c->left > 0;
            fault = stuck ? fault : is_control(&c->frame) ? take_control(c) : take_data(c, event);
        } else {
            stuck = !take_head(c, &fault);
        }
        if (fault != CK_WS_FAULT_NONE) {
            ck_ws_conn_fail(c, fault);
        }
    }
    return event->kind != 0;
}
