#include "core/room/events.h"

#include "chalkrail/errors.h"

bool ck_event_concerns(const ck_event *event, uint64_t viewer, uint64_t viewer_role)
{
    if (event->audience == CK_TO_ALL || event->author == viewer) {
        return true;
    }
    switch (event->audience) {
    case CK_TO_STAFF:
        return ck_role_is_staff(viewer_role);
    case CK_TO_ONE:
        return event->target == viewer;
    default:
        return event->author == 0 && event->target == viewer;
    }
}

ck_wire_event ck_event_to_intent(const ck_event *event)
{
    return (ck_wire_event){
        .kind = event->kind,
        .author = event->author,
        .target = event->target,
        .audience = event->audience,
        .value = event->value,
        .text = event->text,
        .data = event->data,
        .counter = event->counter,
        .about = event->about,
        .lane = event->lane,
        .at_us = event->origin_us,
    };
}

ck_event ck_event_of_intent(const ck_wire_event *intent)
{
    return (ck_event){
        .origin_us = intent->at_us,
        .kind = intent->kind,
        .target = intent->target,
        .audience = intent->audience,
        .value = intent->value,
        .about = intent->about,
        .lane = intent->lane,
        .counter = intent->counter,
        .text = intent->text,
        .data = intent->data,
    };
}

void ck_batch_set_range(ck_wire_batch *batch, uint64_t from, uint64_t to)
{
    batch->to = to;
    batch->span = to - from;
    batch->from = batch->span == 0 ? from : 0;
}

bool ck_batch_get_range(ck_wire_batch *batch)
{
    if (batch->span > batch->to) {
        return false;
    }
    batch->from = batch->span > 0 ? batch->to - batch->span : batch->from;
    return batch->from <= batch->to;
}

void ck_event_write(ck_event_writer *w, const ck_event *event)
{
    ck_wire_event wire = ck_event_to_intent(event);
    wire.at_us = 0;
    wire.skip = event->number - w->number - 1;
    wire.step_us = event->order_us - w->order_us;
    wire.lag_us = event->order_us - event->origin_us;
    wire.times = event->times;
    wire.epoch = w->store ? event->epoch : 0;
    wire.deleted = event->deleted;
    w->number = event->number;
    w->order_us = event->order_us;
    ck_wire_add(w->out, w->field, &ck_type_event, &wire);
}

int ck_event_read(ck_event_reader *r, ck_event *event)
{
    ck_wire_event wire;
    int status = ck_wire_next(&r->list, &ck_type_event, &wire);
    if (status <= 0) {
        return status;
    }
    if (wire.skip >= UINT64_MAX - r->number || wire.step_us > UINT64_MAX - r->order_us ||
        wire.lag_us > r->order_us + wire.step_us) {
        return CHALK_ERR_BAD_DATA;
    }
    r->number += wire.skip + 1;
    r->order_us += wire.step_us;
    *event = ck_event_of_intent(&wire);
    event->number = r->number;
    event->order_us = r->order_us;
    event->origin_us = r->order_us - wire.lag_us;
    event->author = wire.author;
    event->times = wire.times;
    event->epoch = wire.epoch;
    event->deleted = wire.deleted != 0;
    return 1;
}
