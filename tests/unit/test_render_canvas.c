/* A page in a window: only what changed is painted again, and it looks as if all had been. */
#include "base/rng.h"
#include "chalkrail/errors.h"
#include "render/canvas.h"
#include "support/alloc.h"
#include "support/check.h"
#include "support/golden.h"
#include "unit/render_support.h"

#include <string.h>

#define WIDE  600
#define HIGH  400
#define ALIKE 0.03

typedef struct stage {
    ck_desk desk;
    ck_painter *painter;
    ck_canvas *canvas;
    ck_canvas_view view;
    cairo_surface_t *picture;
} stage;

static bool always(void *user)
{
    (void)user;
    return true;
}

static bool never(void *user)
{
    (void)user;
    return false;
}

static void begin(stage *s)
{
    ck_golden_init();
    ck_desk_init(&s->desk, &ck_test_heap);
    s->view =
        (ck_canvas_view){.page = 1, .x = -30, .y = -20, .zoom = 1.0, .wide = WIDE, .high = HIGH};
    s->picture = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDE, HIGH);
    CK_CHECK_EQ(ck_painter_create(&ck_test_heap, &s->painter), CHALK_OK);
    CK_CHECK_EQ(ck_canvas_create(&ck_test_heap, s->painter, &s->canvas), CHALK_OK);
    CK_CHECK_EQ(ck_canvas_set_view(s->canvas, &s->view), CHALK_OK);
}

static void end(stage *s)
{
    cairo_surface_destroy(s->picture);
    ck_canvas_destroy(&s->canvas);
    ck_painter_destroy(&s->painter);
    ck_desk_free(&s->desk);
}

static void compose(stage *s)
{
    CK_CHECK_EQ(ck_canvas_compose(s->canvas, cairo_image_surface_get_data(s->picture),
                                  (size_t)cairo_image_surface_get_stride(s->picture)),
                CHALK_OK);
    cairo_surface_mark_dirty(s->picture);
}

static void show(stage *s)
{
    CK_CHECK_EQ(ck_canvas_look(s->canvas, &s->desk.board), CHALK_OK);
    CK_CHECK_EQ(ck_canvas_paint(s->canvas, &s->desk.board, always, NULL), 0);
    compose(s);
}

/* How far what is shown is from the page painted at once. */
static double off(stage *s)
{
    const ck_place place = {s->view.x, s->view.y, WIDE / s->view.zoom, HIGH / s->view.zoom};
    cairo_surface_t *at_once = ck_picture(s->painter, &s->desk.board, place, s->view.zoom);
    double difference = ck_golden_difference(at_once, s->picture);
    cairo_surface_destroy(at_once);
    return difference;
}

static uint64_t wave(stage *s, double x, double y)
{
    uint64_t id = ck_draw_wave(&s->desk, CK_BOARD_PEN, CK_TEST_BLUE, 4, x, y, true);
    CK_CHECK(id != 0);
    return id;
}

static uint64_t painted(stage *s)
{
    return ck_canvas_get_stats(s->canvas).pixels;
}

CK_TEST(render_canvas, tiles_make_the_page)
{
    stage s;
    begin(&s);
    CK_CHECK(ck_set_ground(&s.desk, CK_BOARD_GRID, 0));
    for (int i = 0; i < 12; i++) {
        (void)wave(&s, 90 * (i % 4) + 150 - 20 * i, 100 * (i / 4));
    }
    CK_CHECK(ck_put_text(&s.desk, "across a seam", 40, 0, 150, 215) != 0);
    show(&s);
    CK_CHECK(off(&s) < ALIKE);
    end(&s);
}

CK_TEST(render_canvas, only_what_changed_is_painted_again)
{
    stage s;
    begin(&s);
    uint64_t id = wave(&s, 0, 0);
    (void)wave(&s, 300, 200);
    show(&s);
    uint64_t before = painted(&s);
    show(&s);
    CK_CHECK_EQ(painted(&s), before);

    uint64_t third = wave(&s, 200, 100); /* 124 x 56 px with all around it */
    show(&s);
    CK_CHECK(painted(&s) > before && painted(&s) - before < 150 * 80);
    CK_CHECK(off(&s) < ALIKE);
    before = painted(&s);
    CK_CHECK_EQ(ck_desk_move(&s.desk, 1, id, 64 * 10, 0), CK_REASON_NONE);
    show(&s);
    CK_CHECK_EQ(ck_desk_erase(&s.desk, 1, third, 64, 640), CK_REASON_NONE);
    show(&s);
    CK_CHECK(painted(&s) - before < 2 * 160 * 80);
    CK_CHECK(off(&s) < ALIKE);
    CK_CHECK_EQ(ck_desk_delete(&s.desk, 1, third), CK_REASON_NONE);
    CK_CHECK_EQ(ck_desk_undo(&s.desk, 1), CK_REASON_NONE);
    CK_CHECK_EQ(ck_desk_delete(&s.desk, 1, id), CK_REASON_NONE);
    show(&s);
    CK_CHECK(off(&s) < ALIKE);
    end(&s);
}

