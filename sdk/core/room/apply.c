#include "core/room/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

static void set_flag(ck_person *person, uint8_t flag, bool on)
{
    person->flags = (uint8_t)(on ? person->flags | flag : person->flags & ~flag);
}

static void set_token_role(const ck_room *room, const ck_person *person, uint64_t role)
{
    ck_account *account = ck_room_account(room, person);
    if (account != NULL) {
        account->token_role = (uint8_t)role;
    }
}

static int enroll(ck_room *room, const ck_event *event)
{
    if (!ck_people_is_name(event->text) || !ck_people_is_id(event->target)) {
        return CHALK_OK;
    }
    bool known = ck_room_find(room, event->target) != NULL;
    ck_person *person = ck_people_place(room, event->target);
    if (person == NULL) {
        return room->person_count == CK_ROOM_PEOPLE_MAX ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    }
    if (!known) {
        person->role = (uint8_t)event->value;
        set_token_role(room, person, event->value);
        person->rights = ck_role_rights(event->value);
        int status = ck_people_name(room, person, event->text);
        if (status < 0) {
            return status;
        }
    }
    set_flag(person, CK_PERSON_PUBLIC,
             (person->flags & CK_PERSON_PUBLIC) || event->audience == CK_TO_ALL);
    return CHALK_OK;
}

static int chat(ck_room *room, const ck_event *event)
{
    if (event->audience == CK_TO_ALL && event->lane == CK_LANE_ORDERED) {
        room->chat_hash = ck_hash_u64(room->chat_hash, event->number);
        room->chat_hash = ck_hash_u64(room->chat_hash, event->author);
        room->chat_hash = ck_hash_bytes(room->chat_hash, event->text);
    }
    ck_people_wrote(room, event);
    return ck_chat_add(room, event);
}

static void delete_said(ck_room *room, const ck_event *event)
{
    if (event->audience == CK_TO_ALL) {
        room->chat_hash = ck_hash_u64(room->chat_hash, ~event->about);
    }
    ck_chat_delete(room, event->value, event->about);
}

static int hand(ck_room *room, ck_person *person, const ck_event *event)
{
    if (event->value != 0) {
        return ck_people_raise_hand(room, person, event->number, event->order_us);
    }
    ck_people_lower_hand(room, person);
    return CHALK_OK;
}

static void answer(ck_room *room, ck_person *person, const ck_event *event)
{
    if (!(person->flags & CK_PERSON_INVITED)) {
        return;
    }
    set_flag(person, CK_PERSON_INVITED, false);
    if (event->value != 0) {
        person->rights |= CK_RIGHT_SPEAK;
        ck_people_lower_hand(room, person);
    }
}

/* What is done to a participant: the target, or without one the author. */
static int apply_to_person(ck_room *room, const ck_event *event)
{
    ck_person *person = ck_room_find(room, event->target != 0 ? event->target : event->author);
    if (person == NULL) {
        return CHALK_OK;
    }
    switch (event->kind) {
    case CK_EVENT_ROLE:
        person->role = (uint8_t)event->value;
        if (event->author == 0) {
            set_token_role(room, person, event->value);
        }
        person->rights = ck_role_rights(event->value);
        break;
    case CK_EVENT_RIGHTS:
        person->rights = (uint8_t)event->value;
        break;
    case CK_EVENT_MUTE:
        set_flag(person, CK_PERSON_MUTED, event->value != 0);
        break;
    case CK_EVENT_BAN:
        set_flag(person, CK_PERSON_BANNED, event->value != 0);
        ck_people_lower_hand(room, person);
        break;
    case CK_EVENT_HAND:
        return hand(room, person, event);
    case CK_EVENT_INVITE:
        set_flag(person, CK_PERSON_INVITED, event->value != 0);
        break;
    case CK_EVENT_ANSWER:
        answer(room, person, event);
        break;
    default:
        break;
    }
    return CHALK_OK;
}

