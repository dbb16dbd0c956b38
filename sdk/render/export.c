#include "render/export.h"

#include "base/check.h"
#include "chalkrail/errors.h"
#include "render/area.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>

#define PIECE CK_AREA_SIDE /* pixels of a side of what is painted at once */
#define EDGE  2            /* as of a tile */

typedef struct sink {
    ck_export_write write;
    void *user;
    int status; /* of the first that failed */
} sink;

static cairo_status_t on_bytes(void *user, const unsigned char *data, unsigned int size)
{
    sink *s = user;
    s->status = s->status == CHALK_OK ? s->write(s->user, data, size) : s->status;
    return s->status == CHALK_OK ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

static int outcome(const sink *s, cairo_status_t status)
{
    return s->status < 0 ? s->status : ck_paint_status(status);
}

static double wide_of(const ck_export *e)
{
    return ((double)e->box.right - e->box.left) / CK_PAINT_PX * e->scale;
}

static double high_of(const ck_export *e)
{
    return ((double)e->box.bottom - e->box.top) / CK_PAINT_PX * e->scale;
}

static int check(const ck_export *e)
{
    if (!(e->scale > 0) || !(wide_of(e) > 0) || !(high_of(e) > 0)) {
        return CHALK_ERR_INVALID_ARGUMENT;
    }
    bool fits = wide_of(e) <= CK_EXPORT_SIDE_MAX && high_of(e) <= CK_EXPORT_SIDE_MAX;
    return fits ? CHALK_OK : CHALK_ERR_TOO_LARGE;
}

static int paint(ck_painter *p, cairo_t *cr, const ck_export *e, const ck_board_box *box)
{
    cairo_save(cr);
    cairo_scale(cr, e->scale, e->scale);
    cairo_translate(cr, -e->box.left / CK_PAINT_PX, -e->box.top / CK_PAINT_PX);
    int status = ck_painter_page(p, cr, e->board, e->page, box);
    cairo_restore(cr);
    return status;
}

/* Of a tiny scale a piece may reach out of the world; nothing is there. */
static int32_t unit_at(double at)
{
    const double most = 4.0 * CK_BOARD_COORD_MAX;
    return (int32_t)CK_CLAMP(at, -most, most);
}

/* Piece by piece, as a window is: a piece looks the same in both. */
static int paint_pieces(ck_painter *p, cairo_surface_t *surface, const ck_export *e)
{
    int wide = cairo_image_surface_get_width(surface), status = CHALK_OK;
    int high = cairo_image_surface_get_height(surface);
    double unit = CK_PAINT_PX / e->scale;
    for (int y = 0; y < high && status == CHALK_OK; y += PIECE) {
        for (int x = 0; x < wide && status == CHALK_OK; x += PIECE) {
            const ck_board_box box = {unit_at(floor(e->box.left + (x - EDGE) * unit)),
                                      unit_at(floor(e->box.top + (y - EDGE) * unit)),
                                      unit_at(ceil(e->box.left + (x + PIECE + EDGE) * unit)),
                                      unit_at(ceil(e->box.top + (y + PIECE + EDGE) * unit))};
            cairo_t *cr = cairo_create(surface);
            cairo_rectangle(cr, x, y, PIECE, PIECE);
            cairo_clip(cr);
            status = paint(p, cr, e, &box);
            cairo_destroy(cr);
        }
    }
    return status;
}

int ck_export_png(ck_painter *p, const ck_export *e, ck_export_write write, void *user)
{
    sink s = {.write = write, .user = user};
    int status = check(e);
    if (status < 0) {
        return status;
    }
    int wide = (int)ceil(wide_of(e)), high = (int)ceil(high_of(e));
    if ((uint64_t)wide * (uint64_t)high > CK_EXPORT_PIXELS_MAX) {
        return CHALK_ERR_TOO_LARGE;
    }
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, wide, high);
    status = cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS ? paint_pieces(p, surface, e)
                                                                   : CHALK_ERR_NO_MEMORY;
    if (status == CHALK_OK) {
        cairo_status_t written = cairo_surface_write_to_png_stream(surface, on_bytes, &s);
        status = outcome(&s, written);
    }
    cairo_surface_destroy(surface);
    return status;
}

/* Files are whole only when their surface is finished. */
static int finish(sink *s, cairo_surface_t *surface, cairo_t *cr, int status)
{
    cairo_destroy(cr);
    cairo_surface_finish(surface);
    int finished = outcome(s, cairo_surface_status(surface));
    cairo_surface_destroy(surface);
    return status < 0 && s->status == CHALK_OK ? status : finished;
}

int ck_export_svg(ck_painter *p, const ck_export *e, ck_export_write write, void *user)
{
    sink s = {.write = write, .user = user};
    int status = check(e);
    if (status < 0) {
        return status;
    }
    cairo_surface_t *surface =
        cairo_svg_surface_create_for_stream(on_bytes, &s, wide_of(e), high_of(e));
    cairo_svg_surface_set_document_unit(surface, CAIRO_SVG_UNIT_PX);
    cairo_t *cr = cairo_create(surface);
    status = paint(p, cr, e, &e->box);
    return finish(&s, surface, cr, status);
}

static void include(ck_board_box *all, const ck_board_box *box)
{
    all->left = CK_MIN(all->left, box->left);
    all->top = CK_MIN(all->top, box->top);
    all->right = CK_MAX(all->right, box->right);
    all->bottom = CK_MAX(all->bottom, box->bottom);
}

bool ck_export_extent(const ck_painter *p, const ck_board *board, uint64_t page, ck_board_box *box)
{
    ck_board_box ground;
    bool objects = ck_painter_extent(board, page, box);
    bool has_ground = ck_painter_ground_extent(p, board, page, &ground);
    if (has_ground && objects) {
        include(box, &ground);
    } else if (has_ground) {
        *box = ground;
    }
    return objects || has_ground;
}

int ck_export_begin_page(const ck_export *e, uint64_t page)
{
    return e->begin != NULL ? e->begin(e->begin_user, page) : CHALK_OK;
}

static ck_export page_of(const ck_painter *p, const ck_export *e, uint64_t page)
{
    ck_export one = *e;
    ck_board_box box;
    one.page = page;
    if (ck_export_extent(p, e->board, page, &box)) {
        include(&one.box, &box);
    }
    return one;
}

static int add_page(ck_painter *p, cairo_surface_t *surface, cairo_t *cr, const ck_export *e)
{
    int status = check(e);
    if (status == CHALK_OK) {
        cairo_pdf_surface_set_size(surface, wide_of(e), high_of(e));
        status = paint(p, cr, e, &e->box);
        cairo_show_page(cr);
    }
    return status;
}

int ck_export_pdf(ck_painter *p, const ck_export *e, bool all, ck_export_write write, void *user)
{
    sink s = {.write = write, .user = user};
    int status = check(e);
    if (status < 0) {
        return status;
    }
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(on_bytes, &s, wide_of(e), high_of(e));
    cairo_t *cr = cairo_create(surface);
    uint16_t number = all ? ck_board_page_at(e->board, 0) : 0;
    if (number == 0) {
        status = add_page(p, surface, cr, e);
    }
    for (uint32_t i = 0; number != 0 && status == CHALK_OK;
         number = ck_board_page_at(e->board, ++i)) {
        status = ck_export_begin_page(e, number);
        const ck_export one = page_of(p, e, number);
        status = status == CHALK_OK ? add_page(p, surface, cr, &one) : status;
    }
    return finish(&s, surface, cr, status);
}
