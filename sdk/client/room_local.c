/* A room without an edge: the edge's own core (core/sequencer) on the other side of a function
 * call, so that a board alone behaves in everything as one in a room. What it would store is kept
 * by it in memory. */
#include "client/room.h"

#include "base/check.h"
#include "base/time.h"
#include "core/sequencer/sequencer.h"

#include <string.h>

struct ck_client_local {
    ck_sequencer *sequencer;
    uint64_t connection; /* 0: none */
};

static int load(ck_sequencer *s, ck_bytes state, uint64_t now_us)
{
    ck_sequencer_output out;
    while (ck_sequencer_poll_output(s, &out)) {
        ck_slice_unref(&out.bytes); /* it asks for what is stored */
    }
    int status = state.size > 0 ? ck_sequencer_load_checkpoint(s, state) : CHALK_OK;
    if (status == CHALK_OK) {
        ck_sequencer_open(s, now_us);
    }
    return status;
}

int ck_client_local_create(ck_bytes state, uint64_t now_us, ck_client_local **out)
{
    const ck_sequencer_config config = {
        .alloc = &ck_heap, .epoch = 1, .unix_us = ck_wall_us(), .connections_max = 1};
    ck_client_local *local = ck_new(&ck_heap, sizeof *local);
    int status = local != NULL ? ck_sequencer_create(&config, now_us, &local->sequencer)
                               : CHALK_ERR_NO_MEMORY;
    if (status == CHALK_OK) {
        status = load(local->sequencer, state, now_us);
    }
    if (status < 0) {
        ck_client_local_destroy(&local);
        return status;
    }
    *out = local;
    return CHALK_OK;
}

void ck_client_local_destroy(ck_client_local **place)
{
    if (*place != NULL) {
        ck_sequencer_destroy(&(*place)->sequencer);
        ck_free(&ck_heap, *place);
        *place = NULL;
    }
}

void ck_client_local_open(ck_client_room *room, uint64_t now_us)
{
    const ck_claims claims = {
        .name = ck_bytes_of(room->person, strlen(room->person)),
        .role = CK_ROLE_OWNER,
    };
    int status =
        ck_sequencer_connect(room->local->sequencer, &claims, now_us, &room->local->connection);
    if (status < 0) {
        ck_replica_failed(room->replica, room->attempt, status, now_us);
    } else {
        ck_replica_opened(room->replica, room->attempt, now_us);
    }
}

void ck_client_local_send(ck_client_room *room, ck_bytes frame, uint64_t now_us)
{
    ck_sequencer_feed(room->local->sequencer, room->local->connection, frame, now_us);
}

void ck_client_local_close(ck_client_room *room, uint64_t now_us)
{
    if (room->local->connection != 0) {
        ck_sequencer_gone(room->local->sequencer, room->local->connection, now_us);
        room->local->connection = 0;
    }
}

static void carry_out(ck_client_room *room, const ck_sequencer_output *out, uint64_t now_us)
{
    ck_client_local *local = room->local;
    bool ours = out->connection == local->connection && local->connection != 0;
    switch (out->action) {
    case CK_SEQUENCER_SEND:
        if (ours) {
            ck_replica_feed(room->replica, room->attempt,
                            ck_bytes_of(out->bytes.data, out->bytes.size), now_us);
        }
        break;
    case CK_SEQUENCER_CLOSE:
        ck_sequencer_gone(local->sequencer, out->connection, now_us);
        if (ours) {
            local->connection = 0;
            ck_replica_failed(room->replica, room->attempt, CHALK_ERR_DISCONNECTED, now_us);
        }
        break;
    case CK_SEQUENCER_APPEND:
        ck_sequencer_stored(local->sequencer, out->to, CK_STORE_COMMITTED, now_us);
        break;
    case CK_SEQUENCER_TAIL:
    case CK_SEQUENCER_CHECKPOINT:
    case CK_SEQUENCER_RENEW: /* there are no tokens */
        break;
    }
}

bool ck_client_local_run(ck_client_room *room, uint64_t now_us)
{
    ck_sequencer_output out;
    bool any = false;
    ck_sequencer_on_deadline(room->local->sequencer, now_us);
    while (ck_sequencer_poll_output(room->local->sequencer, &out)) {
        any = true;
        carry_out(room, &out, now_us);
        ck_slice_unref(&out.bytes);
    }
    return any;
}

uint64_t ck_client_local_next_deadline(const ck_client_local *local)
{
    return local != NULL ? ck_sequencer_next_deadline(local->sequencer) : CK_NEVER;
}
