/* All of a page that stands in a box, the lowest first. */
#include "core/board/index.h"
#include "render/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <math.h>
#include <stdlib.h>

#define TOGETHER 64u /* strokes of one colour that are filled at once */

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

/* Whether a stroke can be part of one area with the one before it: then nobody sees which of them
 * lies above. */
static bool joins(const ck_board_object *a, const ck_board_object *b)
{
    return a->kind == CK_BOARD_PEN && b->kind == CK_BOARD_PEN && a->colour == b->colour &&
           a->colour >> 24 == 0xff;
}

/* Whether strokes can go through the area: a rectangle of an image that it has room for is painted,
 * and not turned. */
static bool can_cover(const ck_painter *p, cairo_t *cr)
{
    cairo_surface_t *target = cairo_get_target(cr);
    cairo_matrix_t m;
    double left, top, right, bottom;
    cairo_get_matrix(cr, &m);
    bool plain = m.xx > 0 && m.xx == m.yy && m.xy == 0 && m.yx == 0;
    if (p->area == NULL || !plain || cairo_surface_get_type(target) != CAIRO_SURFACE_TYPE_IMAGE ||
        cairo_surface_status(target) != CAIRO_STATUS_SUCCESS) {
        return false;
    }
    cairo_clip_extents(cr, &left, &top, &right, &bottom);
    cairo_user_to_device(cr, &left, &top);
    cairo_user_to_device(cr, &right, &bottom);
    int wide = (int)lround(right - left), high = (int)lround(bottom - top);
    if (wide <= 0 || high <= 0 || wide > CK_AREA_SIDE || high > CK_AREA_SIDE) {
        return false;
    }
    ck_area_begin(p->area, (int)lround(left), (int)lround(top), wide, high);
    return true;
}

/* In an SVG or a PDF each stroke stays one of its own. */
static void paint_found(ck_painter *p, cairo_t *cr)
{
    for (uint32_t i = 0, n; i < p->found_count; i += n) {
        const ck_board_object *first = p->found[i];
        n = 1;
        while (p->covers && n < TOGETHER && i + n < p->found_count &&
               joins(first, p->found[i + n])) {
            n++;
        }
        if (n == 1) {
            ck_painter_object(p, cr, first);
            continue;
        }
        cairo_new_path(cr);
        for (uint32_t k = i; k < i + n; k++) {
            ck_paint_add_stroke(p, cr, p->found[k]);
        }
        ck_paint_fill_strokes(p, cr, first->colour, false);
    }
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
    p->covers = can_cover(p, cr);
    paint_found(p, cr);
    p->covers = false;
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
