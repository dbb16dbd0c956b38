#include "core/sequencer/crowd.h"

#include "base/check.h"
#include "core/room/lines.h"

#include <string.h>

/* Staff first, then questions, then at random: who is shown must not depend on who is fast. */
#define RANK_STAFF    (UINT64_C(1) << 63)
#define RANK_QUESTION (UINT64_C(1) << 62)
#define MESSAGE       1000000u /* one, where they are counted in millionths */

void ck_crowd_init(ck_crowd *c, const ck_alloc *alloc, uint32_t per_s, uint64_t seed)
{
    *c = (ck_crowd){.alloc = alloc};
    ck_rng_seed(&c->rng, seed);
    c->per_s = per_s;
}

void ck_crowd_free(ck_crowd *c)
{
    ck_crowd_clear(c, 0);
    ck_free(c->alloc, c->tables);
    c->tables = NULL;
}

void ck_crowd_clear(ck_crowd *c, uint64_t to)
{
    for (uint32_t i = 0; i < c->count; i++) {
        ck_free(c->alloc, c->tables->entries[i].text);
    }
    c->count = 0;
    c->reaction_count = 0;
    c->uncounted = 0;
    c->from = to;
    c->to = to;
}

void ck_crowd_resume(ck_crowd *c, uint64_t to)
{
    if (to < c->to) {
        ck_crowd_clear(c, to); /* what was committed cannot be gone */
    } else {
        c->uncounted += to - c->to;
        c->to = to;
    }
}

/* An application's own events are not merged: what they mean is not known here. */
static bool is_same(const ck_event *a, const ck_event *b)
{
    return a->kind == CK_EVENT_CHAT && b->kind == CK_EVENT_CHAT && a->text.size == b->text.size &&
           memcmp(a->text.data, b->text.data, a->text.size) == 0;
}

/* "?" and its full-width form end a question. */
static bool is_question(ck_bytes text)
{
    static const uint8_t wide[3] = {0xef, 0xbc, 0x9f};
    return (text.size > 0 && text.data[text.size - 1] == '?') ||
           (text.size >= 3 && memcmp(text.data + text.size - 3, wide, 3) == 0);
}

static ck_crowd_entry *find(const ck_crowd *c, const ck_event *event)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (is_same(&c->tables->entries[i].event, event)) {
            return &c->tables->entries[i];
        }
    }
    return NULL;
}

/* It counts as hidden. Entries stay in the order of their numbers. */
static void take_out(ck_crowd *c, ck_crowd_entry *e)
{
    c->uncounted += e->times;
    ck_free(c->alloc, e->text);
    c->count--;
    memmove(e, e + 1, (size_t)(c->tables->entries + c->count - e) * sizeof *e);
}

/* In a full table what would be shown last gives way, if `rank` is above it. */
static bool make_place(ck_crowd *c, uint64_t rank)
{
    if (c->count < CK_CROWD_TEXTS) {
        return true;
    }
    uint32_t least = 0;
    for (uint32_t i = 1; i < c->count; i++) {
        least = c->tables->entries[i].rank < c->tables->entries[least].rank ? i : least;
    }
    ck_crowd_entry *e = &c->tables->entries[least];
    if (e->rank >= rank) {
        return false;
    }
    take_out(c, e);
    return true;
}

void ck_crowd_add(ck_crowd *c, const ck_event *event, bool staff)
{
    c->to = event->number;
    if (c->tables == NULL) {
        c->tables = ck_new(c->alloc, sizeof *c->tables);
    }
    if (c->tables == NULL) {
        c->uncounted++;
        return;
    }
    uint64_t rank = ck_rng_next(&c->rng) >> 2;
    rank |= (staff ? RANK_STAFF : 0) | (is_question(event->text) ? RANK_QUESTION : 0);
    ck_crowd_entry *same = staff ? NULL : find(c, event);
    if (same != NULL) {
        same->times++;
        same->rank = CK_MAX(same->rank, rank); /* what many say is shown the sooner */
        return;
    }
    size_t size = event->text.size + event->data.size;
    char *text = make_place(c, rank) ? ck_new_array(c->alloc, CK_MAX(size, 1), 1) : NULL;
    if (text == NULL) {
        c->uncounted++;
        return;
    }
    ck_crowd_entry *e = &c->tables->entries[c->count++];
    *e = (ck_crowd_entry){.event = *event, .text = text, .times = 1, .rank = rank};
    if (event->text.size > 0) {
        memcpy(text, event->text.data, event->text.size);
    }
    if (event->data.size > 0) {
        memcpy(text + event->text.size, event->data.data, event->data.size);
    }
    e->event.text = ck_bytes_of(text, event->text.size);
    e->event.data = ck_bytes_of(text + event->text.size, event->data.size);
}

void ck_crowd_delete(ck_crowd *c, uint64_t number)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (c->tables->entries[i].event.number == number) {
            take_out(c, &c->tables->entries[i]);
            break;
        }
    }
    for (uint32_t i = 0; c->tables != NULL && i < CK_CROWD_RECENT; i++) {
        ck_crowd_recent *r = &c->tables->recent[i];
        r->size = r->number == number ? 0 : r->size;
    }
}

void ck_crowd_react(ck_crowd *c, ck_bytes text)
{
    for (uint32_t i = 0; i < c->reaction_count; i++) {
        ck_crowd_reaction *r = &c->reactions[i];
        if (r->size == text.size && memcmp(r->text, text.data, text.size) == 0) {
            r->times++;
            return;
        }
    }
    if (c->reaction_count < CK_CROWD_REACTIONS && text.size > 0 && text.size <= CK_EMOJI_MAX) {
        ck_crowd_reaction *r = &c->reactions[c->reaction_count++];
        r->size = (uint32_t)text.size;
        r->times = 1;
        memcpy(r->text, text.data, text.size);
    }
}

