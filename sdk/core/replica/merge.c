/* What came becomes the head, and in its time the presented state. */
#include "core/replica/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "core/room/lines.h"

#include <string.h>

/* --- presenting ---------------------------------------------------------------------------- */

/* What must not wait for a picture: rights, the class itself, what is asked of somebody, one's own.
 */
static bool is_told_at_head(const ck_replica *r, const ck_event *event)
{
    switch (event->kind) {
    case CK_EVENT_ENROLL:
    case CK_EVENT_ROLE:
    case CK_EVENT_RIGHTS:
    case CK_EVENT_MUTE:
    case CK_EVENT_BAN:
    case CK_EVENT_SLOW:
    case CK_EVENT_INVITE:
    case CK_EVENT_ASK:
    case CK_EVENT_CLASS:
    case CK_EVENT_STREAM:
        return true;
    default:
        return event->author != 0 && event->author == r->me;
    }
}

/* A spot that waits beside the events; no event on the wire has this kind. */
#define KIND_SPOT 256u

static void count_lateness(ck_replica *r, const ck_released *out)
{
    uint64_t kind = out->event.kind < CK_REPLICA_KINDS ? out->event.kind : 0;
    ck_lateness *l = &r->lateness[kind];
    if (out->how == CK_RELEASE_IN_STEP) {
        l->count++;
        l->sum_us += out->late_us;
        l->most_us = CK_MAX(l->most_us, out->late_us);
    } else if (out->how != CK_RELEASE_LIVE) {
        l->marked++;
    }
}

/* False: there is no memory. */
static bool present(ck_replica *r, const ck_released *out)
{
    const bool spot = out->event.kind == KIND_SPOT;
    const ck_replica_event event = {.kind = spot ? CK_REPLICA_SPOT : CK_REPLICA_EVENT,
                                    .event = out->event,
                                    .how = out->how,
                                    .late_us = out->late_us};
    if (!spot && ck_room_apply(r->presented, &out->event) < 0) {
        return false;
    }
    if (!spot && is_told_at_head(r, &out->event)) {
        return true;
    }
    if (!spot) {
        count_lateness(r, out);
    }
    ck_rep_emit(r, &event);
    return true;
}

void ck_rep_present_due(ck_replica *r, uint64_t now_us)
{
    ck_released out;
    while (r->presented != NULL && ck_release_pop(&r->release, now_us, &out)) {
        bool applied = present(r, &out);
        ck_free(r->alloc, out.bytes);
        if (!applied) {
            ck_rep_resync(r, true, CHALK_ERR_NO_MEMORY, now_us);
            return;
        }
    }
}

/* --- one event ----------------------------------------------------------------------------- */

static int take_event(ck_replica *r, const ck_event *event, uint64_t now_us)
{
    int status = ck_room_apply(&r->head, event);
    if (status == CHALK_OK && r->presented != NULL) {
        status = ck_release_push(&r->release, event, now_us);
    }
    if (status < 0) {
        return status;
    }
    if (event->author == r->me && event->counter != 0) {
        ck_rep_settle(r, event->counter, CK_REASON_NONE, event->number);
    }
    if (event->kind == CK_EVENT_ROLE && event->target == r->me) {
        r->role = event->value;
    }
    if (r->presented == NULL || is_told_at_head(r, event)) {
        ck_rep_present_due(r, now_us); /* what came before it and waits for nothing */
        const ck_replica_event told = {
            .kind = CK_REPLICA_EVENT, .event = *event, .how = CK_RELEASE_LIVE};
        ck_rep_emit(r, &told);
    }
    return CHALK_OK;
}

/* --- the ordered lane ---------------------------------------------------------------------- */

/* One of the crowd lane, told to all. What one is told personally is not told twice; and a message
 * that is said again but was never seen counts as hidden. */
static int take_shown(ck_replica *r, ck_wire_batch *batch, uint64_t known, ck_event *event,
                      uint64_t now_us)
{
    event->lane = CK_LANE_CROWD;
    bool mine = event->author == r->me || event->target == r->me;
    if (event->number <= known || ck_role_is_staff(r->role) || (mine && event->times <= 1)) {
        return CHALK_OK;
    }
    if (mine) { /* what others said with the same words */
        event->kind = CK_EVENT_REPEAT;
        event->about = event->number;
        event->times--;
    }
    bool told_before = mine || event->about > r->crowd_since ||
                       ck_room_find_said(&r->head, CK_LANE_CROWD, event->about) != NULL;
    if (event->kind == CK_EVENT_REPEAT && !told_before) {
        batch->hidden += CK_MAX(event->times, 1);
        return CHALK_OK;
    }
    return take_event(r, event, now_us);
}

