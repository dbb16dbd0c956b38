/* Two loops with a thread each, and slices of one blob on both: labelled "race", so that it also
 * runs under ThreadSanitizer. */
#include "runtime/net/stream.h"
#include "support/alloc.h"
#include "support/check.h"

#include <pthread.h>
#include <stdatomic.h>

enum { CLIENTS = 4, BLOCKS = 200, BLOCK = 4000 };

typedef struct side {
    ck_loop *loop;
    ck_listener *listener;
    ck_stream *streams[CLIENTS];
    size_t count;
    uint64_t received;
    unsigned closed;
    uint16_t port;
    atomic_bool done;
} side;

typedef struct talk {
    side server;
    side client;
    ck_slice block;
    atomic_int released;
} talk;

static void on_data(void *user, ck_stream *s, const uint8_t *data, size_t size)
{
    side *here = user;
    (void)s;
    (void)data;
    here->received += size;
    if (here->received == (uint64_t)CLIENTS * BLOCKS * BLOCK) {
        atomic_store(&here->done, true);
    }
}

static void on_closed(void *user, ck_stream *s, int status)
{
    (void)s;
    /* The client's loop is destroyed first: its own streams are cancelled, the server's see it. */
    CK_CHECK(status == CHALK_ERR_CANCELLED || status == CHALK_ERR_PEER_CLOSED ||
             status == CHALK_ERR_DISCONNECTED);
    ((side *)user)->closed++;
}

static const ck_stream_events events = {.data = on_data, .closed = on_closed};

static int on_accepted(void *user, ck_socket socket, const char *peer)
{
    talk *t = user;
    (void)peer;
    ck_stream_config config = {.loop = t->server.loop, .events = events, .user = &t->server};
    ck_stream *s = NULL;
    int status = ck_stream_adopt(&config, socket, &s);
    if (status < 0) {
        return status;
    }
    t->server.streams[t->server.count++] = s;
    for (int i = 0; i < BLOCKS; i++) {
        ck_slice part = ck_slice_ref(t->block);
        CK_CHECK_EQ(ck_stream_write(s, &part, 1), CHALK_OK);
    }
    return CHALK_OK;
}

static void listen_here(void *arg)
{
    talk *t = arg;
    ck_listener_config config = {.loop = t->server.loop, .accepted = on_accepted, .user = t};
    CK_CHECK_EQ(ck_listener_create(&config, &t->server.listener), CHALK_OK);
    t->server.port = ck_listener_port(t->server.listener);
}

static void connect_all(void *arg)
{
    talk *t = arg;
    ck_stream_config config = {.loop = t->client.loop, .events = events, .user = &t->client};
    for (size_t i = 0; i < CLIENTS; i++) {
        CK_CHECK_EQ(ck_stream_connect(&config, "localhost", t->server.port, &t->client.streams[i]),
                    CHALK_OK);
        for (int n = 0; n < BLOCKS; n++) {
            ck_slice part = ck_slice_ref(t->block);
            CK_CHECK_EQ(ck_stream_write(t->client.streams[i], &part, 1), CHALK_OK);
        }
    }
}

static void count_release(void *owner)
{
    atomic_fetch_add((atomic_int *)owner, 1);
}

CK_TEST(net_threads, two_loops_talk_and_share_their_payload)
{
    static uint8_t bytes[BLOCK];
    static talk t;
    CK_CHECK_EQ(ck_loop_create(&(ck_loop_config){0}, &t.server.loop), CHALK_OK);
    CK_CHECK_EQ(ck_loop_create(&(ck_loop_config){0}, &t.client.loop), CHALK_OK);
    t.block = ck_slice_wrap(&ck_test_heap, bytes, BLOCK, count_release, &t.released);
    CK_CHECK_EQ(ck_loop_call(t.server.loop, listen_here, &t), CHALK_OK);
    CK_CHECK_EQ(ck_loop_call(t.client.loop, connect_all, &t), CHALK_OK);
    uint64_t limit_us = ck_clock_us() + (uint64_t)ck_test_patience_ms(60000) * CK_US_PER_MS;
    while (!atomic_load(&t.server.done) || !atomic_load(&t.client.done)) {
        CK_CHECK(ck_clock_us() < limit_us);
        sched_yield();
    }
    ck_slice_unref(&t.block);
    ck_loop_destroy(&t.client.loop);
    ck_loop_destroy(&t.server.loop);
    CK_CHECK_EQ(t.client.closed, CLIENTS);
    CK_CHECK_EQ(atomic_load(&t.released), 1);
}
