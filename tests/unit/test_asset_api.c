/* Pictures and decks through the public API, between two members of a room of the real edge. */
#include "room_guest.h"

#include "chalkrail/asset.h"
#include "chalkrail/board_file.h"
#include "chalkrail/board_view.h"
#include "chalkrail/edge.h"
#include "chalkrail/render.h"
#include "support/check.h"
#include "support/drawn.h"
#include "support/jpeg.h"

#include <cairo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WIDE 200
#define HIGH 160

typedef struct studio {
    chalk_edge *edge;
    char url[64];
    guest ada, bo; /* a teacher, a student or an assistant */
    chalk_canvas *canvas;
    uint8_t pixels[HIGH][WIDE][4];
} studio;

static studio s;

/* --- files ----------------------------------------------------------------------------------- */

/* 40 x 20: red, its right half half as opaque. */
static void make_png(ck_drawn *f)
{
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_ARGB32, 40, 20);
    cairo_t *cr = cairo_create(surface);
    cairo_set_source_rgb(cr, 1, 0, 0);
    cairo_rectangle(cr, 0, 0, 20, 20);
    cairo_fill(cr);
    cairo_set_source_rgba(cr, 1, 0, 0, 0.5);
    cairo_rectangle(cr, 20, 0, 20, 20);
    cairo_fill(cr);
    cairo_destroy(cr);
    f->size = 0;
    CK_CHECK_EQ(cairo_surface_write_to_png_stream(surface, ck_drawn_append, f),
                CAIRO_STATUS_SUCCESS);
    cairo_surface_destroy(surface);
}

/* A deck of so many bytes that it is on its way for a while. */
static uint8_t *make_deck(size_t size)
{
    uint8_t *deck = malloc(size);
    CK_CHECK(deck != NULL);
    memset(deck, 'x', size);
    memcpy(deck, "%PDF-1.4\n", 9);
    return deck;
}

static const uint8_t pdf[] = "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n";

/* --- people ---------------------------------------------------------------------------------- */

static void join(guest *g, const char *name, uint32_t role)
{
    memset(g, 0, sizeof *g);
    g->api = api_open();
    chalk_room_options options;
    chalk_room_options_init(&options);
    options.url = s.url;
    options.room = "maths";
    options.name = name;
    options.role = role;
    CK_CHECK_EQ(chalk_room_join(g->api.session, &options), CHALK_OK);
    (void)guest_state(g, CHALK_LINK_LIVE);
    (void)guest_wait(g, CHALK_ROOM_EVENT_RESET, 0);
}

static void set_up_with(uint32_t role_of_bo)
{
    chalk_edge_options options;
    chalk_edge_options_init(&options);
    options.rtmp = "127.0.0.1:0";
    options.http = "127.0.0.1:0";
    options.open = 1;
    CK_CHECK_EQ(chalk_edge_create(&options, &s.edge), CHALK_OK);
    snprintf(s.url, sizeof s.url, "http://127.0.0.1:%d", chalk_edge_http_port(s.edge));
    join(&s.ada, "ada", CHALK_ROLE_TEACHER);
    join(&s.bo, "bo", role_of_bo);
    const chalk_canvas_view view = {
        .struct_size = sizeof view, .page = 1, .zoom = 1.0, .wide = WIDE, .high = HIGH};
    CK_CHECK_EQ(chalk_canvas_create(s.bo.api.session, CHALK_VIEW_HEAD, &s.canvas), CHALK_OK);
    CK_CHECK_EQ(chalk_canvas_set_view(s.canvas, &view), CHALK_OK);
}

static void set_up(void)
{
    set_up_with(CHALK_ROLE_STUDENT);
}

static void tear_down(void)
{
    chalk_canvas_destroy(&s.canvas);
    guest_close(&s.bo);
    guest_close(&s.ada);
    chalk_edge_destroy(&s.edge);
}

static const chalk_room_event *wait_asset(guest *g, const uint8_t *hash)
{
    const chalk_room_event *event;
    do {
        event = guest_wait(g, CHALK_ROOM_EVENT_ASSET, 0);
        CK_CHECK_EQ(event->data_size, CHALK_BOARD_HASH);
    } while (memcmp(event->data, hash, CHALK_BOARD_HASH) != 0);
    return event;
}

static void paint(void)
{
    CK_CHECK_EQ(chalk_canvas_paint(s.canvas, 1000, &s.pixels[0][0][0], sizeof s.pixels[0], NULL),
                CHALK_OK);
}

static bool is_near(int x, int y, int red, int green, int blue)
{
    const uint8_t *p = s.pixels[y][x];
    return abs(p[2] - red) < 6 && abs(p[1] - green) < 6 && abs(p[0] - blue) < 6;
}

