#include "platform/sdl/capture_clock.h"

#include "base/check.h"

#define JUMP_US      100000
#define EARLIER_PART 8   /* a callback earlier than expected shows that the estimate was late */
#define LATER_PART   256 /* a later one is usually only late itself */
#define SLEW_PART    20  /* a step is at most this part of the chunk, so time never goes back */

static int64_t samples_us(uint64_t samples)
{
    return (int64_t)(samples * 125 / 6);
}

uint64_t ck_capture_clock_place(ck_capture_clock *c, uint64_t first, uint32_t count, uint64_t at_us)
{
    int64_t observed = (int64_t)at_us - samples_us(first + count);
    int64_t error = observed - c->zero_us;
    if (!c->started || error > JUMP_US || error < -JUMP_US) {
        c->started = true;
        c->zero_us = observed;
    } else {
        int64_t most = samples_us(count) / SLEW_PART;
        int64_t step = error < 0 ? error / EARLIER_PART : error / LATER_PART;
        c->zero_us += CK_CLAMP(step, -most, most);
    }
    /* While the estimate is still late it must not name a time to come. */
    return (uint64_t)CK_CLAMP(c->zero_us + samples_us(first), 1, (int64_t)at_us);
}
