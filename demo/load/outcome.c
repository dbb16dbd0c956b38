/* What came of a class: how far everybody has come, and at its end what was told to whom. */
#include "load/worker.h"

#include <stdlib.h>

static bool is_level(const load_worker *w, uint32_t room)
{
    uint64_t head = 0;
    for (uint32_t i = 0; i < w->in_room; i++) {
        uint32_t index = w->of[(size_t)room * w->in_room + i];
        load_student *s = index != UINT32_MAX ? &w->students[index] : NULL;
        if (s == NULL || !s->full || !s->live) {
            continue;
        }
        uint64_t here = load_student_head(s);
        if (head != 0 && here != head) {
            return false;
        }
        head = here;
    }
    return true;
}

bool load_outcome_is_level(const load_worker *w)
{
    uint32_t at = 0;
    while (at < w->agenda.count && is_level(w, w->agenda.rooms[at].turn.room)) {
        at++;
    }
    return at == w->agenda.count;
}

bool load_outcome_awaits_answers(const load_worker *w)
{
    uint32_t at = 0;
    while (at < w->count && (!w->students[at].live || w->students[at].unanswered == 0)) {
        at++;
    }
    return at < w->count;
}

static bool send_room(load_worker *w, uint32_t room, load_tally *tallies, load_state *states)
{
    uint32_t count = 0, full = 0;
    load_ledger *l = &w->hall.ledgers[room];
    for (uint32_t i = 0; i < w->in_room; i++) {
        uint32_t index = w->of[(size_t)room * w->in_room + i];
        load_student *s = index != UINT32_MAX ? &w->students[index] : NULL;
        if (s != NULL && s->live) {
            tallies[count++] = s->ordered;
            if (s->full) {
                states[full++] = load_student_state(s);
            }
        }
    }
    w->figures.contradicted += l->contradictions + l->failed;
    return load_send(w->share->out, LOAD_ENTRIES, room, l->entries,
                     l->count * sizeof *l->entries) &&
           load_send(w->share->out, LOAD_TALLIES, room, tallies, count * sizeof *tallies) &&
           load_send(w->share->out, LOAD_STATES, room, states, full * sizeof *states);
}

static bool send_kept(load_worker *w)
{
    bool sent = true;
    for (uint32_t i = 0; sent && i < w->hall.kept_count; i++) {
        const load_kept *kept = &w->hall.kept[i];
        sent = load_send(w->share->out, LOAD_TALLIES, kept->room, &kept->tally, sizeof kept->tally);
    }
    return sent;
}

bool load_outcome_send(load_worker *w)
{
    load_tally *tallies = calloc(w->in_room, sizeof *tallies);
    load_state *states = calloc(w->in_room, sizeof *states);
    bool sent = tallies != NULL && states != NULL && send_kept(w);
    for (uint32_t i = 0; sent && i < w->agenda.count; i++) {
        sent = send_room(w, w->agenda.rooms[i].turn.room, tallies, states);
    }
    for (uint32_t i = 0; i < w->count; i++) {
        load_student_count(&w->students[i]);
    }
    free(states);
    free(tallies);
    return sent && load_send(w->share->out, LOAD_END, 0, &w->figures, sizeof w->figures);
}
