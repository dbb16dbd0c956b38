/*
 * Files: FOLDER/ROOM/HASH.END, room and hash in hexadecimal digits. An upload grows under another
 * name, is waited for on the device and then renamed, so a name says that the file is whole.
 */
#include "edge/assets/inside.h"

#include "base/check.h"
#include "base/text.h"
#include "chalkrail/runtime.h"

#include <string.h>

/* --- names ----------------------------------------------------------------------------------- */

static ck_text begin_path(const ck_assets *assets, ck_bytes room, ck_asset_path *out)
{
    ck_text text = ck_text_of(out->text, sizeof out->text);
    ck_text_add(&text, assets->folder);
    ck_text_add(&text, "/");
    ck_text_add_hex(&text, room.data, room.size);
    return text;
}

static void room_path(const ck_asset_io *io, ck_asset_path *out)
{
    (void)begin_path(io->assets, ck_named_name(&io->room->named), out);
}

static void file_path(const ck_assets *assets, const ck_asset_room *room, const uint8_t *hash,
                      enum ck_asset_kind kind, ck_asset_path *out)
{
    ck_text text = begin_path(assets, ck_named_name(&room->named), out);
    ck_text_add(&text, "/");
    ck_text_add_hex(&text, hash, CK_ASSET_HASH);
    ck_text_add(&text, ".");
    ck_text_add(&text, ck_asset_end(kind));
}

static void asset_path(const ck_asset_io *io, ck_asset_path *out)
{
    file_path(io->assets, io->room, io->hash, io->kind, out);
}

static void new_path(const ck_asset_io *io, ck_asset_path *out)
{
    ck_text text = begin_path(io->assets, ck_named_name(&io->room->named), out);
    ck_text_add(&text, "/");
    ck_text_add_u64(&text, io->number);
    ck_text_add(&text, ".tmp");
}

/* --- what is done with an upload's file ------------------------------------------------------- */

static int create(ck_asset_io *io)
{
    ck_asset_path folder, path;
    room_path(io, &folder);
    new_path(io, &path);
    int status = ck_folder_make(folder.text);
    if (status == CHALK_OK) {
        status = ck_folder_sync(io->assets->folder);
    }
    return status == CHALK_OK ? ck_file_create(path.text, &io->file) : status;
}

static int write(ck_asset_io *io)
{
    int status = io->file == CK_FILE_NONE ? create(io) : CHALK_OK;
    return status == CHALK_OK ? ck_file_append(io->file, io->bytes.data, io->bytes.size) : status;
}

static int commit(ck_asset_io *io)
{
    ck_asset_path folder, made, path;
    room_path(io, &folder);
    new_path(io, &made);
    asset_path(io, &path);
    int status = ck_file_sync(io->file);
    if (status < 0) {
        return status;
    }
    ck_file_close(&io->file);
    status = ck_file_rename(made.text, path.text);
    if (status < 0) {
        (void)ck_file_remove(made.text); /* else the next start does it */
        return status;
    }
    return ck_folder_sync(folder.text);
}

static int drop(ck_asset_io *io)
{
    ck_asset_path path;
    ck_file_close(&io->file);
    if (io->upload) {
        new_path(io, &path);
        (void)ck_file_remove(path.text); /* else the next start does it */
    }
    return CHALK_OK;
}

