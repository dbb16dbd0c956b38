#include "chalkrail/errors.h"
#include "core/stretch/conceal.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/data.h"
#include "support/listen.h"

#include "base/check.h"
#include "base/rng.h"

#include <math.h>
#include <stdlib.h>

#define RATE  48000
#define FRAME 960
#define COUNT (2 * RATE)

#define PI 3.14159265358979323846

static float in[COUNT], out[COUNT];

static void voice(double hz)
{
    for (size_t i = 0; i < COUNT; i++) {
        double t = (double)i / RATE, y = 0;
        for (int h = 1; h <= 10; h++) {
            y += sin(2 * PI * hz * h * t + h * h) / h;
        }
        in[i] = (float)(0.12 * y);
    }
}

/* Loses the frames `lost` says; frames of `frame` samples. */
static void run(const float *from, float *to, size_t count, uint32_t rate, size_t frame,
                bool (*lost)(size_t))
{
    ck_conceal *c = NULL;
    CK_CHECK_EQ(ck_conceal_create(&ck_test_heap, rate, 1, 1, &c), CHALK_OK);
    for (size_t i = 0; i < count / frame; i++) {
        if (lost(i)) {
            ck_conceal_lost(c, to + i * frame, (uint32_t)frame);
        } else {
            memcpy(to + i * frame, from + i * frame, frame * sizeof *to);
            ck_conceal_good(c, to + i * frame, (uint32_t)frame);
        }
    }
    ck_conceal_destroy(&c);
}

static bool never(size_t frame)
{
    (void)frame;
    return false;
}

static bool now_and_then(size_t frame)
{
    return frame > 5 && frame % 7 < 2;
}

static bool from_the_tenth(size_t frame)
{
    return frame >= 10;
}

static double loudness(const float *x, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (double)x[i] * (double)x[i];
    }
    return sqrt(sum / (double)count);
}

CK_TEST(conceal, what_came_is_left_alone)
{
    voice(130);
    run(in, out, COUNT, RATE, FRAME, never);
    CK_CHECK_MEM(out, in, sizeof in);
}

CK_TEST(conceal, a_voice_goes_on_with_its_pitch_and_without_a_click)
{
    static const double voices[] = {85, 120, 177, 233, 320};
    for (size_t v = 0; v < CK_COUNT_OF(voices); v++) {
        voice(voices[v]);
        run(in, out, COUNT, RATE, FRAME, now_and_then);
        for (size_t i = 6; i < COUNT / FRAME; i++) {
            if (!now_and_then(i) || now_and_then(i - 1)) {
                continue;
            }
            const float *gap = out + i * FRAME;
            double period = ck_listen_period(gap - FRAME / 2, FRAME * 2, RATE, 0);
            CK_CHECK_ROW(v, fabs(period * voices[v] / RATE - 1) < 0.01);
            double loud = loudness(gap, FRAME) / loudness(in, COUNT);
            CK_CHECK_ROW(v, loud > 0.8 && loud < 1.2);
        }
        for (size_t i = FRAME; i + 1 < COUNT / 2; i++) {
            CK_CHECK_ROW(v, ck_listen_click(out, in, COUNT, i, RATE) < CK_LISTEN_CLICK);
        }
    }
}

CK_TEST(conceal, a_long_gap_fades_to_quiet_noise)
{
    voice(130);
    run(in, out, COUNT, RATE, FRAME, from_the_tenth);
    double before = loudness(in, COUNT);
    const float *gap = out + 10 * FRAME;
    CK_CHECK(loudness(gap, FRAME) > 0.8 * before);
    CK_CHECK(loudness(gap + 4 * FRAME, FRAME) < 0.5 * before);
    double noise = loudness(gap + 8 * FRAME, 20 * FRAME);
    CK_CHECK(noise > 1e-5 && noise < 0.002);
}

/* The noise is as loud as the pauses were, and never loud. */
CK_TEST(conceal, the_noise_is_that_of_the_pauses)
{
    static const float levels[] = {0.00002f, 0.0005f, 0.2f};
    for (size_t l = 0; l < CK_COUNT_OF(levels); l++) {
        ck_rng rng;
        ck_rng_seed(&rng, 7);
        for (size_t i = 0; i < COUNT; i++) {
            in[i] = levels[l] * (float)(2 * ck_rng_unit(&rng) - 1);
        }
        run(in, out, COUNT, RATE, FRAME, from_the_tenth);
        double expected = CK_MIN((double)levels[l] / sqrt(3), 0.001);
        double noise = loudness(out + 40 * FRAME, 40 * FRAME);
        CK_CHECK_ROW(l, noise > 0.5 * expected && noise < 2 * expected);
    }
}

