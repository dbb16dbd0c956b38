#include "runtime/media/card.h"

#include "base/check.h"
#include "runtime/os/os.h"

#include <string.h>

#define WIDTH_DEFAULT  1280
#define HEIGHT_DEFAULT 720
#define PAPER          40 /* luma */
#define INK            180

static void fill(chalk_video_frame *frame, chalk_rect part, int value)
{
    size_t stride = (size_t)frame->info.strides[0];
    uint8_t *row = ck_frame_plane(frame, 0) + (size_t)part.y * stride + (size_t)part.x;
    for (int32_t y = 0; y < part.height; y++, row += stride) {
        memset(row, value, (size_t)part.width);
    }
}

int ck_card_create(int32_t width, int32_t height, uint32_t color, chalk_video_frame **out)
{
    width = width > 0 ? CK_MAX(width & ~1, 2) : WIDTH_DEFAULT;
    height = height > 0 ? CK_MAX(height & ~1, 2) : HEIGHT_DEFAULT;
    ck_frame_pool *pool = NULL;
    int status = ck_frame_pool_create(1, &pool);
    if (status == CHALK_OK) {
        status = ck_frame_pool_take(pool, CHALK_PIXEL_I420, width, height, out);
    }
    ck_frame_pool_destroy(&pool); /* it lives as long as its frame */
    if (status < 0) {
        return status;
    }
    ck_frame_blacken(*out); /* colourless */
    bool yuv = color != 0 && color != CHALK_COLOR_SRGB_FULL;
    (*out)->info.color = yuv ? color : CHALK_COLOR_BT601_LIMITED; /* as the converter makes it */
    (*out)->info.capture_us = ck_clock_us();
    fill(*out, (chalk_rect){0, 0, width, height}, PAPER);
    const int32_t tall = height / 4, wide = tall / 3, top = (height - tall) / 2;
    if (3 * wide <= width) {
        const int32_t left = (width - 3 * wide) / 2;
        fill(*out, (chalk_rect){left, top, wide, tall}, INK);
        fill(*out, (chalk_rect){left + 2 * wide, top, wide, tall}, INK);
    }
    return CHALK_OK;
}
