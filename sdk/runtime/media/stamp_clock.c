#include "runtime/media/stamp_clock.h"

#include "chalkrail/errors.h"

#include "base/check.h"
#include "runtime/os/os.h"

#define SLEW    50      /* one part in so many: 2 % */
#define STEP_US 5000000 /* further off than this is put right at once */
#define NEAR_US 10000

int ck_stamp_clock_init(ck_stamp_clock *c)
{
    *c = (ck_stamp_clock){0};
    return uv_mutex_init(&c->lock) == 0 ? CHALK_OK : CHALK_ERR_LIMIT;
}

void ck_stamp_clock_free(ck_stamp_clock *c)
{
    uv_mutex_destroy(&c->lock);
}

void ck_stamp_clock_set(ck_stamp_clock *c, uint64_t room_us, uint64_t now_us)
{
    uv_mutex_lock(&c->lock);
    c->known = true;
    c->target_us = (int64_t)(room_us - now_us);
    uv_mutex_unlock(&c->lock);
}

/* With the lock held. */
static void slew(ck_stamp_clock *c, uint64_t now_us)
{
    int64_t missing_us = c->target_us - c->offset_us;
    int64_t most_us = (int64_t)((now_us - CK_MIN(c->at_us, now_us)) / SLEW);
    bool step = !c->begun || missing_us > STEP_US || missing_us < -STEP_US;
    c->offset_us += step ? missing_us : CK_CLAMP(missing_us, -most_us, most_us);
    c->at_us = now_us;
    c->begun = true;
}

uint64_t ck_stamp_clock_at(ck_stamp_clock *c, uint64_t at_us, uint64_t now_us, bool *confirmed)
{
    uv_mutex_lock(&c->lock);
    if (!c->known) {
        c->target_us = (int64_t)(ck_wall_us() - ck_clock_us());
    }
    slew(c, now_us);
    int64_t off_us = c->target_us - c->offset_us;
    *confirmed = c->known && off_us >= -NEAR_US && off_us <= NEAR_US;
    uint64_t room_us = at_us + (uint64_t)c->offset_us;
    uv_mutex_unlock(&c->lock);
    return room_us;
}
