/* chalk-bench-jitter: see usage below. */
#include "bench/jitter_bench.h"

#include "base/check.h"
#include "base/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: chalk-bench-jitter [--json] [--seed N]\n"
    "Playout delay at an equal share of time not played as received: the jitter buffer swept over\n"
    "its trade-off beside fixed buffers on a grid of 10 ms chosen with hindsight, the adaptive\n"
    "buffer of libspeexdsp, and the bound that dynamic programming finds. Over measured calls,\n"
    "where the test data is there, and the named scenarios with seed N (1), as packets and as\n"
    "streams.\n";

#define FIXED_MAX      400 /* of 10 ms */
#define SWEEP          12
#define FINE           (2 * SWEEP - 1)
#define LEAST          61
#define LEAST_FIRST_MS 10
#define USUAL_PPM      5000 /* the jitter buffer's own */
#define GOAL_CHANGING  0.75
#define GOAL_STEADY    1.1
#define GOAL_SPEEX     10 /* per cent of the traces may be later than it */
#define GOAL_STRETCH   10 /* per cent of the time */

static const uint32_t sweep[SWEEP] = {1000,  2000,  5000,   10000,  20000,  30000,
                                      50000, 80000, 120000, 180000, 250000, 350000};
/* With one between each two. */
static uint32_t fine_ppm(size_t index)
{
    double low = sweep[index / 2], high = sweep[(index + 1) / 2];
    return (uint32_t)(sqrt(low * high) + 0.5);
}

/* A product may also ask for a least delay: that is how it gets below what the share alone gives.
 * From 10 ms each is 9 % more than the one before. */
static uint32_t least_ms(size_t index)
{
    return index == 0 ? 0 : (uint32_t)(LEAST_FIRST_MS * pow(2, ((double)index - 1) / 8) + 0.5);
}

/* Over the points of the sweep that a fixed buffer reaches: logarithms, for geometric means. */
typedef struct sums {
    double ours, fixed, bound, worst;
    int points;
} sums;

typedef struct result {
    const ck_jitter_trace *trace;
    sums swept;
    ck_jitter_point usual;
    ck_jitter_point speex;
    double at_speex_ms; /* ours at its share or below; below 0: never that good */
} result;

static ck_jitter_trace traces[CK_JITTER_BENCH_TRACES];
static result results[CK_JITTER_BENCH_TRACES];
static size_t result_count;

/* --- comparing ------------------------------------------------------------------------------- */

static double lambda_of(size_t index)
{
    return 10 * pow(2, (double)index);
}

/* Lagrange's bound: no way to play with that share has less delay, whichever lambda it is taken
 * from; the highest says most. */
static double bound_at(const ck_jitter_point *bounds, double share)
{
    double best = 0;
    for (size_t i = 0; i < CK_JITTER_BENCH_LAMBDAS && share < 1; i++) {
        double cost = bounds[i].delay_ms * (1 - bounds[i].share);
        double least = (cost + lambda_of(i) * (bounds[i].share - share)) / (1 - share);
        best = fmax(best, least);
    }
    return best;
}

static void sweep_over(result *r)
{
    static ck_jitter_point fixed[FIXED_MAX], bounds[CK_JITTER_BENCH_LAMBDAS];
    for (uint32_t d = 0; d < FIXED_MAX; d++) {
        fixed[d] = ck_jitter_fixed(r->trace, d * 10);
    }
    for (size_t i = 0; i < CK_JITTER_BENCH_LAMBDAS; i++) {
        bounds[i] = ck_jitter_bound(r->trace, lambda_of(i));
    }
    for (size_t i = 0; i < SWEEP; i++) {
        ck_jitter_point ours = ck_jitter_ours(r->trace, sweep[i], 0);
        r->usual = sweep[i] == USUAL_PPM ? ours : r->usual;
        uint32_t d = 0;
        while (d < FIXED_MAX && fixed[d].share > ours.share) {
            d++;
        }
        if (d == FIXED_MAX) {
            continue; /* no fixed buffer is that good */
        }
        double ours_ms = fmax(ours.delay_ms, 1), fixed_ms = fmax(d * 10.0, 10);
        r->swept.ours += log(ours_ms);
        r->swept.fixed += log(fixed_ms);
        r->swept.bound += log(fmax(bound_at(bounds, ours.share), 1));
        r->swept.worst = fmax(r->swept.worst, ours_ms / fixed_ms);
        r->swept.points++;
    }
}

