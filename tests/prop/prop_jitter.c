/* What holds for the jitter buffer whatever comes and whenever it is asked. */
#include "chalkrail/errors.h"
#include "core/jitter/jitter.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/seeds.h"

#include "base/check.h"
#include "base/rng.h"

#define PACKETS_MAX 32

typedef struct watch {
    int64_t last_pts;
    bool any;
    uint64_t asked_us; /* answered by pull, beyond the first sound */
} watch;

static ck_jitter *make(ck_rng *rng, const ck_alloc *alloc)
{
    const ck_jitter_config config = {
        .alloc = alloc,
        .mode = ck_rng_below(rng, 2) ? CK_JITTER_PACKETS : CK_JITTER_STREAM,
        .headers_only = ck_rng_below(rng, 2),
        .fec = ck_rng_below(rng, 2),
        .late_ppm = (uint32_t)(1000 + ck_rng_below(rng, 200000)),
        .packets_max = PACKETS_MAX,
    };
    ck_jitter *j = NULL;
    CK_CHECK_EQ(ck_jitter_create(&config, 0, &j), CHALK_OK);
    return j;
}

static int64_t any_pts(ck_rng *rng, uint64_t now)
{
    switch (ck_rng_below(rng, 20)) {
    case 0:
        return (int64_t)ck_rng_next(rng); /* also out of range */
    case 1:
        return (int64_t)now + (int64_t)ck_rng_below(rng, 12000000) - 6000000;
    default:
        return (int64_t)now - (int64_t)ck_rng_below(rng, 300000);
    }
}

static void feed(ck_jitter *j, ck_rng *rng, const ck_alloc *alloc, uint64_t now)
{
    ck_jitter_packet p = {
        .pts_us = any_pts(rng, now),
        .duration_us = (uint32_t)ck_rng_below(rng, 40000),
        .sequence = (uint16_t)(now / 20000 + ck_rng_below(rng, 4)),
        .key = ck_rng_below(rng, 8) != 0,
        .extra = ck_rng_below(rng, 8) == 0,
        .payload = ck_slice_copy(alloc, &now, sizeof now),
    };
    int status = ck_jitter_feed(j, &p, now);
    CK_CHECK(status == CHALK_OK || status == CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK((status == CHALK_OK) == (p.payload.data == NULL));
    ck_slice_unref(&p.payload);
}

static void pull(ck_jitter *j, ck_rng *rng, watch *w, uint64_t seed, uint64_t now)
{
    ck_jitter_out out;
    enum ck_jitter_answer answer = ck_jitter_pull(j, (int64_t)ck_rng_below(rng, 50000), now, &out);
    CK_CHECK_ROW(seed, answer >= CK_JITTER_PLAY && answer <= CK_JITTER_SILENCE);
    CK_CHECK_ROW(seed, out.duration_us > 0 && out.duration_us <= 1000000);
    CK_CHECK_ROW(seed, out.speed >= 750 && out.speed <= 1250);
    if (answer == CK_JITTER_PLAY) {
        CK_CHECK_ROW(seed, !w->any || out.pts_us > w->last_pts);
        w->last_pts = out.pts_us;
        w->any = true;
        ck_jitter_stretched(j, out.duration_us * 1000ull / out.speed, out.duration_us);
    } else {
        CK_CHECK_ROW(seed, answer == CK_JITTER_REBUILD || out.payload.data == NULL);
    }
    ck_slice_unref(&out.payload);
}

static void drain(ck_jitter *j, watch *w, uint64_t now)
{
    ck_jitter_event event;
    uint16_t sequence;
    for (int i = 0; ck_jitter_poll_event(j, &event); i++) {
        CK_CHECK(i < CK_JITTER_EVENTS);
        w->any = w->any && event.kind != CK_JITTER_BROKE;
    }
    for (int i = 0; ck_jitter_poll_output(j, &sequence, now); i++) {
        CK_CHECK(i < 64);
    }
    CK_CHECK(ck_jitter_next_deadline(j) > now);
}

static void turn(ck_jitter *j, ck_rng *rng, const ck_alloc *alloc, watch *w, uint64_t seed,
                 uint64_t now)
{
    switch (ck_rng_below(rng, 12)) {
    case 0:
        ck_jitter_discontinuity(j);
        break;
    case 1:
        ck_jitter_key(j, any_pts(rng, now));
        break;
    case 2:
        ck_jitter_set_late(j, (uint32_t)ck_rng_below(rng, 1000000), now);
        ck_jitter_set_rtt(j, (uint32_t)ck_rng_below(rng, 1000000));
        break;
    case 3:
        ck_jitter_set_delays(j, (uint32_t)ck_rng_below(rng, 500),
                             (uint32_t)ck_rng_below(rng, 20000), now);
        break;
    case 4:
    case 5:
    case 6:
        pull(j, rng, w, seed, now);
        break;
    default:
        feed(j, rng, alloc, now);
        break;
    }
}

CK_TEST(jitter_any, keeps_its_rules_under_any_input)
{
    CK_FOR_SEEDS(seed, 300)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        ck_failing_alloc heap;
        ck_failing_alloc_init(&heap, 0);
        ck_jitter *j = make(&rng, &heap.alloc);
        watch w = {0};
        uint64_t now = ck_rng_below(&rng, UINT64_C(1) << 40);
        for (int i = 0; i < 600; i++) {
            now += ck_rng_below(&rng, ck_rng_below(&rng, 50) == 0 ? 3000000 : 20000);
            turn(j, &rng, &heap.alloc, &w, seed, now);
            drain(j, &w, now); /* first: what broke is told before it is played */
            ck_jitter_stats stats = ck_jitter_get_stats(j);
            CK_CHECK_ROW(seed, stats.buffered <= PACKETS_MAX);
            CK_CHECK_ROW(seed, stats.target_delay_ms <= 10000);
            CK_CHECK_ROW(seed, stats.silent_concealed_samples <= stats.concealed_samples);
        }
        ck_jitter_destroy(&j);
        CK_CHECK_ROW(seed, heap.live == 0);
    }
}

