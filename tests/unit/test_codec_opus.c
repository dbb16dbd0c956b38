/* Opus: the IETF's test vectors against libopus itself (where they are not there, a stream of our
 * own), frames of every length, loss and what repairs it. */
#include "unit/codec_support.h"

#include "base/check.h"
#include "core/flv/demux.h"
#include "core/opus/packet.h"
#include "runtime/media/tags.h"
#include "support/check.h"
#include "support/data.h"

#include <libavformat/avformat.h>
#include <math.h>
#include <opus.h>
#include <stdlib.h>

#define RATE 48000

static const ck_encoder_backend *encoder(void)
{
    return ck_test_encoder("libopus");
}

static const ck_decoder_backend *decoder(void)
{
    return ck_test_decoder(CHALK_CODEC_OPUS);
}

static ck_decoder *open_decoder(ck_slice head)
{
    ck_decoder *d = NULL;
    CK_CHECK_EQ(decoder()->open(CHALK_CODEC_OPUS, head, NULL, &d), CHALK_OK);
    return d;
}

/* --- vectors --------------------------------------------------------------------------------- */

typedef struct oracle {
    OpusDecoder *codec;
    ck_decoder *tested;
    float expected[2 * CK_OPUS_SAMPLES_MAX];
    int packets;
} oracle;

/* The same packet through libopus as it comes, and through ours. */
static void compare(oracle *o, const uint8_t *data, size_t size)
{
    const ck_packet packet = {.codec = CHALK_CODEC_OPUS,
                              .key = true,
                              .pts_us = o->packets,
                              .payload = ck_slice_static(data, size)};
    ck_audio_block block;
    const int frames =
        opus_decode_float(o->codec, data, (opus_int32)size, o->expected, CK_OPUS_SAMPLES_MAX, 0);
    CK_CHECK(frames > 0);
    CK_CHECK_EQ(decoder()->send(o->tested, &packet), CHALK_OK);
    CK_CHECK_EQ(decoder()->receive_audio(o->tested, &block), CHALK_OK);
    CK_CHECK_EQ(block.frames, frames);
    CK_CHECK_EQ(block.pts_us, o->packets);
    CK_CHECK_MEM(block.samples, o->expected, (size_t)frames * 2 * sizeof(float));
    o->packets++;
}

static void open_oracle(oracle *o)
{
    int error = OPUS_OK;
    o->packets = 0;
    o->codec = opus_decoder_create(RATE, 2, &error);
    CK_CHECK_EQ(error, OPUS_OK);
    o->tested = open_decoder((ck_slice){0});
}

static void close_oracle(oracle *o)
{
    opus_decoder_destroy(o->codec);
    decoder()->close(&o->tested);
}

/* False without the file. */
static bool run_vector(const char *path)
{
    static oracle o;
    size_t size = 0;
    uint8_t *data = ck_data_load(path, &size);
    if (data == NULL) {
        return false;
    }
    FILE *file = tmpfile();
    CK_CHECK(file != NULL && fwrite(data, 1, size, file) == size && fflush(file) == 0);
    free(data);
    char url[64];
    (void)snprintf(url, sizeof url, "/proc/self/fd/%d", fileno(file));
    AVFormatContext *format = NULL;
    AVPacket *packet = av_packet_alloc();
    CK_CHECK(avformat_open_input(&format, url, NULL, NULL) == 0);
    open_oracle(&o);
    while (av_read_frame(format, packet) >= 0) {
        compare(&o, packet->data, (size_t)packet->size);
        av_packet_unref(packet);
    }
    CK_CHECK(o.packets > 100);
    close_oracle(&o);
    av_packet_free(&packet);
    avformat_close_input(&format);
    (void)fclose(file);
    return true;
}

