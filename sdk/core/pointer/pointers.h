/*
 * The pointers of others, as they are shown over their pictures: shapes put together from their
 * parts, places that glide from one to the next.
 *
 *     ck_pointers_feed(&p, author, key, data, now)     a spot of a key from CK_SPOT_KEYS_SHARE on
 *     if (ck_pointers_at(&p, author, now, &seen)) ...  draw seen.shape at seen.x, seen.y
 *
 * The lane gives fewer places the larger the room is, three a second in the largest: each is
 * reached from the one before in the time that lay between them. What comes at the pace of a
 * display (CK_POINTERS_FLUENT_US) is there at once, and so is what had rested
 * (CK_POINTERS_GLIDE_US).
 *
 * Who says nothing for CK_POINTERS_SILENT_US is not shown any more. CK_POINTERS_MAX people are
 * kept, with CK_POINTERS_SHAPES shapes each; of more, those of whom nothing was heard longest go.
 */
#ifndef CK_CORE_POINTER_POINTERS_H
#define CK_CORE_POINTER_POINTERS_H

#include "core/pointer/shape.h"

#define CK_POINTERS_MAX       4u
#define CK_POINTERS_SHAPES    8u
#define CK_POINTERS_FLUENT_US 20000u
#define CK_POINTERS_GLIDE_US  400000u
#define CK_POINTERS_SILENT_US 15000000u

typedef struct ck_pointers_shape {
    uint64_t id;   /* 0: none */
    uint64_t used; /* when, by a count */
    ck_shape shape;
} ck_pointers_shape;

typedef struct ck_pointers_person {
    uint64_t author;   /* 0: nobody */
    uint64_t heard_us; /* the last place */
    ck_wire_pointer to;
    double from_x, from_y; /* where it was when it set out for `to` */
    uint64_t set_out_us;
    uint64_t glide_us;
    ck_wire_shape head; /* of the shape that is being put together; id 0: none */
    uint32_t have;      /* its parts, bits */
    size_t size;        /* with its last part; 0: that has not come */
    uint8_t *parts;     /* CK_SHAPE_BYTES; NULL before the first */
    ck_pointers_shape shapes[CK_POINTERS_SHAPES];
} ck_pointers_person;

typedef struct ck_pointers {
    const ck_alloc *alloc;
    uint64_t uses;
    ck_pointers_person *people; /* CK_POINTERS_MAX, or none */
    uint32_t places;
} ck_pointers;

typedef struct ck_pointers_seen {
    uint64_t author;
    uint64_t id;
    const ck_shape *shape; /* borrowed until the next feed */
    double x, y;           /* the point, in pixels of the shape's picture */
    bool moves;            /* it has not arrived yet */
} ck_pointers_seen;

void ck_pointers_init(ck_pointers *p, const ck_alloc *alloc);
void ck_pointers_free(ck_pointers *p);

/* CHALK_OK; BAD_DATA, TOO_LARGE (as ck_wire_decode and ck_shape_unpack say), NO_MEMORY: nothing has
 * changed. */
int ck_pointers_feed(ck_pointers *p, uint64_t author, uint64_t key, ck_bytes data, uint64_t now_us);
/* It shares nothing now: not to be seen before it tells a place again. */
void ck_pointers_hide(ck_pointers *p, uint64_t author);
/* author 0: whoever was heard last. False: it is not to be seen. */
bool ck_pointers_at(const ck_pointers *p, uint64_t author, uint64_t now_us, ck_pointers_seen *out);

#endif
