#include "base/slice.h"

#include "base/check.h"

#include <stdatomic.h>
#include <string.h>

struct ck_blob {
    atomic_size_t refs;
    const ck_alloc *alloc;
    uint8_t *bytes;               /* behind this struct in the same block; NULL when wrapped */
    void (*release)(void *owner); /* NULL unless wrapped */
    void *owner;
};

static ck_blob *blob_new(const ck_alloc *alloc, size_t extra)
{
    if (extra > SIZE_MAX - sizeof(ck_blob)) {
        return NULL;
    }
    ck_blob *blob = alloc->resize(alloc->user, NULL, sizeof(ck_blob) + extra);
    if (blob != NULL) {
        /* The payload stays as it is: clearing a picture that is about to be written would cost
         * more than everything else here. */
        memset(blob, 0, sizeof *blob);
        atomic_init(&blob->refs, 1);
        blob->alloc = alloc;
    }
    return blob;
}

ck_slice ck_slice_new(const ck_alloc *alloc, size_t size)
{
    ck_blob *blob = blob_new(alloc, size);
    if (blob == NULL) {
        return (ck_slice){NULL, NULL, 0};
    }
    blob->bytes = (uint8_t *)(blob + 1);
    return (ck_slice){blob, blob->bytes, size};
}

ck_slice ck_slice_copy(const ck_alloc *alloc, const void *data, size_t size)
{
    ck_slice s = ck_slice_new(alloc, size);
    if (s.data != NULL && size > 0) {
        memcpy(s.blob->bytes, data, size);
    }
    return s;
}

ck_slice ck_slice_wrap(const ck_alloc *alloc, const void *data, size_t size,
                       void (*release)(void *owner), void *owner)
{
    ck_blob *blob = blob_new(alloc, 0);
    if (blob == NULL) {
        return (ck_slice){NULL, NULL, 0};
    }
    blob->release = release;
    blob->owner = owner;
    return (ck_slice){blob, data, size};
}

ck_slice ck_slice_static(const void *data, size_t size)
{
    return (ck_slice){NULL, data, size};
}

uint8_t *ck_slice_mutable(ck_slice s)
{
    if (s.blob == NULL || s.blob->bytes == NULL) {
        return NULL;
    }
    CK_INVARIANT(atomic_load_explicit(&s.blob->refs, memory_order_relaxed) == 1, return NULL);
    return s.blob->bytes + (s.data - s.blob->bytes);
}

ck_slice ck_slice_ref(ck_slice s)
{
    if (s.blob != NULL) {
        atomic_fetch_add_explicit(&s.blob->refs, 1, memory_order_relaxed);
    }
    return s;
}

ck_slice ck_slice_part(ck_slice s, size_t offset, size_t size)
{
    if (s.data == NULL) {
        return s;
    }
    size_t start = CK_MIN(offset, s.size);
    ck_slice part = {s.blob, s.data + start, CK_MIN(size, s.size - start)};
    return ck_slice_ref(part);
}

void ck_slice_unref(ck_slice *s)
{
    ck_blob *blob = s->blob;
    *s = (ck_slice){NULL, NULL, 0};
    /* Release on every drop and acquire on the last, so that whoever frees sees all reads done. */
    if (blob == NULL || atomic_fetch_sub_explicit(&blob->refs, 1, memory_order_acq_rel) != 1) {
        return;
    }
    if (blob->release != NULL) {
        blob->release(blob->owner);
    }
    ck_free(blob->alloc, blob);
}
