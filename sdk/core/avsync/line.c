#include "core/avsync/line.h"

#include "base/check.h"

#define JUMP_AHEAD_US INT64_C(5000000)
#define JUMP_BACK_US  INT64_C(1000000)

void ck_line_init(ck_line *l)
{
    *l = (ck_line){0};
}

static bool leaps(const ck_line *l, enum ck_line_medium medium, int64_t time_us, uint64_t now_us)
{
    int64_t step = time_us - l->media[medium].newest_us;
    uint64_t at_us = l->media[medium].at_us;
    int64_t passed = now_us > at_us ? (int64_t)(now_us - at_us) : 0;
    return l->media[medium].seen && (step - passed > JUMP_AHEAD_US || step < -JUMP_BACK_US);
}

bool ck_line_breaks(ck_line *l, enum ck_line_medium medium, int64_t time_us, uint64_t now_us)
{
    bool breaks = leaps(l, medium, time_us, now_us);
    if (breaks) {
        ck_line_init(l);
    }
    int64_t newest = l->media[medium].seen ? l->media[medium].newest_us : time_us;
    l->media[medium].newest_us = CK_MAX(newest, time_us);
    l->media[medium].at_us = now_us;
    l->media[medium].seen = true;
    return breaks;
}
