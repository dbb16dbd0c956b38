/*
 * Coming into a room. What a newcomer is sent may be large, so HELLOs wait their turn: a room sends
 * at most CK_ROOM_JOIN_BYTES a second to those who come in. A school that comes at once then takes
 * a while, and neither those who talk there nor other rooms feel it.
 */
#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "edge/answer.h"
#include "edge/rooms_inside.h"

#include <string.h>

#define EXPIRES_MAX_S   (UINT64_C(10) * 365 * 86400) /* a token of more years is one for ever */
#define GREETS_A_TURN   64                           /* then others have theirs */
#define JOIN_COST_LEAST 1024

/* Borrowed from the guest. Tokens end by the wall clock, as it is now. */
static ck_claims claims_of(const ck_room_guest *guest, uint64_t now_us)
{
    uint64_t wall_s = ck_wall_s();
    uint64_t left_s = guest->expires_s > wall_s ? guest->expires_s - wall_s : 1;
    return (ck_claims){
        .name = ck_bytes_of(guest->name, strlen(guest->name)),
        .role = (enum ck_role)guest->role, /* the numbers are the same */
        .expires_us = left_s < EXPIRES_MAX_S ? now_us + left_s * CK_US_PER_S : 0,
    };
}

void ck_host_renew(ck_room_host *host, ck_room_peer *peer, ck_bytes renewed)
{
    const ck_access *access = &host->rooms->edge->access;
    uint64_t now_us = ck_edge_now(host->rooms->edge);
    char token[CHALK_TOKEN_MAX] = "";
    if (peer == NULL) {
        return;
    }
    ck_text text = ck_text_of(token, sizeof token);
    ck_text_add_n(&text, (const char *)renewed.data, renewed.size);
    bool good = !text.cut && ck_room_guest_renew(access, token, ck_wall_s(), &peer->guest);
    const ck_claims claims = claims_of(&peer->guest, now_us);
    ck_sequencer_renew(host->sequencer, peer->id, good ? &claims : NULL, now_us);
}

/* ---- connecting ---- */

static int connect_peer(ck_room_host *host, ck_room_peer *peer)
{
    uint64_t now_us = ck_edge_now(host->rooms->edge);
    const ck_claims claims = claims_of(&peer->guest, now_us);
    uint64_t id = 0;
    int status = ck_sequencer_connect(host->sequencer, &claims, now_us, &id);
    if (status < 0) {
        return status;
    }
    uint32_t slot = (uint32_t)(id & UINT32_MAX) - 1;
    if (slot >= host->slot_count) {
        uint32_t count = CK_MAX(2 * host->slot_count, slot + 4);
        ck_room_peer **grown =
            ck_resize_array(host->rooms->alloc, host->by_slot, count, sizeof(ck_room_peer *));
        if (grown == NULL) {
            ck_sequencer_gone(host->sequencer, id, now_us);
            return CHALK_ERR_NO_MEMORY;
        }
        memset(grown + host->slot_count, 0, (count - host->slot_count) * sizeof(ck_room_peer *));
        host->by_slot = grown;
        host->slot_count = count;
    }
    peer->id = id;
    host->by_slot[slot] = peer;
    return CHALK_OK;
}

void ck_host_connect_all(ck_room_host *host)
{
    for (ck_list *at = host->peers.next, *next = at->next; at != &host->peers;
         at = next, next = at->next) {
        ck_room_peer *peer = CK_LIST_OWNER(at, ck_room_peer, in_host);
        if (connect_peer(host, peer) < 0) {
            ck_host_remove(host, peer);
            ck_peer_end(peer, CK_REASON_FULL);
        }
    }
}

int ck_host_add(ck_room_host *host, ck_room_peer *peer)
{
    int status = host->sequencer != NULL ? connect_peer(host, peer) : CHALK_OK;
    if (status == CHALK_OK) {
        ck_list_append(&host->peers, &peer->in_host);
        host->rooms->own_counts[peer->own_slot]++;
        host->peer_count++;
        host->empty_us = CK_NEVER;
        peer->host = host;
        ck_host_set_timer(host);
    }
    return status;
}

/* ---- HELLO ---- */

