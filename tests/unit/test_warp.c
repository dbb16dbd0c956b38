/* Sound resampled by a few parts per thousand, held against the sine that it should be. */
#include "chalkrail/errors.h"
#include "core/stretch/warp.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"

#include <math.h>
#include <string.h>

#define RATE   48000
#define FRAMES 48000
#define PI     3.14159265358979323846

static float in[FRAMES * 2], out[CK_WARP_ROOM(FRAMES) * 2 + 1024];

static void fill(uint32_t channels, double hz)
{
    for (uint32_t i = 0; i < FRAMES; i++) {
        for (uint32_t c = 0; c < channels; c++) {
            in[i * channels + c] = (float)((c == 0 ? 0.5 : -0.25) * sin(2 * PI * hz * i / RATE));
        }
    }
}

/* All of `in`, cut into pieces of 1, 2, ... `most` frames over and over; frames that came out. */
static uint32_t run(ck_warp *w, uint32_t channels, int32_t ppm, uint32_t most)
{
    uint32_t made = 0;
    for (uint32_t done = 0, piece = 1; done < FRAMES; done += piece, piece = piece % most + 1) {
        piece = CK_MIN(piece, FRAMES - done);
        uint32_t got =
            ck_warp_run(w, in + (size_t)done * channels, piece, ppm, out + (size_t)made * channels);
        CK_CHECK_ROW(got, got <= CK_WARP_ROOM(piece));
        made += got;
    }
    return made;
}

CK_TEST(warp, at_nothing_it_changes_nothing)
{
    ck_warp *w = NULL;
    CK_CHECK_EQ(ck_warp_create(&ck_test_heap, 2, &w), CHALK_OK);
    fill(2, 997);
    CK_CHECK_EQ(run(w, 2, 0, 700), FRAMES);
    for (uint32_t i = 0; i + CK_WARP_DELAY < FRAMES; i++) {
        float off = out[(i + CK_WARP_DELAY) * 2 + 1] - in[i * 2 + 1];
        CK_CHECK_ROW(i, fabsf(off) < 1e-6f);
    }
    ck_warp_destroy(&w);
}

CK_TEST(warp, is_the_same_sound_a_little_faster_or_slower)
{
    static const struct {
        uint32_t channels;
        int32_t ppm;
        double hz, most;
    } rows[] = {
        {1, 5000, 440, 1e-4},  {2, -5000, 440, 1e-4}, {1, 137, 5000, 1e-3},
        {2, -20, 10000, 5e-3}, {1, 90000, 440, 1e-4}, /* clamped to 5,000 */
    };
    for (size_t r = 0; r < CK_COUNT_OF(rows); r++) {
        ck_warp *w = NULL;
        CK_CHECK_EQ(ck_warp_create(&ck_test_heap, rows[r].channels, &w), CHALK_OK);
        fill(rows[r].channels, rows[r].hz);
        uint32_t made = run(w, rows[r].channels, rows[r].ppm, 480);
        double step = 1 + CK_CLAMP(rows[r].ppm, -5000, 5000) / 1e6;
        CK_CHECK_ROW(made, fabs(made - FRAMES / step) < 3);
        for (uint32_t i = 100; i + 100 < made; i++) {
            double at = i * step - CK_WARP_DELAY;
            double wanted = 0.5 * sin(2 * PI * rows[r].hz * at / RATE);
            double got = (double)out[(size_t)i * rows[r].channels];
            CK_CHECK_ROW(r, fabs(got - wanted) < rows[r].most);
        }
        ck_warp_destroy(&w);
    }
}

CK_TEST(warp, any_split_gives_the_same)
{
    static float whole[CK_WARP_ROOM(FRAMES) + 1024];
    ck_warp *w = NULL;
    fill(1, 300);
    CK_CHECK_EQ(ck_warp_create(&ck_test_heap, 1, &w), CHALK_OK);
    uint32_t made = run(w, 1, 777, CK_WARP_FRAMES_MAX);
    memcpy(whole, out, made * sizeof whole[0]);
    ck_warp_destroy(&w);
    CK_CHECK_EQ(ck_warp_create(&ck_test_heap, 1, &w), CHALK_OK);
    CK_CHECK_EQ(run(w, 1, 777, 3), made);
    for (uint32_t i = 0; i < made; i++) {
        CK_CHECK_ROW(i, fabsf(whole[i] - out[i]) < 1e-5f);
    }
    ck_warp_destroy(&w);
}

CK_TEST(warp, refuses_and_runs_out_of_memory)
{
    ck_warp *w = NULL;
    CK_CHECK_EQ(ck_warp_create(&ck_test_heap, 0, &w), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_warp_create(&ck_test_heap, 3, &w), CHALK_ERR_INVALID_ARGUMENT);
    ck_failing_alloc heap;
    ck_failing_alloc_init(&heap, 1);
    CK_CHECK_EQ(ck_warp_create(&heap.alloc, 1, &w), CHALK_ERR_NO_MEMORY);
    ck_warp_destroy(&w);
}
