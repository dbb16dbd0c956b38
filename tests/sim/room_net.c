/* Connections: ordered while they last, cut without notice, with a frame doubled or left out now
 * and then as no honest network would. */
#include "sim/room_inside.h"

#include "base/check.h"

#include <stdlib.h>

#define FRAME_KIND(slice) ((slice).size > 0 ? (slice).data[0] : 0)

static void *keep(ck_slice bytes)
{
    ck_slice *kept = malloc(sizeof *kept);
    if (kept == NULL) {
        exit(1);
    }
    *kept = bytes;
    return kept;
}

static void arrive_up(void *user, uint64_t message, uint64_t closing)
{
    wire *w = user;
    edge *e = &w->world->edges[w->edge];
    bool there = e->sequencer != NULL && e->life == w->life && w->id != 0;
    if (closing) {
        if (there) {
            ck_sequencer_gone(e->sequencer, w->id, w->world->sim.now_us);
        }
    } else {
        ck_slice *bytes = (ck_slice *)(uintptr_t)message;
        if (there && w->up_open) {
            ck_sequencer_feed(e->sequencer, w->id, ck_bytes_of(bytes->data, bytes->size),
                              w->world->sim.now_us);
        }
        ck_slice_unref(bytes);
        free(bytes);
    }
    ck_edge_pump(e);
}

static void arrive_down(void *user, uint64_t message, uint64_t closing)
{
    wire *w = user;
    device *d = w->device;
    bool there = d->wire == w;
    if (closing) {
        if (there) {
            d->wire = NULL;
            ck_replica_failed(d->replica, w->attempt, -34, w->world->sim.now_us);
        }
    } else {
        ck_slice *bytes = (ck_slice *)(uintptr_t)message;
        if (there && w->down_open && bytes->size == 0) { /* the edge has closed it */
            d->wire = NULL;
            ck_replica_failed(d->replica, w->attempt, -34, w->world->sim.now_us);
        } else if (there && w->down_open) {
            ck_replica_feed(d->replica, w->attempt, ck_bytes_of(bytes->data, bytes->size),
                            w->world->sim.now_us);
        }
        ck_slice_unref(bytes);
        free(bytes);
    }
    ck_device_pump(d);
}

void ck_wire_forget(const ck_sim_event *event)
{
    if ((event->fn == arrive_up || event->fn == arrive_down) && event->b == 0) {
        ck_slice *bytes = (ck_slice *)(uintptr_t)event->a;
        ck_slice_unref(bytes);
        free(bytes);
    }
}

static uint64_t next_arrival(wire *w, uint64_t *last_us)
{
    ck_sim *sim = &w->world->sim;
    uint64_t jitter = ck_rng_below(&sim->rng, w->delay_us + 1);
    bool stalls = !ck_world_is_over(w->world) && ck_sim_chance(sim, 2000);
    uint64_t at =
        sim->now_us + w->delay_us + jitter + (stalls ? ck_world_us(w->world, 4000000) : 0);
    *last_us = CK_MAX(*last_us, at);
    return *last_us;
}

void ck_wire_up(wire *w, ck_slice bytes)
{
    bool twice = !ck_world_is_over(w->world) && FRAME_KIND(bytes) == CK_FRAME_INTENT &&
                 ck_sim_chance(&w->world->sim, 20000);
    for (int i = 0; i <= twice; i++) {
        ck_sim_at(&w->world->sim, next_arrival(w, &w->up_last_us), arrive_up, w,
                  (uintptr_t)keep(ck_slice_ref(bytes)), 0);
    }
    ck_slice_unref(&bytes);
}

/* Now and then somebody reads slowly, for a while. */
static void read_slowly(wire *w)
{
    edge *e = &w->world->edges[w->edge];
    ck_sim *sim = &w->world->sim;
    if (e->sequencer == NULL || e->life != w->life) {
        return;
    }
    if (ck_world_is_over(w->world) || ck_sim_chance(sim, 100000)) {
        ck_sequencer_unsent(e->sequencer, w->id, 0);
    } else if (ck_sim_chance(sim, 10000)) {
        ck_sequencer_unsent(e->sequencer, w->id, 80000);
    } else if (ck_sim_chance(sim, 200)) {
        ck_sequencer_unsent(e->sequencer, w->id, 2000000);
    }
}

