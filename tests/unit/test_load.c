/* The pure parts of `chalkrail load`: times, who was told what, what a class does, the verdict. */
#include "cli/stop.h"
#include "load/histogram.h"
#include "load/load.h"

#include "support/check.h"

#include <signal.h>
#include <string.h>

/* --- times ----------------------------------------------------------------------------------- */

CK_TEST(histogram, a_quantile_is_at_most_a_step_too_large)
{
    static const uint64_t values[] = {0, 1, 63, 64, 65, 127, 128, 1000, 65535, 450000, 1u << 30};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        static load_histogram h;
        memset(&h, 0, sizeof h);
        load_histogram_add(&h, values[i]);
        load_histogram_add(&h, UINT64_MAX);
        uint64_t half = load_histogram_quantile(&h, 500);
        CK_CHECK_ROW((int)i, half >= values[i] && half <= values[i] + values[i] / 32);
        CK_CHECK_EQ(load_histogram_quantile(&h, 1000), (UINT64_C(1) << 37) - 1);
    }
}

CK_TEST(histogram, quantiles_of_a_hundred)
{
    static load_histogram h, halves[2];
    CK_CHECK_EQ(load_histogram_quantile(&h, 990), 0);
    memset(&h, 0, sizeof h);
    memset(halves, 0, sizeof halves);
    for (uint64_t v = 1; v <= 100; v++) {
        load_histogram_add(&h, v * 1000);
        load_histogram_add(&halves[v % 2], v * 1000);
    }
    CK_CHECK(load_histogram_quantile(&h, 990) >= 99000);
    CK_CHECK(load_histogram_quantile(&h, 990) < 99000 * 33 / 32);
    CK_CHECK(load_histogram_quantile(&h, 500) >= 50000);
    CK_CHECK(load_histogram_quantile(&h, 500) < 50000 * 33 / 32);
    CK_CHECK_EQ(load_histogram_quantile(&h, 1000), 100000);
    load_histogram_merge(&halves[0], &halves[1]);
    CK_CHECK(memcmp(&h, &halves[0], sizeof h) == 0);
}

/* --- who was told what ----------------------------------------------------------------------- */

static const uint64_t heard_numbers[] = {3, 4, 7, 8, 11};
#define HEARD 5

static load_ledger make_ledger(void)
{
    load_ledger l = {0};
    for (size_t i = HEARD; i > 0; i--) { /* from several processes they do not come in order */
        uint64_t number = heard_numbers[i - 1];
        load_ledger_add(&l, number, load_print(0, 1, "x", 1));
        load_ledger_add(&l, number, load_print(0, 1, "x", 1));
    }
    load_ledger_close(&l);
    return l;
}

typedef struct telling {
    const char *what;
    uint64_t numbers[8]; /* 0: the end */
    uint64_t altered;    /* this number's text is another */
    uint64_t lost, extra;
    bool differs;
    int out_of_order;
} telling;

CK_TEST(ledger, finds_what_is_wrong)
{
    static const telling rows[] = {
        {"all", {3, 4, 7, 8, 11}, 0, 0, 0, false, 0},
        {"from later on", {7, 8, 11}, 0, 0, 0, false, 0},
        {"one is lost", {3, 4, 8, 11}, 0, 1, 0, false, 0},
        {"the last is lost", {3, 4, 7, 8}, 0, 1, 0, false, 0},
        {"one comes twice", {3, 4, 4, 7, 8, 11}, 0, 0, 1, false, 1},
        {"one comes twice, one is lost", {3, 4, 4, 8, 11}, 0, 0, 0, true, 1},
        {"two are swapped", {3, 7, 4, 8, 11}, 0, 0, 0, false, 1},
        {"a private one leaks", {3, 4, 5, 7, 8, 11}, 0, 0, 1, false, 0},
        {"another text", {3, 4, 7, 8, 11}, 7, 0, 0, true, 0},
    };
    load_ledger l = make_ledger();
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        const telling *r = &rows[row];
        load_tally t = {0};
        int out_of_order = 0;
        for (const uint64_t *n = r->numbers; *n != 0; n++) {
            uint64_t print = load_print(0, 1, *n == r->altered ? "y" : "x", 1);
            out_of_order += load_tally_add(&t, *n, print) != LOAD_IN_ORDER;
        }
        load_difference d = load_ledger_compare(&l, &t, 11);
        CK_CHECK_ROW((int)row, d.lost == r->lost && d.extra == r->extra);
        CK_CHECK_ROW((int)row,
                     (d.altered || d.swapped) == r->differs && out_of_order == r->out_of_order);
    }
    load_ledger_free(&l);
}

