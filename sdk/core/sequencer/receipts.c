/* Who sees and hears: what participants report, added up for staff. */
#include "core/sequencer/inside.h"

#include "base/check.h"
#include "core/room/summary.h"

#define REPORT_US 15000000u /* an older report does not count */

typedef struct tally {
    ck_wire_summary wire;
    ck_buf deaf, deaf_why, blind;
    uint32_t deaf_count, blind_count;
    uint64_t oldest_us;
} tally;

/* In a crowd some speak for all: those who came while there were few, and of the others by chance
 * so many that the sample stays large enough as the room grows. */
bool ck_seq_shall_report(ck_sequencer *s, const connection *c)
{
    return ck_role_is_staff(c->role) || !ck_seq_is_large(s) ||
           ck_rng_below(&s->rng, s->stats.present) < CK_REPORTERS;
}

/* The page that counts is the one that staff see: of the highest rank, the newest report. */
static uint64_t page_of_staff(const ck_sequencer *s)
{
    const connection *best = NULL;
    for (uint32_t i = 0; i < s->connection_count; i++) {
        const connection *c = &s->connections[i];
        if (c->state != LIVE || c->reported_us == 0 || !ck_role_is_staff(c->role)) {
            continue;
        }
        bool better = best == NULL || c->role < best->role ||
                      (c->role == best->role && c->reported_us > best->reported_us);
        best = better ? c : best;
    }
    return best != NULL ? best->report.page : 0;
}

static void add(tally *sum, const connection *c, uint64_t room_us)
{
    sum->wire.reported++;
    if (c->report.page == sum->wire.page) {
        sum->wire.see_page++;
    } else if (sum->blind_count++ < CK_SUMMARY_NAMED) {
        ck_wire_put_varint(&sum->blind, c->person);
    }
    if (c->report.sound == CK_SOUND_HEARD) {
        sum->wire.hear++;
    } else if (sum->deaf_count++ < CK_SUMMARY_NAMED) {
        ck_wire_put_varint(&sum->deaf, c->person);
        ck_wire_put_varint(&sum->deaf_why, c->report.sound);
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

static void tally_all(const ck_sequencer *s, uint64_t now_us, tally *sum)
{
    for (uint32_t i = 0; i < s->connection_count; i++) {
        const connection *c = &s->connections[i];
        if (c->state != LIVE || ck_role_is_staff(c->role)) {
            continue;
        }
        sum->wire.people++;
        if (c->reported_us != 0 && now_us - c->reported_us < REPORT_US) {
            add(sum, c, room_when(s, c));
        }
    }
}

static ck_slice summary_frame(ck_sequencer *s, uint64_t now_us)
{
    tally sum = {.wire = {.page = page_of_staff(s)},
                 .deaf = ck_seq_buf(s),
                 .deaf_why = ck_seq_buf(s),
                 .blind = ck_seq_buf(s)};
    tally_all(s, now_us, &sum);
    sum.wire.oldest_ms = sum.oldest_us / 1000;
    sum.wire.deaf = ck_bytes_of(sum.deaf.data, sum.deaf.size);
    sum.wire.deaf_why = ck_bytes_of(sum.deaf_why.data, sum.deaf_why.size);
    sum.wire.blind = ck_bytes_of(sum.blind.data, sum.blind.size);
    ck_buf out = ck_seq_buf(s);
    ck_frame_put(&out, CK_FRAME_SUMMARY, &ck_type_summary, &sum.wire);
    out.failed = out.failed || sum.deaf.failed || sum.deaf_why.failed || sum.blind.failed;
    ck_buf_free(&sum.deaf);
    ck_buf_free(&sum.deaf_why);
    ck_buf_free(&sum.blind);
    return ck_seq_slice_of(s, &out);
}

uint64_t ck_seq_summary_at(const ck_sequencer *s)
{
    return s->summary_changed ? s->summed_us + CK_SUMMARY_US : CK_NEVER;
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
