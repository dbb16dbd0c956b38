/* What other people's H.264 may hold: every chroma format, 10 bits, grey, full range, cropping. */
#include "unit/codec_support.h"

#include "support/check.h"

#include "core/h264/rewrite.h"

#include <libavcodec/avcodec.h>
#include <libavutil/opt.h>
#include <stdlib.h>

#define WIDTH  98
#define HEIGHT 66

typedef struct pixel_row {
    enum AVPixelFormat format;
    int chroma_x, chroma_y; /* shifts; -1: no chroma */
    int depth;
    bool full_range;
    int luma, u, v; /* expected of 8-bit source values 200, 90, 160 */
} pixel_row;

static const pixel_row rows[] = {
    {AV_PIX_FMT_YUV420P, 1, 1, 8, false, 200, 90, 160},
    {AV_PIX_FMT_YUV422P, 1, 0, 8, false, 200, 90, 160},
    {AV_PIX_FMT_YUV444P, 0, 0, 8, false, 200, 90, 160},
    {AV_PIX_FMT_YUV420P10, 1, 1, 10, false, 200, 90, 160},
    {AV_PIX_FMT_YUV422P10, 1, 0, 10, false, 200, 90, 160},
    {AV_PIX_FMT_YUV444P10, 0, 0, 10, false, 200, 90, 160},
    {AV_PIX_FMT_GRAY8, -1, -1, 8, false, 200, 128, 128},
    {AV_PIX_FMT_YUV420P, 1, 1, 8, true, 188, 95, 157},
    {AV_PIX_FMT_YUV422P, 1, 0, 8, true, 188, 95, 157},
    {AV_PIX_FMT_YUV444P, 0, 0, 8, true, 188, 95, 157},
};

static void fill_plane(AVFrame *f, int plane, int width, int height, int value, int depth)
{
    for (int y = 0; y < height; y++) {
        uint8_t *line = f->data[plane] + (ptrdiff_t)y * f->linesize[plane];
        for (int x = 0; x < width; x++) {
            if (depth > 8) {
                const uint16_t deep = (uint16_t)(value << (depth - 8));
                memcpy(line + 2 * x, &deep, 2);
            } else {
                line[x] = (uint8_t)value;
            }
        }
    }
}

static AVFrame *make_frame(const pixel_row *row)
{
    AVFrame *f = av_frame_alloc();
    f->format = row->format;
    f->width = WIDTH;
    f->height = HEIGHT;
    CK_CHECK_EQ(av_frame_get_buffer(f, 0), 0);
    fill_plane(f, 0, WIDTH, HEIGHT, 200, row->depth);
    for (int p = 1; p < 3 && row->chroma_x >= 0; p++) {
        fill_plane(f, p, WIDTH >> row->chroma_x, HEIGHT >> row->chroma_y, p == 1 ? 90 : 160,
                   row->depth);
    }
    return f;
}

/* One key frame in Annex B with its parameter sets in front. */
static AVPacket *encode(const pixel_row *row)
{
    const AVCodec *codec = avcodec_find_encoder_by_name("libx264");
    CK_CHECK(codec != NULL);
    AVCodecContext *c = avcodec_alloc_context3(codec);
    c->log_level_offset = 64;
    c->width = WIDTH;
    c->height = HEIGHT;
    c->pix_fmt = row->format;
    c->time_base = (AVRational){1, 25};
    c->color_range = row->full_range ? AVCOL_RANGE_JPEG : AVCOL_RANGE_MPEG;
    c->colorspace = AVCOL_SPC_BT709;
    av_opt_set(c->priv_data, "tune", "zerolatency", 0);
    av_opt_set(c->priv_data, "crf", "4", 0);
    CK_CHECK_EQ(avcodec_open2(c, codec, NULL), 0);
    AVFrame *f = make_frame(row);
    AVPacket *packet = av_packet_alloc();
    CK_CHECK_EQ(avcodec_send_frame(c, f), 0);
    CK_CHECK_EQ(avcodec_receive_packet(c, packet), 0);
    av_frame_free(&f);
    avcodec_free_context(&c);
    return packet;
}

