/* chalk-sim: see usage below. Runs are shared out to processes; the first tells what they found. */
#include "sim/class.h"
#include "sim/lesson.h"
#include "sim/plot.h"
#include "sim/room.h"
#include "sim/seeds.h"
#include "support/data.h"

#include "base/check.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const char usage[] =
    "usage: chalk-sim [SCENARIO] [--seed N | --seeds N] [--packets | --stream] [--late PPM]\n"
    "                 [--trace FILE] [--plot F.svg] [--jobs N] [--list] [--hashes]\n"
    "       chalk-sim room|board [--seed N | --seeds N]\n"
    "Runs lessons over simulated networks under a virtual clock: all scenarios, or one, sound in "
    "a\n"
    "stream and in packets.\n"
    "  --seed N      that seed alone (default 1)     --seeds N   seeds 1 to N, summed up\n"
    "  --packets, --stream   that alone              --late PPM  share that may come too late\n"
    "  --trace FILE  the rate of the way down, from the folder of the test data\n"
    "  --plot FILE   draws the last run              --jobs N    processes (default: processors)\n"
    "  --list        names the scenarios             --hashes    tells nothing but each run's "
    "hash\n"
    "Exit status 1 when a rule did not hold; the seed and the rule are told.\n";

#define JOBS_MAX 64

typedef struct options {
    const ck_scenario *scenario;
    uint64_t first, last;
    bool packets, stream; /* both: both */
    uint32_t late_ppm;
    const char *trace;
    const char *plot;
    unsigned jobs;
    bool hashes;
} options;

/* What a run was and what came of it; small enough for a pipe to keep it whole. */
typedef struct outcome {
    uint32_t scenario;
    bool packets;
    uint64_t seed, hash;
    uint64_t delay_ms, skew_ms, freezes, freeze_ms, join_ms, again_ms, transport_ms, rate;
    double not_as_received, stretched; /* per cent */
    char broken[160];
} outcome;

/* Of all runs of one kind: means and extremes. */
typedef struct total {
    uint64_t runs, failed;
    double delay_ms, not_as_received, stretched, freezes;
    uint64_t skew_ms, join_ms, again_ms, transport_ms; /* most */
} total;

static ck_trace trace;
static ck_lesson_report report;

static int wrong(const char *what, const char *which)
{
    fprintf(stderr, "chalk-sim: %s: %s\n%s", what, which, usage);
    return 2;
}

static int list(void)
{
    for (size_t i = 0; i < ck_scenario_count; i++) {
        printf("%-20s %s\n", ck_scenarios[i].name, ck_scenarios[i].what);
    }
    return 0;
}

/* --- options --------------------------------------------------------------------------------- */

static bool read_flag(options *o, const char *name)
{
    bool *const flags[] = {&o->packets, &o->stream, &o->hashes};
    static const char *const names[] = {"--packets", "--stream", "--hashes"};
    for (size_t i = 0; i < CK_COUNT_OF(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            *flags[i] = true;
            return true;
        }
    }
    return false;
}

