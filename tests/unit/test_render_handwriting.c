/* Small handwriting stays what it was: tablet samples, drawn 8 px high. */
#include "base/check.h"
#include "base/time.h"
#include "chalkrail/errors.h"
#include "core/drawing/pen.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/data.h"
#include "support/golden.h"
#include "unit/render_support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SVC     "whiteboard/pen/sample_18-07-2014_M_0006_Doe_12-10-2020.svc"
#define HIGH_PX 8.0
#define OFF_PX  0.5
#define SAMPLES 1000
#define PAD     4.0 /* px around it */

typedef struct sample {
    double x, y, pressure, at_ms;
} sample;

typedef struct stroke {
    sample samples[SAMPLES];
    uint32_t count;
    double left, top, right, bottom;
} stroke;

static void add(stroke *s, double x, double y, double pressure, double at_ms)
{
    if (s->count == 0) {
        s->left = s->right = x;
        s->top = s->bottom = y;
    }
    if (s->count < SAMPLES) {
        s->samples[s->count++] = (sample){x, y, pressure, at_ms};
        s->left = CK_MIN(s->left, x);
        s->right = CK_MAX(s->right, x);
        s->top = CK_MIN(s->top, y);
        s->bottom = CK_MAX(s->bottom, y);
    }
}

/* Loops of a hand where the test data is absent. */
static void make_up(stroke *s)
{
    for (int i = 0; i < 220; i++) {
        double t = i * 0.0075;
        add(s, 9000 * t + 1500 * sin(17 * t), 2800 * cos(17 * t), 0.4 + 0.2 * sin(9 * t), 1000 * t);
    }
}

/* The tablet's strokes; how many. */
static uint32_t load(stroke *strokes, uint32_t most)
{
    size_t size;
    uint32_t count = 0;
    uint8_t *file = ck_data_load(SVC, &size);
    if (file == NULL) {
        make_up(&strokes[0]);
        return 1;
    }
    char *text = calloc(size + 1, 1);
    memcpy(text, file, size);
    free(file);
    char *rest = text;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL && count < most;
         line = strtok_r(NULL, "\n", &rest)) {
        double x, y, at, pen, turn, tilt, pressure;
        bool read = sscanf(line, "%lf %lf %lf %lf %lf %lf %lf", &x, &y, &at, &pen, &turn, &tilt,
                           &pressure) == 7;
        if (read && pen != 0) {
            add(&strokes[count], x, y, pressure / 32768, at);
        } else if (strokes[count].count > 0) {
            count++;
        }
    }
    count += count < most && strokes[count].count > 0;
    free(text);
    return count;
}

/* 8 px high, from PAD on. */
static void shrink(stroke *s)
{
    double scale = HIGH_PX / (s->bottom - s->top), begun_ms = s->samples[0].at_ms;
    for (uint32_t i = 0; i < s->count; i++) {
        sample *p = &s->samples[i];
        p->x = PAD + (p->x - s->left) * scale;
        p->y = PAD + (s->bottom - p->y) * scale; /* a tablet's y goes up */
        p->at_ms -= begun_ms;
    }
}

/* As it goes over the wire and stands on the board: its operation, as bytes of a DRAW. */
static void write(const stroke *s, ck_desk *d)
{
    static const ck_live_style style = {1, CK_BOARD_PEN, 0xff222222, 64};
    const ck_pen_config config = {.alloc = &ck_test_heap};
    ck_pen *pen = calloc(1, sizeof *pen);
    ck_board_op op;
    CK_CHECK_EQ(ck_pen_init(pen, &config), CHALK_OK);
    for (uint32_t i = 0; i < s->count; i++) {
        const sample *p = &s->samples[i];
        int32_t x = (int32_t)lround(p->x * 64), y = (int32_t)lround(p->y * 64);
        uint64_t now_us = 1 + (uint64_t)(p->at_ms * CK_US_PER_MS);
        int status = i == 0             ? ck_pen_down(pen, &style, 1.0, x, y, p->pressure, now_us)
                     : i + 1 < s->count ? ck_pen_move(pen, x, y, p->pressure, now_us)
                                        : ck_pen_up(pen, x, y, p->pressure, now_us);
        CK_CHECK_EQ(status, CHALK_OK);
    }
    ck_pen_flush(pen);
    CK_CHECK(ck_pen_poll_draw(pen, 60 * CK_US_PER_S, &op));
    CK_CHECK_EQ(ck_desk_do(d, 1, &op), CK_REASON_NONE);
    ck_pen_free(pen);
    free(pen);
}