static void beside_speex(result *r)
{
    r->speex = ck_jitter_speex(r->trace);
    r->at_speex_ms = -1;
    for (size_t i = 0; i < FINE * LEAST; i++) {
        ck_jitter_point ours = ck_jitter_ours(r->trace, fine_ppm(i % FINE), least_ms(i / FINE));
        bool better = r->at_speex_ms < 0 || ours.delay_ms < r->at_speex_ms;
        if (ours.share <= r->speex.share && better) {
            r->at_speex_ms = ours.delay_ms;
        }
    }
}

/* --- figures --------------------------------------------------------------------------------- */

static double mean_of(const result *r, double logs)
{
    return r->swept.points > 0 ? exp(logs / r->swept.points) : 0;
}

static bool as_good_as_speex(const result *r)
{
    return r->at_speex_ms >= 0 && r->at_speex_ms <= r->speex.delay_ms;
}

typedef struct summary {
    double ours, fixed, bound; /* geometric means over the traces of their geometric means */
    double worst;
    const char *worst_name;
    int traces;
} summary;

static summary summarise(bool changing)
{
    summary s = {.worst_name = "none"};
    for (size_t i = 0; i < result_count; i++) {
        const result *r = &results[i];
        if (r->trace->changes != changing || r->swept.points == 0) {
            continue;
        }
        s.ours += r->swept.ours / r->swept.points;
        s.fixed += r->swept.fixed / r->swept.points;
        s.bound += r->swept.bound / r->swept.points;
        double ratio = exp((r->swept.ours - r->swept.fixed) / r->swept.points);
        s.worst_name = ratio > s.worst ? r->trace->name : s.worst_name;
        s.worst = fmax(s.worst, ratio);
        s.traces++;
    }
    int n = CK_MAX(s.traces, 1);
    return (summary){exp(s.ours / n), exp(s.fixed / n), exp(s.bound / n),
                     s.worst,         s.worst_name,     s.traces};
}

static double later_than_speex(void)
{
    size_t later = 0;
    for (size_t i = 0; i < result_count; i++) {
        later += !as_good_as_speex(&results[i]);
    }
    return 100.0 * (double)later / (double)result_count;
}

static double stretched(void)
{
    double sum = 0;
    for (size_t i = 0; i < result_count; i++) {
        sum += results[i].usual.stretched;
    }
    return 100 * sum / (double)result_count;
}

/* --- telling --------------------------------------------------------------------------------- */

static const char *verdict(bool met)
{
    return met ? "met" : "MISSED";
}

static void print_goals(void)
{
    summary changing = summarise(true), steady = summarise(false);
    double ratio = changing.ours / changing.fixed, calm = steady.ours / steady.fixed;
    printf("\ngeometric means to the best fixed buffer\n"
           "  where it changes    %5.2f of %d traces, goal %.2f: %s (worst %.2f, %s; bound %.2f)\n"
           "  where it does not   %5.2f of %d traces, goal %.2f: %s (worst %.2f, %s; bound %.2f)\n",
           ratio, changing.traces, GOAL_CHANGING, verdict(ratio <= GOAL_CHANGING), changing.worst,
           changing.worst_name, changing.bound / changing.fixed, calm, steady.traces, GOAL_STEADY,
           verdict(calm <= GOAL_STEADY), steady.worst, steady.worst_name,
           steady.bound / steady.fixed);
    printf("later than libspeexdsp at its share: %.1f %% of traces, goal %d: %s\n",
           later_than_speex(), GOAL_SPEEX, verdict(later_than_speex() <= GOAL_SPEEX));
    printf("time stretched as it comes: %.1f %% on average, goal %d: %s\n", stretched(),
           GOAL_STRETCH, verdict(stretched() <= GOAL_STRETCH));
}

static void print_text(void)
{
    printf("%-30s %-10s | %-20s %6s %6s | %-24s | %9s | %s\n", "", "", "to the best fixed", "", "",
           "libspeexdsp", "", "first 2 s");
    printf("%-30s %-10s | %6s %6s %6s %6s %6s | %7s %7s %8s | %9s | %7s %7s\n", "trace", "",
           "ratio", "worst", "points", "bound", "", "not %", "its ms", "ours ms", "stretched",
           "ours %", "its %");
    for (size_t i = 0; i < result_count; i++) {
        const result *r = &results[i];
        double fixed = mean_of(r, r->swept.fixed);
        printf("%-30.30s %-10s | %6.2f %6.2f %6d %6.2f %6s | %7.2f %7.0f %8.0f | %8.1f%% | %7.1f "
               "%7.1f\n",
               r->trace->name, r->trace->changes ? "changes" : "stationary",
               mean_of(r, r->swept.ours) / fixed, r->swept.worst, r->swept.points,
               mean_of(r, r->swept.bound) / fixed, "", 100 * r->speex.share, r->speex.delay_ms,
               r->at_speex_ms, 100 * r->usual.stretched, 100 * r->usual.start_share,
               100 * r->speex.start_share);
    }
    print_goals();
}

