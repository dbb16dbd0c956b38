#include "unit/codec_support.h"

#include "support/check.h"
#include "support/ssim.h"

#include <math.h>

static uint8_t slide_pixel(int32_t x, int32_t y, int step)
{
    /* Lines of 40 pixels with "letters" of 12x20, two pixels to a stroke, which follow from place
     * and page; margins, word gaps and a shorter line here and there as on a real slide. */
    const int32_t column = x / 16, row = y / 40, cx = x % 16, cy = y % 40;
    const uint32_t line = (uint32_t)(row * 151 + step * 7919) * 2654435761u;
    if (cx >= 12 || cy < 10 || cy >= 30 || column < 4 || column % 6 == 0 ||
        column > 30 + (int32_t)(line >> 27)) {
        return 235;
    }
    const uint32_t letter = (uint32_t)(column * 73 + row * 151 + step * 7919) * 2654435761u;
    const bool stem = cx < 2 || cx >= 10, bar = cy < 12 || (cy >= 19 && cy < 21) || cy >= 28;
    const uint32_t part = (uint32_t)(stem ? cx / 10 * 2 + cy / 20 : 4 + (cy - 10) / 8);
    return (stem || bar) && (letter >> (10 + part)) & 1u ? 20 : 235;
}

#define SIDE_MAX 4096

/* A wave for each of x, y and x + y. */
typedef struct waves {
    double x[SIDE_MAX], y[SIDE_MAX], both[2 * SIDE_MAX];
} waves;

static void make_waves(waves *w, int step)
{
    const double t = step * 0.15;
    for (int32_t i = 0; i < SIDE_MAX; i++) {
        w->x[i] = 30 * sin(i * 0.05 + t);
        w->y[i] = 30 * sin(i * 0.07 - t);
    }
    for (int32_t i = 0; i < 2 * SIDE_MAX; i++) {
        w->both[i] = 30 * sin(i * 0.031 + 2 * t);
    }
}

static uint8_t motion_pixel(const waves *w, int32_t x, int32_t y, uint32_t *noise)
{
    *noise = *noise * 1664525u + 1013904223u;
    return (uint8_t)(126 + w->x[x] + w->y[y] + w->both[x + y] + (double)((*noise >> 16) % 9));
}

chalk_video_frame *ck_test_picture(enum ck_scene scene, int32_t width, int32_t height, int step)
{
    static ck_frame_pool *pool;
    if (pool == NULL) {
        CK_CHECK_EQ(ck_frame_pool_create(2, &pool), CHALK_OK);
    }
    chalk_video_frame *frame = NULL;
    CK_CHECK_EQ(ck_frame_pool_take(pool, CHALK_PIXEL_I420, width, height, &frame), CHALK_OK);
    static waves w;
    uint32_t noise = (uint32_t)step;
    CK_CHECK(width <= SIDE_MAX && height <= SIDE_MAX);
    make_waves(&w, step);
    uint8_t *luma = ck_frame_plane(frame, 0);
    for (int32_t y = 0; y < height; y++) {
        for (int32_t x = 0; x < width; x++) {
            luma[y * frame->info.strides[0] + x] =
                scene == CK_SCENE_SLIDE ? slide_pixel(x, y, step) : motion_pixel(&w, x, y, &noise);
        }
    }
    for (int i = 1; i < 3; i++) {
        uint8_t *chroma = ck_frame_plane(frame, i);
        for (int32_t y = 0; y < (height + 1) / 2; y++) {
            memset(chroma + y * frame->info.strides[i], 128 + (y / 8 % 3) * (i == 1 ? 9 : -9),
                   (size_t)(width + 1) / 2);
        }
    }
    frame->info.color = CHALK_COLOR_BT601_LIMITED;
    return frame;
}

double ck_test_psnr(const chalk_video_frame *a, const chalk_video_frame *b)
{
    double sum = 0;
    for (int32_t y = 0; y < a->info.height; y++) {
        const uint8_t *pa = a->info.planes[0] + (ptrdiff_t)y * a->info.strides[0];
        const uint8_t *pb = b->info.planes[0] + (ptrdiff_t)y * b->info.strides[0];
        for (int32_t x = 0; x < a->info.width; x++) {
            const double d = (double)pa[x] - (double)pb[x];
            sum += d * d;
        }
    }
    const double mse = sum / ((double)a->info.width * a->info.height);
    return mse < 1e-9 ? 99.0 : 10.0 * log10(255.0 * 255.0 / mse);
}

static ck_luma luma_of(const chalk_video_frame *frame)
{
    return (ck_luma){frame->info.planes[0], (size_t)frame->info.strides[0]};
}

double ck_test_ssim(const chalk_video_frame *a, const chalk_video_frame *b)
{
    return ck_ssim(luma_of(a), luma_of(b), a->info.width, a->info.height);
}

ck_encoder_config ck_test_video_config(uint32_t hint, int32_t width, int32_t height)
{
    return (ck_encoder_config){
        .codec = CHALK_CODEC_H264,
        .hint = hint,
        .width = width,
        .height = height,
        .color = CHALK_COLOR_BT601_LIMITED,
        .fps_max = 15,
        .bitrate_kbps = 1000,
    };
}

const ck_encoder_backend *ck_test_encoder(const char *name)
{
    for (size_t i = 0; ck_codecs.encoders[i] != NULL; i++) {
        if (strcmp(ck_codecs.encoders[i]->name, name) == 0) {
            return ck_codecs.encoders[i];
        }
    }
    return NULL;
}

const ck_decoder_backend *ck_test_decoder(uint32_t codec)
{
    for (size_t i = 0; ck_codecs.decoders[i] != NULL; i++) {
        if (ck_codecs.decoders[i]->codec == codec) {
            return ck_codecs.decoders[i];
        }
    }
    return NULL;
}
