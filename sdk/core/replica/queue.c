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

static bool make_place(ck_replica *r)
{
    if (r->event_count < r->event_size) {
        return true;
    }
    uint32_t size = r->event_size == 0 ? 1 : 2 * r->event_size;
    queued_event *grown = ck_new_array(r->alloc, size, sizeof *grown);
    if (grown == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < r->event_count; i++) {
        /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): without places nothing is moved */
        grown[i] = r->events[(r->event_first + i) % r->event_size];
    }
    ck_free(r->alloc, r->events);
    r->events = grown;
    r->event_size = size;
    r->event_first = 0;
    return true;
}

void ck_rep_emit(ck_replica *r, const ck_replica_event *event, uint8_t *bytes)
{
    uint32_t most = CK_REPLICA_EVENTS;
    most += event->kind == CK_REPLICA_SETTLED ? CK_REPLICA_SETTLES : 0;
    if (r->event_count >= most || !make_place(r)) {
        ck_free(r->alloc, bytes);
        r->stats.events_dropped++;
        r->dropped++;
        return;
    }
    r->events[(r->event_first + r->event_count) % r->event_size] = (queued_event){*event, bytes};
    r->event_count++;
    r->settled_count += event->kind == CK_REPLICA_SETTLED;
}

void ck_rep_emit_copy(ck_replica *r, const ck_replica_event *event)
{
    const ck_bytes parts[] = {event->event.text, event->event.data, event->bytes};
    size_t size = parts[0].size + parts[1].size + parts[2].size;
    uint8_t *bytes = ck_new_array(r->alloc, CK_MAX(size, 1), 1);
    if (bytes == NULL) {
        r->stats.events_dropped++;
        r->dropped++;
        return;
    }
    ck_replica_event copy = *event;
    ck_bytes *places[] = {&copy.event.text, &copy.event.data, &copy.bytes};
    size_t at = 0;
    for (size_t i = 0; i < CK_COUNT_OF(parts); i++) {
        if (parts[i].size > 0) {
            memcpy(bytes + at, parts[i].data, parts[i].size);
        }
        *places[i] = ck_bytes_of(bytes + at, parts[i].size);
        at += parts[i].size;
    }
    ck_rep_emit(r, &copy, bytes);
}

bool ck_replica_poll_state(ck_replica *r, ck_session_event *out)
{
    return ck_session_poll_event(&r->session, out);
}

bool ck_replica_has_event(const ck_replica *r)
{
    return r->event_count > 0 || r->dropped > 0;
}

static void give_back_places(ck_replica *r)
{
    if (r->event_size > CK_EVENTS_KEPT) {
        ck_free(r->alloc, r->events);
        r->events = NULL;
        r->event_size = 0;
        r->event_first = 0;
    }
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
        give_back_places(r);
        return false;
    }
    *out = r->events[r->event_first].event;
    r->lent = r->events[r->event_first].bytes;
    r->event_first = (r->event_first + 1) % r->event_size;
    r->event_count--;
    r->settled_count -= out->kind == CK_REPLICA_SETTLED;
    return true;
}
