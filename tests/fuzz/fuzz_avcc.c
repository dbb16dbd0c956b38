/* AVCDecoderConfigurationRecord: what is accepted is written and read back the same. */
#include "chalkrail/errors.h"
#include "core/flv/avcc.h"
#include "support/alloc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same_units(const ck_avcc_unit *a, const ck_avcc_unit *b, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (a[i].size != b[i].size || memcmp(a[i].data, b[i].data, a[i].size) != 0) {
            return false;
        }
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static ck_avcc read;
    static ck_avcc again;
    ck_buf b;
    if (ck_avcc_parse(data, size, &read) != CHALK_OK) {
        return 0;
    }
    ck_buf_init(&b, &ck_test_heap, 1u << 24);
    ck_avcc_write(&b, &read);
    if (ck_buf_status(&b) != CHALK_OK || ck_avcc_parse(b.data, b.size, &again) != CHALK_OK ||
        memcmp(&read, &again, offsetof(ck_avcc, sps)) != 0 ||
        !same_units(read.sps, again.sps, read.sps_count) ||
        !same_units(read.pps, again.pps, read.pps_count)) {
        abort();
    }
    ck_buf_free(&b);
    if (ck_avcc_from_sets(&again, read.sps, read.sps_count, read.pps, read.pps_count) == CHALK_OK &&
        !same_units(read.sps, again.sps, read.sps_count)) {
        abort();
    }
    return 0;
}