static void paint_until(int x, int y, int red, int green, int blue)
{
    for (int i = 0; i < 1000 && !is_near(x, y, red, green, blue); i++) {
        api_sleep_ms(5);
        paint();
    }
    if (!is_near(x, y, red, green, blue)) {
        CK_FAIL("at %d, %d: %d %d %d", x, y, s.pixels[y][x][2], s.pixels[y][x][1],
                s.pixels[y][x][0]);
    }
}

/* --- tests ----------------------------------------------------------------------------------- */

CK_TEST(asset_api, a_picture_is_on_the_page_of_all)
{
    ck_drawn f;
    uint8_t hash[CHALK_BOARD_HASH], back[sizeof f.bytes];
    size_t size = 0;
    chalk_board_put_options put;
    chalk_asset_info info = {.struct_size = sizeof info};
    set_up();
    make_png(&f);
    chalk_board_put_options_init(&put);
    put.x = put.y = 20;
    put.wide = 80; /* twice as large; the height follows */
    put.text = "a red flag";
    CK_CHECK_EQ(chalk_board_add_image(s.ada.api.session, &put, f.bytes, f.size, hash), CHALK_OK);
    CK_CHECK_EQ(wait_asset(&s.ada, hash)->value, CHALK_ASSET_READY);
    paint_until(30, 30, 255, 0, 0);
    paint_until(90, 50, 255, 128, 128);
    CK_CHECK(is_near(90, 70, 255, 255, 255));
    CK_CHECK_EQ(wait_asset(&s.bo, hash)->value, CHALK_ASSET_READY);
    CK_CHECK_EQ(chalk_asset_get_info(s.bo.api.session, hash, &info), CHALK_OK);
    CK_CHECK_EQ(info.kind, CHALK_ASSET_PNG);
    CK_CHECK(info.wide == 40 && info.high == 20 && info.size == f.size && info.done == f.size);
    CK_CHECK_EQ(chalk_asset_read(s.bo.api.session, hash, back, 3, &size), CHALK_ERR_TOO_LARGE);
    CK_CHECK_EQ(size, f.size);
    CK_CHECK_EQ(chalk_asset_read(s.bo.api.session, hash, back, sizeof back, &size), CHALK_OK);
    CK_CHECK_MEM(back, f.bytes, f.size);
    tear_down();
}

CK_TEST(asset_api, a_photo_is_decoded)
{
    size_t size = 0;
    uint8_t hash[CHALK_BOARD_HASH];
    chalk_board_put_options put;
    const uint8_t *photo = ck_jpeg_picture(64, 48, 0, true, &size);
    set_up();
    chalk_board_put_options_init(&put);
    CK_CHECK_EQ(chalk_board_add_image(s.ada.api.session, &put, photo, size, hash), CHALK_OK);
    paint_until(5, 5, 255, 225, 185); /* luma 235, chroma 100 and 150, full range */
    tear_down();
}

