/* Private to aac: big-endian bit fields, bounded like ck_reader and ck_buf. */
#ifndef CK_CORE_AAC_BITS_H
#define CK_CORE_AAC_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ck_bits_in {
    const uint8_t *data;
    size_t at;   /* bits */
    size_t size; /* bits */
    bool failed; /* a field began or ended behind the last bit; it read as 0 */
} ck_bits_in;

ck_bits_in ck_bits_of(const void *data, size_t size);
uint32_t ck_bits_get(ck_bits_in *b, unsigned count); /* count 1-32 */
size_t ck_bits_left(const ck_bits_in *b);

typedef struct ck_bits_out {
    uint8_t *data; /* the caller has zeroed it */
    size_t at;     /* bits */
    size_t size;   /* bits */
} ck_bits_out;

void ck_bits_put(ck_bits_out *b, unsigned count, uint32_t value); /* what does not fit is cut */

#endif
