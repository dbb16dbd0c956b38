/* What Cairo writes of a picture or a document, in memory. */
#ifndef CK_TESTS_SUPPORT_DRAWN_H
#define CK_TESTS_SUPPORT_DRAWN_H

#include <cairo.h>
#include <stdint.h>
#include <string.h>

typedef struct ck_drawn {
    uint8_t bytes[1 << 16];
    size_t size;
} ck_drawn;

/* A cairo_write_func_t; the closure is a ck_drawn. */
static inline cairo_status_t ck_drawn_append(void *drawn, const unsigned char *data, unsigned size)
{
    ck_drawn *d = drawn;
    if (d->size + size > sizeof d->bytes) {
        return CAIRO_STATUS_WRITE_ERROR;
    }
    memcpy(d->bytes + d->size, data, size);
    d->size += size;
    return CAIRO_STATUS_SUCCESS;
}

#endif
