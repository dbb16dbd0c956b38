/*
 * What a mouse pointer looks like, as messages of a room's latest lane: small images, named by what
 * they are, in at most CK_SHAPE_PARTS parts of which each has a key of its own, so that newer ones
 * replace older ones and none is lost to another.
 *
 * An image that is too large is halved until it fits; its scale says how often.
 *
 * Plain functions; any thread.
 */
#ifndef CK_CORE_POINTER_SHAPE_H
#define CK_CORE_POINTER_SHAPE_H

#include "core/room/schema.h"

#define CK_SHAPE_SIDE_MAX   128u /* of an image on the way, pixels */
#define CK_SHAPE_SOURCE_MAX 256u /* of a pointer as a system gives it */
#define CK_SHAPE_PARTS      CK_SPOT_SHAPES
#define CK_SHAPE_PART_BYTES 960u
#define CK_SHAPE_BYTES      (CK_SHAPE_PARTS * CK_SHAPE_PART_BYTES)

/* A shape, and the picture on which it is at home: its pixels are that picture's. */
typedef struct ck_shape {
    uint32_t picture_width;
    uint32_t picture_height;
    uint32_t width; /* of the pixels */
    uint32_t height;
    uint32_t hot_x; /* the point of the pointer from its corner, in pixels of the picture */
    uint32_t hot_y;
    uint32_t scale;      /* pixels of the picture that a pixel of this stands for: 1, 2, 4, 8 */
    const uint8_t *bgra; /* rows of 4 * width bytes, not premultiplied; borrowed */
} ck_shape;

/* Packs a shape of scale 1 with sides up to CK_SHAPE_SOURCE_MAX: `head` says all but the pixels,
 * and `head->part` of them each have CK_SHAPE_PART_BYTES of `out`, the last one the rest. `out` has
 * memory, and a limit of CK_SHAPE_BYTES. INVALID_ARGUMENT: an empty or too large shape, a picture
 * or point beyond what the schema holds; NO_MEMORY. */
int ck_shape_pack(const ck_alloc *alloc, const ck_shape *shape, ck_wire_shape *head, ck_buf *out);

/* The name of a packed shape: what its head and bytes hash to, 1 to CK_SHAPE_IDS. */
uint64_t ck_shape_id(const ck_wire_shape *head, ck_bytes packed);

/* Reads a shape whose parts are together. The pixels are new memory of `alloc`, for ck_free.
 * BAD_DATA: no such image, another name; TOO_LARGE: a side over CK_SHAPE_SIDE_MAX; NO_MEMORY. */
int ck_shape_unpack(const ck_alloc *alloc, const ck_wire_shape *head, ck_bytes packed,
                    ck_shape *out);

/* Of a part that arrived: BAD_DATA where its numbers cannot be. */
int ck_shape_check(const ck_wire_shape *part);

#endif
