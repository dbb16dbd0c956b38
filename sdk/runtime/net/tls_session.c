#include "runtime/net/tls_internal.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

struct ck_tls_session {
    ck_tls *tls;
    SSL *ssl;
    BIO *incoming;    /* owned by ssl */
    BIO *outgoing;    /* owned by ssl */
    size_t wire_sent; /* bytes at the front of `outgoing` that the kernel has */
};

/* What the certificate must be for. Without success here nothing may be sent to the peer. */
static bool demand_host(SSL *ssl, const char *host)
{
    X509_VERIFY_PARAM *demand = SSL_get0_param(ssl);
    if (X509_VERIFY_PARAM_set1_ip_asc(demand, host) == 1) {
        return true; /* an address: RFC 6066 forbids it as SNI */
    }
    ERR_clear_error();
    X509_VERIFY_PARAM_set_hostflags(demand, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(demand, host, 0) == 1 &&
           SSL_set_tlsext_host_name(ssl, host) == 1;
}

static bool attach_bios(ck_tls_session *s)
{
    s->incoming = BIO_new(BIO_s_mem());
    s->outgoing = BIO_new(BIO_s_mem());
    if (s->incoming == NULL || s->outgoing == NULL) {
        BIO_free(s->incoming);
        BIO_free(s->outgoing);
        return false;
    }
    SSL_set_bio(s->ssl, s->incoming, s->outgoing);
    return true;
}

int ck_tls_session_create(ck_tls *tls, const char *host, ck_tls_session **out)
{
    *out = NULL;
    ERR_clear_error();
    ck_tls_session *s = ck_new(tls->alloc, sizeof *s);
    if (s == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    s->tls = ck_tls_ref(tls);
    s->ssl = SSL_new(tls->context);
    if (s->ssl == NULL || !attach_bios(s) || (!tls->is_server && !demand_host(s->ssl, host))) {
        ck_tls_session_free(&s);
        return CHALK_ERR_NO_MEMORY;
    }
    if (tls->is_server) {
        SSL_set_accept_state(s->ssl);
    } else {
        SSL_set_connect_state(s->ssl);
    }
    *out = s;
    return CHALK_OK;
}

void ck_tls_session_free(ck_tls_session **session)
{
    ck_tls_session *s = *session;
    *session = NULL;
    if (s != NULL) {
        const ck_alloc *alloc = s->tls->alloc;
        SSL_free(s->ssl);
        ck_tls_unref(&s->tls);
        ck_free(alloc, s);
    }
}

int ck_tls_session_feed(ck_tls_session *s, const uint8_t *data, size_t size)
{
    CK_INVARIANT(size <= INT_MAX, return CHALK_ERR_INVALID_ARGUMENT);
    return BIO_write(s->incoming, data, (int)size) == (int)size ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

/* What came is no record of TLS at all: an answer in plain text, most likely. */
static bool is_plain(const ck_tls_session *s)
{
    return !s->tls->is_server &&
           ERR_GET_REASON(ERR_peek_last_error()) == SSL_R_WRONG_VERSION_NUMBER;
}

static int handshake_failed(ck_tls_session *s)
{
    int status = is_plain(s) ? CHALK_ERR_NO_TLS : CHALK_ERR_TLS;
    long verdict = SSL_get_verify_result(s->ssl);
    if (!s->tls->is_server && verdict != X509_V_OK) {
        ck_logf(s->tls->log, 2, "tls", "certificate refused: %s",
                X509_verify_cert_error_string(verdict));
        ERR_clear_error();
    } else {
        ck_tls_log_errors(s->tls->log, "handshake failed");
    }
    return status;
}

int ck_tls_session_handshake(ck_tls_session *s)
{
    ERR_clear_error();
    int result = SSL_do_handshake(s->ssl);
    if (result == 1) {
        return CHALK_OK;
    }
    return SSL_get_error(s->ssl, result) == SSL_ERROR_WANT_READ ? CHALK_ERR_AGAIN
                                                                : handshake_failed(s);
}

int ck_tls_session_read(ck_tls_session *s, uint8_t *out, size_t size, size_t *got)
{
    ERR_clear_error();
    *got = 0;
    if (SSL_read_ex(s->ssl, out, size, got) == 1) {
        return CHALK_OK;
    }
    switch (SSL_get_error(s->ssl, 0)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
        return CHALK_ERR_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return CHALK_ERR_PEER_CLOSED;
    default:
        ck_tls_log_errors(s->tls->log, "record refused");
        return CHALK_ERR_PROTOCOL;
    }
}

int ck_tls_session_write(ck_tls_session *s, const uint8_t *data, size_t size)
{
    size_t written = 0;
    ERR_clear_error();
    /* The outgoing BIO takes everything, so a write never has to be repeated. */
    if (SSL_write_ex(s->ssl, data, size, &written) == 1 && written == size) {
        return CHALK_OK;
    }
    ck_tls_log_errors(s->tls->log, "encrypting failed");
    return CHALK_ERR_PROTOCOL;
}

void ck_tls_session_say_goodbye(ck_tls_session *s)
{
    ERR_clear_error();
    if (SSL_is_init_finished(s->ssl)) {
        (void)SSL_shutdown(s->ssl);
    }
    ERR_clear_error();
}

const uint8_t *ck_tls_session_wire(const ck_tls_session *s, size_t *size)
{
    char *data = NULL;
    long held = BIO_get_mem_data(s->outgoing, &data);
    *size = held > 0 ? (size_t)held - s->wire_sent : 0;
    return *size > 0 ? (const uint8_t *)data + s->wire_sent : NULL;
}

void ck_tls_session_wire_sent(ck_tls_session *s, size_t size)
{
    size_t waiting = 0;
    (void)ck_tls_session_wire(s, &waiting);
    s->wire_sent += CK_MIN(size, waiting);
    if (size >= waiting) {
        (void)BIO_reset(s->outgoing);
        s->wire_sent = 0;
    }
}
