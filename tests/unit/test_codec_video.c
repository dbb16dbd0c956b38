/* Every encoder of pictures of the build, through the same tables. */
#include "unit/codec_support.h"

#include "support/check.h"

#include "core/flv/avcc.h"
#include "core/h264/nal.h"
#include "core/h264/params.h"
#include "core/vp8/frame.h"
#include "runtime/media/frame.h"

#include <stdio.h>
#include <string.h>

#define S INT64_C(1000000)

/* Calls `body` for each encoder of the codec in the table, those of drivers apart. */
static void each_of(uint32_t codec, void (*body)(const ck_encoder_backend *backend))
{
    int count = 0;
    for (size_t i = 0; ck_codecs.encoders[i] != NULL; i++) {
        if (ck_codecs.encoders[i]->codec == codec && !ck_codecs.encoders[i]->hardware) {
            body(ck_codecs.encoders[i]);
            count++;
        }
    }
    CK_CHECK(count >= 1);
}

static void each_encoder(void (*body)(const ck_encoder_backend *backend))
{
    each_of(CHALK_CODEC_H264, body);
    each_of(CHALK_CODEC_VP8, body);
}

static ck_encoder_config config_for(const ck_encoder_backend *backend, uint32_t hint, int32_t width,
                                    int32_t height)
{
    ck_encoder_config config = ck_test_video_config(hint, width, height);
    config.codec = backend->codec;
    return config;
}

static ck_encoder *open_encoder(const ck_encoder_backend *backend, const ck_encoder_config *config)
{
    ck_encoder *e = NULL;
    const int status = backend->open(config, NULL, &e);
    if (status != CHALK_OK) {
        CK_FAIL("%s does not open: %d", backend->name, status);
    }
    return e;
}

static ck_decoder *open_decoder(const ck_encoder_backend *backend, ck_encoder *e)
{
    ck_encoder_info info;
    CK_CHECK_EQ(backend->info(e, &info), CHALK_OK);
    CK_CHECK_STR(info.name, backend->name);
    ck_decoder *d = NULL;
    CK_CHECK_EQ(ck_test_decoder(backend->codec)->open(backend->codec, info.config, NULL, &d),
                CHALK_OK);
    return d;
}

/* Encodes one picture; there must be exactly one packet for it, at once. */
static ck_packet encode(const ck_encoder_backend *backend, ck_encoder *e,
                        const chalk_video_frame *frame, int64_t pts_us, bool key)
{
    ck_packet packet, more;
    CK_CHECK_EQ(backend->send_video(e, frame, pts_us, key), CHALK_OK);
    CK_CHECK_EQ(backend->receive(e, &packet), CHALK_OK);
    CK_CHECK_EQ(backend->receive(e, &more), CHALK_ERR_AGAIN);
    CK_CHECK(!packet.config);
    CK_CHECK_EQ(packet.codec, backend->codec);
    CK_CHECK_EQ(packet.pts_us, pts_us);
    CK_CHECK_EQ(packet.dts_us, pts_us);
    return packet;
}

/* Decodes one packet; there must be exactly one picture for it, at once. */
static chalk_video_frame *decode(ck_decoder *d, const ck_packet *packet)
{
    const ck_decoder_backend *backend = ck_test_decoder(packet->codec);
    chalk_video_frame *frame = NULL, *more = NULL;
    CK_CHECK_EQ(backend->send(d, packet), CHALK_OK);
    CK_CHECK_EQ(backend->receive_video(d, &frame), CHALK_OK);
    CK_CHECK_EQ(backend->receive_video(d, &more), CHALK_ERR_AGAIN);
    return frame;
}

static void close_decoder(const ck_encoder_backend *backend, ck_decoder *d)
{
    ck_test_decoder(backend->codec)->close(&d);
    CK_CHECK(d == NULL);
}

typedef struct trip_row {
    uint32_t hint;
    enum ck_scene scene;
    int32_t width, height;
    uint32_t kbps;
    double psnr, ssim; /* floors for every picture from the third on */
} trip_row;

