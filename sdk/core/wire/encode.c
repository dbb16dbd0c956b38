#include "core/wire/wire.h"

#include <string.h>

enum wire_type {
    WIRE_VARINT = 0,
    WIRE_SIZED = 2,
};

static uint64_t zigzag(int64_t value)
{
    uint64_t shifted = (uint64_t)value << 1;
    return value < 0 ? ~shifted : shifted;
}

static size_t varint_size(uint64_t value)
{
    size_t size = 1;
    while (value >= 0x80) {
        value >>= 7;
        size++;
    }
    return size;
}

uint8_t *ck_wire_write_varint(uint8_t *at, uint64_t value)
{
    for (; value >= 0x80; value >>= 7) {
        *at++ = (uint8_t)(value | 0x80);
    }
    *at++ = (uint8_t)value;
    return at;
}

void ck_wire_put_varint(ck_buf *out, uint64_t value)
{
    uint8_t bytes[CK_WIRE_VARINT_MAX];
    ck_buf_put(out, bytes, (size_t)(ck_wire_write_varint(bytes, value) - bytes));
}

static void put_tag(ck_buf *out, uint32_t number, enum wire_type type)
{
    ck_wire_put_varint(out, (uint64_t)number << 3 | (uint64_t)type);
}

/* A member as what is written of it: a number, or bytes. */
typedef struct member {
    uint64_t number;
    ck_bytes bytes;
} member;

static member member_of(const ck_wire_field *field, const void *message)
{
    const uint8_t *at = (const uint8_t *)message + field->offset;
    member m = {0};
    int64_t signed_value = 0;
    ck_wire_list list = {0};
    switch (field->kind) {
    case CK_WIRE_UINT:
        memcpy(&m.number, at, sizeof m.number);
        break;
    case CK_WIRE_SINT:
        memcpy(&signed_value, at, sizeof signed_value);
        m.number = zigzag(signed_value);
        break;
    case CK_WIRE_LIST:
        memcpy(&list, at, sizeof list);
        m.bytes = ck_bytes_of(list.at, list.at != NULL ? (size_t)(list.end - list.at) : 0);
        break;
    default:
        memcpy(&m.bytes, at, sizeof m.bytes);
        break;
    }
    return m;
}

/* A tag is one byte up to number 15, two up to 63. */
static size_t member_size(const ck_wire_field *field, const member *m)
{
    size_t tag = field->number < 16 ? 1 : 2;
    if (field->kind == CK_WIRE_LIST) {
        return m->bytes.size;
    }
    if (m->bytes.size > 0) {
        return tag + varint_size(m->bytes.size) + m->bytes.size;
    }
    return m->number > 0 ? tag + varint_size(m->number) : 0;
}

static size_t message_size(const ck_wire_type *type, const void *message)
{
    size_t size = 0;
    for (uint16_t i = 0; i < type->count; i++) {
        member m = member_of(&type->fields[i], message);
        size += member_size(&type->fields[i], &m);
    }
    return size;
}

void ck_wire_encode(const ck_wire_type *type, const void *message, ck_buf *out)
{
    for (uint16_t i = 0; i < type->count; i++) {
        const ck_wire_field *field = &type->fields[i];
        member m = member_of(field, message);
        if (field->kind == CK_WIRE_LIST) {
            ck_buf_put(out, m.bytes.data, m.bytes.size);
        } else if (m.bytes.size > 0) {
            put_tag(out, field->number, WIRE_SIZED);
            ck_wire_put_varint(out, m.bytes.size);
            ck_buf_put(out, m.bytes.data, m.bytes.size);
        } else if (m.number > 0) {
            put_tag(out, field->number, WIRE_VARINT);
            ck_wire_put_varint(out, m.number);
        }
    }
}

void ck_wire_add(ck_buf *out, uint32_t field, const ck_wire_type *type, const void *message)
{
    put_tag(out, field, WIRE_SIZED);
    ck_wire_put_varint(out, message_size(type, message));
    ck_wire_encode(type, message, out);
}
