/* Strokes as outlines and areas, beside what Cairo makes of the same ways. */
#include "base/check.h"
#include "base/rng.h"
#include "render/outline.h"
#include "support/check.h"
#include "support/golden.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define SIDE   200
#define POINTS 40
#define ALIKE  0.1 /* of 255, in the mean over all pixels */
#define FAR    40  /* of 255: of one pixel */
#define TWICE  160 /* of one where two edges of a way lie in the same pixel: both count */
#define FLAT   0.1

typedef struct way {
    double x[POINTS], y[POINTS], radius;
    int count;
} way;

/* A hand that goes on and turns; `sharp`: a zigzag. */
static way any_way(ck_rng *rng, bool sharp)
{
    way w = {.count = 2 + (int)ck_rng_below(rng, POINTS - 2), .radius = 0.3 + 8 * ck_rng_unit(rng)};
    double angle = 6.3 * ck_rng_unit(rng), step = 0.2 + 15 * ck_rng_unit(rng);
    double x = SIDE * (1.4 * ck_rng_unit(rng) - 0.2), y = SIDE * (1.4 * ck_rng_unit(rng) - 0.2);
    for (int i = 0; i < w.count; i++) {
        w.x[i] = x;
        w.y[i] = y;
        angle += (sharp ? 6.3 : 0.8) * (ck_rng_unit(rng) - 0.5);
        x += step * cos(angle);
        y += step * sin(angle);
    }
    return w;
}

static cairo_surface_t *paper(void)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, SIDE, SIDE);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_destroy(cr);
    return surface;
}

/* What is to come out: Cairo's own pen. */
static cairo_surface_t *stroked(const way *w)
{
    cairo_surface_t *surface = paper();
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_set_line_width(cr, 2 * w->radius);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    cairo_move_to(cr, w->x[0], w->y[0]);
    for (int i = 1; i < w->count; i++) {
        cairo_line_to(cr, w->x[i], w->y[i]);
    }
    cairo_stroke(cr);
    cairo_destroy(cr);
    return surface;
}

static void go(ck_outline *o, const way *w)
{
    for (int i = 0; i < w->count; i++) {
        ck_outline_to(o, w->x[i], w->y[i], w->radius);
    }
    ck_outline_end(o);
}

/* In pieces of a side, so that ways come in and go out on all sides. */
static cairo_surface_t *covered(const way *w, int piece)
{
    static ck_area area;
    cairo_surface_t *surface = paper();
    cairo_t *cr = cairo_create(surface);
    for (int at = 0; at < SIDE * SIDE; at += piece) {
        int x = at % SIDE, y = at / SIDE * piece;
        if (y < SIDE) {
            ck_outline o;
            ck_area_begin(&area, x, y, CK_MIN(piece, SIDE - x), CK_MIN(piece, SIDE - y));
            ck_outline_init(&o, cr, &area, FLAT);
            go(&o, w);
            ck_area_paint(&area, surface, 0xff000000, 1.0);
        }
    }
    cairo_destroy(cr);
    return surface;
}

static cairo_surface_t *filled(const way *w)
{
    cairo_surface_t *surface = paper();
    cairo_t *cr = cairo_create(surface);
    ck_outline o;
    ck_outline_init(&o, cr, NULL, FLAT);
    go(&o, w);
    cairo_set_source_rgb(cr, 0, 0, 0);
    cairo_fill(cr);
    cairo_destroy(cr);
    return surface;
}

static int furthest(cairo_surface_t *a, cairo_surface_t *b)
{
    int most = 0;
    for (int y = 0; y < SIDE; y++) {
        const uint8_t *left = cairo_image_surface_get_data(a) + y * SIDE * 4;
        const uint8_t *right = cairo_image_surface_get_data(b) + y * SIDE * 4;
        for (int x = 0; x < SIDE; x++) {
            most = CK_MAX(most, abs(left[4 * x] - right[4 * x]));
        }
    }
    return most;
}

static void alike(cairo_surface_t *a, cairo_surface_t *b, int far, const char *what, uint32_t seed)
{
    cairo_surface_flush(a);
    cairo_surface_flush(b);
    double mean = ck_golden_difference(a, b);
    int most = furthest(a, b);
    if (mean > ALIKE || most > far) {
        CK_FAIL("%s, seed %u: mean %.3f, most %d", what, (unsigned)seed, mean, most);
    }
}

