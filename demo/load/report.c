/* What is told of a run: a line while it goes, a table, JSON, JUnit. */
#include "load/load.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Of IPv4 and TCP with time stamps, about each message: several share a packet only when they come
 * at once. */
#define HEADERS 52

static double ms(uint64_t us)
{
    return (double)us / 1000;
}

static double percent(uint64_t part_us, uint64_t of_us)
{
    return of_us > 0 ? 100 * (double)part_us / (double)of_us : 0;
}

static uint64_t errors(const load_figures *f)
{
    return f->doubled + f->backward + f->contradicted + f->leaked + f->mismatches + f->ended;
}

void load_live_line(cli_report *report, const load_figures *f, double seconds)
{
    cli_live(report,
             "%4.0f s  %" PRIu64 " of %" PRIu64 " here  %.0f events/s  p99 %.0f/%.0f ms  "
             "%" PRIu64 " errors  CPU %.0f %%",
             seconds, f->live, f->people, seconds > 0 ? (double)load_told(f) / seconds : 0,
             ms(load_histogram_quantile(&f->ordered_us, 990)),
             ms(load_histogram_quantile(&f->crowd_us, 990)), errors(f),
             percent(f->cpu_us, f->wall_us));
}

/* --- for people ------------------------------------------------------------------------------ */

static void say_delay(cli_report *r, const char *name, const load_histogram *h)
{
    if (h->count > 0) {
        cli_say(r, "  %-10s %12" PRIu64 "  %9.1f %9.1f %9.1f %9.1f", name, h->count,
                ms(load_histogram_quantile(h, 500)), ms(load_histogram_quantile(h, 950)),
                ms(load_histogram_quantile(h, 990)), ms(h->max));
    }
}

static void say_failures(cli_report *r, const load_figures *f)
{
    for (uint32_t i = 0; i < LOAD_REASONS; i++) {
        if (f->failed[i] > 0) {
            cli_say(r, "  never joined: %" PRIu64 ", %s", f->failed[i],
                    i == 0 ? "the network" : chalk_room_reason_name(i));
        }
    }
}

static void say_bytes(cli_report *r, const load_figures *f, double people, double seconds)
{
    const double each = 8 / (1000 * people * seconds);
    uint64_t lanes = f->bytes_ordered + f->bytes_crowd + f->bytes_presence + f->bytes_state;
    uint64_t other = f->bytes_received > lanes ? f->bytes_received - lanes : 0;
    cli_say(r,
            "  received, kbit/s a student: ordered %.2f, crowd %.2f, presence %.2f, state %.2f, "
            "other %.2f; framing %.2f, headers %.2f",
            (double)f->bytes_ordered * each, (double)f->bytes_crowd * each,
            (double)f->bytes_presence * each, (double)f->bytes_state * each, (double)other * each,
            (double)f->bytes_framing * each, (double)(HEADERS * f->messages) * each);
}

static void say_media(cli_report *r, const load_figures *f)
{
    double seconds = (double)f->watched_us / 1e6;
    if (f->watchers > 0 && seconds > 0) {
        cli_say(r,
                "  watched by %" PRIu64 ": %.0f kbit/s and %.1f pictures/s each, %" PRIu64
                " freezes of %" PRIu64 ", %.3f %% frozen",
                f->watchers, (double)f->media_bytes_received * 8 / 1000 / seconds,
                (double)f->frames_received / seconds, f->freezes, f->froze,
                percent(f->frozen_us, f->watched_us));
    }
    if (f->publishers > 0) {
        cli_say(r, "  published by %" PRIu64 ": %.1f MB, %" PRIu64 " frames not sent",
                f->publishers, (double)f->media_bytes_sent / 1e6, f->frames_unsent);
    }
}

