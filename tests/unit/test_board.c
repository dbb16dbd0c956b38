/* What operations do. */
#include "base/check.h"
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/board.h"
#include "support/check.h"

static ck_desk d;

static void begin(void)
{
    ck_desk_init(&d, &ck_test_heap);
}

static void end(void)
{
    CK_CHECK_EQ(d.status, CHALK_OK);
    ck_desk_free(&d);
}

static const ck_board_object *object(uint64_t id)
{
    const ck_board_object *o = ck_board_find(&d.board, id);
    CK_CHECK(o != NULL);
    return o;
}

static uint64_t put(uint64_t author, uint64_t kind, int64_t x, int64_t y, const ck_board_body *body,
                    uint64_t replaces)
{
    ck_buf rest;
    ck_buf_init(&rest, &ck_test_heap, 20000);
    ck_board_put_body(&rest, kind, body);
    const ck_board_op op = {.code = CK_BOARD_PUT,
                            .page = 1,
                            .kind = kind,
                            .replaces = replaces,
                            .colour = 0xffe03131,
                            .width = 128,
                            .x = x,
                            .y = y,
                            .rest = ck_bytes_of(rest.data, rest.size)};
    CK_CHECK_EQ(ck_buf_status(&rest), CHALK_OK);
    enum ck_reason reason = ck_desk_do(&d, author, &op);
    ck_buf_free(&rest);
    return reason == CK_REASON_NONE ? ck_desk_last(&d, author) : 0;
}

CK_TEST(board, a_stroke_is_there_where_it_was_drawn)
{
    begin();
    uint64_t id = ck_desk_stroke(&d, 2, 100, -50);
    const ck_board_object *o = object(id);
    const ck_board_box box = ck_board_box_of(o);
    CK_CHECK_EQ(ck_board_author_of(id), 2);
    CK_CHECK_EQ(o->x, 1600);
    CK_CHECK_EQ(o->y, -800);
    CK_CHECK_EQ(box.left, 1600 - 128);
    CK_CHECK_EQ(box.right, 1600 + 80 * 16 + 128);
    CK_CHECK_EQ(box.top, -800 - 5 * 16 - 128);
    CK_CHECK(ck_desk_has(&d, id));
    char words[100];
    ck_board_describe(o, words, sizeof words);
    CK_CHECK_STR(words, "pen stroke, black, 24 x 8 px at 23, -16");
    end();
}

CK_TEST(board, several_strokes_of_one_operation_are_objects_of_their_own)
{
    begin();
    ck_buf rest, coded;
    ck_buf_init(&rest, &ck_test_heap, 1000);
    ck_buf_init(&coded, &ck_test_heap, 1000);
    const ck_stroke_point dot = {0, 0, 8};
    ck_stroke_encode(&dot, 1, &coded);
    ck_board_put_stroke(&rest, 10, 10, ck_bytes_of(coded.data, coded.size));
    ck_board_put_stroke(&rest, 5, -5, ck_bytes_of(coded.data, coded.size));
    const ck_board_op op = {.code = CK_BOARD_DRAW,
                            .page = 1,
                            .tool = CK_BOARD_MARKER,
                            .width = 64,
                            .rest = ck_bytes_of(rest.data, rest.size)};
    CK_CHECK_EQ(ck_desk_do(&d, 2, &op), CK_REASON_NONE);
    CK_CHECK_EQ(object(ck_desk_last(&d, 2) + 1)->x, 15);
    CK_CHECK_EQ(object(ck_desk_last(&d, 2) + 1)->y, 5);
    CK_CHECK_EQ(ck_desk_undo(&d, 2), CK_REASON_NONE);
    CK_CHECK(ck_desk_has(&d, ck_desk_last(&d, 2) - (UINT64_C(1) << 8)));
    CK_CHECK_EQ(ck_board_count_there(&d.board), 1);
    ck_buf_free(&rest);
    ck_buf_free(&coded);
    end();
}

