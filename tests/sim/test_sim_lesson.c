/* Lessons over simulated networks: every rule holds in every scenario, and a seed repeats a run. */
#include "sim/lesson.h"
#include "support/check.h"
#include "support/seeds.h"

#include "base/check.h"

#include <string.h>

static ck_lesson_report report;

static const ck_lesson_report *run(const ck_scenario *scenario, uint64_t seed, bool packets)
{
    const ck_lesson_options options = {.scenario = scenario, .seed = seed, .packets = packets};
    ck_lesson_run(&options, &report);
    return &report;
}

static void check(const ck_scenario *scenario, uint64_t seed, bool packets)
{
    const ck_lesson_report *r = run(scenario, seed, packets);
    if (r->broken[0] != '\0') {
        CK_FAIL("%s%s, seed %" PRIu64 ": %s", scenario->name, packets ? " in packets" : "", seed,
                r->broken);
    }
    CK_CHECK_EQ(r->plays, CK_MAX(scenario->students, 1));
}

CK_TEST(sim_lesson, every_rule_holds_in_every_scenario)
{
    for (size_t i = 0; i < ck_scenario_count; i++) {
        CK_FOR_SEEDS(seed, 50)
        {
            check(&ck_scenarios[i], seed, false);
            check(&ck_scenarios[i], seed, true);
        }
    }
}

/* A rule that cannot be broken checks nothing. */
CK_TEST(sim_lesson, each_rule_can_be_broken)
{
    static const struct {
        enum ck_lesson_fault fault;
        const char *scenario;
        bool packets;
        const char *rule;
    } rows[] = {
        {CK_FAULT_NO_ANSWER, "office_wire", false, "not live again"},
        {CK_FAULT_TWO_ANSWERS, "office_wire", false, "requests were not answered once"},
        {CK_FAULT_LEAK, "office_wire", false, "a transport was not closed"},
        {CK_FAULT_TIGHT_QUEUES, "office_wire", false, "the jitter buffer is not bounded"},
        {CK_FAULT_TIGHT_QUEUES, "office_wire", true, "the jitter buffer is not bounded"},
        {CK_FAULT_BACK, "office_wire", false, "sound went back"},
        {CK_FAULT_BACK, "office_wire", true, "sound went back"},
        {CK_FAULT_DEAF, "laptop_sleep_40s", false, "not live again"},
        {CK_FAULT_DEAF, "lte_handover", true, "not live again"},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        const ck_lesson_options options = {.scenario = ck_scenario_find(rows[i].scenario),
                                           .seed = 1,
                                           .packets = rows[i].packets,
                                           .fault = rows[i].fault};
        ck_lesson_run(&options, &report);
        CK_CHECK_ROW(i, strncmp(report.broken, rows[i].rule, strlen(rows[i].rule)) == 0);
    }
}

CK_TEST(sim_lesson, a_wire_needs_next_to_nothing)
{
    for (int packets = 0; packets <= 1; packets++) {
        const ck_lesson_report *r = run(ck_scenario_find("office_wire"), 1, packets);
        CK_CHECK_ROW(packets, r->mean_delay_us < 60000);
        CK_CHECK_ROW(packets, r->concealed_us * 200 < r->played_us);
        CK_CHECK_ROW(packets, r->steady_rate_ppm <= 20000);
        CK_CHECK_ROW(packets, r->freezes == 0);
    }
}

CK_TEST(sim_lesson, drift_is_followed_for_an_hour)
{
    static const int32_t drifts_ppm[] = {-200, 200};
    for (int i = 0; i < 4; i++) {
        ck_scenario hour = *ck_scenario_find("clock_drift_200ppm");
        hour.seconds = 3600;
        hour.drift_ppm = drifts_ppm[i / 2];
        const ck_lesson_report *r = run(&hour, 3, i % 2 == 1);
        CK_CHECK_ROW(i, r->broken[0] == '\0');
        CK_CHECK_ROW(i, r->played_us > UINT64_C(3590000000));
        CK_CHECK_ROW(i, r->mean_delay_us < 80000);
        CK_CHECK_ROW(i, r->concealed_us * 100 < r->played_us); /* half of it may come too late */
        CK_CHECK_ROW(i, r->skew_p95_us <= 40000);
        CK_CHECK_ROW(i, r->steady_rate_ppm <= 20000);
    }
}

/* Found once, committed so that they stay mended. */
CK_TEST(sim_lesson, seeds_that_once_failed)
{
    static const struct {
        const char *name;
        uint64_t seed;
        bool packets;
    } rows[] = {
        {"subway_3g", 1, true},             /* a packet asked for again took the time line back */
        {"subway_3g", 22, false},           /* loss without end kept a stream from coming back */
        {"edge_restart", 34, false},        /* waited as long as the session's back-off may be */
        {"school_wifi_scan", 304, false},   /* two time-outs in a row after a scan */
        {"subway_3g", 358, false},          /* the same, longer */
        {"bell_rush_300_join", 393, false}, /* a connection's first packet was dropped */
        {"school_wifi_scan", 322, false},   /* a burst of loss lasted as long as nothing was sent */
        {"school_wifi_scan", 1277, false},  /* a time-out knew nothing of the SYN's round trip */
        {"subway_3g", 1638, false},         /* what was sent again was lost again */
        {"subway_3g", 881, false},          /* the same, at the end */
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        check(ck_scenario_find(rows[i].name), rows[i].seed, rows[i].packets);
    }
}

CK_TEST(sim_lesson, a_seed_repeats_a_run)
{
    for (size_t i = 0; i < ck_scenario_count; i++) {
        uint64_t first = run(&ck_scenarios[i], 7, false)->hash;
        CK_CHECK_ROW(i, run(&ck_scenarios[i], 7, false)->hash == first);
        CK_CHECK_ROW(i, run(&ck_scenarios[i], 8, false)->hash != first);
    }
}
