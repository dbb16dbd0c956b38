/* The public API of the board's renderer: a canvas in a room, files. */
#include "room_guest.h"

#include "chalkrail/render.h"
#include "support/check.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WIDE 300
#define HIGH 200
#define RED  0xffe03131u

typedef struct easel {
    room_edge *edge;
    guest ada, bo; /* a teacher, an assistant */
    chalk_canvas *canvas;
    uint8_t pixels[HIGH][WIDE][4];
} easel;

static easel e;

static void set_up(void)
{
    setenv("FONTCONFIG_FILE", CK_GOLDEN_FOLDER "/fonts.conf", 1);
    e.edge = room_edge_open(NULL);
    guest_join(&e.ada, e.edge, "ada.2", NULL);
    guest_join(&e.bo, e.edge, "bo.3", NULL);
    const chalk_canvas_view view = {
        .struct_size = sizeof view, .page = 1, .zoom = 1.0, .wide = WIDE, .high = HIGH};
    CK_CHECK_EQ(chalk_canvas_create(e.ada.api.session, CHALK_VIEW_HEAD, &e.canvas), CHALK_OK);
    CK_CHECK_EQ(chalk_canvas_set_view(e.canvas, &view), CHALK_OK);
}

static void tear_down(void)
{
    chalk_canvas_destroy(&e.canvas);
    guest_close(&e.bo);
    guest_close(&e.ada);
    room_edge_close(&e.edge);
}

static void paint(void)
{
    uint32_t more = 1;
    while (more != 0) {
        CK_CHECK_EQ(
            chalk_canvas_paint(e.canvas, 1000, &e.pixels[0][0][0], sizeof e.pixels[0], &more),
            CHALK_OK);
    }
}

static bool is_red(int x, int y)
{
    const uint8_t *p = e.pixels[y][x];
    return p[2] > 200 && p[0] < 100 && p[1] < 100;
}

static void wait_for_red(int x, int y)
{
    const struct timespec pause = {0, 10000000};
    for (int i = 0; i < 500 && !is_red(x, y); i++) {
        (void)nanosleep(&pause, NULL);
        paint();
    }
    CK_CHECK(is_red(x, y));
}

static chalk_object_id put(guest *g, uint32_t kind, const uint8_t *hash)
{
    chalk_board_put_options options;
    chalk_object_id id = 0;
    chalk_board_put_options_init(&options);
    options.kind = kind;
    options.colour = options.fill = RED;
    options.x = options.y = 20;
    options.wide = options.high = 50;
    options.pixels_wide = options.pixels_high = 2;
    options.hash = hash;
    options.fill = kind == CHALK_BOARD_IMAGE ? 0 : RED;
    CK_CHECK_EQ(chalk_board_put(g->api.session, &options, &id, NULL), CHALK_OK);
    return id;
}

CK_TEST(canvas_api, what_others_put_is_painted)
{
    set_up();
    paint();
    CK_CHECK(!is_red(40, 40) && e.pixels[40][40][0] == 255);
    const chalk_object_id id = put(&e.bo, CHALK_BOARD_RECTANGLE, NULL);
    wait_for_red(40, 40);
    CK_CHECK(!is_red(100, 40));
    CK_CHECK_EQ(chalk_board_move(e.bo.api.session, &id, 1, 60, 0, NULL), CHALK_OK);
    wait_for_red(100, 40);
    CK_CHECK(!is_red(40, 40));
    tear_down();
}

