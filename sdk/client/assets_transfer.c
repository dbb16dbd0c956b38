/* How the board's files come and go, and what waits for that. */
#include "client/assets_inside.h"

#include "base/check.h"
#include "base/time.h"
#include "client/room.h"

#include <string.h>

#define RETRY_US      500000u /* doubles */
#define RETRY_MOST_US 8000000u
#define WAIT_US       100000u /* an action that found no room in the replica */

/* --- transfers ------------------------------------------------------------------------------- */

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

static void settle(ck_client_transfer *t, int status)
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
        ck_client_assets_give_up(assets, asset,
                                 status == CHALK_ERR_NO_STREAM ? CHALK_ERR_NOT_FOUND : status);
    }
}

static void forget_incoming(ck_client_assets *assets)
{
    ck_buf_free(&assets->incoming);
    ck_buf_init(&assets->incoming, &ck_heap, CK_ASSET_DECK_MAX);
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
    if (status == CHALK_OK && !ck_client_assets_make_room(room, asset, file.size, 0)) {
        status = CHALK_ERR_LIMIT;
    }
    ck_slice bytes = {0};
    if (status == CHALK_OK) {
        bytes = ck_slice_copy(&ck_heap, file.data, file.size);
        status = bytes.data != NULL ? CHALK_OK : CHALK_ERR_NO_MEMORY;
    }
    if (status == CHALK_OK) {
        ck_client_assets_set_bytes(assets, asset, bytes, &probe);
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
    ck_client_transfer *t = user;
    bool turns = t->turns;
    t->turns = false;
    if (turns) {
        ck_client_room_turn(t->room);
    }
}

static void on_data(void *user, const uint8_t *data, size_t size)
{
    ck_client_transfer *t = user;
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
    ck_client_transfer *t = user;
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

static int begin(ck_client_transfer *t)
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

static void run_transfer(ck_client_transfer *t, enum chalk_asset_state state, uint64_t now_us)
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
        ck_client_asset_wait *w = CK_LIST_OWNER(asset->actions.next, ck_client_asset_wait, link);
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
            ck_client_assets_give_up(room->assets, asset, status);
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
