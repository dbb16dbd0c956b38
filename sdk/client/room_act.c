/* What the application wants of a room: intents, and what is sent without one. */
#include "client/room.h"

#include "base/check.h"
#include "base/text.h"
#include "base/time.h"

#include <string.h>

#define PAGE_MAX 200 /* messages or people */

/* Longest text, longest data, and the largest count of either end. */
_Static_assert(CHALK_ROOM_TEXT_MAX == CK_TEXT_MAX && CHALK_ROOM_DATA_MAX == CK_DATA_MAX &&
                   CHALK_ROOM_NOTICE_MAX == CK_ROOM_NOTICE_MAX &&
                   CHALK_ROOM_REACT_MAX == CK_EMOJI_MAX,
               "the public limits are the protocol's");

bool ck_client_room_text(const char *text, size_t least, size_t most, ck_bytes *out)
{
    size_t size = text != NULL ? strlen(text) : 0;
    *out = ck_bytes_of(text, size);
    return text != NULL && size >= least && size <= most &&
           ck_utf8_valid_prefix(text, size) == size;
}

int ck_client_room_add(ck_client_room *room, const ck_event *intent, uint64_t now_us,
                       chalk_intent_id *out)
{
    uint64_t id = 0;
    int status = ck_replica_unsettled(room->replica) < CK_CLIENT_ROOM_UNSETTLED
                     ? ck_replica_intend(room->replica, intent, now_us, &id)
                     : CHALK_ERR_LIMIT;
    if (status == CHALK_OK) {
        room->last_intent = room->intent_base + id;
    }
    if (status == CHALK_OK && out != NULL) {
        *out = room->last_intent;
    }
    return status;
}

int ck_client_room_intend(chalk_session *s, const ck_event *intent, chalk_intent_id *out)
{
    ck_client_room *room;
    int status = ck_client_room_take(s, true, &room);
    if (status < 0) {
        return status;
    }
    status = ck_client_room_add(room, intent, ck_clock_us(), out);
    ck_client_room_give(s, room, status == CHALK_OK);
    return status;
}

/* Most people never ask for one. */
static bool has_page(ck_client_room *room)
{
    room->page = room->page != NULL ? room->page : ck_new(&ck_heap, sizeof *room->page);
    return room->page != NULL;
}

int ck_client_room_ask_page(chalk_session *s, const ck_wire_ask *ask, chalk_request_id *out)
{
    ck_client_room *room;
    if (ask->count == 0 || ask->count > PAGE_MAX) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_take(s, true, &room);
    if (status < 0) {
        return status;
    }
    if (ck_replica_state_of(room->replica) != CK_SESSION_LIVE) {
        status = CHALK_ERR_AGAIN;
    } else if (room->ask.request != 0 || (room->page != NULL && room->page->request != 0)) {
        status = CHALK_ERR_LIMIT;
    } else if (!has_page(room)) {
        status = CHALK_ERR_NO_MEMORY;
    } else {
        room->ask = (ck_client_room_ask){
            .request = ++s->last_id,
            .what = *ask,
            .until_us = ck_clock_us() + CK_CLIENT_ROOM_ANSWER_MS * CK_US_PER_MS,
        };
        room->ask.what.request = room->ask.request;
        ck_replica_ask(room->replica, &room->ask.what);
    }
    if (status == CHALK_OK && out != NULL) {
        *out = room->ask.request;
    }
    ck_client_room_give(s, room, status == CHALK_OK);
    return status;
}

/* --- the application's own ------------------------------------------------------------------- */

void chalk_room_app_options_init(chalk_room_app_options *options)
{
    memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
}

int chalk_room_send_app(chalk_session *s, const chalk_room_app_options *o, chalk_intent_id *intent)
{
    ck_bytes text = {0};
    bool sane = o != NULL && CK_KNOWN_SIZE(o) && o->lane <= CHALK_LANE_CROWD &&
                o->audience <= CHALK_TO_ONE && (o->audience != CHALK_TO_ONE || o->target != 0) &&
                (o->text == NULL || ck_client_room_text(o->text, 0, CK_TEXT_MAX, &text)) &&
                o->data_size <= CK_DATA_MAX && (o->data != NULL || o->data_size == 0);
    if (!sane) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    const ck_event event = {
        .kind = CK_EVENT_APP,
        .lane = o->lane == CHALK_LANE_CROWD ? CK_LANE_CROWD : CK_LANE_ORDERED,
        .audience = o->audience != 0 ? o->audience - CHALK_TO_ALL : CK_TO_ALL,
        .target = o->target,
        .value = o->value,
        .text = text,
        .data = ck_bytes_of(o->data, o->data_size),
    };
    return ck_client_room_intend(s, &event, intent);
}

/* --- what is not kept ------------------------------------------------------------------------ */

/* AGAIN: there is nobody to say it to now. */
static int take_live(chalk_session *s, ck_client_room **room)
{
    int status = ck_client_room_take(s, true, room);
    if (status == CHALK_OK && ck_replica_state_of((*room)->replica) != CK_SESSION_LIVE) {
        ck_client_room_give(s, *room, false);
        status = CHALK_ERR_AGAIN;
    }
    return status;
}

int chalk_room_show(chalk_session *s, uint32_t key, const void *data, size_t size)
{
    ck_client_room *room;
    if (key > 7 || size > CHALK_ROOM_SHOW_MAX || (data == NULL && size > 0)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = take_live(s, &room);
    if (status == CHALK_OK) {
        ck_replica_show(room->replica, key, ck_bytes_of(data, size), ck_clock_us());
        ck_client_room_give(s, room, true);
    }
    return status;
}

int chalk_room_react(chalk_session *s, const char *text)
{
    ck_client_room *room;
    ck_bytes bytes;
    if (!ck_client_room_text(text, 1, CHALK_ROOM_REACT_MAX, &bytes)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = take_live(s, &room);
    if (status == CHALK_OK) {
        ck_replica_react(room->replica, bytes);
        ck_client_room_give(s, room, true);
    }
    return status;
}
