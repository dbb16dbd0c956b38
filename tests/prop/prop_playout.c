/*
 * A whole player in miniature under a virtual clock: sound every 20 ms and a picture every 40 ms
 * over a link with seeded jitter that keeps order, a device that takes 10 ms at a time.
 */
#include "base/rng.h"
#include "chalkrail/errors.h"
#include "core/playout/playout.h"
#include "support/check.h"
#include "support/seeds.h"

#include "base/check.h"

#define TICK_US    10000
#define SOUND_US   20000
#define PICTURE_US 40000
#define DEVICE_US  30000 /* from the host's queue to the ear */
#define RUN_US     20000000u
#define QUEUE      4096u

typedef struct queue {
    int64_t pts[QUEUE];
    uint64_t at[QUEUE]; /* arrival */
    uint32_t first, arrived, sent;
} queue;

typedef struct link {
    uint64_t delay_us;
    uint64_t jitter_us;
    uint64_t stall_at_us, stall_us; /* nothing arrives for so long, then all at once */
    uint64_t mute_at_us, mute_us;   /* no sound is sent */
} link;

typedef struct player {
    ck_playout p;
    ck_rng rng;
    queue sound, picture;
    uint64_t played_us;  /* of the first queued sound packet */
    uint64_t silence_us; /* after the first sound */
    bool heard;
    int64_t skew_min, skew_max;
    uint64_t still_max_us, shown_us;
} player;

static void send(player *pl, queue *q, const link *l, uint64_t now)
{
    uint64_t at = now + l->delay_us + ck_rng_below(&pl->rng, l->jitter_us + 1);
    if (at >= l->stall_at_us && at < l->stall_at_us + l->stall_us) {
        at = l->stall_at_us + l->stall_us;
    }
    uint32_t last = (q->sent + QUEUE - 1) % QUEUE;
    q->pts[q->sent] = (int64_t)now + 5000000;
    q->at[q->sent] = q->sent != q->first ? CK_MAX(at, q->at[last]) : at;
    q->sent = (q->sent + 1) % QUEUE;
}

static void arrive(player *pl, queue *q, enum ck_playout_kind kind, uint64_t now)
{
    while (q->arrived != q->sent && q->at[q->arrived] <= now) {
        CK_CHECK(!ck_playout_on_packet(&pl->p, kind, q->pts[q->arrived], now));
        q->arrived = (q->arrived + 1) % QUEUE;
    }
}

static uint64_t queued_us(const player *pl)
{
    const queue *q = &pl->sound;
    uint64_t count = (q->arrived + QUEUE - q->first) % QUEUE;
    return count * SOUND_US - (count > 0 ? pl->played_us : 0);
}

static int64_t first_pts(const player *pl)
{
    return pl->sound.pts[pl->sound.first] + (int64_t)pl->played_us;
}

static void drop_sound_before(player *pl, int64_t pts)
{
    queue *q = &pl->sound;
    while (q->first != q->arrived && q->pts[q->first] + SOUND_US <= pts) {
        q->first = (q->first + 1) % QUEUE;
        pl->played_us = 0;
    }
    if (q->first != q->arrived && pts > q->pts[q->first]) {
        pl->played_us = (uint64_t)(pts - q->pts[q->first]);
    }
}

static void device_tick(player *pl, uint64_t now)
{
    int64_t skip_to = 0;
    uint64_t before = queued_us(pl);
    enum ck_playout_answer answer = ck_playout_audio(&pl->p, first_pts(pl), before, now, &skip_to);
    if (answer == CK_PLAYOUT_SKIP) {
        CK_CHECK(skip_to > first_pts(pl) && skip_to <= first_pts(pl) + (int64_t)before);
        drop_sound_before(pl, skip_to);
        CK_CHECK(queued_us(pl) < before);
        answer = ck_playout_audio(&pl->p, first_pts(pl), queued_us(pl), now, &skip_to);
        CK_CHECK(answer != CK_PLAYOUT_SKIP);
    }
    if (answer != CK_PLAYOUT_PLAY) {
        CK_CHECK_EQ(answer, CK_PLAYOUT_WAIT);
        pl->silence_us += pl->heard ? TICK_US : 0;
        return;
    }
    pl->heard = true;
    ck_playout_audio_played(&pl->p, first_pts(pl) - DEVICE_US, now);
    drop_sound_before(pl, first_pts(pl) + TICK_US);
}

static void picture_tick(player *pl, uint64_t now)
{
    queue *q = &pl->picture;
    while (q->first != q->arrived) {
        uint64_t ask_at = 0;
        enum ck_playout_answer answer = ck_playout_video(&pl->p, q->pts[q->first], now, &ask_at);
        if (answer == CK_PLAYOUT_WAIT) {
            CK_CHECK(ask_at > now);
            break;
        }
        if (answer == CK_PLAYOUT_SHOW) {
            int64_t skew = ck_playout_get_stats(&pl->p).skew_us;
            /* After a freeze the first picture may be as late as it is. */
            bool frozen = now - pl->shown_us >= 250000;
            pl->skew_min = frozen ? pl->skew_min : CK_MIN(pl->skew_min, skew);
            pl->skew_max = CK_MAX(pl->skew_max, skew);
            pl->still_max_us = CK_MAX(pl->still_max_us, now - pl->shown_us);
            pl->shown_us = now;
        }
        q->first = (q->first + 1) % QUEUE;
    }
}

