/* Where pictures and their damage come to lie. */
#include "support/check.h"

#include "core/fit/fit.h"

typedef struct fit_row {
    int32_t source_width, source_height, width, height;
    chalk_rect inner;
    bool exact;
} fit_row;

static const fit_row fit_rows[] = {
    {1280, 720, 1280, 720, {0, 0, 1280, 720}, true},
    {1281, 721, 1280, 720, {0, 0, 1280, 720}, true},  /* odd sizes lose a pixel, */
    {1282, 720, 1280, 720, {0, 0, 1280, 718}, false}, /* larger ones are scaled */
    {1279, 720, 1280, 720, {0, 0, 1280, 720}, false},
    {1920, 1080, 1280, 720, {0, 0, 1280, 720}, false},
    {1366, 768, 1280, 720, {0, 0, 1280, 720}, false},
    {1024, 768, 1280, 720, {160, 0, 960, 720}, false},
    {1920, 1200, 1280, 720, {64, 0, 1152, 720}, false},
    {2560, 1080, 1280, 720, {0, 90, 1280, 540}, false},
    {720, 1280, 1280, 720, {436, 0, 406, 720}, false},
    {8192, 1, 64, 64, {0, 30, 64, 2}, false},
    {1, 8192, 64, 64, {30, 0, 2, 64}, false},
    {1, 1, 640, 480, {80, 0, 480, 480}, false},
    {3, 2, 2, 2, {0, 0, 2, 2}, true},
};

CK_TEST(codec_fit, keeps_the_shape)
{
    for (size_t i = 0; i < sizeof(fit_rows) / sizeof(fit_rows[0]); i++) {
        const fit_row *row = &fit_rows[i];
        const ck_fit fit =
            ck_fit_of(row->source_width, row->source_height, row->width, row->height);
        CK_CHECK_ROW(i, fit.exact == row->exact);
        CK_CHECK_ROW(i, fit.inner.x == row->inner.x && fit.inner.y == row->inner.y);
        CK_CHECK_ROW(i, fit.inner.width == row->inner.width);
        CK_CHECK_ROW(i, fit.inner.height == row->inner.height);
    }
}

typedef struct damage_row {
    int32_t source_width, source_height; /* unrotated */
    uint32_t rotation;
    chalk_rect source;
    bool visible;
    chalk_rect expected; /* in 1280x720 */
} damage_row;

static const damage_row damage_rows[] = {
    {1280, 720, 0, {10, 20, 30, 40}, true, {10, 20, 30, 40}},
    {1280, 720, 0, {11, 21, 1, 1}, true, {10, 20, 2, 2}},
    {1281, 721, 0, {1280, 0, 1, 721}, false, {0, 0, 0, 0}},
    {1281, 721, 0, {1270, 710, 11, 11}, true, {1270, 710, 10, 10}},
    {2560, 1440, 0, {100, 200, 20, 40}, true, {48, 98, 14, 24}},
    {640, 360, 0, {0, 0, 640, 360}, true, {0, 0, 1280, 720}},
    {720, 1280, 90, {0, 0, 10, 20}, true, {1260, 0, 20, 10}},
    {1280, 720, 180, {0, 0, 10, 20}, true, {1270, 700, 10, 20}},
    {720, 1280, 270, {0, 0, 10, 20}, true, {0, 710, 20, 10}},
    {1024, 768, 0, {0, 0, 1024, 768}, true, {160, 0, 960, 720}},
};

CK_TEST(codec_fit, damage_follows_the_picture)
{
    for (size_t i = 0; i < sizeof(damage_rows) / sizeof(damage_rows[0]); i++) {
        const damage_row *row = &damage_rows[i];
        const bool turned = row->rotation % 180 != 0;
        const ck_fit fit = ck_fit_of(turned ? row->source_height : row->source_width,
                                     turned ? row->source_width : row->source_height, 1280, 720);
        chalk_rect out = {0};
        CK_CHECK_ROW(i, ck_fit_damage(&fit, row->rotation, &row->source, row->source_width,
                                      row->source_height, &out) == row->visible);
        if (row->visible) {
            CK_CHECK_ROW(i, out.x == row->expected.x && out.y == row->expected.y);
            CK_CHECK_ROW(i, out.width == row->expected.width);
            CK_CHECK_ROW(i, out.height == row->expected.height);
        }
    }
}
