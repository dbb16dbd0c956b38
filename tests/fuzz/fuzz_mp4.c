/* What was pruned once is in order: the second time nothing changes. */
#include "chalkrail/errors.h"
#include "core/mp4/prune.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ck_mp4_fault fault;
    uint8_t *first = malloc(size + 1);
    uint8_t *second = malloc(size + 1);
    size_t left = size;
    if (first == NULL || second == NULL) {
        abort();
    }
    memcpy(first, data, size);
    int status = ck_mp4_prune(first, &left, &fault);
    if (left > size || (status < 0) != (fault.text != NULL)) {
        abort();
    }
    if (status == CHALK_OK) {
        size_t again = left;
        memcpy(second, first, left);
        if (ck_mp4_prune(second, &again, &fault) != CHALK_OK || again != left ||
            memcmp(first, second, left) != 0) {
            abort();
        }
    }
    free(first);
    free(second);
    return 0;
}
