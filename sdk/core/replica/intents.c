/* What the owner wants: kept until the room has answered, sent again after every reconnect. */
#include "core/replica/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

static pending_intent *at(const ck_replica *r, uint32_t index)
{
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): without places nothing is pending */
    return &r->pending[(r->pending_first + index) % r->pending_size];
}

static size_t size_of(const ck_event *event)
{
    return event->text.size + event->data.size;
}

static bool make_place(ck_replica *r)
{
    if (r->pending_count < r->pending_size) {
        return true;
    }
    uint32_t size = r->pending_size == 0 ? 2 : 2 * r->pending_size;
    pending_intent *grown = ck_new_array(r->alloc, size, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < r->pending_count; i++) {
        grown[i] = *at(r, i);
    }
    ck_free(r->alloc, r->pending);
    r->pending = grown;
    r->pending_size = size;
    r->pending_first = 0;
    return true;
}

int ck_replica_intend(ck_replica *r, const ck_event *intent, uint64_t now_us, uint64_t *id)
{
    size_t size = size_of(intent);
    if (r->session.state == CK_SESSION_CLOSED) {
        return CHALK_ERR_BAD_STATE;
    }
    if (r->pending_count == CK_REPLICA_PENDING || r->pending_bytes + size > CK_REPLICA_PENDING_B ||
        intent->text.size > CK_TEXT_MAX || intent->data.size > CK_DATA_MAX) {
        return CHALK_ERR_LIMIT;
    }
    uint8_t *bytes = make_place(r) ? ck_new_array(r->alloc, CK_MAX(size, 1), 1) : NULL;
    if (bytes == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (intent->text.size > 0) {
        memcpy(bytes, intent->text.data, intent->text.size);
    }
    if (intent->data.size > 0) {
        memcpy(bytes + intent->text.size, intent->data.data, intent->data.size);
    }
    pending_intent *p = at(r, r->pending_count++);
    *p = (pending_intent){.event = *intent, .bytes = bytes};
    p->event.text = ck_bytes_of(bytes, intent->text.size);
    p->event.data = ck_bytes_of(bytes + intent->text.size, intent->data.size);
    p->event.counter = ++r->next_counter;
    p->event.author = 0;
    p->event.origin_us = ck_clock_room(&r->clock, now_us);
    r->pending_bytes += size;
    *id = p->event.counter;
    ck_rep_send_pending(r, now_us);
    return CHALK_OK;
}

static uint32_t in_flight(const ck_replica *r)
{
    uint32_t count = 0;
    while (count < r->pending_count && at(r, count)->event.counter <= r->sent_counter) {
        count++;
    }
    return count;
}

void ck_rep_send_pending(ck_replica *r, uint64_t now_us)
{
    if (!r->welcomed || r->catching_up || now_us < r->send_again_us) {
        return;
    }
    r->send_again_us = 0;
    for (uint32_t i = in_flight(r); i < r->pending_count && i < CK_IN_FLIGHT; i++) {
        const ck_event *event = &at(r, i)->event;
        const ck_wire_event wire = ck_event_to_intent(event);
        ck_rep_send(r, CK_FRAME_INTENT, &ck_type_event, &wire);
        r->sent_counter = event->counter;
    }
}

static void drop(ck_replica *r, uint32_t index)
{
    r->pending_bytes -= size_of(&at(r, index)->event);
    ck_free(r->alloc, at(r, index)->bytes);
    for (uint32_t i = index; i > 0; i--) {
        *at(r, i) = *at(r, i - 1);
    }
    r->pending_first = (r->pending_first + 1) % r->pending_size;
    r->pending_count--;
    if (r->pending_count == 0) { /* most of a crowd say something once in a while */
        ck_free(r->alloc, r->pending);
        r->pending = NULL;
        r->pending_size = r->pending_first = 0;
    }
}

void ck_rep_settle(ck_replica *r, uint64_t counter, enum ck_reason reason, uint64_t number)
{
    for (uint32_t i = 0; i < r->pending_count; i++) {
        if (at(r, i)->event.counter == counter) {
            const ck_replica_event event = {
                .kind = CK_REPLICA_SETTLED, .id = counter, .reason = reason, .number = number};
            drop(r, i);
            r->sent_back = CK_REASON_NONE;
            ck_rep_emit(r, &event);
            return;
        }
    }
}

/* This one and all behind it are to be sent again, not before. */
void ck_rep_send_back(ck_replica *r, const ck_wire_refused *refused, uint64_t now_us)
{
    uint64_t wait_ms = CK_MIN(refused->wait_ms, UINT64_C(60000));
    r->sent_counter = CK_MIN(r->sent_counter, refused->counter - 1);
    r->send_again_us = now_us + wait_ms * CK_US_PER_MS;
    r->sent_back = (enum ck_reason)refused->reason;
    r->stats.resent++;
}

/* The head is where the room was when it let us in. What the room had settled by then and was not
 * among the events was refused, or the answer is in the snapshot; the rest was never heard. */
void ck_rep_caught_up(ck_replica *r, uint64_t now_us)
{
    r->catching_up = false;
    r->sent_back = CK_REASON_NONE;
    while (r->pending_count > 0 && at(r, 0)->event.counter <= r->catch_up_done) {
        ck_rep_settle(r, at(r, 0)->event.counter, CK_REASON_SETTLED, 0);
    }
    r->stats.resent += in_flight(r);
    r->sent_counter = r->catch_up_done;
    ck_rep_send_pending(r, now_us);
}

void ck_rep_drop_pending(ck_replica *r)
{
    while (r->pending_count > 0) {
        drop(r, 0);
    }
}

enum ck_reason ck_replica_sent_back(const ck_replica *r)
{
    return r->pending_count > 0 ? r->sent_back : CK_REASON_NONE;
}

uint32_t ck_replica_unsettled(const ck_replica *r)
{
    return r->pending_count + r->settled_count;
}

const ck_event *ck_replica_pending(const ck_replica *r, uint32_t index)
{
    return index < r->pending_count ? &at(r, index)->event : NULL;
}

/* Rebasing costs nothing, because nothing is kept: what is pending is laid over the head anew. */
bool ck_replica_look(const ck_replica *r, uint64_t id, ck_person *out)
{
    const ck_person *person = ck_room_find(&r->head, id);
    if (person == NULL) {
        return false;
    }
    *out = *person;
    for (uint32_t i = 0; i < r->pending_count; i++) {
        const ck_event *event = &at(r, i)->event;
        bool meant = event->target == id || (event->target == 0 && id == r->me);
        if (meant && event->kind == CK_EVENT_HAND) {
            out->hand = event->value != 0;
        } else if (meant && event->kind == CK_EVENT_RIGHTS) {
            out->rights = (uint8_t)event->value;
        } else if (meant && event->kind == CK_EVENT_ROLE) {
            out->role = (uint8_t)event->value;
        } else if (meant && event->kind == CK_EVENT_MUTE && event->target != 0) {
            out->flags = (uint8_t)((out->flags & ~CK_PERSON_MUTED) |
                                   (event->value != 0 ? CK_PERSON_MUTED : 0));
        }
    }
    return true;
}
