/* What happened in a room, as the application takes it: one event after the other. */
#include "client/room.h"

#include "base/check.h"
#include "base/text.h"

#include <string.h>

/* --- texts that the application borrows ------------------------------------------------------ */

static int lend(ck_client_room *room, ck_bytes text, ck_bytes data, chalk_room_event *out)
{
    ck_buf *b = &room->event_text;
    ck_buf_clear(b);
    ck_buf_put(b, text.data, text.size);
    ck_buf_put_u8(b, 0);
    ck_buf_put(b, data.data, data.size);
    if (ck_buf_status(b) < 0) {
        return CHALK_ERR_NO_MEMORY;
    }
    out->text = (const char *)b->data;
    out->text_size = text.size;
    out->data = b->data + text.size + 1;
    out->data_size = data.size;
    return CHALK_OK;
}

static void put_name(chalk_room_event *out, ck_bytes name)
{
    ck_text t = ck_text_of(out->name, sizeof out->name);
    ck_text_add_n(&t, (const char *)name.data, name.size);
}

/* --- what happened --------------------------------------------------------------------------- */

/* What the protocol says in `value` and a field of its own says better. */
static void name_value(const ck_event *event, chalk_room_event *out)
{
    switch (event->kind) {
    case CK_EVENT_DELETE:
        out->lane = (uint32_t)event->value + CHALK_LANE_ORDERED;
        out->value = 0;
        break;
    case CK_EVENT_HAND:
        out->target = event->target != 0 ? event->target : event->author;
        out->on = event->value != 0;
        out->value = 0;
        break;
    case CK_EVENT_MUTE:
    case CK_EVENT_BAN:
    case CK_EVENT_INVITE:
    case CK_EVENT_ANSWER:
        out->on = event->value != 0;
        out->value = 0;
        break;
    case CK_EVENT_STREAM:
        out->on = event->value & 1;
        out->value = event->value >> 1;
        break;
    case CK_EVENT_CLASS:
        out->value = event->value + CHALK_CLASS_OPEN;
        break;
    default:
        break;
    }
}

/* A new participant's name is all there is to say. */
static void name_author(const ck_client_room *room, const ck_event *event, ck_bytes *text,
                        ck_bytes *data, chalk_room_event *out)
{
    ck_client_room_author(room, event, out->name);
    if (event->kind == CK_EVENT_ENROLL) {
        put_name(out, *text);
        *text = (ck_bytes){0};
    } else if (event->kind != CK_EVENT_APP) {
        *data = (ck_bytes){0}; /* a signature, or packed for the state, which has it unpacked */
    }
}

static int fill_event(ck_client_room *room, const ck_event *event, chalk_room_event *out)
{
    ck_bytes text = event->text, data = event->data;
    out->what = (uint32_t)event->kind;
    out->lane = (uint32_t)event->lane + CHALK_LANE_ORDERED;
    out->audience = (uint32_t)event->audience + CHALK_TO_ALL;
    out->number = event->number;
    out->author = event->author;
    out->target = event->target;
    out->value = event->value;
    out->about = event->about;
    out->times = event->times;
    out->order_us = event->order_us;
    out->origin_us = event->origin_us;
    name_value(event, out);
    name_author(room, event, &text, &data, out);
    return lend(room, text, data, out);
}

/* --- pages ----------------------------------------------------------------------------------- */

/* False: it is not the one that is waited for. */
static bool begin_page(ck_client_room *room, ck_bytes bytes)
{
    ck_wire_page page;
    ck_client_room_ask *ask = &room->ask;
    if (ck_wire_decode(&ck_type_page, bytes, &page) < 0 || ask->request == 0 ||
        page.request != ask->request) {
        return false;
    }
    *room->page = (ck_client_room_page){
        .request = ask->request,
        .before = ask->what.before,
        .before_crowd = ask->what.before_crowd,
        .more = page.more != 0,
        .people = page.people,
    };
    ck_page_read_begin(&room->page->events, &page);
    ask->request = 0;
    return true;
}

/* The oldest of each lane is where the next page ends. */
static void note_oldest(ck_client_room_page *page, const ck_event *event)
{
    uint64_t *oldest = event->lane == CK_LANE_CROWD ? &page->before_crowd : &page->before;
    *oldest = *oldest == 0 ? event->number : CK_MIN(*oldest, event->number);
}

static int end_page(ck_client_room *room, chalk_request_id request, int cause,
                    chalk_room_event *out)
{
    ck_client_room_page *page = room->page;
    CK_INVARIANT(page != NULL, return CHALK_ERR_BAD_STATE); /* it was made for the question */
    out->kind = CHALK_ROOM_EVENT_PAGE;
    out->request = request;
    out->cause = cause;
    if (page->request == request) {
        out->on = page->more;
        out->number = page->before;
        out->about = page->before_crowd;
        out->target = page->before;
    }
    page->request = 0;
    return lend(room, (ck_bytes){0}, (ck_bytes){0}, out);
}

static int next_of_page(ck_client_room *room, chalk_room_event *out)
{
    ck_client_room_page *page = room->page;
    ck_event event;
    ck_wire_here here;
    out->request = page->request;
    int status = ck_page_read(&page->events, &event);
    if (status > 0) {
        note_oldest(page, &event);
        out->kind = CHALK_ROOM_EVENT_PAST;
        status = fill_event(room, &event, out);
        out->on = event.kind == CK_EVENT_CHAT ? event.deleted : out->on;
        return status;
    }
    if (status == 0 && ck_wire_next(&page->people, &ck_type_here, &here) > 0) {
        page->before = here.id;
        out->kind = CHALK_ROOM_EVENT_PERSON;
        out->target = here.id;
        out->value = here.role;
        out->on = here.gone == 0;
        put_name(out, here.name);
        return lend(room, (ck_bytes){0}, (ck_bytes){0}, out);
    }
    return end_page(room, page->request, status, out);
}

