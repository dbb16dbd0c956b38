#include "core/h264/nal.h"

#include "base/bytes.h"
#include "chalkrail/errors.h"

#include <string.h>

const uint8_t *ck_h264_find_start_code(const uint8_t *at, const uint8_t *end)
{
    /* The 01 is the rarest byte of the three, so memchr looks for that. */
    for (const uint8_t *p = at; end - p >= 3;) {
        const uint8_t *one = memchr(p + 2, 1, (size_t)(end - p) - 2);
        if (one == NULL) {
            return end;
        }
        if (one[-1] == 0 && one[-2] == 0) {
            return one - 2;
        }
        p = one + 1; /* two zeros have to stand before the next one */
    }
    return end;
}

int ck_h264_skip_start_code(const uint8_t **at, const uint8_t *end)
{
    const uint8_t *p = *at;
    while (p < end && *p == 0) {
        p++;
    }
    if (p == end) {
        return 0;
    }
    if (*p != 1 || p - *at < 2) {
        return CHALK_ERR_BAD_DATA;
    }
    *at = p + 1;
    return 1;
}

size_t ck_h264_trim_zeros(const uint8_t *data, size_t size)
{
    while (size > 0 && data[size - 1] == 0) {
        size--;
    }
    return size;
}

int ck_h264_nal_of(const void *data, size_t size, ck_h264_nal *nal)
{
    const uint8_t *bytes = data;
    if (size == 0 || (bytes[0] & 0x80) != 0) {
        return CHALK_ERR_BAD_DATA;
    }
    *nal = (ck_h264_nal){
        .data = bytes,
        .size = size,
        .type = bytes[0] & 0x1f,
        .ref_idc = (bytes[0] >> 5) & 3,
    };
    return CHALK_OK;
}

bool ck_h264_is_vcl(uint8_t type)
{
    return type >= CK_H264_SLICE && type <= CK_H264_IDR;
}

ck_h264_walk ck_h264_walk_of(enum ck_h264_framing framing, const void *data, size_t size)
{
    ck_h264_walk walk = {.framing = framing, .status = CHALK_OK};
    if (size > 0) {
        walk.at = data;
        walk.end = walk.at + size;
    }
    if (framing != CK_H264_ANNEX_B && framing != CK_H264_AVCC_1 && framing != CK_H264_AVCC_2 &&
        framing != CK_H264_AVCC_4) {
        walk.status = CHALK_ERR_INVALID_ARGUMENT;
    }
    return walk;
}

/* Both give the next range, possibly empty: 1, 0 at the end, or an error. */
static int next_annex_b(ck_h264_walk *walk, const uint8_t **data, size_t *size)
{
    int status = ck_h264_skip_start_code(&walk->at, walk->end);
    if (status <= 0) {
        return status;
    }
    const uint8_t *next = ck_h264_find_start_code(walk->at, walk->end);
    *data = walk->at;
    *size = (size_t)(next - walk->at);
    walk->at = next;
    return 1;
}

static int next_avcc(ck_h264_walk *walk, const uint8_t **data, size_t *size)
{
    ck_reader in = ck_reader_of(walk->at, (size_t)(walk->end - walk->at));
    if (ck_reader_left(&in) == 0) {
        return 0;
    }
    uint32_t length = 0;
    for (int i = 0; i < (int)walk->framing; i++) {
        length = length << 8 | ck_read_u8(&in);
    }
    const uint8_t *body = ck_read_bytes(&in, length);
    if (in.failed) {
        return CHALK_ERR_BAD_DATA;
    }
    *data = body;
    *size = length;
    walk->at = in.at;
    return 1;
}

int ck_h264_walk_next(ck_h264_walk *walk, ck_h264_nal *nal)
{
    while (walk->status == CHALK_OK && walk->at != walk->end) {
        const uint8_t *data = NULL;
        size_t size = 0;
        int status = walk->framing == CK_H264_ANNEX_B ? next_annex_b(walk, &data, &size)
                                                      : next_avcc(walk, &data, &size);
        if (status <= 0) {
            walk->status = status;
            walk->at = walk->end;
            break;
        }
        size = ck_h264_trim_zeros(data, size);
        if (size > 0) {
            walk->status = ck_h264_nal_of(data, size, nal);
            return walk->status == CHALK_OK ? 1 : walk->status;
        }
    }
    return walk->status;
}

int ck_h264_inspect(enum ck_h264_framing framing, const void *data, size_t size,
                    ck_h264_unit_info *info)
{
    *info = (ck_h264_unit_info){0};
    ck_h264_walk walk = ck_h264_walk_of(framing, data, size);
    ck_h264_nal nal;
    int status;
    while ((status = ck_h264_walk_next(&walk, &nal)) > 0) {
        info->nal_count++;
        info->types |= UINT32_C(1) << nal.type;
        info->has_picture |= ck_h264_is_vcl(nal.type);
    }
    info->has_sps = (info->types >> CK_H264_SPS & 1) != 0;
    info->has_pps = (info->types >> CK_H264_PPS & 1) != 0;
    info->has_sei = (info->types >> CK_H264_SEI & 1) != 0;
    info->has_aud = (info->types >> CK_H264_AUD & 1) != 0;
    info->is_key = (info->types >> CK_H264_IDR & 1) != 0;
    return status;
}
