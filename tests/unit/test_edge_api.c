/* The edge from outside: options, start, figures, stop. */
#include "base/check.h"
#include "chalkrail/edge.h"
#include "net_certs.h"
#include "support/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char secret[] = "a secret of thirty-two bytes, ok";

static chalk_edge_options open_options(void)
{
    chalk_edge_options options;
    chalk_edge_options_init(&options);
    options.open = 1;
    options.rtmp = "127.0.0.1:0";
    options.http = "127.0.0.1:0";
    return options;
}

CK_TEST(edge_api, wrong_options_are_refused)
{
    static const struct {
        uint32_t open;
        const char *rtmp;
        const char *http;
        const void *secret;
        size_t secret_size;
    } rows[] = {
        {0, "127.0.0.1:0", "127.0.0.1:0", NULL, 0},
        {0, "127.0.0.1:0", "127.0.0.1:0", secret, 15},
        {0, "127.0.0.1:0", "127.0.0.1:0", secret, CHALK_SECRET_MAX + 1},
        {1, "0.0.0.0:0", "127.0.0.1:0", NULL, 0},
        {1, "127.0.0.1:0", "[::]:0", NULL, 0},
        {1, "127.0.0.1", "127.0.0.1:0", NULL, 0},
        {1, "127.0.0.1:0", "localhost", NULL, 0},
        {1, "127.0.0.1:0", "nowhere.example:80", NULL, 0},
        {1, "127.0.0.1:70000", "127.0.0.1:0", NULL, 0},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        chalk_edge *edge = NULL;
        chalk_edge_options options = open_options();
        options.open = rows[i].open;
        options.rtmp = rows[i].rtmp;
        options.http = rows[i].http;
        options.secret = rows[i].secret;
        options.secret_size = rows[i].secret_size;
        CK_CHECK_ROW(i, chalk_edge_create(&options, &edge) == CHALK_ERR_INVALID_ARGUMENT);
        CK_CHECK_ROW(i, edge == NULL);
    }
    CK_CHECK_EQ(chalk_edge_create(NULL, NULL), CHALK_ERR_INVALID_ARGUMENT);
}

CK_TEST(edge_api, tls_wants_a_certificate_and_its_key)
{
    net_certs certs;
    net_certs_make(&certs);
    const struct {
        const char *cert;
        const char *key;
        int status;
    } rows[] = {
        {certs.good, NULL, CHALK_ERR_INVALID_ARGUMENT},
        {NULL, certs.key, CHALK_ERR_INVALID_ARGUMENT},
        {"/nowhere.pem", certs.key, CHALK_ERR_TLS},
        {certs.ca, certs.key, CHALK_ERR_TLS}, /* the key of another */
        {certs.good, certs.key, CHALK_OK},
    };
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        chalk_edge *edge = NULL;
        chalk_edge_options options = open_options();
        options.tls_cert = rows[i].cert;
        options.tls_key = rows[i].key;
        CK_CHECK_ROW(i, chalk_edge_create(&options, &edge) == rows[i].status);
        CK_CHECK_ROW(i, (edge != NULL) == (rows[i].status == CHALK_OK));
        chalk_edge_destroy(&edge);
    }
    net_certs_remove(&certs);
}

CK_TEST(edge_api, it_starts_and_stops_many_times)
{
    for (int i = 0; i < 10; i++) {
        chalk_edge *edge = NULL;
        chalk_edge_options options = open_options();
        CK_CHECK_EQ(chalk_edge_create(&options, &edge), CHALK_OK);
        CK_CHECK(chalk_edge_rtmp_port(edge) > 0 && chalk_edge_http_port(edge) > 0);
        CK_CHECK(chalk_edge_rtmp_port(edge) != chalk_edge_http_port(edge));
        chalk_edge_destroy(&edge);
        CK_CHECK(edge == NULL);
    }
    chalk_edge_destroy(NULL);
}

CK_TEST(edge_api, a_taken_port_is_named_and_the_first_edge_lives_on)
{
    char address[32];
    chalk_edge *first = NULL;
    chalk_edge *second = NULL;
    chalk_edge_options options = open_options();
    CK_CHECK_EQ(chalk_edge_create(&options, &first), CHALK_OK);
    snprintf(address, sizeof address, "127.0.0.1:%d", chalk_edge_rtmp_port(first));
    options.rtmp = address;
    CK_CHECK_EQ(chalk_edge_create(&options, &second), CHALK_ERR_ADDRESS_IN_USE);
    CK_CHECK(second == NULL);
    chalk_edge_destroy(&first);
    CK_CHECK_EQ(chalk_edge_create(&options, &second), CHALK_OK);
    chalk_edge_destroy(&second);
}