CK_TEST(render_canvas, whatever_happens_it_looks_as_painted_at_once)
{
    stage s;
    uint64_t ids[64], count = 0;
    ck_rng rng;
    ck_rng_seed(&rng, 7);
    begin(&s);
    for (int i = 0; i < 120; i++) {
        uint64_t id = count > 0 ? ids[ck_rng_below(&rng, count)] : 0;
        switch (count < 4 ? 0 : ck_rng_below(&rng, 6)) {
        case 0:
        case 1:
            ids[count] = wave(&s, 500 * ck_rng_unit(&rng), 350 * ck_rng_unit(&rng));
            count += count < 63;
            break;
        case 2:
            (void)ck_desk_move(&s.desk, 1, id, (int32_t)ck_rng_below(&rng, 9000) - 4500, 640);
            break;
        case 3:
            (void)ck_desk_delete(&s.desk, 1, id);
            break;
        case 4:
            (void)ck_desk_undo(&s.desk, 1);
            break;
        default:
            (void)ck_desk_erase(&s.desk, 1, id, 64 * (uint32_t)ck_rng_below(&rng, 20), 64 * 30);
            break;
        }
        if (i % 8 == 7) {
            show(&s);
            CK_CHECK(off(&s) < ALIKE);
        }
    }
    end(&s);
}

CK_TEST(render_canvas, panning_paints_what_comes_into_view)
{
    stage s;
    begin(&s);
    (void)wave(&s, 0, 0);
    (void)wave(&s, 560, 200);
    show(&s);
    uint64_t before = painted(&s);
    s.view.x += 10;
    CK_CHECK_EQ(ck_canvas_set_view(s.canvas, &s.view), CHALK_OK);
    show(&s);
    CK_CHECK_EQ(painted(&s), before);
    CK_CHECK(off(&s) < ALIKE);
    s.view.x += 256;
    CK_CHECK_EQ(ck_canvas_set_view(s.canvas, &s.view), CHALK_OK);
    show(&s);
    CK_CHECK(painted(&s) > before && painted(&s) - before <= 2 * 3 * 256 * 256);
    CK_CHECK(off(&s) < ALIKE);
    for (int i = 0; i < 60; i++) {
        s.view.x += 512;
        CK_CHECK_EQ(ck_canvas_set_view(s.canvas, &s.view), CHALK_OK);
    }
    CK_CHECK(ck_canvas_get_stats(s.canvas).tiles <= CK_CANVAS_SPARE + 4 * 3);
    end(&s);
}

/* A picture is there before all is painted: what was shown, as large as it will be. */
CK_TEST(render_canvas, while_zooming_what_was_there_is_stretched)
{
    stage s;
    begin(&s);
    s.view.x = s.view.y = 0;
    CK_CHECK_EQ(ck_canvas_set_view(s.canvas, &s.view), CHALK_OK);
    CK_CHECK(ck_put_shape(&s.desk, CK_BOARD_RECTANGLE, CK_TEST_RED, CK_TEST_RED, 1,
                          (ck_place){50, 50, 150, 100}) != 0);
    show(&s);
    s.view.zoom = 2.0;
    CK_CHECK_EQ(ck_canvas_set_view(s.canvas, &s.view), CHALK_OK);
    compose(&s);
    CK_CHECK(off(&s) < 3.0); /* soft edges */
    CK_CHECK_EQ(ck_canvas_paint(s.canvas, &s.desk.board, never, NULL), 1);
    compose(&s);
    CK_CHECK(off(&s) > 0.0 && off(&s) < 3.0);
    show(&s);
    CK_CHECK(off(&s) < ALIKE);
    end(&s);
}

CK_TEST(render_canvas, much_is_painted_piece_by_piece)
{
    stage s;
    begin(&s);
    for (int i = 0; i < 1200; i++) {
        (void)ck_desk_stroke(&s.desk, 1, i % 40 * 50, i / 40 * 50);
    }
    CK_CHECK_EQ(ck_canvas_look(s.canvas, &s.desk.board), CHALK_OK);
    uint32_t frames = 1;
    while (ck_canvas_paint(s.canvas, &s.desk.board, never, NULL) == 1) {
        frames++;
    }
    CK_CHECK(frames > 12); /* than there are tiles */
    compose(&s);
    CK_CHECK(off(&s) < ALIKE);
    end(&s);
}

