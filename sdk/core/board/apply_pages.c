/* What operations on pages change. */
#include "core/board/apply.h"

#include "base/check.h"
#include "chalkrail/errors.h"

int ck_board_do_clear(const ck_board_doing_now *d)
{
    ck_board_page *page = ck_board_own_page(d->b, d->op->page);
    ck_board_entry *entry = ck_board_entry_new(d->b, CK_DID_CLEAR, 0);
    if (page == NULL || entry == NULL) {
        ck_free(d->b->alloc, entry);
        return CHALK_ERR_NO_MEMORY;
    }
    ck_board_begin_page(d->b, page);
    page->cleared = CK_MAX(page->cleared, d->event->number);
    ck_board_end_page(d->b, page);
    ck_board_touch_all(d->b);
    entry->page = (uint16_t)d->op->page;
    entry->id = ck_board_id(d->event->author, d->op->term, d->event->counter, 0);
    entry->number = d->event->number;
    return ck_board_remember(d->b, entry, d->event->author);
}

int ck_board_do_new_pages(const ck_board_doing_now *d)
{
    uint32_t place = d->op->after == 0 ? 0 : ck_board_place_of(d->b, d->op->after) + 1;
    int status = CHALK_OK;
    for (uint32_t i = 0; i < d->op->count && status == CHALK_OK; i++) {
        ck_board_page page = {.number = (uint16_t)(d->op->first + i),
                              .background = d->op->background};
        page.background.deck_page += page.background.kind == CK_BOARD_DECK ? i : 0;
        if (d->b->below != NULL) { /* where a removed page of that number may still have objects */
            page.floor = page.cleared = d->event->number;
        }
        status = ck_board_add_page(d->b, &page, place + i);
    }
    return status;
}

static void let_draw(ck_board_page *page, const ck_board_op *op)
{
    page->access = (uint8_t)op->access;
    page->named_count = 0;
    if ((op->access & 3) == CK_BOARD_SOME) {
        ck_board_ids ids = ck_board_ids_of(op->rest);
        while (ck_board_next_id(&ids, &page->named[page->named_count])) {
            page->named_count++;
        }
    }
}

int ck_board_do_change_page(const ck_board_doing_now *d)
{
    ck_board_page *page = ck_board_own_page(d->b, d->op->page);
    if (page == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    ck_board_begin_page(d->b, page);
    if (d->op->code == CK_BOARD_BACKGROUND) {
        page->background = d->op->background;
    } else {
        let_draw(page, d->op);
    }
    ck_board_end_page(d->b, page);
    return CHALK_OK;
}

void ck_board_do_view(const ck_board_doing_now *d)
{
    const ck_board_op *op = d->op;
    const ck_board_view seen = {d->event->author, (uint16_t)op->page, (int32_t)op->x,
                                (int32_t)op->y, (uint32_t)op->zoom};
    d->b->view = op->page != 0 ? seen : (ck_board_view){0};
}
