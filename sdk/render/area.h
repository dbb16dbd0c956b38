/*
 * Polygons as exact shares of pixels: each edge adds the area to its right to the cells that it
 * crosses, sums along a row are what is covered. An edge costs what it crosses in pixels, where a
 * scan converter of subsamples (Cairo's) steps through each of its 15 lines in one.
 *
 *     ck_area_begin(area, left, top, wide, high)       pixels of the surface that may be touched
 *     ck_area_corner(area, x, y) ..., ck_area_close(area)
 *     ck_area_paint(area, surface, colour, alpha)      all polygons since, in one colour
 *
 * Polygons that overlap must turn the same way; what is covered twice is covered. After font-rs by
 * Raph Levien. One thread.
 */
#ifndef CK_RENDER_AREA_H
#define CK_RENDER_AREA_H

#include <cairo.h>
#include <stdbool.h>
#include <stdint.h>

#define CK_AREA_SIDE 256 /* pixels, at most */

typedef struct ck_area {
    int left, top, wide, high;
    bool open;                     /* a polygon is begun */
    double x, y, start_x, start_y; /* from its left upper corner */
    /* Rows and columns that were touched, the last one counted. */
    int row_first, row_last;
    int16_t first[CK_AREA_SIDE], last[CK_AREA_SIDE];
    float cells[CK_AREA_SIDE][CK_AREA_SIDE + 2];
} ck_area;

/* Of zeros, once; ck_area_paint leaves it so. */
void ck_area_begin(ck_area *a, int left, int top, int wide, int high);
void ck_area_corner(ck_area *a, double x, double y); /* device space */
void ck_area_close(ck_area *a);
/* 0xAARRGGBB, its alpha at most `alpha_most`. The surface is an image of RGB24 or ARGB32 that holds
 * the rectangle. */
void ck_area_paint(ck_area *a, cairo_surface_t *surface, uint32_t colour, double alpha_most);

#endif
