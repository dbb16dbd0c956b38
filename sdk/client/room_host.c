/* A room on the loop: what the replica asks for is carried out, what became of it is told. */
#include "client/room.h"

#include "base/check.h"
#include "base/text.h"
#include "base/time.h"
#include "runtime/media/states.h"

#define WARN_US 60000000u /* before a token expires */

/* Of one turn: more than the session core keeps. */
#define CHANGES_MAX (CK_SESSION_EVENTS + 4)

typedef struct change_list {
    ck_client_room_change changes[CHANGES_MAX];
    uint32_t count;
} change_list;

/* --- getting there --------------------------------------------------------------------------- */

void ck_client_room_job(void *arg, bool cancelled)
{
    ck_client_room *room = arg;
    if (!cancelled) {
        ck_client_room_turn(room);
    }
    ck_client_room_unref(room);
}

void ck_client_room_post(ck_client_room *room)
{
    atomic_fetch_add(&room->references, 1);
    if (ck_loop_post_job(room->loop, &room->job) < 0) {
        ck_client_room_unref(room); /* it is there already, or the loop ends */
    }
}

static void on_timer(void *user, uint64_t now_us)
{
    (void)now_us; /* the turn's; the replica's clock is the time of the call */
    ck_client_room_turn(user);
}

/* --- with the lock: one turn ----------------------------------------------------------------- */

static ck_client_room_change change_of(ck_client_room *room, const ck_session_event *change)
{
    int cause = room->token_waits ? CHALK_ERR_DENIED : change->cause;
    ck_client_room_change told = {
        .state = ck_state_public(change->to),
        .cause = room->fault < 0 ? room->fault : cause,
        .origin = room->left ? (uint32_t)CHALK_ORIGIN_USER : ck_origin_public(change->origin),
        .retry_in_us = change->retry_in_us,
    };
    if (change->origin == CK_ORIGIN_PEER && ck_replica_bye(room->replica) != CK_REASON_NONE) {
        told.reason = room->reason = (uint32_t)ck_replica_bye(room->replica);
    }
    return told;
}

/* While there is no token to try with, the attempts that are not made are not told either. */
static void put_change(ck_client_room *room, const ck_client_room_change *change, change_list *told)
{
    bool repeats = change->state == room->now.state && change->cause >= 0;
    bool idles = room->token_waits && room->now.state == CHALK_LINK_WAITING;
    if (!repeats && !idles) {
        room->now = *change;
        told->changes[told->count++] = *change;
    }
}

/* Live is what has the room's state, not what was let in and waits for it. */
static void tell_live(ck_client_room *room, change_list *told)
{
    if (room->live_waits && ck_replica_is_caught_up(room->replica)) {
        room->live_waits = false;
        room->reconnects += room->lived;
        room->lived = true;
        put_change(room, &room->live, told);
    }
}

static void take_changes(ck_client_room *room, change_list *told)
{
    ck_session_event event;
    while (told->count < CHANGES_MAX - 1 && ck_replica_poll_state(room->replica, &event)) {
        const ck_client_room_change change = change_of(room, &event);
        if (event.to == CK_SESSION_CLOSED) {
            room->ended = true; /* told when all is gone */
            room->live_waits = false;
            room->end = change;
            return;
        }
        room->live_waits = event.to == CK_SESSION_LIVE;
        room->live = change;
        if (!room->live_waits) {
            put_change(room, &change, told);
        }
    }
    tell_live(room, told);
}

static void do_all(ck_client_room *room, uint64_t now_us)
{
    ck_replica_output out;
    while (ck_replica_poll_output(room->replica, &out)) {
        switch (out.action) {
        case CK_REPLICA_OPEN:
            ck_client_room_open(room, out.attempt, now_us);
            break;
        case CK_REPLICA_SEND:
            ck_client_room_send(room, &out.bytes, now_us);
            break;
        case CK_REPLICA_CLOSE:
            ck_client_room_cut(room);
            break;
        }
        ck_slice_unref(&out.bytes);
    }
}

/* A room of one's own answers at once. */
static void carry_out(ck_client_room *room, uint64_t now_us)
{
    do {
        do_all(room, now_us);
    } while (room->local != NULL && ck_client_local_run(room, now_us));
}

static bool is_live(const ck_client_room *room)
{
    return ck_replica_state_of(room->replica) == CK_SESSION_LIVE;
}

static void leave(ck_client_room *room, uint64_t now_us)
{
    bool waits =
        is_live(room) && ck_replica_pending(room->replica, 0) != NULL && now_us < room->leave_by_us;
    if (room->leaving && !room->left && !waits) {
        room->left = true;
        ck_replica_stop(room->replica, now_us);
    }
}

/* A page that will not come: the connection it was asked on is gone, or nobody answers. */
static uint64_t watch_ask(ck_client_room *room, uint64_t now_us)
{
    ck_client_room_ask *ask = &room->ask;
    if (ask->request == 0 || ask->failed < 0) {
        return CK_NEVER;
    }
    ask->failed = !is_live(room)            ? CHALK_ERR_DISCONNECTED
                  : now_us >= ask->until_us ? CHALK_ERR_TIMEOUT
                                            : CHALK_OK;
    return ask->failed < 0 ? CK_NEVER : ask->until_us;
}

