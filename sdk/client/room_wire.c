/* A room's WebSocket: where it leads, what comes over it, how it ends. */
#include "client/room.h"

#include "base/check.h"
#include "base/text.h"
#include "base/time.h"

#include <string.h>

#define PROTOCOL "chalkrail.room.1"
#define GOODBYE  1000 /* RFC 6455, 7.4.1: done */

/* --- addresses ------------------------------------------------------------------------------- */

static void add_encoded(ck_text *t, const char *text)
{
    char encoded[CK_URL_MAX * 3];
    if (ck_url_encode(encoded, sizeof encoded, text) < 0) {
        t->cut = true;
        return;
    }
    ck_text_add(t, encoded);
}

static void add_who(ck_text *t, const ck_client_room *room)
{
    if (room->token != NULL) {
        ck_text_add(t, "?token=");
        add_encoded(t, room->token);
        return;
    }
    ck_text_add(t, "?name=");
    add_encoded(t, room->person);
    ck_text_add(t, "&role=");
    ck_text_add(t, chalk_role_name(room->role));
}

static bool make_target(const ck_client_room *room, const ck_url *edge, char *out, size_t size)
{
    ck_text t = ck_text_of(out, size);
    ck_text_add(&t, edge->path);
    ck_text_add(&t, "/rooms/");
    add_encoded(&t, room->name);
    add_who(&t, room);
    return !t.cut;
}

int ck_client_room_read_url(const char *text, ck_url *out)
{
    int status = ck_url_parse(out, text);
    if (status < 0) {
        return status == CHALK_ERR_LIMIT ? CHALK_ERR_INVALID_ARGUMENT : status;
    }
    bool rtmp = out->scheme == CK_URL_RTMP || out->scheme == CK_URL_RTMPS;
    size_t size = strlen(out->path);
    if (rtmp || out->has_query) {
        return rtmp ? CHALK_ERR_UNSUPPORTED : CHALK_ERR_INVALID_ARGUMENT;
    }
    while (size > 0 && out->path[size - 1] == '/') {
        out->path[--size] = '\0';
    }
    return CHALK_OK;
}

/* Where the room is: where it was joined, or where its edge has sent us. A token that was under TLS
 * stays there. */
static ck_url edge_of(const ck_client_room *room)
{
    char text[CK_MOVED_URL_MAX + 1];
    ck_bytes moved = ck_replica_moved_to(room->replica);
    ck_text t = ck_text_of(text, sizeof text);
    ck_text_add_n(&t, (const char *)moved.data, moved.size);
    ck_url url = {0};
    bool good = moved.size > 0 && ck_client_room_read_url(text, &url) == CHALK_OK &&
                url.tls == room->secure;
    if (!good) {
        (void)ck_client_room_read_url(room->edge, &url); /* it was good when it was joined */
    }
    return url;
}

bool ck_client_room_stream_url(const ck_client_room *room, const char *person, uint64_t media,
                               char *out, size_t size)
{
    char authority[CK_URL_HOST_MAX + 16];
    if (person[0] == '\0') {
        return false;
    }
    ck_url url = edge_of(room);
    url.scheme = url.tls ? CK_URL_HTTPS : CK_URL_HTTP; /* the ports of ws and wss are theirs */
    if (ck_url_authority(&url, authority, sizeof authority) < 0) {
        return false;
    }
    ck_text t = ck_text_of(out, size);
    ck_text_add(&t, ck_url_scheme_name(url.scheme));
    ck_text_add(&t, "://");
    ck_text_add(&t, authority);
    ck_text_add(&t, url.path);
    ck_text_add(&t, "/");
    add_encoded(&t, room->name);
    ck_text_add(&t, "/");
    add_encoded(&t, person);
    ck_text_add(&t, media == CK_MEDIA_SCREEN ? "/screen.flv" : "/camera.flv");
    if (room->token != NULL) {
        ck_text_add(&t, "?token=");
        add_encoded(&t, room->token);
    }
    return !t.cut;
}

bool ck_client_room_asset_url(const ck_client_room *room, const uint8_t *hash, ck_url *out)
{
    char target[CK_WS_TARGET_MAX + 1];
    *out = edge_of(room);
    out->scheme = out->tls ? CK_URL_HTTPS : CK_URL_HTTP;
    ck_text path = ck_text_of(target, sizeof target);
    ck_text_add(&path, out->path);
    ck_text_add(&path, "/rooms/");
    add_encoded(&path, room->name);
    ck_text_add(&path, "/assets/");
    ck_text_add_hex(&path, hash, CK_BOARD_HASH);
    bool fits = !path.cut && ck_text_copy(out->path, sizeof out->path, target);
    ck_text query = ck_text_of(target, sizeof target);
    add_who(&query, room);
    out->has_query = true;
    return fits && !query.cut && ck_text_copy(out->query, sizeof out->query, target + 1);
}

/* --- from the WebSocket: without the lock ---------------------------------------------------- */

static void on_opened(void *user, ck_ws *ws)
{
    (void)ws;
    ck_client_room *room = user;
    uv_mutex_lock(&room->lock);
    room->opened = true;
    ck_replica_opened(room->replica, room->attempt, ck_clock_us());
    uv_mutex_unlock(&room->lock);
    ck_client_room_turn(room);
}

