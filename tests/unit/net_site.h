/*
 * A web site for tests: an HTTP server with a few pages and two WebSockets, behind a listener, and
 * clients that speak bytes.
 */
#ifndef CK_TESTS_NET_SITE_H
#define CK_TESTS_NET_SITE_H

#include "net_support.h"
#include "runtime/net/httpd.h"

#define SITE_LARGE (3u << 20) /* bytes of /large */

typedef struct site {
    ck_loop *loop;
    ck_httpd *httpd;
    ck_listener *listener;
    ck_stream *incoming;
    ck_tls *server_tls; /* NULL: plain */
    ck_tls *client_tls;
    size_t hand_over_at; /* bytes read before the hand-over; 0: what came first */
    int adopt_status;
    uint32_t request_ms;
    int handled;
    char seen[600];   /* what the handler saw */
    const char *host; /* that a WebSocket's request names; NULL: "test" */
    ck_ws *ws;
    int ws_opened;
    int ws_closed;
    int ws_status;
    int ws_drained;
    int ws_messages;
    size_t ws_last_size;
    bool ws_last_text;
    bool ws_echo;
} site;

/* At most four connections. Pages: GET, POST /show; any /any/...; GET /forgetful, whose handler
 * does not answer; GET /large. WebSockets: /room, and /board with the protocol board.v1, both for
 * ?token=good alone. */
void site_start(site *t);
void site_stop(site *t);
/* A stream's first bytes, and the stream with them, go to the server; `user` is the site. */
void site_on_first_data(void *user, ck_stream *s, const uint8_t *data, size_t size);

void site_visit(site *t, net_record *client); /* connected, recorded */
void site_say(net_record *client, const void *data, size_t size);
void site_say_text(net_record *client, const char *text);
void site_forget(net_record *client);

typedef struct hearing {
    net_record *client;
    const char *text; /* that the answer has to end with */
} hearing;

bool site_has_heard(void *hearing_);
bool site_has_heard_or_ended(void *hearing_);
bool site_contains(const net_record *client, const char *text);
bool site_has_head(void *record); /* a head and a short body leave in one write */
bool site_has_none(void *site_);  /* no connection */

#endif
