/*
 * Measured networks, read from text: rates over time, and arrivals of real calls. Integers alone.
 *
 *   mahimahi   a line for each 1500-byte packet that could be delivered: its millisecond
 *   json       [{"duration_ms": 1000, "bandwidth_kbps": 5000, "latency_ms": 20}, ...]
 *   puffer     "seconds<tab>Mbit/s" lines
 *   calls      "arrival_ms,seq,rtp_ts,marker,bytes" lines under a heading
 *   rtpdump    "#!rtpplay1.0" of rtptools: binary records with RTP headers
 */
#ifndef CK_SIM_TRACE_H
#define CK_SIM_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CK_TRACE_STEPS 4096

typedef struct ck_trace_step {
    uint64_t us; /* how long */
    uint64_t bps;
} ck_trace_step;

/* Repeats when it has ended. */
typedef struct ck_trace {
    ck_trace_step steps[CK_TRACE_STEPS];
    size_t count;
    uint64_t span_us;
    uint32_t delay_us; /* one way, where it is told */
} ck_trace;

/* False for text that is none of the three kinds of rate. */
bool ck_trace_parse(ck_trace *t, const uint8_t *text, size_t size);
uint64_t ck_trace_bps(const ck_trace *t, uint64_t at_us);
/* How long `bytes` take from at_us on; at most 60 s. */
uint64_t ck_trace_wire_time(const ck_trace *t, uint64_t at_us, uint64_t bytes);

typedef struct ck_arrival {
    uint64_t at_us;
    int64_t pts_us; /* unwrapped */
    uint16_t sequence;
    uint32_t bytes;
} ck_arrival;

/* Packets of the first SSRC, in order of arrival; clock_hz of the RTP time. The count, or 0 when
 * the text is neither of the two kinds; at most `max`. */
size_t ck_arrivals_parse(ck_arrival *out, size_t max, const uint8_t *text, size_t size,
                         uint32_t clock_hz);

#endif
