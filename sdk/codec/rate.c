#include "codec/rate.h"

#include "base/check.h"

#include <math.h>

/* Quality steps for a whole window in use: enough to damp `held`, so little that the picture after
 * a key frame is not spoilt by it. */
#define STEEP 12.0
/* Above this part of the window a picture may soon not fit, and quality gives way faster. */
#define TIGHT_AT    0.6
#define TIGHT_STEEP 30.0
/* Part of the window that is meant to be in use under steady load. */
#define SETTLED 0.2
/* Quality steps a second by which `held` moves, for a whole window of error. With these numbers and
 * windows of a second an error dies out in about two seconds, without ringing. */
#define HOLD_STEPS_PER_S 8.0
/* After this long at rest 1/e of `held` is left. */
#define FORGET_S 0.3
/* Debt that is remembered, in windows: what a picture took beyond it is forgiven. */
#define DEBT_MAX   3.0
#define STEP_S_MAX 0.5

void ck_rate_init(ck_rate *r, double best, double worst, uint32_t window_ms, uint32_t kbps)
{
    *r = (ck_rate){.best = best, .worst = worst, .window_s = (double)window_ms / 1000.0};
    ck_rate_set(r, kbps);
}

void ck_rate_set(ck_rate *r, uint32_t kbps)
{
    r->bits_per_s = 1000.0 * (double)CK_MAX(kbps, 1u);
}

double ck_rate_quality(ck_rate *r, int64_t pts_us)
{
    const double elapsed = r->started ? (double)(pts_us - r->last_us) / 1e6 : 0.0;
    r->last_us = pts_us;
    r->started = true;
    const double drained_after = r->used / r->bits_per_s;
    const double rest = CK_MAX(elapsed - drained_after, 0.0);
    r->used = CK_MAX(r->used - r->bits_per_s * elapsed, 0.0);

    const double fill = r->used / (r->bits_per_s * r->window_s);
    const double step = CK_MIN(elapsed, STEP_S_MAX) * HOLD_STEPS_PER_S * (fill - SETTLED);
    r->held = CK_CLAMP(r->held + step, 0.0, r->worst - r->best) * exp(-rest / FORGET_S);
    const double tight = TIGHT_STEEP * CK_MAX(fill - TIGHT_AT, 0.0);
    return CK_MIN(r->best + r->held + STEEP * fill + tight, r->worst);
}

void ck_rate_spend(ck_rate *r, size_t bytes)
{
    r->used = CK_MIN(r->used + 8.0 * (double)bytes, DEBT_MAX * r->bits_per_s * r->window_s);
}

uint32_t ck_rate_window_bits(const ck_rate *r)
{
    return (uint32_t)CK_CLAMP(r->bits_per_s * r->window_s, 8000.0, 2e9);
}
