#include "edge/metrics.h"

#include "base/check.h"
#include "edge/page.h"

static void put_metric(ck_buf *page, const char *name, const char *type, const char *help,
                       uint64_t value)
{
    ck_page_put(page, "# HELP ");
    ck_page_put(page, name);
    ck_page_put(page, " ");
    ck_page_put(page, help);
    ck_page_put(page, "\n# TYPE ");
    ck_page_put(page, name);
    ck_page_put(page, " ");
    ck_page_put(page, type);
    ck_page_put(page, "\n");
    ck_page_put(page, name);
    ck_page_put(page, " ");
    ck_page_put_u64(page, value);
    ck_page_put(page, "\n");
}

static void put_refusals(ck_buf *page, const ck_edge *edge)
{
    ck_page_put(page, "# HELP chalkrail_edge_refused_total Connections, requests and streams "
                      "refused, by error.\n"
                      "# TYPE chalkrail_edge_refused_total counter\n");
    for (int i = 1; i < CK_EDGE_ERRORS; i++) {
        if (edge->refused_by[i] > 0) {
            ck_page_put(page, "chalkrail_edge_refused_total{error=\"");
            ck_page_put(page, chalk_error_name(-i));
            ck_page_put(page, "\"} ");
            ck_page_put_u64(page, edge->refused_by[i]);
            ck_page_put(page, "\n");
        }
    }
}

void ck_metrics_write(ck_buf *page, ck_edge *edge)
{
    chalk_edge_stats s;
    ck_edge_get_figures(edge, &s);
    const struct {
        const char *name;
        const char *type;
        const char *help;
        uint64_t value;
    } rows[] = {
        {"chalkrail_edge_connections", "gauge", "Open connections of RTMP and HTTP.",
         s.connections},
        {"chalkrail_edge_connections_total", "counter", "Connections accepted since the start.",
         edge->connections_total},
        {"chalkrail_edge_streams", "gauge", "Streams published.", s.publishers},
        {"chalkrail_edge_players", "gauge", "Players of RTMP and HTTP-FLV.", s.players},
        {"chalkrail_edge_received_bytes_total", "counter", "Bytes received.", s.bytes_received},
        {"chalkrail_edge_sent_bytes_total", "counter", "Bytes of media connections sent.",
         s.bytes_sent},
        {"chalkrail_edge_dropped_frames_total", "counter",
         "Pictures and sound frames not sent to players that were too slow.", s.frames_dropped},
        {"chalkrail_edge_closed_players_total", "counter",
         "Players closed because they were too slow.", s.readers_closed},
        {"chalkrail_edge_media_bytes", "gauge", "Media kept for newcomers and slow players.",
         s.memory_bytes},
        {"chalkrail_edge_memory_bytes", "gauge", "Memory of connections and media.",
         edge->budget.used_bytes},
        {"chalkrail_edge_uptime_seconds", "gauge", "Time since the start.",
         (ck_edge_now(edge) - edge->started_us) / CK_US_PER_S},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        put_metric(page, rows[i].name, rows[i].type, rows[i].help, rows[i].value);
    }
    put_refusals(page, edge);
}
