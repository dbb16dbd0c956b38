/* The readers of measured networks: what they accept has no gaps and ends. */
#include "sim/trace.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static ck_trace trace;
static ck_arrival arrivals[64];

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (ck_trace_parse(&trace, data, size)) {
        uint64_t us = ck_trace_wire_time(&trace, size, 1500);
        if (trace.count == 0 || us == 0 || us > 60000000) {
            abort();
        }
    }
    if (ck_arrivals_parse(arrivals, 64, data, size, 16000) > 64) {
        abort();
    }
    return 0;
}
