/* Private to assets.c (which files are here) and assets_transfer.c (how they come and go). */
#ifndef CK_CLIENT_ASSETS_INSIDE_H
#define CK_CLIENT_ASSETS_INSIDE_H

#include "client/assets.h"
#include "client/board_action.h"

#include <openssl/evp.h>

/* An action on the board that waits for an upload. */
typedef struct ck_client_asset_wait {
    ck_list link;
    ck_client_action action;
} ck_client_asset_wait;

/* One direction. */
typedef struct ck_client_transfer {
    struct ck_client_room *room;
    ck_fetch *fetch;
    ck_client_asset *asset; /* NULL: none is under way */
    bool dropped;           /* what `fetch` is at is not wanted any more */
    bool turns;             /* something has changed in this turn of the loop */
} ck_client_transfer;

struct ck_client_assets {
    ck_list all;
    uint32_t count, waits;
    uint64_t bytes;
    ck_client_transfer get, put;
    ck_buf incoming; /* of the get */
    EVP_MD_CTX *digest;
};

/* For so much more. What can be fetched again may go, but not `keep`; without an edge nothing can.
 * False: there is no room. */
bool ck_client_assets_make_room(struct ck_client_room *room, const ck_client_asset *keep,
                                uint64_t bytes, uint32_t count);
/* Takes the reference. */
void ck_client_assets_set_bytes(ck_client_assets *assets, ck_client_asset *asset, ck_slice bytes,
                                const ck_asset_probe *probe);
/* It has failed, and with it what waited for it. */
void ck_client_assets_give_up(ck_client_assets *assets, ck_client_asset *asset, int cause);

#endif
