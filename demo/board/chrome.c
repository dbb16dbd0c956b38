/* How the tools around the board look. */
#include "board/chrome.h"

#include <math.h>
#include <stdio.h>

#define ICON 22.0
#define TURN 6.283185307179586

/* --- buttons --------------------------------------------------------------------------------- */

static bool is_on(const board_state *s, enum board_command command)
{
    return command == (enum board_command)(COMMAND_TOOL + (int)s->tool) ||
           command == (enum board_command)(COMMAND_COLOUR + (int)s->colour) ||
           command == (enum board_command)(COMMAND_WIDTH + (int)s->width) ||
           (command == COMMAND_FILL && s->filled) || (command == COMMAND_LEAD && s->leads) ||
           (command == COMMAND_FOLLOW && s->follows);
}

static bool is_possible(const board_state *s, enum board_command command)
{
    switch (command) {
    case COMMAND_UNDO:
        return s->undoable;
    case COMMAND_REDO:
        return s->redoable;
    case COMMAND_DELETE:
    case COMMAND_DUPLICATE:
    case COMMAND_FRONT:
    case COMMAND_BACK:
        return s->selected > 0;
    case COMMAND_FOLLOW:
        return s->leader[0] != '\0';
    case COMMAND_PAGE_REMOVE:
        return s->pages > 1;
    default:
        return true;
    }
}

static void paint_icon(const chrome *c, cairo_t *cr, const chrome_button *b, bool on, bool possible)
{
    double side = ICON * c->scale;
    const ui_rect at = {round(b->at.x + (b->at.w - side) / 2),
                        round(b->at.y + (b->at.h - side) / 2), side, side};
    ui_icon(cr, b->icon, at, !possible ? 0xb4bdc7 : on ? UI_ACCENT : UI_INK);
}

/* The one that is chosen has a ring, so that it is not told by its colour alone. */
static void paint_colour(const chrome *c, cairo_t *cr, const chrome_button *b, bool on)
{
    uint32_t colour = board_colours[b->command - COMMAND_COLOUR] & 0xffffff;
    double x = b->at.x + b->at.w / 2, y = b->at.y + b->at.h / 2;
    cairo_new_sub_path(cr);
    cairo_arc(cr, x, y, (on ? 8 : 10) * c->scale, 0, TURN);
    ui_colour(cr, colour, 1.0);
    cairo_fill(cr);
    if (on) {
        cairo_new_sub_path(cr);
        cairo_arc(cr, x, y, 11.5 * c->scale, 0, TURN);
        ui_colour(cr, UI_INK, 1.0);
        cairo_set_line_width(cr, 2 * c->scale);
        cairo_stroke(cr);
    }
}

static void paint_width(const chrome *c, cairo_t *cr, const chrome_button *b)
{
    double width = board_widths[b->command - COMMAND_WIDTH] * c->scale;
    double y = b->at.y + b->at.h / 2;
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_width(cr, fmin(width, 14 * c->scale));
    cairo_move_to(cr, b->at.x + 12 * c->scale, y);
    cairo_line_to(cr, b->at.x + b->at.w - 12 * c->scale, y);
    ui_colour(cr, UI_INK, 1.0);
    cairo_stroke(cr);
}

static void paint_button(const chrome *c, cairo_t *cr, const chrome_button *b,
                         const board_state *state, bool hovered)
{
    bool on = is_on(state, b->command), possible = is_possible(state, b->command);
    char words[16];
    if (b->kind != CHROME_COLOUR && (on || (hovered && possible))) {
        ui_fill(cr, b->at, 6 * c->scale, on ? UI_GLOW : UI_HOVER);
    }
    if (b->kind != CHROME_COLOUR && on) {
        ui_frame(cr, b->at, 6 * c->scale, 1.5 * c->scale, UI_ACCENT);
    }
    switch (b->kind) {
    case CHROME_ICON:
        paint_icon(c, cr, b, on, possible);
        break;
    case CHROME_COLOUR:
        paint_colour(c, cr, b, on);
        break;
    case CHROME_WIDTH:
        paint_width(c, cr, b);
        break;
    case CHROME_ZOOM:
        (void)snprintf(words, sizeof words, "%.0f %%", state->zoom * 100);
        ui_text(cr, b->at, UI_TEXT * c->scale, false, UI_INK, UI_CENTRE, words);
        break;
    }
}

/* --- the whole ------------------------------------------------------------------------------- */

static void paint_panel(cairo_t *cr, const ui_rect *r)
{
    ui_colour(cr, UI_BAR, 1.0);
    cairo_rectangle(cr, r->x, r->y, r->w, r->h);
    cairo_fill(cr);
}

static void paint_edges(const chrome *c, cairo_t *cr)
{
    double line = fmax(1, round(c->scale));
    ui_colour(cr, UI_EDGE, 1.0);
    cairo_rectangle(cr, 0, c->top.h - line, c->top.w, line);
    cairo_rectangle(cr, c->left.w - line, c->left.y, line, c->left.h);
    cairo_rectangle(cr, c->right.x, c->right.y, line, c->right.h);
    cairo_rectangle(cr, 0, c->bottom.y, c->bottom.w, line);
    cairo_fill(cr);
}