CK_TEST(board, moving_and_scaling_keep_the_body)
{
    begin();
    uint64_t id = ck_desk_stroke(&d, 2, 0, 0);
    uint64_t body = object(id)->body_hash;
    CK_CHECK_EQ(ck_desk_move(&d, 2, id, 640, -64), CK_REASON_NONE);
    const ck_board_op scale = {
        .code = CK_BOARD_SCALE, .x = 640, .y = -64, .fx = 2 * 65536, .fy = -65536};
    CK_CHECK_EQ(ck_desk_ids(&d, 2, scale, &id, 1), CK_REASON_NONE);
    const ck_board_object *o = object(id);
    CK_CHECK_EQ(o->x, 640);
    CK_CHECK_EQ(o->sx, 2 * 65536);
    CK_CHECK_EQ(o->sy, -65536);
    CK_CHECK(o->body_hash == body);
    const ck_board_op back = {.code = CK_BOARD_SCALE, .x = 0, .y = 0, .fx = 32768, .fy = 65536};
    CK_CHECK_EQ(ck_desk_ids(&d, 2, back, &id, 1), CK_REASON_NONE);
    CK_CHECK_EQ(object(id)->x, 320);
    CK_CHECK_EQ(object(id)->sx, 65536);
    end();
}

CK_TEST(board, style_order_and_copy)
{
    begin();
    uint64_t a = ck_desk_stroke(&d, 2, 0, 0), b = ck_desk_stroke(&d, 2, 50, 0);
    CK_CHECK(object(b)->z > object(a)->z);
    const ck_board_op front = {.code = CK_BOARD_ORDER, .front = 1};
    CK_CHECK_EQ(ck_desk_ids(&d, 2, front, &a, 1), CK_REASON_NONE);
    CK_CHECK(object(a)->z > object(b)->z);
    const ck_board_op rear = {.code = CK_BOARD_ORDER};
    CK_CHECK_EQ(ck_desk_ids(&d, 2, rear, &a, 1), CK_REASON_NONE);
    CK_CHECK(object(a)->z < object(b)->z);
    const ck_board_op style = {.code = CK_BOARD_STYLE,
                               .mask = CK_BOARD_COLOUR | CK_BOARD_WIDTH,
                               .colour = 0xff1971c2,
                               .width = 300};
    CK_CHECK_EQ(ck_desk_ids(&d, 2, style, &a, 1), CK_REASON_NONE);
    CK_CHECK_EQ(object(a)->width, 300);
    CK_CHECK_STR(ck_board_colour_name(object(a)->colour), "blue");
    CK_CHECK_EQ(ck_desk_erase(&d, 2, a, 64, 128), CK_REASON_NONE);
    const uint64_t both[2] = {a, b};
    const ck_board_op copy = {.code = CK_BOARD_COPY, .page = 1, .x = 64, .y = 64};
    CK_CHECK_EQ(ck_desk_ids(&d, 3, copy, both, 2), CK_REASON_NONE);
    const ck_board_object *first = object(ck_desk_last(&d, 3));
    CK_CHECK_EQ(first->x, 64);
    CK_CHECK_EQ(first->erased_count, 1);
    CK_CHECK(ck_desk_has(&d, first->id + 1));
    end();
}

CK_TEST(board, text_and_images_are_told_in_words)
{
    static const uint8_t hash[CK_BOARD_HASH] = {1, 2, 3};
    const ck_board_body text = {.x = 6400, .size = 1280, .text = ck_bytes_of("你好，世界\n!", 17)};
    const ck_board_body image = {.x = 6400,
                                 .y = 3200,
                                 .pixels_x = 200,
                                 .pixels_y = 100,
                                 .hash = hash,
                                 .text = ck_bytes_of("a cell", 6)};
    const ck_board_body corner = {.x = -640, .y = 640};
    char words[200];
    begin();
    ck_board_describe(object(put(2, CK_BOARD_TEXT, 0, 0, &text, 0)), words, sizeof words);
    CK_CHECK(strncmp(words, "text: 你好，世界\n!, red", 28) == 0);
    ck_board_describe(object(put(2, CK_BOARD_IMAGE, 64, 0, &image, 0)), words, sizeof words);
    CK_CHECK(strncmp(words, "image: a cell, ", 15) == 0);
    ck_board_describe(object(put(2, CK_BOARD_ARROW, 640, 0, &corner, 0)), words, sizeof words);
    CK_CHECK(strncmp(words, "arrow, red, ", 12) == 0);
    end();
}

