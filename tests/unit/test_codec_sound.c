/* AAC and Opus there and back: times to the sample, gaps, overlaps, and what is refused. */
#include "unit/codec_support.h"

#include "support/check.h"

#include "base/check.h"
#include "base/rng.h"
#include "core/aac/config.h"
#include "core/opus/head.h"

#include <math.h>
#include <stdlib.h>

#define RATE 48000

typedef struct sound_codec {
    uint32_t codec;
    const char *encoder;
    uint32_t frame;     /* samples in a packet */
    uint32_t delay;     /* samples that come out first and were never put in */
    uint32_t held;      /* packets that the encoder keeps */
    size_t payload_max; /* bytes that the decoder takes */
    int refused_min;    /* of 460 damaged packets: Opus finds sense in nearly anything */
} sound_codec;

static const sound_codec sounds[] = {
    {CHALK_CODEC_AAC, "aac", 1024, 1024, 1, 8192, 20},
    {CHALK_CODEC_OPUS, "libopus", 960, 312, 0, 61500, 2},
};
static const sound_codec *tested;

static void each_sound(void (*body)(void))
{
    for (size_t i = 0; i < CK_COUNT_OF(sounds); i++) {
        tested = &sounds[i];
        body();
    }
}

static const ck_encoder_backend *encoder(void)
{
    return ck_test_encoder(tested->encoder);
}

static const ck_decoder_backend *decoder(void)
{
    return ck_test_decoder(tested->codec);
}

static ck_encoder *open_encoder(uint32_t channels, uint32_t kbps)
{
    const ck_encoder_config config = {.codec = tested->codec,
                                      .hint = CHALK_HINT_VOICE,
                                      .bitrate_kbps = kbps,
                                      .rate = RATE,
                                      .channels = channels};
    ck_encoder *e = NULL;
    CK_CHECK_EQ(encoder()->open(&config, NULL, &e), CHALK_OK);
    return e;
}

static void check_config(ck_slice config)
{
    ck_aac_config aac;
    ck_opus_head head;
    if (tested->codec == CHALK_CODEC_AAC) {
        CK_CHECK_EQ(ck_aac_config_parse(config.data, config.size, &aac), CHALK_OK);
        CK_CHECK_EQ(aac.sample_rate_hz, RATE);
    } else {
        CK_CHECK_EQ(ck_opus_head_parse(config.data, config.size, &head), CHALK_OK);
        CK_CHECK_EQ(head.pre_skip, tested->delay);
    }
}

static ck_decoder *open_decoder(ck_encoder *e)
{
    ck_encoder_info info;
    CK_CHECK_EQ(encoder()->info(e, &info), CHALK_OK);
    CK_CHECK_EQ(info.frame_samples, tested->frame);
    CK_CHECK_EQ(info.delay_samples, tested->delay);
    check_config(info.config);
    ck_decoder *d = NULL;
    CK_CHECK_EQ(decoder()->open(tested->codec, info.config, NULL, &d), CHALK_OK);
    return d;
}

/* What a listener hears, laid out by the blocks' own times: sample 0 is at LINE_START_US. */
#define LINE_START_US INT64_C(4900000)
#define LINE_SAMPLES  (8 * RATE)

typedef struct line {
    float samples[LINE_SAMPLES]; /* left channel */
    int64_t last_pts_us;
    uint32_t packets;
    size_t bytes;
} line;

static void play(ck_decoder *d, const ck_packet *packet, line *to)
{
    CK_CHECK(packet->key && !packet->config);
    CK_CHECK_EQ(packet->pts_us, packet->dts_us);
    CK_CHECK(to->packets == 0 || packet->pts_us > to->last_pts_us);
    to->last_pts_us = packet->pts_us;
    to->packets++;
    to->bytes += packet->payload.size;
    CK_CHECK_EQ(decoder()->send(d, packet), CHALK_OK);
    ck_audio_block block;
    CK_CHECK_EQ(decoder()->receive_audio(d, &block), CHALK_OK);
    CK_CHECK_EQ(block.rate, RATE);
    CK_CHECK_EQ(block.channels, 2);
    CK_CHECK_EQ(block.pts_us, packet->pts_us);
    const int64_t at = (block.pts_us - LINE_START_US) * RATE / 1000000;
    for (uint32_t i = 0; i < block.frames; i++) {
        if (at + i >= 0 && at + i < LINE_SAMPLES) {
            to->samples[at + i] = block.samples[2 * i];
        }
    }
    CK_CHECK_EQ(decoder()->receive_audio(d, &block), CHALK_ERR_AGAIN);
}

