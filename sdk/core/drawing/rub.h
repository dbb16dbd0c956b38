/*
 * An eraser that is drawn over a page: which parts of which strokes it takes.
 *
 *     strokes = ck_rub_over(board, page, &way, me, &rest);
 *     op = (ck_board_op){.code = CK_BOARD_ERASE, .rest = ck_bytes_of(rest.data, rest.size)};
 *
 * Plain functions over a board; as its threads.
 */
#ifndef CK_CORE_DRAWING_RUB_H
#define CK_CORE_DRAWING_RUB_H

#include "core/board/board.h"

/* From one point to another, with a round eraser; 1/64 px. */
typedef struct ck_rub_way {
    int32_t ax, ay, bx, by;
    int32_t radius;
} ck_rub_way;

/* Appends what an ERASE has to say, to `out`, of the strokes that are touched and
 * `author` drew (0: whoever): CK_BOARD_IDS at most, or 2,800 bytes and one stroke. What is erased
 * already is left out. How many strokes; or CHALK_ERR_NO_MEMORY, CHALK_ERR_TOO_LARGE: what `out`
 * says. */
int ck_rub_over(const ck_board *board, uint64_t page, const ck_rub_way *way, uint64_t author,
                ck_buf *out);

#endif