static void on_message(void *user, ck_ws *ws, const uint8_t *data, size_t size, bool text)
{
    (void)ws;
    (void)text; /* whoever sends text has said nothing that is a frame */
    ck_client_room *room = user;
    uv_mutex_lock(&room->lock);
    if (room->goodbye_us == 0) {
        uint64_t now_us = ck_clock_us();
        room->bytes_received += size;
        room->messages_received++;
        room->bytes_framing += size < 126 ? 2 : size < 65536 ? 4 : 10; /* RFC 6455, 5.2 */
        ck_client_room_playing(room, now_us);
        ck_replica_feed(room->replica, room->attempt, ck_bytes_of(data, size), now_us);
    }
    uv_mutex_unlock(&room->lock);
    ck_client_room_turn(room);
}

/* A token that was good once is not any more: nothing of the room is given up for that, another
 * token will do. What was never let in and is told that the request is wrong, or that there is no
 * such place, would be told so again. */
static int judge_refusal(ck_client_room *room, int status, uint16_t http_status)
{
    bool was_in = ck_replica_me(room->replica) != 0;
    bool moved = ck_replica_moved_to(room->replica).size > 0;
    if (status == CHALK_ERR_DENIED && was_in && room->token != NULL) {
        room->token_waits = true;
        room->token_wanted = true;
        return CHALK_ERR_AGAIN;
    }
    if (was_in || moved) {
        return status;
    }
    return http_status == 400   ? CHALK_ERR_INVALID_ARGUMENT
           : http_status == 404 ? CHALK_ERR_NOT_FOUND
                                : status;
}

static void on_closed(void *user, ck_ws *ws, int status, uint16_t code)
{
    ck_client_room *room = user;
    uv_mutex_lock(&room->lock);
    room->ws = NULL;
    if (room->goodbye_us != 0) {
        room->goodbye_us = 0;
    } else {
        if (!room->opened) {
            room->refusal = ck_strdup(&ck_heap, ck_ws_refusal_words(ws)); /* it can go unsaid */
        }
        status = room->opened ? status : judge_refusal(room, status, code);
        ck_replica_failed(room->replica, room->attempt, status, ck_clock_us());
    }
    uv_mutex_unlock(&room->lock);
    ck_client_room_turn(room);
}

/* --- what the replica asks for: with the lock ------------------------------------------------ */

void ck_client_room_open(ck_client_room *room, uint32_t attempt, uint64_t now_us)
{
    char target[CK_WS_TARGET_MAX + 1];
    room->attempt = attempt;
    room->opened = false;
    ck_free(&ck_heap, room->refusal);
    room->refusal = NULL;
    ck_client_room_cut(room);
    if (room->local != NULL) {
        ck_client_local_open(room, now_us);
        return;
    }
    int status = CHALK_ERR_AGAIN;
    if (!room->token_waits) {
        const ck_url edge = edge_of(room);
        const ck_ws_client_config config = {
            .loop = room->loop,
            .tls = room->tls,
            .protocol = PROTOCOL,
            .limits = {.queue_messages = CK_REPLICA_OUTPUTS,
                       .queue_bytes = CK_CLIENT_ROOM_MESSAGE_MAX,
                       .message_bytes = CK_CLIENT_ROOM_MESSAGE_MAX},
            .events = {.opened = on_opened, .message = on_message, .closed = on_closed},
            .faults = room->faults,
            .attempt = attempt,
            .user = room,
        };
        status = make_target(room, &edge, target, sizeof target)
                     ? ck_ws_connect(&config, edge.host, edge.port, target, &room->ws)
                     : CHALK_ERR_INVALID_ARGUMENT;
    }
    if (status < 0) {
        ck_replica_failed(room->replica, attempt, status, now_us);
    }
}

void ck_client_room_send(ck_client_room *room, ck_slice *bytes, uint64_t now_us)
{
    size_t size = bytes->size;
    if (room->local != NULL) {
        ck_client_local_send(room, ck_bytes_of(bytes->data, size), now_us);
        return;
    }
    int status =
        room->ws != NULL && room->opened ? ck_ws_send(room->ws, bytes, false) : CHALK_ERR_BAD_STATE;
    if (status == CHALK_OK) {
        room->bytes_sent += size;
    } else if (status != CHALK_ERR_BAD_STATE) { /* that one is told by `closed` */
        ck_replica_failed(room->replica, room->attempt, CHALK_ERR_DISCONNECTED, now_us);
    }
}

/* The loop's thread, without the lock. */
int ck_client_room_disturb(ck_client_room *room, uint64_t until_us)
{
    int status = CHALK_OK;
    uv_mutex_lock(&room->lock);
    bool open = room->ws != NULL && room->opened && room->goodbye_us == 0;
    if (open && until_us != 0) {
        status = ck_ws_stall(room->ws, until_us);
    } else if (open) {
        ck_ws_destroy(&room->ws);
        ck_replica_failed(room->replica, room->attempt, CHALK_ERR_DISCONNECTED, ck_clock_us());
    }
    uv_mutex_unlock(&room->lock);
    ck_client_room_turn(room);
    return status;
}

/* In order where we leave; else nothing that still comes is of use. */
void ck_client_room_cut(ck_client_room *room)
{
    if (room->local != NULL) {
        ck_client_local_close(room, ck_clock_us());
    }
    if (room->ws == NULL) {
        return;
    }
    if (room->left && room->opened) {
        room->goodbye_us = ck_clock_us() + CK_CLIENT_ROOM_GOODBYE_MS * CK_US_PER_MS;
        ck_ws_close(room->ws, GOODBYE);
    } else {
        ck_ws_destroy(&room->ws);
    }
}
