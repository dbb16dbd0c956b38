/* WebSockets (RFC 6455), as a client sees them that speaks bytes. */
#include "net_site.h"
#include "support/alloc.h"
#include "support/check.h"

#include <signal.h>
#include <stdlib.h>

#define UPGRADE(path, extra)                                                                       \
    "GET " path " HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"         \
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" extra "\r\n"
#define GOOD     UPGRADE("/room?token=good", "")
#define ACCEPTED "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" /* RFC 6455 1.3 */

static bool ws_is_open(void *arg)
{
    return ((site *)arg)->ws_opened > 0;
}

static bool ws_is_closed(void *arg)
{
    return ((site *)arg)->ws_closed > 0;
}

static void open_ws(site *t, net_record *client)
{
    site_start(t);
    site_visit(t, client);
    site_say_text(client, GOOD);
    net_wait(t->loop, ws_is_open, t);
    net_wait(t->loop, site_has_heard, &(hearing){client, "\r\n\r\n"});
    CK_CHECK(site_contains(client, "HTTP/1.1 101 ") && site_contains(client, ACCEPTED));
    site_forget(client);
}

/* One masked frame (RFC 6455 5.2), of less than 65536 bytes. */
static void say_frame(net_record *client, uint8_t first, const void *payload, size_t size)
{
    static const uint8_t mask[4] = {1, 2, 3, 4};
    uint8_t *frame = malloc(size + 8);
    size_t used = 0;
    frame[used++] = first;
    if (size < 126) {
        frame[used++] = (uint8_t)(0x80 | size);
    } else {
        frame[used++] = 0x80 | 126;
        frame[used++] = (uint8_t)(size >> 8);
        frame[used++] = (uint8_t)size;
    }
    memcpy(frame + used, mask, 4);
    used += 4;
    for (size_t i = 0; i < size; i++) {
        frame[used++] = ((const uint8_t *)payload)[i] ^ mask[i % 4];
    }
    site_say(client, frame, used);
    free(frame);
}

enum { TEXT = 0x81, BINARY = 0x82, CLOSE = 0x88, PING = 0x89, FIN = 0x80 };

CK_TEST(net_websocket, a_websocket_echoes_fragments_joined)
{
    site t = {.ws_echo = true};
    net_record client;
    open_ws(&t, &client);
    say_frame(&client, TEXT, "hello", 5);
    net_wait(t.loop, site_has_heard, &(hearing){&client, "\x81\x05hello"});
    CK_CHECK(t.ws_last_text);
    say_frame(&client, TEXT & ~FIN, "in ", 3);
    say_frame(&client, PING, "p", 1);
    say_frame(&client, FIN, "two", 3);
    net_wait(t.loop, site_has_heard, &(hearing){&client, "\x81\x06in two"});
    CK_CHECK_EQ(t.ws_messages, 2);
    CK_CHECK(site_contains(&client, "\x8a\x01p"));
    say_frame(&client, BINARY, "\0\xff", 2);
    net_wait(t.loop, site_has_heard, &(hearing){&client, "\xff"});
    CK_CHECK(!t.ws_last_text);

    say_frame(&client, CLOSE, "\x03\xe8", 2);
    net_wait(t.loop, ws_is_closed, &t);
    CK_CHECK_EQ(t.ws_status, CHALK_ERR_PEER_CLOSED);
    CK_CHECK_EQ(t.ws_closed, 1);
    net_record_clear(&client);
    site_stop(&t);
}

/* A message that comes with the upgrade, before the answer to it. */
CK_TEST(net_websocket, a_websocket_may_speak_at_once)
{
    site t = {.ws_echo = true};
    net_record client;
    site_start(&t);
    site_visit(&t, &client);
    static const uint8_t hasty[] = GOOD "\x81\x82\0\0\0\0hi";
    site_say(&client, hasty, sizeof hasty - 1);
    net_wait(t.loop, site_has_heard, &(hearing){&client, "\x81\x02hi"});
    net_record_clear(&client);
    net_wait(t.loop, ws_is_closed, &t);
    CK_CHECK_EQ(t.ws_status, CHALK_ERR_DISCONNECTED);
    site_stop(&t);
}

