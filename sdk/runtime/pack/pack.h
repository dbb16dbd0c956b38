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

#endif