/* `known`: numbers up to here were told before, or counted as hidden. */
static int take_all_shown(ck_replica *r, ck_wire_batch *batch, uint64_t known, uint64_t now_us)
{
    ck_event_reader events = ck_event_reader_of(batch);
    ck_line_reader lines = ck_line_reader_of(batch);
    ck_event event;
    int status;
    while ((status = ck_line_read(&lines, &event)) > 0) {
        status = take_shown(r, batch, known, &event, now_us);
        if (status < 0) {
            return status;
        }
    }
    while (status == 0 && (status = ck_event_read(&events, &event)) > 0) {
        status = take_shown(r, batch, known, &event, now_us);
    }
    return status;
}

/* Personal events of the crowd lane do not wait: that lane keeps no common order. */
static int take_own_of_crowd(ck_replica *r, const ck_wire_batch *batch, uint64_t now_us)
{
    ck_event_reader reader = ck_event_reader_of(batch);
    ck_event event;
    int status;
    while ((status = ck_event_read(&reader, &event)) > 0) {
        event.lane = CK_LANE_CROWD;
        status = event.number > r->crowd ? take_event(r, &event, now_us) : CHALK_OK;
        if (status < 0) {
            return status;
        }
    }
    return status;
}

void ck_rep_take_personal(ck_replica *r, ck_bytes body, uint64_t now_us)
{
    ck_wire_batch batch;
    int status = ck_wire_decode(&ck_type_batch, body, &batch);
    if (status == CHALK_OK && batch.lane == CK_LANE_CROWD) {
        status = take_own_of_crowd(r, &batch, now_us);
        r->crowd = CK_MAX(r->crowd, batch.to);
    } else if (status == CHALK_OK && batch.to > r->head.number) {
        ck_buf_clear(&r->stash);
        ck_buf_put(&r->stash, body.data, body.size);
        r->stash_from = batch.from;
        r->stash_to = batch.to;
        r->stats.stash_most = CK_MAX(r->stats.stash_most, (uint32_t)r->stash.size);
        status = ck_buf_status(&r->stash);
    }
    if (status < 0) {
        ck_rep_resync(r, false, status, now_us);
    }
}

/* The next of two lists in order of numbers. 1, 0 at the end of both, or an error. */
typedef struct merged {
    ck_event_reader readers[2];
    ck_event next[2];
    int has[2];
} merged;

static int merge_begin(merged *m)
{
    for (int i = 0; i < 2; i++) {
        m->has[i] = ck_event_read(&m->readers[i], &m->next[i]);
    }
    return CK_MIN(m->has[0], m->has[1]) < 0 ? CHALK_ERR_BAD_DATA : CHALK_OK;
}

static int merge_next(merged *m, ck_event *event)
{
    if (m->has[0] == 0 && m->has[1] == 0) {
        return 0;
    }
    int from = m->has[0] == 0 || (m->has[1] != 0 && m->next[1].number < m->next[0].number);
    *event = m->next[from];
    m->has[from] = ck_event_read(&m->readers[from], &m->next[from]);
    return m->has[from] < 0 ? m->has[from] : 1;
}

static int take_merged(ck_replica *r, const ck_wire_batch *batch, uint64_t now_us)
{
    ck_wire_batch stash = {0};
    bool stashed = r->stash.size > 0 && r->stash_to <= batch->to && r->stash_from >= batch->from;
    if (stashed &&
        ck_wire_decode(&ck_type_batch, ck_bytes_of(r->stash.data, r->stash.size), &stash) < 0) {
        return CHALK_ERR_BAD_DATA;
    }
    merged m = {.readers = {ck_event_reader_of(batch), ck_event_reader_of(&stash)}};
    ck_event event;
    int status = merge_begin(&m);
    uint64_t head = r->head.number;
    while (status >= 0 && (status = merge_next(&m, &event)) > 0) {
        if (event.number > batch->to) {
            return CHALK_ERR_BAD_DATA;
        }
        status = event.number > head ? take_event(r, &event, now_us) : CHALK_OK;
    }
    if (stashed) {
        ck_buf_clear(&r->stash);
    }
    return status;
}

static bool may_draw(const ck_replica *r)
{
    const ck_person *me = ck_room_find(&r->head, r->me);
    return me != NULL && (ck_room_rights(&r->head, me) & CK_RIGHT_DRAW) != 0;
}

static void take_spots(ck_replica *r, const ck_wire_batch *batch, uint64_t now_us)
{
    ck_wire_list list = batch->spots;
    ck_wire_spot spot;
    const bool draws = r->presented != NULL && may_draw(r);
    /* A pen alone comes without a time: it was drawn a moment before it came. */
    const uint64_t base_us =
        batch->base_us != 0 ? batch->base_us : ck_clock_room(&r->clock, now_us);
    while (ck_wire_next(&list, &ck_type_spot, &spot) > 0) {
        ck_replica_event told = {
            .kind = CK_REPLICA_SPOT,
            .event = {.kind = KIND_SPOT,
                      .author = spot.author,
                      .value = spot.key,
                      .origin_us = base_us + (uint64_t)spot.off_us,
                      .data = spot.data},
            .how = CK_RELEASE_LIVE,
        };
        if (spot.author == r->me) {
            continue;
        }
        /* Who draws sees the board as it is; the others with the picture that it belongs to. What
         * lies over the picture itself goes with it for everybody. */
        bool at_head = r->presented == NULL || (draws && spot.key < CK_SPOT_KEYS_SHARE);
        if (at_head || ck_release_push(&r->release, &told.event, now_us) < 0) {
            ck_rep_emit(r, &told); /* late is better than never */
        }
    }
}

