/* Who sees and hears: what participants report, added up for staff. */
#include "core/sequencer/inside.h"

#include "base/check.h"

#define NAMED       8u        /* of those that do not hear or see, so many by name */
#define REPORT_US   15000000u /* an older report does not count */
#define SOUND_HEARD 1u

typedef struct tally {
    ck_wire_summary wire;
    uint64_t deaf[NAMED], blind[NAMED];
    uint32_t deaf_count, blind_count;
    uint64_t oldest_us;
} tally;

/* The page that counts is the one that staff see. */
static uint64_t page_of_staff(const ck_sequencer *s)
{
    for (uint32_t i = 0; i < s->connection_count; i++) {
        const connection *c = &s->connections[i];
        if (c->state == LIVE && c->reported_us != 0 && ck_role_is_staff(c->role)) {
            return c->report.page;
        }
    }
    return 0;
}

static void name(uint64_t *list, uint32_t *count, uint64_t person)
{
    if (*count < NAMED) {
        list[(*count)++] = person;
    }
}

static void add(tally *sum, const connection *c, uint64_t room_us)
{
    sum->wire.reported++;
    if (c->report.page == sum->wire.page) {
        sum->wire.see_page++;
    } else {
        name(sum->blind, &sum->blind_count, c->person);
    }
    if (c->report.sound == SOUND_HEARD) {
        sum->wire.hear++;
    } else {
        name(sum->deaf, &sum->deaf_count, c->person);
    }
    if (c->report.playing_us != 0 && c->report.playing_us < room_us) {
        sum->oldest_us = CK_MAX(sum->oldest_us, room_us - c->report.playing_us);
    }
}

/* What is played moves on by itself after it was reported. */
static uint64_t room_when(const ck_sequencer *s, const connection *c)
{
    return ck_sequencer_room_us(s, c->reported_us);
}

static ck_slice summary_frame(ck_sequencer *s, uint64_t now_us)
{
    tally sum = {.wire = {.page = page_of_staff(s)}};
    for (uint32_t i = 0; i < s->connection_count; i++) {
        const connection *c = &s->connections[i];
        if (c->state != LIVE || ck_role_is_staff(c->role)) {
            continue;
        }
        sum.wire.people++;
        if (c->reported_us != 0 && now_us - c->reported_us < REPORT_US) {
            add(&sum, c, room_when(s, c));
        }
    }
    ck_buf deaf = ck_seq_buf(s), blind = ck_seq_buf(s), out = ck_seq_buf(s);
    for (uint32_t i = 0; i < sum.deaf_count; i++) {
        ck_wire_put_varint(&deaf, sum.deaf[i]);
    }
    for (uint32_t i = 0; i < sum.blind_count; i++) {
        ck_wire_put_varint(&blind, sum.blind[i]);
    }
    sum.wire.oldest_ms = sum.oldest_us / 1000;
    sum.wire.deaf = ck_bytes_of(deaf.data, deaf.size);
    sum.wire.blind = ck_bytes_of(blind.data, blind.size);
    ck_frame_put(&out, CK_FRAME_SUMMARY, &ck_type_summary, &sum.wire);
    out.failed = out.failed || deaf.failed || blind.failed;
    ck_buf_free(&deaf);
    ck_buf_free(&blind);
    return ck_seq_slice_of(s, &out);
}

uint64_t ck_seq_summary_at(const ck_sequencer *s)
{
    return s->summary_changed ? s->summed_us + CK_HOUSE_US : CK_NEVER;
}

void ck_seq_summarise(ck_sequencer *s, uint64_t now_us)
{
    if (now_us < ck_seq_summary_at(s)) {
        return;
    }
    s->summary_changed = false;
    s->summed_us = now_us;
    ck_slice frame = summary_frame(s, now_us);
    for (uint32_t i = 0; i < s->connection_count; i++) {
        connection *c = &s->connections[i];
        if (c->state == LIVE && ck_role_is_staff(c->role)) {
            ck_seq_send(s, c, ck_slice_ref(frame));
        }
    }
    ck_slice_unref(&frame);
}
