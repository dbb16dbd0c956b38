#include "sim/tcp.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER      40 /* IPv4 and TCP */
#define WINDOW_INIT 10 /* RFC 6928 */
#define WINDOW_MAX  CK_TCP_SEGMENTS
#define RTO_FIRST   1000000
#define RTO_MIN     200000
#define RTO_MAX     8000000

static void send_more(ck_tcp *t);

void ck_tcp_init(ck_tcp *t, ck_sim *sim, ck_link *data, ck_link *acks, const ck_tcp_hooks *hooks)
{
    *t = (ck_tcp){
        .sim = sim,
        .data = data,
        .acks = acks,
        .hooks = *hooks,
        .window_256 = WINDOW_INIT * 256,
        .threshold_256 = WINDOW_MAX * 256,
        .rto_us = RTO_FIRST,
        .open = true,
    };
    t->segments = calloc(CK_TCP_SEGMENTS, sizeof *t->segments);
    t->bytes = malloc(CK_TCP_BUFFER);
    if (t->segments == NULL || t->bytes == NULL) {
        fputs("simulation: out of memory\n", stderr);
        exit(1);
    }
}

void ck_tcp_free(ck_tcp *t)
{
    free(t->segments);
    free(t->bytes);
    t->segments = NULL;
    t->bytes = NULL;
}

void ck_tcp_close(ck_tcp *t)
{
    t->open = false;
}

static ck_tcp_segment *segment(const ck_tcp *t, uint64_t number)
{
    return &t->segments[number % CK_TCP_SEGMENTS];
}

static uint64_t byte_of(const ck_tcp *t, uint64_t number)
{
    return number < t->written ? segment(t, number)->from : t->end_byte;
}

uint64_t ck_tcp_unacknowledged(const ck_tcp *t)
{
    return t->end_byte - byte_of(t, t->una);
}

uint64_t ck_tcp_unsent(const ck_tcp *t)
{
    return t->end_byte - byte_of(t, t->next);
}

size_t ck_tcp_room(const ck_tcp *t)
{
    size_t segments = CK_TCP_SEGMENTS - (size_t)(t->written - t->una);
    size_t bytes = CK_TCP_BUFFER - (size_t)ck_tcp_unacknowledged(t);
    return t->open ? CK_MIN(bytes, segments * CK_TCP_MSS) : 0;
}

/* --- timer ----------------------------------------------------------------------------------- */

static void on_timer(void *tcp, uint64_t a, uint64_t b);

static void set_timer(ck_tcp *t)
{
    t->timer_at_us = t->una < t->next ? t->sim->now_us + t->rto_us : 0;
    if (t->timer_at_us != 0 && !t->timer_set) {
        t->timer_set = true;
        ck_sim_at(t->sim, t->timer_at_us, on_timer, t, 0, 0);
    }
}

static void on_timer(void *tcp, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_tcp *t = tcp;
    t->timer_set = false;
    if (!t->open || t->timer_at_us == 0) {
        return;
    }
    if (t->sim->now_us < t->timer_at_us) {
        t->timer_set = true;
        ck_sim_at(t->sim, t->timer_at_us, on_timer, t, 0, 0);
        return;
    }
    t->timeouts++;
    t->threshold_256 = CK_MAX((t->next - t->una) * 256 / 2, 2 * 256);
    t->window_256 = 256;
    t->recovering = false;
    t->duplicates = 0;
    t->recover = t->next;
    t->rto_us = CK_MIN(2 * t->rto_us, RTO_MAX);
    t->next = t->una; /* all in flight is taken for lost */
    send_more(t);
    set_timer(t);
}

static void measure(ck_tcp *t, uint64_t rtt_us)
{
    if (t->srtt_us == 0) {
        t->srtt_us = rtt_us;
        t->rttvar_us = rtt_us / 2;
    } else {
        uint64_t off = rtt_us > t->srtt_us ? rtt_us - t->srtt_us : t->srtt_us - rtt_us;
        t->rttvar_us = (3 * t->rttvar_us + off) / 4;
        t->srtt_us = (7 * t->srtt_us + rtt_us) / 8;
    }
    t->rto_us = CK_CLAMP(t->srtt_us + CK_MAX(4 * t->rttvar_us, 1000), RTO_MIN, RTO_MAX);
}

void ck_tcp_measured(ck_tcp *t, uint64_t rtt_us)
{
    measure(t, rtt_us);
}

/* --- acknowledgements ------------------------------------------------------------------------ */

static void on_segment(void *tcp, uint64_t number, uint64_t b);

static void send_segment(ck_tcp *t, uint64_t number)
{
    ck_tcp_segment *s = segment(t, number);
    s->again = s->sent_us != 0;
    t->retransmitted += s->again;
    s->sent_us = CK_MAX(t->sim->now_us, 1);
    ck_link_send(t->data, s->bytes + HEADER, on_segment, t, number, 0);
}

