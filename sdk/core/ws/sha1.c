#include "core/ws/sha1.h"

#include "base/bytes.h"

#include <string.h>

#define BLOCK      64
#define LENGTH_AT  56 /* in the last block */
#define ROUNDS     80
#define STATE_SIZE 5

static uint32_t rotate(uint32_t value, unsigned bits)
{
    return value << bits | value >> (32 - bits);
}

/* RFC 3174 5: the function and the constant of round t. */
static uint32_t mix(unsigned t, uint32_t b, uint32_t c, uint32_t d)
{
    if (t < 20) {
        return ((b & c) | (~b & d)) + 0x5a827999u;
    }
    if (t < 40) {
        return (b ^ c ^ d) + 0x6ed9eba1u;
    }
    if (t < 60) {
        return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdcu;
    }
    return (b ^ c ^ d) + 0xca62c1d6u;
}

/* RFC 3174 6.1. */
static void add_block(uint32_t state[STATE_SIZE], const uint8_t *block)
{
    uint32_t w[ROUNDS];
    uint32_t s[STATE_SIZE];
    memcpy(s, state, sizeof s);
    for (unsigned t = 0; t < ROUNDS; t++) {
        w[t] = t < 16 ? ck_load_be32(block + t * 4)
                      : rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
        uint32_t next = rotate(s[0], 5) + mix(t, s[1], s[2], s[3]) + s[4] + w[t];
        s[4] = s[3];
        s[3] = s[2];
        s[2] = rotate(s[1], 30);
        s[1] = s[0];
        s[0] = next;
    }
    for (unsigned i = 0; i < STATE_SIZE; i++) {
        state[i] += s[i];
    }
}

void ck_sha1(const void *data, size_t size, uint8_t out[CK_SHA1_BYTES])
{
    uint32_t state[STATE_SIZE] = {0x67452301u, 0xefcdab89u, 0x98badcfeu, 0x10325476u, 0xc3d2e1f0u};
    const uint8_t *at = data;
    size_t left = size;
    for (; left >= BLOCK; left -= BLOCK, at += BLOCK) {
        add_block(state, at);
    }
    /* RFC 3174 4: a one bit, zeros, the length in bits; in a block of its own if need be. */
    uint8_t last[2 * BLOCK] = {0};
    size_t blocks = left < LENGTH_AT ? 1 : 2;
    if (left > 0) {
        memcpy(last, at, left);
    }
    last[left] = 0x80;
    uint8_t *length = last + (blocks - 1) * BLOCK + LENGTH_AT;
    ck_store_be32(length, (uint32_t)((uint64_t)size >> 29));
    ck_store_be32(length + 4, (uint32_t)((uint64_t)size << 3));
    for (size_t i = 0; i < blocks; i++) {
        add_block(state, last + i * BLOCK);
    }
    for (unsigned i = 0; i < STATE_SIZE; i++) {
        ck_store_be32(out + i * 4, state[i]);
    }
}
