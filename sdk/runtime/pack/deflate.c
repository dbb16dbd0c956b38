#include "base/check.h"
#include "chalkrail/errors.h"
#include "runtime/pack/pack.h"
#include "runtime/pack/zlib_heap.h"

#include <string.h>

/* Measured on the chat of a class of 10,000 (README.md): what a higher level saves is not worth its
 * time, nor is a larger table. */
#define LEVEL     6
#define MEM_LEVEL 5
#define CHUNK     1024u

struct ck_deflater {
    const ck_alloc *alloc;
    ck_packer port;
    z_stream z;
    bool begun; /* zlib has its memory */
};

static int begin(ck_deflater *d)
{
    int status = d->begun ? deflateReset(&d->z)
                          : deflateInit2(&d->z, LEVEL, Z_DEFLATED, -CK_PACK_WINDOW_BITS, MEM_LEVEL,
                                         Z_DEFAULT_STRATEGY);
    d->begun = d->begun || status == Z_OK;
    return status == Z_OK ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

static bool ends_as_it_must(const ck_buf *out, size_t from)
{
    return out->size >= from + CK_PACK_TAIL_SIZE &&
           memcmp(out->data + out->size - CK_PACK_TAIL_SIZE, CK_PACK_TAIL, CK_PACK_TAIL_SIZE) == 0;
}

static int pack(void *context, ck_bytes in, bool restart, ck_buf *out)
{
    ck_deflater *d = context;
    const size_t from = out->size;
    if (in.size > UINT32_MAX / 2 || (!restart && !d->begun)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (restart && begin(d) < 0) {
        return CHALK_ERR_NO_MEMORY;
    }
    d->z.next_in = (Bytef *)(uintptr_t)in.data;
    d->z.avail_in = (uInt)in.size;
    do {
        uint8_t *room = ck_buf_extend(out, CHUNK);
        if (room == NULL) {
            return ck_buf_status(out);
        }
        d->z.next_out = room;
        d->z.avail_out = CHUNK;
        int status = deflate(&d->z, Z_SYNC_FLUSH);
        if (status != Z_OK && status != Z_BUF_ERROR) {
            return CHALK_ERR_BAD_STATE;
        }
        out->size -= d->z.avail_out;
    } while (d->z.avail_out == 0);
    if (!ends_as_it_must(out, from)) {
        return CHALK_ERR_BAD_STATE;
    }
    out->size -= CK_PACK_TAIL_SIZE;
    return CHALK_OK;
}

int ck_deflater_create(const ck_alloc *alloc, ck_deflater **out)
{
    *out = ck_new(alloc, sizeof **out);
    if (*out == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    **out = (ck_deflater){
        .alloc = alloc, .port = {.pack = pack, .context = *out}, .z = ck_zlib_stream(alloc)};
    return CHALK_OK;
}

const ck_packer *ck_deflater_port(const ck_deflater *d)
{
    return &d->port;
}

void ck_deflater_destroy(ck_deflater **deflater)
{
    ck_deflater *d = *deflater;
    if (d == NULL) {
        return;
    }
    if (d->begun) {
        (void)deflateEnd(&d->z); /* it complains of data that was not flushed; there is none */
    }
    ck_free(d->alloc, d);
    *deflater = NULL;
}