CK_TEST(outline, is_what_cairos_pen_draws)
{
    for (uint32_t seed = 1; seed <= 300; seed++) {
        ck_rng rng;
        ck_rng_seed(&rng, seed);
        const way w = any_way(&rng, seed % 3 == 0);
        cairo_surface_t *wanted = stroked(&w), *path = filled(&w);
        cairo_surface_t *whole = covered(&w, SIDE), *pieces = covered(&w, 50);
        alike(wanted, path, FAR, "path", seed);
        alike(wanted, whole, TWICE, "area", seed);
        alike(whole, pieces, 1, "pieces", seed);
        cairo_surface_destroy(wanted);
        cairo_surface_destroy(path);
        cairo_surface_destroy(whole);
        cairo_surface_destroy(pieces);
    }
}

CK_TEST(outline, one_point_is_a_dot)
{
    const way w = {.x = {100}, .y = {90}, .radius = 12, .count = 1};
    way near = {.x = {100, 100.01}, .y = {90, 90}, .radius = 12, .count = 2};
    cairo_surface_t *dot = covered(&w, SIDE), *wanted = paper(), *two = covered(&near, SIDE);
    cairo_t *cr = cairo_create(wanted);
    cairo_arc(cr, 100, 90, 12, 0, 6.2831853);
    cairo_fill(cr);
    cairo_destroy(cr);
    alike(dot, wanted, FAR, "dot", 0);
    alike(two, wanted, FAR, "two points in one place", 0);
    cairo_surface_destroy(dot);
    cairo_surface_destroy(wanted);
    cairo_surface_destroy(two);
}

/* What is far outside, or of no size, leaves no trace and does no harm. */
CK_TEST(outline, what_lies_outside_covers_nothing)
{
    const way ways[] = {
        {.x = {-3e7, -2e7}, .y = {50, 60}, .radius = 5, .count = 2},
        {.x = {3e7, 2e7}, .y = {50, 60}, .radius = 5, .count = 2},
        {.x = {50, 60}, .y = {-3e7, -2e7}, .radius = 5, .count = 2},
        {.x = {50, 60}, .y = {3e7, 2e7}, .radius = 5, .count = 2},
        {.x = {50, 50}, .y = {60, 60}, .radius = 0, .count = 2},
    };
    for (uint32_t i = 0; i < CK_COUNT_OF(ways); i++) {
        cairo_surface_t *white = paper(), *got = covered(&ways[i], 50);
        CK_CHECK_EQ(furthest(white, got), 0);
        cairo_surface_destroy(white);
        cairo_surface_destroy(got);
    }
    const way across = {.x = {-3e7, 3e7}, .y = {-3e7, 3e7}, .radius = 5, .count = 2};
    const way same = {.x = {-300, 500}, .y = {-300, 500}, .radius = 5, .count = 2};
    cairo_surface_t *wanted = stroked(&same), *got = covered(&across, 50);
    alike(wanted, got, FAR, "across the world", 0);
    cairo_surface_destroy(wanted);
    cairo_surface_destroy(got);
}

CK_TEST(outline, a_long_way_is_no_thinner_where_it_goes_on)
{
    static ck_area area;
    cairo_surface_t *surface = paper();
    cairo_t *cr = cairo_create(surface);
    ck_outline o;
    ck_area_begin(&area, 0, 0, SIDE, SIDE);
    ck_outline_init(&o, cr, &area, 0.001);
    for (int i = 0; i <= 2000; i++) {
        ck_outline_to(&o, 10 + i * 0.09, 100 + 30 * sin(i * 0.01), 8);
    }
    ck_outline_end(&o);
    ck_area_paint(&area, surface, 0xff000000, 1.0);
    for (int x = 12; x < 188; x++) {
        int y = (int)lround(100 + 30 * sin((x - 10) / 0.09 * 0.01));
        for (int k = y - 6; k <= y + 6; k++) {
            CK_CHECK_EQ(cairo_image_surface_get_data(surface)[k * SIDE * 4 + x * 4], 0);
        }
    }
    cairo_destroy(cr);
    cairo_surface_destroy(surface);
}
