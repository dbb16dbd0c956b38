/*
 * A client's connection: the session core decides, TCP and the RTMP core do what it says. The
 * teacher's and each student's.
 */
#ifndef CK_SIM_CLIENT_H
#define CK_SIM_CLIENT_H

#include "core/session/session.h"
#include "sim/edge.h"

typedef struct ck_sim_client {
    ck_sim *sim;
    ck_link *up, *down;
    ck_sim_edge *edge;
    enum ck_session_kind kind;
    void (*live)(void *user); /* media may flow, for the first time or again; may be NULL */
    void (*lost)(void *user); /* the connection is not there any more; may be NULL */
    void (*media)(void *user, const ck_flv_tag *tag); /* a player's */
    void (*bytes)(void *user, size_t size);           /* came; may be NULL */
    void *user;
    ck_session session;
    ck_sim_timer timer;
    ck_sim_end end;
    ck_conn *conn;  /* of the attempt under way; NULL: none */
    ck_conn *conns; /* all there ever were */
    uint32_t attempt;
    uint64_t asleep_until_us;
    /* What must add up. */
    uint64_t opens, closes, ended; /* transports opened and closed; CLOSED events of the session */
    uint64_t started;              /* PLAY_STARTED and PUBLISH_STARTED of this attempt */
    bool twice;                    /* something that happens once happened again */
} ck_sim_client;

/* The config is all but what follows `user`. False: a core could not be made. */
bool ck_sim_client_init(ck_sim_client *c, const ck_sim_client *config);
void ck_sim_client_free(ck_sim_client *c);
void ck_sim_client_start(ck_sim_client *c);
void ck_sim_client_stop(ck_sim_client *c);
bool ck_sim_client_is_live(const ck_sim_client *c);
/* The machine sleeps: deadlines are looked at when it wakes. */
void ck_sim_client_sleep(ck_sim_client *c, uint64_t until_us);

#endif