CK_TEST(board, a_text_edited_keeps_its_place_in_the_order)
{
    const ck_board_body text = {.size = 1280, .text = ck_bytes_of("before", 6)};
    const ck_board_body after = {.size = 1280, .text = ck_bytes_of("after", 5)};
    begin();
    uint64_t old = put(2, CK_BOARD_TEXT, 0, 0, &text, 0);
    uint64_t above = ck_desk_stroke(&d, 2, 0, 0);
    uint64_t edited = put(2, CK_BOARD_TEXT, 0, 0, &after, old);
    CK_CHECK(!ck_desk_has(&d, old) && ck_desk_has(&d, edited));
    CK_CHECK(object(edited)->z < object(above)->z);
    CK_CHECK_EQ(ck_desk_undo(&d, 2), CK_REASON_NONE);
    CK_CHECK(ck_desk_has(&d, old) && !ck_desk_has(&d, edited));
    CK_CHECK_EQ(ck_desk_redo(&d, 2), CK_REASON_NONE);
    CK_CHECK(!ck_desk_has(&d, old) && ck_desk_has(&d, edited));
    end();
}

CK_TEST(board, pages_come_go_and_change_places)
{
    begin();
    const ck_board_op deck = {.code = CK_BOARD_PAGES,
                              .first = 5,
                              .count = 3,
                              .after = 1,
                              .background = {.kind = CK_BOARD_DECK, .deck_page = 7}};
    CK_CHECK_EQ(ck_desk_do(&d, 1, &deck), CK_REASON_NONE);
    static const uint16_t order[] = {1, 5, 6, 7};
    for (uint32_t i = 0; i < 4; i++) {
        CK_CHECK_ROW(i, ck_board_page_at(&d.board, i) == order[i]);
    }
    CK_CHECK_EQ(ck_board_find_page(&d.board, 7)->background.deck_page, 9);
    const ck_board_op place = {.code = CK_BOARD_PLACE, .page = 7};
    CK_CHECK_EQ(ck_desk_do(&d, 1, &place), CK_REASON_NONE);
    CK_CHECK_EQ(ck_board_page_at(&d.board, 0), 7);
    CK_CHECK_EQ(ck_board_page_at(&d.board, 1), 1);
    const ck_board_op view = {.code = CK_BOARD_VIEW, .page = 6, .x = 64, .zoom = 65536};
    CK_CHECK_EQ(ck_desk_do(&d, 1, &view), CK_REASON_NONE);
    CK_CHECK_EQ(d.board.view.leader, 1);
    const ck_board_op drop = {.code = CK_BOARD_REMOVE, .page = 6};
    CK_CHECK_EQ(ck_desk_do(&d, 1, &drop), CK_REASON_NONE);
    CK_CHECK(ck_board_find_page(&d.board, 6) == NULL);
    CK_CHECK_EQ(d.board.view.page, 0);
    uint64_t id = ck_desk_stroke(&d, 2, 0, 0);
    const ck_board_op last = {.code = CK_BOARD_REMOVE, .page = 1};
    CK_CHECK_EQ(ck_desk_do(&d, 1, &last), CK_REASON_NONE);
    CK_CHECK(ck_board_find(&d.board, id) == NULL);
    end();
}

CK_TEST(board, a_hit_finds_what_is_on_top_and_not_erased)
{
    const ck_board_body corner = {.x = 6400, .y = 6400};
    begin();
    uint64_t box = put(2, CK_BOARD_RECTANGLE, 0, 0, &corner, 0);
    uint64_t line = put(2, CK_BOARD_LINE, 0, 0, &corner, 0);
    uint64_t stroke = ck_desk_stroke(&d, 2, 0, 200);
    const ck_board_object *hit = ck_board_hit(&d.board, 1, 3200, 3210, 64);
    CK_CHECK(hit != NULL && hit->id == line);
    hit = ck_board_hit(&d.board, 1, 6400, 3000, 64);
    CK_CHECK(hit != NULL && hit->id == box);
    CK_CHECK(ck_board_hit(&d.board, 1, 3200, 1000, 64) == NULL);
    hit = ck_board_hit(&d.board, 1, 55 * 16, 199 * 16, 64);
    CK_CHECK(hit != NULL && hit->id == stroke);
    CK_CHECK_EQ(ck_desk_erase(&d, 2, stroke, 4 * 64, 7 * 64), CK_REASON_NONE);
    CK_CHECK(ck_board_hit(&d.board, 1, 55 * 16, 199 * 16, 64) == NULL);
    CK_CHECK(ck_board_hit(&d.board, 1, 0, 200 * 16, 64) != NULL);
    CK_CHECK(ck_board_hit(&d.board, 2, 3200, 3210, 64) == NULL);
    end();
}

