/*
 * A one-way packet link: a queue, a rate, a delay, and what goes wrong. Each packet is a size and a
 * function that is called when it arrives; a lost one is never called. Many flows may share a link.
 */
#ifndef CK_SIM_LINK_H
#define CK_SIM_LINK_H

#include "sim/sim.h"
#include "sim/trace.h"

#define CK_LINK_QUEUE 8192 /* packets */

#define CK_LINK_MOVE_US 1000

/* 0: without. */
typedef struct ck_link_config {
    const ck_trace *trace; /* the rate over time; before rate_bps */
    uint64_t rate_bps;
    uint32_t delay_us;
    uint32_t jitter_us; /* 0 to this more for each packet; order is kept */
    /* Gilbert (1960) and Elliott (1963): loss in two states, moves between them per packet, and per
     * CK_LINK_MOVE_US without one. */
    uint32_t loss_ppm, loss_bad_ppm, to_bad_ppm, to_good_ppm;
    uint32_t reorder_ppm, reorder_us; /* so many packets come that much later than their turn */
    uint32_t double_ppm;
    uint32_t queue_bytes; /* drop-tail; 0: bounded by CK_LINK_QUEUE alone */
    bool codel;           /* RFC 8289, 5 ms and 100 ms */
} ck_link_config;

typedef struct ck_link_packet {
    uint32_t bytes;
    uint64_t queued_us;
    ck_sim_fn arrive;
    void *user;
    uint64_t a, b;
} ck_link_packet;

typedef struct ck_link {
    ck_sim *sim;
    ck_link_config config;
    ck_link_packet *queue;
    uint32_t first, count;
    uint64_t queued_bytes;
    uint64_t most_bytes; /* ever queued */
    bool busy;           /* one is on the wire */
    bool bad;            /* state of the loss model, */
    uint64_t moved_us;   /* as of then */
    bool down;           /* all is lost */
    uint64_t suspended_until_us;
    uint64_t last_arrival_us;
    uint64_t sent, lost, dropped; /* packets; dropped: by the queue */
    uint64_t sent_bytes;
    /* CoDel */
    uint64_t above_since_us; /* 0: not above the target */
    uint64_t drop_next_us;
    uint32_t drop_count;
    bool dropping;
} ck_link;

void ck_link_init(ck_link *l, ck_sim *sim, const ck_link_config *config);
void ck_link_free(ck_link *l);
void ck_link_send(ck_link *l, uint32_t bytes, ck_sim_fn arrive, void *user, uint64_t a, uint64_t b);
/* Nothing leaves for so long; what waits comes in a burst after. */
void ck_link_suspend(ck_link *l, uint64_t us);
/* Down: what is sent is lost. */
void ck_link_set_down(ck_link *l, bool down);

#endif
