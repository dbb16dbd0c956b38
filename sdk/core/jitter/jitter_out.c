/* What is played when, and what stands in for what is not there. */
#include "core/jitter/inside.h"

#include "base/check.h"

#define NOISE_AFTER_US (200 * CK_JITTER_MS) /* of concealing */
#define BAND_US        (30 * CK_JITTER_MS)  /* nearer to the target nothing is done ... */
#define BAND_DIVISOR   2                    /* ... or this part of the playout delay */
#define SETTLE_US      (1 * CK_JITTER_MS)   /* and what was begun ends here */
#define RATE_US        (50 * CK_JITTER_MS) /* off the target by so much: whole stretch of 1000/1000 */
#define RATE_SMALL_US  (5 * CK_JITTER_MS) /* what is off by less ... */
#define RATE_SMALL     20                 /* ... is worked off in thousandths that nobody hears */
#define RATE_MAX       250
#define SETTLED_US                                                                                 \
    (40 * CK_JITTER_MS) /* a burst at the start is over when no newer came so long                 \
                         */
#define SOFT_START_US   (2000 * CK_JITTER_MS)
#define SOFT_BACKLOG_US (150 * CK_JITTER_MS)
#define DRAIN_US        (300 * CK_JITTER_MS) /* old media comes and comes: then it is played after all */
#define KEY_NEAR_US     (10000 * CK_JITTER_MS) /* a key frame this far from the newest sound counts */

static uint64_t samples(const ck_jitter *j, uint64_t us)
{
    return us * j->config.sample_rate / CK_US_PER_S;
}

/* A picture that was switched off, or is of another time altogether, has no place to wait for. */
static bool has_key(const ck_jitter *j)
{
    int64_t off = j->newest_pts - j->key_pts;
    return j->keyed && off <= KEY_NEAR_US && off >= -KEY_NEAR_US;
}

/* With a key frame of the picture told, what goes with the newest; else what is due now. NULL:
 * there is no place beyond the oldest packet. */
static const ck_jitter_entry *skip_place(const ck_jitter *j, uint64_t now_us)
{
    bool keyed = has_key(j);
    int64_t due = keyed ? j->key_pts : (int64_t)now_us - ck_delay_target(&j->delay);
    const ck_jitter_entry *place = NULL;
    if (keyed && ck_jitter_store_at(&j->store, 0)->pts_us >= due) {
        return NULL;
    }
    for (uint32_t i = 1; i < j->store.count; i++) {
        const ck_jitter_entry *e = ck_jitter_store_at(&j->store, i);
        bool enough = place != NULL && e->pts_us > due;
        if (enough) {
            break;
        }
        if (e->key && (!keyed || e->pts_us >= due)) {
            place = e;
        }
    }
    return place;
}

static void skip_to(ck_jitter *j, int64_t pts_us, uint64_t now_us)
{
    int64_t from = j->heard ? j->next_pts : ck_jitter_store_at(&j->store, 0)->pts_us;
    uint64_t skipped = (uint64_t)CK_MAX(pts_us - from, 0);
    while (j->store.count > 0 && ck_jitter_store_at(&j->store, 0)->pts_us < pts_us) {
        ck_jitter_store_drop(&j->store);
    }
    if (j->heard) {
        j->stats.skipped_us += skipped;
        ck_jitter_tell(j, CK_JITTER_SKIPPED, skipped, now_us);
        j->next_pts = CK_MAX(j->next_pts, pts_us);
        j->held_us = 0;
    }
}

/* How far the oldest packet would be behind the time it should be played at. */
static int64_t behind_of(const ck_jitter *j, const ck_jitter_entry *e, int64_t held_us,
                         uint64_t now_us)
{
    int64_t transit = (int64_t)now_us - e->pts_us + held_us;
    return transit - ck_delay_target(&j->delay);
}

static void answer_block(ck_jitter *j, ck_jitter_out *out, uint32_t us)
{
    *out = (ck_jitter_out){.pts_us = j->next_pts, .duration_us = us, .speed = CK_JITTER_NORMAL};
}

static enum ck_jitter_answer conceal(ck_jitter *j, bool advance, uint32_t us, uint64_t now_us,
                                     ck_jitter_out *out)
{
    answer_block(j, out, us);
    out->passes = advance;
    uint64_t before = j->concealed_us;
    bool noise = before >= NOISE_AFTER_US;
    j->concealed_us += us;
    if (advance) {
        j->next_pts += us;
    } else {
        j->held_us += us;
    }
    j->pace = 0;
    j->stats.concealment_events += before == 0;
    j->stats.concealed_samples += samples(j, us);
    j->stats.silent_concealed_samples += noise ? samples(j, us) : 0;
    j->stats.total_samples_received += samples(j, us);
    if (!noise && j->concealed_us >= NOISE_AFTER_US) {
        ck_jitter_tell(j, CK_JITTER_RAN_OUT, 0, now_us);
    }
    return noise ? CK_JITTER_NOISE : CK_JITTER_CONCEAL;
}

