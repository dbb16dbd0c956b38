/* Streams over TLS: who is trusted, what a broken or cut connection says, byte for byte delivery.
 */
#include "base/rng.h"
#include "net_certs.h"
#include "net_support.h"
#include "support/check.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct secure {
    net_certs certs;
    ck_loop *loop;
    ck_tls *client_tls;
    ck_tls *server_tls;
    net_server server;
    net_record client;
} secure;

static void start(secure *t, size_t cert_offset)
{
    net_certs_make(&t->certs);
    t->loop = net_loop();
    const char *cert = (const char *)&t->certs + cert_offset;
    CK_CHECK_EQ(ck_tls_client_create(&ck_heap, NULL, t->certs.ca, &t->client_tls), CHALK_OK);
    CK_CHECK_EQ(ck_tls_server_create(&ck_heap, NULL, cert, t->certs.key, &t->server_tls), CHALK_OK);
    t->server.config.tls = t->server_tls;
    net_server_start(&t->server, t->loop);
}

static void stop(secure *t)
{
    net_record_clear(&t->client);
    net_server_stop(&t->server);
    ck_loop_destroy(&t->loop);
    ck_tls_unref(&t->client_tls);
    ck_tls_unref(&t->server_tls);
    net_certs_remove(&t->certs);
}

static void dial(secure *t, const char *host, const char *tls_host)
{
    ck_stream_config config = {.loop = t->loop,
                               .events = net_events,
                               .user = &t->client,
                               .tls = t->client_tls,
                               .tls_host = tls_host};
    CK_CHECK_EQ(ck_stream_connect(&config, host, net_server_port(&t->server), &t->client.stream),
                CHALK_OK);
}

static bool decided(void *arg)
{
    net_record *r = arg;
    return r->opened > 0 || r->closed > 0;
}

CK_TEST(net_tls, only_the_right_certificate_is_trusted)
{
    static const struct {
        size_t cert;
        const char *host;
        const char *tls_host;
        int expected; /* 0: it opens */
    } rows[] = {
        {offsetof(net_certs, good), "127.0.0.1", NULL, 0},
        {offsetof(net_certs, good), "localhost", NULL, 0},
        {offsetof(net_certs, good), "127.0.0.1", "localhost", 0},
        {offsetof(net_certs, good), "127.0.0.1", "127.0.0.2", CHALK_ERR_TLS},
        {offsetof(net_certs, good), "127.0.0.1", "other.example", CHALK_ERR_TLS},
        {offsetof(net_certs, other), "127.0.0.1", "other.example", 0},
        {offsetof(net_certs, other), "localhost", NULL, CHALK_ERR_TLS},
        {offsetof(net_certs, expired), "localhost", NULL, CHALK_ERR_TLS},
        {offsetof(net_certs, own), "localhost", NULL, CHALK_ERR_TLS},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        secure t = {0};
        start(&t, rows[i].cert);
        dial(&t, rows[i].host, rows[i].tls_host);
        CK_CHECK_EQ(ck_stream_write_copy(t.client.stream, "secret", 6), CHALK_OK);
        net_wait(t.loop, decided, &t.client);
        CK_CHECK_ROW(i, t.client.opened == (rows[i].expected == 0));
        CK_CHECK_ROW(i, t.client.status == rows[i].expected);
        if (rows[i].expected != 0) {
            /* The alert tells the server, and not one byte of ours came to it. */
            net_wait(t.loop, net_is_closed, &t.server.record);
            CK_CHECK_ROW(i, t.server.record.received == 0);
        }
        stop(&t);
    }
}

CK_TEST(net_tls, the_system_does_not_know_our_authority)
{
    secure t = {0};
    start(&t, offsetof(net_certs, good));
    ck_tls_unref(&t.client_tls);
    CK_CHECK_EQ(ck_tls_client_create(&ck_heap, NULL, NULL, &t.client_tls), CHALK_OK);
    dial(&t, "localhost", NULL);
    net_wait(t.loop, net_is_closed, &t.client);
    CK_CHECK_EQ(t.client.status, CHALK_ERR_TLS);
    stop(&t);
}