CK_TEST(ledger, two_events_of_one_number_contradict)
{
    load_ledger l = make_ledger();
    CK_CHECK_EQ(l.count, HEARD);
    CK_CHECK_EQ(l.contradictions, 0);
    CK_CHECK(load_ledger_has(&l, 7) && !load_ledger_has(&l, 6) && !load_ledger_has(&l, 12));
    load_ledger_add(&l, 7, load_print(0, 2, "x", 1));
    CK_CHECK_EQ(l.contradictions, 1);
    const load_tally nobody = {0};
    load_difference d = load_ledger_compare(&l, &nobody, 11);
    CK_CHECK(d.lost == 0 && d.extra == 0 && !d.altered);
    load_ledger_free(&l);
}

CK_TEST(ledger, what_is_in_another_place_is_told_from_what_is_another)
{
    load_ledger l = {0};
    load_tally swapped = {0}, altered = {0}, earlier = {0};
    static const char text[] = "abcd";
    for (uint64_t n = 1; n <= 4; n++) {
        uint64_t other = n == 2 ? 3 : n == 3 ? 2 : n;
        load_ledger_add(&l, n, load_print(0, 1, &text[n - 1], 1));
        (void)load_tally_add(&swapped, n, load_print(0, 1, &text[other - 1], 1));
        (void)load_tally_add(&altered, n, load_print(0, n == 2 ? 2 : 1, &text[n - 1], 1));
    }
    (void)load_tally_add(&earlier, 2, load_print(0, 1, "b", 1));
    earlier.to = 2; /* from then on it was told anew */
    load_ledger_close(&l);
    load_difference d = load_ledger_compare(&l, &swapped, 4);
    CK_CHECK(d.swapped && !d.altered && d.lost == 0 && d.extra == 0);
    d = load_ledger_compare(&l, &altered, 4);
    CK_CHECK(!d.swapped && d.altered);
    d = load_ledger_compare(&l, &earlier, 4);
    CK_CHECK(!d.swapped && !d.altered && d.lost == 0 && d.extra == 0);
    load_ledger_free(&l);
}

/* A full replica that came to `number`, where the newest `lines` messages were said. */
static load_state make_state(uint64_t number, uint64_t lines)
{
    load_state state = {.number = number, .print = 5 + number, .line_count = lines};
    for (uint64_t i = 0; i < lines; i++) {
        state.lines[i] = load_print(number - i, 1, "x", 1);
    }
    return state;
}

CK_TEST(states, differ_where_they_came_equally_far)
{
    load_state s[] = {make_state(90, 9), make_state(90, 9), make_state(88, 9), make_state(90, 3),
                      make_state(88, 9)};
    const size_t count = sizeof s / sizeof *s;
    CK_CHECK_EQ(load_states_differ(s, 0), 0);
    CK_CHECK_EQ(load_states_behind(s, 0), 0);
    CK_CHECK_EQ(load_states_differ(s, count), 0); /* on the way; came late */
    CK_CHECK_EQ(load_states_behind(s, count), 2);
    s[3].lines[2]++;
    CK_CHECK_EQ(load_states_differ(s, count), 1);
    s[4].print++;
    CK_CHECK_EQ(load_states_differ(s, count), 2);
    s[1].lines[8]++;
    CK_CHECK_EQ(load_states_differ(s, count), 3);
    CK_CHECK_EQ(load_states_behind(s, 2), 0);
}

/* --- what a class does ----------------------------------------------------------------------- */

