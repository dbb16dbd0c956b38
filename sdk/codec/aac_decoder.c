/*
 * AAC by FFmpeg: AAC-LC and, because it costs nothing, HE-AAC. What comes out is 48 kHz stereo.
 *
 * A block's time is that of its packet, minus what the conversion to 48 kHz holds back. The
 * encoder's priming is not taken off: it is in the packets' times (aac_encoder.c, and every
 * publisher that compensates).
 */
#include "codec/av.h"
#include "codec/codecs.h"
#include "codec/mixer.h"
#include "codec/stamps.h"

#include "base/check.h"
#include "core/aac/config.h"

#include <string.h>

#define NAME "aac"
/* 6144 bits a channel is what AAC allows in 1024 samples (ISO/IEC 14496-3, 4.5.3.1); 8 channels. */
#define PAYLOAD_MAX 8192u

struct ck_decoder {
    const ck_log *log;
    AVCodecContext *context;
    AVFrame *frame;
    AVPacket *packet;
    ck_mixer mixer;
    ck_stamps stamps;
    bool complained; /* one line for a run of broken frames */
    uint8_t payload[PAYLOAD_MAX + AV_INPUT_BUFFER_PADDING_SIZE];
};

static int open_context(ck_slice config, const ck_log *log, AVCodecContext **out)
{
    ck_aac_config parsed;
    const int status = ck_aac_config_parse(config.data, config.size, &parsed);
    if (status != CHALK_OK) {
        return status;
    }
    const AVCodec *codec = avcodec_find_decoder(AV_CODEC_ID_AAC);
    if (codec == NULL) {
        return CHALK_ERR_UNSUPPORTED;
    }
    AVCodecContext *context = ck_av_context(codec);
    if (context == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    context->extradata = av_mallocz(config.size + AV_INPUT_BUFFER_PADDING_SIZE);
    if (context->extradata == NULL) {
        avcodec_free_context(&context);
        return CHALK_ERR_NO_MEMORY;
    }
    memcpy(context->extradata, config.data, config.size);
    context->extradata_size = (int)config.size;
    context->thread_count = 1;
    const int opened = avcodec_open2(context, codec, NULL);
    if (opened < 0) {
        ck_av_log(log, 2, NAME, "cannot open", opened);
        avcodec_free_context(&context);
        return ck_av_status(opened, CHALK_ERR_BAD_DATA);
    }
    *out = context;
    return CHALK_OK;
}

static void aac_close(ck_decoder **decoder)
{
    ck_decoder *d = *decoder;
    if (d == NULL) {
        return;
    }
    *decoder = NULL;
    avcodec_free_context(&d->context);
    av_frame_free(&d->frame);
    av_packet_free(&d->packet);
    ck_mixer_free(&d->mixer);
    ck_free(&ck_heap, d);
}

static int aac_open(uint32_t codec, ck_slice config, const ck_log *log, ck_decoder **out)
{
    *out = NULL;
    if (codec != CHALK_CODEC_AAC) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_decoder *d = ck_new(&ck_heap, sizeof(*d));
    if (d == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    d->log = log;
    ck_mixer_init(&d->mixer, CHALK_PLAYBACK_CHANNELS);
    d->frame = av_frame_alloc();
    d->packet = av_packet_alloc();
    int status = d->frame == NULL || d->packet == NULL ? CHALK_ERR_NO_MEMORY : CHALK_OK;
    if (status == CHALK_OK) {
        status = open_context(config, log, &d->context);
    }
    if (status != CHALK_OK) {
        aac_close(&d);
        return status;
    }
    *out = d;
    return CHALK_OK;
}

/* On an error the decoder in use stays. */
static int set_config(ck_decoder *d, ck_slice config)
{
    if (d->context->extradata_size == (int)config.size &&
        memcmp(d->context->extradata, config.data, config.size) == 0) {
        return CHALK_OK;
    }
    AVCodecContext *fresh = NULL;
    const int status = open_context(config, d->log, &fresh);
    if (status == CHALK_OK) {
        avcodec_free_context(&d->context);
        d->context = fresh;
    }
    return status;
}

static int complain(ck_decoder *d, int averror)
{
    if (!d->complained) {
        ck_av_log(d->log, 2, NAME, "cannot decode", averror);
    }
    d->complained = true;
    return ck_av_status(averror, CHALK_ERR_BAD_DATA);
}

static int aac_send(ck_decoder *d, const ck_packet *packet)
{
    if (packet->codec != CHALK_CODEC_AAC) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (packet->config) {
        return set_config(d, packet->payload);
    }
    const size_t size = packet->payload.size;
    if (size == 0 || size > PAYLOAD_MAX) {
        return size == 0 ? CHALK_ERR_BAD_DATA : CHALK_ERR_TOO_LARGE;
    }
    memcpy(d->payload, packet->payload.data, size);
    memset(d->payload + size, 0, AV_INPUT_BUFFER_PADDING_SIZE);
    d->packet->data = d->payload;
    d->packet->size = (int)size;
    d->packet->pts = d->stamps.next;
    const int sent = avcodec_send_packet(d->context, d->packet);
    d->packet->data = NULL;
    d->packet->size = 0;
    if (sent == AVERROR(EAGAIN)) {
        return CHALK_ERR_AGAIN;
    }
    ck_stamps_put(&d->stamps, (ck_stamp){packet->pts_us, packet->capture_us});
    return sent < 0 ? complain(d, sent) : CHALK_OK;
}

static int mix(ck_decoder *d, ck_audio_block *out)
{
    const AVFrame *f = d->frame;
    const ck_stamp stamp = ck_stamps_get(&d->stamps, f->pts);
    const ck_mixer_input input = {
        .data = (const uint8_t *const *)f->extended_data,
        .format = f->format,
        .rate = f->sample_rate,
        .channels = f->ch_layout.nb_channels,
        .frames = f->nb_samples,
    };
    ck_mixer_output output;
    const int status = ck_mixer_convert(&d->mixer, &input, &output);
    if (status != CHALK_OK) {
        /* A stream that states an impossible rate is the stream's fault. */
        return status == CHALK_ERR_INVALID_ARGUMENT ? CHALK_ERR_BAD_DATA : status;
    }
    *out = (ck_audio_block){
        .samples = output.samples,
        .frames = output.frames,
        .rate = CHALK_SAMPLE_RATE,
        .channels = CHALK_PLAYBACK_CHANNELS,
        .capture_us = stamp.capture_us,
        .pts_us = stamp.pts_us - output.delay_us,
    };
    return output.frames == 0 ? CHALK_ERR_AGAIN : CHALK_OK;
}

static int aac_receive(ck_decoder *d, ck_audio_block *out)
{
    *out = (ck_audio_block){0};
    const int got = avcodec_receive_frame(d->context, d->frame);
    if (got == AVERROR(EAGAIN) || got == AVERROR_EOF) {
        return ck_av_status(got, CHALK_ERR_CODEC);
    }
    if (got < 0) {
        return complain(d, got);
    }
    d->complained = false;
    const int status = mix(d, out);
    av_frame_unref(d->frame);
    return status;
}

static int aac_drain(ck_decoder *d)
{
    const int sent = avcodec_send_packet(d->context, NULL);
    return sent == AVERROR_EOF ? CHALK_OK : ck_av_status(sent, CHALK_ERR_CODEC);
}

static void aac_reset(ck_decoder *d)
{
    avcodec_flush_buffers(d->context);
    ck_mixer_free(&d->mixer); /* opened anew with the next frame */
    d->complained = false;
}

static int aac_receive_video(ck_decoder *d, chalk_video_frame **out)
{
    (void)d;
    *out = NULL;
    return CHALK_ERR_UNSUPPORTED;
}

const ck_decoder_backend ck_aac_decoder = {
    .name = NAME,
    .codec = CHALK_CODEC_AAC,
    .open = aac_open,
    .send = aac_send,
    .receive_video = aac_receive_video,
    .receive_audio = aac_receive,
    .drain = aac_drain,
    .reset = aac_reset,
    .close = aac_close,
};