static void run(player *pl, uint64_t seed, const link *l)
{
    *pl = (player){.shown_us = 0};
    ck_playout_config config = {0};
    ck_rng_seed(&pl->rng, seed);
    CK_CHECK_EQ(ck_playout_init(&pl->p, &config, 0), CHALK_OK);
    for (uint64_t now = 0; now < RUN_US; now += TICK_US) {
        bool muted = now >= l->mute_at_us && now < l->mute_at_us + l->mute_us;
        if (now % SOUND_US == 0 && !muted) {
            send(pl, &pl->sound, l, now);
        }
        if (now % PICTURE_US == 0) {
            send(pl, &pl->picture, l, now);
        }
        arrive(pl, &pl->sound, CK_PLAYOUT_AUDIO, now);
        arrive(pl, &pl->picture, CK_PLAYOUT_VIDEO, now);
        device_tick(pl, now);
        picture_tick(pl, now);
        CK_CHECK(ck_playout_get_stats(&pl->p).delay_ms <= 800);
    }
}

/* What a link may cost. Skew: a tick and the rule for late pictures bound it. */
typedef struct row {
    const char *name;
    link link;
    uint32_t underruns;
    uint64_t silence_us;
    int64_t skew_us;
    uint64_t still_us;
} row;

static const row rows[] = {
    {"a wire", {20000, 0}, 0, 0, TICK_US, 260000},
    {"jitter under the delay", {50000, 150000}, 0, 0, TICK_US, 400000},
    {"jitter over the delay", {50000, 400000}, 12, 4000000, 90000, 900000},
    {"a stall", {20000, 20000, 8000000, 600000}, 1, 600000, 90000, 800000},
    {"a long stall", {20000, 20000, 8000000, 4000000}, 1, 4100000, 90000, 4300000},
    {"a muted microphone", {20000, 20000, 0, 0, 8000000, 3000000}, 1, 3100000, 90000, 700000},
};

CK_TEST(playout_link, stays_within_its_bounds)
{
    static player pl;
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        CK_FOR_SEEDS(seed, 20)
        {
            const row *r = &rows[i];
            run(&pl, seed, &r->link);
            ck_playout_stats stats = ck_playout_get_stats(&pl.p);
            CK_CHECK_ROW(i, pl.heard && stats.pictures_shown > 100);
            CK_CHECK_ROW(i, stats.underruns <= r->underruns);
            CK_CHECK_ROW(i, pl.silence_us <= r->silence_us);
            CK_CHECK_ROW(i, pl.skew_max <= 0 && pl.skew_min >= -r->skew_us);
            CK_CHECK_ROW(i, pl.still_max_us <= r->still_us);
        }
    }
}

/* Any call in any order with any time: answers stay sane. */
CK_TEST(playout_link, keeps_its_rules_under_any_input)
{
    CK_FOR_SEEDS(seed, 500)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        ck_playout p;
        ck_playout_config config = {0};
        uint64_t now = ck_rng_below(&rng, UINT64_C(1) << 40);
        CK_CHECK_EQ(ck_playout_init(&p, &config, now), CHALK_OK);
        for (int i = 0; i < 400; i++) {
            now += ck_rng_below(&rng, 400000);
            int64_t pts = (int64_t)ck_rng_below(&rng, 8000000) - 4000000;
            pts = ck_rng_below(&rng, 3) == 0 ? pts : (int64_t)now + pts / 10;
            uint64_t queued = ck_rng_below(&rng, 3) == 0 ? 0 : ck_rng_below(&rng, 2000000);
            int64_t skip_to = 0;
            uint64_t ask_at = 0;
            int64_t position = 0;
            switch (ck_rng_below(&rng, 5)) {
            case 0:
                ck_playout_on_packet(&p, CK_PLAYOUT_AUDIO, pts, now);
                break;
            case 1:
                ck_playout_on_packet(&p, CK_PLAYOUT_VIDEO, pts, now);
                break;
            case 2:
                if (ck_playout_audio(&p, pts, queued, now, &skip_to) == CK_PLAYOUT_SKIP) {
                    CK_CHECK(skip_to > pts && skip_to <= pts + (int64_t)queued);
                }
                break;
            case 3:
                ck_playout_audio_played(&p, pts, now);
                break;
            default:
                if (ck_playout_video(&p, pts, now, &ask_at) == CK_PLAYOUT_WAIT) {
                    CK_CHECK(ask_at > now && ask_at <= now + 5000000);
                }
                break;
            }
            ck_playout_position(&p, now, &position);
            CK_CHECK(ck_playout_get_stats(&p).delay_ms <= 800);
        }
    }
}