static void receive_all(ck_encoder *e, ck_decoder *d, line *to, int expected_end)
{
    ck_packet packet;
    int status;
    while ((status = encoder()->receive(e, &packet)) == CHALK_OK) {
        play(d, &packet, to);
        ck_packet_unref(&packet);
    }
    CK_CHECK_EQ(status, expected_end);
}

static void send(ck_encoder *e, const float *samples, uint32_t frames, uint32_t channels,
                 int64_t pts_us)
{
    const ck_audio_block block = {.samples = samples,
                                  .frames = frames,
                                  .rate = RATE,
                                  .channels = channels,
                                  .pts_us = pts_us,
                                  .capture_us = (uint64_t)pts_us + 1000};
    CK_CHECK_EQ(encoder()->send_audio(e, &block), CHALK_OK);
}

/* Where the loudest sample of a span of stream time is. */
static int64_t loudest_us(const line *l, int64_t from_us, int64_t to_us)
{
    const int64_t from = (from_us - LINE_START_US) * RATE / 1000000;
    const int64_t to = (to_us - LINE_START_US) * RATE / 1000000;
    int64_t best = from;
    for (int64_t i = from; i < to; i++) {
        best = fabsf(l->samples[i]) > fabsf(l->samples[best]) ? i : best;
    }
    return LINE_START_US + best * 1000000 / RATE;
}

typedef struct click_row {
    uint32_t channels;
    uint32_t block; /* samples in one call */
    uint32_t kbps;
} click_row;

static const click_row click_rows[] = {
    {1, 480, 64}, {2, 480, 96}, {1, 1, 64}, {2, 1024, 128}, {1, 96000, 64}, {1, 1023, 48},
};

/* A click each half second is heard when it was made, within a millisecond. */
static void clicks_stay_where_they_were(void)
{
    static float sound[2 * RATE * 2];
    static line heard;
    for (size_t i = 0; i < sizeof(click_rows) / sizeof(click_rows[0]); i++) {
        const click_row *row = &click_rows[i];
        const uint32_t total = row->block == 1 ? RATE : 2 * RATE;
        memset(sound, 0, sizeof sound);
        for (uint32_t s = RATE / 4; s < total; s += RATE / 2) {
            for (uint32_t c = 0; c < row->channels; c++) {
                sound[s * row->channels + c] = 0.9f;
            }
        }
        memset(&heard, 0, sizeof heard);
        ck_encoder *e = open_encoder(row->channels, row->kbps);
        ck_decoder *d = open_decoder(e);
        for (uint32_t s = 0; s < total; s += row->block) {
            const uint32_t frames = total - s < row->block ? total - s : row->block;
            send(e, sound + (size_t)s * row->channels, frames, row->channels,
                 5000000 + s * INT64_C(1000000) / RATE);
            receive_all(e, d, &heard, CHALK_ERR_AGAIN);
        }
        CK_CHECK_EQ(encoder()->drain(e), CHALK_OK);
        receive_all(e, d, &heard, CHALK_ERR_END);
        for (uint32_t s = RATE / 4; s < total; s += RATE / 2) {
            const int64_t made_us = 5000000 + s * INT64_C(1000000) / RATE;
            const int64_t off = loudest_us(&heard, made_us - 200000, made_us + 200000) - made_us;
            CK_CHECK_ROW(i, off >= -1000 && off <= 1000);
        }
        encoder()->close(&e);
        decoder()->close(&d);
    }
}

CK_TEST(codec_sound, clicks_stay_where_they_were)
{
    each_sound(clicks_stay_where_they_were);
}

