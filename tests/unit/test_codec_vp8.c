/* VP8: the test vectors of its authors (where they are not there, a stream of our own), colour, and
 * damage. */
#include "unit/codec_support.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/rng.h"
#include "support/check.h"
#include "support/data.h"

#include <libavutil/md5.h>
#include <libavutil/mem.h>
#include <stdio.h>
#include <stdlib.h>

#define IVF_HEAD   32
#define FRAME_HEAD 12
#define MD5_SIZE   16

static const ck_decoder_backend *decoder(void)
{
    return ck_test_decoder(CHALK_CODEC_VP8);
}

static ck_decoder *open_decoder(void)
{
    ck_decoder *d = NULL;
    CK_CHECK_EQ(decoder()->open(CHALK_CODEC_VP8, (ck_slice){0}, NULL, &d), CHALK_OK);
    return d;
}

static void plane_md5(struct AVMD5 *md5, const uint8_t *plane, int32_t stride, int32_t width,
                      int32_t height)
{
    for (int32_t y = 0; y < height; y++) {
        av_md5_update(md5, plane + (ptrdiff_t)y * stride, (size_t)width);
    }
}

static void picture_md5(const chalk_video_frame *frame, char text[2 * MD5_SIZE + 1])
{
    const chalk_video_info *info = &frame->info;
    uint8_t sum[MD5_SIZE];
    struct AVMD5 *md5 = av_md5_alloc();
    av_md5_init(md5);
    plane_md5(md5, info->planes[0], info->strides[0], info->width, info->height);
    for (int i = 1; i < 3; i++) {
        plane_md5(md5, info->planes[i], info->strides[i], (info->width + 1) / 2,
                  (info->height + 1) / 2);
    }
    av_md5_final(md5, sum);
    av_free(md5);
    for (int i = 0; i < MD5_SIZE; i++) {
        (void)snprintf(text + (ptrdiff_t)2 * i, 3, "%02x", sum[i]);
    }
}

/* Decodes an IVF file; the nth picture must have the nth sum. Returns the pictures, 0 without the
 * data. */
static int run_vector(const char *name)
{
    char path[128];
    size_t size = 0, sums_size = 0;
    (void)snprintf(path, sizeof path, "media/vp8/%s.ivf", name);
    uint8_t *ivf = ck_data_load(path, &size);
    (void)snprintf(path, sizeof path, "media/vp8/%s.ivf.md5", name);
    uint8_t *sums = ck_data_load(path, &sums_size);
    int pictures = 0;
    if (ivf != NULL && sums != NULL) {
        ck_decoder *d = open_decoder();
        const char *line = (const char *)sums, *end = line + sums_size;
        for (size_t at = IVF_HEAD; at + FRAME_HEAD <= size;) {
            const size_t bytes = ck_load_le32(ivf + at);
            const ck_packet packet = {
                .codec = CHALK_CODEC_VP8,
                .key = at == IVF_HEAD,
                .payload = ck_slice_static(ivf + at + FRAME_HEAD, bytes),
            };
            chalk_video_frame *frame = NULL;
            char sum[2 * MD5_SIZE + 1];
            CK_CHECK_EQ(decoder()->send(d, &packet), CHALK_OK);
            at += FRAME_HEAD + bytes;
            if (decoder()->receive_video(d, &frame) != CHALK_OK) {
                continue;
            }
            picture_md5(frame, sum);
            CK_CHECK(end - line >= 2 * MD5_SIZE);
            if (memcmp(sum, line, 2 * MD5_SIZE) != 0) {
                CK_FAIL("%s: picture %d is %s", name, pictures, sum);
            }
            line = memchr(line, '\n', (size_t)(end - line));
            line = line != NULL ? line + 1 : end;
            pictures++;
            chalk_video_frame_unref(&frame);
        }
        CK_CHECK(line == end);
        decoder()->close(&d);
    }
    free(ivf);
    free(sums);
    return pictures;
}

