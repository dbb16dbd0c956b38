/* The public API of the whiteboard: what one does, and what the others see of it. */
#include "room_guest.h"

#include "chalkrail/board_view.h"
#include "support/check.h"

#include <math.h>
#include <string.h>
#include <time.h>

#define RED 0xffe03131u

typedef struct lesson {
    room_edge *edge;
    guest ada, bo; /* a teacher, an assistant */
} lesson;

static void open_lesson(lesson *l)
{
    l->edge = room_edge_open(NULL);
    guest_join(&l->ada, l->edge, "ada.2", NULL);
    guest_join(&l->bo, l->edge, "bo.3", NULL);
}

static void close_lesson(lesson *l)
{
    guest_close(&l->bo);
    guest_close(&l->ada);
    room_edge_close(&l->edge);
}

static void wait_ms(long ms)
{
    const struct timespec pause = {0, ms * 1000000};
    (void)nanosleep(&pause, NULL);
}

/* The next change of a watch; fails the test after some seconds. */
static chalk_board_change changed(chalk_board_watch *watch, uint32_t what)
{
    chalk_board_change change = {0};
    for (int i = 0; i < 1000; i++) {
        int status = chalk_board_watch_next(watch, &change);
        if (status == CHALK_OK) {
            CK_CHECK_EQ(change.what, what);
            return change;
        }
        CK_CHECK_EQ(status, CHALK_ERR_AGAIN);
        wait_ms(10);
    }
    CK_FAIL("nothing has changed");
}

static chalk_board_watch *watch_of(guest *g)
{
    chalk_board_watch *watch = NULL;
    CK_CHECK_EQ(chalk_board_watch_create(g->api.session, CHALK_VIEW_HEAD, 1, &watch), CHALK_OK);
    return watch;
}

static chalk_board_object object_of(guest *g, chalk_object_id id)
{
    chalk_board_object object = {.struct_size = sizeof object};
    CK_CHECK_EQ(chalk_board_get_object(g->api.session, CHALK_VIEW_HEAD, id, &object), CHALK_OK);
    return object;
}

static chalk_object_id put_box(guest *g, chalk_intent_id *intent)
{
    chalk_board_put_options put;
    chalk_object_id id = 0;
    chalk_board_put_options_init(&put);
    put.kind = CHALK_BOARD_RECTANGLE;
    put.colour = RED;
    put.fill = 0x80ffffff;
    put.x = 100;
    put.y = 50;
    put.wide = 40;
    put.high = 20;
    CK_CHECK_EQ(chalk_board_put(g->api.session, &put, &id, intent), CHALK_OK);
    CK_CHECK(id != 0);
    return id;
}

/* A line to the right, 100 px long. */
static void draw(guest *g, double y)
{
    chalk_board_pen_options pen;
    chalk_board_pen_options_init(&pen);
    pen.colour = RED;
    chalk_board_point at = {.x = 10, .y = y, .pressure = 0.5};
    CK_CHECK_EQ(chalk_board_pen_down(g->api.session, &pen, &at), CHALK_OK);
    CK_CHECK_EQ(chalk_board_pen_down(g->api.session, &pen, &at), CHALK_ERR_BAD_STATE);
    for (int i = 0; i < 10; i++) {
        wait_ms(2);
        at.x += 10;
        CK_CHECK_EQ(chalk_board_pen_move(g->api.session, &at), CHALK_OK);
    }
    CK_CHECK_EQ(chalk_board_pen_up(g->api.session, &at), CHALK_OK);
    CK_CHECK_EQ(chalk_board_pen_up(g->api.session, &at), CHALK_ERR_BAD_STATE);
}

CK_TEST(board_api, what_one_draws_the_other_has)
{
    lesson l;
    open_lesson(&l);
    chalk_board_watch *watch = watch_of(&l.bo);
    chalk_board_stroke_point points[64];
    uint32_t count = 0;
    draw(&l.ada, 30);
    const chalk_board_change change = changed(watch, CHALK_BOARD_ADDED);
    CK_CHECK(change.left <= 10 && change.right >= 110 && change.top <= 30 && change.bottom >= 30);
    const chalk_board_object stroke = object_of(&l.bo, change.object);
    CK_CHECK(stroke.kind == CHALK_BOARD_PEN && stroke.colour == RED && stroke.page == 1);
    CK_CHECK(stroke.author == guest_me(&l.ada) && stroke.width_px == 2.0);
    CK_CHECK_EQ(
        chalk_board_get_points(l.bo.api.session, CHALK_VIEW_HEAD, stroke.id, points, 64, &count),
        CHALK_OK);
    CK_CHECK(count == stroke.points && count >= 2);
    CK_CHECK(fabs(points[0].x - 10) < 0.3 && fabs(points[count - 1].x - 110) < 0.3);
    CK_CHECK(fabs(points[0].y - 30) < 0.3 && points[0].width_px > 0);
    CK_CHECK_EQ(
        chalk_board_get_points(l.bo.api.session, CHALK_VIEW_HEAD, stroke.id, points, 1, &count),
        CHALK_ERR_TOO_LARGE);
    chalk_board_watch_destroy(&watch);
    close_lesson(&l);
}