static const trip_row trip_rows[] = {
    {CHALK_HINT_SLIDES, CK_SCENE_SLIDE, 640, 360, 1000, 40, 0.99},
    {CHALK_HINT_SLIDES, CK_SCENE_SLIDE, 1280, 720, 1000, 40, 0.99},
    {CHALK_HINT_SLIDES, CK_SCENE_SLIDE, 322, 182, 400, 38, 0.99},
    {CHALK_HINT_MOTION, CK_SCENE_MOTION, 640, 360, 1000, 33, 0.87},
    {CHALK_HINT_CAMERA, CK_SCENE_MOTION, 320, 240, 400, 33, 0.85},
    {CHALK_HINT_CAMERA, CK_SCENE_MOTION, 16, 16, 100, 30, 0.80},
};

static void round_trip(const ck_encoder_backend *backend)
{
    for (size_t i = 0; i < sizeof(trip_rows) / sizeof(trip_rows[0]); i++) {
        const trip_row *row = &trip_rows[i];
        ck_encoder_config config = config_for(backend, row->hint, row->width, row->height);
        config.bitrate_kbps = row->kbps;
        ck_encoder *e = open_encoder(backend, &config);
        ck_decoder *d = open_decoder(backend, e);
        for (int n = 0; n < 15; n++) {
            chalk_video_frame *in = ck_test_picture(row->scene, row->width, row->height,
                                                    row->scene == CK_SCENE_SLIDE ? n / 5 : n);
            in->info.capture_us = 7000 + (uint64_t)n;
            ck_packet packet = encode(backend, e, in, n * S / 15, false);
            CK_CHECK_ROW(i, packet.capture_us == 7000 + (uint64_t)n);
            CK_CHECK_ROW(i, n > 0 || packet.key);
            chalk_video_frame *out = decode(d, &packet);
            CK_CHECK_ROW(i, out->info.width == row->width && out->info.height == row->height);
            CK_CHECK_ROW(i, out->info.color == CHALK_COLOR_BT601_LIMITED);
            CK_CHECK_ROW(i, out->info.pts_us == n * S / 15);
            CK_CHECK_ROW(i, out->info.capture_us == 7000 + (uint64_t)n);
            const double psnr = ck_test_psnr(in, out), ssim = ck_test_ssim(in, out);
            if (n % 5 >= 2 && (psnr < row->psnr || ssim < row->ssim)) {
                CK_FAIL("%s row %zu picture %d: PSNR %.1f SSIM %.3f", backend->name, i, n, psnr,
                        ssim);
            }
            chalk_video_frame_unref(&in);
            chalk_video_frame_unref(&out);
            ck_packet_unref(&packet);
        }
        backend->close(&e);
        CK_CHECK(e == NULL);
        close_decoder(backend, d);
    }
}

CK_TEST(codec_video, round_trip)
{
    each_encoder(round_trip);
}

/* What the bytes say. */
static bool is_key(size_t row, const ck_packet *packet)
{
    ck_h264_unit_info unit;
    ck_vp8_frame frame;
    const void *data = packet->payload.data;
    if (packet->codec == CHALK_CODEC_VP8) {
        CK_CHECK_EQ(ck_vp8_frame_parse(data, packet->payload.size, &frame), CHALK_OK);
        CK_CHECK_ROW(row, frame.shown);
        return frame.key;
    }
    CK_CHECK_EQ(ck_h264_inspect(CK_H264_AVCC_4, data, packet->payload.size, &unit), CHALK_OK);
    /* Nothing but slices: parameter sets are out of band, SEI is the publisher's. */
    CK_CHECK_ROW(row, (unit.types & ~(UINT32_C(1) << 1 | UINT32_C(1) << 5)) == 0);
    return unit.is_key;
}

