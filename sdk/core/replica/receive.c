/* Frames of the edge. */
#include "core/replica/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

static void take_welcome(ck_replica *r, const ck_wire_welcome *w, uint64_t now_us)
{
    if (r->welcomed || w->me == 0 || w->version != CK_ROOM_VERSION) {
        ck_rep_resync(r, false, CHALK_ERR_PROTOCOL, now_us);
        return;
    }
    ck_clock_feed(&r->clock, r->hello_us, w->room_us, now_us);
    r->me = w->me;
    r->epoch = w->epoch;
    r->role = w->role;
    r->report_every_us = w->report_ms > 0 ? CK_CLAMP(w->report_ms, 1000, 60000) * CK_US_PER_MS : 0;
    r->report_changed = true;
    r->expires_us = w->expires_us;
    r->welcomed = true;
    r->bye = CK_REASON_NONE;
    r->catching_up = true;
    r->catch_up_head = w->head;
    r->catch_up_done = w->done;
    r->send_again_us = 0;
    r->pings = 0;
    r->ping_us = now_us + CK_PING_FAST_US;
    ck_session_accepted(&r->session, r->attempt, now_us);
    if (r->status_size > 0) {
        ck_rep_send_status(r);
    }
    if (!r->afresh && r->head.number >= w->head) {
        ck_rep_caught_up(r, now_us);
    }
}

static void take_refused(ck_replica *r, const ck_wire_refused *refused, uint64_t now_us)
{
    if (refused->counter == 0 || refused->counter > r->next_counter) {
        return;
    }
    if (refused->wait_ms > 0) {
        ck_rep_send_back(r, refused, now_us);
    } else {
        ck_rep_settle(r, refused->counter, (enum ck_reason)refused->reason, 0);
        ck_rep_send_pending(r, now_us);
    }
}

/* The bytes of the first of them that find room, each whole. */
static size_t size_of_people(ck_wire_list people)
{
    const uint8_t *begin = people.at;
    size_t size = people.count > 0 ? (size_t)(people.end - begin) : 0;
    ck_wire_here here;
    if (size > CK_HERE_BYTES) {
        size = 0;
        while (ck_wire_next(&people, &ck_type_here, &here) > 0 &&
               (size_t)(people.at - begin) <= CK_HERE_BYTES) {
            size = (size_t)(people.at - begin);
        }
    }
    return size;
}

/* Kept as it came, in as much memory as it needs: a room that has grown to a crowd tells of a few
 * alone. Without memory nobody is known to be here until the next one. */
static void take_presence(ck_replica *r, const ck_wire_presence *presence)
{
    const ck_replica_event event = {.kind = CK_REPLICA_PRESENCE, .number = presence->count};
    ck_buf_free(&r->here);
    ck_buf_put(&r->here, presence->people.at, size_of_people(presence->people));
    r->here_people = presence->count;
    ck_rep_emit(r, &event);
}

/* In a quiet room nothing else would tell that the last event did not come. */
static void take_pong(ck_replica *r, const ck_wire_ping *pong, uint64_t now_us)
{
    ck_clock_feed(&r->clock, pong->sent_us, pong->room_us, now_us);
    if (pong->head > r->head.number) {
        r->stats.gaps++;
        ck_rep_resync(r, false, CHALK_ERR_PROTOCOL, now_us);
    }
}

/* Reasons after which coming again would only be refused again. */
static bool is_final(enum ck_reason reason)
{
    switch (reason) {
    case CK_REASON_SUPERSEDED:
    case CK_REASON_BANNED:
    case CK_REASON_TAKEN:
    case CK_REASON_VERSION:
        return true;
    default:
        return false;
    }
}

static void take_bye(ck_replica *r, const ck_wire_bye *bye, uint64_t now_us)
{
    r->bye = (enum ck_reason)bye->reason;
    if (r->bye == CK_REASON_MOVED && bye->url.size <= CK_MOVED_URL_MAX) {
        ck_buf_free(&r->moved_to);
        ck_buf_put(&r->moved_to, bye->url.data, bye->url.size);
    }
    int cause = is_final(r->bye) ? CHALK_ERR_DENIED : CHALK_ERR_PEER_CLOSED;
    ck_session_peer_closed(&r->session, r->attempt, cause, now_us);
}

static void take_renewed(ck_replica *r, const ck_wire_renewed *renewed)
{
    const ck_replica_event event = {.kind = CK_REPLICA_RENEWED, .number = renewed->expires_us};
    r->expires_us = renewed->expires_us;
    ck_rep_emit(r, &event);
}

