/*
 * How frames for all are made smaller: a port, so that a room's cores need no compression library.
 * The edge packs once for a whole room, each client unpacks with a context of its own.
 *
 * The format is fixed by the protocol (docs/PROTOCOL.md, PACKED): raw deflate (RFC 1951) with a
 * window of at most 4 KB, flushed to a byte (zlib's Z_SYNC_FLUSH) after each piece, without the
 * flush's last four bytes, 00 00 ff ff. runtime/pack has it on zlib.
 */
#ifndef CK_CORE_ROOM_PACK_H
#define CK_CORE_ROOM_PACK_H

#include "core/wire/wire.h"

typedef struct ck_packer {
    /* Appends `in`, packed with what was packed since the last restart as its context. CHALK_OK;
     * errors (NO_MEMORY, and those of `out`) leave a context that only a restart makes good. */
    int (*pack)(void *context, ck_bytes in, bool restart, ck_buf *out);
    void *context;
} ck_packer;

typedef struct ck_unpacker {
    /* Appends what `in` unpacks to. CHALK_ERR_TOO_LARGE: more than `out` may hold;
     * CHALK_ERR_BAD_DATA; CHALK_ERR_NO_MEMORY. After an error only a restart is taken. */
    int (*unpack)(void *context, ck_bytes in, bool restart, ck_buf *out);
    void *context;
} ck_unpacker;

#endif
