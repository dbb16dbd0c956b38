#include "sim/client.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"

#include <stdio.h>
#include <stdlib.h>

static void drive(ck_sim_client *c);

static uint64_t now_of(const ck_sim_client *c)
{
    return c->sim->now_us;
}

/* --- RTMP ------------------------------------------------------------------------------------ */

static void started(ck_sim_client *c)
{
    c->twice = c->twice || c->started++ > 0;
    ck_session_accepted(&c->session, c->attempt, now_of(c));
    if (c->live != NULL) {
        c->live(c->user);
    }
}

static void on_event(void *client, ck_rtmp_event *event)
{
    ck_sim_client *c = client;
    switch (event->kind) {
    case CK_RTMP_EV_PUBLISH_STARTED:
    case CK_RTMP_EV_PLAY_STARTED:
        started(c);
        break;
    case CK_RTMP_EV_MEDIA:
        ck_session_media_progress(&c->session, c->attempt, now_of(c));
        c->media(c->user, &event->media);
        break;
    case CK_RTMP_EV_CLOSED:
        c->twice = c->twice || c->end.closed > 1;
        if (ck_session_state_of(&c->session) == CK_SESSION_STOPPING) {
            ck_session_finished(&c->session, c->attempt, now_of(c));
        } else {
            ck_session_peer_closed(&c->session, c->attempt, event->closed.status, now_of(c));
        }
        drive(c);
        break;
    default:
        break;
    }
}

static void begin(ck_sim_client *c)
{
    const ck_rtmp_config config = {
        .alloc = &ck_test_heap,
        .role = CK_RTMP_CLIENT,
        .mode = c->kind == CK_SESSION_PUBLISH ? CK_RTMP_PUBLISH : CK_RTMP_PLAY,
        .tc_url = "rtmp://edge/room",
        .app = "room",
        .stream = "teacher/screen",
    };
    c->end.event = on_event;
    c->end.user = c;
    c->end.closed = 0;
    if (!ck_sim_end_init(&c->end, &config, &c->conn->to_server, c->sim)) {
        ck_session_transport_failed(&c->session, c->attempt, CHALK_ERR_NO_MEMORY, now_of(c));
        return;
    }
    ck_sim_end_pump(&c->end);
}

/* --- TCP ------------------------------------------------------------------------------------- */

static void on_opened(void *client)
{
    ck_sim_client *c = client;
    ck_session_transport_opened(&c->session, c->attempt, now_of(c));
    drive(c);
}

static void on_data(void *client, const uint8_t *data, size_t size)
{
    ck_sim_client *c = client;
    if (c->bytes != NULL) {
        c->bytes(c->user, size);
    }
    ck_sim_end_feed(&c->end, data, size);
    drive(c);
}

static void on_room(void *client)
{
    ck_sim_client *c = client;
    ck_sim_end_pump(&c->end);
    drive(c);
}

static void on_gone(void *client, bool refused)
{
    ck_sim_client *c = client;
    ck_session_transport_failed(&c->session, c->attempt,
                                refused ? CHALK_ERR_REFUSED : CHALK_ERR_DISCONNECTED, now_of(c));
    drive(c);
}

static void open_connection(ck_sim_client *c, uint32_t attempt)
{
    ck_conn *conn = calloc(1, sizeof *conn);
    if (conn == NULL) {
        fputs("simulation: out of memory\n", stderr);
        exit(1);
    }
    const ck_conn_side side = {
        .opened = on_opened, .data = on_data, .room = on_room, .gone = on_gone, .user = c};
    c->twice = c->twice || c->conn != NULL;
    c->opens++;
    c->attempt = attempt;
    c->started = 0;
    c->conn = conn;
    ck_conn *older = c->conns;
    c->conns = conn;
    ck_conn_open(conn, c->sim, c->up, c->down, &side, ck_sim_edge_accept, c->edge);
    conn->next = older;
}

static void close_connection(ck_sim_client *c)
{
    c->closes++;
    c->twice = c->twice || c->conn == NULL;
    ck_sim_end_free(&c->end);
    if (c->conn != NULL) {
        ck_conn_close_client(c->conn);
    }
    c->conn = NULL;
    if (c->lost != NULL) {
        c->lost(c->user);
    }
}

/* --- session --------------------------------------------------------------------------------- */

static void act(ck_sim_client *c, const ck_session_output *out)
{
    switch (out->action) {
    case CK_SESSION_OPEN:
        open_connection(c, out->attempt);
        break;
    case CK_SESSION_START:
        begin(c);
        break;
    case CK_SESSION_FINISH:
        (void)ck_rtmp_close(c->end.rtmp, now_of(c));
        ck_sim_end_pump(&c->end);
        break;
    case CK_SESSION_CLOSE:
        close_connection(c);
        break;
    }
}

static void drive(ck_sim_client *c)
{
    ck_session_output out;
    ck_session_event event;
    while (ck_session_poll_output(&c->session, &out)) {
        act(c, &out);
    }
    while (ck_session_poll_event(&c->session, &event)) {
        ck_sim_note(c->sim, (uint64_t)event.to);
        c->twice = c->twice || c->ended > 0;
        c->ended += event.to == CK_SESSION_CLOSED;
    }
    ck_sim_timer_set(&c->timer, CK_MAX(ck_session_next_deadline(&c->session), c->asleep_until_us));
}

static void on_time(void *client, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_sim_client *c = client;
    ck_session_on_deadline(&c->session, now_of(c));
    drive(c);
}

bool ck_sim_client_init(ck_sim_client *c, const ck_sim_client *config)
{
    *c = *config;
    const ck_session_config session = {.kind = c->kind};
    ck_sim_timer_init(&c->timer, c->sim, on_time, c);
    return ck_session_init(&c->session, &session, ck_rng_next(&c->sim->rng), now_of(c)) == CHALK_OK;
}

void ck_sim_client_free(ck_sim_client *c)
{
    ck_sim_end_free(&c->end);
    while (c->conns != NULL) {
        ck_conn *conn = c->conns;
        c->conns = conn->next;
        ck_conn_free(conn);
        free(conn);
    }
}

void ck_sim_client_start(ck_sim_client *c)
{
    (void)ck_session_start(&c->session, CK_ORIGIN_USER, now_of(c)); /* it is idle */
    drive(c);
}

void ck_sim_client_stop(ck_sim_client *c)
{
    ck_session_stop(&c->session, CK_ORIGIN_USER, now_of(c));
    drive(c);
}

bool ck_sim_client_is_live(const ck_sim_client *c)
{
    return ck_session_state_of(&c->session) == CK_SESSION_LIVE;
}

void ck_sim_client_sleep(ck_sim_client *c, uint64_t until_us)
{
    c->asleep_until_us = until_us;
    drive(c);
}
