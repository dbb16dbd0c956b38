/* Opus from a peer: a header that is accepted is read back as it is written, a packet that is
 * accepted is of a length that exists. */
#include "chalkrail/errors.h"
#include "core/opus/head.h"
#include "core/opus/packet.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_head(const uint8_t *data, size_t size)
{
    ck_opus_head read, again;
    uint8_t bytes[CK_OPUS_HEAD_SIZE];
    int status = ck_opus_head_parse(data, size, &read);
    if ((status == CHALK_ERR_CODEC_UNKNOWN) != (read.refused != NULL)) {
        abort();
    }
    if (status != CHALK_OK) {
        return;
    }
    ck_opus_head_write(bytes, &read);
    if (ck_opus_head_parse(bytes, sizeof bytes, &again) != CHALK_OK ||
        read.channels != again.channels || read.pre_skip != again.pre_skip ||
        read.input_rate_hz != again.input_rate_hz || read.gain_256ths_db != again.gain_256ths_db) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint32_t samples = 0;
    check_head(data, size);
    if (ck_opus_packet_samples(data, size, &samples) == CHALK_OK &&
        (samples < 120 || samples > CK_OPUS_SAMPLES_MAX || samples % 120 != 0)) {
        abort();
    }
    return 0;
}