CK_TEST(edge_api, an_edge_with_a_secret_may_listen_anywhere)
{
    chalk_edge *edge = NULL;
    chalk_edge_options options = open_options();
    options.open = 0;
    options.rtmp = "0.0.0.0:0";
    options.secret = secret;
    options.secret_size = sizeof secret - 1;
    CK_CHECK_EQ(chalk_edge_create(&options, &edge), CHALK_OK);
    chalk_edge_destroy(&edge);
}

CK_TEST(edge_api, structs_of_an_older_header_are_served)
{
    chalk_edge *edge = NULL;
    chalk_edge_options options = open_options();
    options.struct_size = offsetof(chalk_edge_options, secret);
    options.reader_max_ms = 1; /* behind the end that was declared: not read */
    CK_CHECK_EQ(chalk_edge_create(&options, &edge), CHALK_OK);
    chalk_edge_stats stats;
    memset(&stats, 0xee, sizeof stats);
    stats.struct_size = offsetof(chalk_edge_stats, players);
    CK_CHECK_EQ(chalk_edge_get_stats(edge, &stats), CHALK_OK);
    CK_CHECK_EQ(stats.publishers, 0);
    CK_CHECK_EQ(stats.players, 0xeeeeeeee);
    stats.struct_size = 0;
    CK_CHECK_EQ(chalk_edge_get_stats(edge, &stats), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_edge_rtmp_port(NULL), CHALK_ERR_INVALID_ARGUMENT);
    chalk_edge_destroy(&edge);
}

typedef struct watcher {
    chalk_edge *edge;
    atomic_bool done;
    uint32_t connections_seen;
} watcher;

static void *watch(void *arg)
{
    watcher *w = arg;
    chalk_edge_stats stats = {.struct_size = sizeof stats};
    while (!atomic_load(&w->done)) {
        CK_CHECK_EQ(chalk_edge_get_stats(w->edge, &stats), CHALK_OK);
        if (stats.connections > w->connections_seen) {
            w->connections_seen = stats.connections;
        }
    }
    return NULL;
}

