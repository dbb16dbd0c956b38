/*
 * The pixels of a board's images, by the SHA-256 of their files. Who decodes files puts them in;
 * the painter looks them up, and what it did not find can be asked for.
 *
 * Bounded by CK_IMAGES_BYTES of pixels: the ones that were painted longest ago go first, and are
 * wanted again when they are next looked for. One thread at a time.
 */
#ifndef CK_RENDER_IMAGES_H
#define CK_RENDER_IMAGES_H

#include "base/alloc.h"

#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>

#define CK_IMAGES_HASH   32u
#define CK_IMAGES_BYTES  (256u << 20)
#define CK_IMAGES_SIDE   16384u /* px */
#define CK_IMAGES_WANTED 64u    /* more are asked for when these have come */
#define CK_IMAGES_SHARP  4.0    /* a page of a deck is not wanted sharper than this */

typedef struct ck_images ck_images;

/* Which picture: a file's, or a page of a deck. */
typedef struct ck_image_key {
    uint8_t hash[CK_IMAGES_HASH];
    bool deck;
    uint32_t page; /* of a deck, from 0 */
} ck_image_key;

typedef struct ck_image {
    cairo_surface_t *surface;
    double wide, high; /* px of the page that it takes at its own size */
} ck_image;

/* What was looked for and is not there, or not as sharp. */
typedef struct ck_image_want {
    ck_image_key key;
    double scale; /* of a deck: pixels for a px */
} ck_image_want;

/* CHALK_OK, CHALK_ERR_NO_MEMORY. */
int ck_images_create(const ck_alloc *alloc, ck_images **out);
void ck_images_destroy(ck_images **images); /* NULL inside is accepted */

/* Copies the pixels of a picture: blue, green, red, alpha (not premultiplied), rows `stride` bytes
 * apart. A pixel is a px of the page, of a deck's page `scale` of them are. CHALK_OK;
 * CHALK_ERR_INVALID_ARGUMENT: no pixels, a stride below 4 * wide, no scale; CHALK_ERR_TOO_LARGE:
 * over CK_IMAGES_SIDE or CK_IMAGES_BYTES; CHALK_ERR_NO_MEMORY. */
int ck_images_put(ck_images *images, const ck_image_key *key, const uint8_t *pixels, uint32_t wide,
                  uint32_t high, size_t stride, double scale);
/* The same of a surface in Cairo's own format, of which the reference is taken on CHALK_OK. */
int ck_images_take(ck_images *images, const ck_image_key *key, cairo_surface_t *surface,
                   double scale);
/* False: it is not there, and is wanted from now on. `scale`: pixels of the device for a px; a page
 * of a deck that is there and less sharp than that is wanted, too. The surface is borrowed until
 * the next _put or _take. */
bool ck_images_get(ck_images *images, const ck_image_key *key, double scale, ck_image *out);
/* The index-th that was looked for and is not there; false: there are not so many. */
bool ck_images_wanted(const ck_images *images, uint32_t index, ck_image_want *out);
/* It is wanted no more, until it is looked for again. */
void ck_images_unwant(ck_images *images, const ck_image_key *key);

#endif
