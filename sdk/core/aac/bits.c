#include "core/aac/bits.h"

ck_bits_in ck_bits_of(const void *data, size_t size)
{
    size_t bounded = size < SIZE_MAX / 8 ? size : SIZE_MAX / 8;
    return (ck_bits_in){.data = data, .size = bounded * 8};
}

size_t ck_bits_left(const ck_bits_in *b)
{
    return b->size - b->at;
}

uint32_t ck_bits_get(ck_bits_in *b, unsigned count)
{
    uint32_t value = 0;
    if (b->failed || ck_bits_left(b) < count) {
        b->failed = true;
        return 0;
    }
    for (unsigned i = 0; i < count; i++, b->at++) {
        uint32_t bit = (uint32_t)b->data[b->at / 8] >> (7 - b->at % 8) & 1;
        value = value << 1 | bit;
    }
    return value;
}

void ck_bits_put(ck_bits_out *b, unsigned count, uint32_t value)
{
    for (unsigned i = count; i > 0 && b->at < b->size; i--, b->at++) {
        uint32_t bit = value >> (i - 1) & 1;
        b->data[b->at / 8] = (uint8_t)(b->data[b->at / 8] | bit << (7 - b->at % 8));
    }
}
