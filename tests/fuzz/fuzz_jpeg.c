/* The outside of a JPEG picture: what is accepted lies within the data, and reads the same when it
 * is cut to its own end. */
#include "chalkrail/errors.h"
#include "core/camera/jpeg.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ck_jpeg read, again;
    if (ck_jpeg_read(data, size, &read) != CHALK_OK) {
        return 0;
    }
    bool sound = read.size <= size && read.width > 0 && read.height > 0;
    if (!sound || ck_jpeg_read(data, read.size, &again) != CHALK_OK ||
        memcmp(&read, &again, sizeof read) != 0) {
        abort();
    }
    return 0;
}