/* From the first sample until long after the stroke has become the board's. */
CK_TEST(canvas_api, ones_own_pen_is_always_there)
{
    const struct timespec pause = {0, 20000000};
    chalk_board_pen_options pen;
    chalk_intent_id intent = 0;
    set_up();
    chalk_board_pen_options_init(&pen);
    pen.colour = RED;
    pen.width_px = 12;
    chalk_board_point at = {.x = 50, .y = 100, .pressure = 0.6};
    CK_CHECK_EQ(chalk_board_pen_down(e.ada.api.session, &pen, &at), CHALK_OK);
    paint();
    CK_CHECK(is_red(50, 100));
    for (int i = 0; i < 10; i++) {
        at.x += 10;
        (void)nanosleep(&pause, NULL);
        CK_CHECK_EQ(chalk_board_pen_move(e.ada.api.session, &at), CHALK_OK);
        paint();
        CK_CHECK(is_red(50, 100));
    }
    CK_CHECK_EQ(chalk_board_pen_up(e.ada.api.session, &at), CHALK_OK);
    for (int i = 0; i < 50; i++) { /* a second: it goes to the room meanwhile */
        paint();
        CK_CHECK(is_red(50, 100) && is_red(140, 100));
        (void)nanosleep(&pause, NULL);
    }
    CK_CHECK_EQ(chalk_board_undo(e.ada.api.session, &intent), CHALK_OK);
    CK_CHECK_EQ(guest_settled(&e.ada, intent), CHALK_REASON_NONE);
    paint();
    CK_CHECK(!is_red(50, 100));
    tear_down();
}

/* Before the pen is lifted, and until its stroke is the board's. */
CK_TEST(canvas_api, others_pens_are_seen_as_they_move)
{
    const struct timespec pause = {0, 20000000};
    chalk_room_event event;
    chalk_board_pen_options pen;
    bool seen = false;
    set_up();
    chalk_board_pen_options_init(&pen);
    pen.colour = RED;
    pen.width_px = 12;
    chalk_board_point at = {.x = 50, .y = 100, .pressure = 0.6};
    CK_CHECK_EQ(chalk_board_pen_down(e.bo.api.session, &pen, &at), CHALK_OK);
    for (int i = 0; i < 150; i++) {
        (void)nanosleep(&pause, NULL);
        at.x += 1;
        if (i < 100) {
            CK_CHECK_EQ(chalk_board_pen_move(e.bo.api.session, &at), CHALK_OK);
        } else if (i == 100) {
            CK_CHECK(seen);
            CK_CHECK_EQ(chalk_board_pen_up(e.bo.api.session, &at), CHALK_OK);
        }
        while (chalk_room_next_event(e.ada.api.session, &event) == CHALK_OK) {
        }
        paint();
        CK_CHECK(!seen || is_red(50, 100)); /* never gone again */
        seen = seen || is_red(50, 100);
    }
    tear_down();
}

CK_TEST(canvas_api, images_are_asked_for)
{
    const uint8_t hash[CHALK_BOARD_HASH] = {9, 8, 7};
    const uint8_t red[2][2][4] = {{{0, 0, 255, 255}, {0, 0, 255, 255}},
                                  {{0, 0, 255, 255}, {0, 0, 255, 255}}};
    uint8_t wanted[CHALK_BOARD_HASH];
    set_up();
    (void)put(&e.ada, CHALK_BOARD_IMAGE, hash);
    paint();
    CK_CHECK(!is_red(30, 50));
    CK_CHECK_EQ(chalk_canvas_wanted_image(e.canvas, 0, wanted), CHALK_OK);
    CK_CHECK(memcmp(wanted, hash, sizeof hash) == 0);
    CK_CHECK_EQ(chalk_canvas_wanted_image(e.canvas, 1, wanted), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_canvas_put_image(e.canvas, hash, &red[0][0][0], 2, 2, 7),
                CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_canvas_put_image(e.canvas, hash, &red[0][0][0], 2, 2, 8), CHALK_OK);
    CK_CHECK_EQ(chalk_canvas_wanted_image(e.canvas, 0, wanted), CHALK_ERR_NOT_FOUND);
    paint();
    CK_CHECK(is_red(30, 50));
    tear_down();
}

typedef struct file {
    uint8_t data[1 << 16];
    size_t size;
    int status;
} file;

static int keep(const uint8_t *data, size_t size, void *user)
{
    file *f = user;
    CK_CHECK(size <= sizeof f->data - f->size);
    memcpy(f->data + f->size, data, size);
    f->size += size;
    return f->status;
}