CK_TEST(net_websocket, an_upgrade_is_refused_with_a_reason)
{
    static const struct {
        const char *request;
        const char *answer;
    } rows[] = {
        {UPGRADE("/room?token=bad", ""), "HTTP/1.1 403 "},
        {UPGRADE("/nowhere", ""), "HTTP/1.1 404 "},
        {UPGRADE("/board?token=good", ""), "HTTP/1.1 400 "},
        {UPGRADE("/board?token=good", "Sec-WebSocket-Protocol: other\r\n"), "HTTP/1.1 400 "},
        {"POST /room?token=good HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\n"
         "Connection: keep-alive, upgrade\r\n\r\n",
         "HTTP/1.1 405 "},
        {"GET /room?token=good HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
         "Connection: upgrade\r\nSec-WebSocket-Version: 8\r\n\r\n",
         "HTTP/1.1 426 "},
        {"GET /room?token=good HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"
         "Connection: upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: x\r\n\r\n",
         "HTTP/1.1 400 "},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        site t = {0};
        net_record client;
        site_start(&t);
        site_visit(&t, &client);
        site_say_text(&client, rows[i].request);
        net_wait(t.loop, site_has_head, &client);
        CK_CHECK_ROW(i, memcmp(client.data, rows[i].answer, strlen(rows[i].answer)) == 0);
        CK_CHECK_ROW(i, t.ws_opened == 0);
        net_record_clear(&client);
        site_stop(&t);
    }
}

CK_TEST(net_websocket, a_refusal_may_say_why)
{
    site t = {0};
    net_record client;
    site_start(&t);
    site_visit(&t, &client);
    site_say_text(&client, UPGRADE("/room?token=late", ""));
    net_wait(t.loop, site_has_heard, &(hearing){&client, "the room is full\n"});
    CK_CHECK(memcmp(client.data, "HTTP/1.1 503 ", 13) == 0);
    CK_CHECK(site_contains(&client, "\r\nRetry-After: 7\r\n"));
    CK_CHECK_EQ(t.ws_opened, 0);
    net_record_clear(&client);
    site_stop(&t);
}

CK_TEST(net_websocket, a_protocol_is_agreed_on)
{
    site t = {0};
    net_record client;
    site_start(&t);
    site_visit(&t, &client);
    site_say_text(&client, UPGRADE("/board?token=good", "Sec-WebSocket-Protocol: x, board.v1\r\n"));
    net_wait(t.loop, site_has_heard, &(hearing){&client, "\r\n\r\n"});
    CK_CHECK(site_contains(&client, "HTTP/1.1 101 "));
    CK_CHECK(site_contains(&client, "Sec-WebSocket-Protocol: board.v1"));
    net_record_clear(&client);
    site_stop(&t);
}

CK_TEST(net_websocket, a_message_too_long_closes)
{
    site t = {0};
    net_record client;
    open_ws(&t, &client);
    static uint8_t payload[40000];
    say_frame(&client, BINARY & ~FIN, payload, sizeof payload);
    say_frame(&client, FIN, payload, sizeof payload);
    net_wait(t.loop, ws_is_closed, &t);
    CK_CHECK_EQ(t.ws_status, CHALK_ERR_TOO_LARGE);
    CK_CHECK_EQ(t.ws_messages, 0);
    net_wait(t.loop, site_has_heard_or_ended, &(hearing){&client, "\x88\x02\x03\xf1"});
    CK_CHECK(site_contains(&client, "\x88\x02\x03\xf1")); /* 1009 */
    net_record_clear(&client);
    site_stop(&t);
}

static bool ws_is_drained(void *arg)
{
    return ((site *)arg)->ws_drained > 0;
}

static void count_release(void *owner)
{
    (*(int *)owner)++;
}

