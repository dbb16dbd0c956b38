#include "core/h264/sei.h"

#include "chalkrail/errors.h"
#include "core/h264/bits.h"

#include <string.h>

#define USER_DATA_UNREGISTERED 5
#define RBSP_STOP              0x80

int ck_h264_write_user_data(ck_buf *out, const uint8_t uuid[CK_H264_UUID_SIZE], const void *payload,
                            size_t size)
{
    if (size > CK_H264_USER_DATA_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    size_t old_size = out->size;
    ck_h264_writer w = ck_h264_writer_of(out);
    ck_h264_write_byte(&w, CK_H264_SEI);
    ck_h264_write_byte(&w, USER_DATA_UNREGISTERED);
    size_t left = size + CK_H264_UUID_SIZE;
    for (; left >= 255; left -= 255) {
        ck_h264_write_byte(&w, 255);
    }
    ck_h264_write_byte(&w, (uint8_t)left);
    for (size_t i = 0; i < CK_H264_UUID_SIZE; i++) {
        ck_h264_write_byte(&w, uuid[i]);
    }
    const uint8_t *bytes = payload;
    for (size_t i = 0; i < size; i++) {
        ck_h264_write_byte(&w, bytes[i]);
    }
    ck_h264_write_byte(&w, RBSP_STOP);
    int status = ck_buf_status(out);
    if (status < 0) {
        out->size = old_size;
    }
    return status;
}

/* A payload type or size: 255 for each full step, then the rest (clause 7.3.2.3.1). The unit's own
 * length bounds it. */
static size_t read_stepped(ck_h264_bits *b)
{
    size_t value = 0;
    uint8_t byte;
    do {
        byte = ck_h264_bits_byte(b);
        value += byte;
    } while (byte == 255);
    return value;
}

static bool more_messages(const ck_h264_bits *b)
{
    return !b->failed && b->at < b->end && !(b->end - b->at == 1 && *b->at == RBSP_STOP);
}

/* Reads the UUID of a message of `size` bytes; true when it is the one looked for. */
static bool match_uuid(ck_h264_bits *b, const uint8_t *uuid)
{
    bool equal = true;
    for (size_t i = 0; i < CK_H264_UUID_SIZE; i++) {
        equal &= ck_h264_bits_byte(b) == uuid[i];
    }
    return equal;
}

static void skip_bytes(ck_h264_bits *b, size_t size)
{
    for (size_t i = 0; i < size && !b->failed; i++) {
        ck_h264_bits_byte(b);
    }
}

static int copy_payload(ck_h264_bits *b, size_t size, uint8_t *payload, size_t capacity)
{
    if (size > CK_H264_USER_DATA_MAX) {
        return CHALK_ERR_TOO_LARGE;
    }
    for (size_t i = 0; i < size && !b->failed; i++) {
        uint8_t byte = ck_h264_bits_byte(b);
        if (i < capacity) {
            payload[i] = byte;
        }
    }
    return b->failed ? CHALK_ERR_BAD_DATA : (int)size;
}

int ck_h264_read_user_data(const ck_h264_nal *sei, const uint8_t uuid[CK_H264_UUID_SIZE],
                           uint8_t *payload, size_t capacity)
{
    if (sei->type != CK_H264_SEI || sei->size < 2) {
        return CHALK_ERR_BAD_DATA;
    }
    ck_h264_bits b = ck_h264_bits_of(sei->data + 1, sei->size - 1);
    while (more_messages(&b)) {
        size_t type = read_stepped(&b);
        size_t size = read_stepped(&b);
        if (type == USER_DATA_UNREGISTERED && size >= CK_H264_UUID_SIZE) {
            size -= CK_H264_UUID_SIZE;
            if (match_uuid(&b, uuid) && !b.failed) {
                return copy_payload(&b, size, payload, capacity);
            }
        }
        skip_bytes(&b, size);
    }
    return b.failed ? CHALK_ERR_BAD_DATA : CHALK_ERR_NOT_FOUND;
}
