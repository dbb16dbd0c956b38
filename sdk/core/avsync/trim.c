/* A proportional-integral loop on the smoothed error, in integers so that runs repeat exactly. */
#include "core/avsync/avsync.h"

#include "base/check.h"

#define ONE       256              /* fixed point */
#define SMOOTH_US INT64_C(4000000) /* time constant of the mean */
/* 1 ms behind asks for 50 ppm at once and 2 ppm more each second: settles in about a minute. */
#define P_PPM_PER_MS   50
#define I_PPM_PER_MS_S 2
#define STEP_MAX_US    INT64_C(1000000)
#define ERROR_MAX_US   INT64_C(200000) /* beyond, the stretcher is at work */
#define SECOND_US      INT64_C(1000000)
#define MS             INT64_C(1000)

void ck_trim_init(ck_trim *t)
{
    *t = (ck_trim){0};
}

int32_t ck_trim_feed(ck_trim *t, int64_t behind_us, uint64_t now_us)
{
    int64_t error = CK_CLAMP(behind_us, -ERROR_MAX_US, ERROR_MAX_US) * ONE;
    if (!t->any) {
        t->any = true;
        t->at_us = now_us;
    }
    int64_t passed = now_us > t->at_us ? (int64_t)(now_us - t->at_us) : 0;
    passed = CK_MIN(passed, STEP_MAX_US);
    t->at_us = now_us;
    t->mean_us += (error - t->mean_us) * passed / (SMOOTH_US + passed);
    t->integral_us += t->mean_us * I_PPM_PER_MS_S / MS * passed / SECOND_US;
    t->integral_us = CK_CLAMP(t->integral_us, -CK_TRIM_MAX_PPM * ONE, CK_TRIM_MAX_PPM * ONE);
    int64_t ppm = (t->mean_us * P_PPM_PER_MS / MS + t->integral_us) / ONE;
    return (int32_t)CK_CLAMP(ppm, -CK_TRIM_MAX_PPM, CK_TRIM_MAX_PPM);
}
