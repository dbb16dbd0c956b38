#include "render/inside.h"

#include "base/check.h"
#include "chalkrail/errors.h"

#include <math.h>

#define COORD_LEAST 1e-6 /* px: what a scale of nothing is taken for */

int ck_painter_create(const ck_alloc *alloc, ck_painter **out)
{
    ck_painter *p = ck_new(alloc, sizeof *p);
    if (p == NULL) {
        return CHALK_ERR_NO_MEMORY;
    }
    p->alloc = alloc;
    p->area = ck_new(alloc, sizeof *p->area);
    p->context = pango_font_map_create_context(pango_cairo_font_map_get_default());
    p->layout = pango_layout_new(p->context);
    /* Letters stand where they stand at every scale, so a page looks alike on all screens. */
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(p->context, options);
    pango_context_set_round_glyph_positions(p->context, FALSE);
    cairo_font_options_destroy(options);
    *out = p;
    return CHALK_OK;
}

void ck_painter_destroy(ck_painter **place)
{
    ck_painter *p = *place;
    if (p == NULL) {
        return;
    }
    g_object_unref(p->layout);
    g_object_unref(p->context);
    ck_free(p->alloc, p->area);
    ck_free(p->alloc, p->found);
    ck_free(p->alloc, p);
    *place = NULL;
}

void ck_painter_set_images(ck_painter *p, ck_images *images)
{
    p->images = images;
}

int ck_paint_status(cairo_status_t status)
{
    switch (status) {
    case CAIRO_STATUS_SUCCESS:
        return CHALK_OK;
    case CAIRO_STATUS_NO_MEMORY:
        return CHALK_ERR_NO_MEMORY;
    case CAIRO_STATUS_WRITE_ERROR:
        return CHALK_ERR_IO;
    default:
        return CHALK_ERR_BAD_STATE;
    }
}

void ck_paint_colour(cairo_t *cr, uint32_t colour, double alpha_most)
{
    double alpha = CK_MIN((colour >> 24) / 255.0, alpha_most);
    cairo_set_source_rgba(cr, (colour >> 16 & 0xff) / 255.0, (colour >> 8 & 0xff) / 255.0,
                          (colour & 0xff) / 255.0, alpha);
}

double ck_paint_pixel(cairo_t *cr)
{
    double x = 1.0, y = 0.0;
    cairo_user_to_device_distance(cr, &x, &y);
    return 1.0 / CK_MAX(hypot(x, y), COORD_LEAST);
}

ck_paint_box ck_paint_box_of(const ck_board_object *o)
{
    int32_t ax, ay, bx, by;
    ck_board_place_point(o, o->box.left, o->box.top, &ax, &ay);
    ck_board_place_point(o, o->box.right, o->box.bottom, &bx, &by);
    return (ck_paint_box){CK_MIN(ax, bx) / CK_PAINT_PX, CK_MIN(ay, by) / CK_PAINT_PX,
                          fabs((double)bx - ax) / CK_PAINT_PX, fabs((double)by - ay) / CK_PAINT_PX};
}

void ck_painter_object(ck_painter *p, cairo_t *cr, const ck_board_object *o)
{
    cairo_new_path(cr);
    switch (o->kind) {
    case CK_BOARD_PEN:
    case CK_BOARD_MARKER:
        ck_paint_add_stroke(p, cr, o);
        ck_paint_fill_strokes(p, cr, o->colour, o->kind == CK_BOARD_MARKER);
        break;
    case CK_BOARD_TEXT:
        ck_paint_text(p, cr, o);
        break;
    case CK_BOARD_IMAGE:
        ck_paint_image(p, cr, o);
        break;
    default:
        ck_paint_shape(cr, o);
        break;
    }
}
