/* The encoding against bytes worked out by hand, and against everything that is not it. */
#include "chalkrail/errors.h"
#include "core/room/schema.h"
#include "support/alloc.h"
#include "support/check.h"

#include "base/check.h"

#include <string.h>

static int decode(const ck_wire_type *type, const void *bytes, size_t size, void *out)
{
    return ck_wire_decode(type, ck_bytes_of(bytes, size), out);
}

CK_TEST(wire, writes_what_protocol_buffers_write)
{
    /* 1: 150, 2: bytes; the examples of the encoding's own documentation. */
    const ck_wire_refused refused = {.counter = 150, .reason = 2};
    const ck_wire_reaction reaction = {.text = ck_bytes_of("testing", 7)};
    const uint8_t number[] = {0x08, 0x96, 0x01, 0x10, 0x02};
    const uint8_t text[] = {0x0a, 7, 't', 'e', 's', 't', 'i', 'n', 'g'};
    ck_buf out;
    ck_buf_init(&out, &ck_test_heap, 1000);
    ck_wire_encode(&ck_type_refused, &refused, &out);
    CK_CHECK(out.size == sizeof number);
    CK_CHECK_MEM(out.data, number, sizeof number);
    ck_buf_clear(&out);
    ck_wire_encode(&ck_type_reaction, &reaction, &out);
    CK_CHECK(out.size == sizeof text);
    CK_CHECK_MEM(out.data, text, sizeof text);
    ck_buf_free(&out);
}

CK_TEST(wire, numbers_come_back)
{
    static const uint64_t values[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX};
    for (size_t row = 0; row < CK_COUNT_OF(values); row++) {
        const ck_wire_ping ping = {.sent_us = values[row], .room_us = ~values[row]};
        ck_wire_ping back;
        ck_buf out;
        ck_buf_init(&out, &ck_test_heap, 1000);
        ck_wire_encode(&ck_type_ping, &ping, &out);
        CK_CHECK_ROW(row, decode(&ck_type_ping, out.data, out.size, &back) == CHALK_OK);
        CK_CHECK_ROW(row, back.sent_us == ping.sent_us && back.room_us == ping.room_us);
        ck_buf_free(&out);
    }
}

CK_TEST(wire, what_is_not_well_formed_is_refused)
{
    static const struct {
        uint8_t bytes[16];
        uint8_t size;
        int status; /* read as a spot: 1-3 numbers, 2 up to 15, 4 bytes up to 1,024 */
    } rows[] = {
        {{0x08, 0x05}, 2, CHALK_OK},
        {{0x08, 0x05, 0x08, 0x06}, 4, CHALK_OK},       /* twice: the last one */
        {{0xf8, 0x01, 0x01}, 3, CHALK_OK},             /* field 31 is not known */
        {{0xfa, 0x01, 0x02, 1, 2}, 5, CHALK_OK},       /* nor are its bytes */
        {{0x79, 1, 2, 3, 4, 5, 6, 7, 8}, 9, CHALK_OK}, /* nor 64 bits fixed */
        {{0x7d, 1, 2, 3, 4}, 5, CHALK_OK},             /* nor 32 */
        {{0x08}, 1, CHALK_ERR_BAD_DATA},               /* cut in a number */
        {{0x22, 0x05, 1, 2}, 4, CHALK_ERR_BAD_DATA},   /* cut in bytes */
        {{0x7d, 1, 2, 3}, 4, CHALK_ERR_BAD_DATA},      /* cut in what is skipped */
        {{0x0a, 0x00}, 2, CHALK_ERR_BAD_DATA},         /* bytes for a number */
        {{0x20, 0x00}, 2, CHALK_ERR_BAD_DATA},         /* a number for bytes */
        {{0x0b, 0x0c}, 2, CHALK_ERR_BAD_DATA},         /* a group */
        {{0x00, 0x01}, 2, CHALK_ERR_BAD_DATA},         /* field 0 */
        {{0x10, 0x10}, 2, CHALK_ERR_TOO_LARGE},        /* key 16 */
        {{0x22, 0x81, 0x08}, 3, CHALK_ERR_BAD_DATA},   /* 1,025 bytes that are not there */
        {{0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 11, CHALK_OK},
        {{0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02},
         11,
         CHALK_ERR_BAD_DATA},
        {{0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80},
         11,
         CHALK_ERR_BAD_DATA},
    };
    for (size_t row = 0; row < CK_COUNT_OF(rows); row++) {
        ck_wire_spot spot;
        CK_CHECK_ROW(row, decode(&ck_type_spot, rows[row].bytes, rows[row].size, &spot) ==
                              rows[row].status);
    }
}

CK_TEST(wire, texts_are_utf8_and_bytes_are_not)
{
    const uint8_t text[] = {0x0a, 2, 0xc3, 0x28};
    ck_wire_reaction reaction;
    CK_CHECK_EQ(decode(&ck_type_reaction, text, sizeof text, &reaction), CHALK_ERR_BAD_DATA);
    const uint8_t bytes[] = {0x22, 2, 0xc3, 0x28};
    ck_wire_spot spot;
    CK_CHECK_EQ(decode(&ck_type_spot, bytes, sizeof bytes, &spot), CHALK_OK);
    CK_CHECK(spot.data.size == 2);
}

CK_TEST(wire, items_of_a_list_may_stand_apart)
{
    /* Field 5 twice, another field between them, and one that is broken. */
    const uint8_t bytes[] = {0x2a, 2, 0x08, 7, 0x08, 9, 0x2a, 2, 0x08, 8, 0x2a, 1, 0x08};
    ck_wire_batch batch;
    ck_wire_spot spot;
    CK_CHECK_EQ(decode(&ck_type_batch, bytes, sizeof bytes, &batch), CHALK_OK);
    CK_CHECK(batch.from == 9 && batch.spots.count == 3);
    CK_CHECK_EQ(ck_wire_next(&batch.spots, &ck_type_spot, &spot), 1);
    CK_CHECK(spot.author == 7);
    CK_CHECK_EQ(ck_wire_next(&batch.spots, &ck_type_spot, &spot), 1);
    CK_CHECK(spot.author == 8);
    CK_CHECK_EQ(ck_wire_next(&batch.spots, &ck_type_spot, &spot), CHALK_ERR_BAD_DATA);
    CK_CHECK_EQ(ck_wire_next(&batch.spots, &ck_type_spot, &spot), 0);
}

CK_TEST(wire, every_number_of_the_schema_is_its_own)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        const ck_wire_type *type = ck_frame_type((uint8_t)byte);
        for (uint16_t i = 0; type != NULL && i < type->count; i++) {
            const ck_wire_field *field = &type->fields[i];
            CK_CHECK_ROW(byte, field->number > 0 && field->number < 64);
            CK_CHECK_ROW(byte, i == 0 || field->number > type->fields[i - 1].number);
            CK_CHECK_ROW(byte, field->offset < type->size);
        }
    }
    CK_CHECK(ck_frame_type(CK_FRAME_HELLO) == &ck_type_hello && ck_frame_type(0) == NULL);
}
