/* Writing much: order and completeness, what is counted as unsent, limits, a reader that is slow.
 */
#include "base/rng.h"
#include "net_certs.h"
#include "net_support.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/seeds.h"

#include <stdlib.h>

typedef struct flow {
    net_certs certs;
    ck_loop *loop;
    ck_tls *client_tls;
    ck_tls *server_tls;
    net_server server;
    net_record client;
} flow;

static void open_flow(flow *f, bool tls, const ck_stream_config *client)
{
    ck_stream_config config = client != NULL ? *client : (ck_stream_config){0};
    f->loop = f->loop != NULL ? f->loop : net_loop();
    if (tls) {
        net_certs_make(&f->certs);
        CK_CHECK_EQ(ck_tls_client_create(&ck_heap, NULL, f->certs.ca, &f->client_tls), CHALK_OK);
        CK_CHECK_EQ(
            ck_tls_server_create(&ck_heap, NULL, f->certs.good, f->certs.key, &f->server_tls),
            CHALK_OK);
        f->server.config.tls = f->server_tls;
        config.tls = f->client_tls;
    }
    net_server_start(&f->server, f->loop);
    net_connect_both(&f->client, &f->server, &config);
}

static void close_flow(flow *f)
{
    net_record_clear(&f->client);
    net_server_stop(&f->server);
    ck_loop_destroy(&f->loop);
    if (f->client_tls != NULL) {
        ck_tls_unref(&f->client_tls);
        ck_tls_unref(&f->server_tls);
        net_certs_remove(&f->certs);
    }
}

typedef struct goal {
    net_record *record;
    uint64_t bytes;
} goal;

static bool is_received(void *arg)
{
    goal *g = arg;
    return g->record->received >= g->bytes;
}

static bool is_drained(void *arg)
{
    return ((net_record *)arg)->drained > 0;
}

/* ---- gathered writes ---- */

/* The byte at each place of the endless text that the tests send. */
static uint8_t byte_at(uint64_t place)
{
    return (uint8_t)(place * 131u + (place >> 8) * 17u + (place >> 16));
}

static ck_slice text_slice(uint64_t place, size_t size)
{
    ck_slice s = ck_slice_new(&ck_test_heap, size);
    CK_CHECK(s.data != NULL);
    for (size_t i = 0; i < size; i++) {
        ck_slice_mutable(s)[i] = byte_at(place + i);
    }
    return s;
}

/* One write in one of the three ways, of random pieces; the number of bytes. */
static uint64_t write_random(net_record *r, ck_rng *rng, uint64_t place)
{
    uint64_t way = ck_rng_below(rng, 3);
    if (way == 0) {
        uint8_t data[200];
        size_t size = ck_rng_below(rng, sizeof data + 1);
        for (size_t i = 0; i < size; i++) {
            data[i] = byte_at(place + i);
        }
        CK_CHECK_EQ(ck_stream_write_copy(r->stream, data, size), CHALK_OK);
        return size;
    }
    if (way == 1) {
        ck_out out = {.head_size = (uint8_t)ck_rng_below(rng, CK_OUT_HEAD_MAX + 1)};
        for (size_t i = 0; i < out.head_size; i++) {
            out.head[i] = byte_at(place + i);
        }
        size_t body = ck_rng_below(rng, 30000);
        out.body = text_slice(place + out.head_size, body);
        bool at_once = ck_rng_below(rng, 2) == 0;
        CK_CHECK_EQ((at_once ? ck_stream_send_out : ck_stream_write_out)(r->stream, &out),
                    CHALK_OK);
        CK_CHECK(out.body.blob == NULL);
        return out.head_size + body;
    }
    ck_slice slices[100];
    size_t count = 1 + ck_rng_below(rng, 100);
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        size_t size = ck_rng_below(rng, 400);
        slices[i] = text_slice(place + total, size);
        total += size;
    }
    CK_CHECK_EQ(ck_stream_write(r->stream, slices, count), CHALK_OK);
    return total;
}

