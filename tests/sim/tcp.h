/*
 * A byte stream over two links that behaves as TCP does: slow start, congestion avoidance, fast
 * retransmit and NewReno recovery (RFC 5681, RFC 6582), retransmission time-outs that double (RFC
 * 6298, at least 200 ms as Linux has it), and a receiver that hands out nothing behind a hole.
 * What is written are messages; each is delivered once, in order, when all its bytes are there.
 */
#ifndef CK_SIM_TCP_H
#define CK_SIM_TCP_H

#include "sim/link.h"

#define CK_TCP_MSS      1400
#define CK_TCP_SEGMENTS 4096 /* unacknowledged or waiting, at most */

typedef struct ck_tcp {
    ck_sim *sim;
    ck_link *data, *acks;
    ck_sim_fn deliver; /* a: the message's, b: its bytes */
    void *user;
    /* Segments by number modulo CK_TCP_SEGMENTS. */
    struct ck_tcp_segment {
        uint64_t message;
        uint32_t message_bytes;
        uint16_t bytes;
        bool last;  /* of its message */
        bool again; /* retransmitted: no measure of the round trip (Karn) */
        uint64_t sent_us;
    } * segments;
    bool *received;
    uint64_t written, next,
        una; /* segment numbers: end of what is written, to be sent, not acked */
    uint64_t recover;
    bool recovering;
    uint32_t duplicates;
    uint64_t window_256, threshold_256; /* segments, in 1/256 */
    uint64_t srtt_us, rttvar_us, rto_us;
    uint64_t timer_at_us; /* 0: off */
    bool timer_set;       /* an event is under way */
    uint64_t expected;    /* receiver */
    uint64_t timeouts, retransmitted;
    bool open;
} ck_tcp;

void ck_tcp_init(ck_tcp *t, ck_sim *sim, ck_link *data, ck_link *acks, ck_sim_fn deliver,
                 void *user);
void ck_tcp_free(ck_tcp *t);
/* False: no room. */
bool ck_tcp_write(ck_tcp *t, uint64_t message, uint32_t bytes);
uint64_t ck_tcp_unsent(const ck_tcp *t); /* segments written and not acknowledged */
/* Packets on their way are forgotten when they arrive; the object must live on until they have. */
void ck_tcp_close(ck_tcp *t);

#endif
