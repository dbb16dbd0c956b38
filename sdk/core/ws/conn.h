/*
 * An open WebSocket (RFC 6455 5 to 8) as a sans-IO core, of a server or of a client; the opening
 * handshake is handshake.h's. It joins fragments, answers pings, checks what a peer may send, asks
 * a silent peer whether it is there, and ends in order.
 *
 *     ck_ws_conn_init(&c, &config, seed, now);
 *
 *     on bytes:                                    on time, at ck_ws_conn_next_deadline(&c):
 *         ck_ws_conn_feed(&c, data, size, now);        ck_ws_conn_on_deadline(&c, now);
 *         while (ck_ws_conn_poll_event(&c, &event)) ...
 *     after each of these, and after ck_ws_conn_close:
 *         while (ck_ws_conn_poll_output(&c, &out)) write out.head, then out.body; unref the body
 *
 * States:   open --ck_ws_conn_close--> closing --the peer's close, time--> closed
 *            \___________the peer's close, a fault, silence__________________^
 *
 * What was fed is borrowed until ck_ws_conn_poll_event has returned false. Messages are not queued
 * here: ck_ws_conn_send makes a frame of one at once. A ping that is not answered yet is replaced
 * by a newer one (5.5.3), so a peer that asks without end makes us hold one answer.
 *
 * An idle connection holds nothing but this struct. Thread: one at a time per object.
 */
#ifndef CK_CORE_WS_CONN_H
#define CK_CORE_WS_CONN_H

#include "base/bytes.h"
#include "base/rng.h"
#include "base/time.h"
#include "core/out.h"
#include "core/ws/frame.h"

enum ck_ws_role {
    CK_WS_SERVER = 1,
    CK_WS_CLIENT,
};

enum ck_ws_state {
    CK_WS_OPEN = 1,
    CK_WS_CLOSING, /* our close frame was made, the peer's is awaited */
    CK_WS_CLOSED,
};

/* X(NAME, close code that tells the peer, chalk_error, text) */
#define CK_WS_FAULT_LIST(X)                                                                        \
    X(RESERVED_BITS, 1002, PROTOCOL, "a frame has reserved bits set")                              \
    X(OPCODE, 1002, PROTOCOL, "a frame has an opcode that is not defined")                         \
    X(MASK, 1002, PROTOCOL, "a client's frame is not masked, or a server's is")                    \
    X(LENGTH, 1002, PROTOCOL, "a frame's length is not in its shortest form")                      \
    X(CONTROL, 1002, PROTOCOL, "a control frame is longer than 125 bytes or in fragments")         \
    X(SEQUENCE, 1002, PROTOCOL, "a fragment continues nothing, or a message begins in another")    \
    X(CLOSE, 1002, PROTOCOL, "a close frame has no whole code, or one that may not travel")        \
    X(UTF8, 1007, BAD_DATA, "a text, or the reason in a close frame, is not UTF-8")                \
    X(SIZE, 1009, TOO_LARGE, "a message is longer than the limit")                                 \
    X(MEMORY, 1011, NO_MEMORY, "memory is exhausted")                                              \
    X(SILENCE, 1006, DISCONNECTED, "the peer did not say for too long that it is there")

enum ck_ws_fault {
    CK_WS_FAULT_NONE = 0,
#define CK_WS_FAULT_ENUM(name, code, error, text) CK_WS_FAULT_##name,
    CK_WS_FAULT_LIST(CK_WS_FAULT_ENUM)
#undef CK_WS_FAULT_ENUM
};

const char *ck_ws_fault_text(enum ck_ws_fault fault); /* "" for none or out of range */
int ck_ws_fault_error(enum ck_ws_fault fault);        /* chalk_error; CHALK_OK for none */
uint16_t ck_ws_fault_code(enum ck_ws_fault fault);    /* 1006: none is sent; 0 for none */