/* Of the time that the class took, which is less than was planned when it was stopped. */
static void say_table(cli_report *r, const load_figures *f, const load_verdict *v,
                      uint32_t processes)
{
    const double people = f->people > 0 ? (double)f->people : 1;
    const double seconds = f->wall_us > 0 ? (double)f->wall_us / 1e6 / processes : 1;
    cli_say(r, "  %-10s %12s  %9s %9s %9s %9s", "delays, ms", "count", "median", "95th", "99th",
            "largest");
    say_delay(r, "join", &f->join_us);
    say_delay(r, "ordered", &f->ordered_us);
    say_delay(r, "crowd", &f->crowd_us);
    say_delay(r, "latest", &f->latest_us);
    say_delay(r, "1st picture", &f->first_picture_us);
    say_delay(r, "playout", &f->playout_us);
    say_delay(r, "own delay", &f->late_us);
    say_failures(r, f);
    cli_say(r,
            "  done %" PRIu64 ", refused %" PRIu64 ", hidden %" PRIu64 ", repeated %" PRIu64
            ", cut %" PRIu64 ", reconnects %" PRIu64,
            f->done, f->refused, f->hidden, f->repeated, f->cut, f->reconnects);
    say_media(r, f);
    cli_say(r, "  a student: %.2f kbit/s in, %.2f out, %.1f KB of memory; CPU %.1f %% of a core",
            (double)f->bytes_received * 8 / 1000 / people / seconds,
            (double)f->bytes_sent * 8 / 1000 / people / seconds,
            (double)f->memory_bytes / 1024 / people, (double)f->cpu_us / 1e4 / seconds);
    say_bytes(r, f, people, seconds);
    for (uint32_t i = 0; i < v->count; i++) {
        cli_say(r, "%s  %-16s %s", v->findings[i].passed ? "pass" : "FAIL", v->findings[i].name,
                v->findings[i].text);
    }
    cli_say(r, "%s%s",
            v->saturated               ? "INVALID: this machine could not keep up: "
            : v->exit_code == CLI_DONE ? "PASS"
                                       : "FAIL",
            v->why);
}

/* --- for programs ---------------------------------------------------------------------------- */

static void add_delay(cJSON *to, const char *name, const load_histogram *h)
{
    cJSON *delay = cJSON_AddObjectToObject(to, name);
    (void)cJSON_AddNumberToObject(delay, "count", (double)h->count);
    (void)cJSON_AddNumberToObject(delay, "median_ms",
                                  cli_tenths(ms(load_histogram_quantile(h, 500))));
    (void)cJSON_AddNumberToObject(delay, "p95_ms", cli_tenths(ms(load_histogram_quantile(h, 950))));
    (void)cJSON_AddNumberToObject(delay, "p99_ms", cli_tenths(ms(load_histogram_quantile(h, 990))));
    (void)cJSON_AddNumberToObject(delay, "max_ms", cli_tenths(ms(h->max)));
}

static void add_counts(cJSON *to, const load_figures *f, const load_compared *c)
{
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {
        {"people", f->people},
        {"joined", f->joined},
        {"done", f->done},
        {"refused", f->refused},
        {"told_ordered", f->told_ordered},
        {"told_crowd", f->told_crowd},
        {"told_again", f->told_again},
        {"told_latest", f->told_latest},
        {"hidden", f->hidden},
        {"repeated", f->repeated},
        {"cut", f->cut},
        {"reconnects", f->reconnects},
        {"put_out", f->ended},
        {"gaps", f->gaps},
        {"mismatches", f->mismatches},
        {"lost", c->lost + f->own_lost},
        {"extra", c->extra},
        {"doubled", f->doubled + f->own_doubled},
        {"out_of_order", f->backward + c->swapped},
        {"leaked", f->leaked},
        {"compared", c->tallies},
        {"replicas", c->states},
        {"replicas_differ", c->states_differ},
        {"replicas_behind", c->states_behind},
        {"bytes_received", f->bytes_received},
        {"bytes_sent", f->bytes_sent},
        {"messages_received", f->messages},
        {"bytes_framing", f->bytes_framing},
        {"bytes_headers", HEADERS * f->messages},
        {"bytes_ordered", f->bytes_ordered},
        {"bytes_crowd", f->bytes_crowd},
        {"bytes_presence", f->bytes_presence},
        {"bytes_state", f->bytes_state},
        {"watchers", f->watchers},
        {"without_picture", f->blind + f->media_refused},
        {"froze", f->froze},
        {"freezes", f->freezes},
        {"frozen_us", f->frozen_us},
        {"watched_us", f->watched_us},
        {"stalled", f->stalled},
        {"stalled_froze", f->stalled_froze},
        {"pictures_received", f->frames_received},
        {"media_bytes_received", f->media_bytes_received},
        {"publishers", f->publishers},
        {"published", f->published},
        {"media_bytes_sent", f->media_bytes_sent},
        {"frames_unsent", f->frames_unsent},
        {"media_reconnects", f->media_reconnects},
        {"cpu_us", f->cpu_us},
        {"memory_bytes", f->memory_bytes},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        (void)cJSON_AddNumberToObject(to, counts[i].name, (double)counts[i].value);
    }
}

