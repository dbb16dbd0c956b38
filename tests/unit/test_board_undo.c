/* Undo and redo of one's own work while others go on. */
#include "chalkrail/errors.h"
#include "support/alloc.h"
#include "support/board.h"
#include "support/check.h"

static ck_desk d;

static void begin(void)
{
    ck_desk_init(&d, &ck_test_heap);
    const ck_board_op open = {.code = CK_BOARD_ACCESS, .page = 1, .access = CK_BOARD_OPEN};
    CK_CHECK_EQ(ck_desk_do(&d, 1, &open), CK_REASON_NONE);
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

#define OK(call) CK_CHECK_EQ(call, CK_REASON_NONE)

CK_TEST(undo, is_of_ones_own_newest)
{
    begin();
    uint64_t mine = ck_desk_stroke(&d, 2, 0, 0), theirs = ck_desk_stroke(&d, 3, 0, 0);
    OK(ck_desk_undo(&d, 2));
    CK_CHECK(!ck_desk_has(&d, mine) && ck_desk_has(&d, theirs));
    CK_CHECK_EQ(ck_desk_undo(&d, 2), CK_REASON_NOT_FOUND);
    OK(ck_desk_redo(&d, 2));
    CK_CHECK(ck_desk_has(&d, mine));
    CK_CHECK_EQ(ck_desk_redo(&d, 2), CK_REASON_NOT_FOUND);
    end();
}

CK_TEST(undo, of_a_move_takes_back_the_distance)
{
    begin();
    uint64_t id = ck_desk_stroke(&d, 2, 0, 0);
    OK(ck_desk_move(&d, 2, id, 100, 0));
    OK(ck_desk_move(&d, 3, id, 0, 700));
    OK(ck_desk_undo(&d, 2));
    CK_CHECK_EQ(object(id)->x, 0);
    CK_CHECK_EQ(object(id)->y, 700);
    OK(ck_desk_redo(&d, 2));
    CK_CHECK_EQ(object(id)->x, 100);
    OK(ck_desk_undo(&d, 3));
    CK_CHECK_EQ(object(id)->y, 0);
    end();
}

CK_TEST(undo, of_a_colour_leaves_the_one_another_gave)
{
    const ck_board_op red = {.code = CK_BOARD_STYLE, .mask = CK_BOARD_COLOUR, .colour = 0xffff0000};
    const ck_board_op blue = {
        .code = CK_BOARD_STYLE, .mask = CK_BOARD_COLOUR, .colour = 0xff0000ff};
    begin();
    uint64_t id = ck_desk_stroke(&d, 2, 0, 0);
    OK(ck_desk_ids(&d, 2, red, &id, 1));
    OK(ck_desk_undo(&d, 2));
    CK_CHECK_EQ(object(id)->colour, 0xff000000);
    OK(ck_desk_redo(&d, 2));
    OK(ck_desk_ids(&d, 3, blue, &id, 1));
    OK(ck_desk_undo(&d, 2));
    CK_CHECK_EQ(object(id)->colour, 0xff0000ff);
    end();
}

CK_TEST(undo, of_erased_parts_leaves_those_of_others)
{
    begin();
    uint64_t id = ck_desk_stroke(&d, 2, 0, 0);
    OK(ck_desk_erase(&d, 2, id, 0, 200));
    OK(ck_desk_erase(&d, 3, id, 100, 300));
    OK(ck_desk_undo(&d, 2));
    uint32_t counted = 0;
    for (uint32_t i = 0; i < object(id)->erased_count; i++) {
        const ck_board_erasure *e = &object(id)->erased[i];
        counted += (e->by & CK_BOARD_HIDDEN) == 0 ? e->range.to - e->range.from : 0;
    }
    CK_CHECK_EQ(counted, 200);
    OK(ck_desk_redo(&d, 2));
    OK(ck_desk_undo(&d, 3));
    CK_CHECK(ck_board_hit(&d.board, 1, 0, 0, 8) == NULL);
    end();
}

CK_TEST(undo, of_a_deletion_is_for_who_deleted_last)
{
    begin();
    uint64_t id = ck_desk_stroke(&d, 2, 0, 0);
    OK(ck_desk_delete(&d, 2, id));
    OK(ck_desk_delete(&d, 3, id));
    OK(ck_desk_undo(&d, 2));
    CK_CHECK(!ck_desk_has(&d, id));
    OK(ck_desk_undo(&d, 3));
    CK_CHECK(ck_desk_has(&d, id));
    end();
}

CK_TEST(undo, brings_nothing_back_that_was_cleared)
{
    const ck_board_op clear = {.code = CK_BOARD_CLEAR, .page = 1};
    begin();
    uint64_t gone = ck_desk_stroke(&d, 2, 0, 0), kept = ck_desk_stroke(&d, 2, 9, 0);
    OK(ck_desk_delete(&d, 2, gone));
    OK(ck_desk_do(&d, 1, &clear));
    uint64_t after = ck_desk_stroke(&d, 3, 9, 9);
    OK(ck_desk_undo(&d, 2));
    CK_CHECK(!ck_desk_has(&d, gone) && !ck_desk_has(&d, kept) && ck_desk_has(&d, after));
    OK(ck_desk_undo(&d, 1));
    CK_CHECK(ck_desk_has(&d, gone) && ck_desk_has(&d, kept) && ck_desk_has(&d, after));
    OK(ck_desk_redo(&d, 1));
    CK_CHECK(!ck_desk_has(&d, gone) && !ck_desk_has(&d, kept) && ck_desk_has(&d, after));
    end();
}

CK_TEST(undo, nothing_deleted_comes_back_by_what_others_do)
{
    begin();
    uint64_t id = ck_desk_stroke(&d, 2, 0, 0);
    OK(ck_desk_move(&d, 3, id, 100, 0));
    OK(ck_desk_delete(&d, 2, id));
    OK(ck_desk_undo(&d, 3));
    CK_CHECK(!ck_desk_has(&d, id));
    OK(ck_desk_redo(&d, 3));
    CK_CHECK(!ck_desk_has(&d, id));
    CK_CHECK_EQ(ck_desk_move(&d, 3, id, 100, 0), CK_REASON_NOT_FOUND);
    end();
}

CK_TEST(undo, forgets_what_could_be_redone_when_one_goes_on)
{
    begin();
    uint64_t first = ck_desk_stroke(&d, 2, 0, 0);
    OK(ck_desk_undo(&d, 2));
    uint64_t second = ck_desk_stroke(&d, 2, 0, 0);
    CK_CHECK_EQ(ck_desk_redo(&d, 2), CK_REASON_NOT_FOUND);
    CK_CHECK(ck_board_find(&d.board, first) == NULL && ck_desk_has(&d, second));
    end();
}

CK_TEST(undo, reaches_back_a_hundred)
{
    begin();
    uint64_t first = ck_desk_stroke(&d, 2, 0, 0);
    OK(ck_desk_delete(&d, 2, first));
    for (int i = 0; i < 100; i++) {
        CK_CHECK(ck_desk_stroke(&d, 2, i, 0) != 0);
    }
    CK_CHECK(ck_board_find(&d.board, first) == NULL);
    for (int i = 0; i < 100; i++) {
        OK(ck_desk_undo(&d, 2));
    }
    CK_CHECK_EQ(ck_desk_undo(&d, 2), CK_REASON_NOT_FOUND);
    CK_CHECK_EQ(ck_board_count_there(&d.board), 0);
    for (int i = 0; i < 100; i++) {
        OK(ck_desk_redo(&d, 2));
    }
    CK_CHECK_EQ(ck_board_count_there(&d.board), 100);
    end();
}

CK_TEST(undo, goes_on_in_the_next_login)
{
    begin();
    uint64_t id = ck_desk_stroke(&d, 2, 0, 0);
    d.terms[2] = 2;
    d.counters[2] = 0;
    uint64_t next = ck_desk_stroke(&d, 2, 0, 0);
    CK_CHECK(next != 0 && next != id);
    OK(ck_desk_undo(&d, 2));
    OK(ck_desk_undo(&d, 2));
    CK_CHECK(!ck_desk_has(&d, id));
    end();
}
