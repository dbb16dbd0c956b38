#include "runtime/net/fault.h"
#include "runtime/net/stream_internal.h"

#include "base/check.h"
#include "base/rng.h"

#include <string.h>

typedef struct chunk {
    struct chunk *next;
    uint64_t due_us;
    size_t size;
    uint8_t data[];
} chunk;

struct ck_stream_fault {
    ck_fault_config config;
    ck_rng rng;
    uint64_t stall_us; /* until then */
    uint64_t send_us;  /* what is written waits until then; 0: nothing waits */
    uint64_t last_in_us;
    chunk *first, *last; /* received, oldest first */
    size_t bytes;
};

static ck_stream_fault *fault_of(ck_stream *s)
{
    if (s->fault == NULL) {
        s->fault = ck_new(s->loop->alloc, sizeof *s->fault);
        if (s->fault != NULL) {
            ck_rng_seed(&s->fault->rng, 0); /* of zeros it would never give another number */
        }
    }
    return s->fault;
}

int ck_stream_make_faults(ck_stream *s, const ck_fault_config *config, uint32_t attempt)
{
    if (config->delay_us == 0 && config->jitter_us == 0 && config->loss_ppm == 0) {
        return CHALK_OK;
    }
    ck_stream_fault *f = fault_of(s);
    if (f == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    f->config = *config;
    ck_rng_seed(&f->rng, config->seed + attempt);
    return CHALK_OK;
}

int ck_stream_stall(ck_stream *s, uint64_t until_us)
{
    ck_stream_fault *f = fault_of(s);
    if (f == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    f->stall_us = CK_MAX(f->stall_us, until_us);
    ck_stream_update_watch(s);
    ck_stream_arm(s);
    return CHALK_OK;
}

void ck_stream_fault_free(ck_stream *s)
{
    ck_stream_fault *f = s->fault;
    s->fault = NULL;
    while (f != NULL && f->first != NULL) {
        chunk *c = f->first;
        f->first = c->next;
        ck_free(s->loop->alloc, c);
    }
    ck_free(s->loop->alloc, f);
}

/* How much later than without. False: so much was lost that the connection is. */
static bool later(ck_stream_fault *f, uint64_t *us)
{
    uint32_t jitter_us = f->config.jitter_us;
    *us = f->config.delay_us + (jitter_us > 0 ? ck_rng_below(&f->rng, jitter_us + 1) : 0);
    uint64_t rto_us = CK_FAULT_RTO_US;
    for (int i = 0; i < CK_FAULT_LOSSES; i++) {
        if (ck_rng_below(&f->rng, 1000000) >= f->config.loss_ppm) {
            return true;
        }
        *us += rto_us;
        rto_us *= 2;
    }
    return false;
}

/* --- what is received ------------------------------------------------------------------------ */

bool ck_stream_fault_reads(const ck_stream *s)
{
    const ck_stream_fault *f = s->fault;
    return f == NULL || (f->bytes < CK_FAULT_BYTES_MAX && f->stall_us <= ck_loop_now_us(s->loop));
}

void ck_stream_fault_take(ck_stream *s, const uint8_t *data, size_t size)
{
    uint64_t now_us = ck_loop_now_us(s->loop), later_us = 0;
    ck_stream_fault *f = s->fault;
    if (!later(f, &later_us)) {
        ck_stream_lost(s, CHALK_ERR_DISCONNECTED);
        return;
    }
    chunk *c = ck_new(s->loop->alloc, sizeof *c + size);
    if (c == NULL) {
        ck_stream_fail(s, CHALK_ERR_NO_MEMORY);
        return;
    }
    c->due_us = f->last_in_us = CK_MAX(f->last_in_us, now_us + later_us);
    c->size = size;
    memcpy(c->data, data, size);
    if (f->last != NULL) {
        f->last->next = c;
    } else {
        f->first = c;
    }
    f->last = c;
    f->bytes += size;
    ck_stream_fault_deliver(s, now_us);
    if (s->state != CK_STREAM_CLOSED) {
        ck_stream_update_watch(s);
        ck_stream_arm(s);
    }
}

/* A callback may pause or end the stream. What has come is given to it before its end is. */
void ck_stream_fault_deliver(ck_stream *s, uint64_t now_us)
{
    ck_stream_fault *f = s->fault;
    while (s->state != CK_STREAM_CLOSED && !s->paused && f->first != NULL &&
           CK_MAX(f->first->due_us, f->stall_us) <= now_us) {
        chunk *c = f->first;
        f->first = c->next;
        f->last = f->first != NULL ? f->last : NULL;
        f->bytes -= c->size;
        ck_stream_received(s, c->data, c->size);
        ck_free(s->loop->alloc, c);
    }
}

/* --- what is written ------------------------------------------------------------------------- */

void ck_stream_fault_written(ck_stream *s)
{
    uint64_t later_us = 0;
    ck_stream_fault *f = s->fault;
    if (f->send_us != 0) {
        return; /* goes with what waits already */
    }
    if (!later(f, &later_us)) {
        later_us = CK_FAULT_RTO_US << CK_FAULT_LOSSES; /* not cut from inside a write */
    }
    f->send_us = ck_loop_now_us(s->loop) + later_us;
}

bool ck_stream_fault_sends(ck_stream *s)
{
    ck_stream_fault *f = s->fault;
    uint64_t now_us = ck_loop_now_us(s->loop);
    bool open = s->state == CK_STREAM_OPEN;
    if (open && CK_MAX(f->send_us, f->stall_us) > now_us) {
        ck_stream_arm(s);
        return false;
    }
    f->send_us = 0;
    return true;
}

/* --- time ------------------------------------------------------------------------------------ */

uint64_t ck_stream_fault_due(const ck_stream *s)
{
    const ck_stream_fault *f = s->fault;
    if (f == NULL) {
        return CK_NEVER;
    }
    uint64_t now_us = ck_loop_now_us(s->loop);
    uint64_t in_us = f->first != NULL && !s->paused ? f->first->due_us : CK_NEVER;
    uint64_t out_us = f->send_us != 0 ? f->send_us : CK_NEVER;
    uint64_t due_us = CK_MAX(CK_MIN(in_us, out_us), f->stall_us);
    return f->stall_us > now_us ? f->stall_us : due_us;
}

void ck_stream_fault_turn(ck_stream *s)
{
    uint64_t now_us = ck_loop_now_us(s->loop);
    ck_stream_fault_deliver(s, now_us);
    if (s->state != CK_STREAM_CLOSED && s->fault->send_us <= now_us) {
        s->fault->send_us = 0; /* the kernel may be full: that is another matter */
        ck_stream_send_some(s);
    }
    if (s->state != CK_STREAM_CLOSED) {
        ck_stream_update_watch(s);
    }
}
