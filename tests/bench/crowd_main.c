/* chalk-bench-crowd: see usage below. */
#include "bench/crowd.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#define PLAYERS_MAX    5000u
#define EVENTS         64
#define MESSAGES_LEAST 3
#define GATHER_US      60000000u
#define WARM_US        1000000u
#define LOOK_US        300000u
#define LOOK_EACH_US   2000u
#define SAMPLES_MAX    (8u << 20)

static const char usage[] =
    "usage: chalk-bench-crowd PORT APP STREAM PLAYERS SECONDS\n"
    "Publishes a made-up stream of 500 kbit/s to an RTMP server on 127.0.0.1 and has PLAYERS play\n"
    "it. Prints \"alone\" when it publishes, \"ready\" when all players have received for a "
    "second, and\n"
    "then, after SECONDS, one JSON object. It stays 0.3 s longer at each of these points.\n";

typedef struct crowd {
    ck_crowd_client publisher;
    ck_crowd_stream stream;
    ck_crowd_client *players;
    uint32_t count;
    int epoll;
    uint64_t due_us;   /* of the publisher's next message */
    uint64_t since_us; /* messages sent before are not counted; 0: none is */
    uint64_t bytes;
    uint32_t *delays_us;
    size_t delay_count;
} crowd;

static void on_arrival(void *user, uint64_t sent_us, size_t bytes)
{
    crowd *c = user;
    if (c->since_us == 0 || sent_us < c->since_us) {
        return;
    }
    c->bytes += bytes;
    if (c->delay_count < SAMPLES_MAX) {
        c->delays_us[c->delay_count++] = (uint32_t)(ck_crowd_now_us() - sent_us);
    }
}

static void ignore_arrival(void *user, uint64_t sent_us, size_t bytes)
{
    (void)user;
    (void)sent_us;
    (void)bytes;
}

static bool watch(crowd *c, ck_crowd_client *client)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    return epoll_ctl(c->epoll, EPOLL_CTL_ADD, client->fd, &event) == 0;
}

/* Reads what has arrived. False when somebody's connection ended. */
static bool read_all(crowd *c)
{
    struct epoll_event events[EVENTS];
    int count = EVENTS;
    while (count == EVENTS) {
        count = epoll_wait(c->epoll, events, EVENTS, 0);
        for (int i = 0; i < count; i++) {
            ck_crowd_client *client = events[i].data.ptr;
            ck_crowd_readable(client, ck_crowd_now_us());
            if (client->failed) {
                fputs("chalk-bench-crowd: a connection ended\n", stderr);
                return false;
            }
        }
    }
    return true;
}

/* Serves everybody until then. It looks at its sockets at times of its own: were it woken by the
 * first byte of each, the server would be charged for waking a process that no real server has
 * beside it. */
static bool serve_until(crowd *c, uint64_t until_us)
{
    for (uint64_t now_us = ck_crowd_now_us(); now_us < until_us; now_us = ck_crowd_now_us()) {
        if (c->publisher.streaming && now_us >= c->due_us) {
            c->due_us = ck_crowd_publish(&c->stream, &c->publisher, now_us);
        }
        uint64_t next_us = CK_MIN(now_us + LOOK_EACH_US, until_us);
        ck_crowd_sleep_until(c->publisher.streaming ? CK_MIN(c->due_us, next_us) : next_us);
        if (!read_all(c)) {
            return false;
        }
        if (c->publisher.failed) {
            fputs("chalk-bench-crowd: the publisher failed\n", stderr);
            return false;
        }
    }
    return true;
}

/* Tells the harness, and gives it time to look at the server. */
static bool tell(crowd *c, const char *word)
{
    puts(word);
    (void)fflush(stdout);
    return serve_until(c, ck_crowd_now_us() + LOOK_US);
}

static bool publish(crowd *c, const ck_crowd_address *to)
{
    c->publisher = (ck_crowd_client){.fd = -1, .arrived = ignore_arrival};
    uint64_t until_us = ck_crowd_now_us() + GATHER_US;
    bool ok = ck_crowd_open(&c->publisher, to, CK_RTMP_PUBLISH, 1) && watch(c, &c->publisher);
    while (ok && c->stream.pictures == 0 && ck_crowd_now_us() < until_us) {
        ok = serve_until(c, ck_crowd_now_us() + 20000);
    }
    return ok && c->stream.pictures > 0;
}

