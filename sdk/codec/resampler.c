/* Captured sound of any rate and channel count to 48 kHz. */
#include "codec/codecs.h"
#include "codec/mixer.h"

struct ck_resampler {
    ck_mixer mixer;
};

int ck_resampler_open(uint32_t channels, ck_resampler **out)
{
    *out = NULL;
    if (channels < 1 || channels > 2) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_resampler *r = ck_new(&ck_heap, sizeof(*r));
    if (r == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_mixer_init(&r->mixer, channels);
    *out = r;
    return CHALK_OK;
}

void ck_resampler_close(ck_resampler **r)
{
    if (*r != NULL) {
        ck_mixer_free(&(*r)->mixer);
        ck_free(&ck_heap, *r);
        *r = NULL;
    }
}

int ck_resampler_convert(ck_resampler *r, const ck_audio_block *in, ck_audio_block *out)
{
    if (in->samples == NULL || in->frames < 1 || in->frames > 192000 || in->rate > 192000 ||
        in->channels > 8) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    *out = *in;
    if (in->rate == CHALK_SAMPLE_RATE && in->channels == r->mixer.out_channels) {
        return CHALK_OK;
    }
    const uint8_t *const plane = (const uint8_t *)in->samples;
    const ck_mixer_input input = {
        .data = &plane,
        .format = AV_SAMPLE_FMT_FLT,
        .rate = (int)in->rate,
        .channels = (int)in->channels,
        .frames = (int)in->frames,
    };
    ck_mixer_output output;
    const int status = ck_mixer_convert(&r->mixer, &input, &output);
    if (status != CHALK_OK) {
        return status;
    }
    if (output.frames == 0) {
        return CHALK_ERR_AGAIN;
    }
    out->samples = output.samples;
    out->frames = output.frames;
    out->rate = CHALK_SAMPLE_RATE;
    out->channels = r->mixer.out_channels;
    out->pts_us = in->pts_us - output.delay_us;
    if (in->capture_us > (uint64_t)output.delay_us) {
        out->capture_us = in->capture_us - (uint64_t)output.delay_us;
    }
    return CHALK_OK;
}
