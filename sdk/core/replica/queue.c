/* What waits for the host: things to do, and things to know. */
#include "core/replica/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

void ck_rep_output(ck_replica *r, ck_replica_output output)
{
    if (!ck_ring_push(&r->outputs, &output)) {
        ck_slice_unref(&output.bytes);
    }
}

/* For one more to be sent, beside the places that are kept. */
static bool make_output_place(ck_replica *r)
{
    size_t wanted = r->outputs.count + 1 + CK_OUTPUTS_KEPT;
    size_t grown = CK_MIN(2 * r->outputs.capacity, CK_REPLICA_OUTPUTS);
    return wanted <= r->outputs.capacity ||
           (wanted <= grown && ck_ring_grow(&r->outputs, grown) == CHALK_OK);
}

/* A frame that is not sent would be missed; the connection goes instead, and all is said again. The
 * last places are kept for what opens and closes. */
void ck_rep_send(ck_replica *r, enum ck_frame frame, const ck_wire_type *type, const void *message)
{
    if (r->attempt == 0) {
        return;
    }
    ck_buf buf;
    ck_buf_init(&buf, r->alloc, CK_ROOM_FRAME_MAX);
    ck_frame_put(&buf, frame, type, message);
    ck_slice bytes = {0};
    if (!buf.failed) {
        bytes = ck_slice_copy(r->alloc, buf.data, buf.size);
    }
    ck_buf_free(&buf);
    if (bytes.data == NULL || !make_output_place(r)) {
        ck_slice_unref(&bytes);
        r->overrun = true;
        return;
    }
    ck_rep_output(r, (ck_replica_output){CK_REPLICA_SEND, r->attempt, bytes});
}

bool ck_replica_poll_output(ck_replica *r, ck_replica_output *out)
{
    return ck_ring_pop(&r->outputs, out);
}

/* --- events -------------------------------------------------------------------------------- */

void ck_rep_emit(ck_replica *r, const ck_replica_event *event)
{
    uint32_t most = CK_REPLICA_EVENTS;
    most += event->kind == CK_REPLICA_SETTLED ? CK_REPLICA_SETTLES : 0;
    ck_waiting *w = r->event_count < most ? ck_waiting_new(r->alloc, event) : NULL;
    if (w == NULL) {
        r->stats.events_dropped++;
        r->dropped++;
        return;
    }
    if (r->newest != NULL) {
        r->newest->next = w;
    } else {
        r->oldest = w;
    }
    r->newest = w;
    r->event_count++;
    r->settled_count += event->kind == CK_REPLICA_SETTLED;
}

bool ck_replica_poll_state(ck_replica *r, ck_session_event *out)
{
    return ck_session_poll_event(&r->session, out);
}

void ck_rep_drop_events(ck_replica *r)
{
    ck_free(r->alloc, r->lent);
    while (r->oldest != NULL) {
        ck_waiting *next = r->oldest->next;
        ck_free(r->alloc, r->oldest);
        r->oldest = next;
    }
}

bool ck_replica_has_event(const ck_replica *r)
{
    return r->event_count > 0 || r->dropped > 0;
}

bool ck_replica_poll_event(ck_replica *r, ck_replica_event *out)
{
    ck_free(r->alloc, r->lent);
    r->lent = NULL;
    if (r->event_count == 0 && r->dropped > 0) {
        *out = (ck_replica_event){.kind = CK_REPLICA_RESET, .number = r->dropped};
        r->dropped = 0;
        return true;
    }
    if (r->event_count == 0) {
        return false;
    }
    r->lent = r->oldest;
    r->oldest = r->lent->next;
    r->newest = r->oldest != NULL ? r->newest : NULL;
    ck_waiting_read(r->lent, out);
    r->event_count--;
    r->settled_count -= out->kind == CK_REPLICA_SETTLED;
    return true;
}
