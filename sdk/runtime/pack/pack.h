/*
 * The ports of core/room/pack.h on zlib: raw deflate with a window of 4 KB.
 *
 *     ck_deflater *d;                             ck_inflater *i;
 *     ck_deflater_create(alloc, &d)               ck_inflater_create(alloc, &i)
 *     config.packer = ck_deflater_port(d);        config.unpacker = ck_inflater_port(i);
 *
 * A port is borrowed from its object, which must outlive the room that uses it. zlib's memory is
 * taken at the first restart: about 33 KB for a room, 12 KB for a client. One thread at a time.
 */
#ifndef CK_RUNTIME_PACK_PACK_H
#define CK_RUNTIME_PACK_PACK_H

#include "core/room/pack.h"

typedef struct ck_deflater ck_deflater;
typedef struct ck_inflater ck_inflater;

int ck_deflater_create(const ck_alloc *alloc, ck_deflater **out); /* CHALK_ERR_NO_MEMORY */
const ck_packer *ck_deflater_port(const ck_deflater *d);
void ck_deflater_destroy(ck_deflater **d); /* NULL inside is accepted */

int ck_inflater_create(const ck_alloc *alloc, ck_inflater **out); /* CHALK_ERR_NO_MEMORY */
const ck_unpacker *ck_inflater_port(const ck_inflater *i);
void ck_inflater_destroy(ck_inflater **i); /* NULL inside is accepted */

/*
 * Many clients of one room in one process are sent the same packed bytes. In a pool each piece is
 * unpacked once: its seats, one for a client, share the inflater and take copies of what came of
 * it. What is unpacked depends on the bytes alone, as it would without: a seat whose bytes differ
 * goes on with an inflater of its own. Pieces are kept for seats that are behind, until their room
 * begins anew, up to CK_INFLATE_POOL_BYTES; who is further behind gets BAD_DATA until then. With
 * one seat in the pool nothing is kept.
 *
 * Thread: any. A seat is used by one at a time.
 */
#define CK_INFLATE_POOL_BYTES (256u << 10) /* of one room */

typedef struct ck_inflate_pool ck_inflate_pool;
typedef struct ck_inflate_seat ck_inflate_seat;

int ck_inflate_pool_create(const ck_alloc *alloc, ck_inflate_pool **out); /* LIMIT, NO_MEMORY */
void ck_inflate_pool_destroy(ck_inflate_pool **p); /* after its seats; NULL inside is accepted */

int ck_inflate_seat_create(ck_inflate_pool *p, ck_inflate_seat **out); /* CHALK_ERR_NO_MEMORY */
const ck_unpacker *ck_inflate_seat_port(const ck_inflate_seat *s);
void ck_inflate_seat_destroy(ck_inflate_seat **s); /* NULL inside is accepted */

#endif