static void capture_times_follow_the_samples(void)
{
    static const float quiet[4800];
    ck_encoder *e = open_encoder(1, 64);
    send(e, quiet, 4800, 1, 5000000);
    ck_packet packet;
    int count = 0;
    while (encoder()->receive(e, &packet) == CHALK_OK) {
        const int64_t samples = count * (int64_t)tested->frame - tested->delay;
        const int64_t expected = 5000000 + samples * 1000000 / RATE;
        CK_CHECK(llabs(packet.pts_us - expected) <= 1);
        CK_CHECK(llabs((int64_t)packet.capture_us - (packet.pts_us + 1000)) <= 1);
        ck_packet_unref(&packet);
        count++;
    }
    CK_CHECK_EQ(count, 4800 / tested->frame - tested->held);
    encoder()->close(&e);
}

CK_TEST(codec_sound, capture_times_follow_the_samples)
{
    each_sound(capture_times_follow_the_samples);
}

/* A tone with a hole, an overlap and a jump in the stated times. */
static void fill_tone(float *to, uint32_t frames, uint32_t *phase)
{
    for (uint32_t i = 0; i < frames; i++) {
        to[i] = 0.5f * sinf((float)((*phase)++ % RATE) * 6.2831853f * 440.0f / RATE);
    }
}

static double loudness(const line *l, int64_t from_us, int64_t to_us)
{
    const int64_t from = (from_us - LINE_START_US) * RATE / 1000000;
    const int64_t to = (to_us - LINE_START_US) * RATE / 1000000;
    double sum = 0;
    for (int64_t i = from; i < to; i++) {
        sum += (double)l->samples[i] * l->samples[i];
    }
    return sqrt(sum / (double)(to - from));
}

