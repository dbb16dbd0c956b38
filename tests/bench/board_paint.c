/* A full board in a window of 1920 x 1080: how long until it is painted, and how it moves. */
#include "base/check.h"
#include "bench/board_bench.h"
#include "render/canvas.h"
#include "support/alloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WIDE     1920u
#define HIGH     1080u
#define FRAMES   120u
#define BUDGET_S 0.004 /* of a frame, for painting */
#define PAN      24.0  /* pixels a frame: a quick hand */
#define ZOOM     1.01  /* a frame: twice as large in about a second */

typedef struct stage {
    const ck_board *board;
    double side; /* px, of what is written full */
    ck_painter *painter;
    ck_canvas *canvas;
    ck_canvas_view view;
    uint8_t *pixels;
    double until;            /* a slice of painting ends then */
    double longest_s, sum_s; /* of the frames */
    uint32_t frames;
} stage;

static bool has_time(void *user)
{
    const stage *s = user;
    return ck_bench_now_s() < s->until;
}

static bool always(void *user)
{
    (void)user;
    return true;
}

static bool begin(stage *s, const ck_board *board, double side)
{
    *s = (stage){.board = board, .side = side};
    s->pixels = malloc((size_t)WIDE * HIGH * 4);
    return s->pixels != NULL && ck_painter_create(&ck_test_heap, &s->painter) == 0 &&
           ck_canvas_create(&ck_test_heap, s->painter, &s->canvas) == 0;
}

static void end(stage *s)
{
    ck_canvas_destroy(&s->canvas);
    ck_painter_destroy(&s->painter);
    free(s->pixels);
}

static bool set_view(stage *s, double x, double y, double zoom)
{
    s->view = (ck_canvas_view){1, x, y, zoom, WIDE, HIGH};
    return ck_canvas_set_view(s->canvas, &s->view) == 0;
}

/* One frame; whether more is to be painted. */
static bool frame(stage *s)
{
    double start = ck_bench_now_s();
    s->until = start + BUDGET_S;
    (void)ck_canvas_look(s->canvas, s->board);
    int more = ck_canvas_paint(s->canvas, s->board, has_time, s);
    (void)ck_canvas_compose(s->canvas, s->pixels, (size_t)WIDE * 4);
    double took = ck_bench_now_s() - start;
    s->longest_s = CK_MAX(s->longest_s, took);
    s->sum_s += took;
    s->frames++;
    return more > 0;
}

static double all_at_once(stage *s)
{
    double start = ck_bench_now_s();
    (void)ck_canvas_look(s->canvas, s->board);
    (void)ck_canvas_paint(s->canvas, s->board, always, NULL);
    (void)ck_canvas_compose(s->canvas, s->pixels, (size_t)WIDE * 4);
    return ck_bench_now_s() - start;
}

static void forget_frames(stage *s)
{
    s->longest_s = s->sum_s = 0;
    s->frames = 0;
}

/* Everything in view, frame by frame. */
static void complete(bool json, uint32_t size, stage *s)
{
    double zoom = CK_MIN(1.0, HIGH / s->side);
    forget_frames(s);
    (void)set_view(s, (s->side - WIDE / zoom) / 2, 0, zoom);
    while (frame(s)) {
    }
    ck_bench_size_row(json, "complete", size, "ms, all in view, frame by frame", 1e3 * s->sum_s);
    ck_bench_size_row(json, "complete_frame", size, "ms, the longest of these frames",
                      1e3 * s->longest_s);
}

/* Frames a second that the slowest one would give: all are to be as quick. */
static void moving(bool json, uint32_t size, stage *s, const char *name, double pan, double zoom)
{
    double x = s->view.x, y = s->view.y, at = s->view.zoom;
    forget_frames(s);
    for (uint32_t i = 0; i < FRAMES; i++) {
        x += pan;
        y += pan / 2;
        at *= zoom;
        (void)set_view(s, x, y, at);
        (void)frame(s);
    }
    ck_bench_size_row(json, name, size, "frames a second, if all took as long as the longest",
                      1 / s->longest_s);
}

/* Strokes one after the other, all over the view. */
static bool draw_on_it(bool json, uint32_t size, stage *s, ck_bench_full *full)
{
    double most = 0, sum = 0;
    for (uint32_t i = 0; i < CK_BENCH_NEW; i++) {
        double x = s->view.x + WIDE * (i % 8) / 8.0, y = s->view.y + HIGH * (i / 8) / 5.0;
        if (!ck_bench_draw_more(full, x, y)) {
            return false;
        }
        double took = all_at_once(s);
        most = CK_MAX(most, took);
        sum += took;
    }
    ck_bench_size_row(json, "stroke", size, "ms, a new stroke on the screen, mean",
                      1e3 * sum / CK_BENCH_NEW);
    ck_bench_size_row(json, "stroke_most", size, "ms, the slowest of them", 1e3 * most);
    return true;
}

/* The picture put together when nothing changed: the tiles copied, which is what it costs at least.
 */
static void copy(bool json, uint32_t size, stage *s)
{
    double start = ck_bench_now_s();
    for (int i = 0; i < 10; i++) {
        (void)ck_canvas_compose(s->canvas, s->pixels, (size_t)WIDE * 4);
    }
    ck_bench_size_row(json, "compose", size, "ms, of that, the picture put together",
                      1e2 * (ck_bench_now_s() - start));
}

bool ck_bench_paint_board(bool json, uint32_t size, ck_bench_full *full)
{
    stage s;
    if (!begin(&s, full->board, full->side_px)) {
        return false;
    }
    double x = CK_MAX(0, (s.side - WIDE) / 3), y = CK_MAX(0, (s.side - HIGH) / 3);
    bool ok = set_view(&s, x, y, 1.0);
    const ck_board_box box = {(int32_t)(x * 64), (int32_t)(y * 64), (int32_t)((x + WIDE) * 64),
                              (int32_t)((y + HIGH) * 64)};
    ck_bench_size_row(json, "in_view", size, "strokes in view", ck_painter_count(s.board, 1, &box));
    ck_bench_size_row(json, "first_paint", size, "ms, all at once", 1e3 * all_at_once(&s));
    ok = ok && draw_on_it(json, size, &s, full);
    copy(json, size, &s);
    moving(json, size, &s, "pan", PAN, 1.0);
    ok = set_view(&s, x, y, 1.0) && ok;
    (void)all_at_once(&s);
    moving(json, size, &s, "zoom", 0, ZOOM);
    complete(json, size, &s);
    end(&s);
    return ok;
}

bool ck_bench_first_paint(bool json, const char *what, uint32_t size, const ck_board *board)
{
    stage s;
    bool ok = begin(&s, board, WIDE) && set_view(&s, 0, 0, 1.0);
    if (ok) {
        ck_bench_size_row(json, what, size, "ms, all at once", 1e3 * all_at_once(&s));
        ck_canvas_spoil(s.canvas);
        ck_bench_size_row(json, "repaint_mixed", size, "ms, again, with the fonts at hand",
                          1e3 * all_at_once(&s));
    }
    end(&s);
    return ok;
}
