#include "core/room/inside.h"

#include <string.h>

/* FNV-1a (Fowler, Noll, Vo) over the eight bytes of a number, then a shift that stirs high bits. */
uint64_t ck_hash_u64(uint64_t hash, uint64_t value)
{
    for (int i = 0; i < 8; i++) {
        hash = (hash ^ (value >> (8 * i) & 0xff)) * UINT64_C(0x100000001b3);
    }
    return hash;
}

uint64_t ck_hash_bytes(uint64_t hash, ck_bytes bytes)
{
    hash = ck_hash_u64(hash, bytes.size);
    for (size_t i = 0; i < bytes.size; i++) {
        hash = (hash ^ bytes.data[i]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

static uint64_t hash_text(uint64_t hash, const char *text)
{
    return ck_hash_bytes(hash, ck_bytes_of(text, strlen(text)));
}

static uint64_t hash_people(const ck_room *room, uint64_t hash)
{
    for (uint32_t i = 0; i < room->person_count; i++) {
        const ck_person *p = &room->people[i];
        if (p->flags & CK_PERSON_PUBLIC) {
            hash = ck_hash_u64(hash, p->id);
            hash = hash_text(hash, p->name);
            hash = ck_hash_u64(hash, (uint64_t)p->role << 16 | (uint64_t)p->rights << 8 | p->flags);
            hash = ck_hash_u64(hash, p->hand ? ck_room_hand(room, p->id)->number : 0);
        }
    }
    return hash;
}

static uint64_t hash_polls(const ck_room *room, uint64_t hash)
{
    static const ck_poll none; /* a place counts, whether there is memory for it or not */
    for (uint32_t i = 0; i < CK_ROOM_POLLS; i++) {
        const ck_poll *poll = i < room->poll_size ? &room->polls[i] : &none;
        hash = ck_hash_u64(hash, poll->id);
        hash = ck_hash_bytes(hash, ck_bytes_of(poll->question, poll->question_size));
        hash = ck_hash_bytes(hash, ck_bytes_of(poll->options, poll->options_size));
        for (uint32_t option = 0; option < poll->option_count; option++) {
            hash = ck_hash_u64(hash, poll->counts[option]);
        }
        hash = ck_hash_u64(hash, poll->closed);
    }
    return hash;
}

uint64_t ck_room_hash(const ck_room *room)
{
    uint64_t hash = ck_hash_u64(CK_HASH_START, room->number);
    hash = ck_hash_u64(hash, room->class_state);
    hash = ck_hash_u64(hash, room->begun_us);
    hash = ck_hash_u64(hash, room->muted);
    hash = ck_hash_u64(hash, room->slow_s);
    hash = hash_text(hash, ck_room_notice(room));
    hash = hash_people(room, hash);
    hash = hash_polls(room, hash);
    for (uint32_t i = 0; i < room->stream_count; i++) {
        hash = ck_hash_u64(hash, room->streams[i].who);
        hash = ck_hash_u64(hash, room->streams[i].media);
    }
    hash = ck_hash_u64(hash, ck_board_hash(&room->board));
    return ck_hash_u64(hash, room->chat_hash);
}
