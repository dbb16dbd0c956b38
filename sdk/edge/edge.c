/* The life of an edge: options, start, the settling of every turn, figures, stop. */
#include "chalkrail/edge.h"

#include "base/check.h"
#include "base/text.h"
#include "edge/rooms.h"

#include <openssl/crypto.h>
#include <string.h>

#define DEFAULT_RTMP            "127.0.0.1:1935"
#define DEFAULT_HTTP            "127.0.0.1:8935"
#define DEFAULT_CONNECTIONS_MAX 4096
#define DEFAULT_STREAMS_MAX     256
#define DEFAULT_ROOMS_MAX       1024
#define CROWD_PER_S_MAX         1000 /* a frame has no place for more */
#define DATA_KEEP_DAYS_MAX      36500u
#define DEFAULT_MEMORY_MAX_MB   512
#define DEFAULT_GOP_MAX_MS      10000
#define DEFAULT_READER_MAX_MS   3000
#define DEFAULT_LOG_LEVEL       2
#define STOP_US                 CK_US_PER_S

/* ---- while it runs ---- */

uint64_t ck_edge_now(ck_edge *edge)
{
    return ck_loop_now_us(edge->loop);
}

uint32_t ck_edge_connections(const ck_edge *edge)
{
    return edge->conn_count + ck_httpd_connections(edge->httpd);
}

void ck_edge_refuse(ck_edge *edge, int status)
{
    edge->refused++;
    if (status < 0 && status > -CK_EDGE_ERRORS) {
        edge->refused_by[-status]++;
    }
}

void ck_edge_get_figures(const ck_edge *edge, chalk_edge_stats *out)
{
    ck_hub_stats hub;
    ck_hub_get_stats(edge->hub, &hub);
    *out = (chalk_edge_stats){
        .struct_size = sizeof *out,
        .connections = ck_edge_connections(edge),
        .publishers = hub.streams,
        .players = hub.readers,
        .bytes_received = edge->bytes_received,
        .bytes_sent = edge->bytes_sent,
        .frames_dropped = hub.frames_dropped,
        .readers_closed = hub.readers_closed,
        .refused = edge->refused,
        .memory_bytes = hub.memory_bytes,
    };
    ck_rooms_count(edge->rooms, &out->rooms, &out->people);
}

static void publish_snapshot(ck_edge *edge)
{
    chalk_edge_stats stats;
    ck_edge_get_figures(edge, &stats);
    uv_mutex_lock(&edge->lock);
    edge->snapshot = stats;
    uv_mutex_unlock(&edge->lock);
}

static void report_stop(ck_edge *edge, uint64_t now_us)
{
    bool gone = edge->conn_count == 0 && ck_rooms_connections(edge->rooms) == 0;
    bool done = gone || now_us >= edge->stop_due_us;
    if (edge->stopping && done && !edge->stop_reported) {
        edge->stop_reported = true;
        uv_sem_post(&edge->stopped);
    }
}

void ck_edge_settle(ck_edge *edge)
{
    uint64_t now_us = ck_edge_now(edge);
    ck_conn *conn;
    ck_rooms_settle(edge->rooms);
    while ((conn = ck_hub_poll_key(edge->hub)) != NULL) {
        ck_rtmp_conn_ask_key(conn, now_us);
    }
    while ((conn = ck_hub_poll_ready(edge->hub)) != NULL) {
        if (!conn->ending) {
            conn->kind->pump(conn, now_us);
        }
    }
    uint64_t hub_due_us = ck_hub_next_deadline(edge->hub);
    if (hub_due_us < edge->hub_due_us) {
        edge->hub_due_us = hub_due_us;
        ck_timer_set(edge->hub_timer, hub_due_us);
    }
    bool needs_tick = edge->conn_count > 0 || (edge->stopping && !edge->stop_reported);
    if (needs_tick && !edge->ticking) {
        edge->ticking = true;
        ck_timer_set(edge->ticker, now_us + CK_EDGE_TICK_US);
    }
    publish_snapshot(edge);
    report_stop(edge, now_us);
}

/* Asked for earlier than it is due in the end (the sound left with a picture): nothing happens. */
static void on_hub_time(void *user, uint64_t now_us)
{
    ck_edge *edge = user;
    edge->hub_due_us = CK_NEVER;
    ck_hub_on_deadline(edge->hub, now_us);
    ck_edge_settle(edge);
}

static void on_tick(void *user, uint64_t now_us)
{
    ck_edge *edge = user;
    edge->ticking = false;
    for (ck_list *at = edge->conns.next; at != &edge->conns; at = at->next) {
        ck_conn *conn = CK_LIST_OWNER(at, ck_conn, in_conns);
        if (!conn->ending) {
            conn->kind->tick(conn, now_us);
        }
    }
    ck_edge_settle(edge);
}

/* ---- start and stop, on the loop ---- */

