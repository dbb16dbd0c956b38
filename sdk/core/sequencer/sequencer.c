#include "core/sequencer/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

#define CONNECTIONS_MAX   16384u
#define CROWD_FROM        100u
#define CROWD_PER_S       10u
#define CHAT_MAX          20000u
#define HAND_TIMEOUT_S    600u
#define SILENT_S          30u
#define CHECKPOINT_EVENTS 1000u
#define PACK_FROM         9u

/* --- from beginning to end ----------------------------------------------------------------- */

static void set_default(uint32_t *field, uint32_t value)
{
    *field = *field > 0 ? *field : value;
}

static void set_defaults(ck_sequencer_config *c)
{
    set_default(&c->connections_max, CONNECTIONS_MAX);
    set_default(&c->crowd_from, CROWD_FROM);
    set_default(&c->crowd_per_s, CROWD_PER_S);
    set_default(&c->chat_max, CHAT_MAX);
    set_default(&c->hand_timeout_s, HAND_TIMEOUT_S);
    set_default(&c->silent_s, SILENT_S);
    set_default(&c->checkpoint_events, CHECKPOINT_EVENTS);
    set_default(&c->pack_from, PACK_FROM);
}

static void ask_for_tail(ck_sequencer *s)
{
    s->state = CK_SEQUENCER_LOADING;
    s->reload_us = CK_NEVER;
    ck_room_reset(&s->room);
    ck_seq_forget_kept(s);
    s->committed = 0;
    s->committed_crowd = 0;
    s->since_checkpoint = 0;
    ck_seq_output(s, (ck_sequencer_output){.action = CK_SEQUENCER_TAIL});
}

