#include "base/bytes.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

#define FIRST_CAPACITY 64

/* Stands in for NULL, on which even adding 0 is undefined. */
static const uint8_t nothing[1] = {0};

void ck_store_be16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

void ck_store_be24(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)(value >> 16);
    p[1] = (uint8_t)(value >> 8);
    p[2] = (uint8_t)value;
}

void ck_store_be32(uint8_t *p, uint32_t value)
{
    ck_store_be16(p, (uint16_t)(value >> 16));
    ck_store_be16(p + 2, (uint16_t)value);
}

void ck_store_le32(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
    p[2] = (uint8_t)(value >> 16);
    p[3] = (uint8_t)(value >> 24);
}

uint16_t ck_load_be16(const uint8_t *p)
{
    return (uint16_t)((uint32_t)p[0] << 8 | p[1]);
}

uint32_t ck_load_be24(const uint8_t *p)
{
    return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
}

uint32_t ck_load_be32(const uint8_t *p)
{
    return (uint32_t)ck_load_be16(p) << 16 | ck_load_be16(p + 2);
}

uint32_t ck_load_le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

ck_reader ck_reader_of(const void *data, size_t size)
{
    const uint8_t *at = data != NULL ? data : nothing;
    return (ck_reader){at, at + (data != NULL ? size : 0), false};
}

size_t ck_reader_left(const ck_reader *r)
{
    return (size_t)(r->end - r->at);
}

const uint8_t *ck_read_bytes(ck_reader *r, size_t size)
{
    if (r->failed || ck_reader_left(r) < size) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *bytes = r->at;
    r->at += size;
    return bytes;
}

void ck_read_skip(ck_reader *r, size_t size)
{
    (void)ck_read_bytes(r, size);
}

uint8_t ck_read_u8(ck_reader *r)
{
    const uint8_t *p = ck_read_bytes(r, 1);
    return p != NULL ? *p : 0;
}

uint16_t ck_read_be16(ck_reader *r)
{
    const uint8_t *p = ck_read_bytes(r, 2);
    return p != NULL ? ck_load_be16(p) : 0;
}

uint32_t ck_read_be24(ck_reader *r)
{
    const uint8_t *p = ck_read_bytes(r, 3);
    return p != NULL ? ck_load_be24(p) : 0;
}

uint32_t ck_read_be32(ck_reader *r)
{
    const uint8_t *p = ck_read_bytes(r, 4);
    return p != NULL ? ck_load_be32(p) : 0;
}

uint64_t ck_read_be64(ck_reader *r)
{
    const uint8_t *p = ck_read_bytes(r, 8);
    return p != NULL ? (uint64_t)ck_load_be32(p) << 32 | ck_load_be32(p + 4) : 0;
}

uint32_t ck_read_le32(ck_reader *r)
{
    const uint8_t *p = ck_read_bytes(r, 4);
    return p != NULL ? ck_load_le32(p) : 0;
}

double ck_read_be_f64(ck_reader *r)
{
    uint64_t bits = ck_read_be64(r);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

void ck_buf_init(ck_buf *b, const ck_alloc *alloc, size_t limit)
{
    *b = (ck_buf){.limit = limit, .alloc = alloc};
}

void ck_buf_free(ck_buf *b)
{
    if (b->alloc != NULL) {
        ck_free(b->alloc, b->data);
    }
    ck_buf_init(b, b->alloc, b->limit);
}

void ck_buf_clear(ck_buf *b)
{
    b->size = 0;
    b->failed = false;
    b->over_limit = false;
}

/* Doubling keeps the cost of many small appends linear. */
static bool grow(ck_buf *b, size_t needed)
{
    size_t capacity = b->capacity > 0 ? b->capacity : CK_MAX(CK_MIN(FIRST_CAPACITY, b->limit), 1);
    while (capacity < needed) {
        capacity = capacity > b->limit / 2 ? b->limit : capacity * 2;
    }
    uint8_t *data = ck_resize_array(b->alloc, b->data, capacity, 1);
    if (data == NULL) {
        return false;
    }
    b->data = data;
    b->capacity = capacity;
    return true;
}

uint8_t *ck_buf_extend(ck_buf *b, size_t size)
{
    if (b->failed) {
        return NULL;
    }
    if (size > b->limit - b->size) {
        b->failed = true;
        b->over_limit = true;
        return NULL;
    }
    if ((b->data == NULL || size > b->capacity - b->size) && !grow(b, b->size + size)) {
        b->failed = true;
        return NULL;
    }
    uint8_t *room = b->data + b->size;
    b->size += size;
    return room;
}

void ck_buf_put(ck_buf *b, const void *data, size_t size)
{
    uint8_t *room = size > 0 ? ck_buf_extend(b, size) : NULL;
    if (room != NULL) {
        memcpy(room, data, size);
    }
}

void ck_buf_put_u8(ck_buf *b, uint8_t value)
{
    ck_buf_put(b, &value, 1);
}

void ck_buf_put_be16(ck_buf *b, uint16_t value)
{
    uint8_t bytes[2];
    ck_store_be16(bytes, value);
    ck_buf_put(b, bytes, sizeof bytes);
}

void ck_buf_put_be24(ck_buf *b, uint32_t value)
{
    uint8_t bytes[3];
    ck_store_be24(bytes, value);
    ck_buf_put(b, bytes, sizeof bytes);
}

void ck_buf_put_be32(ck_buf *b, uint32_t value)
{
    uint8_t bytes[4];
    ck_store_be32(bytes, value);
    ck_buf_put(b, bytes, sizeof bytes);
}

void ck_buf_put_be64(ck_buf *b, uint64_t value)
{
    uint8_t bytes[8];
    ck_store_be32(bytes, (uint32_t)(value >> 32));
    ck_store_be32(bytes + 4, (uint32_t)value);
    ck_buf_put(b, bytes, sizeof bytes);
}

void ck_buf_put_le32(ck_buf *b, uint32_t value)
{
    uint8_t bytes[4];
    ck_store_le32(bytes, value);
    ck_buf_put(b, bytes, sizeof bytes);
}

void ck_buf_put_be_f64(ck_buf *b, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    ck_buf_put_be64(b, bits);
}

void ck_buf_drop_front(ck_buf *b, size_t size)
{
    if (size >= b->size) {
        b->size = 0;
        return;
    }
    memmove(b->data, b->data + size, b->size - size);
    b->size -= size;
}

int ck_buf_status(const ck_buf *b)
{
    if (!b->failed) {
        return CHALK_OK;
    }
    return b->over_limit ? CHALK_ERR_TOO_LARGE : CHALK_ERR_NO_MEMORY;
}