void ck_wire_down(wire *w, ck_slice bytes)
{
    read_slowly(w);
    bool shared = FRAME_KIND(bytes) == CK_FRAME_BATCH || FRAME_KIND(bytes) == CK_FRAME_PACKED;
    bool bad = !ck_world_is_over(w->world) && shared;
    bool lost = bad && ck_sim_chance(&w->world->sim, 1000);
    bool twice = bad && ck_sim_chance(&w->world->sim, 5000);
    for (int i = 0; i <= twice && !lost; i++) {
        ck_sim_at(&w->world->sim, next_arrival(w, &w->down_last_us), arrive_down, w,
                  (uintptr_t)keep(ck_slice_ref(bytes)), 0);
    }
    ck_slice_unref(&bytes);
}

/* What is under way is lost. Who did not cut learns of it later, or much later. */
void ck_wire_cut(wire *w, bool by_device)
{
    ck_sim *sim = &w->world->sim;
    uint64_t late = ck_sim_chance(sim, 200000) ? ck_world_us(w->world, 3000000) : w->delay_us;
    w->up_open = false;
    w->down_open = false;
    if (by_device) {
        w->device->wire = w->device->wire == w ? NULL : w->device->wire;
    } else {
        ck_sim_at(sim, sim->now_us + w->delay_us, arrive_down, w, 0, 1);
    }
    ck_sim_at(sim, sim->now_us + late, arrive_up, w, 0, 1);
}

wire *ck_wire_of(world *w, int index, uint64_t id)
{
    for (wire *at = w->wires; at != NULL; at = at->next) {
        if (at->edge == index && at->id == id && at->life == w->edges[index].life) {
            return at;
        }
    }
    return NULL;
}

static void connected(void *user, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    wire *w = user;
    device *d = w->device;
    edge *e = &w->world->edges[w->edge];
    person *p = &w->world->people[d->person];
    ck_claims claims = {.name = ck_bytes_of(p->name, 0), .role = p->role};
    while (p->name[claims.name.size] != '\0') {
        claims.name.size++;
    }
    if (d->wire != w) {
        return;
    }
    /* An edge that is asked for a room that it does not have takes it. */
    if (e->up && e->sequencer == NULL) {
        ck_edge_start(e);
    }
    bool offline = w->world->sim.now_us < d->offline_until_us && !ck_world_is_over(w->world);
    int status = e->sequencer == NULL || offline
                     ? -1
                     : ck_sequencer_connect(e->sequencer, &claims, w->world->sim.now_us, &w->id);
    if (status < 0) {
        d->wire = NULL;
        ck_replica_failed(d->replica, w->attempt, -32, w->world->sim.now_us);
    } else {
        w->life = e->life;
        w->up_open = true;
        w->down_open = true;
        ck_replica_opened(d->replica, w->attempt, w->world->sim.now_us);
    }
    ck_device_pump(d);
    ck_edge_pump(e);
}

void ck_wire_open(device *d, uint32_t attempt)
{
    world *all = d->world;
    wire *w = calloc(1, sizeof *w);
    if (w == NULL) {
        exit(1);
    }
    bool elsewhere = !ck_world_is_over(all) && ck_sim_chance(&all->sim, 30000);
    *w = (wire){
        .world = all,
        .device = d,
        .attempt = attempt,
        .edge = elsewhere ? 1 - all->home : all->home,
        .delay_us = 500 + (uint32_t)ck_rng_below(&all->sim.rng, 60000),
        .next = all->wires,
    };
    all->wires = w;
    d->wire = w;
    ck_sim_at(&all->sim, all->sim.now_us + 2 * w->delay_us, connected, w, 0, 0);
}
