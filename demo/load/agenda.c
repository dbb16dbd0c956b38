#include "load/agenda.h"

#include <stdlib.h>

static void begin_phase(const load_agenda *a, load_agenda_room *p)
{
    const load_options *o = a->options;
    const load_profile_config config = {
        .kind = (enum load_profile_kind)o->plan.phases[p->phase].profile,
        .seed = o->seed + UINT64_C(0x10001) * p->turn.room + UINT64_C(0x1000003) * p->phase,
        .teachers = o->teachers,
        .students = o->students,
    };
    load_profile_init(&p->profile, &config);
}

/* What the room does next: in this phase of the plan, or in one after it. */
static void find_next(const load_agenda *a, load_agenda_room *p)
{
    const load_plan *plan = &a->options->plan;
    uint64_t lasts_us = plan->phases[p->phase].for_ms * 1000;
    p->goes_on = load_profile_next(&p->profile, &p->turn.action);
    while ((!p->goes_on || p->turn.action.at_us >= lasts_us) && p->phase + 1 < plan->phase_count) {
        p->phase++;
        p->phase_us += lasts_us;
        lasts_us = plan->phases[p->phase].for_ms * 1000;
        begin_phase(a, p);
        p->goes_on = load_profile_next(&p->profile, &p->turn.action);
    }
    p->turn.action.at_us += p->phase_us;
}

/* --- the heap -------------------------------------------------------------------------------- */

static bool is_before(const load_agenda_room *a, const load_agenda_room *b)
{
    return a->goes_on && (!b->goes_on || a->turn.action.at_us < b->turn.action.at_us);
}

static void sink(load_agenda *a, uint32_t at)
{
    for (;;) {
        uint32_t least = at;
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < a->count; child++) {
            least = is_before(&a->rooms[child], &a->rooms[least]) ? child : least;
        }
        if (least == at) {
            return;
        }
        load_agenda_room moved = a->rooms[at];
        a->rooms[at] = a->rooms[least];
        a->rooms[least] = moved;
        at = least;
    }
}

bool load_agenda_init(load_agenda *a, const load_options *options)
{
    *a = (load_agenda){.options = options, .rooms = calloc(options->rooms, sizeof *a->rooms)};
    return a->rooms != NULL;
}

void load_agenda_free(load_agenda *a)
{
    free(a->rooms);
    *a = (load_agenda){0};
}

void load_agenda_add(load_agenda *a, uint32_t room)
{
    uint32_t at = a->count++;
    load_agenda_room added = {.turn = {.room = room}};
    begin_phase(a, &added);
    find_next(a, &added);
    while (at > 0 && is_before(&added, &a->rooms[(at - 1) / 2])) {
        a->rooms[at] = a->rooms[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    a->rooms[at] = added;
}

const load_turn *load_agenda_first(const load_agenda *a)
{
    return a->count > 0 && a->rooms[0].goes_on ? &a->rooms[0].turn : NULL;
}

void load_agenda_step(load_agenda *a)
{
    find_next(a, &a->rooms[0]);
    sink(a, 0);
}
