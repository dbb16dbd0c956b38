/*
 * Opus by libopus: constrained variable bitrate, 20 ms a packet.
 *
 * Times: a packet's pts_us is the stream time of the first sample that a decoder gives for it, as
 * with AAC. What libopus looks ahead (6.5 ms, OpusHead's pre-skip) is already accounted for: sound
 * that began at 0 has a first packet at -6.5 ms.
 */
#include "codec/codecs.h"
#include "codec/sound_coder.h"

#include "base/check.h"
#include "core/opus/head.h"

#include <opus.h>

#define NAME        "libopus"
#define FRAME_MS    20u
#define KBPS_MIN    6u /* a channel */
#define KBPS_MAX    256u
#define PACKET_MAX  4000 /* what libopus recommends; 60 ms at 512 kbit/s take 3,840 */
#define SAMPLES(ms) (CK_SOUND_RATE / 1000 * (ms))

struct ck_encoder {
    const ck_log *log;
    OpusEncoder *codec;
    ck_sound_coder coder;
    uint32_t delay; /* samples that the encoder looks ahead */
    ck_slice head;
    uint8_t packet[PACKET_MAX];
};

static opus_int32 bit_rate(uint32_t kbps, uint32_t channels)
{
    return (opus_int32)CK_CLAMP(kbps, KBPS_MIN * channels, KBPS_MAX * channels) * 1000;
}

static int status_of(int error)
{
    return error == OPUS_OK           ? CHALK_OK
           : error == OPUS_ALLOC_FAIL ? CHALK_ERR_NO_MEMORY
           : error == OPUS_BAD_ARG    ? CHALK_ERR_INVALID_ARGUMENT
                                      : CHALK_ERR_CODEC;
}

static int encode_frame(ck_encoder *e, const float *samples, ck_stamp begun)
{
    const int size = opus_encode_float(e->codec, samples, (int)e->coder.frame, e->packet,
                                       (opus_int32)sizeof(e->packet));
    if (size < 0) {
        ck_logf(e->log, 1, "codec", NAME ": cannot encode: %s", opus_strerror(size));
        return status_of(size);
    }
    const int64_t ahead_us = (int64_t)e->delay * 1000000 / CK_SOUND_RATE;
    begun.pts_us -= ahead_us;
    if (begun.capture_us > (uint64_t)ahead_us) {
        begun.capture_us -= (uint64_t)ahead_us;
    }
    return ck_sound_coder_push(&e->coder, CHALK_CODEC_OPUS, e->packet, (size_t)size, begun);
}

static void opus_close(ck_encoder **encoder)
{
    ck_encoder *e = *encoder;
    if (e == NULL) {
        return;
    }
    *encoder = NULL;
    if (e->codec != NULL) {
        opus_encoder_destroy(e->codec);
    }
    ck_slice_unref(&e->head);
    ck_sound_coder_free(&e->coder);
    ck_free(&ck_heap, e);
}

