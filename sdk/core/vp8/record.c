#include "core/vp8/record.h"

#include "base/bytes.h"
#include "chalkrail/errors.h"

#include <string.h>

#define NOT_STATED  2
#define BIT_DEPTH   8
#define CHROMA_420  1 /* 0: the same with the samples placed as in MPEG-2 */
#define PROFILE_MAX 3
#define BOX_VERSION 1

/* A record that begins so would be of no bits a sample: it is MP4's FullBox head, which some
 * writers leave in place. */
static void pass_box_head(ck_reader *r)
{
    static const uint8_t head[] = {BOX_VERSION, 0, 0, 0};
    if (ck_reader_left(r) > sizeof head && memcmp(r->at, head, sizeof head) == 0) {
        ck_read_skip(r, sizeof head);
    }
}

int ck_vp8_record_parse(const void *data, size_t size, ck_vp8_record *out)
{
    ck_reader r = ck_reader_of(data, size);
    *out = (ck_vp8_record){.primaries = NOT_STATED, .transfer = NOT_STATED, .matrix = NOT_STATED};
    if (size == 0) {
        return CHALK_OK;
    }
    pass_box_head(&r);
    ck_vp8_record record = {0};
    record.profile = ck_read_u8(&r);
    record.level = ck_read_u8(&r);
    uint8_t form = ck_read_u8(&r);
    record.full_range = (form & 1) != 0;
    record.primaries = ck_read_u8(&r);
    record.transfer = ck_read_u8(&r);
    record.matrix = ck_read_u8(&r);
    ck_read_skip(&r, ck_read_be16(&r)); /* initialisation data: VP8 has none */
    bool is_vp8 =
        record.profile <= PROFILE_MAX && form >> 4 == BIT_DEPTH && (form >> 1 & 7) <= CHROMA_420;
    if (r.failed || !is_vp8) {
        return CHALK_ERR_BAD_DATA;
    }
    *out = record;
    return CHALK_OK;
}

void ck_vp8_record_write(uint8_t out[CK_VP8_RECORD_SIZE], const ck_vp8_record *record)
{
    out[0] = record->profile;
    out[1] = record->level;
    out[2] = (uint8_t)(BIT_DEPTH << 4 | CHROMA_420 << 1 | record->full_range);
    out[3] = record->primaries;
    out[4] = record->transfer;
    out[5] = record->matrix;
    ck_store_be16(out + 6, 0);
}
