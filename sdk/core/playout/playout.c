#include "core/playout/playout.h"

#include "base/check.h"
#include "base/time.h"
#include "chalkrail/errors.h"

#include <stddef.h>

#define MS INT64_C(1000)

#define JUMP_AHEAD_US   (5000 * MS) /* further ahead than this is another time line */
#define JUMP_BACK_US    (1000 * MS) /* pictures in decoding order step back by less */
#define AUDIO_GONE_US   (500 * MS)  /* pictures came for so long without sound */
#define ALL_GONE_US     (2000 * MS) /* nothing came: a picture that waits is shown after all */
#define LATE_US         (80 * MS)   /* a picture this late is dropped ... */
#define STILL_MAX_US    (250 * MS)  /* ... unless the one shown is older than this */
#define EXTRAPOLATE_US  (250 * MS)  /* beyond the last report of the device */
#define ASK_AGAIN_US    (10 * MS)   /* while no clock runs */
#define START_SLACK_US  (40 * MS)   /* sound over the delay that a start may keep */
#define GROWTH_US       (60 * MS)   /* of the delay, once for each underrun */
#define GROWTH_EVERY_US (1000 * MS) /* a burst of late packets is one underrun */

enum mode {
    EMPTY = 1, /* nothing came since the last anchor */
    FREE,      /* no sound: arrival times are the clock */
    BUFFERING, /* sound is collected; nothing moves */
    SOUND,     /* sound plays and is the clock */
};

static uint64_t or_default(uint32_t value_ms, uint32_t default_ms)
{
    return (uint64_t)(value_ms != 0 ? value_ms : default_ms) * CK_US_PER_MS;
}

int ck_playout_init(ck_playout *p, const ck_playout_config *config, uint64_t now_us)
{
    *p = (ck_playout){
        .target_us = or_default(config->target_delay_ms, 200),
        .max_delay_us = or_default(config->max_delay_ms, 800),
        .max_backlog_us = or_default(config->max_backlog_ms, 1000),
        .mode = EMPTY,
        .wait_since_us = now_us,
    };
    p->delay_us = p->target_us;
    bool valid = p->target_us >= 20 * CK_US_PER_MS && p->target_us <= p->max_delay_us &&
                 p->max_delay_us <= p->max_backlog_us &&
                 p->max_backlog_us <= 10000 * (uint64_t)CK_US_PER_MS;
    return valid ? CHALK_OK : CHALK_ERR_INVALID_ARGUMENT;
}

/* pts minus time; both are far from the ends of their types (2^62 us are 146,000 years). */
static int64_t lead_of(int64_t pts_us, uint64_t now_us)
{
    return pts_us - (int64_t)now_us;
}

/* The device's reports come from another thread and can be a little ahead of the caller's now. */
static int64_t since(uint64_t now_us, uint64_t then_us)
{
    return now_us > then_us ? (int64_t)(now_us - then_us) : 0;
}

/* Time that passed without packets is no jump: a still screen, a muted microphone. */
static bool breaks_line(const ck_playout *p, size_t kind, int64_t pts_us, uint64_t now_us)
{
    int64_t step = pts_us - p->last[kind].pts;
    int64_t ahead = step - since(now_us, p->last[kind].at_us);
    return p->last[kind].seen && (ahead > JUMP_AHEAD_US || step < -JUMP_BACK_US);
}

static void forget_line(ck_playout *p, uint64_t now_us)
{
    p->stats.reanchors++;
    p->mode = EMPTY;
    p->heard = false;
    p->starved = false;
    p->has_lead = false;
    p->shown = false;
    p->last[0].seen = false;
    p->last[1].seen = false;
    p->wait_since_us = now_us;
}

static void grow_delay(ck_playout *p)
{
    p->delay_us = CK_MIN(p->delay_us + (uint64_t)GROWTH_US, p->max_delay_us);
}

/* The free clock runs `delay` behind the least delayed packet: a burst at the start puts it at the
 * live edge at once. A packet that comes after its time was delayed more than the delay allows. */
static void follow_arrival(ck_playout *p, int64_t pts_us, uint64_t now_us)
{
    int64_t lead = lead_of(pts_us, now_us);
    if (!p->has_lead || lead > p->lead_us) {
        p->lead_us = lead;
        p->has_lead = true;
        return;
    }
    int64_t late = p->lead_us - (int64_t)p->delay_us - lead;
    if (p->mode != FREE || late <= 0) {
        return;
    }
    if (p->lead_us - lead > (int64_t)p->max_delay_us) {
        /* Not jitter: the path or the sender's clock has moved. */
        p->lead_us = lead;
    } else if (p->late_us == 0 || since(now_us, p->late_us) >= GROWTH_EVERY_US) {
        p->late_us = now_us;
        p->stats.underruns++;
        grow_delay(p);
    }
}

static void on_sound(ck_playout *p, uint64_t now_us)
{
    if (p->mode == EMPTY || p->mode == FREE) {
        p->mode = BUFFERING;
        p->wait_since_us = now_us;
        p->heard = false;
    } else if (p->starved) {
        p->wait_since_us = now_us; /* from here on, or the first packet would be played at once */
        if (since(now_us, p->last[0].at_us) < AUDIO_GONE_US) {
            grow_delay(p);
        }
    }
    p->starved = false;
}

bool ck_playout_on_packet(ck_playout *p, enum ck_playout_kind kind, int64_t pts_us, uint64_t now_us)
{
    size_t index = kind == CK_PLAYOUT_AUDIO ? 0 : 1;
    bool broken = breaks_line(p, index, pts_us, now_us);
    if (broken) {
        forget_line(p, now_us);
    }
    follow_arrival(p, pts_us, now_us);
    if (kind == CK_PLAYOUT_AUDIO) {
        on_sound(p, now_us);
    } else if (p->mode == EMPTY) {
        p->mode = FREE;
    }
    if (!p->last[index].seen || pts_us > p->last[index].pts) {
        p->last[index].pts = pts_us;
    }
    p->last[index].seen = true;
    p->last[index].at_us = now_us;
    return broken;
}

