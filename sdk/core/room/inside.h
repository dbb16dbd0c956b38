/* Private to the files of room. */
#ifndef CK_CORE_ROOM_INSIDE_H
#define CK_CORE_ROOM_INSIDE_H

#include "core/room/room.h"

#define CK_HASH_START UINT64_C(0xcbf29ce484222325) /* FNV-1a, 64 bits */

uint64_t ck_hash_u64(uint64_t hash, uint64_t value);
uint64_t ck_hash_bytes(uint64_t hash, ck_bytes bytes);

/* 1 to 64 bytes, none of them 0. */
bool ck_people_is_name(ck_bytes name);
bool ck_people_is_id(uint64_t id); /* 1 to 2^32 - 1 */
/* Memory for so many people, and for their names with an end each. CHALK_OK, CHALK_ERR_NO_MEMORY.
 */
int ck_people_reserve(ck_room *room, uint32_t people, size_t name_bytes);
/* Adds or finds the place of what is an id; NULL: no memory, or too many. */
ck_person *ck_people_place(ck_room *room, uint64_t id);
/* Gives a new participant its name, which has been checked. CHALK_OK, CHALK_ERR_NO_MEMORY. */
int ck_people_name(ck_room *room, ck_person *person, ck_bytes name);
/* What is done already stays as it is. CHALK_OK, CHALK_ERR_NO_MEMORY. */
int ck_people_raise_hand(ck_room *room, ck_person *person, uint64_t number, uint64_t since_us);
void ck_people_lower_hand(ck_room *room, ck_person *person);
void ck_people_free_names(ck_room *room);
void ck_people_wrote(ck_room *room, const ck_event *message); /* slow mode counts from then */

/* CHALK_OK, CHALK_ERR_NO_MEMORY: the old one stays. */
int ck_room_pin(ck_room *room, ck_bytes notice);

int ck_chat_add(ck_room *room, const ck_event *event);
void ck_chat_delete(ck_room *room, uint64_t lane, uint64_t number);
void ck_chat_repeat(ck_room *room, const ck_event *event);
void ck_chat_clear(ck_room *room);

/* CHALK_OK, CHALK_ERR_TOO_LARGE, CHALK_ERR_NO_MEMORY. */
int ck_stream_add(ck_room *room, const ck_live_stream *stream);

int ck_poll_open(ck_room *room, const ck_wire_poll *poll);
void ck_poll_close(ck_room *room, uint64_t id);
void ck_poll_set_counts(ck_poll *poll, ck_bytes packed);
void ck_poll_put_counts(const uint64_t counts[CK_ROOM_OPTIONS], uint32_t options, ck_buf *out);
int ck_vote_set(ck_room *room, const ck_vote *vote);
void ck_polls_clear(ck_room *room);
/* How many well-formed options there are; 0: none, too many, or nonsense. */
uint32_t ck_poll_count_options(ck_bytes options);

#endif
