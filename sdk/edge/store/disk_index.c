/* What is where: the rooms that have something in the log or are open, and their places. */
#include "edge/store/disk.h"

#include "base/check.h"

#include <string.h>

#define PLACES_MIN 16u

int ck_disk_room_get(ck_disk *d, ck_bytes name, ck_disk_room **out)
{
    ck_disk_room *room = (ck_disk_room *)ck_table_find(&d->rooms, name);
    if (room != NULL) {
        *out = room;
        return CHALK_OK;
    }
    ck_journal_entry head = {0};
    int status = ck_disk_room_head(d, name, &head);
    if (status < 0 && status != CHALK_ERR_NOT_FOUND) {
        return status;
    }
    room = ck_new(d->store.alloc, sizeof *room);
    if (room == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    room->epoch = head.epoch;
    room->to = room->kept_to = head.to;
    room->kept_number = head.after;
    ck_table_add(&d->rooms, &room->named, name);
    *out = room;
    return CHALK_OK;
}

static void room_free(ck_disk *d, ck_disk_room *room)
{
    ck_table_remove(&d->rooms, &room->named);
    ck_free(d->store.alloc, room->places);
    ck_free(d->store.alloc, room);
}

void ck_disk_room_release(ck_disk *d, ck_disk_room *room)
{
    /* While something is lost, that a room is whole is known here alone. */
    if (room->leases == 0 && room->jobs == 0 && room->count == 0 && !room->damaged &&
        d->losses == 0) {
        room_free(d, room);
    }
}

void ck_disk_rooms_free(ck_disk *d)
{
    ck_named *room;
    while (d->rooms.chains != NULL && (room = ck_table_next(&d->rooms, NULL)) != NULL) {
        room_free(d, (ck_disk_room *)room);
    }
}

bool ck_disk_room_is_whole(const ck_disk *d, const ck_disk_room *room)
{
    return !room->damaged &&
           (room->losses_seen == d->losses || room->kept_number >= d->lost_number);
}

int ck_disk_place_reserve(ck_disk *d, ck_disk_room *room)
{
    if (room->count < room->capacity) {
        return CHALK_OK;
    }
    size_t capacity = CK_MAX(2 * room->capacity, PLACES_MIN);
    ck_disk_place *grown =
        ck_resize_array(d->store.alloc, room->places, capacity, sizeof *room->places);
    if (grown == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    room->places = grown;
    room->capacity = capacity;
    return CHALK_OK;
}

void ck_disk_place_add(ck_disk_room *room, ck_disk_place place)
{
    CK_INVARIANT(room->count < room->capacity, return );
    room->places[room->count++] = place;
    room->bytes += place.size;
    room->to = place.to;
    place.segment->live++;
}

void ck_disk_places_drop(ck_disk_room *room, uint64_t to)
{
    size_t dropped = 0;
    while (dropped < room->count && room->places[dropped].to <= to) {
        room->bytes -= room->places[dropped].size;
        room->places[dropped].segment->live--;
        dropped++;
    }
    room->count -= dropped;
    if (dropped > 0) {
        memmove(room->places, room->places + dropped, room->count * sizeof *room->places);
    }
}
