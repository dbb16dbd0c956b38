/*
 * One open WebSocket (RFC 6455), of a server (httpd.h) or of a client (ws_client.h): whole messages
 * in both directions over a ck_stream, TLS or not.
 *
 * A message is sent as a few header bytes and the payload's slice: a server's payload is never
 * copied, so one slice goes to ten thousand sockets; a client's is copied once, because RFC 6455
 * 5.3 has it masked. What was queued in a turn of the loop leaves at its end in one system call.
 * An idle WebSocket holds no buffer and has no timer of its own.
 *
 * A peer that was silent for CK_WS_PING_S is asked whether it is there, and cut after
 * CK_WS_HANG_UP_S of silence. One that takes nothing of what waits for CK_WS_SEND_MS is cut too.
 *
 * Thread: loop, for every function. Lifetime: from `opened` (a client: from ck_ws_connect) to the
 * end of `closed` or to ck_ws_destroy, whichever comes first; then the pointer is invalid.
 */
#ifndef CK_RUNTIME_NET_WS_H
#define CK_RUNTIME_NET_WS_H

#include "base/slice.h"

#include <stdbool.h>
#include <stdint.h>

#define CK_WS_QUEUE_MESSAGES     256        /* default, per WebSocket */
#define CK_WS_QUEUE_MESSAGES_MAX 8000       /* a larger limit is taken as this */
#define CK_WS_QUEUE_BYTES        (1u << 20) /* default, per WebSocket */
#define CK_WS_MESSAGE_MAX        65536      /* default: a longer message closes with 1009 */
#define CK_WS_PING_S             20         /* a silent peer is asked whether it is alive */
#define CK_WS_HANG_UP_S          40         /* and cut when it is still silent by then */
#define CK_WS_SEND_MS            30000      /* a peer that takes nothing for so long is cut */
#define CK_WS_CLOSE_S            5          /* for the closing handshake; then cut */

typedef struct ck_ws ck_ws;

/* Zero means the default of each. */
typedef struct ck_ws_limits {
    uint32_t queue_messages; /* waiting to be sent; our pongs count among them */
    uint32_t queue_bytes;    /* of their payload */
    uint32_t message_bytes;  /* of one received message, fragments joined */
} ck_ws_limits;

/* Queues one message, payload by reference; takes and clears it on success. `text`: it must be
 * UTF-8, which is the caller's to know. CHALK_ERR_LIMIT (the queue is full: nothing is taken; close
 * or skip), NO_MEMORY, BAD_STATE (not open yet, or closing). */
int ck_ws_send(ck_ws *ws, ck_slice *message, bool text);

/* Payload of the messages that the kernel (with TLS: the encryption) has not taken whole. */
size_t ck_ws_queued_bytes(const ck_ws *ws);
/* Bytes that were given to send and have not left this machine: queued here, encrypted and waiting,
 * and in the kernel but never sent (framing and TLS included). One system call. */
size_t ck_ws_unsent(const ck_ws *ws);

/* Sends what is queued, then the close frame with `code` (1000-1014 but 1004-1006, or 3000-4999;
 * another is sent as 1000), then awaits the peer's and cuts after at most CK_WS_CLOSE_S. `closed`
 * follows with CHALK_OK, never from inside this call. A second close does nothing. */
void ck_ws_close(ck_ws *ws, uint16_t code);

/* Cuts at once: no callback comes any more. May be called in any callback, `closed` included.
 * Clears *ws; NULL is accepted. */
void ck_ws_destroy(ck_ws **ws);

#endif
