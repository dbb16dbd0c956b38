#include "sim/edge.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"

#include <stdlib.h>

#define GOP_MAX_MS    10000
#define READER_MAX_MS 3000
#define STREAMS_MAX   4

/* --- the hub --------------------------------------------------------------------------------- */

/* Whoever is ready reads; then the hub's next deadline is set. */
static void settle(ck_sim_edge *e)
{
    ck_sim_edge_conn *c;
    while (e->hub != NULL && (c = ck_hub_poll_ready(e->hub)) != NULL) {
        ck_sim_end_pump(&c->end);
    }
    if (e->hub != NULL) {
        ck_hub_stats stats;
        ck_hub_get_stats(e->hub, &stats);
        e->memory_most = CK_MAX(e->memory_most, stats.memory_bytes);
        ck_sim_timer_set(&e->timer, ck_hub_next_deadline(e->hub));
    }
}

static void on_time(void *edge, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    ck_sim_edge *e = edge;
    if (e->hub != NULL) {
        ck_hub_on_deadline(e->hub, e->sim->now_us);
        settle(e);
    }
}

bool ck_sim_edge_start(ck_sim_edge *e)
{
    const ck_hub_config config = {.alloc = &ck_test_heap,
                                  .streams_max = STREAMS_MAX,
                                  .memory_max = CK_SIM_EDGE_MEMORY,
                                  .gop_max_ms = GOP_MAX_MS,
                                  .reader_max_ms = READER_MAX_MS};
    return ck_hub_init(&e->hub, &config) == CHALK_OK;
}

bool ck_sim_edge_init(ck_sim_edge *e, ck_sim *sim)
{
    *e = (ck_sim_edge){.sim = sim};
    ck_sim_timer_init(&e->timer, sim, on_time, e);
    return ck_sim_edge_start(e);
}

/* --- a connection ---------------------------------------------------------------------------- */

static void release(ck_sim_edge_conn *c)
{
    if (!c->over) {
        c->over = true;
        c->edge->withdrawn += c->play_request != 0;
        c->play_request = 0;
        ck_hub_unpublish(&c->published, c->edge->sim->now_us);
        ck_hub_read_close(&c->reader);
        ck_sim_end_free(&c->end);
    }
}

static void answer(ck_sim_edge_conn *c, uint64_t request, int status)
{
    ck_sim_edge *e = c->edge;
    for (int i = e->answers_twice ? 2 : 1; i > 0 && !e->never_answers; i--) {
        uint64_t now = e->sim->now_us;
        e->answers++;
        if (status == CHALK_OK) {
            (void)ck_rtmp_accept(c->end.rtmp, request, now); /* NOT_FOUND: it was taken back */
        } else {
            (void)ck_rtmp_reject(c->end.rtmp, request, status, NULL, now);
        }
    }
}

static void take_publish(ck_sim_edge_conn *c, const ck_rtmp_event *event)
{
    ck_sim_edge *e = c->edge;
    ck_stream_name name;
    const char *why;
    void *replaced = NULL;
    int status = ck_stream_name_of_rtmp(&name, "room", event->publish.name, &why);
    if (status == CHALK_OK) {
        status =
            ck_hub_publish(e->hub, &name, "teacher", c, e->sim->now_us, &c->published, &replaced);
    }
    if (replaced != NULL) {
        ck_sim_edge_conn *old = replaced;
        release(old);
        ck_conn_close_server(old->conn);
    }
    answer(c, event->request, status);
}

static void take_play(ck_sim_edge_conn *c, const ck_rtmp_event *event)
{
    ck_sim_edge *e = c->edge;
    ck_stream_name name;
    const char *why;
    int status = ck_stream_name_of_rtmp(&name, "room", event->play.name, &why);
    if (status == CHALK_OK) {
        status = ck_hub_read_open(e->hub, &name, c, e->sim->now_us, &c->reader);
    }
    if (status != CHALK_OK) {
        answer(c, event->request, status);
        return;
    }
    c->play_request = event->request; /* answered once the hub has found the stream */
}

