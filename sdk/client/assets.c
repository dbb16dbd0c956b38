/* Which files of the board are here, and how they come and go. */
#include "client/assets.h"

#include "base/check.h"
#include "base/time.h"
#include "client/board_action.h"
#include "client/room.h"

#include <openssl/evp.h>
#include <string.h>

#define RETRY_US      500000u /* doubles */
#define RETRY_MOST_US 8000000u
#define MISSING_US    5000000u /* a file that failed is not fetched again before */
#define WAIT_US       100000u  /* an action that found no room in the replica */

/* An action on the board that waits for an upload. */
typedef struct waiting {
    ck_list link;
    ck_client_action action;
} waiting;

/* One direction. */
typedef struct transfer {
    struct ck_client_room *room;
    ck_fetch *fetch;
    ck_client_asset *asset; /* NULL: none is under way */
    bool dropped;           /* what `fetch` is at is not wanted any more */
    bool turns;             /* something has changed in this turn of the loop */
} transfer;

struct ck_client_assets {
    ck_list all;
    uint32_t count, waits;
    uint64_t bytes;
    transfer get, put;
    ck_buf incoming;
    EVP_MD_CTX *digest;
};

/* --- the list -------------------------------------------------------------------------------- */

static void drop_actions(ck_client_assets *assets, ck_client_asset *asset)
{
    while (!ck_list_is_empty(&asset->actions)) {
        waiting *w = CK_LIST_OWNER(asset->actions.next, waiting, link);
        ck_list_remove(&w->link);
        ck_buf_free(&w->action.rest);
        ck_free(&ck_heap, w);
        assets->waits--;
    }
}

static void remove_asset(ck_client_assets *assets, ck_client_asset *asset)
{
    drop_actions(assets, asset);
    assets->bytes -= asset->bytes.size;
    assets->count--;
    ck_slice_unref(&asset->bytes);
    ck_list_remove(&asset->link);
    ck_free(&ck_heap, asset);
}

void ck_client_assets_destroy(ck_client_assets **place)
{
    ck_client_assets *assets = *place;
    *place = NULL;
    if (assets == NULL) {
        return;
    }
    while (!ck_list_is_empty(&assets->all)) {
        remove_asset(assets, CK_LIST_OWNER(assets->all.next, ck_client_asset, link));
    }
    ck_buf_free(&assets->incoming);
    EVP_MD_CTX_free(assets->digest);
    ck_free(&ck_heap, assets);
}

static ck_client_assets *assets_of(ck_client_room *room)
{
    if (room->assets != NULL) {
        return room->assets;
    }
    ck_client_assets *assets = ck_new(&ck_heap, sizeof *assets);
    if (assets == NULL) {
        return NULL;
    }
    ck_list_init(&assets->all);
    ck_buf_init(&assets->incoming, &ck_heap, CK_ASSET_DECK_MAX);
    assets->get.room = assets->put.room = room;
    assets->digest = EVP_MD_CTX_new();
    room->assets = assets;
    if (assets->digest == NULL) {
        ck_client_assets_destroy(&room->assets);
    }
    return room->assets;
}

ck_client_asset *ck_client_assets_find(ck_client_room *room, const uint8_t *hash)
{
    ck_client_assets *assets = room->assets;
    for (ck_list *at = assets != NULL ? assets->all.next : NULL;
         assets != NULL && at != &assets->all; at = at->next) {
        ck_client_asset *asset = CK_LIST_OWNER(at, ck_client_asset, link);
        if (memcmp(asset->hash, hash, CK_BOARD_HASH) == 0) {
            return asset;
        }
    }
    return NULL;
}

static bool fits(const ck_client_assets *assets, uint64_t bytes, uint32_t count)
{
    return assets->bytes + bytes <= CK_CLIENT_ASSETS_BYTES &&
           assets->count + count <= CK_CLIENT_ASSETS_COUNT;
}

/* For so much more. What can be fetched again may go, but not `keep`; without an edge nothing can.
 */
