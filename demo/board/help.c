#include "board/help.h"

#include "board/command.h"

#include <math.h>
#include <stdbool.h>

#define COLUMNS 3
#define ROWS    17
#define ROW     25.0
#define ROW_LOW 21.0 /* where the window is not high */
#define COLUMN  348.0
#define KEYS    118.0
#define AROUND  40.0  /* a column's width and this is the box's */
#define BESIDE  108.0 /* the rows' height and this is the box's */

static const char *const headings[COLUMNS] = {"Tools", "Objects and pages",
                                              "View, class and files"};

static int shown(const ui_rect *area, double scale)
{
    int fit = (int)((area->w / scale - AROUND) / COLUMN);
    return fit < 1 ? 1 : fit < COLUMNS ? fit : COLUMNS;
}

int help_next(const ui_rect *area, double scale, int first)
{
    int next = first + shown(area, scale);
    return next < COLUMNS ? next : 0;
}

static void paint_row(cairo_t *c, const board_command_row *row, const ui_rect *at, double s)
{
    double wide = ui_text_width(c, UI_SMALL * s, true, row->keys) + 12 * s;
    const ui_rect keys = {at->x, at->y + 2 * s, fmin(wide, (KEYS - 6) * s), at->h - 4 * s};
    ui_fill(c, keys, 4 * s, UI_WHITE);
    ui_frame(c, keys, 4 * s, s, UI_EDGE);
    ui_text(c, keys, UI_SMALL * s, true, UI_INK, UI_CENTRE, row->keys);
    ui_text(c, (ui_rect){at->x + KEYS * s, at->y, at->w - KEYS * s, at->h}, UI_SMALL * s, false,
            UI_INK, UI_LEFT, row->words);
}

/* `at`: its heading, and how wide it is. */
static void paint_column(cairo_t *c, int column, ui_rect at, double row_high, double s)
{
    ui_text(c, at, 15 * s, true, UI_ACCENT, UI_LEFT, headings[column]);
    ui_rect line = {at.x, at.y + 36 * s, at.w - 14 * s, row_high};
    for (const board_command_row *row = board_commands; row->command != COMMAND_NONE; row++) {
        if (row->words != NULL && row->column == column) {
            paint_row(c, row, &line, s);
            line.y += row_high;
        }
    }
}

static void paint_end(cairo_t *c, const ui_rect *box, double s, bool more)
{
    const ui_rect at = {box->x, box->y + box->h - 34 * s, box->w, 24 * s};
    ui_text(c, at, UI_SMALL * s, false, UI_FAINT, UI_CENTRE,
            more ? "Any key shows more of them, Escape closes this."
                 : "The wheel moves the view, with Ctrl it comes closer. Any key closes this.");
}

void help_paint(cairo_t *c, const ui_rect *area, double scale, int first)
{
    int fit = shown(area, scale), end = first + fit < COLUMNS ? first + fit : COLUMNS;
    /* What is smaller still has it smaller rather than cut. */
    double wide = fit * COLUMN + AROUND;
    double s = fmin(scale, fmin(area->w / wide, area->h / (ROWS * ROW_LOW + BESIDE)));
    double row_high = fmin(ROW, (area->h / s - BESIDE) / ROWS), high = ROWS * row_high + BESIDE;
    const ui_rect box = {round(area->x + (area->w - wide * s) / 2),
                         round(area->y + (area->h - high * s) / 2), wide * s, high * s};
    ui_colour(c, UI_INK, 0.35);
    cairo_rectangle(c, area->x, area->y, area->w, area->h);
    cairo_fill(c);
    ui_fill(c, box, 12 * s, UI_BAR);
    ui_frame(c, box, 12 * s, s, UI_EDGE);
    for (int i = first; i < end; i++) {
        const ui_rect at = {box.x + (24 + (i - first) * COLUMN) * s, box.y + 18 * s, COLUMN * s,
                            26 * s};
        paint_column(c, i, at, row_high * s, s);
    }
    paint_end(c, &box, s, end < COLUMNS);
}
