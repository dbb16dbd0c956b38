/* A run as a drawing (SVG): delay, buffer, freezes and rate over time. */
#ifndef CK_SIM_PLOT_H
#define CK_SIM_PLOT_H

#include "sim/lesson.h"

/* False: the file cannot be written. */
bool ck_plot_write(const char *path, const char *title, const ck_lesson_report *report);

#endif
