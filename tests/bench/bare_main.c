/*
 * chalk-bench-bare: what sending to many costs when nothing else is done. Opens so many TCP
 * connections on the loopback to a process that reads them, and calls send() on each in turn, a
 * few times a second.
 *
 *     chalk-bench-bare CONNECTIONS BYTES ROUNDS       prints {"send_us": processor time of a send}
 */
#include "base/check.h"
#include "runtime/os/os.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 10000
#define BYTES_MAX       4096
#define EVENTS          256
#define ROUND_NS        250000000

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int listen_anywhere(struct sockaddr_in *address)
{
    socklen_t size = sizeof *address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    *address = (struct sockaddr_in){.sin_family = AF_INET};
    address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || bind(fd, (struct sockaddr *)address, size) < 0 || listen(fd, 4096) < 0 ||
        getsockname(fd, (struct sockaddr *)address, &size) < 0) {
        fail("listen");
    }
    return fd;
}

/* Until it is killed. */
static void read_all(const struct sockaddr_in *address, size_t count)
{
    int epoll = epoll_create1(0);
    struct epoll_event events[EVENTS];
    char data[BYTES_MAX];
    for (size_t i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN};
        event.data.fd = socket(AF_INET, SOCK_STREAM, 0);
        if (event.data.fd < 0 ||
            connect(event.data.fd, (const struct sockaddr *)address, sizeof *address) < 0 ||
            epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event) < 0) {
            fail("connect");
        }
    }
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < ready; i++) {
            (void)recv(events[i].data.fd, data, sizeof data, MSG_DONTWAIT);
        }
    }
}

static double send_rounds(const int *sockets, size_t count, size_t bytes, size_t rounds)
{
    static const char data[BYTES_MAX];
    const struct timespec pause = {.tv_nsec = ROUND_NS};
    uint64_t used_ns = 0;
    for (size_t round = 0; round < rounds; round++) {
        struct timespec began, ended;
        (void)nanosleep(&pause, NULL);
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &began);
        for (size_t i = 0; i < count; i++) {
            if (send(sockets[i], data, bytes, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
                fail("send");
            }
        }
        (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ended);
        used_ns +=
            (uint64_t)((ended.tv_sec - began.tv_sec) * 1000000000 + ended.tv_nsec - began.tv_nsec);
    }
    return (double)used_ns / 1000 / (double)(count * rounds);
}

int main(int argc, char **argv)
{
    static int sockets[CONNECTIONS_MAX];
    size_t count = argc == 4 ? strtoul(argv[1], NULL, 10) : 0;
    size_t bytes = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    size_t rounds = argc == 4 ? strtoul(argv[3], NULL, 10) : 0;
    if (count == 0 || count > CONNECTIONS_MAX || bytes == 0 || bytes > BYTES_MAX || rounds == 0) {
        fprintf(stderr, "usage: chalk-bench-bare CONNECTIONS BYTES ROUNDS\n");
        return 2;
    }
    struct sockaddr_in address;
    int listener = listen_anywhere(&address);
    pid_t reader = fork();
    if (reader == 0) {
        read_all(&address, count);
    }
    for (size_t i = 0; i < count; i++) {
        int one = 1;
        sockets[i] = accept(listener, NULL, NULL);
        if (sockets[i] < 0 ||
            setsockopt(sockets[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) < 0) {
            (void)kill(reader, SIGKILL);
            fail("accept");
        }
    }
    double us = send_rounds(sockets, count, bytes, rounds);
    (void)kill(reader, SIGKILL);
    (void)waitpid(reader, NULL, 0);
    printf("{\"send_us\": %.3f}\n", us);
    return 0;
}
