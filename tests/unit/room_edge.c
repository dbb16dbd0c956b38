#include "room_edge.h"

#include "support/check.h"

#include "base/check.h"
#include "base/text.h"
#include "core/url/url.h"
#include "runtime/net/httpd.h"

#include <stdio.h>
#include <string.h>

#define PEERS     32
#define NAME_MAX_ 64

typedef struct peer {
    room_edge *edge;
    ck_ws *ws;           /* NULL: free */
    uint64_t connection; /* 0: the sequencer knows none */
} peer;

struct room_edge {
    ck_loop *loop;
    ck_httpd *httpd;
    ck_listener *listener;
    ck_stream *incoming;
    ck_timer *timer;
    ck_sequencer *sequencer;
    ck_sequencer_config config;
    uint64_t ahead_us;
    ck_memory_store store;
    uint64_t epoch;
    int refusal;
    bool held;
    bool dawdles;
    bool pauses; /* a welcome was sent while it dawdled */
    ck_sequencer_output unanswered;
    uint64_t expire_us;
    uint16_t port;
    peer peers[PEERS];
};

static void pump(room_edge *e);

/* --- who comes ------------------------------------------------------------------------------- */

typedef struct visitor {
    char name[NAME_MAX_ + 1];
    uint64_t role;
} visitor;

static bool read_token(char *token, visitor *out)
{
    char *dot = strrchr(token, '.');
    if (dot == NULL) {
        return false;
    }
    *dot = '\0';
    return ck_text_copy(out->name, sizeof out->name, token) && out->name[0] != '\0' &&
           ck_text_u64(dot + 1, CK_ROLE_OBSERVER, &out->role) && out->role >= CK_ROLE_OWNER;
}

static bool read_visitor(const char *query, visitor *out)
{
    char token[NAME_MAX_ + 8], role[16];
    if (ck_url_query(query, "token", token, sizeof token) == CHALK_OK) {
        return read_token(token, out);
    }
    out->role = CK_ROLE_STUDENT;
    if (ck_url_query(query, "role", role, sizeof role) == CHALK_OK &&
        strcmp(role, "teacher") == 0) {
        out->role = CK_ROLE_TEACHER;
    }
    return ck_url_query(query, "name", out->name, sizeof out->name) == CHALK_OK;
}

static int on_accept(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    room_edge *e = user;
    (void)reply;
    visitor v = {0};
    return e->refusal != 0 ? e->refusal : read_visitor(request->query, &v) ? 0 : 403;
}

static void on_opened(void *user, ck_ws *ws, const ck_httpd_request *request, void **socket_user)
{
    room_edge *e = user;
    visitor v = {0};
    CK_CHECK(read_visitor(request->query, &v));
    uint64_t now_us = ck_loop_now_us(e->loop);
    const ck_claims claims = {
        .name = ck_bytes_of(v.name, strlen(v.name)),
        .role = (enum ck_role)v.role,
        .expires_us = e->expire_us != 0 ? now_us + e->expire_us : 0,
    };
    for (size_t i = 0; i < PEERS; i++) {
        peer *p = &e->peers[i];
        if (p->ws == NULL) {
            *p = (peer){.edge = e, .ws = ws};
            *socket_user = p;
            CK_CHECK_EQ(ck_sequencer_connect(e->sequencer, &claims, now_us, &p->connection),
                        CHALK_OK);
            pump(e);
            return;
        }
    }
    CK_FAIL("more than %d visitors", PEERS);
}

static void on_message(void *socket_user, ck_ws *ws, const uint8_t *data, size_t size, bool text)
{
    peer *p = socket_user;
    (void)ws;
    CK_CHECK(!text);
    if (p->connection != 0) {
        ck_sequencer_feed(p->edge->sequencer, p->connection, ck_bytes_of(data, size),
                          ck_loop_now_us(p->edge->loop));
        pump(p->edge);
    }
}

