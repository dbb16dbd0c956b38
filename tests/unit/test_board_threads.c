/* A board under several threads at once: one draws, one looks, one paints, and beside them the
 * loop's and the one that decodes the canvas's pictures. */
#include "api_support.h"

#include "chalkrail/asset.h"
#include "chalkrail/board_file.h"
#include "chalkrail/board_view.h"
#include "chalkrail/render.h"
#include "support/check.h"
#include "support/drawn.h"

#include <cairo.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define WIDE     160
#define HIGH     120
#define STROKES  20
#define PICTURES 12

typedef struct desk {
    api a;
    atomic_bool over;
    atomic_uint seen;
} desk;

static void make_png(ck_drawn *f, int shade)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, 32, 32);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, shade / 20.0, 0);
    cairo_paint(cr);
    cairo_destroy(cr);
    f->size = 0;
    CK_CHECK_EQ(cairo_surface_write_to_png_stream(surface, ck_drawn_append, f),
                CAIRO_STATUS_SUCCESS);
    cairo_surface_destroy(surface);
}

static void *draw(void *arg)
{
    desk *d = arg;
    chalk_session *s = d->a.session;
    chalk_board_pen_options pen;
    chalk_board_pen_options_init(&pen);
    for (int i = 0; i < STROKES; i++) {
        chalk_board_point at = {.x = 5, .y = 6.0 * i, .pressure = -1};
        CK_CHECK_EQ(chalk_board_pen_down(s, &pen, &at), CHALK_OK);
        for (int move = 0; move < 10; move++) {
            at.x += 14;
            CK_CHECK_EQ(chalk_board_pen_move(s, &at), CHALK_OK);
            api_sleep_ms(1);
        }
        CK_CHECK_EQ(chalk_board_pen_up(s, &at), CHALK_OK);
    }
    return NULL;
}

static void *put_pictures(void *arg)
{
    desk *d = arg;
    chalk_board_put_options put;
    chalk_board_put_options_init(&put);
    for (int i = 0; i < PICTURES; i++) {
        ck_drawn f;
        make_png(&f, i);
        put.x = 10.0 * i;
        put.y = 8.0 * i;
        CK_CHECK_EQ(chalk_board_add_image(d->a.session, &put, f.bytes, f.size, NULL), CHALK_OK);
        api_sleep_ms(10);
    }
    return NULL;
}

static void *look(void *arg)
{
    desk *d = arg;
    chalk_board_info info = {.struct_size = sizeof info};
    chalk_room_event event;
    while (!atomic_load(&d->over)) {
        CK_CHECK_EQ(chalk_board_get_info(d->a.session, CHALK_VIEW_HEAD, &info), CHALK_OK);
        if (chalk_room_next_event(d->a.session, &event) == CHALK_OK) {
            atomic_fetch_add(&d->seen, 1);
        }
        api_sleep_ms(1);
    }
    return NULL;
}

static void *paint(void *arg)
{
    static uint8_t pixels[HIGH][WIDE][4];
    desk *d = arg;
    const chalk_canvas_view view = {
        .struct_size = sizeof view, .page = 1, .zoom = 1.0, .wide = WIDE, .high = HIGH};
    chalk_canvas *canvas = NULL;
    /* Of the picture that is put last: red and about as much green. */
    const uint8_t *at = pixels[8 * (PICTURES - 1) + 5][10 * (PICTURES - 1) + 30];
    bool shown = false;
    CK_CHECK_EQ(chalk_canvas_create(d->a.session, CHALK_VIEW_HEAD, &canvas), CHALK_OK);
    CK_CHECK_EQ(chalk_canvas_set_view(canvas, &view), CHALK_OK);
    for (int i = 0; i < 4000 && !(shown && atomic_load(&d->over)); i++) {
        CK_CHECK_EQ(chalk_canvas_paint(canvas, 2000, &pixels[0][0][0], sizeof pixels[0], NULL),
                    CHALK_OK);
        shown = at[2] == 255 && at[1] > 100 && at[0] == 0;
        api_sleep_ms(2);
    }
    CK_CHECK(shown);
    chalk_canvas_destroy(&canvas);
    return NULL;
}

CK_TEST(board_threads, drawn_on_painted_and_looked_at)
{
    void *(*const bodies[])(void *) = {draw, put_pictures, look, paint};
    pthread_t threads[4];
    static desk d;
    memset(&d, 0, sizeof d);
    d.a = api_open();
    CK_CHECK_EQ(chalk_board_open(d.a.session, NULL, 0), CHALK_OK);
    (void)api_wait(&d.a, CHALK_EVENT_ROOM, CHALK_LINK_LIVE);
    for (size_t i = 0; i < 4; i++) {
        CK_CHECK_EQ(pthread_create(&threads[i], NULL, bodies[i], &d), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        CK_CHECK_EQ(pthread_join(threads[i], NULL), 0);
        if (i == 1) {
            atomic_store(&d.over, true); /* nothing more is drawn */
        }
    }
    CK_CHECK(atomic_load(&d.seen) > 0);
    api_close(&d.a);
}