static void key_frames(const ck_encoder_backend *backend)
{
    static const struct {
        int64_t pts_us;
        bool ask, expected;
    } rows[] = {
        {0, false, true},       {S / 10, false, false},     {S / 5, true, true},
        {S / 4, false, false},  {2 * S, false, false},      {2 * S + S / 5, false, true}, /* 2 s */
        {3 * S, false, false},  {10 * S, false, true}, /* a rest */
        {10 * S, true, true},                          /* time stands still */
        {11 * S, false, false}, {12 * S - 1, false, false}, {12 * S, false, true},
    };
    ck_encoder_config config = config_for(backend, CHALK_HINT_CAMERA, 320, 240);
    config.gop_us = 2 * S;
    ck_encoder *e = open_encoder(backend, &config);
    ck_decoder *d = open_decoder(backend, e);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        chalk_video_frame *in = ck_test_picture(CK_SCENE_MOTION, 320, 240, (int)i);
        ck_packet packet = encode(backend, e, in, rows[i].pts_us, rows[i].ask);
        CK_CHECK_ROW(i, packet.key == rows[i].expected && is_key(i, &packet) == packet.key);
        chalk_video_frame *out = decode(d, &packet);
        CK_CHECK_ROW(i, ck_test_psnr(in, out) > 25.0);
        chalk_video_frame_unref(&out);
        chalk_video_frame_unref(&in);
        ck_packet_unref(&packet);
    }
    backend->close(&e);
    close_decoder(backend, d);
}

CK_TEST(codec_video, key_frames_on_request_and_by_time)
{
    each_encoder(key_frames);
}

typedef struct cadence_row {
    int64_t gap_us, other_gap_us; /* alternating */
    uint32_t kbps;                /* to begin with: less than the material could use */
} cadence_row;

static double measured_kbps(const ck_encoder_backend *backend, ck_encoder *e, int *n, int64_t *pts,
                            const cadence_row *row, int64_t settle_us, int64_t measure_us)
{
    const int64_t from = *pts + settle_us, to = from + measure_us;
    double bits = 0;
    for (; *pts < to; (*n)++) {
        chalk_video_frame *in = ck_test_picture(CK_SCENE_MOTION, 320, 240, *n * 3);
        ck_packet packet = encode(backend, e, in, *pts, false);
        bits += *pts >= from ? 8.0 * (double)packet.payload.size : 0.0;
        ck_packet_unref(&packet);
        chalk_video_frame_unref(&in);
        *pts += *n % 2 == 0 ? row->gap_us : row->other_gap_us;
    }
    return bits / ((double)(*pts - from) / 1000.0);
}

/* At 15 pictures a second, at 5, and in uneven pairs; then with half as much again, and three
 * quarters. */
static void rate_holds(const ck_encoder_backend *backend)
{
    static const cadence_row rows[] = {
        {S / 15, S / 15, 150}, {S / 5, S / 5, 60}, {S / 30, S / 3, 40}, {S / 60, S / 60, 300}};
    static const uint32_t hints[] = {CHALK_HINT_CAMERA, CHALK_HINT_MOTION};
    for (size_t i = 0; i < 4; i++) {
        ck_encoder_config config = config_for(backend, hints[i % 2], 320, 240);
        config.bitrate_kbps = rows[i].kbps;
        ck_encoder *e = open_encoder(backend, &config);
        int n = 0;
        int64_t pts = 0;
        const uint32_t rates[] = {rows[i].kbps, rows[i].kbps * 3 / 2, rows[i].kbps * 3 / 4};
        for (size_t r = 0; r < 3; r++) {
            CK_CHECK_EQ(backend->set_bitrate(e, rates[r]), CHALK_OK);
            const double kbps = measured_kbps(backend, e, &n, &pts, &rows[i], 5 * S, 5 * S);
            if (kbps < 0.85 * rates[r] || kbps > 1.12 * rates[r]) {
                CK_FAIL("%s row %zu: %.0f kbit/s of %u", backend->name, i, kbps, rates[r]);
            }
        }
        CK_CHECK_EQ(backend->set_bitrate(e, 0), CHALK_ERR_INVALID_ARGUMENT);
        backend->close(&e);
    }
}

CK_TEST(codec_video, rate_holds_at_uneven_times_and_follows_changes)
{
    each_encoder(rate_holds);
}

