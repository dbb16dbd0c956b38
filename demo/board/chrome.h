/*
 * What stands around the board in its window: tools on the left, commands on top, pages on the
 * right, a line of words below. It is laid out for a size, painted for a state, and says what lies
 * under a place.
 */
#ifndef DEMO_BOARD_CHROME_H
#define DEMO_BOARD_CHROME_H

#include "board/thumbs.h"
#include "board/view.h"

#define CHROME_BUTTONS 64

enum chrome_kind {
    CHROME_ICON = 1,
    CHROME_COLOUR,
    CHROME_WIDTH,
    CHROME_ZOOM, /* words */
};

typedef struct chrome_button {
    ui_rect at;
    enum chrome_kind kind;
    enum board_command command;
    enum ui_icon icon;
} chrome_button;

typedef struct chrome {
    double scale;
    ui_rect top, left, right, bottom;
    ui_rect board; /* what is left for it, whole pixels */
    ui_rect pages; /* the thumbnails' part of `right` */
    double thumb_wide, thumb_high, thumb_step;
    double scrolled; /* pixels of `pages` */
    chrome_button buttons[CHROME_BUTTONS];
    int count;
} chrome;

/* What else it shows. */
typedef struct chrome_words {
    const char *room; /* on the right of the line below */
    bool trouble;     /* `room` says that something is wrong */
    const char *hint; /* on the left, while the view has nothing to say */
} chrome_words;

void chrome_layout(chrome *c, int wide, int high, double scale);
/* The button at a place; NULL: none. */
const chrome_button *chrome_find(const chrome *c, double x, double y);
/* Index of the page whose thumbnail is at a place; -1: none. */
int chrome_page_at(const chrome *c, const board_state *state, double x, double y);
/* In notches; down is below 0. */
void chrome_scroll(chrome *c, const board_state *state, double notches);
void chrome_show_page(chrome *c, const board_state *state); /* the one that is seen */
void chrome_paint(const chrome *c, cairo_t *cr, const board_state *state, const chrome_words *words,
                  const chrome_button *hover);
/* `numbers` are those of the pages, from the first. */
void chrome_paint_pages(const chrome *c, cairo_t *cr, const board_state *state,
                        board_thumbs *thumbs, const uint32_t *numbers);
/* Over the board: what the button under the pointer does. */
void chrome_paint_tip(const chrome *c, cairo_t *cr, const chrome_button *hover);

#endif
