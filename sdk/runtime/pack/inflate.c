#include "chalkrail/errors.h"
#include "runtime/pack/pack.h"
#include "runtime/pack/zlib_heap.h"

#define CHUNK 1024u

struct ck_inflater {
    const ck_alloc *alloc;
    ck_unpacker port;
    z_stream z;
    bool begun; /* zlib has its memory */
    bool good;  /* nothing went wrong since the last restart */
};

static int begin(ck_inflater *i)
{
    int status = i->begun ? inflateReset(&i->z) : inflateInit2(&i->z, -CK_PACK_WINDOW_BITS);
    i->begun = i->begun || status == Z_OK;
    return status == Z_OK ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

/* A stream that ends is an error: this one lasts as long as its room. */
static int run(z_stream *z, const void *bytes, size_t size, ck_buf *out)
{
    uint8_t chunk[CHUNK];
    z->next_in = (Bytef *)(uintptr_t)bytes;
    z->avail_in = (uInt)size;
    do {
        z->next_out = chunk;
        z->avail_out = CHUNK;
        int status = inflate(z, Z_SYNC_FLUSH);
        if (status == Z_MEM_ERROR) {
            return CHALK_ERR_NO_MEMORY;
        }
        if (status != Z_OK && status != Z_BUF_ERROR) {
            return CHALK_ERR_BAD_DATA;
        }
        ck_buf_put(out, chunk, CHUNK - z->avail_out);
        if (ck_buf_status(out) < 0) {
            return ck_buf_status(out);
        }
    } while (z->avail_out == 0);
    return z->avail_in == 0 ? CHALK_OK : CHALK_ERR_BAD_DATA;
}

static int unpack(void *context, ck_bytes in, bool restart, ck_buf *out)
{
    ck_inflater *i = context;
    int status = restart ? begin(i) : i->good ? CHALK_OK : CHALK_ERR_BAD_DATA;
    if (in.size > UINT32_MAX / 2) {
        status = CHALK_ERR_TOO_LARGE;
    }
    if (status == CHALK_OK) {
        status = run(&i->z, in.data, in.size, out);
    }
    if (status == CHALK_OK) {
        status = run(&i->z, CK_PACK_TAIL, CK_PACK_TAIL_SIZE, out);
    }
    i->good = status == CHALK_OK;
    return status;
}

int ck_inflater_create(const ck_alloc *alloc, ck_inflater **out)
{
    *out = ck_new(alloc, sizeof **out);
    if (*out == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    **out = (ck_inflater){
        .alloc = alloc, .port = {.unpack = unpack, .context = *out}, .z = ck_zlib_stream(alloc)};
    return CHALK_OK;
}

const ck_unpacker *ck_inflater_port(const ck_inflater *i)
{
    return &i->port;
}

void ck_inflater_destroy(ck_inflater **inflater)
{
    ck_inflater *i = *inflater;
    if (i == NULL) {
        return;
    }
    if (i->begun) {
        (void)inflateEnd(&i->z); /* fails for no state alone */
    }
    ck_free(i->alloc, i);
    *inflater = NULL;
}