static int listen_on(ck_edge *edge, const ck_address *address, ck_accept_fn accepted,
                     ck_listener **out)
{
    const ck_listener_config config = {
        .loop = edge->loop,
        .address = address->host,
        .port = address->port,
        .accepted = accepted,
        .user = edge,
    };
    return ck_listener_create(&config, out);
}

static int start_parts(ck_edge *edge)
{
    const ck_httpd_config httpd = {
        .loop = edge->loop,
        .connections_max = edge->connections_max,
        .server_name = "Chalkrail",
    };
    int status = ck_hub_init(&edge->hub, &edge->hub_config);
    if (status == CHALK_OK) {
        status = ck_timer_create(edge->loop, on_tick, edge, &edge->ticker);
    }
    if (status == CHALK_OK) {
        edge->hub_due_us = CK_NEVER;
        status = ck_timer_create(edge->loop, on_hub_time, edge, &edge->hub_timer);
    }
    if (status == CHALK_OK) {
        status = ck_httpd_create(&httpd, &edge->httpd);
    }
    if (status == CHALK_OK) {
        status = ck_pages_install(edge);
    }
    if (status == CHALK_OK) {
        status = ck_rooms_create(edge, edge->data, &edge->rooms);
    }
    if (status == CHALK_OK) {
        status = listen_on(edge, &edge->rtmp_address, ck_rtmp_conn_accept, &edge->rtmp_listener);
    }
    if (status == CHALK_OK) {
        status = listen_on(edge, &edge->http_address, ck_http_conn_accept, &edge->http_listener);
    }
    return status;
}

static void start(void *arg)
{
    ck_edge *edge = arg;
    edge->start_status = start_parts(edge);
    if (edge->start_status == CHALK_OK) {
        edge->rtmp_port = ck_listener_port(edge->rtmp_listener);
        edge->http_port = ck_listener_port(edge->http_listener);
        edge->started_us = ck_edge_now(edge);
    }
}

static void begin_stop(void *arg)
{
    ck_edge *edge = arg;
    uint64_t now_us = ck_edge_now(edge);
    edge->stopping = true;
    edge->stop_due_us = now_us + STOP_US;
    ck_listener_destroy(&edge->rtmp_listener);
    ck_listener_destroy(&edge->http_listener);
    ck_hub_end_all(edge->hub, now_us);
    ck_rooms_stop(edge->rooms);
    for (ck_list *at = edge->conns.next; at != &edge->conns; at = at->next) {
        ck_conn *conn = CK_LIST_OWNER(at, ck_conn, in_conns);
        if (!conn->ending) {
            conn->kind->stop(conn, now_us);
        }
    }
    ck_edge_settle(edge);
}

static void tear_down(void *arg)
{
    ck_edge *edge = arg;
    ck_listener_destroy(&edge->rtmp_listener);
    ck_listener_destroy(&edge->http_listener);
    while (!ck_list_is_empty(&edge->conns)) {
        ck_conn_free(CK_LIST_OWNER(edge->conns.next, ck_conn, in_conns));
    }
    ck_httpd_destroy(&edge->httpd);
    ck_rooms_destroy(&edge->rooms);
    ck_timer_destroy(&edge->hub_timer);
    ck_timer_destroy(&edge->ticker);
    ck_hub_free(&edge->hub);
}

/* ---- the public face ---- */

void chalk_edge_options_init(chalk_edge_options *options)
{
    memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
}

static uint32_t or_default(uint32_t value, uint32_t otherwise)
{
    return value != 0 ? value : otherwise;
}

