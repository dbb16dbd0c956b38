/* What the edge says of itself (GET /metrics), before and after. */
#ifndef DEMO_LOAD_EDGE_H
#define DEMO_LOAD_EDGE_H

#include <cjson/cJSON.h>
#include <stdint.h>

#define LOAD_METRICS_MAX 128

typedef struct load_metric {
    char name[96]; /* with its labels, as the edge writes them */
    double value;
} load_metric;

typedef struct load_metrics {
    load_metric metrics[LOAD_METRICS_MAX];
    uint32_t count; /* 0: it did not say */
} load_metrics;

/* Over plain HTTP alone, from where the edge lets one; within 10 s of having
 * the address. */
void load_metrics_get(const char *edge, load_metrics *out);
/* An object of what became more of each counter, and how much each gauge is; NULL: nothing is
 * known. */
cJSON *load_metrics_between(const load_metrics *before, const load_metrics *after);

#endif
