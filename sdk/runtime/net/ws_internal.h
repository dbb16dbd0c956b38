/*
 * The inside of a WebSocket: ws.c is what both roles share, ws_server.c comes out of an upgrade,
 * ws_client.c out of ck_ws_connect. What is decided is decided in core/ws; here bytes are moved.
 *
 * A WebSocket's memory outlives every callback on it: ck_ws_destroy from inside one only marks it.
 * After `closed` was told it stays until its stream has said goodbye, or been cut.
 */
#ifndef CK_RUNTIME_NET_WS_INTERNAL_H
#define CK_RUNTIME_NET_WS_INTERNAL_H

#include "core/ws/conn.h"
#include "runtime/net/loop_internal.h"
#include "runtime/net/slow_timer.h"
#include "runtime/net/stream.h"
#include "runtime/net/ws.h"

/* What a role does with what happens. */
typedef struct ck_ws_role_calls {
    void (*message)(ck_ws *ws, const uint8_t *data, size_t size, bool text);
    void (*drained)(ck_ws *ws);
    void (*closed)(ck_ws *ws, int status, uint16_t code);
    void (*release)(ck_ws *ws); /* lets go of what is the role's, and frees the memory */
} ck_ws_role_calls;

struct ck_ws {
    const ck_ws_role_calls *role;
    ck_loop *loop;
    ck_stream *stream;
    const ck_ws_limits *limits; /* none is zero */
    bool open;                  /* the handshake is done; stays until `closed` is told */
    bool told;                  /* `closed` */
    bool busy;                  /* in a callback */
    bool destroyed;
    bool was_half_full; /* since the queue was empty last */
    ck_slow_timer deadline;
    ck_ws_conn conn; /* once open */
};

ck_ws_limits ck_ws_limits_of(const ck_ws_limits *limits); /* defaults filled in; NULL: all */
/* For a role's connections; the limits are read, not kept. */
ck_ws_conn_config ck_ws_conn_config_of(ck_loop *loop, enum ck_ws_role role,
                                       const ck_ws_limits *limits);

/* Fills what is shared but the stream. CHALK_ERR_NO_MEMORY, CANCELLED; then nothing is to be
 * undone. */
int ck_ws_init(ck_ws *ws, const ck_ws_role_calls *role, ck_loop *loop, const ck_ws_limits *limits);

/* The handshake is done: from here on ws->stream's events are WebSocket frames. */
void ck_ws_open(ck_ws *ws, const ck_ws_conn_config *config, uint64_t seed);
void ck_ws_take(ck_ws *ws, const uint8_t *data, size_t size); /* bytes of frames */

/* Tells `closed`, once, and closes the stream: at once, or flushing what waits. */
void ck_ws_end(ck_ws *ws, int status, uint16_t code, bool flush);

/* Around everything that may call the owner. */
void ck_ws_enter(ck_ws *ws);
void ck_ws_leave(ck_ws *ws); /* frees it when it was destroyed in between */

/* The stream is gone: tells `closed` if nobody did, and frees. Also for handshakes. */
void ck_ws_on_stream_closed(void *user, ck_stream *s, int status);

#endif