int ck_stream_add(ck_room *room, const ck_live_stream *stream)
{
    if (room->stream_count == CK_ROOM_STREAMS) {
        return CHALK_ERR_TOO_LARGE;
    }
    if (room->stream_count == room->stream_size) {
        uint32_t size = room->stream_size == 0 ? 2 : 2 * room->stream_size;
        ck_live_stream *grown = ck_resize_array(room->alloc, room->streams, size, sizeof *grown);
        if (grown == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        room->streams = grown;
        room->stream_size = size;
    }
    room->streams[room->stream_count++] = *stream;
    return CHALK_OK;
}

static int stream(ck_room *room, const ck_event *event)
{
    const uint64_t media = event->value >> 1;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < room->stream_count; i++) {
        if (room->streams[i].who != event->target || room->streams[i].media != media) {
            room->streams[kept++] = room->streams[i];
        }
    }
    room->stream_count = kept;
    return (event->value & 1) != 0 && kept < CK_ROOM_STREAMS
               ? ck_stream_add(room, &(ck_live_stream){event->target, media, event->order_us})
               : CHALK_OK;
}

static void begin_class(ck_room *room, const ck_event *event)
{
    room->class_state = (uint8_t)event->value;
    if (event->value == CK_CLASS_LIVE && room->begun_us == 0) {
        room->begun_us = event->order_us;
    }
}

static int open_poll(ck_room *room, const ck_event *event)
{
    const ck_wire_poll poll = {
        .id = event->number,
        .question = event->text,
        .options = event->data,
        .several = event->value,
    };
    return ck_poll_open(room, &poll);
}

static int vote(ck_room *room, const ck_event *event)
{
    const ck_poll *poll = ck_room_find_poll(room, event->about);
    if (poll == NULL || poll->closed) {
        return CHALK_OK;
    }
    return ck_vote_set(room, &(ck_vote){event->about, event->author, event->value});
}

static void counts(ck_room *room, const ck_event *event)
{
    ck_poll *poll = ck_room_find_poll(room, event->about);
    if (poll != NULL) {
        ck_poll_set_counts(poll, event->data);
    }
}

static int board(ck_room *room, const ck_event *event)
{
    const ck_board_event on_board = {event->number, event->author, event->counter, event->data};
    return ck_board_apply(&room->board, &on_board);
}

static int apply_kind(ck_room *room, const ck_event *event)
{
    switch (event->kind) {
    case CK_EVENT_ENROLL:
        return enroll(room, event);
    case CK_EVENT_CHAT:
        return chat(room, event);
    case CK_EVENT_DELETE:
        delete_said(room, event);
        break;
    case CK_EVENT_MUTE:
        if (event->target != 0) {
            return apply_to_person(room, event);
        }
        room->muted = event->value != 0;
        break;
    case CK_EVENT_SLOW:
        room->slow_s = event->value;
        break;
    case CK_EVENT_POLL:
        return open_poll(room, event);
    case CK_EVENT_VOTE:
        return vote(room, event);
    case CK_EVENT_COUNTS:
        counts(room, event);
        break;
    case CK_EVENT_POLL_END:
        ck_poll_close(room, event->about);
        break;
    case CK_EVENT_NOTICE:
        return ck_room_pin(room, event->text);
    case CK_EVENT_CLASS:
        begin_class(room, event);
        break;
    case CK_EVENT_STREAM:
        return stream(room, event);
    case CK_EVENT_REPEAT:
        ck_chat_repeat(room, event);
        break;
    case CK_EVENT_BOARD:
        return board(room, event);
    default:
        return apply_to_person(room, event);
    }
    return CHALK_OK;
}

/* Which intents of its author are settled. A newer login starts to count anew. */
static void settle(ck_room *room, const ck_event *event)
{
    const ck_person *author = ck_room_find(room, event->author);
    ck_account *account = author != NULL ? ck_room_account(room, author) : NULL;
    if (account == NULL || event->epoch < account->epoch) {
        return;
    }
    account->done =
        event->epoch > account->epoch ? event->counter : CK_MAX(account->done, event->counter);
    account->epoch = event->epoch;
}

int ck_room_apply(ck_room *room, const ck_event *event)
{
    int status = apply_kind(room, event);
    settle(room, event);
    uint64_t *number = event->lane == CK_LANE_CROWD ? &room->crowd : &room->number;
    *number = CK_MAX(*number, event->number);
    room->order_us = CK_MAX(room->order_us, event->order_us);
    return status;
}