CK_TEST(canvas_api, a_board_becomes_a_file)
{
    static const char *const begins[] = {
        [CHALK_EXPORT_PNG] = "\x89PNG", [CHALK_EXPORT_SVG] = "<?xml", [CHALK_EXPORT_PDF] = "%PDF-"};
    static file f;
    chalk_board_export_options options;
    chalk_intent_id intent = 0;
    set_up();
    chalk_session *s = e.ada.api.session;
    chalk_board_export_options_init(&options);
    CK_CHECK_EQ(chalk_board_export(s, CHALK_VIEW_HEAD, &options, keep, &f), CHALK_ERR_NOT_FOUND);
    const chalk_object_id id = put(&e.ada, CHALK_BOARD_ELLIPSE, NULL);
    CK_CHECK_EQ(chalk_board_move(s, &id, 1, 1, 1, &intent), CHALK_OK);
    CK_CHECK_EQ(guest_settled(&e.ada, intent), CHALK_REASON_NONE);
    for (uint32_t format = CHALK_EXPORT_PNG; format <= CHALK_EXPORT_PDF; format++) {
        options.format = format;
        f.size = 0;
        CK_CHECK_EQ(chalk_board_export(s, CHALK_VIEW_HEAD, &options, keep, &f), CHALK_OK);
        CK_CHECK(f.size > 100 && memcmp(f.data, begins[format], strlen(begins[format])) == 0);
    }
    f.size = 0;
    f.status = CHALK_ERR_LIMIT;
    CK_CHECK_EQ(chalk_board_export(s, CHALK_VIEW_HEAD, &options, keep, &f), CHALK_ERR_LIMIT);
    options.scale = -1;
    CK_CHECK_EQ(chalk_board_export(s, CHALK_VIEW_HEAD, &options, keep, &f),
                CHALK_ERR_INVALID_ARGUMENT);
    options.scale = 10000;
    CK_CHECK_EQ(chalk_board_export(s, CHALK_VIEW_HEAD, &options, keep, &f), CHALK_ERR_TOO_LARGE);
    tear_down();
}

static void settle(guest *g, int status, chalk_intent_id intent)
{
    CK_CHECK_EQ(status, CHALK_OK);
    CK_CHECK_EQ(guest_settled(g, intent), CHALK_REASON_NONE);
}

/* Page 1 is empty, and then there is none of that number any more. */
CK_TEST(canvas_api, a_document_has_all_pages_whichever_they_are)
{
    static file f;
    uint32_t second = 0;
    chalk_board_export_options options;
    chalk_board_put_options rectangle;
    chalk_intent_id intent = 0;
    set_up();
    chalk_session *s = e.ada.api.session;
    int status = chalk_board_add_pages(s, 1, 1, NULL, &second, &intent);
    settle(&e.ada, status, intent);
    chalk_board_put_options_init(&rectangle);
    rectangle.kind = CHALK_BOARD_RECTANGLE;
    rectangle.page = second;
    rectangle.wide = rectangle.high = 40;
    status = chalk_board_put(s, &rectangle, NULL, &intent);
    settle(&e.ada, status, intent);
    chalk_board_export_options_init(&options);
    options.format = CHALK_EXPORT_PDF;
    CK_CHECK_EQ(chalk_board_export(s, CHALK_VIEW_HEAD, &options, keep, &f), CHALK_OK);
    status = chalk_board_remove_page(s, 1, &intent);
    settle(&e.ada, status, intent);
    f.size = 0;
    CK_CHECK_EQ(chalk_board_export(s, CHALK_VIEW_HEAD, &options, keep, &f), CHALK_OK);
    options.page = 1;
    CK_CHECK_EQ(chalk_board_export(s, CHALK_VIEW_HEAD, &options, keep, &f), CHALK_ERR_NOT_FOUND);
    tear_down();
}

CK_TEST(canvas_api, what_makes_no_sense_is_refused)
{
    set_up();
    const chalk_canvas_view view = {
        .struct_size = sizeof view, .page = 1, .zoom = 0, .wide = WIDE, .high = HIGH};
    chalk_canvas *none = NULL;
    CK_CHECK_EQ(chalk_canvas_set_view(e.canvas, &view), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_canvas_paint(e.canvas, 0, &e.pixels[0][0][0], WIDE, NULL),
                CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_canvas_create(e.ada.api.session, 7, &none), CHALK_ERR_INVALID_ARGUMENT);
    chalk_canvas_destroy(&none);
    tear_down();
}
