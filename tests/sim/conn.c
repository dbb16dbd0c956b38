#include "sim/conn.h"

#define HEADER     60
#define SYN_US     1000000 /* RFC 6298 2.1 */
#define FIN_US     200000  /* the end is told again until it was heard: doubles */
#define FIN_US_MAX 16000000

enum end { FIN = 1, RESET, REFUSED };

static void none(void *user, const uint8_t *data, size_t size)
{
    (void)user, (void)data, (void)size;
}

static void on_client_data(void *conn, const uint8_t *data, size_t size)
{
    ck_conn *c = conn;
    if (c->client_open) {
        c->client.data(c->client.user, data, size);
    }
}

static void on_server_data(void *conn, const uint8_t *data, size_t size)
{
    ck_conn *c = conn;
    if (c->server_open) {
        c->server.data(c->server.user, data, size);
    }
}

static void on_client_room(void *conn)
{
    ck_conn *c = conn;
    if (c->client_open) {
        c->client.room(c->client.user);
    }
}

static void on_server_room(void *conn)
{
    ck_conn *c = conn;
    if (c->server_open) {
        c->server.room(c->server.user);
    }
}

/* --- end ------------------------------------------------------------------------------------- */

static void on_client_end(void *conn, uint64_t how, uint64_t b)
{
    (void)b;
    ck_conn *c = conn;
    ck_tcp_close(&c->to_server);
    ck_tcp_close(&c->to_client);
    if (c->client_open) {
        c->client_open = false;
        c->client.gone(c->client.user, how == REFUSED);
    }
}

static void on_server_end(void *conn, uint64_t how, uint64_t b)
{
    (void)how, (void)b;
    ck_conn *c = conn;
    ck_tcp_close(&c->to_server);
    ck_tcp_close(&c->to_client);
    if (c->server_open) {
        c->server_open = false;
        c->server.gone(c->server.user, false);
    }
}

/* The end follows what was written before it. */
static void tell_client(void *conn, uint64_t how, uint64_t wait_us)
{
    ck_conn *c = conn;
    if (!c->client_open) {
        return;
    }
    if (how != FIN || !c->to_client.open || ck_tcp_unacknowledged(&c->to_client) == 0) {
        ck_link_send(c->down, HEADER, on_client_end, c, how, 0);
    }
    uint64_t next_us = wait_us < FIN_US_MAX ? 2 * wait_us : wait_us;
    ck_sim_at(c->sim, c->sim->now_us + wait_us, tell_client, c, how, next_us);
}

static void tell_server(void *conn, uint64_t how, uint64_t wait_us)
{
    ck_conn *c = conn;
    if (!c->server_open) {
        return;
    }
    if (!c->to_server.open || ck_tcp_unacknowledged(&c->to_server) == 0) {
        ck_link_send(c->up, HEADER, on_server_end, c, how, 0);
    }
    uint64_t next_us = wait_us < FIN_US_MAX ? 2 * wait_us : wait_us;
    ck_sim_at(c->sim, c->sim->now_us + wait_us, tell_server, c, how, next_us);
}

void ck_conn_close_client(ck_conn *c)
{
    if (c->client_open) {
        c->client_open = false;
        tell_server(c, FIN, FIN_US);
    }
}

void ck_conn_close_server(ck_conn *c)
{
    if (c->server_open) {
        c->server_open = false;
        tell_client(c, FIN, FIN_US);
    }
}

void ck_conn_reset_by_server(ck_conn *c)
{
    if (c->server_open) {
        c->server_open = false;
        ck_tcp_close(&c->to_client);
        ck_tcp_close(&c->to_server);
        tell_client(c, RESET, FIN_US);
    }
}

/* --- opening --------------------------------------------------------------------------------- */

static void on_syn_ack(void *conn, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_conn *c = conn;
    if (c->client_open && !c->opened) {
        c->opened = true;
        if (c->syn_us == 2 * SYN_US) { /* sent once */
            ck_tcp_measured(&c->to_server, c->sim->now_us - c->began_us);
            ck_tcp_measured(&c->to_client, c->sim->now_us - c->began_us);
        }
        c->client.opened(c->client.user);
    }
}

static void on_syn(void *conn, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_conn *c = conn;
    if (!c->accepted) {
        c->accepted = c->accept(c->listener, c, &c->server);
        c->server_open = c->accepted;
    }
    if (c->accepted) {
        ck_link_send(c->down, HEADER, on_syn_ack, c, 0, 0);
    } else {
        ck_link_send(c->down, HEADER, on_client_end, c, REFUSED, 0);
    }
}

static void send_syn(void *conn, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_conn *c = conn;
    if (c->client_open && !c->opened) {
        ck_link_send(c->up, HEADER, on_syn, c, 0, 0);
        ck_sim_at(c->sim, c->sim->now_us + c->syn_us, send_syn, c, 0, 0);
        c->syn_us *= 2;
    }
}

void ck_conn_open(ck_conn *c, ck_sim *sim, ck_link *up, ck_link *down, const ck_conn_side *client,
                  ck_conn_accept_fn accept, void *listener)
{
    *c = (ck_conn){
        .sim = sim,
        .up = up,
        .down = down,
        .accept = accept,
        .listener = listener,
        .client = *client,
        .server = {.data = none},
        .client_open = true,
        .syn_us = SYN_US,
        .began_us = sim->now_us,
    };
    const ck_tcp_hooks to_server = {
        .data = on_server_data, .receiver = c, .room = on_client_room, .sender = c};
    const ck_tcp_hooks to_client = {
        .data = on_client_data, .receiver = c, .room = on_server_room, .sender = c};
    ck_tcp_init(&c->to_server, sim, up, down, &to_server);
    ck_tcp_init(&c->to_client, sim, down, up, &to_client);
    send_syn(c, 0, 0);
}

void ck_conn_free(ck_conn *c)
{
    ck_tcp_free(&c->to_server);
    ck_tcp_free(&c->to_client);
}
