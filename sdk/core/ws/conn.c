/* A connection's life: made, sending, its deadlines, its end. */
#include "core/ws/conn_internal.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

#define NORMAL_CODE 1000

/* ---- faults ---- */

typedef struct fault_row {
    const char *text;
    int error;
    uint16_t code;
} fault_row;

static const fault_row *row_of(enum ck_ws_fault fault)
{
    static const fault_row rows[] = {{"", CHALK_OK, 0},
#define CK_WS_FAULT_ROW(name, code, error, text) {text, CHALK_ERR_##error, code},
                                     CK_WS_FAULT_LIST(CK_WS_FAULT_ROW)
#undef CK_WS_FAULT_ROW
    };
    return &rows[(size_t)fault < CK_COUNT_OF(rows) ? fault : 0];
}

const char *ck_ws_fault_text(enum ck_ws_fault fault)
{
    return row_of(fault)->text;
}

int ck_ws_fault_error(enum ck_ws_fault fault)
{
    return row_of(fault)->error;
}

uint16_t ck_ws_fault_code(enum ck_ws_fault fault)
{
    return row_of(fault)->code;
}

/* ---- life ---- */

void ck_ws_conn_init(ck_ws_conn *c, const ck_ws_conn_config *config, uint64_t seed, uint64_t now_us)
{
    *c = (ck_ws_conn){.state = CK_WS_OPEN, .config = config, .heard_us = now_us};
    ck_rng_seed(&c->rng, seed);
    ck_buf_init(&c->message, config->alloc, config->message_bytes_max);
}

void ck_ws_conn_free(ck_ws_conn *c)
{
    ck_buf_free(&c->message);
    ck_slice_unref(&c->pong);
}

void ck_ws_conn_feed(ck_ws_conn *c, const uint8_t *data, size_t size, uint64_t now_us)
{
    CK_INVARIANT(ck_reader_left(&c->in) == 0, return );
    if (c->state == CK_WS_CLOSED) {
        return;
    }
    c->in = ck_reader_of(data, size);
    c->heard_us = now_us;
    c->asked = false;
}

static void give_back_message(ck_ws_conn *c)
{
    if (c->delivered) {
        c->delivered = false;
        ck_buf_free(&c->message);
    }
}

bool ck_ws_conn_poll_event(ck_ws_conn *c, ck_ws_event *event)
{
    *event = (ck_ws_event){0};
    give_back_message(c);
    if (ck_ws_conn_receive(c, event)) {
        return true;
    }
    if (!c->closed_due) {
        return false;
    }
    c->closed_due = false;
    *event = (ck_ws_event){
        .kind = CK_WS_EV_CLOSED, .status = c->status, .code = c->peer_code, .fault = c->fault};
    return true;
}

/* ---- sending ---- */

static void start_frame(ck_ws_conn *c, enum ck_ws_opcode opcode, size_t size, ck_out *out,
                        ck_ws_frame *frame)
{
    *frame = (ck_ws_frame){.fin = true,
                           .opcode = (uint8_t)opcode,
                           .masked = c->config->role == CK_WS_CLIENT,
                           .size = size};
    if (frame->masked) {
        ck_store_be32(frame->mask, (uint32_t)(ck_rng_next(&c->rng) >> 32));
    }
    uint8_t head[CK_WS_HEAD_MAX];
    *out = (ck_out){.head_size = (uint8_t)ck_ws_frame_write(frame, head)};
    memcpy(out->head, head, out->head_size);
}

/* False: no memory for a client's masked copy. */
static bool make_frame(ck_ws_conn *c, enum ck_ws_opcode opcode, const ck_slice *payload,
                       ck_out *out)
{
    ck_ws_frame frame;
    start_frame(c, opcode, payload->size, out, &frame);
    if (!frame.masked || payload->size == 0) {
        out->body = ck_slice_ref(*payload);
        return true;
    }
    out->body = ck_slice_new(c->config->alloc, payload->size);
    if (out->body.data == NULL) {
        return false;
    }
    ck_ws_mask(ck_slice_mutable(out->body), payload->data, payload->size, frame.mask, 0);
    return true;
}