static void check_text(const net_record *r)
{
    for (size_t i = 0; i < r->size; i++) {
        CK_CHECK_ROW(i, r->data[i] == byte_at(i));
    }
}

static void send_by_seed(uint64_t seed, bool tls)
{
    flow f = {0};
    open_flow(&f, tls, NULL);
    f.server.record.keep = true;
    ck_rng rng;
    ck_rng_seed(&rng, seed);
    uint64_t place = 0;
    for (size_t i = 0; i < 60; i++) {
        place += write_random(&f.client, &rng, place);
        if (ck_rng_below(&rng, 4) == 0) {
            ck_stream_flush(f.client.stream);
        }
        if (ck_rng_below(&rng, 4) == 0) {
            CK_CHECK_EQ(ck_loop_poll(f.loop), CHALK_OK);
        }
    }
    net_wait(f.loop, is_received, &(goal){&f.server.record, place});
    CK_CHECK_EQ(f.server.record.size, place);
    check_text(&f.server.record);
    CK_CHECK_EQ(ck_stream_unsent(f.client.stream), 0);
    close_flow(&f);
}

CK_TEST(net_flow, any_pieces_arrive_whole_and_in_order)
{
    CK_FOR_SEEDS(seed, 12)
    {
        send_by_seed(seed, false);
        send_by_seed(seed, true);
    }
}

static void count_release(void *owner)
{
    (*(int *)owner)++;
}

CK_TEST(net_flow, references_are_dropped_when_written)
{
    static const uint8_t bytes[1000];
    flow f = {0};
    open_flow(&f, false, NULL);
    int released = 0;
    ck_slice slice = ck_slice_wrap(&ck_test_heap, bytes, sizeof bytes, count_release, &released);
    CK_CHECK_EQ(ck_stream_write(f.client.stream, &slice, 1), CHALK_OK);
    CK_CHECK_EQ(released, 0);
    ck_stream_flush(f.client.stream);
    CK_CHECK_EQ(released, 1);
    CK_CHECK_EQ(f.client.drained, 0); /* never from inside a call */
    net_wait(f.loop, is_drained, &f.client);
    close_flow(&f);
}

CK_TEST(net_flow, one_turn_is_one_system_call)
{
    flow f = {0};
    open_flow(&f, false, NULL);
    for (int i = 0; i < 30; i++) {
        CK_CHECK_EQ(ck_stream_write_copy(f.client.stream, "0123456789", 10), CHALK_OK);
    }
    net_wait(f.loop, is_received, &(goal){&f.server.record, 300});
    ck_stream_stats stats;
    ck_stream_get_stats(f.client.stream, &stats);
    CK_CHECK_EQ(stats.writes, 1);
    CK_CHECK_EQ(stats.sent, 300);
    CK_CHECK_EQ(f.client.drained, 1);
    ck_stream_pause(f.client.stream);
    ck_stream_resume(f.client.stream); /* another turn for it, with nothing written */
    net_settle(f.loop);
    CK_CHECK_EQ(f.client.drained, 1);
    close_flow(&f);
}

CK_TEST(net_flow, the_first_message_of_a_turn_goes_at_once)
{
    flow f = {0};
    open_flow(&f, false, NULL);
    ck_stream_stats stats;
    for (uint64_t turn = 1; turn <= 2; turn++) {
        for (int i = 0; i < 4; i++) {
            ck_out out = {
                .head = {'-', '>'}, .head_size = 2, .body = ck_slice_static("12345678", 8)};
            CK_CHECK_EQ(ck_stream_send_out(f.client.stream, &out), CHALK_OK);
        }
        ck_stream_get_stats(f.client.stream, &stats);
        CK_CHECK_EQ(stats.sent, turn * 40 - 30);
        CK_CHECK_EQ(stats.queued, 30);
        net_wait(f.loop, is_received, &(goal){&f.server.record, turn * 40});
        ck_stream_get_stats(f.client.stream, &stats);
        CK_CHECK_EQ(stats.writes, turn * 2);
    }
    close_flow(&f);
}

