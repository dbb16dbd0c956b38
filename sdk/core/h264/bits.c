#include "core/h264/bits.h"

ck_h264_bits ck_h264_bits_of(const void *data, size_t size)
{
    ck_h264_bits b = {0};
    if (size > 0) {
        b.at = data;
        b.end = b.at + size;
    }
    return b;
}

uint8_t ck_h264_bits_byte(ck_h264_bits *b)
{
    if (!b->failed && b->zeros == 2 && b->at < b->end && *b->at <= 3) {
        b->failed = *b->at < 3;
        b->zeros = 0;
        b->at++;
    }
    if (b->failed || b->at == b->end) {
        b->failed = true;
        return 0;
    }
    uint8_t byte = *b->at++;
    b->zeros = byte == 0 ? (uint8_t)(b->zeros + 1) : 0;
    return byte;
}

bool ck_h264_bits_flag(ck_h264_bits *b)
{
    if (b->left == 0) {
        b->byte = ck_h264_bits_byte(b);
        b->left = 8;
    }
    b->left--;
    return !b->failed && (b->byte >> b->left & 1) != 0;
}

uint32_t ck_h264_bits_u(ck_h264_bits *b, unsigned count)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < count; i++) {
        value = value << 1 | (ck_h264_bits_flag(b) ? 1u : 0u);
    }
    return b->failed ? 0 : value;
}

uint32_t ck_h264_bits_ue(ck_h264_bits *b)
{
    unsigned zeros = 0;
    while (!b->failed && !ck_h264_bits_flag(b)) {
        if (++zeros > 31) {
            b->failed = true;
        }
    }
    if (b->failed) {
        return 0;
    }
    uint32_t base = (UINT32_C(1) << zeros) - 1;
    uint32_t rest = zeros > 0 ? ck_h264_bits_u(b, zeros) : 0;
    return b->failed ? 0 : base + rest;
}

int32_t ck_h264_bits_se(ck_h264_bits *b)
{
    uint32_t code = ck_h264_bits_ue(b);
    int64_t magnitude = ((int64_t)code + 1) / 2;
    return (int32_t)((code & 1) != 0 ? magnitude : -magnitude);
}

uint32_t ck_h264_bits_ue_max(ck_h264_bits *b, uint32_t limit)
{
    uint32_t value = ck_h264_bits_ue(b);
    if (value > limit) {
        b->failed = true;
        return 0;
    }
    return value;
}
