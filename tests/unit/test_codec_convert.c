/* The converter: colours, sizes, shapes, rotation, and what travels along. */
#include "unit/codec_support.h"

#include "base/rng.h"
#include "support/check.h"

#include <stdlib.h>

/* BGRA of the size whose left half is `left` and right half `right` (0xRRGGBB). */
static chalk_video_frame *halves(int32_t width, int32_t height, uint32_t left, uint32_t right)
{
    uint8_t *pixels = malloc((size_t)width * (size_t)height * 4);
    for (int32_t i = 0; i < width * height; i++) {
        const uint32_t rgb = i % width < width / 2 ? left : right;
        pixels[4 * i] = (uint8_t)rgb;
        pixels[4 * i + 1] = (uint8_t)(rgb >> 8);
        pixels[4 * i + 2] = (uint8_t)(rgb >> 16);
        pixels[4 * i + 3] = 255;
    }
    chalk_video_info info;
    chalk_video_info_init(&info);
    info.format = CHALK_PIXEL_BGRA;
    info.width = width;
    info.height = height;
    info.planes[0] = pixels;
    info.strides[0] = 4 * width;
    info.capture_us = 4242;
    chalk_video_frame *frame = NULL;
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &frame), CHALK_OK);
    free(pixels);
    return frame;
}

static chalk_video_frame *convert(ck_converter *c, chalk_video_frame *in)
{
    chalk_video_frame *out = NULL;
    CK_CHECK_EQ(ck_codecs.convert(c, in, NULL, &out), CHALK_OK);
    CK_CHECK_EQ(out->info.format, CHALK_PIXEL_I420);
    return out;
}

static int luma(const chalk_video_frame *f, int32_t x, int32_t y)
{
    return f->info.planes[0][(ptrdiff_t)y * f->info.strides[0] + x];
}

static int chroma(const chalk_video_frame *f, int plane, int32_t x, int32_t y)
{
    return f->info.planes[plane][(ptrdiff_t)(y / 2) * f->info.strides[plane] + x / 2];
}

CK_TEST(codec_convert, open_refuses_bad_sizes)
{
    static const int32_t sizes[][2] = {{0, 2}, {2, 0}, {3, 2}, {2, 3}, {-2, 2}, {8194, 2}};
    for (size_t i = 0; i < 6; i++) {
        ck_converter *c = NULL;
        CK_CHECK_ROW(i, ck_codecs.converter_open(sizes[i][0], sizes[i][1], &c) ==
                            CHALK_ERR_INVALID_ARGUMENT);
        CK_CHECK_ROW(i, c == NULL);
        ck_codecs.converter_close(&c);
    }
}

typedef struct color_row {
    uint32_t rgb;
    int y, u, v; /* BT.601 limited range, by the definition */
} color_row;

static const color_row color_rows[] = {
    {0x000000, 16, 128, 128}, {0xffffff, 235, 128, 128}, {0xff0000, 82, 90, 240},
    {0x00ff00, 145, 54, 34},  {0x0000ff, 41, 240, 110},  {0x808080, 126, 128, 128},
};

CK_TEST(codec_convert, bgra_is_bt601_and_says_so)
{
    ck_converter *c = NULL;
    CK_CHECK_EQ(ck_codecs.converter_open(1280, 720, &c), CHALK_OK);
    for (size_t i = 0; i < sizeof(color_rows) / sizeof(color_rows[0]); i++) {
        chalk_video_frame *in = halves(1280, 720, color_rows[i].rgb, 0);
        chalk_video_frame *out = convert(c, in);
        CK_CHECK_ROW(i, out->info.color == CHALK_COLOR_BT601_LIMITED);
        CK_CHECK_ROW(i, abs(luma(out, 100, 100) - color_rows[i].y) <= 1);
        CK_CHECK_ROW(i, abs(chroma(out, 1, 100, 100) - color_rows[i].u) <= 1);
        CK_CHECK_ROW(i, abs(chroma(out, 2, 100, 100) - color_rows[i].v) <= 1);
        CK_CHECK_ROW(i, out->info.capture_us == 4242);
        chalk_video_frame_unref(&in);
        chalk_video_frame_unref(&out);
    }
    ck_codecs.converter_close(&c);
}

CK_TEST(codec_convert, right_size_is_passed_on)
{
    ck_converter *c = NULL;
    CK_CHECK_EQ(ck_codecs.converter_open(320, 240, &c), CHALK_OK);
    chalk_video_frame *in = ck_test_picture(CK_SCENE_SLIDE, 320, 240, 0);
    in->info.color = CHALK_COLOR_BT709_LIMITED;
    chalk_video_frame *out = convert(c, in);
    CK_CHECK(out == in);
    chalk_video_frame_unref(&out);
    chalk_video_frame_unref(&in);
    ck_codecs.converter_close(&c);
}

