/*
 * What the tests of the network share: a host-driven loop that is run until something has happened
 * (never for a fixed time), streams that record what happens to them, and a server that accepts.
 */
#ifndef CK_TESTS_NET_SUPPORT_H
#define CK_TESTS_NET_SUPPORT_H

#include "runtime/net/stream.h"

#define NET_PATIENCE_MS 20000 /* a test that waits longer than this has failed */

typedef bool (*net_condition)(void *arg);

ck_loop *net_loop(void);
/* Polls until the condition holds; fails the test when patience ends. */
void net_wait(ck_loop *loop, net_condition condition, void *arg);
/* Runs what is due until nothing more is at once; never waits. */
void net_settle(ck_loop *loop);
/* Waits on the loop's descriptor for at most its time-out, then polls once. */
void net_step(ck_loop *loop);

typedef struct net_record {
    ck_stream *stream;
    unsigned opened;
    unsigned ended;
    unsigned drained;
    unsigned closed;
    int status; /* of closed */
    uint8_t *data;
    size_t size;
    size_t capacity;
    uint64_t received; /* bytes, also those that were not kept */
    bool keep;         /* data in `data` */
    bool echo;
    bool destroy_on_data;
    bool pause_on_data;
    bool close_on_end;
} net_record;

extern const ck_stream_events net_events;       /* record; close when the peer ends if told to */
extern const ck_stream_events net_events_plain; /* the same without `ended` */
void net_record_clear(net_record *r);           /* destroys the stream, frees the data */

/* The stream's socket, to do to it what no stream would; the stream is gone. */
void net_take_socket(net_record *r, ck_socket *out);

bool net_is_opened(void *record);
bool net_is_closed(void *record);
bool net_is_ended(void *record);

/* A listener that adopts one connection after the other into `record`. */
typedef struct net_server {
    ck_loop *loop;
    ck_listener *listener;
    net_record record;
    ck_stream_config config; /* loop, events and user are set by net_server_start */
    unsigned accepted;
    char peer[CK_ADDRESS_TEXT_MAX];
} net_server;

void net_server_start(net_server *server, ck_loop *loop);
void net_server_stop(net_server *server);
uint16_t net_server_port(const net_server *server);

/* A stream to the server, recorded; config may be NULL. */
void net_connect(net_record *client, const net_server *server, const ck_stream_config *config);
/* The same, and both ends are open. */
void net_connect_both(net_record *client, net_server *server, const ck_stream_config *config);

#endif
