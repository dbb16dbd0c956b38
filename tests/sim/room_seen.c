/* What must hold of what people see, and of what they have when all is well again. */
#include "sim/room_inside.h"

#include "base/check.h"

/* --- what people see ----------------------------------------------------------------------- */

/* Staff now or later: who becomes staff may read what staff wrote. */
static bool is_staff_from(const world *w, uint64_t who, uint64_t number)
{
    bool staff = false;
    for (size_t i = 0; i < w->fact_count; i++) {
        const fact *f = &w->facts[i];
        bool told = f->target == who && (f->kind == CK_EVENT_ENROLL || f->kind == CK_EVENT_ROLE);
        staff = told && f->lane == CK_LANE_ORDERED ? f->value <= CK_ROLE_ASSISTANT : staff;
        if (staff && (f->lane == CK_LANE_CROWD || f->number >= number)) {
            return true;
        }
    }
    return staff;
}

static bool may_see(const world *w, uint64_t viewer, const fact *f)
{
    switch (f->audience) {
    case CK_TO_ALL:
        return true;
    case CK_TO_STAFF:
        return f->author == viewer || is_staff_from(w, viewer, f->number);
    case CK_TO_ONE:
        return f->author == viewer || f->target == viewer;
    default:
        return f->author == viewer || (f->author == 0 && f->target == viewer);
    }
}

static void check_seen(device *d, const ck_event *event)
{
    world *w = d->world;
    const fact *f = ck_check_find(w, event->lane, event->number);
    if (f == NULL) {
        ck_world_break(w, "somebody saw what was never committed", event->number);
        return;
    }
    if (event->kind == CK_EVENT_REPEAT) {
        const fact *first = ck_check_find(w, CK_LANE_CROWD, event->about);
        if (first == NULL || first->text != f->text || first->kind != CK_EVENT_CHAT) {
            ck_world_break(w, "something else was said again", event->number);
        }
        return;
    }
    if (f->kind != event->kind || f->author != event->author ||
        (!event->deleted && f->text != ck_check_hash(event->text))) {
        ck_world_break(w, "somebody saw something else under this number", event->number);
    }
    if (!may_see(w, ck_replica_me(d->replica), f)) {
        ck_world_break(w, "somebody saw what is not for them", event->number);
    }
}

static bool at_head(const device *d, const ck_event *event)
{
    return ck_replica_presented(d->replica) == ck_replica_head(d->replica) ||
           event->author == ck_replica_me(d->replica);
}

static void check_crowd(device *d, uint64_t number)
{
    for (size_t i = 0; i < CK_COUNT_OF(d->crowd_seen); i++) {
        if (d->crowd_seen[i] == number) {
            ck_world_break(d->world, "a crowd message came twice", number);
        }
    }
    d->crowd_seen[d->crowd_count++ % CK_COUNT_OF(d->crowd_seen)] = number;
}

static void check_order(device *d, const ck_replica_event *event)
{
    uint64_t number = event->event.number;
    if (event->event.lane == CK_LANE_CROWD && event->event.kind != CK_EVENT_REPEAT) {
        check_crowd(d, number);
    }
    if (event->event.lane == CK_LANE_CROWD || event->event.kind == CK_EVENT_ENROLL) {
        return;
    }
    if (event->how != CK_RELEASE_LIVE || !at_head(d, &event->event)) {
        return;
    }
    if (number <= d->head_number) {
        ck_world_break(d->world, "events came out of order or twice", number);
    }
    d->head_number = number;
}

/* Shown in step with the media: not before. */
static void check_step(device *d, const ck_replica_event *event)
{
    world *w = d->world;
    uint64_t playing_us = d->playing_us + CK_RELEASE_TRUST_US;
    w->run->in_step += event->how == CK_RELEASE_IN_STEP;
    w->run->marked += event->how == CK_RELEASE_BOUND || event->how == CK_RELEASE_JUMP;
    if (event->how == CK_RELEASE_IN_STEP && event->event.origin_us > playing_us) {
        ck_world_break(w, "an event was ahead of its picture", event->event.number);
    }
    if (event->how == CK_RELEASE_LIVE || event->event.lane == CK_LANE_CROWD) {
        return;
    }
    if (event->event.number <= d->shown_number) {
        ck_world_break(w, "events were presented out of order or twice", event->event.number);
    }
    d->shown_number = event->event.number;
}

static void check_spot_step(device *d, const ck_replica_event *event)
{
    if (event->how == CK_RELEASE_IN_STEP &&
        event->event.origin_us > d->playing_us + CK_RELEASE_TRUST_US) {
        ck_world_break(d->world, "a pointer was ahead of its picture", event->event.author);
    }
}

static void check_settled(device *d, const ck_replica_event *event)
{
    world *w = d->world;
    if (event->reason != CK_REASON_NONE) {
        w->run->refused += event->reason != CK_REASON_SETTLED;
        w->run->settled += event->reason == CK_REASON_SETTLED;
        return;
    }
    w->run->accepted++;
    w->acks = ck_world_grow(w->acks, w->ack_count, &w->ack_size, sizeof *w->acks);
    w->acks[w->ack_count++] =
        (acknowledged){ck_replica_me(d->replica), event->id, event->number, 0};
}

/* Who shows a pointer was allowed to, now or before: it may have been on its way. */
static void check_spot(device *d, const ck_event *spot)
{
    const world *w = d->world;
    bool draws = spot->value < CK_SPOT_KEYS_APP;
    for (size_t i = 0; i < w->fact_count; i++) {
        const fact *f = &w->facts[i];
        bool given = f->kind == CK_EVENT_RIGHTS && (f->value & (draws ? CK_RIGHT_DRAW : 31));
        bool ranks = (f->kind == CK_EVENT_ENROLL || f->kind == CK_EVENT_ROLE) &&
                     f->value <= (draws ? CK_ROLE_ASSISTANT : CK_ROLE_STUDENT);
        if (f->target == spot->author && (given || ranks)) {
            return;
        }
    }
    ck_world_break(d->world, "somebody pointed who may not", spot->author);
}

