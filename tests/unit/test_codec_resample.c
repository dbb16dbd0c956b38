/* The resampler: loudness, channels, and times that stay true. */
#include "unit/codec_support.h"

#include "support/check.h"

#include <math.h>
#include <stdlib.h>

typedef struct mix_row {
    uint32_t rate, in_channels, out_channels;
    float in[8], out[2]; /* constant levels per channel */
} mix_row;

static const mix_row mix_rows[] = {
    {48000, 1, 1, {0.5f}, {0.5f}},       {48000, 2, 2, {0.5f, -0.25f}, {0.5f, -0.25f}},
    {48000, 1, 2, {0.5f}, {0.5f, 0.5f}}, {48000, 2, 1, {0.5f, -0.25f}, {0.125f}},
    {44100, 1, 2, {0.5f}, {0.5f, 0.5f}}, {16000, 2, 1, {1.0f, 1.0f}, {1.0f}},
    {8000, 1, 1, {-0.5f}, {-0.5f}},      {96000, 2, 2, {0.5f, -0.25f}, {0.5f, -0.25f}},
    {192000, 1, 1, {0.25f}, {0.25f}},
};

CK_TEST(codec_resample, levels_and_channels)
{
    for (size_t i = 0; i < sizeof(mix_rows) / sizeof(mix_rows[0]); i++) {
        const mix_row *row = &mix_rows[i];
        float in[4096 * 2];
        for (uint32_t s = 0; s < 4096 * row->in_channels; s++) {
            in[s] = row->in[s % row->in_channels];
        }
        ck_resampler *r = NULL;
        CK_CHECK_EQ(ck_codecs.resampler_open(row->out_channels, &r), CHALK_OK);
        const ck_audio_block block = {
            .samples = in, .frames = 4096, .rate = row->rate, .channels = row->in_channels};
        ck_audio_block out = {0};
        for (int n = 0; n < 3; n++) {
            CK_CHECK_ROW(i, ck_codecs.resample(r, &block, &out) == CHALK_OK);
        }
        CK_CHECK_ROW(i, out.rate == 48000 && out.channels == row->out_channels);
        for (uint32_t c = 0; c < row->out_channels; c++) {
            const float level = out.samples[(out.frames / 2) * row->out_channels + c];
            CK_CHECK_ROW(i, fabsf(level - row->out[c]) < 0.01f);
        }
        ck_codecs.resampler_close(&r);
        CK_CHECK(r == NULL);
    }
}

CK_TEST(codec_resample, many_channels_do_not_clip)
{
    for (uint32_t channels = 3; channels <= 8; channels++) {
        float in[1024 * 8];
        for (size_t s = 0; s < 1024 * 8; s++) {
            in[s] = 1.0f;
        }
        ck_resampler *r = NULL;
        CK_CHECK_EQ(ck_codecs.resampler_open(2, &r), CHALK_OK);
        const ck_audio_block block = {
            .samples = in, .frames = 1024, .rate = 48000, .channels = channels};
        ck_audio_block out;
        CK_CHECK_ROW(channels, ck_codecs.resample(r, &block, &out) == CHALK_OK);
        for (uint32_t s = 0; s < out.frames * 2; s++) {
            CK_CHECK_ROW(channels, out.samples[s] > 0.2f && out.samples[s] <= 1.001f);
        }
        ck_codecs.resampler_close(&r);
    }
}

/* A click each 250 ms, at the rates of real devices and in blocks of odd sizes, comes out when it
 * went in. */
CK_TEST(codec_resample, clicks_keep_their_times)
{
    static const uint32_t rates[] = {8000, 16000, 44100, 48000, 96000};
    static const uint32_t sizes[] = {1, 37, 480, 1024, 4411};
    for (size_t i = 0; i < 25; i++) {
        const uint32_t rate = rates[i / 5], size = sizes[i % 5];
        float *heard = calloc(48000 * 2, sizeof(float));
        float *in = calloc(rate, sizeof(float));
        for (uint32_t s = rate / 8; s < rate; s += rate / 4) {
            in[s] = 1.0f;
        }
        ck_resampler *r = NULL;
        CK_CHECK_EQ(ck_codecs.resampler_open(1, &r), CHALK_OK);
        for (uint32_t s = 0; s < rate; s += size) {
            const ck_audio_block block = {
                .samples = in + s,
                .frames = rate - s < size ? rate - s : size,
                .rate = rate,
                .channels = 1,
                .pts_us = s * INT64_C(1000000) / rate,
                .capture_us = 5000000 + s * UINT64_C(1000000) / rate,
            };
            ck_audio_block out;
            const int status = ck_codecs.resample(r, &block, &out);
            if (status == CHALK_ERR_AGAIN) {
                continue;
            }
            CK_CHECK_ROW(i, status == CHALK_OK);
            CK_CHECK_ROW(i, llabs((int64_t)out.capture_us - 5000000 - out.pts_us) <= 1);
            const int64_t at = llround((double)out.pts_us * 0.048);
            for (uint32_t n = 0; n < out.frames; n++) {
                if (at + n >= 0 && at + n < 96000) {
                    heard[at + n] = out.samples[n];
                }
            }
        }
        for (int click = 0; click < 3; click++) {
            const int64_t made = 48000 / 8 + click * 48000 / 4;
            int64_t best = made - 2400;
            for (int64_t n = made - 2400; n < made + 2400; n++) {
                best = fabsf(heard[n]) > fabsf(heard[best]) ? n : best;
            }
            CK_CHECK_ROW(i, llabs(best - made) <= 12); /* a quarter of a millisecond */
        }
        ck_codecs.resampler_close(&r);
        free(in);
        free(heard);
    }
}

CK_TEST(codec_resample, rate_may_change_and_nonsense_is_refused)
{
    static const float quiet[8 * 192];
    ck_resampler *r = NULL;
    CK_CHECK_EQ(ck_codecs.resampler_open(0, &r), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_codecs.resampler_open(3, &r), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_codecs.resampler_open(2, &r), CHALK_OK);
    static const uint32_t bad[][3] = {{0, 48000, 1},     {192, 7999, 1},  {192, 192001, 1},
                                      {192, 44100, 0},   {192, 44100, 9}, {192, 0, 1},
                                      {192001, 44100, 1}};
    ck_audio_block out;
    for (size_t i = 0; i < 7; i++) {
        const ck_audio_block block = {
            .samples = quiet, .frames = bad[i][0], .rate = bad[i][1], .channels = bad[i][2]};
        CK_CHECK_ROW(i, ck_codecs.resample(r, &block, &out) == CHALK_ERR_INVALID_ARGUMENT);
    }
    for (uint32_t i = 0; i < 100; i++) {
        const ck_audio_block block = {
            .samples = quiet, .frames = 192, .rate = 8000 + (i % 7) * 13000, .channels = 1 + i % 8};
        const int status = ck_codecs.resample(r, &block, &out);
        CK_CHECK_ROW(i, status == CHALK_OK || status == CHALK_ERR_AGAIN);
    }
    ck_codecs.resampler_close(&r);
    ck_codecs.resampler_close(&r);
}