static int take_access(ck_edge *edge, const chalk_edge_options *options)
{
    edge->access = (ck_access){
        .open = options->open != 0, .secret = edge->secret, .secret_size = options->secret_size};
    if (edge->access.open) {
        return edge->rtmp_address.loopback && edge->http_address.loopback
                   ? CHALK_OK
                   : CHALK_ERR_INVALID_ARGUMENT;
    }
    if (options->secret == NULL || options->secret_size < CHALK_SECRET_MIN ||
        options->secret_size > CHALK_SECRET_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    memcpy(edge->secret, options->secret, options->secret_size);
    return CHALK_OK;
}

static int take_tls(ck_edge *edge, const chalk_edge_options *options)
{
    if ((options->tls_cert == NULL) != (options->tls_key == NULL)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    return options->tls_cert != NULL ? ck_tls_server_create(&ck_heap, &edge->log, options->tls_cert,
                                                            options->tls_key, &edge->tls)
                                     : CHALK_OK;
}

static int take_options(ck_edge *edge, const chalk_edge_options *options)
{
    uint64_t memory_max = (uint64_t)or_default(options->memory_max_mb, DEFAULT_MEMORY_MAX_MB) << 20;
    int status =
        ck_address_parse(&edge->rtmp_address, options->rtmp != NULL ? options->rtmp : DEFAULT_RTMP);
    if (status == CHALK_OK) {
        status = ck_address_parse(&edge->http_address,
                                  options->http != NULL ? options->http : DEFAULT_HTTP);
    }
    if (status == CHALK_OK) {
        status = take_access(edge, options);
    }
    edge->log = (ck_log){.line = options->log,
                         .user = options->log_user,
                         .level = (int)or_default(options->log_level, DEFAULT_LOG_LEVEL)};
    edge->connections_max = or_default(options->connections_max, DEFAULT_CONNECTIONS_MAX);
    edge->data = options->data;
    edge->data_keep_days = CK_MIN(options->data_keep_days, DATA_KEEP_DAYS_MAX);
    edge->rooms_max = or_default(options->rooms_max, DEFAULT_ROOMS_MAX);
    edge->keep_first_login = options->keep_first_login != 0;
    edge->crowd_per_s = CK_MIN(options->crowd_per_s, CROWD_PER_S_MAX);
    edge->hub_config = (ck_hub_config){
        .alloc = &edge->budget.alloc,
        .streams_max = or_default(options->streams_max, DEFAULT_STREAMS_MAX),
        .memory_max = memory_max,
        .gop_max_ms = or_default(options->gop_max_ms, DEFAULT_GOP_MAX_MS),
        .reader_max_ms = or_default(options->reader_max_ms, DEFAULT_READER_MAX_MS),
    };
    ck_budget_init(&edge->budget, &ck_heap, 2 * memory_max + CK_EDGE_OVERHEAD_BYTES);
    ck_list_init(&edge->conns);
    return status == CHALK_OK ? take_tls(edge, options) : status;
}

/* The loop is gone: nothing runs any more. */
static void edge_free(ck_edge *edge)
{
    uv_sem_destroy(&edge->stopped);
    uv_mutex_destroy(&edge->lock);
    ck_tls_unref(&edge->tls);
    OPENSSL_cleanse(edge->secret, sizeof edge->secret);
    ck_free(&ck_heap, edge);
}

static int edge_new(const chalk_edge_options *options, ck_edge **out)
{
    ck_edge *edge = ck_new(&ck_heap, sizeof *edge);
    if (edge == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (uv_mutex_init(&edge->lock) != 0) {
        ck_free(&ck_heap, edge);
        return CHALK_ERR_NO_MEMORY;
    }
    if (uv_sem_init(&edge->stopped, 0) != 0) {
        uv_mutex_destroy(&edge->lock);
        ck_free(&ck_heap, edge);
        return CHALK_ERR_NO_MEMORY;
    }
    int status = take_options(edge, options);
    if (status < 0) {
        edge_free(edge);
        return status;
    }
    *out = edge;
    return CHALK_OK;
}

int chalk_edge_create(const chalk_edge_options *options, chalk_edge **out)
{
    chalk_edge_options known;
    ck_edge *edge = NULL;
    if (options == NULL || out == NULL || options->struct_size < sizeof options->struct_size) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    /* A program built against an earlier header has a shorter struct: the rest is the default. */
    chalk_edge_options_init(&known);
    memcpy(&known, options, CK_MIN(options->struct_size, sizeof known));
    int status = edge_new(&known, &edge);
    if (status < 0) {
        return status;
    }
    status = ck_loop_create(&(ck_loop_config){.log = &edge->log, .thread_name = "chalk-edge"},
                            &edge->loop);
    if (status == CHALK_OK) {
        status = ck_loop_call(edge->loop, start, edge);
        status = status == CHALK_OK ? edge->start_status : status;
        edge->data = NULL;
        if (status < 0) {
            ck_loop_call(edge->loop, tear_down, edge);
            ck_loop_destroy(&edge->loop);
        }
    }
    if (status < 0) {
        edge_free(edge);
        return status;
    }
    *out = edge;
    return CHALK_OK;
}

void chalk_edge_destroy(chalk_edge **out)
{
    if (out == NULL || *out == NULL) {
        return;
    }
    ck_edge *edge = *out;
    *out = NULL;
    if (ck_loop_call(edge->loop, begin_stop, edge) == CHALK_OK) {
        uv_sem_wait(&edge->stopped);
    }
    ck_loop_call(edge->loop, tear_down, edge);
    ck_loop_destroy(&edge->loop);
    edge_free(edge);
}

int chalk_edge_rtmp_port(const chalk_edge *edge)
{
    return edge != NULL ? edge->rtmp_port : CHALK_ERR_INVALID_ARGUMENT;
}

int chalk_edge_http_port(const chalk_edge *edge)
{
    return edge != NULL ? edge->http_port : CHALK_ERR_INVALID_ARGUMENT;
}

int chalk_edge_get_stats(chalk_edge *edge, chalk_edge_stats *stats)
{
    if (edge == NULL || stats == NULL || stats->struct_size < sizeof stats->struct_size) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    uint32_t size = CK_MIN(stats->struct_size, (uint32_t)sizeof *stats);
    uv_mutex_lock(&edge->lock);
    chalk_edge_stats now = edge->snapshot;
    uv_mutex_unlock(&edge->lock);
    now.struct_size = stats->struct_size;
    memcpy(stats, &now, size);
    return CHALK_OK;
}
