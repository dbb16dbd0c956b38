/*
 * The edge itself, shared by the files that have sockets: edge.c (life), conn.c (what all
 * connections have in common), rtmp_conn.c, http_conn.c, flv_conn.c, pages.c and metrics.c.
 *
 * Threads: everything but `snapshot` belongs to the loop's thread between ck_edge_start and the
 * join of that thread. `lock` protects `snapshot` alone and is a leaf: nothing is called under it.
 */
#ifndef CK_EDGE_STATE_H
#define CK_EDGE_STATE_H

#include "base/list.h"
#include "edge/access.h"
#include "edge/address.h"
#include "edge/budget.h"
#include "edge/hub.h"
#include "runtime/net/httpd.h"
#include "runtime/net/stream.h"

#include <uv.h>

#define CK_EDGE_TICK_US    (100 * CK_US_PER_MS) /* while there are connections */
#define CK_EDGE_SETUP_US   (10 * CK_US_PER_S)   /* to ask for a stream, for an HTTP head */
#define CK_EDGE_SILENCE_US (15 * CK_US_PER_S)   /* then an RTMP player is pinged */
/* Then a publisher is: whether it is alive must be known before CK_HUB_TAKEOVER_SAME_MS. */
#define CK_EDGE_PUBLISHER_SILENCE_US (2 * CK_US_PER_S)
#define CK_EDGE_PONG_US              (15 * CK_US_PER_S) /* after a ping; then it is given up */
#define CK_EDGE_FAREWELL_MS          1000               /* to flush what is queued when ending */
#define CK_EDGE_QUEUE_BYTES                                                                        \
    65536u /* handed to a transport at a time; the rest stays in the                               \
              hub, where it can still be skipped */
#define CK_EDGE_DRAINED_BYTES  16384u
#define CK_EDGE_MESSAGE_MAX    (4u << 20) /* bytes of one RTMP message: one picture */
#define CK_EDGE_REASSEMBLY_MAX (6u << 20)
#define CK_EDGE_CHUNK_SIZE     60000u
#define CK_EDGE_OVERHEAD_BYTES (64u << 20) /* for connections, beside the media of the hub */
#define CK_EDGE_ERRORS         64          /* counters by error, from 0 to -63 */

typedef struct chalk_edge ck_edge;
typedef struct ck_conn ck_conn;

/* What a kind of connection does. All run on the loop; none frees the connection. */
typedef struct ck_conn_kind {
    const char *name; /* "rtmp", for logs */
    void (*data)(void *conn, ck_stream *stream, const uint8_t *data, size_t size);
    void (*pump)(ck_conn *conn, uint64_t now_us);    /* its reader is ready or it has room */
    void (*tick)(ck_conn *conn, uint64_t now_us);    /* every CK_EDGE_TICK_US */
    void (*stop)(ck_conn *conn, uint64_t now_us);    /* the edge stops: take leave */
    void (*release)(ck_conn *conn, uint64_t now_us); /* give up streams and readers; may be called
                                                        twice */
    void (*destroy)(ck_conn *conn);                  /* free what is left, not the connection */
} ck_conn_kind;

/* A connection that is ours (httpd's are not among these). Lives from accept until its transport
 * has reported its end: ck_conn_end only begins that. */
struct ck_conn {
    const ck_conn_kind *kind;
    ck_edge *edge;
    ck_stream *stream;
    ck_list in_conns;
    uint64_t opened_us;
    uint64_t heard_us; /* when bytes came last */
    size_t credit;     /* bytes it may be given before its transport is asked again */
    bool ending;       /* nothing is read or written any more */
};

struct chalk_edge {
    uint8_t secret[CHALK_SECRET_MAX];
    ck_access access;
    ck_address rtmp_address;
    ck_address http_address;
    ck_tls *tls; /* of both ports; NULL: plain */
    uint32_t connections_max;
    uint32_t rooms_max;
    bool keep_first_login;   /* of rooms */
    uint32_t crowd_per_s;    /* of rooms; 0: as the sequencer has it */
    uint32_t data_keep_days; /* 0: for ever */
    const char *data;        /* borrowed while the edge starts; NULL: rooms are kept in memory */
    ck_hub_config hub_config;
    ck_log log;

    ck_budget budget;
    ck_loop *loop;
    ck_hub *hub;
    ck_httpd *httpd;
    struct ck_rooms *rooms;
    ck_listener *rtmp_listener;
    ck_listener *http_listener;
    uint16_t rtmp_port; /* written before the creator's call returns, never after */
    uint16_t http_port;
    ck_timer *ticker;
    bool ticking;
    ck_timer *hub_timer;
    uint64_t hub_due_us; /* what it is set to; CK_NEVER: not set */
    int start_status;

    ck_list conns;
    uint32_t conn_count;
    bool stopping;
    bool stop_reported;
    uint64_t stop_due_us;
    uv_sem_t stopped; /* posted once, when the last connection has gone or the time is up */

    uint64_t started_us;
    uint64_t connections_total;
    uint64_t bytes_received;
    uint64_t bytes_sent;
    uint64_t refused;
    uint64_t refused_by[CK_EDGE_ERRORS];

    uv_mutex_t lock;
    chalk_edge_stats snapshot;
};

/* edge.c */
void ck_edge_settle(ck_edge *edge); /* lets ready readers read; the last thing of every callback */
uint64_t ck_edge_now(ck_edge *edge);
uint32_t ck_edge_connections(const ck_edge *edge);                    /* ours and httpd's */
void ck_edge_refuse(ck_edge *edge, int status);                       /* counts */
void ck_edge_get_figures(const ck_edge *edge, chalk_edge_stats *out); /* loop thread */

/* conn.c */
int ck_conn_open(ck_edge *edge, ck_conn *conn, const ck_conn_kind *kind, ck_socket socket);
/* Releases streams and readers now and begins to close the transport; the connection is freed when
 * that is done. Doing it twice does nothing. flush_ms 0: at once. */
void ck_conn_end(ck_conn *conn, uint32_t flush_ms, int status, const char *why);
void ck_conn_free(ck_conn *conn);
void ck_conn_list(ck_conn *conn); /* among the edge's connections, and out of them again */
void ck_conn_unlist(ck_conn *conn);
size_t ck_conn_room(ck_conn *conn); /* bytes that its transport should be given now */
/* Writes count towards the figures; a failing one ends the connection and returns false. */
bool ck_conn_write(ck_conn *conn, ck_out *out);
void ck_conn_received(ck_conn *conn, size_t size); /* counts */

/* rtmp_conn.c, http_conn.c: ck_accept_fn */
/* The publisher is asked for a key frame, if it understands that. */
void ck_rtmp_conn_ask_key(ck_conn *publisher, uint64_t now_us);
int ck_rtmp_conn_accept(void *edge, ck_socket socket, const char *peer);
int ck_http_conn_accept(void *edge, ck_socket socket, const char *peer);

/* pages.c */
int ck_pages_install(ck_edge *edge);

#endif
