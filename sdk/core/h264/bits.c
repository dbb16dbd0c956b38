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

/* --- writing ------------------------------------------------------------------------------------
 */

ck_h264_writer ck_h264_writer_of(ck_buf *out)
{
    return (ck_h264_writer){.out = out};
}

void ck_h264_write_byte(ck_h264_writer *w, uint8_t byte)
{
    if (w->zeros == 2 && byte <= 3) {
        ck_buf_put_u8(w->out, 3);
        w->zeros = 0;
    }
    ck_buf_put_u8(w->out, byte);
    w->zeros = byte == 0 ? (uint8_t)(w->zeros + 1) : 0;
}

static void write_bit(ck_h264_writer *w, bool bit)
{
    w->used++;
    w->byte = (uint8_t)(w->byte | (bit ? 1u << (8 - w->used) : 0u));
    if (w->used == 8) {
        ck_h264_write_byte(w, w->byte);
        w->byte = 0;
        w->used = 0;
    }
}

void ck_h264_write_u(ck_h264_writer *w, unsigned count, uint32_t value)
{
    while (count > 0) {
        count--;
        write_bit(w, (value >> count & 1) != 0);
    }
}

void ck_h264_write_ue(ck_h264_writer *w, uint32_t value)
{
    unsigned bits = 0;
    while (bits < 31 && (value + 1) >> (bits + 1) != 0) {
        bits++;
    }
    ck_h264_write_u(w, bits, 0);
    ck_h264_write_u(w, bits + 1, value + 1);
}

void ck_h264_write_se(ck_h264_writer *w, int32_t value)
{
    uint32_t magnitude = value < 0 ? 0u - (uint32_t)value : (uint32_t)value;
    ck_h264_write_ue(w, 2 * magnitude - (value > 0 ? 1 : 0));
}

void ck_h264_write_align(ck_h264_writer *w, bool ones)
{
    while (w->used != 0) {
        write_bit(w, ones);
    }
}
