#include "runtime/net/tls_internal.h"

#include "chalkrail/errors.h"

#include <openssl/err.h>

void ck_tls_log_errors(const ck_log *log, const char *what)
{
    const char *reason = NULL;
    unsigned long code = 0;
    while ((code = ERR_get_error()) != 0) {
        reason = ERR_reason_error_string(code);
    }
    ck_logf(log, 2, "tls", "%s: %s", what, reason != NULL ? reason : "no reason given");
}

static void set_common_options(SSL_CTX *context)
{
    (void)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    /* An idle connection gives its record buffers back; sessions are resumed by tickets, so a
     * server keeps nothing per client. */
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static int create(const ck_alloc *alloc, const ck_log *log, bool is_server, ck_tls **out)
{
    *out = NULL;
    ERR_clear_error();
    ck_tls *tls = ck_new(alloc, sizeof *tls);
    if (tls == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    tls->alloc = alloc;
    tls->log = log;
    tls->is_server = is_server;
    atomic_init(&tls->references, 1);
    tls->context = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
    if (tls->context == NULL) {
        ck_free(alloc, tls);
        return CHALK_ERR_NO_MEMORY;
    }
    set_common_options(tls->context);
    *out = tls;
    return CHALK_OK;
}

int ck_tls_client_create(const ck_alloc *alloc, const ck_log *log, const char *ca_file,
                         ck_tls **out)
{
    int status = create(alloc, log, false, out);
    if (status < 0) {
        return status;
    }
    SSL_CTX *context = (*out)->context;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    int loaded = ca_file != NULL ? SSL_CTX_load_verify_file(context, ca_file)
                                 : SSL_CTX_set_default_verify_paths(context);
    if (loaded != 1) {
        ck_tls_log_errors(log, "trusted certificates cannot be read");
        ck_tls_unref(out);
        return CHALK_ERR_TLS;
    }
    return CHALK_OK;
}

/* Without this OpenSSL would ask for the key's password on the host's terminal. */
static int no_password(char *out, int size, int for_writing, void *user)
{
    (void)out;
    (void)size;
    (void)for_writing;
    (void)user;
    return -1;
}

int ck_tls_server_create(const ck_alloc *alloc, const ck_log *log, const char *cert_file,
                         const char *key_file, ck_tls **out)
{
    int status = create(alloc, log, true, out);
    if (status < 0) {
        return status;
    }
    SSL_CTX *context = (*out)->context;
    SSL_CTX_set_default_passwd_cb(context, no_password);
    if (SSL_CTX_use_certificate_chain_file(context, cert_file) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key_file, SSL_FILETYPE_PEM) != 1 ||
        SSL_CTX_check_private_key(context) != 1) {
        ck_tls_log_errors(log, "certificate or key cannot be used");
        ck_tls_unref(out);
        return CHALK_ERR_TLS;
    }
    return CHALK_OK;
}

ck_tls *ck_tls_ref(ck_tls *tls)
{
    (void)atomic_fetch_add_explicit(&tls->references, 1, memory_order_relaxed);
    return tls;
}

void ck_tls_unref(ck_tls **tls)
{
    ck_tls *gone = *tls;
    *tls = NULL;
    if (gone != NULL &&
        atomic_fetch_sub_explicit(&gone->references, 1, memory_order_acq_rel) == 1) {
        SSL_CTX_free(gone->context);
        ck_free(gone->alloc, gone);
    }
}

bool ck_tls_is_server(const ck_tls *tls)
{
    return tls->is_server;
}
