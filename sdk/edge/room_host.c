/* One room: its sequencer between the store and the connections. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "edge/rooms_inside.h"

#include <string.h>

#define STEPS_MAX 8 /* deadlines met in one turn of the loop; then others have theirs */

static ck_room_peer *peer_of(const ck_room_host *host, uint64_t id)
{
    uint32_t slot = (uint32_t)(id & UINT32_MAX) - 1;
    ck_room_peer *peer = slot < host->slot_count ? host->by_slot[slot] : NULL;
    return peer != NULL && peer->id == id ? peer : NULL;
}

bool ck_host_is_open(const ck_room_host *host)
{
    return host->sequencer != NULL && ck_sequencer_state_of(host->sequencer) == CK_SEQUENCER_OPEN;
}

/* ---- what the sequencer wants ---- */

static void deliver(ck_room_host *host, ck_sequencer_output *out)
{
    ck_room_peer *peer = peer_of(host, out->connection);
    if (peer == NULL) {
        ck_slice_unref(&out->bytes);
        return;
    }
    ck_peer_send(peer, out->bytes);
    if (peer->deaf) {
        ck_sequencer_unsent(host->sequencer, peer->id, SIZE_MAX); /* it is closed as slow */
    }
}

static void close_peer(ck_room_host *host, uint64_t id)
{
    ck_room_peer *peer = peer_of(host, id);
    if (peer != NULL) {
        ck_host_remove(host, peer);
        ck_peer_end(peer, (enum ck_reason)peer->reason);
    }
}

static void append(ck_room_host *host, ck_sequencer_output *out)
{
    host->appended_us = ck_edge_now(host->rooms->edge);
    if (ck_lease_append(host->lease, out->after, out->to, out->bytes) < 0) {
        ck_slice_unref(&out->bytes);
        ck_sequencer_stored(host->sequencer, out->to, CK_STORE_FULL, host->appended_us);
    }
}

/* False: the room cannot go on. */
static bool carry_out(ck_room_host *host, ck_sequencer_output *out)
{
    switch (out->action) {
    case CK_SEQUENCER_SEND:
        deliver(host, out);
        return true;
    case CK_SEQUENCER_CLOSE:
        close_peer(host, out->connection);
        return true;
    case CK_SEQUENCER_TAIL:
        host->told_count = 0; /* what is loaded begins without streams */
        host->told_people = 0;
        return ck_lease_tail(host->lease) == CHALK_OK;
    case CK_SEQUENCER_APPEND:
        append(host, out);
        return true;
    case CK_SEQUENCER_CHECKPOINT:
        /* One that is not taken is made up for by the next. */
        if (ck_lease_checkpoint(host->lease, out->to, out->bytes) < 0) {
            ck_slice_unref(&out->bytes);
        }
        return true;
    case CK_SEQUENCER_RENEW:
        ck_host_renew(host, peer_of(host, out->connection),
                      ck_bytes_of(out->bytes.data, out->bytes.size));
        ck_slice_unref(&out->bytes);
        return true;
    }
    return true;
}

static bool carry_out_all(ck_room_host *host)
{
    ck_sequencer_output out;
    bool goes_on = true;
    while (goes_on && ck_sequencer_poll_output(host->sequencer, &out)) {
        goes_on = carry_out(host, &out);
    }
    return goes_on && ck_sequencer_state_of(host->sequencer) != CK_SEQUENCER_LOST;
}

void ck_host_set_timer(ck_room_host *host)
{
    uint64_t due_us =
        host->sequencer != NULL ? ck_sequencer_next_deadline(host->sequencer) : CK_NEVER;
    uint64_t idle_us = host->empty_us == CK_NEVER ? CK_NEVER : host->empty_us + CK_ROOM_IDLE_US;
    ck_timer_set(host->timer, CK_MIN(CK_MIN(due_us, idle_us), ck_host_greets_at(host)));
}

