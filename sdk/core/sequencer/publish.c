/* What is committed goes out: first to whom it concerns alone, then to all. */
#include "core/sequencer/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

/* --- records ------------------------------------------------------------------------------- */

int ck_seq_record_batches(ck_bytes record, ck_wire_batch *ordered, ck_wire_batch *crowd)
{
    ck_wire_list list = {record.data, record.data + record.size, 1, 0};
    if (ck_wire_next(&list, &ck_type_batch, ordered) != 1 ||
        ck_wire_next(&list, &ck_type_batch, crowd) != 1) {
        return CHALK_ERR_BAD_DATA;
    }
    return ordered->lane == CK_LANE_ORDERED && crowd->lane == CK_LANE_CROWD ? CHALK_OK
                                                                            : CHALK_ERR_BAD_DATA;
}

static void forget(ck_sequencer *s, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        s->kept_bytes -= s->kept[i].stored.size + s->kept[i].shared.size;
        ck_slice_unref(&s->kept[i].stored);
        ck_slice_unref(&s->kept[i].shared);
    }
    s->kept_count -= count;
    memmove(s->kept, s->kept + count, s->kept_count * sizeof *s->kept);
}

void ck_seq_forget_kept(ck_sequencer *s)
{
    if (s->kept_count > 0) {
        forget(s, s->kept_count);
    }
}

void ck_seq_keep(ck_sequencer *s, kept_record kept)
{
    if (s->kept_count == s->kept_size) {
        uint32_t size = s->kept_size == 0 ? 16 : 2 * s->kept_size;
        kept_record *grown = ck_resize_array(s->alloc, s->kept, size, sizeof *grown);
        if (grown == NULL) {
            ck_slice_unref(&kept.stored);
            ck_slice_unref(&kept.shared);
            ck_seq_forget_kept(s); /* who comes back gets a snapshot */
            return;
        }
        s->kept = grown;
        s->kept_size = size;
    }
    s->kept[s->kept_count++] = kept;
    s->kept_bytes += kept.stored.size + kept.shared.size;
    if (s->kept_bytes > CK_KEPT_BYTES) {
        forget(s, (s->kept_count + 1) / 2);
    }
}

/* --- what all get -------------------------------------------------------------------------- */

/* Once the class is over nothing is shown any more. */
bool ck_seq_has_right(const ck_sequencer *s, uint64_t who, uint8_t right)
{
    const ck_person *person = ck_room_find(&s->room, who);
    return person != NULL && s->room.class_state < CK_CLASS_ENDED &&
           (ck_room_rights(&s->room, person) & right);
}

static uint8_t right_for(uint64_t key)
{
    return key < CK_SPOT_KEYS_APP     ? CK_RIGHT_DRAW
           : key < CK_SPOT_KEYS_SHARE ? CK_RIGHT_CHAT
                                      : CK_RIGHT_SHARE;
}

/* Gives the author of all that are put, 0 where they have several. */
static uint64_t put_spots(ck_sequencer *s, uint64_t base_us, uint64_t now_us, ck_buf *out)
{
    uint32_t kept = 0;
    uint64_t author = 0;
    bool several = false;
    for (uint32_t i = 0; i < s->spot_count; i++) {
        const spot *p = &s->spots[i];
        if (!p->judged && s->appending) {
            s->spots[kept++] = *p; /* what may still be taken back gives no right */
            continue;
        }
        if (!p->judged && !ck_seq_has_right(s, p->author, right_for(p->key))) {
            continue;
        }
        const ck_wire_spot wire = {.author = p->author,
                                   .key = p->key,
                                   .off_us = p->at_us != 0 ? (int64_t)(p->at_us - base_us) : 0,
                                   .data = ck_bytes_of(p->data, p->size)};
        ck_wire_add(out, CK_LIST_BATCH_SPOTS, &ck_type_spot, &wire);
        several = several || (author != 0 && author != p->author);
        author = p->author;
    }
    s->spots_us = now_us;
    s->spot_count = kept;
    return several ? 0 : author;
}

