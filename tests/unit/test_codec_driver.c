/* The encoders of drivers: through the same code with an encoder that is no driver's, and what
 * becomes of those that are not there. */
#include "unit/codec_support.h"

#include "base/check.h"
#include "codec/driver_encoder.h"
#include "runtime/media/encoder_guard.h"
#include "support/check.h"

#define S INT64_C(1000000)

/* libavcodec's libx264 stands in for a driver: it takes both of the forms that drivers take. */
static const ck_driver_kind kinds[] = {
    {"libx264", "preset=ultrafast:tune=zerolatency:forced-idr=1", AV_PIX_FMT_YUV420P},
    {"libx264", "preset=ultrafast:tune=zerolatency:forced-idr=1:nosuchoption=1", AV_PIX_FMT_NV12},
};

static const ck_encoder_backend *const verbs = &ck_nvenc_encoder;

static chalk_video_frame *decode(ck_decoder *d, const ck_packet *packet)
{
    chalk_video_frame *out = NULL;
    const ck_decoder_backend *decoder = ck_test_decoder(CHALK_CODEC_H264);
    CK_CHECK_EQ(decoder->send(d, packet), CHALK_OK);
    CK_CHECK_EQ(decoder->receive_video(d, &out), CHALK_OK);
    return out;
}

/* Each key frame stands where it was asked for, or where the rate changed. */
static void encode_lesson(const ck_driver_kind *kind)
{
    ck_encoder_config config = ck_test_video_config(CHALK_HINT_CAMERA, 322, 182);
    ck_encoder *e = NULL;
    ck_decoder *d = NULL;
    ck_encoder_info info;
    CK_CHECK_EQ(ck_driver_open(kind, &config, NULL, &e), CHALK_OK);
    CK_CHECK_EQ(verbs->info(e, &info), CHALK_OK);
    CK_CHECK_STR(info.name, kind->name);
    CK_CHECK_EQ(ck_test_decoder(CHALK_CODEC_H264)->open(CHALK_CODEC_H264, info.config, NULL, &d),
                CHALK_OK);
    for (int n = 0; n < 20; n++) {
        chalk_video_frame *in = ck_test_picture(CK_SCENE_MOTION, 322, 182, n);
        ck_packet packet;
        if (n == 14) {
            CK_CHECK_EQ(verbs->set_bitrate(e, 400), CHALK_OK);
        }
        in->info.capture_us = 7000 + (uint64_t)n;
        CK_CHECK_EQ(verbs->send_video(e, in, n * S / 15, n == 7), CHALK_OK);
        CK_CHECK_EQ(verbs->receive(e, &packet), CHALK_OK);
        while (packet.config) {
            CK_CHECK_EQ(ck_test_decoder(CHALK_CODEC_H264)->send(d, &packet), CHALK_OK);
            ck_packet_unref(&packet);
            CK_CHECK_EQ(verbs->receive(e, &packet), CHALK_OK);
        }
        CK_CHECK_ROW(n, packet.key == (n == 0 || n == 7 || n == 14));
        CK_CHECK_ROW(n, packet.pts_us == n * S / 15 && packet.capture_us == 7000 + (uint64_t)n);
        chalk_video_frame *out = decode(d, &packet);
        CK_CHECK_ROW(n, ck_test_psnr(in, out) > 27);
        chalk_video_frame_unref(&in);
        chalk_video_frame_unref(&out);
        ck_packet_unref(&packet);
    }
    CK_CHECK_EQ(verbs->set_bitrate(e, 0), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(verbs->send_audio(e, NULL), CHALK_ERR_UNSUPPORTED);
    verbs->close(&e);
    verbs->close(&e);
    ck_test_decoder(CHALK_CODEC_H264)->close(&d);
}

CK_TEST(codec_driver, pictures_in_either_form_come_back)
{
    for (size_t i = 0; i < CK_COUNT_OF(kinds); i++) {
        encode_lesson(&kinds[i]);
    }
}

CK_TEST(codec_driver, an_encoder_that_libavcodec_does_not_have)
{
    static const ck_driver_kind nobody = {"h264_nobody", "", AV_PIX_FMT_NV12};
    const ck_encoder_config config = ck_test_video_config(CHALK_HINT_CAMERA, 320, 180);
    ck_encoder *e = NULL;
    CK_CHECK_EQ(ck_driver_open(&nobody, &config, NULL, &e), CHALK_ERR_UNSUPPORTED);
    CK_CHECK(e == NULL);
    ck_encoder_config bad = config;
    bad.width = 321;
    CK_CHECK_EQ(ck_driver_open(&kinds[0], &bad, NULL, &e), CHALK_ERR_INVALID_ARGUMENT);
}

/* On most machines none is there; where one is, it must pass its trial like any other. */
CK_TEST(codec_driver, every_driver_of_the_table_works_or_says_no)
{
    int drivers = 0;
    for (size_t i = 0; ck_codecs.encoders[i] != NULL; i++) {
        const ck_encoder_backend *backend = ck_codecs.encoders[i];
        if (!backend->hardware) {
            continue;
        }
        const ck_encoder_config config = ck_test_video_config(CHALK_HINT_CAMERA, 640, 360);
        ck_encoder *e = NULL;
        const uint64_t begun_us = ck_clock_us();
        const int status = ck_encoder_guard_open(backend, &config, NULL, &e);
        CK_CHECK_ROW(i, (status == CHALK_OK) == (e != NULL));
        CK_CHECK_ROW(i, ck_clock_us() - begun_us < CK_GUARD_OPEN_US + CK_GUARD_CALL_US);
        ck_encoder_guard.close(&e);
        drivers++;
    }
    CK_CHECK_EQ(drivers, 4);
}
