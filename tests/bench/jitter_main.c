/* chalk-bench-jitter: see usage below. */
#include "bench/jitter_bench.h"

#include "base/check.h"
#include "sim/lesson.h"
#include "support/data.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: chalk-bench-jitter [--json]\n"
    "Playout delay at an equal share of time not played as received: fixed buffers on a grid of 10 "
    "ms\n"
    "with hindsight, the adaptive buffer of libspeexdsp, and the jitter buffer swept over its\n"
    "trade-off. Over measured calls, where the test data is there, and simulated networks.\n";

#define PACKETS_MAX 16384
#define TRACES_MAX  32
#define FIXED_MAX   400 /* of 10 ms */
#define WINDOW_US   5000000
#define SWEEP       12
#define NEAR        64 /* packets: further off the next one is lost */
#define LONGEST_US  200000

static const uint32_t sweep[SWEEP] = {1000,  2000,  5000,   10000,  20000,  30000,
                                      50000, 80000, 120000, 180000, 250000, 350000};

typedef struct result {
    ck_jitter_trace trace;
    bool changes;
    ck_jitter_point speex;
    double ours_at_speex_ms; /* at its share; below 0: never that good */
    double ratio;            /* ours to the best fixed, geometric mean over the sweep */
    double worst;
    double stretched; /* largest */
    int points;       /* of the sweep that could be compared */
} result;

static result results[TRACES_MAX];
static size_t result_count;
static ck_lesson_report report;

