#include "platform/sdl/speaker_delay.h"

#include "base/check.h"

#define GAP_US     250000
#define MEASURE_US 1000000
#define MOST_US    1000000

uint32_t ck_speaker_delay_of(ck_speaker_delay *d, uint32_t count, uint64_t now_us)
{
    if (!d->started || now_us > d->last_us + GAP_US) {
        *d = (ck_speaker_delay){.started = true, .start_us = now_us};
    }
    uint64_t elapsed = now_us - d->start_us;
    uint64_t asked_us = d->asked * 125 / 6;
    if (elapsed < MEASURE_US && asked_us > elapsed) {
        d->queued_us = CK_MAX(d->queued_us, asked_us - elapsed);
    }
    d->asked += count;
    d->last_us = now_us;
    /* Even a driver without a queue plays a chunk only after it was filled. */
    uint64_t chunk_us = (uint64_t)count * 125 / 6;
    return (uint32_t)CK_CLAMP(d->queued_us, chunk_us, (uint64_t)MOST_US);
}
