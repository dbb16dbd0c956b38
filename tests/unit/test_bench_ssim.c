/* The measure of the benches: equal, shifted in brightness, without its pattern, turned round. */
#include "support/check.h"
#include "support/ssim.h"

#define SIDE 32

static void draw(uint8_t *pixels, int low, int high)
{
    for (int i = 0; i < SIDE * SIDE; i++) {
        pixels[i] = (uint8_t)((i / 2 + i / SIDE / 2) % 2 == 0 ? low : high);
    }
}

CK_TEST(bench_ssim, orders_pictures_by_likeness)
{
    static const struct {
        int low, high;
        double least, most;
    } rows[] = {
        {40, 200, 1, 1},      {44, 204, 0.99, 0.9999}, /* a little brighter */
        {60, 180, 0.9, 0.99},                          /* paler */
        {120, 120, 0, 0.01},                           /* grey */
        {200, 40, -1, -0.98},                          /* negative */
    };
    static uint8_t a[SIDE * SIDE], b[SIDE * SIDE];
    draw(a, 40, 200);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        draw(b, rows[i].low, rows[i].high);
        double value = ck_ssim((ck_luma){a, SIDE}, (ck_luma){b, SIDE}, SIDE, SIDE);
        CK_CHECK_ROW(i, value >= rows[i].least && value <= rows[i].most);
    }
}

CK_TEST(bench_ssim, rows_may_have_padding)
{
    static uint8_t a[SIDE * SIDE], b[SIDE * SIDE];
    draw(a, 40, 200);
    draw(b, 40, 200);
    b[SIDE - 1] = 0; /* right of the part that is compared */
    CK_CHECK(ck_ssim((ck_luma){a, SIDE}, (ck_luma){b, SIDE}, SIDE / 2, SIDE) == 1);
    CK_CHECK(ck_ssim((ck_luma){a, SIDE}, (ck_luma){b, SIDE}, SIDE, SIDE) < 1);
}
