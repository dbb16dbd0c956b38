/* Where the arrivals come from. */
#include "bench/jitter_bench.h"

#include "base/check.h"
#include "sim/lesson.h"
#include "support/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PACKETS_MAX   16384
#define WINDOW_US     5000000
#define NEAR          64 /* packets: further off the next one is lost */
#define LONGEST_US    200000
#define SOUND_SAMPLES 1024 /* of a stream, at 48 kHz */

static int by_value(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Whether the 95th percentile of lateness, over windows of 5 s after the start, doubles. */
static bool changes(const ck_jitter_trace *t)
{
    static int64_t late[PACKETS_MAX];
    int64_t least = INT64_MAX, most = 0;
    size_t from = 0;
    while (from < t->count &&
           t->arrivals[from].at_us < t->arrivals[0].at_us + CK_JITTER_BENCH_START_US) {
        from++;
    }
    while (from < t->count) {
        size_t n = 0;
        uint64_t end = t->arrivals[from].at_us + WINDOW_US;
        for (; from < t->count && t->arrivals[from].at_us < end; from++) {
            late[n++] = (int64_t)t->arrivals[from].at_us - t->arrivals[from].pts_us - t->base_us;
        }
        if (n >= 10) {
            qsort(late, n, sizeof *late, by_value);
            least = CK_MIN(least, late[n * 95 / 100]);
            most = CK_MAX(most, late[n * 95 / 100]);
        }
    }
    return most > 20000 && most > 2 * least;
}

/* A packet lasts up to the next one, where that came too; else as long as the shortest. */
static void measure(ck_jitter_trace *t)
{
    int64_t shortest = LONGEST_US;
    t->base_us = INT64_MAX;
    t->end_us = INT64_MIN;
    for (size_t i = 0; i < t->count; i++) {
        const ck_arrival *a = &t->arrivals[i];
        t->base_us = CK_MIN(t->base_us, (int64_t)a->at_us - a->pts_us);
        for (size_t n = i + 1; n < CK_MIN(t->count, i + NEAR) && t->lasts_us[i] == 0; n++) {
            int64_t step = t->arrivals[n].pts_us - a->pts_us;
            bool next = (uint16_t)(t->arrivals[n].sequence - a->sequence) == 1;
            t->lasts_us[i] = next && step > 0 && step < LONGEST_US ? (uint32_t)step : 0;
            shortest = t->lasts_us[i] > 0 ? CK_MIN(shortest, step) : shortest;
        }
    }
    t->packet_us = (uint32_t)shortest;
    for (size_t i = 0; i < t->count; i++) {
        t->lasts_us[i] = t->lasts_us[i] == 0 ? t->packet_us : t->lasts_us[i];
        t->end_us = CK_MAX(t->end_us, t->arrivals[i].pts_us + (int64_t)t->lasts_us[i]);
    }
    t->changes = changes(t);
}

/* Room for one more trace; ends the program without memory. */
static ck_jitter_trace *new_trace(ck_jitter_trace *traces, size_t count)
{
    ck_jitter_trace *t = &traces[count];
    *t = (ck_jitter_trace){.arrivals = calloc(PACKETS_MAX, sizeof *t->arrivals),
                           .lasts_us = calloc(PACKETS_MAX, sizeof *t->lasts_us)};
    if (t->arrivals == NULL || t->lasts_us == NULL || count == CK_JITTER_BENCH_TRACES) {
        fputs("jitter: out of memory\n", stderr);
        exit(1);
    }
    return t;
}

static bool load_measured(ck_jitter_trace *t, const char *path, uint32_t clock_hz)
{
    size_t size = 0;
    uint8_t *data = ck_data_load(path, &size);
    if (data != NULL) {
        t->count = ck_arrivals_parse(t->arrivals, PACKETS_MAX, data, size, clock_hz);
    }
    free(data);
    snprintf(t->name, sizeof t->name, "%s", strrchr(path, '/') + 1);
    return t->count > 0;
}

/* RTMP tells whole milliseconds: back to the time of the samples, for players without tolerance. */
static void undo_rounding(ck_jitter_trace *t)
{
    int64_t first = t->count > 0 ? t->arrivals[0].pts_us : 0;
    for (size_t i = 0; i < t->count; i++) {
        int64_t samples = (t->arrivals[i].pts_us - first) * 48 / 1000;
        int64_t packets = (samples + SOUND_SAMPLES / 2) / SOUND_SAMPLES;
        t->arrivals[i].pts_us = first + packets * SOUND_SAMPLES * 1000 / 48;
    }
}

static void simulate(ck_jitter_trace *t, const ck_scenario *scenario, uint64_t seed, bool packets)
{
    static ck_lesson_report report;
    const ck_lesson_options options = {.scenario = scenario,
                                       .seed = seed,
                                       .packets = packets,
                                       .arrivals = t->arrivals,
                                       .arrivals_max = PACKETS_MAX};
    ck_lesson_run(&options, &report);
    t->count = report.arrival_count;
    t->stream = !packets;
    snprintf(t->name, sizeof t->name, "%s %s", scenario->name, packets ? "packets" : "stream");
    /* A stream begins with a burst of what was cached: that is the edge's doing, not the
     * network's. */
    size_t first = 0;
    while (!packets && first + 1 < t->count &&
           t->arrivals[first + 1].at_us - t->arrivals[first].at_us < 10000) {
        first++;
    }
    t->count -= first;
    memmove(t->arrivals, t->arrivals + first, t->count * sizeof *t->arrivals);
    if (!packets) {
        undo_rounding(t);
    }
}

size_t ck_jitter_traces_load(ck_jitter_trace *traces, uint64_t seed)
{
    static const struct {
        const char *path;
        uint32_t clock_hz;
    } files[] = {
        {"net/call-arrivals/wa_voice_pt120_0.csv", 16000},
        {"net/call-arrivals/wa_voice_pt120_1.csv", 16000},
        {"net/call-arrivals/whatsapp_login_call_pt120_0.csv", 16000},
        {"net/call-arrivals/whatsapp_login_call_pt120_1.csv", 16000},
        {"net/call-arrivals/whatsapp_login_call_pt120_2.csv", 16000},
        {"net/rtp-jitter/hrtf_g722_1C_48_jitterT2.rtp", 32000},
    };
    size_t count = 0;
    for (size_t i = 0; i < CK_COUNT_OF(files); i++) {
        ck_jitter_trace *t = new_trace(traces, count);
        if (load_measured(t, files[i].path, files[i].clock_hz)) {
            measure(t);
            count++;
        }
    }
    for (size_t i = 0; i < 2 * ck_scenario_count; i++) {
        ck_jitter_trace *t = new_trace(traces, count);
        simulate(t, &ck_scenarios[i / 2], seed, i % 2 == 0);
        measure(t);
        count++;
    }
    return count;
}
