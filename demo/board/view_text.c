/* Text that is being typed, where it will stand. Lines are broken where their author breaks them.
 */
#include "board/inside.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

#define TEXT_PX  28.0   /* of its letters, at the zoom in which it is typed */
#define MOST_PX  1024.0 /* the board has no larger letters */
#define PITCH    1.25   /* as the board's renderer */
#define ASCENT   1.0
#define BLINK_US 500000

/* --- beginning and ending -------------------------------------------------------------------- */

void view_text_begin(board_view *v, world_point at)
{
    double size = fmin(TEXT_PX * v->scale / v->zoom, MOST_PX);
    v->text = (text_edit){
        .on = true,
        .x = at.x,
        .y = at.y - size / 2,
        .size = size,
        .colour = view_argb(v),
    };
    view_select_none(v);
}

void view_text_edit_object(board_view *v, const chalk_board_object *o)
{
    double scale = fabs(o->scale_y) > 0 ? fabs(o->scale_y) : 1.0;
    v->text = (text_edit){
        .on = true,
        .replaces = o->id,
        .x = o->x,
        .y = o->y,
        .size = fmin(o->size_px * scale, MOST_PX),
        .colour = o->colour,
    };
    size_t size = o->text_size < CHALK_BOARD_TEXT_MAX ? o->text_size : CHALK_BOARD_TEXT_MAX;
    memcpy(v->text.text, o->text, size);
    v->text.text[size] = '\0';
    v->text.length = v->text.caret = size;
    view_select_none(v);
}

static bool says_something(const char *text)
{
    return text[strspn(text, " \t\n")] != '\0';
}

void view_text_end(board_view *v)
{
    if (!v->text.on) {
        return;
    }
    v->text.on = false;
    v->dirty = true;
    view_group_begin(v);
    if (says_something(v->text.text)) {
        chalk_board_put_options put;
        chalk_board_put_options_init(&put);
        put.kind = CHALK_BOARD_TEXT;
        put.page = v->state.page;
        put.colour = v->text.colour;
        put.x = v->text.x;
        put.y = v->text.y;
        put.size_px = v->text.size;
        put.text = v->text.text;
        put.replaces = v->text.replaces;
        (void)view_acted(v, chalk_board_put(v->session, &put, NULL, NULL));
    } else if (v->text.replaces != 0) {
        (void)view_acted(v, chalk_board_delete(v->session, &v->text.replaces, 1, NULL));
    }
    view_group_end(v);
}

bool board_view_is_typing(const board_view *v)
{
    return v->text.on;
}

/* --- keys ------------------------------------------------------------------------------------ */

