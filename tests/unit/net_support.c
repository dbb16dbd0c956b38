#include "net_support.h"

#include "base/text.h"
#include "runtime/net/stream_internal.h"
#include "support/check.h"

#include <poll.h>
#include <stdlib.h>

ck_loop *net_loop(void)
{
    ck_loop *loop = NULL;
    CK_CHECK_EQ(ck_loop_create(&(ck_loop_config){.host_driven = true}, &loop), CHALK_OK);
    return loop;
}

void net_step(ck_loop *loop)
{
    struct pollfd ready = {.fd = ck_loop_poll_fd(loop), .events = POLLIN};
    int32_t timeout_ms = ck_loop_poll_timeout_ms(loop);
    (void)poll(&ready, 1, timeout_ms < 100 ? timeout_ms : 100);
    CK_CHECK_EQ(ck_loop_poll(loop), CHALK_OK);
}

void net_wait(ck_loop *loop, net_condition condition, void *arg)
{
    uint64_t limit_us =
        ck_clock_us() + (uint64_t)ck_test_patience_ms(NET_PATIENCE_MS) * CK_US_PER_MS;
    while (!condition(arg)) {
        CK_CHECK(ck_clock_us() < limit_us);
        net_step(loop);
    }
}

void net_settle(ck_loop *loop)
{
    struct pollfd ready = {.fd = ck_loop_poll_fd(loop), .events = POLLIN};
    CK_CHECK_EQ(ck_loop_poll(loop), CHALK_OK);
    while (ck_loop_poll_timeout_ms(loop) == 0 || poll(&ready, 1, 0) > 0) {
        CK_CHECK_EQ(ck_loop_poll(loop), CHALK_OK);
    }
}

/* ---- recording ---- */

static void on_opened(void *user, ck_stream *s)
{
    net_record *r = user;
    CK_CHECK(s == r->stream);
    CK_CHECK_EQ(r->closed, 0);
    r->opened++;
}

static void keep(net_record *r, const uint8_t *data, size_t size)
{
    if (r->size + size > r->capacity) {
        r->capacity = (r->size + size) * 2;
        r->data = realloc(r->data, r->capacity);
    }
    memcpy(r->data + r->size, data, size);
    r->size += size;
}

static void on_data(void *user, ck_stream *s, const uint8_t *data, size_t size)
{
    net_record *r = user;
    CK_CHECK(r->opened == 1 && r->closed == 0 && r->ended == 0);
    CK_CHECK(size >= 1 && size <= CK_STREAM_READ_MAX);
    r->received += size;
    if (r->keep) {
        keep(r, data, size);
    }
    if (r->echo) {
        CK_CHECK_EQ(ck_stream_write_copy(s, data, size), CHALK_OK);
    }
    if (r->pause_on_data) {
        ck_stream_pause(s);
    }
    if (r->destroy_on_data) {
        ck_stream_destroy(&r->stream);
    }
}

static void on_ended(void *user, ck_stream *s)
{
    net_record *r = user;
    CK_CHECK_EQ(r->closed, 0);
    r->ended++;
    if (r->close_on_end) {
        ck_stream_close(s, 1000, CHALK_OK);
    }
}

static void on_drained(void *user, ck_stream *s)
{
    net_record *r = user;
    CK_CHECK(s == r->stream && r->closed == 0);
    r->drained++;
}

static void on_closed(void *user, ck_stream *s, int status)
{
    net_record *r = user;
    CK_CHECK(s == r->stream);
    r->closed++;
    r->status = status;
}

const ck_stream_events net_events = {on_opened, on_data, on_ended, on_drained, on_closed};
const ck_stream_events net_events_plain = {on_opened, on_data, NULL, on_drained, on_closed};

void net_record_clear(net_record *r)
{
    ck_stream_destroy(&r->stream);
    free(r->data);
    *r = (net_record){0};
}

void net_take_socket(net_record *r, ck_socket *out)
{
    *out = r->stream->socket;
    r->stream->socket = CK_SOCKET_NONE;
    ck_stream_destroy(&r->stream);
}

bool net_is_opened(void *record)
{
    return ((net_record *)record)->opened > 0;
}

bool net_is_closed(void *record)
{
    return ((net_record *)record)->closed > 0;
}

bool net_is_ended(void *record)
{
    return ((net_record *)record)->ended > 0;
}

/* ---- serving ---- */

static int on_accepted(void *user, ck_socket socket, const char *peer)
{
    net_server *server = user;
    server->accepted++;
    CK_CHECK(ck_text_copy(server->peer, sizeof server->peer, peer));
    return ck_stream_adopt(&server->config, socket, &server->record.stream);
}

void net_server_start(net_server *server, ck_loop *loop)
{
    server->loop = loop;
    server->config.loop = loop;
    server->config.user = &server->record;
    if (server->config.events.closed == NULL) {
        server->config.events = net_events;
    }
    ck_listener_config config = {.loop = loop, .accepted = on_accepted, .user = server};
    CK_CHECK_EQ(ck_listener_create(&config, &server->listener), CHALK_OK);
}

void net_server_stop(net_server *server)
{
    ck_listener_destroy(&server->listener);
    net_record_clear(&server->record);
}

uint16_t net_server_port(const net_server *server)
{
    return ck_listener_port(server->listener);
}

void net_connect(net_record *client, const net_server *server, const ck_stream_config *config)
{
    ck_stream_config used = config != NULL ? *config : (ck_stream_config){0};
    used.loop = server->loop;
    used.user = client;
    if (used.events.closed == NULL) {
        used.events = net_events;
    }
    CK_CHECK_EQ(ck_stream_connect(&used, "127.0.0.1", net_server_port(server), &client->stream),
                CHALK_OK);
}

static bool both_open(void *arg)
{
    net_record **ends = arg;
    return ends[0]->opened > 0 && ends[1]->opened > 0;
}

void net_connect_both(net_record *client, net_server *server, const ck_stream_config *config)
{
    net_connect(client, server, config);
    net_record *ends[] = {client, &server->record};
    net_wait(server->loop, both_open, ends);
}
