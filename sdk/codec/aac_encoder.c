/*
 * AAC-LC by FFmpeg's own encoder.
 *
 * Times: ck_audio_block.pts_us is the stream time of a block's first sample and is kept to within
 * CK_SOUND_DRIFT_US (sound_line.h). A packet's pts_us is the stream time of the first sample that a
 * decoder gives for it: the encoder's priming is already accounted for, nobody has to subtract
 * anything. The first packet is that priming alone and so begins `delay_samples` (21.3 ms) before
 * the first block; a time line that cannot go below 0 should begin its sound there or leave that
 * packet out.
 */
#include "codec/av.h"
#include "codec/codecs.h"
#include "codec/sound_line.h"
#include "codec/stamps.h"

#include "base/check.h"
#include "base/ring.h"

#include <math.h>
#include <string.h>

#define NAME        "aac"
#define RATE        48000
#define FRAME       1024
#define BLOCK_MAX   96000u /* samples per channel in one call */
#define PACKETS_MAX 256u   /* 5.4 s: a block and the silence before it always fit into half */
#define KBPS_MIN    16u    /* a channel */
#define KBPS_MAX    256u

struct ck_encoder {
    const ck_log *log;
    AVCodecContext *context;
    AVFrame *frame;
    AVPacket *packet;
    ck_slice config;
    ck_ring packets; /* of ck_packet */
    ck_stamps stamps;
    ck_sound_line line;
    uint32_t channels;
    uint32_t filled;  /* samples of the frame that is being put together */
    ck_stamp begun;   /* when its first sample was */
    bool has_capture; /* capture times of blocks are known, */
    int64_t capture_minus_pts;
    int64_t received; /* packets so far */
    bool drained;
};

static int64_t bit_rate(uint32_t kbps, uint32_t channels)
{
    return (int64_t)CK_CLAMP(kbps, KBPS_MIN * channels, KBPS_MAX * channels) * 1000;
}

