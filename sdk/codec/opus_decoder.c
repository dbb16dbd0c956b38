/*
 * Opus by libopus. One packet in, one block out: 48 kHz stereo, whatever the stream has.
 *
 * A block's time is that of its packet. Pre-skip is not taken off: it is in the packets' times
 * (opus_encoder.c, and every publisher that compensates).
 */
#include "codec/codecs.h"

#include "base/check.h"
#include "core/opus/head.h"
#include "core/opus/packet.h"

#include <opus.h>

#define NAME "libopus"
/* 48 frames of at most 1,275 bytes, and their sizes (RFC 6716, 3.2.5). */
#define PAYLOAD_MAX 61500u

struct ck_decoder {
    const ck_log *log;
    OpusDecoder *codec;
    uint32_t frames; /* of `samples`, 0: nothing to receive */
    int64_t pts_us;
    uint64_t capture_us;
    bool drained;
    bool complained; /* one line for a run of broken packets */
    float samples[CK_OPUS_SAMPLES_MAX * CHALK_PLAYBACK_CHANNELS];
};

static int set_config(ck_decoder *d, ck_slice config)
{
    ck_opus_head head;
    const int status = ck_opus_head_parse(config.data, config.size, &head);
    if (status != CHALK_OK) {
        return status;
    }
    const int error = opus_decoder_ctl(d->codec, OPUS_SET_GAIN(head.gain_256ths_db));
    return error == OPUS_OK ? CHALK_OK : CHALK_ERR_CODEC;
}

static void opus_close(ck_decoder **decoder)
{
    ck_decoder *d = *decoder;
    if (d == NULL) {
        return;
    }
    *decoder = NULL;
    if (d->codec != NULL) {
        opus_decoder_destroy(d->codec);
    }
    ck_free(&ck_heap, d);
}

static int opus_open(uint32_t codec, ck_slice config, const ck_log *log, ck_decoder **out)
{
    *out = NULL;
    if (codec != CHALK_CODEC_OPUS) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_decoder *d = ck_new(&ck_heap, sizeof(*d));
    if (d == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    int error = OPUS_OK;
    d->log = log;
    d->codec = opus_decoder_create(CHALK_SAMPLE_RATE, CHALK_PLAYBACK_CHANNELS, &error);
    int status = error == OPUS_OK           ? CHALK_OK
                 : error == OPUS_ALLOC_FAIL ? CHALK_ERR_NO_MEMORY
                                            : CHALK_ERR_CODEC;
    if (status == CHALK_OK) {
        status = set_config(d, config);
    }
    if (status != CHALK_OK) {
        opus_close(&d);
        return status;
    }
    *out = d;
    return CHALK_OK;
}

static int complain(ck_decoder *d, const char *what)
{
    if (!d->complained) {
        ck_logf(d->log, 2, "codec", NAME ": cannot decode: %s", what);
    }
    d->complained = true;
    return CHALK_ERR_BAD_DATA;
}

/* Decodes `packet`, or (fec) what it carries of the one before it, or nothing: concealment. */
static int decode(ck_decoder *d, const ck_packet *packet, uint32_t frames, bool fec)
{
    const uint8_t *data = packet != NULL ? packet->payload.data : NULL;
    const opus_int32 size = packet != NULL ? (opus_int32)packet->payload.size : 0;
    const int got = opus_decode_float(d->codec, data, size, d->samples, (int)frames, fec ? 1 : 0);
    if (got < 0) {
        return complain(d, opus_strerror(got));
    }
    d->complained = false;
    d->frames = (uint32_t)got;
    return CHALK_OK;
}

static int check_packet(ck_decoder *d, const ck_packet *packet, uint32_t *samples)
{
    if (packet->payload.size > PAYLOAD_MAX) {
        return CHALK_ERR_TOO_LARGE;
    }
    const int status = ck_opus_packet_samples(packet->payload.data, packet->payload.size, samples);
    return status == CHALK_OK ? CHALK_OK : complain(d, "no Opus packet");
}

static int opus_send(ck_decoder *d, const ck_packet *packet)
{
    if (packet->codec != CHALK_CODEC_OPUS) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (packet->config) {
        return set_config(d, packet->payload);
    }
    if (d->drained || d->frames > 0) {
        return d->drained ? CHALK_ERR_BAD_STATE : CHALK_ERR_AGAIN;
    }
    uint32_t samples = 0;
    int status = check_packet(d, packet, &samples);
    if (status == CHALK_OK) {
        status = decode(d, packet, samples, false);
    }
    d->pts_us = packet->pts_us;
    d->capture_us = packet->capture_us;
    return status;
}

static int opus_conceal(ck_decoder *d, const ck_packet *next, int64_t pts_us, uint32_t frames)
{
    if (frames < 1 || frames > CK_OPUS_SAMPLES_MAX || frames % (CHALK_SAMPLE_RATE / 400) != 0) {
        return CHALK_ERR_INVALID_ARGUMENT; /* libopus makes up whole 2.5 ms */
    }
    if (d->drained || d->frames > 0) {
        return d->drained ? CHALK_ERR_BAD_STATE : CHALK_ERR_AGAIN;
    }
    uint32_t samples = 0;
    int status = next != NULL ? check_packet(d, next, &samples) : CHALK_OK;
    if (status == CHALK_OK) {
        status = decode(d, next, frames, next != NULL);
    }
    d->pts_us = pts_us;
    d->capture_us = 0;
    return status;
}

static int opus_receive(ck_decoder *d, ck_audio_block *out)
{
    *out = (ck_audio_block){0};
    if (d->frames == 0) {
        return d->drained ? CHALK_ERR_END : CHALK_ERR_AGAIN;
    }
    *out = (ck_audio_block){
        .samples = d->samples,
        .frames = d->frames,
        .rate = CHALK_SAMPLE_RATE,
        .channels = CHALK_PLAYBACK_CHANNELS,
        .capture_us = d->capture_us,
        .pts_us = d->pts_us,
    };
    d->frames = 0;
    return CHALK_OK;
}

static int opus_drain(ck_decoder *d)
{
    d->drained = true; /* nothing is ever held back */
    return CHALK_OK;
}

static void opus_reset(ck_decoder *d)
{
    (void)opus_decoder_ctl(d->codec, OPUS_RESET_STATE); /* cannot fail; the gain stays */
    d->frames = 0;
    d->drained = false;
    d->complained = false;
}

static int opus_receive_video(ck_decoder *d, chalk_video_frame **out)
{
    (void)d;
    *out = NULL;
    return CHALK_ERR_UNSUPPORTED;
}

const ck_decoder_backend ck_opus_decoder = {
    .name = NAME,
    .codec = CHALK_CODEC_OPUS,
    .open = opus_open,
    .send = opus_send,
    .receive_video = opus_receive_video,
    .receive_audio = opus_receive,
    .conceal = opus_conceal,
    .drain = opus_drain,
    .reset = opus_reset,
    .close = opus_close,
};
