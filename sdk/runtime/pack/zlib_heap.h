/* Private to the files of pack: zlib on our allocator. */
#ifndef CK_RUNTIME_PACK_ZLIB_HEAP_H
#define CK_RUNTIME_PACK_ZLIB_HEAP_H

#include "base/alloc.h"

#include <stdint.h>
#include <zlib.h>

#define CK_PACK_WINDOW_BITS 12 /* 4 KB: what a client keeps */

/* What is left out of each piece, because it is always the same. */
#define CK_PACK_TAIL      "\x00\x00\xff\xff"
#define CK_PACK_TAIL_SIZE 4u

z_stream ck_zlib_stream(const ck_alloc *alloc);

#endif
