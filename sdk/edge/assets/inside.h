/*
 * Private to the files of assets: assets.c (what is there), io.c (uploads, readers, the thread),
 * disk.c (files).
 *
 * Who protects what: `lock` the group named after it, a leaf but for the loop's own. An io that is
 * under way is the thread's until it is answered; all else is the loop's.
 */
#ifndef CK_EDGE_ASSETS_INSIDE_H
#define CK_EDGE_ASSETS_INSIDE_H

#include "base/list.h"
#include "edge/assets/assets.h"
#include "edge/store/table.h"
#include "runtime/os/file.h"

#include <openssl/evp.h>
#include <uv.h>

#define CK_ASSETS_FOLDER_MAX 1024u
#define CK_ASSETS_PATH_MAX   1280u

typedef struct ck_asset_path {
    char text[CK_ASSETS_PATH_MAX];
} ck_asset_path;

/* A file in memory. Counted: a reader outlives the room. */
typedef struct ck_asset_blob {
    uint32_t references;
    uint32_t count, capacity;
    ck_slice *blocks; /* of CK_ASSETS_PIECE each, but for the last */
} ck_asset_blob;

typedef struct ck_asset {
    uint8_t hash[CK_ASSET_HASH];
    uint8_t kind;
    uint32_t size;
    ck_asset_blob *blob; /* NULL: in the folder */
} ck_asset;

typedef struct ck_asset_room {
    ck_named named; /* first */
    ck_asset *assets;
    uint32_t count, capacity;
    uint32_t users; /* ios */
    uint64_t bytes; /* uploads under way counted */
} ck_asset_room;

enum ck_asset_act {
    CK_ASSET_WRITE = 1,
    CK_ASSET_COMMIT,
    CK_ASSET_READ,
    CK_ASSET_DROP, /* closes its file, removes what was not committed */
};

struct ck_asset_io {
    ck_list link; /* among asked or answered */
    ck_assets *assets;
    ck_asset_room *room;
    uint8_t hash[CK_ASSET_HASH];
    enum ck_asset_kind kind;
    uint64_t size;
    uint64_t reserved; /* bytes of the room's and of all that an upload holds */
    uint64_t offset;   /* written, or read */
    uint64_t number;   /* of an upload's file while it is not whole */
    bool upload;
    bool closed; /* by its owner */
    ck_asset_done done;
    void *user;
    ck_asset_blob *blob; /* in memory */
    /* of what is under way */
    bool under_way;
    enum ck_asset_act act;
    int status;
    ck_slice bytes;
    ck_file file;
    EVP_MD_CTX *digest;
};

struct ck_assets {
    ck_loop *loop;
    const ck_alloc *alloc;
    const ck_log *log;
    char folder[CK_ASSETS_FOLDER_MAX]; /* of all rooms' files; "": in memory */
    ck_table rooms;
    uint64_t bytes; /* uploads under way counted */
    uint64_t numbers;
    ck_assets_stats stats;
    uv_thread_t thread;
    bool runs; /* it does */
    /* lock */
    uv_mutex_t lock;
    uv_cond_t wake;
    ck_list asked, answered; /* ios */
    bool stopping;
    bool posted;    /* `job` waits in the loop's queue */
    bool destroyed; /* it frees the store when it runs */
    ck_job job;
};

/* assets.c */
ck_asset *ck_assets_look(const ck_assets *assets, ck_bytes room, const uint8_t *hash,
                         ck_asset_room **in);
/* NULL: no memory. */
ck_asset_room *ck_assets_room(ck_assets *assets, ck_bytes name);
/* A place for each of its ios: then ck_assets_add fits. */
bool ck_assets_reserve(ck_assets *assets, ck_asset_room *room);
/* Takes the blob's reference. */
void ck_assets_add(ck_assets *assets, ck_asset_room *room, ck_asset asset);
/* An io has gone; so may the room. */
void ck_assets_leave(ck_assets *assets, ck_asset_room *room);
void ck_assets_free(ck_assets *assets);
void ck_blob_unref(ck_assets *assets, ck_asset_blob **blob);

/* io.c */
void ck_assets_run(void *assets);                    /* the thread */
void ck_assets_answer(void *assets, bool cancelled); /* the job */
void ck_asset_io_free(ck_asset_io *io);

/* disk.c: any thread, an io one at a time */
int ck_assets_scan(ck_assets *assets); /* what the folder has */
int ck_asset_file_act(ck_asset_io *io);
/* All of the room. What cannot be removed is told, and found again at the next start. */
void ck_asset_files_remove(const ck_assets *assets, const ck_asset_room *room);

#endif
