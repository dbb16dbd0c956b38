/* What concerns some alone: PERSONAL frames of a record. Each event is read once and put with whom
 * it is for, so a record in which everybody speaks costs no more than its events. */
#include "core/sequencer/inside.h"

typedef struct recipient {
    uint32_t slot;
    ck_buf events;
    ck_event_writer writer;
} recipient;

typedef struct mailing {
    ck_sequencer *s;
    const ck_wire_batch *stored;
    recipient *list;
    uint32_t count, size;
} mailing;

static bool is_personal(const ck_event *event, const connection *c)
{
    if (event->lane == CK_LANE_CROWD) {
        return ck_role_is_staff(c->role) || event->author == c->person ||
               event->target == c->person;
    }
    return event->audience != CK_TO_ALL && ck_event_concerns(event, c->person, c->role);
}

static void send(ck_sequencer *s, connection *c, const ck_wire_batch *stored, const ck_buf *events)
{
    const ck_wire_batch batch = {
        .from = stored->from,
        .to = stored->to,
        .lane = stored->lane,
        .events = ck_wire_list_of(events),
    };
    if (events->failed) {
        ck_seq_lose(s);
    } else if (events->size > 0) {
        ck_seq_send_frame(s, c, CK_FRAME_PERSONAL, &ck_type_batch, &batch);
    }
}

void ck_seq_send_personal(ck_sequencer *s, connection *c, const ck_wire_batch *stored,
                          uint64_t after)
{
    ck_buf events = ck_seq_buf(s);
    ck_event_reader reader = ck_event_reader_of(stored);
    ck_event_writer w = {.out = &events, .field = CK_LIST_BATCH_EVENTS, .number = stored->from};
    ck_event event;
    while (ck_event_read(&reader, &event) > 0) {
        if (event.number > after && is_personal(&event, c)) {
            ck_room_sign(&s->room, &event);
            ck_event_write(&w, &event);
        }
    }
    send(s, c, stored, &events);
    ck_buf_free(&events);
}

/* --- to all whom a record concerns ----------------------------------------------------------- */

static recipient *place_for(mailing *m, connection *c)
{
    if (c->mail != 0) {
        return &m->list[c->mail - 1];
    }
    if (m->count == m->size) {
        uint32_t size = m->size == 0 ? 16 : 2 * m->size;
        recipient *grown = ck_resize_array(m->s->alloc, m->list, size, sizeof *grown);
        if (grown == NULL) {
            ck_seq_lose(m->s);
            return NULL;
        }
        m->list = grown;
        m->size = size;
    }
    recipient *r = &m->list[m->count++];
    *r = (recipient){.slot = (uint32_t)(c - m->s->connections), .events = ck_seq_buf(m->s)};
    r->writer = (ck_event_writer){.field = CK_LIST_BATCH_EVENTS, .number = m->stored->from};
    c->mail = m->count;
    return r;
}

/* Numbers rise, so who has this one already (its author may be staff) is seen by the last. */
static void put(mailing *m, connection *c, const ck_event *event)
{
    if (c == NULL || c->state != LIVE || !is_personal(event, c)) {
        return;
    }
    recipient *r = place_for(m, c);
    if (r != NULL && r->writer.number < event->number) {
        r->writer.out = &r->events; /* the list may have moved */
        ck_event_write(&r->writer, event);
    }
}

static void deliver(mailing *m, ck_event *event)
{
    bool crowd = event->lane == CK_LANE_CROWD;
    if (!crowd && event->audience == CK_TO_ALL) {
        return;
    }
    ck_room_sign(&m->s->room, event);
    put(m, ck_seq_connection_of(m->s, event->author), event);
    put(m, ck_seq_connection_of(m->s, event->target), event);
    if (crowd || event->audience == CK_TO_STAFF) {
        for (uint32_t at = m->s->first_staff; at != 0; at = m->s->connections[at - 1].next_staff) {
            put(m, &m->s->connections[at - 1], event);
        }
    }
}

static void chain_staff(ck_sequencer *s)
{
    s->first_staff = 0;
    for (uint32_t i = s->connection_count; i > 0; i--) {
        connection *c = &s->connections[i - 1];
        if (c->state == LIVE && ck_role_is_staff(c->role)) {
            c->next_staff = s->first_staff;
            s->first_staff = i;
        }
    }
}

static void mail(ck_sequencer *s, const ck_wire_batch *stored)
{
    mailing m = {.s = s, .stored = stored};
    ck_event_reader reader = ck_event_reader_of(stored);
    ck_event event;
    while (ck_event_read(&reader, &event) > 0) {
        deliver(&m, &event);
    }
    for (uint32_t i = 0; i < m.count; i++) {
        connection *c = &s->connections[m.list[i].slot];
        c->mail = 0;
        send(s, c, stored, &m.list[i].events);
        ck_buf_free(&m.list[i].events);
    }
    ck_free(s->alloc, m.list);
}

void ck_seq_send_all_personal(ck_sequencer *s, const ck_wire_batch *ordered,
                              const ck_wire_batch *crowd)
{
    chain_staff(s);
    mail(s, ordered);
    mail(s, crowd);
}
