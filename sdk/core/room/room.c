#include "core/room/room.h"

#include "chalkrail/errors.h"
#include "core/room/inside.h"

#include <string.h>

int ck_room_init(ck_room *room, const ck_alloc *alloc, uint32_t chat_max)
{
    *room = (ck_room){.alloc = alloc, .chat_max = chat_max, .next_id = 1};
    room->chat_hash = CK_HASH_START;
    if (chat_max > 0) {
        room->chat = ck_new_array(alloc, chat_max, sizeof *room->chat);
        if (room->chat == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
    }
    return CHALK_OK;
}

void ck_room_reset(ck_room *room)
{
    ck_chat_clear(room);
    ck_polls_clear(room);
    ck_room kept = *room;
    *room = (ck_room){
        .alloc = kept.alloc,
        .next_id = 1,
        .chat_hash = CK_HASH_START,
        .people = kept.people,
        .person_size = kept.person_size,
        .votes = kept.votes,
        .vote_size = kept.vote_size,
        .chat = kept.chat,
        .chat_max = kept.chat_max,
    };
}

void ck_room_free(ck_room *room)
{
    if (room->alloc == NULL) {
        return;
    }
    ck_chat_clear(room);
    ck_polls_clear(room);
    ck_free(room->alloc, room->people);
    ck_free(room->alloc, room->votes);
    ck_free(room->alloc, room->chat);
    *room = (ck_room){0};
}
