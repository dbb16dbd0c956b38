/* All of a page that stands in a box, the lowest first. */
#include "core/board/index.h"
#include "render/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <stdlib.h>

static void collect(const ck_board_object *o, void *user)
{
    ck_painter *p = user;
    if (p->found_count == p->found_size) {
        uint32_t size = CK_MAX(256u, 2 * p->found_size);
        const ck_board_object **grown =
            ck_resize_array(p->alloc, p->found, size, sizeof(const ck_board_object *));
        if (grown == NULL) {
            p->found_failed = true;
            return;
        }
        p->found = grown;
        p->found_size = size;
    }
    p->found[p->found_count++] = o;
}

static int lower_first(const void *left, const void *right)
{
    const ck_board_object *a = *(const ck_board_object *const *)left;
    const ck_board_object *b = *(const ck_board_object *const *)right;
    return a->z != b->z ? (a->z > b->z) - (a->z < b->z) : (a->id > b->id) - (a->id < b->id);
}

int ck_painter_page(ck_painter *p, cairo_t *cr, const ck_board *board, uint64_t page,
                    const ck_board_box *box)
{
    ck_painter_ground(p, cr, ck_board_find_page(board, page), box);
    p->found_count = 0;
    p->found_failed = false;
    ck_board_search(board, page, box, collect, p);
    if (p->found_count > 0) {
        qsort(p->found, p->found_count, sizeof(const ck_board_object *), lower_first);
    }
    for (uint32_t i = 0; i < p->found_count; i++) {
        ck_painter_object(p, cr, p->found[i]);
    }
    int status = ck_paint_status(cairo_status(cr));
    return p->found_failed ? CHALK_ERR_NO_MEMORY : status;
}

static void count(const ck_board_object *o, void *user)
{
    (void)o;
    ++*(uint32_t *)user;
}

uint32_t ck_painter_count(const ck_board *board, uint64_t page, const ck_board_box *box)
{
    uint32_t found = 0;
    ck_board_search(board, page, box, count, &found);
    return found;
}

static void include(const ck_board_object *o, void *user)
{
    ck_board_box *all = user;
    const ck_board_box box = ck_board_box_of(o);
    all->left = CK_MIN(all->left, box.left);
    all->top = CK_MIN(all->top, box.top);
    all->right = CK_MAX(all->right, box.right);
    all->bottom = CK_MAX(all->bottom, box.bottom);
}

bool ck_painter_extent(const ck_board *board, uint64_t page, ck_board_box *box)
{
    const ck_board_box world = {INT32_MIN / 2, INT32_MIN / 2, INT32_MAX / 2, INT32_MAX / 2};
    *box = (ck_board_box){INT32_MAX, INT32_MAX, INT32_MIN, INT32_MIN};
    ck_board_search(board, page, &world, include, box);
    return box->left <= box->right;
}