static uint32_t count_without(const crowd *c)
{
    uint32_t without = 0;
    for (uint32_t i = 0; i < c->count; i++) {
        without += c->players[i].messages < MESSAGES_LEAST;
    }
    return without;
}

static bool gather(crowd *c, const ck_crowd_address *to)
{
    for (uint32_t i = 0; i < c->count; i++) {
        ck_crowd_client *player = &c->players[i];
        *player = (ck_crowd_client){.fd = -1, .arrived = on_arrival, .user = c};
        if (!ck_crowd_open(player, to, CK_RTMP_PLAY, 2 + i) || !watch(c, player)) {
            return false;
        }
        if (i % 20 == 19 && !serve_until(c, ck_crowd_now_us() + 5000)) {
            return false;
        }
    }
    uint64_t until_us = ck_crowd_now_us() + GATHER_US;
    for (uint32_t without; (without = count_without(c)) > 0;) {
        if (ck_crowd_now_us() > until_us || !serve_until(c, ck_crowd_now_us() + 50000)) {
            fprintf(stderr, "chalk-bench-crowd: %u players receive nothing\n", without);
            return false;
        }
    }
    return serve_until(c, ck_crowd_now_us() + WARM_US);
}

static int by_size(const void *a, const void *b)
{
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    return (left > right) - (left < right);
}

static void report(crowd *c, double seconds)
{
    qsort(c->delays_us, c->delay_count, sizeof *c->delays_us, by_size);
    size_t last = c->delay_count - 1;
    printf("{\"players\":%u,\"seconds\":%.3f,\"messages\":%zu,\"kbps_each\":%.1f,"
           "\"delay_ms\":%.3f,\"delay_p95_ms\":%.3f,\"delay_max_ms\":%.3f}\n",
           c->count, seconds, c->delay_count, (double)c->bytes * 8 / 1000 / seconds / c->count,
           c->delays_us[last / 2] / 1000.0, c->delays_us[last * 95 / 100] / 1000.0,
           c->delays_us[last] / 1000.0);
    (void)fflush(stdout);
}

static bool measure(crowd *c, uint64_t seconds)
{
    c->since_us = ck_crowd_now_us();
    if (!serve_until(c, c->since_us + seconds * 1000000) || c->delay_count == 0) {
        return false;
    }
    report(c, (double)(ck_crowd_now_us() - c->since_us) / 1e6);
    return serve_until(c, ck_crowd_now_us() + LOOK_US);
}

static bool run(crowd *c, const ck_crowd_address *to, uint64_t seconds)
{
    return publish(c, to) && serve_until(c, ck_crowd_now_us() + WARM_US) && tell(c, "alone") &&
           gather(c, to) && tell(c, "ready") && measure(c, seconds);
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fputs(usage, stderr);
        return 2;
    }
    const ck_crowd_address to = {(uint16_t)strtoul(argv[1], NULL, 10), argv[2], argv[3]};
    crowd c = {.count = (uint32_t)strtoul(argv[4], NULL, 10), .epoll = epoll_create1(0)};
    uint64_t seconds = strtoull(argv[5], NULL, 10);
    if (c.count == 0 || c.count > PLAYERS_MAX || seconds == 0 || c.epoll < 0) {
        fputs(usage, stderr);
        return 2;
    }
    c.players = calloc(c.count, sizeof *c.players);
    c.delays_us = malloc(SAMPLES_MAX * sizeof *c.delays_us);
    bool ok = c.players != NULL && c.delays_us != NULL && run(&c, &to, seconds);
    ck_crowd_close(&c.publisher);
    for (uint32_t i = 0; ok && i < c.count; i++) {
        ck_crowd_close(&c.players[i]);
    }
    free(c.players);
    free(c.delays_us);
    close(c.epoll);
    return ok ? 0 : 1;
}