/* What is gone for good takes nothing: a hundred full boards, cleared. */
CK_TEST(board, does_not_grow_with_what_is_gone)
{
    ck_failing_alloc counting;
    ck_failing_alloc_init(&counting, 0);
    ck_desk_init(&d, &counting.alloc);
    size_t early = 0;
    for (int round = 0; round < 60; round++) {
        for (int i = 0; i < 150; i++) {
            CK_CHECK(ck_desk_stroke(&d, 2 + (uint64_t)(i % 3), i * 40, round) != 0);
        }
        const ck_board_op clear = {.code = CK_BOARD_CLEAR, .page = 1};
        CK_CHECK_EQ(ck_desk_do(&d, 1, &clear), CK_REASON_NONE);
        /* The teacher's 100 clears can be undone: then this one settles what was before. */
        for (int i = 0; i < 101; i++) {
            CK_CHECK(ck_desk_stroke(&d, 1, 0, 0) != 0);
        }
        CK_CHECK_EQ(ck_board_count_there(&d.board), 101);
        early = round == 2 ? counting.live : early;
    }
    CK_CHECK(counting.live <= early + 20);
    end();
    CK_CHECK_EQ(counting.live, 0);
}

CK_TEST(board, pending_work_lies_over_what_is_there)
{
    begin();
    uint64_t theirs = ck_desk_stroke(&d, 1, 0, 0), mine = ck_desk_stroke(&d, 2, 100, 0);
    uint64_t hash = ck_board_hash(&d.board);
    ck_desk over;
    ck_desk_init(&over, &ck_test_heap);
    CK_CHECK_EQ(ck_board_lay(&over.board, &d.board, &ck_test_heap), CHALK_OK);
    over.number = d.number;
    over.counters[2] = d.counters[2];
    uint64_t pending = ck_desk_stroke(&over, 2, 200, 0);
    CK_CHECK(pending != 0);
    CK_CHECK_EQ(ck_desk_move(&over, 2, mine, 64, 0), CK_REASON_NONE);
    CK_CHECK_EQ(ck_desk_undo(&over, 2), CK_REASON_NONE);
    CK_CHECK_EQ(ck_desk_undo(&over, 2), CK_REASON_NONE);
    CK_CHECK(!ck_desk_has(&over, pending));
    CK_CHECK_EQ(ck_desk_undo(&over, 2), CK_REASON_NONE);
    CK_CHECK(!ck_desk_has(&over, mine) && ck_desk_has(&over, theirs));
    CK_CHECK(ck_board_hit(&over.board, 1, 100 * 16, 0, 64) == NULL);
    CK_CHECK(ck_board_hit(&over.board, 1, 0, 0, 64) != NULL);
    CK_CHECK(ck_board_hash(&d.board) == hash && ck_desk_has(&d, mine));
    /* What is below may go first. */
    const ck_board_op pages = {.code = CK_BOARD_PAGES, .first = 2, .count = 2};
    const ck_board_op drop = {.code = CK_BOARD_REMOVE, .page = 1};
    CK_CHECK_EQ(ck_desk_do(&d, 1, &pages), CK_REASON_NONE);
    CK_CHECK_EQ(ck_desk_do(&d, 1, &drop), CK_REASON_NONE);
    ck_desk_free(&over);
    end();
}

/* Before the room has answered: what was on the page that went is not on the one that came. */
CK_TEST(board, a_pending_page_of_an_old_number_is_empty)
{
    const ck_board_op remove = {.code = CK_BOARD_REMOVE, .page = 2};
    const ck_board_op add = {.code = CK_BOARD_PAGES, .first = 2, .count = 1};
    const ck_board_op line = {
        .code = CK_BOARD_PUT, .page = 2, .kind = CK_BOARD_LINE, .rest = ck_bytes_of("\2\2", 2)};
    begin();
    CK_CHECK_EQ(ck_desk_do(&d, 1, &add), CK_REASON_NONE);
    CK_CHECK_EQ(ck_desk_do(&d, 1, &line), CK_REASON_NONE);
    uint64_t old = ck_desk_last(&d, 1);
    ck_desk over;
    ck_desk_init(&over, &ck_test_heap);
    CK_CHECK_EQ(ck_board_lay(&over.board, &d.board, &ck_test_heap), CHALK_OK);
    over.number = d.number;
    over.counters[1] = d.counters[1];
    CK_CHECK_EQ(ck_desk_do(&over, 1, &remove), CK_REASON_NONE);
    CK_CHECK(!ck_desk_has(&over, old));
    CK_CHECK_EQ(ck_desk_do(&over, 1, &add), CK_REASON_NONE);
    CK_CHECK(!ck_desk_has(&over, old));
    CK_CHECK(ck_desk_has(&d, old));
    ck_desk_free(&over);
    end();
}
