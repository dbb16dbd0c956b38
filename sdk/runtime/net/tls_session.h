/*
 * One TLS connection without a socket: ciphertext in, plain bytes out and the other way round,
 * through OpenSSL's memory BIOs. The stream moves the bytes. Private to runtime/net.
 *
 * After every call there may be ciphertext to send: ck_tls_session_wire.
 */
#ifndef CK_RUNTIME_NET_TLS_SESSION_H
#define CK_RUNTIME_NET_TLS_SESSION_H

#include "runtime/net/tls.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct ck_tls_session ck_tls_session;

/* Whether a client or a server is decided by `tls`. host: what a client demands of the certificate
 * (name or numeric address) and sends as SNI; ignored for a server. CHALK_ERR_NO_MEMORY. */
int ck_tls_session_create(ck_tls *tls, const char *host, ck_tls_session **out);
void ck_tls_session_free(ck_tls_session **session);
bool ck_tls_is_server(const ck_tls *tls);

int ck_tls_session_feed(ck_tls_session *s, const uint8_t *data, size_t size);

/* CHALK_OK: done; CHALK_ERR_AGAIN: more bytes are needed; CHALK_ERR_TLS: refused, by us or
 * them; CHALK_ERR_NO_TLS: the server speaks something else. */
int ck_tls_session_handshake(ck_tls_session *s);

/* CHALK_ERR_AGAIN: nothing whole yet; CHALK_ERR_PEER_CLOSED: the closing alert came;
 * CHALK_ERR_PROTOCOL: broken records. */
int ck_tls_session_read(ck_tls_session *s, uint8_t *out, size_t size, size_t *got);

/* Encrypts all of 1 .. 16384 bytes as one record. */
int ck_tls_session_write(ck_tls_session *s, const uint8_t *data, size_t size);
void ck_tls_session_say_goodbye(ck_tls_session *s); /* the closing alert, RFC 8446 6.1 */

/* Ciphertext that waits to be sent; borrowed until the next call. */
const uint8_t *ck_tls_session_wire(const ck_tls_session *s, size_t *size);
void ck_tls_session_wire_sent(ck_tls_session *s, size_t size);

#endif
