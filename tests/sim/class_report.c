/* chalk-sim class */
#include "sim/class.h"
#include "sim/seeds.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int wrong(void)
{
    fputs("usage: chalk-sim class [--students N] [--seconds N] [--crowd N] [--seed N]\n"
          "A class of 10,000 (N) for 60 s (N) at one edge's sequencer, with 10 (N) messages of the "
          "crowd\n"
          "shown a second. Exit status 1 when a rule did not hold.\n",
          stderr);
    return 2;
}

static bool read_options(ck_class_run *run, int argc, char **argv)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        uint64_t number = 0;
        if (!ck_seeds_number(argv[i + 1], UINT32_MAX, &number)) {
            return false;
        }
        uint32_t value = (uint32_t)number;
        if (strcmp(argv[i], "--students") == 0 && value >= 10 && value <= 16000) {
            run->students = value;
        } else if (strcmp(argv[i], "--seconds") == 0 && value <= 3600) {
            run->seconds = value;
        } else if (strcmp(argv[i], "--crowd") == 0 && value <= 10000) {
            run->crowd_per_s = value;
        } else if (strcmp(argv[i], "--seed") == 0) {
            run->seed = value;
        } else {
            return false;
        }
    }
    return argc % 2 == 1;
}

int ck_class_main(int argc, char **argv)
{
    static const char *const lanes[] = {"packed",   "ordered",  "crowd",
                                        "presence", "personal", "other"};
    ck_class_run run = {.students = 10000, .seconds = 60, .crowd_per_s = 10, .seed = 1};
    if (!read_options(&run, argc, argv)) {
        return wrong();
    }
    ck_class_simulate(&run);
    printf("%-10s %9s %9s %9s\n", "lane", "frames/s", "kbit/s", "plain");
    for (int lane = 0; lane < CK_CLASS_LANES; lane++) {
        printf("%-10s %9.3f %9.3f %9.3f\n", lanes[lane], run.frames_per_s[lane], run.kbps[lane],
               run.plain_kbps[lane]);
    }
    printf("%-10s %9s %9.3f %9.3f\n", "all", "", run.kbps_total, run.plain_kbps_total);
    printf("packed to %.3f; %llu said, %llu shown, %llu hidden\n", run.packed_ratio,
           (unsigned long long)run.said, (unsigned long long)run.shown,
           (unsigned long long)run.hidden);
    printf("%llu deliveries, %.0f ns each, %.1f %% of a processor; %.1f us for one who joins\n",
           (unsigned long long)run.deliveries, run.ns_per_delivery, 100 * run.core_share,
           run.join_us);
    puts(run.broken[0] != '\0' ? run.broken : "ok");
    return run.broken[0] != '\0';
}
