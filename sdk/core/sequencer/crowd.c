#include "core/sequencer/crowd.h"

#include "base/check.h"

#include <string.h>

/* Staff first, then questions, then at random: who is shown must not depend on who is fast. */
#define RANK_STAFF    (UINT64_C(1) << 63)
#define RANK_QUESTION (UINT64_C(1) << 62)

void ck_crowd_init(ck_crowd *c, const ck_alloc *alloc, uint32_t per_s, uint64_t seed)
{
    *c = (ck_crowd){.alloc = alloc};
    ck_rng_seed(&c->rng, seed);
    c->per_frame = CK_MAX(per_s * (CK_CROWD_EVERY_US / 1000) / 1000, 1);
}

void ck_crowd_clear(ck_crowd *c, uint64_t to)
{
    for (uint32_t i = 0; i < c->count; i++) {
        ck_free(c->alloc, c->entries[i].text);
    }
    c->count = 0;
    c->reaction_count = 0;
    c->uncounted = 0;
    c->from = to;
    c->to = to;
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

static ck_crowd_entry *find(ck_crowd *c, const ck_event *event)
{
    for (uint32_t i = 0; i < c->count; i++) {
        if (is_same(&c->entries[i].event, event)) {
            return &c->entries[i];
        }
    }
    return NULL;
}

/* In a full table what would be shown last gives way, if `rank` is above it; entries stay in the
 * order of their numbers. */
static bool make_place(ck_crowd *c, uint64_t rank)
{
    if (c->count < CK_CROWD_TEXTS) {
        return true;
    }
    uint32_t least = 0;
    for (uint32_t i = 1; i < c->count; i++) {
        least = c->entries[i].rank < c->entries[least].rank ? i : least;
    }
    ck_crowd_entry *e = &c->entries[least];
    if (e->rank >= rank) {
        return false;
    }
    c->uncounted += e->times;
    ck_free(c->alloc, e->text);
    c->count--;
    memmove(e, e + 1, (c->count - least) * sizeof *e);
    return true;
}

void ck_crowd_add(ck_crowd *c, const ck_event *event, bool staff)
{
    c->to = event->number;
    ck_crowd_entry *same = staff ? NULL : find(c, event);
    if (same != NULL) {
        same->times++;
        return;
    }
    uint64_t rank = ck_rng_next(&c->rng) >> 2;
    rank |= (staff ? RANK_STAFF : 0) | (is_question(event->text) ? RANK_QUESTION : 0);
    size_t size = event->text.size + event->data.size;
    char *text = make_place(c, rank) ? ck_new_array(c->alloc, CK_MAX(size, 1), 1) : NULL;
    if (text == NULL) {
        c->uncounted++;
        return;
    }
    ck_crowd_entry *e = &c->entries[c->count++];
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
    for (uint32_t shown = 0; shown < c->per_frame && lowest > 0; shown++) {
        uint64_t best = 0;
        for (uint32_t i = 0; i < c->count; i++) {
            uint64_t rank = c->entries[i].rank;
            best = rank < lowest && rank > best ? rank : best;
        }
        lowest = best; /* 0: all are shown */
    }
    return CK_MIN(lowest, RANK_QUESTION); /* staff and questions always */
}

static uint64_t write_shown(const ck_crowd *c, ck_buf *events)
{
    ck_event_writer w = {.out = events, .field = CK_LIST_BATCH_EVENTS, .number = c->from};
    uint64_t lowest = lowest_shown(c), hidden = c->uncounted;
    for (uint32_t i = 0; i < c->count; i++) {
        ck_event event = c->entries[i].event;
        event.times = c->entries[i].times > 1 ? c->entries[i].times : 0;
        if (c->entries[i].rank >= lowest) {
            ck_event_write(&w, &event);
        } else {
            hidden += c->entries[i].times;
        }
    }
    return hidden;
}

uint64_t ck_crowd_write(ck_crowd *c, ck_buf *out)
{
    ck_buf events, reactions;
    ck_buf_init(&events, c->alloc, SIZE_MAX / 2);
    ck_buf_init(&reactions, c->alloc, SIZE_MAX / 2);
    uint64_t hidden = write_shown(c, &events);
    for (uint32_t i = 0; i < c->reaction_count; i++) {
        const ck_wire_reaction r = {ck_bytes_of(c->reactions[i].text, c->reactions[i].size),
                                    c->reactions[i].times};
        ck_wire_add(&reactions, CK_LIST_BATCH_REACTIONS, &ck_type_reaction, &r);
    }
    const ck_wire_batch batch = {
        .from = c->from,
        .to = c->to,
        .events = ck_wire_list_of(&events),
        .hidden = hidden,
        .reactions = ck_wire_list_of(&reactions),
    };
    ck_frame_put(out, CK_FRAME_CROWD, &ck_type_batch, &batch);
    out->failed = out->failed || events.failed || reactions.failed;
    ck_buf_free(&events);
    ck_buf_free(&reactions);
    ck_crowd_clear(c, c->to);
    return hidden;
}
