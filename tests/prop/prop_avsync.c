/* What holds for A/V sync whatever is heard, shown and asked. */
#include "core/avsync/avsync.h"
#include "support/check.h"
#include "support/seeds.h"

#include "base/check.h"
#include "base/rng.h"

#define WAITING 8

typedef struct run {
    ck_avsync a;
    ck_rng rng;
    int64_t waiting[WAITING];
    size_t count;
    int64_t last_shown, last_position;
    bool shown, positioned;
} run;

static void look(run *r, uint64_t seed, uint64_t now)
{
    ck_avsync_pick pick =
        ck_avsync_choose(&r->a, r->waiting, r->count, now, now + ck_rng_below(&r->rng, 40000),
                         (uint32_t)ck_rng_below(&r->rng, 50000));
    CK_CHECK_ROW(seed, pick.drop + pick.show <= r->count);
    if (pick.show) {
        int64_t pts = r->waiting[pick.drop];
        CK_CHECK_ROW(seed, !r->shown || pts > r->last_shown);
        r->last_shown = pts;
        r->shown = true;
    }
    size_t gone = pick.drop + pick.show;
    r->count -= gone;
    memmove(r->waiting, r->waiting + gone, r->count * sizeof r->waiting[0]);
}

static void turn(run *r, uint64_t seed, uint64_t now)
{
    int64_t about = (int64_t)now + (int64_t)ck_rng_below(&r->rng, 2000000) - 1000000;
    switch (ck_rng_below(&r->rng, 8)) {
    case 0:
        ck_avsync_heard(&r->a, about, now);
        break;
    case 1:
        ck_avsync_free(&r->a, (int64_t)now - about, now);
        break;
    case 2:
    case 3:
    case 4:
        about = r->count > 0 ? CK_MAX(about, r->waiting[r->count - 1] + 1) : about;
        if (r->count < WAITING) {
            r->waiting[r->count++] = about;
        }
        break;
    case 5:
        if (ck_rng_below(&r->rng, 20) == 0) {
            ck_avsync_reset(&r->a);
            r->shown = false;
            r->positioned = false;
        }
        break;
    default:
        look(r, seed, now);
        break;
    }
}

CK_TEST(avsync_any, pictures_rise_and_time_never_goes_back)
{
    CK_FOR_SEEDS(seed, 300)
    {
        run r = {.count = 0};
        ck_rng_seed(&r.rng, seed);
        ck_avsync_init(&r.a);
        uint64_t now = ck_rng_below(&r.rng, UINT64_C(1) << 40);
        for (int i = 0; i < 600; i++) {
            now += ck_rng_below(&r.rng, 60000);
            turn(&r, seed, now);
            int64_t position;
            if (ck_avsync_position(&r.a, now, &position)) {
                CK_CHECK_ROW(seed, !r.positioned || position >= r.last_position);
                r.last_position = position;
                r.positioned = true;
            }
        }
    }
}

CK_TEST(avsync_any, the_trim_stays_in_its_range)
{
    CK_FOR_SEEDS(seed, 100)
    {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        ck_trim t;
        ck_trim_init(&t);
        uint64_t now = 0;
        for (int i = 0; i < 1000; i++) {
            now += ck_rng_below(&rng, 3000000);
            int32_t ppm =
                ck_trim_feed(&t, (int64_t)ck_rng_next(&rng) >> ck_rng_below(&rng, 63), now);
            CK_CHECK_ROW(seed, ppm >= -CK_TRIM_MAX_PPM && ppm <= CK_TRIM_MAX_PPM);
        }
    }
}
