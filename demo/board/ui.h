/*
 * What the board's window is drawn with: boxes, text and icons on Cairo. Sizes are pixels; `scale`
 * is how many of them a pixel of a plain display is.
 */
#ifndef DEMO_BOARD_UI_H
#define DEMO_BOARD_UI_H

#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>

#define UI_TEXT  13.0 /* px at scale 1 */
#define UI_SMALL 12.0

/* 0xRRGGBB. */
#define UI_BAR    0xf6f7f9u
#define UI_EDGE   0xd3d9e0u
#define UI_INK    0x1f2933u
#define UI_FAINT  0x5b6875u
#define UI_ACCENT 0x0b62a8u
#define UI_GLOW   0xd6e8f7u
#define UI_HOVER  0xe7ecf2u
#define UI_WHITE  0xffffffu
#define UI_ALERT  0xb33a00u

typedef struct ui_rect {
    double x, y, w, h;
} ui_rect;

enum ui_align {
    UI_LEFT = 0,
    UI_CENTRE,
    UI_RIGHT,
};

bool ui_inside(const ui_rect *r, double x, double y);
ui_rect ui_inset(ui_rect r, double by);
void ui_colour(cairo_t *c, uint32_t rgb, double alpha);
void ui_round(cairo_t *c, ui_rect r, double radius); /* a path */
void ui_fill(cairo_t *c, ui_rect r, double radius, uint32_t rgb);
void ui_frame(cairo_t *c, ui_rect r, double radius, double line, uint32_t rgb);

/* One line in the middle of the rectangle's height, cut with an ellipsis where it is too long. */
void ui_text(cairo_t *c, ui_rect r, double size, bool bold, uint32_t rgb, enum ui_align align,
             const char *text);
double ui_text_width(cairo_t *c, double size, bool bold, const char *text);

/* Icons stand on a grid of 24 by 24. */
enum ui_icon {
    ICON_SELECT = 0,
    ICON_HAND,
    ICON_PEN,
    ICON_MARKER,
    ICON_ERASER,
    ICON_REMOVER,
    ICON_LINE,
    ICON_ARROW,
    ICON_RECTANGLE,
    ICON_ELLIPSE,
    ICON_TEXT,
    ICON_LASER,
    ICON_IMAGE,
    ICON_UNDO,
    ICON_REDO,
    ICON_TRASH,
    ICON_COPY,
    ICON_FRONT,
    ICON_BACK,
    ICON_SAVE,
    ICON_OPEN,
    ICON_EXPORT,
    ICON_MINUS,
    ICON_PLUS,
    ICON_FIT,
    ICON_LEAD,
    ICON_FOLLOW,
    ICON_HELP,
    ICON_FILL,
    ICON_CLEAR,
    ICON_GROUND,
    ICON_COUNT,
};

void ui_icon(cairo_t *c, enum ui_icon icon, ui_rect r, uint32_t rgb);

#endif
