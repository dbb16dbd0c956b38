/*
 * Events one after the other. On the wire an event says how its number and time differ from those
 * of the one before it; here it has them in full.
 */
#ifndef CK_CORE_ROOM_EVENTS_H
#define CK_CORE_ROOM_EVENTS_H

#include "core/room/names.h"
#include "core/room/schema.h"

typedef struct ck_event {
    uint64_t number; /* in its lane; 0: an intent that has none yet */
    uint64_t order_us;
    uint64_t origin_us;
    uint64_t kind;   /* enum ck_event_kind; what is unknown changes nothing */
    uint64_t author; /* participant; 0: the edge */
    uint64_t target;
    uint64_t audience; /* enum ck_audience */
    uint64_t value;
    uint64_t about;
    uint64_t lane; /* enum ck_lane */
    uint64_t times;
    uint64_t counter;
    uint64_t epoch;
    ck_bytes text; /* borrowed */
    ck_bytes data;
    bool deleted;
} ck_event;

/* Whom an event is for. */
bool ck_event_concerns(const ck_event *event, uint64_t viewer, uint64_t viewer_role);

typedef struct ck_event_writer {
    ck_buf *out;
    uint32_t field; /* enum ck_list_field */
    bool store;     /* with what only the edge may know */
    uint64_t number;
    uint64_t order_us;
} ck_event_writer;

/* The first event is told against `from` and `base_us`. Numbers and times must rise. */
void ck_event_write(ck_event_writer *w, const ck_event *event);

/* The range of a frame for all, told as short as it can be, and read again. False: it is none. */
void ck_batch_set_range(ck_wire_batch *batch, uint64_t from, uint64_t to);
bool ck_batch_get_range(ck_wire_batch *batch);

typedef struct ck_event_reader {
    ck_wire_list list;
    uint64_t number;
    uint64_t order_us;
} ck_event_reader;

static inline ck_event_reader ck_event_reader_of(const ck_wire_batch *batch)
{
    return (ck_event_reader){batch->events, batch->from, batch->base_us};
}

/* 1, 0 at the end, CHALK_ERR_BAD_DATA, CHALK_ERR_TOO_LARGE. Texts are borrowed from the list. */
int ck_event_read(ck_event_reader *r, ck_event *event);

/* Of an intent: what a client says, without a number. */
ck_wire_event ck_event_to_intent(const ck_event *event);
ck_event ck_event_of_intent(const ck_wire_event *intent);

#endif
