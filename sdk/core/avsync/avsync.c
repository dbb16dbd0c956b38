#include "core/avsync/avsync.h"

#include "base/check.h"
#include "base/time.h"

#define MS INT64_C(1000)

#define EXTRAPOLATE_US (250 * MS)  /* beyond the last report of the device */
#define SOUND_GONE_US  (500 * MS)  /* so long without sound: it does not lead any more */
#define SLEW_US        50000       /* a second, of the free clock */
#define SLEW_MAX_US    (1000 * MS) /* further off is a jump: forward at once */
#define LATE_US        (80 * MS)   /* a picture this late is dropped ... */
#define STILL_MAX_US   (250 * MS)  /* ... unless the one shown is older than this */
#define FOREIGN_US     (5000 * MS) /* further ahead: left over from another line */
#define FREEZE_MORE_US (150 * MS)
#define FREEZE_TIMES   3
#define MEAN_SHIFT     4 /* smoothing of the time between pictures: 1/16 */

enum source { NONE = 1, SOUND, FREE };

void ck_avsync_init(ck_avsync *a)
{
    *a = (ck_avsync){.source = NONE};
}

void ck_avsync_reset(ck_avsync *a)
{
    a->source = NONE;
    a->reached = false;
    a->shown = false;
}

static int64_t since(uint64_t now_us, uint64_t then_us)
{
    return now_us > then_us ? (int64_t)(now_us - then_us) : 0;
}

/* --- position -------------------------------------------------------------------------------- */

void ck_avsync_heard(ck_avsync *a, int64_t pts_us, uint64_t now_us)
{
    a->source = SOUND;
    a->anchor_pts = pts_us;
    a->anchor_us = now_us;
    a->standing = false;
}

void ck_avsync_stands(ck_avsync *a, int64_t pts_us)
{
    if (a->source == SOUND) {
        a->anchor_pts = pts_us;
        a->standing = true;
    }
}

void ck_avsync_free(ck_avsync *a, int64_t transit_us, uint64_t now_us)
{
    if (a->source == SOUND && since(now_us, a->anchor_us) < SOUND_GONE_US) {
        return;
    }
    int64_t wanted = -transit_us;
    int64_t off = wanted - a->lead_us;
    if (a->source != FREE) {
        a->source = FREE;
        a->lead_us = wanted;
    } else if (off > SLEW_MAX_US || off < -SLEW_MAX_US) {
        a->lead_us = wanted;
    } else {
        int64_t passed = CK_MIN(since(now_us, a->lead_at_us), 1000 * MS);
        int64_t step = passed * SLEW_US / (1000 * MS);
        a->lead_us += CK_CLAMP(off, -step, step);
    }
    a->lead_at_us = now_us;
}

bool ck_avsync_position(ck_avsync *a, uint64_t now_us, int64_t *pts_us)
{
    if (a->source == NONE) {
        return false;
    }
    int64_t beyond = a->standing ? 0 : CK_MIN(since(now_us, a->anchor_us), EXTRAPOLATE_US);
    int64_t pts = a->source == FREE ? a->lead_us + (int64_t)now_us : a->anchor_pts + beyond;
    if (!a->reached || pts > a->reached_pts) {
        a->reached_pts = pts;
        a->reached = true;
    }
    *pts_us = a->reached_pts;
    return true;
}

/* --- picture --------------------------------------------------------------------------------- */

static bool is_freeze(const ck_avsync *a, int64_t gap_us)
{
    int64_t mean = (int64_t)a->mean_us;
    return a->shown && mean > 0 && gap_us > CK_MAX(FREEZE_TIMES * mean, mean + FREEZE_MORE_US);
}

static void note_shown(ck_avsync *a, int64_t pts_us, int64_t early_us, uint64_t at_us)
{
    int64_t gap = since(at_us, a->shown_us);
    if (is_freeze(a, gap)) {
        a->stats.freeze_count++;
        a->stats.total_freezes_us += (uint64_t)gap;
    } else if (a->shown) {
        int64_t off = (gap - (int64_t)a->mean_us) / (1 << MEAN_SHIFT);
        a->mean_us = a->mean_us == 0 ? (uint64_t)gap : (uint64_t)((int64_t)a->mean_us + off);
    }
    a->stats.total_inter_frame_delay_us += a->shown ? (uint64_t)gap : 0;
    a->stats.frames_rendered++;
    a->stats.skew_us = a->source == SOUND ? early_us : 0;
    a->shown = true;
    a->shown_pts = pts_us;
    a->shown_us = at_us;
}

/* The first picture need not wait for a clock: better a still than black. */
static ck_avsync_pick choose_first(ck_avsync *a, const int64_t *pts_us, uint64_t shown_at_us)
{
    note_shown(a, pts_us[0], 0, shown_at_us);
    return (ck_avsync_pick){.show = true};
}

ck_avsync_pick ck_avsync_choose(ck_avsync *a, const int64_t *pts_us, size_t count, uint64_t now_us,
                                uint64_t shown_at_us, uint32_t refresh_us)
{
    ck_avsync_pick pick = {0};
    int64_t position;
    bool running = ck_avsync_position(a, now_us, &position);
    if (count > 0 && !a->shown) {
        return choose_first(a, pts_us, shown_at_us);
    }
    if (count == 0 || !running) {
        return pick;
    }
    int64_t lit = position + since(shown_at_us, now_us);
    int64_t due = lit + refresh_us / 2;
    size_t ready = 0;
    while (ready < count && (pts_us[ready] <= due || pts_us[ready] - lit > FOREIGN_US)) {
        ready++;
    }
    if (ready == 0) {
        return pick;
    }
    int64_t early = pts_us[ready - 1] - lit;
    bool foreign = early > FOREIGN_US;
    bool late = early < -LATE_US && since(shown_at_us, a->shown_us) < STILL_MAX_US;
    pick.show = !foreign && !late && pts_us[ready - 1] > a->shown_pts;
    pick.drop = pick.show ? ready - 1 : ready;
    a->stats.frames_dropped += pick.drop;
    if (pick.show) {
        note_shown(a, pts_us[ready - 1], early, shown_at_us);
    }
    return pick;
}

ck_avsync_stats ck_avsync_get_stats(const ck_avsync *a, uint64_t now_us)
{
    ck_avsync_stats stats = a->stats;
    int64_t gap = since(now_us, a->shown_us);
    if (is_freeze(a, gap)) {
        stats.freeze_count++;
        stats.total_freezes_us += (uint64_t)gap;
    }
    return stats;
}
