#include "edge/metrics.h"

#include "base/check.h"
#include "core/room/names.h"
#include "core/room/schema.h"
#include "edge/page.h"
#include "edge/rooms.h"

typedef struct metric_row {
    const char *name;
    const char *type;
    const char *help;
    uint64_t value;
} metric_row;

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

static void put_rows(ck_buf *page, const metric_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        put_metric(page, rows[i].name, rows[i].type, rows[i].help, rows[i].value);
    }
}

/* One figure of many, told apart by a label; those that are 0 are left out. */
static void put_labelled(ck_buf *page, const char *name, const char *label, uint64_t value)
{
    if (value > 0) {
        ck_page_put(page, name);
        ck_page_put(page, label);
        ck_page_put(page, "\"} ");
        ck_page_put_u64(page, value);
        ck_page_put(page, "\n");
    }
}

static void put_refusals(ck_buf *page, const ck_edge *edge)
{
    ck_page_put(page, "# HELP chalkrail_edge_refused_total Connections, requests and streams "
                      "refused, by error.\n"
                      "# TYPE chalkrail_edge_refused_total counter\n");
    for (int i = 1; i < CK_EDGE_ERRORS; i++) {
        put_labelled(page, "chalkrail_edge_refused_total{error=\"", chalk_error_name(-i),
                     edge->refused_by[i]);
    }
}

static void put_reasons(ck_buf *page, const ck_room_figures *f)
{
    ck_page_put(page, "# HELP chalkrail_edge_room_refused_total Intents refused, by reason.\n"
                      "# TYPE chalkrail_edge_room_refused_total counter\n");
    for (uint32_t i = 1; i < CK_ROOM_REASONS; i++) {
        put_labelled(page, "chalkrail_edge_room_refused_total{reason=\"", ck_reason_name(i),
                     f->refused_by[i]);
    }
    ck_page_put(page, "# HELP chalkrail_edge_room_closed_total Connections to rooms that the edge "
                      "ended, by reason.\n"
                      "# TYPE chalkrail_edge_room_closed_total counter\n");
    for (uint32_t i = 1; i < CK_ROOM_REASONS; i++) {
        put_labelled(page, "chalkrail_edge_room_closed_total{reason=\"", ck_reason_name(i),
                     f->ended_by[i]);
    }
}

static void put_frames(ck_buf *page, const ck_room_figures *f)
{
    static const char *const names[CK_ROOM_FRAMES] = {
#define FRAME_NAME(name, byte, message) [byte] = #name,
        CK_FRAME_LIST(FRAME_NAME)
#undef FRAME_NAME
            [CK_FRAME_PACKED] = "PACKED", /* no message of its own */
    };
    ck_page_put(page, "# HELP chalkrail_edge_room_frames_total Frames sent in rooms, by kind.\n"
                      "# TYPE chalkrail_edge_room_frames_total counter\n");
    for (uint32_t i = 0; i < CK_ROOM_FRAMES; i++) {
        put_labelled(page, "chalkrail_edge_room_frames_total{frame=\"", names[i], f->frames[i]);
    }
    ck_page_put(page, "# HELP chalkrail_edge_room_frame_bytes_total Their bytes.\n"
                      "# TYPE chalkrail_edge_room_frame_bytes_total counter\n");
    for (uint32_t i = 0; i < CK_ROOM_FRAMES; i++) {
        put_labelled(page, "chalkrail_edge_room_frame_bytes_total{frame=\"", names[i],
                     f->frame_bytes[i]);
    }
}

