/*
 * AAC-LC by FFmpeg's own encoder.
 *
 * Times: a packet's pts_us is the stream time of the first sample that a decoder gives for it: the
 * encoder's priming is already accounted for, nobody has to subtract anything. The first packet is
 * that priming alone and so begins `delay_samples` (21.3 ms) before the first block; a time line
 * that cannot go below 0 should begin its sound there or leave that packet out.
 */
#include "codec/av.h"
#include "codec/codecs.h"
#include "codec/sound_coder.h"

#include "base/check.h"

#define NAME     "aac"
#define FRAME    1024
#define KBPS_MIN 16u /* a channel */
#define KBPS_MAX 256u

struct ck_encoder {
    const ck_log *log;
    AVCodecContext *context;
    AVFrame *frame;
    AVPacket *packet;
    ck_slice config;
    ck_sound_coder coder;
    ck_stamps stamps;
    int64_t received; /* packets so far */
};

static int64_t bit_rate(uint32_t kbps, uint32_t channels)
{
    return (int64_t)CK_CLAMP(kbps, KBPS_MIN * channels, KBPS_MAX * channels) * 1000;
}

static int alloc_frame(ck_encoder *e)
{
    e->frame->format = AV_SAMPLE_FMT_FLTP;
    e->frame->nb_samples = FRAME;
    e->frame->sample_rate = CK_SOUND_RATE;
    av_channel_layout_default(&e->frame->ch_layout, (int)e->coder.channels);
    return ck_av_status(av_frame_get_buffer(e->frame, 0), CHALK_ERR_NO_MEMORY);
}