static int read_piece(ck_asset_io *io)
{
    size_t got = 0;
    int status = CHALK_OK;
    if (io->file == CK_FILE_NONE) {
        ck_asset_path path;
        asset_path(io, &path);
        status = ck_file_open(path.text, &io->file);
    }
    size_t size = (size_t)CK_MIN(io->size - io->offset, CK_ASSETS_PIECE);
    if (status < 0 || size == 0) {
        return status;
    }
    io->bytes = ck_slice_new(&ck_heap, size);
    if (io->bytes.data == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    status = ck_file_read(io->file, io->offset, ck_slice_mutable(io->bytes), size, &got);
    if (status == CHALK_OK && got < size) {
        status = CHALK_ERR_IO; /* somebody has cut it */
    }
    if (status < 0) {
        ck_slice_unref(&io->bytes);
    }
    io->offset += io->bytes.size;
    return status;
}

int ck_asset_file_act(ck_asset_io *io)
{
    switch (io->act) {
    case CK_ASSET_WRITE:
        return write(io);
    case CK_ASSET_COMMIT:
        return commit(io);
    case CK_ASSET_READ:
        return read_piece(io);
    default:
        return drop(io);
    }
}

void ck_asset_files_remove(const ck_assets *assets, const ck_asset_room *room)
{
    ck_asset_path path;
    int status = CHALK_OK;
    for (uint32_t i = 0; i < room->count; i++) {
        const ck_asset *asset = &room->assets[i];
        file_path(assets, room, asset->hash, (enum ck_asset_kind)asset->kind, &path);
        int removed = ck_file_remove(path.text);
        status = removed < 0 && removed != CHALK_ERR_NOT_FOUND ? removed : status;
    }
    (void)begin_path(assets, ck_named_name(&room->named), &path);
    if (status == CHALK_OK && room->users == 0) {
        status = ck_folder_remove(path.text);
    }
    if (status < 0) {
        ck_logf(assets->log, CHALK_LOG_WARNING, "assets", "%s cannot be removed: %s", path.text,
                chalk_error_text(status));
    }
}

/* --- at the start ---------------------------------------------------------------------------- */

typedef struct scan {
    ck_assets *assets;
    ck_asset_room *room;
    ck_asset_path folder;
} scan;

static int take_file(scan *s, const char *path, ck_asset asset)
{
    ck_assets *assets = s->assets;
    ck_file file = CK_FILE_NONE;
    uint64_t size = 0;
    int status = ck_file_open(path, &file);
    if (status == CHALK_OK) {
        status = ck_file_size(file, &size);
    }
    ck_file_close(&file);
    if (status == CHALK_OK && assets->stats.assets < CK_ASSETS_COUNT && size <= UINT32_MAX) {
        if (!ck_assets_reserve(assets, s->room)) { /* the scan is one of its users */
            return CHALK_ERR_NO_MEMORY;
        }
        asset.size = (uint32_t)size;
        ck_assets_add(assets, s->room, asset);
        s->room->bytes += size;
        assets->bytes += size;
    }
    return status;
}

/* Names that are none of ours are left alone. */
static int see_file(void *user, const char *name)
{
    scan *s = user;
    ck_asset_path path = s->folder;
    ck_asset asset = {0};
    char digits[CK_ASSET_HASH_TEXT + 1];
    const char *dot = strrchr(name, '.');
    size_t used = strlen(path.text);
    ck_text text = ck_text_of(path.text + used, sizeof path.text - used);
    ck_text_add(&text, "/");
    ck_text_add(&text, name);
    if (dot == NULL || text.cut) {
        return CHALK_OK;
    }
    if (strcmp(dot, ".tmp") == 0) {
        return ck_file_remove(path.text); /* an upload that was cut off */
    }
    asset.kind = (uint8_t)ck_asset_kind_of(dot + 1);
    if ((size_t)(dot - name) != CK_ASSET_HASH_TEXT || asset.kind == CK_ASSET_NONE) {
        return CHALK_OK;
    }
    memcpy(digits, name, CK_ASSET_HASH_TEXT);
    digits[CK_ASSET_HASH_TEXT] = '\0';
    return ck_asset_read_hash(digits, asset.hash) ? take_file(s, path.text, asset) : CHALK_OK;
}

static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int see_room(void *user, const char *name)
{
    ck_assets *assets = user;
    uint8_t room[CK_STORE_NAME_MAX];
    size_t size = strlen(name) / 2;
    if (size == 0 || size > sizeof room || strlen(name) % 2 != 0) {
        return CHALK_OK;
    }
    for (size_t i = 0; i < size; i++) {
        int high = digit_of(name[2 * i]), low = digit_of(name[2 * i + 1]);
        if (high < 0 || low < 0) {
            return CHALK_OK;
        }
        room[i] = (uint8_t)(high << 4 | low);
    }
    scan s = {.assets = assets, .room = ck_assets_room(assets, ck_bytes_of(room, size))};
    if (s.room == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    (void)begin_path(assets, ck_bytes_of(room, size), &s.folder);
    s.room->users++;
    int status = ck_folder_list(s.folder.text, see_file, &s);
    ck_assets_leave(assets, s.room);
    return status;
}

int ck_assets_scan(ck_assets *assets)
{
    int status = ck_folder_list(assets->folder, see_room, assets);
    if (status < 0) {
        ck_logf(assets->log, CHALK_LOG_ERROR, "assets", "%s cannot be used: %s", assets->folder,
                chalk_error_text(status));
    }
    return status;
}
