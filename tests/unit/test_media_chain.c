/* Decoded sound on its way to the device: what comes out, and which time it says it is of. */
#include "runtime/media/sound_chain.h"

#include "base/check.h"
#include "support/check.h"

#include <math.h>
#include <stdlib.h>

#define FRAME    1024 /* as AAC has them */
#define FRAME_US (FRAME * INT64_C(1000000) / CHALK_SAMPLE_RATE)
#define PI       3.14159265358979323846

static ck_sound_chain chain;
static ck_sound_block block;

static float tone(int64_t i)
{
    return (float)(0.3 * sin(2 * PI * 200 * (double)i / CHALK_SAMPLE_RATE));
}

static int64_t time_of(int64_t i)
{
    return i * 1000000 / CHALK_SAMPLE_RATE;
}

/* The frame that begins with sample number `first` of an endless tone. */
static void put(int64_t first)
{
    static float samples[FRAME * CHALK_PLAYBACK_CHANNELS];
    for (int i = 0; i < FRAME; i++) {
        samples[2 * i] = tone(first + i);
        samples[2 * i + 1] = -samples[2 * i];
    }
    const ck_audio_block decoded = {.samples = samples,
                                    .frames = FRAME,
                                    .rate = CHALK_SAMPLE_RATE,
                                    .channels = CHALK_PLAYBACK_CHANNELS,
                                    .pts_us = time_of(first)};
    ck_sound_chain_put(&chain, &decoded);
}

CK_TEST(sound_chain, at_normal_speed_it_is_the_same_sound_at_its_time)
{
    CK_CHECK_EQ(ck_sound_chain_init(&chain, 1), CHALK_OK);
    int64_t made = 0;
    for (int64_t n = 0; n < 100; n++) {
        put(n * FRAME);
        for (; ck_sound_chain_next(&chain, &block); made += CK_SOUND_BLOCK) {
            CK_CHECK_EQ(block.kind, CK_SOUND_HEARD);
            CK_CHECK_ROW(made, llabs(block.span_us - CK_SOUND_BLOCK_US) <= 2);
            CK_CHECK_ROW(made, llabs(block.pts_us - time_of(made)) <= 2);
            for (int i = 0; i < CK_SOUND_BLOCK && made > 0; i++) {
                float off = block.samples[2 * i] - tone(made + i - CK_WARP_DELAY);
                CK_CHECK_ROW(made, fabsf(off) < 1e-5f);
            }
        }
        CK_CHECK(ck_sound_chain_held_us(&chain) <= FRAME_US);
    }
    CK_CHECK(made >= 99 * FRAME);
    ck_sound_chain_free(&chain);
}

CK_TEST(sound_chain, played_faster_or_slower_its_time_passes_so)
{
    static const uint32_t speeds[] = {1250, 1020, 980, 800};
    for (size_t i = 0; i < CK_COUNT_OF(speeds); i++) {
        CK_CHECK_EQ(ck_sound_chain_init(&chain, 1), CHALK_OK);
        chain.speed = speeds[i];
        int64_t made_us = 0, last_us = 0, step_us = 0;
        for (int64_t n = 0; n < 500; n++) {
            put(n * FRAME);
            for (; ck_sound_chain_next(&chain, &block); made_us += CK_SOUND_BLOCK_US) {
                step_us = CK_MAX(step_us, llabs(block.pts_us - last_us));
                last_us = block.pts_us + block.span_us;
            }
        }
        double speed = (double)last_us * 1000 / (double)made_us;
        CK_CHECK_ROW((int)speed, fabs(speed - speeds[i]) < speeds[i] * 0.02);
        CK_CHECK_ROW(step_us, step_us <= 15000); /* no longer than a piece that is left out */
        CK_CHECK(chain.made_us > 0 && chain.media_us > 0);
        ck_sound_chain_free(&chain);
    }
}

CK_TEST(sound_chain, what_is_missing_is_made_up_behind_what_is_there)
{
    CK_CHECK_EQ(ck_sound_chain_init(&chain, 1), CHALK_OK);
    int64_t n = 0;
    for (; n < 20; n++) {
        put(n * FRAME);
        while (ck_sound_chain_next(&chain, &block)) {
        }
    }
    int64_t gap_us = time_of(n * FRAME);
    int64_t last_us = block.pts_us;
    ck_sound_chain_make_up(&chain, gap_us, 30000, true, false); /* its time passes ... */
    int blocks = 0;
    for (; ck_sound_chain_next(&chain, &block); blocks++, last_us = block.pts_us) {
        CK_CHECK_ROW(blocks, block.kind == CK_SOUND_HEARD && block.pts_us > last_us);
    }
    CK_CHECK_ROW(blocks, blocks >= 3);
    for (int i = 0; i < 3; i++) { /* ... and stands */
        ck_sound_chain_make_up(&chain, gap_us + 30000, 10000, false, i == 2);
        CK_CHECK(ck_sound_chain_next(&chain, &block));
    }
    CK_CHECK_EQ(block.kind, CK_SOUND_NOISE);
    CK_CHECK_EQ(block.span_us, 0);
    ck_sound_chain_reset(&chain);
    CK_CHECK_EQ(ck_sound_chain_held_us(&chain), 0);
    ck_sound_chain_free(&chain);
}

CK_TEST(sound_chain, follows_a_device_that_is_fast)
{
    CK_CHECK_EQ(ck_sound_chain_init(&chain, 1), CHALK_OK);
    chain.ppm = -5000;
    int64_t made = 0;
    for (int64_t n = 0; n < 1000; n++) {
        put(n * FRAME);
        for (; ck_sound_chain_next(&chain, &block); made += CK_SOUND_BLOCK) {
            CK_CHECK_ROW(made, llabs(block.pts_us - time_of(made) * 995 / 1000) <= 500);
        }
    }
    CK_CHECK_ROW(made, made > 1000 * FRAME / 1000 * 1004);
    ck_sound_chain_free(&chain);
}