int ck_sequencer_create(const ck_sequencer_config *config, uint64_t now_us, ck_sequencer **out)
{
    *out = NULL;
    if (config->alloc == NULL || config->epoch == 0 || config->unix_us == 0) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_sequencer *s = ck_new(config->alloc, sizeof *s);
    if (s == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    s->config = *config;
    set_defaults(&s->config);
    s->alloc = config->alloc;
    s->created_us = now_us;
    s->base_us = config->unix_us;
    s->events = ck_seq_buf(s);
    s->crowd_events = ck_seq_buf(s);
    ck_buf_init(&s->pack_in, s->alloc, CK_PACKED_MAX);
    ck_buf_init(&s->pack_out, s->alloc, CK_PACKED_MAX);
    ck_rng_seed(&s->rng, config->unix_us);
    s->packing = 1;
    ck_crowd_init(&s->crowd, s->alloc, s->config.crowd_per_s, config->unix_us);
    ck_room_init(&s->room, s->alloc, s->config.chat_max);
    ask_for_tail(s);
    if (s->state == CK_SEQUENCER_LOST) {
        ck_sequencer_destroy(&s);
        return CHALK_ERR_NO_MEMORY;
    }
    *out = s;
    return CHALK_OK;
}

void ck_sequencer_destroy(ck_sequencer **sequencer)
{
    ck_sequencer *s = *sequencer;
    if (s == NULL) {
        return;
    }
    ck_sequencer_output out;
    while (ck_sequencer_poll_output(s, &out)) {
        ck_slice_unref(&out.bytes);
    }
    for (uint32_t i = 0; i < s->connection_count; i++) {
        ck_slice_unref(&s->connections[i].status);
    }
    ck_seq_clear_inbox(s);
    ck_seq_forget_kept(s);
    ck_seq_drop_shared(s);
    ck_slice_unref(&s->record);
    ck_crowd_free(&s->crowd);
    ck_buf_free(&s->events);
    ck_buf_free(&s->crowd_events);
    ck_buf_free(&s->pack_in);
    ck_buf_free(&s->pack_out);
    ck_room_free(&s->room);
    ck_free(s->alloc, s->outputs);
    ck_free(s->alloc, s->inbox);
    ck_free(s->alloc, s->kept);
    ck_free(s->alloc, s->connections);
    ck_free(s->alloc, s);
    *sequencer = NULL;
}

uint64_t ck_sequencer_room_us(const ck_sequencer *s, uint64_t now_us)
{
    return s->base_us + (now_us > s->created_us ? now_us - s->created_us : 0);
}

enum ck_sequencer_state ck_sequencer_state_of(const ck_sequencer *s)
{
    return s->state;
}

ck_sequencer_stats ck_sequencer_get_stats(const ck_sequencer *s)
{
    ck_sequencer_stats stats = s->stats;
    stats.head = s->committed;
    return stats;
}

const ck_room *ck_sequencer_room(const ck_sequencer *s)
{
    return &s->room;
}

/* --- loading ------------------------------------------------------------------------------- */

int ck_sequencer_load_checkpoint(ck_sequencer *s, ck_bytes state)
{
    int status = ck_room_read(&s->room, state);
    s->committed = s->room.number;
    s->committed_crowd = s->room.crowd;
    return status;
}

static int apply_all(ck_sequencer *s, const ck_wire_batch *batch)
{
    ck_event_reader reader = ck_event_reader_of(batch);
    ck_event event;
    int status;
    while ((status = ck_event_read(&reader, &event)) > 0) {
        status = ck_room_apply(&s->room, &event);
        if (status < 0) {
            return status;
        }
    }
    return status;
}

int ck_sequencer_load(ck_sequencer *s, ck_bytes record)
{
    ck_wire_batch ordered, crowd;
    int status = ck_seq_record_batches(record, &ordered, &crowd);
    if (status == CHALK_OK && (ordered.from != s->committed || ordered.to < ordered.from)) {
        status = CHALK_ERR_BAD_DATA;
    }
    if (status == CHALK_OK) {
        status = apply_all(s, &ordered);
    }
    if (status == CHALK_OK) {
        status = apply_all(s, &crowd);
    }
    if (status < 0) {
        return status;
    }
    s->since_checkpoint += (uint32_t)(ordered.to - s->committed);
    s->committed = ordered.to;
    s->committed_crowd = crowd.to;
    ck_slice copy = ck_slice_copy(s->alloc, record.data, record.size);
    if (copy.data == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_seq_keep(s, (kept_record){.after = ordered.from, .to = ordered.to, .stored = copy});
    return CHALK_OK;
}

/* Streams of before: who still publishes will be told anew. */
static void end_streams(ck_sequencer *s, uint64_t now_us)
{
    for (uint32_t i = 0; i < s->room.stream_count; i++) {
        const ck_live_stream *stream = &s->room.streams[i];
        const ck_person *person = ck_room_find(&s->room, stream->who);
        if (person != NULL) {
            ck_sequencer_stream(s, ck_bytes_of(person->name, strlen(person->name)),
                                (enum ck_media)stream->media, false, now_us);
        }
    }
}

void ck_sequencer_open(ck_sequencer *s, uint64_t now_us)
{
    if (s->state != CK_SEQUENCER_LOADING) {
        return;
    }
    s->state = CK_SEQUENCER_OPEN;
    uint64_t room_us = ck_sequencer_room_us(s, now_us);
    if (room_us <= s->room.order_us) {
        s->base_us += s->room.order_us - room_us + 1; /* the wall clock was set back */
    }
    if (s->opened) {
        ck_crowd_resume(&s->crowd, s->committed_crowd);
    } else {
        ck_crowd_clear(&s->crowd, s->committed_crowd);
    }
    s->opened = true;
    ck_seq_reseat(s);
    end_streams(s, now_us);
    ck_seq_flush(s, now_us);
}

void ck_sequencer_stream(ck_sequencer *s, ck_bytes name, enum ck_media media, bool on,
                         uint64_t now_us)
{
    (void)now_us;
    const ck_person *person = ck_room_find_name(&s->room, name);
    if (person == NULL) {
        return;
    }
    const ck_wire_event event = {
        .kind = CK_EVENT_STREAM, .target = person->id, .value = (uint64_t)media << 1 | on};
    ck_seq_queue_own(s, &event);
}

/* --- the store's answers ------------------------------------------------------------------- */

static void committed(ck_sequencer *s, uint64_t now_us)
{
    const kept_record kept = {.after = s->committed, .to = s->writer.number, .stored = s->record};
    s->record = (ck_slice){0};
    s->proven_us = now_us;
    s->since_checkpoint += (uint32_t)(s->writer.number - s->committed);
    s->committed = s->writer.number;
    s->committed_crowd = s->crowd_writer.number;
    if (kept.to > kept.after) {
        ck_seq_publish(s, &kept, now_us);
    } else {
        ck_slice stored = kept.stored;
        ck_slice_unref(&stored);
    }
    ck_seq_welcome_all(s, now_us);
    ck_seq_answer_asked(s);
    if (s->since_checkpoint >= s->config.checkpoint_events) {
        s->since_checkpoint = 0;
        ck_buf buf = ck_seq_buf(s);
        ck_room_write(&s->room, NULL, &buf);
        ck_seq_output(s, (ck_sequencer_output){.action = CK_SEQUENCER_CHECKPOINT,
                                               .to = s->committed,
                                               .bytes = ck_seq_slice_of(s, &buf)});
    }
}

static void refuse_batch(ck_sequencer *s, const ck_wire_batch *batch)
{
    ck_event_reader reader = ck_event_reader_of(batch);
    ck_event event;
    while (ck_event_read(&reader, &event) > 0) {
        connection *c = ck_seq_connection_of(s, event.author);
        bool mine = event.author != 0 && c != NULL && c->epoch == event.epoch;
        if (mine && (c->blocked == 0 || event.counter < c->blocked)) {
            c->done = event.counter - 1;
            ck_seq_send_back(s, c, event.counter, CK_REASON_STORE, CK_BACK_US / 1000);
        }
    }
}

/* Nothing of the record was told to anybody. Its authors learn that it was not to be, and the state
 * is made again from what the store has. */
static void give_up_record(ck_sequencer *s, uint64_t now_us)
{
    ck_wire_batch ordered, crowd;
    if (ck_seq_record_batches(ck_bytes_of(s->record.data, s->record.size), &ordered, &crowd) ==
        CHALK_OK) {
        refuse_batch(s, &ordered);
        refuse_batch(s, &crowd);
    }
    for (uint32_t i = 0; i < s->connection_count; i++) {
        if (s->connections[i].state == JOINING) {
            ck_seq_close(s, &s->connections[i], CK_REASON_STORE);
        }
    }
    ck_slice_unref(&s->record);
    s->state = CK_SEQUENCER_LOADING;
    s->reload_us = now_us + CK_BACK_US;
}

static void fenced(ck_sequencer *s)
{
    ck_slice_unref(&s->record);
    ck_sequencer_move(s, (ck_bytes){0});
}

void ck_sequencer_stored(ck_sequencer *s, uint64_t to, enum ck_store_answer answer, uint64_t now_us)
{
    if (!s->appending || to != s->writer.number || s->state != CK_SEQUENCER_OPEN) {
        return;
    }
    s->appending = false;
    switch (answer) {
    case CK_STORE_COMMITTED:
        committed(s, now_us);
        break;
    case CK_STORE_FULL:
        give_up_record(s, now_us);
        break;
    case CK_STORE_FENCED:
        fenced(s);
        break;
    }
}

/* --- time ---------------------------------------------------------------------------------- */

/* When the next record may be begun. */
static uint64_t flush_at(const ck_sequencer *s)
{
    uint64_t at = s->inbox_count > 0 || s->hands_due ? 0 : CK_NEVER;
    at = s->counts_changed ? CK_MIN(at, s->counted_us + CK_HOUSE_US) : at;
    if (s->appending || at == CK_NEVER) {
        return CK_NEVER;
    }
    /* When thousands answer at once, a record is better begun early than anybody sent away. */
    bool fills = s->inbox_count > CK_INBOX_MAX / 2 || s->inbox_bytes > CK_INBOX_BYTES / 2;
    return fills ? at : CK_MAX(at, s->flushed_us + ck_seq_tick_us(s));
}

static uint64_t spots_at(const ck_sequencer *s)
{
    return s->spot_count > 0 ? s->spots_us + ck_seq_tick_us(s) : CK_NEVER;
}

static uint64_t crowd_at(const ck_sequencer *s)
{
    return ck_crowd_is_empty(&s->crowd) ? CK_NEVER : s->crowd_us + CK_CROWD_EVERY_US;
}

/* The lanes wait for the next record, or the one that is being stored, for a tick at most: one
 * frame costs less than two. */
static uint64_t lanes_wait_until(const ck_sequencer *s)
{
    bool comes = s->appending || s->inbox_count > 0;
    return comes ? s->flushed_us + ck_seq_tick_us(s) : 0;
}

static uint64_t lanes_at(const ck_sequencer *s)
{
    uint64_t at = CK_MIN(CK_MIN(spots_at(s), crowd_at(s)), ck_seq_presence_at(s));
    return CK_MAX(at, lanes_wait_until(s));
}

uint64_t ck_sequencer_next_deadline(const ck_sequencer *s)
{
    if (s->state == CK_SEQUENCER_LOADING) {
        return s->reload_us;
    }
    if (s->state == CK_SEQUENCER_LOST) {
        return CK_NEVER;
    }
    uint64_t at = s->housed_us + CK_HOUSE_US;
    at = CK_MIN(at, flush_at(s));
    return CK_MIN(at, CK_MIN(lanes_at(s), ck_seq_summary_at(s)));
}

static void share_crowd(ck_sequencer *s, uint64_t now_us)
{
    ck_buf buf = ck_seq_buf(s);
    s->stats.hidden += ck_crowd_write(&s->crowd, now_us - s->crowd_us, &buf);
    s->crowd_us = now_us;
    ck_seq_share(s, (shared){.bytes = ck_seq_slice_of(s, &buf), .lane = true});
}

void ck_seq_share_lanes(ck_sequencer *s, uint64_t now_us, uint64_t due_us)
{
    if (due_us >= spots_at(s)) {
        ck_seq_share_spots(s, now_us);
    }
    if (due_us >= crowd_at(s)) {
        share_crowd(s, now_us);
    }
    if (due_us >= ck_seq_presence_at(s)) {
        ck_seq_share_presence(s, now_us);
    }
}

void ck_sequencer_on_deadline(ck_sequencer *s, uint64_t now_us)
{
    if (s->state == CK_SEQUENCER_LOADING && now_us >= s->reload_us) {
        ask_for_tail(s);
    }
    if (s->state != CK_SEQUENCER_OPEN) {
        return;
    }
    if (now_us >= s->housed_us + CK_HOUSE_US) {
        s->housed_us = now_us;
        s->hands_due = true;
        ck_seq_drop_silent(s, now_us);
    }
    if (now_us >= flush_at(s)) {
        ck_seq_flush(s, now_us);
    }
    if (now_us >= lanes_at(s)) {
        ck_seq_share_lanes(s, now_us, now_us);
        ck_seq_send_shared(s, now_us);
    }
    ck_seq_summarise(s, now_us);
}
