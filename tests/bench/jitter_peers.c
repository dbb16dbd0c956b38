#include "bench/jitter_bench.h"

#include "base/check.h"
#include "core/jitter/jitter.h"
#include "support/alloc.h"

#include <speex/speex_jitter.h>
#include <stdio.h>
#include <stdlib.h>

#define TICK_US 1000 /* of the device: policies are compared, not devices */

typedef struct part {
    double lost_us, played_us, stretched_us, delay_us_us;
} part;

typedef struct tally {
    uint64_t begin_us; /* what is before is the start */
    part start, rest;
} tally;

static double share_of(const part *p)
{
    double all = p->lost_us + p->played_us;
    return all > 0 ? p->lost_us / all : 0;
}

static double delay_of(const part *p)
{
    return p->played_us > 0 ? p->delay_us_us / p->played_us / 1000 : 0;
}

static ck_jitter_point point_of(const tally *t)
{
    double all = t->rest.lost_us + t->rest.played_us;
    return (ck_jitter_point){
        .share = share_of(&t->rest),
        .delay_ms = delay_of(&t->rest),
        .stretched = all > 0 ? t->rest.stretched_us / all : 0,
        .start_share = share_of(&t->start),
        .start_delay_ms = delay_of(&t->start),
    };
}

static part *part_at(tally *t, uint64_t now)
{
    return now >= t->begin_us ? &t->rest : &t->start;
}

static void lose(tally *t, uint64_t now, double us)
{
    part_at(t, now)->lost_us += us;
}

static void play(tally *t, uint64_t now, double us, double delay_us)
{
    part *p = part_at(t, now);
    p->played_us += us;
    p->delay_us_us += us * delay_us;
}

static uint64_t begin_of(const ck_jitter_trace *t)
{
    return t->arrivals[0].at_us + CK_JITTER_BENCH_START_US;
}

/* Packets by presentation time: each is counted where it is due after the start. What never came,
 * or too late, is what is left of the time. */
ck_jitter_point ck_jitter_fixed(const ck_jitter_trace *t, uint32_t delay_ms)
{
    tally sum = {.begin_us = begin_of(t)};
    int64_t delay = (int64_t)delay_ms * 1000;
    int64_t from = t->end_us;
    for (size_t i = 0; i < t->count; i++) {
        const ck_arrival *a = &t->arrivals[i];
        int64_t due = a->pts_us + t->base_us + delay;
        if (due < (int64_t)sum.begin_us) {
            continue;
        }
        from = CK_MIN(from, a->pts_us);
        if ((int64_t)a->at_us <= due) {
            play(&sum, (uint64_t)due, t->lasts_us[i], (double)delay);
        }
    }
    sum.rest.lost_us = CK_MAX((double)(t->end_us - from) - sum.rest.played_us, 0);
    return point_of(&sum);
}

/* --- ours ------------------------------------------------------------------------------------ */

static void feed(ck_jitter *j, const ck_jitter_trace *t, size_t index)
{
    const ck_arrival *a = &t->arrivals[index];
    ck_jitter_packet p = {.pts_us = a->pts_us,
                          .duration_us = t->lasts_us[index],
                          .sequence = a->sequence,
                          .key = true};
    if (ck_jitter_feed(j, &p, a->at_us) < 0) {
        fputs("jitter: a packet was refused\n", stderr);
    }
}

static double pull(ck_jitter *j, const ck_jitter_trace *t, tally *sum, double held, uint64_t now)
{
    ck_jitter_out out;
    enum ck_jitter_answer answer = ck_jitter_pull(j, (int64_t)held, now, &out);
    if (answer != CK_JITTER_PLAY) {
        lose(sum, now, answer != CK_JITTER_SILENCE ? out.duration_us : 0);
        return out.duration_us;
    }
    double made = out.duration_us * 1000.0 / out.speed;
    double delay = (double)((int64_t)now - out.pts_us - t->base_us) + held;
    play(sum, now, CK_MIN(made, out.duration_us), delay);
    lose(sum, now, CK_MAX(made - out.duration_us, 0));
    part_at(sum, now)->stretched_us += out.speed != CK_JITTER_NORMAL ? made : 0;
    return made;
}