CK_TEST(codec_convert, odd_sizes_lose_a_pixel_not_their_sharpness)
{
    ck_converter *c = NULL;
    CK_CHECK_EQ(ck_codecs.converter_open(320, 240, &c), CHALK_OK);
    chalk_video_frame *in = ck_test_picture(CK_SCENE_SLIDE, 321, 241, 0);
    chalk_video_frame *out = convert(c, in);
    for (int32_t y = 0; y < 240; y++) {
        for (int32_t x = 0; x < 320; x++) {
            CK_CHECK(luma(in, x, y) == luma(out, x, y));
        }
    }
    chalk_video_frame_unref(&in);
    chalk_video_frame_unref(&out);
    ck_codecs.converter_close(&c);
}

CK_TEST(codec_convert, bars_are_black_also_over_an_old_picture)
{
    ck_converter *c = NULL;
    CK_CHECK_EQ(ck_codecs.converter_open(640, 360, &c), CHALK_OK);
    for (int round = 0; round < 8; round++) {
        /* Wide, tall, wide ...: pooled frames carry the other's picture where bars belong now. */
        const bool tall = round % 2 == 1;
        chalk_video_frame *in = halves(tall ? 101 : 999, tall ? 333 : 51, 0xffffff, 0xffffff);
        chalk_video_frame *out = convert(c, in);
        CK_CHECK_EQ(luma(out, 320, 180), 235);
        const int32_t x = tall ? 3 : 320, y = tall ? 180 : 3;
        CK_CHECK_EQ(luma(out, x, y), 16);
        CK_CHECK_EQ(chroma(out, 1, x, y), 128);
        CK_CHECK_EQ(luma(out, 639 - x, 359 - y), 16);
        CK_CHECK_EQ(chroma(out, 2, 639 - x, 359 - y), 128);
        chalk_video_frame_unref(&in);
        chalk_video_frame_unref(&out);
    }
    ck_codecs.converter_close(&c);
}

typedef struct turn_row {
    uint32_t rotation;
    int32_t width, height; /* of the unrotated picture, white left and black right */
    int32_t white_x, white_y, black_x, black_y; /* in 64x64 */
} turn_row;

static const turn_row turn_rows[] = {
    {0, 64, 64, 8, 32, 56, 32},   {90, 64, 64, 32, 8, 32, 56},   {180, 64, 64, 56, 32, 8, 32},
    {270, 64, 64, 32, 56, 32, 8}, {90, 200, 200, 32, 8, 32, 56}, {270, 33, 31, 32, 56, 32, 8},
};

CK_TEST(codec_convert, rotation_is_applied_clockwise)
{
    ck_converter *c = NULL;
    CK_CHECK_EQ(ck_codecs.converter_open(64, 64, &c), CHALK_OK);
    for (size_t i = 0; i < sizeof(turn_rows) / sizeof(turn_rows[0]); i++) {
        const turn_row *row = &turn_rows[i];
        chalk_video_frame *in = halves(row->width, row->height, 0xffffff, 0);
        in->info.rotation_degrees = row->rotation;
        chalk_video_frame *out = convert(c, in);
        CK_CHECK_ROW(i, out->info.rotation_degrees == 0);
        CK_CHECK_ROW(i, luma(out, row->white_x, row->white_y) >= 234);
        CK_CHECK_ROW(i, luma(out, row->black_x, row->black_y) <= 17);
        chalk_video_frame_unref(&in);
        chalk_video_frame_unref(&out);
    }
    ck_codecs.converter_close(&c);
}

CK_TEST(codec_convert, nv12_keeps_its_tag_and_its_chroma)
{
    uint8_t y[6 * 4], uv[6 * 2];
    memset(y, 100, sizeof(y));
    for (size_t i = 0; i < sizeof(uv); i++) {
        uv[i] = i % 2 == 0 ? 60 : 200;
    }
    chalk_video_info info;
    chalk_video_info_init(&info);
    info.format = CHALK_PIXEL_NV12;
    info.width = 6;
    info.height = 4;
    info.color = CHALK_COLOR_BT709_LIMITED;
    info.planes[0] = y;
    info.planes[1] = uv;
    info.strides[0] = info.strides[1] = 6;
    chalk_video_frame *in = NULL;
    CK_CHECK_EQ(chalk_video_frame_create(&info, NULL, NULL, &in), CHALK_OK);
    static const int32_t sizes[][2] = {{6, 4}, {12, 8}, {4, 4}};
    for (size_t i = 0; i < 3; i++) {
        ck_converter *c = NULL;
        CK_CHECK_EQ(ck_codecs.converter_open(sizes[i][0], sizes[i][1], &c), CHALK_OK);
        chalk_video_frame *out = convert(c, in);
        CK_CHECK_ROW(i, out->info.color == CHALK_COLOR_BT709_LIMITED);
        CK_CHECK_ROW(i, luma(out, 2, 0) == 100);
        CK_CHECK_ROW(i, chroma(out, 1, 2, 0) == 60 && chroma(out, 2, 2, 0) == 200);
        chalk_video_frame_unref(&out);
        ck_codecs.converter_close(&c);
    }
    chalk_video_frame_unref(&in);
}

