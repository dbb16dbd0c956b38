/* Which assets there are, of which rooms; the life of the store. */
#include "edge/assets/inside.h"

#include "base/check.h"
#include "base/text.h"

#include <string.h>

/* --- what is there --------------------------------------------------------------------------- */

ck_asset *ck_assets_look(const ck_assets *assets, ck_bytes name, const uint8_t *hash,
                         ck_asset_room **in)
{
    ck_asset_room *room = (ck_asset_room *)ck_table_find(&assets->rooms, name);
    if (in != NULL) {
        *in = room;
    }
    for (uint32_t i = 0; room != NULL && i < room->count; i++) {
        if (memcmp(room->assets[i].hash, hash, CK_ASSET_HASH) == 0) {
            return &room->assets[i];
        }
    }
    return NULL;
}

bool ck_assets_find(const ck_assets *assets, ck_bytes room, const uint8_t hash[CK_ASSET_HASH],
                    enum ck_asset_kind *kind, uint64_t *size)
{
    const ck_asset *asset = ck_assets_look(assets, room, hash, NULL);
    if (asset != NULL) {
        *kind = (enum ck_asset_kind)asset->kind;
        *size = asset->size;
    }
    return asset != NULL;
}

ck_asset_room *ck_assets_room(ck_assets *assets, ck_bytes name)
{
    ck_asset_room *room = (ck_asset_room *)ck_table_find(&assets->rooms, name);
    if (room == NULL) {
        room = ck_new(assets->alloc, sizeof *room);
        if (room != NULL) {
            ck_table_add(&assets->rooms, &room->named, name);
        }
    }
    return room;
}

bool ck_assets_reserve(ck_assets *assets, ck_asset_room *room)
{
    uint32_t least = room->count + room->users;
    if (least <= room->capacity) {
        return true;
    }
    uint32_t capacity = CK_MAX(2 * room->capacity, CK_MAX(least, 8u));
    ck_asset *grown = ck_resize_array(assets->alloc, room->assets, capacity, sizeof *grown);
    if (grown != NULL) {
        room->assets = grown;
        room->capacity = capacity;
    }
    return grown != NULL;
}

void ck_assets_add(ck_assets *assets, ck_asset_room *room, ck_asset asset)
{
    room->assets[room->count++] = asset;
    assets->stats.assets++;
    assets->stats.bytes += asset.size;
}

void ck_blob_unref(ck_assets *assets, ck_asset_blob **place)
{
    ck_asset_blob *blob = *place;
    *place = NULL;
    if (blob == NULL || --blob->references > 0) {
        return;
    }
    for (uint32_t i = 0; i < blob->count; i++) {
        ck_slice_unref(&blob->blocks[i]);
    }
    ck_free(assets->alloc, blob->blocks);
    ck_free(assets->alloc, blob);
}

static void drop_all(ck_assets *assets, ck_asset_room *room)
{
    for (uint32_t i = 0; i < room->count; i++) {
        assets->bytes -= room->assets[i].size;
        room->bytes -= room->assets[i].size;
        assets->stats.bytes -= room->assets[i].size;
        assets->stats.assets--;
        ck_blob_unref(assets, &room->assets[i].blob);
    }
    room->count = 0;
}

static void remove_unused(ck_assets *assets, ck_asset_room *room)
{
    if (room->count == 0 && room->users == 0) {
        ck_table_remove(&assets->rooms, &room->named);
        ck_free(assets->alloc, room->assets);
        ck_free(assets->alloc, room);
    }
}

void ck_assets_leave(ck_assets *assets, ck_asset_room *room)
{
    room->users--;
    remove_unused(assets, room);
}

void ck_assets_forget(ck_assets *assets, ck_bytes name)
{
    ck_asset_room *room = (ck_asset_room *)ck_table_find(&assets->rooms, name);
    if (room != NULL && assets->folder[0] != '\0') {
        ck_asset_files_remove(assets, room);
    }
    if (room != NULL) {
        drop_all(assets, room);
        remove_unused(assets, room);
    }
}

ck_assets_stats ck_assets_get_stats(const ck_assets *assets)
{
    return assets->stats;
}

/* --- life ------------------------------------------------------------------------------------ */

void ck_assets_free(ck_assets *assets)
{
    ck_named *at;
    while (assets->rooms.chains != NULL && (at = ck_table_next(&assets->rooms, NULL)) != NULL) {
        ck_asset_room *room = (ck_asset_room *)at;
        drop_all(assets, room);
        ck_table_remove(&assets->rooms, at);
        ck_free(assets->alloc, room->assets);
        ck_free(assets->alloc, room);
    }
    ck_table_free(&assets->rooms);
    uv_cond_destroy(&assets->wake);
    uv_mutex_destroy(&assets->lock);
    ck_free(assets->alloc, assets);
}

static ck_assets *assets_new(const ck_assets_config *config)
{
    ck_assets *assets = ck_new(config->alloc, sizeof *assets);
    if (assets == NULL) {
        return NULL;
    }
    assets->loop = config->loop;
    assets->alloc = config->alloc;
    assets->log = config->log;
    ck_list_init(&assets->asked);
    ck_list_init(&assets->answered);
    assets->job = (ck_job){.fn = ck_assets_answer, .arg = assets};
    if (uv_mutex_init(&assets->lock) != 0) {
        ck_free(config->alloc, assets);
        return NULL;
    }
    if (uv_cond_init(&assets->wake) != 0) {
        uv_mutex_destroy(&assets->lock);
        ck_free(config->alloc, assets);
        return NULL;
    }
    return assets;
}

static int use_folder(ck_assets *assets, const char *folder)
{
    ck_text text = ck_text_of(assets->folder, sizeof assets->folder);
    ck_text_add(&text, folder);
    ck_text_add(&text, "/assets");
    if (text.cut) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    int status = ck_folder_make(assets->folder);
    if (status == CHALK_OK) {
        status = ck_assets_scan(assets);
    }
    if (status == CHALK_OK && uv_thread_create(&assets->thread, ck_assets_run, assets) != 0) {
        status = CHALK_ERR_LIMIT;
    }
    assets->runs = status == CHALK_OK;
    return status;
}

int ck_assets_create(const ck_assets_config *config, ck_assets **out)
{
    ck_assets *assets = assets_new(config);
    if (assets == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    int status = ck_table_init(&assets->rooms, assets->alloc);
    if (status == CHALK_OK && config->folder != NULL) {
        status = use_folder(assets, config->folder);
    }
    if (status < 0) {
        ck_assets_free(assets);
        return status;
    }
    *out = assets;
    return CHALK_OK;
}

void ck_assets_destroy(ck_assets **place)
{
    ck_assets *assets = *place;
    *place = NULL;
    if (assets == NULL) {
        return;
    }
    if (assets->runs) {
        uv_mutex_lock(&assets->lock);
        assets->stopping = true;
        uv_cond_signal(&assets->wake);
        uv_mutex_unlock(&assets->lock);
        uv_thread_join(&assets->thread);
        assets->runs = false;
    }
    while (!ck_list_is_empty(&assets->answered)) { /* all are closed */
        ck_asset_io *io = CK_LIST_OWNER(assets->answered.next, ck_asset_io, link);
        ck_list_remove(&io->link);
        if (io->file != CK_FILE_NONE) {
            io->act = CK_ASSET_DROP;
            (void)ck_asset_file_act(io);
        }
        ck_asset_io_free(io);
    }
    if (assets->posted) {
        assets->destroyed = true;
    } else {
        ck_assets_free(assets);
    }
}
