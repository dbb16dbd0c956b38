#include "sim/link.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

#define MOVES_MAX         200 /* after so many, what was is forgotten */
#define CODEL_TARGET_US   5000
#define CODEL_INTERVAL_US 100000
#define CODEL_MTU         1500

static void serve(void *link, uint64_t a, uint64_t b);

void ck_link_init(ck_link *l, ck_sim *sim, const ck_link_config *config)
{
    *l = (ck_link){.sim = sim, .config = *config};
    l->queue = calloc(CK_LINK_QUEUE, sizeof *l->queue);
    if (l->queue == NULL) {
        fputs("simulation: out of memory\n", stderr);
        exit(1);
    }
}

void ck_link_free(ck_link *l)
{
    free(l->queue);
    l->queue = NULL;
}

/* --- what goes wrong after the queue --------------------------------------------------------- */

/* Interference passes by itself: who sends little meets no longer a burst than who sends much. */
static void move_on(ck_link *l)
{
    const ck_link_config *c = &l->config;
    uint64_t moves = CK_CLAMP((l->sim->now_us - l->moved_us) / CK_LINK_MOVE_US, 1, MOVES_MAX);
    l->moved_us = l->sim->now_us;
    for (uint64_t i = 0; c->to_bad_ppm != 0 && i < moves; i++) {
        if (ck_sim_chance(l->sim, l->bad ? c->to_good_ppm : c->to_bad_ppm)) {
            l->bad = !l->bad;
        }
    }
}

static bool is_lost(ck_link *l)
{
    const ck_link_config *c = &l->config;
    move_on(l);
    return ck_sim_chance(l->sim, l->bad ? c->loss_bad_ppm : c->loss_ppm);
}

static void deliver(ck_link *l, const ck_link_packet *p)
{
    const ck_link_config *c = &l->config;
    ck_sim *s = l->sim;
    l->sent++;
    l->sent_bytes += p->bytes;
    if (is_lost(l) || l->down) {
        l->lost++;
        return;
    }
    uint64_t at = s->now_us + c->delay_us;
    if (c->jitter_us > 0) {
        at += ck_rng_below(&s->rng, c->jitter_us + 1u);
    }
    if (ck_sim_chance(s, c->reorder_ppm)) {
        ck_sim_at(s, at + c->reorder_us, p->arrive, p->user, p->a, p->b);
        return;
    }
    at = CK_MAX(at, l->last_arrival_us);
    l->last_arrival_us = at;
    ck_sim_at(s, at, p->arrive, p->user, p->a, p->b);
    if (ck_sim_chance(s, c->double_ppm)) {
        ck_sim_at(s, at + 1, p->arrive, p->user, p->a, p->b);
    }
}

/* --- queue ----------------------------------------------------------------------------------- */

static ck_link_packet take(ck_link *l)
{
    ck_link_packet p = l->queue[l->first];
    l->first = (l->first + 1) % CK_LINK_QUEUE;
    l->count--;
    l->queued_bytes -= p.bytes;
    return p;
}

static uint64_t root(uint64_t x)
{
    uint64_t r = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1) {
        if ((r + bit) * (r + bit) <= x) {
            r += bit;
        }
    }
    return r;
}

static uint64_t control_law(const ck_link *l, uint64_t from_us)
{
    return from_us + (uint64_t)CODEL_INTERVAL_US * 1000 / root((uint64_t)l->drop_count * 1000000);
}

/* RFC 8289, appendix A: whether the packet at the head has waited too long for too long. */
static bool should_drop(ck_link *l, const ck_link_packet *p)
{
    uint64_t now = l->sim->now_us;
    if (now - p->queued_us < CODEL_TARGET_US || l->queued_bytes <= CODEL_MTU) {
        l->above_since_us = 0;
        return false;
    }
    if (l->above_since_us == 0) {
        l->above_since_us = now + CODEL_INTERVAL_US;
        return false;
    }
    return now >= l->above_since_us;
}

static bool codel_drops(ck_link *l, const ck_link_packet *p)
{
    uint64_t now = l->sim->now_us;
    bool too_long = should_drop(l, p);
    if (!too_long) {
        l->dropping = false;
        return false;
    }
    if (!l->dropping) {
        bool recent = l->drop_count > 2 && now - l->drop_next_us < 16 * CODEL_INTERVAL_US;
        l->drop_count = recent ? l->drop_count - 2 : 1;
        l->dropping = true;
        l->drop_next_us = control_law(l, now);
        return true;
    }
    if (now < l->drop_next_us) {
        return false;
    }
    l->drop_count++;
    l->drop_next_us = control_law(l, l->drop_next_us);
    return true;
}

/* --- the wire -------------------------------------------------------------------------------- */

static uint64_t wire_time_us(const ck_link *l, uint32_t bytes)
{
    if (l->config.trace != NULL) {
        return ck_trace_wire_time(l->config.trace, l->sim->now_us, bytes);
    }
    return l->config.rate_bps == 0 ? 0 : (uint64_t)bytes * 8 * 1000000 / l->config.rate_bps;
}

static void sent(void *link, uint64_t slot, uint64_t b)
{
    (void)slot, (void)b;
    ck_link *l = link;
    ck_link_packet p = take(l);
    deliver(l, &p);
    l->busy = false;
    serve(l, 0, 0);
}

static void serve(void *link, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_link *l = link;
    while (!l->busy && l->count > 0) {
        if (l->sim->now_us < l->suspended_until_us) {
            return; /* the end of the suspension calls again */
        }
        if (l->config.codel && codel_drops(l, &l->queue[l->first])) {
            (void)take(l);
            l->dropped++;
            continue;
        }
        uint64_t wire_us = wire_time_us(l, l->queue[l->first].bytes);
        if (wire_us == 0) {
            ck_link_packet p = take(l);
            deliver(l, &p);
            continue;
        }
        l->busy = true;
        ck_sim_at(l->sim, l->sim->now_us + wire_us, sent, l, 0, 0);
    }
}

void ck_link_send(ck_link *l, uint32_t bytes, ck_sim_fn arrive, void *user, uint64_t a, uint64_t b)
{
    bool full = l->count == CK_LINK_QUEUE ||
                (l->config.queue_bytes > 0 && l->queued_bytes + bytes > l->config.queue_bytes);
    if (full || l->down) {
        l->dropped++;
        return;
    }
    uint32_t at = (l->first + l->count++) % CK_LINK_QUEUE;
    l->queue[at] = (ck_link_packet){bytes, l->sim->now_us, arrive, user, a, b};
    l->queued_bytes += bytes;
    l->most_bytes = CK_MAX(l->most_bytes, l->queued_bytes);
    serve(l, 0, 0);
}

void ck_link_suspend(ck_link *l, uint64_t us)
{
    l->suspended_until_us = CK_MAX(l->suspended_until_us, l->sim->now_us + us);
    ck_sim_at(l->sim, l->suspended_until_us, serve, l, 0, 0);
}

void ck_link_set_down(ck_link *l, bool down)
{
    l->down = down;
}
