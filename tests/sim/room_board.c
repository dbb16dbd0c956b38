/* People who draw together: they erase, undo, move and clear, go offline for a while, come late. */
#include "sim/room_inside.h"

#include "base/check.h"
#include "support/alloc.h"
#include "support/board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what they do -------------------------------------------------------------------------- */

static void let_draw(device *d)
{
    world *w = d->world;
    const ck_event intent = {
        .kind = CK_EVENT_RIGHTS,
        .target = 1 + ck_rng_below(&w->sim.rng, w->people_count),
        .value = CK_RIGHT_CHAT | (ck_sim_chance(&w->sim, 900000) ? CK_RIGHT_DRAW : 0),
    };
    uint64_t id;
    (void)ck_replica_intend(d->replica, &intent, w->sim.now_us, &id);
}

static void go_offline(device *d)
{
    world *w = d->world;
    d->offline_until_us = w->sim.now_us + 1000000 + ck_world_us(w, 9000000);
    if (d->wire != NULL) {
        w->run->cuts++;
        ck_wire_cut(d->wire, false);
    }
}

void ck_board_act(device *d)
{
    world *w = d->world;
    bool staff = w->people[d->person].role <= CK_ROLE_ASSISTANT;
    uint32_t term = ck_drawing_term(&d->drawing, d->replica);
    if (ck_sim_chance(&w->sim, 20000)) {
        go_offline(d);
    }
    if (staff && ck_sim_chance(&w->sim, 400000)) {
        let_draw(d);
    }
    if (term == 0) {
        return;
    }
    ck_buf data;
    ck_buf_init(&data, &ck_test_heap, 4096);
    ck_board_any_op(&w->sim.rng, ck_drawing_look(&d->drawing, d->replica),
                    ck_replica_me(d->replica), term, staff, &data);
    const ck_event intent = {.kind = CK_EVENT_BOARD, .data = ck_bytes_of(data.data, data.size)};
    uint64_t id;
    (void)ck_replica_intend(d->replica, &intent, w->sim.now_us, &id);
    ck_buf_free(&data);
}

static void come_late(void *user, uint64_t who, uint64_t b)
{
    (void)b;
    (void)ck_device_new(user, (uint32_t)who);
}

void ck_board_people_begin(world *w)
{
    person *p = &w->people[w->people_count];
    snprintf(p->name, sizeof p->name, "late");
    p->role = CK_ROLE_STUDENT;
    ck_sim_at(&w->sim, FAULTS_US + 20000000, come_late, w, w->people_count, 0);
}

/* --- what must hold ------------------------------------------------------------------------ */

static bool is_board(const world *w, const ck_event *event)
{
    return w->run->board && event->kind == CK_EVENT_BOARD && event->data.size > 0;
}

void ck_board_check_before(world *w, const ck_event *event)
{
    const ck_board *b = &w->truth.board;
    w->gone_count = 0;
    for (uint32_t i = 0; i < b->bucket_count && is_board(w, event); i++) {
        for (const ck_board_object *o = b->ids[i]; o != NULL; o = o->id_next) {
            if (!ck_board_is_there(b, o)) {
                w->gone = ck_world_grow(w->gone, w->gone_count, &w->gone_size, sizeof *w->gone);
                w->gone[w->gone_count++] = o->id;
            }
        }
    }
}

/* Whatever happens at once, what is gone comes back by the undo of who took it alone; and what was
 * accepted has been done. */
void ck_board_check_after(world *w, const ck_event *event)
{
    const ck_board *b = &w->truth.board;
    if (!is_board(w, event)) {
        return;
    }
    uint8_t code = event->data.data[0];
    const ck_board_author *author = ck_board_find_author(b, event->author);
    bool back = code == CK_BOARD_UNDO || code == CK_BOARD_REDO;
    w->run->drawn++;
    w->run->undone += back;
    if (author == NULL || author->counter != event->counter) {
        ck_world_break(w, "an operation was accepted and not done", event->number);
    }
    for (size_t i = 0; i < w->gone_count && !back; i++) {
        const ck_board_object *o = ck_board_find(b, w->gone[i]);
        if (o != NULL && ck_board_is_there(b, o)) {
            ck_world_break(w, "what was deleted came back", event->number);
        }
    }
}

static void add_hash(const ck_board_object *o, void *user)
{
    *(uint64_t *)user += o->id * 31 + (uint32_t)o->x + (uint32_t)o->y * 7 + o->colour;
}

