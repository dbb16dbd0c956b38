#include "board/ui.h"

#include <math.h>
#include <pango/pangocairo.h>

#define PI 3.14159265358979323846

bool ui_inside(const ui_rect *r, double x, double y)
{
    return x >= r->x && y >= r->y && x < r->x + r->w && y < r->y + r->h;
}

ui_rect ui_inset(ui_rect r, double by)
{
    return (ui_rect){r.x + by, r.y + by, r.w - 2 * by, r.h - 2 * by};
}

void ui_colour(cairo_t *c, uint32_t rgb, double alpha)
{
    cairo_set_source_rgba(c, (rgb >> 16 & 255) / 255.0, (rgb >> 8 & 255) / 255.0,
                          (rgb & 255) / 255.0, alpha);
}

void ui_round(cairo_t *c, ui_rect r, double radius)
{
    cairo_new_sub_path(c);
    cairo_arc(c, r.x + r.w - radius, r.y + radius, radius, -PI / 2, 0);
    cairo_arc(c, r.x + r.w - radius, r.y + r.h - radius, radius, 0, PI / 2);
    cairo_arc(c, r.x + radius, r.y + r.h - radius, radius, PI / 2, PI);
    cairo_arc(c, r.x + radius, r.y + radius, radius, PI, 3 * PI / 2);
    cairo_close_path(c);
}

void ui_fill(cairo_t *c, ui_rect r, double radius, uint32_t rgb)
{
    ui_colour(c, rgb, 1.0);
    ui_round(c, r, radius);
    cairo_fill(c);
}

void ui_frame(cairo_t *c, ui_rect r, double radius, double line, uint32_t rgb)
{
    ui_colour(c, rgb, 1.0);
    cairo_set_line_width(c, line);
    ui_round(c, ui_inset(r, line / 2), radius);
    cairo_stroke(c);
}

/* --- text ------------------------------------------------------------------------------------ */

static PangoLayout *layout_of(cairo_t *c, double size, bool bold, const char *text)
{
    PangoLayout *layout = pango_cairo_create_layout(c);
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, "sans-serif");
    pango_font_description_set_weight(font, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
    pango_font_description_set_absolute_size(font, size * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_single_paragraph_mode(layout, TRUE);
    pango_layout_set_text(layout, text, -1);
    return layout;
}

void ui_text(cairo_t *c, ui_rect r, double size, bool bold, uint32_t rgb, enum ui_align align,
             const char *text)
{
    PangoLayout *layout = layout_of(c, size, bold, text);
    int high = 0;
    pango_layout_set_width(layout, (int)(fmax(r.w, 0) * PANGO_SCALE));
    pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
    pango_layout_set_alignment(layout, align == UI_LEFT     ? PANGO_ALIGN_LEFT
                                       : align == UI_CENTRE ? PANGO_ALIGN_CENTER
                                                            : PANGO_ALIGN_RIGHT);
    pango_layout_get_pixel_size(layout, NULL, &high);
    ui_colour(c, rgb, 1.0);
    cairo_move_to(c, r.x, round(r.y + (r.h - high) / 2));
    pango_cairo_show_layout(c, layout);
    g_object_unref(layout);
}

double ui_text_width(cairo_t *c, double size, bool bold, const char *text)
{
    PangoLayout *layout = layout_of(c, size, bold, text);
    int wide = 0;
    pango_layout_get_pixel_size(layout, &wide, NULL);
    g_object_unref(layout);
    return wide;
}
