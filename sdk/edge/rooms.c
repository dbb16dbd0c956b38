/* The table of rooms: which are loaded, which were left and are still in memory. */
#include "edge/rooms.h"

#include "base/check.h"
#include "base/text.h"
#include "chalkrail/errors.h"
#include "edge/rooms_inside.h"

#include <string.h>

#define DAY_S 86400u

/* A room that a store in memory still has. */
typedef struct left_room {
    ck_list in_left;
    char name[CHALK_NAME_MAX + 1];
} left_room;

ck_room_host *ck_rooms_find(const ck_rooms *rooms, const char *name)
{
    for (ck_list *at = rooms->hosts.next; at != &rooms->hosts; at = at->next) {
        ck_room_host *host = CK_LIST_OWNER(at, ck_room_host, in_rooms);
        if (strcmp(host->name, name) == 0) {
            return host;
        }
    }
    return NULL;
}

/* ---- rooms that nobody is in ---- */

/* The one in which nobody was for longest; NULL: somebody is in each. */
static ck_room_host *find_emptiest(const ck_rooms *rooms)
{
    ck_room_host *found = NULL;
    for (ck_list *at = rooms->hosts.next; at != &rooms->hosts; at = at->next) {
        ck_room_host *host = CK_LIST_OWNER(at, ck_room_host, in_rooms);
        bool emptier = found == NULL || host->empty_us < found->empty_us;
        found = host->empty_us != CK_NEVER && emptier ? host : found;
    }
    return found;
}

bool ck_rooms_have_place(const ck_rooms *rooms)
{
    return rooms->host_count < rooms->rooms_max || find_emptiest(rooms) != NULL;
}

/* What was put on its board goes with it. */
static void forget_room(ck_rooms *rooms, const char *name)
{
    const ck_bytes bytes = ck_bytes_of(name, strlen(name));
    /* Somebody may be in it again, or it was never stored. */
    if (ck_room_store_forget(rooms->store, bytes) != CHALK_ERR_BAD_STATE) {
        ck_assets_forget(rooms->assets, bytes);
    }
}

static void forget(ck_rooms *rooms, left_room *left)
{
    forget_room(rooms, left->name);
    ck_list_remove(&left->in_left);
    rooms->left_count--;
    ck_free(rooms->alloc, left);
}

void ck_rooms_make_room(ck_rooms *rooms)
{
    if (rooms->left_count > 0) {
        forget(rooms, CK_LIST_OWNER(rooms->left.next, left_room, in_left));
    }
}

void ck_rooms_left(ck_rooms *rooms, const char *name)
{
    if (!rooms->forgets || rooms->stopping) {
        return;
    }
    left_room *left = ck_new(rooms->alloc, sizeof *left);
    if (left == NULL) {
        forget_room(rooms, name);
        return;
    }
    (void)ck_text_copy(left->name, sizeof left->name, name); /* the same size */
    ck_list_append(&rooms->left, &left->in_left);
    if (++rooms->left_count > rooms->rooms_max) {
        ck_rooms_make_room(rooms);
    }
}

static void unleave(ck_rooms *rooms, const char *name)
{
    for (ck_list *at = rooms->left.next; at != &rooms->left; at = at->next) {
        left_room *left = CK_LIST_OWNER(at, left_room, in_left);
        if (strcmp(left->name, name) == 0) {
            ck_list_remove(&left->in_left);
            rooms->left_count--;
            ck_free(rooms->alloc, left);
            return;
        }
    }
}

int ck_rooms_enter(ck_rooms *rooms, const char *name, ck_room_host **out)
{
    ck_room_host *makes_place = NULL;
    *out = ck_rooms_find(rooms, name);
    if (*out != NULL) {
        return CHALK_OK;
    }
    if (rooms->host_count >= rooms->rooms_max) {
        makes_place = find_emptiest(rooms);
        if (makes_place == NULL) {
            return CHALK_ERR_LIMIT;
        }
    }
    unleave(rooms, name); /* first, or it might be the one that is forgotten for the other */
    if (makes_place != NULL) {
        ck_host_end(makes_place, CK_REASON_BUSY);
    }
    return ck_host_create(rooms, name, out);
}

/* ---- time ---- */

static void on_watch(void *user, uint64_t now_us)
{
    ck_rooms *rooms = user;
    (void)now_us;
    ck_peers_watch(rooms);
    ck_edge_settle(rooms->edge);
}

void ck_rooms_settle(ck_rooms *rooms)
{
    uint64_t changes = ck_hub_changes(rooms->edge->hub);
    if (changes == rooms->streams_seen || rooms->stopping) {
        return;
    }
    rooms->streams_seen = changes;
    for (ck_list *at = rooms->hosts.next, *next = at->next; at != &rooms->hosts;
         at = next, next = at->next) {
        ck_host_pump(CK_LIST_OWNER(at, ck_room_host, in_rooms));
    }
}

