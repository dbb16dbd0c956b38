/*
 * Rooms on a disk that loses power at any moment, with all that no wait for the device was for:
 * what was answered COMMITTED is there, in order and once; what else is there was asked for.
 */
#include "unit/store_support.h"

#include "base/check.h"
#include "base/rng.h"
#include "support/check.h"
#include "support/powercut.h"
#include "support/seeds.h"

#include <stdio.h>

#define ROOMS  4
#define STEPS  150
#define CUT_IN 25 /* one step of so many */

typedef struct spoken_room {
    holder holder;
    uint64_t committed;
    uint64_t asked; /* what is beyond may have come to the disk or not; 0: nothing is */
} spoken_room;

static spoken_room rooms[ROOMS];
static shelf s;

static void room_name(char *out, size_t size, uint32_t i)
{
    snprintf(out, size, "room %u", (unsigned)i);
}

static void open_rooms(uint64_t seed)
{
    for (uint32_t i = 0; i < ROOMS; i++) {
        char name[16];
        room_name(name, sizeof name, i);
        CK_CHECK_ROW(seed, holder_open(&rooms[i].holder, &s, name) == CHALK_OK);
    }
}

/* "[40 state]41 x 42 x ": goes on without a gap, and ends where? */
static uint64_t end_of(uint64_t seed, const char *told)
{
    unsigned long long end = 0, at;
    int used = 0;
    if (sscanf(told, "[%llu state]%n", &at, &used) == 1) {
        end = at;
        told += used;
    }
    while (sscanf(told, "%llu x %n", &at, &used) == 1) {
        CK_CHECK_ROW(seed, at == end + 1);
        end = at;
        told += used;
    }
    CK_CHECK_ROW(seed, *told == '\0');
    return end;
}

/* Another machine starts with what was left. */
static void check_cut(uint64_t seed)
{
    shelf left = s;
    left.store = NULL;
    char made[CK_TEST_FOLDER_MAX];
    ck_test_folder(made);
    snprintf(left.folder, sizeof left.folder, "%.40s/x", made);
    powercut_leave(left.folder);
    CK_CHECK_ROW(seed, shelf_start(&left) == CHALK_OK);
    CK_CHECK_ROW(seed, shelf_stats(&left).damaged == 0);
    for (uint32_t i = 0; i < ROOMS; i++) {
        holder h;
        char name[16];
        room_name(name, sizeof name, i);
        CK_CHECK_ROW(seed, holder_open(&h, &left, name) == CHALK_OK);
        const uint64_t end = end_of(seed, holder_tail(&h));
        CK_CHECK_ROW(seed, end >= rooms[i].committed);
        CK_CHECK_ROW(seed, end <= CK_MAX(rooms[i].asked, rooms[i].committed));
    }
    shelf_stop(&left);
    shelf_remove(made);
}

static void step(ck_rng *rng, uint64_t seed)
{
    spoken_room *r = &rooms[ck_rng_below(rng, ROOMS)];
    const uint64_t what = ck_rng_below(rng, 20);
    if (what == 0 && r->committed > 0) {
        /* Not waited for: it may be cut in its midst. */
        ck_slice state = ck_slice_copy(&ck_heap, "state", 5);
        if (ck_lease_checkpoint(r->holder.lease, r->committed, state) < 0) {
            ck_slice_unref(&state);
        }
    } else if (what == 1) {
        shelf_restart(&s);
        open_rooms(seed);
    } else {
        r->asked = r->committed + 1;
        CK_CHECK_ROW(seed,
                     holder_begin_append(&r->holder, r->committed, r->asked, "x") == CHALK_OK);
        if (ck_rng_below(rng, CUT_IN) == 0) {
            check_cut(seed);
        }
        CK_CHECK_ROW(seed, holder_wait(&r->holder) == CK_STORE_COMMITTED);
        r->committed = r->asked;
        if (ck_rng_below(rng, CUT_IN) == 0) {
            check_cut(seed);
        }
    }
}

CK_TEST(room_powercut, what_was_committed_is_there)
{
    CK_FOR_SEEDS(seed, 20)
    {
        ck_rng rng;
        char made[CK_TEST_FOLDER_MAX];
        ck_rng_seed(&rng, seed);
        memset(rooms, 0, sizeof rooms);
        shelf_open(&s, true);
        shelf_stop(&s);
        /* In a folder of its own, so that also what makes it is seen. */
        ck_test_folder(made);
        powercut_watch(made);
        shelf_remove(s.folder);
        snprintf(s.folder, sizeof s.folder, "%s", made);
        s.segment_bytes = 300 + (uint32_t)ck_rng_below(&rng, 1000);
        CK_CHECK_ROW(seed, shelf_start(&s) == CHALK_OK);
        open_rooms(seed);
        for (uint32_t i = 0; i < STEPS; i++) {
            step(&rng, seed);
        }
        check_cut(seed);
        shelf_close(&s);
        powercut_end();
    }
}