static int connect_to(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    CK_CHECK_EQ(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* Waits for the end of the connection, at most a few seconds. */
static ssize_t read_to_end(int fd, char *out, size_t size)
{
    size_t used = 0;
    ssize_t got = 1;
    struct timeval patience = {.tv_sec = 5};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    while (got > 0 && used < size) {
        got = recv(fd, out + used, size - used, 0);
        used += got > 0 ? (size_t)got : 0;
    }
    return got < 0 ? -1 : (ssize_t)used;
}

CK_TEST(edge_api, figures_are_read_from_another_thread)
{
    static const char request[] =
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    watcher w = {.edge = NULL};
    pthread_t thread;
    chalk_edge_options options = open_options();
    CK_CHECK_EQ(chalk_edge_create(&options, &w.edge), CHALK_OK);
    CK_CHECK_EQ(pthread_create(&thread, NULL, watch, &w), 0);
    for (int i = 0; i < 50; i++) {
        char answer[1024];
        int rtmp = connect_to(chalk_edge_rtmp_port(w.edge));
        int http = connect_to(chalk_edge_http_port(w.edge));
        CK_CHECK_EQ(send(http, request, sizeof request - 1, MSG_NOSIGNAL), sizeof request - 1);
        ssize_t size = read_to_end(http, answer, sizeof answer);
        CK_CHECK(size > 12 && memcmp(answer, "HTTP/1.1 200", 12) == 0);
        close(rtmp);
        close(http);
    }
    atomic_store(&w.done, true);
    pthread_join(thread, NULL);
    CK_CHECK(w.connections_seen > 0);
    chalk_edge_destroy(&w.edge);
}

CK_TEST(edge_api, an_open_edge_is_for_pages_of_this_machine)
{
    static const struct {
        const char *path, *host, *origin, *status;
        bool named; /* in Access-Control-Allow-Origin */
    } rows[] = {
        {"/rooms/a/streams", "localhost", "http://localhost:1", "200", true},
        {"/rooms/a/streams", "127.0.0.1:1", "https://evil.example", "200", false},
        {"/rooms/a/streams", "evil.example", "http://evil.example", "421", false},
        {"/a/b/screen.flv", "localhost", "http://localhost:1", "404", true},
        {"/a/b/screen.flv", "localhost", "https://evil.example", "404", false},
        {"/a/b/screen.flv", "evil.example", "http://evil.example", "421", false},
    };
    chalk_edge *edge = NULL;
    chalk_edge_options options = open_options();
    CK_CHECK_EQ(chalk_edge_create(&options, &edge), CHALK_OK);
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        char request[256], answer[2048];
        int used =
            snprintf(request, sizeof request,
                     "GET %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nConnection: close\r\n\r\n",
                     rows[i].path, rows[i].host, rows[i].origin);
        int http = connect_to(chalk_edge_http_port(edge));
        CK_CHECK_EQ(send(http, request, (size_t)used, MSG_NOSIGNAL), used);
        ssize_t size = read_to_end(http, answer, sizeof answer - 1);
        CK_CHECK_ROW(i, size > 12 && memcmp(answer + 9, rows[i].status, 3) == 0);
        answer[size] = '\0';
        CK_CHECK_ROW(i, (strstr(answer, "Access-Control-Allow-Origin: http://localhost:1\r\n") !=
                         NULL) == rows[i].named);
        CK_CHECK_ROW(i, rows[i].named || strstr(answer, "Access-Control") == NULL);
        close(http);
    }
    chalk_edge_destroy(&edge);
}

/* The name counts in each request of a connection that is kept. */
CK_TEST(edge_api, an_open_edge_looks_at_every_request)
{
    static const struct {
        const char *path, *host, *answer;
    } rows[] = {
        {"/rooms/a/streams", "localhost", "HTTP/1.1 200"},
        {"/rooms/a/streams", "evil.example", "HTTP/1.1 421"},
        {"/metrics", "evil.example", "HTTP/1.1 421"},
        {"/", "evil.example", "HTTP/1.1 421"},
        {"/", "localhost", "HTTP/1.1 200"},
    };
    const size_t count = CK_COUNT_OF(rows);
    chalk_edge *edge = NULL;
    chalk_edge_options options = open_options();
    CK_CHECK_EQ(chalk_edge_create(&options, &edge), CHALK_OK);
    int http = connect_to(chalk_edge_http_port(edge));
    char answer[32768];
    const char *at = answer;
    for (size_t i = 0; i < count; i++) {
        char request[256];
        int used = snprintf(request, sizeof request,
                            "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: %s\r\n\r\n", rows[i].path,
                            rows[i].host, i + 1 < count ? "keep-alive" : "close");
        CK_CHECK_EQ(send(http, request, (size_t)used, MSG_NOSIGNAL), used);
    }
    ssize_t size = read_to_end(http, answer, sizeof answer - 1);
    CK_CHECK(size > 0);
    answer[size] = '\0';
    for (size_t i = 0; i < count; i++) {
        at = strstr(at, "HTTP/1.1");
        CK_CHECK_ROW(i, at != NULL && strncmp(at, rows[i].answer, 12) == 0);
        at++;
    }
    close(http);
    chalk_edge_destroy(&edge);
}

CK_TEST(edge_api, stopping_closes_what_is_open)
{
    chalk_edge *edge = NULL;
    char rest[64];
    chalk_edge_options options = open_options();
    CK_CHECK_EQ(chalk_edge_create(&options, &edge), CHALK_OK);
    int rtmp = connect_to(chalk_edge_rtmp_port(edge));
    int http = connect_to(chalk_edge_http_port(edge));
    chalk_edge_stats stats = {.struct_size = sizeof stats};
    for (int ms = ck_test_patience_ms(10000); stats.connections < 2; ms--) {
        CK_CHECK(ms > 0);
        CK_CHECK_EQ(chalk_edge_get_stats(edge, &stats), CHALK_OK);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    chalk_edge_destroy(&edge);
    CK_CHECK_EQ(recv(rtmp, rest, sizeof rest, MSG_DONTWAIT) > 0, 0);
    CK_CHECK_EQ(recv(http, rest, sizeof rest, MSG_DONTWAIT) > 0, 0);
    close(rtmp);
    close(http);
}
