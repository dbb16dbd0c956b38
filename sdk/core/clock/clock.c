#include "core/clock/clock.h"

#include "base/check.h"

#include <stddef.h>

/* Times of an edge, which may say anything, and ours: sums and differences of offsets fit. */
#define TIME_MAX (UINT64_C(1) << 61)

void ck_clock_init(ck_clock *c)
{
    *c = (ck_clock){0};
}

/* Moves the offset towards its target by what the time that passed allows. */
static void slew(ck_clock *c, uint64_t now_us)
{
    uint64_t passed = now_us > c->slewed_us ? now_us - c->slewed_us : 0;
    int64_t most = (int64_t)CK_MIN(passed / (1000000 / CK_CLOCK_SLEW_PPM), UINT64_C(1) << 60);
    int64_t off = c->target_us - c->offset_us;
    /* What is less than one step waits for a whole one, so asking often does not stop the slew. */
    if (most == 0) {
        return;
    }
    c->offset_us += CK_CLAMP(off, -most, most);
    c->slewed_us = CK_MAX(now_us, c->slewed_us);
}

static const ck_clock_sample *least_delayed(const ck_clock *c, uint64_t now_us)
{
    const ck_clock_sample *best = NULL;
    uint64_t best_cost = UINT64_MAX;
    for (uint32_t i = 0; i < CK_CLOCK_SAMPLES; i++) {
        const ck_clock_sample *s = &c->samples[i];
        uint64_t age = now_us - s->at_us;
        uint64_t cost = s->rtt_us + age / (1000000 / CK_CLOCK_DRIFT_PPM);
        if (s->at_us != 0 && age <= CK_CLOCK_KEPT_US && cost < best_cost) {
            best = s;
            best_cost = cost;
        }
    }
    return best;
}

void ck_clock_feed(ck_clock *c, uint64_t sent_us, uint64_t room_us, uint64_t now_us)
{
    if (now_us < sent_us || now_us == 0 || room_us >= TIME_MAX || now_us >= TIME_MAX) {
        return;
    }
    uint64_t rtt = now_us - sent_us;
    c->samples[c->next] = (ck_clock_sample){
        .at_us = now_us,
        .rtt_us = rtt,
        .offset_us = (int64_t)room_us - (int64_t)(sent_us + rtt / 2),
    };
    c->next = (c->next + 1) % CK_CLOCK_SAMPLES;
    slew(c, now_us);
    const ck_clock_sample *best = least_delayed(c, now_us);
    if (best == NULL) {
        return;
    }
    c->target_us = best->offset_us;
    c->rtt_us = best->rtt_us;
    if (!c->set || c->target_us - c->offset_us > CK_CLOCK_ASLEEP_US) {
        c->offset_us = c->target_us;
        c->slewed_us = now_us;
        c->set = true;
    }
}

uint64_t ck_clock_room(ck_clock *c, uint64_t now_us)
{
    if (!c->set) {
        return 0;
    }
    slew(c, now_us);
    int64_t room = (int64_t)now_us + c->offset_us;
    c->shown_us = CK_MAX(c->shown_us, room > 0 ? (uint64_t)room : 0);
    return c->shown_us;
}

bool ck_clock_is_set(const ck_clock *c)
{
    return c->set;
}

uint64_t ck_clock_error_us(const ck_clock *c)
{
    int64_t off = c->target_us - c->offset_us;
    return c->rtt_us / 2 + (uint64_t)(off < 0 ? -off : off);
}

uint64_t ck_clock_rtt_us(const ck_clock *c)
{
    return c->rtt_us;
}
