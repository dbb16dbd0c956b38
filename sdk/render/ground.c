/* Images, and what lies below all: white paper, squares, lines, a picture. */
#include "render/inside.h"

#include "base/check.h"

#include <math.h>
#include <string.h>

#define STEP        40.0       /* px between two lines of a grid or of ruled paper */
#define LINE_COLOUR 0xffd9e2ec /* pale: it is to write on */
#define PAPER       0xffffffff
#define FRAME       0xffadb5bd /* of an image that has not come */
#define LEAST_STEP  4.0        /* pixels: finer lines would be grey */

static ck_image_key key_of(const uint8_t *hash)
{
    ck_image_key key = {.deck = false};
    memcpy(key.hash, hash, sizeof key.hash);
    return key;
}

static void show(cairo_t *cr, cairo_surface_t *surface, const ck_paint_box *box, bool mirror_x,
                 bool mirror_y)
{
    double wide = cairo_image_surface_get_width(surface);
    double high = cairo_image_surface_get_height(surface);
    cairo_save(cr);
    cairo_translate(cr, box->x + (mirror_x ? box->wide : 0), box->y + (mirror_y ? box->high : 0));
    cairo_scale(cr, (mirror_x ? -1 : 1) * box->wide / wide, (mirror_y ? -1 : 1) * box->high / high);
    cairo_set_source_surface(cr, surface, 0, 0);
    cairo_pattern_set_extend(cairo_get_source(cr), CAIRO_EXTEND_PAD); /* no pale edge */
    cairo_rectangle(cr, 0, 0, wide, high);
    cairo_fill(cr);
    cairo_restore(cr);
}

void ck_paint_image(const ck_painter *p, cairo_t *cr, const ck_board_object *o)
{
    ck_board_body body;
    const ck_paint_box box = ck_paint_box_of(o);
    if (ck_board_read_body(o->kind, ck_bytes_of(o->body, o->body_size), &body) != CK_REASON_NONE ||
        box.wide <= 0 || box.high <= 0) {
        return;
    }
    const ck_image_key key = key_of(body.hash);
    ck_image image;
    if (p->images != NULL && ck_images_get(p->images, &key, 1.0, &image)) {
        show(cr, image.surface, &box, o->sx < 0, o->sy < 0);
        return;
    }
    ck_paint_colour(cr, FRAME, 1.0);
    cairo_set_line_width(cr, 1.0);
    cairo_rectangle(cr, box.x + 0.5, box.y + 0.5, box.wide - 1, box.high - 1);
    cairo_move_to(cr, box.x, box.y);
    cairo_line_to(cr, box.x + box.wide, box.y + box.high);
    cairo_move_to(cr, box.x + box.wide, box.y);
    cairo_line_to(cr, box.x, box.y + box.high);
    cairo_stroke(cr);
}

static void rule(cairo_t *cr, const ck_board_box *box, bool squares)
{
    double left = box->left / CK_PAINT_PX, right = box->right / CK_PAINT_PX;
    double top = box->top / CK_PAINT_PX, bottom = box->bottom / CK_PAINT_PX;
    double pixel = ck_paint_pixel(cr), step = STEP;
    while (step < LEAST_STEP * pixel) {
        step *= 2;
    }
    for (int64_t i = (int64_t)ceil(top / step); (double)i * step <= bottom; i++) {
        cairo_move_to(cr, left, (double)i * step);
        cairo_line_to(cr, right, (double)i * step);
    }
    for (int64_t i = (int64_t)ceil(left / step); squares && (double)i * step <= right; i++) {
        cairo_move_to(cr, (double)i * step, top);
        cairo_line_to(cr, (double)i * step, bottom);
    }
    ck_paint_colour(cr, LINE_COLOUR, 1.0);
    cairo_set_line_width(cr, CK_MAX(1.0, pixel));
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_BUTT);
    cairo_stroke(cr);
}

/* A file's picture, or a page of a deck at `scale` pixels for a px. */
static bool get_picture(const ck_painter *p, const ck_board_background *background, double scale,
                        ck_image *out)
{
    ck_image_key key = key_of(background->hash);
    key.deck = background->kind == CK_BOARD_DECK;
    key.page = key.deck ? (uint32_t)background->deck_page : 0;
    bool some = key.deck || background->kind == CK_BOARD_PICTURE;
    return some && p->images != NULL && ck_images_get(p->images, &key, scale, out);
}

bool ck_painter_ground_extent(const ck_painter *p, const ck_board *board, uint64_t page,
                              ck_board_box *box)
{
    const ck_board_page *found = ck_board_find_page(board, page);
    ck_image image;
    if (found == NULL || !get_picture(p, &found->background, 0.0, &image)) {
        return false;
    }
    const double most = 2.0 * CK_BOARD_COORD_MAX; /* of a tiny scale it is as large as it likes */
    *box = (ck_board_box){0, 0, (int32_t)CK_MIN(image.wide * CK_PAINT_PX, most),
                          (int32_t)CK_MIN(image.high * CK_PAINT_PX, most)};
    return true;
}

static void show_picture(const ck_painter *p, cairo_t *cr, const ck_board_background *background)
{
    ck_image image;
    if (get_picture(p, background, 1.0 / ck_paint_pixel(cr), &image)) {
        const ck_paint_box all = {0, 0, image.wide, image.high};
        show(cr, image.surface, &all, false, false);
    }
}

void ck_painter_ground(ck_painter *p, cairo_t *cr, const ck_board_page *page,
                       const ck_board_box *box)
{
    ck_paint_colour(cr, PAPER, 1.0);
    cairo_paint(cr);
    switch (page != NULL ? page->background.kind : CK_BOARD_PLAIN) {
    case CK_BOARD_GRID:
        rule(cr, box, true);
        break;
    case CK_BOARD_LINES:
        rule(cr, box, false);
        break;
    case CK_BOARD_PICTURE:
    case CK_BOARD_DECK:
        show_picture(p, cr, &page->background);
        break;
    default:
        break;
    }
}
