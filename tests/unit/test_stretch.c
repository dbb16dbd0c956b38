#include "chalkrail/errors.h"
#include "core/stretch/stretch.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/listen.h"

#include "base/check.h"

#include <math.h>
#include <stdlib.h>

#define RATE_MAX 48000
#define SECONDS  2
#define BLOCKS   (SECONDS * 100)

#define PI 3.14159265358979323846

static float in[RATE_MAX * SECONDS * 2];
static float out[RATE_MAX * SECONDS * 4];

/* A voice of `hz` with harmonics, whose loudness breathes. */
static void sing(float *to, uint32_t rate, uint32_t channels, double hz)
{
    for (uint32_t i = 0; i < rate * SECONDS; i++) {
        double t = i / (double)rate;
        double y = 0;
        for (int h = 1; h <= 8; h++) {
            y += sin(2 * PI * hz * h * t + h) / h;
        }
        y *= 0.15 * (1 + 0.4 * sin(2 * PI * 3 * t));
        for (uint32_t c = 0; c < channels; c++) {
            to[(size_t)i * channels + c] = (float)(c == 0 ? y : -0.5 * y);
        }
    }
}

/* The largest second difference. */
static double sharpest(const float *x, size_t count)
{
    double most = 0;
    for (size_t i = 1; i + 1 < count; i++) {
        most = fmax(most, fabs((double)x[i + 1] - 2 * (double)x[i] + (double)x[i - 1]));
    }
    return most;
}

/* All of `in` through it at one speed; frames that came out. */
static size_t stretch(ck_stretch *s, uint32_t rate, uint32_t channels, uint32_t speed)
{
    size_t made = 0;
    uint32_t block = rate / 100;
    for (uint32_t b = 0; b < BLOCKS; b++) {
        CK_CHECK_EQ(ck_stretch_put(s, in + (size_t)b * block * channels, block), CHALK_OK);
        while (ck_stretch_held(s) >= 3 * block) {
            made += ck_stretch_take(s, out + made * channels, block, speed);
        }
    }
    made += ck_stretch_take(s, out + made * channels, 3 * block, CK_STRETCH_NORMAL);
    return made;
}

CK_TEST(stretch, normal_speed_changes_nothing)
{
    ck_stretch *s = NULL;
    sing(in, 48000, 2, 120);
    CK_CHECK_EQ(ck_stretch_create(&ck_test_heap, 48000, 2, &s), CHALK_OK);
    CK_CHECK_EQ(stretch(s, 48000, 2, CK_STRETCH_NORMAL), 96000);
    CK_CHECK_MEM(out, in, 96000 * 2 * sizeof *in);
    CK_CHECK_EQ(ck_stretch_held(s), 0);
    ck_stretch_destroy(&s);
    ck_stretch_destroy(&s);
}

/* Length as asked for, the pitch as it was, no corner that was not there. */
CK_TEST(stretch, changes_the_length_and_not_the_pitch)
{
    static const uint32_t rates[] = {8000, 16000, 44100, 48000};
    static const uint32_t speeds[] = {750, 900, 980, 1020, 1100, 1250};
    static const double voices[] = {90, 145, 260};
    for (size_t i = 0; i < CK_COUNT_OF(rates) * CK_COUNT_OF(speeds) * CK_COUNT_OF(voices); i++) {
        uint32_t rate = rates[i % CK_COUNT_OF(rates)];
        uint32_t speed = speeds[i / CK_COUNT_OF(rates) % CK_COUNT_OF(speeds)];
        double hz = voices[i / CK_COUNT_OF(rates) / CK_COUNT_OF(speeds)];
        ck_stretch *s = NULL;
        sing(in, rate, 1, hz);
        CK_CHECK_EQ(ck_stretch_create(&ck_test_heap, rate, 1, &s), CHALK_OK);
        size_t made = stretch(s, rate, 1, speed);
        double wanted = (double)rate * SECONDS * 1000 / speed;
        CK_CHECK_ROW(i, fabs((double)made - wanted) < 0.02 * wanted);
        double period = ck_listen_period(out + made / 2, rate / 20, rate, 0);
        CK_CHECK_ROW(i, fabs(period * hz / rate - 1) < 0.01);
        double was = sharpest(in, (size_t)rate * SECONDS);
        CK_CHECK_ROW(i, sharpest(out, made) < CK_LISTEN_CLICK * was);
        ck_stretch_destroy(&s);
    }
}

CK_TEST(stretch, both_channels_move_together)
{
    ck_stretch *s = NULL;
    sing(in, 48000, 2, 150);
    CK_CHECK_EQ(ck_stretch_create(&ck_test_heap, 48000, 2, &s), CHALK_OK);
    size_t made = stretch(s, 48000, 2, 1200);
    for (size_t i = 0; i < made; i++) {
        CK_CHECK(fabsf(out[2 * i + 1] + 0.5f * out[2 * i]) < 1e-6f);
    }
    ck_stretch_destroy(&s);
}

CK_TEST(stretch, gives_what_it_has)
{
    ck_stretch *s = NULL;
    sing(in, 48000, 1, 150);
    CK_CHECK_EQ(ck_stretch_create(&ck_test_heap, 48000, 1, &s), CHALK_OK);
    CK_CHECK_EQ(ck_stretch_take(s, out, 480, 1250), 0);
    CK_CHECK_EQ(ck_stretch_put(s, in, 100), CHALK_OK);
    CK_CHECK_EQ(ck_stretch_take(s, out, 480, 1250), 100);
    CK_CHECK_EQ(ck_stretch_put(s, in, 48000), CHALK_OK);
    CK_CHECK_EQ(ck_stretch_put(s, in, 1), CHALK_ERR_LIMIT);
    CK_CHECK_EQ(ck_stretch_held(s), 48000);
    ck_stretch_reset(s);
    CK_CHECK_EQ(ck_stretch_held(s), 0);
    ck_stretch_destroy(&s);
}

CK_TEST(stretch, refuses_and_survives_no_memory)
{
    static const uint32_t bad[][2] = {{7999, 1}, {48001, 1}, {48000, 0}, {48000, 3}};
    ck_stretch *s = NULL;
    for (size_t i = 0; i < CK_COUNT_OF(bad); i++) {
        int status = ck_stretch_create(&ck_test_heap, bad[i][0], bad[i][1], &s);
        CK_CHECK_ROW(i, status == CHALK_ERR_INVALID_ARGUMENT);
    }
    for (size_t fail = 1; fail <= 3; fail++) {
        ck_failing_alloc heap;
        ck_failing_alloc_init(&heap, fail);
        CK_CHECK_ROW(fail, ck_stretch_create(&heap.alloc, 48000, 2, &s) == CHALK_ERR_NO_MEMORY);
        CK_CHECK_ROW(fail, heap.live == 0);
    }
}