/* --- one event of the replica ---------------------------------------------------------------- */

static void settle(ck_client_room *room, uint64_t id, enum ck_reason reason, chalk_room_event *out)
{
    out->kind = CHALK_ROOM_EVENT_SETTLED;
    out->intent = room->intent_base + id;
    out->reason = (uint32_t)reason;
}

/* 1: it is one for the application; 0: it was none; or a status. */
static int take_event(ck_client_room *room, const ck_replica_event *event, chalk_room_event *out)
{
    static const uint32_t kinds[] = {
        [CK_REPLICA_RESET] = CHALK_ROOM_EVENT_RESET,
        [CK_REPLICA_EVENT] = CHALK_ROOM_EVENT_HAPPENED,
        [CK_REPLICA_SETTLED] = CHALK_ROOM_EVENT_SETTLED,
        [CK_REPLICA_SPOT] = CHALK_ROOM_EVENT_SHOWN,
        [CK_REPLICA_REACTION] = CHALK_ROOM_EVENT_REACTION,
        [CK_REPLICA_HIDDEN] = CHALK_ROOM_EVENT_HIDDEN,
        [CK_REPLICA_PRESENCE] = CHALK_ROOM_EVENT_PRESENCE,
        [CK_REPLICA_SUMMARY] = CHALK_ROOM_EVENT_SUMMARY,
        [CK_REPLICA_RENEWED] = CHALK_ROOM_EVENT_TOKEN,
        [CK_REPLICA_PAGE] = CHALK_ROOM_EVENT_PAGE,
    };
    ck_bytes text = {0}, data = {0};
    int status;
    out->kind = kinds[event->kind];
    ck_client_board_hear(room, event, ck_clock_us());
    bool pointer = ck_client_pointer_hear(room, event, ck_clock_us());
    out->how = event->how;
    out->late_us = event->late_us;
    switch (event->kind) {
    case CK_REPLICA_EVENT:
        status = fill_event(room, &event->event, out);
        return status < 0 ? status : 1;
    case CK_REPLICA_PAGE:
        if (!begin_page(room, event->bytes)) {
            return 0;
        }
        status = next_of_page(room, out);
        return status < 0 ? status : 1;
    case CK_REPLICA_SETTLED:
        settle(room, event->id, event->reason, out);
        out->number = event->number;
        break;
    case CK_REPLICA_SPOT:
        out->author = event->event.author;
        out->origin_us = event->event.origin_us;
        if (pointer) {
            out->kind = CHALK_ROOM_EVENT_POINTER;
        } else {
            out->value = event->event.value;
            data = event->event.data;
        }
        ck_client_room_name(room, out->author, out->name);
        break;
    case CK_REPLICA_REACTION:
        out->times = event->event.times;
        text = event->event.text;
        break;
    case CK_REPLICA_HIDDEN:
        out->times = event->number;
        break;
    case CK_REPLICA_RENEWED:
        out->on = 1;
        out->value = event->number;
        break;
    default:
        out->value = event->number;
        break;
    }
    status = lend(room, text, data, out);
    return status < 0 ? status : 1;
}

/* --- what the room itself has to say --------------------------------------------------------- */

static int take_own(ck_client_room *room, chalk_room_event *out)
{
    const ck_event *pending =
        room->ended ? ck_replica_pending(room->replica, room->told_left) : NULL;
    const enum ck_reason held = ck_replica_sent_back(room->replica);
    ck_bytes hash = {0};
    if (room->lost) {
        room->lost = false;
        out->kind = CHALK_ROOM_EVENT_RESET;
        out->value = 1;
    } else if (room->token_wanted) {
        room->token_wanted = false;
        out->kind = CHALK_ROOM_EVENT_TOKEN;
        out->cause = room->token_waits ? CHALK_ERR_DENIED : CHALK_OK;
        out->value = ck_replica_expires_us(room->replica);
    } else if (room->ask.request != 0 && room->ask.failed < 0) {
        const chalk_request_id request = room->ask.request;
        room->ask.request = 0;
        return end_page(room, request, room->ask.failed, out);
    } else if (room->told_held != held) {
        room->told_held = held;
        out->kind = CHALK_ROOM_EVENT_HELD;
        out->reason = (uint32_t)held;
    } else if (ck_client_assets_tell(room, out, &hash)) {
        return lend(room, (ck_bytes){0}, hash, out);
    } else if (pending != NULL) {
        settle(room, pending->counter, CK_REASON_NONE, out);
        out->reason = CHALK_REASON_LEFT;
        room->told_left++;
    } else {
        return CHALK_ERR_AGAIN;
    }
    return lend(room, (ck_bytes){0}, (ck_bytes){0}, out);
}

static int take_next(ck_client_room *room, chalk_room_event *out)
{
    ck_replica_event event;
    int status = 0;
    if (room->page != NULL && room->page->request != 0) {
        return next_of_page(room, out);
    }
    while (status == 0 && ck_replica_poll_event(room->replica, &event)) {
        status = take_event(room, &event, out);
    }
    if (status == 0) {
        *out = (chalk_room_event){0};
        status = take_own(room, out);
    }
    return status > 0 ? CHALK_OK : status;
}

int chalk_room_next_event(chalk_session *s, chalk_room_event *out)
{
    ck_client_room *room;
    if (out == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_take(s, false, &room);
    if (status < 0) {
        return status;
    }
    *out = (chalk_room_event){0};
    status = take_next(room, out);
    room->woken = room->woken && status != CHALK_ERR_AGAIN;
    room->lost = room->lost || status == CHALK_ERR_NO_MEMORY;
    ck_client_room_give(s, room, false);
    return status;
}
