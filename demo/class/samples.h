/* The newest measured values of one kind, and what is typical of them. */
#ifndef DEMO_CLASS_SAMPLES_H
#define DEMO_CLASS_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#define SAMPLES_MAX 4096 /* when there are more, the oldest are forgotten */

typedef struct samples {
    int64_t values[SAMPLES_MAX];
    uint64_t count; /* ever added */
} samples;

void samples_add(samples *s, int64_t value);
/* The value that `percent` (0..100) of the kept ones do not exceed; 0 when there are none. */
int64_t samples_percentile(const samples *s, unsigned percent);
/* The largest absolute value; 0 when there are none. */
int64_t samples_max_abs(const samples *s);

#endif
