/*
 * The pictures and decks of rooms, by the SHA-256 of their files: in memory, or in a folder beside
 * the rooms. What is asked for here is answered later, on the loop's thread; a thread of its own
 * waits for the disk.
 *
 *     ck_asset_upload(assets, room, hash, size, &done, user, &io);
 *     ck_asset_write(io, data, size) ...               done(OK), and only then the next
 *     ck_asset_commit(io, kind);                       done(OK): it is there for everybody
 *     ck_asset_close(&io);
 *
 *     ck_asset_open(assets, room, hash, &done, user, &io);
 *     ck_asset_next(io) ...                            done(OK, piece); no piece: that was all
 *
 * A file is there whole or not at all, also after a power cut. What a room has is dropped with the
 * room.
 *
 * Thread: the loop's. Lifetime: uploads and readers are closed before the store is destroyed, the
 * store before its loop.
 */
#ifndef CK_EDGE_ASSETS_ASSETS_H
#define CK_EDGE_ASSETS_ASSETS_H

#include "base/slice.h"
#include "core/asset/asset.h"
#include "runtime/net/loop.h"

#define CK_ASSETS_PIECE        65536u               /* bytes read at a time */
#define CK_ASSETS_UPLOADS      64u                  /* at once, of all rooms */
#define CK_ASSETS_READERS      1024u                /* at once, of all rooms */
#define CK_ASSETS_ROOM_COUNT   1000u                /* of a room */
#define CK_ASSETS_ROOM_BYTES   (256u << 20)         /* of a room, uploads under way counted */
#define CK_ASSETS_COUNT        65536u               /* of all rooms */
#define CK_ASSETS_MEMORY_BYTES (256u << 20)         /* of all rooms, without a folder */
#define CK_ASSETS_FOLDER_BYTES (UINT64_C(64) << 30) /* of all rooms, in a folder */

typedef struct ck_assets ck_assets;
typedef struct ck_asset_io ck_asset_io;

/* `piece`: of ck_asset_next, to be taken or left; empty else. Not from inside a call. */
typedef void (*ck_asset_done)(void *user, int status, ck_slice *piece);

typedef struct ck_assets_config {
    ck_loop *loop;
    const ck_alloc *alloc; /* on the loop's thread alone */
    const ck_log *log;
    const char *folder; /* that the edge has locked; NULL: in memory */
} ck_assets_config;

typedef struct ck_assets_stats {
    uint32_t assets; /* now */
    uint32_t uploads, readers;
    uint64_t bytes; /* now, without uploads under way */
    uint64_t taken; /* uploads that were committed */
    uint64_t sent_bytes;
    uint64_t failures; /* of the disk */
} ck_assets_stats;

/* NO_MEMORY, IO, LIMIT (no thread), and what the folder's files fail with. */
int ck_assets_create(const ck_assets_config *config, ck_assets **out);
void ck_assets_destroy(ck_assets **assets); /* waits for the disk; NULL inside is accepted */
ck_assets_stats ck_assets_get_stats(const ck_assets *assets);
/* The room has gone: what it had goes too. */
void ck_assets_forget(ck_assets *assets, ck_bytes room);

/* False: it is not there. */
bool ck_assets_find(const ck_assets *assets, ck_bytes room, const uint8_t hash[CK_ASSET_HASH],
                    enum ck_asset_kind *kind, uint64_t *size);

/* Room is kept for `size` bytes. LIMIT: too many uploads at once; NO_SPACE: the room has too much,
 * or all have; NO_MEMORY. */
int ck_asset_upload(ck_assets *assets, ck_bytes room, const uint8_t hash[CK_ASSET_HASH],
                    uint64_t size, ck_asset_done done, void *user, ck_asset_io **out);
/* Copied. BAD_STATE: something is under way; TOO_LARGE: more than `size` in all; NO_MEMORY.
 * done: OK, NO_SPACE, IO ... */
int ck_asset_write(ck_asset_io *io, const void *data, size_t size);
/* done: OK; BAD_DATA: these are not the bytes of that hash; NO_SPACE, IO ... */
int ck_asset_commit(ck_asset_io *io, enum ck_asset_kind kind);

/* NOT_FOUND; LIMIT: too many readers; NO_MEMORY. */
int ck_asset_open(ck_assets *assets, ck_bytes room, const uint8_t hash[CK_ASSET_HASH],
                  ck_asset_done done, void *user, ck_asset_io **out);
/* BAD_STATE: something is under way. done: OK; NO_MEMORY, IO, NOT_FOUND (removed by a stranger). */
int ck_asset_next(ck_asset_io *io);

/* No `done` comes any more; what was not committed is thrown away. NULL inside is accepted. */
void ck_asset_close(ck_asset_io **io);

#endif
