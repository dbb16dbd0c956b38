#include "core/jitter/delay.h"

#include "base/check.h"

#include <string.h>

#define WEIGHT_FIRST 4096u      /* room for the weights to grow by small steps */
#define SUM_MAX      (1u << 30) /* halved beyond */
/* The least delayed are under this quantile: one packet that overtook all others is no measure. */
#define BASE_PPM   20000
#define COMPUTE_US 100000  /* a target that need not grow is computed this often */
#define START_US   1000000 /* what the first second knows is little */
/* In the first second: so much less transit than at first, and what came before was a burst of old
 * media. */
#define LEAP_US      40000
#define PEAK_OVER_US 40000
#define PEAK_JOIN_US 1000000 /* late packets this near are one peak */
#define PEAK_SPAN_US 5000000 /* a share is taken over no less */
#define OUTAGE_US    1000000
#define PPM          1000000

void ck_delay_init(ck_delay *d, const ck_delay_config *config)
{
    *d = (ck_delay){.config = *config, .weight = WEIGHT_FIRST};
}

void ck_delay_reset(ck_delay *d)
{
    const ck_delay_config config = d->config;
    ck_delay_init(d, &config);
}

static int64_t bin_of(int64_t transit_us)
{
    int64_t bin = transit_us / CK_DELAY_BIN_US;
    return transit_us % CK_DELAY_BIN_US < 0 ? bin - 1 : bin;
}

static uint32_t *slot(ck_delay *d, int64_t bin)
{
    return &d->bins[(uint64_t)bin % CK_DELAY_BINS];
}

static void halve(ck_delay *d)
{
    d->sum = 0;
    for (uint32_t i = 0; i < CK_DELAY_BINS; i++) {
        d->bins[i] >>= 1;
        d->sum += d->bins[i];
    }
    d->weight = CK_MAX(d->weight >> 1, 1);
}

/* Moves the window so that it has `bin`. What falls out at its lower end is counted in the lowest
 * bin that stays; what falls out at the upper end is forgotten: media that late is skipped, not
 * waited for. */
static void slide(ck_delay *d, int64_t bin)
{
    if (bin >= d->low_bin + 2 * CK_DELAY_BINS || bin <= d->low_bin - CK_DELAY_BINS) {
        memset(d->bins, 0, sizeof d->bins);
        d->sum = 0;
        d->low_bin = bin;
    }
    while (bin >= d->low_bin + CK_DELAY_BINS) {
        uint32_t dropped = *slot(d, d->low_bin);
        *slot(d, d->low_bin) = 0;
        d->low_bin++;
        *slot(d, d->low_bin) += dropped;
    }
    while (bin < d->low_bin) {
        d->low_bin--;
        d->sum -= *slot(d, d->low_bin); /* the slot was that of the upper end */
        *slot(d, d->low_bin) = 0;
    }
}

static int64_t quantile_from_top(ck_delay *d)
{
    uint64_t allowed = d->sum * d->config.late_ppm / PPM;
    uint64_t tail = 0;
    int64_t bin = d->low_bin + CK_DELAY_BINS - 1;
    for (; bin > d->low_bin; bin--) {
        tail += *slot(d, bin);
        if (tail > allowed) {
            break;
        }
    }
    return (bin + 1) * CK_DELAY_BIN_US;
}

static int64_t quantile_from_bottom(ck_delay *d)
{
    uint64_t wanted = d->sum * BASE_PPM / PPM;
    uint64_t head = 0;
    int64_t bin = d->low_bin;
    for (; bin < d->low_bin + CK_DELAY_BINS - 1; bin++) {
        head += *slot(d, bin);
        if (head > wanted) {
            break;
        }
    }
    return bin * CK_DELAY_BIN_US;
}

/* --- peaks ---------------------------------------------------------------------------------- */

static void forget_peaks(ck_delay *d, uint64_t now_us)
{
    uint32_t old = 0;
    while (old < d->peak_count && now_us - d->peaks[old].at_us > CK_DELAY_PEAKS_US) {
        old++;
    }
    d->peak_count -= old;
    memmove(d->peaks, d->peaks + old, d->peak_count * sizeof d->peaks[0]);
}

/* Late packets are a peak by what the target was before the first of them: they raise it. */
static void note_peak(ck_delay *d, int64_t transit_us, uint64_t now_us)
{
    ck_delay_peak *last = d->peak_count > 0 ? &d->peaks[d->peak_count - 1] : NULL;
    bool joins = last != NULL && now_us - last->at_us < PEAK_JOIN_US;
    int64_t from_us = joins ? last->from_us : d->quantile_us;
    if (transit_us - from_us < PEAK_OVER_US) {
        return;
    }
    uint64_t packet_us = (now_us - d->first_us) / CK_MAX(d->packets, 1);
    if (joins) {
        last->transit_us = CK_MAX(last->transit_us, transit_us);
        last->late_us += packet_us;
        return;
    }
    if (d->peak_count == CK_DELAY_PEAKS) {
        d->peak_count--;
        memmove(d->peaks, d->peaks + 1, d->peak_count * sizeof d->peaks[0]);
    }
    d->peaks[d->peak_count++] = (ck_delay_peak){now_us, transit_us, from_us, packet_us};
}

