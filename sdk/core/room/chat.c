#include "core/room/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

ck_said *ck_room_said_at(const ck_room *room, uint32_t index)
{
    if (index >= room->chat_count) {
        return NULL;
    }
    /* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): what holds something has a size */
    return &room->chat[(room->chat_first + index) % room->chat_size];
}

ck_said *ck_room_find_said(const ck_room *room, uint64_t lane, uint64_t number)
{
    for (uint32_t i = room->chat_count; i > 0; i--) {
        ck_said *said = ck_room_said_at(room, i - 1);
        if (said->event.lane == lane && said->event.number == number) {
            return said;
        }
    }
    return NULL;
}

static size_t size_of(const ck_said *said)
{
    return said->event.text.size + said->event.data.size;
}

static void drop_text(ck_room *room, ck_said *said)
{
    room->chat_bytes -= size_of(said);
    ck_free(room->alloc, said->text);
    said->text = NULL;
    said->event.text = (ck_bytes){0};
    said->event.data = (ck_bytes){0};
}

static void drop_oldest(ck_room *room)
{
    drop_text(room, &room->chat[room->chat_first]);
    room->chat_first = (room->chat_first + 1) % room->chat_size;
    room->chat_count--;
    room->chat_gone++;
}

/* Most lessons say little: the ring begins small. */
static int make_place(ck_room *room)
{
    if (room->chat_count < room->chat_size) {
        return CHALK_OK;
    }
    uint32_t size = room->chat_size == 0 ? 16 : 2 * room->chat_size;
    size = CK_MIN(size, room->chat_max);
    ck_said *grown = ck_new_array(room->alloc, size, sizeof *grown);
    if (grown == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    const uint32_t old = room->chat_size;
    for (uint32_t i = 0; old > 0 && i < room->chat_count; i++) {
        grown[i] = room->chat[(room->chat_first + i) % old];
    }
    ck_free(room->alloc, room->chat);
    room->chat = grown;
    room->chat_size = size;
    room->chat_first = 0;
    return CHALK_OK;
}

static int copy_text(ck_room *room, ck_said *said, ck_bytes text, ck_bytes name)
{
    if (text.size + name.size == 0 || said->event.deleted) {
        return CHALK_OK;
    }
    said->text = ck_new_array(room->alloc, text.size + name.size, 1);
    if (said->text == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (text.size > 0) {
        memcpy(said->text, text.data, text.size);
    }
    if (name.size > 0) {
        memcpy(said->text + text.size, name.data, name.size);
    }
    said->event.text = ck_bytes_of(said->text, text.size);
    said->event.data = ck_bytes_of(said->text + text.size, name.size);
    return CHALK_OK;
}

int ck_chat_add(ck_room *room, const ck_event *event)
{
    if (room->chat_max == 0) {
        return CHALK_OK;
    }
    ck_said said = {.event = *event};
    bool signed_by = event->lane == CK_LANE_CROWD && event->data.size <= CK_NAME_BYTES;
    said.event.text = (ck_bytes){0};
    said.event.data = (ck_bytes){0};
    int status = copy_text(room, &said, event->text, signed_by ? event->data : (ck_bytes){0});
    if (status < 0) {
        return status;
    }
    while (room->chat_count == room->chat_max ||
           (room->chat_count > 0 && room->chat_bytes + size_of(&said) > CK_ROOM_CHAT_BYTES)) {
        drop_oldest(room);
    }
    if (make_place(room) < 0) {
        ck_free(room->alloc, said.text);
        return CHALK_ERR_NO_MEMORY;
    }
    room->chat[(room->chat_first + room->chat_count) % room->chat_size] = said;
    room->chat_count++;
    room->chat_bytes += size_of(&said);
    return CHALK_OK;
}

void ck_room_sign(const ck_room *room, ck_event *event)
{
    const ck_person *author = ck_room_find(room, event->author);
    if (event->kind != CK_EVENT_CHAT || event->lane != CK_LANE_CROWD || author == NULL) {
        return;
    }
    event->data = ck_bytes_of(author->name, strlen(author->name));
}

void ck_chat_delete(ck_room *room, uint64_t lane, uint64_t number)
{
    ck_said *said = ck_room_find_said(room, lane, number);
    if (said != NULL) {
        drop_text(room, said);
        said->event.deleted = true;
    }
}

void ck_chat_repeat(ck_room *room, const ck_event *event)
{
    ck_said *said = ck_room_find_said(room, CK_LANE_CROWD, event->about);
    if (said != NULL) {
        said->event.times = CK_MAX(said->event.times, 1) + CK_MAX(event->times, 1);
    }
}

void ck_chat_clear(ck_room *room)
{
    while (room->chat_count > 0) {
        drop_oldest(room);
    }
    room->chat_first = 0;
    room->chat_gone = 0;
}
