/*
 * Reference-counted payloads. A ck_blob owns bytes; a ck_slice is a view of a part of one. One
 * access unit travels from the demultiplexer to a thousand players as slices of the same blob, so
 * it is never copied per player.
 *
 * Thread: counts are atomic; a slice may be handed to another thread. A blob's bytes are not
 * changed after the first ck_slice_ref.
 */
#ifndef CK_BASE_SLICE_H
#define CK_BASE_SLICE_H

#include "base/alloc.h"

#include <stdint.h>

typedef struct ck_blob ck_blob;

typedef struct ck_slice {
    ck_blob *blob; /* NULL for a slice of static memory or an empty one */
    const uint8_t *data;
    size_t size;
} ck_slice;

/* A blob of `size` writable bytes with one reference, held by the returned slice; data NULL when
 * memory is exhausted. The allocator must outlive every reference. */
ck_slice ck_slice_new(const ck_alloc *alloc, size_t size);
ck_slice ck_slice_copy(const ck_alloc *alloc, const void *data, size_t size);
/* Wraps memory that another library owns; `release` runs with `owner` after the last unref. On
 * failure data is NULL and `release` was not called. */
ck_slice ck_slice_wrap(const ck_alloc *alloc, const void *data, size_t size,
                       void (*release)(void *owner), void *owner);
ck_slice ck_slice_static(const void *data, size_t size); /* memory that outlives everything */
uint8_t *ck_slice_mutable(ck_slice s);                   /* only before the first ck_slice_ref */
ck_slice ck_slice_ref(ck_slice s);
ck_slice ck_slice_part(ck_slice s, size_t offset, size_t size); /* takes a reference; clamped */
void ck_slice_unref(ck_slice *s); /* clears *s; empty slices are accepted */

#endif