static void tell_json(cli_report *r, const load_figures *f, const load_compared *c,
                      const load_verdict *v)
{
    cJSON *summary = cli_json(r, "summary");
    (void)cJSON_AddBoolToObject(summary, "ok", v->exit_code == CLI_DONE);
    (void)cJSON_AddNumberToObject(summary, "exit_code", v->exit_code);
    (void)cJSON_AddBoolToObject(summary, "saturated", v->saturated);
    (void)cJSON_AddStringToObject(summary, "why", v->why);
    add_counts(summary, f, c);
    cJSON *delays = cJSON_AddObjectToObject(summary, "delays");
    add_delay(delays, "join", &f->join_us);
    add_delay(delays, "ordered", &f->ordered_us);
    add_delay(delays, "crowd", &f->crowd_us);
    add_delay(delays, "latest", &f->latest_us);
    add_delay(delays, "first_picture", &f->first_picture_us);
    add_delay(delays, "playout", &f->playout_us);
    add_delay(delays, "own", &f->late_us);
    cJSON *edge = load_metrics_between(&c->before, &c->after);
    if (edge != NULL) {
        (void)cJSON_AddItemToObject(summary, "edge", edge);
    }
    cJSON *checks = cJSON_AddArrayToObject(summary, "checks");
    for (uint32_t i = 0; i < v->count; i++) {
        cJSON *check = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(check, "name", v->findings[i].name);
        (void)cJSON_AddBoolToObject(check, "passed", v->findings[i].passed);
        (void)cJSON_AddStringToObject(check, "text", v->findings[i].text);
        (void)cJSON_AddItemToArray(checks, check);
    }
    cli_json_line(r, summary);
}

void load_tell(cli_report *report, const load_figures *f, const load_compared *c,
               const load_verdict *v, uint32_t processes)
{
    if (report->json) {
        tell_json(report, f, c, v);
    } else {
        say_table(report, f, v, processes);
    }
}

/* The names and texts are ours: there is nothing in them to be escaped. */
bool load_write_junit(cli_report *report, const char *path, const load_verdict *v, double seconds)
{
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        (void)cli_fail(report, "%s: %s", path, strerror(errno));
        return false;
    }
    uint32_t failures = 0;
    for (uint32_t i = 0; i < v->count; i++) {
        failures += !v->findings[i].passed;
    }
    (void)fprintf(file, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    (void)fprintf(file,
                  "<testsuite name=\"chalkrail load\" tests=\"%u\" failures=\"%u\" errors=\"%d\" "
                  "time=\"%.1f\">\n",
                  v->count, failures, v->saturated, seconds);
    for (uint32_t i = 0; i < v->count; i++) {
        const load_finding *finding = &v->findings[i];
        (void)fprintf(file, "  <testcase classname=\"load\" name=\"%s\">", finding->name);
        if (v->saturated) {
            (void)fprintf(file, "<error message=\"this machine could not keep up: %s\"/>", v->why);
        } else if (!finding->passed) {
            (void)fprintf(file, "<failure message=\"%s\"/>", finding->text);
        }
        (void)fprintf(file, "</testcase>\n");
    }
    (void)fprintf(file, "</testsuite>\n");
    bool failed = ferror(file) != 0;
    if (fclose(file) != 0 || failed) {
        (void)cli_fail(report, "%s: it cannot be written", path);
        return false;
    }
    return true;
}
