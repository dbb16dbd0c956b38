#include "render/images.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

typedef struct image {
    struct image *before, *next; /* the one looked for last is the first */
    ck_image_key key;
    cairo_surface_t *surface;
    double scale; /* pixels for a px */
    double asked; /* for which it was asked: it may be all that there is */
    size_t bytes;
} image;

struct ck_images {
    const ck_alloc *alloc;
    image *first, *last;
    size_t bytes;
    ck_image_want wanted[CK_IMAGES_WANTED];
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
    i->before = NULL;
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

static bool is_same(const ck_image_key *a, const ck_image_key *b)
{
    return a->deck == b->deck && a->page == b->page &&
           memcmp(a->hash, b->hash, CK_IMAGES_HASH) == 0;
}

static image *find(const ck_images *images, const ck_image_key *key)
{
    image *i = images->first;
    while (i != NULL && !is_same(&i->key, key)) {
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

void ck_images_unwant(ck_images *images, const ck_image_key *key)
{
    for (uint32_t i = 0; i < images->wanted_count; i++) {
        if (is_same(&images->wanted[i].key, key)) {
            images->wanted_count--;
            memmove(&images->wanted[i], &images->wanted[i + 1],
                    (images->wanted_count - i) * sizeof images->wanted[i]);
            return;
        }
    }
}

static cairo_surface_t *copy(const uint8_t *pixels, uint32_t wide, uint32_t high, size_t stride)
{
    cairo_surface_t *surface =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)wide, (int)high);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(surface);
        return NULL;
    }
    uint8_t *out = cairo_image_surface_get_data(surface);
    size_t out_stride = (size_t)cairo_image_surface_get_stride(surface);
    for (uint32_t y = 0; y < high; y++) {
        premultiply(out + y * out_stride, pixels + y * stride, wide);
    }
    cairo_surface_mark_dirty(surface);
    return surface;
}

static double asked_scale(const ck_images *images, const ck_image_key *key)
{
    for (uint32_t w = 0; w < images->wanted_count; w++) {
        if (is_same(&images->wanted[w].key, key)) {
            return images->wanted[w].scale;
        }
    }
    return 0.0;
}

int ck_images_take(ck_images *images, const ck_image_key *key, cairo_surface_t *surface,
                   double scale)
{
    size_t bytes = (size_t)cairo_image_surface_get_stride(surface) *
                   (size_t)cairo_image_surface_get_height(surface);
    if (!(scale > 0.0)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (bytes > CK_IMAGES_BYTES) {
        return CHALK_ERR_TOO_LARGE;
    }
    image *i = ck_new(images->alloc, sizeof *i), *old = find(images, key);
    if (i == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (old != NULL) {
        remove_image(images, old);
    }
    while (images->bytes + bytes > CK_IMAGES_BYTES) {
        remove_image(images, images->last);
    }
    i->key = *key;
    i->surface = surface;
    i->scale = scale;
    i->asked = CK_MAX(scale, asked_scale(images, key));
    i->bytes = bytes;
    images->bytes += bytes;
    put_first(images, i);
    ck_images_unwant(images, key);
    return CHALK_OK;
}

int ck_images_put(ck_images *images, const ck_image_key *key, const uint8_t *pixels, uint32_t wide,
                  uint32_t high, size_t stride, double scale)
{
    if (pixels == NULL || wide == 0 || high == 0 || stride / 4 < wide) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (wide > CK_IMAGES_SIDE || high > CK_IMAGES_SIDE ||
        (uint64_t)wide * high > CK_IMAGES_BYTES / 4) {
        return CHALK_ERR_TOO_LARGE;
    }
    cairo_surface_t *surface = copy(pixels, wide, high, stride);
    int status =
        surface != NULL ? ck_images_take(images, key, surface, scale) : CHALK_ERR_NO_MEMORY;
    if (status < 0 && surface != NULL) {
        cairo_surface_destroy(surface);
    }
    return status;
}

/* One that is in view several times is wanted as sharp as it is largest. */
static void want(ck_images *images, const ck_image_key *key, double scale)
{
    for (uint32_t w = 0; w < images->wanted_count; w++) {
        if (is_same(&images->wanted[w].key, key)) {
            images->wanted[w].scale = CK_MAX(images->wanted[w].scale, scale);
            return;
        }
    }
    if (images->wanted_count < CK_IMAGES_WANTED) {
        images->wanted[images->wanted_count++] = (ck_image_want){*key, scale};
    }
}

/* In steps of the square root of 2: who zooms does not want another one with every step. Painted a
 * little smaller than it is, a page is as sharp. */
static double step_up(double scale)
{
    double step = 0.25;
    while (step < scale && step < CK_IMAGES_SHARP) {
        step *= 1.4142135623730951;
    }
    return CK_MIN(step, CK_IMAGES_SHARP);
}

bool ck_images_get(ck_images *images, const ck_image_key *key, double scale, ck_image *out)
{
    image *i = find(images, key);
    double wanted = key->deck ? step_up(scale) : 1.0;
    if (i == NULL || (key->deck && i->asked < 0.999 * wanted)) {
        want(images, key, wanted);
    }
    if (i == NULL) {
        return false;
    }
    take_out(images, i);
    put_first(images, i);
    *out = (ck_image){i->surface, cairo_image_surface_get_width(i->surface) / i->scale,
                      cairo_image_surface_get_height(i->surface) / i->scale};
    return true;
}

bool ck_images_wanted(const ck_images *images, uint32_t index, ck_image_want *out)
{
    if (index < images->wanted_count) {
        *out = images->wanted[index];
    }
    return index < images->wanted_count;
}