static bool speaks(enum load_verb verb)
{
    return verb == LOAD_SAY || verb == LOAD_WHISPER || verb == LOAD_REACT || verb == LOAD_POLL;
}

CK_TEST(profile, is_the_same_each_time_and_another_with_another_seed)
{
    for (uint32_t kind = LOAD_LECTURE; kind <= LOAD_CLASSROOM10K; kind++) {
        static load_profile p[3];
        load_action a[3];
        bool same = true;
        for (uint32_t i = 0; i < 3; i++) {
            const load_profile_config c = {(enum load_profile_kind)kind, i == 2 ? 2 : 1, 1, 50};
            load_profile_init(&p[i], &c);
        }
        uint64_t at_us = 0;
        for (int n = 0; n < 2000; n++) {
            for (int i = 0; i < 3; i++) {
                CK_CHECK_ROW((int)kind, load_profile_next(&p[i], &a[i]));
            }
            CK_CHECK_ROW((int)kind, a[0].at_us == a[1].at_us && a[0].who == a[1].who);
            CK_CHECK_ROW((int)kind, strcmp(a[0].text, a[1].text) == 0 && a[0].x == a[1].x);
            CK_CHECK_ROW((int)kind, a[0].at_us >= at_us && a[0].who < 51);
            CK_CHECK_ROW((int)kind, (a[0].text[0] != '\0') == speaks(a[0].verb));
            same = same && a[0].at_us == a[2].at_us;
            at_us = a[0].at_us;
        }
        CK_CHECK_ROW((int)kind, !same);
    }
}

/* The reference says 214 messages and 60 points a second, a message once in 47 s each, the mean
 * index of who writes a quarter of the class (but for those past its end), 3 in 5 short. */
CK_TEST(profile, classroom10k_is_as_the_reference)
{
    static load_profile p;
    const load_profile_config config = {LOAD_CLASSROOM10K, 20260101, 1, 10000};
    load_profile_init(&p, &config);
    load_action a;
    double said = 0, points = 0, index = 0, bytes = 0;
    while (load_profile_next(&p, &a) && a.at_us < 60000000) {
        CK_CHECK(a.verb == LOAD_SAY || a.verb == LOAD_POINT);
        points += a.verb == LOAD_POINT;
        if (a.verb == LOAD_SAY) {
            said++;
            index += a.who - 1;
            bytes += (double)strlen(a.text);
        }
    }
    CK_CHECK(points > 3598 && points < 3601);
    CK_CHECK(said > 214 * 60 * 0.96 && said < 214 * 60 * 1.04);
    CK_CHECK(index / said > 2300 && index / said < 2600);
    CK_CHECK(bytes / said > 20 && bytes / said < 28);
}

CK_TEST(profile, nobody_does_nothing)
{
    load_profile p;
    load_action a;
    const load_profile_config config = {LOAD_LECTURE, 1, 0, 0};
    load_profile_init(&p, &config);
    CK_CHECK(!load_profile_next(&p, &a));
}

/* --- the verdict ----------------------------------------------------------------------------- */

static load_figures figures;
static load_compared compared;

static const load_options within = {.join_ms = 3000, .ordered_ms = 450, .crowd_ms = 1000};

/* A run in which all was as it should be. */
static void hold(void)
{
    figures = (load_figures){.people = 20, .joined = 20, .wall_us = 1000000, .cpu_us = 100000};
    compared = (load_compared){.tallies = 20, .states = 2};
    for (int i = 0; i < 1000; i++) {
        load_histogram_add(&figures.join_us, 1000);
        load_histogram_add(&figures.ordered_us, 1000);
        load_histogram_add(&figures.crowd_us, 1000);
        load_histogram_add(&figures.late_us, 1000);
    }
}

/* The name of the only check that failed; "": none did. */
static const char *what_failed(const load_verdict *v)
{
    const char *found = "";
    for (uint32_t i = 0; i < v->count; i++) {
        if (!v->findings[i].passed) {
            found = found[0] == '\0' ? v->findings[i].name : "several";
        }
    }
    return found;
}

typedef struct fault {
    const char *finding;
    uint64_t *value;
    uint64_t is;
} fault;