CK_TEST(render_canvas, a_stroke_in_progress_grows_and_goes)
{
    stage s;
    const ck_live_style styles[] = {
        {.page = 1, .tool = CK_BOARD_PEN, .colour = CK_TEST_RED, .width = 256},
        {.page = 1, .tool = CK_BOARD_MARKER, .colour = 0xffffd43b, .width = 1024}};
    ck_live_sample samples[40];
    for (int i = 0; i < 40; i++) {
        samples[i] = (ck_live_sample){.x = 4 * 8 * i, .y = 4 * (i % 7) * 9, .width = 8};
    }
    for (uint64_t i = 0; i < 2; i++) {
        begin(&s);
        show(&s);
        for (uint32_t at = 0; at < 40; at += 5) {
            CK_CHECK_EQ(ck_canvas_ink(s.canvas, 9, &styles[i], samples + at, 5), CHALK_OK);
            compose(&s);
        }
        cairo_surface_t *grown = s.picture;
        s.picture = cairo_image_surface_create(CAIRO_FORMAT_RGB24, WIDE, HIGH);
        CK_CHECK_EQ(ck_canvas_ink_count(s.canvas, 9), 40);
        ck_canvas_drop_ink(s.canvas, 9);
        compose(&s);
        CK_CHECK(off(&s) == 0.0); /* nothing is left of it */
        CK_CHECK_EQ(ck_canvas_ink(s.canvas, 10, &styles[i], samples, 40), CHALK_OK);
        compose(&s);
        CK_CHECK(ck_golden_difference(grown, s.picture) < 0.05 && off(&s) > 0.5);
        CK_CHECK_EQ(ck_canvas_ink_at(s.canvas, 0), 10);
        CK_CHECK_EQ(ck_canvas_ink_at(s.canvas, 1), 0);
        cairo_surface_destroy(grown);
        end(&s);
    }
}

CK_TEST(render_canvas, another_ground_is_painted)
{
    stage s;
    begin(&s);
    (void)wave(&s, 0, 0);
    show(&s);
    CK_CHECK(ck_set_ground(&s.desk, CK_BOARD_GRID, 0));
    show(&s);
    CK_CHECK(off(&s) < ALIKE);
    CK_CHECK(ck_set_ground(&s.desk, CK_BOARD_LINES, 0));
    show(&s);
    CK_CHECK(off(&s) < ALIKE);
    end(&s);
}

CK_TEST(render_canvas, a_stroke_in_progress_without_memory_is_not_shown)
{
    stage s;
    const ck_live_sample sample = {.x = 40, .y = 40, .width = 8};
    const ck_live_style style = {
        .page = 1, .tool = CK_BOARD_PEN, .colour = CK_TEST_RED, .width = 256};
    int status = CHALK_ERR_NO_MEMORY;
    for (size_t fail_at = 1; status < 0; fail_at++) {
        ck_failing_alloc failing;
        ck_failing_alloc_init(&failing, 0);
        begin(&s);
        ck_canvas_destroy(&s.canvas);
        CK_CHECK_EQ(ck_canvas_create(&failing.alloc, s.painter, &s.canvas), CHALK_OK);
        CK_CHECK_EQ(ck_canvas_set_view(s.canvas, &s.view), CHALK_OK);
        show(&s);
        failing.fail_at = failing.calls + fail_at;
        status = ck_canvas_ink(s.canvas, 9, &style, &sample, 1);
        CK_CHECK(status == CHALK_OK || status == CHALK_ERR_NO_MEMORY);
        compose(&s);
        CK_CHECK(status == CHALK_OK || off(&s) == 0.0);
        CK_CHECK_EQ(ck_canvas_ink(s.canvas, 9, &style, &sample, 1), CHALK_OK);
        compose(&s);
        CK_CHECK(off(&s) > 0.0);
        end(&s);
        CK_CHECK_EQ(failing.live, 0);
    }
}

CK_TEST(render_canvas, strokes_in_progress_are_bounded)
{
    stage s;
    static const ck_live_sample samples[CK_CANVAS_SAMPLES];
    const ck_live_style style = {.page = 1, .tool = CK_BOARD_PEN, .colour = 1, .width = 64};
    begin(&s);
    for (uint64_t key = 1; key <= CK_CANVAS_INKS; key++) {
        CK_CHECK_EQ(ck_canvas_ink(s.canvas, key, &style, samples, 1), CHALK_OK);
    }
    CK_CHECK_EQ(ck_canvas_ink(s.canvas, 1000, &style, samples, 1), CHALK_ERR_LIMIT);
    CK_CHECK_EQ(ck_canvas_ink(s.canvas, 1, &style, samples, CK_CANVAS_SAMPLES), CHALK_ERR_LIMIT);
    CK_CHECK_EQ(ck_canvas_ink(s.canvas, 1, &style, samples, CK_CANVAS_SAMPLES - 1), CHALK_OK);
    s.view.zoom = 1000;
    CK_CHECK_EQ(ck_canvas_set_view(s.canvas, &s.view), CHALK_ERR_INVALID_ARGUMENT);
    s.view.zoom = 1;
    s.view.wide = CK_CANVAS_SIDE_MAX + 1;
    CK_CHECK_EQ(ck_canvas_set_view(s.canvas, &s.view), CHALK_ERR_INVALID_ARGUMENT);
    end(&s);
}
