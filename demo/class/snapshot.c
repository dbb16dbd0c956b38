#include "class/snapshot.h"

#include <cairo.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What is added for the two colour differences, in 1/65536 (ITU-T H.273, limited range). */
typedef struct matrix {
    int32_t luma, cr_to_r, cb_to_g, cr_to_g, cb_to_b;
} matrix;

static const matrix bt601 = {76309, 104597, -25675, -53279, 132201};
static const matrix bt709 = {76309, 117489, -13975, -34925, 138438};

static uint8_t clamp(int32_t value)
{
    int32_t rounded = (value + 32768) >> 16;
    return (uint8_t)(rounded < 0 ? 0 : rounded > 255 ? 255 : rounded);
}

static void put_pixel(const matrix *m, int32_t y, int32_t cb, int32_t cr, uint8_t out[4])
{
    int32_t luma = m->luma * (y - 16);
    out[0] = clamp(luma + m->cb_to_b * (cb - 128));
    out[1] = clamp(luma + m->cb_to_g * (cb - 128) + m->cr_to_g * (cr - 128));
    out[2] = clamp(luma + m->cr_to_r * (cr - 128));
    out[3] = 255;
}

static void convert_row(const chalk_video_info *p, int32_t row, uint8_t *out)
{
    const matrix *m = p->color == CHALK_COLOR_BT709_LIMITED ? &bt709 : &bt601;
    bool interleaved = p->format == CHALK_PIXEL_NV12;
    const uint8_t *luma = p->planes[0] + (ptrdiff_t)row * p->strides[0];
    const uint8_t *cb = p->planes[1] + (ptrdiff_t)(row / 2) * p->strides[1];
    const uint8_t *cr = interleaved ? cb + 1 : p->planes[2] + (ptrdiff_t)(row / 2) * p->strides[2];
    for (int32_t x = 0; x < p->width; x++) {
        int32_t chroma = interleaved ? x / 2 * 2 : x / 2;
        put_pixel(m, luma[x], cb[chroma], cr[chroma], out + (ptrdiff_t)x * 4);
    }
}

int snapshot_pixels(const chalk_video_info *info, uint8_t *out, int32_t stride)
{
    bool bgra = info->format == CHALK_PIXEL_BGRA;
    if (!bgra && info->format != CHALK_PIXEL_I420 && info->format != CHALK_PIXEL_NV12) {
        return CHALK_ERR_UNSUPPORTED;
    }
    for (int32_t row = 0; row < info->height; row++) {
        uint8_t *to = out + (ptrdiff_t)row * stride;
        if (bgra) {
            memcpy(to, info->planes[0] + (ptrdiff_t)row * info->strides[0],
                   (size_t)info->width * 4);
        } else {
            convert_row(info, row, to);
        }
    }
    return CHALK_OK;
}

/* --- the file -------------------------------------------------------------------------------- */

static int status_of_errno(int error)
{
    return error == ENOSPC || error == EDQUOT                    ? CHALK_ERR_NO_SPACE
           : error == EACCES || error == EPERM || error == EROFS ? CHALK_ERR_NO_PERMISSION
           : error == ENOMEM                                     ? CHALK_ERR_NO_MEMORY
                                                                 : CHALK_ERR_IO;
}

static cairo_status_t write_bytes(void *file, const unsigned char *data, unsigned int size)
{
    return fwrite(data, 1, size, file) == size ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

/* What is no plain file, such as a device, was there before and stays. */
static bool is_plain(FILE *file)
{
    struct stat status;
    return fstat(fileno(file), &status) == 0 && S_ISREG(status.st_mode);
}

/* cairo_surface_write_to_png would do, but says nothing of why it failed. */
static int write_file(cairo_surface_t *surface, const char *path)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        return status_of_errno(errno);
    }
    bool plain = is_plain(file);
    errno = 0;
    cairo_status_t drawn = cairo_surface_write_to_png_stream(surface, write_bytes, file);
    int error = errno;
    if (fclose(file) != 0 && drawn == CAIRO_STATUS_SUCCESS) {
        drawn = CAIRO_STATUS_WRITE_ERROR;
        error = errno;
    }
    if (drawn == CAIRO_STATUS_SUCCESS) {
        return CHALK_OK;
    }
    if (plain) {
        (void)remove(path);
    }
    return drawn == CAIRO_STATUS_NO_MEMORY ? CHALK_ERR_NO_MEMORY : status_of_errno(error);
}

/* A new surface with the picture as it is to be seen. */
static cairo_surface_t *turned(cairo_surface_t *picture, uint32_t degrees)
{
    int width = cairo_image_surface_get_width(picture);
    int height = cairo_image_surface_get_height(picture);
    bool upright = degrees % 180 == 0;
    cairo_surface_t *out = cairo_image_surface_create(CAIRO_FORMAT_RGB24, upright ? width : height,
                                                      upright ? height : width);
    cairo_t *c = cairo_create(out);
    cairo_translate(c, (upright ? width : height) / 2.0, (upright ? height : width) / 2.0);
    cairo_rotate(c, degrees * acos(-1) / 180);
    cairo_set_source_surface(c, picture, -width / 2.0, -height / 2.0);
    cairo_pattern_set_filter(cairo_get_source(c), CAIRO_FILTER_NEAREST);
    cairo_paint(c);
    cairo_destroy(c);
    return out;
}

/* Over the picture; without memory for it there is none. */
static void draw_pointer(cairo_surface_t *picture, const pointer *p)
{
    const int width = p->at.shape_width, height = p->at.shape_height;
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, width, height);
    uint8_t *to = cairo_image_surface_get_data(image);
    const int stride = cairo_image_surface_get_stride(image);
    for (int i = 0; to != NULL && i < width * height; i++) {
        const uint8_t *from = p->bgra + (ptrdiff_t)i * 4;
        const uint32_t alpha = from[3];
        const uint32_t argb = alpha << 24 | (from[2] * alpha + 127) / 255 << 16 |
                              (from[1] * alpha + 127) / 255 << 8 | (from[0] * alpha + 127) / 255;
        memcpy(to + (ptrdiff_t)(i / width) * stride + (ptrdiff_t)(i % width) * 4, &argb,
               sizeof argb);
    }
    cairo_surface_mark_dirty(image);
    cairo_t *c = cairo_create(picture);
    cairo_translate(c, p->at.left, p->at.top);
    cairo_scale(c, (p->at.right - p->at.left) / width, (p->at.bottom - p->at.top) / height);
    cairo_set_source_surface(c, image, 0, 0);
    cairo_paint(c);
    cairo_destroy(c);
    cairo_surface_destroy(image);
}

int snapshot_write(const chalk_video_frame *frame, const pointer *over, const char *path)
{
    chalk_video_info info;
    chalk_video_info_init(&info);
    int status = chalk_video_frame_info(frame, &info);
    if (status < 0) {
        return status;
    }
    cairo_surface_t *picture =
        cairo_image_surface_create(CAIRO_FORMAT_RGB24, info.width, info.height);
    if (cairo_surface_status(picture) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(picture);
        return CHALK_ERR_NO_MEMORY;
    }
    status = snapshot_pixels(&info, cairo_image_surface_get_data(picture),
                             cairo_image_surface_get_stride(picture));
    cairo_surface_mark_dirty(picture);
    if (over != NULL && over->shown) {
        draw_pointer(picture, over);
    }
    if (status == CHALK_OK) {
        cairo_surface_t *upright = turned(picture, info.rotation_degrees);
        status = write_file(upright, path);
        cairo_surface_destroy(upright);
    }
    cairo_surface_destroy(picture);
    return status;
}
