/* Files for the board: what is told of one does not depend on how its bytes are split, and keeps
 * the limits. */
#include "chalkrail/errors.h"
#include "core/asset/asset.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int feed(ck_asset_probe *p, const uint8_t *data, size_t size, size_t step)
{
    int status = 0;
    ck_asset_probe_init(p);
    for (size_t at = 0; at < size; at += step) {
        size_t left = size - at;
        status = ck_asset_probe_feed(p, ck_bytes_of(data + at, left < step ? left : step));
    }
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ck_asset_probe whole, pieces;
    int status = feed(&whole, data, size, size > 0 ? size : 1);
    if (feed(&pieces, data, size, 1) != status || pieces.kind != whole.kind ||
        pieces.wide != whole.wide || pieces.high != whole.high) {
        abort();
    }
    bool picture = whole.kind != CK_ASSET_NONE && whole.kind != CK_ASSET_PDF;
    bool sound = !picture || (whole.wide > 0 && whole.wide <= CK_ASSET_SIDE_MAX && whole.high > 0 &&
                              whole.high <= CK_ASSET_SIDE_MAX &&
                              (uint64_t)whole.wide * whole.high <= CK_ASSET_PIXELS_MAX);
    if (!sound || (status == 1) != (whole.kind != CK_ASSET_NONE)) {
        abort();
    }
    return 0;
}