CK_TEST(board_api, an_object_is_there_at_once_under_its_name)
{
    lesson l;
    open_lesson(&l);
    chalk_intent_id intent = 0;
    chalk_object_id hit = 0, id = put_box(&l.ada, &intent);
    const chalk_board_object box = object_of(&l.ada, id);
    CK_CHECK(box.x == 100 && box.y == 50 && box.wide == 40 && box.high == 20);
    CK_CHECK(box.scale_x == 1.0 && box.text_size == 0 && box.erased == 0);
    CK_CHECK_EQ(chalk_board_hit(l.ada.api.session, CHALK_VIEW_HEAD, 1, 120, 60, 1, &hit), CHALK_OK);
    CK_CHECK(hit == id);
    CK_CHECK_EQ(chalk_board_hit(l.ada.api.session, CHALK_VIEW_HEAD, 1, 10, 60, 1, &hit),
                CHALK_ERR_NOT_FOUND);
    /* It can be changed before the room has answered. */
    CK_CHECK_EQ(chalk_board_move(l.ada.api.session, &id, 1, 5, 0, &intent), CHALK_OK);
    CK_CHECK(object_of(&l.ada, id).x == 105);
    CK_CHECK_EQ(guest_settled(&l.ada, intent), CHALK_REASON_NONE);
    CK_CHECK(object_of(&l.ada, id).x == 105);
    chalk_board_watch *watch = watch_of(&l.bo);
    CK_CHECK(changed(watch, CHALK_BOARD_ADDED).object == id);
    char words[100];
    CK_CHECK_EQ(chalk_board_describe(l.bo.api.session, CHALK_VIEW_HEAD, id, words, sizeof words),
                CHALK_OK);
    CK_CHECK(strstr(words, "rectangle, red") == words);
    chalk_board_watch_destroy(&watch);
    close_lesson(&l);
}

CK_TEST(board_api, each_change_is_seen_and_undone)
{
    lesson l;
    open_lesson(&l);
    chalk_session *s = l.ada.api.session;
    chalk_board_info info = {.struct_size = sizeof info};
    CK_CHECK_EQ(chalk_board_undo(s, NULL), CHALK_ERR_NOT_FOUND);
    const chalk_object_id id = put_box(&l.ada, NULL);
    const chalk_object_id twice[] = {id, id};
    chalk_object_id copy = 0;
    CK_CHECK_EQ(chalk_board_scale(s, twice, 2, 100, 50, 2, -1, NULL), CHALK_OK);
    CK_CHECK(object_of(&l.ada, id).wide == 80 && object_of(&l.ada, id).y == 30);
    CK_CHECK_EQ(chalk_board_style(s, &id, 1, CHALK_STYLE_COLOUR, 0xff000001, 0, 0, NULL), CHALK_OK);
    CK_CHECK(object_of(&l.ada, id).colour == 0xff000001 && object_of(&l.ada, id).fill != 0);
    CK_CHECK_EQ(chalk_board_copy(s, &id, 1, 1, 0, 100, &copy, NULL), CHALK_OK);
    CK_CHECK(copy != id && object_of(&l.ada, copy).y == 130);
    CK_CHECK_EQ(chalk_board_order(s, &id, 1, 1, NULL), CHALK_OK);
    CK_CHECK(object_of(&l.ada, id).z > object_of(&l.ada, copy).z);
    CK_CHECK_EQ(chalk_board_delete(s, &copy, 1, NULL), CHALK_OK);
    CK_CHECK_EQ(chalk_board_get_info(s, CHALK_VIEW_HEAD, &info), CHALK_OK);
    CK_CHECK(info.undoable == 1 && info.redoable == 0 && info.pages == 1);

    chalk_intent_id intent = 0;
    CK_CHECK_EQ(chalk_board_undo(s, NULL), CHALK_OK); /* the copy is back */
    CK_CHECK(object_of(&l.ada, copy).y == 130);
    for (int i = 0; i < 4; i++) { /* order, copy, style, scale */
        CK_CHECK_EQ(chalk_board_undo(s, &intent), CHALK_OK);
    }
    CK_CHECK_EQ(guest_settled(&l.ada, intent), CHALK_REASON_NONE);
    CK_CHECK(object_of(&l.ada, id).wide == 40 && object_of(&l.ada, id).colour == RED);
    CK_CHECK_EQ(chalk_board_redo(s, NULL), CHALK_OK);
    CK_CHECK(object_of(&l.ada, id).wide == 80);
    close_lesson(&l);
}