static bool hash_fits(const ck_replica *r, ck_bytes hash)
{
    if (hash.size != 8) {
        return true;
    }
    uint64_t theirs = (uint64_t)ck_load_be32(hash.data) << 32 | ck_load_be32(hash.data + 4);
    return theirs == ck_room_hash(&r->head);
}

void ck_rep_take_batch(ck_replica *r, ck_bytes body, uint64_t now_us)
{
    ck_wire_batch batch;
    int status = ck_wire_decode(&ck_type_batch, body, &batch);
    if (status < 0 || !ck_batch_get_range(&batch)) {
        ck_rep_resync(r, false, CHALK_ERR_BAD_DATA, now_us);
        return;
    }
    take_spots(r, &batch, now_us);
    if (batch.to <= r->head.number) {
        ck_rep_present_due(r, now_us);
        return;
    }
    if (batch.from > r->head.number) {
        r->stats.gaps++;
        ck_rep_resync(r, false, CHALK_ERR_PROTOCOL, now_us);
        return;
    }
    status = take_merged(r, &batch, now_us);
    if (status < 0) {
        ck_rep_resync(r, true, status, now_us);
        return;
    }
    r->head.number = batch.to;
    if (!hash_fits(r, batch.hash)) {
        r->stats.mismatches++;
        ck_rep_resync(r, true, CHALK_ERR_PROTOCOL, now_us);
        return;
    }
    ck_rep_present_due(r, now_us);
    if (r->catching_up && r->head.number >= r->catch_up_head) {
        ck_rep_caught_up(r, now_us);
    }
    ck_rep_send_pending(r, now_us);
}

void ck_rep_take_snapshot(ck_replica *r, ck_bytes body, uint64_t now_us)
{
    int status = ck_room_read(&r->head, body);
    if (status == CHALK_OK && r->presented != NULL) {
        ck_release_clear(&r->release);
        status = ck_room_read(r->presented, body);
    }
    if (status < 0) {
        ck_rep_resync(r, true, status, now_us);
        return;
    }
    r->stats.snapshots++;
    r->afresh = false;
    r->crowd = CK_MAX(r->crowd, r->head.crowd);
    r->crowd_told = CK_MAX(r->crowd_told, r->head.crowd);
    r->crowd_since = r->crowd_told;
    ck_buf_clear(&r->stash);
    const ck_replica_event event = {.kind = CK_REPLICA_RESET};
    ck_rep_emit(r, &event);
    if (r->catching_up && r->head.number >= r->catch_up_head) {
        ck_rep_caught_up(r, now_us);
    }
}

/* --- the crowd lane ------------------------------------------------------------------------ */

/* Frames that never came, while we were away or read too slowly, hid what was in them. */
static void count_missed(ck_replica *r, ck_wire_batch *batch)
{
    if (batch->to <= r->crowd_told) {
        batch->hidden = 0; /* counted before */
    }
    if (batch->from > r->crowd_told) {
        batch->hidden += batch->from - r->crowd_told;
        r->crowd_since = batch->from;
    }
    r->crowd_told = CK_MAX(r->crowd_told, batch->to);
}

static void tell_hidden(ck_replica *r, uint64_t hidden)
{
    if (hidden > 0 && !ck_role_is_staff(r->role)) {
        r->stats.hidden += hidden;
        const ck_replica_event event = {.kind = CK_REPLICA_HIDDEN, .number = hidden};
        ck_rep_emit(r, &event);
    }
}

void ck_rep_take_crowd(ck_replica *r, ck_bytes body, uint64_t now_us)
{
    ck_wire_batch batch;
    int status = ck_wire_decode(&ck_type_batch, body, &batch);
    if (status == CHALK_OK && !ck_batch_get_range(&batch)) {
        status = CHALK_ERR_BAD_DATA;
    }
    if (status == CHALK_OK) {
        const uint64_t known = r->crowd_told;
        count_missed(r, &batch);
        status = take_all_shown(r, &batch, known, now_us);
    }
    if (status < 0) {
        ck_rep_resync(r, false, status, now_us);
        return;
    }
    r->crowd = CK_MAX(r->crowd, batch.to);
    ck_wire_list list = batch.reactions;
    ck_wire_reaction reaction;
    while (ck_wire_next(&list, &ck_type_reaction, &reaction) > 0) {
        const ck_replica_event event = {.kind = CK_REPLICA_REACTION,
                                        .event = {.text = reaction.text, .times = reaction.times}};
        ck_rep_emit(r, &event);
    }
    tell_hidden(r, batch.hidden);
    ck_rep_present_due(r, now_us);
}
