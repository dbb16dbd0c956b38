/* The end of every H.264 encoder: what becomes of an access unit. */
#include "unit/codec_support.h"

#include "support/check.h"

#include "codec/avc_out.h"
#include "core/flv/avcc.h"
#include "core/h264/rewrite.h"

/* A key frame of that size in Annex B, as an encoder with inline parameter sets would write it. */
static void make_unit(int32_t width, int32_t height, bool with_sets, ck_buf *out)
{
    const ck_encoder_backend *backend = ck_codecs.encoders[0];
    const ck_encoder_config config = ck_test_video_config(CHALK_HINT_CAMERA, width, height);
    ck_encoder *e = NULL;
    ck_encoder_info info;
    ck_avcc record;
    ck_packet packet;
    CK_CHECK_EQ(backend->open(&config, NULL, &e), CHALK_OK);
    CK_CHECK_EQ(backend->info(e, &info), CHALK_OK);
    CK_CHECK_EQ(ck_avcc_parse(info.config.data, info.config.size, &record), CHALK_OK);
    chalk_video_frame *in = ck_test_picture(CK_SCENE_SLIDE, width, height, 0);
    CK_CHECK_EQ(backend->send_video(e, in, 0, true), CHALK_OK);
    CK_CHECK_EQ(backend->receive(e, &packet), CHALK_OK);
    ck_buf_init(out, &ck_heap, 1 << 20);
    static const uint8_t aud[] = {0x09, 0xf0}, sei[] = {0x06, 5, 1, 7, 0x80};
    ck_h264_put_nal(out, CK_H264_ANNEX_B, aud, sizeof(aud));
    if (with_sets) {
        ck_h264_put_nal(out, CK_H264_ANNEX_B, record.sps[0].data, record.sps[0].size);
        ck_h264_put_nal(out, CK_H264_ANNEX_B, record.pps[0].data, record.pps[0].size);
    }
    ck_h264_put_nal(out, CK_H264_ANNEX_B, sei, sizeof(sei));
    CK_CHECK(ck_h264_to_annex_b(packet.payload.data, packet.payload.size, CK_H264_AVCC_4, out) > 0);
    chalk_video_frame_unref(&in);
    ck_packet_unref(&packet);
    backend->close(&e);
}

CK_TEST(codec_avc, new_parameter_sets_go_out_before_their_picture)
{
    static const struct {
        int32_t width;
        bool with_sets, config_expected;
    } rows[] = {
        {320, true, false}, /* those that were stated on opening */
        {320, true, false},  {640, true, true}, {640, true, false},
        {640, false, false}, {320, true, true},
    };
    ck_avc_out out;
    ck_avc_out_init(&out, 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_buf unit;
        make_unit(rows[i].width, 240, rows[i].with_sets, &unit);
        if (i == 0) {
            CK_CHECK_EQ(ck_avc_out_config(&out, unit.data, unit.size), CHALK_OK);
        }
        const ck_stamp stamp = {(int64_t)i * 1000, i + 1};
        CK_CHECK_EQ(ck_avc_out_unit(&out, unit.data, unit.size, stamp), CHALK_OK);
        ck_packet packet;
        CK_CHECK_EQ(ck_avc_out_receive(&out, &packet), CHALK_OK);
        CK_CHECK_ROW(i, packet.config == rows[i].config_expected);
        CK_CHECK_ROW(i, packet.pts_us == stamp.pts_us && packet.capture_us == stamp.capture_us);
        if (packet.config) {
            CK_CHECK_ROW(i, packet.payload.size == out.config.size);
            CK_CHECK_MEM(packet.payload.data, out.config.data, out.config.size);
            ck_packet_unref(&packet);
            CK_CHECK_EQ(ck_avc_out_receive(&out, &packet), CHALK_OK);
        }
        ck_h264_unit_info info;
        CK_CHECK_EQ(
            ck_h264_inspect(CK_H264_AVCC_4, packet.payload.data, packet.payload.size, &info),
            CHALK_OK);
        CK_CHECK_ROW(i, packet.key && info.types == UINT32_C(1) << CK_H264_IDR);
        ck_packet_unref(&packet);
        CK_CHECK_EQ(ck_avc_out_receive(&out, &packet), CHALK_ERR_AGAIN);
        ck_buf_free(&unit);
    }
    ck_avc_out_free(&out);
}

CK_TEST(codec_avc, key_frames_fall_due_by_time)
{
    ck_avc_out out;
    ck_buf unit;
    make_unit(320, 240, true, &unit);
    ck_avc_out_init(&out, 2000000);
    CK_CHECK(ck_avc_key_is_due(&out, 0));
    CK_CHECK_EQ(ck_avc_out_unit(&out, unit.data, unit.size, (ck_stamp){5000000, 0}), CHALK_OK);
    CK_CHECK(!ck_avc_key_is_due(&out, 5000000));
    CK_CHECK(!ck_avc_key_is_due(&out, 6999999));
    CK_CHECK(ck_avc_key_is_due(&out, 7000000));
    out.gop_us = 0;
    CK_CHECK(!ck_avc_key_is_due(&out, INT64_MAX));
    ck_avc_out_free(&out); /* with packets in it */
    ck_buf_free(&unit);
}

CK_TEST(codec_avc, nonsense_is_refused)
{
    static const uint8_t no_start_code[] = {1, 2, 3, 4};
    static const uint8_t no_sets[] = {0, 0, 0, 1, 0x65, 0x88};
    static const uint8_t bad_sps[] = {0, 0, 0, 1, 0x67, 0x42, 0, 0, 0, 1, 0x68, 0xce};
    ck_avc_out out;
    ck_avc_out_init(&out, 0);
    CK_CHECK_EQ(ck_avc_out_config(&out, no_start_code, 4), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(ck_avc_out_config(&out, no_sets, sizeof(no_sets)), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_avc_out_config(&out, bad_sps, sizeof(bad_sps)), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(ck_avc_out_unit(&out, no_start_code, 4, (ck_stamp){0, 0}), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(ck_avc_out_unit(&out, bad_sps, sizeof(bad_sps), (ck_stamp){0, 0}),
                CHALK_ERR_BAD_DATA);
    ck_packet packet;
    CK_CHECK_EQ(ck_avc_out_receive(&out, &packet), CHALK_ERR_AGAIN);
    ck_avc_out_free(&out);
}
