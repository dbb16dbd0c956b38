#include "core/replica/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

#define IDLE_US 25000000u /* without a frame: more than two pings */

/* --- from beginning to end ----------------------------------------------------------------- */

static int make_states(ck_replica *r)
{
    ck_room_init_view(&r->head, r->alloc, r->config.chat_max);
    if (r->config.presents) {
        r->presented = ck_new(r->alloc, sizeof *r->presented);
        r->lateness = ck_new_array(r->alloc, CK_REPLICA_KINDS, sizeof *r->lateness);
        if (r->presented == NULL || r->lateness == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        ck_room_init_view(r->presented, r->alloc, r->config.chat_max);
    }
    return CHALK_OK;
}

int ck_replica_create(const ck_replica_config *config, uint64_t seed, uint64_t now_us,
                      ck_replica **out)
{
    *out = NULL;
    if (config->alloc == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_replica *r = ck_new(config->alloc, sizeof *r);
    if (r == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    r->config = *config;
    r->alloc = config->alloc;
    r->afresh = true;
    r->config.session.kind = CK_SESSION_PLAY;
    if (r->config.session.media_idle_us == 0) {
        r->config.session.media_idle_us = IDLE_US;
    }
    ck_clock_init(&r->clock);
    ck_release_init(&r->release, r->alloc);
    ck_buf_init(&r->stash, r->alloc, CK_REPLICA_STASH);
    ck_buf_init(&r->here, r->alloc, CK_HERE_BYTES);
    ck_buf_init(&r->summary, r->alloc, CK_ROOM_FRAME_MAX);
    ck_buf_init(&r->unpacked, r->alloc, CK_PACKED_MAX);
    ck_buf_init(&r->moved_to, r->alloc, CK_MOVED_URL_MAX);
    int status = ck_ring_init(&r->outputs, r->alloc, sizeof(ck_replica_output), CK_OUTPUTS_FIRST);
    if (status == CHALK_OK) {
        status = make_states(r);
    }
    if (status == CHALK_OK) {
        status = ck_session_init(&r->session, &r->config.session, seed, now_us);
    }
    if (status < 0) {
        ck_replica_destroy(&r);
        return status;
    }
    *out = r;
    return CHALK_OK;
}

void ck_replica_destroy(ck_replica **replica)
{
    ck_replica *r = *replica;
    if (r == NULL) {
        return;
    }
    ck_replica_output output;
    while (ck_replica_poll_output(r, &output)) {
        ck_slice_unref(&output.bytes);
    }
    ck_rep_drop_events(r);
    ck_rep_drop_pending(r);
    ck_room_free(&r->head);
    if (r->presented != NULL) {
        ck_room_free(r->presented);
    }
    ck_release_free(&r->release);
    ck_buf_free(&r->stash);
    ck_buf_free(&r->here);
    ck_buf_free(&r->summary);
    ck_buf_free(&r->unpacked);
    ck_buf_free(&r->moved_to);
    ck_free(r->alloc, r->presented);
    ck_free(r->alloc, r->lateness);
    ck_free(r->alloc, r->pending);
    ck_ring_free(&r->outputs);
    ck_free(r->alloc, r);
    *replica = NULL;
}

/* --- the connection ------------------------------------------------------------------------ */

static void say_hello(ck_replica *r, uint64_t now_us)
{
    const ck_wire_hello hello = {
        .version = CK_ROOM_VERSION,
        .epoch = r->epoch,
        .head = r->afresh ? 0 : r->head.number,
        .crowd = r->crowd,
        .packs = r->config.unpacker != NULL,
    };
    r->hello_us = now_us;
    ck_rep_send(r, CK_FRAME_HELLO, &ck_type_hello, &hello);
}

static void let_go(ck_replica *r)
{
    /* Where we were not let in we do not go again. */
    if (!r->welcomed) {
        ck_buf_free(&r->moved_to);
    }
    r->attempt = 0;
    r->welcomed = false;
    r->packed_next = 0;
    r->catching_up = false;
    ck_buf_clear(&r->stash);
}

/* What the session wants done. */
void ck_rep_pump_session(ck_replica *r, uint64_t now_us)
{
    if (r->overrun) {
        r->overrun = false;
        ck_rep_resync(r, false, CHALK_ERR_LIMIT, now_us);
    }
    ck_session_output out;
    while (ck_session_poll_output(&r->session, &out)) {
        switch (out.action) {
        case CK_SESSION_OPEN:
            r->attempt = out.attempt;
            ck_rep_output(r,
                          (ck_replica_output){.action = CK_REPLICA_OPEN, .attempt = out.attempt});
            break;
        case CK_SESSION_START:
            say_hello(r, now_us);
            break;
        case CK_SESSION_FINISH:
            ck_session_finished(&r->session, out.attempt, now_us);
            break;
        case CK_SESSION_CLOSE:
            let_go(r);
            ck_rep_output(r,
                          (ck_replica_output){.action = CK_REPLICA_CLOSE, .attempt = out.attempt});
            break;
        }
    }
}

void ck_rep_resync(ck_replica *r, bool afresh, int cause, uint64_t now_us)
{
    r->afresh = r->afresh || afresh;
    if (r->attempt != 0) {
        /* Usage errors would end the session; this is the connection's fault or bad luck. */
        bool memory = cause == CHALK_ERR_NO_MEMORY;
        ck_session_peer_closed(&r->session, r->attempt, memory ? cause : CHALK_ERR_PROTOCOL,
                               now_us);
    }
}

int ck_replica_start(ck_replica *r, uint64_t now_us)
{
    int status = ck_session_start(&r->session, CK_ORIGIN_APP, now_us);
    ck_rep_pump_session(r, now_us);
    return status;
}

void ck_replica_stop(ck_replica *r, uint64_t now_us)
{
    ck_session_stop(&r->session, CK_ORIGIN_APP, now_us);
    ck_rep_pump_session(r, now_us);
}

void ck_replica_network_changed(ck_replica *r, enum ck_session_network network, uint64_t now_us)
{
    ck_session_network_changed(&r->session, network, now_us);
    ck_rep_pump_session(r, now_us);
}

void ck_replica_opened(ck_replica *r, uint32_t attempt, uint64_t now_us)
{
    ck_session_transport_opened(&r->session, attempt, now_us);
    ck_rep_pump_session(r, now_us);
}

void ck_replica_failed(ck_replica *r, uint32_t attempt, int status, uint64_t now_us)
{
    ck_session_transport_failed(&r->session, attempt, status, now_us);
    ck_rep_pump_session(r, now_us);
}

/* --- small things to say ------------------------------------------------------------------- */

void ck_replica_show(ck_replica *r, uint64_t key, ck_bytes data, uint64_t now_us)
{
    const ck_wire_spot spot = {.key = key, .at_us = ck_clock_room(&r->clock, now_us), .data = data};
    if (r->welcomed) {
        ck_rep_send(r, CK_FRAME_LATEST, &ck_type_spot, &spot);
    }
}

void ck_replica_react(ck_replica *r, ck_bytes text)
{
    const ck_wire_reaction reaction = {.text = text};
    if (r->welcomed) {
        ck_rep_send(r, CK_FRAME_REACT, &ck_type_reaction, &reaction);
    }
}

void ck_replica_ask(ck_replica *r, const ck_wire_ask *ask)
{
    if (r->welcomed) {
        ck_rep_send(r, CK_FRAME_ASK, &ck_type_ask, ask);
    }
}

static uint64_t report_at(const ck_replica *r)
{
    bool due = r->welcomed && r->reports && r->report_changed && r->report_every_us != 0;
    return due ? r->reported_us + r->report_every_us : CK_NEVER;
}

static void send_report(ck_replica *r, uint64_t now_us)
{
    if (now_us >= report_at(r)) {
        r->reported_us = now_us;
        r->report_changed = false;
        ck_rep_send(r, CK_FRAME_REPORT, &ck_type_report, &r->report);
    }
}

void ck_replica_report(ck_replica *r, const ck_wire_report *report, uint64_t now_us)
{
    bool moved = report->page != r->report.page || report->sound != r->report.sound;
    bool old = now_us - r->reported_us > 5 * (uint64_t)CK_US_PER_S;
    r->report = *report;
    r->reports = true;
    r->report_changed = r->report_changed || moved || old;
    send_report(r, now_us);
}

void ck_rep_send_status(ck_replica *r)
{
    const ck_wire_status status = {.data = ck_bytes_of(r->status, r->status_size)};
    ck_rep_send(r, CK_FRAME_STATUS, &ck_type_status, &status);
}

int ck_replica_set_status(ck_replica *r, ck_bytes status)
{
    if (status.size > CK_STATUS_MAX) {
        return CHALK_ERR_LIMIT;
    }
    if (status.size > 0) {
        memcpy(r->status, status.data, status.size);
    }
    r->status_size = status.size;
    if (r->welcomed) {
        ck_rep_send_status(r);
    }
    return CHALK_OK;
}

int ck_replica_renew(ck_replica *r, ck_bytes token)
{
    const ck_wire_renew renew = {.token = token};
    if (token.size == 0 || token.size > 1024) {
        return CHALK_ERR_LIMIT;
    }
    if (!r->welcomed) {
        return CHALK_ERR_BAD_STATE;
    }
    ck_rep_send(r, CK_FRAME_RENEW, &ck_type_renew, &renew);
    return CHALK_OK;
}

void ck_replica_playing(ck_replica *r, uint64_t room_us, uint64_t now_us)
{
    if (room_us == 0) {
        ck_release_unfollow(&r->release);
    } else {
        ck_release_playing(&r->release, room_us, now_us);
    }
    ck_rep_present_due(r, now_us);
    ck_rep_pump_session(r, now_us);
}

/* --- what is ------------------------------------------------------------------------------- */

const ck_room *ck_replica_head(const ck_replica *r)
{
    return &r->head;
}

const ck_room *ck_replica_presented(const ck_replica *r)
{
    return r->presented != NULL ? r->presented : &r->head;
}

uint64_t ck_replica_me(const ck_replica *r)
{
    return r->me;
}

static bool find_here(const ck_replica *r, uint64_t id, ck_wire_here *out)
{
    ck_wire_list list = ck_wire_list_of(&r->here);
    list.field = CK_LIST_PRESENCE_PEOPLE;
    while (ck_wire_next(&list, &ck_type_here, out) > 0) {
        if (out->id == id) {
            return true;
        }
    }
    return false;
}

bool ck_replica_is_here(const ck_replica *r, uint64_t id)
{
    ck_wire_here here;
    return find_here(r, id, &here);
}

ck_bytes ck_replica_status(const ck_replica *r, uint64_t id)
{
    ck_wire_here here;
    return find_here(r, id, &here) ? here.status : (ck_bytes){0};
}

uint64_t ck_replica_here(const ck_replica *r)
{
    return r->here_people;
}

bool ck_replica_summary(const ck_replica *r, ck_wire_summary *out)
{
    const ck_bytes bytes = ck_bytes_of(r->summary.data, r->summary.size);
    return r->summarised && ck_wire_decode(&ck_type_summary, bytes, out) == CHALK_OK;
}

uint64_t ck_replica_room_us(ck_replica *r, uint64_t now_us)
{
    return ck_clock_room(&r->clock, now_us);
}

enum ck_session_state ck_replica_state_of(const ck_replica *r)
{
    return ck_session_state_of(&r->session);
}

bool ck_replica_is_caught_up(const ck_replica *r)
{
    return r->welcomed && !r->catching_up;
}

enum ck_reason ck_replica_bye(const ck_replica *r)
{
    return r->bye;
}

ck_bytes ck_replica_moved_to(const ck_replica *r)
{
    return ck_bytes_of(r->moved_to.data, r->moved_to.size);
}

uint64_t ck_replica_expires_us(const ck_replica *r)
{
    return r->expires_us;
}

ck_replica_stats ck_replica_get_stats(const ck_replica *r)
{
    ck_replica_stats stats = r->stats;
    stats.head = r->head.number;
    stats.presented = ck_replica_presented(r)->number;
    stats.pending = r->pending_count;
    stats.held = r->release.count;
    stats.clock_error_us = ck_clock_error_us(&r->clock);
    stats.rtt_us = ck_clock_rtt_us(&r->clock);
    return stats;
}

ck_lateness ck_replica_lateness(const ck_replica *r, uint32_t kind)
{
    return r->lateness != NULL ? r->lateness[kind] : (ck_lateness){0};
}

/* --- time ---------------------------------------------------------------------------------- */

static uint64_t send_again_at(const ck_replica *r)
{
    bool waits = r->welcomed && !r->catching_up && r->pending_count > 0;
    return waits && r->send_again_us != 0 ? r->send_again_us : CK_NEVER;
}

uint64_t ck_replica_next_deadline(const ck_replica *r)
{
    uint64_t at = ck_session_next_deadline(&r->session);
    at = CK_MIN(at, r->welcomed ? r->ping_us : CK_NEVER);
    at = CK_MIN(at, CK_MIN(send_again_at(r), report_at(r)));
    return r->presented != NULL ? CK_MIN(at, ck_release_next_deadline(&r->release)) : at;
}

static void ping(ck_replica *r, uint64_t now_us)
{
    if (!r->welcomed || now_us < r->ping_us) {
        return;
    }
    const ck_wire_ping frame = {.sent_us = now_us};
    ck_rep_send(r, CK_FRAME_PING, &ck_type_ping, &frame);
    r->pings++;
    r->ping_us = now_us + (r->pings < CK_PING_FIRST ? CK_PING_FAST_US : CK_PING_US);
}

void ck_replica_on_deadline(ck_replica *r, uint64_t now_us)
{
    ck_session_on_deadline(&r->session, now_us);
    ck_rep_pump_session(r, now_us);
    ping(r, now_us);
    if (now_us >= send_again_at(r)) {
        ck_rep_send_pending(r, now_us);
    }
    send_report(r, now_us);
    ck_rep_present_due(r, now_us);
    ck_rep_pump_session(r, now_us);
}
