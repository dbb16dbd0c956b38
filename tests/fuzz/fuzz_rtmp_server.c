/* A server fed by anybody: the input chooses splits, answers, allocation failures and the clock. */
#include "fuzz_rtmp_end.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ck_rtmp_config config = {.role = CK_RTMP_SERVER, .string_bytes_max = 200};
    return fuzz_end(config, data, size);
}
