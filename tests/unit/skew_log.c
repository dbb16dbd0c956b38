#include "skew_log.h"

#include "support/marks.h"

#include <math.h>
#include <string.h>

#define APART_US    500000 /* further apart they do not belong together: one of them is missing */
#define NEAR_CLICK  1440   /* samples: the codec smears clicks */
#define CLICK_LEVEL 0.03f  /* above the tone */

void skew_log_init(skew_log *l)
{
    memset(l, 0, sizeof *l);
    l->last_flash = -1;
}

void skew_log_hear(skew_log *l, const float *stereo, uint64_t at_us)
{
    if (l->heard_count + SKEW_READ > SKEW_SAMPLES) {
        return;
    }
    l->heard_at_us[l->heard_count / SKEW_READ] = at_us;
    for (size_t i = 0; i < SKEW_READ; i++) {
        l->heard[l->heard_count++] = stereo[2 * i];
    }
}

void skew_log_see(skew_log *l, int flash, uint64_t at_us)
{
    if (flash == 1 && l->last_flash == 0 && l->flash_count < SKEW_FLASHES) {
        l->flash_at_us[l->flash_count++] = at_us;
    }
    l->last_flash = flash;
}

static uint64_t nearest_click(const skew_log *l, uint64_t at_us)
{
    uint64_t best = UINT64_MAX;
    ptrdiff_t at = ck_marks_click(l->heard, l->heard_count, 1, 0);
    while (at >= 0) {
        uint64_t heard =
            l->heard_at_us[at / SKEW_READ] + (uint64_t)(at % SKEW_READ) * 1000000 / SKEW_RATE;
        uint64_t apart = heard > at_us ? heard - at_us : at_us - heard;
        best = apart < best ? apart : best;
        at = ck_marks_click(l->heard, l->heard_count, 1, (size_t)at + SKEW_RATE / 10);
    }
    return best;
}

size_t skew_log_each(const skew_log *l, uint64_t out_us[SKEW_FLASHES])
{
    size_t compared = 0;
    for (size_t i = 0; i < l->flash_count; i++) {
        uint64_t skew_us = nearest_click(l, l->flash_at_us[i]);
        if (skew_us < APART_US) {
            out_us[compared++] = skew_us;
        }
    }
    return compared;
}

size_t skew_log_compare(const skew_log *l, uint64_t *worst_us)
{
    uint64_t skews_us[SKEW_FLASHES];
    size_t compared = skew_log_each(l, skews_us);
    *worst_us = 0;
    for (size_t i = 0; i < compared; i++) {
        *worst_us = skews_us[i] > *worst_us ? skews_us[i] : *worst_us;
    }
    return compared;
}

float skew_log_largest_step(const skew_log *l)
{
    float largest = 0;
    size_t quiet_since = 0; /* samples after the last loud one */
    for (size_t i = 1; i < l->heard_count; i++) {
        size_t ahead = i + NEAR_CLICK < l->heard_count ? i + NEAR_CLICK : l->heard_count - 1;
        quiet_since = fabsf(l->heard[ahead]) > CLICK_LEVEL ? 0 : quiet_since + 1;
        if (quiet_since > 2 * NEAR_CLICK) {
            largest = fmaxf(largest, fabsf(l->heard[i] - l->heard[i - 1]));
        }
    }
    return largest;
}
