/* Pass, fail, or not measured. */
#include "load/load.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#define LATE_US_MAX 100000u /* of the 99th percentile of what was to be done */
#define CPU_MAX     0.9     /* of a processor for each process */

void load_figures_add(load_figures *sum, const load_figures *part)
{
    uint64_t *to = &sum->people;
    const uint64_t *from = &part->people;
    const size_t plain = offsetof(load_figures, join_us) / sizeof *to;
    for (size_t i = 0; i < plain; i++) {
        to[i] += from[i];
    }
    load_histogram_merge(&sum->join_us, &part->join_us);
    load_histogram_merge(&sum->ordered_us, &part->ordered_us);
    load_histogram_merge(&sum->crowd_us, &part->crowd_us);
    load_histogram_merge(&sum->latest_us, &part->latest_us);
    load_histogram_merge(&sum->first_picture_us, &part->first_picture_us);
    load_histogram_merge(&sum->playout_us, &part->playout_us);
    load_histogram_merge(&sum->late_us, &part->late_us);
}

uint64_t load_told(const load_figures *f)
{
    return f->told_ordered + f->told_crowd + f->told_latest;
}

static void find(load_verdict *v, const char *name, bool passed, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void find(load_verdict *v, const char *name, bool passed, const char *format, ...)
{
    load_finding *finding = &v->findings[v->count++];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(finding->text, sizeof finding->text, format, args);
    va_end(args);
    finding->name = name;
    finding->passed = passed;
}

static void find_delay(load_verdict *v, const char *name, const load_histogram *h, uint64_t most_ms)
{
    uint64_t p99_us = load_histogram_quantile(h, 990);
    if (h->count > 0) {
        find(v, name, p99_us <= most_ms * 1000, "99th percentile %.1f ms, at most %" PRIu64 " ms",
             (double)p99_us / 1000, most_ms);
    }
}

static void find_truth(load_verdict *v, const load_figures *f, const load_compared *c)
{
    uint64_t lost = c->lost + f->own_lost;
    uint64_t doubled = f->doubled + f->own_doubled + c->extra;
    uint64_t altered = c->altered + c->contradictions + f->contradicted + f->mismatches;
    find(v, "nothing-lost", lost + f->gaps + c->states_behind == 0 && !c->failed,
         "%" PRIu64 " events missing, %" PRIu64 " of them the author's own; %" PRIu64
         " gaps that were mended; %" PRIu64 " replicas did not come to the end",
         lost, f->own_lost, f->gaps, c->states_behind);
    find(v, "nothing-doubled", doubled == 0, "%" PRIu64 " events told twice, or to too many",
         doubled);
    find(v, "in-order", f->backward + c->swapped == 0,
         "%" PRIu64 " events after a later one, %" PRIu64 " participants with some in other places",
         f->backward, c->swapped);
    find(v, "nothing-altered", altered == 0 && c->states_differ == 0,
         "%" PRIu64 " differences in what was told, %" PRIu64 " of %" PRIu64
         " replicas differ from the first of their room that came as far",
         altered, c->states_differ, c->states);
    find(v, "nothing-leaked", f->leaked == 0, "%" PRIu64 " private events told to others",
         f->leaked);
}

static void find_media(load_verdict *v, const load_options *o, const load_figures *f)
{
    uint64_t none = f->blind + f->media_refused;
    double frozen = f->watched_us > 0 ? 100 * (double)f->frozen_us / (double)f->watched_us : 0;
    if (f->watchers > 0) {
        find(v, "pictures", none == 0, "%" PRIu64 " of %" PRIu64 " never had one", none,
             f->watchers);
        find(v, "frozen", frozen <= (double)o->frozen_ppm / 10000,
             "%.3f %% of the time, at most %g %%", frozen, (double)o->frozen_ppm / 10000);
    }
    if (f->publishers > 0) {
        find(v, "published", f->published == f->publishers,
             "%" PRIu64 " of %" PRIu64 " were live at the end", f->published, f->publishers);
    }
}

/* Whether delays and freezes say anything of the service, and if not, why. */
static void find_saturation(load_verdict *v, const load_figures *f)
{
    uint64_t late_us = load_histogram_quantile(&f->late_us, 990);
    /* wall_us is the sum over all processes, as cpu_us is. */
    double busy = f->wall_us > 0 ? (double)f->cpu_us / (double)f->wall_us : 0;
    v->saturated = late_us > LATE_US_MAX || busy > CPU_MAX || f->dropped > 0;
    if (late_us > LATE_US_MAX) {
        (void)snprintf(v->why, sizeof v->why,
                       "1 thing in 100 was done %" PRIu64 " ms late or later", late_us / 1000);
    } else if (busy > CPU_MAX) {
        (void)snprintf(v->why, sizeof v->why, "each process used %.0f %% of a processor",
                       100 * busy);
    } else if (f->dropped > 0) {
        (void)snprintf(v->why, sizeof v->why, "%" PRIu64 " events were not taken in time",
                       f->dropped);
    }
}

void load_judge(const load_options *o, const load_figures *f, const load_compared *c,
                load_verdict *out)
{
    *out = (load_verdict){.exit_code = CLI_DONE};
    find(out, "joined", f->joined == f->people, "%" PRIu64 " of %" PRIu64 "%s", f->joined,
         f->people, f->joined == 0 ? ": nobody came in, so the run ended early" : "");
    find(out, "stayed", f->ended == 0, "%" PRIu64 " were put out", f->ended);
    find_delay(out, "join-p99", &f->join_us, o->join_ms);
    find_delay(out, "ordered-p99", &f->ordered_us, o->ordered_ms);
    find_delay(out, "crowd-p99", &f->crowd_us, o->crowd_ms);
    find_truth(out, f, c);
    find_media(out, o, f);
    find_saturation(out, f);
    for (uint32_t i = 0; i < out->count; i++) {
        out->exit_code = out->findings[i].passed ? out->exit_code : CLI_FAILED;
    }
    out->exit_code = out->saturated ? LOAD_SATURATED : out->exit_code;
}
