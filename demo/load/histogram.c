#include "load/histogram.h"

#include <stddef.h>

#define STEPS LOAD_HISTOGRAM_STEPS
#define MOST  ((UINT64_C(1) << LOAD_HISTOGRAM_BITS) - 1)

/* How far a value is shifted until it is below two times STEPS. */
static uint32_t shift_of(uint64_t value)
{
    uint32_t shift = 0;
    while (value >> shift >= 2 * (uint64_t)STEPS) {
        shift++;
    }
    return shift;
}

/* Below two times STEPS each value has a place of its own. */
static size_t place_of(uint64_t value)
{
    uint32_t shift = shift_of(value);
    return shift == 0 ? (size_t)value
                      : STEPS + (size_t)shift * STEPS + (size_t)((value >> shift) - STEPS);
}

static uint64_t end_of(size_t place)
{
    if (place < 2 * (size_t)STEPS) {
        return place;
    }
    size_t shift = place / STEPS - 1;
    uint64_t step = STEPS + place % STEPS;
    return ((step + 1) << shift) - 1;
}

void load_histogram_add(load_histogram *h, uint64_t value)
{
    value = value < MOST ? value : MOST;
    h->counts[place_of(value)]++;
    h->count++;
    h->max = value > h->max ? value : h->max;
}

void load_histogram_merge(load_histogram *h, const load_histogram *other)
{
    for (size_t i = 0; i < LOAD_HISTOGRAM_PLACES; i++) {
        h->counts[i] += other->counts[i];
    }
    h->count += other->count;
    h->max = other->max > h->max ? other->max : h->max;
}

uint64_t load_histogram_quantile(const load_histogram *h, uint32_t per_mille)
{
    uint64_t wanted = (h->count * per_mille + 999) / 1000;
    uint64_t seen = 0;
    for (size_t i = 0; i < LOAD_HISTOGRAM_PLACES && h->count > 0; i++) {
        seen += h->counts[i];
        if (seen >= wanted && seen > 0) {
            uint64_t end = end_of(i);
            return end < h->max ? end : h->max;
        }
    }
    return h->max;
}