/* Borrowed by any number of connections, for as long as they live. All are required. */
typedef struct ck_ws_conn_config {
    const ck_alloc *alloc; /* outlives every slice that was given out */
    enum ck_ws_role role;
    uint32_t message_bytes_max; /* of one message, fragments joined */
    uint64_t ping_us;           /* a peer silent for so long is pinged */
    uint64_t hang_up_us;        /* and given up when silent for so long; above ping_us */
    uint64_t close_us;          /* from our close frame to CLOSED */
} ck_ws_conn_config;

enum ck_ws_event_kind {
    CK_WS_EV_MESSAGE = 1,
    CK_WS_EV_CLOSED, /* the last event, exactly once */
};

typedef struct ck_ws_event {
    enum ck_ws_event_kind kind;
    const uint8_t *data; /* MESSAGE: borrowed until the next call of this header */
    size_t size;
    bool text;              /* MESSAGE: checked, it is UTF-8 */
    int status;             /* CLOSED: CHALK_OK (own close), PEER_CLOSED, or the fault's error */
    uint16_t code;          /* CLOSED: of the peer's close frame, 1005: it had none; 0: none came */
    enum ck_ws_fault fault; /* CLOSED */
} ck_ws_event;

typedef struct ck_ws_conn {
    enum ck_ws_state state; /* read only */

    /* Private. */
    const ck_ws_conn_config *config;
    ck_rng rng; /* client: masks */
    ck_reader in;
    ck_buf message; /* the fragments so far; empty between messages */
    size_t checked; /* bytes of a text that are known to be UTF-8 */
    ck_ws_frame frame;
    uint64_t left; /* of the frame's payload */
    bool in_frame;
    bool in_message;
    bool text;
    bool delivered; /* the message was given out and can go */
    bool asked;     /* a ping was made since something was heard */
    bool ping_due;
    bool pong_due;
    bool close_due;
    bool closed_due;        /* the last event was not taken yet */
    enum ck_ws_fault fault; /* of the last event */
    int status;
    uint16_t peer_code;
    uint16_t close_code; /* of our close frame; 1005: without one */
    ck_slice pong;       /* what our pong returns */
    uint64_t heard_us;
    uint64_t close_by_us; /* closing */
    uint8_t head_size;
    uint8_t control_size;
    uint8_t head[CK_WS_HEAD_MAX];
    uint8_t control[CK_WS_CONTROL_MAX];
} ck_ws_conn;

/* `seed`: of a client's masks, random per connection; a server's is not used. */
void ck_ws_conn_init(ck_ws_conn *c, const ck_ws_conn_config *config, uint64_t seed,
                     uint64_t now_us);
void ck_ws_conn_free(ck_ws_conn *c);

/* Bytes that came, only when poll_event has returned false; after CLOSED they are ignored. */
void ck_ws_conn_feed(ck_ws_conn *c, const uint8_t *data, size_t size, uint64_t now_us);
bool ck_ws_conn_poll_event(ck_ws_conn *c, ck_ws_event *event);
/* Pongs, pings and the close frame; the body's reference moves to the caller. */
bool ck_ws_conn_poll_output(ck_ws_conn *c, ck_out *out);
uint64_t ck_ws_conn_next_deadline(const ck_ws_conn *c);
void ck_ws_conn_on_deadline(ck_ws_conn *c, uint64_t now_us); /* then poll events and outputs */

/*
 * Makes one frame of a message: `out` gets the head and, on a server, a reference to the payload
 * itself; on a client a masked copy. The caller keeps its own reference. To be written before any
 * output that is polled later. CHALK_ERR_BAD_STATE (not open), NO_MEMORY.
 */
int ck_ws_conn_send(ck_ws_conn *c, const ck_slice *payload, bool text, ck_out *out);

/* Starts the closing handshake; a code that may not travel is sent as 1000. Messages of the peer
 * are not given out any more. Later calls do nothing. */
void ck_ws_conn_close(ck_ws_conn *c, uint16_t code, uint64_t now_us);

#endif
