/* A room as one message, for who joins and for the store. */
#include "core/room/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

static void store_u64(uint8_t out[8], uint64_t value)
{
    ck_store_be32(out, (uint32_t)(value >> 32));
    ck_store_be32(out + 4, (uint32_t)value);
}

static void write_person(const ck_room *room, const ck_person *p, const ck_account *account,
                         ck_buf *out)
{
    const ck_hand *hand = ck_room_hand(room, p->id);
    const ck_wire_person wire = {
        .id = p->id,
        .name = ck_bytes_of(p->name, strlen(p->name)),
        .role = p->role,
        .rights = p->rights,
        .flags = p->flags,
        .hand = hand != NULL ? hand->number : 0,
        .hand_us = hand != NULL ? hand->since_us : 0,
        .epoch = account != NULL ? account->epoch : 0,
        .done = account != NULL ? account->done : 0,
        .token_role = account != NULL ? account->token_role : 0,
    };
    ck_wire_add(out, CK_LIST_SNAPSHOT_PEOPLE, &ck_type_person, &wire);
}

static void write_people(const ck_room *room, const ck_person *viewer, ck_buf *out)
{
    const bool all = viewer == NULL || ck_role_is_staff(viewer->role);
    for (uint32_t i = 0; i < room->person_count; i++) {
        const ck_person *p = &room->people[i];
        if (all || p->id == viewer->id || (p->flags & CK_PERSON_PUBLIC)) {
            write_person(room, p, viewer == NULL ? ck_room_account(room, p) : NULL, out);
        }
    }
}

static void write_polls(const ck_room *room, ck_buf *out, ck_buf *scratch)
{
    for (uint32_t i = 0; i < room->poll_size && room->polls[i].id != 0; i++) {
        const ck_poll *poll = &room->polls[i];
        ck_buf_clear(scratch);
        ck_poll_put_counts(poll->counts, poll->option_count, scratch);
        const ck_wire_poll wire = {
            .id = poll->id,
            .question = ck_bytes_of(poll->question, poll->question_size),
            .options = ck_bytes_of(poll->options, poll->options_size),
            .counts = ck_bytes_of(scratch->data, scratch->size),
            .closed = poll->closed,
            .several = poll->several,
        };
        ck_wire_add(out, CK_LIST_SNAPSHOT_POLLS, &ck_type_poll, &wire);
        out->failed = out->failed || scratch->failed;
    }
}

static void write_streams_and_votes(const ck_room *room, const ck_person *viewer, ck_buf *out)
{
    for (uint32_t i = 0; i < room->stream_count; i++) {
        const ck_live_stream *s = &room->streams[i];
        const ck_wire_stream wire = {s->who, s->media, s->since_us};
        ck_wire_add(out, CK_LIST_SNAPSHOT_STREAMS, &ck_type_stream, &wire);
    }
    for (uint32_t i = 0; i < room->vote_count; i++) {
        const ck_vote *v = &room->votes[i];
        const ck_wire_vote wire = {v->poll, v->who, v->choices};
        if (viewer == NULL || v->who == viewer->id) {
            ck_wire_add(out, CK_LIST_SNAPSHOT_VOTES, &ck_type_vote, &wire);
        }
    }
}

static bool is_for(const ck_said *said, const ck_person *viewer, uint64_t lane)
{
    return said->event.lane == lane &&
           (viewer == NULL || ck_event_concerns(&said->event, viewer->id, viewer->role));
}

/* Messages of a lane that the viewer may see, the newest ones. */
static void write_said(const ck_room *room, const ck_person *viewer, uint64_t lane, ck_buf *out)
{
    ck_event_writer w = {
        .out = out,
        .field = lane == CK_LANE_CROWD ? CK_LIST_SNAPSHOT_CROWDED : CK_LIST_SNAPSHOT_ORDERED,
        .store = viewer == NULL,
    };
    uint32_t first = room->chat_count;
    for (uint32_t shown = 0; first > 0; first--) {
        shown += is_for(ck_room_said_at(room, first - 1), viewer, lane);
        if (viewer != NULL && shown > CK_ROOM_SHOWN_CHAT) {
            break;
        }
    }
    for (uint32_t i = first; i < room->chat_count; i++) {
        const ck_said *said = ck_room_said_at(room, i);
        if (is_for(said, viewer, lane)) {
            ck_event event = said->event;
            ck_room_sign(room, &event);
            ck_event_write(&w, &event);
        }
    }
}

void ck_room_write(const ck_room *room, const ck_person *viewer, ck_buf *out)
{
    uint8_t chat_hash[8];
    const char *notice = ck_room_notice(room);
    store_u64(chat_hash, room->chat_hash);
    ck_wire_snapshot wire = {
        .number = room->number,
        .crowd = room->crowd,
        .order_us = room->order_us,
        .chat_hash = ck_bytes_of(chat_hash, sizeof chat_hash),
        .class_state = room->class_state,
        .begun_us = room->begun_us,
        .muted = room->muted,
        .slow_s = room->slow_s,
        .notice = ck_bytes_of(notice, strlen(notice)),
        .next_id = viewer == NULL ? room->next_id : 0,
    };
    ck_buf scratch, board;
    ck_buf_init(&scratch, room->alloc, 10 * CK_ROOM_OPTIONS);
    ck_buf_init(&board, room->alloc, CK_BOARD_SNAPSHOT_MAX);
    ck_board_write(&room->board, &board);
    wire.board = ck_bytes_of(board.data, board.size);
    out->failed = out->failed || board.failed;
    /* Fields of one message may stand in any order, so lists are added behind the others. */
    ck_wire_encode(&ck_type_snapshot, &wire, out);
    write_people(room, viewer, out);
    write_polls(room, out, &scratch);
    write_streams_and_votes(room, viewer, out);
    write_said(room, viewer, CK_LANE_ORDERED, out);
    write_said(room, viewer, CK_LANE_CROWD, out);
    ck_buf_free(&scratch);
    ck_buf_free(&board);
}

