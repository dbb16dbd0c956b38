/* What the gate and the measure of the backlog promise, for streams and links by seed. */
#include "base/rng.h"
#include "core/publish/backlog.h"
#include "core/publish/gate.h"
#include "support/check.h"
#include "support/seeds.h"

#include "base/check.h"

#define PACKETS  1000
#define LIMIT_US 1000000

typedef struct sent_packet {
    uint64_t end_bytes;
    int64_t dts_us;
} sent_packet;

/* The span as anybody would work it out with room for every packet. */
static uint64_t exact_span(const sent_packet *packets, size_t count, uint64_t sent_bytes)
{
    size_t oldest = 0;
    while (oldest < count && packets[oldest].end_bytes <= sent_bytes) {
        oldest++;
    }
    return oldest < count ? (uint64_t)(packets[count - 1].dts_us - packets[oldest].dts_us) : 0;
}

CK_TEST(prop_publish, backlog_is_never_understated_and_hardly_overstated)
{
    static sent_packet packets[PACKETS];
    static ck_backlog b;
    CK_FOR_SEEDS(seed, 100)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        ck_backlog_init(&b);
        uint64_t handed = 0, left = 0, longest_us = 0;
        int64_t dts_us = (int64_t)ck_rng_below(&rng, 1u << 30) - (1 << 29);
        uint64_t slowness = 1 + ck_rng_below(&rng, 8); /* of the network */
        for (size_t i = 0; i < PACKETS; i++) {
            uint64_t bytes = 1 + ck_rng_below(&rng, ck_rng_below(&rng, 10) == 0 ? 60000 : 2000);
            uint64_t step_us = ck_rng_below(&rng, 40000);
            longest_us = CK_MAX(longest_us, step_us);
            dts_us += (int64_t)step_us;
            handed += bytes;
            packets[i] = (sent_packet){handed, dts_us};
            ck_backlog_add(&b, (size_t)bytes, dts_us);
            left = CK_MIN(handed, left + ck_rng_below(&rng, 8000 / slowness));
            uint64_t exact = exact_span(packets, i + 1, left);
            uint64_t told = ck_backlog_span_us(&b, (size_t)(handed - left));
            CK_CHECK_ROW(seed, told >= exact);
            CK_CHECK_ROW(seed, told <= exact + 8 * longest_us);
        }
        CK_CHECK_ROW(seed, ck_backlog_span_us(&b, 0) == 0);
    }
}

typedef struct watcher {
    bool sent_picture; /* any since the start */
    bool lost_picture; /* the one before */
    uint64_t dropped;
    bool asked;
    int64_t asked_us;
    bool waiting;
    int64_t first_sound_us;
} watcher;

static void check_picture(uint64_t seed, watcher *w, ck_gate_answer a, bool key, int64_t dts_us,
                          uint64_t backlog_us)
{
    CK_CHECK_ROW(seed, !a.send || key || (w->sent_picture && !w->lost_picture));
    CK_CHECK_ROW(seed, !a.send || backlog_us <= LIMIT_US);
    CK_CHECK_ROW(seed, !a.drop_queued || !a.send);
    CK_CHECK_ROW(seed, !a.want_key || (!a.send && backlog_us <= LIMIT_US / 2));
    CK_CHECK_ROW(seed, a.send || !key || backlog_us > LIMIT_US / 2);
    if (a.want_key) {
        CK_CHECK_ROW(seed, !w->asked || dts_us - w->asked_us >= CK_GATE_ASK_AGAIN_US);
        w->asked_us = dts_us;
    }
    w->asked = a.send ? false : w->asked || a.want_key;
    w->sent_picture = w->sent_picture || a.send;
    w->lost_picture = !a.send;
}

static void check_sound(uint64_t seed, watcher *w, ck_gate_answer a, int64_t dts_us,
                        uint64_t backlog_us)
{
    if (!w->waiting) {
        w->waiting = true;
        w->first_sound_us = dts_us;
    }
    bool patient = dts_us - w->first_sound_us < CK_GATE_PATIENCE_US;
    CK_CHECK_ROW(seed, !a.send || w->sent_picture || !patient);
    CK_CHECK_ROW(seed, !a.send || backlog_us <= 2 * LIMIT_US);
    CK_CHECK_ROW(seed, !a.drop_queued && !a.want_key);
}

CK_TEST(prop_publish, gate_lets_no_picture_through_that_cannot_be_decoded)
{
    CK_FOR_SEEDS(seed, 200)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        ck_gate g;
        watcher w = {0};
        ck_gate_init(&g, LIMIT_US, true);
        int64_t dts_us = (int64_t)ck_rng_below(&rng, 1u << 30);
        uint64_t backlog_us = 0;
        for (int i = 0; i < 2000; i++) {
            dts_us += (int64_t)ck_rng_below(&rng, 40000);
            backlog_us = ck_rng_below(&rng, 20) == 0
                             ? ck_rng_below(&rng, 3 * LIMIT_US)
                             : backlog_us - CK_MIN(backlog_us, ck_rng_below(&rng, 50000));
            bool picture = ck_rng_below(&rng, 3) == 0;
            bool key = picture && ck_rng_below(&rng, 15) == 0;
            enum ck_gate_kind kind = picture ? CK_GATE_PICTURE : CK_GATE_SOUND;
            ck_gate_answer a = ck_gate_offer(&g, kind, key, dts_us, backlog_us);
            if (picture) {
                check_picture(seed, &w, a, key, dts_us, backlog_us);
            } else {
                check_sound(seed, &w, a, dts_us, backlog_us);
            }
            w.dropped += !a.send;
            CK_CHECK_ROW(seed, g.dropped == w.dropped);
            if (a.send && picture && ck_rng_below(&rng, 100) == 0) {
                ck_gate_lost_picture(&g); /* a queue behind the gate was full */
                w.lost_picture = true;
            }
        }
        CK_CHECK_ROW(seed, w.sent_picture);
    }
}