void ck_check_event(device *d, const ck_replica_event *event)
{
    ck_sim_note(&d->world->sim, event->kind * 131 + event->number + event->event.number);
    switch (event->kind) {
    case CK_REPLICA_EVENT:
        check_seen(d, &event->event);
        check_order(d, event);
        check_step(d, event);
        break;
    case CK_REPLICA_SETTLED:
        check_settled(d, event);
        break;
    case CK_REPLICA_SPOT:
        check_spot(d, &event->event);
        check_spot_step(d, event);
        break;
    case CK_REPLICA_RESET:
        d->shown_number = 0;
        d->head_number = 0;
        break;
    default:
        break;
    }
}

void ck_check_time(device *d)
{
    uint64_t now = ck_replica_room_us(d->replica, d->world->sim.now_us);
    ck_replica_stats stats = ck_replica_get_stats(d->replica);
    if (now < d->shown_us) {
        ck_world_break(d->world, "room time went back", d->shown_us - now);
    }
    d->shown_us = now;
    if (stats.pending > CK_REPLICA_PENDING || stats.stash_most > CK_REPLICA_STASH ||
        stats.presented > stats.head) {
        ck_world_break(d->world, "a queue grew over its bound", stats.pending);
    }
}

/* --- when all is well again ---------------------------------------------------------------- */

static void check_messages(const device *d, const ck_room *room)
{
    for (uint32_t i = 0; i < room->chat_count; i++) {
        const ck_said *said = ck_room_said_at(room, i);
        const fact *f = ck_check_find(d->world, said->event.lane, said->event.number);
        if (f == NULL || !may_see(d->world, ck_replica_me(d->replica), f)) {
            ck_world_break(d->world, "somebody has a message that is not theirs",
                           said->event.number);
        }
    }
}

/* The newest messages that are somebody's are there, with private ones among them. */
static void check_none_missing(const device *d, const ck_room *room)
{
    const world *w = d->world;
    uint64_t me = ck_replica_me(d->replica);
    const ck_person *mine = ck_room_find(&w->truth, me);
    uint32_t looked = 0;
    for (size_t i = w->fact_count; i > 0 && looked < 30 && d->keeps > 100; i--) {
        const fact *f = &w->facts[i - 1];
        bool theirs = f->audience == CK_TO_ALL || f->author == me ||
                      (f->audience == CK_TO_ONE && f->target == me) ||
                      (f->audience == CK_TO_STAFF && mine->role <= CK_ROLE_ASSISTANT);
        if (f->kind != CK_EVENT_CHAT || f->lane != CK_LANE_ORDERED || !theirs) {
            continue;
        }
        looked++;
        if (ck_room_find_said(room, f->lane, f->number) == NULL) {
            ck_world_break(d->world, "somebody misses a message", f->number);
        }
    }
}

static void check_device(device *d)
{
    world *w = d->world;
    const ck_room *head = ck_replica_head(d->replica);
    const ck_room *presented = ck_replica_presented(d->replica);
    ck_replica_stats stats = ck_replica_get_stats(d->replica);
    w->run->snapshots += stats.snapshots;
    check_messages(d, head);
    check_messages(d, presented);
    enum ck_session_state state = ck_replica_state_of(d->replica);
    if (state == CK_SESSION_CLOSED) {
        return;
    }
    if (state != CK_SESSION_LIVE || stats.pending != 0) {
        ck_world_break(w, "somebody is not back, or still waits for an answer", d->person);
        return;
    }
    uint64_t truth = ck_room_hash(&w->truth);
    ck_board_check_device(d);
    check_none_missing(d, head);
    if (head->number != w->truth.number || ck_room_hash(head) != truth) {
        ck_world_break(w, "somebody ended with another room", d->person);
    }
    ck_room shown = *presented;
    shown.number =
        head->number; /* events that are not theirs do not pass through the presented state */
    if (stats.held != 0 || ck_room_hash(&shown) != truth) {
        ck_world_break(w, "somebody was not shown all of the room", d->person);
    }
}

static void check_acks(world *w)
{
    for (size_t i = 0; i < w->ack_count; i++) {
        const acknowledged *ack = &w->acks[i];
        const fact *ordered = ck_check_find(w, CK_LANE_ORDERED, ack->number);
        const fact *crowd = ck_check_find(w, CK_LANE_CROWD, ack->number);
        bool found =
            (ordered != NULL && ordered->author == ack->person &&
             ordered->counter == ack->counter) ||
            (crowd != NULL && crowd->author == ack->person && crowd->counter == ack->counter);
        if (!found) {
            ck_world_break(w, "what was acknowledged is not in the log", ack->number);
        }
    }
}

void ck_check_edge(const edge *e)
{
    ck_sequencer_stats stats = ck_sequencer_get_stats(e->sequencer);
    e->world->run->resumed += stats.resumed;
    if (stats.inbox_most > 4096 || stats.outputs_most > 262144) {
        ck_world_break(e->world, "a queue of the edge grew over its bound", stats.inbox_most);
    }
    if (stats.present > stats.connections) {
        ck_world_break(e->world, "more are here than are connected", stats.present);
    }
}

void ck_check_end(world *w)
{
    for (uint32_t i = 0; i < w->device_count; i++) {
        check_device(&w->devices[i]);
    }
    check_acks(w);
    ck_sim_note(&w->sim, ck_room_hash(&w->truth));
}
