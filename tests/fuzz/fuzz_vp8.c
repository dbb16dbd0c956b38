/* VP8 from a peer: a frame that is accepted has what it says, a record that is accepted is read
 * back as it is written. */
#include "chalkrail/errors.h"
#include "core/vp8/frame.h"
#include "core/vp8/record.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_frame(const uint8_t *data, size_t size)
{
    ck_vp8_frame f;
    int status = ck_vp8_frame_parse(data, size, &f);
    if (status != CHALK_OK && status != CHALK_ERR_BAD_DATA) {
        abort();
    }
    bool has_size = f.width > 0 && f.height > 0;
    if (status == CHALK_OK && (f.key != has_size || f.width > 16383 || f.height > 16383)) {
        abort();
    }
}

static void check_record(const uint8_t *data, size_t size)
{
    ck_vp8_record read, again;
    uint8_t bytes[CK_VP8_RECORD_SIZE];
    if (ck_vp8_record_parse(data, size, &read) != CHALK_OK) {
        return;
    }
    ck_vp8_record_write(bytes, &read);
    if (ck_vp8_record_parse(bytes, sizeof bytes, &again) != CHALK_OK ||
        read.profile != again.profile || read.level != again.level ||
        read.full_range != again.full_range || read.primaries != again.primaries ||
        read.transfer != again.transfer || read.matrix != again.matrix) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_frame(data, size);
    check_record(data, size);
    return 0;
}