/* The sound of the film of Enhanced RTMP, through the tags that carry it; its AV1 is refused. */
static bool run_film(void)
{
    static oracle o;
    size_t size = 0;
    uint8_t *data = ck_data_load("media/ertmp/testsrc.flv", &size);
    if (data == NULL) {
        return false;
    }
    ck_flv_demux d;
    ck_flv_tag tag;
    int refused = 0;
    open_oracle(&o);
    ck_flv_demux_init(&d, &(ck_flv_demux_config){.alloc = &ck_heap});
    CK_CHECK_EQ(ck_flv_demux_feed(&d, data, size), CHALK_OK);
    while (ck_flv_demux_poll_tag(&d, &tag) == CHALK_OK) {
        uint32_t media = 0;
        ck_packet packet;
        const char *name = NULL;
        const int status = ck_packet_of_tag(&tag, &media, &packet, &name);
        if (status == CHALK_OK && packet.config) {
            CK_CHECK_EQ(decoder()->send(o.tested, &packet), CHALK_OK);
        } else if (status == CHALK_OK) {
            CK_CHECK_EQ(media, CHALK_MEDIA_AUDIO);
            compare(&o, packet.payload.data, packet.payload.size);
        } else if (status == CHALK_ERR_CODEC_UNKNOWN) {
            CK_CHECK_STR(name, "AV1");
            refused++;
        }
        ck_packet_unref(&packet);
        ck_slice_unref(&tag.body);
    }
    CK_CHECK_EQ(o.packets, 501);
    CK_CHECK(refused > 200);
    close_oracle(&o);
    ck_flv_demux_free(&d);
    free(data);
    return true;
}

/* Each mode and length that libopus makes by itself. */
static void run_stand_in(void)
{
    static oracle o;
    static const int frames[] = {120, 240, 480, 960, 1920, 2880};
    static float tone[2 * 2880];
    uint8_t bytes[4000];
    int error = OPUS_OK;
    OpusEncoder *e = opus_encoder_create(RATE, 2, OPUS_APPLICATION_AUDIO, &error);
    open_oracle(&o);
    for (int n = 0; n < 120; n++) {
        const int count = frames[n / 20];
        CK_CHECK_EQ(opus_encoder_ctl(e, OPUS_SET_BITRATE(12000 * (n % 20 + 1))), OPUS_OK);
        for (int i = 0; i < count; i++) {
            tone[2 * i] = 0.4f * sinf((float)(n * 2880 + i) * 0.05f);
            tone[2 * i + 1] = 0.4f * sinf((float)(n * 2880 + i) * 0.02f);
        }
        const int size = opus_encode_float(e, tone, count, bytes, sizeof bytes);
        CK_CHECK(size > 0);
        compare(&o, bytes, (size_t)size);
    }
    close_oracle(&o);
    opus_encoder_destroy(e);
}

CK_TEST(codec_opus, sound_is_that_of_libopus)
{
    static const char *const vectors[] = {
        "media/opus/testvector02.mka", "media/opus/testvector03.mka", "media/opus/testvector04.mka",
        "media/opus/testvector05.mka"};
    int found = 0;
    for (size_t i = 0; i < CK_COUNT_OF(vectors); i++) {
        found += run_vector(vectors[i]);
    }
    found += run_film();
    if (found == 0) {
        run_stand_in();
    }
}

/* --- the network ----------------------------------------------------------------------------- */

static ck_encoder *open_encoder(uint32_t kbps)
{
    const ck_encoder_config config = {.codec = CHALK_CODEC_OPUS,
                                      .hint = CHALK_HINT_VOICE,
                                      .bitrate_kbps = kbps,
                                      .rate = RATE,
                                      .channels = 1};
    ck_encoder *e = NULL;
    CK_CHECK_EQ(encoder()->open(&config, NULL, &e), CHALK_OK);
    return e;
}

/* Something like speech: a voiced tone with overtones that comes and goes. */
static void speak(float *to, uint32_t count, uint32_t *at)
{
    for (uint32_t i = 0; i < count; i++, (*at)++) {
        const float t = (float)*at / RATE;
        const float loud = 0.25f + 0.25f * sinf(t * 9.0f);
        const float pitch = 880.0f + 250.0f * sinf(t * 3.0f);
        to[i] = loud *
                (0.6f * sinf(pitch * t) + 0.3f * sinf(2 * pitch * t) + 0.1f * sinf(5 * pitch * t));
    }
}