CK_TEST(net_tls, files_that_cannot_be_used_are_refused_early)
{
    net_certs certs;
    net_certs_make(&certs);
    ck_tls *tls = NULL;
    CK_CHECK_EQ(ck_tls_client_create(&ck_heap, NULL, "/nowhere.pem", &tls), CHALK_ERR_TLS);
    CK_CHECK_EQ(ck_tls_client_create(&ck_heap, NULL, certs.key, &tls), CHALK_ERR_TLS);
    CK_CHECK_EQ(ck_tls_server_create(&ck_heap, NULL, certs.good, "/nowhere.pem", &tls),
                CHALK_ERR_TLS);
    CK_CHECK_EQ(ck_tls_server_create(&ck_heap, NULL, certs.ca, certs.key, &tls), CHALK_ERR_TLS);
    CK_CHECK(tls == NULL);
    net_certs_remove(&certs);
}

/* Nobody is asked for a password on the terminal: it would be the host's. */
CK_TEST(net_tls, a_key_with_a_password_is_refused)
{
    net_certs certs;
    net_certs_make(&certs);
    char locked[NET_PATH_MAX + 8];
    snprintf(locked, sizeof locked, "%s.locked", certs.key);
    FILE *file = fopen(certs.key, "r");
    CK_CHECK(file != NULL);
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    file = fopen(locked, "w");
    CK_CHECK(file != NULL && key != NULL);
    CK_CHECK_EQ(
        PEM_write_PrivateKey(file, key, EVP_aes_128_cbc(), (unsigned char *)"word", 4, NULL, NULL),
        1);
    fclose(file);
    EVP_PKEY_free(key);
    ck_tls *tls = NULL;
    CK_CHECK_EQ(ck_tls_server_create(&ck_heap, NULL, certs.good, locked, &tls), CHALK_ERR_TLS);
    CK_CHECK_EQ(unlink(locked), 0);
    net_certs_remove(&certs);
}

static bool received_all(void *arg)
{
    net_record *r = arg;
    return r->received >= r->capacity; /* the tests below use capacity as the goal */
}

CK_TEST(net_tls, delivers_byte_for_byte_and_ends_in_order)
{
    enum { SIZE = 3000000 };
    secure t = {.server.record.echo = true, .server.record.close_on_end = true};
    t.server.config.queue_bytes_max = SIZE * 2;
    start(&t, offsetof(net_certs, good));
    t.client.keep = true;
    t.client.capacity = SIZE;
    t.client.data = malloc(SIZE);
    uint8_t *sent = malloc(SIZE);
    ck_rng rng;
    ck_rng_seed(&rng, 7);
    for (size_t i = 0; i < SIZE; i++) {
        sent[i] = (uint8_t)ck_rng_next(&rng);
    }
    dial(&t, "localhost", NULL);
    for (size_t at = 0; at < SIZE;) {
        size_t size = 1 + ck_rng_below(&rng, 40000);
        size = size < SIZE - at ? size : SIZE - at;
        CK_CHECK_EQ(ck_stream_write_copy(t.client.stream, sent + at, size), CHALK_OK);
        at += size;
    }
    CK_CHECK(ck_stream_unsent(t.client.stream) >= SIZE);
    net_wait(t.loop, received_all, &t.client);
    CK_CHECK_EQ(t.client.size, SIZE);
    CK_CHECK_MEM(t.client.data, sent, SIZE);
    ck_stream_stats stats;
    ck_stream_get_stats(t.client.stream, &stats);
    CK_CHECK(stats.sent > SIZE && stats.sent < SIZE + SIZE / 100);
    ck_stream_close(t.client.stream, 5000, CHALK_OK);
    net_wait(t.loop, net_is_closed, &t.client);
    net_wait(t.loop, net_is_closed, &t.server.record);
    CK_CHECK_EQ(t.server.record.ended, 1); /* the closing alert came */
    CK_CHECK_EQ(t.server.record.status, CHALK_OK);
    free(sent);
    stop(&t);
}

