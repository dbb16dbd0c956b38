/* chalk-sim: see usage below. */
#include "sim/lesson.h"
#include "sim/plot.h"
#include "support/data.h"

#include "base/check.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: chalk-sim [SCENARIO] [--seed N | --seeds N] [--packets] [--late PPM] [--trace FILE]\n"
    "                 [--plot F.svg] [--list]\n"
    "Runs lessons over simulated networks under a virtual clock: all scenarios, or one.\n"
    "  --seed N      that seed alone (default 1)     --seeds N   seeds 1 to N\n"
    "  --packets     sound in packets, not a stream  --late PPM  share that may come too late\n"
    "  --trace FILE  the rate of the way down, from the folder of the test data\n"
    "  --plot FILE   draws the last run              --list      names the scenarios\n"
    "Exit status 1 when a rule did not hold; the seed and the rule are told.\n";

typedef struct options {
    const ck_scenario *scenario;
    uint64_t first, last;
    bool packets;
    uint32_t late_ppm;
    const char *trace;
    const char *plot;
} options;

static ck_trace trace;
static ck_lesson_report report;

static int wrong(const char *what)
{
    fprintf(stderr, "chalk-sim: %s\n%s", what, usage);
    return 2;
}

static int list(void)
{
    for (size_t i = 0; i < ck_scenario_count; i++) {
        printf("%-20s %s\n", ck_scenarios[i].name, ck_scenarios[i].what);
    }
    return 0;
}

static bool read_number(const char *text, uint64_t max, uint64_t *out)
{
    return text != NULL && ck_text_u64(text, max, out) && *out > 0;
}

/* Index of the next argument, or -1. */
static int read_option(options *o, int i, int argc, char **argv)
{
    const char *name = argv[i];
    const char *value = i + 1 < argc ? argv[i + 1] : NULL;
    uint64_t number = 0;
    if (strcmp(name, "--packets") == 0) {
        o->packets = true;
        return i + 1;
    }
    if (strcmp(name, "--seed") == 0 && read_number(value, UINT64_MAX, &number)) {
        o->first = o->last = number;
    } else if (strcmp(name, "--seeds") == 0 && read_number(value, 1000000, &number)) {
        o->first = 1;
        o->last = number;
    } else if (strcmp(name, "--late") == 0 && read_number(value, 500000, &number)) {
        o->late_ppm = (uint32_t)number;
    } else if (strcmp(name, "--plot") == 0 && value != NULL) {
        o->plot = value;
    } else if (strcmp(name, "--trace") == 0 && value != NULL) {
        o->trace = value;
    } else if (name[0] != '-' && o->scenario == NULL) {
        o->scenario = ck_scenario_find(name);
        return o->scenario != NULL ? i + 1 : -1;
    } else {
        return -1;
    }
    return i + 2;
}

static bool load_trace(const char *path)
{
    size_t size = 0;
    uint8_t *data = ck_data_load(path, &size);
    bool ok = data != NULL && ck_trace_parse(&trace, data, size);
    free(data);
    return ok;
}

static bool run(const options *o, const ck_scenario *scenario, uint64_t seed)
{
    const char *path = o->trace != NULL ? o->trace : scenario->trace;
    const ck_lesson_options lesson = {
        .scenario = scenario,
        .seed = seed,
        .packets = o->packets,
        .late_ppm = o->late_ppm,
        .trace = path != NULL && load_trace(path) ? &trace : NULL,
    };
    ck_lesson_run(&lesson, &report);
    uint64_t sound = CK_MAX(report.played_us + report.concealed_us, 1);
    printf("%-20s %6llu %016llx %6llu %8.2f %6.2f %5llu %5llu %6.1f %6llu %6llu  %s\n",
           scenario->name, (unsigned long long)seed, (unsigned long long)report.hash,
           (unsigned long long)(report.mean_delay_us / 1000),
           100.0 * (double)(report.concealed_us + report.inserted_us) / (double)sound,
           100.0 * (double)report.stretched_us / (double)sound,
           (unsigned long long)(report.skew_p95_us / 1000), (unsigned long long)report.freezes,
           (double)report.freeze_us / 1e6, (unsigned long long)(report.live_again_us / 1000),
           (unsigned long long)(report.steady_rate_ppm / 1000),
           report.broken[0] != '\0' ? report.broken : "ok");
    return report.broken[0] == '\0';
}

int main(int argc, char **argv)
{
    options o = {.first = 1, .last = 1};
    for (int i = 1; i < argc;) {
        if (strcmp(argv[i], "--list") == 0) {
            return list();
        }
        if (strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return 0;
        }
        i = read_option(&o, i, argc, argv);
        if (i < 0) {
            return wrong("what is that?");
        }
    }
    if (o.trace != NULL && !load_trace(o.trace)) {
        return wrong("the trace cannot be read");
    }
    printf("%-20s %6s %-16s %6s %8s %6s %5s %5s %6s %6s %6s\n", "scenario", "seed", "hash", "delay",
           "not as", "str.", "skew", "froze", "froze", "again", "rate");
    printf("%-20s %6s %-16s %6s %8s %6s %5s %5s %6s %6s %6s\n", "", "", "", "ms", "rec. %", "%",
           "ms", "times", "s", "ms", "1/1000");
    unsigned failed = 0;
    for (size_t i = 0; i < ck_scenario_count; i++) {
        bool chosen = o.scenario == NULL || o.scenario == &ck_scenarios[i];
        for (uint64_t seed = o.first; chosen && seed <= o.last; seed++) {
            failed += !run(&o, &ck_scenarios[i], seed);
        }
    }
    if (o.plot != NULL &&
        !ck_plot_write(o.plot, o.scenario != NULL ? o.scenario->name : "the last one", &report)) {
        fprintf(stderr, "chalk-sim: cannot write %s\n", o.plot);
        return 1;
    }
    printf("%u runs failed\n", failed);
    return failed > 0;
}
