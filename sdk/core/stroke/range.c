#include "core/stroke/range.h"

#include "base/check.h"

#define LEARN_SHIFT 4
#define TOP         (1u << 24)

/* --- encoder ------------------------------------------------------------------------------- */

void ck_range_encode_init(ck_range_encoder *e, ck_buf *out)
{
    *e = (ck_range_encoder){.out = out, .range = UINT32_MAX, .carried = 1, .start = out->size};
}

/* The first byte out is always 0 and is not written. */
static void put_byte(ck_range_encoder *e, uint8_t byte)
{
    if (e->begun) {
        ck_buf_put_u8(e->out, byte);
    }
    e->begun = true;
}

static void shift_low(ck_range_encoder *e)
{
    if ((uint32_t)e->low < 0xff000000u || e->low >> 32 != 0) {
        uint8_t carry = (uint8_t)(e->low >> 32);
        put_byte(e, (uint8_t)(e->cache + carry));
        while (--e->carried > 0) {
            put_byte(e, (uint8_t)(0xff + carry));
        }
        e->cache = (uint8_t)(e->low >> 24);
    }
    e->carried++;
    e->low = (e->low & 0x00ffffffu) << 8;
}

void ck_range_put(ck_range_encoder *e, ck_chance *chance, uint32_t bit)
{
    uint32_t bound = (e->range >> 12) * *chance;
    if (bit == 0) {
        e->range = bound;
        *chance = (ck_chance)(*chance + ((CK_CHANCE_ONE - *chance) >> LEARN_SHIFT));
    } else {
        e->low += bound;
        e->range -= bound;
        *chance = (ck_chance)(*chance - (*chance >> LEARN_SHIFT));
    }
    while (e->range < TOP) {
        e->range <<= 8;
        shift_low(e);
    }
}

void ck_range_put_even(ck_range_encoder *e, uint32_t value, uint32_t bits)
{
    for (uint32_t i = bits; i > 0; i--) {
        e->range >>= 1;
        e->low += (value >> (i - 1) & 1) ? e->range : 0;
        while (e->range < TOP) {
            e->range <<= 8;
            shift_low(e);
        }
    }
}

/* Of all numbers that mean the same, the one that ends in most zeros. */
void ck_range_encode_end(ck_range_encoder *e)
{
    uint64_t end = e->low + e->range;
    for (uint32_t zeros = 32; zeros > 0; zeros--) {
        uint64_t step = UINT64_C(1) << zeros;
        uint64_t round = (e->low + step - 1) / step * step;
        if (round < end) {
            e->low = round;
            break;
        }
    }
    for (int i = 0; i < 5; i++) {
        shift_low(e);
    }
    while (!e->out->failed && e->out->size > e->start && e->out->data[e->out->size - 1] == 0) {
        e->out->size--;
    }
}

/* --- decoder ------------------------------------------------------------------------------- */

void ck_range_decode_init(ck_range_decoder *d, const void *data, size_t size)
{
    *d = (ck_range_decoder){.in = ck_reader_of(data, size), .range = UINT32_MAX};
    for (int i = 0; i < 4; i++) {
        d->code = d->code << 8 | ck_read_u8(&d->in);
    }
}

static void refill(ck_range_decoder *d)
{
    while (d->range < TOP) {
        d->range <<= 8;
        d->code = d->code << 8 | ck_read_u8(&d->in);
    }
}

uint32_t ck_range_get(ck_range_decoder *d, ck_chance *chance)
{
    uint32_t bound = (d->range >> 12) * *chance;
    uint32_t bit = d->code >= bound;
    if (bit == 0) {
        d->range = bound;
        *chance = (ck_chance)(*chance + ((CK_CHANCE_ONE - *chance) >> LEARN_SHIFT));
    } else {
        d->code -= bound;
        d->range -= bound;
        *chance = (ck_chance)(*chance - (*chance >> LEARN_SHIFT));
    }
    refill(d);
    return bit;
}

uint32_t ck_range_get_even(ck_range_decoder *d, uint32_t bits)
{
    uint32_t value = 0;
    for (uint32_t i = 0; i < bits; i++) {
        d->range >>= 1;
        uint32_t bit = d->code >= d->range;
        d->code -= bit ? d->range : 0;
        value = value << 1 | bit;
        refill(d);
    }
    return value;
}

/* --- numbers ------------------------------------------------------------------------------- */

void ck_number_model_init(ck_number_model *m, uint32_t likely)
{
    for (uint32_t i = 0; i < CK_NUMBER_CLASSES; i++) {
        /* Rarely two classes less than expected or two more; a 0 is apart: along the other axis. */
        m->ends[i] = (ck_chance)(i == likely       ? 2200
                                 : i > likely      ? 2800
                                 : i + 1 == likely ? 1050
                                 : i == 0          ? 450
                                                   : 300);
        m->second[i] = CK_CHANCE_HALF + 200;
    }
}

uint32_t ck_number_class(uint32_t value)
{
    uint32_t bits = 0;
    while (value != 0) {
        bits++;
        value >>= 1;
    }
    return bits;
}

void ck_number_put(ck_range_encoder *e, ck_number_model *m, uint32_t value)
{
    uint32_t bits = CK_MIN(ck_number_class(value), CK_NUMBER_CLASSES - 1);
    for (uint32_t i = 0; i < bits; i++) {
        ck_range_put(e, &m->ends[i], 1);
    }
    if (bits < CK_NUMBER_CLASSES - 1) {
        ck_range_put(e, &m->ends[bits], 0);
    }
    if (bits > 1) {
        ck_range_put(e, &m->second[bits], value >> (bits - 2) & 1);
        uint32_t rest = bits - 2;
        ck_range_put_even(e, value & ((1u << rest) - 1), rest);
    }
}

uint32_t ck_number_get(ck_range_decoder *d, ck_number_model *m)
{
    uint32_t bits = 0;
    while (bits < CK_NUMBER_CLASSES - 1 && ck_range_get(d, &m->ends[bits]) == 1) {
        bits++;
    }
    if (bits <= 1) {
        return bits;
    }
    uint32_t second = ck_range_get(d, &m->second[bits]);
    return 1u << (bits - 1) | second << (bits - 2) | ck_range_get_even(d, bits - 2);
}
