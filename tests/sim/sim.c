#include "sim/sim.h"

#include "base/check.h"

#include <stdio.h>
#include <stdlib.h>

#define FNV_PRIME UINT64_C(0x100000001b3)
#define FNV_START UINT64_C(0xcbf29ce484222325)

void ck_sim_init(ck_sim *s, uint64_t seed)
{
    *s = (ck_sim){.hash = FNV_START};
    ck_rng_seed(&s->rng, seed);
}

void ck_sim_free(ck_sim *s)
{
    free(s->heap);
    s->heap = NULL;
    s->count = 0;
}

static bool before(const ck_sim_event *a, const ck_sim_event *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static void sift_up(ck_sim_event *heap, size_t i)
{
    ck_sim_event e = heap[i];
    while (i > 0 && before(&e, &heap[(i - 1) / 2])) {
        heap[i] = heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap[i] = e;
}

static void sift_down(ck_sim_event *heap, size_t count)
{
    ck_sim_event e = heap[0];
    size_t i = 0;
    for (size_t child = 1; child < count; child = 2 * i + 1) {
        child += child + 1 < count && before(&heap[child + 1], &heap[child]);
        if (!before(&heap[child], &e)) {
            break;
        }
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = e;
}

void ck_sim_at(ck_sim *s, uint64_t at_us, ck_sim_fn fn, void *user, uint64_t a, uint64_t b)
{
    if (s->count == s->size) {
        s->size = s->size == 0 ? 1024 : 2 * s->size;
        s->heap = realloc(s->heap, s->size * sizeof *s->heap);
        if (s->heap == NULL) {
            fputs("simulation: out of memory\n", stderr);
            exit(1);
        }
    }
    s->heap[s->count] = (ck_sim_event){CK_MAX(at_us, s->now_us), s->order++, fn, user, a, b};
    sift_up(s->heap, s->count++);
}

void ck_sim_run(ck_sim *s, uint64_t until_us)
{
    while (s->count > 0 && s->heap[0].at_us <= until_us) {
        ck_sim_event e = s->heap[0];
        s->heap[0] = s->heap[--s->count];
        if (s->count > 0) {
            sift_down(s->heap, s->count);
        }
        s->now_us = e.at_us;
        e.fn(e.user, e.a, e.b);
    }
    s->now_us = CK_MAX(s->now_us, until_us);
}

void ck_sim_note(ck_sim *s, uint64_t value)
{
    uint64_t words[2] = {s->now_us, value};
    for (int i = 0; i < 2; i++) {
        s->hash = (s->hash ^ words[i]) * FNV_PRIME;
        s->hash ^= s->hash >> 29;
    }
}

bool ck_sim_chance(ck_sim *s, uint32_t ppm)
{
    return ppm > 0 && ck_rng_below(&s->rng, 1000000) < ppm;
}