static void take_summary(ck_replica *r, ck_bytes body)
{
    const ck_replica_event event = {.kind = CK_REPLICA_SUMMARY};
    ck_buf_clear(&r->summary);
    ck_buf_put(&r->summary, body.data, body.size);
    r->summarised = ck_buf_status(&r->summary) == CHALK_OK;
    if (r->summarised) { /* else the next one comes with the next change */
        ck_rep_emit(r, &event);
    }
}

static void take_page(ck_replica *r, ck_bytes body)
{
    const ck_replica_event event = {.kind = CK_REPLICA_PAGE, .bytes = body};
    ck_rep_emit(r, &event);
}

/* Frames that are one struct. */
static bool take_message(ck_replica *r, uint8_t kind, ck_bytes body, uint64_t now_us)
{
    union {
        ck_wire_welcome welcome;
        ck_wire_refused refused;
        ck_wire_renewed renewed;
        ck_wire_summary summary;
        ck_wire_page page;
        ck_wire_ping ping;
        ck_wire_bye bye;
    } m;
    const ck_wire_type *type = ck_frame_type(kind);
    if (kind < CK_FRAME_WELCOME || type == NULL || type->size > sizeof m ||
        ck_wire_decode(type, body, &m) < 0) {
        return false;
    }
    switch (kind) {
    case CK_FRAME_WELCOME:
        take_welcome(r, &m.welcome, now_us);
        break;
    case CK_FRAME_REFUSED:
        take_refused(r, &m.refused, now_us);
        break;
    case CK_FRAME_RENEWED:
        take_renewed(r, &m.renewed);
        break;
    case CK_FRAME_SUMMARY:
        take_summary(r, body);
        break;
    case CK_FRAME_PAGE:
        take_page(r, body);
        break;
    case CK_FRAME_PONG:
        take_pong(r, &m.ping, now_us);
        break;
    case CK_FRAME_BYE:
        take_bye(r, &m.bye, now_us);
        break;
    default:
        return false;
    }
    return true;
}

void ck_rep_count_frame(ck_replica *r, uint8_t kind, uint64_t bytes)
{
    ck_replica_stats *s = &r->stats;
    switch (kind) {
    case CK_FRAME_BATCH:
    case CK_FRAME_PERSONAL:
        s->ordered_bytes += bytes;
        break;
    case CK_FRAME_CROWD:
        s->crowd_bytes += bytes;
        break;
    case CK_FRAME_PRESENCE:
        s->presence_bytes += bytes;
        break;
    case CK_FRAME_SNAPSHOT:
        s->state_bytes += bytes;
        break;
    default:
        break; /* packed ones are counted when they are unpacked */
    }
}

bool ck_rep_take_shared(ck_replica *r, ck_bytes frame, uint64_t now_us)
{
    ck_wire_presence presence;
    const ck_bytes body = {frame.data + 1, frame.size - 1};
    switch (frame.data[0]) {
    case CK_FRAME_BATCH:
        ck_rep_take_batch(r, body, now_us);
        return true;
    case CK_FRAME_CROWD:
        ck_rep_take_crowd(r, body, now_us);
        return true;
    case CK_FRAME_PRESENCE:
        if (ck_wire_decode(&ck_type_presence, body, &presence) < 0) {
            return false;
        }
        take_presence(r, &presence);
        return true;
    default:
        return false;
    }
}

static bool take_frame(ck_replica *r, ck_bytes frame, uint64_t now_us)
{
    const uint8_t kind = frame.data[0];
    const ck_bytes body = {frame.data + 1, frame.size - 1};
    if (!r->welcomed && kind != CK_FRAME_WELCOME && kind != CK_FRAME_BYE) {
        return false;
    }
    ck_rep_count_frame(r, kind, frame.size);
    switch (kind) {
    case CK_FRAME_SNAPSHOT:
        ck_rep_take_snapshot(r, body, now_us);
        return true;
    case CK_FRAME_PERSONAL:
        ck_rep_take_personal(r, body, now_us);
        return true;
    case CK_FRAME_PACKED:
        return ck_rep_take_packed(r, body, now_us);
    default:
        return ck_rep_take_shared(r, frame, now_us) || take_message(r, kind, body, now_us);
    }
}

void ck_replica_feed(ck_replica *r, uint32_t attempt, ck_bytes frame, uint64_t now_us)
{
    if (attempt == 0 || attempt != r->attempt || frame.size == 0) {
        return;
    }
    ck_session_media_progress(&r->session, attempt, now_us);
    if (!take_frame(r, frame, now_us)) {
        ck_rep_resync(r, false, CHALK_ERR_PROTOCOL, now_us);
    }
    ck_rep_pump_session(r, now_us);
}
