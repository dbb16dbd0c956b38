/*
 * A WebSocket server and client of runtime/net, for tests with another implementation:
 *
 *     ws_peer serve [CERTIFICATE KEY]
 *         Prints "ready PORT". /echo echoes; /room does with the subprotocol room.1; /denied and
 *         /busy are refused with 403 and 503. Ends with GET /quit and prints "open N", the sockets
 *         that were open then.
 *     ws_peer connect HOST PORT TARGET [ca=FILE] [protocol=NAME] [ms=CONNECT_MS]
 *         Prints "opened", echoes, closes when it is told "please close CODE", prints
 *         "closed STATUS CODE".
 *
 * Messages have at most 100,000 bytes. Exit code 0, or 1 with the error's name.
 */
#include "runtime/net/httpd.h"
#include "runtime/net/ws_client.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MESSAGE_BYTES 100000u

typedef struct peer {
    ck_loop *loop;
    ck_httpd *httpd;
    ck_listener *listener;
    ck_tls *tls;
    ck_stream *incoming[64]; /* not handed over yet */
    ck_ws *ws;               /* the client's */
    int open;
    bool done;
} peer;

static const ck_ws_limits limits = {.message_bytes = MESSAGE_BYTES};

static int fail(const char *what, int status)
{
    fprintf(stderr, "ws_peer: %s: %s\n", what, chalk_error_name(status));
    return 1;
}

static void run(peer *p)
{
    while (!p->done) {
        struct pollfd ready = {.fd = ck_loop_poll_fd(p->loop), .events = POLLIN};
        (void)poll(&ready, 1, ck_loop_poll_timeout_ms(p->loop));
        (void)ck_loop_poll(p->loop);
    }
}

static void echo(ck_ws *ws, const uint8_t *data, size_t size, bool text)
{
    ck_slice copy = ck_slice_copy(&ck_heap, data, size);
    if (ck_ws_send(ws, &copy, text) < 0) {
        ck_slice_unref(&copy);
        ck_ws_close(ws, 1013);
    }
}

/* ---- the server ---- */

static int on_accept(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    (void)reply;
    (void)user;
    return strcmp(request->path, "/denied") == 0 ? 403
           : strcmp(request->path, "/busy") == 0 ? 503
                                                 : 0;
}

static void on_opened(void *user, ck_ws *ws, const ck_httpd_request *request, void **socket_user)
{
    peer *p = user;
    (void)ws;
    (void)request;
    *socket_user = p;
    p->open++;
}

static void on_message(void *user, ck_ws *ws, const uint8_t *data, size_t size, bool text)
{
    (void)user;
    echo(ws, data, size, text);
}

static void on_closed(void *user, ck_ws *ws, int status)
{
    (void)ws;
    (void)status;
    ((peer *)user)->open--;
}

static void on_quit(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    peer *p = user;
    (void)request;
    (void)ck_httpd_reply_send(reply, 204, NULL, "", 0);
    printf("open %d\n", p->open);
    p->done = true;
}

static void on_first_data(void *user, ck_stream *s, const uint8_t *data, size_t size)
{
    peer *p = user;
    for (size_t i = 0; i < sizeof p->incoming / sizeof p->incoming[0]; i++) {
        if (p->incoming[i] == s && ck_httpd_adopt(p->httpd, &p->incoming[i], data, size) < 0) {
            ck_stream_destroy(&p->incoming[i]);
        }
    }
}

/* What ends before it has said anything gives its place back. */
static void on_gone(void *user, ck_stream *s, int status)
{
    peer *p = user;
    (void)status;
    for (size_t i = 0; i < sizeof p->incoming / sizeof p->incoming[0]; i++) {
        if (p->incoming[i] == s) {
            ck_stream_destroy(&p->incoming[i]);
        }
    }
}

static int on_accepted(void *user, ck_socket socket, const char *address)
{
    peer *p = user;
    (void)address;
    ck_stream_config config = {.loop = p->loop,
                               .events = {.data = on_first_data, .closed = on_gone},
                               .user = p,
                               .tls = p->tls};
    for (size_t i = 0; i < sizeof p->incoming / sizeof p->incoming[0]; i++) {
        if (p->incoming[i] == NULL) {
            return ck_stream_adopt(&config, socket, &p->incoming[i]);
        }
    }
    return CHALK_ERR_LIMIT;
}

