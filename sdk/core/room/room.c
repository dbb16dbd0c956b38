#include "core/room/room.h"

#include "core/room/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

void ck_room_init(ck_room *room, const ck_alloc *alloc, uint32_t chat_max)
{
    *room =
        (ck_room){.alloc = alloc, .chat_max = chat_max, .next_id = 1, .chat_hash = CK_HASH_START};
    ck_board_init(&room->board, alloc);
}

void ck_room_init_view(ck_room *room, const ck_alloc *alloc, uint32_t chat_max)
{
    ck_room_init(room, alloc, chat_max);
    room->is_view = true;
}

void ck_room_reset(ck_room *room)
{
    ck_chat_clear(room);
    ck_polls_clear(room);
    ck_people_free_names(room);
    ck_free(room->alloc, room->notice);
    ck_index_clear(&room->names);
    ck_index_clear(&room->voters);
    uint64_t changes = room->board.changes;
    ck_board_free(&room->board);
    ck_room kept = *room;
    *room = (ck_room){
        .alloc = kept.alloc,
        .next_id = 1,
        .chat_hash = CK_HASH_START,
        .people = kept.people,
        .person_size = kept.person_size,
        .is_view = kept.is_view,
        .accounts = kept.accounts,
        .hands = kept.hands,
        .hand_size = kept.hand_size,
        .names = kept.names,
        .polls = kept.polls,
        .poll_size = kept.poll_size,
        .streams = kept.streams,
        .stream_size = kept.stream_size,
        .votes = kept.votes,
        .vote_size = kept.vote_size,
        .voters = kept.voters,
        .chat = kept.chat,
        .chat_size = kept.chat_size,
        .chat_max = kept.chat_max,
    };
    ck_board_init(&room->board, kept.alloc);
    room->board.changes = changes + 1;
}

void ck_room_free(ck_room *room)
{
    if (room->alloc == NULL) {
        return;
    }
    ck_chat_clear(room);
    ck_polls_clear(room);
    ck_people_free_names(room);
    ck_index_free(&room->names, room->alloc);
    ck_index_free(&room->voters, room->alloc);
    ck_board_free(&room->board);
    ck_free(room->alloc, room->notice);
    ck_free(room->alloc, room->people);
    ck_free(room->alloc, room->accounts);
    ck_free(room->alloc, room->hands);
    ck_free(room->alloc, room->polls);
    ck_free(room->alloc, room->streams);
    ck_free(room->alloc, room->votes);
    ck_free(room->alloc, room->chat);
    *room = (ck_room){0};
}

const char *ck_room_notice(const ck_room *room)
{
    return room->notice != NULL ? room->notice : "";
}

int ck_room_pin(ck_room *room, ck_bytes notice)
{
    size_t size = CK_MIN(notice.size, CK_ROOM_NOTICE_MAX);
    char *text = size > 0 ? ck_new_array(room->alloc, size + 1, 1) : NULL;
    if (size > 0 && text == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (size > 0) {
        memcpy(text, notice.data, size);
    }
    ck_free(room->alloc, room->notice);
    room->notice = text;
    return CHALK_OK;
}
