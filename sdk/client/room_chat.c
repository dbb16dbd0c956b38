/* Messages of a room: said, taken back, kept, asked for again. */
#include "client/room.h"

#include "base/check.h"

int chalk_chat_send(chalk_session *s, uint32_t audience, chalk_person_id target, const char *text,
                    chalk_intent_id *intent)
{
    uint32_t whom = audience != 0 ? audience : CHALK_TO_ALL;
    ck_event event = {.kind = CK_EVENT_CHAT, .audience = whom - CHALK_TO_ALL, .target = target};
    bool meant = whom == CHALK_TO_ALL || (whom == CHALK_TO_ONE) == (target != 0);
    if (whom > CHALK_TO_ONE || !meant || !ck_client_room_text(text, 1, CK_TEXT_MAX, &event.text)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    return ck_client_room_intend(s, &event, intent);
}

int chalk_chat_delete(chalk_session *s, uint32_t lane, uint64_t number, chalk_intent_id *intent)
{
    const ck_event event = {
        .kind = CK_EVENT_DELETE, .value = lane - CHALK_LANE_ORDERED, .about = number};
    bool sane = (lane == CHALK_LANE_ORDERED || lane == CHALK_LANE_CROWD) && number != 0;
    return sane ? ck_client_room_intend(s, &event, intent) : CHALK_ERR_INVALID_ARGUMENT;
}

/* --- what is kept ---------------------------------------------------------------------------- */

static int fill_message(ck_client_room *room, const ck_event *event, chalk_room_message *out)
{
    ck_buf *b = &room->chat_text;
    ck_buf_clear(b);
    ck_buf_put(b, event->text.data, event->text.size);
    ck_buf_put_u8(b, 0);
    if (ck_buf_status(b) < 0) {
        return CHALK_ERR_NO_MEMORY;
    }
    *out = (chalk_room_message){
        .struct_size = out->struct_size,
        .lane = (uint32_t)event->lane + CHALK_LANE_ORDERED,
        .audience = (uint32_t)event->audience + CHALK_TO_ALL,
        .deleted = event->deleted,
        .number = event->number,
        .author = event->author,
        .target = event->target,
        .times = event->times,
        .order_us = event->order_us,
        .origin_us = event->origin_us,
        .text_size = event->text.size,
        .text = (const char *)b->data,
    };
    ck_client_room_author(room, event, out->name);
    return CHALK_OK;
}

int chalk_chat_get(chalk_session *s, uint32_t view, uint32_t index, chalk_room_message *message)
{
    ck_client_room *room;
    const ck_room *state;
    if (message == NULL || !CK_KNOWN_SIZE(message)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_look(s, view, &room, &state);
    if (status < 0) {
        return status;
    }
    const ck_said *said = ck_room_said_at(state, index);
    status = said != NULL ? fill_message(room, &said->event, message) : CHALK_ERR_END;
    ck_client_room_give(s, room, false);
    return status;
}

/* The pending message at `index`, other intents not counted. */
static const ck_event *pending_message(const ck_client_room *room, uint32_t index)
{
    const ck_event *event;
    for (uint32_t i = 0; (event = ck_replica_pending(room->replica, i)) != NULL; i++) {
        if (event->kind == CK_EVENT_CHAT && index-- == 0) {
            return event;
        }
    }
    return NULL;
}

int chalk_chat_get_pending(chalk_session *s, uint32_t index, chalk_room_message *message)
{
    ck_client_room *room;
    if (message == NULL || !CK_KNOWN_SIZE(message)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_take(s, false, &room);
    if (status < 0) {
        return status;
    }
    const ck_event *event = pending_message(room, index);
    status = event != NULL ? fill_message(room, event, message) : CHALK_ERR_END;
    if (status == CHALK_OK) {
        message->intent = room->intent_base + event->counter;
        message->author = ck_replica_me(room->replica);
        ck_client_room_name(room, message->author, message->name);
    }
    ck_client_room_give(s, room, false);
    return status;
}

int chalk_chat_history(chalk_session *s, uint64_t before, uint64_t before_crowd, uint32_t count,
                       chalk_request_id *request)
{
    const ck_wire_ask ask = {
        .what = CK_ASK_HISTORY, .before = before, .before_crowd = before_crowd, .count = count};
    return ck_client_room_ask_page(s, &ask, request);
}
