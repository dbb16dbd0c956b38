#include "render/images.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

typedef struct image {
    struct image *before, *next; /* the one looked for last is the first */
    uint8_t hash[CK_IMAGES_HASH];
    cairo_surface_t *surface;
    size_t bytes;
} image;

struct ck_images {
    const ck_alloc *alloc;
    image *first, *last;
    size_t bytes;
    uint8_t wanted[CK_IMAGES_WANTED][CK_IMAGES_HASH];
    uint32_t wanted_count;
};

int ck_images_create(const ck_alloc *alloc, ck_images **out)
{
    ck_images *images = ck_new(alloc, sizeof *images);
    if (images == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    images->alloc = alloc;
    *out = images;
    return CHALK_OK;
}

static void take_out(ck_images *images, image *i)
{
    *(i->before != NULL ? &i->before->next : &images->first) = i->next;
    *(i->next != NULL ? &i->next->before : &images->last) = i->before;
    i->before = i->next = NULL;
}

static void put_first(ck_images *images, image *i)
{
    i->next = images->first;
    *(images->first != NULL ? &images->first->before : &images->last) = i;
    images->first = i;
}

static void remove_image(ck_images *images, image *i)
{
    take_out(images, i);
    images->bytes -= i->bytes;
    cairo_surface_destroy(i->surface);
    ck_free(images->alloc, i);
}

void ck_images_destroy(ck_images **place)
{
    ck_images *images = *place;
    if (images == NULL) {
        return;
    }
    while (images->first != NULL) {
        remove_image(images, images->first);
    }
    ck_free(images->alloc, images);
    *place = NULL;
}

static image *find(const ck_images *images, const uint8_t *hash)
{
    image *i = images->first;
    while (i != NULL && memcmp(i->hash, hash, CK_IMAGES_HASH) != 0) {
        i = i->next;
    }
    return i;
}

/* Cairo has one 32-bit number a pixel, its colours multiplied by its alpha. */
static void premultiply(uint8_t *out, const uint8_t *in, uint32_t wide)
{
    for (uint32_t x = 0; x < wide; x++, in += 4) {
        uint32_t alpha = in[3];
        uint32_t pixel = alpha << 24 | (in[2] * alpha + 127) / 255 << 16 |
                         (in[1] * alpha + 127) / 255 << 8 | (in[0] * alpha + 127) / 255;
        memcpy(out + (size_t)x * 4, &pixel, sizeof pixel);
    }
}

static void forget_wanted(ck_images *images, const uint8_t *hash)
{
    for (uint32_t i = 0; i < images->wanted_count; i++) {
        if (memcmp(images->wanted[i], hash, CK_IMAGES_HASH) == 0) {
            images->wanted_count--;
            memmove(images->wanted[i], images->wanted[i + 1],
                    (size_t)(images->wanted_count - i) * CK_IMAGES_HASH);
            return;
        }
    }
}

static image *make(ck_images *images, const uint8_t *pixels, uint32_t wide, uint32_t high,
                   size_t stride)
{
    image *i = ck_new(images->alloc, sizeof *i);
    if (i == NULL) {
        return NULL;
    }
    i->surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)wide, (int)high);
    if (cairo_surface_status(i->surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(i->surface);
        ck_free(images->alloc, i);
        return NULL;
    }
    uint8_t *out = cairo_image_surface_get_data(i->surface);
    size_t out_stride = (size_t)cairo_image_surface_get_stride(i->surface);
    for (uint32_t y = 0; y < high; y++) {
        premultiply(out + y * out_stride, pixels + y * stride, wide);
    }
    cairo_surface_mark_dirty(i->surface);
    i->bytes = out_stride * high;
    return i;
}

int ck_images_put(ck_images *images, const uint8_t hash[CK_IMAGES_HASH], const uint8_t *pixels,
                  uint32_t wide, uint32_t high, size_t stride)
{
    if (pixels == NULL || wide == 0 || high == 0 || stride / 4 < wide) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (wide > CK_IMAGES_SIDE || high > CK_IMAGES_SIDE ||
        (uint64_t)wide * high > CK_IMAGES_BYTES / 4) {
        return CHALK_ERR_TOO_LARGE;
    }
    image *i = make(images, pixels, wide, high, stride), *old = find(images, hash);
    if (i == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (old != NULL) {
        remove_image(images, old);
    }
    while (images->bytes + i->bytes > CK_IMAGES_BYTES) {
        remove_image(images, images->last);
    }
    memcpy(i->hash, hash, CK_IMAGES_HASH);
    images->bytes += i->bytes;
    put_first(images, i);
    forget_wanted(images, hash);
    return CHALK_OK;
}

cairo_surface_t *ck_images_get(ck_images *images, const uint8_t hash[CK_IMAGES_HASH])
{
    image *i = find(images, hash);
    if (i != NULL) {
        take_out(images, i);
        put_first(images, i);
        return i->surface;
    }
    for (uint32_t w = 0; w < images->wanted_count; w++) {
        if (memcmp(images->wanted[w], hash, CK_IMAGES_HASH) == 0) {
            return NULL;
        }
    }
    if (images->wanted_count < CK_IMAGES_WANTED) {
        memcpy(images->wanted[images->wanted_count++], hash, CK_IMAGES_HASH);
    }
    return NULL;
}

bool ck_images_wanted(const ck_images *images, uint32_t index, uint8_t hash[CK_IMAGES_HASH])
{
    if (index >= images->wanted_count) {
        return false;
    }
    memcpy(hash, images->wanted[index], CK_IMAGES_HASH);
    return true;
}
