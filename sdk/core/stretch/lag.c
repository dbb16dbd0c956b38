#include "core/stretch/lag.h"

#include "base/check.h"

#include <math.h>
#include <stddef.h>

#define STEP  4     /* of the coarse search */
#define QUIET 1e-9f /* energy per sample: nothing to compare */

static float compare(const float *a, const float *b, size_t count, size_t stride)
{
    float ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < count; i += stride) {
        ab += a[i] * b[i];
        aa += a[i] * a[i];
        bb += b[i] * b[i];
    }
    size_t compared = count / stride + 1;
    float least = QUIET * (float)compared;
    return aa <= least || bb <= least ? 0 : ab / sqrtf(aa * bb);
}

uint32_t ck_lag_find(const float *a, uint32_t channels, int direction, uint32_t window,
                     uint32_t least, uint32_t most, float *likeness)
{
    size_t count = (size_t)window * channels;
    uint32_t coarse = least;
    float best = -2;
    for (uint32_t lag = least; lag <= most; lag += STEP) {
        const float *b = a + (ptrdiff_t)direction * (ptrdiff_t)((size_t)lag * channels);
        float score = compare(a, b, count, (size_t)STEP * channels);
        if (score > best) {
            best = score;
            coarse = lag;
        }
    }
    uint32_t from = coarse > least + STEP ? coarse - STEP : least;
    uint32_t to = CK_MIN(coarse + STEP, most);
    uint32_t found = coarse;
    best = -2;
    for (uint32_t lag = from; lag <= to; lag++) {
        const float *b = a + (ptrdiff_t)direction * (ptrdiff_t)((size_t)lag * channels);
        float score = compare(a, b, count, 1);
        if (score > best) {
            best = score;
            found = lag;
        }
    }
    *likeness = best;
    return found;
}
