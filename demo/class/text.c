#include "class/text.h"

#include <pango/pangocairo.h>

static PangoLayout *layout_of(cairo_t *c, const text_style *style, const char *text)
{
    PangoLayout *layout = pango_cairo_create_layout(c);
    PangoFontDescription *font = pango_font_description_from_string(style->font);
    pango_font_description_set_absolute_size(font, style->size * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    pango_layout_set_text(layout, text, -1);
    return layout;
}

void text_draw(cairo_t *c, const text_style *style, double x, double y, const char *text)
{
    PangoLayout *layout = layout_of(c, style, text);
    cairo_set_source_rgb(c, style->red, style->green, style->blue);
    cairo_move_to(c, x, y);
    pango_cairo_show_layout(c, layout);
    g_object_unref(layout);
}

void text_measure(cairo_t *c, const text_style *style, const char *text, double *width,
                  double *height)
{
    PangoLayout *layout = layout_of(c, style, text);
    int across = 0, down = 0;
    pango_layout_get_pixel_size(layout, &across, &down);
    *width = across;
    *height = down;
    g_object_unref(layout);
}

bool text_can_show(cairo_t *c, const char *text)
{
    const text_style style = {"Sans", 20, 0, 0, 0};
    PangoLayout *layout = layout_of(c, &style, text);
    int unknown = pango_layout_get_unknown_glyphs_count(layout);
    g_object_unref(layout);
    return unknown == 0;
}

/* Not FcFini: a thread of Pango's may still be looking for fonts, and it would end the program. */
void text_forget(void)
{
    pango_cairo_font_map_set_default(NULL);
    cairo_debug_reset_static_data();
}