static int open_context(ck_encoder *e, const ck_encoder_config *config)
{
    const AVCodec *codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
    if (codec == NULL) {
        return CHALK_ERR_UNSUPPORTED;
    }
    e->context = ck_av_context(codec);
    e->frame = av_frame_alloc();
    e->packet = av_packet_alloc();
    if (e->context == NULL || e->frame == NULL || e->packet == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    e->context->sample_fmt = AV_SAMPLE_FMT_FLTP;
    e->context->sample_rate = CK_SOUND_RATE;
    e->context->time_base = (AVRational){1, CK_SOUND_RATE};
    e->context->bit_rate = bit_rate(config->bitrate_kbps, e->coder.channels);
    e->context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    av_channel_layout_default(&e->context->ch_layout, (int)e->coder.channels);
    const int opened = avcodec_open2(e->context, codec, NULL);
    if (opened < 0) {
        ck_av_log(e->log, 2, NAME, "cannot open", opened);
        return ck_av_status(opened, CHALK_ERR_CODEC);
    }
    if (e->context->frame_size != FRAME || e->context->initial_padding != FRAME) {
        return CHALK_ERR_CODEC; /* our accounting of times would be wrong */
    }
    e->config = ck_slice_copy(&ck_heap, e->context->extradata, (size_t)e->context->extradata_size);
    return e->config.data == NULL ? CHALK_ERR_NO_MEMORY : alloc_frame(e);
}

static int queue_packet(ck_encoder *e)
{
    const ck_stamp stamp = ck_stamps_get(&e->stamps, e->received++);
    return ck_sound_coder_push(&e->coder, CHALK_CODEC_AAC, e->packet->data, (size_t)e->packet->size,
                               stamp);
}

/* Gives a frame to the encoder (NULL: no more come) and collects what it has ready. */
static int encode(ck_encoder *e, const AVFrame *frame)
{
    int result = avcodec_send_frame(e->context, frame);
    while (result >= 0) {
        result = avcodec_receive_packet(e->context, e->packet);
        if (result >= 0) {
            const int status = queue_packet(e);
            av_packet_unref(e->packet);
            if (status != CHALK_OK) {
                return status;
            }
        }
    }
    if (result == AVERROR(EAGAIN) || result == AVERROR_EOF) {
        return CHALK_OK;
    }
    ck_av_log(e->log, 1, NAME, "cannot encode", result);
    return ck_av_status(result, CHALK_ERR_CODEC);
}

/* A decoder gives for packet n the samples of frame n - 1, and for packet 0 the priming. */
static void stamp_frame(ck_encoder *e, ck_stamp begun)
{
    if (e->stamps.next == 0) {
        const int64_t priming_us = FRAME * INT64_C(1000000) / CK_SOUND_RATE;
        ck_stamp first = {begun.pts_us - priming_us, begun.capture_us};
        if (first.capture_us > (uint64_t)priming_us) {
            first.capture_us -= (uint64_t)priming_us;
        }
        ck_stamps_put(&e->stamps, first);
    }
    ck_stamps_put(&e->stamps, begun);
}

static int encode_frame(ck_encoder *e, const float *samples, ck_stamp begun)
{
    for (uint32_t c = 0; c < e->coder.channels; c++) {
        float *to = (float *)(void *)e->frame->data[c];
        for (uint32_t i = 0; i < FRAME; i++) {
            to[i] = samples[(size_t)i * e->coder.channels + c];
        }
    }
    stamp_frame(e, begun);
    e->frame->pts = e->stamps.next * FRAME;
    const int status = encode(e, e->frame);
    /* The encoder may keep the samples for one frame more. */
    const int writable = av_frame_make_writable(e->frame);
    return status != CHALK_OK ? status : ck_av_status(writable, CHALK_ERR_NO_MEMORY);
}

static void aac_close(ck_encoder **encoder)
{
    ck_encoder *e = *encoder;
    if (e == NULL) {
        return;
    }
    *encoder = NULL;
    ck_sound_coder_free(&e->coder);
    ck_slice_unref(&e->config);
    avcodec_free_context(&e->context);
    av_frame_free(&e->frame);
    av_packet_free(&e->packet);
    ck_free(&ck_heap, e);
}

static int aac_open(const ck_encoder_config *config, const ck_log *log, ck_encoder **out)
{
    *out = NULL;
    int status = ck_sound_check_config(config, CHALK_CODEC_AAC);
    if (status != CHALK_OK) {
        return status;
    }
    ck_encoder *e = ck_new(&ck_heap, sizeof(*e));
    if (e == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    e->log = log;
    status = ck_sound_coder_init(&e->coder, config->channels, FRAME, e, encode_frame);
    if (status == CHALK_OK) {
        status = open_context(e, config);
    }
    if (status != CHALK_OK) {
        aac_close(&e);
        return status;
    }
    *out = e;
    return CHALK_OK;
}

static int aac_info(ck_encoder *e, ck_encoder_info *info)
{
    *info = (ck_encoder_info){
        .name = NAME, .config = e->config, .frame_samples = FRAME, .delay_samples = FRAME};
    return CHALK_OK;
}

static int aac_send(ck_encoder *e, const ck_audio_block *block)
{
    return ck_sound_coder_send(&e->coder, block);
}

static int aac_drain(ck_encoder *e)
{
    if (e->coder.drained) {
        return CHALK_OK;
    }
    const int status = ck_sound_coder_drain(&e->coder);
    /* An encoder that was never given anything has nothing to flush. */
    return status != CHALK_OK || e->stamps.next == 0 ? status : encode(e, NULL);
}

static int aac_receive(ck_encoder *e, ck_packet *out)
{
    return ck_sound_coder_receive(&e->coder, out);
}

static int aac_set_bitrate(ck_encoder *e, uint32_t kbps)
{
    if (kbps < 1) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    e->context->bit_rate = bit_rate(kbps, e->coder.channels);
    return CHALK_OK;
}

static int aac_send_video(ck_encoder *e, const chalk_video_frame *frame, int64_t pts_us, bool key)
{
    (void)e;
    (void)frame;
    (void)pts_us;
    (void)key;
    return CHALK_ERR_UNSUPPORTED;
}

const ck_encoder_backend ck_aac_encoder = {
    .name = NAME,
    .codec = CHALK_CODEC_AAC,
    .open = aac_open,
    .info = aac_info,
    .send_video = aac_send_video,
    .send_audio = aac_send,
    .drain = aac_drain,
    .receive = aac_receive,
    .set_bitrate = aac_set_bitrate,
    .close = aac_close,
};
