/* Colours end to end, as other programs see them: BGRA through converter and encoder into a file of
 * Annex B, which ffprobe describes and ffmpeg decodes to RGB. */
#include "unit/codec_support.h"

#include "support/check.h"

#include "core/flv/avcc.h"
#include "core/h264/rewrite.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define WIDTH  1280
#define HEIGHT 720
#define PATCH  160 /* an 8 x 4.5 chart */

static const uint32_t chart[] = {0x000000, 0xffffff, 0xff0000, 0x00ff00, 0x0000ff, 0xffff00,
                                 0x00ffff, 0xff00ff, 0x808080, 0x404040, 0xc0c0c0, 0x804020,
                                 0x208040, 0x204080, 0xe0a080, 0x6a9f4b};

static uint32_t chart_at(int32_t x, int32_t y)
{
    return chart[(size_t)(y / PATCH * 8 + x / PATCH) % (sizeof(chart) / sizeof(chart[0]))];
}

static chalk_video_frame *chart_frame(void)
{
    uint8_t *pixels = malloc((size_t)WIDTH * HEIGHT * 4);
    for (int32_t y = 0; y < HEIGHT; y++) {
        for (int32_t x = 0; x < WIDTH; x++) {
            const uint32_t rgb = chart_at(x, y);
            uint8_t *p = pixels + 4 * (y * WIDTH + x);
            p[0] = (uint8_t)rgb;
            p[1] = (uint8_t)(rgb >> 8);
            p[2] = (uint8_t)(rgb >> 16);
            p[3] = 255;
        }
    }
    chalk_video_info info;
    chalk_video_info_init(&info);
    info.format = CHALK_PIXEL_BGRA;
    info.width = WIDTH;
    info.height = HEIGHT;
    info.planes[0] = pixels;
    info.strides[0] = 4 * WIDTH;
    chalk_video_frame *frame = NULL, *out = NULL;
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &frame), CHALK_OK);
    free(pixels);
    ck_converter *c = NULL;
    CK_CHECK_EQ(ck_codecs.converter_open(WIDTH, HEIGHT, &c), CHALK_OK);
    CK_CHECK_EQ(ck_codecs.convert(c, frame, NULL, &out), CHALK_OK);
    ck_codecs.converter_close(&c);
    chalk_video_frame_unref(&frame);
    return out;
}

static void dump(const ck_encoder_backend *backend, chalk_video_frame *frame, const char *path)
{
    ck_encoder_config config = ck_test_video_config(CHALK_HINT_SLIDES, WIDTH, HEIGHT);
    config.color = frame->info.color;
    ck_encoder *e = NULL;
    ck_encoder_info info;
    ck_avcc record;
    ck_packet packet;
    ck_buf out;
    ck_buf_init(&out, &ck_heap, 1 << 24);
    CK_CHECK_EQ(backend->open(&config, NULL, &e), CHALK_OK);
    CK_CHECK_EQ(backend->info(e, &info), CHALK_OK);
    CK_CHECK_EQ(ck_avcc_parse(info.config.data, info.config.size, &record), CHALK_OK);
    ck_h264_put_nal(&out, CK_H264_ANNEX_B, record.sps[0].data, record.sps[0].size);
    ck_h264_put_nal(&out, CK_H264_ANNEX_B, record.pps[0].data, record.pps[0].size);
    if (backend->set_finer != NULL) {
        backend->set_finer(e, 8); /* as of a picture at rest: what is looked at is colour */
    }
    CK_CHECK_EQ(backend->send_video(e, frame, 0, false), CHALK_OK);
    CK_CHECK_EQ(backend->receive(e, &packet), CHALK_OK);
    CK_CHECK(ck_h264_to_annex_b(packet.payload.data, packet.payload.size, CK_H264_AVCC_4, &out) >
             0);
    FILE *file = fopen(path, "wb");
    CK_CHECK(file != NULL);
    CK_CHECK_EQ(fwrite(out.data, 1, out.size, file), out.size);
    fclose(file);
    ck_packet_unref(&packet);
    ck_buf_free(&out);
    backend->close(&e);
}

static size_t output_of(const char *format, const char *path, uint8_t *to, size_t size)
{
    char command[512];
    snprintf(command, sizeof(command), format, path);
    FILE *pipe = popen(command, "r");
    CK_CHECK(pipe != NULL);
    const size_t got = fread(to, 1, size, pipe);
    CK_CHECK_EQ(pclose(pipe), 0);
    return got;
}

static void check_tags(const char *path, uint32_t color)
{
    char text[512] = "";
    output_of("ffprobe -v error -of default=nk=1:nw=1 -show_entries "
              "stream=color_range,color_space,color_transfer,color_primaries %s",
              path, (uint8_t *)text, sizeof(text) - 1);
    CK_CHECK_STR(text, color == CHALK_COLOR_BT601_LIMITED ? "tv\nsmpte170m\nbt709\nbt709\n"
                                                          : "tv\nbt709\nbt709\nbt709\n");
}

static void check_colors(const char *name, const char *path)
{
    const size_t size = (size_t)WIDTH * HEIGHT * 3;
    uint8_t *rgb = malloc(size + 1);
    CK_CHECK_EQ(
        output_of("ffmpeg -v error -i %s -f rawvideo -pix_fmt rgb24 -", path, rgb, size + 1), size);
    for (int32_t y = PATCH / 2; y < HEIGHT; y += PATCH) {
        for (int32_t x = PATCH / 2; x < WIDTH; x += PATCH) {
            const uint32_t expected = chart_at(x, y);
            const uint8_t *p = rgb + 3 * (y * WIDTH + x);
            for (int c = 0; c < 3; c++) {
                const int wanted = (int)(expected >> (16 - 8 * c) & 0xff);
                if (abs(p[c] - wanted) > 4) {
                    CK_FAIL("%s: #%06x came back as #%02x%02x%02x", name, expected, p[0], p[1],
                            p[2]);
                }
            }
        }
    }
    free(rgb);
}

CK_TEST(codec_color, chart_comes_back_in_its_colors)
{
    char path[64];
    snprintf(path, sizeof(path), "/tmp/ck-color-%ld.264", (long)getpid());
    chalk_video_frame *frame = chart_frame();
    for (size_t i = 0; ck_codecs.encoders[i] != NULL; i++) {
        const ck_encoder_backend *backend = ck_codecs.encoders[i];
        if (backend->codec == CHALK_CODEC_H264 && !backend->hardware) {
            dump(backend, frame, path);
            check_tags(path, CHALK_COLOR_BT601_LIMITED);
            check_colors(backend->name, path);
            /* The other matrix is stated as well; its colours are its source's affair. */
            frame->info.color = CHALK_COLOR_BT709_LIMITED;
            dump(backend, frame, path);
            check_tags(path, CHALK_COLOR_BT709_LIMITED);
            frame->info.color = CHALK_COLOR_BT601_LIMITED;
        }
    }
    chalk_video_frame_unref(&frame);
    unlink(path);
}
