#include "load/edge.h"

#include "cli/clock.h"

#include <netdb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define ANSWER_MAX 65536
#define WAIT_S     5
#define HOST_MAX   256

/* "ws://HOST:PORT/..." False: another scheme, or no host. */
static bool split(const char *edge, char host[HOST_MAX], char port[8])
{
    const char *at = strncmp(edge, "ws://", 5) == 0     ? edge + 5
                     : strncmp(edge, "http://", 7) == 0 ? edge + 7
                                                        : NULL;
    if (at == NULL) {
        return false;
    }
    bool bracket = *at == '[';
    at += bracket;
    size_t size = strcspn(at, bracket ? "]" : ":/");
    if (size == 0 || size >= HOST_MAX) {
        return false;
    }
    memcpy(host, at, size);
    host[size] = '\0';
    at += size + bracket;
    (void)snprintf(port, 8, "80");
    if (*at == ':') {
        size = strspn(at + 1, "0123456789");
        (void)snprintf(port, 8, "%.*s", (int)(size < 6 ? size : 6), at + 1);
    }
    return true;
}

static int connect_to(const char *host, const char *port)
{
    const struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    const struct timeval wait = {.tv_sec = WAIT_S};
    struct addrinfo *found = NULL;
    int fd = -1;
    if (getaddrinfo(host, port, &wanted, &found) != 0) {
        return -1;
    }
    for (const struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next) {
        fd = socket(a->ai_family, SOCK_STREAM, 0);
        bool set = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait) == 0 &&
                   setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof wait) == 0;
        if (fd >= 0 && (!set || connect(fd, a->ai_addr, a->ai_addrlen) < 0)) {
            (void)close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

static bool ask(int fd, const char *host, const char *port, char *answer)
{
    char request[HOST_MAX + 128];
    bool v6 = strchr(host, ':') != NULL;
    int size = snprintf(request, sizeof request,
                        "GET /metrics HTTP/1.1\r\nHost: %s%s%s:%s\r\nConnection: close\r\n\r\n",
                        v6 ? "[" : "", host, v6 ? "]" : "", port);
    size_t used = 0;
    const uint64_t until_us = cli_now_us() + WAIT_S * 1000000u; /* also of an answer in drops */
    ssize_t got = send(fd, request, (size_t)size, MSG_NOSIGNAL) == size ? 1 : -1;
    while (got > 0 && used < ANSWER_MAX - 1 && cli_now_us() < until_us) {
        got = recv(fd, answer + used, ANSWER_MAX - 1 - used, 0);
        used += got > 0 ? (size_t)got : 0;
    }
    answer[used] = '\0';
    return strncmp(answer, "HTTP/1.1 200", 12) == 0;
}

/* "name{labels} value" */
static void read_line(const char *line, load_metrics *out)
{
    load_metric *m = &out->metrics[out->count];
    size_t size = strcspn(line, " \n");
    if (strncmp(line, "chalkrail_", 10) == 0 && size < sizeof m->name && line[size] == ' ') {
        char *end;
        memcpy(m->name, line, size);
        m->name[size] = '\0';
        m->value = strtod(line + size, &end);
        out->count += end != line + size;
    }
}

void load_metrics_get(const char *edge, load_metrics *out)
{
    char host[HOST_MAX], port[8];
    out->count = 0;
    char *answer = malloc(ANSWER_MAX);
    int fd = answer != NULL && split(edge, host, port) ? connect_to(host, port) : -1;
    if (fd >= 0 && ask(fd, host, port, answer)) {
        for (char *line = answer; line != NULL && out->count < LOAD_METRICS_MAX;) {
            read_line(line, out);
            line = strchr(line, '\n');
            line = line != NULL ? line + 1 : NULL;
        }
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    free(answer);
}

static double value_of(const load_metrics *m, const char *name)
{
    for (uint32_t i = 0; i < m->count; i++) {
        if (strcmp(m->metrics[i].name, name) == 0) {
            return m->metrics[i].value;
        }
    }
    return 0; /* an edge names a label only once it has counted something */
}

cJSON *load_metrics_between(const load_metrics *before, const load_metrics *after)
{
    cJSON *out = after->count > 0 ? cJSON_CreateObject() : NULL;
    for (uint32_t i = 0; out != NULL && i < after->count; i++) {
        const load_metric *m = &after->metrics[i];
        size_t name = strcspn(m->name, "{");
        bool counter = name > 6 && strncmp(m->name + name - 6, "_total", 6) == 0;
        double was = counter ? value_of(before, m->name) : 0;
        (void)cJSON_AddNumberToObject(out, m->name, m->value - was);
    }
    return out;
}
