#include "core/board/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <string.h>

#define TABLE_FIRST 8u

/* That of a board on which nothing has happened. */
static const ck_board_page first_page = {.number = 1};

const ck_board_page *ck_board_find_page(const ck_board *b, uint64_t number)
{
    if (b->page_size == 0) {
        return number == first_page.number ? &first_page : NULL;
    }
    return number < b->page_size ? b->pages[number] : NULL;
}

uint16_t ck_board_page_at(const ck_board *b, uint32_t index)
{
    if (b->page_size == 0) {
        return index == 0 ? first_page.number : 0;
    }
    return index < b->page_count ? b->order[index] : 0;
}

void ck_board_begin_page(ck_board *b, const ck_board_page *page)
{
    b->sum -= ck_board_hash_page(page);
}

void ck_board_end_page(ck_board *b, const ck_board_page *page)
{
    b->sum += ck_board_hash_page(page);
}

uint32_t ck_board_place_of(const ck_board *b, uint64_t number)
{
    uint32_t i = 0;
    while (i < b->page_count && b->order[i] != number) {
        i++;
    }
    return i;
}

static int reserve(ck_board *b, uint32_t number)
{
    uint32_t size = CK_MAX(b->page_size, TABLE_FIRST);
    while (size <= number) {
        size *= 2;
    }
    if (size == b->page_size) {
        return CHALK_OK;
    }
    ck_board_page **pages = ck_resize_array(b->alloc, b->pages, size, sizeof(ck_board_page *));
    if (pages == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    memset(pages + b->page_size, 0, (size - b->page_size) * sizeof(ck_board_page *));
    b->pages = pages;
    uint16_t *order = ck_resize_array(b->alloc, b->order, size, sizeof *order);
    if (order == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    b->order = order;
    b->page_size = size;
    return CHALK_OK;
}

static void adopt(ck_board *b, ck_board_page *page)
{
    page->home = b;
    page->first = page->last = NULL;
    page->own_next = b->own;
    b->own = page;
}

int ck_board_add_page(ck_board *b, const ck_board_page *page, uint32_t place)
{
    int status = reserve(b, page->number);
    ck_board_page *own = status == CHALK_OK ? ck_new(b->alloc, sizeof *own) : NULL;
    if (own == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    *own = *page;
    adopt(b, own);
    own->count = 0;
    b->pages[page->number] = own;
    memmove(b->order + place + 1, b->order + place, (b->page_count - place) * sizeof *b->order);
    b->order[place] = page->number;
    b->page_count++;
    ck_board_end_page(b, own);
    return CHALK_OK;
}

int ck_board_need_first_page(ck_board *b)
{
    if (b->page_size > 0) {
        return CHALK_OK;
    }
    return ck_board_add_page(b, &first_page, 0);
}

ck_board_page *ck_board_own_page(ck_board *b, uint64_t number)
{
    if (ck_board_need_first_page(b) < 0) {
        return NULL;
    }
    ck_board_page *page = number < b->page_size ? b->pages[number] : NULL;
    if (page == NULL || page->home == b) {
        return page;
    }
    ck_board_page *own = ck_new(b->alloc, sizeof *own);
    if (own != NULL) {
        *own = *page;
        adopt(b, own);
        b->pages[number] = own;
    }
    return own;
}

static void free_page(ck_board *b, ck_board_page *page)
{
    if (page->home != b) {
        return;
    }
    while (page->first != NULL) {
        ck_board_purge(b, page->first);
    }
    ck_board_page **at = &b->own;
    while (*at != page) {
        at = &(*at)->own_next;
    }
    *at = page->own_next;
    ck_free(b->alloc, page);
}

void ck_board_remove_page(ck_board *b, uint64_t number)
{
    ck_board_page *page = b->pages[number];
    uint32_t place = ck_board_place_of(b, number);
    ck_board_begin_page(b, page);
    free_page(b, page);
    b->pages[number] = NULL;
    b->page_count--;
    ck_board_touch_all(b);
    memmove(b->order + place, b->order + place + 1, (b->page_count - place) * sizeof *b->order);
    if (b->view.page == number) {
        b->view = (ck_board_view){0};
    }
}

void ck_board_place_page(ck_board *b, uint64_t number, uint64_t after)
{
    uint32_t from = ck_board_place_of(b, number);
    memmove(b->order + from, b->order + from + 1, (b->page_count - 1 - from) * sizeof *b->order);
    b->page_count--;
    uint32_t to = after == 0 ? 0 : ck_board_place_of(b, after) + 1;
    memmove(b->order + to + 1, b->order + to, (b->page_count - to) * sizeof *b->order);
    b->order[to] = (uint16_t)number;
    b->page_count++;
}

/* Of those that stand; of a board below, those of authors that the overlay does not have. */
static uint64_t newest_clear(const ck_board *b, const ck_board *in, uint64_t number)
{
    uint64_t newest = 0;
    for (const ck_board_entry *e = in->oldest; e != NULL; e = e->next) {
        bool stands = e->doing == CK_DID_CLEAR && e->page == number && !e->undone;
        if (stands && (b == in || ck_board_own_author(b, e->author) == NULL)) {
            newest = CK_MAX(newest, e->number);
        }
    }
    return newest;
}

void ck_board_recompute_cleared(ck_board *b, uint64_t number)
{
    ck_board_page *page = ck_board_own_page(b, number);
    if (page == NULL) {
        return;
    }
    ck_board_begin_page(b, page);
    page->cleared = page->floor;
    for (const ck_board *at = b; at != NULL; at = at->below) {
        page->cleared = CK_MAX(page->cleared, newest_clear(b, at, number));
    }
    ck_board_end_page(b, page);
    ck_board_touch_all(b);
}

/* What was born before stands in front: the list is in order of birth. */
void ck_board_clear_for_good(ck_board *b, uint64_t number, uint64_t event)
{
    ck_board_page *page = number < b->page_size ? b->pages[number] : NULL;
    if (page == NULL || page->home != b || event <= page->floor) {
        return;
    }
    ck_board_begin_page(b, page);
    page->floor = event;
    page->cleared = CK_MAX(page->cleared, event);
    ck_board_end_page(b, page);
    ck_board_touch_all(b);
    while (page->first != NULL && page->first->born < event) {
        ck_board_purge(b, page->first);
    }
}

/* What is below may be gone already, so its pages are not looked at. */
void ck_board_free_pages(ck_board *b)
{
    while (b->own != NULL) {
        ck_board_page *page = b->own;
        b->own = page->own_next;
        ck_free(b->alloc, page);
    }
    ck_free(b->alloc, b->pages);
    ck_free(b->alloc, b->order);
}