/* What share of the peaks must be covered, in thousandths, so that what stays late of them is no
 * more than may be: their cost is taken over the time since the first of them. 0 when they are
 * overdue. */
static int64_t share_to_cover(const ck_delay *d, uint64_t now_us)
{
    uint64_t cost_us = 0;
    uint64_t longest_us = 0;
    for (uint32_t i = 0; i < d->peak_count; i++) {
        cost_us += d->peaks[i].late_us;
        if (i > 0) {
            longest_us = CK_MAX(longest_us, d->peaks[i].at_us - d->peaks[i - 1].at_us);
        }
    }
    uint64_t span_us = CK_MAX(now_us - d->peaks[0].at_us, PEAK_SPAN_US);
    uint64_t allowed_us = span_us * d->config.late_ppm / PPM;
    bool overdue = now_us - d->peaks[d->peak_count - 1].at_us > 2 * longest_us;
    return overdue || cost_us <= allowed_us ? 0 : (int64_t)(1000 - allowed_us * 1000 / cost_us);
}

static int64_t peak_target(const ck_delay *d, uint64_t now_us)
{
    int64_t share = d->peak_count < 2 ? 0 : share_to_cover(d, now_us);
    int64_t target = INT64_MIN;
    for (uint32_t i = 0; i < d->peak_count && share > 0; i++) {
        const ck_delay_peak *p = &d->peaks[i];
        int64_t cover = p->from_us + (p->transit_us - p->from_us) * share / 1000;
        target = CK_MAX(target, cover + CK_DELAY_BIN_US);
    }
    return target;
}

/* --- target --------------------------------------------------------------------------------- */

static void compute(ck_delay *d, uint64_t now_us)
{
    d->computed_us = now_us;
    d->base_us = quantile_from_bottom(d);
    d->quantile_us = quantile_from_top(d);
    forget_peaks(d, now_us);
    int64_t target = CK_MAX(d->quantile_us, peak_target(d, now_us));
    int64_t least = d->config.min_us;
    if (now_us - d->first_us < START_US) {
        least = CK_MAX(least, (int64_t)d->config.start_us);
    }
    int64_t over_base = CK_CLAMP(target - d->base_us, least, (int64_t)d->config.max_us);
    d->target_us = d->base_us + over_base;
}

void ck_delay_set(ck_delay *d, const ck_delay_config *config, uint64_t now_us)
{
    d->config = *config;
    if (d->any) {
        compute(d, now_us);
    }
}

/* True: not to be counted. */
static bool in_outage(ck_delay *d, int64_t transit_us, uint64_t now_us)
{
    if (!d->any || transit_us - d->base_us <= (int64_t)d->config.outage_us) {
        d->outage_at_us = 0;
        return false;
    }
    if (d->outage_at_us == 0) {
        d->outage_at_us = CK_MAX(now_us, 1);
    }
    if (now_us - d->outage_at_us < OUTAGE_US) {
        return true;
    }
    ck_delay_reset(d);
    return false;
}

void ck_delay_arrive(ck_delay *d, int64_t transit_us, uint64_t now_us)
{
    bool young = d->any && now_us - d->first_us < START_US;
    if (young && transit_us < d->first_transit_us - LEAP_US) {
        ck_delay_reset(d);
    }
    if (in_outage(d, transit_us, now_us)) {
        return;
    }
    int64_t bin = bin_of(transit_us);
    if (!d->any) {
        d->any = true;
        d->first_us = now_us;
        d->first_transit_us = transit_us;
        d->last_us = now_us;
        d->low_bin = bin - CK_DELAY_BINS / 8;
    }
    uint64_t passed_us = CK_MIN(now_us - d->last_us, CK_DELAY_MEMORY_US);
    d->weight += d->weight * passed_us / CK_DELAY_MEMORY_US;
    d->last_us = now_us;
    d->packets++;
    slide(d, bin);
    *slot(d, bin) += (uint32_t)d->weight;
    d->sum += d->weight;
    while (d->sum > SUM_MAX) {
        halve(d);
    }
    bool late = transit_us > d->quantile_us;
    if (!young) {
        note_peak(d, transit_us, now_us);
    }
    if (late || d->computed_us == 0 || now_us - d->computed_us >= COMPUTE_US || young) {
        compute(d, now_us);
    }
}

bool ck_delay_known(const ck_delay *d)
{
    return d->any;
}

uint64_t ck_delay_age(const ck_delay *d, uint64_t now_us)
{
    return now_us > d->first_us ? now_us - d->first_us : 0;
}

int64_t ck_delay_target(const ck_delay *d)
{
    return d->target_us;
}

int64_t ck_delay_base(const ck_delay *d)
{
    return d->base_us;
}
