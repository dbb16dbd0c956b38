/* Any frame: what is read can be written, and reads as the same. A snapshot can be a room. */
#include "chalkrail/errors.h"
#include "core/room/room.h"
#include "support/alloc.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Lists are borrowed and may have strangers between their items; so they are left out. */
static void without_lists(const ck_wire_type *type, void *message)
{
    for (uint16_t i = 0; i < type->count; i++) {
        if (type->fields[i].kind == CK_WIRE_LIST) {
            memset((uint8_t *)message + type->fields[i].offset, 0, sizeof(ck_wire_list));
        }
    }
}

static void both_ways(const ck_wire_type *type, ck_bytes body)
{
    union {
        ck_wire_snapshot snapshot;
        ck_wire_event event;
        ck_wire_batch batch;
        uint64_t room[64];
    } message, again;
    ck_buf first, second;
    if (ck_wire_decode(type, body, &message) < 0) {
        return;
    }
    without_lists(type, &message);
    ck_buf_init(&first, &ck_test_heap, 1 << 22);
    ck_buf_init(&second, &ck_test_heap, 1 << 22);
    ck_wire_encode(type, &message, &first);
    if (ck_wire_decode(type, ck_bytes_of(first.data, first.size), &again) < 0) {
        abort();
    }
    ck_wire_encode(type, &again, &second);
    if (first.size != second.size ||
        (first.size > 0 && memcmp(first.data, second.data, first.size) != 0)) {
        abort();
    }
    ck_buf_free(&first);
    ck_buf_free(&second);
}

/* What was accepted as a room is written and read as the same room. */
static void as_room(ck_bytes body)
{
    ck_room room, again;
    ck_buf bytes;
    ck_buf_init(&bytes, &ck_test_heap, 1 << 24);
    ck_room_init(&room, &ck_test_heap, 40);
    if (ck_room_read(&room, body) == CHALK_OK) {
        ck_room_write(&room, NULL, &bytes);
        ck_room_init(&again, &ck_test_heap, 40);
        if (ck_room_read(&again, ck_bytes_of(bytes.data, bytes.size)) < 0 ||
            ck_room_hash(&room) != ck_room_hash(&again)) {
            abort();
        }
        ck_room_free(&again);
    }
    ck_buf_free(&bytes);
    ck_room_free(&room);
}

static void as_events(ck_bytes body)
{
    ck_wire_batch batch;
    ck_room room;
    ck_event event;
    if (ck_wire_decode(&ck_type_batch, body, &batch) < 0) {
        return;
    }
    ck_room_init(&room, &ck_test_heap, 10);
    ck_event_reader reader = ck_event_reader_of(&batch);
    uint64_t last = batch.from;
    while (ck_event_read(&reader, &event) > 0) {
        if (event.number <= last || event.origin_us > event.order_us) {
            abort();
        }
        last = event.number;
        (void)ck_room_apply(&room, &event);
    }
    (void)ck_room_hash(&room);
    ck_room_free(&room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) {
        return 0;
    }
    const ck_bytes body = {data + 1, size - 1};
    const ck_wire_type *type = ck_frame_type(data[0]);
    if (type != NULL) {
        both_ways(type, body);
    }
    if (data[0] == CK_FRAME_SNAPSHOT) {
        as_room(body);
    }
    as_events(body);
    return 0;
}
