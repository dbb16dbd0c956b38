/*
 * libwebsockets' context on our loop, made with the first WebSocket. Private to ws_upgrade.c,
 * websocket.c and lws_host.c.
 *
 * The two ways in which libwebsockets 4.1 misbehaves as a guest are dealt with here: it ignores
 * SIGPIPE for the whole process and logs to stderr. See README.md for a third, which is why the
 * HTTP requests themselves are not given to it.
 */
#ifndef CK_RUNTIME_NET_LWS_HOST_H
#define CK_RUNTIME_NET_LWS_HOST_H

#include "runtime/net/httpd_internal.h"

#include <libwebsockets.h>

struct ck_lws_host {
    ck_httpd *httpd; /* NULL once it goes away */
    ck_loop *loop;
    struct lws_context *context;
    struct lws_vhost *vhost;
    struct lws_protocols protocols[CK_HTTPD_ROUTES_MAX + 2];
    char *names[CK_HTTPD_ROUTES_MAX]; /* of protocols, owned */
    lws_retry_bo_t liveness;
    ck_list sockets;                 /* ck_ws */
    ck_ws *adopting;                 /* the one whose wsi is being made */
    const ck_httpd_request *request; /* and what it asked for */
    ck_buf frame;                    /* LWS_PRE bytes of room, then the message being sent */
    uv_idle_t ender;                 /* see lws_host.c */
    int end_turns;
};

/* CHALK_ERR_UNSUPPORTED: libwebsockets was installed without its libuv module. */
int ck_lws_host_ensure(ck_httpd *httpd);

/* ws_upgrade.c and websocket.c share this. */
typedef struct ck_ws_message {
    struct ck_ws_message *next;
    ck_slice payload;
    bool text;
} ck_ws_message;

struct ck_ws {
    ck_list node; /* of ck_lws_host.sockets */
    ck_lws_host *host;
    struct lws *wsi;
    const ck_httpd_endpoint *endpoint;
    char peer[CK_ADDRESS_TEXT_MAX];
    void *user;
    bool open; /* between `opened` and `closed` */
    ck_ws_message *first;
    ck_ws_message *last;
    size_t queued_messages;
    size_t queued_bytes;
    bool was_half_full; /* since the queue was empty last */
    ck_buf incoming;    /* the fragments so far */
    bool closing;       /* by us */
    bool said_goodbye;  /* the closing frame was sent */
    uint16_t close_code;
    int end_status; /* what `closed` will say; DISCONNECTED until something is known */
};

void ck_ws_free(ck_ws *ws); /* drops what is queued, leaves the host's list */

/* websocket.c: an event of a WebSocket; 0, or -1 to close. */
int ck_ws_on_event(ck_ws *ws, enum lws_callback_reasons reason, void *in, size_t size);
void ck_ws_end_all(ck_lws_host *host, int status);

#endif
