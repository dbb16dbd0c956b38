/* Private to ops.c and rest.c: each says whether what varies in length is well-formed. */
#ifndef CK_CORE_BOARD_REST_H
#define CK_CORE_BOARD_REST_H

#include "core/board/ops.h"

uint64_t ck_board_size_of(int64_t value); /* without its sign */
enum ck_reason ck_board_check_ids(ck_bytes rest);
enum ck_reason ck_board_check_strokes(const ck_board_op *op);
enum ck_reason ck_board_check_erased(ck_bytes rest);
enum ck_reason ck_board_check_named(const ck_board_op *op);

#endif
