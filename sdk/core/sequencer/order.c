/* Intents become events: judged one after the other, stored together. */
#include "core/sequencer/inside.h"

#include "base/check.h"
#include "core/room/rules.h"

#include <string.h>

uint64_t ck_seq_tick_us(const ck_sequencer *s)
{
    /* From a lesson of two, where nothing may wait, to a crowd, where many share a frame. */
    static const struct {
        uint32_t people;
        uint32_t tick_us;
    } ticks[] = {{8, 2000}, {60, 20000}, {200, 50000}, {1000, 100000}, {4000, 250000}};
    for (size_t i = 0; i < CK_COUNT_OF(ticks); i++) {
        if (s->stats.present <= ticks[i].people) {
            return ticks[i].tick_us;
        }
    }
    return 350000;
}

/* --- the inbox ----------------------------------------------------------------------------- */

void ck_seq_refuse(ck_sequencer *s, connection *c, uint64_t counter, enum ck_reason reason)
{
    const ck_wire_refused refused = {.counter = counter, .reason = reason};
    s->stats.refused++;
    ck_seq_send_frame(s, c, CK_FRAME_REFUSED, &ck_type_refused, &refused);
}

/* Not settled: it is to come again, and until it does nothing that was said after it counts. So a
 * participant's intents keep their order. */
void ck_seq_send_back(ck_sequencer *s, connection *c, uint64_t counter, enum ck_reason reason,
                      uint64_t wait_ms)
{
    const ck_wire_refused refused = {.counter = counter, .reason = reason, .wait_ms = wait_ms};
    s->stats.sent_back++;
    c->blocked = counter;
    ck_seq_send_frame(s, c, CK_FRAME_REFUSED, &ck_type_refused, &refused);
}