CK_TEST(codec_opus, the_length_of_packets_changes_while_running)
{
    static const uint32_t lengths[] = {20, 10, 40, 60, 20};
    static float sound[RATE];
    uint32_t at = 0;
    ck_encoder *e = open_encoder(32);
    int64_t end_us = 0;
    for (size_t i = 0; i < CK_COUNT_OF(lengths); i++) {
        const ck_encoder_network network = {.frame_ms = lengths[i]};
        const int64_t start_us = (int64_t)at * 1000000 / RATE;
        CK_CHECK_EQ(encoder()->set_network(e, &network), CHALK_OK);
        speak(sound, RATE, &at);
        const ck_audio_block block = {
            .samples = sound, .frames = RATE, .rate = RATE, .channels = 1, .pts_us = start_us};
        CK_CHECK_EQ(encoder()->send_audio(e, &block), CHALK_OK);
        ck_packet packet;
        int packets = 0;
        while (encoder()->receive(e, &packet) == CHALK_OK) {
            uint32_t samples = 0;
            CK_CHECK_EQ(ck_opus_packet_samples(packet.payload.data, packet.payload.size, &samples),
                        CHALK_OK);
            /* The one that was begun before keeps its length. */
            CK_CHECK_ROW(i, packets == 0 || samples == lengths[i] * RATE / 1000);
            CK_CHECK_ROW(i, (i == 0 && packets == 0) || llabs(packet.pts_us - end_us) <= 1);
            end_us = packet.pts_us + (int64_t)samples * 1000000 / RATE;
            packets++;
            ck_packet_unref(&packet);
        }
        CK_CHECK_ROW(i, packets >= 1000 / (int)lengths[i] - 1);
    }
    static const ck_encoder_network bad[] = {
        {.loss_percent = 101}, {.frame_ms = 15}, {.frame_ms = 80}};
    for (size_t i = 0; i < CK_COUNT_OF(bad); i++) {
        CK_CHECK_ROW(i, encoder()->set_network(e, &bad[i]) == CHALK_ERR_INVALID_ARGUMENT);
    }
    encoder()->close(&e);
}

#define PACKETS 100
#define FRAME   960

/* How far what is heard is from what would be heard without loss, over the lost packets alone.
 * Every fifth packet is lost. */
static double error_of(bool fec, bool use_next)
{
    static float sound[PACKETS * FRAME], lossless[2 * FRAME];
    ck_packet packets[PACKETS];
    uint32_t at = 0;
    int count = 0;
    ck_encoder *e = open_encoder(32);
    const ck_encoder_network network = {.loss_percent = 20, .fec = fec};
    CK_CHECK_EQ(encoder()->set_network(e, &network), CHALK_OK);
    speak(sound, PACKETS * FRAME, &at);
    const ck_audio_block all = {
        .samples = sound, .frames = PACKETS * FRAME, .rate = RATE, .channels = 1};
    CK_CHECK_EQ(encoder()->send_audio(e, &all), CHALK_OK);
    while (count < PACKETS && encoder()->receive(e, &packets[count]) == CHALK_OK) {
        count++;
    }
    CK_CHECK_EQ(count, PACKETS);
    ck_encoder_info info;
    CK_CHECK_EQ(encoder()->info(e, &info), CHALK_OK);
    ck_decoder *whole = open_decoder(info.config), *lossy = open_decoder(info.config);
    double error = 0, power = 0;
    for (int n = 0; n < PACKETS; n++) {
        const bool lost = n % 5 == 4 && n + 1 < PACKETS;
        ck_audio_block block;
        CK_CHECK_EQ(decoder()->send(whole, &packets[n]), CHALK_OK);
        CK_CHECK_EQ(decoder()->receive_audio(whole, &block), CHALK_OK);
        memcpy(lossless, block.samples, sizeof lossless);
        CK_CHECK_EQ(lost ? decoder()->conceal(lossy, use_next ? &packets[n + 1] : NULL,
                                              packets[n].pts_us, FRAME)
                         : decoder()->send(lossy, &packets[n]),
                    CHALK_OK);
        CK_CHECK_EQ(decoder()->receive_audio(lossy, &block), CHALK_OK);
        CK_CHECK_EQ(block.frames, FRAME);
        CK_CHECK_EQ(block.pts_us, packets[n].pts_us);
        for (int i = 0; lost && i < FRAME; i++) {
            const double off = (double)block.samples[2 * i] - (double)lossless[2 * i];
            error += off * off;
            power += (double)lossless[2 * i] * (double)lossless[2 * i];
        }
    }
    for (int n = 0; n < PACKETS; n++) {
        ck_packet_unref(&packets[n]);
    }
    encoder()->close(&e);
    decoder()->close(&whole);
    decoder()->close(&lossy);
    return error / power;
}

