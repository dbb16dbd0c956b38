#include "core/m3u8/line.h"

#include "base/check.h"

#include <string.h>

#define JUMP_US     10000000
#define STEP_MAX_US 1000000
#define LATE_US     200000
/* Where a line begins: the other medium's first packet may come before it. */
#define START_US 1000000

void ck_hls_line_init(ck_hls_line *l)
{
    memset(l, 0, sizeof *l);
}

/* Stamps come from a peer: kept where sums of a few of them cannot overflow. */
static int64_t sane(int64_t us)
{
    const int64_t most = INT64_C(1) << 60;
    return CK_CLAMP(us, -most, most);
}

void ck_hls_line_segment(ck_hls_line *l, bool broken, bool wraps, int64_t date_us)
{
    l->broken = l->broken || broken || wraps != l->wraps;
    l->wraps = wraps;
    l->has_date = l->has_date && !broken;
    l->date_waits = date_us >= 0;
    l->date_next_us = sane(date_us);
}

/* The stamp nearest to the one before that equals `us` but for whole turns. */
static int64_t unwrapped(const ck_hls_line *l, int64_t us)
{
    if (!l->wraps || !l->started || l->broken) {
        return us;
    }
    int64_t turns = (l->stamp_us - us) / CK_HLS_WRAP_US;
    int64_t near = us + turns * CK_HLS_WRAP_US;
    if (l->stamp_us - near > CK_HLS_WRAP_US / 2) {
        near += CK_HLS_WRAP_US;
    } else if (near - l->stamp_us > CK_HLS_WRAP_US / 2) {
        near -= CK_HLS_WRAP_US;
    }
    return near;
}

ck_hls_time ck_hls_line_time(ck_hls_line *l, int64_t dts_us, int64_t pts_us)
{
    int64_t composition_us = CK_CLAMP(sane(pts_us) - sane(dts_us), -JUMP_US, JUMP_US);
    int64_t stamp_us = unwrapped(l, sane(dts_us));
    bool jump =
        l->started && (stamp_us > l->stamp_us + JUMP_US || stamp_us < l->stamp_us - JUMP_US);
    if (!l->started || l->broken || jump) {
        l->offset_us = (l->started ? l->newest_us + l->step_us : START_US) - stamp_us;
        l->has_date = l->has_date && !jump;
    }
    ck_hls_time time = {.dts_us = stamp_us + l->offset_us};
    time.pts_us = time.dts_us + composition_us;
    if (!l->started || time.dts_us > l->newest_us) {
        int64_t step_us = l->started ? time.dts_us - l->newest_us : 0;
        l->step_us = CK_MIN(step_us, STEP_MAX_US);
        l->newest_us = time.dts_us;
    }
    l->started = true;
    l->broken = false;
    l->stamp_us = stamp_us;
    if (l->date_waits) {
        l->date_waits = false;
        l->has_date = true;
        l->date_us = l->date_next_us - time.pts_us;
    }
    int64_t room_us = l->has_date ? l->date_us + time.pts_us : 0;
    time.room_us = CK_MAX(room_us, 0);
    return time;
}

uint64_t ck_hls_pace_due(ck_hls_pace *p, int64_t dts_us, uint64_t now_us)
{
    int64_t ahead_us = dts_us - p->anchor_time;
    uint64_t due_us = ahead_us >= 0 ? p->anchor_us + (uint64_t)ahead_us : p->anchor_us;
    if (!p->running || due_us + LATE_US < now_us) {
        p->running = true;
        p->anchor_us = now_us;
        p->anchor_time = dts_us;
        return now_us;
    }
    return due_us;
}
