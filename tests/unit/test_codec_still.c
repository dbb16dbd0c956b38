/* Pictures made without the encoder, between those of real encoders: a decoder must show exactly
 * what it would have shown without them. */
#include "unit/codec_support.h"

#include "base/check.h"
#include "core/flv/avcc.h"
#include "core/h264/bits.h"
#include "core/h264/still.h"
#include "support/check.h"

#include <string.h>

#define WIDTH  336 /* cropped in height: 12 of 13 rows of macroblocks and a half */
#define HEIGHT 200
#define S      1000000

static const char *const encoders[] = {"libx264", "openh264"};

typedef struct line {
    const ck_encoder_backend *backend;
    ck_encoder *encoder;
    ck_decoder *plain; /* what the encoder gave */
    ck_decoder *mixed; /* with still pictures in between */
    ck_h264_still still;
    ck_buf out;
    int64_t pts_us;
    uint32_t frame_num; /* expected of the next unit sent */
} line;

static void open_line(line *l, const char *name, uint32_t hint)
{
    *l = (line){.backend = ck_test_encoder(name)};
    const ck_encoder_config config = ck_test_video_config(hint, WIDTH, HEIGHT);
    CK_CHECK_EQ(l->backend->open(&config, NULL, &l->encoder), CHALK_OK);
    ck_encoder_info info;
    CK_CHECK_EQ(l->backend->info(l->encoder, &info), CHALK_OK);
    ck_avcc record;
    CK_CHECK_EQ(ck_avcc_parse(info.config.data, info.config.size, &record), CHALK_OK);
    ck_h264_still_configure(&l->still, record.sps[0].data, record.sps[0].size, record.pps[0].data,
                            record.pps[0].size);
    CK_CHECK(l->still.fits);
    const ck_decoder_backend *decoder = ck_test_decoder(CHALK_CODEC_H264);
    CK_CHECK_EQ(decoder->open(CHALK_CODEC_H264, info.config, NULL, &l->plain), CHALK_OK);
    CK_CHECK_EQ(decoder->open(CHALK_CODEC_H264, info.config, NULL, &l->mixed), CHALK_OK);
    ck_buf_init(&l->out, &ck_heap, 1 << 20);
}

static void close_line(line *l)
{
    const ck_decoder_backend *decoder = ck_test_decoder(CHALK_CODEC_H264);
    l->backend->close(&l->encoder);
    decoder->close(&l->plain);
    decoder->close(&l->mixed);
    ck_buf_free(&l->out);
}

/* A decoder hides a gap in the numbers; they must have none. */
static void check_number(line *l, ck_slice unit, bool key)
{
    ck_h264_walk walk = ck_h264_walk_of(CK_H264_AVCC_4, unit.data, unit.size);
    ck_h264_nal nal;
    l->frame_num = key ? 0 : l->frame_num;
    while (ck_h264_walk_next(&walk, &nal) > 0) {
        if (!ck_h264_is_vcl(nal.type)) {
            continue;
        }
        ck_h264_bits b = ck_h264_bits_of(nal.data + 1, nal.size - 1);
        ck_h264_bits_ue(&b);
        ck_h264_bits_ue(&b);
        ck_h264_bits_ue(&b);
        CK_CHECK_EQ(ck_h264_bits_u(&b, l->still.sps.frame_num_bits), l->frame_num);
    }
    l->frame_num = (l->frame_num + 1) & ((1u << l->still.sps.frame_num_bits) - 1);
}

static chalk_video_frame *decode(ck_decoder *d, ck_slice unit, int64_t pts_us, bool key)
{
    const ck_decoder_backend *decoder = ck_test_decoder(CHALK_CODEC_H264);
    const ck_packet packet = {
        .codec = CHALK_CODEC_H264, .key = key, .pts_us = pts_us, .dts_us = pts_us, .payload = unit};
    chalk_video_frame *frame = NULL;
    CK_CHECK_EQ(decoder->send(d, &packet), CHALK_OK);
    CK_CHECK_EQ(decoder->receive_video(d, &frame), CHALK_OK);
    return frame;
}

static bool equal_frames(const chalk_video_frame *a, const chalk_video_frame *b)
{
    for (int i = 0; i < 3; i++) {
        int32_t rows = i == 0 ? HEIGHT : HEIGHT / 2;
        size_t width = i == 0 ? WIDTH : WIDTH / 2;
        for (int32_t y = 0; y < rows; y++) {
            if (memcmp(a->info.planes[i] + y * a->info.strides[i],
                       b->info.planes[i] + y * b->info.strides[i], width) != 0) {
                return false;
            }
        }
    }
    return true;
}