static uint32_t speed_of(ck_jitter *j, int64_t behind_us)
{
    int64_t delay = ck_delay_target(&j->delay) - ck_delay_base(&j->delay);
    int64_t band = CK_MAX(BAND_US, delay / BAND_DIVISOR);
    if (behind_us > band) {
        j->pace = 1;
    } else if (behind_us < -band) {
        j->pace = -1;
    } else if (j->pace * behind_us <= SETTLE_US) {
        j->pace = 0;
    }
    int64_t off = CK_MIN(behind_us < 0 ? -behind_us : behind_us, RATE_US);
    int64_t rate = off < RATE_SMALL_US ? RATE_SMALL : CK_MIN(off * 1000 / RATE_US, RATE_MAX);
    return (uint32_t)(CK_JITTER_NORMAL + j->pace * rate);
}

static enum ck_jitter_answer play(ck_jitter *j, int64_t behind_us, uint64_t now_us,
                                  ck_jitter_out *out)
{
    ck_jitter_entry e = ck_jitter_store_take(&j->store);
    uint64_t count = samples(j, e.duration_us);
    *out = (ck_jitter_out){
        .pts_us = e.pts_us,
        .duration_us = e.duration_us,
        .speed = speed_of(j, behind_us),
        .behind_us = behind_us,
        .joint = j->concealed_us > 0 || !j->heard || e.pts_us - j->next_pts > CK_JITTER_JOINT_US ||
                 j->next_pts - e.pts_us > CK_JITTER_JOINT_US,
        .payload = e.payload,
    };
    if (j->concealed_us >= NOISE_AFTER_US) {
        ck_jitter_tell(j, CK_JITTER_RECOVERED, j->concealed_us, now_us);
    }
    j->stats.packets_lost +=
        j->heard && e.number > j->next_number ? (uint64_t)(e.number - j->next_number) : 0;
    j->holding = false;
    j->heard = true;
    j->held_us = 0;
    j->concealed_us = 0;
    j->drain_us = 0;
    j->next_pts = CK_MAX(j->next_pts, e.pts_us + (int64_t)e.duration_us);
    j->played_pts = e.pts_us;
    j->next_number = e.number + 1;
    j->lag_us = behind_us + ck_delay_target(&j->delay);
    if (j->ask != NULL) {
        ck_ask_give_up(j->ask, j->next_number);
    }
    j->stats.jitter_buffer_emitted_count += count;
    j->stats.jitter_buffer_delay_us += (now_us - e.arrived_us) * count;
    j->stats.jitter_buffer_target_delay_us +=
        (uint64_t)(ck_delay_target(&j->delay) - ck_delay_base(&j->delay)) * count;
    j->stats.total_samples_received += count;
    return CK_JITTER_PLAY;
}

void ck_jitter_stretched(ck_jitter *j, uint64_t made_us, uint64_t media_us)
{
    uint64_t made = samples(j, made_us);
    uint64_t media = samples(j, media_us);
    if (made == media) {
        return;
    }
    j->stats.stretched_samples += made;
    j->stats.inserted_samples_for_deceleration += made > media ? made - media : 0;
    j->stats.removed_samples_for_acceleration += media > made ? media - made : 0;
    j->stats.total_samples_received += made;
    j->stats.total_samples_received -= media;
}

/* Nobody has heard anything yet: an old backlog would only be delay, so playing begins at the
 * newest key that is due. */
static enum ck_jitter_answer begin(ck_jitter *j, uint64_t now_us, ck_jitter_out *out)
{
    uint32_t first = 0;
    bool found = false;
    bool settled = ck_delay_age(&j->delay, now_us) >= SETTLED_US;
    for (uint32_t i = 0; i < j->store.count && settled; i++) {
        const ck_jitter_entry *e = ck_jitter_store_at(&j->store, i);
        if (e->key && behind_of(j, e, 0, now_us) >= 0) {
            first = i;
            found = true;
        }
    }
    answer_block(j, out, CK_JITTER_BLOCK_US);
    if (!found) {
        return CK_JITTER_SILENCE;
    }
    for (; first > 0; first--) {
        ck_jitter_store_drop(&j->store);
    }
    const ck_jitter_entry *e = ck_jitter_store_at(&j->store, 0);
    j->next_pts = e->pts_us;
    j->next_number = e->number;
    j->began_us = now_us;
    ck_jitter_tell(j, CK_JITTER_STARTED, 0, now_us);
    return play(j, behind_of(j, e, 0, now_us), now_us, out);
}

/* Time that was held while the missing media's own time would have passed counts as that time. */
static void spend_held(ck_jitter *j, int64_t gap_us)
{
    int64_t spent = CK_MIN(gap_us, (int64_t)j->held_us);
    j->next_pts += spent;
    j->held_us -= (uint64_t)spent;
}

static bool can_rebuild(const ck_jitter *j, const ck_jitter_entry *next, int64_t gap_us)
{
    return j->config.fec && j->config.mode == CK_JITTER_PACKETS && j->concealed_us == 0 &&
           next->number == j->next_number + 1 &&
           gap_us <= (int64_t)next->duration_us + CK_JITTER_JOINT_US;
}

