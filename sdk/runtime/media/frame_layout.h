/*
 * How the planes of a picture lie in one block of memory. Rows begin at multiples of 64 bytes, the
 * width of the widest vector registers, so that conversions take their fast paths.
 */
#ifndef CK_MEDIA_FRAME_LAYOUT_H
#define CK_MEDIA_FRAME_LAYOUT_H

#include "chalkrail/frame.h"

#include <stddef.h>

#define CK_FRAME_ALIGN 64

typedef struct ck_frame_layout {
    int planes;
    int32_t row_bytes[3]; /* bytes of a row that are picture */
    int32_t rows[3];
    int32_t strides[3]; /* row_bytes rounded up to CK_FRAME_ALIGN */
    size_t offsets[3];  /* from the first aligned byte */
    size_t size;        /* bytes to allocate, slack for the alignment of the start included */
} ck_frame_layout;

/* CHALK_ERR_INVALID_ARGUMENT for a format without planes or a size out of range. */
int ck_frame_layout_of(uint32_t format, int32_t width, int32_t height, ck_frame_layout *out);

/* A frame of its own with pixels as laid out, one reference, no pool; NULL without memory. */
chalk_video_frame *ck_frame_new(uint32_t format, int32_t width, int32_t height,
                                const ck_frame_layout *layout);
/* Frees the frame and its memory, whatever its count: for frame.c and frame_pool.c alone. */
void ck_frame_free(chalk_video_frame *frame);
/* Takes back a frame whose last reference is gone. */
void ck_frame_pool_return(chalk_video_frame *frame);

#endif
