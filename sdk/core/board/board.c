#include "core/board/board.h"

#include "chalkrail/errors.h"
#include "core/board/inside.h"

#include <string.h>

void ck_board_init(ck_board *b, const ck_alloc *alloc)
{
    *b = (ck_board){.alloc = alloc};
}

void ck_board_free(ck_board *b)
{
    if (b->alloc == NULL) {
        return;
    }
    ck_board_purge_all(b);
    ck_board_forget_all(b);
    ck_board_free_pages(b);
    ck_free(b->alloc, b->touched);
    *b = (ck_board){0};
}

int ck_board_lay(ck_board *overlay, const ck_board *below, const ck_alloc *alloc)
{
    ck_board_init(overlay, alloc);
    overlay->below = below;
    overlay->view = below->view;
    overlay->body_bytes = below->body_bytes;
    overlay->erased_count = below->erased_count;
    if (below->page_size == 0) {
        return CHALK_OK;
    }
    overlay->pages = ck_new_array(alloc, below->page_size, sizeof(ck_board_page *));
    overlay->order = ck_new_array(alloc, below->page_size, sizeof *overlay->order);
    if (overlay->pages == NULL || overlay->order == NULL) {
        ck_free(alloc, overlay->pages);
        ck_free(alloc, overlay->order);
        ck_board_init(overlay, alloc);
        return CHALK_ERR_NO_MEMORY;
    }
    memcpy(overlay->pages, below->pages, below->page_size * sizeof(ck_board_page *));
    memcpy(overlay->order, below->order, below->page_count * sizeof *overlay->order);
    overlay->page_size = below->page_size;
    overlay->page_count = below->page_count;
    return CHALK_OK;
}
