#include "class/samples.h"

#include <stdlib.h>
#include <string.h>

static size_t kept(const samples *s)
{
    return s->count < SAMPLES_MAX ? (size_t)s->count : SAMPLES_MAX;
}

void samples_add(samples *s, int64_t value)
{
    s->values[s->count % SAMPLES_MAX] = value;
    s->count++;
}

static int compare(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

int64_t samples_percentile(const samples *s, unsigned percent)
{
    int64_t sorted[SAMPLES_MAX];
    size_t count = kept(s);
    if (count == 0) {
        return 0;
    }
    memcpy(sorted, s->values, count * sizeof sorted[0]);
    qsort(sorted, count, sizeof sorted[0], compare);
    size_t index = (count * percent + 99) / 100;
    return sorted[index > 0 ? index - 1 : 0];
}

int64_t samples_max_abs(const samples *s)
{
    int64_t largest = 0;
    for (size_t i = 0; i < kept(s); i++) {
        int64_t size = s->values[i] < 0 ? -s->values[i] : s->values[i];
        largest = size > largest ? size : largest;
    }
    return largest;
}
