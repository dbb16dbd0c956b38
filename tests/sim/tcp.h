/*
 * One way of a byte stream over two links that behaves as TCP does: slow start, congestion
 * avoidance, fast retransmit and NewReno recovery (RFC 5681, RFC 6582), retransmission time-outs
 * that double (RFC 6298, at least 200 ms as Linux has it), and a receiver that hands out nothing
 * behind a hole.
 */
#ifndef CK_SIM_TCP_H
#define CK_SIM_TCP_H

#include "sim/link.h"

#define CK_TCP_MSS      1400
#define CK_TCP_SEGMENTS 256         /* unacknowledged or waiting, at most */
#define CK_TCP_BUFFER   (128 << 10) /* bytes of them, at most */

typedef struct ck_tcp_hooks {
    void (*data)(void *user, const uint8_t *data, size_t size); /* at the receiver, in order */
    void (*room)(void *user); /* at the sender: some of it was acknowledged; may be NULL */
    void *receiver, *sender;  /* their users */
} ck_tcp_hooks;

typedef struct ck_tcp_segment {
    uint64_t from; /* its first byte, counted from the first of all */
    uint16_t bytes;
    bool again; /* retransmitted: no measure of the round trip (Karn) */
    bool received;
    uint64_t sent_us;
} ck_tcp_segment;

typedef struct ck_tcp {
    ck_sim *sim;
    ck_link *data, *acks;
    ck_tcp_hooks hooks;
    uint8_t *bytes;           /* a ring of CK_TCP_BUFFER */
    ck_tcp_segment *segments; /* by number modulo CK_TCP_SEGMENTS */
    uint64_t end_byte;        /* written in all */
    uint64_t written, next,
        una; /* segments: end of what is written, to be sent, not acknowledged */
    uint64_t recover;
    bool recovering;
    uint32_t duplicates;
    uint64_t window_256, threshold_256; /* segments, in 1/256 */
    uint64_t srtt_us, rttvar_us, rto_us;
    uint64_t timer_at_us; /* 0: none */
    bool timer_set;
    uint64_t expected; /* receiver: the next segment */
    uint64_t timeouts, retransmitted;
    bool open;
} ck_tcp;

void ck_tcp_init(ck_tcp *t, ck_sim *sim, ck_link *data, ck_link *acks, const ck_tcp_hooks *hooks);
void ck_tcp_free(ck_tcp *t);
/* The round trip of SYN and its answer, when neither was sent twice (RFC 6298 2.2). */
void ck_tcp_measured(ck_tcp *t, uint64_t rtt_us);
/* All of it or, when there is no room, none of it: false. Sent with the next push. */
bool ck_tcp_write(ck_tcp *t, const uint8_t *data, size_t size);
void ck_tcp_push(ck_tcp *t);
size_t ck_tcp_room(const ck_tcp *t);             /* bytes that can be written */
uint64_t ck_tcp_unacknowledged(const ck_tcp *t); /* bytes written and not acknowledged */
uint64_t ck_tcp_unsent(const ck_tcp *t);         /* of them, those never sent */
/* Packets on their way are forgotten when they arrive; the object must live on until they have. */
void ck_tcp_close(ck_tcp *t);

#endif
