/* A room in which everything fails: every rule holds for every seed, and a seed repeats a run. */
#include "sim/room.h"
#include "support/check.h"
#include "support/seeds.h"

CK_TEST(sim_room, keeps_its_rules_whatever_fails)
{
    ck_room_run all = {0};
    CK_FOR_SEEDS(seed, 50)
    {
        ck_room_run run = {.seed = seed};
        ck_room_simulate(&run);
        if (run.broken[0] != '\0') {
            CK_FAIL("seed %llu: %s", (unsigned long long)seed, run.broken);
        }
        all.edges_died += run.edges_died;
        all.fenced += run.fenced;
        all.full += run.full;
        all.accepted += run.accepted;
        all.crowd += run.crowd;
        all.in_step += run.in_step;
        all.resumed += run.resumed;
        all.snapshots += run.snapshots;
        all.unpacked += run.unpacked;
    }
    /* That none of it was reached by accident alone. */
    if (ck_seed_env("CHALKRAIL_SEED") == 0) {
        CK_CHECK(all.edges_died > 50 && all.fenced > 50 && all.full > 5);
        CK_CHECK(all.accepted > 2000 && all.crowd > 200 && all.in_step > 1000);
        CK_CHECK(all.resumed > 20 && all.snapshots > 500 && all.unpacked > 1000);
    }
}

CK_TEST(sim_room, seeds_that_failed_once)
{
    static const uint64_t seeds[] = {250, 410, 544, 830, 1017, 1197, 1268, 2339, 4384};
    for (size_t row = 0; row < sizeof seeds / sizeof *seeds; row++) {
        ck_room_run run = {.seed = seeds[row]};
        ck_room_simulate(&run);
        CK_CHECK_STR(run.broken, "");
    }
}

CK_TEST(sim_room, a_seed_repeats_a_run)
{
    for (uint64_t seed = 3; seed < 6; seed++) {
        ck_room_run first = {.seed = seed}, second = {.seed = seed};
        ck_room_simulate(&first);
        ck_room_simulate(&second);
        CK_CHECK_ROW(seed, first.hash == second.hash && first.events == second.events);
    }
}
