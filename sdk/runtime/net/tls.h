/*
 * TLS settings shared by many streams (an SSL_CTX of OpenSSL underneath; none of its types leave
 * runtime/net). TLS 1.2 (RFC 5246) at least, 1.3 (RFC 8446) preferred, OpenSSL's default ciphers,
 * no renegotiation, no compression, no early data.
 *
 * A client always checks the chain and, through X509_VERIFY_PARAM, that the certificate is for the
 * host it asked for (RFC 6125; an address must be in the certificate as an address). There is no
 * switch that turns this off: to trust a test's own authority, name its file.
 *
 * Thread: create and free anywhere; may be shared by streams of several loops.
 * Lifetime: counted; every stream keeps a reference, so it may be released while streams live.
 */
#ifndef CK_RUNTIME_NET_TLS_H
#define CK_RUNTIME_NET_TLS_H

#include "base/alloc.h"
#include "runtime/os/os.h"

typedef struct ck_tls ck_tls;

/* ca_file: PEM file of trusted authorities, used instead of the system's; NULL: the system's.
 * CHALK_ERR_TLS (the file cannot be read or holds no certificate), CHALK_ERR_NO_MEMORY. */
int ck_tls_client_create(const ck_alloc *alloc, const ck_log *log, const char *ca_file,
                         ck_tls **out);

/* PEM files: the server's certificate followed by its intermediates, and its key. CHALK_ERR_TLS
 * (a file cannot be read, the key has a password, or does not fit the certificate),
 * CHALK_ERR_NO_MEMORY. */
int ck_tls_server_create(const ck_alloc *alloc, const ck_log *log, const char *cert_file,
                         const char *key_file, ck_tls **out);

ck_tls *ck_tls_ref(ck_tls *tls);
void ck_tls_unref(ck_tls **tls); /* clears it; NULL is accepted */

#endif
