/*
 * A store on a disk is the model of a store (core/room/store.h) that outlives its process: whatever
 * is appended, checkpointed, opened and closed in whatever order, over restarts, small files of the
 * log and rubbish behind its end, what it tells of a room is what the model has.
 */
#include "unit/store_support.h"

#include "base/check.h"
#include "base/rng.h"
#include "core/room/store.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/seeds.h"

#include <stdio.h>

#define ROOMS 4
#define STEPS 120

typedef struct world {
    shelf shelf;
    ck_rng rng;
    uint64_t seed;
    holder holders[ROOMS];
    ck_memory_store models[ROOMS];
    uint64_t model_epochs[ROOMS];
} world;

static world w;

static void open_room(uint32_t i)
{
    char name[16];
    snprintf(name, sizeof name, "room %u", (unsigned)i);
    holder_close(&w.holders[i]);
    CK_CHECK_ROW(w.seed, holder_open(&w.holders[i], &w.shelf, name) == CHALK_OK);
    w.model_epochs[i] = ck_memory_store_lease(&w.models[i]);
}

static void append(uint32_t i)
{
    static char text[600];
    ck_memory_store *model = &w.models[i];
    const size_t size =
        ck_rng_below(&w.rng, 8) == 0 ? ck_rng_below(&w.rng, sizeof text) : ck_rng_below(&w.rng, 12);
    memset(text, 'a' + (int)ck_rng_below(&w.rng, 26), size);
    text[size] = '\0';
    const uint64_t after = model->to + (ck_rng_below(&w.rng, 10) == 0);
    const uint64_t to = after + ck_rng_below(&w.rng, 4);
    const ck_bytes record = {(const uint8_t *)text, size};
    const int expected = (int)ck_memory_store_append(model, w.model_epochs[i], after, to, record);
    CK_CHECK_ROW(w.seed, holder_append(&w.holders[i], after, to, text) == expected);
}

/* At the end of any record that is kept. */
static void checkpoint(uint32_t i)
{
    ck_memory_store *model = &w.models[i];
    char text[32];
    if (model->count == 0) {
        return;
    }
    const uint64_t to = model->records[ck_rng_below(&w.rng, model->count)].to;
    const int size = snprintf(text, sizeof text, "state %llu", (unsigned long long)to);
    const ck_bytes state = {(const uint8_t *)text, (size_t)size};
    CK_CHECK_ROW(w.seed, holder_checkpoint(&w.holders[i], to, text) == CHALK_OK);
    (void)ck_memory_store_checkpoint(model, w.model_epochs[i], to, state);
}

static void compare(uint32_t i)
{
    static char expected[sizeof w.holders[i].told];
    const ck_memory_store *model = &w.models[i];
    size_t size = 0;
    expected[0] = '\0';
    if (model->checkpoint.data != NULL) {
        size += (size_t)snprintf(expected, sizeof expected, "[%llu %.*s]",
                                 (unsigned long long)model->checkpoint_to,
                                 (int)model->checkpoint.size, (const char *)model->checkpoint.data);
    }
    unsigned fits = 0;
    for (size_t n = 0; n < model->count && size + 700 < sizeof expected; n++, fits++) {
        const ck_record *r = &model->records[n];
        size += (size_t)snprintf(expected + size, sizeof expected - size, "%llu %.*s ",
                                 (unsigned long long)r->to, (int)r->bytes.size,
                                 (const char *)r->bytes.data);
    }
    w.holders[i].records = 0;
    const char *told = holder_tail(&w.holders[i]);
    CK_CHECK_ROW(w.seed, w.holders[i].tailed == CHALK_OK);
    CK_CHECK_ROW(w.seed, strncmp(told, expected, size) == 0);
    CK_CHECK_ROW(w.seed, fits < model->count || strlen(told) == size);
    CK_CHECK_ROW(w.seed, w.holders[i].records == model->count);
}

/* What a process leaves that was killed while it wrote. */
static void leave_rubbish(void)
{
    static uint8_t file[1 << 20];
    char path[512];
    if (shelf_files(&w.shelf, "log", path, sizeof path) == 0) {
        return;
    }
    size_t size = shelf_read(path, file, sizeof file / 2);
    size_t more = ck_rng_below(&w.rng, 200);
    /* Random bytes, or the beginning of an entry that was really written. */
    if (ck_rng_below(&w.rng, 2) == 0 || size < 61 + more) {
        for (size_t i = 0; i < more; i++) {
            file[size + i] = (uint8_t)ck_rng_next(&w.rng);
        }
    } else {
        more = CK_MIN(more, 47u);
        memcpy(file + size, file + 60, more);
    }
    shelf_write(path, file, size + more);
}

static void restart(void)
{
    shelf_stop(&w.shelf);
    memset(w.holders, 0, sizeof w.holders);
    if (ck_rng_below(&w.rng, 2) == 0) {
        leave_rubbish();
    }
    CK_CHECK_ROW(w.seed, shelf_start(&w.shelf) == CHALK_OK);
    for (uint32_t i = 0; i < ROOMS; i++) {
        open_room(i);
        compare(i);
    }
}

static void run(void)
{
    shelf_open(&w.shelf, true);
    w.shelf.segment_bytes = 300 + (uint32_t)ck_rng_below(&w.rng, 1500);
    for (uint32_t i = 0; i < ROOMS; i++) {
        ck_memory_store_init(&w.models[i], &ck_test_heap);
    }
    restart();
    for (uint32_t step = 0; step < STEPS; step++) {
        const uint32_t i = (uint32_t)ck_rng_below(&w.rng, ROOMS);
        const uint32_t what = (uint32_t)ck_rng_below(&w.rng, 40);
        if (what == 0) {
            restart();
        } else if (what < 3) {
            open_room(i);
        } else if (what < 5) {
            checkpoint(i);
        } else if (what < 7) {
            compare(i);
        } else {
            append(i);
        }
    }
    restart();
    CK_CHECK_ROW(w.seed, shelf_stats(&w.shelf).damaged == 0);
    for (uint32_t i = 0; i < ROOMS; i++) {
        ck_memory_store_free(&w.models[i]);
    }
    shelf_close(&w.shelf);
}

CK_TEST(room_disk_prop, it_is_the_model)
{
    CK_FOR_SEEDS(seed, 12)
    {
        memset(&w, 0, sizeof w);
        w.seed = seed;
        ck_rng_seed(&w.rng, seed);
        run();
    }
}
