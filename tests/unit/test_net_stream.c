/* Opening, ending and breaking plain TCP streams, on real sockets of the loopback. */
#include "net_support.h"
#include "support/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct pair {
    ck_loop *loop;
    net_server server;
    net_record client;
} pair;

static void open_pair(pair *p)
{
    p->loop = net_loop();
    net_server_start(&p->server, p->loop);
    net_connect_both(&p->client, &p->server, NULL);
}

static void close_pair(pair *p)
{
    net_record_clear(&p->client);
    net_server_stop(&p->server);
    ck_loop_destroy(&p->loop);
}

static void write_text(net_record *r, const char *text)
{
    CK_CHECK_EQ(ck_stream_write_copy(r->stream, text, strlen(text)), CHALK_OK);
}

typedef struct wanted {
    const net_record *record;
    uint64_t bytes;
} wanted;

static bool has_received(void *arg)
{
    const wanted *w = arg;
    return w->record->received >= w->bytes;
}

/* A peer that leaves Nagle's algorithm on holds what is small back until what it sent is
 * acknowledged. */
CK_TEST(net_stream, what_comes_is_acknowledged_at_once)
{
    ck_loop *loop = net_loop();
    net_record client = {0};
    ck_socket listener = CK_SOCKET_NONE, peer = CK_SOCKET_NONE;
    CK_CHECK_EQ(ck_socket_listen("127.0.0.1", 0, 8, &listener), CHALK_OK);
    const ck_stream_config config = {
        .loop = loop, .events = net_events, .user = &client, .acknowledges = true};
    CK_CHECK_EQ(
        ck_stream_connect(&config, "127.0.0.1", ck_socket_local_port(listener), &client.stream),
        CHALK_OK);
    while (client.opened == 0) {
        net_step(loop);
    }
    CK_CHECK_EQ(ck_socket_accept(listener, &peer), CHALK_OK);
    /* Questions and answers: whoever talks so delays acknowledgements, to send them with the next
     * question. */
    for (uint64_t i = 1; i <= 20; i++) {
        uint8_t asked[8];
        size_t size = 0, unsent = 0, unacked = 0;
        write_text(&client, "?");
        while (ck_socket_receive(peer, asked, sizeof asked, &size) != CHALK_OK) {
            net_step(loop);
        }
        CK_CHECK_EQ(ck_socket_send(peer, &(ck_io_piece){"!", 1}, 1, &size), CHALK_OK);
        net_wait(loop, has_received, &(wanted){&client, i});
        ck_socket_kernel_queue(peer, &unsent, &unacked);
        CK_CHECK_ROW(i, unacked == 0);
    }
    ck_socket_close(&peer);
    ck_socket_close(&listener);
    net_record_clear(&client);
    ck_loop_destroy(&loop);
}

/* ---- opening ---- */

CK_TEST(net_stream, echoes_and_ends_in_order)
{
    pair p = {.server.record.echo = true, .server.record.close_on_end = true, .client.keep = true};
    open_pair(&p);
    CK_CHECK(strncmp(p.server.peer, "127.0.0.1:", 10) == 0);
    CK_CHECK_STR(ck_stream_peer(p.server.record.stream), p.server.peer);
    write_text(&p.client, "hello, ");
    write_text(&p.client, "world");
    net_wait(p.loop, has_received, &(wanted){&p.client, 12});
    CK_CHECK_MEM(p.client.data, "hello, world", 12);

    ck_stream_close(p.client.stream, 5000, CHALK_OK);
    CK_CHECK_EQ(p.client.closed, 0);
    CK_CHECK_EQ(ck_stream_write_copy(p.client.stream, "x", 1), CHALK_ERR_BAD_STATE);
    net_wait(p.loop, net_is_closed, &p.client);
    net_wait(p.loop, net_is_closed, &p.server.record);
    CK_CHECK_EQ(p.client.status, CHALK_OK);
    CK_CHECK_EQ(p.server.record.status, CHALK_OK);
    CK_CHECK_EQ(p.server.record.ended, 1);
    net_settle(p.loop);
    CK_CHECK_EQ(p.client.closed, 1);
    close_pair(&p);
}

CK_TEST(net_stream, what_is_written_before_it_is_open_leaves_then)
{
    ck_loop *loop = net_loop();
    net_server server = {.record.keep = true};
    net_server_start(&server, loop);
    net_record client = {0};
    net_connect(&client, &server, NULL);
    write_text(&client, "early");
    CK_CHECK_EQ(ck_stream_unsent(client.stream), 5);
    net_wait(loop, has_received, &(wanted){&server.record, 5});
    CK_CHECK_MEM(server.record.data, "early", 5);
    net_record_clear(&client);
    net_server_stop(&server);
    ck_loop_destroy(&loop);
}

