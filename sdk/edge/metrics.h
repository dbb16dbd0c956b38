/*
 * The edge's figures in Prometheus' text format 0.0.4. Names and meanings are in docs/PROTOCOL.md.
 * Rooms and participants are no labels: they would be without end, and they are nobody's business
 * who may read metrics.
 */
#ifndef CK_EDGE_METRICS_H
#define CK_EDGE_METRICS_H

#include "base/bytes.h"
#include "edge/state.h"

void ck_metrics_write(ck_buf *page, ck_edge *edge);

#endif
