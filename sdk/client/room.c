/* A room's life as the application sees it: joined, left, followed by another. */
#include "client/room.h"

#include "base/check.h"
#include "base/text.h"
#include "base/time.h"
#include "core/room/name.h"

#include <string.h>

#define MESSAGES_MAX 20000 /* kept */
/* A class is back soon after its edge is. */
#define BACKOFF_MOST_US 2000000
#define TOKEN_MAX       1023 /* bytes */

void chalk_room_options_init(chalk_room_options *options)
{
    memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
}

/* --- checking -------------------------------------------------------------------------------- */

static bool is_sane(const chalk_room_options *o)
{
    bool window = o->keep == CHALK_KEEP_WINDOW;
    bool kept = o->keep <= CHALK_KEEP_CHECKSUM && o->messages_max <= MESSAGES_MAX &&
                (window ? o->messages_max > 0 : true);
    ck_bytes ignored;
    bool who = o->token != NULL
                   ? ck_client_room_text(o->token, 1, TOKEN_MAX, &ignored)
                   : o->name != NULL && ck_name_is_valid(o->name) && o->role <= CHALK_ROLE_OBSERVER;
    return CK_KNOWN_SIZE(o) && kept && o->present <= CHALK_PRESENT_LIVE && o->no_retry <= 1 &&
           o->url != NULL && o->room != NULL && ck_name_is_valid(o->room) && who;
}

/* --- making ---------------------------------------------------------------------------------- */

static int make_replica(ck_client_room *room, const chalk_room_options *o,
                        ck_inflate_pool *inflaters)
{
    int status = ck_inflate_seat_create(inflaters, &room->seat);
    if (status < 0) {
        return status;
    }
    const ck_replica_config config = {
        .alloc = &ck_heap,
        .chat_max = o->keep == CHALK_KEEP_CHECKSUM ? 0
                    : o->keep == CHALK_KEEP_WINDOW ? o->messages_max
                                                   : CK_REPLICA_KEEP_ALL,
        .presents = room->presents,
        .unpacker = ck_inflate_seat_port(room->seat),
        .session = {.backoff_cap_us = BACKOFF_MOST_US,
                    .no_stream_cap_us = BACKOFF_MOST_US,
                    .no_retry = o->no_retry != 0,
                    .give_up_after_us = (uint64_t)o->give_up_ms * CK_US_PER_MS},
    };
    uint64_t seed = 0;
    (void)ck_entropy(&seed, sizeof seed); /* without, all wait equally long between attempts */
    uint64_t now_us = ck_clock_us();
    status = ck_replica_create(&config, seed, now_us, &room->replica);
    return status == CHALK_OK ? ck_replica_start(room->replica, now_us) : status;
}

static int fill(ck_client_room *room, const chalk_room_options *o, ck_inflate_pool *inflaters)
{
    const char *person = o->token == NULL ? o->name : NULL;
    room->edge = o->url != NULL ? ck_strdup(&ck_heap, o->url) : NULL;
    room->name = ck_strdup(&ck_heap, o->room);
    room->person = person != NULL ? ck_strdup(&ck_heap, person) : NULL;
    room->token = o->token != NULL ? ck_strdup(&ck_heap, o->token) : NULL;
    bool reached = o->url == NULL || room->edge != NULL;
    if (!reached || room->name == NULL || (room->person == NULL && room->token == NULL)) {
        return CHALK_ERR_NO_MEMORY;
    }
    return make_replica(room, o, inflaters);
}

static void free_room(ck_client_room *room)
{
    ck_client_assets_destroy(&room->assets);
    ck_client_board_free(&room->board);
    ck_client_local_destroy(&room->local);
    ck_pointers_free(&room->pointers);
    ck_replica_destroy(&room->replica);
    ck_inflate_seat_destroy(&room->seat);
    ck_player_unref(&room->player);
    ck_buf_free(&room->event_text);
    ck_buf_free(&room->chat_text);
    ck_buf_free(&room->poll_text);
    ck_free(&ck_heap, room->edge);
    ck_free(&ck_heap, room->name);
    ck_free(&ck_heap, room->person);
    ck_free(&ck_heap, room->token);
    ck_free(&ck_heap, room->refusal);
    ck_free(&ck_heap, room->page);
    uv_mutex_destroy(&room->lock);
    ck_free(&ck_heap, room);
}

