/* What must hold of what the store took, judged by an independent eye. */
#include "sim/room_inside.h"

#include "base/check.h"

#include <stdlib.h>
#include <string.h>

#define RECORD_MAX 512 /* crowd messages in a record */

uint64_t ck_check_hash(ck_bytes bytes)
{
    uint64_t hash = bytes.size + 1;
    for (size_t i = 0; i < bytes.size; i++) {
        hash = (hash ^ bytes.data[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

const fact *ck_check_find(const world *w, uint64_t lane, uint64_t number)
{
    for (size_t i = w->fact_count; i > 0; i--) {
        if (w->facts[i - 1].lane == lane && w->facts[i - 1].number == number) {
            return &w->facts[i - 1];
        }
    }
    return NULL;
}

/* --- what is committed --------------------------------------------------------------------- */

/* The rights of a room in plain words. rules.c has them as a table; this is written without it. */
static bool may(const ck_room *room, const fact *f, const ck_person *p)
{
    bool staff = p->role <= CK_ROLE_ASSISTANT;
    bool observer = p->role == CK_ROLE_OBSERVER;
    const ck_person *target = ck_room_find(room, f->target);
    bool muted =
        (p->flags & CK_PERSON_MUTED) || (room->muted && !staff) || !(p->rights & CK_RIGHT_CHAT);
    const ck_said *said;
    if ((p->flags & CK_PERSON_BANNED) || room->class_state == CK_CLASS_ARCHIVED) {
        return false;
    }
    switch (f->kind) {
    case CK_EVENT_CHAT:
        return !observer && (!muted || f->audience == CK_TO_STAFF) &&
               (f->audience != CK_TO_ONE || staff || (target != NULL && target->role <= 3));
    case CK_EVENT_DELETE:
        said = ck_room_find_said(room, f->value, f->about);
        return said == NULL || said->event.author == p->id || (p->rights & CK_RIGHT_MODERATE);
    case CK_EVENT_ROLE:
        return p->role <= CK_ROLE_TEACHER && f->value > p->role && target != NULL &&
               target->role > p->role;
    case CK_EVENT_RIGHTS:
        return staff && (f->value & ~(uint64_t)p->rights) == 0;
    case CK_EVENT_VOTE:
        return !observer && f->audience == CK_TO_SELF;
    case CK_EVENT_HAND:
        return !observer && (f->target == 0 || f->target == p->id || (staff && f->value == 0));
    case CK_EVENT_ANSWER:
        return (p->flags & CK_PERSON_INVITED) != 0;
    case CK_EVENT_CLASS:
        return p->role <= CK_ROLE_TEACHER;
    case CK_EVENT_BOARD:
        return (p->rights & CK_RIGHT_DRAW) && !observer && room->class_state != CK_CLASS_ENDED &&
               (staff || f->code < CK_BOARD_CLEAR || f->code == CK_BOARD_UNDO ||
                f->code == CK_BOARD_REDO);
    case CK_EVENT_APP:
        return !observer && room->class_state != CK_CLASS_ENDED &&
               (!muted || f->audience == CK_TO_STAFF);
    case CK_EVENT_ENROLL:
    case CK_EVENT_COUNTS:
    case CK_EVENT_STREAM:
        return false; /* the edge's own */
    default:
        return staff;
    }
}

static fact fact_of(const ck_event *event)
{
    return (fact){
        .number = event->number,
        .lane = event->lane,
        .kind = event->kind,
        .author = event->author,
        .target = event->target,
        .audience = event->audience,
        .value = event->value,
        .about = event->about,
        .counter = event->counter,
        .epoch = event->epoch,
        .order_us = event->order_us,
        .text = ck_check_hash(event->text),
        .code = event->data.size > 0 ? event->data.data[0] : 0,
    };
}

static bool is_allowed(const world *w, const ck_event *event)
{
    const fact f = fact_of(event);
    const ck_person *author = ck_room_find(&w->truth, event->author);
    return event->author == 0 || (author != NULL && may(&w->truth, &f, author));
}

/* Of a poll that ends: its counts are what was voted last by each, whatever edges forgot. */
static void check_counts(world *w, uint64_t id)
{
    const ck_poll *poll = ck_room_find_poll(&w->truth, id);
    uint64_t counts[CK_ROOM_OPTIONS] = {0};
    for (size_t i = 0; i < w->fact_count && poll != NULL; i++) {
        const fact *vote = &w->facts[i];
        bool last = vote->kind == CK_EVENT_VOTE && vote->about == id;
        for (size_t after = i + 1; after < w->fact_count && last; after++) {
            const fact *other = &w->facts[after];
            last =
                other->kind != CK_EVENT_VOTE || other->about != id || other->author != vote->author;
        }
        for (uint32_t option = 0; option < CK_ROOM_OPTIONS && last; option++) {
            counts[option] += vote->value >> option & 1;
        }
    }
    if (poll != NULL && !poll->closed &&
        memcmp(counts, poll->counts, poll->option_count * sizeof *counts) != 0) {
        ck_world_break(w, "a poll was counted wrongly", id);
    }
}

static void commit(world *w, const ck_event *event, bool allowed_before)
{
    const uint64_t last = event->lane == CK_LANE_CROWD ? w->truth.crowd : w->truth.number;
    const fact f = fact_of(event);
    if (event->number != last + 1) {
        ck_world_break(w, "the log has a hole or a double", event->number);
    }
    if (event->order_us < w->truth.order_us || event->origin_us > event->order_us ||
        event->order_us - event->origin_us > 10000000) {
        ck_world_break(w, "room time went back in the log", event->number);
    }
    if (!allowed_before && !is_allowed(w, event)) {
        ck_world_break(w, "somebody did what they may not", event->number);
    }
    for (size_t i = w->fact_count; i > 0 && event->author != 0; i--) {
        const fact *other = &w->facts[i - 1];
        if (other->author == f.author && other->epoch == f.epoch && other->counter == f.counter) {
            ck_world_break(w, "an intent became two events", event->number);
        }
    }
    if (event->kind == CK_EVENT_POLL_END) {
        check_counts(w, event->about);
    }
    ck_board_check_before(w, event);
    (void)ck_room_apply(&w->truth, event);
    ck_board_check_after(w, event);
    w->facts = ck_world_grow(w->facts, w->fact_count, &w->fact_size, sizeof *w->facts);
    w->facts[w->fact_count++] = f;
    *(event->lane == CK_LANE_CROWD ? &w->run->crowd : &w->run->events) += 1;
    ck_sim_note(&w->sim, f.number * 31 + f.kind + f.text);
}

/* In a record the crowd's messages stand behind the ordered events among which they were judged; so
 * one is allowed when it was before the record or is after it. */
void ck_check_committed(world *w, ck_bytes record)
{
    ck_wire_list list = {record.data, record.data + record.size, 1, 0};
    ck_wire_batch batches[2];
    bool allowed[RECORD_MAX] = {false};
    for (int i = 0; i < 2; i++) {
        if (ck_wire_next(&list, &ck_type_batch, &batches[i]) != 1) {
            ck_world_break(w, "a record is not one", record.size);
            return;
        }
    }
    ck_event_reader reader = ck_event_reader_of(&batches[1]);
    ck_event event;
    for (size_t i = 0; i < RECORD_MAX && ck_event_read(&reader, &event) > 0; i++) {
        allowed[i] = is_allowed(w, &event);
    }
    for (int i = 0; i < 2; i++) {
        reader = ck_event_reader_of(&batches[i]);
        for (size_t at = 0; ck_event_read(&reader, &event) > 0; at++) {
            commit(w, &event, i == 1 && at < RECORD_MAX && allowed[at]);
        }
    }
}
