#include "sim/scenario.h"

#include "base/check.h"

#include <string.h>

#define MBIT 1000000u
#define KBIT 1000u
#define MS   1000u

#define WIRE                                                                                       \
    {                                                                                              \
        .rate_bps = 100 * MBIT, .delay_us = 10 * MS                                                \
    }

const ck_scenario ck_scenarios[] = {
    {
        .name = "office_wire",
        .what = "nothing goes wrong",
        .seconds = 30,
        .publish = WIRE,
        .down = {.rate_bps = 50 * MBIT, .delay_us = 10 * MS, .jitter_us = 2 * MS},
        .up = {.delay_us = 10 * MS},
    },
    {
        .name = "school_wifi_scan",
        .what = "a busy access point; the card looks for others every few seconds",
        .seconds = 40,
        .publish = WIRE,
        .down = {.rate_bps = 12 * MBIT,
                 .delay_us = 15 * MS,
                 .jitter_us = 25 * MS,
                 .loss_ppm = 500,
                 .loss_bad_ppm = 200000,
                 .to_bad_ppm = 2000,
                 .to_good_ppm = 200000,
                 .queue_bytes = 200000},
        .up = {.delay_us = 15 * MS, .jitter_us = 20 * MS},
        .pause_every_ms = 6000,
        .pause_ms = 180,
        .join_ms = 3000, /* a lost packet of the handshakes comes again after a second (RFC 6298) */
    },
    {
        .name = "lte_handover",
        .what = "a moving phone; nothing for 0.6 s, then another path",
        .seconds = 40,
        .publish = WIRE,
        .down = {.rate_bps = 8 * MBIT,
                 .delay_us = 35 * MS,
                 .jitter_us = 15 * MS,
                 .loss_ppm = 200,
                 .reorder_ppm = 2000,
                 .reorder_us = 20 * MS,
                 .double_ppm = 200,
                 .queue_bytes = 400000},
        .up = {.delay_us = 35 * MS, .jitter_us = 10 * MS},
        .trace = "net/mahimahi/TMobile-LTE-short.down",
        .join_ms = 3000, /* as above */
        .pause_every_ms = 12000,
        .pause_ms = 600,
        .handover = true,
    },
    {
        .name = "adsl_upload_starved",
        .what = "the teacher's upload is shared with one that fills a long queue",
        .seconds = 40,
        .publish = {.rate_bps = 900 * KBIT,
                    .delay_us = 25 * MS,
                    .jitter_us = 3 * MS,
                    .queue_bytes = 64000},
        .down = {.rate_bps = 20 * MBIT, .delay_us = 15 * MS, .jitter_us = 2 * MS},
        .up = {.delay_us = 15 * MS},
        .starve_every_ms = 10000,
        .starve_ms = 3000,
    },
    {
        .name = "subway_3g",
        .what = "a weak and changing rate, a queue as long as the tunnel",
        .seconds = 60,
        .publish = WIRE,
        .down = {.rate_bps = 1200 * KBIT,
                 .delay_us = 60 * MS,
                 .jitter_us = 40 * MS,
                 .loss_ppm = 500,
                 .loss_bad_ppm = 200000,
                 .to_bad_ppm = 300,
                 .to_good_ppm = 100000,
                 .queue_bytes = 150000,
                 .codel = true},
        .up = {.delay_us = 60 * MS, .jitter_us = 20 * MS},
        .join_ms =
            3500, /* as above; and six round trips of 160 ms, and what is cached at 1.2 Mbit/s */
        .pause_every_ms = 20000,
        .pause_ms = 1500,
    },
    {
        .name = "bell_rush_300_join",
        .what = "300 students of one school come within three seconds",
        .seconds = 8,
        .students = 300,
        .publish = WIRE,
        .down = {.rate_bps = 400 * MBIT, .delay_us = 10 * MS, .queue_bytes = 2000000},
        .up = {.delay_us = 10 * MS},
        .join_within_ms = 3000,
        .join_ms = 2500, /* a SYN that the full queue drops comes again after a second */
    },
    {
        .name = "laptop_sleep_40s",
        .what = "the lid is closed for 40 s",
        .seconds = 70,
        .publish = WIRE,
        .down = {.rate_bps = 20 * MBIT, .delay_us = 20 * MS, .jitter_us = 4 * MS},
        .up = {.delay_us = 20 * MS},
        .sleep_at_ms = 12000,
        .sleep_ms = 40000,
    },
    {
        .name = "edge_restart",
        .what = "the edge is gone for two seconds, and with it every connection",
        .seconds = 30,
        .students = 5,
        .publish = WIRE,
        .down = {.rate_bps = 20 * MBIT, .delay_us = 20 * MS, .jitter_us = 4 * MS},
        .up = {.delay_us = 20 * MS},
        .restart_at_ms = 10000,
        .restart_ms = 2000,
    },
    {
        .name = "clock_drift_200ppm",
        .what = "the student's sound device is slow by 200 ppm",
        .seconds = 300,
        .publish = WIRE,
        .down = {.rate_bps = 20 * MBIT, .delay_us = 20 * MS, .jitter_us = 6 * MS},
        .up = {.delay_us = 20 * MS},
        .drift_ppm = -200,
    },
};

const size_t ck_scenario_count = CK_COUNT_OF(ck_scenarios);

const ck_scenario *ck_scenario_find(const char *name)
{
    for (size_t i = 0; i < ck_scenario_count; i++) {
        if (strcmp(ck_scenarios[i].name, name) == 0) {
            return &ck_scenarios[i];
        }
    }
    return NULL;
}
