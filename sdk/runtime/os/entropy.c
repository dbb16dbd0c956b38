#include "chalkrail/errors.h"
#include "runtime/os/os.h"

#include <uv.h>

int ck_entropy(void *out, size_t size)
{
    /* Without a loop and a callback the call is synchronous and safe on any thread. */
    return uv_random(NULL, NULL, out, size, 0, NULL) == 0 ? CHALK_OK : CHALK_ERR_IO;
}
