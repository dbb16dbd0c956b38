/* Icons as paths on a grid of 24 by 24: M and L go to a point, C is a curve with two handles, O is
 * a circle (middle, radius), Z closes; a path that begins with F is filled, others are drawn. */
#include "board/ui.h"

#include <stdlib.h>

#define GRID 24.0
#define LINE 1.8
#define TURN 6.283185307179586

static const char *const paths[ICON_COUNT] = {
    [ICON_SELECT] = "F M6 3 L18 13 L12.5 13.6 L15.5 19.8 L13 21 L10 14.8 L6 18.5 Z",
    [ICON_HAND] = "M12 3 L12 21 M3 12 L21 12 M9.5 5.5 L12 3 L14.5 5.5 M9.5 18.5 L12 21 L14.5 18.5 "
                  "M5.5 9.5 L3 12 L5.5 14.5 M18.5 9.5 L21 12 L18.5 14.5",
    [ICON_PEN] = "M4 20 L5.2 15.2 L16.5 3.9 L20.1 7.5 L8.8 18.8 Z M14 6.4 L17.6 10",
    [ICON_MARKER] = "M8 13 L14.5 4 L19.5 8 L13 16.5 L8.5 17 L7 15.5 Z M7 15.5 L4.5 19 L8.5 17 "
                    "M4 21.5 L20 21.5",
    [ICON_ERASER] =
        "M8 19.5 L3.5 15 L14 4.5 L20.5 11 L12 19.5 Z M9 9.5 L15.5 16 M8 19.5 L20.5 19.5",
    [ICON_REMOVER] =
        "M7 17 L2.8 12.8 L11 4.6 L17 10.6 L10.6 17 Z M7 9 L12.6 14.6 M16 15.5 L21.5 21 "
        "M21.5 15.5 L16 21",
    [ICON_LINE] = "M5 19 L19 5",
    [ICON_ARROW] = "M5 19 L19 5 M10.5 5 L19 5 L19 13.5",
    [ICON_RECTANGLE] = "M4 6 L20 6 L20 18 L4 18 Z",
    [ICON_ELLIPSE] = "M12 5.5 C23 5.5 23 18.5 12 18.5 C1 18.5 1 5.5 12 5.5 Z",
    [ICON_TEXT] = "M5 8 L5 5 L19 5 L19 8 M12 5 L12 19.5 M9 19.5 L15 19.5",
    [ICON_LASER] =
        "F O12 12 3 Z M12 3 L12 6 M12 18 L12 21 M3 12 L6 12 M18 12 L21 12 M5.6 5.6 L7.8 7.8 "
        "M16.2 16.2 L18.4 18.4 M18.4 5.6 L16.2 7.8 M7.8 16.2 L5.6 18.4",
    [ICON_IMAGE] = "M3.5 5 L20.5 5 L20.5 19 L3.5 19 Z M3.5 16 L9 10.5 L14 15.5 L16.5 13 L20.5 17 "
                   "M16.2 9.6 O15.5 9 1.3 Z",
    [ICON_UNDO] = "M8 4.5 L3.5 9 L8 13.5 M3.5 9 L14.5 9 C22 9 22 19 14.5 19 L9 19",
    [ICON_REDO] = "M16 4.5 L20.5 9 L16 13.5 M20.5 9 L9.5 9 C2 9 2 19 9.5 19 L15 19",
    [ICON_TRASH] = "M4 6.5 L20 6.5 M9 6.5 L9.5 4 L14.5 4 L15 6.5 M6 6.5 L7 20.5 L17 20.5 L18 6.5 "
                   "M10 10 L10.4 17 M14 10 L13.6 17",
    [ICON_COPY] = "M8.5 8.5 L20 8.5 L20 20 L8.5 20 Z M15.5 8.5 L15.5 4 L4 4 L4 15.5 L8.5 15.5",
    [ICON_FRONT] = "M4 4 L14 4 L14 9 M9 14 L4 14 L4 4 F M10 10 L20 10 L20 20 L10 20 Z",
    [ICON_BACK] = "F M4 4 L14 4 L14 14 L4 14 Z M17 10 L20 10 L20 20 L10 20 L10 17",
    [ICON_SAVE] =
        "M4 4 L16.5 4 L20 7.5 L20 20 L4 20 Z M8 4 L8 9 L15 9 L15 4 M7.5 20 L7.5 13.5 L16.5 13.5 "
        "L16.5 20",
    [ICON_OPEN] =
        "M3.5 19 L3.5 5 L9.5 5 L11.5 7.5 L19 7.5 L19 10.5 M3.5 19 L7 10.5 L22 10.5 L18.5 19 Z",
    [ICON_EXPORT] = "M12 15 L12 3.5 M7.5 8 L12 3.5 L16.5 8 M4 14.5 L4 20.5 L20 20.5 L20 14.5",
    [ICON_MINUS] = "M5 12 L19 12",
    [ICON_PLUS] = "M5 12 L19 12 M12 5 L12 19",
    [ICON_FIT] = "M4 9 L4 4 L9 4 M15 4 L20 4 L20 9 M20 15 L20 20 L15 20 M9 20 L4 20 L4 15",
    [ICON_LEAD] =
        "F O12 12 2.4 Z M7.5 16.5 C4.5 13.5 4.5 10.5 7.5 7.5 M16.5 7.5 C19.5 10.5 19.5 13.5 16.5 "
        "16.5 M4.5 19.5 C0.5 15 0.5 9 4.5 4.5 M19.5 4.5 C23.5 9 23.5 15 19.5 19.5",
    [ICON_FOLLOW] = "M2 12 C6.5 4.5 17.5 4.5 22 12 C17.5 19.5 6.5 19.5 2 12 Z F O12 12 3.2 Z",
    [ICON_HELP] = "M8 8.5 C8 2.5 16.5 2.5 16.2 8.3 C16 11.8 12 11.6 12 15.5 F O12 19.6 1.3 Z",
    [ICON_FILL] = "F M4 6 L20 6 L20 18 L4 18 Z",
    [ICON_CLEAR] = "M4 4 L20 4 L20 20 L4 20 Z M8.5 8.5 L15.5 15.5 M15.5 8.5 L8.5 15.5",
    [ICON_GROUND] = "M4 4 L20 4 L20 20 L4 20 Z M4 12 L20 12 M12 4 L12 20",
};

