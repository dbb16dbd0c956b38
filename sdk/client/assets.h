/*
 * Pictures and decks of a room at a client: what is fetched, uploaded, kept. Nothing is made before
 * the first is asked for: most members of a large room without a screen never do.
 *
 *     LOADING ──> READY            fetched, its hash is right
 *     UPLOADING ─> READY           the edge has it: what waits for that is done
 *         └──> FAILED <──┘         for good; a fetch may be asked for again
 *
 * One file is fetched and one uploaded at a time. What may be better soon (no connection, too much
 * going on, not in the room yet) is tried again.
 *
 * Thread: as the header says for each; `room` is locked.
 */
#ifndef CK_CLIENT_ASSETS_H
#define CK_CLIENT_ASSETS_H

#include "base/list.h"
#include "core/asset/asset.h"
#include "core/board/ops.h"
#include "runtime/media/fetch.h"

#include "chalkrail/asset.h"

#define CK_CLIENT_ASSETS_BYTES (256u << 20) /* of files */
#define CK_CLIENT_ASSETS_COUNT 1024u
#define CK_CLIENT_ASSETS_WAITS 256u /* actions that wait for an upload */

struct ck_client_room;
struct ck_client_action;

typedef struct ck_client_asset {
    ck_list link; /* the one asked for last is the last */
    uint8_t hash[CK_BOARD_HASH];
    enum chalk_asset_state state;
    enum chalk_asset_state told; /* 0: nothing */
    int cause;
    ck_asset_probe probe;
    ck_slice bytes;
    uint64_t size; /* of a fetch: as far as it is known */
    uint64_t done;
    uint64_t retry_us;
    uint32_t tries;
    ck_list actions; /* that wait for its upload */
} ck_client_asset;

typedef struct ck_client_assets ck_client_assets;

void ck_client_assets_destroy(ck_client_assets **assets); /* NULL inside is accepted */

/* --- any thread ------------------------------------------------------------------------------ */

/* NULL: it is not known here. */
ck_client_asset *ck_client_assets_find(struct ck_client_room *room, const uint8_t *hash);
/* The file is uploaded; takes a reference. LIMIT, NO_MEMORY. */
int ck_client_assets_keep(struct ck_client_room *room, ck_slice bytes, const ck_asset_probe *probe,
                          const uint8_t *hash, ck_client_asset **out);
/* It is fetched, if it is not here and did not just fail. LIMIT, NO_MEMORY. */
int ck_client_assets_want(struct ck_client_room *room, const uint8_t *hash, ck_client_asset **out);
/* Takes the action and its memory when it returns CHALK_OK: it is done once the upload is. LIMIT,
 * NO_MEMORY. */
int ck_client_assets_wait(struct ck_client_room *room, ck_client_asset *asset,
                          const struct ck_client_action *action);

/* It is here, but cannot be decoded. */
void ck_client_assets_fail(struct ck_client_room *room, const uint8_t *hash, int cause);

bool ck_client_assets_have_news(const struct ck_client_room *room);
/* The next that the application was not told of; false: there is none. `hash` is borrowed. */
bool ck_client_assets_tell(struct ck_client_room *room, chalk_room_event *out, ck_bytes *hash);
uint64_t ck_client_assets_due(const struct ck_client_room *room);

/* --- the loop's thread ----------------------------------------------------------------------- */

void ck_client_assets_run(struct ck_client_room *room, uint64_t now_us);
void ck_client_assets_stop(struct ck_client_room *room); /* connections go */

#endif
