/*
 * The edge: its real hub and a real RTMP core for each connection, driven as edge/rtmp_conn.c
 * drives them. Tokens, addresses and logs are left out.
 */
#ifndef CK_SIM_EDGE_H
#define CK_SIM_EDGE_H

#include "edge/hub.h"
#include "sim/conn.h"
#include "sim/end.h"

#define CK_SIM_EDGE_MEMORY (16u << 20)

typedef struct ck_sim_edge ck_sim_edge;

typedef struct ck_sim_edge_conn {
    ck_sim_edge *edge;
    ck_conn *conn;
    ck_sim_end end;
    ck_hub_stream *published;
    ck_hub_reader *reader;
    uint64_t play_request; /* under way; 0: none */
    bool over;
    struct ck_sim_edge_conn *next;
} ck_sim_edge_conn;

struct ck_sim_edge {
    ck_sim *sim;
    ck_hub *hub; /* NULL: the edge is down */
    ck_sim_timer timer;
    ck_sim_edge_conn *conns;    /* all there ever were */
    uint64_t requests, answers; /* of connections, to publish and to play */
    uint64_t withdrawn;         /* requests whose connection ended before their answer */
    uint64_t memory_most;
    /* A mistake made on purpose, so that tests see it found. */
    bool never_answers, answers_twice;
};

bool ck_sim_edge_init(ck_sim_edge *e, ck_sim *sim);
void ck_sim_edge_free(ck_sim_edge *e);
bool ck_sim_edge_accept(void *edge, ck_conn *conn, ck_conn_side *side); /* a ck_conn_accept_fn */
/* The process dies: every connection with it, nobody answers. */
void ck_sim_edge_stop(ck_sim_edge *e);
bool ck_sim_edge_start(ck_sim_edge *e);
uint32_t ck_sim_edge_readers(const ck_sim_edge *e);

#endif
