#include "board/help.h"

#include "board/command.h"

#include <math.h>

#define COLUMNS 3
#define ROW     25.0
#define COLUMN  348.0
#define KEYS    118.0
#define WIDE    (COLUMNS * COLUMN + 40)
#define HIGH    (17 * ROW + 108)

static const char *const headings[COLUMNS] = {"Tools", "Objects and pages",
                                              "View, class and files"};

static void paint_row(cairo_t *c, const board_command_row *row, double x, double y, double s)
{
    double wide = ui_text_width(c, UI_SMALL * s, true, row->keys) + 12 * s;
    const ui_rect keys = {x, y + 2 * s, fmin(wide, (KEYS - 6) * s), (ROW - 5) * s};
    ui_fill(c, keys, 4 * s, UI_WHITE);
    ui_frame(c, keys, 4 * s, s, UI_EDGE);
    ui_text(c, keys, UI_SMALL * s, true, UI_INK, UI_CENTRE, row->keys);
    ui_text(c, (ui_rect){x + KEYS * s, y, (COLUMN - KEYS - 14) * s, ROW * s}, UI_SMALL * s, false,
            UI_INK, UI_LEFT, row->words);
}

void help_paint(cairo_t *c, const ui_rect *area, double scale)
{
    /* A small window has it smaller rather than cut. */
    double s = fmin(scale, fmin(area->w / WIDE, area->h / HIGH));
    const ui_rect box = {round(area->x + (area->w - WIDE * s) / 2),
                         round(area->y + (area->h - HIGH * s) / 2), WIDE * s, HIGH * s};
    int rows[COLUMNS] = {0};
    ui_colour(c, UI_INK, 0.35);
    cairo_rectangle(c, area->x, area->y, area->w, area->h);
    cairo_fill(c);
    ui_fill(c, box, 12 * s, UI_BAR);
    ui_frame(c, box, 12 * s, s, UI_EDGE);
    for (int i = 0; i < COLUMNS; i++) {
        ui_text(c, (ui_rect){box.x + (24 + i * COLUMN) * s, box.y + 18 * s, COLUMN * s, 26 * s},
                15 * s, true, UI_ACCENT, UI_LEFT, headings[i]);
    }
    for (const board_command_row *row = board_commands; row->command != COMMAND_NONE; row++) {
        if (row->words != NULL) {
            paint_row(c, row, box.x + (24 + row->column * COLUMN) * s,
                      box.y + (54 + rows[row->column]++ * ROW) * s, s);
        }
    }
    ui_text(c, (ui_rect){box.x, box.y + box.h - 34 * s, box.w, 24 * s}, UI_SMALL * s, false,
            UI_FAINT, UI_CENTRE,
            "The wheel moves the view, with Ctrl it comes closer. Any key closes this.");
}
