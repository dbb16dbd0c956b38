/* The HTTP server, as a client sees it that speaks bytes. */
#include "net_certs.h"
#include "net_site.h"

#include "base/check.h"
#include "support/alloc.h"
#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

#include <time.h>

CK_TEST(net_httpd, answers_by_method_and_path)
{
    static const struct {
        const char *request;
        const char *status;
        const char *seen; /* NULL: no handler */
    } rows[] = {
        {"GET /show HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ", "GET /show ? [] -"},
        {"GET /show?token=a.b-c_d&x=1%262%3D HTTP/1.1\r\nHost: a\r\nUser-Agent: me\r\n\r\n",
         "HTTP/1.1 200 ", "GET /show ?token=a.b-c_d&x=1%262%3D [] me"},
        {"GET /any/thing%20else HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ",
         "GET /any/thing else ? [] -"},
        {"DELETE /any/ HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ", "DELETE /any/ ? [] -"},
        {"POST /show HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello", "HTTP/1.1 200 ",
         "POST /show ? [hello] -"},
        {"POST /show HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 ",
         "POST /show ? [] -"},
        {"GET /nowhere HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 ", NULL},
        {"GET /any/../nowhere HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 404 ", NULL},
        {"DELETE /show HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 405 ", NULL},
        {"GET /forgetful HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 500 ", NULL},
        {"POST /show HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ", "POST /show ? [] -"},
        {"POST /show HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
         "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
         "HTTP/1.1 200 ", "POST /show ? [abcde] -"},
        {"GET http://a:1/show?x HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ", "GET /show ?x [] -"},
        {"GET /any/./a/../b/ HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 200 ", "GET /any/b/ ? [] -"},
        {"GET /any/%00 HTTP/1.1\r\nHost: a\r\n\r\n", "HTTP/1.1 400 ", NULL},
        {"GET /show HTTP/1.1\r\n\r\n", "HTTP/1.1 400 ", NULL},
        {"GET /show HTTP/2.0\r\nHost: a\r\n\r\n", "HTTP/1.1 505 ", NULL},
        {"POST /show HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 501 ",
         NULL},
        {"POST /show HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nExpect: x\r\n\r\n",
         "HTTP/1.1 417 ", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        site t = {0};
        net_record client;
        site_start(&t);
        site_visit(&t, &client);
        site_say_text(&client, rows[i].request);
        net_wait(t.loop, site_has_head, &client);
        CK_CHECK_ROW(i, client.size > 13 &&
                            memcmp(client.data, rows[i].status, strlen(rows[i].status)) == 0);
        CK_CHECK_ROW(i, t.handled == (rows[i].seen != NULL));
        CK_CHECK_STR(t.seen, rows[i].seen != NULL ? rows[i].seen : "");
        if (rows[i].seen != NULL) {
            CK_CHECK_ROW(i, site_contains(&client, "\r\nX-Test: yes\r\n"));
        }
        net_record_clear(&client);
        site_stop(&t);
    }
}

CK_TEST(net_httpd, keeps_the_connection_for_the_next_request)
{
    site t = {0};
    net_record client;
    site_start(&t);
    site_visit(&t, &client);
    for (int i = 1; i <= 5; i++) {
        site_say_text(&client, "GET /show HTTP/1.1\r\nHost: a\r\n\r\n");
        net_wait(t.loop, site_has_heard, &(hearing){&client, "\r\n\r\n{}"});
        site_forget(&client);
        CK_CHECK_EQ(t.handled, i);
    }
    CK_CHECK_EQ(ck_httpd_connections(t.httpd), 1);
    site_say_text(&client, "HEAD /show HTTP/1.1\r\nHost: a\r\n\r\n");
    net_wait(t.loop, site_has_heard, &(hearing){&client, "\r\n\r\n"});
    CK_CHECK(site_contains(&client, "Content-Length: 2"));
    net_record_clear(&client);
    site_stop(&t);
}

static bool handled_three(void *arg)
{
    return ((site *)arg)->handled == 3;
}

CK_TEST(net_httpd, takes_requests_sent_together_and_in_pieces)
{
    static const char request[] = "GET /show HTTP/1.1\r\nHost: a\r\n\r\n";
    site t = {0};
    net_record client;
    site_start(&t);
    site_visit(&t, &client);
    for (int i = 0; i < 3; i++) {
        site_say_text(&client, request);
    }
    net_wait(t.loop, handled_three, &t);
    net_record_clear(&client);

    t.handled = 2;
    site_visit(&t, &client);
    for (size_t i = 0; i < sizeof request - 1; i++) {
        site_say(&client, request + i, 1);
        net_settle(t.loop);
    }
    net_wait(t.loop, handled_three, &t);
    net_record_clear(&client);
    site_stop(&t);
}

static bool is_large_complete(void *arg)
{
    return ((net_record *)arg)->size >= SITE_LARGE;
}

CK_TEST(net_httpd, sends_a_large_body_whole)
{
    site t = {0};
    net_record client;
    site_start(&t);
    site_visit(&t, &client);
    site_say_text(&client, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
    net_wait(t.loop, is_large_complete, &client);
    net_settle(t.loop);
    const uint8_t *body = client.data + client.size - SITE_LARGE;
    CK_CHECK_MEM(body - 4, "\r\n\r\n", 4);
    for (size_t i = 0; i < SITE_LARGE; i++) {
        CK_CHECK_ROW(i, body[i] == (uint8_t)(i * 7 + (i >> 12)));
    }
    net_record_clear(&client);
    site_stop(&t);
}

CK_TEST(net_httpd, a_request_body_is_bounded)
{
    site t = {0};
    net_record client;
    char head[128];
    site_start(&t);
    site_visit(&t, &client);
    size_t size = CK_HTTPD_REQUEST_BODY_MAX + 1;
    uint8_t *body = calloc(1, size);
    snprintf(head, sizeof head, "POST /show HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n\r\n",
             size);
    site_say_text(&client, head);
    site_say(&client, body, size);
    net_wait(t.loop, site_has_heard_or_ended, &(hearing){&client, "Large"});
    CK_CHECK(site_contains(&client, "HTTP/1.1 413 "));
    CK_CHECK_EQ(t.handled, 0);
    free(body);
    net_record_clear(&client);
    site_stop(&t);
}

/* Neither a head nor a body may come byte by byte for ever. */
CK_TEST(net_httpd, a_request_takes_a_bounded_time)
{
    static const char *const rows[] = {
        "GET /show HTTP/1.1\r\nHost: a\r\nX: ",
        "POST /show HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n",
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        site t = {.request_ms = 150};
        net_record client = {0};
        site_start(&t);
        site_visit(&t, &client);
        site_say_text(&client, rows[i]);
        uint64_t began_us = ck_clock_us();
        while (client.size == 0 && client.closed == 0) {
            CK_CHECK_ROW(i, ck_clock_us() < began_us + 10 * CK_US_PER_S);
            site_say_text(&client, "x");
            net_step(t.loop);
            nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
        }
        CK_CHECK_ROW(i, ck_clock_us() >= began_us + 150 * CK_US_PER_MS);
        CK_CHECK_ROW(i, site_contains(&client, "HTTP/1.1 408 "));
        CK_CHECK_ROW(i, t.handled == 0);
        net_record_clear(&client);
        site_stop(&t);
    }
}

static bool has_been_refused(void *arg)
{
    return ((site *)arg)->adopt_status == CHALK_ERR_LIMIT;
}

CK_TEST(net_httpd, the_number_of_connections_is_bounded)
{
    site t = {0};
    net_record clients[5];
    site_start(&t);
    for (size_t i = 0; i < 4; i++) {
        site_visit(&t, &clients[i]);
        site_say_text(&clients[i], "GET /show HTTP/1.1\r\nHost: a\r\n\r\n");
        net_wait(t.loop, site_has_heard, &(hearing){&clients[i], "{}"});
    }
    site_visit(&t, &clients[4]);
    site_say_text(&clients[4], "GET /show HTTP/1.1\r\nHost: a\r\n\r\n");
    net_wait(t.loop, has_been_refused, &t);
    for (size_t i = 0; i < 5; i++) {
        net_record_clear(&clients[i]);
    }
    net_wait(t.loop, site_has_none, &t);
    site_stop(&t);
}

/* Bytes that are no request, or stop in the middle of one: the connection ends, nothing else. */
CK_TEST(net_httpd, survives_nonsense)
{
    static const char *const rows[] = {
        "\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "GET /%00/../../etc HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /../../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://elsewhere/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "GET /show HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        "POST /show HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "GET /show HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\nHost: a\r\n\r\n",
        "GET /room HTTP/1.1\r\nUpgrade: websocket\r\nHost: a\r\n\r\n",
        "GET /show HTTP/1.1\r\nHost: a",
        "\x16\x03\x01\x02\x00\x01\x00\x01",
    };
    site t = {0};
    site_start(&t);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        net_record client;
        site_visit(&t, &client);
        site_say_text(&client, rows[i]);
        net_settle(t.loop);
        net_record_clear(&client);
        net_wait(t.loop, site_has_none, &t);
    }
    net_record client;
    site_visit(&t, &client);
    site_say_text(&client, "GET /show HTTP/1.1\r\nHost: a\r\n\r\n");
    net_wait(t.loop, site_has_heard, &(hearing){&client, "{}"});
    net_record_clear(&client);
    site_stop(&t);
}

CK_TEST(net_httpd, serves_over_tls_and_a_websocket_too)
{
    static const char upgrade[] =
        "GET /room?token=good HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: "
        "upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    net_certs certs;
    site t = {.ws_echo = true};
    net_record client;
    net_certs_make(&certs);
    CK_CHECK_EQ(ck_tls_client_create(&ck_heap, NULL, certs.ca, &t.client_tls), CHALK_OK);
    CK_CHECK_EQ(ck_tls_server_create(&ck_heap, NULL, certs.good, certs.key, &t.server_tls),
                CHALK_OK);
    site_start(&t);
    site_visit(&t, &client);
    for (int i = 1; i <= 3; i++) {
        site_say_text(&client, "GET /show HTTP/1.1\r\nHost: a\r\n\r\n");
        net_wait(t.loop, site_has_heard, &(hearing){&client, "\r\n\r\n{}"});
        site_forget(&client);
        CK_CHECK_EQ(t.handled, i);
    }
    site_say_text(&client, upgrade);
    net_wait(t.loop, site_has_head, &client);
    CK_CHECK(site_contains(&client, "HTTP/1.1 101 "));
    site_forget(&client);
    site_say(&client, "\x81\x82\0\0\0\0hi", 8);
    net_wait(t.loop, site_has_heard, &(hearing){&client, "\x81\x02hi"});
    CK_CHECK(ck_ws_unsent(t.ws) < 100);
    net_record_clear(&client);
    site_stop(&t);
    ck_tls_unref(&t.client_tls);
    ck_tls_unref(&t.server_tls);
    net_certs_remove(&certs);
}

/* ---- memory ---- */

static void on_show_once(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    (void)user;
    CK_CHECK_EQ(request->body_size, 2);
    (void)ck_httpd_reply_header(reply, "X-Test", "yes");
    (void)ck_httpd_reply_send(reply, 200, "text/plain", "fine", 4);
}

/* One request on a loop whose memory fails; true when it was answered with 200. */
static bool try_a_visit(ck_failing_alloc *memory)
{
    static const char request[] = "POST /show HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi";
    site t = {0};
    net_record client = {.keep = true};
    ck_loop_config config = {.alloc = &memory->alloc, .host_driven = true};
    ck_socket listener = CK_SOCKET_NONE;
    ck_socket accepted = CK_SOCKET_NONE;
    CK_CHECK_EQ(ck_socket_listen("127.0.0.1", 0, 8, &listener), CHALK_OK);
    ck_loop *calm = net_loop(); /* the client's, whose memory does not fail */
    ck_stream_config visitor = {.loop = calm, .events = net_events, .user = &client};
    CK_CHECK_EQ(
        ck_stream_connect(&visitor, "127.0.0.1", ck_socket_local_port(listener), &client.stream),
        CHALK_OK);
    net_wait(calm, net_is_opened, &client);
    CK_CHECK_EQ(ck_socket_accept(listener, &accepted), CHALK_OK);
    bool made = ck_loop_create(&config, &t.loop) == CHALK_OK &&
                ck_httpd_create(&(ck_httpd_config){.loop = t.loop}, &t.httpd) == CHALK_OK &&
                ck_httpd_route(t.httpd, "POST", "/show", on_show_once, &t) == CHALK_OK;
    ck_stream_config served = {.loop = t.loop, .events = {.data = site_on_first_data}, .user = &t};
    if (made && ck_stream_adopt(&served, accepted, &t.incoming) == CHALK_OK) {
        net_settle(t.loop);
        site_say_text(&client, request);
        for (int i = 0; i < 50 && client.size == 0 && client.ended == 0 && client.closed == 0;
             i++) {
            net_step(calm);
            net_settle(t.loop);
        }
        net_settle(calm);
    } else {
        ck_socket_close(&accepted);
    }
    bool answered = site_contains(&client, "HTTP/1.1 200 ");
    net_record_clear(&client);
    ck_loop_destroy(&calm);
    ck_stream_destroy(&t.incoming);
    ck_httpd_destroy(&t.httpd);
    ck_loop_destroy(&t.loop);
    ck_socket_close(&listener);
    return answered;
}

CK_TEST(net_httpd, memory_may_run_out_at_every_allocation)
{
    bool reached_the_end = false;
    size_t answered = 0;
    for (size_t fail_at = 1; !reached_the_end; fail_at++) {
        ck_failing_alloc memory;
        ck_failing_alloc_init(&memory, fail_at);
        bool done = try_a_visit(&memory);
        CK_CHECK_EQ(memory.live, 0);
        answered += done;
        reached_the_end = memory.calls < fail_at;
        CK_CHECK(!reached_the_end || done);
    }
    CK_CHECK(answered >= 1);
}
