/* All keys, over the board; in a small window as many columns at a time as fit. */
#ifndef DEMO_BOARD_HELP_H
#define DEMO_BOARD_HELP_H

#include "board/ui.h"

/* From this column on, 0 and up. */
void help_paint(cairo_t *c, const ui_rect *area, double scale, int first);
/* The column to go on with; 0: that was all. */
int help_next(const ui_rect *area, double scale, int first);

#endif
