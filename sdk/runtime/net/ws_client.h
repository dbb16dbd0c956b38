/*
 * A WebSocket to a server (RFC 6455, the client's side), plain or over TLS, on the same ck_ws as
 * the server's: ck_ws_send, ck_ws_close, ck_ws_unsent ... are in ws.h.
 *
 *     static void on_message(void *user, ck_ws *ws, const uint8_t *data, size_t size, bool text);
 *     static void on_closed(void *user, ck_ws *ws, int status, uint16_t code) { my->ws = NULL; }
 *
 *     ck_ws_client_config config = {.loop = loop, .tls = tls, .protocol = "chalkrail.room.1",
 *                                   .events = {.message = on_message, .closed = on_closed},
 *                                   .user = my};
 *     status = ck_ws_connect(&config, "edge.example.org", 443, "/rooms/7b?token=...", &my->ws);
 *     ...
 *     ck_ws_destroy(&my->ws);     // or ck_ws_close(my->ws, 1000) and wait for closed
 *
 * The name is resolved and the addresses are tried as ck_stream_connect does it; with TLS the chain
 * and the host are always checked. Redirections are not followed: a token in the query would go to
 * a host that nobody named. Nothing is sent to a server before it has accepted.
 *
 * Thread: loop, for every function; callbacks come there, never from inside a call of this header.
 * Lifetime: destroy before the loop; what is left reports closed with CHALK_ERR_CANCELLED. After
 * `closed` the ck_ws is gone; ck_ws_destroy needs not be called, but may be inside it.
 */
#ifndef CK_RUNTIME_NET_WS_CLIENT_H
#define CK_RUNTIME_NET_WS_CLIENT_H

#include "runtime/net/fault.h"
#include "runtime/net/loop.h"
#include "runtime/net/tls.h"
#include "runtime/net/ws.h"

#define CK_WS_TARGET_MAX  4096 /* bytes of path and query */
#define CK_WS_REFUSAL_MAX 127  /* bytes of a server's words */

/* Any may be NULL. Each may call anything of ws.h, ck_ws_destroy on the same WebSocket included. */
typedef struct ck_ws_client_events {
    /* The server has accepted: ck_ws_send may be called from here on. */
    void (*opened)(void *user, ck_ws *ws);
    /* A whole message, fragments joined; borrowed during the call. Text is valid UTF-8. */
    void (*message)(void *user, ck_ws *ws, const uint8_t *data, size_t size, bool text);
    /* The queue is empty again after it had been half full or more. */
    void (*drained)(void *user, ck_ws *ws);
    /*
     * Exactly once, the last callback, unless ck_ws_destroy came first; `ws` is gone after it.
     *
     * Before `opened`: the statuses of ck_stream (NAME_UNRESOLVED, REFUSED, UNREACHABLE, TIMEOUT,
     * TLS ...), or what the server's HTTP answer means, `code` being its HTTP status: DENIED (401,
     * 403), NO_STREAM (404, 410), REFUSED (429, 503: retry later), UNSUPPORTED (3xx; 426 and 501),
     * PROTOCOL (any other, or an answer that is none; then `code` is 0).
     *
     * After `opened`: CHALK_OK (own close), PEER_CLOSED (the peer closed in order), DISCONNECTED
     * (cut, or silent for too long), TIMEOUT (it takes nothing of what waits), PROTOCOL, BAD_DATA
     * (text that is no UTF-8), TOO_LARGE (message_bytes), NO_MEMORY, CANCELLED (the loop went
     * away). `code` is the close code of the peer's close frame (1000-1014, 3000-4999), 1005 for
     * one without a code, 0 when none came. The two ranges of `code` have no number in common.
     */
    void (*closed)(void *user, ck_ws *ws, int status, uint16_t code);
} ck_ws_client_events;

/* Zero means the default everywhere. */
typedef struct ck_ws_client_config {
    ck_loop *loop;
    ck_tls *tls;          /* a client's; NULL: plain TCP */
    const char *tls_host; /* name for SNI and the check; NULL: the host; copied */
    const char *protocol; /* the subprotocol, which the server has to choose; NULL: none; copied */
    ck_ws_limits limits;  /* copied */
    ck_fault_config faults; /* zero: none */
    uint32_t attempt;       /* of them */
    uint32_t connect_ms;    /* name, TCP, TLS and the server's answer; 0: 10 s */
    ck_ws_client_events events;
    void *user;
} ck_ws_client_config;

/*
 * `host`: a name or a numeric address without brackets. `target`: the path with its query, as it
 * goes into the request ("/rooms/7b?token=x", escaped by the caller, at most CK_WS_TARGET_MAX).
 * Errors that come at once: INVALID_ARGUMENT (host, port 0, a target or protocol that no HTTP
 * request can carry, a server's TLS), NO_MEMORY, CANCELLED, IO (no entropy); all others come
 * through `closed`.
 */
int ck_ws_connect(const ck_ws_client_config *config, const char *host, uint16_t port,
                  const char *target, ck_ws **out);

int ck_ws_stall(ck_ws *ws, uint64_t until_us); /* see ck_stream_stall */

/*
 * Inside `closed`, before `opened`: the words with which the server refused, the first line of the
 * answer's plain text as far as it came with its head: printable UTF-8 of at most CK_WS_REFUSAL_MAX
 * bytes,
 * "" where there are none. Borrowed during the call.
 */
const char *ck_ws_refusal_words(const ck_ws *ws);

#endif