/* After a busy time and a rest, the next slide is readable with its first picture. */
static void slide_after_rest(const ck_encoder_backend *backend)
{
    ck_encoder_config config = config_for(backend, CHALK_HINT_SLIDES, 1280, 720);
    ck_encoder *e = open_encoder(backend, &config);
    ck_decoder *d = open_decoder(backend, e);
    for (int n = 0; n < 31; n++) {
        const bool last = n == 30;
        chalk_video_frame *in =
            ck_test_picture(last ? CK_SCENE_SLIDE : CK_SCENE_MOTION, 1280, 720, n);
        ck_packet packet = encode(backend, e, in, last ? 12 * S : n * S / 15, false);
        chalk_video_frame *out = decode(d, &packet);
        if (last && (ck_test_psnr(in, out) < 40 || ck_test_ssim(in, out) < 0.99)) {
            CK_FAIL("%s: PSNR %.1f SSIM %.3f, %zu bytes", backend->name, ck_test_psnr(in, out),
                    ck_test_ssim(in, out), packet.payload.size);
        }
        chalk_video_frame_unref(&in);
        chalk_video_frame_unref(&out);
        ck_packet_unref(&packet);
    }
    backend->close(&e);
    close_decoder(backend, d);
}

CK_TEST(codec_video, slide_after_rest_is_sharp)
{
    each_encoder(slide_after_rest);
}

/* Whatever stands still costs next to nothing. */
static void still_is_cheap(const ck_encoder_backend *backend)
{
    ck_encoder_config config = config_for(backend, CHALK_HINT_SLIDES, 1280, 720);
    ck_encoder *e = open_encoder(backend, &config);
    chalk_video_frame *in = ck_test_picture(CK_SCENE_SLIDE, 1280, 720, 3);
    size_t late = 0;
    for (int n = 0; n < 60; n++) {
        ck_packet packet = encode(backend, e, in, n * S / 15, false);
        late += n >= 45 ? packet.payload.size : 0;
        ck_packet_unref(&packet);
    }
    /* libvpx spends a bit on each macroblock that it leaves alone. */
    if (late > (backend->codec == CHALK_CODEC_VP8 ? 15 * 600 : 15 * 300)) {
        CK_FAIL("%s: %zu bytes in a second of stillness", backend->name, late);
    }
    chalk_video_frame_unref(&in);
    backend->close(&e);
}

CK_TEST(codec_video, still_pictures_cost_next_to_nothing)
{
    each_encoder(still_is_cheap);
}

#define OWN 0 /* the encoder's own codec */

typedef struct refuse_row {
    uint32_t codec, hint;
    int32_t width, height;
    uint32_t color, fps, kbps;
} refuse_row;

static const refuse_row refuse_rows[] = {
    {CHALK_CODEC_AAC, CHALK_HINT_CAMERA, 320, 240, 1, 15, 500},
    {OWN, 0, 320, 240, 1, 15, 500},
    {OWN, CHALK_HINT_VOICE, 320, 240, 1, 15, 500},
    {OWN, CHALK_HINT_CAMERA, 321, 240, 1, 15, 500},
    {OWN, CHALK_HINT_CAMERA, 320, 241, 1, 15, 500},
    {OWN, CHALK_HINT_CAMERA, 0, 240, 1, 15, 500},
    {OWN, CHALK_HINT_CAMERA, -320, 240, 1, 15, 500},
    {OWN, CHALK_HINT_CAMERA, 8194, 240, 1, 15, 500},
    {OWN, CHALK_HINT_CAMERA, 320, 240, 0, 15, 500},
    {OWN, CHALK_HINT_CAMERA, 320, 240, CHALK_COLOR_SRGB_FULL, 15, 500},
    {OWN, CHALK_HINT_CAMERA, 320, 240, 1, 0, 500},
    {OWN, CHALK_HINT_CAMERA, 320, 240, 1, 121, 500},
    {OWN, CHALK_HINT_CAMERA, 320, 240, 1, 15, 0},
};

static void refuses(const ck_encoder_backend *backend)
{
    for (size_t i = 0; i < sizeof(refuse_rows) / sizeof(refuse_rows[0]); i++) {
        const refuse_row *row = &refuse_rows[i];
        const ck_encoder_config config = {.codec = row->codec != OWN ? row->codec : backend->codec,
                                          .hint = row->hint,
                                          .width = row->width,
                                          .height = row->height,
                                          .color = row->color,
                                          .fps_max = row->fps,
                                          .bitrate_kbps = row->kbps};
        ck_encoder *e = NULL;
        CK_CHECK_ROW(i, backend->open(&config, NULL, &e) == CHALK_ERR_INVALID_ARGUMENT);
        CK_CHECK_ROW(i, e == NULL);
        backend->close(&e);
    }
}