/* Where the vectors are not there: libvpx' own encoder, whose pictures must come back alike. */
static int run_stand_in(void)
{
    const ck_encoder_backend *backend = ck_test_encoder("libvpx");
    ck_encoder_config config = ck_test_video_config(CHALK_HINT_MOTION, 176, 144);
    config.codec = CHALK_CODEC_VP8;
    ck_encoder *e = NULL;
    CK_CHECK_EQ(backend->open(&config, NULL, &e), CHALK_OK);
    ck_decoder *d = open_decoder();
    for (int n = 0; n < 30; n++) {
        chalk_video_frame *in = ck_test_picture(CK_SCENE_MOTION, 176, 144, n), *out = NULL;
        ck_packet packet;
        CK_CHECK_EQ(backend->send_video(e, in, n * 33333, false), CHALK_OK);
        CK_CHECK_EQ(backend->receive(e, &packet), CHALK_OK);
        CK_CHECK_EQ(decoder()->send(d, &packet), CHALK_OK);
        CK_CHECK_EQ(decoder()->receive_video(d, &out), CHALK_OK);
        CK_CHECK_ROW(n, ck_test_psnr(in, out) > 28);
        chalk_video_frame_unref(&in);
        chalk_video_frame_unref(&out);
        ck_packet_unref(&packet);
    }
    backend->close(&e);
    decoder()->close(&d);
    return 30;
}

CK_TEST(codec_vp8, pictures_are_those_of_the_test_vectors)
{
    int pictures = 0;
    for (int i = 1; i <= 17; i++) {
        char name[64];
        (void)snprintf(name, sizeof name, "vp80-00-comprehensive-%03d", i);
        pictures += run_vector(name);
    }
    pictures = pictures > 0 ? pictures : run_stand_in();
    CK_CHECK(pictures >= 30);
}

/* The bitstream cannot say BT.709; the record in front of it can. */
CK_TEST(codec_vp8, the_record_says_the_colour)
{
    const ck_encoder_backend *backend = ck_test_encoder("libvpx");
    for (uint32_t color = CHALK_COLOR_BT601_LIMITED; color <= CHALK_COLOR_BT709_LIMITED; color++) {
        ck_encoder_config config = ck_test_video_config(CHALK_HINT_SLIDES, 322, 182);
        config.codec = CHALK_CODEC_VP8;
        config.color = color;
        ck_encoder *e = NULL;
        ck_decoder *d = NULL;
        ck_encoder_info info;
        ck_packet packet;
        chalk_video_frame *in = ck_test_picture(CK_SCENE_SLIDE, 322, 182, 0), *out = NULL;
        in->info.color = color;
        CK_CHECK_EQ(backend->open(&config, NULL, &e), CHALK_OK);
        CK_CHECK_EQ(backend->info(e, &info), CHALK_OK);
        CK_CHECK_EQ(decoder()->open(CHALK_CODEC_VP8, info.config, NULL, &d), CHALK_OK);
        CK_CHECK_EQ(backend->send_video(e, in, 0, false), CHALK_OK);
        CK_CHECK_EQ(backend->receive(e, &packet), CHALK_OK);
        CK_CHECK_EQ(decoder()->send(d, &packet), CHALK_OK);
        CK_CHECK_EQ(decoder()->receive_video(d, &out), CHALK_OK);
        CK_CHECK_EQ(out->info.color, color);
        chalk_video_frame_unref(&in);
        chalk_video_frame_unref(&out);
        ck_packet_unref(&packet);
        backend->close(&e);
        decoder()->close(&d);
    }
}

static ck_packet key_frame(int32_t width, int32_t height)
{
    const ck_encoder_backend *backend = ck_test_encoder("libvpx");
    ck_encoder_config config = ck_test_video_config(CHALK_HINT_CAMERA, width, height);
    config.codec = CHALK_CODEC_VP8;
    ck_encoder *e = NULL;
    ck_packet packet;
    chalk_video_frame *in = ck_test_picture(CK_SCENE_MOTION, width, height, 1);
    CK_CHECK_EQ(backend->open(&config, NULL, &e), CHALK_OK);
    CK_CHECK_EQ(backend->send_video(e, in, 0, true), CHALK_OK);
    CK_CHECK_EQ(backend->receive(e, &packet), CHALK_OK);
    chalk_video_frame_unref(&in);
    backend->close(&e);
    return packet;
}

