/*
 * The images of a board by the SHA-256 of their files: the files, to be saved with it, and their
 * pixels, to be painted. Of the formats that there are it takes PNG.
 */
#ifndef DEMO_BOARD_ASSETS_H
#define DEMO_BOARD_ASSETS_H

#include "chalkrail/board_file.h"

#include <stdbool.h>

#define ASSET_SIDE_MAX  16384 /* pixels, as the board's */
#define ASSET_PIXEL_MAX 64000000u
#define ASSET_BYTES_MAX (32u << 20) /* of a file */

typedef struct board_picture {
    uint8_t hash[CHALK_BOARD_HASH];
    uint8_t *data; /* the file */
    size_t size;
    uint32_t wide, high; /* pixels */
} board_picture;

typedef struct board_assets {
    board_picture *pictures;
    uint32_t count, room;
} board_assets;

void board_assets_free(board_assets *a);
/* Takes a copy of a file; the picture is borrowed until the next call. BAD_DATA: it is no image
 * that can be shown; TOO_LARGE, LIMIT, NO_MEMORY. */
int board_assets_add(board_assets *a, const uint8_t *data, size_t size, const board_picture **out);
const board_picture *board_assets_find(const board_assets *a, const uint8_t *hash); /* NULL: none */
/* Blue, green, red, alpha, not premultiplied; `stride` 4 * wide; free() it. NULL: no memory, or
 * damaged. */
uint8_t *board_picture_decode(const board_picture *p);

#endif