/* --- sound -------------------------------------------------------------------------------- */

static bool skip_backlog(const ck_playout *p, int64_t first_pts_us, uint64_t queued_us,
                         uint64_t most_us, int64_t *skip_to_us)
{
    if (queued_us <= most_us) {
        return false;
    }
    *skip_to_us = first_pts_us + (int64_t)(queued_us - p->delay_us);
    return true;
}

static enum ck_playout_answer start_sound(ck_playout *p, int64_t first_pts_us, uint64_t queued_us,
                                          uint64_t now_us, int64_t *skip_to_us)
{
    /* Nobody has heard anything yet: an old backlog would only be delay. After an underrun it is
     * what the listener missed, and is kept up to the maximum. */
    uint64_t most = p->heard ? p->max_backlog_us : p->delay_us + (uint64_t)START_SLACK_US;
    if (skip_backlog(p, first_pts_us, queued_us, most, skip_to_us)) {
        p->stats.skips += p->heard;
        return CK_PLAYOUT_SKIP;
    }
    bool waited = since(now_us, p->wait_since_us) >= 2 * (int64_t)p->delay_us;
    if (queued_us == 0 || (queued_us < p->delay_us && !waited)) {
        return CK_PLAYOUT_WAIT;
    }
    p->mode = SOUND;
    p->heard = true;
    p->anchor_pts = first_pts_us;
    p->anchor_us = now_us;
    return CK_PLAYOUT_PLAY;
}

enum ck_playout_answer ck_playout_audio(ck_playout *p, int64_t first_pts_us, uint64_t queued_us,
                                        uint64_t now_us, int64_t *skip_to_us)
{
    if (p->mode == BUFFERING) {
        return start_sound(p, first_pts_us, queued_us, now_us, skip_to_us);
    }
    if (p->mode != SOUND) {
        return CK_PLAYOUT_WAIT;
    }
    if (queued_us == 0) {
        p->mode = BUFFERING;
        p->starved = true;
        p->wait_since_us = now_us;
        p->stats.underruns++;
        return CK_PLAYOUT_WAIT;
    }
    if (skip_backlog(p, first_pts_us, queued_us, p->max_backlog_us, skip_to_us)) {
        p->stats.skips++;
        return CK_PLAYOUT_SKIP;
    }
    return CK_PLAYOUT_PLAY;
}

void ck_playout_audio_played(ck_playout *p, int64_t pts_us, uint64_t now_us)
{
    if (p->mode == SOUND) {
        p->anchor_pts = pts_us;
        p->anchor_us = now_us;
    }
}

/* --- picture ------------------------------------------------------------------------------ */

/* Sound that stopped for good (a muted microphone) must not hold the picture. */
static void leave_silence(ck_playout *p, uint64_t now_us)
{
    bool pictures_alone = since(p->last[1].at_us, p->last[0].at_us) >= AUDIO_GONE_US;
    bool nothing = since(now_us, p->last[0].at_us) >= ALL_GONE_US;
    if (p->mode == BUFFERING && p->last[1].seen && (pictures_alone || nothing)) {
        p->mode = FREE;
        p->lead_us = lead_of(p->last[1].pts, p->last[1].at_us);
    }
}

bool ck_playout_position(const ck_playout *p, uint64_t now_us, int64_t *pts_us)
{
    /* Before sound is first heard the free clock already stands where sound will begin. */
    if (p->mode == FREE || (p->mode == BUFFERING && !p->heard)) {
        *pts_us = p->lead_us + (int64_t)now_us - (int64_t)p->delay_us;
        return true;
    }
    if (p->mode == SOUND) {
        *pts_us = p->anchor_pts + CK_MIN(since(now_us, p->anchor_us), EXTRAPOLATE_US);
        return true;
    }
    return false;
}

static enum ck_playout_answer show(ck_playout *p, int64_t early_us, uint64_t now_us)
{
    p->shown = true;
    p->shown_us = now_us;
    p->stats.pictures_shown++;
    p->stats.skew_us = p->mode == SOUND ? early_us : 0;
    return CK_PLAYOUT_SHOW;
}

enum ck_playout_answer ck_playout_video(ck_playout *p, int64_t pts_us, uint64_t now_us,
                                        uint64_t *ask_at_us)
{
    leave_silence(p, now_us);
    /* The first picture need not wait for anything: better a still than black. */
    if (!p->shown) {
        return show(p, 0, now_us);
    }
    int64_t position;
    if (!ck_playout_position(p, now_us, &position)) {
        *ask_at_us = now_us + (uint64_t)ASK_AGAIN_US;
        return CK_PLAYOUT_WAIT;
    }
    int64_t early = pts_us - position;
    bool foreign = early > JUMP_AHEAD_US; /* left over from before a break */
    bool late = early < -LATE_US && since(now_us, p->shown_us) < STILL_MAX_US;
    if (foreign || late) {
        p->stats.pictures_dropped++;
        return CK_PLAYOUT_DROP;
    }
    if (early > 0) {
        *ask_at_us = now_us + (uint64_t)early;
        return CK_PLAYOUT_WAIT;
    }
    return show(p, early, now_us);
}

ck_playout_stats ck_playout_get_stats(const ck_playout *p)
{
    ck_playout_stats stats = p->stats;
    stats.delay_ms = (uint32_t)(p->delay_us / CK_US_PER_MS);
    return stats;
}
