/* Private to snapshot.c and snapshot_read.c. */
#ifndef CK_CORE_BOARD_SNAPSHOT_H
#define CK_CORE_BOARD_SNAPSHOT_H

#include "core/board/inside.h"

#define CK_SNAP_VERSION 1u

/* What is said of an object beyond the usual. */
enum ck_board_snap {
    CK_SNAP_SAME_STYLE = 1,    /* kind, unit, colour and width are those of the one before */
    CK_SNAP_IN_UNITS = 2,      /* its place is a multiple of its unit */
    CK_SNAP_NEXT_IN_FRONT = 4, /* z is one more than that of the one before */
    CK_SNAP_SCALED = 8,
    CK_SNAP_FILLED = 16,
    CK_SNAP_GONE = 32,
    CK_SNAP_UNMADE = 64,
    CK_SNAP_ERASED = 128,
};

/* Whether an entry of this doing says numbers with each object. */
static inline bool ck_board_has_numbers(uint8_t doing)
{
    return doing >= CK_DID_TRANSFORM && doing <= CK_DID_ORDER;
}

#endif