static enum ck_jitter_answer rebuild(ck_jitter *j, const ck_jitter_entry *next, int64_t gap_us,
                                     ck_jitter_out *out)
{
    answer_block(j, out, (uint32_t)gap_us);
    out->payload = ck_slice_ref(next->payload);
    j->stats.fec_packets_used++;
    j->stats.total_samples_received += samples(j, (uint64_t)gap_us);
    j->next_pts += gap_us;
    j->next_number = next->number;
    ck_ask_give_up(j->ask, j->next_number);
    return CK_JITTER_REBUILD;
}

/* Nobody should hear a fast-forward at the start: there a smaller backlog is skipped. */
static int64_t backlog_us(const ck_jitter *j, uint64_t now_us)
{
    int64_t most = (int64_t)ck_jitter_backlog_ms(&j->config) * CK_JITTER_MS;
    return now_us - j->began_us < (uint64_t)SOFT_START_US ? CK_MIN(most, SOFT_BACKLOG_US) : most;
}

/* More than the backlog behind: true when something was skipped. While a backlog is still coming
 * in, its end is waited for rather than its oldest part played. */
static bool skip_backlog(ck_jitter *j, int64_t behind_us, uint64_t now_us, bool *wait)
{
    *wait = false;
    int64_t most_us = backlog_us(j, now_us);
    if (behind_us <= most_us) {
        j->drain_us = 0;
        return false;
    }
    const ck_jitter_entry *place = skip_place(j, now_us);
    int64_t newest_behind =
        behind_of(j, ck_jitter_store_at(&j->store, j->store.count - 1), 0, now_us);
    bool still_old = newest_behind > most_us;
    if (j->holding && still_old) {
        j->drain_us = j->drain_us == 0 ? now_us : j->drain_us;
        *wait = now_us - j->drain_us < (uint64_t)DRAIN_US;
        return false;
    }
    j->drain_us = 0;
    if (place == NULL) {
        return false;
    }
    skip_to(j, place->pts_us, now_us);
    return true;
}

enum ck_jitter_answer ck_jitter_pull(ck_jitter *j, int64_t held_us, uint64_t now_us,
                                     ck_jitter_out *out)
{
    if (!j->heard) {
        return begin(j, now_us, out);
    }
    while (j->store.count > 0 && ck_jitter_too_late(j, ck_jitter_store_at(&j->store, 0))) {
        ck_jitter_store_drop(&j->store);
        j->stats.packets_discarded++;
    }
    const ck_jitter_entry *e = ck_jitter_store_at(&j->store, 0);
    if (e == NULL) {
        j->holding = true;
        return conceal(j, false, CK_JITTER_BLOCK_US, now_us, out);
    }
    bool wait;
    if (skip_backlog(j, behind_of(j, e, held_us, now_us), now_us, &wait)) {
        e = ck_jitter_store_at(&j->store, 0);
    }
    if (wait) {
        return conceal(j, false, CK_JITTER_BLOCK_US, now_us, out);
    }
    spend_held(j, CK_MAX(e->pts_us - j->next_pts, 0));
    int64_t gap = e->pts_us - j->next_pts;
    int64_t behind = behind_of(j, e, held_us, now_us);
    if (gap <= CK_JITTER_JOINT_US || behind >= 0) {
        return play(j, behind, now_us, out);
    }
    j->holding = true;
    if (can_rebuild(j, e, gap)) {
        return rebuild(j, e, gap, out);
    }
    int64_t until_due = CK_MAX(-behind, CK_JITTER_MS);
    uint32_t block = (uint32_t)CK_MIN(CK_MIN(gap, until_due), CK_JITTER_BLOCK_US);
    return conceal(j, true, block, now_us, out);
}

bool ck_jitter_poll_output(ck_jitter *j, uint16_t *sequence, uint64_t now_us)
{
    int64_t number;
    if (j->ask == NULL || !ck_ask_poll(j->ask, &number, now_us)) {
        return false;
    }
    *sequence = (uint16_t)number;
    j->stats.packets_asked++;
    return true;
}

uint64_t ck_jitter_next_deadline(const ck_jitter *j)
{
    return j->ask != NULL ? ck_ask_next_deadline(j->ask) : CK_NEVER;
}

bool ck_jitter_transit(const ck_jitter *j, int64_t *transit_us)
{
    *transit_us = ck_delay_target(&j->delay);
    return ck_delay_known(&j->delay);
}

ck_jitter_stats ck_jitter_get_stats(const ck_jitter *j)
{
    ck_jitter_stats stats = j->stats;
    int64_t base = ck_delay_base(&j->delay);
    stats.delay_ms = j->heard ? (uint32_t)(CK_MAX(j->lag_us - base, 0) / CK_JITTER_MS) : 0;
    stats.target_delay_ms = (uint32_t)((ck_delay_target(&j->delay) - base) / CK_JITTER_MS);
    stats.buffered = j->store.count;
    return stats;
}