typedef struct row {
    const char *name, *unit, *peer;
    double ours, peer_value;
    double goal; /* of the ratio; 0: none */
    size_t samples;
} row;

static void print_row(const char *what, const row *r)
{
    static bool any;
    bool known = r->peer_value > 0 && r->ours >= 0;
    double ratio = known ? r->ours / r->peer_value : 0;
    printf("%s\n{\"name\":\"%s%s\",\"unit\":\"%s\",\"ours\":%.3f,\"peer\":\"%s\","
           "\"peer_value\":%.3f,",
           any ? "," : "", r->name, what, r->unit, r->ours, r->peer, r->peer_value);
    printf(known ? "\"ratio\":%.3f," : "\"ratio\":null,", ratio);
    printf(r->goal > 0 ? "\"goal\":%.2f," : "\"goal\":null,", r->goal);
    printf("\"met\":%s,\"runs\":1,\"samples\":%zu}",
           r->goal <= 0 ? "null" : (known && ratio <= r->goal ? "true" : "false"), r->samples);
    any = true;
}

static void print_trace_rows(const result *r)
{
    const char *name = r->trace->name;
    size_t n = r->trace->count;
    double ours = mean_of(r, r->swept.ours);
    print_row("", &(row){name, "ms", "fixed", ours, mean_of(r, r->swept.fixed), 0, n});
    print_row("", &(row){name, "ms", "bound", ours, mean_of(r, r->swept.bound), 0, n});
    /* Never that good is as bad as can be: told as it is, -1, and missed. */
    print_row("", &(row){name, "ms", "speexdsp", r->at_speex_ms, r->speex.delay_ms, 1, n});
    print_row(", first 2 s", &(row){name, "% not as received", "speexdsp",
                                    100 * r->usual.start_share, 100 * r->speex.start_share, 0, n});
    print_row(", stretched",
              &(row){name, "% of the time", "limit", 100 * r->usual.stretched, GOAL_STRETCH, 0, n});
}

static void print_json(void)
{
    printf("{\"bench\":\"jitter\",\"rows\":[");
    for (size_t i = 0; i < result_count; i++) {
        print_trace_rows(&results[i]);
    }
    summary c = summarise(true), s = summarise(false);
    size_t changing = (size_t)c.traces, steady = (size_t)s.traces;
    print_row("",
              &(row){"all that change", "ms", "fixed", c.ours, c.fixed, GOAL_CHANGING, changing});
    print_row("", &(row){"all that change", "ms", "bound", c.ours, c.bound, 0, changing});
    print_row("", &(row){"all stationary", "ms", "fixed", s.ours, s.fixed, GOAL_STEADY, steady});
    print_row("", &(row){"all stationary", "ms", "bound", s.ours, s.bound, 0, steady});
    print_row("", &(row){"later than speexdsp at its share", "% of traces", "limit",
                         later_than_speex(), GOAL_SPEEX, 1, result_count});
    print_row("", &(row){"stretched, mean", "% of the time", "limit", stretched(), GOAL_STRETCH, 1,
                         result_count});
    printf("\n]}\n");
}

int main(int argc, char **argv)
{
    bool json = false;
    uint64_t seed = 1;
    for (int i = 1; i < argc; i++) {
        bool valued = i + 1 < argc && strcmp(argv[i], "--seed") == 0;
        if (strcmp(argv[i], "--json") == 0) {
            json = true;
        } else if (!valued || !ck_text_u64(argv[++i], UINT64_MAX, &seed)) {
            fputs(usage, stderr);
            return 2;
        }
    }
    result_count = ck_jitter_traces_load(traces, seed);
    for (size_t i = 0; i < result_count; i++) {
        results[i] = (result){.trace = &traces[i]};
        sweep_over(&results[i]);
        beside_speex(&results[i]);
    }
    if (json) {
        print_json();
    } else {
        print_text();
    }
    return 0;
}