static void on_event(void *conn, ck_rtmp_event *event)
{
    ck_sim_edge_conn *c = conn;
    ck_sim_edge *e = c->edge;
    switch (event->kind) {
    case CK_RTMP_EV_CONNECT_REQUEST:
        e->requests++;
        answer(c, event->request, CHALK_OK);
        break;
    case CK_RTMP_EV_PUBLISH_REQUEST:
        e->requests++;
        take_publish(c, event);
        break;
    case CK_RTMP_EV_PLAY_REQUEST:
        e->requests++;
        take_play(c, event);
        break;
    case CK_RTMP_EV_MEDIA:
        if (c->published != NULL) {
            (void)ck_hub_send(c->published, &event->media, e->sim->now_us, NULL);
        }
        break;
    case CK_RTMP_EV_STREAM_ENDED:
        e->withdrawn += c->play_request != 0;
        c->play_request = 0;
        ck_hub_unpublish(&c->published, e->sim->now_us);
        ck_hub_read_close(&c->reader);
        break;
    case CK_RTMP_EV_CLOSED:
        release(c);
        ck_conn_close_server(c->conn);
        break;
    default:
        break;
    }
}

static bool answer_play(ck_sim_edge_conn *c)
{
    enum ck_hub_reader_state state = ck_hub_reader_state(c->reader);
    if (state == CK_HUB_WAITING) {
        return false;
    }
    uint64_t request = c->play_request;
    c->play_request = 0;
    answer(c, request, state == CK_HUB_READING ? CHALK_OK : CHALK_ERR_NO_STREAM);
    if (state != CK_HUB_READING) {
        ck_hub_read_close(&c->reader);
    }
    return true;
}

static bool more(void *conn)
{
    ck_sim_edge_conn *c = conn;
    if (c->reader == NULL) {
        return false;
    }
    if (c->play_request != 0) {
        return answer_play(c);
    }
    ck_flv_tag tag;
    int status = ck_hub_read(c->reader, c->edge->sim->now_us, &tag);
    if (status == CHALK_OK) {
        status = ck_rtmp_send(c->end.rtmp, &tag);
        ck_slice_unref(&tag.body);
    } else if (status == CHALK_ERR_END) {
        ck_hub_read_close(&c->reader);
        (void)ck_rtmp_close(c->end.rtmp, c->edge->sim->now_us);
        return true;
    }
    if (status < 0 && status != CHALK_ERR_AGAIN) {
        release(c); /* too slow */
        ck_conn_close_server(c->conn);
    }
    return status == CHALK_OK;
}

static void on_data(void *conn, const uint8_t *data, size_t size)
{
    ck_sim_edge_conn *c = conn;
    if (c->published != NULL) {
        ck_hub_heard(c->published, c->edge->sim->now_us);
    }
    ck_sim_end_feed(&c->end, data, size);
    settle(c->edge);
}

static void on_room(void *conn)
{
    ck_sim_edge_conn *c = conn;
    ck_sim_end_pump(&c->end);
    settle(c->edge);
}

static void on_gone(void *conn, bool refused)
{
    (void)refused;
    ck_sim_edge_conn *c = conn;
    release(c);
    settle(c->edge);
}

bool ck_sim_edge_accept(void *edge, ck_conn *conn, ck_conn_side *side)
{
    ck_sim_edge *e = edge;
    ck_sim_edge_conn *c = e->hub != NULL ? calloc(1, sizeof *c) : NULL;
    if (c == NULL) {
        return false;
    }
    const ck_rtmp_config config = {.alloc = &ck_test_heap, .role = CK_RTMP_SERVER};
    *c = (ck_sim_edge_conn){.edge = e,
                            .conn = conn,
                            .end = {.event = on_event, .more = more, .user = c},
                            .next = e->conns};
    if (!ck_sim_end_init(&c->end, &config, &conn->to_client, e->sim)) {
        free(c);
        return false;
    }
    e->conns = c;
    *side = (ck_conn_side){.data = on_data, .room = on_room, .gone = on_gone, .user = c};
    return true;
}

void ck_sim_edge_stop(ck_sim_edge *e)
{
    for (ck_sim_edge_conn *c = e->conns; c != NULL; c = c->next) {
        if (!c->over) {
            release(c);
            ck_conn_reset_by_server(c->conn);
        }
    }
    ck_hub_free(&e->hub);
}

void ck_sim_edge_free(ck_sim_edge *e)
{
    ck_sim_edge_stop(e);
    while (e->conns != NULL) {
        ck_sim_edge_conn *c = e->conns;
        e->conns = c->next;
        free(c);
    }
}

uint32_t ck_sim_edge_readers(const ck_sim_edge *e)
{
    ck_hub_stats stats = {0};
    if (e->hub != NULL) {
        ck_hub_get_stats(e->hub, &stats);
    }
    return stats.readers;
}