/* ---- a reader that does not read ---- */

CK_TEST(net_flow, of_a_message_of_which_the_kernel_takes_a_part_the_rest_follows)
{
    enum { BIG = 8000000, SMALL = 100 };
    flow f = {.server.record.keep = true};
    open_flow(&f, false, NULL);
    ck_stream_pause(f.server.record.stream);
    ck_out out = {.head = {byte_at(0), byte_at(1)}, .head_size = 2, .body = text_slice(2, BIG)};
    CK_CHECK_EQ(ck_stream_send_out(f.client.stream, &out), CHALK_OK);
    ck_stream_stats stats;
    ck_stream_get_stats(f.client.stream, &stats);
    CK_CHECK(stats.sent > 0 && stats.queued > 0);
    CK_CHECK_EQ(stats.sent + stats.queued, 2 + BIG);
    net_settle(f.loop);
    out = (ck_out){.body = text_slice(2 + BIG, SMALL)}; /* another turn, and something waits */
    CK_CHECK_EQ(ck_stream_send_out(f.client.stream, &out), CHALK_OK);
    ck_stream_resume(f.server.record.stream);
    net_wait(f.loop, is_received, &(goal){&f.server.record, 2 + BIG + SMALL});
    CK_CHECK_EQ(f.server.record.size, 2 + BIG + SMALL);
    check_text(&f.server.record);
    close_flow(&f);
}

static bool is_stuck(void *arg)
{
    flow *f = arg;
    ck_stream_stats before;
    ck_stream_stats after;
    ck_stream_get_stats(f->client.stream, &before);
    net_settle(f->loop);
    ck_stream_get_stats(f->client.stream, &after);
    return before.sent == after.sent && after.queued + after.encrypted > 0 && after.sent > 0;
}

static void check_slow_reader(bool tls)
{
    enum { BLOCK = 100000, BLOCKS = 200 };
    static uint8_t block[BLOCK];
    flow f = {0};
    ck_stream_config config = {.queue_bytes_max = BLOCK * BLOCKS, .drained_bytes = BLOCK};
    open_flow(&f, tls, &config);
    ck_stream_pause(f.server.record.stream);
    uint64_t given = 0;
    int status = CHALK_OK;
    while ((status = ck_stream_write_copy(f.client.stream, block, BLOCK)) == CHALK_OK) {
        given += BLOCK;
        CK_CHECK_EQ(ck_loop_poll(f.loop), CHALK_OK);
    }
    CK_CHECK_EQ(status, CHALK_ERR_LIMIT);
    net_wait(f.loop, is_stuck, &f);

    /* Every byte given is in exactly one place: sent, encrypted or queued. */
    ck_stream_stats stats;
    ck_stream_get_stats(f.client.stream, &stats);
    uint64_t passed_on = stats.sent + stats.encrypted;
    CK_CHECK(passed_on + stats.queued >= given);
    CK_CHECK(passed_on + stats.queued <= given + (tls ? given / 50 + 8192 : 0));
    CK_CHECK(stats.queued + stats.encrypted <= config.queue_bytes_max);
    CK_CHECK(stats.encrypted <= 17000);
    /* The kernel was kept from hoarding: at most the low-water mark and one send beyond it. */
    ck_stream_kernel_fill kernel = ck_stream_in_kernel(f.client.stream);
    CK_CHECK(kernel.unsent <= CK_STREAM_LOWAT_BYTES + 65536u * 2u);
    CK_CHECK(kernel.unacked >= kernel.unsent);
    CK_CHECK_EQ(ck_stream_unsent(f.client.stream), stats.queued + stats.encrypted + kernel.unsent);
    CK_CHECK_EQ(f.client.drained, 0);

    ck_stream_resume(f.server.record.stream);
    net_wait(f.loop, is_received, &(goal){&f.server.record, given});
    CK_CHECK(f.client.drained >= 1);
    CK_CHECK_EQ(f.server.record.received, given);
    close_flow(&f);
}

