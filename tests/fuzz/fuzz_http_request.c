/* An HTTP request from a peer, with its body. */
#include "fuzz/fuzz_http.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    return fuzz_message_one(CK_HTTP_REQUEST, data, size);
}