CK_TEST(codec_vp8, damage_is_survived)
{
    ck_rng rng;
    ck_rng_seed(&rng, 7);
    ck_packet good = key_frame(176, 144);
    ck_decoder *d = open_decoder();
    int refused = 0;
    for (int n = 0; n < 500; n++) {
        ck_packet bad = good;
        chalk_video_frame *out = NULL;
        bad.payload = ck_slice_copy(&ck_heap, good.payload.data, good.payload.size);
        uint8_t *bytes = ck_slice_mutable(bad.payload);
        CK_CHECK(bytes != NULL);
        for (int f = 0; f < 3; f++) {
            /* Sizes stay: a picture of 16,383 a side is another test. */
            size_t at = ck_rng_below(&rng, bad.payload.size);
            bytes[at] ^= at >= 6 && at < 10 ? 0 : (uint8_t)ck_rng_next(&rng);
        }
        bad.payload.size = 1 + ck_rng_below(&rng, bad.payload.size);
        const int status = decoder()->send(d, &bad);
        CK_CHECK_ROW(n, status == CHALK_OK || status == CHALK_ERR_BAD_DATA);
        refused += status == CHALK_ERR_BAD_DATA;
        if (decoder()->receive_video(d, &out) == CHALK_OK) {
            CK_CHECK(out->info.width == 176 && out->info.height == 144);
            chalk_video_frame_unref(&out);
        }
        ck_packet_unref(&bad);
    }
    CK_CHECK_ROW(refused, refused > 20);
    chalk_video_frame *out = NULL;
    CK_CHECK_EQ(decoder()->send(d, &good), CHALK_OK); /* and all is well again */
    CK_CHECK_EQ(decoder()->send(d, &good), CHALK_ERR_AGAIN);
    CK_CHECK_EQ(decoder()->receive_video(d, &out), CHALK_OK);
    chalk_video_frame_unref(&out);
    ck_packet_unref(&good);
    decoder()->close(&d);
}

CK_TEST(codec_vp8, what_is_not_decoded)
{
    static const uint8_t inter[] = {0x11, 0, 0};
    static const uint8_t huge[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0xff, 0x3f, 0xff, 0x3f};
    static const uint8_t large[] = {0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x00, 0x20, 0x00, 0x20};
    ck_decoder *d = open_decoder();
    chalk_video_frame *out = NULL;
    ck_packet packet = {.codec = CHALK_CODEC_VP8, .payload = ck_slice_static(inter, sizeof inter)};
    CK_CHECK_EQ(decoder()->send(d, &packet),
                CHALK_OK); /* before the first key frame: passed over */
    CK_CHECK_EQ(decoder()->receive_video(d, &out), CHALK_ERR_AGAIN);
    packet.payload = ck_slice_static(huge, sizeof huge);
    CK_CHECK_EQ(decoder()->send(d, &packet), CHALK_ERR_TOO_LARGE);
    packet.payload = ck_slice_static(large, sizeof large); /* 8192 a side: too many pixels */
    CK_CHECK_EQ(decoder()->send(d, &packet), CHALK_ERR_TOO_LARGE);
    packet.payload = ck_slice_static("", 0);
    CK_CHECK_EQ(decoder()->send(d, &packet), CHALK_ERR_BAD_DATA);
    packet.codec = CHALK_CODEC_H264;
    CK_CHECK_EQ(decoder()->send(d, &packet), CHALK_ERR_INVALID_ARGUMENT);
    packet = (ck_packet){.codec = CHALK_CODEC_VP8, .config = true};
    packet.payload = ck_slice_static("\x00\x00\xa2\x01\x01\x01\x00\x00", 8); /* ten bits */
    CK_CHECK_EQ(decoder()->send(d, &packet), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(decoder()->receive_audio(d, NULL), CHALK_ERR_UNSUPPORTED);
    CK_CHECK_EQ(decoder()->drain(d), CHALK_OK);
    CK_CHECK_EQ(decoder()->receive_video(d, &out), CHALK_ERR_END);
    decoder()->reset(d);
    CK_CHECK_EQ(decoder()->receive_video(d, &out), CHALK_ERR_AGAIN);
    decoder()->close(&d);
    CK_CHECK_EQ(decoder()->open(CHALK_CODEC_H264, (ck_slice){0}, NULL, &d),
                CHALK_ERR_INVALID_ARGUMENT);
}
