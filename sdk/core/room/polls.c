#include "core/room/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

ck_poll *ck_room_find_poll(const ck_room *room, uint64_t id)
{
    for (uint32_t i = 0; i < room->poll_size && id != 0; i++) {
        if (room->polls[i].id == id) {
            return (ck_poll *)&room->polls[i];
        }
    }
    return NULL;
}

uint32_t ck_poll_count_options(ck_bytes options)
{
    ck_reader r = ck_reader_of(options.data, options.size);
    uint32_t count = 0;
    while (ck_reader_left(&r) > 0 && !r.failed) {
        uint64_t size = ck_wire_get_varint(&r);
        r.failed = r.failed || size == 0 || size > ck_reader_left(&r);
        ck_read_skip(&r, r.failed ? 0 : (size_t)size);
        count++;
    }
    return r.failed || count > CK_ROOM_OPTIONS ? 0 : count;
}

static void drop_poll(ck_room *room, ck_poll *poll)
{
    ck_free(room->alloc, poll->question);
    ck_free(room->alloc, poll->options);
    *poll = (ck_poll){0};
}

/* Most rooms never have a poll, and a crowd is many rooms. */
static int make_places(ck_room *room)
{
    if (room->polls == NULL) {
        room->polls = ck_new_array(room->alloc, CK_ROOM_POLLS, sizeof *room->polls);
        room->poll_size = room->polls != NULL ? CK_ROOM_POLLS : 0;
    }
    return room->polls != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}

/* An empty place, else that of the closed poll that is oldest. */
static ck_poll *place_for_poll(ck_room *room)
{
    ck_poll *best = NULL;
    for (uint32_t i = 0; i < room->poll_size; i++) {
        ck_poll *poll = &room->polls[i];
        if (poll->id == 0) {
            return poll;
        }
        if (poll->closed && (best == NULL || poll->id < best->id)) {
            best = poll;
        }
    }
    return best;
}

int ck_poll_open(ck_room *room, const ck_wire_poll *wire)
{
    uint32_t options = ck_poll_count_options(wire->options);
    if (options > 0 && make_places(room) < 0) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_poll *poll = options > 0 ? place_for_poll(room) : NULL;
    if (poll == NULL) {
        return CHALK_OK;
    }
    drop_poll(room, poll);
    ck_poll made = {
        .id = wire->id,
        .question = ck_new_array(room->alloc, CK_MAX(wire->question.size, 1), 1),
        .options = ck_new_array(room->alloc, wire->options.size, 1),
        .question_size = wire->question.size,
        .options_size = wire->options.size,
        .option_count = options,
        .closed = wire->closed != 0,
        .several = wire->several != 0,
    };
    if (made.question == NULL || made.options == NULL) {
        drop_poll(room, &made);
        return CHALK_ERR_NO_MEMORY;
    }
    if (wire->question.size > 0) {
        memcpy(made.question, wire->question.data, wire->question.size);
    }
    memcpy(made.options, wire->options.data, wire->options.size);
    ck_poll_set_counts(&made, wire->counts);
    *poll = made;
    return CHALK_OK;
}

void ck_poll_set_counts(ck_poll *poll, ck_bytes packed)
{
    ck_reader r = ck_reader_of(packed.data, packed.size);
    for (uint32_t i = 0; i < poll->option_count; i++) {
        poll->counts[i] = ck_reader_left(&r) > 0 ? ck_wire_get_varint(&r) : 0;
    }
}

void ck_poll_put_counts(const uint64_t counts[CK_ROOM_OPTIONS], uint32_t options, ck_buf *out)
{
    for (uint32_t i = 0; i < options; i++) {
        ck_wire_put_varint(out, counts[i]);
    }
}

static uint64_t hash_of_vote(uint64_t poll, uint64_t who)
{
    return ck_hash_u64(ck_hash_u64(CK_HASH_START, poll), who);
}

const ck_vote *ck_room_find_vote(const ck_room *room, uint64_t poll, uint64_t who)
{
    uint64_t hash = hash_of_vote(poll, who);
    uint32_t position;
    for (uint32_t at = 0; ck_index_next(&room->voters, hash, &at, &position);) {
        const ck_vote *vote = &room->votes[position];
        if (vote->poll == poll && vote->who == who) {
            return vote;
        }
    }
    return NULL;
}

static void index_votes(ck_room *room)
{
    ck_index_clear(&room->voters);
    for (uint32_t i = 0; i < room->vote_count; i++) {
        ck_index_add(&room->voters, hash_of_vote(room->votes[i].poll, room->votes[i].who), i);
    }
}

int ck_vote_set(ck_room *room, const ck_vote *vote)
{
    ck_vote *mine = (ck_vote *)ck_room_find_vote(room, vote->poll, vote->who);
    if (mine != NULL) {
        mine->choices = vote->choices;
        return CHALK_OK;
    }
    if (room->vote_count == CK_ROOM_VOTES_MAX) {
        return CHALK_OK;
    }
    if (room->vote_count == room->vote_size) {
        uint32_t size = room->vote_size == 0 ? 8 : 2 * room->vote_size;
        ck_vote *grown = ck_resize_array(room->alloc, room->votes, size, sizeof *grown);
        if (grown == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        room->votes = grown;
        room->vote_size = size;
    }
    if (!ck_index_has_room(&room->voters)) {
        if (ck_index_grow(&room->voters, room->alloc) < 0) {
            return CHALK_ERR_NO_MEMORY;
        }
        index_votes(room);
    }
    ck_index_add(&room->voters, hash_of_vote(vote->poll, vote->who), room->vote_count);
    room->votes[room->vote_count++] = *vote;
    return CHALK_OK;
}

void ck_room_count_votes(const ck_room *room, uint64_t poll, uint64_t counts[CK_ROOM_OPTIONS])
{
    memset(counts, 0, CK_ROOM_OPTIONS * sizeof *counts);
    for (uint32_t i = 0; i < room->vote_count; i++) {
        for (uint32_t option = 0; option < CK_ROOM_OPTIONS; option++) {
            bool chosen = room->votes[i].poll == poll && (room->votes[i].choices >> option & 1);
            counts[option] += chosen;
        }
    }
}

void ck_poll_close(ck_room *room, uint64_t id)
{
    ck_poll *poll = ck_room_find_poll(room, id);
    if (poll == NULL) {
        return;
    }
    poll->closed = true;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < room->vote_count; i++) {
        if (room->votes[i].poll != id) {
            room->votes[kept++] = room->votes[i];
        }
    }
    room->vote_count = kept;
    index_votes(room);
}

void ck_polls_clear(ck_room *room)
{
    for (uint32_t i = 0; i < room->poll_size; i++) {
        drop_poll(room, &room->polls[i]);
    }
}
