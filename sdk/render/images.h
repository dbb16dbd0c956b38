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

typedef struct ck_images ck_images;

/* CHALK_OK, CHALK_ERR_NO_MEMORY. */
int ck_images_create(const ck_alloc *alloc, ck_images **out);
void ck_images_destroy(ck_images **images); /* NULL inside is accepted */

/* Copies pixels: blue, green, red, alpha (not premultiplied), rows `stride` bytes apart. CHALK_OK;
 * CHALK_ERR_INVALID_ARGUMENT: no pixels, or a stride below 4 * wide; CHALK_ERR_TOO_LARGE: over
 * CK_IMAGES_SIDE or CK_IMAGES_BYTES; CHALK_ERR_NO_MEMORY. */
int ck_images_put(ck_images *images, const uint8_t hash[CK_IMAGES_HASH], const uint8_t *pixels,
                  uint32_t wide, uint32_t high, size_t stride);
/* NULL: it is not there, and is wanted from now on. Borrowed until the next _put. */
cairo_surface_t *ck_images_get(ck_images *images, const uint8_t hash[CK_IMAGES_HASH]);
/* The index-th that was looked for and is not there; false: there are not so many. */
bool ck_images_wanted(const ck_images *images, uint32_t index, uint8_t hash[CK_IMAGES_HASH]);

#endif
