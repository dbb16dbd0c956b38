/* Which files of the board are here: found, made room for, told of. */
#include "client/assets_inside.h"

#include "base/check.h"
#include "base/time.h"
#include "client/room.h"

#include <string.h>

#define MISSING_US 5000000u /* a file that failed is not fetched again before, unless asked for */

/* --- the list -------------------------------------------------------------------------------- */

static void drop_actions(ck_client_assets *assets, ck_client_asset *asset)
{
    while (!ck_list_is_empty(&asset->actions)) {
        ck_client_asset_wait *w = CK_LIST_OWNER(asset->actions.next, ck_client_asset_wait, link);
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

bool ck_client_assets_make_room(ck_client_room *room, const ck_client_asset *keep, uint64_t bytes,
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
        return ck_client_assets_make_room(room, asset, more, 0) ? CHALK_OK : CHALK_ERR_LIMIT;
    }
    if (!ck_client_assets_make_room(room, NULL, size, 1)) {
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

void ck_client_assets_set_bytes(ck_client_assets *assets, ck_client_asset *asset, ck_slice bytes,
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
    ck_client_assets_set_bytes(room->assets, asset, ck_slice_ref(bytes), probe);
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
    ck_client_asset_wait *w = ck_new(&ck_heap, sizeof *w);
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

/* --- giving up ------------------------------------------------------------------------------- */

void ck_client_assets_give_up(ck_client_assets *assets, ck_client_asset *asset, int cause)
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
        ck_client_assets_give_up(room->assets, asset, cause);
        asset->retry_us = CK_NEVER; /* the same bytes would come again */
    }
}