void ck_client_room_unref(ck_client_room *room)
{
    if (atomic_fetch_sub(&room->references, 1) == 1) {
        free_room(room);
    }
}

/* A session's intents go on being counted from room to room. */
static uint64_t last_intent_of(ck_client_room *room)
{
    uv_mutex_lock(&room->lock);
    uint64_t last = room->last_intent;
    uv_mutex_unlock(&room->lock);
    return last;
}

static int make(chalk_session *s, const chalk_room_options *o, const ck_url *url,
                ck_client_room **out)
{
    ck_client_room *room = ck_new(&ck_heap, sizeof *room);
    if (room == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (uv_mutex_init(&room->lock) != 0) {
        ck_free(&ck_heap, room);
        return CHALK_ERR_LIMIT;
    }
    atomic_init(&room->references, 1);
    room->job = (ck_job){.fn = ck_client_room_job, .arg = room};
    room->loop = s->runtime->loop;
    room->events = &s->events;
    room->stamps = &s->stamps;
    room->faults = s->faults;
    room->pointer = &s->pointer;
    room->secure = url != NULL && url->tls;
    room->role = o->role != 0 ? o->role : CHALK_ROLE_STUDENT;
    room->presents = o->present != CHALK_PRESENT_LIVE;
    room->intent_base = s->room != NULL ? last_intent_of(s->room) : 0;
    room->last_intent = room->intent_base;
    room->now.state = CHALK_LINK_CONNECTING;
    ck_buf_init(&room->event_text, &ck_heap, CK_CLIENT_ROOM_MESSAGE_MAX);
    ck_buf_init(&room->chat_text, &ck_heap, CK_CLIENT_ROOM_MESSAGE_MAX);
    ck_buf_init(&room->poll_text, &ck_heap, CK_CLIENT_ROOM_MESSAGE_MAX);
    ck_client_board_init(&room->board);
    ck_pointers_init(&room->pointers, &ck_heap);
    int status = room->secure ? ck_runtime_tls(s->runtime, &room->tls) : CHALK_OK;
    if (status == CHALK_OK) {
        status = fill(room, o, s->runtime->inflaters);
    }
    if (status < 0) {
        ck_client_room_unref(room);
        return status;
    }
    *out = room;
    return CHALK_OK;
}

int ck_client_room_enter(chalk_session *s, const chalk_room_options *options, const ck_url *url,
                         ck_client_local *local)
{
    ck_client_room *room = NULL;
    int status = CHALK_ERR_BAD_STATE;
    uv_mutex_lock(&s->lock);
    if (s->room == NULL || ck_client_room_is_closed(s->room)) {
        status = make(s, options, url, &room);
    }
    if (status == CHALK_OK) {
        room->local = local;
        ck_client_pointer_lead(&s->pointer, NULL);
        if (s->room != NULL) {
            ck_client_room_unref(s->room);
        }
        s->room = room;
        ck_client_pointer_lead(&s->pointer, room);
        ck_client_room_post(room);
    }
    uv_mutex_unlock(&s->lock);
    return status;
}

int chalk_room_join(chalk_session *s, const chalk_room_options *options)
{
    ck_url url;
    if (s == NULL || options == NULL || !is_sane(options)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_read_url(options->url, &url);
    return status < 0 ? status : ck_client_room_enter(s, options, &url, NULL);
}

/* --- taking and giving ----------------------------------------------------------------------- */

int ck_client_room_take(chalk_session *s, bool alive, ck_client_room **out)
{
    if (s == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    uv_mutex_lock(&s->lock);
    ck_client_room *room = s->room;
    if (room == NULL) {
        uv_mutex_unlock(&s->lock);
        return CHALK_ERR_BAD_STATE;
    }
    uv_mutex_lock(&room->lock);
    if (alive && (room->leaving || room->ended)) {
        uv_mutex_unlock(&room->lock);
        uv_mutex_unlock(&s->lock);
        return CHALK_ERR_BAD_STATE;
    }
    *out = room;
    return CHALK_OK;
}

void ck_client_room_give(chalk_session *s, ck_client_room *room, bool acted)
{
    uv_mutex_unlock(&room->lock);
    if (acted) {
        ck_client_room_post(room);
    }
    uv_mutex_unlock(&s->lock);
}

/* --- ending ---------------------------------------------------------------------------------- */

bool ck_client_room_is_closed(ck_client_room *room)
{
    if (room == NULL) {
        return true;
    }
    uv_mutex_lock(&room->lock);
    bool closed = room->closed;
    uv_mutex_unlock(&room->lock);
    return closed;
}

void ck_client_room_stop(ck_client_room *room)
{
    if (room == NULL) {
        return;
    }
    uv_mutex_lock(&room->lock);
    if (!room->leaving) {
        room->leaving = true;
        room->leave_by_us = ck_clock_us() + CK_CLIENT_ROOM_LEAVE_MS * CK_US_PER_MS;
    }
    uv_mutex_unlock(&room->lock);
    ck_client_room_post(room);
}

int chalk_room_leave(chalk_session *s, chalk_request_id *request)
{
    if (s == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    uv_mutex_lock(&s->lock);
    int status =
        s->room != NULL ? ck_request_make(s, &s->room->request, request) : CHALK_ERR_NOT_FOUND;
    if (status == CHALK_OK) {
        ck_client_room_stop(s->room);
    }
    uv_mutex_unlock(&s->lock);
    return status;
}

void ck_client_room_free(ck_client_room **place)
{
    ck_client_room *room = *place;
    if (room == NULL) {
        return;
    }
    ck_client_pointer_lead(room->pointer, NULL);
    (void)ck_loop_call(room->loop, ck_client_room_detach, room); /* else the loop has ended */
    *place = NULL;
    ck_client_room_unref(room);
}

/* --- news from elsewhere in the session ------------------------------------------------------ */

void ck_client_room_network(ck_client_room *room, bool online)
{
    if (room != NULL) {
        uv_mutex_lock(&room->lock);
        ck_replica_network_changed(room->replica, online ? CK_NETWORK_UP : CK_NETWORK_DOWN,
                                   ck_clock_us());
        uv_mutex_unlock(&room->lock);
        ck_client_room_post(room);
    }
}

void ck_client_room_heard(ck_client_room *room)
{
    if (room != NULL) {
        uv_mutex_lock(&room->lock);
        room->report_at_us = 0;
        uv_mutex_unlock(&room->lock);
        ck_client_room_post(room);
    }
}

void ck_client_room_forget(ck_client_room *room, chalk_playback_id playback)
{
    if (room != NULL) {
        uv_mutex_lock(&room->lock);
        bool followed = room->followed == playback;
        if (followed) {
            ck_client_room_unfollow(room, ck_clock_us());
        }
        uv_mutex_unlock(&room->lock);
        if (followed) {
            ck_client_room_post(room);
        }
    }
}

int chalk_room_set_token(chalk_session *s, const char *token)
{
    ck_bytes text;
    if (!ck_client_room_text(token, 1, TOKEN_MAX, &text)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    ck_client_room *room;
    int status = ck_client_room_take(s, true, &room);
    if (status < 0) {
        return status;
    }
    char *copy = ck_strdup(&ck_heap, token);
    if (copy != NULL) {
        ck_free(&ck_heap, room->token);
        room->token = copy;
        room->token_wanted = false;
    }
    if (copy != NULL && room->token_waits) {
        room->token_waits = false;
        ck_replica_network_changed(room->replica, CK_NETWORK_UP, ck_clock_us());
    } else if (copy != NULL) {
        (void)ck_replica_renew(room->replica, text); /* else the next connection has it */
    }
    ck_client_room_give(s, room, true);
    return copy != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
}
