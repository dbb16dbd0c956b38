/*
 * A bad network, made inside a stream, for machines and tests that have no other: delay, jitter,
 * loss as TCP shows it, stalls. What is received waits here before it is delivered; what is written
 * waits before it goes. Opening (TCP's own handshake) is not delayed.
 *
 * Thread: loop.
 */
#ifndef CK_RUNTIME_NET_FAULT_H
#define CK_RUNTIME_NET_FAULT_H

#include "runtime/net/stream.h"

#define CK_FAULT_BYTES_MAX 1048576u /* that wait; beyond, the socket is not read */
#define CK_FAULT_RTO_US    200000u  /* a lost packet comes so much later, doubled each time */
#define CK_FAULT_LOSSES    6        /* in a row: the connection is cut */

typedef struct ck_fault_config {
    uint32_t delay_us;  /* each way */
    uint32_t jitter_us; /* and up to so much more, evenly distributed; order is kept */
    uint32_t loss_ppm;  /* of what is read or written at once */
    uint64_t seed;
} ck_fault_config;

/* Of a stream that was just made; a config without faults makes none. `attempt`: another one, other
 * random numbers. NO_MEMORY. */
int ck_stream_make_faults(ck_stream *s, const ck_fault_config *config, uint32_t attempt);
/* Nothing comes or goes until then. NO_MEMORY. */
int ck_stream_stall(ck_stream *s, uint64_t until_us);

#endif
