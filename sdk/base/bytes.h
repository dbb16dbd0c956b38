/*
 * Reading and writing bytes.
 *
 * ck_reader walks a borrowed range. It never reads past the end: the first short read sets `failed`
 * and every later read gives 0, so a parser reads a whole structure and checks once.
 *
 * ck_buf is a growing byte buffer with a limit. The first failed append (no memory, over the
 * limit) sets `failed`, later appends do nothing, so a writer too checks once.
 */
#ifndef CK_BASE_BYTES_H
#define CK_BASE_BYTES_H

#include "base/alloc.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct ck_reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
} ck_reader;

ck_reader ck_reader_of(const void *data, size_t size);
size_t ck_reader_left(const ck_reader *r);
uint8_t ck_read_u8(ck_reader *r);
uint16_t ck_read_be16(ck_reader *r);
uint32_t ck_read_be24(ck_reader *r);
uint32_t ck_read_be32(ck_reader *r);
uint64_t ck_read_be64(ck_reader *r);
uint32_t ck_read_le32(ck_reader *r);
double ck_read_be_f64(ck_reader *r);
const uint8_t *ck_read_bytes(ck_reader *r, size_t size); /* borrowed; NULL on a short read */
void ck_read_skip(ck_reader *r, size_t size);

typedef struct ck_buf {
    uint8_t *data;
    size_t size;
    size_t capacity;
    size_t limit; /* bytes; never grows past it */
    const ck_alloc *alloc;
    bool failed;
    bool over_limit; /* why it failed, for ck_buf_status */
} ck_buf;

void ck_buf_init(ck_buf *b, const ck_alloc *alloc, size_t limit);
void ck_buf_free(ck_buf *b);
void ck_buf_clear(ck_buf *b);                   /* keeps the memory, clears `failed` */
uint8_t *ck_buf_extend(ck_buf *b, size_t size); /* room to write in; NULL when failed */
void ck_buf_put(ck_buf *b, const void *data, size_t size);
void ck_buf_put_u8(ck_buf *b, uint8_t value);
void ck_buf_put_be16(ck_buf *b, uint16_t value);
void ck_buf_put_be24(ck_buf *b, uint32_t value);
void ck_buf_put_be32(ck_buf *b, uint32_t value);
void ck_buf_put_be64(ck_buf *b, uint64_t value);
void ck_buf_put_le32(ck_buf *b, uint32_t value);
void ck_buf_put_be_f64(ck_buf *b, double value);
void ck_buf_drop_front(ck_buf *b, size_t size); /* moves the rest to the front */
int ck_buf_status(const ck_buf *b); /* CHALK_OK, or CHALK_ERR_NO_MEMORY / CHALK_ERR_TOO_LARGE */

/* The same stores and loads on memory whose bounds the caller has checked. */
void ck_store_be16(uint8_t *p, uint16_t value);
void ck_store_be24(uint8_t *p, uint32_t value);
void ck_store_be32(uint8_t *p, uint32_t value);
void ck_store_le32(uint8_t *p, uint32_t value);
uint16_t ck_load_be16(const uint8_t *p);
uint32_t ck_load_be24(const uint8_t *p);
uint32_t ck_load_be32(const uint8_t *p);
uint32_t ck_load_le32(const uint8_t *p);

#endif
