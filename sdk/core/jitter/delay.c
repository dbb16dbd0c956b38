#include "core/jitter/delay.h"

#include "base/check.h"

/* The least delayed are under this quantile: one packet that overtook all others is no measure. */
#define BASE_PPM 20000
/* More being late than this gains nothing: each late packet holds time, and what is held is not
 * played as received either. */
#define LATE_PPM_MAX 120000
#define COMPUTE_US   100000  /* a target that need not grow is computed this often */
#define START_US     1000000 /* what the first second knows is little */
/* In the first second: so much less transit than at first, and what came before was a burst of old
 * media. */
#define LEAP_US   40000
#define OUTAGE_US 1000000
/* Peaks that come each so much divided by the share are worth their delay: each 6 s at 0.5 %. */
#define PEAKS_LATE_US UINT64_C(30000)
#define PPM           UINT64_C(1000000)

void ck_delay_init(ck_delay *d, const ck_delay_config *config)
{
    *d = (ck_delay){.config = *config};
    ck_transits_init(&d->transits);
    ck_peaks_init(&d->peaks);
}

void ck_delay_reset(ck_delay *d)
{
    const ck_delay_config config = d->config;
    ck_delay_init(d, &config);
}

static uint64_t memory_us(const ck_delay *d)
{
    uint64_t us = CK_DELAY_MEMORY_LATE_US * PPM / d->config.late_ppm;
    return CK_CLAMP(us, CK_DELAY_MEMORY_LEAST_US, CK_DELAY_MEMORY_MOST_US);
}

static void compute(ck_delay *d, uint64_t now_us)
{
    d->computed_us = now_us;
    d->base_us = ck_transits_below(&d->transits, BASE_PPM);
    d->quantile_us = ck_transits_above(&d->transits, CK_MIN(d->config.late_ppm, LATE_PPM_MAX));
    int64_t target = d->quantile_us;
    int64_t peak;
    uint64_t worth_us = PEAKS_LATE_US * PPM / d->config.late_ppm;
    if (ck_peaks_cover(&d->peaks, d->config.late_ppm, worth_us, now_us, &peak)) {
        target = CK_MAX(target, peak + CK_DELAY_BIN_US);
    }
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
    if (!d->any) {
        d->any = true;
        d->first_us = now_us;
        d->first_transit_us = transit_us;
        d->last_us = now_us;
    }
    d->packets++;
    uint64_t packet_us = (now_us - d->first_us) / d->packets;
    int64_t over_us = transit_us - d->quantile_us;
    if (!young && d->computed_us != 0 &&
        ck_peaks_arrive(&d->peaks, transit_us, over_us, packet_us, now_us)) {
        compute(d, now_us);
        return;
    }
    ck_transits_add(&d->transits, transit_us, now_us - d->last_us, memory_us(d));
    d->last_us = now_us;
    bool often = now_us - d->computed_us >= COMPUTE_US;
    if (over_us > 0 || d->computed_us == 0 || often || young) {
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