/* PSNR of a picture after one more, coded by so many steps better, and in *size what that took. */
static double psnr_of_second(const ck_encoder_backend *backend, uint32_t finer, size_t *size)
{
    const ck_encoder_config config = config_for(backend, CHALK_HINT_SLIDES, 640, 360);
    ck_encoder *e = open_encoder(backend, &config);
    ck_decoder *d = open_decoder(backend, e);
    chalk_video_frame *in = ck_test_picture(CK_SCENE_MOTION, 640, 360, 0), *out = NULL;
    for (int n = 0; n < 2; n++) {
        if (n == 1 && backend->set_finer != NULL) {
            backend->set_finer(e, finer);
        }
        ck_packet packet = encode(backend, e, in, n * S, false);
        chalk_video_frame_unref(&out);
        out = decode(d, &packet);
        *size = packet.payload.size;
        ck_packet_unref(&packet);
    }
    const double psnr = ck_test_psnr(in, out);
    chalk_video_frame_unref(&in);
    chalk_video_frame_unref(&out);
    backend->close(&e);
    close_decoder(backend, d);
    return psnr;
}

static void resting_slides(const ck_encoder_backend *backend)
{
    size_t moving = 0, still = 0;
    const double before = psnr_of_second(backend, 0, &moving);
    const double after = psnr_of_second(backend, 12, &still);
    /* openh264 leaves out what has not changed, whatever the quality. */
    const bool refines = strcmp(backend->name, "openh264") != 0;
    if (refines ? after < before + 2 || still <= moving : after < before) {
        CK_FAIL("%s: PSNR %.1f, at rest %.1f; %zu and %zu bytes", backend->name, before, after,
                moving, still);
    }
}

CK_TEST(codec_video, a_slide_that_rests_becomes_clean)
{
    each_encoder(resting_slides);
}

CK_TEST(codec_video, bad_configurations_are_refused)
{
    each_encoder(refuses);
}