ck_jitter_point ck_jitter_ours(const ck_jitter_trace *t, uint32_t late_ppm, uint32_t least_ms)
{
    tally sum = {.begin_us = begin_of(t)};
    const ck_jitter_config config = {
        .alloc = &ck_test_heap,
        .mode = t->stream ? CK_JITTER_STREAM : CK_JITTER_PACKETS,
        .headers_only = true,
        .late_ppm = late_ppm,
        .min_delay_ms = least_ms,
    };
    ck_jitter *j = NULL;
    if (ck_jitter_create(&config, t->arrivals[0].at_us, &j) < 0) {
        return (ck_jitter_point){.share = 1};
    }
    double held = 0;
    uint64_t now = t->arrivals[0].at_us;
    for (size_t next = 0; next < t->count; now += TICK_US) {
        for (; next < t->count && t->arrivals[next].at_us <= now; next++) {
            feed(j, t, next);
        }
        while (held < TICK_US) {
            held += pull(j, t, &sum, held, now);
        }
        held -= TICK_US;
    }
    ck_jitter_destroy(&j);
    return point_of(&sum);
}

/* --- speexdsp -------------------------------------------------------------------------------- */

/* Its time is in samples at 48 kHz, from somewhere above 0. */
#define STAMP_FIRST 4800000

static int64_t samples_of(int64_t us)
{
    return (us * 48 + 500) / 1000;
}

static void speex_put(JitterBuffer *jb, const ck_jitter_trace *t, size_t index)
{
    const ck_arrival *a = &t->arrivals[index];
    char data[1] = {0};
    const JitterBufferPacket packet = {
        .data = data,
        .len = sizeof data,
        .timestamp = (spx_uint32_t)(STAMP_FIRST + samples_of(a->pts_us - t->arrivals[0].pts_us)),
        .span = (spx_uint32_t)samples_of(t->lasts_us[index]),
        .sequence = a->sequence,
    };
    jitter_buffer_put(jb, &packet);
}

static const ck_arrival *sent_at(const ck_jitter_trace *t, int64_t stamp)
{
    const ck_arrival *found = NULL;
    for (size_t i = 0; i < t->count && found == NULL; i++) {
        int64_t its = STAMP_FIRST + samples_of(t->arrivals[i].pts_us - t->arrivals[0].pts_us);
        found = its == stamp ? &t->arrivals[i] : NULL;
    }
    return found;
}

/* One tick: how much of a packet there is to play for the ticks that follow, too. */
static int64_t speex_tick(JitterBuffer *jb, const ck_jitter_trace *t, tally *sum, uint64_t now,
                          bool *heard)
{
    char data[2];
    JitterBufferPacket packet = {.data = data, .len = sizeof data};
    spx_int32_t offset = 0;
    int64_t tick = samples_of(t->packet_us);
    bool played = jitter_buffer_get(jb, &packet, (spx_int32_t)tick, &offset) == JITTER_BUFFER_OK;
    const ck_arrival *a = played ? sent_at(t, packet.timestamp) : NULL;
    if (a == NULL) {
        lose(sum, now, *heard ? t->packet_us : 0);
        return 0;
    }
    *heard = true;
    play(sum, now, t->lasts_us[a - t->arrivals], (double)((int64_t)now - a->pts_us - t->base_us));
    return packet.span - tick;
}

ck_jitter_point ck_jitter_speex(const ck_jitter_trace *t)
{
    tally sum = {.begin_us = begin_of(t)};
    int64_t tick = samples_of(t->packet_us), left = 0;
    JitterBuffer *jb = jitter_buffer_init((int)tick);
    uint64_t now = t->arrivals[0].at_us;
    bool heard = false;
    for (size_t next = 0; next < t->count; now += t->packet_us) {
        for (; next < t->count && t->arrivals[next].at_us <= now; next++) {
            speex_put(jb, t, next);
        }
        left = left > 0 ? left - tick : speex_tick(jb, t, &sum, now, &heard);
        if (left > 0) {
            jitter_buffer_remaining_span(jb, (spx_uint32_t)left);
        } else {
            jitter_buffer_tick(jb);
        }
    }
    jitter_buffer_destroy(jb);
    return point_of(&sum);
}