static bool inbox_place(ck_sequencer *s)
{
    if (s->inbox_count < s->inbox_size) {
        return true;
    }
    uint32_t size = s->inbox_size == 0 ? 16 : 2 * s->inbox_size;
    waiting_intent *grown = ck_resize_array(s->alloc, s->inbox, size, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    s->inbox = grown;
    s->inbox_size = size;
    return true;
}

/* c NULL: the edge's own. Nobody sends that again, so others leave it some room. */
void ck_seq_queue_intent(ck_sequencer *s, connection *c, ck_bytes frame)
{
    bool full = c != NULL ? s->inbox_count >= CK_INBOX_MAX ||
                                s->inbox_bytes + frame.size > CK_INBOX_BYTES ||
                                c->waiting >= CK_INBOX_EACH
                          : s->inbox_count >= CK_INBOX_MAX + CK_INBOX_OWN;
    ck_slice copy = {0};
    if (!full && inbox_place(s)) {
        copy = ck_slice_copy(s->alloc, frame.data, frame.size);
    }
    if (copy.data == NULL) {
        /* Not settled: the client asks again, and nothing of it was done. */
        s->stats.busy++;
        if (c != NULL) {
            ck_seq_close(s, c, CK_REASON_BUSY);
        }
        return;
    }
    s->inbox[s->inbox_count++] = (waiting_intent){c != NULL ? ck_seq_id_of(s, c) : 0, copy};
    s->inbox_bytes += frame.size;
    s->stats.inbox_most = CK_MAX(s->stats.inbox_most, s->inbox_count);
    if (c != NULL) {
        c->waiting++;
    }
}

void ck_seq_queue_own(ck_sequencer *s, const ck_wire_event *intent)
{
    ck_buf buf = ck_seq_buf(s);
    ck_frame_put(&buf, CK_FRAME_INTENT, &ck_type_event, intent);
    if (!buf.failed) {
        ck_seq_queue_intent(s, NULL, ck_bytes_of(buf.data, buf.size));
    }
    ck_buf_free(&buf);
}

void ck_seq_clear_inbox(ck_sequencer *s)
{
    for (uint32_t i = 0; i < s->inbox_count; i++) {
        connection *c = ck_seq_find(s, s->inbox[i].connection);
        if (c != NULL) {
            c->waiting = 0;
        }
        ck_slice_unref(&s->inbox[i].frame);
    }
    s->inbox_count = 0;
    s->inbox_bytes = 0;
}

/* --- events -------------------------------------------------------------------------------- */

bool ck_seq_put(ck_sequencer *s, ck_event *event, uint64_t now_us)
{
    bool crowd = event->lane == CK_LANE_CROWD;
    ck_event_writer *w = crowd ? &s->crowd_writer : &s->writer;
    uint64_t room_us = ck_sequencer_room_us(s, now_us);
    event->order_us = CK_MAX(s->room.order_us, room_us);
    uint64_t earliest = event->order_us > CK_ORIGIN_US ? event->order_us - CK_ORIGIN_US : 0;
    event->origin_us = event->origin_us == 0
                           ? event->order_us
                           : CK_CLAMP(event->origin_us, earliest, event->order_us);
    event->number = w->number + 1;
    ck_event_write(w, event);
    if (ck_buf_status(w->out) < 0 || ck_room_apply(&s->room, event) < 0) {
        ck_seq_lose(s);
        return false;
    }
    s->stats.accepted++;
    s->counts_changed = s->counts_changed || event->kind == CK_EVENT_VOTE;
    return true;
}

/* In a large room not everybody is known to all: who does something that all see becomes so. */
bool ck_seq_enroll(ck_sequencer *s, const ck_person *person, uint64_t now_us)
{
    if (person == NULL || (person->flags & CK_PERSON_PUBLIC)) {
        return true;
    }
    ck_event event = {
        .kind = CK_EVENT_ENROLL,
        .target = person->id,
        .text = ck_bytes_of(person->name, strlen(person->name)),
        .value = person->role,
    };
    return ck_seq_put(s, &event, now_us);
}

static void put_counts(ck_sequencer *s, ck_poll *poll, uint64_t now_us)
{
    uint64_t counts[CK_ROOM_OPTIONS];
    ck_room_count_votes(&s->room, poll->id, counts);
    if (memcmp(counts, poll->counts, poll->option_count * sizeof *counts) == 0) {
        return;
    }
    ck_buf packed = ck_seq_buf(s);
    for (uint32_t i = 0; i < poll->option_count; i++) {
        ck_wire_put_varint(&packed, counts[i]);
    }
    ck_event event = {
        .kind = CK_EVENT_COUNTS,
        .about = poll->id,
        .data = ck_bytes_of(packed.data, packed.size),
    };
    if (!packed.failed) {
        (void)ck_seq_put(s, &event, now_us); /* a failure has lost the room */
    }
    ck_buf_free(&packed);
}

static void put_all_counts(ck_sequencer *s, uint64_t now_us)
{
    if (!s->counts_changed || now_us < s->counted_us + CK_HOUSE_US) {
        return;
    }
    s->counts_changed = false;
    s->counted_us = now_us;
    for (uint32_t i = 0; i < s->room.poll_size; i++) {
        if (s->room.polls[i].id != 0 && !s->room.polls[i].closed) {
            put_counts(s, &s->room.polls[i], now_us);
        }
    }
}

static void lower_old_hands(ck_sequencer *s, uint64_t now_us)
{
    uint64_t timeout_us = (uint64_t)s->config.hand_timeout_s * CK_US_PER_S;
    for (uint32_t i = s->room.hand_count; i > 0;
         i--) { /* those that go change places behind them */
        const ck_hand *hand = &s->room.hands[i - 1];
        if (ck_sequencer_room_us(s, now_us) >= hand->since_us + timeout_us) {
            ck_event event = {.kind = CK_EVENT_HAND, .target = hand->who};
            (void)ck_seq_put(s, &event, now_us);
        }
    }
}

/* --- judging ------------------------------------------------------------------------------- */

uint64_t ck_seq_take_tokens(bucket *b, uint32_t per_minute, uint32_t burst, uint32_t cost,
                            uint64_t now_us)
{
    uint64_t wanted = (uint64_t)cost * CK_TOKEN;
    uint64_t passed = CK_MIN(now_us - b->at_us, 60 * (uint64_t)CK_US_PER_S);
    b->tokens = CK_MIN((uint64_t)burst * CK_TOKEN, b->tokens + passed * per_minute / 60);
    b->at_us = now_us;
    if (b->tokens < wanted) {
        return ((wanted - b->tokens) * 60 / per_minute + 999) / 1000;
    }
    b->tokens -= wanted;
    return 0;
}

static void choose_lane(const ck_sequencer *s, const connection *c, ck_event *event)
{
    bool crowd_chat =
        event->kind == CK_EVENT_CHAT && ck_seq_is_large(s) && !ck_role_is_staff(c->role);
    bool crowd_app = event->kind == CK_EVENT_APP && event->lane == CK_LANE_CROWD;
    bool to_all = event->audience == CK_TO_ALL;
    event->lane = to_all && (crowd_chat || crowd_app) ? CK_LANE_CROWD : CK_LANE_ORDERED;
}

static void accept(ck_sequencer *s, connection *c, ck_event *event, uint64_t now_us)
{
    choose_lane(s, c, event);
    event->author = c->person;
    event->epoch = c->epoch;
    const bool public = event->audience == CK_TO_ALL && event->lane == CK_LANE_ORDERED;
    if (public && !ck_seq_enroll(s, ck_room_find(&s->room, c->person), now_us)) {
        return;
    }
    if (public && !ck_seq_enroll(s, ck_room_find(&s->room, event->target), now_us)) {
        return;
    }
    if (event->kind == CK_EVENT_POLL_END) {
        put_counts(s, ck_room_find_poll(&s->room, event->about), now_us);
    }
    (void)ck_seq_put(s, event, now_us);
}

static void judge(ck_sequencer *s, connection *c, ck_event *event, uint64_t now_us)
{
    ck_person *person = ck_room_find(&s->room, c->person);
    if (event->counter == 0 || person == NULL) {
        ck_seq_close(s, c, CK_REASON_PROTOCOL);
        return;
    }
    if (event->counter <= c->done || (c->blocked != 0 && event->counter > c->blocked)) {
        s->stats.repeated++;
        return;
    }
    c->role = person->role;
    const ck_role_limits *most = ck_rules_limits(c->role);
    bool draws = event->kind == CK_EVENT_BOARD && (person->rights & CK_RIGHT_DRAW);
    uint32_t times = draws ? CK_RULES_DRAWS : 1; /* a hand is quicker than a sentence */
    uint64_t wait_ms = ck_seq_take_tokens(draws ? &c->drawing : &c->intents,
                                          times * most->per_minute, times * most->burst, 1, now_us);
    if (wait_ms > 0) {
        ck_seq_send_back(s, c, event->counter, CK_REASON_RATE, wait_ms);
        return;
    }
    c->blocked = 0;
    c->done = event->counter;
    ck_room_account(&s->room, person)->done = event->counter;
    enum ck_reason reason =
        ck_rules_check(&s->room, person, event, ck_sequencer_room_us(s, now_us));
    if (reason != CK_REASON_NONE) {
        ck_seq_refuse(s, c, event->counter, reason);
        return;
    }
    accept(s, c, event, now_us);
}

/* A role of a token raises only: the room may have decided otherwise meanwhile. */
static void put_own(ck_sequencer *s, ck_event *event, uint64_t now_us)
{
    const ck_person *person = ck_room_find(&s->room, event->target);
    bool raises = person != NULL && event->value < person->role &&
                  event->value < ck_room_account(&s->room, person)->token_role;
    if (event->kind == CK_EVENT_ROLE && !raises) {
        return;
    }
    if (ck_seq_enroll(s, person, now_us)) {
        (void)ck_seq_put(s, event, now_us);
    }
}

/* Who joins and who asks for a page also take their turn: the state they are told is then never
 * one that could still be taken back. */
static void take_other(ck_sequencer *s, connection *c, uint8_t kind, ck_bytes body, uint64_t now_us)
{
    ck_wire_ask ask;
    if (kind == CK_FRAME_HELLO) {
        ck_seq_hello(s, c, body, now_us);
    } else if (ck_wire_decode(&ck_type_ask, body, &ask) < 0) {
        ck_seq_close(s, c, CK_REASON_PROTOCOL);
    } else {
        c->asked = ask;
        c->asks = true;
    }
}

void ck_seq_answer_asked(ck_sequencer *s)
{
    for (uint32_t i = 0; i < s->connection_count; i++) {
        connection *c = &s->connections[i];
        if (c->asks && c->state == LIVE) {
            c->asks = false;
            ck_seq_page(s, c, &c->asked);
        }
    }
}

static void take_from_inbox(ck_sequencer *s, const waiting_intent *waiting, uint64_t now_us)
{
    connection *c = ck_seq_find(s, waiting->connection);
    ck_bytes body = {waiting->frame.data + 1, waiting->frame.size - 1};
    if (c == NULL && waiting->connection != 0) {
        return;
    }
    if (c != NULL) {
        c->waiting--;
    }
    if (c != NULL && waiting->frame.data[0] != CK_FRAME_INTENT) {
        take_other(s, c, waiting->frame.data[0], body, now_us);
        return;
    }
    ck_wire_event wire;
    if (ck_wire_decode(&ck_type_event, body, &wire) < 0) {
        if (c != NULL) {
            ck_seq_close(s, c, CK_REASON_PROTOCOL);
        }
        return;
    }
    ck_event event = ck_event_of_intent(&wire);
    if (c != NULL) {
        judge(s, c, &event, now_us);
    } else {
        put_own(s, &event, now_us);
    }
}

/* --- records ------------------------------------------------------------------------------- */

static void begin_record(ck_sequencer *s)
{
    ck_buf_clear(&s->events);
    ck_buf_clear(&s->crowd_events);
    s->writer = (ck_event_writer){
        .out = &s->events, .field = CK_LIST_BATCH_EVENTS, .store = true, .number = s->committed};
    s->crowd_writer = (ck_event_writer){.out = &s->crowd_events,
                                        .field = CK_LIST_BATCH_EVENTS,
                                        .store = true,
                                        .number = s->committed_crowd};
}

/* A record of crowd messages alone still moves the log by one, so that every record has a place:
 * a number that carries nothing. */
static void finish_record(ck_sequencer *s, uint64_t now_us)
{
    if (s->writer.number == s->committed && s->crowd_writer.number != s->committed_crowd) {
        ck_event nothing = {.kind = 0, .audience = CK_TO_SELF};
        if (!ck_seq_put(s, &nothing, now_us)) {
            return;
        }
    }
    const ck_wire_batch ordered = {
        .from = s->committed, .to = s->writer.number, .events = ck_wire_list_of(&s->events)};
    const ck_wire_batch crowd = {.lane = CK_LANE_CROWD,
                                 .from = s->committed_crowd,
                                 .to = s->crowd_writer.number,
                                 .events = ck_wire_list_of(&s->crowd_events)};
    ck_buf buf = ck_seq_buf(s);
    ck_wire_add(&buf, 1, &ck_type_batch, &ordered);
    ck_wire_add(&buf, 1, &ck_type_batch, &crowd);
    s->record = ck_seq_slice_of(s, &buf);
    if (s->record.data == NULL) {
        return;
    }
    s->appending = true;
    ck_seq_output(s, (ck_sequencer_output){
                         .action = CK_SEQUENCER_APPEND,
                         .after = s->committed,
                         .to = s->writer.number,
                         .bytes = ck_slice_ref(s->record),
                     });
}

void ck_seq_flush(ck_sequencer *s, uint64_t now_us)
{
    if (s->state != CK_SEQUENCER_OPEN || s->appending) {
        return;
    }
    begin_record(s);
    s->flushed_us = now_us;
    for (uint32_t i = 0; i < s->inbox_count && s->state == CK_SEQUENCER_OPEN; i++) {
        take_from_inbox(s, &s->inbox[i], now_us);
    }
    ck_seq_clear_inbox(s);
    put_all_counts(s, now_us);
    if (s->hands_due) {
        s->hands_due = false;
        lower_old_hands(s, now_us);
    }
    bool unproven = now_us - s->proven_us >= CK_PROVE_US;
    bool anything =
        s->writer.number != s->committed || s->crowd_writer.number != s->committed_crowd;
    if (s->state == CK_SEQUENCER_OPEN && (anything || unproven)) {
        finish_record(s, now_us);
    } else if (s->state == CK_SEQUENCER_OPEN) {
        ck_seq_welcome_all(s, now_us);
        ck_seq_answer_asked(s);
    }
}
