/* Which mode of a camera is taken for which wish. */
#include "core/camera/fit.h"

#include "base/check.h"
#include "base/rng.h"
#include "support/check.h"
#include "support/seeds.h"

enum {
    I = CHALK_CAMERA_I420,
    N = CHALK_CAMERA_NV12,
    Y = CHALK_CAMERA_YUYV,
    M = CHALK_CAMERA_MJPEG
};

#define NONE 8

CK_TEST(camera_fit, table)
{
    static const struct {
        ck_camera_wish wish;
        chalk_camera_mode modes[5];
        size_t best; /* NONE: no mode */
    } rows[] = {
        /* a third of the rate costs more than unpacking does */
        {{1280, 720, 30}, {{Y, 1280, 720, 10000}, {M, 1280, 720, 30000}}, 1},
        {{1280, 720, 10}, {{M, 1280, 720, 30000}, {Y, 1280, 720, 10000}}, 1},
        /* motion first below half the rate, size first from there on */
        {{1280, 720, 30}, {{Y, 640, 480, 30000}, {Y, 1280, 720, 10000}}, 0},
        {{1280, 720, 30}, {{Y, 640, 480, 30000}, {Y, 1280, 720, 15000}}, 1},
        /* the wished shape, and shrinking rather than enlarging */
        {{640, 360, 15}, {{Y, 640, 480, 30000}, {Y, 1280, 720, 30000}}, 1},
        {{1280, 720, 30}, {{M, 1920, 1080, 30000}, {Y, 640, 480, 30000}}, 0},
        {{1280, 720, 30}, {{M, 1920, 1080, 30000}, {M, 1280, 720, 30000}}, 1},
        {{1280, 720, 30}, {{M, 3840, 2160, 30000}, {M, 1920, 1080, 30000}}, 1},
        {{1280, 720, 30}, {{Y, 640, 480, 30000}, {Y, 320, 240, 30000}, {Y, 160, 120, 60000}}, 0},
        /* NTSC's thirty is thirty */
        {{640, 480, 30}, {{Y, 640, 480, 29970}, {M, 640, 480, 30000}}, 0},
        /* of equals the first; planar before packed before compressed */
        {{640, 480, 30}, {{Y, 640, 480, 30000}, {Y, 640, 480, 30000}}, 0},
        {{640, 480, 30}, {{M, 640, 480, 30000}, {Y, 640, 480, 30000}, {N, 640, 480, 30000}}, 2},
        {{640, 480, 30}, {{I, 640, 480, 30000}, {N, 640, 480, 30000}}, 0},
        /* a faster mode is no gain, an unknown rate no loss */
        {{640, 480, 15}, {{Y, 640, 480, 60000}, {Y, 640, 480, 15000}}, 1},
        {{640, 480, 15}, {{Y, 640, 480, 5000}, {Y, 640, 480, 0}}, 1},
        /* upright, as of a phone */
        {{720, 1280, 30}, {{Y, 1280, 720, 30000}, {Y, 720, 1280, 30000}}, 1},
        /* what is no mode */
        {{640, 480, 30}, {{0, 640, 480, 30000}, {5, 640, 480, 30000}}, NONE},
        {{640, 480, 30}, {{Y, 641, 480, 30000}, {Y, 0, 480, 30000}, {Y, -2, 480, 30000}}, NONE},
        {{640, 480, 30}, {{Y, 8194, 480, 30000}, {Y, 640, INT32_MAX, 30000}}, NONE},
        {{640, 480, 30}, {{Y, 640, 480, 1000001}, {Y, 160, 120, 5000}}, 1},
        {{640, 480, 30}, {{0}}, NONE},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        const size_t count = CK_COUNT_OF(rows[i].modes);
        size_t best = ck_camera_fit(rows[i].modes, count, &rows[i].wish);
        CK_CHECK_ROW(i, best == (rows[i].best == NONE ? count : rows[i].best));
    }
    const ck_camera_wish wish = {640, 480, 30};
    CK_CHECK_EQ(ck_camera_fit(NULL, 0, &wish), 0);
}

/* A mode that is exactly what was wished for, uncompressed, wins against any others. */
CK_TEST(camera_fit, the_wish_itself_is_best)
{
    CK_FOR_SEEDS(seed, 200)
    {
        ck_rng rng;
        chalk_camera_mode modes[40];
        ck_rng_seed(&rng, seed);
        for (size_t i = 0; i < CK_COUNT_OF(modes); i++) {
            modes[i] = (chalk_camera_mode){.format = (uint32_t)ck_rng_below(&rng, 6),
                                           .width = (int32_t)ck_rng_below(&rng, 5000) - 100,
                                           .height = (int32_t)ck_rng_below(&rng, 5000) - 100,
                                           .fps_milli = (uint32_t)ck_rng_below(&rng, 2000000)};
        }
        ck_camera_wish wish = {2 + 2 * (int32_t)ck_rng_below(&rng, 4000),
                               2 + 2 * (int32_t)ck_rng_below(&rng, 4000),
                               1 + (uint32_t)ck_rng_below(&rng, 60)};
        size_t best = ck_camera_fit(modes, CK_COUNT_OF(modes), &wish);
        CK_CHECK_ROW(seed, best == CK_COUNT_OF(modes) || ck_camera_mode_is_sane(&modes[best]));
        size_t place = (size_t)ck_rng_below(&rng, CK_COUNT_OF(modes));
        modes[place] =
            (chalk_camera_mode){CHALK_CAMERA_I420, wish.width, wish.height, wish.fps * 1000};
        CK_CHECK_ROW(seed, ck_camera_fit(modes, CK_COUNT_OF(modes), &wish) == place);
    }
}
