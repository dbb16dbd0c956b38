#include "board/assets.h"

#include "chalkrail/errors.h"

#include <cairo.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

void board_assets_free(board_assets *a)
{
    for (uint32_t i = 0; i < a->count; i++) {
        free(a->pictures[i].data);
    }
    free(a->pictures);
    *a = (board_assets){0};
}

static void hash_of(const uint8_t *data, size_t size, uint8_t out[CHALK_BOARD_HASH])
{
    gsize length = CHALK_BOARD_HASH;
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, data, (gssize)size);
    g_checksum_get_digest(sum, out, &length);
    g_checksum_free(sum);
}

/* --- what is in a file ----------------------------------------------------------------------- */

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* A PNG's first chunk says its size (PNG, 11.2.2), before anything is decoded. */
static bool measure(board_picture *p)
{
    static const uint8_t png[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    if (p->size < 24 || memcmp(p->data, png, sizeof png) != 0) {
        return false;
    }
    p->wide = be32(p->data + 16);
    p->high = be32(p->data + 20);
    return p->wide > 0 && p->high > 0;
}

typedef struct source {
    const uint8_t *at;
    size_t left;
} source;

static cairo_status_t read_some(void *user, unsigned char *out, unsigned int size)
{
    source *s = user;
    if (size > s->left) {
        return CAIRO_STATUS_READ_ERROR;
    }
    memcpy(out, s->at, size);
    s->at += size;
    s->left -= size;
    return CAIRO_STATUS_SUCCESS;
}

static void unmultiply(const uint32_t *from, uint8_t *to, uint32_t wide)
{
    for (uint32_t x = 0; x < wide; x++) {
        uint32_t alpha = from[x] >> 24;
        for (int k = 0; k < 3; k++) {
            uint32_t value = from[x] >> (8 * k) & 255;
            to[4 * x + (uint32_t)k] = (uint8_t)(alpha > 0 ? value * 255 / alpha : 0);
        }
        to[4 * x + 3] = (uint8_t)alpha;
    }
}

/* Cairo's own kind of picture, whatever the file had. */
static cairo_surface_t *as_argb(cairo_surface_t *from, const board_picture *p)
{
    cairo_surface_t *to =
        cairo_image_surface_create(CAIRO_FORMAT_ARGB32, (int)p->wide, (int)p->high);
    cairo_t *c = cairo_create(to);
    cairo_set_operator(c, CAIRO_OPERATOR_SOURCE);
    cairo_set_source_surface(c, from, 0, 0);
    cairo_paint(c);
    cairo_destroy(c);
    cairo_surface_flush(to);
    return to;
}

uint8_t *board_picture_decode(const board_picture *p)
{
    source s = {p->data, p->size};
    cairo_surface_t *file = cairo_image_surface_create_from_png_stream(read_some, &s);
    bool sound = cairo_surface_status(file) == CAIRO_STATUS_SUCCESS &&
                 cairo_image_surface_get_width(file) == (int)p->wide &&
                 cairo_image_surface_get_height(file) == (int)p->high;
    uint8_t *out = sound ? malloc((size_t)p->wide * p->high * 4) : NULL;
    cairo_surface_t *argb = out != NULL ? as_argb(file, p) : NULL;
    if (argb != NULL && cairo_surface_status(argb) != CAIRO_STATUS_SUCCESS) {
        free(out);
        out = NULL;
    }
    for (uint32_t y = 0; out != NULL && y < p->high; y++) {
        const uint8_t *row = cairo_image_surface_get_data(argb) +
                             (size_t)y * (size_t)cairo_image_surface_get_stride(argb);
        unmultiply((const uint32_t *)(const void *)row, out + (size_t)y * p->wide * 4, p->wide);
    }
    cairo_surface_destroy(argb);
    cairo_surface_destroy(file);
    return out;
}

/* --- keeping --------------------------------------------------------------------------------- */

const board_picture *board_assets_find(const board_assets *a, const uint8_t *hash)
{
    for (uint32_t i = 0; i < a->count; i++) {
        if (memcmp(a->pictures[i].hash, hash, CHALK_BOARD_HASH) == 0) {
            return &a->pictures[i];
        }
    }
    return NULL;
}

static bool make_room(board_assets *a)
{
    if (a->count < a->room) {
        return true;
    }
    uint32_t room = a->room > 0 ? 2 * a->room : 8;
    board_picture *grown = realloc(a->pictures, room * sizeof *grown);
    a->pictures = grown != NULL ? grown : a->pictures;
    a->room = grown != NULL ? room : a->room;
    return grown != NULL;
}

int board_assets_add(board_assets *a, const uint8_t *data, size_t size, const board_picture **out)
{
    board_picture p = {.size = size};
    if (size > ASSET_BYTES_MAX) {
        return CHALK_ERR_TOO_LARGE;
    }
    hash_of(data, size, p.hash);
    *out = board_assets_find(a, p.hash);
    if (*out != NULL) {
        return CHALK_OK;
    }
    p.data = size > 0 ? malloc(size) : NULL;
    if (size == 0 || p.data == NULL) {
        return size == 0 ? CHALK_ERR_BAD_DATA : CHALK_ERR_NO_MEMORY;
    }
    memcpy(p.data, data, size);
    bool known = measure(&p);
    int status = !known ? CHALK_ERR_BAD_DATA
                 : p.wide > ASSET_SIDE_MAX || p.high > ASSET_SIDE_MAX ||
                         (uint64_t)p.wide * p.high > ASSET_PIXEL_MAX
                     ? CHALK_ERR_TOO_LARGE
                 : a->count >= CHALK_BOARD_ASSETS_MAX ? CHALK_ERR_LIMIT
                 : !make_room(a)                      ? CHALK_ERR_NO_MEMORY
                                                      : CHALK_OK;
    if (status < 0) {
        free(p.data);
        return status;
    }
    a->pictures[a->count] = p;
    *out = &a->pictures[a->count++];
    return CHALK_OK;
}