static void on_closed(void *socket_user, ck_ws *ws, int status)
{
    peer *p = socket_user;
    (void)ws;
    (void)status;
    p->ws = NULL;
    if (p->connection != 0 && p->edge->sequencer != NULL) {
        ck_sequencer_gone(p->edge->sequencer, p->connection, ck_loop_now_us(p->edge->loop));
        pump(p->edge);
    }
}

/* --- the sequencer --------------------------------------------------------------------------- */

static peer *peer_of(room_edge *e, uint64_t connection)
{
    for (size_t i = 0; i < PEERS; i++) {
        if (e->peers[i].ws != NULL && e->peers[i].connection == connection) {
            return &e->peers[i];
        }
    }
    return NULL;
}

static void store(room_edge *e, const ck_sequencer_output *out)
{
    enum ck_store_answer answer = ck_memory_store_append(
        &e->store, e->epoch, out->after, out->to, ck_bytes_of(out->bytes.data, out->bytes.size));
    ck_sequencer_stored(e->sequencer, out->to, answer, ck_loop_now_us(e->loop));
}

static void load(room_edge *e)
{
    const ck_slice *state = &e->store.checkpoint;
    if (state->data != NULL) {
        CK_CHECK_EQ(
            ck_sequencer_load_checkpoint(e->sequencer, ck_bytes_of(state->data, state->size)),
            CHALK_OK);
    }
    for (size_t i = 0; i < e->store.count; i++) {
        const ck_slice *bytes = &e->store.records[i].bytes;
        CK_CHECK_EQ(ck_sequencer_load(e->sequencer, ck_bytes_of(bytes->data, bytes->size)),
                    CHALK_OK);
    }
    ck_sequencer_open(e->sequencer, ck_loop_now_us(e->loop));
}

/* The token that comes is good, whatever it says. */
static void renew(room_edge *e, uint64_t connection)
{
    uint64_t now_us = ck_loop_now_us(e->loop);
    const ck_claims claims = {
        .name = ck_bytes_of("li", 2),
        .role = CK_ROLE_STUDENT,
        .expires_us = e->expire_us != 0 ? now_us + e->expire_us : 0,
    };
    ck_sequencer_renew(e->sequencer, connection, &claims, now_us);
}

static void carry_out(room_edge *e, ck_sequencer_output *out)
{
    peer *p = peer_of(e, out->connection);
    switch (out->action) {
    case CK_SEQUENCER_SEND:
        if (p != NULL) {
            e->pauses = e->dawdles && out->bytes.data[0] == CK_FRAME_WELCOME;
            (void)ck_ws_send(p->ws, &out->bytes, false);
        }
        break;
    case CK_SEQUENCER_CLOSE:
        if (p != NULL) {
            p->connection = 0;
            ck_ws_close(p->ws, 1000);
        }
        break;
    case CK_SEQUENCER_TAIL:
        load(e);
        break;
    case CK_SEQUENCER_APPEND:
        if (e->held) {
            e->unanswered = *out;
            out->bytes = (ck_slice){0};
        } else {
            store(e, out);
        }
        break;
    case CK_SEQUENCER_CHECKPOINT:
        (void)ck_memory_store_checkpoint(&e->store, e->epoch, out->to,
                                         ck_bytes_of(out->bytes.data, out->bytes.size));
        break;
    case CK_SEQUENCER_RENEW:
        renew(e, out->connection);
        break;
    }
    ck_slice_unref(&out->bytes);
}

static void pump(room_edge *e)
{
    ck_sequencer_output out;
    while (!e->pauses && ck_sequencer_poll_output(e->sequencer, &out)) {
        carry_out(e, &out);
    }
    ck_timer_set(e->timer, e->pauses ? CK_NEVER : ck_sequencer_next_deadline(e->sequencer));
}

static void on_timer(void *user, uint64_t now_us)
{
    room_edge *e = user;
    ck_sequencer_on_deadline(e->sequencer, now_us);
    pump(e);
}

static void start_sequencer(room_edge *e)
{
    e->config.alloc = &ck_heap;
    e->config.epoch = e->epoch = ck_memory_store_lease(&e->store);
    e->config.unix_us = ck_wall_us() + e->ahead_us;
    CK_CHECK_EQ(ck_sequencer_create(&e->config, ck_loop_now_us(e->loop), &e->sequencer), CHALK_OK);
    pump(e);
}