static void holes_overlaps_and_jumps(void)
{
    float tone[4800];
    uint32_t phase = 0;
    line *heard = calloc(1, sizeof(*heard));
    ck_encoder *e = open_encoder(1, 96);
    ck_decoder *d = open_decoder(e);
    static const int64_t starts_us[] = {
        5000000, 5100000, 5210000, /* 10 ms late: samples are counted on, to 5.3 s */
        5800000,                   /* half a second of nothing: silence */
        5850000,                   /* 50 ms too early: that much is left out, to 5.95 s */
        9000000, 9100000,          /* three seconds: the line begins anew */
    };
    for (size_t i = 0; i < sizeof(starts_us) / sizeof(starts_us[0]); i++) {
        fill_tone(tone, 4800, &phase);
        send(e, tone, 4800, 1, starts_us[i]);
        receive_all(e, d, heard, CHALK_ERR_AGAIN);
    }
    const ck_audio_block back = {
        .samples = tone, .frames = 4800, .rate = RATE, .channels = 1, .pts_us = 7000000};
    CK_CHECK_EQ(encoder()->send_audio(e, &back), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(encoder()->drain(e), CHALK_OK);
    receive_all(e, d, heard, CHALK_ERR_END);
    CK_CHECK(loudness(heard, 5050000, 5290000) > 0.3);
    CK_CHECK(loudness(heard, 5340000, 5760000) < 0.01);
    CK_CHECK(loudness(heard, 5810000, 5940000) > 0.3);
    CK_CHECK(loudness(heard, 6000000, 8900000) < 0.01);
    CK_CHECK(loudness(heard, 9010000, 9190000) > 0.3);
    /* No packets were spent on the three seconds. */
    CK_CHECK(heard->packets < 70);
    encoder()->close(&e);
    decoder()->close(&d);
    free(heard);
}

CK_TEST(codec_sound, holes_overlaps_and_jumps)
{
    each_sound(holes_overlaps_and_jumps);
}

static size_t bytes_of_second(ck_encoder *e, ck_rng *rng, int64_t *pts_us)
{
    static float noise[RATE];
    size_t bytes = 0;
    for (uint32_t i = 0; i < RATE; i++) {
        noise[i] = (float)(ck_rng_unit(rng) - 0.5);
    }
    send(e, noise, RATE, 1, *pts_us);
    *pts_us += 1000000;
    ck_packet packet;
    while (encoder()->receive(e, &packet) == CHALK_OK) {
        bytes += packet.payload.size;
        ck_packet_unref(&packet);
    }
    return bytes;
}

static void bitrate_changes_while_running(void)
{
    ck_encoder *e = open_encoder(1, 128);
    ck_rng rng;
    ck_rng_seed(&rng, 3);
    int64_t pts_us = 0;
    bytes_of_second(e, &rng, &pts_us);
    const size_t high = bytes_of_second(e, &rng, &pts_us);
    CK_CHECK_EQ(encoder()->set_bitrate(e, 32), CHALK_OK);
    bytes_of_second(e, &rng, &pts_us);
    const size_t low = bytes_of_second(e, &rng, &pts_us);
    CK_CHECK_EQ(encoder()->set_bitrate(e, 0), CHALK_ERR_INVALID_ARGUMENT);
    if (high < 13000 || high > 19000 || low > 6000) {
        CK_FAIL("%zu bytes a second at 128 kbit/s, %zu at 32", high, low);
    }
    encoder()->close(&e);
}

CK_TEST(codec_sound, bitrate_changes_while_running)
{
    each_sound(bitrate_changes_while_running);
}

static void bad_samples_do_not_stop_the_sound(void)
{
    float samples[4096];
    ck_rng rng;
    ck_rng_seed(&rng, 4);
    ck_encoder *e = open_encoder(2, 96);
    ck_decoder *d = open_decoder(e);
    line *heard = calloc(1, sizeof(*heard));
    for (int i = 0; i < 50; i++) {
        for (size_t s = 0; s < 4096; s++) {
            const float odd[] = {NAN, INFINITY, -INFINITY, 1e30f, -1e30f, 1e-40f, 0.5f, -2.0f};
            samples[s] = odd[ck_rng_below(&rng, 8)];
        }
        send(e, samples, 2048, 2, 5000000 + i * INT64_C(2048000000) / RATE);
        receive_all(e, d, heard, CHALK_ERR_AGAIN);
    }
    for (int i = 0; i < LINE_SAMPLES; i++) {
        CK_CHECK(isfinite(heard->samples[i]));
    }
    free(heard);
    encoder()->close(&e);
    decoder()->close(&d);
}

CK_TEST(codec_sound, bad_samples_do_not_stop_the_sound)
{
    each_sound(bad_samples_do_not_stop_the_sound);
}

static void refusals_and_states(void)
{
    static const float quiet[2 * 96000];
    const ck_encoder_config bad[] = {
        {.codec = CHALK_CODEC_H264, .bitrate_kbps = 64, .rate = RATE, .channels = 1},
        {.codec = tested->codec, .bitrate_kbps = 64, .rate = 44100, .channels = 1},
        {.codec = tested->codec, .bitrate_kbps = 64, .rate = RATE, .channels = 3},
        {.codec = tested->codec, .bitrate_kbps = 64, .rate = RATE, .channels = 0},
        {.codec = tested->codec, .bitrate_kbps = 0, .rate = RATE, .channels = 1},
    };
    ck_encoder *e = NULL;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CK_CHECK_ROW(i, encoder()->open(&bad[i], NULL, &e) == CHALK_ERR_INVALID_ARGUMENT);
        CK_CHECK_ROW(i, e == NULL);
    }
    e = open_encoder(2, 64);
    static const ck_audio_block blocks[] = {
        {.samples = NULL, .frames = 480, .rate = RATE, .channels = 2},
        {.samples = quiet, .frames = 0, .rate = RATE, .channels = 2},
        {.samples = quiet, .frames = 96001, .rate = RATE, .channels = 2},
        {.samples = quiet, .frames = 480, .rate = 44100, .channels = 2},
        {.samples = quiet, .frames = 480, .rate = RATE, .channels = 1},
    };
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        CK_CHECK_ROW(i, encoder()->send_audio(e, &blocks[i]) == CHALK_ERR_INVALID_ARGUMENT);
    }
    /* Nobody receives: it refuses before it grows, and loses nothing. */
    ck_audio_block block = {.samples = quiet, .frames = 96000, .rate = RATE, .channels = 2};
    int status = CHALK_OK, sent = 0;
    while ((status = encoder()->send_audio(e, &block)) == CHALK_OK) {
        block.pts_us += 2000000;
        sent++;
        CK_CHECK(sent < 10);
    }
    CK_CHECK_EQ(status, CHALK_ERR_AGAIN);
    ck_packet packet;
    int packets = 0;
    while (encoder()->receive(e, &packet) == CHALK_OK) {
        ck_packet_unref(&packet);
        packets++;
    }
    CK_CHECK_EQ(packets, sent * 96000 / (int)tested->frame - (int)tested->held);
    CK_CHECK_EQ(encoder()->send_audio(e, &block), CHALK_OK);
    CK_CHECK_EQ(encoder()->send_video(e, NULL, 0, false), CHALK_ERR_UNSUPPORTED);
    CK_CHECK_EQ(encoder()->drain(e), CHALK_OK);
    CK_CHECK_EQ(encoder()->drain(e), CHALK_OK);
    CK_CHECK_EQ(encoder()->send_audio(e, &block), CHALK_ERR_BAD_STATE);
    encoder()->close(&e); /* with packets unreceived */
    e = open_encoder(1, 64);
    CK_CHECK_EQ(encoder()->drain(e), CHALK_OK); /* never fed */
    CK_CHECK_EQ(encoder()->receive(e, &packet), CHALK_ERR_END);
    encoder()->close(&e);
    encoder()->close(&e);
}

