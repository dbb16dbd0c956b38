/* The inside of ck_tls, for tls.c and tls_session.c: here alone are types of OpenSSL. */
#ifndef CK_RUNTIME_NET_TLS_INTERNAL_H
#define CK_RUNTIME_NET_TLS_INTERNAL_H

#include "runtime/net/tls_session.h"

#include <openssl/ssl.h>
#include <stdatomic.h>

struct ck_tls {
    const ck_alloc *alloc;
    const ck_log *log;
    SSL_CTX *context;
    bool is_server;
    atomic_uint references;
};

/* Empties OpenSSL's error queue of this thread into one line of the log. */
void ck_tls_log_errors(const ck_log *log, const char *what);

#endif
