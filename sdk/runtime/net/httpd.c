#include "runtime/net/httpd_internal.h"
#include "runtime/net/ws_internal.h"

#include "base/check.h"
#include "base/text.h"

#include <string.h>

#define DEFAULT_CONNECTIONS 1024

/* ---- connections ---- */

void ck_httpd_free_connection(ck_httpd_connection *c)
{
    if (c->reply.deferred) {
        c->reply.deferred = false;
        c->reply.later.ended(c->reply.user);
    }
    ck_list_remove(&c->node);
    ck_stream_destroy(&c->stream);
    ck_buf_free(&c->reply.text);
    ck_http_head_free(&c->head);
    ck_buf_free(&c->body_bytes);
    ck_buf_free(&c->unparsed);
    c->httpd->connection_count--;
    ck_free(c->httpd->loop->alloc, c);
}

int ck_httpd_adopt(ck_httpd *httpd, ck_stream **stream, const void *read, size_t read_size)
{
    if (httpd->connection_count >= httpd->connections_max) {
        return CHALK_ERR_LIMIT;
    }
    if (read_size > CK_HTTPD_READ_MAX) {
        return CHALK_ERR_TOO_LARGE;
    }
    ck_httpd_connection *c = ck_httpd_open_connection(httpd, *stream);
    if (c == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    *stream = NULL;
    ck_list_append(&httpd->connections, &c->node);
    httpd->connection_count++;
    ck_httpd_take_bytes(c, read, read_size);
    return CHALK_OK;
}

uint32_t ck_httpd_connections(const ck_httpd *httpd)
{
    return httpd->connection_count;
}

/* ---- the end ---- */

static void free_httpd(ck_httpd *httpd)
{
    const ck_alloc *alloc = httpd->loop->alloc;
    for (size_t i = 0; i < httpd->route_count; i++) {
        ck_free(alloc, httpd->routes[i].method);
        ck_free(alloc, httpd->routes[i].path);
    }
    for (size_t i = 0; i < httpd->upload_count; i++) {
        ck_free(alloc, httpd->uploads[i].path);
    }
    for (size_t i = 0; i < httpd->endpoint_count; i++) {
        ck_free(alloc, httpd->endpoints[i].path);
        ck_free(alloc, httpd->endpoints[i].protocol);
    }
    ck_free(alloc, httpd->server_name);
    ck_free(alloc, httpd);
}

static void end(ck_httpd *httpd)
{
    ck_list_remove(&httpd->item.node);
    while (!ck_list_is_empty(&httpd->connections)) {
        ck_httpd_free_connection(CK_LIST_OWNER(httpd->connections.next, ck_httpd_connection, node));
    }
    ck_ws_end_all(httpd);
    free_httpd(httpd);
}

static void abandon(ck_loop_item *item)
{
    end((ck_httpd *)item);
}

void ck_httpd_destroy(ck_httpd **httpd)
{
    if (*httpd != NULL) {
        end(*httpd);
        *httpd = NULL;
    }
}

/* ---- the beginning ---- */

int ck_httpd_create(const ck_httpd_config *config, ck_httpd **out)
{
    *out = NULL;
    ck_loop *loop = config->loop;
    ck_httpd *httpd = ck_new(loop->alloc, sizeof *httpd);
    if (httpd == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    httpd->loop = loop;
    httpd->connections_max =
        config->connections_max != 0 ? config->connections_max : DEFAULT_CONNECTIONS;
    httpd->request_ms = config->request_ms != 0 ? config->request_ms : CK_HTTPD_REQUEST_MS;
    ck_list_init(&httpd->connections);
    ck_list_init(&httpd->sockets);
    int status = CHALK_OK;
    if (config->server_name != NULL) {
        httpd->server_name = ck_strdup(loop->alloc, config->server_name);
        status = httpd->server_name != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    }
    if (status == CHALK_OK) {
        httpd->item.abandon = abandon;
        status = ck_loop_add(loop, &httpd->item);
    }
    if (status < 0) {
        free_httpd(httpd);
        return status;
    }
    *out = httpd;
    return CHALK_OK;
}

/* "/x/" followed by a star is a prefix: the copy is without the star. */
static int copy_pattern(const ck_alloc *alloc, const char *path, char **out, bool *prefix)
{
    if (path == NULL || path[0] != '/' || strlen(path) > CK_HTTPD_PATH_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    *out = ck_strdup(alloc, path);
    if (*out == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    size_t last = strlen(path) - 1;
    *prefix = path[last] == '*';
    if (*prefix) {
        (*out)[last] = '\0';
    }
    return CHALK_OK;
}

/* NULL stays NULL. */
static int copy_optional(const ck_alloc *alloc, const char *text, char **out)
{
    *out = text != NULL ? ck_strdup(alloc, text) : NULL;
    return text == NULL || *out != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

int ck_httpd_route(ck_httpd *httpd, const char *method, const char *path, ck_httpd_handler handler,
                   void *user)
{
    const ck_alloc *alloc = httpd->loop->alloc;
    if (httpd->route_count == CK_HTTPD_ROUTES_MAX) {
        return CHALK_ERR_LIMIT;
    }
    ck_httpd_route_entry entry = {.handler = handler, .user = user};
    int status = copy_pattern(alloc, path, &entry.path, &entry.prefix);
    if (status == CHALK_OK) {
        status = copy_optional(alloc, method, &entry.method);
    }
    if (status < 0) {
        ck_free(alloc, entry.path);
        return status;
    }
    httpd->routes[httpd->route_count++] = entry;
    return CHALK_OK;
}

int ck_httpd_upload(ck_httpd *httpd, const char *path, uint32_t most_ms,
                    const ck_httpd_upload_events *events, void *user)
{
    if (httpd->upload_count == CK_HTTPD_UPLOADS_MAX) {
        return CHALK_ERR_LIMIT;
    }
    ck_httpd_upload_entry entry = {.most_ms = most_ms, .events = *events, .user = user};
    int status = copy_pattern(httpd->loop->alloc, path, &entry.path, &entry.prefix);
    if (status == CHALK_OK) {
        httpd->uploads[httpd->upload_count++] = entry;
    }
    return status;
}

int ck_httpd_websocket(ck_httpd *httpd, const char *path, const char *protocol,
                       const ck_ws_events *events, const ck_ws_limits *limits, void *user)
{
    const ck_alloc *alloc = httpd->loop->alloc;
    if (httpd->endpoint_count == CK_HTTPD_ROUTES_MAX) {
        return CHALK_ERR_LIMIT;
    }
    ck_httpd_endpoint endpoint = {
        .events = *events, .limits = ck_ws_limits_of(limits), .user = user};
    endpoint.conn_config = ck_ws_conn_config_of(httpd->loop, CK_WS_SERVER, &endpoint.limits);
    int status = copy_pattern(alloc, path, &endpoint.path, &endpoint.prefix);
    if (status == CHALK_OK) {
        status = copy_optional(alloc, protocol, &endpoint.protocol);
    }
    if (status < 0) {
        ck_free(alloc, endpoint.path);
        return status;
    }
    httpd->endpoints[httpd->endpoint_count++] = endpoint;
    return CHALK_OK;
}

const ck_httpd_endpoint *ck_httpd_find_endpoint(const ck_httpd *httpd, const char *path)
{
    for (size_t i = 0; i < httpd->endpoint_count; i++) {
        const ck_httpd_endpoint *endpoint = &httpd->endpoints[i];
        if (ck_httpd_path_fits(endpoint->path, endpoint->prefix, path)) {
            return endpoint;
        }
    }
    return NULL;
}