CK_TEST(codec_opus, the_next_packet_repairs_the_one_before)
{
    const double concealed = error_of(true, false), repaired = error_of(true, true);
    if (repaired > 0.5 * concealed) {
        CK_FAIL("the error is %.3f repaired, %.3f concealed", repaired, concealed);
    }
}

CK_TEST(codec_opus, concealment_is_bounded)
{
    ck_decoder *d = open_decoder((ck_slice){0});
    ck_audio_block block;
    static const uint32_t bad[] = {0, 100, 119, 121, CK_OPUS_SAMPLES_MAX + 120};
    for (size_t i = 0; i < CK_COUNT_OF(bad); i++) {
        CK_CHECK_ROW(i, decoder()->conceal(d, NULL, 0, bad[i]) == CHALK_ERR_INVALID_ARGUMENT);
    }
    CK_CHECK_EQ(decoder()->conceal(d, NULL, 7, CK_OPUS_SAMPLES_MAX), CHALK_OK);
    CK_CHECK_EQ(decoder()->conceal(d, NULL, 7, 120), CHALK_ERR_AGAIN);
    CK_CHECK_EQ(decoder()->receive_audio(d, &block), CHALK_OK);
    CK_CHECK_EQ(block.frames, CK_OPUS_SAMPLES_MAX);
    CK_CHECK_EQ(decoder()->drain(d), CHALK_OK);
    CK_CHECK_EQ(decoder()->conceal(d, NULL, 0, 120), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(decoder()->receive_audio(d, &block), CHALK_ERR_END);
    decoder()->close(&d);
}

/* A header may ask for another loudness. */
CK_TEST(codec_opus, the_gain_of_the_header_is_applied)
{
    static const char louder[] = "OpusHead\x01\x01\x38\x01\x80\xbb\x00\x00\x00\x06\x00"; /* 6 dB */
    static float sound[4 * FRAME];
    uint32_t at = 0;
    double power[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        ck_encoder *e = open_encoder(64);
        ck_decoder *d =
            open_decoder(i == 0 ? (ck_slice){0} : ck_slice_static(louder, sizeof louder - 1));
        at = 0;
        speak(sound, 4 * FRAME, &at);
        const ck_audio_block block = {
            .samples = sound, .frames = 4 * FRAME, .rate = RATE, .channels = 1};
        CK_CHECK_EQ(encoder()->send_audio(e, &block), CHALK_OK);
        ck_packet packet;
        ck_audio_block heard;
        while (encoder()->receive(e, &packet) == CHALK_OK) {
            CK_CHECK_EQ(decoder()->send(d, &packet), CHALK_OK);
            CK_CHECK_EQ(decoder()->receive_audio(d, &heard), CHALK_OK);
            for (uint32_t k = 0; k < heard.frames; k++) {
                power[i] += (double)heard.samples[2 * k] * (double)heard.samples[2 * k];
            }
            ck_packet_unref(&packet);
        }
        encoder()->close(&e);
        decoder()->close(&d);
    }
    CK_CHECK(power[1] > 3.7 * power[0] && power[1] < 4.3 * power[0]);
}
