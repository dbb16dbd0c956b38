/* A run from beginning to end: what goes wrong, and when. */
#include "sim/room_inside.h"

#include "base/check.h"
#include "runtime/pack/pack.h"
#include "support/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ck_world_break(world *w, const char *rule, uint64_t value)
{
    if (w->run->broken[0] == '\0') {
        snprintf(w->run->broken, sizeof w->run->broken, "%s (%llu) at %llu ms", rule,
                 (unsigned long long)value, (unsigned long long)(w->sim.now_us / 1000));
    }
}

void *ck_world_grow(void *array, size_t count, size_t *size, size_t element)
{
    if (count < *size) {
        return array;
    }
    *size = *size == 0 ? 256 : 2 * *size;
    void *grown = realloc(array, *size * element);
    if (grown == NULL) {
        fputs("simulation: out of memory\n", stderr);
        exit(1);
    }
    return grown;
}

bool ck_world_is_over(const world *w)
{
    return w->sim.now_us >= FAULTS_US;
}

uint64_t ck_world_us(world *w, uint64_t most)
{
    return ck_rng_below(&w->sim.rng, most + 1);
}

/* --- faults -------------------------------------------------------------------------------- */

static void something_fails(void *user, uint64_t every_us, uint64_t b)
{
    (void)b;
    world *w = user;
    if (ck_world_is_over(w)) {
        return;
    }
    edge *one = &w->edges[ck_rng_below(&w->sim.rng, EDGES)];
    switch (ck_rng_below(&w->sim.rng, 6)) {
    case 0:
    case 1:
        if (one->up) {
            ck_edge_die(one);
        }
        break;
    case 2: /* both believe that the room is theirs; people go on at either */
        one = &w->edges[1 - w->home];
        if (one->up) {
            ck_edge_start(one);
        }
        break;
    case 3:
        w->home = 1 - w->home;
        break;
    case 4:
        w->store_full_until_us = w->sim.now_us + ck_world_us(w, 2000000);
        break;
    default: /* a cable: many at once */
        for (wire *at = w->wires; at != NULL; at = at->next) {
            if (at->down_open && ck_sim_chance(&w->sim, 300000)) {
                w->run->cuts++;
                ck_wire_cut(at, false);
            }
        }
        break;
    }
    ck_sim_at(&w->sim, w->sim.now_us + every_us / 4 + ck_world_us(w, every_us * 3 / 2),
              something_fails, w, every_us, 0);
}

/* From here on nothing breaks; both edges run, one is the one that people go to. */
static void heal(void *user, uint64_t a, uint64_t b)
{
    (void)a, (void)b;
    world *w = user;
    w->store_full_until_us = 0;
    for (int i = 0; i < EDGES; i++) {
        w->edges[i].up = true;
    }
    ck_edge_start(&w->edges[w->home]);
}

/* --- a run --------------------------------------------------------------------------------- */

static void begin(world *w, ck_room_run *run)
{
    *w = (world){.run = run};
    ck_sim_init(&w->sim, run->seed);
    ck_memory_store_init(&w->store, &ck_test_heap);
    ck_room_init(&w->truth, &ck_test_heap, 4096);
    /* Small lessons are many, large ones few. */
    uint64_t most = ck_rng_below(&w->sim.rng, 5) == 0 ? PEOPLE_MAX - 1 : 10;
    most = run->board ? CK_MIN(most, 28) + 1 : most;
    w->people_count = 2 + (uint32_t)ck_rng_below(&w->sim.rng, most);
    run->people = w->people_count;
    w->config = (ck_sequencer_config){
        .alloc = &ck_test_heap,
        .crowd_from = ck_sim_chance(&w->sim, 500000) ? 3 : 100,
        .checkpoint_events = ck_sim_chance(&w->sim, 500000) ? 40 : 0,
        .hand_timeout_s = 2,
        .keep_first_login = ck_sim_chance(&w->sim, 200000),
        .pack_from = ck_sim_chance(&w->sim, 700000) ? 1 : 6,
    };
    for (int i = 0; i < EDGES; i++) {
        w->edges[i] = (edge){.world = w, .index = i, .up = true, .wake_us = CK_NEVER};
        w->edges[i].clock_off_us = (int64_t)ck_world_us(w, 40000000) - 20000000;
    }
    ck_people_begin(w);
    uint64_t every_us = 500000 + ck_world_us(w, 3000000);
    ck_sim_at(&w->sim, 1000000 + ck_world_us(w, every_us), something_fails, w, every_us, 0);
    ck_sim_at(&w->sim, FAULTS_US, heal, w, 0, 0);
}