CK_TEST(conceal, silence_stays_silence)
{
    memset(in, 0, sizeof in);
    run(in, out, COUNT, RATE, FRAME, now_and_then);
    CK_CHECK(loudness(out, COUNT) < 1e-4);
    /* A gap before anything came. */
    ck_conceal *c = NULL;
    CK_CHECK_EQ(ck_conceal_create(&ck_test_heap, RATE, 2, 1, &c), CHALK_OK);
    ck_conceal_lost(c, out, FRAME);
    CK_CHECK(loudness(out, 2 * FRAME) < 1e-4);
    for (int i = 0; i < 5; i++) {
        ck_conceal_lost(c, out, FRAME);
        CK_CHECK(loudness(out, 2 * FRAME) < 1e-4);
    }
    ck_conceal_good(c, out, 0);
    ck_conceal_good(c, out, 1);
    ck_conceal_destroy(&c);
    ck_conceal_destroy(&c);
}

static bool after_the_onset(size_t frame)
{
    return frame >= 10 && frame < 13;
}

/* A voice, and 5 ms before the gap it turns to hiss: as loud a hiss goes on, without a click. */
CK_TEST(conceal, a_gap_right_after_an_onset_is_no_louder)
{
    enum { ONSET = 10 * FRAME - RATE / 200 };
    voice(120);
    ck_rng rng;
    ck_rng_seed(&rng, 3);
    for (size_t i = ONSET; i < COUNT; i++) {
        in[i] = (float)(i % 2 == 0 ? 0.1 : -0.1) * (float)(2 * ck_rng_unit(&rng) - 1);
    }
    run(in, out, COUNT, RATE, FRAME, after_the_onset);
    CK_CHECK(loudness(out + 10 * FRAME, FRAME) < 1.5 * loudness(in + 10 * FRAME, FRAME));
    for (size_t i = FRAME; i + 1 < COUNT; i++) {
        CK_CHECK(ck_listen_click(out, in, COUNT, i, RATE) < CK_LISTEN_CLICK);
    }
}

/* Full scale, squares, single samples: what is made up stays in range. */
CK_TEST(conceal, nothing_makes_it_ring)
{
    for (int kind = 0; kind < 4; kind++) {
        for (size_t i = 0; i < COUNT; i++) {
            float square = i / 50 % 2 == 0 ? 1.0f : -1.0f;
            float spike = i % 481 == 0 ? 1.0f : 0.0f;
            float nyquist = i % 2 == 0 ? 1.0f : -1.0f;
            in[i] = kind == 0 ? square : kind == 1 ? spike : kind == 2 ? nyquist : 1.0f;
        }
        run(in, out, COUNT, RATE, FRAME, now_and_then);
        for (size_t i = 0; i < COUNT; i++) {
            CK_CHECK_ROW(kind, out[i] >= -1.02f && out[i] <= 1.02f);
        }
    }
}

/* Real speech where it is there: losses of 20 % in bursts, each sharp corner is one of its own. */
CK_TEST(conceal, speech_gets_no_clicks)
{
    size_t size = 0, count = COUNT;
    uint32_t rate = RATE;
    uint8_t *wav = ck_data_load("media/speech/clean.wav", &size);
    float *speech = wav != NULL ? ck_listen_read_wav(wav, size, &rate, &count) : NULL;
    free(wav);
    if (speech == NULL) {
        voice(110);
    }
    const float *from = speech != NULL ? speech : in;
    float *to = calloc(count, sizeof *to);
    CK_CHECK(to != NULL);
    size_t frame = rate / 50;
    count -= count % frame;
    run(from, to, count, rate, frame, now_and_then);
    size_t clicks = 0;
    for (size_t i = frame; i + 1 < count; i++) {
        clicks += ck_listen_click(to, from, count, i, rate) > CK_LISTEN_CLICK;
    }
    CK_CHECK_EQ(clicks, 0);
    free(to);
    free(speech);
}

CK_TEST(conceal, refuses_and_survives_no_memory)
{
    static const uint32_t bad[][2] = {{7999, 1}, {48001, 1}, {48000, 0}, {48000, 3}};
    ck_conceal *c = NULL;
    for (size_t i = 0; i < CK_COUNT_OF(bad); i++) {
        int status = ck_conceal_create(&ck_test_heap, bad[i][0], bad[i][1], 1, &c);
        CK_CHECK_ROW(i, status == CHALK_ERR_INVALID_ARGUMENT);
    }
    for (size_t fail = 1; fail <= 6; fail++) {
        ck_failing_alloc heap;
        ck_failing_alloc_init(&heap, fail);
        CK_CHECK_ROW(fail, ck_conceal_create(&heap.alloc, 48000, 2, 1, &c) == CHALK_ERR_NO_MEMORY);
        CK_CHECK_ROW(fail, heap.live == 0);
    }
}
