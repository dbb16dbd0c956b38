/* What is played when. The packets that wait are store.c's, the delay to play at delay.c's. */
#include "core/jitter/jitter.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/jitter/ask.h"
#include "core/jitter/delay.h"
#include "core/jitter/store.h"

#include <string.h>

#define MS              INT64_C(1000)
#define PTS_MAX         (INT64_C(1) << 60)
#define DURATION_MAX_US 1000000
#define JUMP_AHEAD_US   (5000 * MS) /* further ahead than time passed: another time line */
#define JUMP_BACK_US    (1000 * MS)
#define JOINT_US        (6 * MS)   /* time stamps of whole milliseconds may miss by so much */
#define NOISE_AFTER_US  (200 * MS) /* of concealing */
#define BAND_US         (15 * MS)  /* nearer to the target nothing is done ... */
#define BAND_DIVISOR    4          /* ... or this part of the playout delay */
#define SETTLE_US       (1 * MS)   /* and what was begun ends here */
#define RATE_US         (400 * MS) /* off the target by so much: whole stretch of 1000/1000 */
#define RATE_MIN        30         /* thousandths: less is not worth beginning */
#define RATE_MAX        250
#define SETTLED_US      (40 * MS)   /* a burst at the start is over when no newer came so long */
#define SOFT_START_US   (2000 * MS)
#define SOFT_BACKLOG_US (150 * MS)
#define DRAIN_US        (300 * MS) /* old media comes and comes: then it is played after all */

struct ck_jitter {
    ck_jitter_config config;
    ck_delay delay;
    ck_ask ask;
    ck_jitter_store store;
    ck_jitter_stats stats;
    int64_t next_pts;    /* of what is given out next */
    int64_t next_number; /* PACKETS: of the packet after the last one played */
    int64_t newest_number;
    int64_t newest_pts;
    uint64_t newest_at_us;
    bool any;            /* of the four above */
    bool discontinuous;  /* before the next packet */
    bool keyed;          /* key_pts is known */
    int64_t key_pts;
    int pace;            /* -1 slower, 0 as it is, 1 faster */
    uint64_t held_us;    /* concealed since the last PLAY without time passing in the media */
    uint64_t concealed_us; /* since the last PLAY, all */
    uint64_t began_us;
    uint64_t drain_us;   /* since when only old media came; 0: it does not */
    int64_t lag_us;      /* at the latest pull: transit played at */
    bool heard;          /* something was played since the line began */
    bool holding;        /* nothing was there in time */
    ck_jitter_event events[CK_JITTER_EVENTS];
    uint32_t event_first, event_count;
};

static void tell(ck_jitter *j, enum ck_jitter_event_kind kind, uint64_t value_us, uint64_t now_us)
{
    if (j->event_count == CK_JITTER_EVENTS) {
        j->event_first = (j->event_first + 1) % CK_JITTER_EVENTS;
        j->event_count--;
        j->stats.events_lost++;
    }
    uint32_t at = (j->event_first + j->event_count++) % CK_JITTER_EVENTS;
    j->events[at] = (ck_jitter_event){kind, now_us, value_us};
}

bool ck_jitter_poll_event(ck_jitter *j, ck_jitter_event *event)
{
    if (j->event_count == 0) {
        return false;
    }
    *event = j->events[j->event_first];
    j->event_first = (j->event_first + 1) % CK_JITTER_EVENTS;
    j->event_count--;
    return true;
}

/* --- life ------------------------------------------------------------------------------------ */

static uint32_t or_default(uint32_t value, uint32_t standard)
{
    return value != 0 ? value : standard;
}

static ck_delay_config delays_of(const ck_jitter_config *c)
{
    return (ck_delay_config){
        .late_ppm = c->late_ppm,
        .min_us = c->min_delay_ms * CK_US_PER_MS,
        .max_us = c->max_delay_ms * CK_US_PER_MS,
        .outage_us = CK_MAX(c->backlog_ms, 100) * CK_US_PER_MS,
        .start_us = CK_MIN(c->start_delay_ms, c->max_delay_ms) * CK_US_PER_MS,
    };
}

