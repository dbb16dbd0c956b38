/* What a client may send besides HELLO and intents. */
#include "core/sequencer/inside.h"

#include "base/check.h"

#include <string.h>

enum asked {
    ASK_HISTORY = 1, /* of the ordered lane */
    ASK_CROWD,
    ASK_ROSTER,
};

/* --- pages --------------------------------------------------------------------------------- */

static void add_history(const ck_sequencer *s, const connection *c, const ck_wire_ask *ask,
                        uint64_t lane, ck_buf *events, ck_wire_page *page)
{
    const ck_room *room = &s->room;
    uint64_t before = ask->before == 0 ? UINT64_MAX : ask->before;
    uint32_t at = room->chat_count;
    uint64_t found = 0;
    while (at > 0 && found <= ask->count) {
        const ck_event *event = &ck_room_said_at(room, at - 1)->event;
        bool fits = event->lane == lane && event->number < before &&
                    ck_event_concerns(event, c->person, c->role);
        if (fits && ++found > ask->count) {
            page->more = 1;
            break;
        }
        at--;
    }
    ck_event_writer w = {.out = events, .field = CK_LIST_PAGE_EVENTS};
    for (; at < room->chat_count; at++) {
        const ck_event *event = &ck_room_said_at(room, at)->event;
        if (event->lane == lane && event->number < before &&
            ck_event_concerns(event, c->person, c->role)) {
            ck_event_write(&w, event);
        }
    }
}

static void add_roster(ck_sequencer *s, const connection *c, const ck_wire_ask *ask, ck_buf *people,
                       ck_wire_page *page)
{
    uint64_t added = 0;
    for (uint32_t i = 0; i < s->room.person_count; i++) {
        const ck_person *p = &s->room.people[i];
        bool known = (p->flags & CK_PERSON_PUBLIC) || ck_role_is_staff(c->role);
        if (p->id <= ask->before || !known) {
            continue;
        }
        if (added++ == ask->count) {
            page->more = 1;
            return;
        }
        const ck_wire_here here = {
            .id = p->id,
            .gone = ck_seq_connection_of(s, p->id) == NULL,
            .name = ck_bytes_of(p->name, strlen(p->name)),
            .role = p->role,
        };
        ck_wire_add(people, CK_LIST_PAGE_PEOPLE, &ck_type_here, &here);
    }
}

void ck_seq_page(ck_sequencer *s, connection *c, const ck_wire_ask *ask)
{
    ck_buf events = ck_seq_buf(s), people = ck_seq_buf(s);
    ck_wire_page page = {.request = ask->request};
    if (ask->what == ASK_ROSTER) {
        add_roster(s, c, ask, &people, &page);
    } else {
        uint64_t lane = ask->what == ASK_CROWD ? CK_LANE_CROWD : CK_LANE_ORDERED;
        add_history(s, c, ask, lane, &events, &page);
    }
    page.events = ck_wire_list_of(&events);
    page.people = ck_wire_list_of(&people);
    if (events.failed || people.failed) {
        ck_seq_lose(s);
    } else {
        ck_seq_send_frame(s, c, CK_FRAME_PAGE, &ck_type_page, &page);
    }
    ck_buf_free(&events);
    ck_buf_free(&people);
}

/* --- frames -------------------------------------------------------------------------------- */

static void pong(ck_sequencer *s, connection *c, const ck_wire_ping *ping, uint64_t now_us)
{
    const ck_wire_ping answer = {
        .sent_us = ping->sent_us, .room_us = ck_sequencer_room_us(s, now_us), .head = s->committed};
    ck_seq_send_frame(s, c, CK_FRAME_PONG, &ck_type_ping, &answer);
}

static bool may_react(const ck_sequencer *s, const connection *c)
{
    const ck_person *person = ck_room_find(&s->room, c->person);
    return person != NULL && (ck_room_rights(&s->room, person) & CK_RIGHT_CHAT);
}

/* One of the frames that need no order. False: it is none, or not well-formed. */
static bool take_frame(ck_sequencer *s, connection *c, uint8_t kind, ck_bytes body, uint64_t now_us)
{
    union {
        ck_wire_ping ping;
        ck_wire_spot spot;
        ck_wire_reaction reaction;
        ck_wire_report report;
    } m;
    const ck_wire_type *type = ck_frame_type(kind);
    if (kind > CK_FRAME_PING || type == NULL || type->size > sizeof m ||
        ck_wire_decode(type, body, &m) < 0) {
        return false;
    }
    switch (kind) {
    case CK_FRAME_LATEST:
        ck_seq_put_spot(s, c, &m.spot, now_us);
        return true;
    case CK_FRAME_REACT:
        if (may_react(s, c)) {
            ck_crowd_react(&s->crowd, m.reaction.text);
        }
        return true;
    case CK_FRAME_REPORT:
        c->report = m.report;
        c->reported_us = CK_MAX(now_us, 1);
        s->summary_changed = true;
        return true;
    case CK_FRAME_ASK:
    case CK_FRAME_PING:
        pong(s, c, &m.ping, now_us);
        return true;
    default:
        return false;
    }
}

void ck_sequencer_feed(ck_sequencer *s, uint64_t id, ck_bytes frame, uint64_t now_us)
{
    connection *c = ck_seq_find(s, id);
    if (c == NULL || s->state == CK_SEQUENCER_LOST) {
        return;
    }
    c->heard_us = now_us;
    if (frame.size == 0 || frame.size > CK_ROOM_FRAME_MAX) {
        ck_seq_close(s, c, CK_REASON_PROTOCOL);
        return;
    }
    uint8_t kind = frame.data[0];
    ck_bytes body = {frame.data + 1, frame.size - 1};
    bool first = kind == CK_FRAME_HELLO;
    if (first != (c->state == GREETING)) {
        ck_seq_close(s, c, CK_REASON_PROTOCOL);
    } else if (first || kind == CK_FRAME_INTENT || kind == CK_FRAME_ASK) {
        ck_seq_queue_intent(s, c, frame);
    } else if (c->state != LIVE || !take_frame(s, c, kind, body, now_us)) {
        ck_seq_close(s, c, CK_REASON_PROTOCOL);
    }
}
