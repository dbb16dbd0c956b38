#include "runtime/net/lws_host.h"

#include "base/check.h"
#include "runtime/os/sigpipe.h"

#include <string.h>

#define SPARE_DESCRIPTORS 8    /* libwebsockets' own, beside the connections */
#define SMALL_SERVER      4096 /* connections; above it the descriptor table is indexed directly */
#define HANDSHAKE_S       15
#define END_TURNS         4 /* see on_ender_closed */

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
                    size_t size)
{
    (void)user;
    ck_lws_host *host = lws_context_user(lws_get_context(wsi));
    if (reason == LWS_CALLBACK_SERVER_NEW_CLIENT_INSTANTIATED && host->adopting != NULL) {
        host->adopting->wsi = wsi;
        lws_set_opaque_user_data(wsi, host->adopting);
        host->adopting = NULL;
        return 0;
    }
    /* Events of the context itself come with a wsi that is no connection. */
    ck_ws *ws = lws_get_opaque_user_data(wsi);
    return ws != NULL ? ck_ws_on_event(ws, reason, in, size) : 0;
}

/* ---- the beginning ---- */

/* The first entry serves those that ask for no protocol; then each name once. */
static int list_protocols(ck_lws_host *host, const ck_httpd *httpd)
{
    size_t count = 1;
    host->protocols[0] = (struct lws_protocols){.name = "none", .callback = on_event};
    for (size_t i = 0; i < httpd->endpoint_count; i++) {
        const char *name = httpd->endpoints[i].protocol;
        bool known = name == NULL;
        for (size_t k = 1; k < count && !known; k++) {
            known = strcmp(host->protocols[k].name, name) == 0;
        }
        if (known) {
            continue;
        }
        char *copy = ck_strdup(host->loop->alloc, name);
        if (copy == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        host->names[count - 1] = copy;
        host->protocols[count] = (struct lws_protocols){.name = copy, .callback = on_event};
        count++;
    }
    return CHALK_OK;
}

static void create_context(void *arg)
{
    ck_lws_host *host = arg;
    void *loops[] = {&host->loop->uv};
    struct lws_context_creation_info info = {
        .port = CONTEXT_PORT_NO_LISTEN_SERVER,
        .gid = -1,
        .uid = -1,
        .options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_EXPLICIT_VHOSTS |
                   LWS_SERVER_OPTION_VALIDATE_UTF8,
        .foreign_loops = loops,
        .user = host,
        .timeout_secs = HANDSHAKE_S,
        .vhost_name = "chalkrail",
        .protocols = host->protocols,
        .retry_and_idle_policy = &host->liveness,
    };
    uint32_t connections_max = host->httpd->connections_max;
    if (connections_max <= SMALL_SERVER) {
        info.fd_limit_per_thread = connections_max + SPARE_DESCRIPTORS;
    }
    host->context = lws_create_context(&info);
    if (host->context != NULL) {
        host->vhost = lws_create_vhost(host->context, &info);
    }
}

static void free_host(ck_lws_host *host)
{
    const ck_alloc *alloc = host->loop->alloc;
    for (size_t i = 0; i < CK_HTTPD_ROUTES_MAX; i++) {
        ck_free(alloc, host->names[i]);
    }
    ck_buf_free(&host->frame);
    ck_free(alloc, host);
}

int ck_lws_host_ensure(ck_httpd *httpd)
{
    if (httpd->lws != NULL) {
        return CHALK_OK;
    }
    const ck_alloc *alloc = httpd->loop->alloc;
    ck_lws_host *host = ck_new(alloc, sizeof *host);
    if (host == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    host->httpd = httpd;
    host->loop = httpd->loop;
    host->liveness.secs_since_valid_ping = CK_WS_PING_S;
    host->liveness.secs_since_valid_hangup = CK_WS_HANG_UP_S;
    ck_list_init(&host->sockets);
    ck_buf_init(&host->frame, alloc, SIZE_MAX / 2);
    int status = list_protocols(host, httpd);
    if (status == CHALK_OK) {
        lws_set_log_level(0, NULL); /* by itself it writes to stderr */
        ck_keep_sigpipe(create_context, host);
        status = host->context != NULL ? CHALK_OK : CHALK_ERR_UNSUPPORTED;
    }
    if (status == CHALK_OK && host->vhost == NULL) {
        status = CHALK_ERR_NO_MEMORY;
    }
    if (status < 0) {
        ck_logf(host->loop->log, 1, "httpd", "libwebsockets cannot start: %s",
                chalk_error_text(status));
        ck_lws_host_destroy(&host);
        return status;
    }
    httpd->lws = host;
    return CHALK_OK;
}

/* ---- the end ---- */

/*
 * On a foreign loop lws_context_destroy only starts to close its handles, and says nothing when
 * they are closed; then it must be called once more. Its connections close in this turn's close
 * phase, its own handles, closed from there, in the next one: a handle of ours that goes through
 * END_TURNS such phases comes after both.
 */
static void on_ender_closed(uv_handle_t *handle)
{
    ck_lws_host *host = handle->data;
    if (++host->end_turns < END_TURNS) {
        (void)uv_idle_init(&host->loop->uv, &host->ender);
        uv_close((uv_handle_t *)&host->ender, on_ender_closed);
        return;
    }
    lws_context_destroy(host->context);
    free_host(host);
}

void ck_lws_host_destroy(ck_lws_host **out)
{
    ck_lws_host *host = *out;
    *out = NULL;
    if (host == NULL) {
        return;
    }
    if (host->context == NULL) {
        free_host(host);
        return;
    }
    ck_ws_end_all(host, CHALK_ERR_CANCELLED);
    host->httpd = NULL;
    lws_context_destroy(host->context);
    (void)uv_idle_init(&host->loop->uv, &host->ender);
    host->ender.data = host;
    uv_close((uv_handle_t *)&host->ender, on_ender_closed);
}