#define SHUFFLE 4

static void shuffle(ck_rng *rng, uint64_t *order)
{
    for (uint64_t i = 0; i < SHUFFLE; i++) {
        uint64_t other = ck_rng_below(rng, i + 1);
        order[i] = order[other];
        order[other] = i;
    }
}

/* Packets that come in any order, all in time, play as those that came in order. */
CK_TEST(jitter_any, the_order_of_arrival_does_not_matter)
{
    enum { COUNT = 400 };
    CK_FOR_SEEDS(seed, 50)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        const ck_jitter_config config = {
            .alloc = &ck_test_heap, .mode = CK_JITTER_PACKETS, .min_delay_ms = 200};
        ck_jitter *j = NULL;
        CK_CHECK_EQ(ck_jitter_create(&config, 0, &j), CHALK_OK);
        int64_t expected = 0;
        uint64_t order[SHUFFLE] = {0};
        for (uint64_t i = 0; i < COUNT; i++) {
            if (i % SHUFFLE == 0) {
                shuffle(&rng, order);
            }
            uint64_t group = i / SHUFFLE * SHUFFLE;
            uint64_t turned = group + order[i % SHUFFLE];
            ck_jitter_packet p = {.pts_us = (int64_t)turned * 20000,
                                  .duration_us = 20000,
                                  .sequence = (uint16_t)(65500 + turned),
                                  .key = true};
            CK_CHECK_EQ(ck_jitter_feed(j, &p, i * 20000), CHALK_OK);
            ck_jitter_out out;
            if (i >= 12 && ck_jitter_pull(j, 0, i * 20000, &out) == CK_JITTER_PLAY) {
                CK_CHECK_ROW(seed, expected == 0 || out.pts_us == expected);
                expected = out.pts_us + 20000;
            }
        }
        CK_CHECK_ROW(seed, expected > (COUNT - 20) * 20000);
        CK_CHECK_ROW(seed, ck_jitter_get_stats(j).concealed_samples == 0);
        ck_jitter_destroy(&j);
    }
}