static void paint_words(const chrome *c, cairo_t *cr, const board_state *state,
                        const chrome_words *words)
{
    double s = c->scale, wide = c->bottom.w * 0.4;
    const ui_rect right = {c->bottom.w - wide - 12 * s, c->bottom.y, wide, c->bottom.h};
    const ui_rect left = {12 * s, c->bottom.y, right.x - 24 * s, c->bottom.h};
    bool says = state->message[0] != '\0';
    ui_text(cr, left, UI_TEXT * s, says, says ? UI_INK : UI_FAINT, UI_LEFT,
            says ? state->message : words->hint);
    ui_text(cr, right, UI_TEXT * s, words->trouble, words->trouble ? UI_ALERT : UI_FAINT, UI_RIGHT,
            words->room);
}

void chrome_paint(const chrome *c, cairo_t *cr, const board_state *state, const chrome_words *words,
                  const chrome_button *hover)
{
    paint_panel(cr, &c->top);
    paint_panel(cr, &c->left);
    paint_panel(cr, &c->right);
    paint_panel(cr, &c->bottom);
    paint_edges(c, cr);
    for (int i = 0; i < c->count; i++) {
        paint_button(c, cr, &c->buttons[i], state, &c->buttons[i] == hover);
    }
    paint_words(c, cr, state, words);
}

/* --- pages ----------------------------------------------------------------------------------- */

static void paint_page(const chrome *c, cairo_t *cr, const ui_rect *at, uint32_t index, bool seen,
                       cairo_surface_t *picture)
{
    double s = c->scale;
    char words[16];
    cairo_save(cr);
    ui_round(cr, *at, 4 * s);
    cairo_clip(cr);
    ui_colour(cr, UI_WHITE, 1.0);
    cairo_paint(cr);
    if (picture != NULL) {
        cairo_set_source_surface(cr, picture, at->x, at->y);
        cairo_paint(cr);
    }
    cairo_restore(cr);
    ui_frame(cr, seen ? ui_inset(*at, -2 * s) : *at, (seen ? 6 : 4) * s, (seen ? 2.5 : 1) * s,
             seen ? UI_ACCENT : UI_EDGE);
    (void)snprintf(words, sizeof words, "%u", index + 1);
    ui_text(cr, (ui_rect){at->x, at->y + at->h + 2 * s, at->w, 20 * s}, UI_SMALL * s, seen,
            seen ? UI_ACCENT : UI_FAINT, UI_CENTRE, words);
}

void chrome_paint_pages(const chrome *c, cairo_t *cr, const board_state *state,
                        board_thumbs *thumbs, const uint32_t *numbers)
{
    cairo_save(cr);
    cairo_rectangle(cr, c->pages.x + 2, c->pages.y, c->pages.w, c->pages.h);
    cairo_clip(cr);
    for (uint32_t i = 0; i < state->pages; i++) {
        const ui_rect at = {round(c->pages.x + (c->pages.w - c->thumb_wide) / 2),
                            round(c->pages.y + 3 * c->scale + i * c->thumb_step - c->scrolled),
                            c->thumb_wide, c->thumb_high};
        if (at.y + c->thumb_step >= c->pages.y && at.y <= c->pages.y + c->pages.h) {
            paint_page(c, cr, &at, i, i == state->page_index, board_thumbs_get(thumbs, numbers[i]));
        }
    }
    cairo_restore(cr);
}

/* --- tips ------------------------------------------------------------------------------------ */

static void words_of(const chrome_button *b, char *out, size_t size)
{
    const board_command_row *row = board_command_find(b->command);
    if (b->kind == CHROME_COLOUR) {
        int n = (int)(b->command - COMMAND_COLOUR);
        (void)snprintf(out, size, "%s   %d", board_colour_names[n], n + 1);
    } else if (b->kind == CHROME_WIDTH) {
        (void)snprintf(out, size, "Line of %.0f px   [ and ]",
                       board_widths[b->command - COMMAND_WIDTH]);
    } else {
        (void)snprintf(out, size, "%s   %s", row != NULL ? row->words : "",
                       row != NULL ? row->keys : "");
    }
}

void chrome_paint_tip(const chrome *c, cairo_t *cr, const chrome_button *hover)
{
    char words[96];
    double s = c->scale;
    words_of(hover, words, sizeof words);
    double wide = ui_text_width(cr, UI_TEXT * s, false, words) + 20 * s, high = 28 * s;
    bool top = hover->at.y < c->top.h, right = hover->at.x >= c->right.x;
    double x = top ? hover->at.x : right ? c->right.x - wide - 6 * s : c->left.w + 6 * s;
    double y = top ? c->top.h + 6 * s : hover->at.y + (hover->at.h - high) / 2;
    x = fmin(x, c->bottom.w - wide - 6 * s);
    const ui_rect box = {round(x), round(y), ceil(wide), round(high)};
    ui_fill(cr, box, 6 * s, UI_INK);
    ui_text(cr, box, UI_TEXT * s, false, UI_WHITE, UI_CENTRE, words);
}