static void put_edge(ck_buf *page, ck_edge *edge)
{
    chalk_edge_stats s;
    ck_edge_get_figures(edge, &s);
    const metric_row rows[] = {
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
    put_rows(page, rows, CK_COUNT_OF(rows));
}

static void put_rooms(ck_buf *page, const ck_room_figures *f)
{
    const metric_row rows[] = {
        {"chalkrail_edge_rooms", "gauge", "Rooms loaded.", f->rooms},
        {"chalkrail_edge_rooms_opened_total", "counter", "Rooms loaded since the start.",
         f->opened},
        {"chalkrail_edge_room_connections", "gauge", "Connections to rooms.", f->connections},
        {"chalkrail_edge_room_people", "gauge", "Participants present in rooms.", f->people},
        {"chalkrail_edge_room_events_total", "counter", "Events and messages accepted.",
         f->accepted},
        {"chalkrail_edge_room_repeated_total", "counter",
         "Intents that came again after they were settled.", f->repeated},
        {"chalkrail_edge_room_hidden_total", "counter",
         "Messages of the crowd lane not shown to everybody.", f->hidden},
        {"chalkrail_edge_room_snapshots_total", "counter", "Snapshots sent.", f->snapshots},
        {"chalkrail_edge_room_resumes_total", "counter", "Joins without a snapshot.", f->resumed},
        {"chalkrail_edge_room_skipped_frames_total", "counter",
         "Frames that slow readers were spared.", f->lanes_skipped},
        {"chalkrail_edge_room_flooded_total", "counter",
         "Frames besides intents that came too fast and were left out.", f->flooded},
        {"chalkrail_edge_room_packed_from_bytes_total", "counter",
         "Bytes of frames that were compressed, once for a room.", f->packed_from_bytes},
        {"chalkrail_edge_room_packed_bytes_total", "counter", "What they were compressed to.",
         f->packed_bytes},
        {"chalkrail_edge_room_commits_total", "counter", "Records that the store took.",
         f->commits},
        {"chalkrail_edge_room_commit_microseconds_total", "counter", "Time that it took over them.",
         f->commit_us},
        {"chalkrail_edge_room_commits_refused_total", "counter",
         "Records that the store did not take.", f->commits_refused},
    };
    put_rows(page, rows, CK_COUNT_OF(rows));
}

static void put_store(ck_buf *page, const ck_room_store_stats *s)
{
    const metric_row rows[] = {
        {"chalkrail_edge_store_groups_total", "counter", "Groups of records written together.",
         s->commits},
        {"chalkrail_edge_store_syncs_total", "counter", "Times that the disk was waited for.",
         s->syncs},
        {"chalkrail_edge_store_bytes_total", "counter", "Bytes written.", s->bytes},
        {"chalkrail_edge_store_failures_total", "counter",
         "Times that it could not be written or read.", s->failures},
        {"chalkrail_edge_store_queue_most", "gauge", "Questions that waited together, ever.",
         s->queue_most},
        {"chalkrail_edge_store_torn_bytes", "gauge",
         "Bytes cut off at the start, which were never acknowledged.", s->torn_bytes},
        {"chalkrail_edge_store_damaged", "gauge", "Places that cannot be read any more.",
         s->damaged},
        {"chalkrail_edge_store_rooms", "gauge", "Rooms open, or with something in the log.",
         s->rooms},
        {"chalkrail_edge_store_log_files", "gauge", "Files of the log.", s->segments},
    };
    put_rows(page, rows, CK_COUNT_OF(rows));
}

static void put_assets(ck_buf *page, const ck_edge *edge)
{
    const ck_assets_stats s = ck_rooms_assets(edge->rooms);
    const metric_row rows[] = {
        {"chalkrail_edge_assets", "gauge", "Pictures and decks of rooms.", s.assets},
        {"chalkrail_edge_asset_bytes", "gauge", "Their bytes.", s.bytes},
        {"chalkrail_edge_asset_uploads", "gauge", "Uploads under way.", s.uploads},
        {"chalkrail_edge_asset_uploads_total", "counter", "Uploads that were taken.", s.taken},
        {"chalkrail_edge_asset_readers", "gauge", "Downloads under way.", s.readers},
        {"chalkrail_edge_asset_sent_bytes_total", "counter", "Bytes of them that were read.",
         s.sent_bytes},
        {"chalkrail_edge_asset_failures_total", "counter",
         "Times that the disk could not be written or read for them.", s.failures},
    };
    put_rows(page, rows, CK_COUNT_OF(rows));
}

void ck_metrics_write(ck_buf *page, ck_edge *edge)
{
    ck_room_figures rooms;
    ck_rooms_get_figures(edge->rooms, &rooms);
    put_edge(page, edge);
    put_rooms(page, &rooms);
    put_store(page, &rooms.store);
    put_assets(page, edge);
    put_refusals(page, edge);
    put_reasons(page, &rooms);
    put_frames(page, &rooms);
}
