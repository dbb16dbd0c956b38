/*
 * The inside of the HTTP server: httpd.c owns routes and connections, httpd_connection.c takes a
 * connection from request to request, httpd_request.c and httpd_reply.c are what a handler sees,
 * ws_server.c is what comes after an upgrade. Everything belongs to the loop's thread.
 */
#ifndef CK_RUNTIME_NET_HTTPD_INTERNAL_H
#define CK_RUNTIME_NET_HTTPD_INTERNAL_H

#include "core/http/body.h"
#include "core/ws/conn.h"
#include "runtime/net/httpd.h"
#include "runtime/net/loop_internal.h"

typedef struct ck_httpd_route_entry {
    char *method; /* NULL: any */
    char *path;   /* without the star */
    bool prefix;
    ck_httpd_handler handler;
    void *user;
} ck_httpd_route_entry;

typedef struct ck_httpd_upload_entry {
    char *path;
    bool prefix;
    uint32_t most_ms;
    ck_httpd_upload_events events;
    void *user;
} ck_httpd_upload_entry;

typedef struct ck_httpd_endpoint {
    char *path;
    bool prefix;
    char *protocol; /* NULL: none */
    ck_ws_events events;
    ck_ws_limits limits; /* none is zero */
    ck_ws_conn_config conn_config;
    void *user;
} ck_httpd_endpoint;

struct ck_httpd {
    ck_loop_item item;
    ck_loop *loop;
    char *server_name;
    uint32_t connections_max;
    uint32_t request_ms;
    uint32_t connection_count; /* HTTP and WebSocket */
    ck_list connections;       /* HTTP */
    ck_list sockets;           /* WebSocket */
    ck_httpd_route_entry routes[CK_HTTPD_ROUTES_MAX];
    size_t route_count;
    ck_httpd_upload_entry uploads[CK_HTTPD_UPLOADS_MAX];
    size_t upload_count;
    ck_httpd_endpoint endpoints[CK_HTTPD_ROUTES_MAX];
    size_t endpoint_count;
};

/* Of the request that is being answered. */
struct ck_httpd_reply {
    struct ck_httpd_connection *connection;
    ck_buf text; /* the names and values that were added, each terminated */
    size_t header_count;
    bool head_only; /* HEAD */
    bool sent;      /* at least its head */
    bool deferred;  /* `later.ended` is still to come */
    ck_httpd_later later;
    void *user;
    uint64_t left; /* bytes of its body to come, in pieces */
};

typedef struct ck_httpd_connection {
    ck_list node;
    ck_httpd *httpd;
    ck_stream *stream;
    char peer[CK_ADDRESS_TEXT_MAX];
    ck_http_head head;
    ck_http_body body;
    uint64_t began_us; /* the first byte of the request that is being read; CK_NEVER: none yet */
    bool in_body;
    bool busy;                           /* a reply waits to leave; nothing is parsed meanwhile */
    bool closing;                        /* after the reply that is being sent */
    const ck_httpd_upload_entry *upload; /* whose body is being read; NULL: none's */
    ck_httpd_reply reply;
    ck_buf body_bytes;
    ck_buf unparsed; /* received while busy */
} ck_httpd_connection;

/* httpd.c */
const ck_httpd_endpoint *ck_httpd_find_endpoint(const ck_httpd *httpd, const char *path);
void ck_httpd_free_connection(ck_httpd_connection *c); /* destroys its stream */

/* httpd_connection.c */
ck_httpd_connection *ck_httpd_open_connection(ck_httpd *httpd, ck_stream *stream);
void ck_httpd_take_bytes(ck_httpd_connection *c, const uint8_t *data, size_t size);

/* httpd_request.c: `text` holds the strings of `out` and lives as long. */
typedef struct ck_httpd_request_text {
    char path[CK_HTTPD_PATH_MAX + 1];
} ck_httpd_request_text;
/* 0, or the HTTP status that refuses it. */
int ck_httpd_read_request(const ck_httpd_connection *c, ck_httpd_request *out,
                          ck_httpd_request_text *text);
/* Decodes, and removes dot segments (RFC 3986 5.2.4). */
int ck_httpd_read_path(const char *target, size_t size, char *out, size_t out_size);
bool ck_httpd_path_fits(const char *pattern, bool prefix, const char *path);

/* httpd_reply.c */
void ck_httpd_refuse(ck_httpd_connection *c, int status); /* and close */
void ck_httpd_answer(ck_httpd_connection *c, const ck_httpd_request *request);
/* Asks who serves an endpoint. False: it was refused, and answered. */
bool ck_httpd_admit(ck_httpd_connection *c, const ck_httpd_request *request,
                    const ck_httpd_endpoint *endpoint);

bool ck_httpd_admit_upload(ck_httpd_connection *c, const ck_httpd_request *request,
                           const ck_httpd_upload_entry *upload);

/* httpd_upload.c: a whole head; whether its body is taken as it comes. */
enum ck_httpd_upload_answer {
    CK_HTTPD_ORDINARY = 0, /* it is no upload */
    CK_HTTPD_TAKEN,
    CK_HTTPD_REFUSED, /* and answered */
};
enum ck_httpd_upload_answer ck_httpd_begin_upload(ck_httpd_connection *c);
void ck_httpd_end_upload(ck_httpd_connection *c); /* its body is whole */

/* ws_server.c: tries the upgrade that a request asks for. The connection is gone afterwards, or it
 * was answered. */
void ck_ws_upgrade(ck_httpd_connection *c, const ck_httpd_request *request);
void ck_ws_end_all(ck_httpd *httpd); /* CHALK_ERR_CANCELLED to every WebSocket */

#endif