static double distance(const sample *p, const ck_stroke_point *a, const ck_stroke_point *b,
                       const ck_board_object *o)
{
    double unit = (double)(1u << o->unit) / 64;
    double ax = o->x / 64.0 + a->x * unit, ay = o->y / 64.0 + a->y * unit;
    double dx = (b->x - a->x) * unit, dy = (b->y - a->y) * unit, length = dx * dx + dy * dy;
    double t =
        length > 0 ? CK_CLAMP(((p->x - ax) * dx + (p->y - ay) * dy) / length, 0.0, 1.0) : 0.0;
    return hypot(p->x - ax - t * dx, p->y - ay - t * dy);
}

/* The furthest of the samples from what stands on the board, px. */
static double off_by(const stroke *s, const ck_board_object *o)
{
    static ck_stroke_point points[CK_STROKE_POINTS_MAX];
    ck_stroke_reader r;
    uint32_t count = 0;
    double most = 0;
    CK_CHECK_EQ(ck_stroke_read(&r, o->body, o->body_size), CHALK_OK);
    while (ck_stroke_next(&r, &points[count])) {
        count++;
    }
    for (uint32_t i = 0; i < s->count; i++) {
        double best = 1e9;
        for (uint32_t k = 0; k < count; k++) {
            double off = distance(&s->samples[i], &points[k > 0 ? k - 1 : 0], &points[k], o);
            best = CK_MIN(best, off);
        }
        most = CK_MAX(most, best);
    }
    return most;
}

/* The same strokes as lines through every sample, of their mean width: what it is to look like. */
static cairo_surface_t *unsimplified(const stroke *s, double wide, double scale)
{
    cairo_surface_t *surface = cairo_image_surface_create(
        CAIRO_FORMAT_RGB24, (int)lround(wide * scale), (int)lround((HIGH_PX + 2 * PAD) * scale));
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 1, 1);
    cairo_paint(cr);
    cairo_scale(cr, scale, scale);
    cairo_set_source_rgb(cr, 0.13, 0.13, 0.13);
    cairo_set_line_width(cr, 0.9);
    cairo_set_line_cap(cr, CAIRO_LINE_CAP_ROUND);
    cairo_set_line_join(cr, CAIRO_LINE_JOIN_ROUND);
    for (uint32_t i = 0; i < s->count; i++) {
        cairo_line_to(cr, s->samples[i].x, s->samples[i].y);
    }
    cairo_stroke(cr);
    cairo_destroy(cr);
    cairo_surface_flush(surface);
    return surface;
}

/* CHALKRAIL_PICTURES: a folder for what is to be looked at, the samples above, the board below. */
static void keep(const stroke *s, ck_painter *painter, const ck_desk *d, double wide, uint32_t i)
{
    const char *folder = getenv("CHALKRAIL_PICTURES");
    char path[512];
    for (int scale = 1; folder != NULL && scale <= 8; scale *= 8) {
        cairo_surface_t *is =
            ck_picture(painter, &d->board, (ck_place){0, 0, wide, HIGH_PX + 2 * PAD}, scale);
        cairo_surface_t *was = unsimplified(s, wide, scale);
        (void)snprintf(path, sizeof path, "%s/hand-%u-%d-was.png", folder, (unsigned)i, scale);
        (void)cairo_surface_write_to_png(was, path);
        (void)snprintf(path, sizeof path, "%s/hand-%u-%d.png", folder, (unsigned)i, scale);
        (void)cairo_surface_write_to_png(is, path);
        cairo_surface_destroy(is);
        cairo_surface_destroy(was);
    }
}

CK_TEST(handwriting, small_letters_stay_within_half_a_pixel)
{
    static stroke strokes[8];
    ck_golden_init();
    uint32_t count = load(strokes, CK_COUNT_OF(strokes));
    CK_CHECK(count > 0);
    for (uint32_t i = 0; i < count; i++) {
        ck_desk d;
        ck_painter *painter;
        ck_desk_init(&d, &ck_test_heap);
        CK_CHECK_EQ(ck_painter_create(&ck_test_heap, &painter), CHALK_OK);
        double wide = ceil((strokes[i].right - strokes[i].left) * HIGH_PX /
                           (strokes[i].bottom - strokes[i].top)) +
                      2 * PAD;
        shrink(&strokes[i]);
        write(&strokes[i], &d);
        const ck_board_object *o = ck_board_find(&d.board, ck_desk_last(&d, 1));
        CK_CHECK(o != NULL);
        double off = off_by(&strokes[i], o);
        if (off > OFF_PX) {
            CK_FAIL("stroke %u: %.3f px off", (unsigned)i, off);
        }
        cairo_surface_t *was = unsimplified(&strokes[i], wide, 1.0);
        cairo_surface_t *is =
            ck_picture(painter, &d.board, (ck_place){0, 0, wide, HIGH_PX + 2 * PAD}, 1.0);
        CK_CHECK(ck_golden_difference(was, is) < 12.0);
        keep(&strokes[i], painter, &d, wide, i);
        cairo_surface_destroy(was);
        cairo_surface_destroy(is);
        ck_painter_destroy(&painter);
        ck_desk_free(&d);
    }
}
