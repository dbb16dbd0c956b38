/* AAC: a configuration that is accepted is written and read back the same; the first byte chooses
 * the split of an ADTS stream, which must change nothing. An ID3 tag lies inside the input. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/aac/adts.h"
#include "core/aac/id3.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_config(const uint8_t *data, size_t size)
{
    ck_aac_config read;
    ck_aac_config again;
    uint8_t bytes[CK_AAC_CONFIG_MAX];
    int status = ck_aac_config_parse(data, size, &read);
    if ((status == CHALK_ERR_CODEC_UNKNOWN) != (read.refused != NULL)) {
        abort();
    }
    if (status != CHALK_OK) {
        return;
    }
    int written = ck_aac_config_write(bytes, &read);
    if (written <= 0 || ck_aac_config_parse(bytes, (size_t)written, &again) != CHALK_OK ||
        read.sample_rate_hz != again.sample_rate_hz || read.channels != again.channels ||
        read.sbr != again.sbr || read.ps != again.ps ||
        read.extension_rate_hz != again.extension_rate_hz ||
        read.frame_length != again.frame_length) {
        abort();
    }
}

typedef struct tally {
    uint64_t hash, skipped;
    size_t frames;
    int status;
} tally;

static tally split(const uint8_t *data, size_t size, size_t part)
{
    static ck_adts_split s;
    ck_adts_frame frame;
    tally t = {0};
    ck_adts_split_init(&s);
    for (size_t at = 0; at < size; at += part) {
        if (ck_adts_split_feed(&s, data + at, CK_MIN(part, size - at)) != CHALK_OK) {
            break;
        }
        while ((t.status = ck_adts_split_poll(&s, &frame)) == CHALK_OK) {
            t.frames++;
            for (size_t i = 0; i < frame.payload_size; i++) {
                t.hash = t.hash * 31 + frame.payload[i];
            }
        }
    }
    t.skipped = s.skipped;
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_config(data, size);
    ck_id3 tag;
    if (ck_id3_parse(data, size, &tag) == CHALK_OK && (tag.size > size || tag.stamp >> 33 != 0)) {
        abort();
    }
    if (size < 2) {
        return 0;
    }
    tally parts = split(data + 1, size - 1, (size_t)data[0] % 32 + 1);
    tally whole = split(data + 1, size - 1, size);
    if (parts.hash != whole.hash || parts.frames != whole.frames ||
        parts.skipped != whole.skipped || parts.status != whole.status) {
        abort();
    }
    return 0;
}
