#include "core/pointer/shape.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/pointer/qoi.h"

#include <string.h>

#define PICTURE_MAX 16384u
#define SCALE_MAX   8u
#define PIXEL       4u

/* --- names ----------------------------------------------------------------------------------- */

/* FNV-1a, 32 bits. */
static uint32_t hash_byte(uint32_t hash, uint8_t byte)
{
    return (hash ^ byte) * 16777619u;
}

static uint32_t hash_number(uint32_t hash, uint64_t value)
{
    hash = hash_byte(hash, (uint8_t)(value >> 8));
    return hash_byte(hash, (uint8_t)value);
}

uint64_t ck_shape_id(const ck_wire_shape *head, ck_bytes packed)
{
    const uint64_t numbers[] = {head->width, head->height, head->x, head->y, head->scale};
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < CK_COUNT_OF(numbers); i++) {
        hash = hash_number(hash, numbers[i]);
    }
    for (size_t i = 0; i < packed.size; i++) {
        hash = hash_byte(hash, packed.data[i]);
    }
    hash = (hash ^ hash >> 28) & CK_SHAPE_IDS;
    return hash != 0 ? hash : 1;
}

/* --- packing --------------------------------------------------------------------------------- */

/* The mean of up to four pixels, each as heavy as it is opaque: what is seen through has no say in
 * the colour. */
static void mean(const uint8_t *from, uint32_t width, uint32_t height, uint32_t x, uint32_t y,
                 uint8_t to[PIXEL])
{
    uint32_t sums[PIXEL] = {0}, count = 0;
    for (uint32_t row = y; row < CK_MIN(y + 2, height); row++) {
        for (uint32_t column = x; column < CK_MIN(x + 2, width); column++) {
            const uint8_t *p = from + ((size_t)row * width + column) * PIXEL;
            for (uint32_t i = 0; i < 3; i++) {
                sums[i] += (uint32_t)p[i] * p[3];
            }
            sums[3] += p[3];
            count++;
        }
    }
    for (uint32_t i = 0; i < 3; i++) {
        to[i] = (uint8_t)(sums[3] != 0 ? (sums[i] + sums[3] / 2) / sums[3] : 0);
    }
    to[3] = (uint8_t)((sums[3] + count / 2) / count);
}

/* In its place: each pixel is written where those have been read that become it. */
static void halve(uint8_t *pixels, uint32_t *width, uint32_t *height)
{
    const uint32_t w = *width, h = *height;
    uint8_t *to = pixels;
    for (uint32_t y = 0; y < h; y += 2) {
        for (uint32_t x = 0; x < w; x += 2, to += PIXEL) {
            uint8_t one[PIXEL];
            mean(pixels, w, h, x, y, one);
            memcpy(to, one, PIXEL);
        }
    }
    *width = (w + 1) / 2;
    *height = (h + 1) / 2;
}

static bool is_sane(const ck_shape *s)
{
    return s->bgra != NULL && s->width >= 1 && s->width <= CK_SHAPE_SOURCE_MAX && s->height >= 1 &&
           s->height <= CK_SHAPE_SOURCE_MAX && s->scale == 1 && s->hot_x < CK_SHAPE_SOURCE_MAX &&
           s->hot_y < CK_SHAPE_SOURCE_MAX && s->picture_width >= 1 &&
           s->picture_width <= PICTURE_MAX && s->picture_height >= 1 &&
           s->picture_height <= PICTURE_MAX;
}

int ck_shape_pack(const ck_alloc *alloc, const ck_shape *s, ck_wire_shape *head, ck_buf *out)
{
    if (!is_sane(s)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    size_t bytes = (size_t)s->width * s->height * PIXEL;
    uint8_t *pixels = ck_new_array(alloc, bytes, 1);
    if (pixels == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    memcpy(pixels, s->bgra, bytes);
    uint32_t width = s->width, height = s->height, scale = 1;
    int status = CHALK_ERR_TOO_LARGE;
    /* A side of 256 is 32 at the most, and 32 x 32 pixels always fit. */
    while (status == CHALK_ERR_TOO_LARGE && scale <= SCALE_MAX) {
        ck_buf_clear(out);
        if (width <= CK_SHAPE_SIDE_MAX && height <= CK_SHAPE_SIDE_MAX) {
            ck_qoi_write(pixels, width, height, out);
            status = ck_buf_status(out);
        }
        if (status == CHALK_ERR_TOO_LARGE) {
            halve(pixels, &width, &height);
            scale *= 2;
        }
    }
    ck_free(alloc, pixels);
    *head = (ck_wire_shape){
        .width = s->picture_width,
        .height = s->picture_height,
        .x = s->hot_x,
        .y = s->hot_y,
        .scale = scale,
        .parts = (out->size + CK_SHAPE_PART_BYTES - 1) / CK_SHAPE_PART_BYTES,
    };
    head->id = ck_shape_id(head, ck_bytes_of(out->data, out->size));
    return status;
}

/* --- unpacking ------------------------------------------------------------------------------- */

int ck_shape_check(const ck_wire_shape *part)
{
    bool scale = part->scale == 1 || part->scale == 2 || part->scale == 4 || part->scale == 8;
    bool last = part->part + 1 == part->parts;
    bool size = last ? part->data.size >= 1 : part->data.size == CK_SHAPE_PART_BYTES;
    bool sane = part->id != 0 && part->width >= 1 && part->height >= 1 && scale &&
                part->parts >= 1 && part->part < part->parts && size;
    return sane ? CHALK_OK : CHALK_ERR_BAD_DATA;
}

int ck_shape_unpack(const ck_alloc *alloc, const ck_wire_shape *head, ck_bytes packed,
                    ck_shape *out)
{
    uint32_t width, height;
    int status = ck_shape_id(head, packed) == head->id ? CHALK_OK : CHALK_ERR_BAD_DATA;
    if (status == CHALK_OK) {
        status = ck_qoi_size(packed.data, packed.size, CK_SHAPE_SIDE_MAX, &width, &height);
    }
    if (status < 0) {
        return status;
    }
    uint8_t *pixels = ck_new_array(alloc, (size_t)width * height, PIXEL);
    status = pixels != NULL ? ck_qoi_read(packed.data, packed.size, pixels) : CHALK_ERR_NO_MEMORY;
    if (status < 0) {
        ck_free(alloc, pixels);
        return status;
    }
    *out = (ck_shape){
        .picture_width = (uint32_t)head->width,
        .picture_height = (uint32_t)head->height,
        .width = width,
        .height = height,
        .hot_x = (uint32_t)head->x,
        .hot_y = (uint32_t)head->y,
        .scale = (uint32_t)head->scale,
        .bgra = pixels,
    };
    return CHALK_OK;
}