void ck_host_pump(ck_room_host *host)
{
    ck_host_give_up(host);
    if (host->sequencer == NULL) {
        return;
    }
    uint64_t now_us = ck_edge_now(host->rooms->edge);
    bool goes_on = true;
    host->turn++;
    ck_host_greet(host);
    for (int step = 0; step <= STEPS_MAX && goes_on; step++) {
        goes_on = carry_out_all(host);
        if (goes_on && ck_host_is_open(host)) {
            ck_host_tell_streams(host);
        }
        if (step == STEPS_MAX || now_us < ck_sequencer_next_deadline(host->sequencer)) {
            break;
        }
        ck_sequencer_on_deadline(host->sequencer, now_us);
    }
    ck_figures_set_people(host, ck_sequencer_get_stats(host->sequencer).present);
    if (goes_on) {
        ck_host_set_timer(host);
    } else {
        ck_host_end(host, CK_REASON_BUSY);
    }
}

static void on_time(void *user, uint64_t now_us)
{
    ck_room_host *host = user;
    ck_edge *edge = host->rooms->edge;
    if (host->empty_us != CK_NEVER && now_us >= host->empty_us + CK_ROOM_IDLE_US) {
        ck_host_end(host, CK_REASON_BUSY);
    } else {
        ck_host_pump(host);
    }
    ck_edge_settle(edge);
}

/* ---- what the store says ---- */

static int create_sequencer(ck_room_host *host, uint64_t epoch)
{
    const ck_rooms *rooms = host->rooms;
    int status = ck_deflater_create(rooms->alloc, &host->deflater);
    if (status < 0) {
        return status;
    }
    const ck_sequencer_config config = {
        .alloc = rooms->alloc,
        .epoch = epoch,
        .unix_us = ck_wall_us(),
        .connections_max = rooms->edge->connections_max,
        .keep_first_login = rooms->edge->keep_first_login,
        .crowd_per_s = rooms->edge->crowd_per_s,
        .packer = ck_deflater_port(host->deflater),
    };
    return ck_sequencer_create(&config, ck_edge_now(rooms->edge), &host->sequencer);
}

static void on_opened(void *user, int status, uint64_t epoch)
{
    ck_room_host *host = user;
    ck_edge *edge = host->rooms->edge;
    if (status == CHALK_OK) {
        status = create_sequencer(host, epoch);
    }
    if (status < 0) {
        ck_logf(&edge->log, 1, "rooms", "%s cannot be opened: %s", host->name,
                chalk_error_text(status));
        ck_edge_refuse(edge, status);
        ck_host_end(host, CK_REASON_STORE);
    } else {
        host->rooms->past.opened++;
        host->rooms->past.rooms++;
        ck_host_connect_all(host);
        ck_host_pump(host);
    }
    ck_edge_settle(edge);
}

/* A piece that cannot be read is told by `tailed`, too; what was loaded of it is thrown away. */
static void on_checkpoint(void *user, uint64_t to, ck_bytes state)
{
    ck_room_host *host = user;
    (void)to;
    if (host->load_status == CHALK_OK) {
        host->load_status = ck_sequencer_load_checkpoint(host->sequencer, state);
    }
}

static void on_record(void *user, uint64_t after, uint64_t to, ck_bytes record)
{
    ck_room_host *host = user;
    (void)after, (void)to;
    if (host->load_status == CHALK_OK) {
        host->load_status = ck_sequencer_load(host->sequencer, record);
    }
}

static void on_tailed(void *user, int status)
{
    ck_room_host *host = user;
    ck_edge *edge = host->rooms->edge;
    status = status == CHALK_OK ? host->load_status : status;
    host->load_status = CHALK_OK;
    if (status < 0) {
        ck_logf(&edge->log, 1, "rooms", "%s cannot be loaded: %s", host->name,
                chalk_error_text(status));
        ck_edge_refuse(edge, status);
        ck_host_end(host, CK_REASON_STORE);
    } else {
        ck_sequencer_open(host->sequencer, ck_edge_now(edge));
        ck_host_pump(host);
    }
    ck_edge_settle(edge);
}