/* Index of the next argument, or -1. */
static int read_option(options *o, int i, int argc, char **argv)
{
    const char *name = argv[i];
    const char *value = i + 1 < argc ? argv[i + 1] : NULL;
    uint64_t number = 0;
    if (read_flag(o, name)) {
        return i + 1;
    }
    if (strcmp(name, "--seed") == 0 && ck_seeds_number(value, UINT64_MAX, &number)) {
        o->first = o->last = number;
    } else if (strcmp(name, "--seeds") == 0 && ck_seeds_number(value, CK_SEEDS_MAX, &number)) {
        o->first = 1;
        o->last = number;
    } else if (strcmp(name, "--late") == 0 && ck_seeds_number(value, 500000, &number)) {
        o->late_ppm = (uint32_t)number;
    } else if (strcmp(name, "--jobs") == 0 && ck_seeds_number(value, JOBS_MAX, &number)) {
        o->jobs = (unsigned)number;
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

/* --- runs ------------------------------------------------------------------------------------ */

static uint64_t count_kinds(const options *o)
{
    bool both = o->packets == o->stream;
    return (o->scenario != NULL ? 1 : ck_scenario_count) * (both ? 2 : 1);
}

/* The n-th run of what was asked for; false: there are no more. Seeds go by first, so that all
 * scenarios have been seen early on. */
static bool nth(const options *o, uint64_t n, outcome *out)
{
    bool both = o->packets == o->stream;
    uint64_t kinds = count_kinds(o);
    uint64_t kind = n % kinds;
    memset(out, 0, sizeof *out);
    out->seed = o->first + n / kinds;
    out->packets = both ? kind % 2 == 1 : o->packets;
    kind = both ? kind / 2 : kind;
    out->scenario = o->scenario != NULL ? (uint32_t)(o->scenario - ck_scenarios) : (uint32_t)kind;
    return out->seed >= o->first && out->seed <= o->last;
}

static void run(const options *o, outcome *out)
{
    const ck_scenario *scenario = &ck_scenarios[out->scenario];
    const char *path = o->trace != NULL ? o->trace : scenario->trace;
    const ck_lesson_options lesson = {
        .scenario = scenario,
        .seed = out->seed,
        .packets = out->packets,
        .late_ppm = o->late_ppm,
        .trace = path != NULL && load_trace(path) ? &trace : NULL,
    };
    ck_lesson_run(&lesson, &report);
    double sound = (double)CK_MAX(report.played_us + report.concealed_us, 1);
    out->hash = report.hash;
    out->delay_ms = report.mean_delay_us / 1000;
    out->skew_ms = report.skew_p95_us / 1000;
    out->freezes = report.freezes;
    out->freeze_ms = report.freeze_us / 1000;
    out->join_ms = report.join_us / 1000;
    out->again_ms = report.live_again_us / 1000;
    out->transport_ms = report.transport_us / 1000;
    out->rate = report.steady_rate_ppm / 1000;
    out->not_as_received = 100.0 * (double)(report.concealed_us + report.inserted_us) / sound;
    out->stretched = 100.0 * (double)report.stretched_us / sound;
    memcpy(out->broken, report.broken, sizeof out->broken);
}

/* A process of its own: every jobs-th run, each told through the pipe. */
static void work(const options *o, unsigned job, int pipe_in)
{
    outcome out;
    for (uint64_t n = job; nth(o, n, &out); n += o->jobs) {
        run(o, &out);
        if (write(pipe_in, &out, sizeof out) != (ssize_t)sizeof out) {
            _exit(1);
        }
    }
    _exit(0);
}

/* --- telling --------------------------------------------------------------------------------- */

static void print_heads(const char *first, const char *second)
{
    printf("%-20s %-7s %6s %-16s %6s %8s %6s %5s %5s %6s %6s %6s %6s %6s\n", "scenario", "sound",
           first, second, "delay", "not as", "str.", "skew", "froze", "froze", "joined", "again",
           "TCP", "rate");
    printf("%-20s %-7s %6s %-16s %6s %8s %6s %5s %5s %6s %6s %6s %6s %6s\n", "", "", "", "", "ms",
           "rec. %", "%", "ms", "times", "s", "ms", "ms", "ms", "1/1000");
}

static void print_run(const outcome *o)
{
    printf("%-20s %-7s %6llu %016llx %6llu %8.2f %6.2f %5llu %5llu %6.1f %6llu %6llu %6llu %6llu  "
           "%s\n",
           ck_scenarios[o->scenario].name, o->packets ? "packets" : "stream",
           (unsigned long long)o->seed, (unsigned long long)o->hash,
           (unsigned long long)o->delay_ms, o->not_as_received, o->stretched,
           (unsigned long long)o->skew_ms, (unsigned long long)o->freezes,
           (double)o->freeze_ms / 1e3, (unsigned long long)o->join_ms,
           (unsigned long long)o->again_ms, (unsigned long long)o->transport_ms,
           (unsigned long long)o->rate, o->broken[0] != '\0' ? o->broken : "ok");
}

static void add(total *t, const outcome *o)
{
    t->runs++;
    t->failed += o->broken[0] != '\0';
    t->delay_ms += (double)o->delay_ms;
    t->not_as_received += o->not_as_received;
    t->stretched += o->stretched;
    t->freezes += (double)o->freezes;
    t->skew_ms = CK_MAX(t->skew_ms, o->skew_ms);
    t->join_ms = CK_MAX(t->join_ms, o->join_ms);
    t->again_ms = CK_MAX(t->again_ms, o->again_ms);
    t->transport_ms = CK_MAX(t->transport_ms, o->transport_ms);
}

static void print_total(const char *name, const char *sound, const total *t)
{
    if (t->runs > 0) {
        double n = (double)t->runs;
        printf("%-20s %-7s %6llu %6llu %8.0f %10.2f %9.2f %9llu %8.1f %9llu %9llu %9llu\n", name,
               sound, (unsigned long long)t->runs, (unsigned long long)t->failed, t->delay_ms / n,
               t->not_as_received / n, t->stretched / n, (unsigned long long)t->skew_ms,
               t->freezes / n, (unsigned long long)t->join_ms, (unsigned long long)t->again_ms,
               (unsigned long long)t->transport_ms);
    }
}

static void tell(const options *o, const outcome *out, bool one)
{
    if (o->hashes) {
        printf("%s %s %llu %016llx\n", ck_scenarios[out->scenario].name,
               out->packets ? "packets" : "stream", (unsigned long long)out->seed,
               (unsigned long long)out->hash);
    } else if (one || out->broken[0] != '\0') {
        print_run(out);
    }
}

static void show_progress(uint64_t done, time_t *told)
{
    time_t now = time(NULL);
    if (now - *told >= 10) {
        *told = now;
        fprintf(stderr, "%llu runs\n", (unsigned long long)done);
    }
}

/* --- all of it ------------------------------------------------------------------------------- */

/* One seed is run here, in order; more are shared out. */
static uint64_t run_here(const options *o)
{
    outcome out;
    uint64_t failed = 0;
    if (!o->hashes) {
        print_heads("seed", "hash");
    }
    for (uint64_t n = 0; nth(o, n, &out); n++) {
        run(o, &out);
        tell(o, &out, true);
        failed += out.broken[0] != '\0';
    }
    return failed;
}

static bool start(const options *o, int pipe_in, int pipe_out)
{
    for (unsigned job = 0; job < o->jobs; job++) {
        pid_t child = fork();
        if (child == 0) {
            close(pipe_out);
            work(o, job, pipe_in);
        }
        if (child < 0) {
            return false;
        }
    }
    close(pipe_in);
    return true;
}

static uint64_t collect(const options *o, int pipe_out)
{
    static total totals[64][2];
    outcome out;
    uint64_t done = 0, failed = 0;
    time_t told = time(NULL);
    while (read(pipe_out, &out, sizeof out) == (ssize_t)sizeof out) {
        add(&totals[out.scenario % CK_COUNT_OF(totals)][out.packets], &out);
        tell(o, &out, false);
        failed += out.broken[0] != '\0';
        show_progress(++done, &told);
    }
    bool died = false;
    for (int status; wait(&status) > 0;) {
        died = died || status != 0;
    }
    printf("%-20s %-7s %6s %6s %8s %10s %9s %9s %8s %9s %9s %9s\n", "scenario", "sound", "runs",
           "failed", "delay ms", "not rec. %", "str. %", "skew most", "freezes", "joined", "again",
           "TCP");
    for (size_t i = 0; i < ck_scenario_count; i++) {
        print_total(ck_scenarios[i].name, "stream", &totals[i][0]);
        print_total(ck_scenarios[i].name, "packets", &totals[i][1]);
    }
    return died ? failed + 1 : failed;
}

static uint64_t run_all(const options *o)
{
    int ends[2];
    if (o->first == o->last || o->hashes) {
        return run_here(o);
    }
    if (pipe(ends) != 0 || !start(o, ends[1], ends[0])) {
        perror("chalk-sim");
        return 1;
    }
    return collect(o, ends[0]);
}

static bool draw(const options *o)
{
    outcome last = {.seed = o->last, .packets = o->packets && !o->stream};
    size_t index =
        o->scenario != NULL ? (size_t)(o->scenario - ck_scenarios) : ck_scenario_count - 1;
    last.scenario = (uint32_t)index;
    run(o, &last);
    return ck_plot_write(o->plot, ck_scenarios[index].name, &report);
}

int main(int argc, char **argv)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    options o = {.first = 1, .last = 1, .jobs = (unsigned)CK_CLAMP(processors, 1, JOBS_MAX)};
    if (argc > 1 && strcmp(argv[1], "room") == 0) {
        return ck_room_main(argc - 1, argv + 1);
    }
    if (argc > 1 && strcmp(argv[1], "board") == 0) {
        return ck_board_main(argc - 1, argv + 1);
    }
    if (argc > 1 && strcmp(argv[1], "class") == 0) {
        return ck_class_main(argc - 1, argv + 1);
    }
    for (int i = 1; i < argc;) {
        if (strcmp(argv[i], "--list") == 0) {
            return list();
        }
        if (strcmp(argv[i], "--help") == 0) {
            fputs(usage, stdout);
            return 0;
        }
        const int next = read_option(&o, i, argc, argv);
        if (next < 0) {
            return wrong("no such scenario or option, or not its value", argv[i]);
        }
        i = next;
    }
    if (o.trace != NULL && !load_trace(o.trace)) {
        return wrong("the trace cannot be read", o.trace);
    }
    uint64_t failed = run_all(&o);
    if (o.plot != NULL && !draw(&o)) {
        fprintf(stderr, "chalk-sim: cannot write %s\n", o.plot);
        return 1;
    }
    if (!o.hashes) {
        printf("%llu runs, %llu failed\n",
               (unsigned long long)(count_kinds(&o) * (o.last - o.first + 1)),
               (unsigned long long)failed);
    }
    return failed > 0;
}
