/* Pictures and decks, as the application gives and asks for them. */
#include "client/assets.h"

#include "base/check.h"
#include "client/board_action.h"
#include "client/room.h"

#include <openssl/sha.h>
#include <string.h>

_Static_assert((int)CHALK_ASSET_PNG == CK_ASSET_PNG && (int)CHALK_ASSET_PDF == CK_ASSET_PDF &&
                   CHALK_BOARD_HASH == CK_ASSET_HASH && CK_ASSET_SIDE_MAX == CK_BOARD_SIDE_MAX &&
                   CK_ASSET_PIXELS_MAX == CK_BOARD_PIXELS_MAX,
               "the public names and limits are the core's");

/* --- looking --------------------------------------------------------------------------------- */

static int identify(const uint8_t *data, size_t size, ck_asset_probe *probe, uint8_t *hash)
{
    if (data == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_asset_read(ck_bytes_of(data, size), probe);
    if (status == CHALK_OK && SHA256(data, size, hash) == NULL) {
        status = CHALK_ERR_NO_MEMORY;
    }
    return status;
}

int chalk_asset_identify(const uint8_t *data, size_t size, chalk_asset_info *info, uint8_t *hash)
{
    uint8_t digest[CK_BOARD_HASH];
    ck_asset_probe probe;
    if (info == NULL || !CK_KNOWN_SIZE(info)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = identify(data, size, &probe, digest);
    if (status < 0) {
        return status;
    }
    *info = (chalk_asset_info){
        .struct_size = info->struct_size,
        .kind = (uint32_t)probe.kind,
        .wide = probe.wide,
        .high = probe.high,
        .size = size,
    };
    if (hash != NULL) {
        memcpy(hash, digest, sizeof digest);
    }
    return CHALK_OK;
}

/* The asset of that hash, and the room's lock. */
static int take_asset(chalk_session *s, const uint8_t *hash, ck_client_room **room,
                      ck_client_asset **out)
{
    if (hash == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_take(s, false, room);
    if (status < 0) {
        return status;
    }
    *out = ck_client_assets_find(*room, hash);
    if (*out == NULL) {
        ck_client_room_give(s, *room, false);
    }
    return *out != NULL ? CHALK_OK : CHALK_ERR_NOT_FOUND;
}

int chalk_asset_get_info(chalk_session *s, const uint8_t *hash, chalk_asset_info *info)
{
    ck_client_room *room;
    ck_client_asset *asset;
    if (info == NULL || !CK_KNOWN_SIZE(info)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = take_asset(s, hash, &room, &asset);
    if (status < 0) {
        return status;
    }
    *info = (chalk_asset_info){
        .struct_size = info->struct_size,
        .state = asset->state,
        .kind = (uint32_t)asset->probe.kind,
        .cause = asset->state == CHALK_ASSET_FAILED ? asset->cause : CHALK_OK,
        .wide = asset->probe.wide,
        .high = asset->probe.high,
        .size = asset->size,
        .done = asset->done,
    };
    ck_client_room_give(s, room, false);
    return CHALK_OK;
}

int chalk_asset_read(chalk_session *s, const uint8_t *hash, uint8_t *data, size_t size,
                     size_t *needed)
{
    ck_client_room *room;
    ck_client_asset *asset;
    if ((data == NULL && size > 0) || needed == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = take_asset(s, hash, &room, &asset);
    if (status < 0) {
        return status;
    }
    ck_slice bytes = asset->bytes.size > 0 ? ck_slice_ref(asset->bytes) : (ck_slice){0};
    ck_client_room_give(s, room, false);
    *needed = bytes.size;
    if (bytes.size == 0) {
        return CHALK_ERR_NOT_FOUND;
    }
    bool fits = bytes.size <= size;
    if (fits) {
        memcpy(data, bytes.data, bytes.size);
    }
    ck_slice_unref(&bytes);
    return fits ? CHALK_OK : CHALK_ERR_TOO_LARGE;
}

int chalk_asset_fetch(chalk_session *s, const uint8_t *hash)
{
    ck_client_room *room;
    ck_client_asset *asset;
    if (hash == NULL) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_client_room_take(s, true, &room);
    if (status < 0) {
        return status;
    }
    asset = ck_client_assets_find(room, hash);
    if (asset != NULL && asset->state == CHALK_ASSET_FAILED && asset->bytes.size == 0) {
        asset->retry_us = 0; /* who asks for it need not wait as who paints does */
    }
    status = ck_client_assets_want(room, hash, &asset);
    ck_client_room_give(s, room, true);
    return status;
}

/* --- giving ---------------------------------------------------------------------------------- */

/* `action` is done when the file is uploaded; NULL: nothing is. It is taken in any case. */
static int add(chalk_session *s, const uint8_t *data, size_t size, const ck_asset_probe *probe,
               const uint8_t *hash, ck_client_action *action)
{
    ck_client_room *room;
    ck_client_asset *asset;
    ck_slice bytes = ck_slice_copy(&ck_heap, data, size);
    int status = bytes.data != NULL ? ck_client_room_take(s, true, &room) : CHALK_ERR_NO_MEMORY;
    if (status == CHALK_OK) {
        status = ck_client_assets_keep(room, bytes, probe, hash, &asset);
        if (status == CHALK_OK && action != NULL) {
            status = ck_client_assets_wait(room, asset, action);
            action = status == CHALK_OK ? NULL : action;
        }
        ck_client_room_give(s, room, true);
    }
    if (action != NULL) {
        ck_buf_free(&action->rest);
    }
    ck_slice_unref(&bytes);
    return status;
}

static int give_hash(int status, const uint8_t *hash, uint8_t *out)
{
    if (status == CHALK_OK && out != NULL) {
        memcpy(out, hash, CK_BOARD_HASH);
    }
    return status;
}

int chalk_asset_add(chalk_session *s, const uint8_t *data, size_t size, uint8_t *hash)
{
    uint8_t digest[CK_BOARD_HASH];
    ck_asset_probe probe;
    int status = identify(data, size, &probe, digest);
    if (status == CHALK_OK) {
        status = add(s, data, size, &probe, digest, NULL);
    }
    return give_hash(status, digest, hash);
}

/* On the page a pixel is a px where nothing is said, or sides keep their ratio. */
static void set_size(chalk_board_put_options *o, const ck_asset_probe *probe)
{
    double wide = probe->wide, high = probe->high;
    if (o->wide <= 0.0 && o->high <= 0.0) {
        o->wide = wide;
        o->high = high;
    } else if (o->wide <= 0.0) {
        o->wide = o->high * wide / high;
    } else if (o->high <= 0.0) {
        o->high = o->wide * high / wide;
    }
}

int chalk_board_add_image(chalk_session *s, const chalk_board_put_options *options,
                          const uint8_t *data, size_t size, uint8_t *hash)
{
    uint8_t digest[CK_BOARD_HASH];
    ck_asset_probe probe;
    if (options == NULL || !CK_KNOWN_SIZE(options)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = identify(data, size, &probe, digest);
    if (status == CHALK_OK && probe.kind == CK_ASSET_PDF) {
        status = CHALK_ERR_UNSUPPORTED;
    }
    if (status < 0) {
        return status;
    }
    chalk_board_put_options o = *options;
    o.kind = CHALK_BOARD_IMAGE;
    o.hash = digest;
    o.pixels_wide = probe.wide;
    o.pixels_high = probe.high;
    set_size(&o, &probe);
    ck_client_action action = ck_client_action_of_put(&o);
    status = action.invalid ? CHALK_ERR_INVALID_ARGUMENT : ck_buf_status(&action.rest);
    if (status < 0) {
        ck_buf_free(&action.rest);
        return status;
    }
    return give_hash(add(s, data, size, &probe, digest, &action), digest, hash);
}

int chalk_board_add_deck(chalk_session *s, const uint8_t *data, size_t size, uint32_t pages,
                         uint32_t after, uint8_t *hash)
{
    uint8_t digest[CK_BOARD_HASH];
    ck_asset_probe probe;
    if (pages == 0 || pages > CK_BOARD_PAGES_MAX || after > CK_BOARD_PAGE_NUMBER) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = identify(data, size, &probe, digest);
    if (status < 0) {
        return status;
    }
    ck_client_action action = ck_client_action_begin(CK_BOARD_PAGES);
    action.op.count = pages;
    action.op.after = after;
    action.op.background.kind = probe.kind == CK_ASSET_PDF ? CK_BOARD_DECK : CK_BOARD_PICTURE;
    memcpy(action.op.background.hash, digest, sizeof digest);
    return give_hash(add(s, data, size, &probe, digest, &action), digest, hash);
}
