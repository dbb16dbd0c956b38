/* People who draw together while everything fails: every rule holds for every seed. */
#include "sim/room.h"
#include "support/check.h"
#include "support/seeds.h"

CK_TEST(sim_board, converges_whatever_fails)
{
    ck_room_run all = {0};
    CK_FOR_SEEDS(seed, 50)
    {
        ck_room_run run = {.seed = seed, .board = true};
        ck_room_simulate(&run);
        if (run.broken[0] != '\0') {
            CK_FAIL("seed %llu: %s", (unsigned long long)seed, run.broken);
        }
        all.edges_died += run.edges_died;
        all.cuts += run.cuts;
        all.drawn += run.drawn;
        all.undone += run.undone;
        all.objects += run.objects;
    }
    /* That none of it was reached by accident alone. */
    if (ck_seed_env("CHALKRAIL_SEED") == 0) {
        CK_CHECK(all.edges_died > 50 && all.cuts > 100);
        CK_CHECK(all.drawn > 2000 && all.undone > 200 && all.objects > 500);
    }
}

CK_TEST(sim_board, a_seed_repeats_a_run)
{
    for (uint64_t seed = 3; seed < 5; seed++) {
        ck_room_run first = {.seed = seed, .board = true}, second = {.seed = seed, .board = true};
        ck_room_simulate(&first);
        ck_room_simulate(&second);
        CK_CHECK_ROW(seed, first.hash == second.hash && first.drawn == second.drawn);
    }
}

CK_TEST(sim_board, a_long_lesson_is_as_light_as_a_short_one)
{
    ck_long_lesson lesson = {.seed = 1, .minutes = 20};
    ck_long_lesson_run(&lesson);
    CK_CHECK_STR(lesson.broken, "");
    CK_CHECK(lesson.drawn > 4000);
}