static bool valid(const ck_jitter_config *c)
{
    bool mode = c->mode == CK_JITTER_STREAM || c->mode == CK_JITTER_PACKETS;
    bool delays = c->min_delay_ms <= c->max_delay_ms && c->max_delay_ms <= 10000 &&
                  c->start_delay_ms <= 10000 && c->backlog_ms <= 10000;
    return c->alloc != NULL && mode && delays && c->late_ppm >= 100 && c->late_ppm <= 500000 &&
           c->packets_max >= 2 && c->packets_max <= 8192 && c->sample_rate <= 192000;
}

int ck_jitter_create(const ck_jitter_config *config, uint64_t now_us, ck_jitter **out)
{
    ck_jitter_config c = *config;
    c.late_ppm = or_default(c.late_ppm, 5000);
    c.max_delay_ms = or_default(c.max_delay_ms, 2000);
    c.start_delay_ms = or_default(c.start_delay_ms, 80);
    c.backlog_ms = or_default(c.backlog_ms, 1000);
    c.packets_max = or_default(c.packets_max, 512);
    c.sample_rate = or_default(c.sample_rate, 48000);
    if (!valid(&c)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_jitter *j = ck_new(c.alloc, sizeof *j);
    if (j == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    int status = ck_jitter_store_init(&j->store, c.alloc, c.packets_max);
    if (status < 0) {
        ck_free(c.alloc, j);
        return status;
    }
    j->config = c;
    const ck_delay_config delays = delays_of(&c);
    ck_delay_init(&j->delay, &delays);
    ck_ask_init(&j->ask, 100 * CK_US_PER_MS);
    j->newest_at_us = now_us;
    *out = j;
    return CHALK_OK;
}

void ck_jitter_destroy(ck_jitter **jitter)
{
    ck_jitter *j = *jitter;
    *jitter = NULL;
    if (j != NULL) {
        ck_jitter_store_free(&j->store);
        ck_free(j->config.alloc, j);
    }
}

static void apply_delays(ck_jitter *j, uint64_t now_us)
{
    const ck_delay_config delays = delays_of(&j->config);
    ck_delay_set(&j->delay, &delays, now_us);
}

void ck_jitter_set_late(ck_jitter *j, uint32_t late_ppm, uint64_t now_us)
{
    j->config.late_ppm = CK_CLAMP(late_ppm, 100, 500000);
    apply_delays(j, now_us);
}

void ck_jitter_set_delays(ck_jitter *j, uint32_t min_ms, uint32_t max_ms, uint64_t now_us)
{
    j->config.max_delay_ms = CK_MIN(max_ms, 10000);
    j->config.min_delay_ms = CK_MIN(min_ms, j->config.max_delay_ms);
    apply_delays(j, now_us);
}

void ck_jitter_set_rtt(ck_jitter *j, uint32_t rtt_us)
{
    ck_ask_set_rtt(&j->ask, rtt_us);
}

/* --- in -------------------------------------------------------------------------------------- */

static bool breaks_line(const ck_jitter *j, int64_t pts_us, uint64_t now_us)
{
    int64_t step = pts_us - j->newest_pts;
    int64_t passed = (int64_t)(now_us - j->newest_at_us);
    return j->any && (step - passed > JUMP_AHEAD_US || step < -JUMP_BACK_US);
}

static void forget_line(ck_jitter *j, uint64_t now_us)
{
    ck_jitter_store_clear(&j->store);
    ck_delay_reset(&j->delay);
    ck_ask_init(&j->ask, j->ask.rtt_us);
    j->any = false;
    j->keyed = false;
    j->heard = false;
    j->holding = false;
    j->pace = 0;
    j->held_us = 0;
    j->concealed_us = 0;
    j->drain_us = 0;
    tell(j, CK_JITTER_BROKE, 0, now_us);
}

static int64_t unwrap(const ck_jitter *j, uint16_t sequence)
{
    return j->any ? j->newest_number + (int16_t)(uint16_t)(sequence - (uint16_t)j->newest_number)
                  : sequence;
}

static void note_newest(ck_jitter *j, const ck_jitter_entry *e, uint64_t now_us)
{
    if (!j->any || e->pts_us > j->newest_pts) {
        j->newest_pts = e->pts_us;
        j->newest_at_us = now_us;
    }
    if (!j->any || e->number > j->newest_number) {
        j->newest_number = e->number;
    }
    j->any = true;
}

static bool too_late(const ck_jitter *j, const ck_jitter_entry *e)
{
    return j->heard && e->pts_us + (int64_t)e->duration_us <= j->next_pts + JOINT_US / 2;
}

static void keep(ck_jitter *j, ck_jitter_entry *e)
{
    if (j->config.headers_only) {
        ck_slice_unref(&e->payload);
    }
    enum ck_jitter_kept kept = too_late(j, e) ? CK_JITTER_DOUBLE : ck_jitter_store_put(&j->store, e);
    j->stats.packets_discarded += kept == CK_JITTER_DOUBLE;
    j->stats.packets_overflowed += kept == CK_JITTER_PUSHED_OUT;
    if (kept == CK_JITTER_DOUBLE) {
        ck_slice_unref(&e->payload);
    }
}

int ck_jitter_feed(ck_jitter *j, ck_jitter_packet *p, uint64_t now_us)
{
    if (p->duration_us == 0 || p->duration_us > DURATION_MAX_US || p->pts_us > PTS_MAX ||
        p->pts_us < -PTS_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (!p->extra && breaks_line(j, p->pts_us, now_us)) {
        forget_line(j, now_us);
    }
    if (j->discontinuous) {
        j->discontinuous = false;
        ck_delay_reset(&j->delay);
    }
    j->stats.packets_received++;
    ck_jitter_entry e = {
        .pts_us = p->pts_us,
        .duration_us = p->duration_us,
        .key = p->key,
        .arrived_us = now_us,
        .payload = p->payload,
    };
    p->payload = (ck_slice){0};
    bool stream = j->config.mode == CK_JITTER_STREAM;
    e.number = stream ? j->newest_number + 1 : unwrap(j, p->sequence);
    if (!p->extra) {
        ck_delay_arrive(&j->delay, (int64_t)now_us - e.pts_us, now_us);
    }
    if (!stream) {
        ck_ask_arrive(&j->ask, e.number, now_us);
    }
    note_newest(j, &e, now_us);
    keep(j, &e);
    return CHALK_OK;
}

void ck_jitter_discontinuity(ck_jitter *j)
{
    j->discontinuous = true;
}

void ck_jitter_key(ck_jitter *j, int64_t pts_us)
{
    j->key_pts = j->keyed ? CK_MAX(j->key_pts, pts_us) : pts_us;
    j->keyed = true;
}

/* --- out ------------------------------------------------------------------------------------- */

static uint64_t samples(const ck_jitter *j, uint64_t us)
{
    return us * j->config.sample_rate / CK_US_PER_S;
}

/* With a key frame of the picture told, what goes with the newest; else what is due now. NULL: there
 * is no place beyond the oldest packet. */
static const ck_jitter_entry *skip_place(const ck_jitter *j, uint64_t now_us)
{
    int64_t due = j->keyed ? j->key_pts : (int64_t)now_us - ck_delay_target(&j->delay);
    const ck_jitter_entry *place = NULL;
    if (j->keyed && ck_jitter_store_at(&j->store, 0)->pts_us >= due) {
        return NULL;
    }
    for (uint32_t i = 1; i < j->store.count; i++) {
        const ck_jitter_entry *e = ck_jitter_store_at(&j->store, i);
        bool enough = place != NULL && e->pts_us > due;
        if (enough) {
            break;
        }
        if (e->key && (!j->keyed || e->pts_us >= due)) {
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
        tell(j, CK_JITTER_SKIPPED, skipped, now_us);
        j->next_pts = CK_MAX(j->next_pts, pts_us);
        j->held_us = 0;
    }
}

/* How far the oldest packet would be behind the time it should be played at. */
static int64_t behind_of(const ck_jitter *j, const ck_jitter_entry *e, uint64_t held_us,
                         uint64_t now_us)
{
    int64_t transit = (int64_t)now_us - e->pts_us + (int64_t)held_us;
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
        tell(j, CK_JITTER_RAN_OUT, 0, now_us);
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
    int64_t off = behind_us < 0 ? -behind_us : behind_us;
    int64_t rate = CK_CLAMP(off * 1000 / RATE_US, RATE_MIN, RATE_MAX);
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
        .joint = j->concealed_us > 0 || !j->heard || e.pts_us - j->next_pts > JOINT_US ||
                 j->next_pts - e.pts_us > JOINT_US,
        .payload = e.payload,
    };
    if (j->concealed_us >= NOISE_AFTER_US) {
        tell(j, CK_JITTER_RECOVERED, j->concealed_us, now_us);
    }
    j->stats.packets_lost += j->heard && e.number > j->next_number
                                 ? (uint64_t)(e.number - j->next_number)
                                 : 0;
    j->holding = false;
    j->heard = true;
    j->held_us = 0;
    j->concealed_us = 0;
    j->drain_us = 0;
    j->next_pts = CK_MAX(j->next_pts, e.pts_us + (int64_t)e.duration_us);
    j->next_number = e.number + 1;
    j->lag_us = behind_us + ck_delay_target(&j->delay);
    ck_ask_give_up(&j->ask, j->next_number);
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

/* Nobody has heard anything yet: an old backlog would only be delay, so playing begins at the newest
 * key that is due. */
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
    tell(j, CK_JITTER_STARTED, 0, now_us);
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
           next->number == j->next_number + 1 && gap_us <= (int64_t)next->duration_us + JOINT_US;
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
    return CK_JITTER_REBUILD;
}

/* Nobody should hear a fast-forward at the start: there a smaller backlog is skipped. */
static int64_t backlog_us(const ck_jitter *j, uint64_t now_us)
{
    int64_t most = (int64_t)j->config.backlog_ms * MS;
    return now_us - j->began_us < (uint64_t)SOFT_START_US ? CK_MIN(most, SOFT_BACKLOG_US) : most;
}

/* More than the backlog behind: true when something was skipped. While a backlog is still coming in,
 * its end is waited for rather than its oldest part played. */
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

enum ck_jitter_answer ck_jitter_pull(ck_jitter *j, uint64_t held_us, uint64_t now_us,
                                     ck_jitter_out *out)
{
    if (!j->heard) {
        return begin(j, now_us, out);
    }
    while (j->store.count > 0 && too_late(j, ck_jitter_store_at(&j->store, 0))) {
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
    if (gap <= JOINT_US || behind >= 0) {
        return play(j, behind, now_us, out);
    }
    j->holding = true;
    if (can_rebuild(j, e, gap)) {
        return rebuild(j, e, gap, out);
    }
    return conceal(j, true, (uint32_t)CK_MIN(gap, CK_JITTER_BLOCK_US), now_us, out);
}

bool ck_jitter_poll_output(ck_jitter *j, uint16_t *sequence, uint64_t now_us)
{
    int64_t number;
    if (!ck_ask_poll(&j->ask, &number, now_us)) {
        return false;
    }
    *sequence = (uint16_t)number;
    j->stats.packets_asked++;
    return true;
}

uint64_t ck_jitter_next_deadline(const ck_jitter *j)
{
    return ck_ask_next_deadline(&j->ask);
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
    stats.delay_ms = j->heard ? (uint32_t)(CK_MAX(j->lag_us - base, 0) / MS) : 0;
    stats.target_delay_ms = (uint32_t)((ck_delay_target(&j->delay) - base) / MS);
    stats.buffered = j->store.count;
    return stats;
}