static bool same_pictures(const chalk_video_frame *a, const chalk_video_frame *b)
{
    for (int32_t y = 0; y < a->info.height; y++) {
        for (int32_t x = 0; x < a->info.width; x++) {
            if (luma(a, x, y) != luma(b, x, y) || chroma(a, 1, x, y) != chroma(b, 1, x, y) ||
                chroma(a, 2, x, y) != chroma(b, 2, x, y)) {
                return false;
            }
        }
    }
    return true;
}

/* Fills a part of a picture of BGRA with noise. */
static void scribble(chalk_video_frame *frame, const chalk_rect *part, ck_rng *rng)
{
    uint8_t *pixels = ck_frame_plane(frame, 0);
    for (int32_t y = part->y; y < part->y + part->height; y++) {
        for (int32_t x = 4 * part->x; x < 4 * (part->x + part->width); x++) {
            pixels[y * frame->info.strides[0] + x] = (uint8_t)ck_rng_next(rng);
        }
    }
}

/* Whatever changed, at odd places too, and whoever still looks at the picture before. */
CK_TEST(codec_convert, what_changed_alone_gives_the_same_picture)
{
    ck_converter *partly = NULL, *wholly = NULL;
    ck_rng rng;
    ck_rng_seed(&rng, 3);
    CK_CHECK_EQ(ck_codecs.converter_open(320, 240, &partly), CHALK_OK);
    CK_CHECK_EQ(ck_codecs.converter_open(320, 240, &wholly), CHALK_OK);
    chalk_video_frame *in = halves(321, 240, 0x336699, 0xffffff), *held = NULL;
    for (int round = 0; round < 60; round++) {
        ck_damage changed = {.everything = round % 20 == 0};
        for (int i = 0; i < round % 4; i++) {
            chalk_rect part = {(int32_t)(ck_rng_next(&rng) % 300),
                               (int32_t)(ck_rng_next(&rng) % 220), 1 + round % 21, 1 + round % 19};
            scribble(in, &part, &rng);
            ck_damage_add(&changed, part);
        }
        chalk_video_frame *part = NULL, *whole = convert(wholly, in);
        CK_CHECK_EQ(ck_codecs.convert(partly, in, &changed, &part), CHALK_OK);
        CK_CHECK_ROW(round, same_pictures(part, whole));
        CK_CHECK_ROW(round, part != held); /* it would change under its reader's eyes */
        chalk_video_frame_unref(&whole);
        chalk_video_frame_unref(&held);
        if (round % 7 == 3) {
            held = chalk_video_frame_ref(part);
        }
        chalk_video_frame_unref(&part);
    }
    chalk_video_frame_unref(&held);
    chalk_video_frame_unref(&in);
    ck_codecs.converter_close(&partly);
    ck_codecs.converter_close(&wholly);
}

CK_TEST(codec_convert, damage_and_times_are_carried_over)
{
    ck_converter *c = NULL;
    CK_CHECK_EQ(ck_codecs.converter_open(640, 360, &c), CHALK_OK);
    chalk_video_frame *in = halves(1280, 720, 0, 0xff00ff);
    ck_frame_set_damage(in, &(chalk_rect){100, 100, 50, 50}, 1);
    in->info.pts_us = 17;
    chalk_video_frame *out = convert(c, in);
    CK_CHECK_EQ(out->info.pts_us, 17);
    CK_CHECK_EQ(out->info.damage_count, 1);
    CK_CHECK(out->info.damage[0].x <= 50 && out->info.damage[0].x >= 46);
    CK_CHECK(out->info.damage[0].x + out->info.damage[0].width >= 75);
    CK_CHECK(!ck_frame_is_still(out));
    ck_frame_set_still(in);
    chalk_video_frame_unref(&out);
    out = convert(c, in);
    CK_CHECK(ck_frame_is_still(out)); /* though scaled */
    ck_frame_set_damage(in, NULL, 0);
    chalk_video_frame_unref(&out);
    out = convert(c, in);
    CK_CHECK_EQ(out->info.damage_count, 0);
    chalk_video_frame_unref(&out);
    chalk_video_frame_unref(&in);
    ck_codecs.converter_close(&c);
}

static void nothing(void *user)
{
    (void)user;
}

CK_TEST(codec_convert, native_frames_are_refused)
{
    int handle = 0;
    chalk_video_info info;
    chalk_video_info_init(&info);
    info.format = CHALK_PIXEL_NATIVE;
    info.width = info.height = 16;
    info.native = &handle;
    chalk_video_frame *in = NULL, *out = NULL;
    CK_CHECK_EQ(chalk_video_frame_create(&info, nothing, NULL, &in), CHALK_OK);
    ck_converter *c = NULL;
    CK_CHECK_EQ(ck_codecs.converter_open(16, 16, &c), CHALK_OK);
    CK_CHECK_EQ(ck_codecs.convert(c, in, NULL, &out), CHALK_ERR_UNSUPPORTED);
    CK_CHECK(out == NULL);
    chalk_video_frame_unref(&in);
    ck_codecs.converter_close(&c);
}