CK_TEST(asset_api, pages_of_a_deck_are_rendered_by_who_shows_them)
{
    static uint8_t picture[64][64][4];
    uint8_t hash[CHALK_BOARD_HASH];
    chalk_canvas_page page = {.struct_size = sizeof page};
    set_up();
    CK_CHECK_EQ(chalk_board_add_deck(s.ada.api.session, pdf, sizeof pdf - 1, 3, 1, hash), CHALK_OK);
    (void)guest_wait(&s.bo, CHALK_ROOM_EVENT_HAPPENED, CHALK_WHAT_BOARD);
    chalk_board_page third = {.struct_size = sizeof third};
    CK_CHECK_EQ(chalk_board_get_page(s.bo.api.session, CHALK_VIEW_HEAD, 2, &third), CHALK_OK);
    CK_CHECK_EQ(third.background.kind, CHALK_GROUND_DECK);
    CK_CHECK_EQ(third.background.deck_page, 1);
    const chalk_canvas_view view = {
        .struct_size = sizeof view, .page = third.number, .zoom = 2.0, .wide = WIDE, .high = HIGH};
    CK_CHECK_EQ(chalk_canvas_set_view(s.canvas, &view), CHALK_OK);
    paint();
    CK_CHECK_EQ(chalk_canvas_wanted_page(s.canvas, 0, &page), CHALK_OK);
    CK_CHECK(page.page == 1 && page.scale >= 2.0 && page.scale < 2.1);
    CK_CHECK_MEM(page.hash, hash, CHALK_BOARD_HASH);
    CK_CHECK_EQ(chalk_canvas_wanted_image(s.canvas, 0, hash), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(wait_asset(&s.bo, page.hash)->value, CHALK_ASSET_READY);
    for (size_t i = 0; i < sizeof picture; i++) {
        (&picture[0][0][0])[i] = i % 4 == 0 ? 0 : 255; /* yellow */
    }
    CK_CHECK_EQ(chalk_canvas_put_page(s.canvas, page.hash, 1, 2.0, &picture[0][0][0], 64, 64,
                                      sizeof picture[0]),
                CHALK_OK);
    paint_until(60, 60, 255, 255, 0);
    paint_until(70, 70, 255, 255, 255); /* 32 px of the page, no more */
    CK_CHECK_EQ(chalk_canvas_wanted_page(s.canvas, 0, &page), CHALK_ERR_NOT_FOUND);
    tear_down();
}

static int count_bytes(const uint8_t *data, size_t size, void *user)
{
    (void)data;
    *(size_t *)user += size;
    return CHALK_OK;
}

CK_TEST(asset_api, an_export_has_the_pictures_of_a_canvas)
{
    ck_drawn f;
    uint8_t hash[CHALK_BOARD_HASH];
    size_t without = 0, with = 0;
    chalk_board_put_options put;
    chalk_board_export_options options;
    set_up();
    make_png(&f);
    chalk_board_put_options_init(&put);
    CK_CHECK_EQ(chalk_board_add_image(s.ada.api.session, &put, f.bytes, f.size, hash), CHALK_OK);
    paint_until(5, 5, 255, 0, 0);
    chalk_board_export_options_init(&options);
    options.format = CHALK_EXPORT_SVG;
    CK_CHECK_EQ(
        chalk_board_export(s.bo.api.session, CHALK_VIEW_HEAD, &options, count_bytes, &without),
        CHALK_OK);
    options.images = s.canvas;
    CK_CHECK_EQ(chalk_board_export(s.bo.api.session, CHALK_VIEW_HEAD, &options, count_bytes, &with),
                CHALK_OK);
    CK_CHECK(with > without + 100);
    tear_down();
}

static chalk_asset_info asset_info(guest *g, const uint8_t *hash)
{
    chalk_asset_info info = {.struct_size = sizeof info};
    CK_CHECK_EQ(chalk_asset_get_info(g->api.session, hash, &info), CHALK_OK);
    return info;
}

static void check_bytes(guest *g, const uint8_t *hash, const uint8_t *data, size_t size)
{
    size_t needed = 0;
    uint8_t *back = malloc(size);
    CK_CHECK(back != NULL);
    CK_CHECK_EQ(chalk_asset_read(g->api.session, hash, back, size, &needed), CHALK_OK);
    CK_CHECK_EQ(needed, size);
    CK_CHECK_MEM(back, data, size);
    free(back);
}

/* An assistant has begun to fetch a large deck of the teacher's. */
static uint8_t *begin_to_fetch(size_t size, uint8_t *hash)
{
    set_up_with(CHALK_ROLE_ASSISTANT);
    uint8_t *deck = make_deck(size);
    CK_CHECK_EQ(chalk_asset_add(s.ada.api.session, deck, size, hash), CHALK_OK);
    CK_CHECK_EQ(wait_asset(&s.ada, hash)->value, CHALK_ASSET_READY);
    CK_CHECK_EQ(chalk_asset_fetch(s.bo.api.session, hash), CHALK_OK);
    while (asset_info(&s.bo, hash).done == 0) {
        api_sleep_ms(1);
    }
    return deck;
}

CK_TEST(asset_api, an_upload_leaves_alone_what_is_fetched)
{
    ck_drawn f;
    uint8_t hash[CHALK_BOARD_HASH], small[CHALK_BOARD_HASH];
    const size_t size = 48u << 20;
    uint8_t *deck = begin_to_fetch(size, hash);
    make_png(&f);
    CK_CHECK_EQ(chalk_asset_add(s.bo.api.session, f.bytes, f.size, small), CHALK_OK);
    CK_CHECK_EQ(wait_asset(&s.bo, small)->value, CHALK_ASSET_READY);
    CK_CHECK_EQ(wait_asset(&s.bo, hash)->value, CHALK_ASSET_READY);
    check_bytes(&s.bo, hash, deck, size);
    free(deck);
    tear_down();
}

CK_TEST(asset_api, who_has_a_file_need_not_fetch_it)
{
    uint8_t hash[CHALK_BOARD_HASH], other[CHALK_BOARD_HASH];
    const size_t size = 24u << 20;
    uint8_t *deck = begin_to_fetch(size, hash);
    CK_CHECK_EQ(chalk_asset_add(s.ada.api.session, pdf, sizeof pdf - 1, other), CHALK_OK);
    CK_CHECK_EQ(wait_asset(&s.ada, other)->value, CHALK_ASSET_READY);
    CK_CHECK_EQ(chalk_asset_add(s.bo.api.session, deck, size, NULL), CHALK_OK);
    CK_CHECK_EQ(chalk_asset_fetch(s.bo.api.session, other), CHALK_OK);
    CK_CHECK_EQ(wait_asset(&s.bo, other)->value, CHALK_ASSET_READY); /* nothing of the deck in it */
    check_bytes(&s.bo, other, pdf, sizeof pdf - 1);
    check_bytes(&s.bo, hash, deck, size);
    free(deck);
    tear_down();
}

CK_TEST(asset_api, what_cannot_be_says_why)
{
    static const uint8_t huge[] =
        "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\1\x86\xa0\0\1\x86\xa0\x08\2\0\0\0";
    static const uint8_t broken[] =
        "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\2\0\0\0\0\0\0\0nonsense";
    uint8_t hash[CHALK_BOARD_HASH] = {1};
    chalk_board_put_options put;
    chalk_asset_info info = {.struct_size = sizeof info};
    chalk_session *ada, *bo;
    set_up();
    ada = s.ada.api.session;
    bo = s.bo.api.session;
    chalk_board_put_options_init(&put);
    CK_CHECK_EQ(chalk_board_add_image(ada, &put, huge, sizeof huge - 1, NULL), CHALK_ERR_TOO_LARGE);
    CK_CHECK_EQ(chalk_board_add_image(ada, &put, pdf, sizeof pdf - 1, NULL), CHALK_ERR_UNSUPPORTED);
    CK_CHECK_EQ(chalk_asset_add(ada, (const uint8_t *)"GIF89a", 6, NULL), CHALK_ERR_UNSUPPORTED);
    CK_CHECK_EQ(chalk_asset_get_info(ada, hash, &info), CHALK_ERR_NOT_FOUND);
    for (int i = 0; i < 2; i++) { /* the room has no such file, and none when asked again */
        CK_CHECK_EQ(chalk_asset_fetch(bo, hash), CHALK_OK);
        const chalk_room_event *event = wait_asset(&s.bo, hash);
        CK_CHECK(event->value == CHALK_ASSET_FAILED && event->cause == CHALK_ERR_NOT_FOUND);
    }
    CK_CHECK_EQ(chalk_board_add_image(ada, &put, broken, sizeof broken - 1, hash), CHALK_OK);
    CK_CHECK_EQ(wait_asset(&s.ada, hash)->value, CHALK_ASSET_READY);
    do { /* fetched, then not to be decoded */
        paint();
        api_sleep_ms(2);
    } while (chalk_asset_get_info(bo, hash, &info) != CHALK_OK || info.state != CHALK_ASSET_FAILED);
    CK_CHECK_EQ(info.cause, CHALK_ERR_BAD_DATA);
    chalk_edge_destroy(&s.edge);
    tear_down();
}

CK_TEST(asset_api, a_board_without_an_edge_keeps_256_mb)
{
    uint8_t hash[CHALK_BOARD_HASH];
    guest g = {0};
    const size_t size = 60u << 20;
    uint8_t *deck = make_deck(size);
    g.api = api_open();
    CK_CHECK_EQ(chalk_board_open(g.api.session, NULL, 0), CHALK_OK);
    (void)guest_state(&g, CHALK_LINK_LIVE);
    for (uint8_t i = 0; i < 5; i++) {
        chalk_asset_info info = {.struct_size = sizeof info};
        deck[size - 1] = i;
        CK_CHECK_EQ(chalk_asset_identify(deck, size, &info, hash), CHALK_OK);
        CK_CHECK_EQ(chalk_asset_fetch(g.api.session, hash), CHALK_OK); /* known, but not here */
        CK_CHECK_EQ(chalk_asset_add(g.api.session, deck, size, NULL),
                    i < 4 ? CHALK_OK : CHALK_ERR_LIMIT);
    }
    free(deck);
    guest_close(&g);
}

CK_TEST(asset_api, a_board_without_an_edge_keeps_its_pictures)
{
    ck_drawn f;
    uint8_t hash[CHALK_BOARD_HASH];
    chalk_board_put_options put;
    guest g = {0};
    memset(&s, 0, sizeof s);
    make_png(&f);
    g.api = api_open();
    CK_CHECK_EQ(chalk_board_open(g.api.session, NULL, 0), CHALK_OK);
    (void)guest_state(&g, CHALK_LINK_LIVE);
    chalk_board_put_options_init(&put);
    CK_CHECK_EQ(chalk_board_add_image(g.api.session, &put, f.bytes, f.size, hash), CHALK_OK);
    CK_CHECK_EQ(wait_asset(&g, hash)->value, CHALK_ASSET_READY);
    CK_CHECK_EQ(chalk_canvas_create(g.api.session, CHALK_VIEW_HEAD, &s.canvas), CHALK_OK);
    const chalk_canvas_view view = {
        .struct_size = sizeof view, .page = 1, .zoom = 1.0, .wide = WIDE, .high = HIGH};
    CK_CHECK_EQ(chalk_canvas_set_view(s.canvas, &view), CHALK_OK);
    paint_until(5, 5, 255, 0, 0);
    chalk_canvas_destroy(&s.canvas);
    guest_close(&g);
}
