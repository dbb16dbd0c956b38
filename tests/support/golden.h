/*
 * Pictures that were looked at, and what is painted now beside them. tests/golden has them; with
 * CHALKRAIL_GOLDEN=write in the environment a test writes them anew, to be looked at again.
 */
#ifndef CK_TESTS_GOLDEN_H
#define CK_TESTS_GOLDEN_H

#include <cairo.h>
#include <stdbool.h>

/* Pins the fonts: before anything is painted. */
void ck_golden_init(void);
/* Whether the picture looks as tests/golden/NAME.png: no edge further off than a rounding. What
 * does not is left as golden-NAME.png in the folder of the test. */
bool ck_golden_check(const char *name, cairo_surface_t *picture);

/* The mean difference of a colour of a pixel, 0 to 255; 1e9: other sizes. */
double ck_golden_difference(cairo_surface_t *a, cairo_surface_t *b);

#endif