/* As much memory as they need: a class has as many copies of these as it has people. */
static int reserve_people(ck_room *room, ck_wire_list list)
{
    ck_wire_person wire;
    uint32_t count = 0;
    size_t name_bytes = 0;
    while (count < CK_ROOM_PEOPLE_MAX && ck_wire_next(&list, &ck_type_person, &wire) > 0) {
        count++;
        name_bytes += wire.name.size + 1;
    }
    return ck_people_reserve(room, count, name_bytes);
}

static int read_people(ck_room *room, ck_wire_list list)
{
    ck_wire_person wire;
    int status = reserve_people(room, list);
    if (status < 0) {
        return status;
    }
    while ((status = ck_wire_next(&list, &ck_type_person, &wire)) > 0) {
        if (!ck_people_is_id(wire.id) || !ck_people_is_name(wire.name)) {
            return CHALK_ERR_BAD_DATA;
        }
        ck_person *person = ck_people_place(room, wire.id);
        if (person == NULL) {
            return room->person_count == CK_ROOM_PEOPLE_MAX ? CHALK_ERR_TOO_LARGE
                                                            : CHALK_ERR_NO_MEMORY;
        }
        if (person->name[0] != '\0') {
            return CHALK_ERR_BAD_DATA; /* twice */
        }
        *person = (ck_person){
            .id = (uint32_t)wire.id,
            .name = "",
            .role = (uint8_t)wire.role,
            .rights = (uint8_t)wire.rights,
            .flags = (uint8_t)wire.flags,
        };
        ck_account *account = ck_room_account(room, person);
        if (account != NULL) {
            *account = (ck_account){
                .epoch = wire.epoch, .done = wire.done, .token_role = (uint8_t)wire.token_role};
        }
        status = ck_people_name(room, person, wire.name);
        if (status == CHALK_OK && wire.hand != 0) {
            status = ck_people_raise_hand(room, person, wire.hand, wire.hand_us);
        }
        if (status < 0) {
            return status;
        }
    }
    return status;
}

static int read_polls(ck_room *room, ck_wire_list list)
{
    ck_wire_poll wire;
    int status;
    while ((status = ck_wire_next(&list, &ck_type_poll, &wire)) > 0) {
        if (wire.id == 0 || ck_poll_count_options(wire.options) == 0) {
            return CHALK_ERR_BAD_DATA;
        }
        status = ck_poll_open(room, &wire);
        if (status < 0) {
            return status;
        }
    }
    return status;
}

static int read_streams_and_votes(ck_room *room, ck_wire_list streams, ck_wire_list votes)
{
    ck_wire_stream stream;
    ck_wire_vote vote;
    int status;
    while ((status = ck_wire_next(&streams, &ck_type_stream, &stream)) > 0) {
        int added =
            ck_stream_add(room, &(ck_live_stream){stream.who, stream.media, stream.since_us});
        if (added < 0) {
            return added;
        }
    }
    while (status == 0 && (status = ck_wire_next(&votes, &ck_type_vote, &vote)) > 0) {
        status = ck_vote_set(room, &(ck_vote){vote.poll, vote.who, vote.choices});
    }
    return status;
}

/* The list says the lane, whatever its events do: numbers rise within one. */
static int read_said(ck_room *room, ck_wire_list list, uint64_t lane)
{
    ck_event_reader reader = {.list = list};
    ck_event event;
    int status;
    while ((status = ck_event_read(&reader, &event)) > 0) {
        event.lane = lane;
        ck_people_wrote(room, &event);
        status = ck_chat_add(room, &event);
        if (status < 0) {
            return status;
        }
    }
    return status;
}

static int read_lists(ck_room *room, const ck_wire_snapshot *wire)
{
    int status = read_people(room, wire->people);
    if (status == CHALK_OK) {
        status = read_polls(room, wire->polls);
    }
    if (status == CHALK_OK) {
        status = read_streams_and_votes(room, wire->streams, wire->votes);
    }
    if (status == CHALK_OK) {
        status = read_said(room, wire->ordered, CK_LANE_ORDERED);
    }
    return status == CHALK_OK ? read_said(room, wire->crowded, CK_LANE_CROWD) : status;
}

int ck_room_read(ck_room *room, ck_bytes snapshot)
{
    ck_room_reset(room);
    ck_wire_snapshot wire;
    int status = ck_wire_decode(&ck_type_snapshot, snapshot, &wire);
    if (status == CHALK_OK && (wire.chat_hash.size != 8 || wire.notice.size > CK_ROOM_NOTICE_MAX)) {
        status = CHALK_ERR_BAD_DATA;
    }
    if (status == CHALK_OK) {
        status = read_lists(room, &wire);
    }
    if (status == CHALK_OK) {
        status = ck_room_pin(room, wire.notice);
    }
    if (status == CHALK_OK) {
        status = ck_board_read(&room->board, wire.board);
    }
    if (status < 0) {
        ck_room_reset(room);
        return status;
    }
    room->number = wire.number;
    room->crowd = wire.crowd;
    room->order_us = wire.order_us;
    room->next_id = CK_MAX(room->next_id, wire.next_id);
    room->chat_hash =
        (uint64_t)ck_load_be32(wire.chat_hash.data) << 32 | ck_load_be32(wire.chat_hash.data + 4);
    room->class_state = (uint8_t)wire.class_state;
    room->begun_us = wire.begun_us;
    room->muted = wire.muted != 0;
    room->slow_s = wire.slow_s;
    return CHALK_OK;
}