CK_TEST(net_flow, a_slow_reader_is_counted_and_bounded)
{
    check_slow_reader(false);
    check_slow_reader(true);
}

CK_TEST(net_flow, a_refused_write_takes_nothing)
{
    flow f = {0};
    ck_stream_config config = {.queue_bytes_max = 1000};
    open_flow(&f, false, &config);
    ck_slice slices[] = {text_slice(0, 600), text_slice(0, 401)};
    CK_CHECK_EQ(ck_stream_write(f.client.stream, slices, 2), CHALK_ERR_LIMIT);
    CK_CHECK(slices[0].data != NULL && slices[1].data != NULL);
    CK_CHECK_EQ(ck_stream_write(f.client.stream, slices, 1), CHALK_OK);
    CK_CHECK_EQ(ck_stream_write(f.client.stream, slices + 1, 1), CHALK_ERR_LIMIT);
    ck_slice_unref(&slices[1]);
    for (size_t i = 0; i < 400; i++) {
        CK_CHECK_EQ(ck_stream_write_copy(f.client.stream, "x", 1), CHALK_OK);
    }
    CK_CHECK_EQ(ck_stream_write_copy(f.client.stream, "x", 1), CHALK_ERR_LIMIT);
    close_flow(&f); /* destroyed with everything still queued */
}

CK_TEST(net_flow, the_number_of_queued_writes_is_bounded)
{
    flow f = {0};
    open_flow(&f, false, NULL);
    for (size_t i = 0; i < CK_STREAM_ENTRIES_MAX; i++) {
        CK_CHECK_EQ(ck_stream_write_copy(f.client.stream, "x", 1), CHALK_OK);
    }
    CK_CHECK_EQ(ck_stream_write_copy(f.client.stream, "x", 1), CHALK_ERR_LIMIT);
    net_wait(f.loop, is_received, &(goal){&f.server.record, CK_STREAM_ENTRIES_MAX});
    close_flow(&f);
}

CK_TEST(net_flow, a_reader_that_stands_still_is_a_timeout)
{
    static uint8_t block[1 << 20];
    flow f = {0};
    ck_stream_config config = {.write_timeout_ms = 100, .queue_bytes_max = 32u << 20};
    open_flow(&f, false, &config);
    ck_stream_pause(f.server.record.stream);
    for (int i = 0; i < 32; i++) {
        CK_CHECK_EQ(ck_stream_write_copy(f.client.stream, block, sizeof block), CHALK_OK);
    }
    net_wait(f.loop, net_is_closed, &f.client);
    CK_CHECK_EQ(f.client.status, CHALK_ERR_TIMEOUT);
    close_flow(&f);
}

/* ---- ending with much queued ---- */

CK_TEST(net_flow, closing_with_a_flush_sends_everything_first)
{
    for (int tls = 0; tls < 2; tls++) {
        enum { SIZE = 6000000 };
        flow f = {.server.record.close_on_end = true};
        ck_stream_config config = {.queue_bytes_max = SIZE};
        open_flow(&f, tls, &config);
        ck_slice all = text_slice(0, SIZE);
        CK_CHECK_EQ(ck_stream_write(f.client.stream, &all, 1), CHALK_OK);
        ck_stream_close(f.client.stream, NET_PATIENCE_MS, CHALK_OK);
        net_wait(f.loop, net_is_closed, &f.client);
        CK_CHECK_EQ(f.client.status, CHALK_OK);
        CK_CHECK_EQ(f.server.record.received, SIZE);
        close_flow(&f);
    }
}

