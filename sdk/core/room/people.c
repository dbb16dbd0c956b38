#include "core/room/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

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

int ck_people_name(ck_room *room, ck_person *person, ck_bytes name)
{
    memcpy(person->name, name.data, name.size);
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

ck_person *ck_people_place(ck_room *room, uint64_t id)
{
    ck_person *found = ck_room_find(room, id);
    if (found != NULL || room->person_count == CK_ROOM_PEOPLE_MAX || id == 0) {
        return found;
    }
    if (room->person_count == room->person_size) {
        uint32_t size = room->person_size + room->person_size / 2 + 4;
        ck_person *grown = ck_resize_array(room->alloc, room->people, size, sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        room->people = grown;
        room->person_size = size;
    }
    uint32_t at = place_of(room, id);
    ck_person *place = &room->people[at];
    memmove(place + 1, place, (room->person_count - at) * sizeof *place);
    *place = (ck_person){.id = id};
    room->person_count++;
    room->next_id = CK_MAX(room->next_id, id + 1);
    return place;
}

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