/* ---- life ---- */

/* Its age, on a disk. Who has come back in the meantime keeps what the room had. */
static void on_forgot(void *user, ck_bytes name)
{
    const ck_rooms *rooms = user;
    char text[CHALK_NAME_MAX + 1];
    ck_text name_text = ck_text_of(text, sizeof text);
    ck_text_add_n(&name_text, (const char *)name.data, name.size);
    if (rooms->assets != NULL && ck_rooms_find(rooms, text) == NULL) {
        ck_assets_forget(rooms->assets, name);
    }
}

/* A store on a disk has threads of its own, for which the edge's counted memory is not made. */
static int create_store(ck_rooms *rooms, const char *data)
{
    const ck_room_store_config config = {
        .loop = rooms->edge->loop,
        .alloc = data != NULL ? &ck_heap : rooms->alloc,
        .log = &rooms->edge->log,
        .folder = data,
        .keep_s = rooms->edge->data_keep_days * DAY_S,
        .forgot = on_forgot,
        .user = rooms,
    };
    rooms->forgets = data == NULL;
    return data != NULL ? ck_disk_rooms_create(&config, &rooms->store)
                        : ck_memory_rooms_create(&config, &rooms->store);
}

static int create_assets(ck_rooms *rooms, const char *data)
{
    const ck_assets_config config = {
        .loop = rooms->edge->loop,
        .alloc = rooms->alloc,
        .log = &rooms->edge->log,
        .folder = data,
    };
    return ck_assets_create(&config, &rooms->assets);
}

static int serve(ck_rooms *rooms)
{
    const ck_ws_limits limits = {
        .queue_messages = CK_ROOM_QUEUE_MESSAGES,
        .queue_bytes = CK_ROOM_QUEUE_BYTES,
        .message_bytes = CK_ROOM_FRAME_MAX,
    };
    return ck_httpd_websocket(rooms->edge->httpd, "/rooms/*", CK_ROOM_PROTOCOL,
                              &ck_room_peer_events, &limits, rooms);
}

int ck_rooms_create(ck_edge *edge, const char *data, ck_rooms **out)
{
    ck_rooms *rooms = ck_new(&edge->budget.alloc, sizeof *rooms);
    if (rooms == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    rooms->edge = edge;
    rooms->alloc = &edge->budget.alloc;
    rooms->rooms_max = edge->rooms_max;
    ck_list_init(&rooms->hosts);
    ck_list_init(&rooms->watched);
    ck_list_init(&rooms->left);
    ck_list_init(&rooms->uploads);
    ck_room_gate_init(&rooms->gate, ck_edge_now(edge));
    int status = create_store(rooms, data);
    if (status == CHALK_OK) {
        status = create_assets(rooms, data);
    }
    if (status == CHALK_OK) {
        status = ck_timer_create(edge->loop, on_watch, rooms, &rooms->watch_timer);
    }
    if (status == CHALK_OK) {
        status = serve(rooms);
    }
    if (status == CHALK_OK) {
        status = ck_asset_page_install(rooms);
    }
    if (status < 0) {
        ck_rooms_destroy(&rooms);
        return status;
    }
    *out = rooms;
    return CHALK_OK;
}

void ck_rooms_stop(ck_rooms *rooms)
{
    rooms->stopping = true;
    while (!ck_list_is_empty(&rooms->hosts)) {
        ck_host_end(CK_LIST_OWNER(rooms->hosts.next, ck_room_host, in_rooms), CK_REASON_BUSY);
    }
}

void ck_rooms_destroy(ck_rooms **out)
{
    ck_rooms *rooms = *out;
    *out = NULL;
    if (rooms == NULL) {
        return;
    }
    ck_rooms_stop(rooms);
    while (!ck_list_is_empty(&rooms->left)) {
        left_room *left = CK_LIST_OWNER(rooms->left.next, left_room, in_left);
        ck_list_remove(&left->in_left);
        ck_free(rooms->alloc, left);
    }
    ck_timer_destroy(&rooms->watch_timer);
    ck_assets_destroy(&rooms->assets);
    ck_room_store_destroy(&rooms->store);
    ck_free(rooms->alloc, rooms);
}

uint32_t ck_rooms_connections(const ck_rooms *rooms)
{
    return rooms->peer_count;
}

ck_assets_stats ck_rooms_assets(const ck_rooms *rooms)
{
    return ck_assets_get_stats(rooms->assets);
}