bool ck_crowd_is_empty(const ck_crowd *c)
{
    return c->to == c->from && c->reaction_count == 0;
}

/* The rank from which on entries are shown. */
static uint64_t lowest_shown(const ck_crowd *c)
{
    uint64_t lowest = UINT64_MAX;
    for (uint64_t shown = 0; shown < c->allowed / MESSAGE && lowest > 0; shown++) {
        uint64_t best = 0;
        for (uint32_t i = 0; i < c->count; i++) {
            uint64_t rank = c->tables->entries[i].rank;
            best = rank < lowest && rank > best ? rank : best;
        }
        lowest = best; /* 0: all are shown */
    }
    return CK_MIN(lowest, RANK_QUESTION); /* staff and questions always */
}

/* What was shown with this text a short while ago; NULL: nothing. */
static const ck_crowd_recent *find_recent(const ck_crowd *c, const ck_event *event)
{
    for (uint32_t i = 0; i < CK_CROWD_RECENT && event->text.size > 0; i++) {
        const ck_crowd_recent *r = &c->tables->recent[i];
        if (r->size == event->text.size && event->order_us - r->at_us < CK_CROWD_RECENT_US &&
            memcmp(r->text, event->text.data, r->size) == 0) {
            return r;
        }
    }
    return NULL;
}

/* Where the parts of a frame are written. */
typedef struct crowd_writer {
    ck_event_writer events; /* the application's */
    ck_line_writer lines;
} crowd_writer;

static void remember(ck_crowd *c, const ck_event *event)
{
    if (event->text.size == 0 || event->text.size > CK_CROWD_RECENT_BYTES) {
        return;
    }
    ck_crowd_recent *r = &c->tables->recent[c->tables->recent_next++ % CK_CROWD_RECENT];
    *r = (ck_crowd_recent){
        .size = event->text.size, .number = event->number, .at_us = event->order_us};
    memcpy(r->text, event->text.data, r->size);
}

/* Half a second of chat has one time, that of the last message, and whose intents they were their
 * authors hear by themselves: all this would cost more than what is said. */
static void write_entry(ck_crowd *c, const ck_crowd_entry *entry, crowd_writer *w)
{
    ck_event event = entry->event;
    event.times = entry->times > 1 ? entry->times : 0;
    if (event.kind != CK_EVENT_CHAT) {
        event.order_us = event.origin_us = w->events.order_us;
        event.counter = 0;
        event.lane = 0;
        ck_event_write(&w->events, &event);
        return;
    }
    bool staff = (entry->rank & RANK_STAFF) != 0;
    const ck_crowd_recent *recent = staff ? NULL : find_recent(c, &event);
    if (recent != NULL) {
        event.about = recent->number;
        ck_line_write_again(&w->lines, &event);
        return;
    }
    if (!staff) {
        remember(c, &event);
    }
    ck_line_write(&w->lines, &event);
}

/* Gives the number of messages that are hidden. */
static uint64_t write_shown(ck_crowd *c, crowd_writer *w)
{
    uint64_t lowest = lowest_shown(c), hidden = c->uncounted;
    for (uint32_t i = 0; i < c->count; i++) {
        const ck_crowd_entry *entry = &c->tables->entries[i];
        if (entry->rank < lowest) {
            hidden += entry->times;
            continue;
        }
        write_entry(c, entry, w);
        c->allowed -= CK_MIN(c->allowed, MESSAGE);
    }
    return hidden;
}

static void write_reactions(const ck_crowd *c, ck_buf *out)
{
    for (uint32_t i = 0; i < c->reaction_count; i++) {
        const ck_wire_reaction r = {ck_bytes_of(c->reactions[i].text, c->reactions[i].size),
                                    c->reactions[i].times};
        ck_wire_add(out, CK_LIST_BATCH_REACTIONS, &ck_type_reaction, &r);
    }
}

uint64_t ck_crowd_write(ck_crowd *c, uint64_t passed_us, ck_buf *out)
{
    ck_buf parts[4]; /* events, lines, again, reactions */
    for (size_t i = 0; i < CK_COUNT_OF(parts); i++) {
        ck_buf_init(&parts[i], c->alloc, CK_PACKED_MAX);
    }
    const uint64_t at_us = c->count > 0 ? c->tables->entries[c->count - 1].event.order_us : 0;
    crowd_writer w = {
        .events = {.out = &parts[0],
                   .field = CK_LIST_BATCH_EVENTS,
                   .number = c->from,
                   .order_us = at_us},
        .lines = {&parts[1], &parts[2], c->from, c->from},
    };
    c->allowed += (uint64_t)c->per_s * CK_MIN(passed_us, CK_CROWD_SAVED_US);
    c->allowed = CK_MIN(c->allowed, (uint64_t)c->per_s * CK_CROWD_SAVED_US);
    uint64_t hidden = write_shown(c, &w);
    write_reactions(c, &parts[3]);
    ck_wire_batch batch = {
        .base_us = at_us,
        .events = ck_wire_list_of(&parts[0]),
        .lines = ck_bytes_of(parts[1].data, parts[1].size),
        .again = ck_bytes_of(parts[2].data, parts[2].size),
        .hidden = hidden,
        .reactions = ck_wire_list_of(&parts[3]),
    };
    ck_batch_set_range(&batch, c->from, c->to);
    ck_frame_put(out, CK_FRAME_CROWD, &ck_type_batch, &batch);
    for (size_t i = 0; i < CK_COUNT_OF(parts); i++) {
        out->failed = out->failed || parts[i].failed;
        ck_buf_free(&parts[i]);
    }
    ck_crowd_clear(c, c->to);
    return hidden;
}