/* --- opening and closing --------------------------------------------------------------------- */

static void on_data(void *user, ck_stream *s, const uint8_t *data, size_t size)
{
    room_edge *e = user;
    (void)s;
    if (ck_httpd_adopt(e->httpd, &e->incoming, data, size) < 0) {
        ck_stream_destroy(&e->incoming);
    }
}

static void on_ended(void *user, ck_stream *s, int status)
{
    room_edge *e = user;
    (void)s;
    (void)status;
    ck_stream_destroy(&e->incoming);
}

/* One at a time is read up to its first bytes; that is soon enough for tests. */
static int on_accepted(void *user, ck_socket socket, const char *peer_name)
{
    room_edge *e = user;
    (void)peer_name;
    if (e->incoming != NULL) {
        return CHALK_ERR_LIMIT;
    }
    const ck_stream_config config = {
        .loop = e->loop, .events = {.data = on_data, .closed = on_ended}, .user = e};
    return ck_stream_adopt(&config, socket, &e->incoming);
}

static void open_edge(void *arg)
{
    room_edge *e = arg;
    const ck_ws_events events = {
        .accept = on_accept, .opened = on_opened, .message = on_message, .closed = on_closed};
    const ck_ws_limits limits = {.message_bytes = CK_ROOM_FRAME_MAX, .queue_bytes = 4u << 20};
    CK_CHECK_EQ(ck_timer_create(e->loop, on_timer, e, &e->timer), CHALK_OK);
    CK_CHECK_EQ(ck_httpd_create(&(ck_httpd_config){.loop = e->loop}, &e->httpd), CHALK_OK);
    CK_CHECK_EQ(
        ck_httpd_websocket(e->httpd, "/rooms/maths", "chalkrail.room.1", &events, &limits, e),
        CHALK_OK);
    const ck_listener_config listen = {.loop = e->loop, .accepted = on_accepted, .user = e};
    CK_CHECK_EQ(ck_listener_create(&listen, &e->listener), CHALK_OK);
    e->port = ck_listener_port(e->listener);
    start_sequencer(e);
}

room_edge *room_edge_open(const ck_sequencer_config *config)
{
    room_edge *e = ck_new(&ck_heap, sizeof *e);
    CK_CHECK(e != NULL);
    e->config = config != NULL ? *config : (ck_sequencer_config){0};
    e->ahead_us = e->config.unix_us;
    ck_memory_store_init(&e->store, &ck_heap);
    CK_CHECK_EQ(ck_loop_create(&(ck_loop_config){.thread_name = "test-edge"}, &e->loop), CHALK_OK);
    CK_CHECK_EQ(ck_loop_call(e->loop, open_edge, e), CHALK_OK);
    return e;
}

static void close_edge(void *arg)
{
    room_edge *e = arg;
    ck_listener_destroy(&e->listener);
    ck_stream_destroy(&e->incoming);
    ck_httpd_destroy(&e->httpd);
    ck_timer_destroy(&e->timer);
    ck_sequencer_destroy(&e->sequencer);
    ck_slice_unref(&e->unanswered.bytes);
}

void room_edge_close(room_edge **edge)
{
    room_edge *e = *edge;
    CK_CHECK_EQ(ck_loop_call(e->loop, close_edge, e), CHALK_OK);
    ck_loop_destroy(&e->loop);
    ck_memory_store_free(&e->store);
    ck_free(&ck_heap, e);
    *edge = NULL;
}

void room_edge_url(const room_edge *e, char out[ROOM_EDGE_URL])
{
    snprintf(out, ROOM_EDGE_URL, "ws://127.0.0.1:%u", e->port);
}

/* --- troubles -------------------------------------------------------------------------------- */

typedef struct order {
    room_edge *edge;
    uint64_t number;
    const char *name;
    enum ck_media media;
    bool on;
} order;

