/*
 * Messages as bytes, by tables: the wire encoding of Protocol Buffers (protobuf.dev, "Encoding":
 * varints, zigzag, length-delimited fields) without its generator, heap or size limits at compile
 * time.
 *
 * A message is a struct of uint64_t, int64_t, ck_bytes and ck_wire_list members and a table that
 * gives each a field number, a kind and a limit; schema.h of a unit makes both from one list. A
 * field that is 0 or empty is not written; one that is not known is skipped; one that comes twice
 * counts the last time. So fields can be added, and old and new ends understand each other.
 *
 *     ck_wire_encode(&ck_type_ping, &ping, &buf);            if (ck_buf_status(&buf) < 0) ...
 *     if (ck_wire_decode(&ck_type_ping, bytes, &ping) < 0) ...
 *
 * Decoded texts, bytes and lists are borrowed from the bytes that were decoded. Plain functions;
 * any thread.
 */
#ifndef CK_CORE_WIRE_WIRE_H
#define CK_CORE_WIRE_WIRE_H

#include "base/bytes.h"

typedef struct ck_bytes {
    const uint8_t *data;
    size_t size;
} ck_bytes;

/* The items of a repeated field, not decoded yet: read them with ck_wire_next. To write a list, add
 * its items to a ck_buf (ck_wire_add) and make it of that. A decoded one is not to be written. */
typedef struct ck_wire_list {
    const uint8_t *at; /* the first item's tag */
    const uint8_t *end;
    uint32_t field;
    uint32_t count;
} ck_wire_list;

enum ck_wire_kind {
    CK_WIRE_UINT = 1, /* uint64_t, varint; limit: the largest value */
    CK_WIRE_SINT,     /* int64_t, zigzag varint; limit: the largest magnitude */
    CK_WIRE_TEXT,     /* ck_bytes of well-formed UTF-8; limit: bytes */
    CK_WIRE_BYTES,    /* ck_bytes; limit: bytes */
    CK_WIRE_LIST,     /* ck_wire_list of messages; limit: items */
};

typedef struct ck_wire_field {
    uint8_t number; /* 1 to 63, rising in a table */
    uint8_t kind;
    uint16_t offset;
    uint64_t limit;
} ck_wire_field;

typedef struct ck_wire_type {
    const ck_wire_field *fields;
    uint16_t count;
    uint16_t size; /* of the struct */
} ck_wire_type;

/* Fills *message (zeros for what is absent). CHALK_OK; CHALK_ERR_BAD_DATA: cut short, a varint of
 * more than 64 bits, a known field of another kind, a text that is not UTF-8, a group;
 * CHALK_ERR_TOO_LARGE: over a field's limit. */
int ck_wire_decode(const ck_wire_type *type, ck_bytes bytes, void *message);

/* Takes the next item off a list: 1, 0 at its end, or an error as above. */
int ck_wire_next(ck_wire_list *list, const ck_wire_type *type, void *message);

/* Appends the message. What went wrong is in ck_buf_status. Limits are the writer's duty. */
void ck_wire_encode(const ck_wire_type *type, const void *message, ck_buf *out);

/* Appends the message as an item of the repeated field `field`. */
void ck_wire_add(ck_buf *out, uint32_t field, const ck_wire_type *type, const void *message);

/* Numbers by themselves, as in a packed field. */
#define CK_WIRE_VARINT_MAX 10                               /* bytes of one */
uint8_t *ck_wire_write_varint(uint8_t *at, uint64_t value); /* gives where it ends */
void ck_wire_put_varint(ck_buf *out, uint64_t value);
uint64_t ck_wire_get_varint(ck_reader *r);

static inline ck_bytes ck_bytes_of(const void *data, size_t size)
{
    return (ck_bytes){data, size};
}

static inline ck_wire_list ck_wire_list_of(const ck_buf *items)
{
    return (ck_wire_list){items->data, items->data != NULL ? items->data + items->size : NULL, 0,
                          0};
}

/* For the lists of fields in a schema: FIELD(number, kind, name, limit). */
#define CK_WIRE_C_UINT                            uint64_t
#define CK_WIRE_C_SINT                            int64_t
#define CK_WIRE_C_TEXT                            ck_bytes
#define CK_WIRE_C_BYTES                           ck_bytes
#define CK_WIRE_C_LIST                            ck_wire_list
#define CK_WIRE_MEMBER(number, kind, name, limit) CK_WIRE_C_##kind name;

#endif