static uint64_t look(const ck_board *b)
{
    const ck_board_box all = {INT32_MIN / 2, INT32_MIN / 2, INT32_MAX / 2, INT32_MAX / 2};
    uint64_t seen = 0;
    for (uint32_t i = 0; ck_board_page_at(b, i) != 0; i++) {
        ck_board_search(b, ck_board_page_at(b, i), &all, add_hash, &seen);
    }
    return seen;
}

/* With nothing pending, what one sees is what is there. */
void ck_board_check_device(const device *d)
{
    world *w = d->world;
    if (!w->run->board) {
        return;
    }
    ck_drawing drawing;
    ck_drawing_init(&drawing, &ck_test_heap);
    const ck_board *seen = ck_drawing_look(&drawing, d->replica);
    if (ck_board_hash(seen) != ck_board_hash(&w->truth.board)) {
        ck_world_break(w, "somebody ended with another board", d->person);
    }
    if (look(seen) != look(&w->truth.board)) {
        ck_world_break(w, "somebody sees another board", d->person);
    }
    w->run->objects = ck_board_count_there(&w->truth.board);
    ck_drawing_free(&drawing);
}

/* --- chalk-sim board ----------------------------------------------------------------------- */

#define MINUTES_MAX 10000

static int wrong(void)
{
    fputs("usage: chalk-sim board [--seed N | --seeds N | --minutes N]\n"
          "People who draw on one board over networks and edges that fail. Exit status 1 when a "
          "rule did not hold. --minutes: one long lesson without faults, early and late.\n",
          stderr);
    return 2;
}

static void print(const ck_room_run *run)
{
    printf("%6llu %016llx %6u %6llu %6llu %7llu %6llu %6u %6u %6llu  %s\n",
           (unsigned long long)run->seed, (unsigned long long)run->hash, run->people,
           (unsigned long long)run->drawn, (unsigned long long)run->undone,
           (unsigned long long)run->objects, (unsigned long long)run->accepted, run->cuts,
           run->edges_died, (unsigned long long)run->refused,
           run->broken[0] != '\0' ? run->broken : "ok");
}

static int long_lesson(uint32_t minutes)
{
    ck_long_lesson lesson = {.seed = 1, .minutes = minutes};
    ck_long_lesson_run(&lesson);
    printf("%llu operations in %u minutes\n", (unsigned long long)lesson.drawn, (unsigned)minutes);
    printf("%-28s %12s %12s\n", "", "minutes 4-10", "last six");
    const struct {
        const char *name;
        uint64_t early, late;
    } rows[] = {{"objects", lesson.early.objects, lesson.late.objects},
                {"operations kept for undo", lesson.early.entries, lesson.late.entries},
                {"bytes of bodies", lesson.early.body_bytes, lesson.late.body_bytes},
                {"bytes of edge and 6 people", lesson.early.heap_bytes, lesson.late.heap_bytes},
                {"ns an operation, all of them", lesson.early.ns, lesson.late.ns}};
    for (size_t i = 0; i < CK_COUNT_OF(rows); i++) {
        printf("%-28s %12llu %12llu\n", rows[i].name, (unsigned long long)rows[i].early,
               (unsigned long long)rows[i].late);
    }
    puts(lesson.broken[0] != '\0' ? lesson.broken : "ok");
    return lesson.broken[0] != '\0';
}

int ck_board_main(int argc, char **argv)
{
    ck_seeds seeds = {1, 50};
    uint64_t failed = 0, drawn = 0;
    if (argc == 3 && strcmp(argv[1], "--minutes") == 0) {
        uint64_t minutes = 0;
        return ck_seeds_number(argv[2], MINUTES_MAX, &minutes) ? long_lesson((uint32_t)minutes)
                                                               : wrong();
    }
    if (!ck_seeds_read(&seeds, argc, argv)) {
        return wrong();
    }
    printf("%6s %-16s %6s %6s %6s %7s %6s %6s %6s %6s\n", "seed", "hash", "people", "drawn",
           "undone", "objects", "acked", "cuts", "died", "ref.");
    for (uint64_t seed = seeds.first; seed <= seeds.last; seed++) {
        ck_room_run run = {.seed = seed, .board = true};
        ck_room_simulate(&run);
        if (seeds.last - seeds.first < 100 || run.broken[0] != '\0') {
            print(&run);
        }
        failed += run.broken[0] != '\0';
        drawn += run.drawn;
    }
    printf("%llu operations drawn; %llu runs, %llu failed\n", (unsigned long long)drawn,
           (unsigned long long)(seeds.last - seeds.first + 1), (unsigned long long)failed);
    return failed > 0;
}