static void set_refusal(void *arg)
{
    order *o = arg;
    o->edge->refusal = (int)o->number;
}

void room_edge_refuse(room_edge *e, int http_status)
{
    order o = {.edge = e, .number = (uint64_t)http_status};
    CK_CHECK_EQ(ck_loop_call(e->loop, set_refusal, &o), CHALK_OK);
}

static void cut(void *arg)
{
    room_edge *e = arg;
    for (size_t i = 0; i < PEERS; i++) {
        peer *p = &e->peers[i];
        if (p->ws != NULL && p->connection != 0 && e->sequencer != NULL) {
            ck_sequencer_gone(e->sequencer, p->connection, ck_loop_now_us(e->loop));
        }
        p->connection = 0;
        ck_ws_destroy(&p->ws);
    }
    if (e->sequencer != NULL) {
        pump(e);
    }
}

void room_edge_cut(room_edge *e)
{
    CK_CHECK_EQ(ck_loop_call(e->loop, cut, e), CHALK_OK);
}

static void set_hold(void *arg)
{
    order *o = arg;
    room_edge *e = o->edge;
    e->held = o->on;
    if (!e->held && e->unanswered.bytes.data != NULL) {
        store(e, &e->unanswered);
        ck_slice_unref(&e->unanswered.bytes);
        pump(e);
    }
}

void room_edge_hold(room_edge *e, bool hold)
{
    order o = {.edge = e, .on = hold};
    CK_CHECK_EQ(ck_loop_call(e->loop, set_hold, &o), CHALK_OK);
}

static void set_dawdling(void *arg)
{
    order *o = arg;
    o->edge->dawdles = o->on;
    o->edge->pauses = false;
    pump(o->edge);
}

void room_edge_dawdle(room_edge *e, bool dawdles)
{
    order o = {.edge = e, .on = dawdles};
    CK_CHECK_EQ(ck_loop_call(e->loop, set_dawdling, &o), CHALK_OK);
}

static void restart(void *arg)
{
    room_edge *e = arg;
    ck_sequencer_destroy(&e->sequencer);
    cut(e);
    ck_slice_unref(&e->unanswered.bytes);
    e->held = e->pauses = false;
    start_sequencer(e);
}

void room_edge_restart(room_edge *e)
{
    CK_CHECK_EQ(ck_loop_call(e->loop, restart, e), CHALK_OK);
}

static void set_expiry(void *arg)
{
    order *o = arg;
    o->edge->expire_us = o->number;
}

void room_edge_expire_in(room_edge *e, uint64_t us)
{
    order o = {.edge = e, .number = us};
    CK_CHECK_EQ(ck_loop_call(e->loop, set_expiry, &o), CHALK_OK);
}

static void set_stream(void *arg)
{
    order *o = arg;
    ck_sequencer_stream(o->edge->sequencer, ck_bytes_of(o->name, strlen(o->name)), o->media, o->on,
                        ck_loop_now_us(o->edge->loop));
    pump(o->edge);
}

void room_edge_stream(room_edge *e, const char *name, enum ck_media media, bool on)
{
    order o = {.edge = e, .name = name, .media = media, .on = on};
    CK_CHECK_EQ(ck_loop_call(e->loop, set_stream, &o), CHALK_OK);
}

static void count_connections(void *arg)
{
    order *o = arg;
    for (size_t i = 0; i < PEERS; i++) {
        o->number += o->edge->peers[i].ws != NULL;
    }
}

uint32_t room_edge_connections(room_edge *e)
{
    order o = {.edge = e};
    CK_CHECK_EQ(ck_loop_call(e->loop, count_connections, &o), CHALK_OK);
    return (uint32_t)o.number;
}

static void read_clock(void *arg)
{
    order *o = arg;
    o->number = ck_sequencer_room_us(o->edge->sequencer, ck_clock_us());
}

uint64_t room_edge_room_us(room_edge *e)
{
    order o = {.edge = e};
    CK_CHECK_EQ(ck_loop_call(e->loop, read_clock, &o), CHALK_OK);
    return o.number;
}
