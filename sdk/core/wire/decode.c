#include "core/wire/wire.h"

#include "base/text.h"
#include "chalkrail/errors.h"

#include <string.h>

/* The wire types of Protocol Buffers; 3 and 4 are its groups, which nobody writes any more. */
enum wire_type {
    WIRE_VARINT = 0,
    WIRE_FIXED64 = 1,
    WIRE_SIZED = 2,
    WIRE_FIXED32 = 5,
};

typedef struct item {
    uint64_t field;
    enum wire_type type;
    uint64_t number; /* of a varint */
    ck_bytes bytes;  /* of what has a size */
} item;

uint64_t ck_wire_get_varint(ck_reader *r)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
        uint8_t byte = ck_read_u8(r);
        if (shift == 63 && byte > 1) {
            break; /* more than 64 bits */
        }
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            return value;
        }
    }
    r->failed = true;
    return 0;
}

static bool read_item(ck_reader *r, item *out)
{
    uint64_t tag = ck_wire_get_varint(r);
    *out = (item){.field = tag >> 3, .type = (enum wire_type)(tag & 7)};
    switch (out->type) {
    case WIRE_VARINT:
        out->number = ck_wire_get_varint(r);
        break;
    case WIRE_FIXED64:
        ck_read_skip(r, 8);
        break;
    case WIRE_FIXED32:
        ck_read_skip(r, 4);
        break;
    case WIRE_SIZED: {
        uint64_t size = ck_wire_get_varint(r);
        r->failed = r->failed || size > ck_reader_left(r);
        out->bytes.size = r->failed ? 0 : (size_t)size;
        out->bytes.data = ck_read_bytes(r, out->bytes.size);
        break;
    }
    default:
        r->failed = true;
        break;
    }
    return !r->failed && out->field > 0;
}

static const ck_wire_field *find_field(const ck_wire_type *type, uint64_t number)
{
    for (uint16_t i = 0; i < type->count; i++) {
        if (type->fields[i].number == number) {
            return &type->fields[i];
        }
    }
    return NULL;
}

static int store_number(const ck_wire_field *field, const item *it, uint8_t *at)
{
    if (it->type != WIRE_VARINT) {
        return CHALK_ERR_BAD_DATA;
    }
    uint64_t magnitude = it->number;
    if (field->kind == CK_WIRE_SINT) {
        int64_t value = (int64_t)(it->number >> 1) ^ -(int64_t)(it->number & 1);
        magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
        memcpy(at, &value, sizeof value);
    } else {
        memcpy(at, &it->number, sizeof it->number);
    }
    return magnitude <= field->limit ? CHALK_OK : CHALK_ERR_TOO_LARGE;
}

static int store_bytes(const ck_wire_field *field, const item *it, uint8_t *at)
{
    if (it->type != WIRE_SIZED) {
        return CHALK_ERR_BAD_DATA;
    }
    if (it->bytes.size > field->limit) {
        return CHALK_ERR_TOO_LARGE;
    }
    if (field->kind == CK_WIRE_TEXT &&
        ck_utf8_valid_prefix(it->bytes.data, it->bytes.size) != it->bytes.size) {
        return CHALK_ERR_BAD_DATA;
    }
    memcpy(at, &it->bytes, sizeof it->bytes);
    return CHALK_OK;
}

static int store_list(const ck_wire_field *field, const item *it, const uint8_t *begin, uint8_t *at)
{
    if (it->type != WIRE_SIZED) {
        return CHALK_ERR_BAD_DATA;
    }
    ck_wire_list list;
    memcpy(&list, at, sizeof list);
    if (list.count == 0) {
        list.at = begin;
        list.field = field->number;
    }
    list.end = it->bytes.data + it->bytes.size;
    list.count++;
    memcpy(at, &list, sizeof list);
    return list.count <= field->limit ? CHALK_OK : CHALK_ERR_TOO_LARGE;
}

int ck_wire_decode(const ck_wire_type *type, ck_bytes bytes, void *message)
{
    memset(message, 0, type->size);
    ck_reader r = ck_reader_of(bytes.data, bytes.size);
    while (ck_reader_left(&r) > 0) {
        const uint8_t *begin = r.at;
        item it;
        if (!read_item(&r, &it)) {
            return CHALK_ERR_BAD_DATA;
        }
        const ck_wire_field *field = find_field(type, it.field);
        if (field == NULL) {
            continue;
        }
        uint8_t *at = (uint8_t *)message + field->offset;
        bool is_number = field->kind == CK_WIRE_UINT || field->kind == CK_WIRE_SINT;
        int status = is_number                     ? store_number(field, &it, at)
                     : field->kind == CK_WIRE_LIST ? store_list(field, &it, begin, at)
                                                   : store_bytes(field, &it, at);
        if (status < 0) {
            return status;
        }
    }
    return CHALK_OK;
}

int ck_wire_next(ck_wire_list *list, const ck_wire_type *type, void *message)
{
    ck_reader r = ck_reader_of(list->at, list->at != NULL ? (size_t)(list->end - list->at) : 0);
    while (ck_reader_left(&r) > 0) {
        item it;
        if (!read_item(&r, &it)) {
            return CHALK_ERR_BAD_DATA;
        }
        list->at = r.at;
        if (it.field == list->field) {
            int status = ck_wire_decode(type, it.bytes, message);
            return status < 0 ? status : 1;
        }
    }
    return 0;
}