static int64_t credit_at(const ck_room_host *host, uint64_t now_us)
{
    uint64_t passed_us = CK_MIN(now_us - host->join_us, CK_US_PER_S);
    int64_t refilled = (int64_t)(passed_us * CK_ROOM_JOIN_BYTES / CK_US_PER_S);
    return CK_MIN(host->join_credit + refilled, (int64_t)CK_ROOM_JOIN_BURST);
}

static ck_room_peer *first_joining(const ck_room_host *host)
{
    return CK_LIST_OWNER(host->joining.next, ck_room_peer, in_joining);
}

uint64_t ck_host_greets_at(const ck_room_host *host)
{
    if (ck_list_is_empty(&host->joining)) {
        return CK_NEVER;
    }
    const uint64_t given_up_us = first_joining(host)->waits_us + CK_ROOM_HELLO_US;
    if (!ck_host_is_open(host)) {
        return given_up_us;
    }
    if (host->join_credit > 0) { /* the welcome of those before comes first */
        return host->greeting > 0 ? given_up_us : host->join_us;
    }
    uint64_t owed = (uint64_t)-host->join_credit + JOIN_COST_LEAST;
    return CK_MIN(given_up_us, host->join_us + owed * CK_US_PER_S / CK_ROOM_JOIN_BYTES);
}

void ck_host_give_up(ck_room_host *host)
{
    const uint64_t now_us = ck_edge_now(host->rooms->edge);
    while (!ck_list_is_empty(&host->joining) &&
           now_us >= first_joining(host)->waits_us + CK_ROOM_HELLO_US) {
        ck_room_peer *peer = first_joining(host);
        ck_host_remove(host, peer);
        ck_peer_end(peer, ck_host_is_open(host) ? CK_REASON_BUSY : CK_REASON_STORE);
    }
}

/* What the last ones were sent is what the next one is expected to be. */
void ck_host_pay(ck_room_host *host, const ck_room_peer *peer, size_t size)
{
    host->join_credit -= (int64_t)size;
    host->join_cost = CK_MAX(host->join_cost, peer->allowed);
}

void ck_host_welcomed(ck_room_host *host, ck_room_peer *peer)
{
    peer->welcome = true;
    host->greeting--;
    host->join_cost -= host->join_cost / 8;
}

void ck_host_greet(ck_room_host *host)
{
    uint64_t now_us = ck_edge_now(host->rooms->edge);
    if (!ck_host_is_open(host)) {
        return;
    }
    host->join_credit = credit_at(host, now_us);
    host->join_us = now_us;
    const int64_t cost = (int64_t)CK_MAX(host->join_cost, JOIN_COST_LEAST);
    int64_t left = host->join_credit - cost * host->greeting;
    for (int i = 0; i < GREETS_A_TURN && left > 0 && !ck_list_is_empty(&host->joining); i++) {
        ck_room_peer *peer = first_joining(host);
        ck_slice hello = peer->waiting;
        peer->waiting = (ck_slice){0};
        peer->greeted = true;
        host->greeting++;
        ck_list_remove(&peer->in_joining);
        ck_sequencer_feed(host->sequencer, peer->id, ck_bytes_of(hello.data, hello.size), now_us);
        ck_slice_unref(&hello);
        left -= cost;
    }
}

/* Before it is welcome a client has one thing to say. */
static void keep_waiting(ck_room_host *host, ck_room_peer *peer, ck_bytes frame)
{
    bool first = peer->waiting.data == NULL && frame.size > 0;
    if (first) {
        peer->waiting = ck_slice_copy(host->rooms->alloc, frame.data, frame.size);
    }
    if (first && peer->waiting.data != NULL) {
        peer->waits_us = ck_edge_now(host->rooms->edge);
        ck_list_append(&host->joining, &peer->in_joining);
        if (host->sequencer != NULL) {
            ck_sequencer_waits(host->sequencer, peer->id, peer->waits_us);
        }
        ck_host_set_timer(host);
    } else {
        ck_host_remove(host, peer);
        ck_peer_end(peer, first ? CK_REASON_BUSY : CK_REASON_PROTOCOL);
    }
}

void ck_host_hear(ck_room_host *host, ck_room_peer *peer, ck_bytes frame)
{
    if (peer->greeted) {
        ck_sequencer_feed(host->sequencer, peer->id, frame, ck_edge_now(host->rooms->edge));
    } else {
        keep_waiting(host, peer, frame);
    }
    ck_host_pump(host);
}