/* A name with both families, of which the second answers. */
CK_TEST(net_stream, connects_by_name)
{
    ck_loop *loop = net_loop();
    net_server server = {0};
    net_server_start(&server, loop);
    net_record client = {0};
    ck_stream_config config = {.loop = loop, .events = net_events, .user = &client};
    CK_CHECK_EQ(ck_stream_connect(&config, "localhost", net_server_port(&server), &client.stream),
                CHALK_OK);
    net_wait(loop, net_is_opened, &client);
    net_record_clear(&client);
    net_server_stop(&server);
    ck_loop_destroy(&loop);
}

CK_TEST(net_stream, calls_with_wrong_arguments_are_refused_at_once)
{
    ck_loop *loop = net_loop();
    ck_stream *s = NULL;
    char long_name[CK_HOST_MAX + 2];
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[sizeof long_name - 1] = '\0';
    ck_stream_config config = {.loop = loop};
    CK_CHECK_EQ(ck_stream_connect(&config, "127.0.0.1", 0, &s), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_stream_connect(&config, NULL, 80, &s), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_stream_connect(&config, "", 80, &s), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_stream_connect(&config, long_name, 80, &s), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(ck_stream_adopt(&config, CK_SOCKET_NONE, &s), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK(s == NULL);
    ck_loop_destroy(&loop);
}

/* ---- failing to open ---- */

static void expect_failure(ck_loop *loop, const char *host, uint16_t port, uint32_t timeout_ms,
                           int expected)
{
    net_record client = {0};
    ck_stream_config config = {
        .loop = loop, .events = net_events, .user = &client, .connect_timeout_ms = timeout_ms};
    CK_CHECK_EQ(ck_stream_connect(&config, host, port, &client.stream), CHALK_OK);
    CK_CHECK_EQ(client.closed, 0);
    net_wait(loop, net_is_closed, &client);
    CK_CHECK_EQ(client.status, expected);
    CK_CHECK_EQ(client.opened, 0);
    net_settle(loop);
    CK_CHECK_EQ(client.closed, 1);
    net_record_clear(&client);
}

CK_TEST(net_stream, a_closed_port_refuses)
{
    ck_loop *loop = net_loop();
    net_server server = {0};
    net_server_start(&server, loop);
    uint16_t port = net_server_port(&server);
    net_server_stop(&server);
    expect_failure(loop, "127.0.0.1", port, 0, CHALK_ERR_REFUSED);
    expect_failure(loop, "::1", port, 0, CHALK_ERR_REFUSED);
    expect_failure(loop, "localhost", port, 0, CHALK_ERR_REFUSED);
    ck_loop_destroy(&loop);
}

CK_TEST(net_stream, a_name_without_an_address_is_unresolved)
{
    ck_loop *loop = net_loop();
    /* RFC 6761 6.4: "invalid" never resolves; a label over 63 bytes cannot even be asked for. */
    expect_failure(loop, "nowhere.invalid", 80, 0, CHALK_ERR_NAME_UNRESOLVED);
    expect_failure(loop, "a..b", 80, 0, CHALK_ERR_NAME_UNRESOLVED);
    ck_loop_destroy(&loop);
}

/* A listener whose backlog is full drops what knocks: nobody answers. */
typedef struct deaf {
    int listener;
    int knocking[8];
    uint16_t port;
} deaf;

static void start_deaf(deaf *d)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    d->listener = socket(AF_INET, SOCK_STREAM, 0);
    CK_CHECK_EQ(bind(d->listener, (struct sockaddr *)&address, sizeof address), 0);
    CK_CHECK_EQ(listen(d->listener, 0), 0);
    CK_CHECK_EQ(getsockname(d->listener, (struct sockaddr *)&address, &size), 0);
    d->port = ntohs(address.sin_port);
    for (size_t i = 0; i < sizeof d->knocking / sizeof *d->knocking; i++) {
        ck_socket out = CK_SOCKET_NONE;
        (void)ck_socket_connect((struct sockaddr *)&address, &out);
        d->knocking[i] = (int)out;
    }
}

static void stop_deaf(deaf *d)
{
    for (size_t i = 0; i < sizeof d->knocking / sizeof *d->knocking; i++) {
        close(d->knocking[i]);
    }
    close(d->listener);
}

CK_TEST(net_stream, nobody_answering_is_a_timeout)
{
    ck_loop *loop = net_loop();
    deaf d;
    start_deaf(&d);
    uint64_t before_us = ck_clock_us();
    expect_failure(loop, "127.0.0.1", d.port, 150, CHALK_ERR_TIMEOUT);
    CK_CHECK(ck_clock_us() - before_us >= 150 * CK_US_PER_MS);
    stop_deaf(&d);
    ck_loop_destroy(&loop);
}

/* Closed or destroyed at each step of opening, by name and by address. */
CK_TEST(net_stream, is_closed_or_destroyed_while_it_connects)
{
    static const char *const hosts[] = {"127.0.0.1", "localhost", "nowhere.invalid"};
    for (size_t steps = 0; steps < 6; steps++) {
        for (size_t i = 0; i < 6; i++) {
            ck_loop *loop = net_loop();
            deaf d;
            start_deaf(&d);
            net_record client = {0};
            ck_stream_config config = {.loop = loop, .events = net_events, .user = &client};
            CK_CHECK_EQ(ck_stream_connect(&config, hosts[i / 2], d.port, &client.stream), CHALK_OK);
            for (size_t n = 0; n < steps; n++) {
                CK_CHECK_EQ(ck_loop_poll(loop), CHALK_OK);
            }
            if (i % 2 == 0 && client.closed == 0) {
                ck_stream_close(client.stream, 1000, CHALK_ERR_CANCELLED);
                net_wait(loop, net_is_closed, &client);
                CK_CHECK_EQ(client.status, CHALK_ERR_CANCELLED);
            }
            net_record_clear(&client);
            net_settle(loop);
            CK_CHECK_ROW(steps, client.closed == 0);
            stop_deaf(&d);
            ck_loop_destroy(&loop);
        }
    }
}

CK_TEST(net_stream, the_loop_takes_its_streams_with_it)
{
    pair p = {0};
    open_pair(&p);
    net_record dialling = {0};
    ck_listener_pause(p.server.listener);
    net_connect(&dialling, &p.server, NULL);
    write_text(&p.client, "never arrives");
    ck_loop_destroy(&p.loop);
    CK_CHECK(p.client.closed == 1 && p.client.status == CHALK_ERR_CANCELLED);
    CK_CHECK(p.server.record.closed == 1 && p.server.record.status == CHALK_ERR_CANCELLED);
    CK_CHECK(dialling.closed == 1 && dialling.status == CHALK_ERR_CANCELLED);
}

/* ---- ending ---- */

CK_TEST(net_stream, half_closed_it_still_writes)
{
    pair p = {.client.keep = true};
    open_pair(&p);
    /* The client ends its direction and waits; the server answers afterwards, then ends too. */
    ck_stream_close(p.client.stream, 10000, CHALK_OK);
    net_wait(p.loop, net_is_ended, &p.server.record);
    CK_CHECK_EQ(p.server.record.closed, 0);
    write_text(&p.server.record, "thrown away by the one who closed");
    ck_stream_close(p.server.record.stream, 10000, CHALK_ERR_END);
    net_wait(p.loop, net_is_closed, &p.client);
    net_wait(p.loop, net_is_closed, &p.server.record);
    CK_CHECK_EQ(p.client.status, CHALK_OK);
    CK_CHECK_EQ(p.client.received, 0);
    CK_CHECK_EQ(p.server.record.status, CHALK_ERR_END);
    close_pair(&p);
}

CK_TEST(net_stream, without_ended_it_closes_by_itself)
{
    pair p = {.server.config.events = net_events_plain};
    open_pair(&p);
    write_text(&p.server.record, "last words");
    ck_stream_close(p.client.stream, 10000, CHALK_OK);
    net_wait(p.loop, net_is_closed, &p.server.record);
    CK_CHECK_EQ(p.server.record.status, CHALK_ERR_PEER_CLOSED);
    net_wait(p.loop, net_is_closed, &p.client);
    close_pair(&p);
}

static void reset_peer(net_record *r)
{
    ck_socket socket = CK_SOCKET_NONE;
    net_take_socket(r, &socket);
    ck_socket_reset(&socket);
}

CK_TEST(net_stream, a_reset_is_a_lost_connection)
{
    pair p = {0};
    open_pair(&p);
    reset_peer(&p.server.record);
    net_wait(p.loop, net_is_closed, &p.client);
    CK_CHECK_EQ(p.client.status, CHALK_ERR_DISCONNECTED);
    close_pair(&p);
}

CK_TEST(net_stream, what_came_before_a_reset_is_delivered)
{
    pair p = {.client.keep = true};
    open_pair(&p);
    ck_stream_pause(p.client.stream);
    write_text(&p.server.record, "still counts");
    ck_stream_flush(p.server.record.stream);
    reset_peer(&p.server.record);
    ck_stream_resume(p.client.stream);
    net_wait(p.loop, net_is_closed, &p.client);
    CK_CHECK_EQ(p.client.status, CHALK_ERR_DISCONNECTED);
    CK_CHECK_EQ(p.client.size, 12);
    close_pair(&p);
}

/* Finding out by writing must not cost what is there to be read. */
CK_TEST(net_stream, what_came_before_a_reset_survives_a_write)
{
    enum { BYTES = 400000 };
    static char much[BYTES];
    enum { QUEUED, ECHOED, AT_ONCE, WAYS };
    for (int way = 0; way < WAYS; way++) {
        pair p = {.client.echo = way == ECHOED};
        ck_stream_stats stats;
        open_pair(&p);
        ck_stream_pause(p.client.stream);
        ck_stream_pause(p.server.record.stream);
        write_text(&p.client, "never read");
        ck_stream_flush(p.client.stream);
        CK_CHECK_EQ(ck_stream_write_copy(p.server.record.stream, much, BYTES), CHALK_OK);
        ck_stream_flush(p.server.record.stream);
        ck_stream_get_stats(p.server.record.stream, &stats);
        /* A reset drops the rest there. */
        uint64_t arrived = stats.sent - ck_stream_in_kernel(p.server.record.stream).unsent;
        CK_CHECK(arrived > 0);
        ck_stream_destroy(&p.server.record.stream); /* with unread bytes: a reset */
        if (way == AT_ONCE) {
            ck_out out = {.body = ck_slice_static("anybody there?", 14)};
            CK_CHECK_EQ(ck_stream_send_out(p.client.stream, &out), CHALK_OK);
        } else {
            write_text(&p.client, "anybody there?");
            ck_stream_flush(p.client.stream);
        }
        ck_stream_resume(p.client.stream);
        net_wait(p.loop, net_is_closed, &p.client);
        CK_CHECK_EQ(p.client.status, CHALK_ERR_DISCONNECTED);
        CK_CHECK_EQ(p.client.received, arrived);
        close_pair(&p);
    }
}

static volatile sig_atomic_t pipe_signals;

static void on_pipe_signal(int number)
{
    (void)number;
    pipe_signals++;
}

/* The case that raises SIGPIPE with a plain write(): the peer ended, then reset. */
CK_TEST(net_stream, writing_to_the_dead_raises_no_signal)
{
    pair p = {0};
    struct sigaction action = {.sa_handler = on_pipe_signal};
    CK_CHECK_EQ(sigaction(SIGPIPE, &action, NULL), 0);
    open_pair(&p);
    ck_socket socket = CK_SOCKET_NONE;
    net_take_socket(&p.server.record, &socket);
    ck_socket_shutdown_send(socket);
    net_wait(p.loop, net_is_ended, &p.client);
    ck_socket_reset(&socket);
    write_text(&p.client, "anybody there?");
    net_wait(p.loop, net_is_closed, &p.client);
    CK_CHECK_EQ(p.client.status, CHALK_ERR_DISCONNECTED);
    CK_CHECK_EQ(pipe_signals, 0);
    close_pair(&p);
}

CK_TEST(net_stream, a_stream_may_be_destroyed_in_its_own_data)
{
    pair p = {.server.record.destroy_on_data = true};
    open_pair(&p);
    write_text(&p.client, "go away");
    net_wait(p.loop, net_is_ended, &p.client);
    CK_CHECK(p.server.record.stream == NULL);
    CK_CHECK_EQ(p.server.record.closed, 0);
    close_pair(&p);
}

/* ---- deadlines ---- */

CK_TEST(net_stream, silence_is_a_timeout)
{
    pair p = {.server.config.read_timeout_ms = 80};
    open_pair(&p);
    uint64_t before_us = ck_clock_us();
    write_text(&p.client, "one sign of life");
    net_wait(p.loop, net_is_closed, &p.server.record);
    CK_CHECK_EQ(p.server.record.status, CHALK_ERR_TIMEOUT);
    CK_CHECK(ck_clock_us() - before_us >= 79 * CK_US_PER_MS);
    CK_CHECK_EQ(p.client.closed, 0);
    close_pair(&p);
}

CK_TEST(net_stream, while_paused_silence_is_ours)
{
    pair p = {.server.config.read_timeout_ms = 20, .server.record.pause_on_data = true};
    open_pair(&p);
    write_text(&p.client, "stop");
    net_wait(p.loop, has_received, &(wanted){&p.server.record, 4});
    write_text(&p.client, "more");
    net_settle(p.loop);
    CK_CHECK(p.client.closed == 0 && p.server.record.closed == 0);
    CK_CHECK_EQ(ck_loop_poll_timeout_ms(p.loop), INT32_MAX); /* no deadline runs */
    CK_CHECK_EQ(p.server.record.received, 4);
    p.server.record.pause_on_data = false;
    ck_stream_resume(p.server.record.stream);
    net_wait(p.loop, has_received, &(wanted){&p.server.record, 8});
    close_pair(&p);
}

CK_TEST(net_stream, a_peer_that_never_answers_the_end_is_left)
{
    pair p = {0};
    open_pair(&p);
    ck_stream_pause(p.server.record.stream); /* does not see the FIN */
    ck_stream_close(p.client.stream, 50, CHALK_OK);
    net_wait(p.loop, net_is_closed, &p.client);
    CK_CHECK_EQ(p.client.status, CHALK_OK); /* everything was sent */
    close_pair(&p);
}

/* ---- listening ---- */

CK_TEST(net_stream, a_listener_says_why_it_cannot)
{
    ck_loop *loop = net_loop();
    net_server server = {0};
    net_server_start(&server, loop);
    ck_listener *l = NULL;
    ck_listener_config config = {.loop = loop, .port = net_server_port(&server)};
    CK_CHECK_EQ(ck_listener_create(&config, &l), CHALK_ERR_ADDRESS_IN_USE);
    config.address = "not an address";
    CK_CHECK_EQ(ck_listener_create(&config, &l), CHALK_ERR_INVALID_ARGUMENT);
    config.address = "192.0.2.1"; /* RFC 5737: nobody's, so not this machine's */
    CK_CHECK_EQ(ck_listener_create(&config, &l), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK(l == NULL);
    net_server_stop(&server);
    ck_loop_destroy(&loop);
}

static int refuse(void *user, ck_socket socket, const char *peer)
{
    (void)socket;
    (void)peer;
    (*(int *)user)++;
    return CHALK_ERR_LIMIT;
}

CK_TEST(net_stream, a_refused_newcomer_is_closed_and_a_paused_listener_waits)
{
    ck_loop *loop = net_loop();
    int refused = 0;
    ck_listener *l = NULL;
    ck_listener_config config = {.loop = loop, .accepted = refuse, .user = &refused};
    CK_CHECK_EQ(ck_listener_create(&config, &l), CHALK_OK);
    ck_listener_pause(l);
    net_record client = {0};
    ck_stream_config stream = {.loop = loop, .events = net_events, .user = &client};
    CK_CHECK_EQ(ck_stream_connect(&stream, "127.0.0.1", ck_listener_port(l), &client.stream),
                CHALK_OK);
    net_wait(loop, net_is_opened, &client); /* by the kernel's backlog */
    net_settle(loop);
    CK_CHECK_EQ(refused, 0);
    ck_listener_resume(l);
    net_wait(loop, net_is_ended, &client);
    CK_CHECK_EQ(refused, 1);
    net_record_clear(&client);
    ck_listener_destroy(&l);
    ck_loop_destroy(&loop);
}

/* Out of descriptors, newcomers wait until there are some again. */
CK_TEST(net_stream, a_listener_outlives_a_lack_of_descriptors)
{
    ck_loop *loop = net_loop();
    net_server server = {0};
    net_server_start(&server, loop);
    net_record client = {0};
    ck_listener_pause(server.listener);
    net_connect(&client, &server, NULL);
    net_wait(loop, net_is_opened, &client);

    struct rlimit before;
    CK_CHECK_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    int next = dup(0);
    CK_CHECK(next >= 0);
    close(next);
    struct rlimit none = {.rlim_cur = (rlim_t)next, .rlim_max = before.rlim_max};
    CK_CHECK_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    ck_listener_resume(server.listener);
    net_settle(loop);
    CK_CHECK_EQ(server.accepted, 0);
    CK_CHECK(ck_loop_poll_timeout_ms(loop) > 0); /* waiting, not spinning */
    CK_CHECK_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    net_wait(loop, net_is_opened, &server.record);
    CK_CHECK_EQ(server.accepted, 1);
    net_record_clear(&client);
    net_server_stop(&server);
    ck_loop_destroy(&loop);
}