CK_TEST(board_api, a_part_of_a_stroke_is_erased)
{
    lesson l;
    open_lesson(&l);
    chalk_session *s = l.ada.api.session;
    chalk_board_watch *watch = watch_of(&l.ada);
    draw(&l.ada, 30);
    const chalk_object_id box = put_box(&l.ada, NULL); /* the stroke goes before it */
    chalk_object_id stroke = changed(watch, CHALK_BOARD_ADDED).object;
    chalk_object_id other = changed(watch, CHALK_BOARD_ADDED).object;
    stroke = stroke == box ? other : stroke;
    CK_CHECK(stroke != box);
    const chalk_board_part part = {stroke, 0, 32};
    const chalk_board_part wrong = {stroke, 32, 32};
    chalk_board_part erased[4];
    uint32_t count = 0;
    CK_CHECK_EQ(chalk_board_erase(s, &wrong, 1, NULL), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_board_erase(s, &part, 1, NULL), CHALK_OK);
    CK_CHECK_EQ(chalk_board_get_erased(s, CHALK_VIEW_HEAD, stroke, erased, 4, &count), CHALK_OK);
    CK_CHECK(count == 1 && erased[0].from == 0 && erased[0].to == 32);
    CK_CHECK_EQ(object_of(&l.ada, stroke).erased, 1);
    CK_CHECK_EQ(chalk_board_undo(s, NULL), CHALK_OK);
    CK_CHECK_EQ(object_of(&l.ada, stroke).erased, 0);
    chalk_board_watch_destroy(&watch);
    close_lesson(&l);
}

