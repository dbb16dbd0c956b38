/* The simulated network itself: what it promises to the lessons that run over it. */
#include "sim/tcp.h"
#include "support/check.h"
#include "support/seeds.h"

#include "base/check.h"

#include <string.h>

#define MESSAGES 400

typedef struct sink {
    ck_sim *sim;
    uint64_t next;  /* number expected of a stream ... */
    size_t into;    /* ... and bytes of it that came */
    uint64_t count; /* arrived */
    uint64_t twice;
    uint64_t swapped; /* came before one sent earlier */
    uint64_t highest;
    uint64_t last_us;
    uint64_t longest_us; /* between two */
} sink;

static void arrived(void *user, uint64_t number, uint64_t b)
{
    (void)b;
    sink *s = user;
    s->swapped += s->count > 0 && number < s->highest;
    s->twice += s->count > 0 && number == s->highest;
    s->highest = CK_MAX(s->highest, number);
    s->count++;
    s->longest_us = CK_MAX(s->longest_us, s->sim->now_us - s->last_us);
    s->last_us = s->sim->now_us;
}

/* Messages as they are written below: a count of bytes each, of the message's number. */
static size_t size_of(uint64_t number)
{
    return (size_t)(100 + number * 13 % 9000);
}

static void in_order(void *user, const uint8_t *data, size_t size)
{
    sink *s = user;
    for (size_t i = 0; i < size; i++) {
        CK_CHECK_EQ(data[i], (uint8_t)s->next);
        if (++s->into == size_of(s->next)) {
            s->into = 0;
            arrived(user, s->next++, 0);
        }
    }
}

typedef struct sender {
    ck_sim *sim;
    ck_link *link;
    ck_tcp *tcp;
    void *to;
    uint64_t next, every_us;
} sender;

static void send_next(void *user, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    sender *s = user;
    if (s->tcp != NULL) {
        static uint8_t message[9100];
        memset(message, (int)(s->next & 0xff), sizeof message);
        if (!ck_tcp_write(s->tcp, message, size_of(s->next))) {
            ck_sim_at(s->sim, s->sim->now_us + s->every_us, send_next, s, 0, 0);
            return; /* no room: again later */
        }
        ck_tcp_push(s->tcp);
    } else {
        ck_link_send(s->link, 1000, arrived, s->to, s->next, 0);
    }
    s->next++;
    if (s->next < MESSAGES) {
        ck_sim_at(s->sim, s->sim->now_us + s->every_us, send_next, s, 0, 0);
    }
}

/* 400 packets of 1,000 bytes, one each 10 ms, over a link. */
static sink over(const ck_link_config *config, uint64_t seed, ck_link *link_out)
{
    ck_sim sim;
    ck_link link;
    ck_sim_init(&sim, seed);
    ck_link_init(&link, &sim, config);
    sink to = {.sim = &sim};
    sender from = {.sim = &sim, .link = &link, .to = &to, .every_us = 10000};
    ck_sim_at(&sim, 0, send_next, &from, 0, 0);
    ck_sim_run(&sim, 60000000);
    CK_CHECK_EQ(sim.now_us, 60000000);
    *link_out = link;
    ck_link_free(&link);
    ck_sim_free(&sim);
    return to;
}

typedef struct order {
    ck_sim *sim;
    uint64_t last_us, last_number;
    uint64_t count;
} order;

static void note_order(void *user, uint64_t at_us, uint64_t number)
{
    order *o = user;
    CK_CHECK_EQ(o->sim->now_us, at_us);
    CK_CHECK(at_us > o->last_us ||
             (at_us == o->last_us && (o->count == 0 || number > o->last_number)));
    o->last_us = at_us;
    o->last_number = number;
    o->count++;
}

CK_TEST(sim, events_come_in_order_of_time_and_of_asking)
{
    ck_sim sim;
    ck_sim_init(&sim, 5);
    order o = {.sim = &sim};
    for (uint64_t i = 0; i < 5000; i++) {
        uint64_t at = ck_rng_below(&sim.rng, 300);
        ck_sim_at(&sim, at, note_order, &o, at, i);
    }
    ck_sim_run(&sim, 1000);
    CK_CHECK_EQ(o.count, 5000);
    CK_CHECK_EQ(sim.now_us, 1000);
    ck_sim_free(&sim);
}

