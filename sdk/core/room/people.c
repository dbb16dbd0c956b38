#include "core/room/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

#define NAMES_FIRST 240u /* bytes of a block of names; the next is a quarter of it larger */
#define NAMES_MOST  16368u

/* The index of the first participant whose id is not below. */
static uint32_t place_of(const ck_room *room, uint64_t id)
{
    uint32_t low = 0, high = room->person_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (room->people[middle].id < id) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

ck_person *ck_room_find(const ck_room *room, uint64_t id)
{
    uint32_t at = place_of(room, id);
    return at < room->person_count && room->people[at].id == id ? &room->people[at] : NULL;
}

ck_account *ck_room_account(const ck_room *room, const ck_person *person)
{
    return room->accounts != NULL ? &room->accounts[person - room->people] : NULL;
}

static uint64_t hash_of_name(const ck_person *person)
{
    return ck_hash_bytes(CK_HASH_START, ck_bytes_of(person->name, strlen(person->name)));
}

ck_person *ck_room_find_name(const ck_room *room, ck_bytes name)
{
    uint64_t hash = ck_hash_bytes(CK_HASH_START, name);
    uint32_t position;
    for (uint32_t at = 0; ck_index_next(&room->names, hash, &at, &position);) {
        ck_person *person = &room->people[position];
        if (strlen(person->name) == name.size && memcmp(person->name, name.data, name.size) == 0) {
            return person;
        }
    }
    return NULL;
}

/* --- names --------------------------------------------------------------------------------- */

static ck_name_block *add_block(ck_room *room, size_t size)
{
    ck_name_block *block = ck_new(room->alloc, sizeof *block + size);
    if (block != NULL) {
        block->next = room->name_texts;
        block->size = (uint32_t)size;
        room->name_texts = block;
    }
    return block;
}

static const char *keep_name(ck_room *room, ck_bytes name)
{
    ck_name_block *block = room->name_texts;
    if (block == NULL || block->size - block->used < name.size + 1) {
        size_t more = block != NULL ? block->size / 4 : 0;
        block = add_block(room, CK_MIN(NAMES_FIRST + more, NAMES_MOST));
    }
    if (block == NULL) {
        return NULL;
    }
    char *kept = block->text + block->used;
    memcpy(kept, name.data, name.size);
    kept[name.size] = '\0';
    block->used += (uint32_t)name.size + 1;
    return kept;
}

void ck_people_free_names(ck_room *room)
{
    while (room->name_texts != NULL) {
        ck_name_block *next = room->name_texts->next;
        ck_free(room->alloc, room->name_texts);
        room->name_texts = next;
    }
}

int ck_people_name(ck_room *room, ck_person *person, ck_bytes name)
{
    person->name = keep_name(room, name);
    if (person->name == NULL) {
        person->name = "";
        return CHALK_ERR_NO_MEMORY;
    }
    if (room->is_view) {
        return CHALK_OK; /* nobody is looked for by name there */
    }
    uint32_t position = (uint32_t)(person - room->people);
    bool in_order = position == room->names.count;
    if (in_order && ck_index_has_room(&room->names)) {
        ck_index_add(&room->names, hash_of_name(person), position);
        return CHALK_OK;
    }
    ck_index_clear(&room->names);
    if (2 * (room->person_count + 1) >= room->names.size &&
        ck_index_grow(&room->names, room->alloc) < 0) {
        return CHALK_ERR_NO_MEMORY;
    }
    for (uint32_t i = 0; i < room->person_count; i++) {
        ck_index_add(&room->names, hash_of_name(&room->people[i]), i);
    }
    return CHALK_OK;
}

bool ck_people_is_name(ck_bytes name)
{
    return name.size > 0 && name.size <= CK_NAME_BYTES &&
           memchr(name.data, '\0', name.size) == NULL;
}

bool ck_people_is_id(uint64_t id)
{
    return id > 0 && id <= UINT32_MAX;
}

/* --- places -------------------------------------------------------------------------------- */

static bool make_places(ck_room *room, uint32_t size)
{
    if (size <= room->person_size) {
        return true;
    }
    ck_person *people = ck_resize_array(room->alloc, room->people, size, sizeof *people);
    if (people == NULL) {
        return false;
    }
    room->people = people;
    if (!room->is_view) {
        ck_account *accounts = ck_resize_array(room->alloc, room->accounts, size, sizeof *accounts);
        if (accounts == NULL) {
            return false;
        }
        room->accounts = accounts;
    }
    room->person_size = size;
    return true;
}

int ck_people_reserve(ck_room *room, uint32_t people, size_t name_bytes)
{
    bool named = name_bytes == 0 || add_block(room, name_bytes) != NULL;
    return named && make_places(room, people) ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

ck_person *ck_people_place(ck_room *room, uint64_t id)
{
    ck_person *found = ck_room_find(room, id);
    if (found != NULL || room->person_count == CK_ROOM_PEOPLE_MAX) {
        return found;
    }
    bool full = room->person_count == room->person_size;
    if (full && !make_places(room, room->person_size + room->person_size / 4 + 4)) {
        return NULL;
    }
    uint32_t at = place_of(room, id);
    size_t behind = room->person_count - at;
    ck_person *place = &room->people[at];
    memmove(place + 1, place, behind * sizeof *place);
    *place = (ck_person){.id = (uint32_t)id, .name = ""};
    if (room->accounts != NULL) {
        memmove(&room->accounts[at + 1], &room->accounts[at], behind * sizeof *room->accounts);
        room->accounts[at] = (ck_account){0};
    }
    room->person_count++;
    room->next_id = CK_MAX(room->next_id, id + 1);
    return place;
}

/* --- hands --------------------------------------------------------------------------------- */

static uint32_t place_of_hand(const ck_room *room, uint64_t who)
{
    uint32_t low = 0, high = room->hand_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (room->hands[middle].who < who) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const ck_hand *ck_room_hand(const ck_room *room, uint64_t who)
{
    uint32_t at = place_of_hand(room, who);
    return at < room->hand_count && room->hands[at].who == who ? &room->hands[at] : NULL;
}

int ck_people_raise_hand(ck_room *room, ck_person *person, uint64_t number, uint64_t since_us)
{
    if (person->hand) {
        return CHALK_OK;
    }
    if (room->hand_count == room->hand_size) {
        uint32_t size = 2 * room->hand_size + 2;
        ck_hand *grown = ck_resize_array(room->alloc, room->hands, size, sizeof *grown);
        if (grown == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        room->hands = grown;
        room->hand_size = size;
    }
    uint32_t at = place_of_hand(room, person->id);
    ck_hand *place = &room->hands[at];
    memmove(place + 1, place, (room->hand_count - at) * sizeof *place);
    *place = (ck_hand){person->id, number, since_us};
    room->hand_count++;
    person->hand = true;
    return CHALK_OK;
}

void ck_people_lower_hand(ck_room *room, ck_person *person)
{
    if (person->hand) {
        ck_hand *place = &room->hands[place_of_hand(room, person->id)];
        room->hand_count--;
        memmove(place, place + 1, (size_t)(&room->hands[room->hand_count] - place) * sizeof *place);
        person->hand = false;
    }
}

/* --- rights -------------------------------------------------------------------------------- */

uint8_t ck_role_rights(uint64_t role)
{
    if (ck_role_is_staff(role)) {
        return CK_RIGHT_CHAT | CK_RIGHT_SPEAK | CK_RIGHT_SHARE | CK_RIGHT_DRAW | CK_RIGHT_MODERATE;
    }
    return role == CK_ROLE_STUDENT ? CK_RIGHT_CHAT : 0;
}

uint8_t ck_room_rights(const ck_room *room, const ck_person *person)
{
    uint8_t rights = person->rights;
    if (person->flags & CK_PERSON_BANNED) {
        return 0;
    }
    if ((person->flags & CK_PERSON_MUTED) || (room->muted && !ck_role_is_staff(person->role))) {
        rights &= (uint8_t)~CK_RIGHT_CHAT;
    }
    return rights;
}

void ck_people_wrote(ck_room *room, const ck_event *message)
{
    const ck_person *author = ck_room_find(room, message->author);
    ck_account *account = author != NULL ? ck_room_account(room, author) : NULL;
    if (account != NULL) {
        account->chat_us = message->order_us;
    }
}
