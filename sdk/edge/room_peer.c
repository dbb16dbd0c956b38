/* A connection to a room: from the request for a WebSocket to its end. */
#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "edge/answer.h"
#include "edge/rooms_inside.h"

#include <string.h>

#define ASK_BYTES 16384u /* given to a transport before it is asked what it has left */

/* ---- the request ---- */

static int read_guest(const ck_edge *edge, const ck_httpd_request *request, ck_room_guest *out,
                      const char **why)
{
    char token[CHALK_TOKEN_MAX];
    ck_find_token(request, token);
    return ck_room_guest_of(&edge->access, request->path, request->query, token, ck_wall_s(), out,
                            why);
}

static uint32_t own_slot_of(const ck_room_guest *guest)
{
    uint64_t hash = ck_room_guest_hash(guest);
    return (uint32_t)(hash ^ hash >> 32) % CK_ROOM_OWN_SLOTS;
}

/* Most come once: everybody of the room is looked at only where so many share a slot that they may
 * be one. */
static bool has_too_many(const ck_rooms *rooms, const ck_room_host *host,
                         const ck_room_guest *guest)
{
    uint32_t own = 0;
    if (rooms->own_counts[own_slot_of(guest)] < CK_ROOM_OWN_MAX) {
        return false;
    }
    for (const ck_list *at = host->peers.next; at != &host->peers; at = at->next) {
        const ck_room_peer *peer = CK_LIST_OWNER(at, ck_room_peer, in_host);
        own += strcmp(peer->guest.name, guest->name) == 0;
    }
    return own >= CK_ROOM_OWN_MAX;
}

/* Whether the room would take this participant, as far as that is known before HELLO. */
static int ask_room(const ck_rooms *rooms, const ck_room_guest *guest, const char **why)
{
    const ck_room_host *host = ck_rooms_find(rooms, guest->room);
    if (rooms->stopping || (host == NULL && !ck_rooms_have_place(rooms))) {
        *why = rooms->stopping ? "the server is stopping" : "no more rooms fit";
        return 503;
    }
    if (host == NULL) {
        return 0;
    }
    if (has_too_many(rooms, host, guest)) {
        *why = "this participant has too many connections";
        return 429;
    }
    const ck_person *person = ck_host_is_open(host)
                                  ? ck_room_find_name(ck_sequencer_room(host->sequencer),
                                                      ck_bytes_of(guest->name, strlen(guest->name)))
                                  : NULL;
    if (person != NULL && (person->flags & CK_PERSON_BANNED)) {
        *why = "this participant was banned from the room";
        return 403;
    }
    return 0;
}

static int on_accept(void *user, const ck_httpd_request *request, ck_httpd_reply *reply)
{
    ck_rooms *rooms = user;
    ck_room_guest guest;
    const char *why = "";
    if (ck_is_misdirected(rooms->edge, request, reply)) {
        return 421;
    }
    if (ck_is_foreign_page(rooms->edge, request)) {
        return ck_reply_why(rooms->edge, reply, 403, "this server is for pages of its own machine");
    }
    int refusal = read_guest(rooms->edge, request, &guest, &why);
    if (refusal == 0) {
        refusal = ask_room(rooms, &guest, &why);
    }
    if (refusal == 0) {
        refusal = ck_room_gate_pass(&rooms->gate, &guest, ck_edge_now(rooms->edge), &why);
    }
    return refusal == 0 ? 0 : ck_reply_why(rooms->edge, reply, refusal, why);
}

/* ---- what is sent ---- */

static void watch(ck_room_peer *peer)
{
    ck_rooms *rooms = peer->rooms;
    peer->moved_us = ck_edge_now(rooms->edge);
    if (ck_list_is_empty(&rooms->watched)) {
        ck_timer_set(rooms->watch_timer, peer->moved_us + CK_ROOM_WATCH_US);
    }
    ck_list_append(&rooms->watched, &peer->in_watched);
}

/* What its kind says about the connection. */
static void note(ck_room_peer *peer, ck_bytes frame)
{
    const uint8_t kind = frame.size > 0 ? frame.data[0] : 0;
    ck_wire_bye bye;
    if (kind == CK_FRAME_BYE &&
        ck_wire_decode(&ck_type_bye, ck_bytes_of(frame.data + 1, frame.size - 1), &bye) ==
            CHALK_OK) {
        peer->reason = (uint8_t)bye.reason;
    }
    if (peer->host == NULL) {
        return;
    }
    if (kind == CK_FRAME_WELCOME && !peer->welcome) {
        ck_host_welcomed(peer->host, peer);
    }
    if (kind == CK_FRAME_WELCOME || kind == CK_FRAME_SNAPSHOT) {
        peer->caught_up = peer->host->turn;
    }
}

void ck_peer_send(ck_room_peer *peer, ck_slice bytes)
{
    const ck_bytes frame = {bytes.data, bytes.size};
    const size_t size = bytes.size;
    note(peer, frame);
    ck_figures_sent(&peer->rooms->past, frame);
    if (peer->deaf || ck_ws_send(peer->ws, &bytes, false) < 0) {
        peer->deaf = true;
        ck_slice_unref(&bytes);
        return;
    }
    peer->unasked += size;
    if (peer->host != NULL && peer->caught_up == peer->host->turn) {
        peer->allowed += size;
        ck_host_pay(peer->host, peer, size);
    }
    if (peer->unasked >= ASK_BYTES && !ck_list_is_linked(&peer->in_watched)) {
        watch(peer);
    }
}

/* What came at once as it joined, however large, is no sign of slowness while it leaves; but leave
 * it must. */