CK_TEST(sim_link, does_what_it_is_told)
{
    static const struct {
        const char *name;
        ck_link_config config;
        uint64_t least, most; /* arrived */
        bool swaps;
        uint64_t last_ms_least, last_ms_most;
    } rows[] = {
        {"nothing", {.delay_us = 30000}, 400, 400, false, 4020, 4020},
        {"rate", {.rate_bps = 400000, .delay_us = 30000}, 400, 400, false, 8030, 8030},
        {"jitter", {.delay_us = 30000, .jitter_us = 50000}, 400, 400, false, 4020, 4071},
        {"loss", {.loss_ppm = 250000}, 250, 350, false, 3900, 4000},
        {"burst loss",
         {.loss_bad_ppm = 1000000, .to_bad_ppm = 50000, .to_good_ppm = 200000},
         250,
         370,
         false,
         3800,
         4000},
        {"reordering", {.reorder_ppm = 100000, .reorder_us = 25000}, 400, 400, true, 3990, 4020},
        {"doubles", {.double_ppm = 500000}, 550, 650, false, 3990, 4000},
        {"a short queue", {.rate_bps = 400000, .queue_bytes = 3000}, 190, 220, false, 3990, 4100},
        {"CoDel", {.rate_bps = 400000, .codel = true}, 200, 390, false, 3990, 8000},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        CK_FOR_SEEDS(seed, 10)
        {
            ck_link link;
            sink got = over(&rows[i].config, seed, &link);
            CK_CHECK_ROW(i, got.count >= rows[i].least && got.count <= rows[i].most);
            CK_CHECK_ROW(i, (got.swapped > 0) == rows[i].swaps);
            CK_CHECK_ROW(i, got.last_us / 1000 >= rows[i].last_ms_least);
            CK_CHECK_ROW(i, got.last_us / 1000 <= rows[i].last_ms_most);
            CK_CHECK_ROW(i, got.count - got.twice + link.lost + link.dropped == MESSAGES);
        }
    }
}

static void suspend(void *link, uint64_t us, uint64_t b)
{
    (void)b;
    ck_link_suspend(link, us);
}

/* CoDel keeps a standing queue near 5 ms where drop-tail fills what it has; a suspended link gives
 * what waited all at once. */
CK_TEST(sim_link, a_suspension_ends_in_a_burst)
{
    ck_sim sim;
    ck_link link;
    ck_sim_init(&sim, 1);
    ck_link_init(&link, &sim, &(ck_link_config){.delay_us = 1000});
    sink to = {.sim = &sim};
    sender from = {.sim = &sim, .link = &link, .to = &to, .every_us = 10000};
    ck_sim_at(&sim, 0, send_next, &from, 0, 0);
    ck_sim_at(&sim, 500000, suspend, &link, 700000, 0);
    ck_sim_run(&sim, 1200000);
    CK_CHECK_EQ(to.count, 50);
    ck_sim_run(&sim, 1202000);
    CK_CHECK_EQ(to.count, 121);
    CK_CHECK_EQ(to.longest_us, 1201000 - 491000);
    ck_link_free(&link);
    ck_sim_free(&sim);
}

static void over_tcp(const ck_link_config *config, uint64_t seed, ck_tcp *tcp_out, sink *to)
{
    ck_sim sim;
    ck_link data, acks;
    ck_tcp tcp;
    ck_sim_init(&sim, seed);
    ck_link_init(&data, &sim, config);
    ck_link_init(&acks, &sim, &(ck_link_config){.delay_us = config->delay_us});
    *to = (sink){.sim = &sim};
    const ck_tcp_hooks hooks = {.data = in_order, .receiver = to};
    ck_tcp_init(&tcp, &sim, &data, &acks, &hooks);
    sender from = {.sim = &sim, .tcp = &tcp, .every_us = 20000};
    ck_sim_at(&sim, 0, send_next, &from, 0, 0);
    ck_sim_run(&sim, 600000000);
    *tcp_out = tcp;
    ck_tcp_free(&tcp);
    ck_link_free(&data);
    ck_link_free(&acks);
    ck_sim_free(&sim);
}

CK_TEST(sim_tcp, delivers_all_once_and_in_order)
{
    static const struct {
        ck_link_config config;
        bool loses;
        uint64_t stall_least_us, stall_most_us;
    } rows[] = {
        {{.rate_bps = 20000000, .delay_us = 20000}, false, 20000, 60000},
        {{.rate_bps = 20000000, .delay_us = 20000, .jitter_us = 30000}, false, 20000, 120000},
        {{.rate_bps = 20000000, .delay_us = 20000, .loss_ppm = 20000}, true, 60000, 9000000},
        {{.rate_bps = 4000000,
          .delay_us = 50000,
          .loss_bad_ppm = 500000,
          .to_bad_ppm = 5000,
          .to_good_ppm = 200000},
         true,
         100000,
         20000000},
        {{.rate_bps = 1200000, .delay_us = 50000, .queue_bytes = 20000}, true, 50000, 20000000},
        {{.rate_bps = 1200000, .delay_us = 50000, .codel = true}, true, 50000, 20000000},
        {{.delay_us = 20000, .reorder_ppm = 100000, .reorder_us = 30000, .double_ppm = 10000},
         true,
         20000,
         1000000},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        CK_FOR_SEEDS(seed, 10)
        {
            ck_tcp tcp;
            sink got;
            over_tcp(&rows[i].config, seed, &tcp, &got);
            CK_CHECK_ROW(i, got.next == MESSAGES);
            CK_CHECK_ROW(i, (tcp.retransmitted > 0) == rows[i].loses);
            CK_CHECK_ROW(i, got.longest_us >= rows[i].stall_least_us);
            CK_CHECK_ROW(i, got.longest_us <= rows[i].stall_most_us);
        }
    }
}
