/* What a process of the crowd does when: people come, act, are cut off and meet faults. */
#include "load/worker.h"

/* People come at even distances, all processes' together. */
static uint64_t join_at(const load_worker *w, uint32_t index)
{
    uint64_t ramp_us = w->share->options->ramp_ms * 1000;
    return index < w->count && !w->closing ? w->begin_us + ramp_us * index / w->count : LOAD_NEVER;
}

static uint64_t act_at(const load_worker *w)
{
    const load_turn *next = load_agenda_first(&w->agenda);
    uint64_t at_us = next != NULL ? w->play_us + next->action.at_us : LOAD_NEVER;
    return at_us < w->end_us ? at_us : LOAD_NEVER;
}

static void act(load_worker *w, uint64_t now_us)
{
    const load_turn *next = load_agenda_first(&w->agenda);
    uint32_t index = w->of[(size_t)next->room * w->in_room + next->action.who];
    if (index != UINT32_MAX) {
        load_histogram_add(&w->figures.late_us, now_us - act_at(w));
        load_student_do(&w->students[index], &next->action);
    }
    load_agenda_step(&w->agenda);
}

static void cut_one(load_worker *w)
{
    const uint32_t per_minute = w->share->options->reconnects;
    if (w->count > 0) {
        load_student_cut(&w->students[load_random(&w->random) % w->count]);
    }
    w->cut_us += UINT64_C(60000000) * w->share->count / per_minute;
}

static uint64_t fault_at(const load_worker *w)
{
    const load_plan *plan = &w->share->options->plan;
    return w->fault < plan->fault_count ? w->play_us + plan->faults[w->fault].at_ms * 1000
                                        : LOAD_NEVER;
}

/* Its share of the students, spread evenly over each room; another fault meets others first. */
static void strike(load_worker *w)
{
    const load_options *o = w->share->options;
    const load_fault *fault = &o->plan.faults[w->fault];
    for (uint32_t i = 0; i < w->count; i++) {
        load_student *s = &w->students[i];
        uint64_t place = s->number - (s->staff ? 0 : o->teachers) + w->fault;
        bool meets = (place + 1) * fault->share_ppm / 1000000 != place * fault->share_ppm / 1000000;
        if (!s->staff && meets && fault->kind == LOAD_FAULT_STALL) {
            load_student_stall(s, (uint32_t)fault->for_ms);
        } else if (!s->staff && meets) {
            load_student_cut(s);
        }
    }
    w->fault++;
}

int load_due_do(load_worker *w, uint64_t now_us)
{
    int status = CHALK_OK;
    while (status == CHALK_OK && join_at(w, w->asked) <= now_us) {
        load_histogram_add(&w->figures.late_us, now_us - join_at(w, w->asked));
        status = load_student_join(&w->students[w->asked++]);
    }
    while (act_at(w) <= now_us) {
        act(w, now_us);
    }
    if (w->cut_us <= now_us && now_us < w->end_us) {
        cut_one(w);
    }
    while (fault_at(w) <= now_us) {
        strike(w);
    }
    return status;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t load_due_at(const load_worker *w, uint64_t until_us)
{
    uint64_t at_us = least(least(join_at(w, w->asked), act_at(w)), least(fault_at(w), w->cut_us));
    return least(at_us, until_us);
}

void load_due_end(load_worker *w, uint64_t now_us)
{
    w->closing = true;
    w->end_us = least(w->end_us, now_us);
    w->cut_us = LOAD_NEVER;
    w->fault = w->share->options->plan.fault_count;
}