CK_TEST(net_tls, pausing_holds_decrypted_bytes_back)
{
    secure t = {.server.record.pause_on_data = true};
    start(&t, offsetof(net_certs, good));
    dial(&t, "localhost", NULL);
    net_wait(t.loop, net_is_opened, &t.client);
    /* Two records, which arrive together: the second waits inside the session. */
    static uint8_t block[40000];
    CK_CHECK_EQ(ck_stream_write_copy(t.client.stream, block, sizeof block), CHALK_OK);
    t.server.record.capacity = 1;
    net_wait(t.loop, received_all, &t.server.record);
    net_settle(t.loop);
    CK_CHECK(t.server.record.received <= 16384);
    t.server.record.pause_on_data = false;
    ck_stream_resume(t.server.record.stream);
    t.server.record.capacity = sizeof block;
    net_wait(t.loop, received_all, &t.server.record);
    CK_CHECK_EQ(t.server.record.received, sizeof block);
    t.server.record.capacity = 0;
    stop(&t);
}

/* ---- peers that do not speak TLS ---- */

/* A plain stream to the TLS server. */
static void dial_plain(secure *t)
{
    net_connect(&t->client, &t->server, NULL);
    net_wait(t->loop, net_is_opened, &t->client);
}

CK_TEST(net_tls, plain_text_is_no_handshake)
{
    secure t = {0};
    start(&t, offsetof(net_certs, good));
    dial_plain(&t);
    CK_CHECK_EQ(ck_stream_write_copy(t.client.stream, "GET / HTTP/1.1\r\n\r\n", 18), CHALK_OK);
    net_wait(t.loop, net_is_closed, &t.server.record);
    CK_CHECK_EQ(t.server.record.status, CHALK_ERR_TLS);
    CK_CHECK_EQ(t.server.record.opened, 0);
    stop(&t);
}

/* "wss" for "ws" is a slip that is made: it says something else than a wrong certificate. */
CK_TEST(net_tls, a_server_that_answers_in_plain_text_speaks_no_tls)
{
    secure t = {0};
    start(&t, offsetof(net_certs, good));
    t.server.config.tls = NULL;
    dial(&t, "localhost", NULL);
    net_wait(t.loop, net_is_opened, &t.server.record);
    CK_CHECK_EQ(ck_stream_write_copy(t.server.record.stream, "HTTP/1.1 400 \r\n\r\n", 17),
                CHALK_OK);
    net_wait(t.loop, net_is_closed, &t.client);
    CK_CHECK_EQ(t.client.status, CHALK_ERR_NO_TLS);
    CK_CHECK_EQ(t.client.opened, 0);
    stop(&t);
}

CK_TEST(net_tls, silence_during_the_handshake_is_a_timeout)
{
    secure t = {.server.config.connect_timeout_ms = 60};
    start(&t, offsetof(net_certs, good));
    dial_plain(&t);
    net_wait(t.loop, net_is_closed, &t.server.record);
    CK_CHECK_EQ(t.server.record.status, CHALK_ERR_TIMEOUT);
    stop(&t);
}

CK_TEST(net_tls, an_end_without_the_closing_alert_is_a_cut)
{
    secure t = {0};
    start(&t, offsetof(net_certs, good));
    dial(&t, "localhost", NULL);
    net_wait(t.loop, net_is_opened, &t.server.record);
    ck_stream_destroy(&t.client.stream); /* at once: FIN alone */
    net_wait(t.loop, net_is_closed, &t.server.record);
    CK_CHECK_EQ(t.server.record.status, CHALK_ERR_DISCONNECTED);
    CK_CHECK_EQ(t.server.record.ended, 0);
    stop(&t);
}

CK_TEST(net_tls, is_destroyed_at_each_step_of_the_handshake)
{
    for (size_t steps = 0; steps < 12; steps++) {
        secure t = {0};
        start(&t, offsetof(net_certs, good));
        dial(&t, "127.0.0.1", NULL);
        for (size_t n = 0; n < steps; n++) {
            CK_CHECK_EQ(ck_loop_poll(t.loop), CHALK_OK);
        }
        stop(&t);
    }
}
