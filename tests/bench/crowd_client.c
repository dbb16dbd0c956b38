#include "bench/crowd.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define READ_BYTES  65536
#define TIME_DIGITS 16

uint64_t ck_crowd_now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

void ck_crowd_sleep_until(uint64_t at_us)
{
    const struct timespec at = {(time_t)(at_us / 1000000), (long)(at_us % 1000000) * 1000};
    (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}

static int dial(uint16_t port)
{
    const struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int on = 1;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) {
        return -1;
    }
    if (connect(fd, (const struct sockaddr *)&to, sizeof to) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

bool ck_crowd_open(ck_crowd_client *c, const ck_crowd_address *to, enum ck_rtmp_mode mode,
                   uint64_t seed)
{
    char tc_url[256];
    snprintf(tc_url, sizeof tc_url, "rtmp://127.0.0.1:%u/%s", (unsigned)to->port, to->app);
    const ck_rtmp_config config = {
        .alloc = &ck_test_heap,
        .role = CK_RTMP_CLIENT,
        .mode = mode,
        .tc_url = tc_url,
        .app = to->app,
        .stream = to->stream,
    };
    c->fd = dial(to->port);
    if (c->fd < 0 || ck_rtmp_init(&c->rtmp, &config, seed, ck_crowd_now_us()) < 0) {
        fprintf(stderr, "chalk-bench-crowd: no connection to port %u: %s\n", (unsigned)to->port,
                strerror(errno));
        return false;
    }
    ck_crowd_flush(c, ck_crowd_now_us());
    return !c->failed;
}

void ck_crowd_close(ck_crowd_client *c)
{
    ck_rtmp_free(&c->rtmp);
    free(c->unsent);
    if (c->fd >= 0) {
        close(c->fd);
    }
    *c = (ck_crowd_client){.fd = -1};
}

/* Sends what it can; the rest waits in `unsent`. */
static void put(ck_crowd_client *c, const void *data, size_t size)
{
    const uint8_t *at = data;
    while (size > 0 && c->unsent_size == 0) {
        ssize_t sent = send(c->fd, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) {
            c->failed = true;
            return;
        }
        if (sent < 0) {
            break;
        }
        at += sent;
        size -= (size_t)sent;
    }
    if (size == 0) {
        return;
    }
    uint8_t *longer = realloc(c->unsent, c->unsent_size + size);
    if (longer == NULL) {
        c->failed = true;
        return;
    }
    memcpy(longer + c->unsent_size, at, size);
    c->unsent = longer;
    c->unsent_size += size;
}

void ck_crowd_flush(ck_crowd_client *c, uint64_t now_us)
{
    uint8_t *waiting = c->unsent;
    size_t size = c->unsent_size;
    c->unsent = NULL;
    c->unsent_size = 0;
    put(c, waiting, size);
    free(waiting);
    ck_out out;
    while (!c->failed && c->unsent_size == 0 && ck_rtmp_poll_output(c->rtmp, &out, now_us)) {
        put(c, out.head, out.head_size);
        put(c, out.body.data, out.body.size);
        ck_slice_unref(&out.body);
    }
}

/* The time stands in the last bytes, in hexadecimal. */
static uint64_t sent_time(const ck_slice *body)
{
    char digits[TIME_DIGITS + 1] = "";
    if (body->size <= TIME_DIGITS) {
        return 0;
    }
    memcpy(digits, body->data + body->size - TIME_DIGITS, TIME_DIGITS);
    char *end = NULL;
    uint64_t at = strtoull(digits, &end, 16);
    return end == digits + TIME_DIGITS ? at : 0;
}

static void take_events(ck_crowd_client *c)
{
    ck_rtmp_event event;
    while (ck_rtmp_poll_event(c->rtmp, &event)) {
        switch (event.kind) {
        case CK_RTMP_EV_PUBLISH_STARTED:
        case CK_RTMP_EV_PLAY_STARTED:
            c->streaming = true;
            break;
        case CK_RTMP_EV_MEDIA:
            c->messages++;
            c->arrived(c->user, sent_time(&event.media.body), event.media.body.size);
            break;
        case CK_RTMP_EV_CLOSED:
            fprintf(stderr, "chalk-bench-crowd: closed: %s: %s\n",
                    chalk_error_text(event.closed.status), event.closed.text);
            c->failed = true;
            break;
        default:
            break;
        }
        ck_rtmp_event_free(&event);
    }
}

static void feed(ck_crowd_client *c, const uint8_t *data, size_t size, uint64_t now_us)
{
    while (size > 0 && !c->failed) {
        size_t used = 0;
        int status = ck_rtmp_feed(c->rtmp, data, size, now_us, &used);
        take_events(c);
        c->failed = c->failed || status < 0;
        data += used;
        size -= used;
    }
}

void ck_crowd_readable(ck_crowd_client *c, uint64_t now_us)
{
    static uint8_t buffer[READ_BYTES]; /* one thread */
    ssize_t got = recv(c->fd, buffer, sizeof buffer, 0);
    if (got > 0) {
        feed(c, buffer, (size_t)got, now_us);
    } else if (got == 0 || errno != EAGAIN) {
        c->failed = true;
    }
    ck_crowd_flush(c, now_us);
}
