/*
 * Text. Laid out without regard to the cairo_t's scale, so it is the same at each. A line break of
 * the author is one for everybody. Fonts differ from machine to machine, so a line that comes out a
 * little wider than the author's width is drawn together to fit; one that the author did not break
 * at all is broken here.
 */
#include "render/inside.h"

#include "base/check.h"

#include <limits.h>
#include <math.h>
#include <string.h>

#define FAMILY      "sans-serif"
#define PITCH       1.25 /* of a line, in sizes */
#define ASCENT      1.0  /* of its baseline, in sizes: of a whole size it is a whole pixel */
#define SQUEEZE     1.15 /* wider lines are broken */
#define SIZE_MAX_PX 4096.0

static void set_font(ck_painter *p, double size)
{
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, FAMILY);
    pango_font_description_set_absolute_size(font, CK_MIN(size, SIZE_MAX_PX) * PANGO_SCALE);
    pango_layout_set_font_description(p->layout, font);
    pango_font_description_free(font);
}

/* Into pixels as outlines: Cairo would put each letter at a whole pixel, so that a text would
 * change with the scale. An SVG or a PDF gets letters. */
static void show_line(cairo_t *cr, PangoLayoutLine *line)
{
    if (cairo_surface_get_type(cairo_get_target(cr)) == CAIRO_SURFACE_TYPE_IMAGE) {
        pango_cairo_layout_line_path(cr, line);
        cairo_fill(cr);
    } else {
        pango_cairo_show_layout_line(cr, line);
    }
}

/* One line of the author's; returns how many it became. */
static int paint_line(ck_painter *p, cairo_t *cr, ck_bytes text, double size, double wide, int at)
{
    PangoRectangle logical;
    pango_layout_set_width(p->layout, -1);
    pango_layout_set_text(p->layout, (const char *)text.data, (int)text.size);
    pango_layout_get_extents(p->layout, NULL, &logical);
    double needs = logical.width / (double)PANGO_SCALE;
    bool breaks = wide > 0 && needs > wide * SQUEEZE && wide < INT_MAX / PANGO_SCALE;
    double squeeze = wide > 0 && needs > wide && !breaks ? wide / needs : 1.0;
    if (breaks) {
        pango_layout_set_width(p->layout, (int)(wide * PANGO_SCALE));
    }
    int lines = pango_layout_get_line_count(p->layout);
    for (int i = 0; i < lines; i++) {
        PangoLayoutLine *line = pango_layout_get_line_readonly(p->layout, i);
        double x = 0;
        if (line->resolved_dir == PANGO_DIRECTION_RTL && wide > 0) {
            pango_layout_line_get_extents(line, NULL, &logical);
            x = CK_MAX(wide - squeeze * logical.width / PANGO_SCALE, 0);
        }
        cairo_save(cr);
        cairo_translate(cr, x, ((at + i) * PITCH + ASCENT) * size);
        cairo_scale(cr, squeeze, 1.0);
        cairo_move_to(cr, 0, 0);
        show_line(cr, line);
        cairo_restore(cr);
    }
    return lines;
}

void ck_paint_text(ck_painter *p, cairo_t *cr, const ck_board_object *o)
{
    ck_board_body body;
    if (ck_board_read_body(o->kind, ck_bytes_of(o->body, o->body_size), &body) != CK_REASON_NONE) {
        return;
    }
    const ck_paint_box box = ck_paint_box_of(o);
    double size = (double)body.size / CK_PAINT_PX, wide = (double)body.x / CK_PAINT_PX;
    set_font(p, size);
    pango_layout_set_wrap(p->layout, PANGO_WRAP_WORD_CHAR);
    ck_paint_colour(cr, o->colour, 1.0);
    cairo_save(cr);
    cairo_translate(cr, box.x, box.y); /* text is never shown in a mirror */
    cairo_scale(cr, fabs(o->sx / (double)CK_BOARD_SCALE_ONE),
                fabs(o->sy / (double)CK_BOARD_SCALE_ONE));
    const uint8_t *from = body.text.data, *end = from + body.text.size;
    for (int at = 0; body.text.size > 0 && from <= end;) {
        const uint8_t *to = from < end ? memchr(from, '\n', (size_t)(end - from)) : NULL;
        to = to != NULL ? to : end;
        at += paint_line(p, cr, ck_bytes_of(from, (size_t)(to - from)), size, wide, at);
        from = to + 1;
    }
    cairo_restore(cr);
}
