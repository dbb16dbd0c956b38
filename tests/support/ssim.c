#include "support/ssim.h"

#define BLOCK 8
#define STEP  4
#define C1    (0.01 * 255 * 0.01 * 255)
#define C2    (0.03 * 255 * 0.03 * 255)

static double block(ck_luma a, ck_luma b, size_t left, size_t top)
{
    int sum_a = 0, sum_b = 0, squares = 0, products = 0;
    for (size_t y = 0; y < BLOCK; y++) {
        for (size_t x = 0; x < BLOCK; x++) {
            int p = a.pixels[(top + y) * a.stride + left + x];
            int q = b.pixels[(top + y) * b.stride + left + x];
            sum_a += p;
            sum_b += q;
            squares += p * p + q * q;
            products += p * q;
        }
    }
    const double count = BLOCK * BLOCK;
    double mean_a = sum_a / count, mean_b = sum_b / count;
    double variances = squares / count - mean_a * mean_a - mean_b * mean_b;
    double covariance = products / count - mean_a * mean_b;
    return (2 * mean_a * mean_b + C1) * (2 * covariance + C2) /
           ((mean_a * mean_a + mean_b * mean_b + C1) * (variances + C2));
}

double ck_ssim(ck_luma a, ck_luma b, int32_t width, int32_t height)
{
    double sum = 0;
    uint32_t blocks = 0;
    for (int32_t y = 0; y + BLOCK <= height; y += STEP) {
        for (int32_t x = 0; x + BLOCK <= width; x += STEP) {
            sum += block(a, b, (size_t)x, (size_t)y);
            blocks++;
        }
    }
    return blocks > 0 ? sum / blocks : 1;
}
