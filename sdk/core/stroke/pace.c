#include "core/stroke/pace.h"

#include "base/check.h"
#include "base/time.h"
#include "chalkrail/errors.h"

#define EASE_PER_S 0.1 /* of lateness: forgotten of what is above the newest, each second */
#define FASTER     1.25
#define SLOWER     0.5
#define NEAR_US    20000
#define DRIFT      2000
#define REST_US    300000 /* longer between two samples: the pen did not move */

void ck_pace_init(ck_pace *p)
{
    *p = (ck_pace){.quickest_us = INT64_MAX};
}

static ck_pace_sample *at(ck_pace *p, uint32_t index)
{
    return &p->waiting[(p->first + index) % CK_PACE_SAMPLES];
}

/* Strokes' numbers are of 8 bits here, and go round. */
static bool is_up_to(uint8_t stroke, uint8_t last)
{
    return (uint8_t)(last - stroke) < 128;
}

static void take(ck_pace *p, const ck_live_sample *sample)
{
    const ck_live_reader *r = &p->reader;
    p->known = true;
    if (p->finished && is_up_to(r->stroke, p->dropped)) {
        return; /* it is there already */
    }
    if (p->count == CK_PACE_SAMPLES) {
        p->first = (p->first + 1) % CK_PACE_SAMPLES;
        p->count--;
        at(p, 0)->jumps = true;
    }
    *at(p, p->count++) = (ck_pace_sample){*sample, r->style, r->stroke, false};
}

/* What has waited longest in a chunk says how far behind the pen must be, so that the next chunk is
 * there in time. */
static void learn(ck_pace *p, uint32_t oldest_ms, uint32_t newest_ms, uint64_t now_us)
{
    int64_t late = (int64_t)now_us - (int64_t)oldest_ms * CK_US_PER_MS;
    int64_t quick = (int64_t)now_us - (int64_t)newest_ms * CK_US_PER_MS;
    if (quick - CK_PACE_JUMP_US > p->quickest_us) { /* their times began anew, or much was missed */
        p->quickest_us = quick;
        p->at_us = 0;
    }
    p->quickest_us = CK_MIN(p->quickest_us, quick);
    int64_t wanted = CK_CLAMP(late - p->quickest_us, CK_PACE_LEAST_US, CK_PACE_MOST_US);
    p->behind_us = CK_MAX(wanted, p->behind_us);
}

int ck_pace_feed(ck_pace *p, const void *data, size_t size, uint64_t now_us)
{
    ck_live_sample sample;
    uint32_t oldest_ms = 0, newest_ms = 0;
    bool any = false;
    int status;
    ck_live_begin(&p->reader, data, size);
    while ((status = ck_live_read(&p->reader, &sample)) > 0) {
        oldest_ms = any ? oldest_ms : sample.at_ms;
        newest_ms = sample.at_ms;
        any = true;
        take(p, &sample);
    }
    if (any) {
        learn(p, oldest_ms, newest_ms, now_us);
    }
    return status;
}

static int64_t time_of(const ck_pace_sample *sample)
{
    return (int64_t)sample->live.at_ms * CK_US_PER_MS;
}

/* Where playing goes on to by itself. A pen that is down waits at its newest sample for the next
 * ones, or it would jump over what it missed of them when they come; and while it rested nothing is
 * to be seen, so the rest is left out as far as that is behind. */
static int64_t go_on(ck_pace *p, int64_t to_us, int64_t wanted_us)
{
    const ck_pace_sample *newest = p->count > 0 ? at(p, p->count - 1) : &p->last;
    if ((p->count > 0 || p->shown) && (newest->live.what & CK_LIVE_UP) == 0) {
        to_us = CK_MIN(to_us, CK_MAX(time_of(newest), p->playing_us));
    }
    if (p->count > 0 && time_of(at(p, 0)) - to_us > REST_US) {
        to_us = CK_MAX(to_us, CK_MIN(wanted_us, time_of(at(p, 0)) - NEAR_US));
    }
    return to_us;
}

/* The author's time that is shown now. */
static void play(ck_pace *p, uint64_t now_us)
{
    int64_t wanted = (int64_t)now_us - p->quickest_us - p->behind_us;
    int64_t passed = p->at_us != 0 ? (int64_t)(now_us - p->at_us) : 0;
    int64_t off = wanted - (p->playing_us + passed);
    double pace = off > NEAR_US ? FASTER : off < -NEAR_US ? SLOWER : 1.0;
    bool jumps = p->at_us == 0 || off > CK_PACE_JUMP_US || off < -CK_PACE_JUMP_US;
    int64_t goes_on = go_on(p, p->playing_us + (int64_t)(pace * (double)passed), wanted);
    p->playing_us = p->at_us == 0 ? wanted : jumps ? CK_MAX(wanted, p->playing_us) : goes_on;
    p->quickest_us += passed / DRIFT; /* two clocks do not run alike */
    p->behind_us -= (int64_t)(EASE_PER_S * (double)(CK_MIN(passed, CK_US_PER_S)) *
                              (double)(p->behind_us - CK_PACE_LEAST_US) / CK_US_PER_S);
    p->at_us = now_us;
}

bool ck_pace_next(ck_pace *p, uint64_t now_us, ck_pace_sample *out)
{
    if (!p->known) {
        return false;
    }
    if (now_us > p->at_us) {
        play(p, now_us);
    }
    if (p->count == 0 || time_of(at(p, 0)) > p->playing_us) {
        return false;
    }
    p->last = *out = *at(p, 0);
    p->shown = true;
    p->first = (p->first + 1) % CK_PACE_SAMPLES;
    p->count--;
    return true;
}

bool ck_pace_tip(const ck_pace *p, ck_pace_sample *out)
{
    if (!p->shown || (p->last.live.what & CK_LIVE_UP)) {
        return false;
    }
    *out = p->last;
    const ck_pace_sample *next = &p->waiting[p->first];
    if (p->count == 0 || next->stroke != p->last.stroke || next->jumps) {
        return true;
    }
    int64_t from = time_of(&p->last), whole = time_of(next) - from;
    int64_t part = CK_CLAMP(p->playing_us - from, 0, whole);
    if (whole > 0) {
        out->live.x += (int32_t)((next->live.x - (int64_t)out->live.x) * part / whole);
        out->live.y += (int32_t)((next->live.y - (int64_t)out->live.y) * part / whole);
    }
    return true;
}

void ck_pace_drop(ck_pace *p, uint32_t stroke)
{
    p->dropped = (uint8_t)stroke;
    p->finished = true;
    while (p->count > 0 && is_up_to(at(p, 0)->stroke, p->dropped)) {
        p->first = (p->first + 1) % CK_PACE_SAMPLES;
        p->count--;
    }
    if (p->shown && is_up_to(p->last.stroke, p->dropped)) {
        p->shown = false;
    }
}