static void numbers(const char **at, double *out, int count)
{
    for (int i = 0; i < count; i++) {
        char *end;
        out[i] = strtod(*at, &end);
        *at = end;
    }
}

static void finish(cairo_t *c, bool filled)
{
    if (filled) {
        cairo_fill_preserve(c);
    }
    cairo_stroke(c);
}

static void draw(cairo_t *c, const char *at)
{
    bool filled = false;
    while (*at != '\0') {
        double n[6];
        char step = *at++;
        if (step == 'F') {
            finish(c, filled);
            filled = true;
        } else if (step == 'M') {
            numbers(&at, n, 2);
            cairo_move_to(c, n[0], n[1]);
        } else if (step == 'L') {
            numbers(&at, n, 2);
            cairo_line_to(c, n[0], n[1]);
        } else if (step == 'C') {
            numbers(&at, n, 6);
            cairo_curve_to(c, n[0], n[1], n[2], n[3], n[4], n[5]);
        } else if (step == 'O') {
            numbers(&at, n, 3);
            cairo_new_sub_path(c);
            cairo_arc(c, n[0], n[1], n[2], 0, TURN);
        } else if (step == 'Z') {
            cairo_close_path(c);
            finish(c, filled);
            filled = false;
        }
    }
    finish(c, filled);
}

void ui_icon(cairo_t *c, enum ui_icon icon, ui_rect r, uint32_t rgb)
{
    cairo_save(c);
    cairo_new_path(c);
    cairo_translate(c, r.x, r.y);
    cairo_scale(c, r.w / GRID, r.h / GRID);
    cairo_set_line_width(c, LINE);
    cairo_set_line_cap(c, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
    ui_colour(c, rgb, 1.0);
    draw(c, paths[icon]);
    cairo_restore(c);
}
