/* All keys, over the board. */
#ifndef DEMO_BOARD_HELP_H
#define DEMO_BOARD_HELP_H

#include "board/ui.h"

void help_paint(cairo_t *c, const ui_rect *area, double scale);

#endif