static bool is_inside_letter(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

static void insert(board_view *v, const char *text)
{
    text_edit *t = &v->text;
    size_t size = strlen(text);
    if (size > CHALK_BOARD_TEXT_MAX - t->length) {
        board_view_say(v, "A text has at most %d bytes.", CHALK_BOARD_TEXT_MAX);
        return;
    }
    memmove(t->text + t->caret + size, t->text + t->caret, t->length - t->caret + 1);
    memcpy(t->text + t->caret, text, size);
    t->length += size;
    t->caret += size;
}

static void take_out(text_edit *t, size_t from, size_t to)
{
    memmove(t->text + from, t->text + to, t->length - to + 1);
    t->length -= to - from;
    t->caret = from;
}

static size_t before(const text_edit *t)
{
    size_t at = t->caret;
    while (at > 0 && is_inside_letter(t->text[--at])) {
    }
    return at;
}

static size_t behind(const text_edit *t)
{
    size_t at = t->caret < t->length ? t->caret + 1 : t->length;
    while (at < t->length && is_inside_letter(t->text[at])) {
        at++;
    }
    return at;
}

static size_t line_start(const text_edit *t)
{
    size_t at = t->caret;
    while (at > 0 && t->text[at - 1] != '\n') {
        at--;
    }
    return at;
}

void board_view_type(board_view *v, const char *text)
{
    if (v->text.on) {
        v->text.composed[0] = '\0';
        insert(v, text);
        v->dirty = true;
    }
}

void board_view_compose(board_view *v, const char *text)
{
    size_t size = strlen(text);
    size = size < sizeof v->text.composed ? size : sizeof v->text.composed - 1;
    while (size > 0 && is_inside_letter(text[size])) {
        size--;
    }
    memcpy(v->text.composed, text, size);
    v->text.composed[size] = '\0';
    v->dirty = true;
}

void board_view_edit(board_view *v, enum board_edit what)
{
    text_edit *t = &v->text;
    v->dirty = true;
    switch (what) {
    case EDIT_BREAK:
        insert(v, "\n");
        break;
    case EDIT_ERASE:
        take_out(t, before(t), t->caret);
        break;
    case EDIT_DELETE:
        take_out(t, t->caret, behind(t));
        break;
    case EDIT_LEFT:
        t->caret = before(t);
        break;
    case EDIT_RIGHT:
        t->caret = behind(t);
        break;
    case EDIT_HOME:
        t->caret = line_start(t);
        break;
    case EDIT_END:
        t->caret += strcspn(t->text + t->caret, "\n");
        break;
    }
}

/* --- as it looks ----------------------------------------------------------------------------- */

static PangoLayout *layout_of(cairo_t *c, const board_view *v)
{
    PangoLayout *layout = pango_cairo_create_layout(c);
    PangoFontDescription *font = pango_font_description_new();
    pango_font_description_set_family_static(font, "sans-serif");
    pango_font_description_set_absolute_size(font, v->text.size * v->zoom * PANGO_SCALE);
    pango_layout_set_font_description(layout, font);
    pango_font_description_free(font);
    return layout;
}

static double x_of(PangoLayout *layout, size_t index)
{
    PangoRectangle at;
    pango_layout_index_to_pos(layout, (int)index, &at);
    return at.x / (double)PANGO_SCALE;
}

static uint32_t row_of(const text_edit *t)
{
    uint32_t row = 0;
    for (size_t i = 0; i < t->caret; i++) {
        row += t->text[i] == '\n';
    }
    return row;
}

ui_rect board_view_caret(const board_view *v)
{
    double size = v->text.size * v->zoom;
    return (ui_rect){(v->text.x - v->x) * v->zoom,
                     (v->text.y - v->y) * v->zoom + row_of(&v->text) * PITCH * size, size,
                     PITCH * size};
}

/* The line with the caret shows what the input method composes, underlined. */
static double paint_line(cairo_t *c, const board_view *v, PangoLayout *layout, const char *from,
                         size_t size, bool has_caret)
{
    char line[CHALK_BOARD_TEXT_MAX + sizeof v->text.composed + 1];
    size_t at = has_caret ? v->text.caret - (size_t)(from - v->text.text) : size;
    size_t composed = has_caret ? strlen(v->text.composed) : 0;
    memcpy(line, from, at);
    memcpy(line + at, v->text.composed, composed);
    memcpy(line + at + composed, from + at, size - at);
    line[size + composed] = '\0';
    pango_layout_set_text(layout, line, -1);
    pango_cairo_show_layout_line(c, pango_layout_get_line_readonly(layout, 0));
    double caret = x_of(layout, at + composed);
    if (composed > 0) {
        double letters = v->text.size * v->zoom, begins = x_of(layout, at);
        cairo_rectangle(c, begins, letters * 0.12, caret - begins, v->scale);
        cairo_fill(c);
    }
    return caret;
}

/* What is edited is still on the board below. */
static void cover_old(board_view *v, cairo_t *c)
{
    world_box box;
    if (v->text.replaces != 0 && view_object_box(v, v->text.replaces, &box)) {
        const ui_rect r = view_rect(v, &box);
        ui_colour(c, UI_WHITE, 1.0);
        cairo_rectangle(c, r.x, r.y, r.w, r.h);
        cairo_fill(c);
    }
}

void view_text_paint(board_view *v, cairo_t *c)
{
    if (!v->text.on) {
        return;
    }
    double size = v->text.size * v->zoom, widest = size;
    double left = (v->text.x - v->x) * v->zoom, top = (v->text.y - v->y) * v->zoom;
    uint32_t caret_row = row_of(&v->text), row = 0;
    PangoLayout *layout = layout_of(c, v);
    cover_old(v, c);
    for (const char *from = v->text.text; from != NULL; row++) {
        size_t length = strcspn(from, "\n");
        cairo_save(c);
        cairo_translate(c, left, top + (row * PITCH + ASCENT) * size);
        cairo_move_to(c, 0, 0);
        ui_colour(c, v->text.colour & 0xffffff, 1.0);
        double x = paint_line(c, v, layout, from, length, row == caret_row);
        if (row == caret_row && view_now_us(v) / BLINK_US % 2 == 0) {
            cairo_rectangle(c, x, -ASCENT * size, 2 * v->scale, PITCH * size);
            cairo_fill(c);
        }
        int wide = 0;
        pango_layout_get_pixel_size(layout, &wide, NULL);
        widest = fmax(widest, wide);
        cairo_restore(c);
        from = from[length] == '\n' ? from + length + 1 : NULL;
    }
    const double margin = 6 * v->scale;
    const ui_rect frame = {left - margin, top - margin, widest + 2 * margin + 2 * v->scale,
                           row * PITCH * size + 2 * margin};
    ui_frame(c, frame, 4 * v->scale, v->scale, UI_ACCENT);
    g_object_unref(layout);
}
