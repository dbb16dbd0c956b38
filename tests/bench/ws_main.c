/*
 * chalk-bench-ws: what a WebSocket server of runtime/net costs. A process of its own opens
 * CONNECTIONS plain WebSockets and reads; this one sends all of them a message of 100 bytes four
 * times a second and counts its own processor time, the kernel's on its behalf included, and the
 * private memory that a connection took.
 *
 *     chalk-bench-ws CONNECTIONS SECONDS        prints one line of JSON
 */
#include "base/check.h"
#include "runtime/net/httpd.h"
#include "support/alloc.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE_BYTES 100
#define FRAME_BYTES   (MESSAGE_BYTES + 2)
#define TICK_US       (250 * CK_US_PER_MS)
#define SETTLE_US     (2000 * CK_US_PER_MS)

typedef struct site {
    ck_loop *loop;
    ck_httpd *httpd;
    ck_listener *listener;
    ck_stream **incoming; /* not handed over yet, by slot */
    ck_ws **sockets;
    size_t count;
    size_t wanted;
    uint64_t refused;
} site;

static void fail(const char *what)
{
    fprintf(stderr, "chalk-bench-ws: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* ---- the readers: a process without the library ---- */

static int open_one(uint16_t port)
{
    static const char request[] =
        "GET /room HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
        fail("connect");
    }
    if (write(fd, request, sizeof request - 1) != (ssize_t)sizeof request - 1) {
        fail("request");
    }
    return fd;
}

/* Reads until the server has gone, and tells how many bytes came behind the answers. An answer is
 * read whole: nothing else is sent before all are open. */
static void read_all(uint16_t port, size_t connections, int tell)
{
    int epoll = epoll_create1(0);
    for (size_t i = 0; i < connections; i++) {
        int fd = open_one(port);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        (void)epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
    uint64_t received = 0;
    size_t open = connections;
    while (open > 0) {
        struct epoll_event events[256];
        int ready = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < ready; i++) {
            uint8_t data[4096];
            ssize_t size = read(events[i].data.fd, data, sizeof data);
            if (size <= 0) {
                close(events[i].data.fd);
                open--;
            } else {
                received += memchr(data, '\r', (size_t)size) == NULL ? (uint64_t)size : 0;
            }
        }
    }
    if (write(tell, &received, sizeof received) != sizeof received) {
        fail("tell");
    }
}

/* ---- the server ---- */

static void on_opened(void *user, ck_ws *ws, const ck_httpd_request *request, void **socket_user)
{
    site *t = user;
    (void)request;
    *socket_user = t;
    t->sockets[t->count++] = ws;
}

static void on_first_data(void *user, ck_stream *s, const uint8_t *data, size_t size)
{
    site *t = user;
    for (size_t i = 0; i < t->wanted; i++) {
        if (t->incoming[i] == s && ck_httpd_adopt(t->httpd, &t->incoming[i], data, size) < 0) {
            fail("adopt");
        }
    }
}

static int on_accepted(void *user, ck_socket socket, const char *peer)
{
    site *t = user;
    (void)peer;
    size_t slot = 0;
    while (slot < t->wanted && t->incoming[slot] != NULL) {
        slot++;
    }
    ck_stream_config config = {.loop = t->loop, .events = {.data = on_first_data}, .user = t};
    return ck_stream_adopt(&config, socket, &t->incoming[slot]);
}

static void start(site *t, size_t connections)
{
    static const ck_ws_events events = {.opened = on_opened};
    t->wanted = connections;
    t->sockets = calloc(connections, sizeof *t->sockets);
    t->incoming = calloc(connections + 1, sizeof *t->incoming);
    ck_loop_config loop = {.alloc = &ck_heap, .host_driven = true};
    int status = ck_loop_create(&loop, &t->loop);
    ck_httpd_config httpd = {.loop = t->loop, .connections_max = (uint32_t)connections + 16};
    status = status == CHALK_OK ? ck_httpd_create(&httpd, &t->httpd) : status;
    if (status == CHALK_OK) {
        status = ck_httpd_websocket(t->httpd, "/room", NULL, &events, NULL, t);
    }
    ck_listener_config listen = {.loop = t->loop, .accepted = on_accepted, .user = t};
    status = status == CHALK_OK ? ck_listener_create(&listen, &t->listener) : status;
    if (status < 0 || t->sockets == NULL || t->incoming == NULL) {
        fail(chalk_error_text(status));
    }
}

static void step(site *t, int32_t wait_ms)
{
    struct pollfd wait = {.fd = ck_loop_poll_fd(t->loop), .events = POLLIN};
    int32_t due_ms = ck_loop_poll_timeout_ms(t->loop);
    (void)poll(&wait, 1, CK_MIN(wait_ms, due_ms));
    (void)ck_loop_poll(t->loop);
}

static void run_until(site *t, uint64_t until_us)
{
    for (uint64_t now_us = ck_clock_us(); now_us < until_us; now_us = ck_clock_us()) {
        step(t, (int32_t)((until_us - now_us) / CK_US_PER_MS) + 1);
    }
}

static double processor_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double private_kb(void)
{
    char line[128];
    double sum = 0;
    double kb = 0;
    FILE *file = fopen("/proc/self/smaps_rollup", "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "Private_Dirty: %lf", &kb) == 1) {
            sum += kb;
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    return sum;
}

static void tick(site *t, uint64_t number)
{
    uint8_t text[MESSAGE_BYTES];
    memset(text, 'a' + (int)(number % 26), sizeof text);
    ck_slice message = ck_slice_copy(&ck_heap, text, sizeof text);
    for (size_t i = 0; i < t->count; i++) {
        ck_slice copy = ck_slice_ref(message);
        t->refused += ck_ws_send(t->sockets[i], &copy, true) < 0;
        ck_slice_unref(&copy);
    }
    ck_slice_unref(&message);
}

static uint64_t measure(site *t, uint64_t seconds)
{
    uint64_t begin_us = ck_clock_us();
    uint64_t ticks = seconds * 1000000u / TICK_US;
    double idle_us = processor_us();
    run_until(t, begin_us + SETTLE_US);
    idle_us = (processor_us() - idle_us) / (double)SETTLE_US;
    begin_us += SETTLE_US;
    double used_us = processor_us();
    for (uint64_t i = 0; i < ticks; i++) {
        tick(t, i);
        run_until(t, begin_us + (i + 1) * TICK_US);
    }
    used_us = processor_us() - used_us - idle_us * (double)(ticks * TICK_US);
    printf("{\"connections\": %zu, \"deliveries\": %.0f, \"us_per_delivery\": %.2f, ", t->count,
           (double)(ticks * t->count), used_us / (double)(ticks * t->count));
    return ticks * t->count;
}

static void stop(site *t)
{
    ck_listener_destroy(&t->listener);
    ck_httpd_destroy(&t->httpd);
    ck_loop_destroy(&t->loop);
    free(t->sockets);
    free(t->incoming);
}

int main(int argc, char **argv)
{
    size_t connections = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    uint64_t seconds = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    if (connections == 0 || seconds == 0) {
        fprintf(stderr, "usage: chalk-bench-ws CONNECTIONS SECONDS\n");
        return 2;
    }
    struct rlimit files = {0};
    (void)getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
    site t = {0};
    int told[2];
    start(&t, connections);
    uint16_t port = ck_listener_port(t.listener);
    if (pipe(told) < 0) {
        fail("pipe");
    }
    pid_t reader = fork();
    if (reader == 0) {
        read_all(port, connections, told[1]);
        _exit(0);
    }
    double before_kb = private_kb(); /* what was there before is shared with the reader now */
    while (t.count < connections) {
        step(&t, 1000);
    }
    run_until(&t, ck_clock_us() + SETTLE_US);
    double after_kb = private_kb();
    uint64_t sent = measure(&t, seconds);
    stop(&t);
    uint64_t received = 0;
    bool whole = read(told[0], &received, sizeof received) == sizeof received;
    (void)waitpid(reader, NULL, 0);
    printf("\"kb_per_connection\": %.2f, \"refused\": %llu, \"arrived\": %.4f}\n",
           (after_kb - before_kb) / (double)connections, (unsigned long long)t.refused,
           (double)received / (double)(sent * FRAME_BYTES));
    return whole ? 0 : 1;
}