static void states(const ck_encoder_backend *backend)
{
    const ck_encoder_config config = config_for(backend, CHALK_HINT_CAMERA, 320, 240);
    ck_encoder *e = open_encoder(backend, &config);
    chalk_video_frame *right = ck_test_picture(CK_SCENE_SLIDE, 320, 240, 0);
    chalk_video_frame *wrong = ck_test_picture(CK_SCENE_SLIDE, 322, 240, 0);
    ck_packet packet;
    CK_CHECK_EQ(backend->receive(e, &packet), CHALK_ERR_AGAIN);
    CK_CHECK_EQ(backend->send_video(e, wrong, 0, false), CHALK_ERR_INVALID_ARGUMENT);
    right->info.color = CHALK_COLOR_BT709_LIMITED; /* would be shown in wrong colours */
    CK_CHECK_EQ(backend->send_video(e, right, 0, false), CHALK_ERR_INVALID_ARGUMENT);
    right->info.color = config.color;
    CK_CHECK_EQ(backend->send_video(e, right, 0, false), CHALK_OK);
    CK_CHECK_EQ(backend->send_video(e, right, S, false), CHALK_ERR_AGAIN);
    CK_CHECK_EQ(backend->send_audio(e, NULL), CHALK_ERR_UNSUPPORTED);
    CK_CHECK_EQ(backend->drain(e), CHALK_OK);
    CK_CHECK_EQ(backend->receive(e, &packet), CHALK_OK);
    ck_packet_unref(&packet);
    CK_CHECK_EQ(backend->receive(e, &packet), CHALK_ERR_END);
    CK_CHECK_EQ(backend->send_video(e, right, S, false), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(backend->drain(e), CHALK_OK);
    /* Closing with a packet unreceived leaks nothing. */
    backend->close(&e);
    e = open_encoder(backend, &config);
    CK_CHECK_EQ(backend->send_video(e, right, 0, false), CHALK_OK);
    backend->close(&e);
    backend->close(&e);
    chalk_video_frame_unref(&right);
    chalk_video_frame_unref(&wrong);
}

CK_TEST(codec_video, send_receive_and_drain)
{
    each_encoder(states);
}

/* The record states size, colour and highest rate truly, in both matrices. */
static void tags(const ck_encoder_backend *backend)
{
    static const uint8_t matrices[] = {0, 6, 1};
    for (uint32_t color = 1; color <= 2; color++) {
        ck_encoder_config config = config_for(backend, CHALK_HINT_SLIDES, 322, 182);
        config.color = color;
        ck_encoder *e = open_encoder(backend, &config);
        ck_encoder_info info;
        ck_avcc record;
        ck_h264_sps sps;
        CK_CHECK_EQ(backend->info(e, &info), CHALK_OK);
        CK_CHECK_EQ(ck_avcc_parse(info.config.data, info.config.size, &record), CHALK_OK);
        CK_CHECK_EQ(record.length_size, 4);
        CK_CHECK_EQ(ck_h264_parse_sps(record.sps[0].data, record.sps[0].size, &sps), CHALK_OK);
        CK_CHECK_EQ(sps.width, 322);
        CK_CHECK_EQ(sps.height, 182);
        CK_CHECK(!sps.full_range);
        CK_CHECK_EQ(sps.colour_primaries, 1);
        CK_CHECK_EQ(sps.transfer, 1);
        CK_CHECK_EQ(sps.matrix, matrices[color]);
        if (sps.num_units_in_tick != 0) {
            CK_CHECK_EQ(sps.time_scale / (2 * sps.num_units_in_tick), 15);
        }
        CK_CHECK(sps.level_idc <= 31);
        backend->close(&e);
    }
}

CK_TEST(codec_video, the_record_is_true)
{
    each_of(CHALK_CODEC_H264, tags);
}

/* A decoder follows a change of size when it is given the new configuration. */
static void reconfigured(const ck_encoder_backend *backend)
{
    ck_decoder *d = NULL;
    CK_CHECK_EQ(ck_test_decoder(backend->codec)->open(backend->codec, (ck_slice){0}, NULL, &d),
                CHALK_OK);
    static const int32_t sizes[][2] = {{320, 240}, {640, 360}, {160, 90}, {640, 360}};
    for (int i = 0; i < 4; i++) {
        ck_encoder_config config = config_for(backend, CHALK_HINT_SLIDES, sizes[i][0], sizes[i][1]);
        ck_encoder *e = open_encoder(backend, &config);
        ck_encoder_info info;
        CK_CHECK_EQ(backend->info(e, &info), CHALK_OK);
        const ck_packet change = {.codec = backend->codec, .config = true, .payload = info.config};
        CK_CHECK_EQ(ck_test_decoder(backend->codec)->send(d, &change), CHALK_OK);
        for (int n = 0; n < 3; n++) {
            chalk_video_frame *in = ck_test_picture(CK_SCENE_SLIDE, sizes[i][0], sizes[i][1], i);
            ck_packet packet = encode(backend, e, in, (i * 3 + n) * S, false);
            chalk_video_frame *out = decode(d, &packet);
            CK_CHECK_ROW(i, out->info.width == sizes[i][0] && out->info.height == sizes[i][1]);
            CK_CHECK_ROW(i, ck_test_psnr(in, out) > 35);
            chalk_video_frame_unref(&in);
            chalk_video_frame_unref(&out);
            ck_packet_unref(&packet);
        }
        backend->close(&e);
    }
    close_decoder(backend, d);
}

CK_TEST(codec_video, decoder_follows_a_new_configuration)
{
    each_encoder(reconfigured);
}

/* CHALK_HINT_AUTO opens another encoder in mid-stream: files and players need not notice. */
CK_TEST(codec_video, x264_writes_the_same_configuration_for_slides_and_films)
{
    const ck_encoder_backend *backend = ck_test_encoder("libx264");
    if (backend == NULL) {
        return; /* a build without it */
    }
    ck_slice first = {0};
    for (uint32_t hint = CHALK_HINT_SLIDES; hint <= CHALK_HINT_MOTION; hint++) {
        const ck_encoder_config config = config_for(backend, hint, 1280, 720);
        ck_encoder *e = open_encoder(backend, &config);
        ck_encoder_info info;
        CK_CHECK_EQ(backend->info(e, &info), CHALK_OK);
        if (first.data != NULL) {
            CK_CHECK(first.size == info.config.size &&
                     memcmp(first.data, info.config.data, first.size) == 0);
        } else {
            first = ck_slice_ref(info.config);
        }
        backend->close(&e);
    }
    ck_slice_unref(&first);
}
