#include "core/room/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

ck_said *ck_room_said_at(const ck_room *room, uint32_t index)
{
    if (index >= room->chat_count) {
        return NULL;
    }
    return &room->chat[(room->chat_first + index) % room->chat_max];
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

static void drop_text(ck_room *room, ck_said *said)
{
    room->chat_bytes -= said->event.text.size;
    ck_free(room->alloc, said->text);
    said->text = NULL;
    said->event.text = (ck_bytes){0};
}

static void drop_oldest(ck_room *room)
{
    drop_text(room, &room->chat[room->chat_first]);
    room->chat_first = (room->chat_first + 1) % room->chat_max;
    room->chat_count--;
    room->chat_gone++;
}

int ck_chat_add(ck_room *room, const ck_event *event)
{
    if (room->chat_max == 0) {
        return CHALK_OK;
    }
    ck_said said = {.event = *event};
    said.event.data = (ck_bytes){0};
    said.event.text = (ck_bytes){0};
    if (event->text.size > 0 && !event->deleted) {
        said.text = ck_new_array(room->alloc, event->text.size, 1);
        if (said.text == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        memcpy(said.text, event->text.data, event->text.size);
        said.event.text = ck_bytes_of(said.text, event->text.size);
    }
    while (room->chat_count == room->chat_max ||
           (room->chat_count > 0 && room->chat_bytes + said.event.text.size > CK_ROOM_CHAT_BYTES)) {
        drop_oldest(room);
    }
    room->chat[(room->chat_first + room->chat_count) % room->chat_max] = said;
    room->chat_count++;
    room->chat_bytes += said.event.text.size;
    return CHALK_OK;
}

void ck_chat_delete(ck_room *room, uint64_t lane, uint64_t number)
{
    ck_said *said = ck_room_find_said(room, lane, number);
    if (said != NULL) {
        drop_text(room, said);
        said->event.deleted = true;
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