static void look_at(ck_room_peer *peer, uint64_t now_us)
{
    const size_t unsent = ck_ws_unsent(peer->ws);
    if (unsent < peer->unsent + peer->unasked) {
        peer->moved_us = now_us;
    }
    const bool stuck = unsent > CK_ROOM_STUCK_BYTES && now_us - peer->moved_us >= CK_ROOM_STUCK_US;
    peer->unsent = unsent;
    peer->unasked = 0;
    peer->allowed = CK_MIN(peer->allowed, unsent);
    if (unsent == 0) {
        ck_list_remove(&peer->in_watched);
    }
    if (peer->id != 0) {
        ck_sequencer_unsent(peer->host->sequencer, peer->id,
                            stuck ? SIZE_MAX : unsent - peer->allowed);
    }
}

void ck_peers_watch(ck_rooms *rooms)
{
    ck_list seen;
    ck_list_move(&rooms->watched, &seen);
    ck_list_init(&rooms->watched);
    while (!ck_list_is_empty(&seen)) {
        ck_room_peer *peer = CK_LIST_OWNER(seen.next, ck_room_peer, in_watched);
        ck_list_remove(&peer->in_watched);
        ck_list_append(&rooms->watched, &peer->in_watched);
        look_at(peer, ck_edge_now(rooms->edge));
        if (peer->host != NULL) {
            ck_host_pump(peer->host);
        }
    }
    if (!ck_list_is_empty(&rooms->watched)) {
        ck_timer_set(rooms->watch_timer, ck_edge_now(rooms->edge) + CK_ROOM_WATCH_US);
    }
}

static void say_bye(ck_room_peer *peer, enum ck_reason reason)
{
    const ck_wire_bye bye = {.reason = reason};
    ck_buf buf;
    ck_buf_init(&buf, peer->rooms->alloc, 64);
    ck_frame_put(&buf, CK_FRAME_BYE, &ck_type_bye, &bye);
    ck_slice bytes = {0};
    if (!buf.failed) {
        bytes = ck_slice_copy(peer->rooms->alloc, buf.data, buf.size);
    }
    ck_buf_free(&buf);
    if (bytes.data != NULL) {
        ck_peer_send(peer, bytes);
    }
}

void ck_peer_end(ck_room_peer *peer, enum ck_reason reason)
{
    reason = reason == CK_REASON_NONE ? CK_REASON_SLOW : reason;
    if (peer->reason == CK_REASON_NONE) {
        say_bye(peer, reason);
    }
    ck_slice_unref(&peer->waiting);
    ck_list_remove(&peer->in_watched);
    if (reason < CK_ROOM_REASONS) {
        peer->rooms->past.ended_by[reason]++;
    }
    ck_ws_close(peer->ws, (uint16_t)(CK_ROOM_CLOSE_CODE + reason));
}

/* ---- its life ---- */

static ck_room_peer *peer_new(ck_rooms *rooms, ck_ws *ws, const ck_room_guest *guest)
{
    ck_room_peer *peer = ck_new(rooms->alloc, sizeof *peer);
    if (peer != NULL) {
        peer->rooms = rooms;
        peer->ws = ws;
        peer->guest = *guest;
        peer->own_slot = own_slot_of(guest);
        ck_list_init(&peer->in_host);
        ck_list_init(&peer->in_joining);
        ck_list_init(&peer->in_watched);
        rooms->peer_count++;
    }
    return peer;
}

/* The request is read again: between `accept` and here nothing is kept. */
static void on_opened(void *user, ck_ws *ws, const ck_httpd_request *request, void **socket_user)
{
    ck_rooms *rooms = user;
    ck_room_guest guest;
    ck_room_host *host = NULL;
    const char *why = NULL;
    bool fine = read_guest(rooms->edge, request, &guest, &why) == 0;
    ck_room_peer *peer = fine ? peer_new(rooms, ws, &guest) : NULL;
    if (peer == NULL) {
        ck_ws_close(ws, CK_ROOM_CLOSE_CODE + CK_REASON_BUSY);
        return;
    }
    *socket_user = peer;
    int status = ck_rooms_enter(rooms, guest.room, &host);
    if (status == CHALK_OK) {
        status = ck_host_add(host, peer);
    }
    if (status < 0) {
        ck_edge_refuse(rooms->edge, status);
        ck_peer_end(peer, status == CHALK_ERR_LIMIT ? CK_REASON_FULL : CK_REASON_BUSY);
    }
}

static void on_message(void *user, ck_ws *ws, const uint8_t *data, size_t size, bool text)
{
    ck_room_peer *peer = user;
    (void)ws;
    if (peer == NULL || peer->host == NULL) {
        return;
    }
    ck_edge *edge = peer->rooms->edge;
    edge->bytes_received += size;
    /* Text is none of the protocol's frames, nor is what has no byte. */
    ck_host_hear(peer->host, peer, text ? (ck_bytes){0} : ck_bytes_of(data, size));
    ck_edge_settle(edge);
}

static void on_closed(void *user, ck_ws *ws, int status)
{
    ck_room_peer *peer = user;
    (void)ws;
    if (peer == NULL) {
        return;
    }
    ck_rooms *rooms = peer->rooms;
    ck_room_host *host = peer->host;
    if (host != NULL) {
        ck_logf(&rooms->edge->log, 3, "rooms", "%s/%s: gone: %s", host->name, peer->guest.name,
                chalk_error_text(status));
        ck_host_remove(host, peer);
    }
    ck_list_remove(&peer->in_watched);
    ck_slice_unref(&peer->waiting);
    ck_free(rooms->alloc, peer);
    rooms->peer_count--;
    if (host != NULL && !rooms->stopping) {
        ck_host_pump(host);
    }
    ck_edge_settle(rooms->edge);
}

const ck_ws_events ck_room_peer_events = {
    .accept = on_accept,
    .opened = on_opened,
    .message = on_message,
    .closed = on_closed,
};