int ck_ws_conn_send(ck_ws_conn *c, const ck_slice *payload, bool text, ck_out *out)
{
    *out = (ck_out){0};
    if (c->state != CK_WS_OPEN) {
        return CHALK_ERR_BAD_STATE;
    }
    bool made = make_frame(c, text ? CK_WS_TEXT : CK_WS_BINARY, payload, out);
    return made ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

/* A close frame is short enough for the head, so that it needs no memory. */
static void make_close(ck_ws_conn *c, ck_out *out)
{
    ck_ws_frame frame;
    size_t size = c->close_code == CK_WS_NO_CODE ? 0 : sizeof(uint16_t);
    start_frame(c, CK_WS_CLOSE, size, out, &frame);
    if (size > 0) {
        uint8_t *code = out->head + out->head_size;
        ck_store_be16(code, c->close_code);
        if (frame.masked) {
            ck_ws_mask(code, code, size, frame.mask, 0);
        }
        out->head_size = (uint8_t)(out->head_size + size);
    }
}

static bool make_pong(ck_ws_conn *c, ck_out *out)
{
    c->pong_due = false;
    bool made = make_frame(c, CK_WS_PONG, &c->pong, out);
    ck_slice_unref(&c->pong);
    return made;
}

bool ck_ws_conn_poll_output(ck_ws_conn *c, ck_out *out)
{
    *out = (ck_out){0};
    if (c->pong_due && make_pong(c, out)) {
        return true;
    }
    if (c->ping_due) {
        c->ping_due = false;
        return make_frame(c, CK_WS_PING, &(ck_slice){0}, out);
    }
    if (c->close_due) {
        c->close_due = false;
        make_close(c, out);
        return true;
    }
    return false;
}

/* ---- the end ---- */

static void enter(ck_ws_conn *c, enum ck_ws_state next)
{
    static const unsigned legal[] = {
        [CK_WS_OPEN] = 1u << CK_WS_CLOSING | 1u << CK_WS_CLOSED,
        [CK_WS_CLOSING] = 1u << CK_WS_CLOSED,
        [CK_WS_CLOSED] = 0,
    };
    CK_INVARIANT(legal[c->state] >> next & 1u, return );
    c->state = next;
}

static void end(ck_ws_conn *c, int status, enum ck_ws_fault fault)
{
    enter(c, CK_WS_CLOSED);
    c->in = (ck_reader){0};
    c->ping_due = false;
    c->closed_due = true;
    c->status = status;
    c->fault = fault;
}

void ck_ws_conn_close(ck_ws_conn *c, uint16_t code, uint64_t now_us)
{
    if (c->state == CK_WS_OPEN) {
        enter(c, CK_WS_CLOSING);
        c->close_due = true;
        c->close_code = ck_ws_code_may_travel(code) ? code : NORMAL_CODE;
        c->close_by_us = now_us + c->config->close_us;
    }
}

/* RFC 6455 5.5.1: answered with the same code, unless it is the answer to ours. */
void ck_ws_conn_peer_closes(ck_ws_conn *c, uint16_t code)
{
    bool ours = c->state == CK_WS_CLOSING;
    if (!ours) {
        c->close_due = true;
        c->close_code = code;
    }
    c->peer_code = code;
    end(c, ours ? CHALK_OK : CHALK_ERR_PEER_CLOSED, CK_WS_FAULT_NONE);
}

/* RFC 6455 7.1.7. A peer that breaks the protocol while it should close has not closed in order,
 * but we have: that is how it ends for the owner. */
void ck_ws_conn_fail(ck_ws_conn *c, enum ck_ws_fault fault)
{
    bool ours = c->state == CK_WS_CLOSING;
    if (!ours && fault != CK_WS_FAULT_SILENCE) {
        c->close_due = true;
        c->close_code = ck_ws_fault_code(fault);
    }
    end(c, ours ? CHALK_OK : ck_ws_fault_error(fault), fault);
}

/* ---- time ---- */

uint64_t ck_ws_conn_next_deadline(const ck_ws_conn *c)
{
    switch (c->state) {
    case CK_WS_OPEN:
        return c->heard_us + (c->asked ? c->config->hang_up_us : c->config->ping_us);
    case CK_WS_CLOSING:
        return c->close_by_us;
    case CK_WS_CLOSED:
        break;
    }
    return CK_NEVER;
}

void ck_ws_conn_on_deadline(ck_ws_conn *c, uint64_t now_us)
{
    if (now_us < ck_ws_conn_next_deadline(c)) {
        return;
    }
    if (c->state == CK_WS_CLOSING) {
        end(c, CHALK_OK, CK_WS_FAULT_NONE);
    } else if (c->asked) {
        ck_ws_conn_fail(c, CK_WS_FAULT_SILENCE);
    } else {
        c->asked = true;
        c->ping_due = true;
    }
}