CK_TEST(net_flow, a_flush_ends_in_time)
{
    static uint8_t block[8u << 20];
    flow f = {0};
    open_flow(&f, false, NULL);
    ck_stream_pause(f.server.record.stream);
    CK_CHECK_EQ(ck_stream_write_copy(f.client.stream, block, sizeof block), CHALK_OK);
    uint64_t before_us = ck_clock_us();
    ck_stream_close(f.client.stream, 60000, CHALK_OK);
    ck_stream_close(f.client.stream, 80, CHALK_OK); /* a second close shortens */
    net_wait(f.loop, net_is_closed, &f.client);
    CK_CHECK_EQ(f.client.status, CHALK_ERR_TIMEOUT);
    CK_CHECK(ck_clock_us() - before_us >= 80 * CK_US_PER_MS);
    close_flow(&f);
}

/* ---- memory ---- */

static bool try_a_talk(ck_failing_alloc *memory)
{
    ck_loop *loop = NULL;
    ck_loop_config config = {.alloc = &memory->alloc, .host_driven = true};
    if (ck_loop_create(&config, &loop) < 0) {
        return false;
    }
    bool done = false;
    net_record ends[2] = {{.keep = true}, {0}};
    ck_stream_config stream = {.loop = loop, .events = net_events, .user = &ends[1]};
    ck_socket listener = CK_SOCKET_NONE;
    CK_CHECK_EQ(ck_socket_listen("127.0.0.1", 0, 8, &listener), CHALK_OK);
    int status =
        ck_stream_connect(&stream, "127.0.0.1", ck_socket_local_port(listener), &ends[1].stream);
    while (status == CHALK_OK && ends[1].opened == 0 && ends[1].closed == 0) {
        net_step(loop);
    }
    ck_socket accepted = CK_SOCKET_NONE;
    if (ends[1].opened > 0 && ck_socket_accept(listener, &accepted) == CHALK_OK) {
        stream.user = &ends[0];
        status = ck_stream_adopt(&stream, accepted, &ends[0].stream);
        if (status < 0) {
            ck_socket_close(&accepted);
        }
    }
    if (ends[0].stream != NULL && ck_stream_write_copy(ends[1].stream, "twelve bytes", 12) == 0) {
        net_wait(loop, is_received, &(goal){&ends[0], 12});
        done = true;
    }
    net_record_clear(&ends[0]);
    net_record_clear(&ends[1]);
    ck_socket_close(&listener);
    ck_loop_destroy(&loop);
    return done;
}

/* Nothing may follow half a message. */
CK_TEST(net_flow, without_memory_for_the_rest_of_a_message_the_connection_ends)
{
    enum { BIG = 8000000 };
    ck_failing_alloc memory;
    ck_failing_alloc_init(&memory, 0);
    flow f = {0};
    CK_CHECK_EQ(
        ck_loop_create(&(ck_loop_config){.alloc = &memory.alloc, .host_driven = true}, &f.loop),
        CHALK_OK);
    open_flow(&f, false, NULL);
    ck_stream_pause(f.server.record.stream);
    ck_out out = {.body = text_slice(0, BIG)};
    memory.fail_at = memory.calls + 1;
    CK_CHECK_EQ(ck_stream_send_out(f.client.stream, &out), CHALK_ERR_NO_MEMORY);
    CK_CHECK(out.body.data != NULL); /* still the caller's */
    CK_CHECK_EQ(f.client.closed, 0); /* never from inside a call */
    ck_slice_unref(&out.body);
    net_wait(f.loop, net_is_closed, &f.client);
    CK_CHECK_EQ(f.client.status, CHALK_ERR_NO_MEMORY);
    close_flow(&f);
    CK_CHECK_EQ(memory.live, 0);
}

CK_TEST(net_flow, memory_may_run_out_at_every_allocation)
{
    bool done = false;
    for (size_t fail_at = 1; !done; fail_at++) {
        ck_failing_alloc memory;
        ck_failing_alloc_init(&memory, fail_at);
        done = try_a_talk(&memory);
        CK_CHECK_EQ(memory.live, 0);
        CK_CHECK(done == (memory.calls < fail_at));
    }
}