CK_TEST(codec_pixels, everything_becomes_i420_in_limited_range)
{
    const ck_decoder_backend *backend = ck_test_decoder(CHALK_CODEC_H264);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        AVPacket *encoded = encode(&rows[i]);
        ck_buf unit;
        ck_buf_init(&unit, &ck_heap, 1 << 20);
        CK_CHECK(ck_h264_to_avcc(encoded->data, (size_t)encoded->size, CK_H264_AVCC_4, &unit) > 0);
        const ck_packet packet = {
            .codec = CHALK_CODEC_H264,
            .key = true,
            .pts_us = 9,
            .capture_us = 8,
            .payload = ck_slice_static(unit.data, unit.size),
        };
        ck_decoder *d = NULL;
        chalk_video_frame *frame = NULL;
        CK_CHECK_EQ(backend->open(CHALK_CODEC_H264, (ck_slice){0}, NULL, &d), CHALK_OK);
        CK_CHECK_EQ(backend->send(d, &packet), CHALK_OK);
        CK_CHECK_EQ(backend->drain(d), CHALK_OK);
        CK_CHECK_ROW(i, backend->receive_video(d, &frame) == CHALK_OK);
        CK_CHECK_ROW(i, frame->info.format == CHALK_PIXEL_I420);
        CK_CHECK_ROW(i, frame->info.width == WIDTH && frame->info.height == HEIGHT);
        /* Grey has no matrix to state, so its size decides. */
        CK_CHECK_ROW(i, frame->info.color == (rows[i].chroma_x < 0 ? CHALK_COLOR_BT601_LIMITED
                                                                   : CHALK_COLOR_BT709_LIMITED));
        CK_CHECK_ROW(i, frame->info.pts_us == 9 && frame->info.capture_us == 8);
        CK_CHECK_ROW(i, abs(frame->info.planes[0][5] - rows[i].luma) <= 2);
        CK_CHECK_ROW(i, abs(frame->info.planes[1][5] - rows[i].u) <= 2);
        CK_CHECK_ROW(i, abs(frame->info.planes[2][5] - rows[i].v) <= 2);
        /* The last pixel too: conversions must reach the edge. */
        const uint8_t *last =
            frame->info.planes[0] + (HEIGHT - 1) * (ptrdiff_t)frame->info.strides[0] + WIDTH - 1;
        CK_CHECK_ROW(i, abs(*last - rows[i].luma) <= 2);
        chalk_video_frame_unref(&frame);
        backend->close(&d);
        ck_buf_free(&unit);
        av_packet_free(&encoded);
    }
}

CK_TEST(codec_pixels, rgb_is_refused_by_name)
{
    /* libx264rgb writes the one format of H.264 that is not converted. */
    const AVCodec *codec = avcodec_find_encoder_by_name("libx264rgb");
    CK_CHECK(codec != NULL);
    AVCodecContext *c = avcodec_alloc_context3(codec);
    c->log_level_offset = 64;
    c->width = c->height = 64;
    c->pix_fmt = AV_PIX_FMT_BGR0;
    c->time_base = (AVRational){1, 25};
    av_opt_set(c->priv_data, "tune", "zerolatency", 0);
    CK_CHECK_EQ(avcodec_open2(c, codec, NULL), 0);
    AVFrame *f = av_frame_alloc();
    f->format = c->pix_fmt;
    f->width = f->height = 64;
    CK_CHECK_EQ(av_frame_get_buffer(f, 0), 0);
    memset(f->data[0], 77, (size_t)f->linesize[0] * 64);
    AVPacket *packet = av_packet_alloc();
    CK_CHECK_EQ(avcodec_send_frame(c, f), 0);
    CK_CHECK_EQ(avcodec_receive_packet(c, packet), 0);

    const ck_decoder_backend *backend = ck_test_decoder(CHALK_CODEC_H264);
    ck_buf unit;
    ck_buf_init(&unit, &ck_heap, 1 << 20);
    CK_CHECK(ck_h264_to_avcc(packet->data, (size_t)packet->size, CK_H264_AVCC_4, &unit) > 0);
    const ck_packet sent = {
        .codec = CHALK_CODEC_H264, .key = true, .payload = ck_slice_static(unit.data, unit.size)};
    ck_decoder *d = NULL;
    chalk_video_frame *frame = NULL;
    CK_CHECK_EQ(backend->open(CHALK_CODEC_H264, (ck_slice){0}, NULL, &d), CHALK_OK);
    CK_CHECK_EQ(backend->send(d, &sent), CHALK_OK);
    CK_CHECK_EQ(backend->drain(d), CHALK_OK);
    CK_CHECK_EQ(backend->receive_video(d, &frame), CHALK_ERR_CODEC_UNKNOWN);
    CK_CHECK(frame == NULL);
    backend->close(&d);
    ck_buf_free(&unit);
    av_packet_free(&packet);
    av_frame_free(&f);
    avcodec_free_context(&c);
}