static int open_codec(ck_encoder *e, const ck_encoder_config *config)
{
    const bool music = config->hint == CHALK_HINT_MUSIC;
    const int application = music ? OPUS_APPLICATION_AUDIO : OPUS_APPLICATION_VOIP;
    int error = OPUS_OK;
    e->codec =
        opus_encoder_create((opus_int32)CK_SOUND_RATE, (int)config->channels, application, &error);
    if (error != OPUS_OK) {
        return status_of(error);
    }
    opus_int32 ahead = 0;
    const int settings[] = {
        opus_encoder_ctl(e->codec,
                         OPUS_SET_BITRATE(bit_rate(config->bitrate_kbps, config->channels))),
        opus_encoder_ctl(e->codec, OPUS_SET_VBR_CONSTRAINT(1)),
        opus_encoder_ctl(e->codec, OPUS_SET_SIGNAL(music ? OPUS_SIGNAL_MUSIC : OPUS_SIGNAL_VOICE)),
        opus_encoder_ctl(e->codec, OPUS_GET_LOOKAHEAD(&ahead)),
    };
    for (size_t i = 0; i < CK_COUNT_OF(settings); i++) {
        if (settings[i] != OPUS_OK) {
            return status_of(settings[i]);
        }
    }
    e->delay = (uint32_t)ahead;
    const ck_opus_head head = {.channels = (uint8_t)config->channels,
                               .pre_skip = (uint16_t)ahead,
                               .input_rate_hz = CK_SOUND_RATE};
    uint8_t bytes[CK_OPUS_HEAD_SIZE];
    ck_opus_head_write(bytes, &head);
    e->head = ck_slice_copy(&ck_heap, bytes, sizeof(bytes));
    return e->head.data != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

static int opus_open(const ck_encoder_config *config, const ck_log *log, ck_encoder **out)
{
    *out = NULL;
    int status = ck_sound_check_config(config, CHALK_CODEC_OPUS);
    if (status != CHALK_OK) {
        return status;
    }
    ck_encoder *e = ck_new(&ck_heap, sizeof(*e));
    if (e == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    e->log = log;
    status = ck_sound_coder_init(&e->coder, config->channels, SAMPLES(FRAME_MS), e, encode_frame);
    if (status == CHALK_OK) {
        status = open_codec(e, config);
    }
    if (status != CHALK_OK) {
        ck_logf(log, 2, "codec", NAME ": cannot open: %s", chalk_error_text(status));
        opus_close(&e);
        return status;
    }
    *out = e;
    return CHALK_OK;
}

static int opus_info(ck_encoder *e, ck_encoder_info *info)
{
    *info = (ck_encoder_info){
        .name = NAME,
        .config = e->head,
        .frame_samples = e->coder.next_frame,
        .delay_samples = e->delay,
    };
    return CHALK_OK;
}

static int opus_send(ck_encoder *e, const ck_audio_block *block)
{
    return ck_sound_coder_send(&e->coder, block);
}

static int opus_drain(ck_encoder *e)
{
    if (e->coder.drained) {
        return CHALK_OK;
    }
    /* One frame more brings out what the encoder still looks at. */
    static const float silence[2 * SAMPLES(FRAME_MS)];
    const ck_audio_block rest = {
        .samples = silence,
        .frames = SAMPLES(FRAME_MS),
        .rate = CK_SOUND_RATE,
        .channels = e->coder.channels,
        .pts_us = ck_sound_line_next_us(&e->coder.line),
    };
    const int status = e->coder.line.started ? ck_sound_coder_send(&e->coder, &rest) : CHALK_OK;
    return status != CHALK_OK ? status : ck_sound_coder_drain(&e->coder);
}

static int opus_receive(ck_encoder *e, ck_packet *out)
{
    return ck_sound_coder_receive(&e->coder, out);
}

static int opus_set_bitrate(ck_encoder *e, uint32_t kbps)
{
    if (kbps < 1) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    return status_of(
        opus_encoder_ctl(e->codec, OPUS_SET_BITRATE(bit_rate(kbps, e->coder.channels))));
}

static int opus_set_network(ck_encoder *e, const ck_encoder_network *n)
{
    const bool known_frame = n->frame_ms == 0 || n->frame_ms == 10 || n->frame_ms == 20 ||
                             n->frame_ms == 40 || n->frame_ms == 60;
    if (n->loss_percent > 100 || !known_frame) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int error = opus_encoder_ctl(e->codec, OPUS_SET_PACKET_LOSS_PERC((opus_int32)n->loss_percent));
    if (error == OPUS_OK) {
        error = opus_encoder_ctl(e->codec, OPUS_SET_INBAND_FEC(n->fec ? 1 : 0));
    }
    if (error == OPUS_OK && n->frame_ms != 0) {
        ck_sound_coder_set_frame(&e->coder, SAMPLES(n->frame_ms));
    }
    return status_of(error);
}

static int opus_send_video(ck_encoder *e, const chalk_video_frame *frame, int64_t pts_us, bool key)
{
    (void)e;
    (void)frame;
    (void)pts_us;
    (void)key;
    return CHALK_ERR_UNSUPPORTED;
}

const ck_encoder_backend ck_opus_encoder = {
    .name = NAME,
    .codec = CHALK_CODEC_OPUS,
    .open = opus_open,
    .info = opus_info,
    .send_video = opus_send_video,
    .send_audio = opus_send,
    .drain = opus_drain,
    .receive = opus_receive,
    .set_bitrate = opus_set_bitrate,
    .set_network = opus_set_network,
    .close = opus_close,
};