CK_TEST(verdict, names_what_did_not_hold)
{
    const fault rows[] = {
        {"", &figures.said, 7},
        {"joined", &figures.joined, 19},
        {"stayed", &figures.ended, 1},
        {"nothing-lost", &compared.lost, 1},
        {"nothing-lost", &figures.own_lost, 1},
        {"nothing-lost", &figures.gaps, 1},
        {"nothing-lost", &compared.states_behind, 1},
        {"nothing-doubled", &figures.doubled, 1},
        {"nothing-doubled", &figures.own_doubled, 1},
        {"nothing-doubled", &compared.extra, 1},
        {"in-order", &figures.backward, 1},
        {"nothing-altered", &compared.altered, 1},
        {"nothing-altered", &compared.contradictions, 1},
        {"nothing-altered", &compared.states_differ, 1},
        {"nothing-altered", &figures.mismatches, 1},
        {"nothing-altered", &figures.contradicted, 1},
        {"nothing-leaked", &figures.leaked, 1},
    };
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        load_verdict v;
        hold();
        *rows[row].value = rows[row].is;
        load_judge(&within, &figures, &compared, &v);
        CK_CHECK_ROW((int)row, strcmp(what_failed(&v), rows[row].finding) == 0);
        CK_CHECK_ROW((int)row,
                     v.exit_code == (rows[row].finding[0] == '\0' ? CLI_DONE : CLI_FAILED));
    }
}

CK_TEST(verdict, delays_are_judged_by_the_99th_percentile)
{
    load_verdict v;
    load_histogram *const delays[] = {&figures.join_us, &figures.ordered_us, &figures.crowd_us};
    static const char *const names[] = {"join-p99", "ordered-p99", "crowd-p99"};
    for (int row = 0; row < 3; row++) {
        hold();
        for (int i = 0; i < 10; i++) { /* 10 of 1,010: above the 99th */
            load_histogram_add(delays[row], 3500000);
        }
        load_judge(&within, &figures, &compared, &v);
        CK_CHECK_ROW(row, v.exit_code == CLI_DONE);
        load_histogram_add(delays[row], 3500000);
        load_judge(&within, &figures, &compared, &v);
        CK_CHECK_ROW(row, v.exit_code == CLI_FAILED && strcmp(what_failed(&v), names[row]) == 0);
    }
}

CK_TEST(verdict, a_generator_that_could_not_keep_up_has_measured_nothing)
{
    static const char *const why[] = {"used 95 %", "1 events", "110 ms late"};
    load_verdict v;
    for (int row = 0; row < 3; row++) {
        hold();
        figures.leaked = 1;
        figures.cpu_us = row == 0 ? 950000 : 100000;
        figures.dropped = row == 1;
        for (int i = 0; row == 2 && i < 11; i++) {
            load_histogram_add(&figures.late_us, 110000);
        }
        load_judge(&within, &figures, &compared, &v);
        CK_CHECK_ROW(row, v.saturated && v.exit_code == LOAD_SATURATED);
        CK_CHECK_ROW(row, strstr(v.why, why[row]) != NULL);
    }
}

CK_TEST(verdict, figures_of_processes_are_added_up)
{
    static load_figures sum;
    hold();
    sum = (load_figures){0};
    load_figures_add(&sum, &figures);
    load_figures_add(&sum, &figures);
    CK_CHECK(sum.people == 40 && sum.cpu_us == 200000 && sum.join_us.count == 2000);
    CK_CHECK(sum.late_us.count == 2000 && sum.crowd_us.max == 1000);
}

/* --- stopping -------------------------------------------------------------------------------- */

/* A terminal's Ctrl-C reaches it, and then what its parent sends. */
CK_TEST(stop, a_worker_is_told_twice_and_lives)
{
    CK_CHECK(cli_stop_install() && cli_stop_in_a_child());
    CK_CHECK(raise(SIGINT) == 0 && raise(SIGINT) == 0);
    CK_CHECK(raise(SIGTERM) == 0 && raise(SIGTERM) == 0);
    CK_CHECK(cli_interrupted());
}
