#include "codec/picture.h"

#include "base/check.h"

#include <stdbool.h>

#include <libyuv/convert.h>
#include <libyuv/planar_functions.h>

static uint32_t color_of(const AVFrame *f)
{
    switch (f->colorspace) {
    case AVCOL_SPC_BT709:
        return CHALK_COLOR_BT709_LIMITED;
    case AVCOL_SPC_FCC:
    case AVCOL_SPC_BT470BG:
    case AVCOL_SPC_SMPTE170M:
        return CHALK_COLOR_BT601_LIMITED;
    default:
        return ck_color_by_size(f->width, f->height);
    }
}

static bool is_full_range(const AVFrame *f)
{
    return f->color_range == AVCOL_RANGE_JPEG || f->format == AV_PIX_FMT_YUVJ420P ||
           f->format == AV_PIX_FMT_YUVJ422P || f->format == AV_PIX_FMT_YUVJ444P;
}

static void release_av(void *user)
{
    AVFrame *held = user;
    av_frame_free(&held);
}

static int lend(const AVFrame *f, chalk_video_frame **out)
{
    AVFrame *held = av_frame_clone(f);
    if (held == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    chalk_video_info info;
    chalk_video_info_init(&info);
    info.format = CHALK_PIXEL_I420;
    info.width = held->width;
    info.height = held->height;
    info.color = color_of(held);
    info.capture_us = 1; /* any but 0, which would ask the clock; set by the caller */
    for (int i = 0; i < 3; i++) {
        info.planes[i] = held->data[i];
        info.strides[i] = held->linesize[i];
    }
    const int status = chalk_video_frame_create(&info, release_av, held, out);
    if (status != CHALK_OK) {
        av_frame_free(&held);
    }
    return status;
}

typedef struct planes {
    uint8_t *y, *u, *v;
    int y_stride, u_stride, v_stride;
} planes;

static planes planes_of(chalk_video_frame *frame)
{
    return (planes){ck_frame_plane(frame, 0), ck_frame_plane(frame, 1), ck_frame_plane(frame, 2),
                    frame->info.strides[0],   frame->info.strides[1],   frame->info.strides[2]};
}

static const uint16_t *wide(const AVFrame *f, int plane)
{
    return (const uint16_t *)(const void *)f->data[plane];
}

/* 10 bits to 8: FFmpeg gives 16-bit words. */
static int convert_deep(const AVFrame *f, const planes *to)
{
    const int strides[3] = {f->linesize[0] / 2, f->linesize[1] / 2, f->linesize[2] / 2};
    switch (f->format) {
    case AV_PIX_FMT_YUV420P10:
        return I010ToI420(wide(f, 0), strides[0], wide(f, 1), strides[1], wide(f, 2), strides[2],
                          to->y, to->y_stride, to->u, to->u_stride, to->v, to->v_stride, f->width,
                          f->height);
    case AV_PIX_FMT_YUV422P10:
        return I210ToI420(wide(f, 0), strides[0], wide(f, 1), strides[1], wide(f, 2), strides[2],
                          to->y, to->y_stride, to->u, to->u_stride, to->v, to->v_stride, f->width,
                          f->height);
    case AV_PIX_FMT_YUV444P10:
        return I410ToI420(wide(f, 0), strides[0], wide(f, 1), strides[1], wide(f, 2), strides[2],
                          to->y, to->y_stride, to->u, to->u_stride, to->v, to->v_stride, f->width,
                          f->height);
    default:
        return -1;
    }
}

static int convert(const AVFrame *f, const planes *to)
{
    switch (f->format) {
    case AV_PIX_FMT_YUV420P:
    case AV_PIX_FMT_YUVJ420P:
        return I420Copy(f->data[0], f->linesize[0], f->data[1], f->linesize[1], f->data[2],
                        f->linesize[2], to->y, to->y_stride, to->u, to->u_stride, to->v,
                        to->v_stride, f->width, f->height);
    case AV_PIX_FMT_YUV422P:
    case AV_PIX_FMT_YUVJ422P:
        return I422ToI420(f->data[0], f->linesize[0], f->data[1], f->linesize[1], f->data[2],
                          f->linesize[2], to->y, to->y_stride, to->u, to->u_stride, to->v,
                          to->v_stride, f->width, f->height);
    case AV_PIX_FMT_YUV444P:
    case AV_PIX_FMT_YUVJ444P:
        return I444ToI420(f->data[0], f->linesize[0], f->data[1], f->linesize[1], f->data[2],
                          f->linesize[2], to->y, to->y_stride, to->u, to->u_stride, to->v,
                          to->v_stride, f->width, f->height);
    case AV_PIX_FMT_GRAY8:
        return I400ToI420(f->data[0], f->linesize[0], to->y, to->y_stride, to->u, to->u_stride,
                          to->v, to->v_stride, f->width, f->height);
    default:
        return convert_deep(f, to);
    }
}

static void map_plane(uint8_t *plane, int stride, int32_t width, int32_t height,
                      const uint8_t map[256])
{
    for (int32_t row = 0; row < height; row++) {
        uint8_t *at = plane + (size_t)row * (size_t)stride;
        for (int32_t i = 0; i < width; i++) {
            at[i] = map[at[i]];
        }
    }
}

/* Full range (0-255) to limited: luma 16-235, chroma 16-240 (H.264 clause E.2.1). */
static void limit_range(const planes *p, int32_t width, int32_t height)
{
    uint8_t luma[256], chroma[256];
    for (int i = 0; i < 256; i++) {
        luma[i] = (uint8_t)(16 + (i * 219 + 127) / 255);
        chroma[i] = (uint8_t)(16 + (i * 224 + 127) / 255);
    }
    map_plane(p->y, p->y_stride, width, height, luma);
    map_plane(p->u, p->u_stride, (width + 1) / 2, (height + 1) / 2, chroma);
    map_plane(p->v, p->v_stride, (width + 1) / 2, (height + 1) / 2, chroma);
}

int ck_picture_of(const AVFrame *decoded, ck_frame_pool *pool, chalk_video_frame **out)
{
    const bool full_range = is_full_range(decoded);
    if (decoded->width > CHALK_PICTURE_SIDE_MAX || decoded->height > CHALK_PICTURE_SIDE_MAX) {
        return CHALK_ERR_TOO_LARGE;
    }
    if (decoded->format == AV_PIX_FMT_YUV420P && !full_range) {
        return lend(decoded, out);
    }
    chalk_video_frame *frame = NULL;
    const int status =
        ck_frame_pool_take(pool, CHALK_PIXEL_I420, decoded->width, decoded->height, &frame);
    if (status != CHALK_OK) {
        return status;
    }
    const planes to = planes_of(frame);
    if (convert(decoded, &to) != 0) {
        chalk_video_frame_unref(&frame);
        return CHALK_ERR_CODEC_UNKNOWN;
    }
    if (full_range) {
        limit_range(&to, decoded->width, decoded->height);
    }
    frame->info.color = color_of(decoded);
    *out = frame;
    return CHALK_OK;
}
