/* The life of a jitter buffer, and what comes in. What goes out is jitter_out.c's. */
#include "core/jitter/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#define BACKLOG_MOST_MS  1000u
#define BACKLOG_LEAST_MS 200u
#define BACKLOG_PPM_MS   10000000u /* 1 s at 1 % */
#define PTS_MAX          (INT64_C(1) << 60)
#define DURATION_MAX_US  1000000
#define JUMP_AHEAD_US                                                                              \
    (5000 * CK_JITTER_MS) /* further ahead than time passed: another time line                     \
                           */
#define JUMP_BACK_US (1000 * CK_JITTER_MS)

void ck_jitter_tell(ck_jitter *j, enum ck_jitter_event_kind kind, uint64_t value_us,
                    uint64_t now_us)
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

/* Who would rather lose sound than wait skips a smaller backlog. */
uint32_t ck_jitter_backlog_ms(const ck_jitter_config *c)
{
    uint32_t by_share = CK_CLAMP(BACKLOG_PPM_MS / c->late_ppm, BACKLOG_LEAST_MS, BACKLOG_MOST_MS);
    return c->backlog_ms != 0 ? c->backlog_ms : by_share;
}

static ck_delay_config delays_of(const ck_jitter_config *c)
{
    return (ck_delay_config){
        .late_ppm = c->late_ppm,
        .min_us = c->min_delay_ms * CK_US_PER_MS,
        .max_us = c->max_delay_ms * CK_US_PER_MS,
        .outage_us = CK_MAX(ck_jitter_backlog_ms(c), 100) * CK_US_PER_MS,
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
    c.packets_max = or_default(c.packets_max, 512);
    c.sample_rate = or_default(c.sample_rate, 48000);
    if (!valid(&c)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_jitter *j = ck_new(c.alloc, sizeof *j);
    if (j == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    j->config = c;
    int status = ck_jitter_store_init(&j->store, c.alloc, c.packets_max);
    if (status == CHALK_OK && c.mode == CK_JITTER_PACKETS) {
        j->ask = ck_new(c.alloc, sizeof *j->ask);
        status = j->ask != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    }
    if (status < 0) {
        ck_jitter_destroy(&j);
        return status;
    }
    const ck_delay_config delays = delays_of(&c);
    ck_delay_init(&j->delay, &delays);
    if (j->ask != NULL) {
        ck_ask_init(j->ask, 100 * CK_US_PER_MS);
    }
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
        ck_free(j->config.alloc, j->ask);
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
    if (j->ask != NULL) {
        ck_ask_set_rtt(j->ask, rtt_us);
    }
}

/* --- in -------------------------------------------------------------------------------------- */

static bool breaks_line(const ck_jitter *j, int64_t pts_us, uint64_t now_us)
{
    int64_t step = pts_us - j->newest_pts;
    int64_t passed = (int64_t)(now_us - j->newest_at_us);
    return j->any && (step - passed > JUMP_AHEAD_US || step < -JUMP_BACK_US);
}

void ck_jitter_restart(ck_jitter *j, uint64_t now_us)
{
    ck_jitter_store_clear(&j->store);
    ck_delay_reset(&j->delay);
    if (j->ask != NULL) {
        ck_ask_init(j->ask, j->ask->rtt_us);
    }
    j->any = false;
    j->keyed = false;
    j->heard = false;
    j->holding = false;
    j->pace = 0;
    j->held_us = 0;
    j->concealed_us = 0;
    j->drain_us = 0;
    ck_jitter_tell(j, CK_JITTER_BROKE, 0, now_us);
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

bool ck_jitter_too_late(const ck_jitter *j, const ck_jitter_entry *e)
{
    bool over = e->pts_us + (int64_t)e->duration_us <= j->next_pts + CK_JITTER_JOINT_US / 2;
    return j->heard && (over || e->pts_us <= j->played_pts);
}

static void keep(ck_jitter *j, ck_jitter_entry *e)
{
    if (j->config.headers_only) {
        ck_slice_unref(&e->payload);
    }
    enum ck_jitter_kept kept =
        ck_jitter_too_late(j, e) ? CK_JITTER_DOUBLE : ck_jitter_store_put(&j->store, e);
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
        ck_jitter_restart(j, now_us);
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
        ck_ask_arrive(j->ask, e.number, now_us);
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
    int64_t pts = CK_CLAMP(pts_us, -PTS_MAX, PTS_MAX);
    j->key_pts = j->keyed ? CK_MAX(j->key_pts, pts) : pts;
    j->keyed = true;
}