CK_TEST(net_websocket, the_queue_of_a_websocket_is_bounded_and_drains)
{
    static const uint8_t payload[100000];
    site t = {0};
    net_record client;
    open_ws(&t, &client);
    int released = 0;
    ck_slice big = ck_slice_wrap(&ck_test_heap, payload, sizeof payload, count_release, &released);
    ck_slice small = ck_slice_static("y", 1);
    CK_CHECK_EQ(ck_ws_send(t.ws, &small, true), CHALK_OK);
    CK_CHECK_EQ(ck_ws_queued_bytes(t.ws), 0); /* the first of a turn goes at once */
    for (int i = 0; i < 5; i++) {
        ck_slice copy = ck_slice_ref(big);
        CK_CHECK_EQ(ck_ws_send(t.ws, &copy, false), CHALK_OK);
    }
    small = ck_slice_static("x", 1);
    CK_CHECK_EQ(ck_ws_queued_bytes(t.ws), 500000);
    CK_CHECK_EQ(ck_ws_send(t.ws, &small, true), CHALK_ERR_LIMIT); /* bytes */
    net_wait(t.loop, ws_is_drained, &t);
    CK_CHECK_EQ(ck_ws_queued_bytes(t.ws), 0);
    ck_slice_unref(&big);
    CK_CHECK_EQ(released, 1);         /* no reference was kept */
    for (int i = 0; i < 1 + 8; i++) { /* one at once, the others wait */
        small = ck_slice_static("x", 1);
        CK_CHECK_EQ(ck_ws_send(t.ws, &small, true), CHALK_OK);
    }
    CK_CHECK_EQ(ck_ws_send(t.ws, &small, true), CHALK_ERR_LIMIT); /* messages */
    ck_ws_close(t.ws, 1001);
    CK_CHECK_EQ(ck_ws_send(t.ws, &small, true), CHALK_ERR_BAD_STATE);
    net_wait(t.loop, site_has_heard_or_ended, &(hearing){&client, "\x81\x01x\x88\x02\x03\xe9"});
    CK_CHECK(site_contains(&client, "\x81\x01x\x81\x01x\x88\x02\x03\xe9"));
    say_frame(&client, CLOSE, "\x03\xe9", 2);
    net_wait(t.loop, ws_is_closed, &t);
    CK_CHECK_EQ(t.ws_status, CHALK_OK);
    net_record_clear(&client);
    site_stop(&t);
}

CK_TEST(net_websocket, everything_ends_with_the_server)
{
    site t = {0};
    net_record client;
    net_record other;
    open_ws(&t, &client);
    site_visit(&t, &other);
    site_say_text(&other, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n"); /* its reply is under way */
    net_settle(t.loop);
    for (int i = 0; i < 2; i++) { /* the second never arrives */
        ck_slice message = ck_slice_copy(&ck_test_heap, "hello", 5);
        CK_CHECK_EQ(ck_ws_send(t.ws, &message, false), CHALK_OK);
    }
    ck_httpd_destroy(&t.httpd);
    CK_CHECK_EQ(t.ws_closed, 1);
    CK_CHECK_EQ(t.ws_status, CHALK_ERR_CANCELLED);
    net_wait(t.loop, net_is_ended, &client);
    net_record_clear(&client);
    net_record_clear(&other);
    site_stop(&t);
    CK_CHECK_EQ(t.ws_closed, 1);
}

CK_TEST(net_websocket, the_loop_takes_the_server_with_it)
{
    site t = {0};
    net_record client;
    open_ws(&t, &client);
    ck_loop_destroy(&t.loop);
    CK_CHECK_EQ(t.ws_closed, 1);
    CK_CHECK_EQ(t.ws_status, CHALK_ERR_CANCELLED);
    CK_CHECK_EQ(client.status, CHALK_ERR_CANCELLED);
    free(client.data);
}

static volatile sig_atomic_t pipe_signals;

static void on_pipe_signal(int number)
{
    (void)number;
    pipe_signals++;
}

CK_TEST(net_websocket, leaves_the_signal_handlers_of_the_host_alone)
{
    site t = {0};
    net_record client;
    struct sigaction action = {.sa_handler = on_pipe_signal};
    CK_CHECK_EQ(sigaction(SIGPIPE, &action, NULL), 0);
    open_ws(&t, &client);
    net_record_clear(&client);
    net_wait(t.loop, ws_is_closed, &t);
    site_stop(&t);
    CK_CHECK_EQ(sigaction(SIGPIPE, NULL, &action), 0);
    CK_CHECK(action.sa_handler == on_pipe_signal);
    CK_CHECK_EQ(pipe_signals, 0);
}
