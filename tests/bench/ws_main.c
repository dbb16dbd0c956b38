/*
 * chalk-bench-ws: a WebSocket server of runtime/net that sends to all who came, and readers of such
 * a server, without the library.
 *
 *     chalk-bench-ws serve
 *         Prints "ready PORT"; from SIGUSR2 on sends 100 bytes to everybody four times a second.
 *     chalk-bench-ws read PORT CONNECTIONS SECONDS
 *         Opens /room so many times, prints "ready", reads for so long, prints {"bytes": N}.
 */
#include "base/check.h"
#include "runtime/net/httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKETS_MAX   16384
#define MESSAGE_BYTES 100
#define TICK_US       (250 * CK_US_PER_MS)
#define EVENTS        256

static int fail(const char *what, const char *why)
{
    fprintf(stderr, "chalk-bench-ws: %s: %s\n", what, why);
    return 1;
}

/* ---- the readers ---- */

static int open_one(uint16_t port)
{
    static const char request[] =
        "GET /room HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
        write(fd, request, sizeof request - 1) == (ssize_t)sizeof request - 1) {
        return fd;
    }
    return -1;
}

typedef struct readers {
    int epoll;
    size_t answered;
    uint64_t bytes; /* behind the answers: nothing is sent before all have theirs */
    bool lost;      /* the server closed one */
} readers;

static void read_some(readers *r, int wait_ms)
{
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(r->epoll, events, EVENTS, wait_ms);
    for (int i = 0; i < ready; i++) {
        uint8_t data[4096];
        ssize_t size = read(events[i].data.fd, data, sizeof data);
        r->lost = r->lost || size <= 0;
        if (size > 0 && memchr(data, '\r', (size_t)size) != NULL) {
            r->answered++;
        } else if (size > 0) {
            r->bytes += (uint64_t)size;
        }
    }
}

static int run_readers(uint16_t port, size_t connections, uint64_t seconds)
{
    readers r = {.epoll = epoll_create1(0)};
    for (size_t i = 0; i < connections; i++) {
        int fd = open_one(port);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (fd < 0 || epoll_ctl(r.epoll, EPOLL_CTL_ADD, fd, &event) < 0) {
            return fail("connect", strerror(errno));
        }
    }
    while (r.answered < connections && !r.lost) {
        read_some(&r, -1);
    }
    printf("ready\n");
    fflush(stdout);
    uint64_t end_us = ck_clock_us() + seconds * CK_US_PER_S;
    for (uint64_t now_us = 0; (now_us = ck_clock_us()) < end_us && !r.lost;) {
        read_some(&r, (int)((end_us - now_us) / CK_US_PER_MS) + 1);
    }
    printf("{\"bytes\": %llu}\n", (unsigned long long)r.bytes);
    return r.lost ? fail("read", "the server closed a connection") : 0;
}

/* ---- the server ---- */

typedef struct site {
    ck_loop *loop;
    ck_httpd *httpd;
    ck_listener *listener;
    ck_stream *incoming[SOCKETS_MAX]; /* not handed over yet */
    ck_ws *sockets[SOCKETS_MAX];
    size_t count;
} site;

static volatile sig_atomic_t told_to_send;

static void on_signal(int number)
{
    (void)number;
    told_to_send = 1;
}

static void on_opened(void *user, ck_ws *ws, const ck_httpd_request *request, void **socket_user)
{
    site *t = user;
    (void)request;
    *socket_user = t;
    if (t->count < SOCKETS_MAX) {
        t->sockets[t->count++] = ws;
    }
}

static void on_closed(void *socket_user, ck_ws *ws, int status)
{
    site *t = socket_user;
    (void)status;
    for (size_t i = 0; i < t->count; i++) {
        if (t->sockets[i] == ws) {
            t->sockets[i] = t->sockets[--t->count];
        }
    }
}

static void on_first_data(void *user, ck_stream *s, const uint8_t *data, size_t size)
{
    site *t = user;
    for (size_t i = 0; i < SOCKETS_MAX; i++) {
        if (t->incoming[i] == s && ck_httpd_adopt(t->httpd, &t->incoming[i], data, size) < 0) {
            ck_stream_destroy(&t->incoming[i]);
        }
    }
}

static int on_accepted(void *user, ck_socket socket, const char *peer)
{
    site *t = user;
    (void)peer;
    ck_stream_config config = {.loop = t->loop, .events = {.data = on_first_data}, .user = t};
    for (size_t i = 0; i < SOCKETS_MAX; i++) {
        if (t->incoming[i] == NULL) {
            return ck_stream_adopt(&config, socket, &t->incoming[i]);
        }
    }
    return CHALK_ERR_LIMIT;
}

static int start(site *t)
{
    static const ck_ws_events events = {.opened = on_opened, .closed = on_closed};
    int status = ck_loop_create(&(ck_loop_config){.host_driven = true}, &t->loop);
    if (status == CHALK_OK) {
        ck_httpd_config httpd = {.loop = t->loop, .connections_max = SOCKETS_MAX};
        status = ck_httpd_create(&httpd, &t->httpd);
    }
    if (status == CHALK_OK) {
        status = ck_httpd_websocket(t->httpd, "/room", NULL, &events, NULL, t);
    }
    if (status == CHALK_OK) {
        ck_listener_config listen = {.loop = t->loop, .accepted = on_accepted, .user = t};
        status = ck_listener_create(&listen, &t->listener);
    }
    return status;
}

static void send_to_all(site *t)
{
    static const uint8_t text[MESSAGE_BYTES] = {'x'};
    ck_slice message = ck_slice_static(text, sizeof text);
    for (size_t i = 0; i < t->count; i++) {
        ck_slice copy = message;
        (void)ck_ws_send(t->sockets[i], &copy, false); /* a full queue shows in what arrives */
    }
}

static int serve(site *t)
{
    struct sigaction action = {.sa_handler = on_signal};
    (void)sigaction(SIGUSR2, &action, NULL);
    int status = start(t);
    if (status < 0) {
        return fail("serve", chalk_error_text(status));
    }
    printf("ready %u\n", ck_listener_port(t->listener));
    fflush(stdout);
    for (uint64_t due_us = 0;;) {
        struct pollfd wait = {.fd = ck_loop_poll_fd(t->loop), .events = POLLIN};
        uint64_t now_us = ck_clock_us();
        if (told_to_send != 0 && now_us >= due_us) {
            send_to_all(t);
            due_us = CK_MAX(due_us + TICK_US, now_us);
        }
        int32_t loop_ms = ck_loop_poll_timeout_ms(t->loop);
        int32_t tick_ms = told_to_send != 0
                              ? (int32_t)((due_us - CK_MIN(now_us, due_us)) / CK_US_PER_MS) + 1
                              : loop_ms;
        (void)poll(&wait, 1, CK_MIN(loop_ms, tick_ms));
        (void)ck_loop_poll(t->loop);
    }
}

int main(int argc, char **argv)
{
    static site t;
    struct rlimit files = {0};
    (void)getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    if (argc == 2 && strcmp(argv[1], "serve") == 0) {
        return serve(&t);
    }
    if (argc == 5 && strcmp(argv[1], "read") == 0) {
        return run_readers((uint16_t)strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10),
                           strtoul(argv[4], NULL, 10));
    }
    fprintf(stderr, "usage: chalk-bench-ws serve | read PORT CONNECTIONS SECONDS\n");
    return 2;
}