/* Events for all, with their numbers; what is left out is covered by (from, to]. */
static ck_slice shared_frame(ck_sequencer *s, const ck_wire_batch *stored, bool fresh,
                             uint64_t now_us)
{
    ck_buf events = ck_seq_buf(s), spots = ck_seq_buf(s), out = ck_seq_buf(s);
    ck_event_reader reader = ck_event_reader_of(stored);
    ck_event_writer w = {.out = &events, .field = CK_LIST_BATCH_EVENTS, .number = stored->from};
    ck_event event;
    uint64_t base_us = 0;
    while (ck_event_read(&reader, &event) > 0) {
        if (event.audience == CK_TO_ALL) {
            base_us = base_us == 0 ? event.order_us : base_us;
            w.order_us = w.order_us == 0 ? base_us : w.order_us;
            ck_event_write(&w, &event);
        }
    }
    uint8_t hash[8];
    bool hashed = fresh && ++s->since_hash >= CK_HASH_EVERY;
    if (hashed) {
        uint64_t value = ck_room_hash(&s->room);
        ck_store_be32(hash, (uint32_t)(value >> 32));
        ck_store_be32(hash + 4, (uint32_t)value);
        s->since_hash = 0;
    }
    if (fresh && s->spot_count > 0) {
        base_us = base_us == 0 ? s->spots[0].at_us : base_us;
        (void)put_spots(s, base_us, now_us, &spots);
    }
    ck_wire_batch batch = {
        .base_us = base_us,
        .events = ck_wire_list_of(&events),
        .spots = ck_wire_list_of(&spots),
        .hash = hashed ? ck_bytes_of(hash, sizeof hash) : (ck_bytes){0},
    };
    ck_batch_set_range(&batch, stored->from, stored->to);
    ck_frame_put(&out, CK_FRAME_BATCH, &ck_type_batch, &batch);
    out.failed = out.failed || events.failed || spots.failed;
    ck_buf_free(&events);
    ck_buf_free(&spots);
    return ck_seq_slice_of(s, &out);
}

void ck_seq_share_spots(ck_sequencer *s, uint64_t now_us)
{
    if (s->spot_count == 0) {
        return;
    }
    ck_buf spots = ck_seq_buf(s), out = ck_seq_buf(s);
    uint64_t base_us = 0;
    for (uint32_t i = 0; i < s->spot_count && base_us == 0; i++) {
        base_us = s->spots[i].at_us;
    }
    uint64_t author = put_spots(s, base_us, now_us, &spots);
    if (spots.size > 0 || spots.failed) {
        /* A range of nothing. */
        const ck_wire_batch batch = {.base_us = base_us, .spots = ck_wire_list_of(&spots)};
        ck_frame_put(&out, CK_FRAME_BATCH, &ck_type_batch, &batch);
        out.failed = out.failed || spots.failed;
        ck_seq_share(s,
                     (shared){.bytes = ck_seq_slice_of(s, &out), .lane = true, .author = author});
    }
    ck_buf_free(&spots);
}

void ck_seq_put_spot(ck_sequencer *s, const connection *c, const ck_wire_spot *wire,
                     uint64_t now_us)
{
    bool judged = s->state == CK_SEQUENCER_OPEN && !s->appending;
    if (judged && !ck_seq_has_right(s, c->person, right_for(wire->key))) {
        return;
    }
    uint32_t at = 0;
    while (at < s->spot_count &&
           (s->spots[at].author != c->person || s->spots[at].key != wire->key)) {
        at++;
    }
    if (at == CK_SPOTS) {
        s->stats.spots_dropped++;
        return;
    }
    spot *p = &s->spots[at];
    bool goes_on = at < s->spot_count && wire->key == CK_SPOT_PEN &&
                   p->size + wire->data.size <= sizeof p->data;
    size_t from = goes_on ? p->size : 0;
    s->spot_count = CK_MAX(s->spot_count, at + 1);
    uint64_t room_us = ck_sequencer_room_us(s, now_us);
    p->judged = judged;
    p->author = c->person;
    p->key = wire->key;
    /* A pen's chunks tell their own times. */
    p->at_us =
        wire->key == CK_SPOT_PEN ? 0 : CK_CLAMP(wire->at_us, room_us - CK_ORIGIN_US, room_us);
    p->size = (uint16_t)(from + wire->data.size);
    if (wire->data.size > 0) {
        memcpy(p->data + from, wire->data.data, wire->data.size);
    }
}

/* --- consequences -------------------------------------------------------------------------- */

/* Who joins or leaves staff knows more or less from now on; who is banned goes. */
static void follow_up(ck_sequencer *s, const ck_wire_batch *ordered)
{
    ck_event_reader reader = ck_event_reader_of(ordered);
    ck_event event;
    while (ck_event_read(&reader, &event) > 0) {
        if (event.kind != CK_EVENT_ROLE && event.kind != CK_EVENT_BAN) {
            continue;
        }
        connection *c = ck_seq_connection_of(s, event.target);
        const ck_person *person = ck_room_find(&s->room, event.target);
        if (c == NULL || person == NULL || c->state != LIVE) {
            continue;
        }
        if (person->flags & CK_PERSON_BANNED) {
            ck_seq_close(s, c, CK_REASON_BANNED);
        } else {
            ck_seq_send_snapshot(s, c);
        }
    }
}

/* Before anything of the record is sent: who is staff no more must not read what staff said after.
 */
static void refresh_roles(ck_sequencer *s, const ck_wire_batch *ordered)
{
    ck_event_reader reader = ck_event_reader_of(ordered);
    ck_event event;
    while (ck_event_read(&reader, &event) > 0) {
        connection *c = event.kind == CK_EVENT_ROLE ? ck_seq_connection_of(s, event.target) : NULL;
        const ck_person *person = ck_room_find(&s->room, event.target);
        if (c != NULL && person != NULL) {
            c->role = person->role;
        }
    }
}

