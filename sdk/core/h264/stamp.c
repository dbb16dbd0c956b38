#include "core/h264/stamp.h"

#include "base/bytes.h"
#include "chalkrail/errors.h"

#define VERSION      1
#define PAYLOAD_SIZE 18

/* A version 4 UUID, drawn once: a5759776-26fb-4037-82b8-e103dad5e39f. */
const uint8_t ck_h264_stamp_uuid[CK_H264_UUID_SIZE] = {
    0xa5, 0x75, 0x97, 0x76, 0x26, 0xfb, 0x40, 0x37, 0x82, 0xb8, 0xe1, 0x03, 0xda, 0xd5, 0xe3, 0x9f,
};

int ck_h264_stamp_write(ck_buf *out, const ck_h264_stamp *stamp)
{
    uint8_t payload[PAYLOAD_SIZE] = {VERSION, stamp->flags & CK_H264_STAMP_LOCAL_CLOCK};
    ck_store_be32(payload + 2, (uint32_t)(stamp->media_us >> 32));
    ck_store_be32(payload + 6, (uint32_t)stamp->media_us);
    ck_store_be32(payload + 10, (uint32_t)(stamp->room_us >> 32));
    ck_store_be32(payload + 14, (uint32_t)stamp->room_us);
    return ck_h264_write_user_data(out, ck_h264_stamp_uuid, payload, sizeof payload);
}

int ck_h264_stamp_read(const ck_h264_nal *sei, ck_h264_stamp *out)
{
    uint8_t payload[PAYLOAD_SIZE];
    int size = ck_h264_read_user_data(sei, ck_h264_stamp_uuid, payload, sizeof payload);
    if (size < 0) {
        return size;
    }
    if (size > 0 && payload[0] != VERSION) {
        return CHALK_ERR_UNSUPPORTED;
    }
    if (size < PAYLOAD_SIZE) {
        return CHALK_ERR_BAD_DATA;
    }
    ck_reader in = ck_reader_of(payload + 1, sizeof payload - 1);
    out->flags = ck_read_u8(&in) & CK_H264_STAMP_LOCAL_CLOCK;
    out->media_us = ck_read_be64(&in);
    out->room_us = ck_read_be64(&in);
    return CHALK_OK;
}

int ck_h264_stamp_find(enum ck_h264_framing framing, const void *data, size_t size,
                       ck_h264_stamp *out)
{
    ck_h264_walk walk = ck_h264_walk_of(framing, data, size);
    ck_h264_nal nal;
    int found = CHALK_ERR_NOT_FOUND;
    int status;
    while ((status = ck_h264_walk_next(&walk, &nal)) > 0 && !ck_h264_is_vcl(nal.type)) {
        if (nal.type != CK_H264_SEI) {
            continue;
        }
        int read = ck_h264_stamp_read(&nal, out);
        if (read == CHALK_OK) {
            return CHALK_OK;
        }
        found = read == CHALK_ERR_UNSUPPORTED ? read : found;
    }
    return status < 0 ? status : found;
}
