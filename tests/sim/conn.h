/*
 * A TCP connection between a client and a server: its opening (SYN again after 1, 2, 4 s, as RFC
 * 6298 2.1 begins), a way of bytes in each direction, and its end, told to the other side once what
 * was written before has arrived, or at once by a reset when nobody is there.
 */
#ifndef CK_SIM_CONN_H
#define CK_SIM_CONN_H

#include "sim/tcp.h"

typedef struct ck_conn_side {
    void (*opened)(void *user); /* the client's alone */
    void (*data)(void *user, const uint8_t *data, size_t size);
    void (*room)(void *user);
    void (*gone)(void *user, bool refused); /* once; not after closing it oneself */
    void *user;
} ck_conn_side;

typedef struct ck_conn ck_conn;

/* Whether anybody listens; then it fills `side`. */
typedef bool (*ck_conn_accept_fn)(void *listener, ck_conn *conn, ck_conn_side *side);

struct ck_conn {
    ck_sim *sim;
    ck_link *up, *down;
    ck_conn_accept_fn accept;
    void *listener;
    ck_conn_side client, server;
    ck_tcp to_server, to_client;
    bool opened;   /* client: the answer came */
    bool accepted; /* server */
    bool client_open, server_open;
    uint64_t syn_us; /* to the next SYN */
    uint64_t began_us;
    ck_conn *next; /* the owner's list */
};

void ck_conn_open(ck_conn *c, ck_sim *sim, ck_link *up, ck_link *down, const ck_conn_side *client,
                  ck_conn_accept_fn accept, void *listener);
void ck_conn_free(ck_conn *c); /* once the simulation has ended */
/* That side has closed; what it wrote before still arrives. */
void ck_conn_close_client(ck_conn *c);
void ck_conn_close_server(ck_conn *c);
/* The server's machine answers for a process that has died. */
void ck_conn_reset_by_server(ck_conn *c);

#endif
