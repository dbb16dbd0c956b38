/* Private to apply.c and apply_pages.c. */
#ifndef CK_CORE_BOARD_APPLY_H
#define CK_CORE_BOARD_APPLY_H

#include "core/board/judge.h"

typedef struct ck_board_doing_now {
    ck_board *b;
    const ck_board_event *event;
    const ck_board_op *op;
} ck_board_doing_now;

/* CHALK_OK, CHALK_ERR_NO_MEMORY. */
int ck_board_do_clear(const ck_board_doing_now *d);
int ck_board_do_new_pages(const ck_board_doing_now *d);
int ck_board_do_change_page(const ck_board_doing_now *d);
void ck_board_do_view(const ck_board_doing_now *d);

#endif
