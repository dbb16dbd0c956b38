#include "core/opus/head.h"

#include "base/bytes.h"
#include "chalkrail/errors.h"

#include <string.h>

#define SIGNATURE     "OpusHead"
#define MAJOR_VERSION 0xf0 /* a reader of version 1 takes 0 to 15 */
#define CHANNELS_MAX  2
#define FAMILY_RTP    0 /* one stream, one or two channels */
#define FAMILY_VORBIS 1 /* one to eight channels, a mapping table follows */

static uint16_t read_le16(ck_reader *r)
{
    uint32_t low = ck_read_u8(r);
    return (uint16_t)(low | (uint32_t)ck_read_u8(r) << 8);
}

/* The table of a mapping family. One stream of one or two channels in their own order is what
 * family 0 is, whatever the family is called. */
static const char *read_table(ck_reader *r, uint8_t channels)
{
    uint8_t streams = ck_read_u8(r);
    uint8_t coupled = ck_read_u8(r);
    if (streams == 0 || coupled > streams || streams + coupled > 255) {
        r->failed = true;
    }
    bool plain = streams == 1 && coupled == channels - 1;
    for (uint8_t i = 0; i < channels; i++) {
        plain = ck_read_u8(r) == i && plain;
    }
    return plain ? NULL : "Opus with channels in an order of its own";
}

int ck_opus_head_parse(const void *data, size_t size, ck_opus_head *out)
{
    ck_reader r = ck_reader_of(data, size);
    *out = (ck_opus_head){.channels = CHANNELS_MAX};
    if (size == 0) {
        return CHALK_OK;
    }
    const uint8_t *signature = ck_read_bytes(&r, 8);
    bool named = signature != NULL && memcmp(signature, SIGNATURE, 8) == 0;
    bool known_version = (ck_read_u8(&r) & MAJOR_VERSION) == 0;
    ck_opus_head head = {.channels = ck_read_u8(&r)};
    head.pre_skip = read_le16(&r);
    head.input_rate_hz = ck_read_le32(&r);
    head.gain_256ths_db = (int16_t)read_le16(&r);
    uint8_t family = ck_read_u8(&r);
    if (head.channels > CHANNELS_MAX) {
        head.refused = "Opus with more than two channels";
    } else if (family != FAMILY_RTP && family != FAMILY_VORBIS) {
        head.refused = "Opus of an unknown channel mapping family";
    } else if (family == FAMILY_VORBIS) {
        head.refused = read_table(&r, head.channels);
    }
    if (r.failed || !named || !known_version || head.channels == 0) {
        return CHALK_ERR_BAD_DATA;
    }
    *out = head;
    return head.refused == NULL ? CHALK_OK : CHALK_ERR_CODEC_UNKNOWN;
}

void ck_opus_head_write(uint8_t out[CK_OPUS_HEAD_SIZE], const ck_opus_head *head)
{
    uint16_t gain = (uint16_t)head->gain_256ths_db;
    memcpy(out, SIGNATURE, 8);
    out[8] = 1; /* version */
    out[9] = head->channels;
    out[10] = (uint8_t)(head->pre_skip & 0xff);
    out[11] = (uint8_t)(head->pre_skip >> 8);
    ck_store_le32(out + 12, head->input_rate_hz);
    out[16] = (uint8_t)(gain & 0xff);
    out[17] = (uint8_t)(gain >> 8);
    out[18] = FAMILY_RTP;
}
