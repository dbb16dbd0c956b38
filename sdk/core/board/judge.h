/* Private to the files of board: what is asked of an operation before it is done. */
#ifndef CK_CORE_BOARD_JUDGE_H
#define CK_CORE_BOARD_JUDGE_H

#include "core/board/inside.h"

/* Reads the operation, and says whether it makes sense now; who NULL: whoever may do it. */
enum ck_reason ck_board_judge(const ck_board *b, const ck_board_who *who,
                              const ck_board_event *event, ck_board_op *op);
/* Whether the operation applies to this object; NULL: it does not. */
bool ck_board_finds(const ck_board *b, const ck_board_op *op, const ck_board_object *o);
/* The object as a MOVE, SCALE or COPY leaves it; false: it would leave the world. */
bool ck_board_transform(const ck_board_op *op, const ck_board_object *o, ck_board_object *out);

#endif
