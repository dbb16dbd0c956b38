/*
 * The opening handshake of a WebSocket (RFC 6455 4), on heads that core/http has read.
 *
 * Server:  if (ck_ws_is_upgrade(&head) && (refusal = ck_ws_check_request(&head, "room.1")) == 0)
 *              ck_ws_write_response(&out, &head, "room.1", NULL);
 * Client:  ck_ws_write_request(&out, "/rooms/7b", "edge.example.org", nonce, "room.1");
 *          ... status = ck_ws_check_response(&head, nonce, "room.1");
 *
 * Extensions are neither offered nor accepted.
 */
#ifndef CK_CORE_WS_HANDSHAKE_H
#define CK_CORE_WS_HANDSHAKE_H

#include "core/http/head.h"

#define CK_WS_NONCE_BYTES 16

/* Whether a request asks for this protocol at all; then it is judged by the next. */
bool ck_ws_is_upgrade(const ck_http_head *request);

/* RFC 6455 4.2.1. `protocol`: what the client has to offer; NULL: nothing. 0, or the HTTP status
 * that refuses: 400, 405, 426 (to be sent with "Sec-WebSocket-Version: 13"). */
int ck_ws_check_request(const ck_http_head *request, const char *protocol);

/* Appends the answer to a request that was found good. `server`: for the "Server:" header; NULL:
 * none. CHALK_ERR_INVALID_ARGUMENT, NO_MEMORY, TOO_LARGE (the limit of `out`). */
int ck_ws_write_response(ck_buf *out, const ck_http_head *request, const char *protocol,
                         const char *server);

/* Appends the request. `target`: path and query, escaped; `host`: as ck_http_write_request has it;
 * `nonce`: random, CK_WS_NONCE_BYTES; `protocol`: NULL: none is offered. Errors as above. */
int ck_ws_write_request(ck_buf *out, const char *target, const char *host, const uint8_t *nonce,
                        const char *protocol);

/* RFC 6455 4.1. CHALK_OK: open; CHALK_ERR_PROTOCOL: 101, but not to what was asked; what
 * ck_ws_refusal says for another status. */
int ck_ws_check_response(const ck_http_head *response, const uint8_t *nonce, const char *protocol);

/* What an HTTP status other than 101 means: DENIED (401, 403), NO_STREAM (404, 410), REFUSED (429,
 * 503), UNSUPPORTED (3xx, 426, 501), PROTOCOL (any other). */
int ck_ws_refusal(int http_status);

#endif
