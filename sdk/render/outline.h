/*
 * The outline of a round pen's way, as one closed polygon for each run: the left side, around the
 * end, the right side back, around the beginning. All turn the same way, so runs that cross
 * themselves or one another are one area when filled by winding numbers.
 *
 *     ck_outline_init(&outline, cr, flat)
 *     ck_outline_to(&outline, x, y, radius)         the first one begins a run; one alone is a dot
 *     ck_outline_end(&outline)                      the pen is lifted; fill when all is there
 *
 * As few corners as `flat` allows: that far from what is round the polygon may be. One thread.
 */
#ifndef CK_RENDER_OUTLINE_H
#define CK_RENDER_OUTLINE_H

#include "render/area.h"

#define CK_OUTLINE_SIDE 512u /* corners of a right side; a longer run goes on as another */

typedef struct ck_outline_point {
    double x, y;
} ck_outline_point;

typedef struct ck_outline {
    cairo_t *cr;
    ck_area *area;                  /* NULL: the path of `cr` gets it */
    double scale, shift_x, shift_y; /* of the area: from user to device space */
    double flat;                    /* user space */
    double step;                    /* nearer points than this are one */
    uint32_t count;                 /* points of this run, the one that waits left out */
    ck_outline_point at, normal, start, start_normal;
    double radius, start_radius;
    double length; /* of the last segment */
    bool waits;    /* a point too near to the last one: it counts if it is the run's end */
    ck_outline_point next;
    double next_radius;
    uint32_t right_count;
    ck_outline_point right[CK_OUTLINE_SIDE];
} ck_outline;

/* Into an area, or, if that is NULL, into the path of `cr`. User space is scaled alike both ways
 * and not turned. */
void ck_outline_init(ck_outline *o, cairo_t *cr, ck_area *area, double flat);
void ck_outline_to(ck_outline *o, double x, double y, double radius);
void ck_outline_end(ck_outline *o);

#endif
