/* The people of a room, and its polls. */
#include "client/room.h"

#include "base/check.h"
#include "base/text.h"

#define ASKED UINT64_MAX /* a hand that is up as soon as the edge says so */

/* At the head with what is pending. */
bool ck_client_room_person(const ck_client_room *room, uint32_t view, uint64_t id, ck_person *out)
{
    if (view == CHALK_VIEW_HEAD) {
        return ck_replica_look(room->replica, id, out);
    }
    const ck_person *person = ck_room_find(ck_client_room_state(room, view), id);
    if (person != NULL) {
        *out = *person;
    }
    return person != NULL;
}

/* The number of the event that raised the hand; 0: it is down. */
static uint64_t hand_of(const ck_room *state, const ck_person *person)
{
    const ck_hand *hand = ck_room_hand(state, person->id);
    return !person->hand ? 0 : hand != NULL ? hand->number : ASKED;
}

static uint32_t flags_of(const ck_client_room *room, const ck_person *person)
{
    uint32_t flags = ck_replica_is_here(room->replica, person->id) ? CHALK_PERSON_HERE : 0;
    flags |= person->flags & CK_PERSON_MUTED ? CHALK_PERSON_MUTED : 0;
    flags |= person->flags & CK_PERSON_BANNED ? CHALK_PERSON_BANNED : 0;
    flags |= person->flags & CK_PERSON_INVITED ? CHALK_PERSON_INVITED : 0;
    return flags | (person->id == ck_replica_me(room->replica) ? CHALK_PERSON_SELF : 0);
}

static void fill_person(const ck_client_room *room, const ck_room *state, const ck_person *from,
                        chalk_room_person *out)
{
    const ck_hand *hand = ck_room_hand(state, from->id);
    *out = (chalk_room_person){
        .struct_size = out->struct_size,
        .role = from->role,
        .rights = ck_room_rights(state, from),
        .flags = flags_of(room, from),
        .id = from->id,
        .hand = hand_of(state, from),
        .hand_us = hand != NULL ? hand->since_us : 0,
    };
    (void)ck_text_copy(out->name, sizeof out->name, from->name); /* it fits */
}

/* How a participant is found by a number: its own, or the one it comes after. */
typedef bool person_finder(const ck_client_room *room, uint32_t view, uint64_t number,
                           ck_person *out);

static int give_person(chalk_session *s, uint32_t view, uint64_t number, person_finder *find,
                       int none, chalk_room_person *person)
{
    ck_client_room *room;
    const ck_room *state;
    ck_person found;
    if (person == NULL || !CK_KNOWN_SIZE(person)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_look(s, view, &room, &state);
    if (status < 0) {
        return status;
    }
    if (find(room, view, number, &found)) {
        fill_person(room, state, &found, person);
    } else {
        status = none;
    }
    ck_client_room_give(s, room, false);
    return status;
}

int chalk_class_get_person(chalk_session *s, uint32_t view, chalk_person_id id,
                           chalk_room_person *person)
{
    return give_person(s, view, id, ck_client_room_person, CHALK_ERR_NOT_FOUND, person);
}

/* People stand in the order of their ids. */
static bool next_person(const ck_client_room *room, uint32_t view, uint64_t after, ck_person *out)
{
    const ck_room *state = ck_client_room_state(room, view);
    uint32_t low = 0, high = state->person_count;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (state->people[middle].id <= after) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < state->person_count &&
           ck_client_room_person(room, view, state->people[low].id, out);
}

static bool next_hand(const ck_client_room *room, uint32_t view, uint64_t after, ck_person *out)
{
    const ck_room *state = ck_client_room_state(room, view);
    uint64_t least = UINT64_MAX;
    bool found = false;
    for (uint32_t i = 0; i < state->person_count; i++) {
        ck_person person;
        bool known = ck_client_room_person(room, view, state->people[i].id, &person);
        uint64_t number = known ? hand_of(state, &person) : 0;
        if (number > after && (!found || number < least)) {
            *out = person;
            least = number;
            found = true;
        }
    }
    return found;
}

int chalk_class_next_person(chalk_session *s, uint32_t view, chalk_person_id after,
                            chalk_room_person *person)
{
    return give_person(s, view, after, next_person, CHALK_ERR_END, person);
}

int chalk_class_next_hand(chalk_session *s, uint32_t view, uint64_t after,
                          chalk_room_person *person)
{
    return give_person(s, view, after, next_hand, CHALK_ERR_END, person);
}

/* --- polls ----------------------------------------------------------------------------------- */

_Static_assert(CHALK_CLASS_OPTIONS_MAX == CK_ROOM_OPTIONS, "a poll has as many options");

static const ck_poll *poll_after(const ck_room *state, uint64_t after)
{
    const ck_poll *found = NULL;
    for (uint32_t i = 0; i < state->poll_size; i++) {
        const ck_poll *poll = &state->polls[i];
        if (poll->id > after && (found == NULL || poll->id < found->id)) {
            found = poll;
        }
    }
    return found;
}

/* Question and options, one behind the other, each with a zero behind it. */
static int put_poll_texts(ck_buf *out, const ck_poll *poll, size_t at[CK_ROOM_OPTIONS])
{
    ck_reader r = ck_reader_of(poll->options, poll->options_size);
    ck_buf_clear(out);
    ck_buf_put(out, poll->question, poll->question_size);
    ck_buf_put_u8(out, 0);
    for (uint32_t i = 0; i < poll->option_count; i++) {
        size_t size = (size_t)ck_wire_get_varint(&r);
        at[i] = out->size;
        ck_buf_put(out, ck_read_bytes(&r, size), size); /* they were checked when it was opened */
        ck_buf_put_u8(out, 0);
    }
    return ck_buf_status(out);
}

static int fill_poll(ck_client_room *room, const ck_room *state, const ck_poll *from,
                     chalk_room_poll *poll)
{
    size_t at[CK_ROOM_OPTIONS];
    int status = put_poll_texts(&room->poll_text, from, at);
    if (status < 0) {
        return status;
    }
    const ck_vote *vote = ck_room_find_vote(state, from->id, ck_replica_me(room->replica));
    const char *texts = (const char *)room->poll_text.data;
    *poll = (chalk_room_poll){
        .struct_size = poll->struct_size,
        .closed = from->closed,
        .several = from->several,
        .option_count = from->option_count,
        .id = from->id,
        .own_vote = vote != NULL ? vote->choices : 0,
        .question = texts,
    };
    for (uint32_t i = 0; i < from->option_count; i++) {
        poll->counts[i] = from->counts[i];
        poll->options[i] = texts + at[i];
    }
    return CHALK_OK;
}

int chalk_class_next_poll(chalk_session *s, uint32_t view, uint64_t after, chalk_room_poll *poll)
{
    ck_client_room *room;
    const ck_room *state;
    if (poll == NULL || !CK_KNOWN_SIZE(poll)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_look(s, view, &room, &state);
    if (status < 0) {
        return status;
    }
    const ck_poll *found = poll_after(state, after);
    status = found != NULL ? fill_poll(room, state, found, poll) : CHALK_ERR_END;
    ck_client_room_give(s, room, false);
    return status;
}
