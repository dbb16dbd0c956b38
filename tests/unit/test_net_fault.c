/* A bad network made inside a stream: late, stalled and cut, and never anything else. */
#include "net_support.h"
#include "runtime/net/fault.h"
#include "support/check.h"

#include <string.h>

#define SEEDS 12
#define PIECE 1000
#define BYTES (40 * PIECE)

typedef struct pair {
    ck_loop *loop;
    net_server server;
    net_record client;
} pair;

/* The faults are the client's. */
static void open_pair(pair *p, const ck_fault_config *faults)
{
    p->loop = net_loop();
    net_server_start(&p->server, p->loop);
    net_connect(&p->client, &p->server, NULL);
    CK_CHECK_EQ(ck_stream_make_faults(p->client.stream, faults, 1), CHALK_OK);
    net_wait(p->loop, net_is_opened, &p->client);
    net_wait(p->loop, net_is_opened, &p->server.record);
}

static void close_pair(pair *p)
{
    net_record_clear(&p->client);
    net_server_stop(&p->server);
    ck_loop_destroy(&p->loop);
}

static uint8_t byte_at(size_t at)
{
    return (uint8_t)(at * 7 + at / 251);
}

/* So that it is read in many pieces. */
static void write_all(pair *p, net_record *from)
{
    uint8_t piece[PIECE];
    for (size_t at = 0; at < BYTES && from->closed == 0; at += PIECE) {
        for (size_t i = 0; i < PIECE; i++) {
            piece[i] = byte_at(at + i);
        }
        if (ck_stream_write_copy(from->stream, piece, PIECE) < 0) {
            return; /* it was cut meanwhile */
        }
        net_step(p->loop);
    }
}

static bool is_over(void *arg)
{
    const net_record *r = arg;
    return r->received >= BYTES || r->closed > 0;
}

static bool is_beginning(const net_record *r)
{
    for (size_t i = 0; i < r->size; i++) {
        if (r->data[i] != byte_at(i)) {
            return false;
        }
    }
    return r->size <= BYTES;
}

CK_TEST(net_fault, delay_keeps_the_order_and_loses_nothing)
{
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const ck_fault_config faults = {.delay_us = 3000, .jitter_us = 9000, .seed = seed};
        pair p = {.client.keep = true, .server.record.keep = true};
        open_pair(&p, &faults);
        uint64_t began_us = ck_loop_now_us(p.loop);
        write_all(&p, &p.server.record);
        write_all(&p, &p.client);
        net_wait(p.loop, is_over, &p.client);
        net_wait(p.loop, is_over, &p.server.record);
        CK_CHECK_ROW((int)seed, ck_loop_now_us(p.loop) - began_us >= 3000);
        CK_CHECK_ROW((int)seed, p.client.received == BYTES && is_beginning(&p.client));
        CK_CHECK_ROW((int)seed, p.server.record.received == BYTES);
        CK_CHECK_ROW((int)seed, is_beginning(&p.server.record));
        close_pair(&p);
    }
}

/* Six in a row are a cut; nine in ten of what is read are lost, so both happen. */
CK_TEST(net_fault, what_is_not_cut_is_whole)
{
    unsigned cut = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const ck_fault_config faults = {.loss_ppm = seed % 3 == 0 ? 2000 : 950000, .seed = seed};
        pair p = {.client.keep = true};
        open_pair(&p, &faults);
        write_all(&p, &p.server.record);
        net_wait(p.loop, is_over, &p.client);
        CK_CHECK_ROW((int)seed, is_beginning(&p.client));
        bool lost = p.client.closed > 0;
        CK_CHECK_ROW((int)seed,
                     lost ? p.client.status == CHALK_ERR_DISCONNECTED : p.client.received == BYTES);
        cut += lost;
        close_pair(&p);
    }
    CK_CHECK(cut > 0 && cut < SEEDS);
}

CK_TEST(net_fault, a_stall_holds_both_ways_and_lets_all_go)
{
    static const ck_fault_config none = {0};
    pair p = {.client.keep = true, .server.record.keep = true};
    open_pair(&p, &none);
    uint64_t until_us = ck_loop_now_us(p.loop) + 150000;
    CK_CHECK_EQ(ck_stream_stall(p.client.stream, until_us), CHALK_OK);
    write_all(&p, &p.server.record);
    write_all(&p, &p.client);
    while (ck_loop_now_us(p.loop) < until_us) {
        CK_CHECK(p.client.received == 0 && p.server.record.received == 0);
        net_step(p.loop);
    }
    net_wait(p.loop, is_over, &p.client);
    net_wait(p.loop, is_over, &p.server.record);
    CK_CHECK(p.client.closed == 0 && is_beginning(&p.client) && is_beginning(&p.server.record));
    close_pair(&p);
}

CK_TEST(net_fault, what_waits_goes_with_its_stream)
{
    const ck_fault_config faults = {.delay_us = 60000000};
    pair p = {0};
    open_pair(&p, &faults);
    write_all(&p, &p.server.record);
    write_all(&p, &p.client);
    CK_CHECK(p.client.received == 0 && p.server.record.received == 0);
    close_pair(&p);
}
