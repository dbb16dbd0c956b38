/*
 * What goes into every encoder of pictures: the checks of its configuration and of each picture,
 * and what its stream states of the colour.
 */
#ifndef CK_CODEC_VIDEO_IN_H
#define CK_CODEC_VIDEO_IN_H

#include "runtime/media/codec.h"

int ck_video_check_config(const ck_encoder_config *config, uint32_t codec);
int ck_video_check_frame(const ck_encoder_config *config, const chalk_video_frame *frame);

/* colour_primaries, transfer_characteristics, matrix_coefficients of ISO/IEC 23091-2 (H.264 tables
 * E-3 to E-5). */
typedef struct ck_video_color {
    uint8_t primaries;
    uint8_t transfer;
    uint8_t matrix;
} ck_video_color;

ck_video_color ck_video_color_of(uint32_t color);

#endif
