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

/* The newest id told of each author, in their order: what comes next is told as a difference to it.
 */
typedef struct ck_snap_ids {
    const ck_board *b;
    uint64_t *last; /* NULL: no memory */
} ck_snap_ids;

static inline ck_snap_ids ck_snap_ids_of(const ck_board *b)
{
    return (ck_snap_ids){b, ck_new_array(b->alloc, (size_t)b->author_count + 1, sizeof(uint64_t))};
}

/* Where the last id of an author stands; NULL: the author is none of the board. */
static inline uint64_t *ck_snap_last(ck_snap_ids *ids, uint64_t author)
{
    const ck_board_author *found = ck_board_own_author(ids->b, author);
    if (found == NULL || ids->last == NULL) {
        return NULL;
    }
    uint64_t *last = &ids->last[found - ids->b->authors];
    *last = *last != 0 ? *last : ck_board_id(author, 0, 0, 0);
    return last;
}

/* Whether an entry of this doing says numbers with each object. */
static inline bool ck_board_has_numbers(uint8_t doing)
{
    return doing >= CK_DID_TRANSFORM && doing <= CK_DID_ORDER;
}

#endif
