#include "core/jitter/transits.h"

#include "base/check.h"

#include <string.h>

#define WEIGHT_FIRST 65536u     /* room for the weights to grow by small steps */
#define SUM_MAX      (1u << 30) /* halved beyond */
#define PPM          1000000

void ck_transits_init(ck_transits *t)
{
    *t = (ck_transits){.weight = WEIGHT_FIRST};
}

static int64_t bin_of(int64_t transit_us)
{
    int64_t bin = transit_us / CK_TRANSITS_BIN_US;
    return transit_us % CK_TRANSITS_BIN_US < 0 ? bin - 1 : bin;
}

static size_t index_of(int64_t bin)
{
    return (size_t)((uint64_t)bin % CK_TRANSITS_BINS);
}

static void halve(ck_transits *t)
{
    t->sum = 0;
    for (uint32_t i = 0; i < CK_TRANSITS_BINS; i++) {
        t->bins[i] >>= 1;
        t->sum += t->bins[i];
    }
    t->weight = CK_MAX(t->weight >> 1, 1);
    while (t->last_bin > t->first_bin && t->bins[index_of(t->last_bin)] == 0) {
        t->last_bin--;
    }
    while (t->first_bin < t->last_bin && t->bins[index_of(t->first_bin)] == 0) {
        t->first_bin++;
    }
}

/* Moves the window so that it has `bin`. What falls out at its lower end is counted in the lowest
 * bin that stays; what falls out at the upper end is forgotten: media that late is skipped, not
 * waited for. */
static void slide(ck_transits *t, int64_t bin)
{
    bool far = bin >= t->low_bin + 2 * CK_TRANSITS_BINS || bin <= t->low_bin - CK_TRANSITS_BINS;
    if (t->sum == 0 || far) {
        memset(t->bins, 0, sizeof t->bins);
        t->sum = 0;
        t->low_bin = bin - CK_TRANSITS_BINS / 8;
        t->first_bin = t->last_bin = bin;
    }
    while (bin >= t->low_bin + CK_TRANSITS_BINS) {
        uint32_t dropped = t->bins[index_of(t->low_bin)];
        t->bins[index_of(t->low_bin)] = 0;
        t->low_bin++;
        t->bins[index_of(t->low_bin)] += dropped;
    }
    while (bin < t->low_bin) {
        t->low_bin--;
        t->sum -= t->bins[index_of(t->low_bin)]; /* the place was that of the upper end */
        t->bins[index_of(t->low_bin)] = 0;
    }
    t->first_bin = CK_CLAMP(t->first_bin, t->low_bin, bin);
    t->last_bin = CK_CLAMP(t->last_bin, bin, t->low_bin + CK_TRANSITS_BINS - 1);
}

/* That what came before weighs less is the same as that what comes weighs more. */
void ck_transits_add(ck_transits *t, int64_t transit_us, uint64_t passed_us, uint64_t memory_us)
{
    int64_t bin = bin_of(transit_us);
    t->weight += t->weight * CK_MIN(passed_us, memory_us) / memory_us;
    slide(t, bin);
    t->bins[index_of(bin)] += (uint32_t)t->weight;
    t->sum += t->weight;
    while (t->sum > SUM_MAX) {
        halve(t);
    }
}

int64_t ck_transits_above(const ck_transits *t, uint32_t ppm)
{
    uint64_t allowed = t->sum * ppm / PPM;
    uint64_t tail = 0;
    int64_t bin = t->last_bin;
    for (; bin > t->first_bin; bin--) {
        tail += t->bins[index_of(bin)];
        if (tail > allowed) {
            break;
        }
    }
    return (bin + 1) * CK_TRANSITS_BIN_US;
}

int64_t ck_transits_below(const ck_transits *t, uint32_t ppm)
{
    uint64_t wanted = t->sum * ppm / PPM;
    uint64_t head = 0;
    int64_t bin = t->first_bin;
    for (; bin < t->last_bin; bin++) {
        head += t->bins[index_of(bin)];
        if (head > wanted) {
            break;
        }
    }
    return bin * CK_TRANSITS_BIN_US;
}
