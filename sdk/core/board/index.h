/*
 * What is where on a page. Each object stands in one cell of a grid whose cells are at least as
 * large as it (cells double from level to level), so a look at a place visits a few cells of each
 * level. Plain functions over a board; as its threads.
 */
#ifndef CK_CORE_BOARD_INDEX_H
#define CK_CORE_BOARD_INDEX_H

#include "core/board/board.h"

typedef void (*ck_board_found)(const ck_board_object *object, void *user);

/* Each object that is there on the page and whose box touches `box`, in no order; of an overlay
 * also what is below. */
void ck_board_search(const ck_board *b, uint64_t page, const ck_board_box *box,
                     ck_board_found found, void *user);

/* The topmost object within `reach` (1/64 px) of a point: a line where it is drawn and not erased,
 * what is filled, a text or an image also inside. NULL: none. */
const ck_board_object *ck_board_hit(const ck_board *b, uint64_t page, int32_t x, int32_t y,
                                    int32_t reach);

#endif
