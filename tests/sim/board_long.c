/* Six people draw at one board for as long as asked, an operation a second each; the teacher clears
 * all of its pages now and then. Without faults: what grows would grow here. */
#include "core/drawing/drawing.h"
#include "sim/room.h"
#include "support/alloc.h"
#include "support/board.h"
#include "unit/room_pair.h"

#include "base/check.h"
#include "base/time.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define PEOPLE       6u
#define EARLY_MINUTE 4u /* by then everybody has as much to undo as they may have */
#define WINDOW       6u /* minutes: what a clearing undone brings back does not decide */
#define CLEARS_S     90u
#define PAGES_MAX    64u /* far more than there are */

typedef struct lesson {
    ck_long_lesson *run;
    ck_counting_alloc counting;
    ck_room_pair pair;
    ck_drawing drawings[PEOPLE];
    ck_rng rng;
} lesson;

static uint64_t processor_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void intend(lesson *l, uint32_t who, ck_bytes data)
{
    const ck_event intent = {.kind = CK_EVENT_BOARD, .data = data};
    uint64_t id;
    (void)ck_replica_intend(l->pair.clients[who].replica, &intent, l->pair.now_us, &id);
}

static void draw(lesson *l, uint32_t who)
{
    const ck_replica *replica = l->pair.clients[who].replica;
    uint32_t term = ck_drawing_term(&l->drawings[who], replica);
    ck_buf data;
    ck_buf_init(&data, &ck_test_heap, 4096);
    ck_board_any_op(&l->rng, ck_drawing_look(&l->drawings[who], replica), ck_replica_me(replica),
                    CK_MAX(term, 1), false, &data);
    intend(l, who, ck_bytes_of(data.data, data.size));
    ck_buf_free(&data);
}

static void expect(ck_long_lesson *run, bool holds, const char *what)
{
    if (!holds && run->broken[0] == '\0') {
        snprintf(run->broken, sizeof run->broken, "%s", what);
    }
}

static void clear(lesson *l, uint16_t page)
{
    ck_buf data;
    ck_buf_init(&data, &ck_test_heap, 64);
    const ck_board_op op = {.code = CK_BOARD_CLEAR,
                            .page = page,
                            .term = ck_drawing_term(&l->drawings[0], l->pair.clients[0].replica)};
    ck_board_op_write(&op, &data);
    intend(l, 0, ck_bytes_of(data.data, data.size));
    ck_buf_free(&data);
}

static void clear_all(lesson *l)
{
    const ck_board *b = &ck_replica_head(l->pair.clients[0].replica)->board;
    uint16_t pages[PAGES_MAX];
    uint32_t count = 0;
    for (; count < PAGES_MAX && ck_board_page_at(b, count) != 0; count++) {
        pages[count] = ck_board_page_at(b, count);
    }
    expect(l->run, count < PAGES_MAX, "there are more and more pages");
    for (uint32_t i = 0; i < count; i++) {
        clear(l, pages[i]);
    }
}

static void minute(lesson *l, uint32_t number)
{
    for (uint32_t s = 0; s < 60; s++) {
        for (uint32_t who = 0; who < PEOPLE; who++) {
            draw(l, who);
        }
        if ((60 * number + s) % CLEARS_S == CLEARS_S - 1) {
            clear_all(l);
        }
        ck_pair_run(&l->pair, CK_US_PER_S);
    }
}

static void measure(lesson *l, uint32_t from, uint32_t to, bool late)
{
    uint64_t objects = 0, entries = 0, body_bytes = 0, heap_bytes = 0;
    const ck_room *room = ck_sequencer_room(l->pair.sequencer);
    uint64_t began_ns = processor_ns(), began = room->number;
    for (uint32_t i = from; i < to; i++) {
        minute(l, i);
        objects = CK_MAX(objects, room->board.count);
        entries = CK_MAX(entries, room->board.entry_count);
        body_bytes = CK_MAX(body_bytes, ck_board_body_bytes(&room->board));
        heap_bytes = CK_MAX(heap_bytes, l->counting.bytes);
    }
    uint64_t ns = (processor_ns() - began_ns) / CK_MAX(room->number - began, 1);
    if (late) {
        l->run->late.objects = objects, l->run->late.entries = entries, l->run->late.ns = ns;
        l->run->late.body_bytes = body_bytes, l->run->late.heap_bytes = heap_bytes;
    } else {
        l->run->early.objects = objects, l->run->early.entries = entries, l->run->early.ns = ns;
        l->run->early.body_bytes = body_bytes, l->run->early.heap_bytes = heap_bytes;
    }
}

static void judge(lesson *l)
{
    ck_long_lesson *run = l->run;
    const ck_board *b = &ck_sequencer_room(l->pair.sequencer)->board;
    ck_pair_run(&l->pair, 5 * CK_US_PER_S);
    for (uint32_t i = 0; i < PEOPLE; i++) {
        const ck_board *own = &ck_replica_head(l->pair.clients[i].replica)->board;
        expect(run, ck_board_hash(own) == ck_board_hash(b), "somebody has another board");
    }
    expect(run, run->late.objects <= run->early.objects * 3 / 2, "there are more and more objects");
    expect(run, run->late.entries <= run->early.entries * 3 / 2, "undo keeps more and more");
    expect(run, run->late.body_bytes <= run->early.body_bytes * 3 / 2, "bodies grow");
    /* Records kept for who resumes, and history, grow up to their bounds. */
    expect(run, run->late.heap_bytes <= run->early.heap_bytes + (12u << 20), "memory grows");
    expect(run, run->late.ns <= 3 * run->early.ns, "operations take longer and longer");
}

void ck_long_lesson_run(ck_long_lesson *run)
{
    static const char *const names[PEOPLE] = {"ada", "ben", "cem", "dee", "eve", "fay"};
    const ck_sequencer_config config = {0};
    const ck_replica_config replica = {0};
    lesson *l = calloc(1, sizeof *l);
    if (l == NULL) {
        exit(1);
    }
    l->run = run;
    ck_rng_seed(&l->rng, run->seed);
    ck_counting_alloc_init(&l->counting);
    expect(run, ck_pair_init(&l->pair, &l->counting.alloc, &config) == 0, "no room");
    for (uint32_t i = 0; i < PEOPLE; i++) {
        enum ck_role role = i == 0 ? CK_ROLE_TEACHER : CK_ROLE_ASSISTANT;
        expect(run, ck_pair_join(&l->pair, names[i], role, &replica) == 0,
               "somebody is not let in");
        ck_drawing_init(&l->drawings[i], &l->counting.alloc);
    }
    for (uint32_t i = 0; i < EARLY_MINUTE; i++) {
        minute(l, i);
    }
    measure(l, EARLY_MINUTE, EARLY_MINUTE + WINDOW, false);
    for (uint32_t i = EARLY_MINUTE + WINDOW; i + WINDOW < run->minutes; i++) {
        minute(l, i);
    }
    measure(l, CK_MAX(run->minutes, WINDOW) - WINDOW, run->minutes, true);
    judge(l);
    run->drawn = ck_sequencer_room(l->pair.sequencer)->number;
    for (uint32_t i = 0; i < PEOPLE; i++) {
        ck_drawing_free(&l->drawings[i]);
    }
    ck_pair_free(&l->pair);
    expect(run, l->counting.bytes == 0, "memory was not given back");
    free(l);
}