static void add_to_crowd(ck_sequencer *s, const ck_wire_batch *crowd)
{
    ck_event_reader reader = ck_event_reader_of(crowd);
    ck_event event;
    while (ck_event_read(&reader, &event) > 0) {
        const ck_person *author = ck_room_find(&s->room, event.author);
        ck_room_sign(&s->room, &event);
        ck_crowd_add(&s->crowd, &event, author != NULL && ck_role_is_staff(author->role));
    }
}

/* A deletion is told at once, and would find nothing to delete where its message comes later. */
static void delete_from_crowd(ck_sequencer *s, const ck_wire_batch *ordered)
{
    ck_event_reader reader = ck_event_reader_of(ordered);
    ck_event event;
    while (ck_event_read(&reader, &event) > 0) {
        if (event.kind == CK_EVENT_DELETE && event.value == CK_LANE_CROWD) {
            ck_crowd_delete(&s->crowd, event.about);
        }
    }
}

void ck_seq_publish(ck_sequencer *s, const kept_record *kept, uint64_t now_us)
{
    ck_wire_batch ordered, crowd;
    kept_record made = *kept;
    if (ck_seq_record_batches(ck_bytes_of(kept->stored.data, kept->stored.size), &ordered, &crowd) <
        0) {
        ck_seq_lose(s);
        return;
    }
    refresh_roles(s, &ordered);
    ck_seq_send_all_personal(s, &ordered, &crowd);
    made.shared = shared_frame(s, &ordered, true, now_us);
    if (made.shared.data == NULL) {
        ck_slice_unref(&made.stored);
        return;
    }
    ck_seq_share(s, (shared){.bytes = ck_slice_ref(made.shared)});
    add_to_crowd(s, &crowd);
    delete_from_crowd(s, &ordered);
    ck_seq_share_lanes(s, now_us, now_us + ck_seq_tick_us(s) / 2);
    ck_seq_send_shared(s, now_us);
    follow_up(s, &ordered);
    ck_seq_keep(s, made);
}

/* --- who comes late ------------------------------------------------------------------------ */

void ck_seq_send_snapshot(ck_sequencer *s, connection *c)
{
    const ck_person *person = ck_room_find(&s->room, c->person);
    if (person == NULL) {
        return;
    }
    ck_buf out = ck_seq_buf(s);
    ck_buf_put_u8(&out, CK_FRAME_SNAPSHOT);
    ck_room_write(&s->room, person, &out);
    s->stats.snapshots++;
    ck_seq_send(s, c, ck_seq_slice_of(s, &out));
}

/* Each record is a frame or two: who missed many is better served with one snapshot, and must find
 * place in a connection's queue. */
static bool reaches_back(const ck_sequencer *s, uint64_t head)
{
    if (head == 0 || head > s->committed) {
        return false;
    }
    if (head == s->committed) {
        return true;
    }
    uint32_t oldest = s->kept_count > CK_TAIL_RECORDS ? s->kept_count - CK_TAIL_RECORDS : 0;
    return s->kept_count > 0 && s->kept[oldest].after <= head;
}

/* Whose role changed while away knows too much or too little for a tail. */
static bool has_new_role(const ck_sequencer *s, const connection *c)
{
    for (uint32_t i = 0; i < s->kept_count; i++) {
        const kept_record *kept = &s->kept[i];
        ck_wire_batch ordered, crowd;
        if (kept->to <= c->hello_head ||
            ck_seq_record_batches(ck_bytes_of(kept->stored.data, kept->stored.size), &ordered,
                                  &crowd) < 0) {
            continue;
        }
        ck_event_reader reader = ck_event_reader_of(&ordered);
        ck_event event;
        while (ck_event_read(&reader, &event) > 0) {
            if (event.kind == CK_EVENT_ROLE && event.target == c->person) {
                return true;
            }
        }
    }
    return false;
}

void ck_seq_catch_up(ck_sequencer *s, connection *c)
{
    if (!reaches_back(s, c->hello_head) || has_new_role(s, c)) {
        ck_seq_send_snapshot(s, c);
        return;
    }
    s->stats.resumed++;
    for (uint32_t i = 0; i < s->kept_count; i++) {
        kept_record *kept = &s->kept[i];
        ck_wire_batch ordered, crowd;
        if (kept->to <= c->hello_head ||
            ck_seq_record_batches(ck_bytes_of(kept->stored.data, kept->stored.size), &ordered,
                                  &crowd) < 0) {
            continue;
        }
        ck_seq_send_personal(s, c, &ordered, c->hello_head);
        ck_seq_send_personal(s, c, &crowd, c->hello_crowd);
        if (kept->shared.data == NULL) {
            kept->shared = shared_frame(s, &ordered, false, 0);
            s->kept_bytes += kept->shared.size;
        }
        ck_seq_send(s, c, ck_slice_ref(kept->shared));
    }
}