/* Encodes one picture; both decoders get it, one of them renumbered. */
static chalk_video_frame *run_picture(line *l, uint32_t scene, int step, bool key)
{
    chalk_video_frame *in = ck_test_picture(scene, WIDTH, HEIGHT, step);
    l->pts_us += S / 15;
    CK_CHECK_EQ(l->backend->send_video(l->encoder, in, l->pts_us, key), CHALK_OK);
    chalk_video_frame_unref(&in);
    ck_packet packet;
    CK_CHECK_EQ(l->backend->receive(l->encoder, &packet), CHALK_OK);
    ck_buf_clear(&l->out);
    int moved = ck_h264_still_pass(&l->still, packet.payload.data, packet.payload.size, &l->out);
    CK_CHECK(moved == 0 || moved == 1);
    ck_slice unit = moved == 1 ? ck_slice_copy(&ck_heap, l->out.data, l->out.size)
                               : ck_slice_ref(packet.payload);
    check_number(l, unit, packet.key);
    chalk_video_frame *plain = decode(l->plain, packet.payload, l->pts_us, packet.key);
    chalk_video_frame *mixed = decode(l->mixed, unit, l->pts_us, packet.key);
    CK_CHECK(equal_frames(plain, mixed));
    chalk_video_frame_unref(&plain);
    ck_slice_unref(&unit);
    ck_packet_unref(&packet);
    return mixed;
}

static void run_still(line *l, const chalk_video_frame *before)
{
    l->pts_us += S / 15;
    ck_buf_clear(&l->out);
    CK_CHECK_EQ(ck_h264_still_make(&l->still, &l->out), CHALK_OK);
    CK_CHECK_ROW(l->out.size, l->out.size < 64);
    ck_slice unit = ck_slice_copy(&ck_heap, l->out.data, l->out.size);
    check_number(l, unit, false);
    chalk_video_frame *frame = decode(l->mixed, unit, l->pts_us, false);
    CK_CHECK(equal_frames(before, frame));
    chalk_video_frame_unref(&frame);
    ck_slice_unref(&unit);
}

CK_TEST(codec_still, a_decoder_shows_what_it_showed)
{
    static const uint32_t hints[] = {CHALK_HINT_SLIDES, CHALK_HINT_MOTION, CHALK_HINT_CAMERA};
    for (size_t i = 0; i < CK_COUNT_OF(encoders) * CK_COUNT_OF(hints); i++) {
        const char *name = encoders[i / CK_COUNT_OF(hints)];
        if (ck_test_encoder(name) == NULL) {
            continue; /* a build without x264 */
        }
        line l;
        uint32_t hint = hints[i % CK_COUNT_OF(hints)];
        uint32_t scene = hint == CHALK_HINT_SLIDES ? CK_SCENE_SLIDE : CK_SCENE_MOTION;
        open_line(&l, name, hint);
        CK_CHECK(!l.still.able); /* nothing to repeat yet */
        for (int n = 0; n < 24; n++) {
            chalk_video_frame *shown = run_picture(&l, scene, n / 2, n == 0 || n == 13);
            for (int k = n % 3 == 1 ? 40 : n % 2; k > 0; k--) {
                run_still(&l, shown); /* numbers of 4 bits go round */
            }
            chalk_video_frame_unref(&shown);
        }
        close_line(&l);
    }
}

/* A key frame kept and sent once more begins the numbers anew for the encoder and the stream. */
CK_TEST(codec_still, a_key_frame_can_be_sent_again)
{
    const char *name = ck_test_encoder(encoders[0]) != NULL ? encoders[0] : encoders[1];
    line l;
    open_line(&l, name, CHALK_HINT_SLIDES);
    chalk_video_frame *in = ck_test_picture(CK_SCENE_SLIDE, WIDTH, HEIGHT, 1);
    CK_CHECK_EQ(l.backend->send_video(l.encoder, in, 0, true), CHALK_OK);
    ck_packet key;
    CK_CHECK_EQ(l.backend->receive(l.encoder, &key), CHALK_OK);
    chalk_video_frame_unref(&in);
    chalk_video_frame *first = NULL;
    chalk_video_frame *plain = decode(l.plain, key.payload, 0, true);
    for (int i = 0; i < 3; i++) {
        l.pts_us += S;
        CK_CHECK_EQ(ck_h264_still_pass(&l.still, key.payload.data, key.payload.size, &l.out), 0);
        check_number(&l, key.payload, true);
        chalk_video_frame *again = decode(l.mixed, key.payload, l.pts_us, true);
        CK_CHECK(equal_frames(plain, again));
        chalk_video_frame_unref(&first);
        first = again;
        run_still(&l, first);
    }
    chalk_video_frame_unref(&first);
    chalk_video_frame_unref(&plain);
    ck_packet_unref(&key);
    for (int n = 0; n < 4; n++) {
        chalk_video_frame *shown = run_picture(&l, CK_SCENE_SLIDE, 2 + n, false);
        run_still(&l, shown);
        chalk_video_frame_unref(&shown);
    }
    close_line(&l);
}
