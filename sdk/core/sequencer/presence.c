/* Who is here, and what applications say of them. Up to crowd_from people everybody hears of
 * everybody; above, how many they are, and of staff and whoever has a hand up or may speak. */
#include "core/sequencer/inside.h"

#include "base/check.h"

#include <string.h>

bool ck_seq_is_large(const ck_sequencer *s)
{
    return s->stats.present > s->config.crowd_from;
}

static bool is_told(const ck_sequencer *s, const ck_person *p)
{
    bool stands_out = ck_role_is_staff(p->role) || p->hand || (p->rights & CK_RIGHT_SPEAK);
    return (p->flags & CK_PERSON_PUBLIC) && (stands_out || !ck_seq_is_large(s));
}

static ck_slice presence_frame(ck_sequencer *s)
{
    ck_buf people = ck_seq_buf(s), out = ck_seq_buf(s);
    for (uint32_t i = 0; i < s->connection_count; i++) {
        const connection *c = &s->connections[i];
        const ck_person *p = c->state == LIVE ? ck_room_find(&s->room, c->person) : NULL;
        if (p != NULL && is_told(s, p)) {
            ck_wire_here here = {.id = p->id};
            if (ck_seq_has_right(s, p->id, CK_RIGHT_CHAT)) { /* who is muted says nothing here */
                here.status = ck_bytes_of(c->status.data, c->status.size);
            }
            ck_wire_add(&people, CK_LIST_PRESENCE_PEOPLE, &ck_type_here, &here);
        }
    }
    const ck_wire_presence presence = {
        .count = s->stats.present, .whole = 1, .people = ck_wire_list_of(&people)};
    ck_frame_put(&out, CK_FRAME_PRESENCE, &ck_type_presence, &presence);
    out.failed = out.failed || people.failed;
    ck_buf_free(&people);
    return ck_seq_slice_of(s, &out);
}

void ck_seq_set_status(ck_sequencer *s, connection *c, ck_bytes status)
{
    ck_slice copy = {0};
    if (status.size > 0) {
        copy = ck_slice_copy(s->alloc, status.data, status.size);
        if (copy.data == NULL) {
            ck_seq_lose(s);
            return;
        }
    }
    ck_slice_unref(&c->status);
    c->status = copy;
    s->presence_changed = true;
}

uint64_t ck_seq_presence_at(const ck_sequencer *s)
{
    uint64_t every_us = ck_seq_is_large(s) ? CK_US_PER_S : CK_US_PER_S / 4;
    return s->presence_changed ? s->presence_us + every_us : CK_NEVER;
}

void ck_seq_share_presence(ck_sequencer *s, uint64_t now_us)
{
    s->presence_changed = false;
    s->presence_us = now_us;
    ck_seq_share(s, (shared){.bytes = presence_frame(s), .lane = true});
}
