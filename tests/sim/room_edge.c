/* Edges and the store: they die at any point, also between writing and hearing of it. */
#include "sim/room_inside.h"

#include "runtime/pack/pack.h"
#include "support/alloc.h"

#include <stdlib.h>

/* A question to the store, and its answer on the way back. */
typedef struct request {
    edge *edge;
    uint32_t life;
    uint64_t epoch;
    ck_sequencer_output what;
    enum ck_store_answer answer;
} request;

static bool is_there(const request *q)
{
    return q->edge->sequencer != NULL && q->edge->life == q->life;
}

static void forget(request *q)
{
    ck_slice_unref(&q->what.bytes);
    free(q);
}

static void answered(void *user, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    request *q = user;
    edge *e = q->edge;
    if (is_there(q)) {
        ck_sequencer_stored(e->sequencer, q->what.to, q->answer, e->world->sim.now_us);
        ck_edge_pump(e);
    }
    forget(q);
}

static void tail(request *q)
{
    edge *e = q->edge;
    const ck_memory_store *store = &e->world->store;
    ck_sequencer *s = e->sequencer;
    int status = 0;
    if (!is_there(q)) {
        return;
    }
    if (store->checkpoint.data != NULL) {
        status = ck_sequencer_load_checkpoint(
            s, ck_bytes_of(store->checkpoint.data, store->checkpoint.size));
    }
    for (size_t i = 0; i < store->count && status == 0; i++) {
        const ck_slice *bytes = &store->records[i].bytes;
        status = ck_sequencer_load(s, ck_bytes_of(bytes->data, bytes->size));
    }
    if (status != 0) {
        ck_world_break(e->world, "what was stored cannot be read", (uint64_t)-status);
    }
    ck_sequencer_open(s, e->world->sim.now_us);
    ck_edge_pump(e);
}

static void append(world *w, request *q)
{
    ck_bytes record = {q->what.bytes.data, q->what.bytes.size};
    bool full = w->sim.now_us < w->store_full_until_us && q->epoch == w->store.epoch;
    q->answer =
        full ? CK_STORE_FULL
             : ck_memory_store_append(&w->store, q->epoch, q->what.after, q->what.to, record);
    w->run->fenced += q->answer == CK_STORE_FENCED;
    w->run->full += q->answer == CK_STORE_FULL;
    if (q->answer == CK_STORE_COMMITTED && q->what.to > q->what.after) {
        ck_check_committed(w, record);
    }
}

static void at_store(void *user, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    request *q = user;
    world *w = q->edge->world;
    switch (q->what.action) {
    case CK_SEQUENCER_APPEND:
        append(w, q);
        ck_sim_at(&w->sim, w->sim.now_us + ck_world_us(w, 3000), answered, q, 0, 0);
        return;
    case CK_SEQUENCER_CHECKPOINT:
        (void)ck_memory_store_checkpoint(&w->store, q->epoch, q->what.to,
                                         ck_bytes_of(q->what.bytes.data, q->what.bytes.size));
        break;
    default:
        tail(q);
        break;
    }
    forget(q);
}

void ck_edge_forget(const ck_sim_event *event)
{
    if (event->fn == at_store || event->fn == answered) {
        forget(event->user);
    }
}

static void ask_store(edge *e, const ck_sequencer_output *what)
{
    request *q = calloc(1, sizeof *q);
    if (q == NULL) {
        exit(1);
    }
    *q = (request){.edge = e, .life = e->life, .epoch = e->epoch, .what = *what};
    /* One way and the other; now and then the disk is slow. */
    uint64_t slow = ck_sim_chance(&e->world->sim, 5000) ? ck_world_us(e->world, 800000) : 0;
    ck_sim_at(&e->world->sim, e->world->sim.now_us + ck_world_us(e->world, 3000) + slow, at_store,
              q, 0, 0);
}

static void wake(void *user, uint64_t at_us, uint64_t life)
{
    edge *e = user;
    if (e->sequencer != NULL && e->wake_us == at_us && e->life == life) {
        e->wake_us = CK_NEVER;
        ck_sequencer_on_deadline(e->sequencer, e->world->sim.now_us);
        ck_edge_pump(e);
    }
}

static void carry_out(edge *e, ck_sequencer_output *out)
{
    wire *w;
    switch (out->action) {
    case CK_SEQUENCER_SEND:
        w = ck_wire_of(e->world, e->index, out->connection);
        if (w != NULL && w->down_open) {
            ck_wire_down(w, out->bytes);
        } else {
            ck_slice_unref(&out->bytes);
        }
        break;
    case CK_SEQUENCER_CLOSE:
        w = ck_wire_of(e->world, e->index, out->connection);
        ck_sequencer_gone(e->sequencer, out->connection, e->world->sim.now_us);
        if (w != NULL && w->down_open) {
            /* What was sent before arrives first. */
            w->id = 0;
            w->up_open = false;
            ck_wire_down(w, ck_slice_static("", 0));
        }
        break;
    default:
        ask_store(e, out);
        break;
    }
}

void ck_edge_close(edge *e)
{
    if (e->sequencer != NULL) {
        ck_check_edge(e);
    }
    ck_sequencer_destroy(&e->sequencer);
    ck_deflater_destroy(&e->deflater);
}

void ck_edge_pump(edge *e)
{
    ck_sequencer_output out;
    while (e->sequencer != NULL && ck_sequencer_poll_output(e->sequencer, &out)) {
        carry_out(e, &out);
    }
    if (e->sequencer == NULL) {
        return;
    }
    if (ck_sequencer_state_of(e->sequencer) == CK_SEQUENCER_LOST) {
        e->life++;
        ck_edge_close(e);
        return;
    }
    uint64_t at = ck_sequencer_next_deadline(e->sequencer);
    if (at != e->wake_us && at != CK_NEVER) {
        e->wake_us = at;
        ck_sim_at(&e->world->sim, at, wake, e, at, e->life);
    }
}

void ck_edge_start(edge *e)
{
    world *w = e->world;
    ck_sequencer_config config = w->config;
    if (e->sequencer != NULL || !e->up) {
        return;
    }
    w->run->takeovers++;
    e->epoch = ck_memory_store_lease(&w->store);
    e->life++;
    e->wake_us = CK_NEVER;
    config.epoch = e->epoch;
    config.unix_us = UNIX_US + w->sim.now_us + (uint64_t)(30000000 + e->clock_off_us);
    if (ck_deflater_create(&ck_test_heap, &e->deflater) == 0) {
        config.packer = ck_deflater_port(e->deflater);
    }
    if (ck_sequencer_create(&config, w->sim.now_us, &e->sequencer) < 0) {
        ck_world_break(w, "an edge could not start", 0);
    }
    ck_edge_pump(e);
}

static void comes_back(void *user, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    edge *e = user;
    e->up = true;
}

/* Everything in its memory is gone; its connections break. */
void ck_edge_die(edge *e)
{
    world *w = e->world;
    w->run->edges_died++;
    e->up = false;
    for (wire *at = w->wires; at != NULL; at = at->next) {
        if (at->edge == e->index && at->life == e->life && at->down_open) {
            ck_wire_cut(at, false);
        }
    }
    e->life++;
    ck_edge_close(e);
    ck_sim_at(&w->sim, w->sim.now_us + ck_world_us(w, 2000000), comes_back, e, 0, 0);
}
