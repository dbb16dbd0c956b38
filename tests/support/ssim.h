/* Structural similarity (Wang et al., 2004) of two luma planes: the mean over blocks of 8 x 8, four
 * pixels apart, with equal weights. 1 is identical. */
#ifndef CK_TESTS_SSIM_H
#define CK_TESTS_SSIM_H

#include <stddef.h>
#include <stdint.h>

typedef struct ck_luma {
    const uint8_t *pixels;
    size_t stride;
} ck_luma;

double ck_ssim(ck_luma a, ck_luma b, int32_t width, int32_t height);

#endif
