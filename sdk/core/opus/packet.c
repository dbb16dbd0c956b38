#include "core/opus/packet.h"

#include "base/bytes.h"
#include "chalkrail/errors.h"

/* Table 2: what the five bits of the configuration say of a frame's length. */
static uint32_t frame_samples(uint8_t config)
{
    static const uint16_t silk[] = {480, 960, 1920, 2880};
    static const uint16_t hybrid[] = {480, 960};
    static const uint16_t celt[] = {120, 240, 480, 960};
    if (config < 12) {
        return silk[config % 4];
    }
    return config < 16 ? hybrid[config % 2] : celt[config % 4];
}

int ck_opus_packet_samples(const void *data, size_t size, uint32_t *samples)
{
    ck_reader r = ck_reader_of(data, size);
    uint8_t toc = ck_read_u8(&r);
    uint32_t frames = 0;
    switch (toc & 3) {
    case 0:
        frames = 1;
        break;
    case 1: /* two of one size */
        frames = ck_reader_left(&r) % 2 == 0 ? 2 : 0;
        break;
    case 2: /* two, the size of the first stands in front */
        frames = 2;
        break;
    default:
        frames = ck_read_u8(&r) & 0x3f;
        break;
    }
    *samples = frames * frame_samples(toc >> 3);
    if (r.failed || *samples == 0 || *samples > CK_OPUS_SAMPLES_MAX) {
        return CHALK_ERR_BAD_DATA;
    }
    return CHALK_OK;
}
