#include "codec/mixer.h"

#include "chalkrail/frame.h"

#include <libavutil/opt.h>
#include <string.h>

#define FRAMES_MAX 192000

void ck_mixer_init(ck_mixer *m, uint32_t out_channels)
{
    memset(m, 0, sizeof(*m));
    m->out_channels = out_channels;
}

void ck_mixer_free(ck_mixer *m)
{
    swr_free(&m->swr);
    ck_free(&ck_heap, m->out);
    m->out = NULL;
    m->out_capacity = 0;
}

/* swresample would send one channel into two at -3 dB each. Here mono is heard on both sides at the
 * loudness that it has, and two channels become their mean. */
static int set_matrix(SwrContext *swr, int in_channels, uint32_t out_channels)
{
    static const double to_both[2] = {1.0, 1.0};
    static const double mean[2] = {0.5, 0.5};
    if (in_channels == 1 && out_channels == 2) {
        return swr_set_matrix(swr, to_both, 1);
    }
    if (in_channels == 2 && out_channels == 1) {
        return swr_set_matrix(swr, mean, 2);
    }
    /* More channels are mixed down without going over full scale. */
    return av_opt_set_double(swr, "rematrix_maxval", 1.0, 0);
}

static int reopen(ck_mixer *m, const ck_mixer_input *in)
{
    AVChannelLayout from = {0};
    AVChannelLayout to = {0};
    av_channel_layout_default(&from, in->channels);
    av_channel_layout_default(&to, (int)m->out_channels);
    swr_free(&m->swr);
    int status = swr_alloc_set_opts2(&m->swr, &to, AV_SAMPLE_FMT_FLT, CHALK_SAMPLE_RATE, &from,
                                     (enum AVSampleFormat)in->format, in->rate, CK_AV_SILENT, NULL);
    if (status >= 0) {
        status = set_matrix(m->swr, in->channels, m->out_channels);
    }
    if (status >= 0) {
        status = swr_init(m->swr);
    }
    if (status < 0) {
        swr_free(&m->swr);
        return ck_av_status(status, CHALK_ERR_CODEC);
    }
    m->format = in->format;
    m->rate = in->rate;
    m->channels = in->channels;
    return CHALK_OK;
}

static int make_room(ck_mixer *m, int frames)
{
    const size_t needed = (size_t)frames * m->out_channels;
    if (needed <= m->out_capacity) {
        return CHALK_OK;
    }
    float *grown = ck_resize_array(&ck_heap, m->out, needed, sizeof(float));
    if (grown == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    m->out = grown;
    m->out_capacity = needed;
    return CHALK_OK;
}

int ck_mixer_convert(ck_mixer *m, const ck_mixer_input *in, ck_mixer_output *out)
{
    memset(out, 0, sizeof(*out));
    if (in->rate < 8000 || in->rate > 192000 || in->channels < 1 || in->channels > 8 ||
        in->frames < 0 || in->frames > FRAMES_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (m->swr == NULL || m->format != in->format || m->rate != in->rate ||
        m->channels != in->channels) {
        const int opened = reopen(m, in);
        if (opened != CHALK_OK) {
            return opened;
        }
    }
    out->delay_us = swr_get_delay(m->swr, 1000000);
    const int most = swr_get_out_samples(m->swr, in->frames);
    const int status = most < 0 ? ck_av_status(most, CHALK_ERR_CODEC) : make_room(m, most);
    if (status != CHALK_OK || most == 0) {
        return status;
    }
    uint8_t *planes[1] = {(uint8_t *)m->out};
    /* The interface of this FFmpeg is not const-correct; it only reads. */
    const int got =
        swr_convert(m->swr, planes, most, (const uint8_t **)(uintptr_t)in->data, in->frames);
    if (got < 0) {
        return ck_av_status(got, CHALK_ERR_CODEC);
    }
    out->samples = m->out;
    out->frames = (uint32_t)got;
    return CHALK_OK;
}