static void send_more(ck_tcp *t)
{
    while (t->next < t->written && (t->next - t->una) * 256 < t->window_256) {
        send_segment(t, t->next++);
    }
    if (t->timer_at_us == 0) {
        set_timer(t);
    }
}

static void open_window(ck_tcp *t, uint64_t acked)
{
    if (t->window_256 < t->threshold_256) {
        t->window_256 += acked * 256;
    } else {
        t->window_256 += acked * 256 * 256 / t->window_256;
    }
    t->window_256 = CK_MIN(t->window_256, WINDOW_MAX * 256);
}

static void on_duplicate(ck_tcp *t)
{
    t->duplicates++;
    if (t->recovering) {
        t->window_256 = CK_MIN(t->window_256 + 256, WINDOW_MAX * 256);
    } else if (t->duplicates == 3 && t->una >= t->recover) {
        t->recovering = true;
        t->recover = t->next;
        t->threshold_256 = CK_MAX((t->next - t->una) * 256 / 2, 2 * 256);
        t->window_256 = t->threshold_256 + 3 * 256;
        send_segment(t, t->una);
    }
}

static void on_ack(void *tcp, uint64_t expected, uint64_t b)
{
    (void)b;
    ck_tcp *t = tcp;
    if (!t->open || expected < t->una || expected > t->written) {
        return;
    }
    if (expected == t->una) {
        if (t->next > t->una) {
            on_duplicate(t);
        }
        send_more(t);
        return;
    }
    const ck_tcp_segment *last = segment(t, expected - 1);
    if (!last->again) {
        measure(t, t->sim->now_us - last->sent_us);
    }
    uint64_t acked = expected - t->una;
    for (uint64_t n = t->una; n < expected; n++) {
        segment(t, n)->sent_us = 0;
    }
    t->una = expected;
    t->next = CK_MAX(t->next, expected);
    t->duplicates = 0;
    if (t->recovering && expected < t->recover) {
        send_segment(t, t->una); /* a partial acknowledgement: the next hole */
    } else if (t->recovering) {
        t->recovering = false;
        t->window_256 = t->threshold_256;
    } else {
        open_window(t, acked);
    }
    set_timer(t);
    send_more(t);
    if (t->hooks.room != NULL) {
        t->hooks.room(t->hooks.sender);
    }
}

/* --- receiver -------------------------------------------------------------------------------- */

/* The sender keeps bytes until they are acknowledged, and that is after this. */
static void hand_out(ck_tcp *t, ck_tcp_segment *s)
{
    size_t at = (size_t)(s->from % CK_TCP_BUFFER);
    size_t first = CK_MIN((size_t)s->bytes, CK_TCP_BUFFER - at);
    size_t rest = s->bytes - first;
    s->received = false;
    t->expected++;
    t->hooks.data(t->hooks.receiver, t->bytes + at, first);
    if (rest > 0 && t->open) {
        t->hooks.data(t->hooks.receiver, t->bytes, rest);
    }
}

static void on_segment(void *tcp, uint64_t number, uint64_t b)
{
    (void)b;
    ck_tcp *t = tcp;
    if (!t->open) {
        return;
    }
    if (number >= t->expected && number < t->expected + CK_TCP_SEGMENTS) {
        segment(t, number)->received = true;
    }
    while (t->open && t->expected < t->written && segment(t, t->expected)->received) {
        hand_out(t, segment(t, t->expected));
    }
    if (t->open) {
        ck_link_send(t->acks, HEADER, on_ack, t, t->expected, 0);
    }
}

static ck_tcp_segment *new_segment(ck_tcp *t)
{
    ck_tcp_segment *s = segment(t, t->written++);
    *s = (ck_tcp_segment){.from = t->end_byte};
    return s;
}

bool ck_tcp_write(ck_tcp *t, const uint8_t *data, size_t size)
{
    if (size > ck_tcp_room(t)) {
        return false;
    }
    while (size > 0) {
        /* What was not sent yet is filled up first. */
        bool more = t->written > t->next && segment(t, t->written - 1)->bytes < CK_TCP_MSS &&
                    segment(t, t->written - 1)->sent_us == 0;
        ck_tcp_segment *s = more ? segment(t, t->written - 1) : new_segment(t);
        size_t at = (size_t)(t->end_byte % CK_TCP_BUFFER);
        size_t n = CK_MIN(CK_MIN(size, CK_TCP_MSS - (size_t)s->bytes), CK_TCP_BUFFER - at);
        memcpy(t->bytes + at, data, n);
        s->bytes = (uint16_t)(s->bytes + n);
        t->end_byte += n;
        data += n;
        size -= n;
    }
    return true;
}

void ck_tcp_push(ck_tcp *t)
{
    if (t->open) {
        send_more(t);
    }
}