static void on_appended(void *user, uint64_t to, enum ck_store_answer answer)
{
    ck_room_host *host = user;
    ck_edge *edge = host->rooms->edge;
    ck_room_figures *figures = &host->rooms->past;
    uint64_t now_us = ck_edge_now(edge);
    if (answer == CK_STORE_COMMITTED) {
        figures->commits++;
        figures->commit_us += now_us - host->appended_us;
    } else {
        figures->commits_refused++;
        ck_rooms_make_room(host->rooms);
    }
    ck_sequencer_stored(host->sequencer, to, answer, now_us);
    ck_host_pump(host);
    ck_edge_settle(edge);
}

static const ck_lease_events lease_events = {
    .opened = on_opened,
    .checkpoint = on_checkpoint,
    .record = on_record,
    .tailed = on_tailed,
    .appended = on_appended,
};

/* ---- life ---- */

int ck_host_create(ck_rooms *rooms, const char *name, ck_room_host **out)
{
    ck_room_host *host = ck_new(rooms->alloc, sizeof *host);
    if (host == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    host->rooms = rooms;
    host->empty_us = ck_edge_now(rooms->edge);
    memcpy(host->name, name, strlen(name) + 1);
    ck_list_init(&host->peers);
    ck_list_init(&host->joining);
    host->join_credit = CK_ROOM_JOIN_BURST;
    host->join_us = host->empty_us;
    host->join_cost = CK_ROOM_JOIN_COST;
    ck_list_append(&rooms->hosts, &host->in_rooms);
    rooms->host_count++;
    int status = ck_timer_create(rooms->edge->loop, on_time, host, &host->timer);
    if (status == CHALK_OK) {
        status = ck_lease_open(rooms->store, ck_bytes_of(name, strlen(name)), &lease_events, host,
                               &host->lease);
    }
    if (status < 0) {
        ck_host_end(host, CK_REASON_BUSY);
        return status;
    }
    ck_host_set_timer(host);
    *out = host;
    return CHALK_OK;
}

void ck_host_end(ck_room_host *host, enum ck_reason reason)
{
    ck_rooms *rooms = host->rooms;
    while (!ck_list_is_empty(&host->peers)) {
        ck_room_peer *peer = CK_LIST_OWNER(host->peers.next, ck_room_peer, in_host);
        ck_host_remove(host, peer);
        ck_peer_end(peer, reason);
    }
    if (host->sequencer != NULL) {
        ck_figures_add(&rooms->past, host->sequencer);
        ck_figures_set_people(host, 0);
        rooms->past.rooms--;
    }
    ck_sequencer_destroy(&host->sequencer);
    ck_deflater_destroy(&host->deflater);
    ck_lease_close(&host->lease);
    ck_timer_destroy(&host->timer);
    ck_list_remove(&host->in_rooms);
    rooms->host_count--;
    ck_rooms_left(rooms, host->name);
    ck_free(rooms->alloc, host->by_slot);
    ck_free(rooms->alloc, host);
}

void ck_host_remove(ck_room_host *host, ck_room_peer *peer)
{
    uint64_t now_us = ck_edge_now(host->rooms->edge);
    if (peer->id != 0) {
        host->by_slot[(uint32_t)(peer->id & UINT32_MAX) - 1] = NULL;
        ck_sequencer_gone(host->sequencer, peer->id, now_us);
        peer->id = 0;
    }
    ck_list_remove(&peer->in_host);
    ck_list_remove(&peer->in_joining);
    host->greeting -= peer->greeted && !peer->welcome;
    peer->host = NULL;
    host->rooms->own_counts[peer->own_slot]--;
    host->peer_count--;
    host->empty_us = host->peer_count == 0 ? now_us : CK_NEVER;
}
