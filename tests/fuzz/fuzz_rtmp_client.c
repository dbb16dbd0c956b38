/* A client fed by any server; the size of the input chooses between publishing and playing. */
#include "fuzz_rtmp_end.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ck_rtmp_config config = {.role = CK_RTMP_CLIENT,
                             .mode = size % 2 == 0 ? CK_RTMP_PUBLISH : CK_RTMP_PLAY,
                             .tc_url = "rtmp://h/live",
                             .app = "live",
                             .stream = "s",
                             .chunk_size = 128};
    return fuzz_end(config, data, size);
}