CK_TEST(codec_sound, refusals_and_states)
{
    each_sound(refusals_and_states);
}

static void damage_is_survived(void)
{
    static float noise[RATE];
    ck_rng rng;
    ck_rng_seed(&rng, 5);
    for (uint32_t i = 0; i < RATE; i++) {
        noise[i] = (float)(ck_rng_unit(&rng) - 0.5);
    }
    ck_encoder *e = open_encoder(1, 64);
    ck_decoder *d = open_decoder(e);
    send(e, noise, RATE, 1, 0);
    ck_packet packet;
    int refused = 0;
    while (encoder()->receive(e, &packet) == CHALK_OK) {
        for (int n = 0; n < 10; n++) {
            ck_packet bad = packet;
            bad.payload = ck_slice_copy(&ck_heap, packet.payload.data, packet.payload.size);
            uint8_t *bytes = ck_slice_mutable(bad.payload);
            CK_CHECK(bytes != NULL);
            for (int f = 0; f < 4; f++) {
                bytes[ck_rng_below(&rng, bad.payload.size)] ^= (uint8_t)ck_rng_next(&rng);
            }
            bad.payload.size = 1 + ck_rng_below(&rng, bad.payload.size);
            const int status = decoder()->send(d, &bad);
            ck_audio_block block;
            refused += status == CHALK_ERR_BAD_DATA;
            CK_CHECK(status == CHALK_OK || status == CHALK_ERR_BAD_DATA);
            while (decoder()->receive_audio(d, &block) == CHALK_OK) {
                CK_CHECK(block.frames <= 8192);
            }
            ck_packet_unref(&bad);
        }
        ck_packet_unref(&packet);
    }
    CK_CHECK_ROW(refused, refused >= tested->refused_min);
    ck_packet wrong = {.codec = tested->codec, .key = true};
    CK_CHECK_EQ(decoder()->send(d, &wrong), CHALK_ERR_BAD_DATA);
    wrong.payload = ck_slice_static(noise, tested->payload_max + 1);
    CK_CHECK_EQ(decoder()->send(d, &wrong), CHALK_ERR_TOO_LARGE);
    wrong.config = true;
    wrong.payload = ck_slice_static("\x11", 1);
    CK_CHECK_EQ(decoder()->send(d, &wrong), CHALK_ERR_BAD_DATA);
    decoder()->reset(d);
    send(e, noise, RATE, 1, 1000000);
    CK_CHECK_EQ(encoder()->receive(e, &packet), CHALK_OK);
    CK_CHECK_EQ(decoder()->send(d, &packet), CHALK_OK);
    ck_packet_unref(&packet);
    encoder()->close(&e);
    decoder()->close(&d);
    CK_CHECK_EQ(decoder()->open(CHALK_CODEC_H264, (ck_slice){0}, NULL, &d),
                CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(decoder()->open(tested->codec, ck_slice_static("?", 1), NULL, &d),
                CHALK_ERR_BAD_DATA);
}

CK_TEST(codec_sound, damage_is_survived)
{
    each_sound(damage_is_survived);
}
