#include "core/vp8/frame.h"

#include "base/bytes.h"
#include "chalkrail/errors.h"

#include <string.h>

#define START_CODE  0x9d012au
#define VERSION_MAX 3
#define SIDE_MASK   0x3fffu /* the two bits above ask for scaling */

/* Sizes alone are little-endian in VP8. */
static uint16_t read_side(ck_reader *r)
{
    uint32_t low = ck_read_u8(r);
    return (uint16_t)((low | (uint32_t)ck_read_u8(r) << 8) & SIDE_MASK);
}

int ck_vp8_frame_parse(const void *data, size_t size, ck_vp8_frame *out)
{
    ck_reader r = ck_reader_of(data, size);
    memset(out, 0, sizeof *out);
    uint32_t tag = ck_read_u8(&r);
    tag |= (uint32_t)ck_read_u8(&r) << 8;
    tag |= (uint32_t)ck_read_u8(&r) << 16;
    out->key = (tag & 1) == 0;
    out->version = tag >> 1 & 7;
    out->shown = (tag >> 4 & 1) != 0;
    bool sound = true;
    if (out->key) {
        sound = ck_read_be24(&r) == START_CODE;
        out->width = read_side(&r);
        out->height = read_side(&r);
        sound = sound && out->width > 0 && out->height > 0;
    }
    size_t first_partition = tag >> 5;
    if (r.failed || !sound || out->version > VERSION_MAX || first_partition > ck_reader_left(&r)) {
        return CHALK_ERR_BAD_DATA;
    }
    return CHALK_OK;
}