CK_TEST(board_api, an_eraser_takes_what_it_touches)
{
    lesson l;
    open_lesson(&l);
    chalk_session *s = l.ada.api.session;
    chalk_board_watch *watch = watch_of(&l.bo);
    chalk_intent_id intent = 0;
    draw(&l.ada, 30);
    const chalk_object_id stroke = changed(watch, CHALK_BOARD_ADDED).object;
    CK_CHECK_EQ(chalk_board_rub(s, 1, 60, 100, 60, 90, 5, NULL), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_board_rub(s, 1, 60, 20, 60, 40, 0, NULL), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_board_rub(s, 1, 60, 20, 60, 40, 5, &intent), CHALK_OK);
    CK_CHECK_EQ(chalk_board_rub(s, 1, 60, 20, 60, 40, 5, NULL), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(guest_settled(&l.ada, intent), CHALK_REASON_NONE);
    CK_CHECK(changed(watch, CHALK_BOARD_CHANGED).object == stroke);
    chalk_object_id hit = 0;
    CK_CHECK_EQ(chalk_board_undo(s, &intent), CHALK_OK);
    CK_CHECK_EQ(guest_settled(&l.ada, intent), CHALK_REASON_NONE);
    CK_CHECK_EQ(chalk_board_hit(s, CHALK_VIEW_HEAD, 1, 60, 30, 1, &hit), CHALK_OK);
    chalk_board_watch_destroy(&watch);
    close_lesson(&l);
}

CK_TEST(board_api, texts_and_images_say_what_they_are)
{
    lesson l;
    open_lesson(&l);
    chalk_session *s = l.ada.api.session;
    const uint8_t hash[CHALK_BOARD_HASH] = {1, 2, 3};
    chalk_board_put_options put;
    chalk_object_id text = 0, image = 0;
    chalk_board_put_options_init(&put);
    put.kind = CHALK_BOARD_TEXT;
    CK_CHECK_EQ(chalk_board_put(s, &put, NULL, NULL), CHALK_ERR_INVALID_ARGUMENT);
    put.text = "你好，\n世界";
    CK_CHECK_EQ(chalk_board_put(s, &put, &text, NULL), CHALK_OK);
    CK_CHECK_STR(object_of(&l.ada, text).text, put.text);
    CK_CHECK(object_of(&l.ada, text).size_px == 24.0);
    put.kind = CHALK_BOARD_IMAGE;
    put.text = "a cat";
    put.wide = put.high = 50;
    put.pixels_wide = put.pixels_high = 100;
    CK_CHECK_EQ(chalk_board_put(s, &put, &image, NULL), CHALK_ERR_INVALID_ARGUMENT);
    put.hash = hash;
    CK_CHECK_EQ(chalk_board_put(s, &put, &image, NULL), CHALK_OK);
    const chalk_board_object o = object_of(&l.ada, image);
    CK_CHECK(o.pixels_wide == 100 && memcmp(o.hash, hash, sizeof hash) == 0 && o.wide == 50);
    CK_CHECK_STR(o.text, "a cat");
    put.pixels_wide = 100000;
    CK_CHECK_EQ(chalk_board_put(s, &put, NULL, NULL), CHALK_ERR_INVALID_ARGUMENT);
    put.pixels_wide = 100;
    put.x = NAN;
    CK_CHECK_EQ(chalk_board_put(s, &put, NULL, NULL), CHALK_ERR_INVALID_ARGUMENT);
    close_lesson(&l);
}

CK_TEST(board_api, pages_come_and_go)
{
    lesson l;
    open_lesson(&l);
    chalk_session *s = l.ada.api.session;
    chalk_board_page page = {.struct_size = sizeof page};
    const chalk_board_background grid = {.kind = CHALK_GROUND_GRID};
    const chalk_person_id bo = guest_me(&l.bo);
    chalk_intent_id intent = 0;
    uint32_t first = 0;
    CK_CHECK_EQ(chalk_board_add_pages(s, 2, 1, &grid, &first, NULL), CHALK_OK);
    CK_CHECK_EQ(first, 2);
    CK_CHECK_EQ(chalk_board_get_page(s, CHALK_VIEW_HEAD, 2, &page), CHALK_OK);
    CK_CHECK(page.number == 3 && page.background.kind == CHALK_GROUND_GRID && page.may_draw == 1);
    CK_CHECK_EQ(chalk_board_get_page(s, CHALK_VIEW_HEAD, 3, &page), CHALK_ERR_NOT_FOUND);
    CK_CHECK_EQ(chalk_board_place_page(s, 3, 0, NULL), CHALK_OK);
    CK_CHECK_EQ(chalk_board_get_page(s, CHALK_VIEW_HEAD, 0, &page), CHALK_OK);
    CK_CHECK_EQ(page.number, 3);
    const chalk_person_id both[] = {bo, guest_me(&l.ada), bo};
    CK_CHECK_EQ(chalk_board_set_access(s, 3, CHALK_ACCESS_NAMED, both, 3, NULL), CHALK_OK);
    CK_CHECK_EQ(chalk_board_get_page(s, CHALK_VIEW_HEAD, 0, &page), CHALK_OK);
    CK_CHECK_EQ(page.named_count, 2);
    CK_CHECK_EQ(chalk_board_set_access(s, 3, CHALK_ACCESS_STAFF, NULL, 0, NULL), CHALK_OK);
    CK_CHECK_EQ(chalk_board_get_page(s, CHALK_VIEW_HEAD, 0, &page), CHALK_OK);
    CK_CHECK(page.access == CHALK_ACCESS_STAFF && page.named_count == 0);
    CK_CHECK_EQ(chalk_board_set_access(s, 3, CHALK_ACCESS_NAMED, &bo, 1, NULL), CHALK_OK);
    CK_CHECK_EQ(chalk_board_get_page(s, CHALK_VIEW_HEAD, 0, &page), CHALK_OK);
    CK_CHECK(page.access == CHALK_ACCESS_NAMED && page.named_count == 1 && page.named[0] == bo);
    CK_CHECK_EQ(chalk_board_remove_page(s, 3, NULL), CHALK_OK);
    CK_CHECK_EQ(chalk_board_clear(s, 1, NULL), CHALK_OK);
    CK_CHECK_EQ(chalk_board_lead(s, 2, 10, 20, 1.5, &intent), CHALK_OK);
    CK_CHECK_EQ(guest_settled(&l.ada, intent), CHALK_REASON_NONE);
    chalk_board_info info = {.struct_size = sizeof info};
    CK_CHECK_EQ(chalk_board_get_info(s, CHALK_VIEW_HEAD, &info), CHALK_OK);
    CK_CHECK(info.pages == 2 && info.lead_page == 2 && info.lead_zoom == 1.5 && info.lead_y == 20);
    CK_CHECK_EQ(info.leader, guest_me(&l.ada));
    close_lesson(&l);
}

CK_TEST(board_api, a_page_gets_another_ground)
{
    lesson l;
    open_lesson(&l);
    chalk_session *s = l.ada.api.session;
    chalk_board_page page = {.struct_size = sizeof page};
    chalk_board_background ground = {.kind = CHALK_GROUND_DECK, .deck_page = 7, .hash = {1, 2, 3}};
    chalk_intent_id intent = 0;
    CK_CHECK_EQ(chalk_board_set_background(s, 1, &ground, &intent), CHALK_OK);
    CK_CHECK_EQ(guest_settled(&l.ada, intent), CHALK_REASON_NONE);
    CK_CHECK_EQ(chalk_board_get_page(s, CHALK_VIEW_HEAD, 0, &page), CHALK_OK);
    CK_CHECK(page.background.kind == CHALK_GROUND_DECK && page.background.deck_page == 7);
    CK_CHECK_MEM(page.background.hash, ground.hash, CHALK_BOARD_HASH);
    CK_CHECK_EQ(chalk_board_set_background(s, 9, &ground, &intent), CHALK_OK);
    CK_CHECK_EQ(guest_settled(&l.ada, intent), CHALK_REASON_NOT_FOUND);
    ground.kind = CHALK_GROUND_DECK + 1;
    CK_CHECK_EQ(chalk_board_set_background(s, 1, &ground, NULL), CHALK_ERR_INVALID_ARGUMENT);
    CK_CHECK_EQ(chalk_board_set_background(s, 1, NULL, NULL), CHALK_ERR_INVALID_ARGUMENT);
    close_lesson(&l);
}

CK_TEST(board_api, others_see_where_one_points)
{
    lesson l;
    open_lesson(&l);
    const chalk_board_pointer laser = {.page = 1, .laser = 1, .x = 12.5, .y = -3};
    chalk_board_pointer seen;
    CK_CHECK_EQ(chalk_board_point_at(l.ada.api.session, &laser), CHALK_OK);
    const chalk_room_event *event = guest_wait(&l.bo, CHALK_ROOM_EVENT_SHOWN, 0);
    CK_CHECK_EQ(chalk_board_read_pointer(event, &seen), CHALK_OK);
    CK_CHECK(seen.page == 1 && seen.laser == 1 && seen.x == 12.5 && seen.y == -3);
    chalk_room_event other = *event;
    other.data_size--;
    CK_CHECK_EQ(chalk_board_read_pointer(&other, &seen), CHALK_ERR_BAD_DATA);
    other.value = 5;
    CK_CHECK_EQ(chalk_board_read_pointer(&other, &seen), CHALK_ERR_NOT_FOUND);
    close_lesson(&l);
}

CK_TEST(board_api, who_leaves_loses_no_stroke)
{
    lesson l;
    open_lesson(&l);
    chalk_board_watch *watch = watch_of(&l.bo);
    draw(&l.ada, 40);
    CK_CHECK_EQ(chalk_room_leave(l.ada.api.session, NULL), CHALK_OK);
    (void)changed(watch, CHALK_BOARD_ADDED);
    chalk_board_watch_destroy(&watch);
    close_lesson(&l);
}

CK_TEST(board_api, without_a_room_nothing_is_drawn)
{
    guest g = {.api = api_open()};
    chalk_board_point at = {.x = 1, .y = 1, .pressure = -1};
    chalk_board_pen_options pen;
    chalk_board_info info = {.struct_size = sizeof info};
    chalk_board_pen_options_init(&pen);
    CK_CHECK_EQ(chalk_board_pen_down(g.api.session, &pen, &at), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(chalk_board_clear(g.api.session, 1, NULL), CHALK_ERR_BAD_STATE);
    CK_CHECK_EQ(chalk_board_get_info(g.api.session, CHALK_VIEW_HEAD, &info), CHALK_ERR_BAD_STATE);
    pen.width_px = 1e9;
    CK_CHECK_EQ(chalk_board_pen_down(g.api.session, &pen, &at), CHALK_ERR_INVALID_ARGUMENT);
    guest_close(&g);
}
