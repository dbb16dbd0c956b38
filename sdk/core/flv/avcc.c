#include "core/flv/avcc.h"

#include "chalkrail/errors.h"
#include "core/h264/params.h"

#include <string.h>

#define NAL_SPS      7
#define NAL_PPS      8
#define UNIT_MAX     0xffffu
#define SPS_SIZE_MIN 4 /* header byte, profile, constraints, level */

static bool is_unit(const ck_avcc_unit *unit, uint8_t nal_type)
{
    size_t least = nal_type == NAL_SPS ? SPS_SIZE_MIN : 1;
    return unit->data != NULL && unit->size >= least && unit->size <= UNIT_MAX &&
           (unit->data[0] & 0x9f) == nal_type;
}

/* All profiles but baseline, main and extended have the bytes (5.3.3.1.2). */
static bool profile_has_high_bytes(uint8_t profile)
{
    return profile != 66 && profile != 77 && profile != 88;
}

static bool read_unit(ck_reader *r, uint8_t nal_type, ck_avcc_unit *unit)
{
    unit->size = ck_read_be16(r);
    unit->data = ck_read_bytes(r, unit->size);
    return !r->failed && is_unit(unit, nal_type);
}

/* Many writers end the record before these bytes, so their absence is no error. */
static void read_high_bytes(ck_reader *r, ck_avcc *out)
{
    if (!profile_has_high_bytes(out->profile) || ck_reader_left(r) < 4) {
        return;
    }
    out->has_high = true;
    out->chroma_format = ck_read_u8(r) & 3;
    out->luma_bits = (uint8_t)(8 + (ck_read_u8(r) & 7));
    out->chroma_bits = (uint8_t)(8 + (ck_read_u8(r) & 7));
}

static void set_defaults(ck_avcc *out)
{
    memset(out, 0, sizeof *out);
    out->chroma_format = 1;
    out->luma_bits = 8;
    out->chroma_bits = 8;
}

int ck_avcc_parse(const void *data, size_t size, ck_avcc *out)
{
    ck_reader r = ck_reader_of(data, size);
    set_defaults(out);
    uint8_t version = ck_read_u8(&r);
    out->profile = ck_read_u8(&r);
    out->compatibility = ck_read_u8(&r);
    out->level = ck_read_u8(&r);
    out->length_size = (uint8_t)((ck_read_u8(&r) & 3) + 1);
    uint8_t sps_count = ck_read_u8(&r) & 0x1f;
    if (r.failed || version != 1 || out->length_size == 3 || sps_count == 0) {
        return CHALK_ERR_BAD_DATA;
    }
    for (; out->sps_count < sps_count; out->sps_count++) {
        if (!read_unit(&r, NAL_SPS, &out->sps[out->sps_count])) {
            return CHALK_ERR_BAD_DATA;
        }
    }
    uint8_t pps_count = ck_read_u8(&r);
    if (r.failed || pps_count == 0) {
        return CHALK_ERR_BAD_DATA;
    }
    if (pps_count > CK_AVCC_PPS_MAX) {
        return CHALK_ERR_TOO_LARGE;
    }
    for (; out->pps_count < pps_count; out->pps_count++) {
        if (!read_unit(&r, NAL_PPS, &out->pps[out->pps_count])) {
            return CHALK_ERR_BAD_DATA;
        }
    }
    read_high_bytes(&r, out);
    return CHALK_OK;
}

static bool take_units(ck_avcc_unit *out, const ck_avcc_unit *units, size_t count, uint8_t nal_type)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_unit(&units[i], nal_type)) {
            return false;
        }
        out[i] = units[i];
    }
    return true;
}

int ck_avcc_from_sets(ck_avcc *out, const ck_avcc_unit *sps, size_t sps_count,
                      const ck_avcc_unit *pps, size_t pps_count)
{
    ck_h264_sps parsed;
    set_defaults(out);
    if (sps_count == 0 || sps_count > CK_AVCC_SPS_MAX || pps_count == 0 ||
        pps_count > CK_AVCC_PPS_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    if (!take_units(out->sps, sps, sps_count, NAL_SPS) ||
        !take_units(out->pps, pps, pps_count, NAL_PPS) ||
        ck_h264_parse_sps(sps[0].data, sps[0].size, &parsed) != CHALK_OK) {
        return CHALK_ERR_BAD_DATA;
    }
    /* Copied as bytes, not from the parsed fields: the record repeats what the SPS says. */
    out->profile = sps[0].data[1];
    out->compatibility = sps[0].data[2];
    out->level = sps[0].data[3];
    out->length_size = 4;
    out->sps_count = (uint8_t)sps_count;
    out->pps_count = (uint8_t)pps_count;
    out->has_high = profile_has_high_bytes(out->profile);
    out->chroma_format = parsed.chroma_format_idc;
    out->luma_bits = parsed.bit_depth_luma;
    out->chroma_bits = parsed.bit_depth_chroma;
    return CHALK_OK;
}

static void put_units(ck_buf *b, const ck_avcc_unit *units, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ck_buf_put_be16(b, (uint16_t)units[i].size);
        ck_buf_put(b, units[i].data, units[i].size);
    }
}

void ck_avcc_write(ck_buf *b, const ck_avcc *record)
{
    const uint8_t head[] = {
        1,
        record->profile,
        record->compatibility,
        record->level,
        (uint8_t)(0xfc | (record->length_size - 1)),
        (uint8_t)(0xe0 | record->sps_count),
    };
    ck_buf_put(b, head, sizeof head);
    put_units(b, record->sps, record->sps_count);
    ck_buf_put_u8(b, record->pps_count);
    put_units(b, record->pps, record->pps_count);
    if (record->has_high && profile_has_high_bytes(record->profile)) {
        const uint8_t high[] = {
            (uint8_t)(0xfc | record->chroma_format), (uint8_t)(0xf8 | (record->luma_bits - 8)),
            (uint8_t)(0xf8 | (record->chroma_bits - 8)), 0, /* no SPS extensions */
        };
        ck_buf_put(b, high, sizeof high);
    }
}
