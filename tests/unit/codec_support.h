/* Material and measures for the tests of sdk/codec. */
#ifndef CK_TESTS_CODEC_SUPPORT_H
#define CK_TESTS_CODEC_SUPPORT_H

#include "runtime/media/codec.h"

#include <stddef.h>

/* What the drawn pictures look like. */
enum ck_scene {
    CK_SCENE_SLIDE = 1, /* lines of "text" on white, another page for each `step` */
    CK_SCENE_MOTION,    /* a moving plasma with noise */
};

/* An I420 picture drawn for the test, with one reference. */
chalk_video_frame *ck_test_picture(enum ck_scene scene, int32_t width, int32_t height, int step);

/* Luma PSNR in dB (99 when equal) and mean luma SSIM (8x8 blocks) of two I420 pictures. */
double ck_test_psnr(const chalk_video_frame *a, const chalk_video_frame *b);
double ck_test_ssim(const chalk_video_frame *a, const chalk_video_frame *b);

ck_encoder_config ck_test_video_config(uint32_t hint, int32_t width, int32_t height);

/* The backend of that name in ck_codecs; NULL when this build has none. */
const ck_encoder_backend *ck_test_encoder(const char *name);
const ck_decoder_backend *ck_test_decoder(uint32_t codec);

#endif