/* A token that is about to expire is asked for in good time, once. */
static uint64_t watch_token(ck_client_room *room, uint64_t now_us)
{
    uint64_t expires_us = ck_replica_expires_us(room->replica);
    uint64_t room_us = ck_replica_room_us(room->replica, now_us);
    if (expires_us == 0 || room_us == 0 || room->token_warned_us == expires_us) {
        return CK_NEVER;
    }
    uint64_t left_us = expires_us > room_us ? expires_us - room_us : 0;
    if (left_us <= WARN_US) {
        room->token_warned_us = expires_us;
        room->token_wanted = true;
        return CK_NEVER;
    }
    return now_us + CK_MIN(left_us - WARN_US, CK_NEVER - now_us); /* the edge may say any number */
}

static void set_stamps(ck_client_room *room, uint64_t now_us)
{
    uint64_t room_us = ck_replica_room_us(room->replica, now_us);
    if (room_us != 0) {
        ck_stamp_clock_set(room->stamps, room_us, now_us);
    }
}

static uint64_t next_turn(ck_client_room *room, uint64_t now_us)
{
    uint64_t at_us = ck_replica_next_deadline(room->replica);
    at_us = CK_MIN(at_us, ck_client_room_playing_at(room, now_us));
    at_us = CK_MIN(at_us, CK_MIN(watch_ask(room, now_us), watch_token(room, now_us)));
    at_us = CK_MIN(at_us, ck_client_board_due(room, now_us));
    at_us = CK_MIN(at_us, ck_client_assets_due(room));
    at_us = CK_MIN(at_us, ck_client_local_next_deadline(room->local));
    at_us = CK_MIN(at_us, ck_client_pointer_due(room));
    at_us = CK_MIN(at_us, room->goodbye_us != 0 ? room->goodbye_us : CK_NEVER);
    return CK_MIN(at_us, room->leaving && !room->left ? room->leave_by_us : CK_NEVER);
}

/* Without a timer nothing would go on. */
static bool has_timer(ck_client_room *room, uint64_t now_us)
{
    int status =
        room->timer == NULL ? ck_timer_create(room->loop, on_timer, room, &room->timer) : CHALK_OK;
    if (status < 0) {
        room->fault = status;
        ck_replica_stop(room->replica, now_us);
    }
    return status == CHALK_OK;
}

static void end(ck_client_room *room, change_list *told)
{
    ck_client_assets_stop(room);
    ck_timer_destroy(&room->timer);
    ck_client_room_unfollow(room, ck_clock_us());
    room->now = room->end;
    told->changes[told->count++] = room->end;
    room->closed = true;
}

static void turn(ck_client_room *room, change_list *told)
{
    uint64_t now_us = ck_clock_us();
    bool timed = has_timer(room, now_us);
    ck_client_room_playing(room, now_us);
    ck_replica_on_deadline(room->replica, now_us);
    if (!room->ended) {
        ck_client_board_pump(room, room->leaving, now_us);
        ck_client_pointer_pump(room, now_us);
        ck_client_assets_run(room, now_us);
    }
    leave(room, now_us);
    carry_out(room, now_us);
    take_changes(room, told);
    if (room->goodbye_us != 0 && now_us >= room->goodbye_us) {
        room->goodbye_us = 0;
        ck_ws_destroy(&room->ws);
    }
    set_stamps(room, now_us);
    if (room->ended && room->ws == NULL) {
        (void)watch_ask(room, now_us);
        end(room, told);
    } else if (timed) {
        ck_timer_set(room->timer, next_turn(room, now_us));
    }
}

/* --- without: telling ------------------------------------------------------------------------ */

static void tell(ck_client_room *room, const ck_client_room_change *change, const char *words)
{
    bool closed = change->state == CHALK_LINK_CLOSED;
    const chalk_event event = {
        .kind = CHALK_EVENT_ROOM,
        .state = change->state,
        .cause = change->cause,
        .origin = change->origin,
        .value = (int64_t)change->retry_in_us,
        .request = closed ? ck_request_end(&room->request) : 0,
    };
    bool said = change->reason != CHALK_REASON_NONE;
    ck_events_put(room->events, &event, said ? chalk_room_reason_name(change->reason) : words);
}

/* Whether the application has to be woken for events that it does not know of. */
static bool has_news(ck_client_room *room)
{
    bool news = ck_replica_has_event(room->replica) || room->token_wanted || room->ended ||
                ck_replica_sent_back(room->replica) != room->told_held ||
                (room->ask.request != 0 && room->ask.failed < 0) ||
                ck_client_assets_have_news(room);
    bool wake = news && !room->woken;
    room->woken = room->woken || news;
    return wake;
}

void ck_client_room_turn(ck_client_room *room)
{
    change_list told = {.count = 0};
    char words[CK_WS_REFUSAL_MAX + 1];
    atomic_fetch_add(&room->references, 1); /* once closed, the session may join another */
    uv_mutex_lock(&room->lock);
    bool idle = room->detached || room->closed;
    if (!idle) {
        turn(room, &told);
    }
    bool wake = !idle && has_news(room);
    (void)ck_text_copy(words, sizeof words, room->refusal != NULL ? room->refusal : "");
    uv_mutex_unlock(&room->lock);
    for (uint32_t i = 0; i < told.count; i++) {
        tell(room, &told.changes[i], words);
    }
    if (wake) {
        ck_events_nudge(room->events);
    }
    ck_client_room_unref(room);
}

void ck_client_room_detach(void *arg)
{
    ck_client_room *room = arg;
    uv_mutex_lock(&room->lock);
    room->detached = true;
    ck_ws_destroy(&room->ws);
    ck_timer_destroy(&room->timer);
    ck_client_assets_stop(room);
    uv_mutex_unlock(&room->lock);
}