static int alloc_frame(ck_encoder *e)
{
    e->frame->format = AV_SAMPLE_FMT_FLTP;
    e->frame->nb_samples = FRAME;
    e->frame->sample_rate = RATE;
    av_channel_layout_default(&e->frame->ch_layout, (int)e->channels);
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
    e->context->sample_rate = RATE;
    e->context->time_base = (AVRational){1, RATE};
    e->context->bit_rate = bit_rate(config->bitrate_kbps, e->channels);
    e->context->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    av_channel_layout_default(&e->context->ch_layout, (int)e->channels);
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

static void aac_close(ck_encoder **encoder)
{
    ck_encoder *e = *encoder;
    if (e == NULL) {
        return;
    }
    *encoder = NULL;
    ck_packet packet;
    while (ck_ring_pop(&e->packets, &packet)) {
        ck_packet_unref(&packet);
    }
    ck_ring_free(&e->packets);
    ck_slice_unref(&e->config);
    avcodec_free_context(&e->context);
    av_frame_free(&e->frame);
    av_packet_free(&e->packet);
    ck_free(&ck_heap, e);
}

static int aac_open(const ck_encoder_config *config, const ck_log *log, ck_encoder **out)
{
    *out = NULL;
    if (config->codec != CHALK_CODEC_AAC || config->rate != RATE || config->channels < 1 ||
        config->channels > 2 || config->bitrate_kbps < 1) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_encoder *e = ck_new(&ck_heap, sizeof(*e));
    if (e == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    e->log = log;
    e->channels = config->channels;
    e->line.rate = RATE;
    int status = ck_ring_init(&e->packets, &ck_heap, sizeof(ck_packet), PACKETS_MAX);
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

static int queue_packet(ck_encoder *e)
{
    const ck_stamp stamp = ck_stamps_get(&e->stamps, e->received++);
    ck_packet packet = {
        .codec = CHALK_CODEC_AAC,
        .key = true,
        .pts_us = stamp.pts_us,
        .dts_us = stamp.pts_us,
        .capture_us = stamp.capture_us,
        .payload = ck_slice_copy(&ck_heap, e->packet->data, (size_t)e->packet->size),
    };
    if (packet.payload.data == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (!ck_ring_push(&e->packets, &packet)) {
        ck_packet_unref(&packet);
        return CHALK_ERR_LIMIT;
    }
    return CHALK_OK;
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
static void stamp_frame(ck_encoder *e)
{
    if (e->stamps.next == 0) {
        const int64_t priming_us = FRAME * INT64_C(1000000) / RATE;
        ck_stamp first = {e->begun.pts_us - priming_us, e->begun.capture_us};
        if (first.capture_us > (uint64_t)priming_us) {
            first.capture_us -= (uint64_t)priming_us;
        }
        ck_stamps_put(&e->stamps, first);
    }
    ck_stamps_put(&e->stamps, e->begun);
}

static int encode_filled(ck_encoder *e)
{
    stamp_frame(e);
    e->frame->pts = e->stamps.next * FRAME;
    e->filled = 0;
    const int status = encode(e, e->frame);
    /* The encoder may keep the samples for one frame more. */
    const int writable = av_frame_make_writable(e->frame);
    return status != CHALK_OK ? status : ck_av_status(writable, CHALK_ERR_NO_MEMORY);
}

static void begin_frame(ck_encoder *e)
{
    e->begun.pts_us = ck_sound_line_next_us(&e->line);
    e->begun.capture_us = e->has_capture ? (uint64_t)(e->begun.pts_us + e->capture_minus_pts) : 0;
}

static float sane(float sample)
{
    /* An application's NaN must not stop the lesson's sound. */
    return isfinite(sample) ? CK_CLAMP(sample, -1.0f, 1.0f) : 0.0f;
}

/* Adds interleaved samples, or silence for NULL. */
static int add(ck_encoder *e, const float *samples, uint32_t frames)
{
    while (frames > 0) {
        if (e->filled == 0) {
            begin_frame(e);
        }
        const uint32_t count = CK_MIN(frames, FRAME - e->filled);
        for (uint32_t c = 0; c < e->channels; c++) {
            float *to = (float *)(void *)e->frame->data[c] + e->filled;
            for (uint32_t i = 0; i < count; i++) {
                to[i] = samples == NULL ? 0.0f : sane(samples[(size_t)i * e->channels + c]);
            }
        }
        samples = samples == NULL ? NULL : samples + (size_t)count * e->channels;
        frames -= count;
        e->filled += count;
        ck_sound_line_count(&e->line, count);
        const int status = e->filled == FRAME ? encode_filled(e) : CHALK_OK;
        if (status != CHALK_OK) {
            return status;
        }
    }
    return CHALK_OK;
}

static int complete_frame(ck_encoder *e)
{
    return e->filled == 0 ? CHALK_OK : add(e, NULL, FRAME - e->filled);
}

static int aac_send(ck_encoder *e, const ck_audio_block *block)
{
    if (block->rate != RATE || block->channels != e->channels || block->samples == NULL ||
        block->frames < 1 || block->frames > BLOCK_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (e->drained) {
        return CHALK_ERR_BAD_STATE;
    }
    ck_sound_fit fit;
    int status = ck_sound_line_fit(&e->line, block->pts_us, block->frames, &fit);
    if (status != CHALK_OK) {
        return status;
    }
    const size_t coming = ((size_t)fit.silence + block->frames) / FRAME + 2;
    if (e->packets.count + coming > PACKETS_MAX) {
        return CHALK_ERR_AGAIN;
    }
    status = fit.restart ? complete_frame(e) : add(e, NULL, fit.silence);
    if (status != CHALK_OK) {
        return status;
    }
    if (fit.restart) {
        ck_sound_line_restart(&e->line, block->pts_us);
    }
    e->has_capture = block->capture_us != 0;
    e->capture_minus_pts = (int64_t)block->capture_us - block->pts_us;
    return add(e, block->samples + (size_t)fit.skip * e->channels, block->frames - fit.skip);
}

static int aac_drain(ck_encoder *e)
{
    if (e->drained) {
        return CHALK_OK;
    }
    const int status = complete_frame(e);
    e->drained = true;
    /* An encoder that was never given anything has nothing to flush. */
    return status != CHALK_OK || e->stamps.next == 0 ? status : encode(e, NULL);
}

static int aac_receive(ck_encoder *e, ck_packet *out)
{
    if (ck_ring_pop(&e->packets, out)) {
        return CHALK_OK;
    }
    return e->drained ? CHALK_ERR_END : CHALK_ERR_AGAIN;
}

static int aac_set_bitrate(ck_encoder *e, uint32_t kbps)
{
    if (kbps < 1) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    e->context->bit_rate = bit_rate(kbps, e->channels);
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