static int by_value(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Whether the 95th percentile of lateness, over windows of 5 s, doubles. */
static bool changes(const ck_jitter_trace *t)
{
    static int64_t late[PACKETS_MAX];
    int64_t least = INT64_MAX, most = 0;
    size_t from = 0;
    while (from < t->count &&
           t->arrivals[from].at_us < t->arrivals[0].at_us + CK_JITTER_BENCH_SKIP_US) {
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

static void compare(result *r)
{
    static ck_jitter_point fixed[FIXED_MAX];
    for (uint32_t d = 0; d < FIXED_MAX; d++) {
        fixed[d] = ck_jitter_fixed(&r->trace, d * 10);
    }
    r->speex = ck_jitter_speex(&r->trace);
    r->ours_at_speex_ms = -1;
    double logs = 0;
    for (size_t i = 0; i < SWEEP; i++) {
        ck_jitter_point ours = ck_jitter_ours(&r->trace, sweep[i], 0);
        uint32_t d = 0;
        while (d < FIXED_MAX && fixed[d].share > ours.share) {
            d++;
        }
        r->stretched = fmax(r->stretched, ours.stretched);
        bool better = r->ours_at_speex_ms < 0 || ours.delay_ms < r->ours_at_speex_ms;
        if (ours.share <= r->speex.share && better) {
            r->ours_at_speex_ms = ours.delay_ms;
        }
        if (d == FIXED_MAX) {
            continue;
        }
        double ratio = fmax(ours.delay_ms, 1) / fmax(d * 10.0, 10);
        logs += log(ratio);
        r->worst = fmax(r->worst, ratio);
        r->points++;
    }
    r->ratio = r->points > 0 ? exp(logs / r->points) : 0;
}

/* A packet lasts up to the next one, where that came too; else as long as the shortest. */
static void measure(ck_jitter_trace *t, uint32_t *lasts_us)
{
    int64_t shortest = LONGEST_US;
    t->base_us = INT64_MAX;
    t->end_us = INT64_MIN;
    for (size_t i = 0; i < t->count; i++) {
        const ck_arrival *a = &t->arrivals[i];
        t->base_us = CK_MIN(t->base_us, (int64_t)a->at_us - a->pts_us);
        lasts_us[i] = 0;
        for (size_t n = i + 1; n < CK_MIN(t->count, i + NEAR) && lasts_us[i] == 0; n++) {
            int64_t step = t->arrivals[n].pts_us - a->pts_us;
            bool next = (uint16_t)(t->arrivals[n].sequence - a->sequence) == 1;
            lasts_us[i] = next && step > 0 && step < LONGEST_US ? (uint32_t)step : 0;
            shortest = lasts_us[i] > 0 ? CK_MIN(shortest, step) : shortest;
        }
    }
    t->packet_us = (uint32_t)shortest;
    for (size_t i = 0; i < t->count; i++) {
        lasts_us[i] = lasts_us[i] == 0 ? t->packet_us : lasts_us[i];
        t->end_us = CK_MAX(t->end_us, t->arrivals[i].pts_us + (int64_t)lasts_us[i]);
    }
}

static void add(const char *name, ck_arrival *arrivals, size_t count, bool stream)
{
    uint32_t *lasts_us = calloc(count + 1, sizeof *lasts_us);
    if (lasts_us == NULL || count < 20 || result_count == TRACES_MAX) {
        free(lasts_us);
        return;
    }
    result *r = &results[result_count++];
    *r = (result){.trace = {name, arrivals, count, lasts_us, 0, stream, 0, 0}};
    measure(&r->trace, lasts_us);
    r->changes = changes(&r->trace);
    compare(r);
}

static void add_measured(void)
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
    for (size_t i = 0; i < CK_COUNT_OF(files); i++) {
        size_t size = 0;
        uint8_t *data = ck_data_load(files[i].path, &size);
        ck_arrival *arrivals = data != NULL ? calloc(PACKETS_MAX, sizeof *arrivals) : NULL;
        if (arrivals != NULL) {
            size_t n = ck_arrivals_parse(arrivals, PACKETS_MAX, data, size, files[i].clock_hz);
            add(strrchr(files[i].path, '/') + 1, arrivals, n, false);
        }
        free(data);
    }
}

static void add_simulated(const ck_scenario *scenario, bool packets)
{
    static char names[TRACES_MAX][48];
    ck_arrival *arrivals = calloc(PACKETS_MAX, sizeof *arrivals);
    if (arrivals == NULL) {
        return;
    }
    const ck_lesson_options options = {.scenario = scenario,
                                       .seed = 1,
                                       .packets = packets,
                                       .arrivals = arrivals,
                                       .arrivals_max = PACKETS_MAX};
    ck_lesson_run(&options, &report);
    char *name = names[result_count % TRACES_MAX];
    snprintf(name, sizeof names[0], "%s %s", scenario->name, packets ? "packets" : "stream");
    /* A stream begins with a burst of what was cached: that is the start, not the network. */
    size_t first = 0;
    while (!packets && first + 1 < report.arrival_count &&
           arrivals[first + 1].at_us - arrivals[first].at_us < 10000) {
        first++;
    }
    add(name, arrivals + first, report.arrival_count - first, !packets);
}

static void print_text(void)
{
    printf("%-34s %-10s %7s %7s %9s | %8s %8s %8s\n", "trace", "", "ratio", "worst", "stretched",
           "speex %", "its ms", "ours ms");
    for (size_t i = 0; i < result_count; i++) {
        const result *r = &results[i];
        printf("%-34s %-10s %7.2f %7.2f %8.1f%% | %8.2f %8.0f %8.0f\n", r->trace.name,
               r->changes ? "changes" : "stationary", r->ratio, r->worst, 100 * r->stretched,
               100 * r->speex.share, r->speex.delay_ms, r->ours_at_speex_ms);
    }
}

static void print_json(void)
{
    printf("{\"bench\":\"jitter\",\"rows\":[");
    for (size_t i = 0; i < result_count; i++) {
        const result *r = &results[i];
        printf("%s{\"name\":\"%s\",\"changes\":%s,\"ratio_to_best_fixed\":%.3f,\"worst\":%.3f,"
               "\"points\":%d,\"stretched\":%.4f,\"speex_share\":%.4f,\"speex_delay_ms\":%.1f,"
               "\"delay_ms_at_speex_share\":%.1f}",
               i > 0 ? "," : "", r->trace.name, r->changes ? "true" : "false", r->ratio, r->worst,
               r->points, r->stretched, r->speex.share, r->speex.delay_ms, r->ours_at_speex_ms);
    }
    printf("]}\n");
}

static void summarise(void)
{
    double logs[2] = {0, 0};
    int counts[2] = {0, 0};
    size_t good = 0;
    for (size_t i = 0; i < result_count; i++) {
        const result *r = &results[i];
        if (r->points > 0) {
            logs[r->changes] += log(r->ratio);
            counts[r->changes]++;
        }
        good += r->ours_at_speex_ms >= 0 && r->ours_at_speex_ms <= r->speex.delay_ms;
    }
    printf(
        "\nto the best fixed buffer, geometric mean: %.2f where it changes (%d traces), %.2f where "
        "it does not (%d)\nat speexdsp's share no later than it: %zu of %zu\n",
        counts[1] > 0 ? exp(logs[1] / counts[1]) : 0, counts[1],
        counts[0] > 0 ? exp(logs[0] / counts[0]) : 0, counts[0], good, result_count);
}

int main(int argc, char **argv)
{
    bool json = argc == 2 && strcmp(argv[1], "--json") == 0;
    if (argc > 1 && !json) {
        fputs(usage, stderr);
        return 2;
    }
    add_measured();
    for (size_t i = 0; i < ck_scenario_count; i++) {
        if (ck_scenarios[i].packets_too) {
            add_simulated(&ck_scenarios[i], true);
        }
        if (ck_scenarios[i].sleep_ms == 0 && ck_scenarios[i].restart_ms == 0) {
            add_simulated(&ck_scenarios[i], false);
        }
    }
    if (json) {
        print_json();
    } else {
        print_text();
        summarise();
    }
    return result_count > 0 ? 0 : 1;
}
