/* What a client may send besides HELLO and intents. */
#include "core/sequencer/inside.h"

#include "base/check.h"
#include "core/room/rules.h"

#include <string.h>

/* --- pages --------------------------------------------------------------------------------- */

static bool is_asked_for(const connection *c, const ck_wire_ask *ask, const ck_event *event)
{
    bool crowd = event->lane == CK_LANE_CROWD;
    uint64_t before = crowd && ask->what == CK_ASK_HISTORY ? ask->before_crowd : ask->before;
    return (crowd || ask->what == CK_ASK_HISTORY) && (before == 0 || event->number < before) &&
           ck_event_concerns(event, c->person, c->role);
}

static void add_lane(const ck_sequencer *s, const connection *c, const ck_wire_ask *ask,
                     uint32_t first, uint64_t lane, ck_buf *out)
{
    ck_event_writer w = {
        .out = out,
        .field = lane == CK_LANE_CROWD ? CK_LIST_PAGE_CROWDED : CK_LIST_PAGE_EVENTS,
    };
    for (uint32_t at = first; at < s->room.chat_count; at++) {
        ck_event event = ck_room_said_at(&s->room, at)->event;
        if (event.lane == lane && is_asked_for(c, ask, &event)) {
            ck_room_sign(&s->room, &event);
            ck_event_write(&w, &event);
        }
    }
}

/* The newest ones: of both lanes, or of the crowd's alone. */
static void add_history(const ck_sequencer *s, const connection *c, const ck_wire_ask *ask,
                        ck_buf *ordered, ck_buf *crowded, ck_wire_page *page)
{
    uint32_t at = s->room.chat_count;
    for (uint64_t found = 0; at > 0; at--) {
        if (!is_asked_for(c, ask, &ck_room_said_at(&s->room, at - 1)->event)) {
            continue;
        }
        if (found++ == ask->count) {
            page->more = 1;
            break;
        }
    }
    add_lane(s, c, ask, at, CK_LANE_ORDERED, ordered);
    add_lane(s, c, ask, at, CK_LANE_CROWD, crowded);
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
    ck_buf ordered = ck_seq_buf(s), crowded = ck_seq_buf(s), people = ck_seq_buf(s);
    ck_wire_page page = {.request = ask->request};
    if (ask->what == CK_ASK_ROSTER) {
        add_roster(s, c, ask, &people, &page);
    } else {
        add_history(s, c, ask, &ordered, &crowded, &page);
    }
    page.events = ck_wire_list_of(&ordered);
    page.crowded = ck_wire_list_of(&crowded);
    page.people = ck_wire_list_of(&people);
    if (ordered.failed || crowded.failed || people.failed) {
        ck_seq_lose(s);
    } else {
        ck_seq_send_frame(s, c, CK_FRAME_PAGE, &ck_type_page, &page);
    }
    ck_buf_free(&ordered);
    ck_buf_free(&crowded);
    ck_buf_free(&people);
}

/* --- frames -------------------------------------------------------------------------------- */

static void pong(ck_sequencer *s, connection *c, const ck_wire_ping *ping, uint64_t now_us)
{
    const ck_wire_ping answer = {
        .sent_us = ping->sent_us, .room_us = ck_sequencer_room_us(s, now_us), .head = s->committed};
    ck_seq_send_frame(s, c, CK_FRAME_PONG, &ck_type_ping, &answer);
}

/* The rate of all but intents. A frame that came too fast is left out: what it would say is said
 * by the next one. */
static bool is_too_fast(ck_sequencer *s, connection *c, uint8_t kind, uint64_t now_us)
{
    const ck_role_limits *most = ck_rules_limits(c->state == GREETING ? c->token_role : c->role);
    uint32_t cost = kind == CK_FRAME_ASK || kind == CK_FRAME_RENEW ? CK_ASK_COST : 1;
    bool over = ck_seq_take_tokens(&c->frames, most->frames_per_minute, most->frames_burst, cost,
                                   now_us) > 0;
    s->stats.flooded += over;
    return over;
}

static void ask_to_renew(ck_sequencer *s, const connection *c, ck_bytes token)
{
    ck_slice copy = ck_slice_copy(s->alloc, token.data, token.size);
    if (copy.data == NULL) {
        ck_seq_lose(s);
        return;
    }
    ck_seq_output(s, (ck_sequencer_output){.action = CK_SEQUENCER_RENEW,
                                           .connection = ck_seq_id_of(s, c),
                                           .bytes = copy});
}

/* One of the frames that need no order. False: it is none, or not well-formed. */
static bool take_frame(ck_sequencer *s, connection *c, uint8_t kind, ck_bytes body, uint64_t now_us)
{
    union {
        ck_wire_ping ping;
        ck_wire_spot spot;
        ck_wire_reaction reaction;
        ck_wire_report report;
        ck_wire_renew renew;
        ck_wire_status status;
    } m;
    const ck_wire_type *type = ck_frame_type(kind);
    if (kind > CK_FRAME_STATUS || type == NULL || type->size > sizeof m ||
        ck_wire_decode(type, body, &m) < 0) {
        return false;
    }
    switch (kind) {
    case CK_FRAME_LATEST:
        ck_seq_put_spot(s, c, &m.spot, now_us);
        return true;
    case CK_FRAME_REACT:
        if (ck_seq_has_right(s, c->person, CK_RIGHT_CHAT)) {
            ck_crowd_react(&s->crowd, m.reaction.text);
        }
        return true;
    case CK_FRAME_REPORT:
        c->report = m.report;
        c->reported_us = CK_MAX(now_us, 1);
        s->summary_changed = true;
        return true;
    case CK_FRAME_PING:
        pong(s, c, &m.ping, now_us);
        return true;
    case CK_FRAME_STATUS:
        ck_seq_set_status(s, c, m.status.data);
        return true;
    case CK_FRAME_RENEW:
        ask_to_renew(s, c, m.renew.token);
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
    } else if (!first && kind != CK_FRAME_INTENT && is_too_fast(s, c, kind, now_us)) {
        return;
    } else if (first || kind == CK_FRAME_INTENT || kind == CK_FRAME_ASK) {
        ck_seq_queue_intent(s, c, frame);
    } else if (c->state != LIVE || !take_frame(s, c, kind, body, now_us)) {
        ck_seq_close(s, c, CK_REASON_PROTOCOL);
    }
}
