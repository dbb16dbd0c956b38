/* Uploads and readers: one step of each at a time, on the thread or, in memory, at once. */
#include "edge/assets/inside.h"

#include "base/check.h"

#include <string.h>

/* --- steps in memory ------------------------------------------------------------------------- */

static int add_block(ck_asset_io *io)
{
    ck_asset_blob *blob = io->blob;
    uint64_t size = CK_MIN(io->size - (uint64_t)blob->count * CK_ASSETS_PIECE, CK_ASSETS_PIECE);
    if (blob->count == blob->capacity) {
        uint32_t capacity = CK_MAX(2 * blob->capacity, 16u);
        ck_slice *grown = ck_resize_array(io->assets->alloc, blob->blocks, capacity, sizeof *grown);
        if (grown == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        blob->blocks = grown;
        blob->capacity = capacity;
    }
    const ck_slice block = ck_slice_new(io->assets->alloc, (size_t)size);
    if (block.data == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    blob->blocks[blob->count++] = block;
    return CHALK_OK;
}

/* Blocks are of CK_ASSETS_PIECE, but for the last: who sends a byte at a time costs no more memory
 * than who does not. */
static int keep(ck_asset_io *io)
{
    ck_asset_blob *blob = io->blob;
    uint64_t at = io->offset - io->bytes.size; /* it is counted already */
    for (size_t kept = 0; kept < io->bytes.size;) {
        size_t into = (size_t)(at % CK_ASSETS_PIECE);
        int status = into == 0 ? add_block(io) : CHALK_OK;
        if (status < 0) {
            return status;
        }
        const ck_slice block = blob->blocks[blob->count - 1];
        size_t some = CK_MIN(io->bytes.size - kept, block.size - into);
        memcpy(ck_slice_mutable(block) + into, io->bytes.data + kept, some);
        kept += some;
        at += some;
    }
    return CHALK_OK;
}

static int act_in_memory(ck_asset_io *io)
{
    if (io->act == CK_ASSET_WRITE) {
        return keep(io);
    }
    if (io->act == CK_ASSET_READ && io->offset < io->size) {
        io->bytes = ck_slice_ref(io->blob->blocks[io->offset / CK_ASSETS_PIECE]);
        io->offset += io->bytes.size;
    }
    return CHALK_OK;
}

/* --- steps ----------------------------------------------------------------------------------- */

static int digest_bytes(ck_asset_io *io)
{
    return EVP_DigestUpdate(io->digest, io->bytes.data, io->bytes.size) == 1 ? CHALK_OK
                                                                             : CHALK_ERR_NO_MEMORY;
}

static int compare(ck_asset_io *io)
{
    uint8_t hash[CK_ASSET_HASH];
    unsigned size = 0;
    if (EVP_DigestFinal_ex(io->digest, hash, &size) != 1) {
        return CHALK_ERR_NO_MEMORY;
    }
    bool same = io->offset == io->size && memcmp(hash, io->hash, sizeof hash) == 0;
    return same ? CHALK_OK : CHALK_ERR_BAD_DATA;
}

static void act(ck_asset_io *io)
{
    io->status = CHALK_OK;
    if (io->act == CK_ASSET_WRITE) {
        io->status = digest_bytes(io);
        io->offset += io->bytes.size;
    } else if (io->act == CK_ASSET_COMMIT) {
        io->status = compare(io);
    }
    if (io->status == CHALK_OK) {
        io->status = io->assets->folder[0] != '\0' ? ck_asset_file_act(io) : act_in_memory(io);
    }
    if (io->act == CK_ASSET_WRITE) {
        ck_slice_unref(&io->bytes);
    }
}

/* With the lock. */
static void post(ck_assets *assets)
{
    if (!assets->posted) {
        assets->posted = ck_loop_post_job(assets->loop, &assets->job) == CHALK_OK;
    }
}

void ck_assets_run(void *arg)
{
    ck_assets *assets = arg;
    uv_mutex_lock(&assets->lock);
    while (!assets->stopping || !ck_list_is_empty(&assets->asked)) {
        if (ck_list_is_empty(&assets->asked)) {
            uv_cond_wait(&assets->wake, &assets->lock);
            continue;
        }
        ck_asset_io *io = CK_LIST_OWNER(assets->asked.next, ck_asset_io, link);
        ck_list_remove(&io->link);
        uv_mutex_unlock(&assets->lock);
        act(io);
        uv_mutex_lock(&assets->lock);
        ck_list_append(&assets->answered, &io->link);
        post(assets);
    }
    uv_mutex_unlock(&assets->lock);
}

static int ask(ck_asset_io *io, enum ck_asset_act what)
{
    ck_assets *assets = io->assets;
    if (io->under_way) {
        return CHALK_ERR_BAD_STATE;
    }
    io->under_way = true;
    io->act = what;
    if (!assets->runs) {
        act(io);
    }
    uv_mutex_lock(&assets->lock);
    ck_list_append(assets->runs ? &assets->asked : &assets->answered, &io->link);
    if (assets->runs) {
        uv_cond_signal(&assets->wake);
    } else {
        post(assets);
    }
    uv_mutex_unlock(&assets->lock);
    return CHALK_OK;
}

/* --- answers --------------------------------------------------------------------------------- */

void ck_asset_io_free(ck_asset_io *io)
{
    ck_assets *assets = io->assets;
    assets->bytes -= io->reserved;
    io->room->bytes -= io->reserved;
    if (io->upload) {
        assets->stats.uploads--;
    } else {
        assets->stats.readers--;
    }
    ck_slice_unref(&io->bytes);
    ck_blob_unref(assets, &io->blob);
    EVP_MD_CTX_free(io->digest);
    ck_assets_leave(assets, io->room);
    ck_free(assets->alloc, io);
}

/* Its file is whole. Another upload of the same may have been faster: one is enough. */
static void take_in(ck_asset_io *io)
{
    ck_assets *assets = io->assets;
    ck_bytes room = ck_named_name(&io->room->named);
    if (ck_assets_look(assets, room, io->hash, NULL) == NULL) {
        ck_asset asset = {.kind = (uint8_t)io->kind, .size = (uint32_t)io->size, .blob = io->blob};
        memcpy(asset.hash, io->hash, sizeof asset.hash);
        ck_assets_add(assets, io->room, asset);
        io->blob = NULL;
        io->reserved = 0;
    }
    assets->stats.taken++;
}

static void answer(ck_asset_io *io)
{
    ck_assets *assets = io->assets;
    io->under_way = false;
    if (io->act == CK_ASSET_COMMIT && io->status == CHALK_OK) {
        take_in(io);
    }
    if (io->act == CK_ASSET_READ) {
        assets->stats.sent_bytes += io->bytes.size;
    }
    bool of_disk = io->status == CHALK_ERR_IO || io->status == CHALK_ERR_NO_SPACE;
    assets->stats.failures += of_disk;
    if (io->closed && io->file != CK_FILE_NONE && io->act != CK_ASSET_DROP) {
        (void)ask(io, CK_ASSET_DROP); /* nothing is under way */
    } else if (io->closed) {
        ck_asset_io_free(io);
    } else {
        ck_slice piece = io->bytes;
        io->bytes = (ck_slice){0};
        io->done(io->user, io->status, &piece);
        ck_slice_unref(&piece);
    }
}

void ck_assets_answer(void *arg, bool cancelled)
{
    ck_assets *assets = arg;
    ck_list answered;
    (void)cancelled; /* the owners of the ios have closed them by then */
    uv_mutex_lock(&assets->lock);
    assets->posted = false;
    ck_list_move(&assets->answered, &answered);
    ck_list_init(&assets->answered);
    uv_mutex_unlock(&assets->lock);
    if (assets->destroyed) {
        ck_assets_free(assets);
        return;
    }
    while (!ck_list_is_empty(&answered)) {
        ck_asset_io *io = CK_LIST_OWNER(answered.next, ck_asset_io, link);
        ck_list_remove(&io->link);
        answer(io);
    }
}

/* --- the header's functions ------------------------------------------------------------------ */

static ck_asset_io *io_new(ck_assets *assets, ck_asset_room *room, const uint8_t *hash,
                           ck_asset_done done, void *user)
{
    ck_asset_io *io = ck_new(assets->alloc, sizeof *io);
    if (io != NULL) {
        io->assets = assets;
        io->room = room;
        io->file = CK_FILE_NONE;
        io->done = done;
        io->user = user;
        memcpy(io->hash, hash, sizeof io->hash);
        ck_list_init(&io->link);
        room->users++;
    }
    return io;
}

static int prepare_upload(ck_asset_io *io)
{
    ck_assets *assets = io->assets;
    io->digest = EVP_MD_CTX_new();
    if (io->digest == NULL || EVP_DigestInit_ex(io->digest, EVP_sha256(), NULL) != 1 ||
        !ck_assets_reserve(assets, io->room)) {
        return CHALK_ERR_NO_MEMORY;
    }
    if (!assets->runs) {
        io->blob = ck_new(assets->alloc, sizeof *io->blob);
        if (io->blob == NULL) {
            return CHALK_ERR_NO_MEMORY;
        }
        io->blob->references = 1;
    }
    return CHALK_OK;
}

/* Those under way count: room for each is kept. */
static bool has_space(const ck_assets *assets, const ck_asset_room *room, uint64_t size)
{
    uint64_t most = assets->runs ? CK_ASSETS_FOLDER_BYTES : CK_ASSETS_MEMORY_BYTES;
    return room->count + assets->stats.uploads < CK_ASSETS_ROOM_COUNT &&
           assets->stats.assets + assets->stats.uploads < CK_ASSETS_COUNT &&
           room->bytes + size <= CK_ASSETS_ROOM_BYTES && assets->bytes + size <= most;
}

int ck_asset_upload(ck_assets *assets, ck_bytes name, const uint8_t hash[CK_ASSET_HASH],
                    uint64_t size, ck_asset_done done, void *user, ck_asset_io **out)
{
    if (assets->stats.uploads >= CK_ASSETS_UPLOADS) {
        return CHALK_ERR_LIMIT;
    }
    ck_asset_room *room = ck_assets_room(assets, name);
    if (room == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    room->users++;
    int status = has_space(assets, room, size) ? CHALK_OK : CHALK_ERR_NO_SPACE;
    ck_asset_io *io = status == CHALK_OK ? io_new(assets, room, hash, done, user) : NULL;
    if (io != NULL) {
        io->upload = true;
        io->size = io->reserved = size;
        io->number = ++assets->numbers;
        room->bytes += size;
        assets->bytes += size;
        assets->stats.uploads++;
        status = prepare_upload(io);
    } else if (status == CHALK_OK) {
        status = CHALK_ERR_NO_MEMORY;
    }
    if (status < 0 && io != NULL) {
        ck_asset_io_free(io);
    }
    ck_assets_leave(assets, room);
    *out = status == CHALK_OK ? io : NULL;
    return status;
}

int ck_asset_write(ck_asset_io *io, const void *data, size_t size)
{
    /* What the thread gives back must not come from an allocator of the loop's. */
    const ck_alloc *alloc = io->assets->runs ? &ck_heap : io->assets->alloc;
    if (io->under_way) {
        return CHALK_ERR_BAD_STATE;
    }
    if (size > io->size - io->offset) {
        return CHALK_ERR_TOO_LARGE;
    }
    io->bytes = ck_slice_copy(alloc, data, size);
    return io->bytes.data != NULL ? ask(io, CK_ASSET_WRITE) : CHALK_ERR_NO_MEMORY;
}

int ck_asset_commit(ck_asset_io *io, enum ck_asset_kind kind)
{
    if (io->under_way) {
        return CHALK_ERR_BAD_STATE;
    }
    io->kind = kind;
    return ask(io, CK_ASSET_COMMIT);
}

int ck_asset_open(ck_assets *assets, ck_bytes name, const uint8_t hash[CK_ASSET_HASH],
                  ck_asset_done done, void *user, ck_asset_io **out)
{
    ck_asset_room *room;
    const ck_asset *asset = ck_assets_look(assets, name, hash, &room);
    if (asset == NULL) {
        return CHALK_ERR_NOT_FOUND;
    }
    if (assets->stats.readers >= CK_ASSETS_READERS) {
        return CHALK_ERR_LIMIT;
    }
    ck_asset_io *io = io_new(assets, room, hash, done, user);
    if (io == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    assets->stats.readers++;
    io->kind = (enum ck_asset_kind)asset->kind;
    io->size = asset->size;
    io->blob = asset->blob;
    if (io->blob != NULL) {
        io->blob->references++;
    }
    *out = io;
    return CHALK_OK;
}

int ck_asset_next(ck_asset_io *io)
{
    return ask(io, CK_ASSET_READ);
}

void ck_asset_close(ck_asset_io **place)
{
    ck_asset_io *io = *place;
    *place = NULL;
    if (io == NULL) {
        return;
    }
    io->closed = true;
    if (io->under_way) {
        return; /* goes when that is answered */
    }
    if (io->file == CK_FILE_NONE || ask(io, CK_ASSET_DROP) < 0) {
        ck_asset_io_free(io);
    }
}