static int start_server(peer *p)
{
    static const ck_ws_events events = {
        .accept = on_accept, .opened = on_opened, .message = on_message, .closed = on_closed};
    static const char *const paths[] = {"/echo", "/denied", "/busy"};
    int status = ck_httpd_create(&(ck_httpd_config){.loop = p->loop}, &p->httpd);
    for (size_t i = 0; i < sizeof paths / sizeof paths[0] && status == CHALK_OK; i++) {
        status = ck_httpd_websocket(p->httpd, paths[i], NULL, &events, &limits, p);
    }
    if (status == CHALK_OK) {
        status = ck_httpd_websocket(p->httpd, "/room", "room.1", &events, &limits, p);
    }
    if (status == CHALK_OK) {
        status = ck_httpd_route(p->httpd, "GET", "/quit", on_quit, p);
    }
    ck_listener_config listen = {.loop = p->loop, .accepted = on_accepted, .user = p};
    return status == CHALK_OK ? ck_listener_create(&listen, &p->listener) : status;
}

static int serve(peer *p, const char *certificate, const char *key)
{
    int status = CHALK_OK;
    if (certificate != NULL) {
        status = ck_tls_server_create(&ck_heap, NULL, certificate, key, &p->tls);
    }
    if (status == CHALK_OK) {
        status = start_server(p);
    }
    if (status < 0) {
        return fail("serve", status);
    }
    printf("ready %u\n", ck_listener_port(p->listener));
    fflush(stdout);
    run(p);
    return 0;
}

/* ---- the client ---- */

static void on_client_opened(void *user, ck_ws *ws)
{
    (void)user;
    (void)ws;
    printf("opened\n");
    fflush(stdout);
}

static void on_client_message(void *user, ck_ws *ws, const uint8_t *data, size_t size, bool text)
{
    static const char please[] = "please close ";
    (void)user;
    char told[32] = "";
    if (text && size < sizeof told) {
        memcpy(told, data, size);
    }
    if (strncmp(told, please, sizeof please - 1) == 0) {
        ck_ws_close(ws, (uint16_t)strtoul(told + sizeof please - 1, NULL, 10));
    } else {
        echo(ws, data, size, text);
    }
}

static void on_client_closed(void *user, ck_ws *ws, int status, uint16_t code)
{
    peer *p = user;
    (void)ws;
    printf("closed %s %u\n", chalk_error_name(status), code);
    fflush(stdout);
    p->done = true;
}

static int visit(peer *p, int argc, char **argv)
{
    ck_ws_client_config config = {.loop = p->loop,
                                  .limits = limits,
                                  .events = {.opened = on_client_opened,
                                             .message = on_client_message,
                                             .closed = on_client_closed},
                                  .user = p};
    int status = CHALK_OK;
    for (int i = 5; i < argc; i++) {
        if (strncmp(argv[i], "ca=", 3) == 0) {
            status = ck_tls_client_create(&ck_heap, NULL, argv[i] + 3, &p->tls);
            config.tls = p->tls;
        } else if (strncmp(argv[i], "protocol=", 9) == 0) {
            config.protocol = argv[i] + 9;
        } else if (strncmp(argv[i], "ms=", 3) == 0) {
            config.connect_ms = (uint32_t)strtoul(argv[i] + 3, NULL, 10);
        }
    }
    uint16_t port = (uint16_t)strtoul(argv[3], NULL, 10);
    if (status == CHALK_OK) {
        status = ck_ws_connect(&config, argv[2], port, argv[4], &p->ws);
    }
    if (status < 0) {
        return fail("connect", status);
    }
    run(p);
    return 0;
}

int main(int argc, char **argv)
{
    bool serves = (argc == 2 || argc == 4) && strcmp(argv[1], "serve") == 0;
    bool visits = argc >= 5 && strcmp(argv[1], "connect") == 0;
    if (!serves && !visits) {
        fprintf(stderr,
                "usage: ws_peer serve [CERT KEY] | connect HOST PORT TARGET [NAME=VALUE...]\n");
        return 2;
    }
    peer p = {0};
    int status = ck_loop_create(&(ck_loop_config){.alloc = &ck_heap, .host_driven = true}, &p.loop);
    if (status < 0) {
        return fail("loop", status);
    }
    const char *certificate = serves && argc == 4 ? argv[2] : NULL;
    int code = serves ? serve(&p, certificate, certificate != NULL ? argv[3] : NULL)
                      : visit(&p, argc, argv);
    ck_listener_destroy(&p.listener);
    ck_httpd_destroy(&p.httpd);
    ck_loop_destroy(&p.loop);
    ck_tls_unref(&p.tls);
    return code;
}