static bool make_room(ck_client_room *room, const ck_client_asset *keep, uint64_t bytes,
                      uint32_t count)
{
    ck_client_assets *assets = room->assets;
    ck_list *at = assets->all.next;
    while (!fits(assets, bytes, count) && at != &assets->all) {
        ck_client_asset *asset = CK_LIST_OWNER(at, ck_client_asset, link);
        at = at->next;
        bool idle = asset->state == CHALK_ASSET_READY || asset->state == CHALK_ASSET_FAILED;
        if (idle && asset != keep && room->local == NULL && ck_list_is_empty(&asset->actions)) {
            remove_asset(assets, asset);
        }
    }
    return fits(assets, bytes, count);
}

/* Found or new, with room for a file of `size`; the one that goes last now. */
static int get_asset(ck_client_room *room, const uint8_t *hash, uint64_t size,
                     ck_client_asset **out)
{
    ck_client_assets *assets = assets_of(room);
    if (assets == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_client_asset *asset = ck_client_assets_find(room, hash);
    if (asset != NULL) {
        ck_list_remove(&asset->link);
        ck_list_append(&assets->all, &asset->link);
        *out = asset;
        uint64_t more = size > asset->bytes.size ? size - asset->bytes.size : 0;
        return make_room(room, asset, more, 0) ? CHALK_OK : CHALK_ERR_LIMIT;
    }
    if (!make_room(room, NULL, size, 1)) {
        return CHALK_ERR_LIMIT;
    }
    asset = ck_new(&ck_heap, sizeof *asset);
    if (asset == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    memcpy(asset->hash, hash, CK_BOARD_HASH);
    ck_list_init(&asset->actions);
    ck_list_append(&assets->all, &asset->link);
    assets->count++;
    *out = asset;
    return CHALK_OK;
}

static void forget_incoming(ck_client_assets *assets)
{
    ck_buf_free(&assets->incoming);
    ck_buf_init(&assets->incoming, &ck_heap, CK_ASSET_DECK_MAX);
}

static void set_bytes(ck_client_assets *assets, ck_client_asset *asset, ck_slice bytes,
                      const ck_asset_probe *probe)
{
    assets->bytes += bytes.size - asset->bytes.size;
    ck_slice_unref(&asset->bytes);
    asset->bytes = bytes;
    asset->probe = *probe;
    asset->size = bytes.size;
}

/* --- what is asked for ----------------------------------------------------------------------- */

int ck_client_assets_keep(ck_client_room *room, ck_slice bytes, const ck_asset_probe *probe,
                          const uint8_t *hash, ck_client_asset **out)
{
    int status = get_asset(room, hash, bytes.size, out);
    if (status < 0) {
        return status;
    }
    ck_client_asset *asset = *out;
    bool here = asset->state == CHALK_ASSET_READY || asset->state == CHALK_ASSET_UPLOADING;
    if (here && asset->bytes.size > 0) {
        asset->told = (enum chalk_asset_state)0; /* who gives it again is told again */
        return CHALK_OK;
    }
    if (room->assets->get.asset == asset) {
        room->assets->get.asset = NULL;
        room->assets->get.dropped = true; /* the loop's thread ends it */
    }
    set_bytes(room->assets, asset, ck_slice_ref(bytes), probe);
    asset->state = room->local != NULL ? CHALK_ASSET_READY : CHALK_ASSET_UPLOADING;
    asset->done = room->local != NULL ? asset->size : 0;
    asset->retry_us = 0;
    asset->tries = 0;
    asset->told = (enum chalk_asset_state)0;
    return CHALK_OK;
}

int ck_client_assets_want(ck_client_room *room, const uint8_t *hash, ck_client_asset **out)
{
    uint64_t now_us = ck_clock_us();
    int status = get_asset(room, hash, 0, out);
    if (status < 0) {
        return status;
    }
    ck_client_asset *asset = *out;
    bool again = asset->state == CHALK_ASSET_FAILED && now_us >= asset->retry_us &&
                 ck_list_is_empty(&asset->actions);
    if (asset->state == 0 || again) {
        asset->state = room->local != NULL ? CHALK_ASSET_FAILED : CHALK_ASSET_LOADING;
        asset->cause = CHALK_ERR_NOT_FOUND;
        asset->retry_us = room->local != NULL ? CK_NEVER : 0;
        asset->tries = 0;
        asset->done = 0;
        asset->told = (enum chalk_asset_state)0;
    }
    return CHALK_OK;
}

int ck_client_assets_wait(ck_client_room *room, ck_client_asset *asset,
                          const ck_client_action *action)
{
    if (room->assets->waits >= CK_CLIENT_ASSETS_WAITS) {
        return CHALK_ERR_LIMIT;
    }
    waiting *w = ck_new(&ck_heap, sizeof *w);
    if (w == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    w->action = *action;
    ck_list_append(&asset->actions, &w->link);
    room->assets->waits++;
    return CHALK_OK;
}

/* --- telling --------------------------------------------------------------------------------- */

static bool is_news(const ck_client_asset *asset)
{
    bool over = asset->state == CHALK_ASSET_READY || asset->state == CHALK_ASSET_FAILED;
    return over && asset->told != asset->state;
}

bool ck_client_assets_have_news(const ck_client_room *room)
{
    const ck_client_assets *assets = room->assets;
    for (const ck_list *at = assets != NULL ? assets->all.next : NULL;
         assets != NULL && at != &assets->all; at = at->next) {
        if (is_news(CK_LIST_OWNER(at, ck_client_asset, link))) {
            return true;
        }
    }
    return false;
}

bool ck_client_assets_tell(ck_client_room *room, chalk_room_event *out, ck_bytes *hash)
{
    ck_client_assets *assets = room->assets;
    for (ck_list *at = assets != NULL ? assets->all.next : NULL;
         assets != NULL && at != &assets->all; at = at->next) {
        ck_client_asset *asset = CK_LIST_OWNER(at, ck_client_asset, link);
        if (is_news(asset)) {
            asset->told = asset->state;
            out->kind = CHALK_ROOM_EVENT_ASSET;
            out->value = asset->state;
            out->cause = asset->state == CHALK_ASSET_FAILED ? asset->cause : CHALK_OK;
            *hash = ck_bytes_of(asset->hash, CK_BOARD_HASH);
            return true;
        }
    }
    return false;
}

/* --- transfers: the loop's thread ------------------------------------------------------------ */

static void fail(ck_client_assets *assets, ck_client_asset *asset, int cause)
{
    asset->state = CHALK_ASSET_FAILED;
    asset->cause = cause;
    asset->retry_us = ck_clock_us() + MISSING_US;
    drop_actions(assets, asset);
}

void ck_client_assets_fail(ck_client_room *room, const uint8_t *hash, int cause)
{
    ck_client_asset *asset = ck_client_assets_find(room, hash);
    if (asset != NULL && asset->state == CHALK_ASSET_READY) {
        fail(room->assets, asset, cause);
        asset->retry_us = CK_NEVER; /* the same bytes would come again */
    }
}

/* What may be better soon. */
static bool passes(int status)
{
    switch (status) {
    case CHALK_ERR_DENIED:
    case CHALK_ERR_NO_STREAM:
    case CHALK_ERR_BAD_DATA:
    case CHALK_ERR_TOO_LARGE:
    case CHALK_ERR_UNSUPPORTED:
    case CHALK_ERR_NO_SPACE:
    case CHALK_ERR_INVALID_ARGUMENT:
        return false;
    default:
        return true;
    }
}

static void settle(transfer *t, int status)
{
    ck_client_assets *assets = t->room->assets;
    ck_client_asset *asset = t->asset;
    t->asset = NULL;
    if (status == CHALK_OK) {
        asset->state = CHALK_ASSET_READY;
        asset->done = asset->size;
    } else if (passes(status)) {
        uint64_t wait_us = (uint64_t)RETRY_US << CK_MIN(asset->tries, 4u);
        asset->tries++;
        asset->retry_us = ck_clock_us() + CK_MIN(wait_us, RETRY_MOST_US);
    } else {
        fail(assets, asset, status == CHALK_ERR_NO_STREAM ? CHALK_ERR_NOT_FOUND : status);
    }
}

/* All has come: it must be what was asked for. */
static int take_in(ck_client_room *room, ck_client_asset *asset)
{
    ck_client_assets *assets = room->assets;
    uint8_t hash[CK_BOARD_HASH];
    unsigned size = 0;
    ck_asset_probe probe;
    int status = ck_buf_status(&assets->incoming);
    if (status < 0) {
        return status;
    }
    ck_bytes file = ck_bytes_of(assets->incoming.data, assets->incoming.size);
    bool same = EVP_DigestFinal_ex(assets->digest, hash, &size) == 1 &&
                memcmp(hash, asset->hash, sizeof hash) == 0;
    status = same ? ck_asset_read(file, &probe) : CHALK_ERR_BAD_DATA;
    if (status == CHALK_OK && !make_room(room, asset, file.size, 0)) {
        status = CHALK_ERR_LIMIT;
    }
    ck_slice bytes = {0};
    if (status == CHALK_OK) {
        bytes = ck_slice_copy(&ck_heap, file.data, file.size);
        status = bytes.data != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    }
    if (status == CHALK_OK) {
        set_bytes(assets, asset, bytes, &probe);
    }
    return status;
}

static void enter(void *user)
{
    (void)user;
}

/* What came of it is told, and the next begins; the room may go in that. */
static void leave(void *user)
{
    transfer *t = user;
    bool turns = t->turns;
    t->turns = false;
    if (turns) {
        ck_client_room_turn(t->room);
    }
}

static void on_data(void *user, const uint8_t *data, size_t size)
{
    transfer *t = user;
    ck_client_room *room = t->room;
    uv_mutex_lock(&room->lock);
    if (t->asset != NULL && t == &room->assets->get) {
        ck_buf_put(&room->assets->incoming, data, size);
        (void)EVP_DigestUpdate(room->assets->digest, data, size); /* else the hash is another */
        t->asset->done += size;
    }
    uv_mutex_unlock(&room->lock);
}

static void on_done(void *user, int status, const char *text)
{
    transfer *t = user;
    ck_client_room *room = t->room;
    bool gets = t == &room->assets->get; /* an upload that ends leaves alone what is fetched */
    (void)text;
    uv_mutex_lock(&room->lock);
    if (t->asset != NULL) {
        if (status == CHALK_OK && gets) {
            status = take_in(room, t->asset);
        }
        settle(t, status);
    }
    if (gets) {
        forget_incoming(room->assets);
    }
    t->turns = true;
    uv_mutex_unlock(&room->lock);
}

static int begin(transfer *t)
{
    ck_client_room *room = t->room;
    ck_client_assets *assets = room->assets;
    ck_url url;
    const ck_fetch_host host = {
        .enter = enter, .leave = leave, .data = on_data, .done = on_done, .user = t};
    int status =
        t->fetch != NULL ? CHALK_OK : ck_fetch_create(room->loop, room->tls, &host, &t->fetch);
    if (status == CHALK_OK && !ck_client_room_asset_url(room, t->asset->hash, &url)) {
        status = CHALK_ERR_INVALID_ARGUMENT;
    }
    if (status == CHALK_OK && t == &assets->put) {
        return ck_fetch_put(t->fetch, &url, t->asset->bytes);
    }
    t->asset->done = 0;
    forget_incoming(assets);
    if (status == CHALK_OK && EVP_DigestInit_ex(assets->digest, EVP_sha256(), NULL) != 1) {
        status = CHALK_ERR_NO_MEMORY;
    }
    return status == CHALK_OK ? ck_fetch_get(t->fetch, &url, 0, 0) : status;
}

static void run_transfer(transfer *t, enum chalk_asset_state state, uint64_t now_us)
{
    ck_client_assets *assets = t->room->assets;
    if (t->dropped) {
        t->dropped = false;
        ck_fetch_cancel(t->fetch);
    }
    for (ck_list *at = assets->all.next; at != &assets->all && t->asset == NULL; at = at->next) {
        ck_client_asset *asset = CK_LIST_OWNER(at, ck_client_asset, link);
        if (asset->state != state || now_us < asset->retry_us) {
            continue;
        }
        t->asset = asset;
        int status = begin(t);
        if (status < 0) {
            settle(t, status);
        }
    }
}

/* --- what waited for an upload --------------------------------------------------------------- */

static int act(ck_client_room *room, ck_client_action *a)
{
    a->op.term = ck_drawing_term(&room->board.drawing, room->replica);
    if (a->op.term == 0) {
        return CHALK_ERR_AGAIN;
    }
    if (a->op.code == CK_BOARD_PAGES) {
        a->op.first = ck_client_board_next_page(room);
    }
    return ck_client_action_intend(room, a, NULL, NULL);
}

static void run_actions(ck_client_room *room, ck_client_asset *asset, uint64_t now_us)
{
    while (!ck_list_is_empty(&asset->actions)) {
        waiting *w = CK_LIST_OWNER(asset->actions.next, waiting, link);
        int status = act(room, &w->action);
        if (status == CHALK_ERR_AGAIN || status == CHALK_ERR_LIMIT ||
            status == CHALK_ERR_NO_MEMORY) {
            asset->retry_us = now_us + WAIT_US;
            return;
        }
        ck_list_remove(&w->link);
        ck_buf_free(&w->action.rest);
        ck_free(&ck_heap, w);
        room->assets->waits--;
        if (status < 0) {
            fail(room->assets, asset, status);
        }
    }
}

void ck_client_assets_run(ck_client_room *room, uint64_t now_us)
{
    ck_client_assets *assets = room->assets;
    if (assets == NULL || room->leaving) {
        return;
    }
    for (ck_list *at = assets->all.next; at != &assets->all; at = at->next) {
        ck_client_asset *asset = CK_LIST_OWNER(at, ck_client_asset, link);
        if (asset->state == CHALK_ASSET_READY) {
            run_actions(room, asset, now_us);
        }
    }
    if (room->local == NULL && ck_replica_state_of(room->replica) == CK_SESSION_LIVE) {
        run_transfer(&assets->get, CHALK_ASSET_LOADING, now_us);
        run_transfer(&assets->put, CHALK_ASSET_UPLOADING, now_us);
    }
}

uint64_t ck_client_assets_due(const ck_client_room *room)
{
    const ck_client_assets *assets = room->assets;
    uint64_t due_us = CK_NEVER;
    bool live = assets != NULL && ck_replica_state_of(room->replica) == CK_SESSION_LIVE;
    for (const ck_list *at = live ? assets->all.next : NULL; live && at != &assets->all;
         at = at->next) {
        const ck_client_asset *asset = CK_LIST_OWNER(at, ck_client_asset, link);
        bool acts = asset->state == CHALK_ASSET_READY && !ck_list_is_empty(&asset->actions);
        bool waits = (asset->state == CHALK_ASSET_LOADING && assets->get.asset == NULL) ||
                     (asset->state == CHALK_ASSET_UPLOADING && assets->put.asset == NULL);
        due_us = acts || waits ? CK_MIN(due_us, asset->retry_us) : due_us;
    }
    return due_us;
}

void ck_client_assets_stop(ck_client_room *room)
{
    if (room->assets != NULL) {
        room->assets->get.asset = room->assets->put.asset = NULL;
        ck_fetch_free(&room->assets->get.fetch);
        ck_fetch_free(&room->assets->put.fetch);
    }
}
