/*
 * Times, counted by size: 32 steps in each power of two, so that a quantile is at most 1/32 too
 * large, whatever its size. Counts of several processes are added up without loss.
 */
#ifndef DEMO_LOAD_HISTOGRAM_H
#define DEMO_LOAD_HISTOGRAM_H

#include <stdint.h>

#define LOAD_HISTOGRAM_STEPS 32u
#define LOAD_HISTOGRAM_BITS  37u /* larger values count as the largest that fits: 38 h in us */
#define LOAD_HISTOGRAM_PLACES                                                                      \
    (2 * LOAD_HISTOGRAM_STEPS + (LOAD_HISTOGRAM_BITS - 6) * LOAD_HISTOGRAM_STEPS)

typedef struct load_histogram {
    uint64_t count;
    uint64_t max;
    uint64_t counts[LOAD_HISTOGRAM_PLACES];
} load_histogram; /* zero: empty */

void load_histogram_add(load_histogram *h, uint64_t value);
void load_histogram_merge(load_histogram *h, const load_histogram *other);
/* The least value that `per_mille` of all are not above, rounded up to its step's end and never
 * above the largest; 0 when nothing was counted. */
uint64_t load_histogram_quantile(const load_histogram *h, uint32_t per_mille);

#endif