static void end(world *w)
{
    for (size_t i = 0; i < w->sim.count; i++) {
        ck_wire_forget(&w->sim.heap[i]);
        ck_edge_forget(&w->sim.heap[i]);
    }
    for (uint32_t i = 0; i < w->device_count; i++) {
        w->run->unpacked += ck_replica_get_stats(w->devices[i].replica).unpacked;
        ck_drawing_free(&w->devices[i].drawing);
        ck_replica_destroy(&w->devices[i].replica);
        ck_inflater_destroy(&w->devices[i].inflater);
    }
    for (int i = 0; i < EDGES; i++) {
        ck_edge_close(&w->edges[i]);
    }
    for (wire *at = w->wires; at != NULL;) {
        wire *next = at->next;
        free(at);
        at = next;
    }
    ck_memory_store_free(&w->store);
    ck_room_free(&w->truth);
    free(w->facts);
    free(w->acks);
    free(w->gone);
    ck_sim_free(&w->sim);
    free(w);
}

void ck_room_simulate(ck_room_run *run)
{
    world *w = malloc(sizeof *w);
    if (w == NULL) {
        fputs("simulation: out of memory\n", stderr);
        exit(1);
    }
    begin(w, run);
    ck_sim_run(&w->sim, HEALED_US);
    ck_check_end(w);
    run->hash = w->sim.hash;
    end(w);
}

/* --- chalk-sim room ------------------------------------------------------------------------ */

static int wrong(void)
{
    fputs("usage: chalk-sim room [--seed N | --seeds N]\n"
          "People in a room over networks and edges that fail. Exit status 1 when a rule did not "
          "hold.\n",
          stderr);
    return 2;
}

int ck_room_main(int argc, char **argv)
{
    ck_seeds seeds = {1, 50};
    uint64_t failed = 0;
    if (!ck_seeds_read(&seeds, argc, argv)) {
        return wrong();
    }
    printf("%6s %-16s %6s %6s %6s %6s %6s %6s %6s %6s %6s %6s\n", "seed", "hash", "people",
           "events", "crowd", "taken", "acked", "cuts", "died", "fenced", "step", "marked");
    for (uint64_t seed = seeds.first; seed <= seeds.last; seed++) {
        ck_room_run run = {.seed = seed};
        ck_room_simulate(&run);
        if (seeds.last - seeds.first < 100 || run.broken[0] != '\0') {
            printf("%6llu %016llx %6u %6llu %6llu %6u %6llu %6u %6u %6llu %6llu %6llu  %s\n",
                   (unsigned long long)seed, (unsigned long long)run.hash, run.people,
                   (unsigned long long)run.events, (unsigned long long)run.crowd, run.takeovers,
                   (unsigned long long)run.accepted, run.cuts, run.edges_died,
                   (unsigned long long)run.fenced, (unsigned long long)run.in_step,
                   (unsigned long long)run.marked, run.broken[0] != '\0' ? run.broken : "ok");
        }
        failed += run.broken[0] != '\0';
    }
    printf("%llu runs, %llu failed\n", (unsigned long long)(seeds.last - seeds.first + 1),
           (unsigned long long)failed);
    return failed > 0;
}
